"""Tiles over HTTP: the same conditions as the items, exact parameters, and validators that follow the layers that are read."""

from __future__ import annotations

import threading
import time
from typing import Any
from urllib.parse import quote

import mapbox_vector_tile
import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo.store.contract import Batch, ImportRecord, Store, Update, Write
from geo.tiles import Tile
from tests.web.conftest import NOW, application, here, line, square
from web.kept import Kept

RECORD = ImportRecord("a.csv", "00", "append", {}, {})


def path(id: str = "compounds", z: int = 14, arguments: str = "") -> str:
    place = Tile.holding(112.983, 34.7505, z)
    return f"/ogc/collections/{id}/tiles/WebMercatorQuad/{z}/{place.y}/{place.x}?{arguments}"


@pytest.fixture(scope="module")
def client(reading: Flask) -> FlaskClient:
    return reading.test_client()


def features(client: FlaskClient, url: str) -> list[dict[str, Any]]:
    answer = client.get(url)
    assert answer.status_code in (200, 204), answer.get_json()
    return [f for layer in mapbox_vector_tile.decode(answer.data).values() for f in layer["features"]] if answer.data else []


def codes(client: FlaskClient, arguments: str = "", id: str = "compounds") -> list[str]:
    return sorted(f["properties"]["code"] for f in features(client, path(id, arguments=arguments)))


def test_a_tile_holds_what_lies_in_it_and_is_placed(client: FlaskClient) -> None:
    assert codes(client) == ["A1", "A2", "A4"]
    assert client.get(path()).mimetype == "application/vnd.mapbox-vector-tile"


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ("filter=" + quote("built_year < 1990"), ["A2"]),
        ("compound=A4", ["A4"]),
        ("within=" + quote("POLYGON((112.9795 34.7495,112.9815 34.7495,112.9815 34.7515,112.9795 34.7515,112.9795 34.7495))"), ["A1"]),
        ("near=fire_lanes:5", ["A1"]),
        ("filter=" + quote("built_year > 3000"), []),
    ],
)
def test_conditions_narrow_a_tile_as_they_narrow_the_items(arguments: str, wanted: list[str], client: FlaskClient) -> None:
    assert codes(client, arguments) == wanted


def test_a_question_has_its_answers_in_the_tiles(client: FlaskClient) -> None:
    found = features(client, path("compounds-without-gas", arguments="answer=all"))
    assert {f["properties"]["code"]: f["properties"]["answer"] for f in found} == {"A1": "yes", "A2": "no", "A4": "na"}
    assert codes(client, id="compounds-without-gas") == ["A1"]


def test_properties_are_chosen_by_name(client: FlaskClient) -> None:
    found = features(client, path(arguments="properties=built_year"))
    assert sorted(f["properties"]["built_year"] for f in found) == [1985, 1994, 1999]
    assert {name for f in found for name in f["properties"]} == {"built_year"}


def test_markup_in_a_name_is_text(client: FlaskClient) -> None:
    assert "{{7*7}}<script>alert(1)</script>=1+1" in [f["properties"]["name"] for f in features(client, path())]


@pytest.mark.parametrize("name", ["limit", "offset", "sortby", "bbox", "bbox-crs", "crs", "f", "headings", "fliter"])
def test_what_no_tile_can_do_is_refused(name: str, client: FlaskClient) -> None:
    answer = client.get(path(arguments=f"{name}=1"))
    assert (answer.status_code, answer.get_json()["code"]) == (400, "unknown-parameter")


@pytest.mark.parametrize("place", ["23/0/0", "1/2/0", "1/0/2"])
def test_a_place_outside_the_grid_is_not_found(place: str, client: FlaskClient) -> None:
    answer = client.get(f"/ogc/collections/compounds/tiles/WebMercatorQuad/{place}")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "tile-not-found")


def test_an_empty_tile_has_no_body_but_a_validator(client: FlaskClient) -> None:
    answer = client.get("/ogc/collections/compounds/tiles/WebMercatorQuad/14/0/0")
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["ETag"]


