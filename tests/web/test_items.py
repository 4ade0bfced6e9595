"""The items of layers and questions: exact values on a small store."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import quote, unquote

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import HOSTILE
from web import services
from web.services import Services

ITEMS = "/ogc/collections/compounds/items"


@pytest.fixture(scope="module")
def client(reading: Flask) -> FlaskClient:
    return reading.test_client()


def strict(data: bytes) -> Any:
    def refuse(text: str) -> float:
        raise AssertionError(text)

    return json.loads(data, parse_constant=refuse)


def codes(client: FlaskClient, arguments: str, path: str = ITEMS) -> list[str]:
    answer = client.get(f"{path}?{arguments}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [f["properties"]["code"] for f in strict(answer.data)["features"]]


ASKED: list[tuple[str, list[str]]] = [
    ("", ["A1", "A2", "A3", "A4", "A5"]),
    ("limit=2", ["A1", "A2"]),
    ("limit=2&offset=3", ["A4", "A5"]),
    ("offset=9", []),
    ("bbox=112.979,34.749,112.9825,34.7515", ["A1", "A2"]),
    ("bbox=113,35,114,36", []),
    ("filter=built_year<=2000", ["A1", "A2", "A4"]),
    ("filter=built_year IS NULL", ["A5"]),
    ("filter=gas_status='none' AND built_year<2000", ["A1"]),
    ("filter=name LIKE '南%25'", ["A1"]),
    ("sortby=-built_year&filter=built_year IS NOT NULL", ["A3", "A4", "A1", "A2"]),
    ("compound=A2", ["A2"]),
    ("within=POLYGON((112.9795 34.7495,112.9815 34.7495,112.9815 34.7515,112.9795 34.7515,112.9795 34.7495))", ["A1"]),
    ("within=touching:POLYGON((112.9795 34.7495,112.9825 34.7495,112.9825 34.7515,112.9795 34.7515,112.9795 34.7495))", ["A1", "A2"]),
]


@pytest.mark.parametrize(("arguments", "wanted"), ASKED)
def test_what_is_asked_is_given(arguments: str, wanted: list[str], client: FlaskClient) -> None:
    assert codes(client, arguments) == wanted


def test_a_page_says_how_many_and_what_next(client: FlaskClient) -> None:
    said = client.get(f"{ITEMS}?limit=2&offset=1&filter=built_year>1000").get_json()
    links = {link["rel"]: link["href"] for link in said["links"] if link["rel"] != "alternate"}
    assert (said["numberMatched"], said["numberReturned"], said["unplaced"], said["limit"]) == (4, 2, 1, 2)
    assert unquote(links["next"]) == f"http://localhost{ITEMS}?filter=built_year>1000&offset=3&limit=2"
    assert unquote(links["prev"]) == f"http://localhost{ITEMS}?filter=built_year>1000&offset=0&limit=2"
    assert [f["properties"]["code"] for f in client.get(links["next"]).get_json()["features"]] == ["A4"]
    assert "next" not in {link["rel"] for link in client.get(links["next"]).get_json()["links"]}


def test_the_geometry_and_the_values_are_exact(client: FlaskClient) -> None:
    feature = client.get(f"{ITEMS}?limit=1&properties=name,built_year").get_json()["features"][0]
    assert feature == {
        "type": "Feature",
        "id": 1,
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[112.981, 34.75], [112.981, 34.751], [112.98, 34.751], [112.98, 34.75], [112.981, 34.75]]],
        },
        "properties": {"name": "南苑小区", "built_year": 1994},
    }


def test_another_crs_is_said_in_the_header(client: FlaskClient) -> None:
    answer = client.get(f"{ITEMS}?limit=1&crs=EPSG:4547")
    assert answer.headers["Content-Crs"] == "<http://www.opengis.net/def/crs/EPSG/0/4547>"
    x, y = answer.get_json()["features"][0]["geometry"]["coordinates"][0][0]
    assert (round(x), round(y)) == (406694, 3847331)


def test_the_default_crs_is_said_too(client: FlaskClient) -> None:
    assert client.get(ITEMS).headers["Content-Crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"


def test_a_limit_above_the_maximum_is_clamped(filled: Flask) -> None:
    from dataclasses import replace

    services = filled.extensions["yuantu"]
    services.settings = replace(services.settings, max_limit=3)
    said = filled.test_client().get(f"{ITEMS}?limit=1000").get_json()
    assert (said["numberReturned"], said["limit"], [k["rel"] for k in said["links"]].count("next")) == (3, 3, 1)


REFUSED: list[tuple[str, str]] = [
    ("limit=0", "bad-value"),
    ("limit=-1", "bad-value"),
    ("limit=ten", "bad-value"),
    ("offset=-1", "bad-value"),
    ("bbox=1,2,3", "bad-bounds"),
    ("bbox=1,5,3,4", "bad-bounds"),
    ("bbox=1,2,3,nan", "bad-bounds"),
    ("filter=built_year<", "bad-filter"),
    ("filter=nonsense=1", "unknown-field"),
    ("sortby=nonsense", "unknown-field"),
    ("properties=nonsense", "unknown-field"),
    ("answer=yes", "unknown-parameter"),
    ("f=html", "bad-value"),
    ("f=csv&crs=EPSG:4547", "bad-value"),
    ("crs=EPSG:99999", "unknown-crs"),
    ("crs=EPSG:5773", "unknown-crs"),
    ("crs=EPSG:4978", "unknown-crs"),
    ("f=geojson&crs=EPSG:4978", "unknown-crs"),
]


@pytest.mark.parametrize(("arguments", "code"), REFUSED)
def test_what_cannot_be_understood_is_a_400(arguments: str, code: str, client: FlaskClient) -> None:
    answer = client.get(f"{ITEMS}?{arguments}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)


@pytest.mark.parametrize("crs", ["EPSG:5773", "EPSG:4978"])
def test_one_feature_comes_in_a_crs_for_maps_only(crs: str, client: FlaskClient) -> None:
    answer = client.get(f"{ITEMS}/1?crs={crs}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "unknown-crs")


# ---------------------------------------------------------------- questions


def test_a_question_gives_its_yes_and_counts_all(client: FlaskClient) -> None:
    said = client.get("/ogc/collections/compounds-without-gas/items?lang=en").get_json()
    assert [f["properties"]["code"] for f in said["features"]] == ["A1", "A3"]
    assert {k: said["summary"][k] for k in ("yes", "no", "unknown", "na", "total")} == {
        "yes": 2,
        "no": 1,
        "unknown": 1,
        "na": 1,
        "total": 5,
    }
    assert "2" in said["sentence"]
    assert said["features"][0]["properties"]["answer"] == "yes"
    assert isinstance(said["features"][0]["properties"]["why"], str)


def test_all_answers_may_be_asked(client: FlaskClient) -> None:
    path = "/ogc/collections/lanes-under-width/items"
    said = client.get(f"{path}?width=4&answer=all").get_json()
    assert [(f["properties"]["code"], f["properties"]["answer"], f["properties"]["value"]) for f in said["features"]] == [
        ("L1", "yes", 3.5), ("L2", "no", 4.0), ("L3", "unknown", None),
    ]  # fmt: skip
    assert codes(client, "width=4", path) == ["L1"]
    assert codes(client, "width=4.01", path) == ["L1", "L2"]


@pytest.mark.parametrize("arguments", ["width=wide", "width=-1", "widht=4", "answer=maybe"])
def test_a_question_refuses_what_it_does_not_know(arguments: str, client: FlaskClient) -> None:
    assert client.get(f"/ogc/collections/lanes-under-width/items?{arguments}").status_code == 400


def test_one_answer_can_be_looked_at(client: FlaskClient) -> None:
    said = client.get("/ogc/collections/lanes-under-width/items/2?width=5").get_json()
    assert (said["id"], said["properties"]["answer"]) == (2, "yes")


# ---------------------------------------------------------------- files


def test_the_formats_hold_the_same_features(client: FlaskClient) -> None:
    page = strict(client.get(f"{ITEMS}?filter=built_year<2000").data)
    whole = strict(client.get(f"{ITEMS}?filter=built_year<2000&f=geojson").data)
    assert whole["features"] == page["features"]
    assert "links" not in whole
    assert whole["yuantu"]["query"]["filter"] == "built_year<2000"
    rows = list(csv.DictReader(io.StringIO(client.get(f"{ITEMS}?filter=built_year<2000&f=csv").data.decode("utf-8-sig"))))
    assert [r["code"] for r in rows] == [f["properties"]["code"] for f in page["features"]]
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{ITEMS}?filter=built_year<2000&f=xlsx").data))
    assert book.worksheets[0].max_row == 1 + len(page["features"])


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("geojson", "application/geo+json"),
        ("csv", "text/csv"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_file_has_its_type_and_a_chinese_name(form: str, kind: str, client: FlaskClient) -> None:
    answer = client.get(f"{ITEMS}?f={form}")
    assert answer.mimetype == kind
    label = client.get("/ogc/collections/compounds").get_json()["title"]
    assert answer.headers["Content-Disposition"].endswith(f"filename*=UTF-8''{quote(label)}.{form}")
    assert (answer.headers["OGC-NumberMatched"], answer.headers["OGC-NumberReturned"]) == ("5", "5")


def test_a_file_says_what_it_loses_and_its_crs(client: FlaskClient) -> None:
    """The header is plain ASCII, percent-encoded where the language is not."""
    answer = client.get(f"{ITEMS}?f=kml&lang=en")
    assert answer.headers["X-Yuantu-Loses"].startswith("coordinates keep 7 decimals (about 1 cm); dates are texts")
    assert answer.headers["Content-Crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    said = client.get(f"{ITEMS}?f=csv&lang=zh").headers["X-Yuantu-Loses"]
    assert said.isascii() and unquote(said).startswith("坐标保留 7 位小数")


def test_headings_are_chosen(client: FlaskClient) -> None:
    by_label = list(csv.reader(io.StringIO(client.get(f"{ITEMS}?f=csv&headings=labels&lang=zh").data.decode("utf-8-sig"))))
    assert by_label[0][:3] == ["序号", "编号", "小区名称"] and by_label[1][:3] == ["1", "A1", "南苑小区"]
    assert client.get(f"{ITEMS}?f=geojson&headings=names").data == client.get(f"{ITEMS}?f=geojson").data


REFUSED_FILES = ["f=csv&headings=label", "f=shp&headings=labels", "headings=labels", "f=kml&crs=EPSG:4547", "f=dxf&crs=EPSG:4326", "f=dfx"]


@pytest.mark.parametrize("arguments", REFUSED_FILES)
def test_what_a_file_cannot_be_is_a_400(arguments: str, client: FlaskClient) -> None:
    assert client.get(f"{ITEMS}?{arguments}").status_code == 400


def test_a_file_is_not_cut_at_the_pages_limit(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.items.DEFAULT_LIMIT", 2)
    assert len(strict(client.get(f"{ITEMS}?f=geojson").data)["features"]) == 5
    assert len(strict(client.get(ITEMS).data)["features"]) == 2


def test_the_format_follows_accept(client: FlaskClient) -> None:
    assert client.get(ITEMS, headers={"Accept": "text/csv"}).mimetype == "text/csv"
    assert client.get(ITEMS, headers={"Accept": "text/html,*/*;q=0.8"}).mimetype == "application/geo+json"


@pytest.mark.parametrize("form", ["json", "geojson"])
def test_hostile_text_comes_out_as_it_is(form: str, client: FlaskClient) -> None:
    said = strict(client.get(f"{ITEMS}?f={form}&filter=code='A4'").data)
    assert said["features"][0]["properties"]["name"] == HOSTILE


def test_an_unchanged_answer_is_not_sent_again(client: FlaskClient) -> None:
    etag = client.get(ITEMS).headers["ETag"]
    assert client.get(ITEMS, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(f"{ITEMS}?limit=1", headers={"If-None-Match": etag}).status_code == 200


# ---------------------------------------------------------------- metadata


def test_every_collection_is_described(client: FlaskClient) -> None:
    listed = client.get("/ogc/collections").get_json()["collections"]
    assert {"compounds", "fire_lanes", "compounds-without-gas", "lanes-under-width"} <= {c["id"] for c in listed}
    for one in listed:
        said = client.get(f"/ogc/collections/{one['id']}").get_json()
        assert {k: said[k] for k in one} == one
        assert client.get(f"/ogc/collections/{one['id']}/queryables").mimetype == "application/schema+json"


def test_the_extent_is_that_of_the_data(client: FlaskClient) -> None:
    said = client.get("/ogc/collections/compounds").get_json()
    assert said["extent"]["spatial"]["bbox"] == [[112.98, 34.75, 112.991, 34.761]]
    assert (said["count"], said["unplaced"]) == (5, 1)


def test_queryables_can_be_queried(client: FlaskClient) -> None:
    names = client.get("/ogc/collections/compounds-without-gas/queryables").get_json()["properties"]
    assert {"name", "built_year", "answer", "value"} <= set(names)
    condition = quote(" OR ".join(f"{name} IS NULL" for name in names))
    assert client.get(f"/ogc/collections/compounds-without-gas/items?filter={condition}&limit=1").status_code == 200


def test_the_schema_says_what_may_be_written(client: FlaskClient) -> None:
    said = client.get("/ogc/collections/compounds/schema").get_json()["properties"]
    assert said["version"]["readOnly"] is True
    assert "readOnly" not in said["name"]
    assert "none" in said["gas_status"]["enum"]


def test_the_api_document_has_every_route_and_parameter(client: FlaskClient) -> None:
    from geo.query import COMMON
    from web.items import QUERY

    said = client.get("/ogc/api").get_json()
    assert said["openapi"].startswith("3.0")
    items = said["paths"]["/ogc/collections/{id}/items"]["get"]["parameters"]
    assert {p["name"] for p in items if p["in"] == "query"} == {*COMMON, "f", "crs", "headings"}
    assert {p.name for p in QUERY} | {"lang"} == set(COMMON)
    own = said["paths"]["/ogc/collections/lanes-under-width/items"]["get"]["parameters"]
    assert {"width", "answer"} <= {p["name"] for p in own}
    assert "post" in said["paths"]["/ogc/collections/{id}/items"]


def test_the_landing_page_leads_everywhere(client: FlaskClient) -> None:
    for link in client.get("/ogc/").get_json()["links"]:
        assert client.get(link["href"]).status_code == 200, link["href"]


def test_a_question_waits_for_its_turn_and_then_says_so(reading: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long questions may not take every thread: layers are answered beside them."""
    here = reading.extensions["yuantu"]
    monkeypatch.setattr(services, "TURN_S", 0.01)
    turns = [here._turns.acquire(blocking=False) for _ in range(here.settings.threads // 2)]
    try:
        assert all(turns)
        refused = client.get("/ogc/collections/compounds-without-gas/items")
        assert (refused.status_code, strict(refused.data)["code"]) == (503, "store-busy")
        assert "Retry-After" in refused.headers
        assert client.get(ITEMS).status_code == 200
    finally:
        for _ in turns:
            here._turns.release()
    assert client.get("/ogc/collections/compounds-without-gas/items").status_code == 200


def test_a_new_local_day_is_a_new_answer(reading: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines end with the local day; in China the day of UTC begins eight hours later, and till then yesterday's answer counted as the same."""
    client, url = reading.test_client(), "/ogc/collections/hazards-overdue/items"
    monkeypatch.setattr(Services, "now", lambda self: "2026-11-22T15:59:00Z")
    monkeypatch.setattr(Services, "today", lambda self: "2026-11-22")
    kept = {"If-None-Match": client.get(url).headers["ETag"]}
    assert client.get(url, headers=kept).status_code == 304
    monkeypatch.setattr(Services, "today", lambda self: "2026-11-23")
    assert client.get(url, headers=kept).status_code == 200


# ---- search


def test_a_search_counts_what_it_does_not_list(client: FlaskClient) -> None:
    """Of five compounds and three lanes, those with an "A" or "L" in the code; the table's filter finds as many."""
    found = client.get("/api/search?q=a&limit=2").get_json()
    assert (found["numberMatched"], found["layers"], len(found["results"])) == (5, {"compounds": 5}, 2)
    both = client.get("/api/search?q=巷").get_json()
    assert (both["numberMatched"], both["layers"]) == (3, {"fire_lanes": 3})
    named = "CASEI(name) LIKE CASEI('%a%') OR CASEI(alias) LIKE CASEI('%a%') OR CASEI(code) LIKE CASEI('%a%')"
    assert codes(client, f"filter={named}") == ["A1", "A2", "A3", "A4", "A5"]


def test_a_compound_stands_before_what_only_begins_with_the_word(client: FlaskClient) -> None:
    """院 is inside the names of two compounds; walls called 院墙 begin with it, and with twenty of them no compound was ever listed."""
    found = client.get("/api/search?q=一").get_json()["results"]
    assert [(hit["layer"], hit["title"]) for hit in found] == [("compounds", "园丁街一号楼院"), ("fire_lanes", "一巷")]
    assert [hit["title"] for hit in client.get("/api/search?q=一&layer=fire_lanes").get_json()["results"]] == ["一巷"]
    told = [client.get(f"/api/search?q=一&layer={id}") for id in ("nowhere", "findings", "mend-first")]
    assert [(a.status_code, a.get_json()["code"]) for a in told] == [(404, "layer-not-found")] * 3


def test_what_is_called_just_so_stands_first(client: FlaskClient) -> None:
    assert client.get("/api/search?q=一巷").get_json()["results"][0]["title"] == "一巷"
