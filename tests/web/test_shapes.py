"""Answers in another geometry than the features' own: `shape=` through pages, files, documents and the map that travels."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions import catalogue as questions
from geo.questions.declaration import NO, UNKNOWN, YES, Parameter, Question, Shape, Verdicts, View, filled
from geo.schema import Choice
from tests.web.conftest import copied

ITEMS = "/ogc/collections/lanes-shaped/items"
_COLUMNS: Mapping[str, Any] = {"threshold": 4.0, "unit": "m", "basis": "declared", "re_measure": False}


def judged(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    """Under 4 m yes, without a width unknown. `pinch`: the middle of a lane with a width; `way`: the lane, a little further north."""
    frame = view.frame("fire_lanes")
    width, lanes = frame["clear_width_m"].to_numpy(float), np.asarray(frame.geometry, dtype=object)
    answer = np.where(np.isnan(width), UNKNOWN, np.where(width < 4, YES, NO)).astype(np.int8)

    def column(name: str, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        at: Any = slice(None) if rows is None else rows
        return width[at] if name == "value" else filled(_COLUMNS[name], len(width[at]))

    def shape(id: str, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        if id == "way":
            return np.asarray(shapely.transform(lanes[rows], lambda xy: xy + [0.0, 0.0005]))
        return np.where(np.isnan(width[rows]), None, shapely.line_interpolate_point(lanes[rows], 0.5, normalized=True))

    hose = view.profile["hose_m"] if parameters["hose"] is None else parameters["hose"]
    return Verdicts(
        answer, column, lambda rows, lang: [lang] * len(rows), shape, said={"hose": hose}, summary=lambda rows: {"households": 7}
    )


PINCH = Shape("pinch", Text("最窄处", "Pinch point"), "Point", "#7b1fa2", symbol="窄")
WAY = Shape("way", Text("路线", "Route"), "LineString", "#00695c", 4.0, "8 4")
SHAPED = Question(
    "lanes-shaped", Text("哪些通道窄", "Narrow lanes"), Text("说明", "help"), "fire_lanes", ("fire_lanes",), judged,
    Text("{total} 条通道：{yes}，水带 {hose:g} 米", "{total} lanes: {yes}, hose {hose:g} m"),
    parameters=(
        Parameter("hose", "number", None, Text("水带", "Hose"), unit=Text("米", "m"), above=0.0, maximum=900.0, figure="hose_m"),
        Parameter("vehicle", "choice", "pumper", Text("车型", "Vehicle"), choices=(Choice("pumper", Text("水罐车", "pumper")), Choice("aerial", Text("云梯车", "aerial")))),
        Parameter("need", "number", None, Text("净宽", "Width"), above=0.0, maximum=9.0, figure="vehicle.clear_width_m"),
    ),
    shapes=(PINCH, WAY),
)  # fmt: skip
READS_INTERNAL = replace(SHAPED, id="lanes-and-mains", reads=("fire_lanes", "gas_mains"))
ABOUT_INTERNAL = replace(SHAPED, id="mains-shaped", subject="gas_mains")


@pytest.fixture(scope="module")
def shaped(stores: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The small store behind an application that knows three more questions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(questions, "ALL", (*questions.ALL, SHAPED, READS_INTERNAL, ABOUT_INTERNAL))
        yield from copied(stores, "filled.gpkg", tmp_path_factory.mktemp("shaped"))


@pytest.fixture(scope="module")
def client(shaped: Flask) -> FlaskClient:
    return shaped.test_client()


def page(client: FlaskClient, arguments: str) -> Any:
    answer = client.get(f"{ITEMS}?{arguments}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_rows_come_in_the_shape(client: FlaskClient) -> None:
    own, pinched = page(client, "answer=all"), page(client, "answer=all&shape=pinch")
    shapes = {f["properties"]["code"]: f["geometry"] for f in pinched["features"]}
    assert shapes == {
        "L1": {"type": "Point", "coordinates": [112.9805, 34.75]},
        "L2": {"type": "Point", "coordinates": [112.9805, 34.751]},
        "L3": None,
    }
    assert [f["properties"] for f in pinched["features"]] == [f["properties"] for f in own["features"]]
    assert (pinched["summary"], pinched["numberMatched"]) == (own["summary"], 3)
    assert pinched["bbox"] == [112.9805, 34.75, 112.9805, 34.751]


def test_places_are_those_of_the_features(client: FlaskClient) -> None:
    """The way of L1 is drawn at 34.7505, the lane lies at 34.75: the box asks for the lane."""
    found = page(client, "shape=way&answer=all&bbox=112.97,34.7499,112.99,34.7501")
    assert [f["properties"]["code"] for f in found["features"]] == ["L1"]
    assert found["features"][0]["geometry"]["coordinates"] == [[112.98, 34.7505], [112.981, 34.7505]]


REFUSED = [
    ("lanes-shaped", "shape=nothing", "bad-value", "pinch, way"),
    ("lanes-shaped", "shape=", "bad-value", "pinch, way"),
    ("fire_lanes", "shape=pinch", "unknown-parameter", "shape"),
    ("compounds-without-gas", "shape=pinch", "unknown-parameter", "shape"),
]


@pytest.mark.parametrize(("collection", "arguments", "code", "said"), REFUSED)
def test_another_shape_is_refused(collection: str, arguments: str, code: str, said: str, client: FlaskClient) -> None:
    answer = client.get(f"/ogc/collections/{collection}/items?{arguments}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)
    assert said in answer.get_json()["detail"]


def test_one_feature_comes_in_the_shape(client: FlaskClient) -> None:
    assert client.get(f"{ITEMS}/1?shape=pinch").get_json()["geometry"] == {"type": "Point", "coordinates": [112.9805, 34.75]}
    assert client.get(f"{ITEMS}/1?shape=x").status_code == 400


def test_what_the_profile_says_is_in_the_sentence_and_not_in_the_query(client: FlaskClient) -> None:
    said = page(client, "lang=en")
    assert (said["sentence"], said["yuantu"]["query"]) == ("3 lanes: 1, hose 150 m", {"vehicle": "pumper", "limit": "100", "lang": "en"})
    given = page(client, "lang=en&hose=80&shape=pinch")
    assert given["sentence"] == "3 lanes: 1, hose 80 m"
    assert given["yuantu"]["query"] == {"vehicle": "pumper", "hose": "80", "limit": "100", "shape": "pinch", "lang": "en"}
    assert (said["summary"]["households"], said["summary"]["profile"]) == (7, "cn_gb")


def test_the_fingerprint_knows_the_shape(client: FlaskClient) -> None:
    prints = {page(client, f"answer=all{more}")["yuantu"]["fingerprint"] for more in ("", "&shape=pinch", "&shape=way")}
    assert len(prints) == 3


# files ------------------------------------------------------------------------------------------------------------------------


def taken(client: FlaskClient, arguments: str) -> Any:
    answer = client.get(f"{ITEMS}?answer=all&{arguments}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer


def test_points_are_two_columns_of_a_table(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(taken(client, "shape=pinch&f=csv").data.decode("utf-8-sig"))))
    assert [(r["code"], r["lon"], r["lat"]) for r in rows] == [("L1", "112.9805", "34.75"), ("L2", "112.9805", "34.751"), ("L3", "", "")]
    lines = list(csv.DictReader(io.StringIO(taken(client, "shape=way&f=csv").data.decode("utf-8-sig"))))
    assert lines[0]["wkt"] == "LINESTRING (112.98 34.7505, 112.981 34.7505)"


def test_a_geopackage_holds_points_and_is_called_so(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").write_bytes(taken(client, "shape=pinch&f=gpkg").data)
    with sqlite3.connect(tmp_path / "a.gpkg") as store:
        assert store.execute("SELECT table_name, geometry_type_name FROM gpkg_geometry_columns").fetchall() == [
            ("lanes_shaped_pinch", "POINT")
        ]
        assert store.execute("SELECT count(*), count(geom) FROM lanes_shaped_pinch").fetchone() == (3, 2)


def test_the_file_is_called_by_question_and_shape(client: FlaskClient) -> None:
    said = taken(client, "shape=pinch&f=geojson&lang=en").headers["Content-Disposition"]
    assert said.startswith('attachment; filename="Narrow lanes, pinch point.geojson"')


@pytest.mark.parametrize(("form", "mark"), [("kml", b"<Point>"), ("dxf", "-最窄处-".encode())])
def test_other_formats_draw_the_shape(form: str, mark: bytes, client: FlaskClient) -> None:
    assert mark in taken(client, f"shape=pinch&f={form}&crs=EPSG:4547" if form == "dxf" else f"shape=pinch&f={form}").data


def test_a_shapefile_is_of_points(client: FlaskClient) -> None:
    with zipfile.ZipFile(io.BytesIO(taken(client, "shape=pinch&f=shp").data)) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".shp"))
        assert (name, archive.read(name)[32]) == ("lanes_shaped_pinch.shp", 1)
        assert json.loads(archive.read("about/about.json"))["yuantu"]["query"]["shape"] == "pinch"


def test_rows_without_the_shape_are_counted(client: FlaskClient) -> None:
    answer = client.get(f"{ITEMS}?answer=all&shape=pinch&f=fgb&lang=en")
    assert answer.headers["OGC-NumberReturned"] == "2"
    assert "1 rows have no pinch point and are not in the file" in answer.headers["X-Yuantu-Loses"].replace("%20", " ")


# documents --------------------------------------------------------------------------------------------------------------------


def test_the_browser_is_told_group_shapes_and_the_figures_of_the_profile(client: FlaskClient) -> None:
    told = next(q for q in client.get("/api/questions?lang=en").get_json()["questions"] if q["id"] == "lanes-shaped")
    assert told["group"] == "Fire access"
    assert told["shapes"][0] == {
        "id": "pinch",
        "geometry": "Point",
        "color": "#7b1fa2",
        "weight": 3.0,
        "symbol": "窄",
        "label": "Pinch point",
    }
    hose, vehicle, need = told["parameters"]
    assert (hose["profile_default"], "default" in hose, vehicle["default"]) == (150.0, False, "pumper")
    assert need["vehicle_defaults"] == {"mini_pumper": 2.5, "pumper": 3.0, "heavy_pumper": 3.0, "aerial": 3.0}
    collection = client.get("/ogc/collections/lanes-shaped?lang=en").get_json()
    assert [collection[name] for name in ("group", "parameters", "shapes")] == [told[name] for name in ("group", "parameters", "shapes")]


def test_the_interface_document_has_the_shapes(client: FlaskClient) -> None:
    operation = client.get("/ogc/api?lang=en").get_json()["paths"][ITEMS]["get"]
    said = {p["name"]: p for p in operation["parameters"]}
    assert said["shape"]["schema"] == {"type": "string", "enum": ["pinch", "way"]}
    assert "bbox, within and filter still look at the feature's own" in said["shape"]["description"]
    assert said["hose"]["schema"] == {"type": "number", "minimum": 0.0, "exclusiveMinimum": True, "maximum": 900.0}
    assert said["hose"]["description"] == "Hose; unsaid: as the profile (or the vehicle) says"


def test_the_commands_know_them(shaped: Flask, tmp_path: Path) -> None:
    runner = shaped.test_cli_runner()
    listed = json.loads(runner.invoke(args=["questions", "--json"]).stdout)["questions"]
    assert [s["id"] for s in next(q for q in listed if q["id"] == "lanes-shaped")["shapes"]] == ["pinch", "way"]
    assert runner.invoke(args=["questions"]).exit_code == 0
    wrote = runner.invoke(args=["export", "lanes-shaped", "--shape", "pinch", "-p", "answer=all", "-o", str(tmp_path / "a.geojson")])
    assert wrote.exit_code == 0, wrote.output
    assert [f["geometry"] and f["geometry"]["type"] for f in json.loads((tmp_path / "a.geojson").read_text())["features"]] == [
        "Point",
        "Point",
        None,
    ]
    assert runner.invoke(args=["export", "lanes-shaped", "--shape", "x"]).exit_code == 2


# the map that travels ---------------------------------------------------------------------------------------------------------


def data_of(client: FlaskClient, arguments: str) -> Any:
    text = client.get(f"/map.html?layers=fire_lanes&{arguments}").get_data(as_text=True)
    return json.loads(text.split('id="data">')[1].split("</script>")[0])


def test_the_map_takes_the_shapes_along(client: FlaskClient) -> None:
    data = data_of(client, "question=lanes-shaped&answer=all")
    assert {id: [f["geometry"] is not None for f in found["features"]] for id, found in data["shapes"].items()} == {
        "pinch": [True, True, False],
        "way": [True, True, True],
    }
    assert [s["id"] for s in data["questions"][0]["shapes"]] == ["pinch", "way"]
    assert list(data_of(client, "question=lanes-shaped&shapes=way")["shapes"]) == ["way"]
    assert data_of(client, "question=lanes-shaped&shapes=")["shapes"] == {}


def test_shapes_that_internal_layers_made_stay(client: FlaskClient) -> None:
    data = data_of(client, "question=lanes-and-mains")
    assert (data["shapes"], data["questions"][0]["shapes"]) == ({}, [])


@pytest.mark.parametrize("arguments", ["question=mains-shaped", "question=lanes-shaped&shapes=x", "shapes=pinch"])
def test_what_cannot_travel_is_refused(arguments: str, client: FlaskClient) -> None:
    assert client.get(f"/map.html?{arguments}").status_code == 400