def test_a_tile_that_the_client_has_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(path())
    again = client.get(path(), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(path(z=13)).headers["ETag"] != first.headers["ETag"]


def copied_application(app: Flask) -> Flask:
    """Another process on the same store: it has kept nothing."""
    return application(app.extensions["yuantu"].settings.store)


def store(app: Flask) -> Store:
    return here(app).store


def test_an_edit_of_the_layer_shows_in_its_tiles(filled: Flask) -> None:
    """The shapes kept from before, with what the edit changed: moved, taken away, put in."""
    client = filled.test_client()
    before = client.get(path()).headers["ETag"]
    write = Write(
        "compounds",
        updates=[
            Update(2, 1, geometry=square(112.9835, 34.752), set_geometry=True),
            Update(3, 1, geometry=square(112.9815, 34.752), set_geometry=True),
        ],
        deletes=[(4, 1)],
        inserts=[{"code": "A6", "name": "新院", "geometry": square(112.9800, 34.752)}],
    )
    store(filled).publish(Batch([write], RECORD), actor="test", now=NOW)
    after = client.get(path())
    assert after.headers["ETag"] != before
    places = {f["properties"]["code"]: f["geometry"]["coordinates"] for f in features(client, path())}
    assert sorted(places) == ["A1", "A2", "A3", "A6"]
    anew = copied_application(filled).test_client()
    assert {f["properties"]["code"]: f["geometry"]["coordinates"] for f in features(anew, path())} == places


def test_an_edit_of_another_layer_leaves_a_tile_as_it_is(filled: Flask) -> None:
    """A question reads more layers than it draws, a plain layer only itself."""
    client = filled.test_client()
    etags = {id: client.get(path(id)).headers["ETag"] for id in ("compounds", "fire_lanes", "compounds-without-gas")}
    lane = {"code": "L9", "geometry": line((112.98, 34.753), (112.981, 34.753))}
    store(filled).publish(Batch([Write("fire_lanes", inserts=[lane])], RECORD), actor="test", now=NOW)
    now = {id: client.get(path(id)).headers["ETag"] for id in etags}
    assert {id: now[id] == etags[id] for id in etags} == {"compounds": True, "fire_lanes": False, "compounds-without-gas": True}


def test_another_store_has_other_validators(reading: Flask, app: Flask) -> None:
    """At the same address a browser asks with what it kept of the store before: equal revisions do not say that the rows are."""
    moved = [{"code": "A1", "name": "别处", "geometry": square(112.983, 34.751)}]
    write, lanes = Write("compounds", inserts=moved), Write("fire_lanes", inserts=[])
    store(app).publish(Batch([write, lanes], RECORD, metric_crs="EPSG:4547"), actor="test", now=NOW)
    assert store(app).info().revision == store(reading).info().revision
    old = reading.test_client().get(path()).headers["ETag"]
    assert app.test_client().get(path(), headers={"If-None-Match": old}).status_code == 200


def test_gaps_of_another_day_have_rows_of_their_own(filled: Flask) -> None:
    """How many there are depends on the day: what was kept of one day's rows was laid beside another day's (a 500)."""
    hazard = {"code": "H1", "hazard_type": "manhole", "status": "registered", "found_on": "2026-10-10"}
    store(filled).publish(Batch([Write("hazards", inserts=[hazard])], RECORD), actor="test", now=NOW)
    client = filled.test_client()
    url = "data-gaps/items?answer=all&limit=1&as_of="
    counts = {}
    for day in ("2026-11-22", "1996-01-01", "2026-11-22"):
        plain, near = (client.get(f"/ogc/collections/{url}{day}{more}").get_json() for more in ("", "&near=compounds:99999"))
        found = features(client, path("data-gaps", z=5, arguments=f"answer=all&as_of={day}"))
        counts[day] = plain["numberMatched"]
        assert sum(f["properties"].get("count", 1) for f in found) == plain["numberMatched"] - plain["unplaced"]
        assert near["numberMatched"] == plain["numberMatched"] - plain["unplaced"]
    assert counts["2026-11-22"] != counts["1996-01-01"]


def test_the_tileset_says_where_tiles_are_and_what_they_hold(client: FlaskClient) -> None:
    listed = client.get("/ogc/collections/compounds/tiles").get_json()["tilesets"]
    assert [t["links"][-1]["href"] for t in listed] == [
        "http://localhost/ogc/collections/compounds/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}"
    ]
    body = client.get("/ogc/collections/compounds/tiles/WebMercatorQuad").get_json()
    assert body["tileMatrixSetURI"].endswith("/WebMercatorQuad")
    assert body["layers"][0]["geometryDimension"] == 2
    assert body["layers"][0]["propertiesSchema"]["properties"]["count"] == {"type": "integer"}
    place = Tile.holding(112.98, 34.75, 10)
    assert body["tileMatrixSetLimits"][10] == {
        "tileMatrix": "10", "minTileRow": place.y, "maxTileRow": place.y, "minTileCol": place.x, "maxTileCol": place.x,
    }  # fmt: skip


# the cache --------------------------------------------------------------------------------------------------------------------


def test_the_oldest_make_room_when_it_grows_too_heavy() -> None:
    kept: Kept[bytes] = Kept(10, len)
    for key in "abca":
        kept.get(key, lambda: b"12345")
    kept.get("d", lambda: b"1")
    assert kept.bytes == 6
    assert kept.get("a", lambda: b"new") == b"12345"


def test_two_who_ask_at_once_wait_for_one_making() -> None:
    kept: Kept[str] = Kept(100, len)
    made: list[int] = []

    def make() -> str:
        made.append(1)
        time.sleep(0.05)
        return "x"

    threads = [threading.Thread(target=kept.get, args=("a", make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_an_error_is_not_kept() -> None:
    kept: Kept[str] = Kept(100, len)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: str(1 // 0))
    assert kept.get("a", lambda: "x") == "x"


def test_a_failed_making_leaves_nothing_behind() -> None:
    kept: Kept[str] = Kept(100, len)
    for key in range(3):
        with pytest.raises(ZeroDivisionError):
            kept.get(key, lambda: str(1 // 0))
    assert kept._making == {}
