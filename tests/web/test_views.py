"""Named views and kept areas: short addresses for long ones, and the page that may stand in a frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from app import create_app
from tests.web.conftest import HOSTILE, Browser

Send = Callable[..., Any]
SQUARE = "POLYGON((112.979 34.749,112.983 34.749,112.983 34.752,112.979 34.752,112.979 34.749))"


def sending(browser: Browser) -> Send:
    """A request with the version that was seen."""

    def request(method: str, path: str, json: Any = None, version: int | None = None) -> Any:
        return browser.send(method, path, json, headers={"If-Match": f'"{version}"'} if version else {})

    return request


@pytest.fixture
def client(browser: Browser) -> FlaskClient:
    return browser.client


@pytest.fixture
def send(browser: Browser) -> Send:
    return sending(browser)


@pytest.fixture
def refused(reader: Browser) -> Send:
    """For requests that leave the store as it is."""
    return sending(reader)


def kept(send: Send, title: str = "窄巷 一号", address: str = "?map=17/34.75/112.98&layers=", **more: Any) -> dict[str, Any]:
    answer = send("POST", "/api/views", {"title": title, "address": address, **more})
    assert answer.status_code == 201, answer.get_json()
    return dict(answer.get_json())


def where(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["Location"]).query, keep_blank_values=True)


def test_a_view_opens_the_address_that_was_kept(client: FlaskClient, send: Send) -> None:
    """`layers=` says that none is on: a parameter without a value must not get lost."""
    said = kept(send, address="?lang=zh&map=17/34.75/112.98&layers=&f.fire_lanes=clear_width_m+%3C+3.5&question=fire-lanes&answer=yes,no")
    assert said["name"] == "窄巷-一号" and said["link"] == "http://localhost/?view=%E7%AA%84%E5%B7%B7-%E4%B8%80%E5%8F%B7"
    assert where(client.get("/?view=窄巷-一号&lang=en")) == {
        "lang": ["en"], "map": ["17/34.75/112.98"], "layers": [""], "f.fire_lanes": ["clear_width_m < 3.5"], "question": ["fire-lanes"],
        "answer": ["yes,no"],
    }  # fmt: skip


def test_what_is_said_beside_takes_the_place_of_what_the_view_says(client: FlaskClient, send: Send) -> None:
    kept(send, name="v")
    assert where(client.get("/?view=v&map=12/34/112"))["map"] == ["12/34/112"]


def test_any_text_comes_back_as_it_was(client: FlaskClient, send: Send) -> None:
    for i, value in enumerate(["a&b=c", "x#y", "50% +1", "a b", "http://evil.example/", "//evil", HOSTILE]):
        kept(send, name=f"v{i}", address="?" + urlencode({"f.compounds": value}))
        opened = client.get(f"/?view=v{i}")
        assert opened.headers["Location"].startswith("/?") and where(opened)["f.compounds"] == [value]


def test_an_unknown_view_names_the_nearest(client: FlaskClient, send: Send) -> None:
    kept(send, name="south-gate")
    answer = client.get("/?view=south-gat&lang=en", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["nearest"]) == (404, "document-not-found", ["south-gate"])


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({"title": "x"}, 400, "bad-value"),
    ({"title": "", "address": "?map=1/2/3"}, 400, "bad-value"),
    ({"title": "x" * 121, "address": "?map=1/2/3"}, 400, "bad-value"),
    ({"title": "!!!", "address": "?map=1/2/3"}, 400, "bad-value"),
    ({"title": "x", "address": "?nonsense=1"}, 400, "unknown-parameter"),
    ({"title": "x", "address": "?view=other"}, 400, "unknown-parameter"),
    ({"title": "x", "address": "?map=1/2/3&map=1/2/3"}, 400, "bad-value"),
    ({"title": "x", "address": "?within=" + "P" * 2000}, 400, "bad-value"),
    ({"title": "x", "address": "?f.compounds=" + "a" * 24_001}, 400, "bad-value"),
    ({"title": "x", "address": "?map=1/2/3", "more": 1}, 400, "unknown-parameter"),
    ({"title": 5, "address": "?map=1/2/3"}, 400, "bad-value"),
]


@pytest.mark.parametrize(("sent", "status", "code"), BAD)
def test_what_is_no_view_is_refused(refused: Send, sent: dict[str, Any], status: int, code: str) -> None:
    answer = refused("POST", "/api/views", sent)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert refused("GET", "/api/views").get_json() == {"views": []}


def test_a_view_is_changed_and_taken_away_in_the_version_that_was_seen(client: FlaskClient, send: Send) -> None:
    kept(send, name="v")
    assert send("PATCH", "/api/views/v", {"title": "新"}).status_code == 428
    assert send("PATCH", "/api/views/v", {"title": "新"}, version=1).get_json()["title"] == "新"
    assert send("PATCH", "/api/views/v", {"title": "旧"}, version=1).status_code == 412
    assert send("POST", "/api/views", {"title": "v", "address": "?map=1/2/3"}).status_code == 409
    assert send("DELETE", "/api/views/v", version=2).status_code == 204
    assert client.get("/api/views/v").status_code == 404


def test_another_name_moves_the_view(client: FlaskClient, send: Send) -> None:
    kept(send, name="old")
    moved = send("PATCH", "/api/views/old", {"name": "new"}, version=1)
    assert (moved.get_json()["name"], client.get("/api/views/old").status_code) == ("new", 404)
    assert [view["name"] for view in client.get("/api/views").get_json()["views"]] == ["new"]


# Areas


def test_the_same_outline_is_kept_once(send: Send) -> None:
    first = send("POST", "/api/areas", {"wkt": SQUARE, "title": "南门"})
    again = send("POST", "/api/areas", {"wkt": SQUARE.replace(",", ", ").replace(", ", ",")})
    assert (first.status_code, again.status_code, again.get_json()["name"]) == (201, 200, first.get_json()["name"])
    assert send("GET", f"/api/areas/{first.get_json()['name']}").get_json()["wkt"] == SQUARE


@pytest.mark.parametrize("wkt", [None, "", "POINT(1 2)", "POLYGON((0 0,1 1,1 0,0 1,0 0))", "POLYGON((0 0,1 1,0 0))"])
def test_what_is_no_area_is_refused(refused: Send, wkt: Any) -> None:
    assert refused("POST", "/api/areas", {"wkt": wkt}).status_code == 400


def test_an_area_that_is_too_long_is_not_told_to_be_none(refused: Send) -> None:
    """A sound outline of four megabytes was told that it must be a polygon."""
    ring = ",".join(f"{113 + n / 1e6:.12f} 34.750000000000" for n in range(130_000))
    told = refused("POST", "/api/areas?lang=en", {"wkt": f"POLYGON(({ring}))"})
    assert (told.status_code, "at most 1,048,576 characters and 10,000 vertices" in told.get_json()["detail"]) == (400, True)


def test_a_kept_area_asks_as_its_outline_does(client: FlaskClient, send: Send) -> None:
    """The compounds wholly inside, counted by hand: A1 and A2 (A4 lies beyond)."""
    name = send("POST", "/api/areas", {"wkt": SQUARE}).get_json()["name"]
    asked = [client.get(f"/ogc/collections/compounds/items?within={where}").get_json() for where in (SQUARE, f"@{name}")]
    assert [sorted(f["properties"]["code"] for f in page["features"]) for page in asked] == [["A1", "A2"], ["A1", "A2"]]


def test_what_touches_an_area_counts_where_it_is_asked_for(client: FlaskClient, send: Send) -> None:
    """The edge goes through A2: only `touching:` takes it, as S_INTERSECTS does, and the file says which was asked."""
    cut = SQUARE.replace("112.983", "112.9825")
    name = send("POST", "/api/areas", {"wkt": cut}).get_json()["name"]
    places = (f"within={cut}", f"within=touching:{cut}", f"within=touching:@{name}", f"filter=S_INTERSECTS(geometry, {cut})")
    asked = [client.get(f"/ogc/collections/compounds/items?{place}&f=geojson").get_json(force=True) for place in places]
    assert [sorted(f["properties"]["code"] for f in page["features"]) for page in asked] == [
        ["A1"],
        ["A1", "A2"],
        ["A1", "A2"],
        ["A1", "A2"],
    ]
    assert [page["yuantu"]["query"]["within"] for page in asked[:3]] == [cut, f"touching:{cut}", f"touching:@{name}"]


@pytest.mark.parametrize("how", ["", "touching:"])
def test_a_long_area_of_a_view_is_kept_apart_and_stays_while_the_view_needs_it(how: str, send: Send) -> None:
    ring = [(112.98 + i * 1e-5, 34.75 - (i % 2) * 1e-6) for i in range(90)] + [(112.98, 34.76)]
    wkt = "POLYGON((" + ",".join(f"{x:.6f} {y:.6f}" for x, y in [*ring, ring[0]]) + "))"
    assert len(wkt) > 1500
    view = kept(send, name="v", address=f"?table=compounds&within={how}{wkt}")
    area = view["address"].split(f"within={how}@")[1]
    assert send("DELETE", f"/api/areas/{area}", version=1).get_json()["views"] == ["v"]
    send("DELETE", "/api/views/v", version=1)
    assert send("DELETE", f"/api/areas/{area}", version=1).status_code == 204


# The frame


def _ancestors(store: Path, origins: str, path: str) -> str:
    app = create_app({"YUANTU_STORE": str(store / "s.gpkg"), "YUANTU_EMBED_ORIGINS": origins})
    return app.test_client().get(path).headers["Content-Security-Policy"].split("frame-ancestors ")[1]


def test_only_the_map_for_frames_is_framed_and_only_by_whom_the_setting_names(tmp_path: Path) -> None:
    origins = "https://oa.example, http://intranet:8080"
    assert _ancestors(tmp_path, "", "/embed") == "'self'"
    assert _ancestors(tmp_path, origins, "/embed") == "'self' https://oa.example http://intranet:8080"
    assert _ancestors(tmp_path, origins, "/") == "'self'"


def test_the_frame_shows_the_same_state_and_the_way_to_the_whole(client: FlaskClient) -> None:
    page = client.get("/embed?layers=compounds&f.compounds=name+%3D+'%22%3E%3Cb%3E'&lang=en").get_data(as_text=True)
    assert '<body class="workspace embed"' in page and "<b>" not in page
    assert "/?layers=compounds&amp;f.compounds=name%20%3D%20%27%22%3E%3Cb%3E%27&amp;lang=en" in page


def test_a_named_view_opens_in_the_frame_too(client: FlaskClient, send: Send) -> None:
    kept(send, name="v")
    assert client.get("/embed?view=v").headers["Location"].startswith("/embed?lang=")


def test_a_name_that_is_taken_changes_nothing(send: Send) -> None:
    """The title was changed before the name was refused."""
    kept(send, name="a", title="甲")
    kept(send, name="b", title="乙")
    assert send("PATCH", "/api/views/a", {"name": "b", "title": "丙"}, 1).status_code == 409
    assert [(v["name"], v["title"], v["version"]) for v in send("GET", "/api/views").get_json()["views"]] == [
        ("b", "乙", 1),
        ("a", "甲", 1),
    ]


def test_a_view_of_an_area_that_is_not_kept_is_refused(refused: Send) -> None:
    answer = refused("POST", "/api/views", {"title": "v", "address": "within=@nowhere"})
    assert (answer.status_code, answer.get_json()["parameter"]) == (400, "within")


def test_a_move_that_comes_too_late_leaves_nothing_behind(client: FlaskClient, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two that moved a view at once the refused one stood there under its new name all the same."""
    kept(send, name="old")

    def meanwhile(stands: Any, version: int) -> Any:
        monkeypatch.undo()
        assert send("PATCH", "/api/views/old", {"name": "first"}, version=1).status_code == 200
        return stands

    monkeypatch.setattr("web.views.seen", meanwhile)
    assert send("PATCH", "/api/views/old", {"name": "second"}, version=1).status_code == 404
    assert [view["name"] for view in client.get("/api/views").get_json()["views"]] == ["first"]
