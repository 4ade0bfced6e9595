"""Gas questions over HTTP: totals follow the rows that match, and what tells where mains lie does not travel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient

from geo.store.contract import Batch, ImportRecord, Write
from tests.geo.fake_frames import box, line
from tests.web.conftest import NOW, application, here

ITEMS = "/ogc/collections/{}/items?answer=all&limit=1"
INTERNAL = ("gas-contradictions", "gas-mains-too-close", "gas-connections")
YARDS = [  # code, community, status, households, outline
    ("A", "东社区", "none", 86, box(-20, 40, 20, 80)),
    ("B", "西社区", "none", 40, box(-30, 30, -5, 38)),
    ("C", "西社区", "none", None, box(5, 20, 30, 28)),
    ("D", "东社区", "full", 50, box(-20, 300, 20, 340)),
]


def rows(*features: dict[str, Any]) -> list[dict[str, Any]]:
    return [f | {"geometry": bytes(shapely.to_wkb(f["geometry"]))} for f in features]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A main along the street, a lane of 40 m, three compounds without gas on it, one far off that is on record as connected."""
    app = application(tmp_path_factory.mktemp("gas") / "store.gpkg")
    yards = [dict(zip(("code", "community", "gas_status", "households", "geometry"), y, strict=True)) | {"name": y[0]} for y in YARDS]
    writes = [
        Write("compounds", inserts=rows(*yards)),
        Write("roads", inserts=rows({"code": "R", "geometry": line((-100, 0), (100, 0))})),
        Write("fire_lanes", inserts=rows({"code": "L", "geometry": line((0, 0), (0, 40))})),
        Write(
            "gas_mains", inserts=rows({"code": "M", "kind": "main", "pressure_class": "medium_b", "geometry": line((-100, -3), (100, -3))})
        ),
    ]
    account = {"compounds": {"read": 4, "accepted": 4, "repaired": 0, "quarantined": 0}}
    here(app).store.publish(
        Batch(writes, ImportRecord("a.csv", "0" * 64, "append", account, {}), [], metric_crs="EPSG:4547"), actor="t", now=NOW
    )
    yield app.test_client()
    here(app).close()


def summary(client: FlaskClient, question: str, arguments: str = "") -> Any:
    return client.get(ITEMS.format(question) + arguments).get_json()["summary"]


TOTALS = [  # arguments, (yes, new pipe, cost from, households, of unknown number)
    ("", (3, 109.0, 54500, 126, 1)),
    ("&community=东社区", (1, 43.0, 21500, 86, 0)),
    ("&community=西社区", (2, 66.0, 33000, 40, 1)),
    ("&filter=households>100", (0, 0.0, 0, 0, 0)),
    ("&compound=B", (1, 38.0, 19000, 40, 0)),
]


@pytest.mark.parametrize(("arguments", "expected"), TOTALS, ids=[t[0] or "all" for t in TOTALS])
def test_totals_are_of_the_rows_that_match(arguments: str, expected: tuple[Any, ...], client: FlaskClient) -> None:
    said = summary(client, "gas-connections", arguments)
    names = ("yes", "new_pipe_m", "cost_low", "households_to_connect", "households_unknown")
    assert tuple(said[name] for name in names) == expected


def test_shares_of_a_trunk_add_up(client: FlaskClient) -> None:
    """Three share 23 m up to the first one's 5 m, two of them 10 m more up to the second one's 5 m, the third has 10 m alone: 53 m."""
    east, west, whole = (summary(client, "gas-connections", f"&together=true{a}") for a in ("&community=东社区", "&community=西社区", ""))
    assert east["store"] == west["store"] == whole["store"] == {"trunk_m": 53.0, "bound": 1.5}
    assert [s["new_pipe_m"] for s in (east, west, whole)] == [22.67, 30.33, 53.0]
    assert (east["separate_m"], west["separate_m"], whole["separate_m"]) == (43.0, 66.0, 109.0)


def test_kinds_of_contradictions_are_counted_of_the_rows_that_match(client: FlaskClient) -> None:
    near = [summary(client, "gas-contradictions", a)["kinds"]["no_main"] for a in ("", "&community=东社区", "&community=西社区")]
    assert near == [1, 1, 0]


@pytest.mark.parametrize("question", INTERNAL)
def test_what_tells_where_mains_lie_does_not_travel(question: str, client: FlaskClient) -> None:
    refused = client.get(f"/map.html?question={question}&lang=en")
    assert (refused.status_code, refused.get_json()["code"]) == (400, "bad-value")
    assert "tell where features of an internal layer lie (gas mains)" in refused.get_json()["detail"]


def test_shops_named_as_hazards_do_not_travel(client: FlaskClient) -> None:
    """A small shop is often a family: the question is for internal use, though no layer that it reads is internal."""
    refused = client.get("/map.html?question=shops-with-lpg-over&lang=en")
    assert (refused.status_code, refused.get_json()["code"]) == (400, "bad-value")
    assert "are for internal use" in refused.get_json()["detail"]


def test_the_declaration_is_what_holds_it_back(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: declared as not internal, the question is in the file, and the distance to the main with it."""
    services = here(client.application)
    opened = {id: replace(q, internal=False) for id, q in services.questions.items()}
    monkeypatch.setattr(services, "questions", opened)
    monkeypatch.setattr("geo.questions.catalogue.ALL", tuple(opened.values()))
    assert "最近的燃气管在 303 米外" in client.get("/map.html?question=gas-contradictions").get_data(as_text=True)
