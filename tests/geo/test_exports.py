"""Files out: strict, complete, and without anything that runs."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from shapely.geometry import shape

from geo.answers import Answer
from geo.errors import BadValue, Text
from geo.exports import format_of, pieces
from geo.exports.feature_collection import bbox, features, fingerprint, geojson
from geo.exports.geometry_json import encode
from geo.schema import AREAS, LINES, POINTS, Choice, Field, GeometryKind, Layer, Style

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "＋1", "－1", "＠x", '=HYPERLINK("http://x")')
MARKUP = ("{{7*7}}", "{% for x in 1 %}", "<script>alert(1)</script>", "${7*7}", 'a,b"c\n换行', "'; DROP TABLE x; --")

FIELDS = (
    Field("name", "text", Text("名称", "Name")),
    Field("built_year", "year", Text("建成年份", "Built")),
    Field("width_m", "number", Text("净宽", "Clear width"), unit=Text("米", "m")),
    Field("open", "boolean", Text("开放", "Open")),
    Field("gas", "choice", Text("通气", "Gas"), choices=(Choice("none", Text("未通气", "none")), Choice("full", Text("已通气", "full")))),
    Field("extra", "json", Text("其他列", "Other columns")),
)


def layer_of(kinds: tuple[GeometryKind, ...]) -> Layer:
    return Layer("things", Text("院落: [测试]/表", "Things"), Text("组", "Group"), kinds, FIELDS[:5], Style("#112233"))


@dataclass(frozen=True)
class FakeQuery:
    collection: str = "things"
    shape: str | None = None
    args: Mapping[str, str] = field(default_factory=lambda: {"filter": "built_year <= 2000"})

    def to_args(self) -> dict[str, str]:
        return dict(self.args)


def an_answer(frame: gpd.GeoDataFrame, layer: Layer, **said: Any) -> Answer:
    """What the exports take: an answer that nothing was asked for."""
    plain = {"query": FakeQuery(), "question": None, "fields": FIELDS, "matched": 0, "returned": 0, "unplaced": 0, "summary": None, "sentence": None,
             "revision": 7, "as_of": "2026-11-22T08:00:00Z", "demo": False}  # fmt: skip
    return Answer(frame=frame, layer=layer, **(plain | said))


def answer_of(geometry: list[Any], kinds: tuple[GeometryKind, ...] = AREAS, **columns: Any) -> Any:
    n = len(geometry)
    given: dict[str, Any] = {
        "name": [f"n{i}" for i in range(n)],
        "built_year": np.full(n, 1994.0),
        "width_m": np.full(n, 3.5),
        "open": [True] * n,
        "gas": ["none"] * n,
        "extra": [{}] * n,
    } | columns
    frame = gpd.GeoDataFrame({k: gpd.pd.Series(v, dtype=None if isinstance(v, np.ndarray) else object) for k, v in given.items()})
    frame = frame.set_geometry(gpd.GeoSeries(geometry, crs="EPSG:4326"))
    frame.index = gpd.pd.Index(range(1, n + 1))
    return an_answer(frame, layer_of(kinds), matched=n, returned=n)


def refuse(text: str) -> float:
    raise AssertionError(f"not strict JSON: {text}")


def strict(made: Any) -> Any:
    return json.loads(b"".join(made), parse_constant=refuse)


SQUARE = [(112.98, 34.75), (112.98, 34.76), (112.99, 34.76), (112.99, 34.75)]
HOLE = [(112.983, 34.753), (112.983, 34.757), (112.987, 34.757), (112.987, 34.753)]


def test_a_collection_is_strict_rfc_7946() -> None:
    answer = answer_of([shapely.Polygon(SQUARE), None], built_year=np.array([1994.0, np.nan]), width_m=np.array([np.inf, 2.0]))
    said = strict(geojson(answer))
    assert list(said) == ["type", "bbox", "features", "yuantu"]
    assert said["bbox"] == [112.98, 34.75, 112.99, 34.76]
    assert said["features"][0] == {
        "type": "Feature",
        "id": 1,
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[112.98, 34.75], [112.99, 34.75], [112.99, 34.76], [112.98, 34.76], [112.98, 34.75]]],
        },
        "properties": {"name": "n0", "built_year": 1994, "width_m": None, "open": True, "gas": "none", "extra": {}},
    }
    assert said["features"][1]["geometry"] is None
    assert said["features"][1]["properties"]["built_year"] is None


def test_years_are_whole_numbers() -> None:
    assert b'"built_year":1994,' in b"".join(geojson(answer_of([None])))


def test_rings_are_right_handed() -> None:
    clockwise = shapely.Polygon(SQUARE, [HOLE[::-1]])
    answer = answer_of([clockwise, shapely.MultiPolygon([clockwise])])
    for feature in strict(geojson(answer))["features"]:
        made = shape(feature["geometry"])
        for part in getattr(made, "geoms", [made]):
            assert part.exterior.is_ccw
            assert not part.interiors[0].is_ccw


KINDS = [
    shapely.Point(1.5, -2.25),
    shapely.LineString([(0, 0), (1, 2), (3, 4)]),
    shapely.Polygon(SQUARE),
    shapely.Polygon(SQUARE, [HOLE]),
    shapely.MultiPoint([(0, 0), (1, 1)]),
    shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 5)]]),
    shapely.MultiPolygon([shapely.Polygon(SQUARE, [HOLE]), shapely.box(0, 0, 1, 1)]),
    shapely.MultiPolygon([shapely.box(5, 5, 6, 6)]),
    shapely.GeometryCollection([shapely.Point(1, 2)]),
]


def test_every_kind_in_one_column_comes_back() -> None:
    """The oracle is shapely's own reader of GeoJSON texts made by the json module."""
    column = np.array([*KINDS, None, shapely.Polygon(), *KINDS[::-1]], dtype=object)
    made = [json.loads(text) for text in encode(column, decimals=7)]
    assert made[len(KINDS)] is None
    assert made[len(KINDS) + 1] is None
    for said, wanted in zip(made, column, strict=True):
        if said is not None:
            assert shape(said).geom_type == wanted.geom_type
            assert shape(said).normalize().equals_exact(wanted.normalize(), 1e-9)


def test_random_shapes_agree_with_shapely_to_seven_decimals() -> None:
    rng = np.random.default_rng(3)
    rings = rng.uniform(-1, 1, (300, 2)) + rng.uniform(-90, 90, (300, 2))
    column = np.array(
        [
            shapely.Point(x, y).buffer(r, quad_segs=int(q))
            for (x, y), r, q in zip(rings, rng.uniform(1e-4, 1, 300), rng.integers(1, 6, 300), strict=True)
        ]
    )
    for text, wanted in zip(encode(column, decimals=7), column, strict=True):
        numbers = shapely.get_coordinates(shape(json.loads(text)))
        assert np.array_equal(numbers, np.round(shapely.get_coordinates(shapely.orient_polygons(wanted)), 7))


def test_no_number_has_more_than_seven_decimals() -> None:
    text = encode(np.array([shapely.Point(112.123456789, -0.00000001)], dtype=object), decimals=7)[0]
    assert text == b'{"type":"Point","coordinates":[112.1234568,0.0]}'


def test_pieces_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = answer_of([shapely.Point(i, i) for i in range(10)], POINTS)
    whole = b"".join(features(answer.frame, FIELDS))
    monkeypatch.setattr("geo.exports.feature_collection.CHUNK", 3)
    assert b"".join(features(answer.frame, FIELDS)) == whole
    assert [f["id"] for f in strict(geojson(answer))["features"]] == list(range(1, 11))


def test_an_empty_answer_is_a_collection() -> None:
    said = strict(geojson(answer_of([])))
    assert (said["type"], said["features"]) == ("FeatureCollection", [])


def test_the_file_says_what_it_is() -> None:
    answer = answer_of([shapely.Point(1, 2)], POINTS)
    summary = {"yes": 1, "no": 2, "unknown": 3, "na": 0, "total": 6, "as_of": "2026-11-22", "profile": "cn_gb"}
    demo = an_answer(answer.frame, answer.layer, matched=6, returned=1, summary=summary, sentence=Text("一句话", "a sentence"), demo=True)
    said = strict(geojson(demo))["yuantu"]
    assert said["query"] == {"filter": "built_year <= 2000"}
    assert (said["summary"], said["profile"], said["label"], said["crs"]) == (summary, "cn_gb", "示例数据", "EPSG:4326")
    assert said["fingerprint"].startswith("sha256:")


def test_the_fingerprint_follows_features_and_query() -> None:
    def print_of(answer: Any) -> str:
        return str(strict(geojson(answer))["yuantu"]["fingerprint"])

    one, same, moved = (answer_of([shapely.Point(x, 2)], POINTS) for x in (1, 1, 1.0000001))
    asked = an_answer(one.frame, one.layer, query=FakeQuery(args={}))
    assert print_of(one) == print_of(same)
    assert len({print_of(one), print_of(moved), print_of(asked)}) == 3
    english = an_answer(one.frame, one.layer, query=FakeQuery(args={**one.query.to_args(), "lang": "en"}))
    assert print_of(english) == print_of(one), "the language is no part of a layer's values"


def test_another_crs_comes_in_metres() -> None:
    """EPSG:4547 at (114 E, 0 N) is easting 500 000, northing 0: the zone's origin."""
    answer = answer_of([shapely.Point(114, 0)], POINTS)
    said = strict(geojson(answer, crs="EPSG:4547"))
    assert said["features"][0]["geometry"]["coordinates"] == [500000.0, 0.0]
    assert said["yuantu"]["crs"] == "EPSG:4547"


def test_what_a_crs_cannot_show_is_refused() -> None:
    """A quarter of the earth away from its meridian a transverse Mercator zone has no coordinates."""
    answer = answer_of([shapely.Point(24, 0)], POINTS)
    with pytest.raises(BadValue):
        b"".join(geojson(answer, crs="EPSG:4547"))


def test_a_geojson_file_is_wgs_84_only(tmp_path: Path) -> None:
    with pytest.raises(BadValue) as caught:
        list(pieces(answer_of([]), format_of("geojson"), work_dir=tmp_path, crs="EPSG:4547"))
    assert caught.value.members == {"parameter": "crs"}


def test_an_unknown_format_names_the_known() -> None:
    with pytest.raises(BadValue) as caught:
        format_of("geojsn")
    assert caught.value.members["nearest"] == ["geojson"]


def test_bounds_of_nothing_are_none() -> None:
    assert bbox(answer_of([None]).frame, "EPSG:4326") is None


# ---------------------------------------------------------------- tables


def csv_rows(answer: Any) -> list[dict[str, str]]:
    data = b"".join(pieces(answer, format_of("csv"), work_dir=Path(), lang="zh"))
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def workbook(answer: Any, folder: Path, lang: str = "zh") -> openpyxl.Workbook:
    data = b"".join(pieces(answer, format_of("xlsx"), work_dir=folder, lang=lang))
    return openpyxl.load_workbook(io.BytesIO(data))


def test_csv_holds_the_values() -> None:
    answer = answer_of([shapely.Polygon(SQUARE)], extra=[{"备注": "x"}], width_m=np.array([-3.5]))
    assert csv_rows(answer) == [
        {
            "id": "1", "name": "n0", "built_year": "1994", "width_m": "-3.5", "open": "true", "gas": "none", "extra": '{"备注":"x"}',
            "wkt": "POLYGON ((112.98 34.75, 112.98 34.76, 112.99 34.76, 112.99 34.75, 112.98 34.75))",
        }
    ]  # fmt: skip


def test_csv_of_points_has_two_columns_and_blanks_where_unplaced() -> None:
    rows = csv_rows(answer_of([shapely.Point(112.987654321, 34.5), None], POINTS))
    assert [(r["lon"], r["lat"]) for r in rows] == [("112.9876543", "34.5"), ("", "")]


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_guards_formulas(text: str) -> None:
    assert csv_rows(answer_of([None], name=[text]))[0]["name"] == "'" + text


@pytest.mark.parametrize("text", MARKUP)
def test_markup_comes_out_as_it_went_in(text: str, tmp_path: Path) -> None:
    answer = answer_of([None], name=[text])
    assert strict(geojson(answer))["features"][0]["properties"]["name"] == text
    assert csv_rows(answer)[0]["name"] == text
    assert workbook(answer, tmp_path).worksheets[0]["B2"].value == text


def test_a_workbook_has_no_formula(tmp_path: Path) -> None:
    texts = [*FORMULAS, *MARKUP]
    answer = answer_of([None] * len(texts), name=texts, extra=[{t: t} for t in texts])
    cells = [cell for sheet in workbook(answer, tmp_path) for row in sheet.iter_rows() for cell in row]
    assert [c.value for c in cells if c.data_type == "f"] == []
    assert {c.value.replace("\r\n", "\n") for c in cells if c.column == 2 and isinstance(c.value, str)} >= {"=1+1", "@SUM(A1)"}


@pytest.mark.parametrize(
    ("lang", "heads"), [("zh", ["序号", "名称", "建成年份", "净宽（米）"]), ("en", ["id", "Name", "Built", "Clear width (m)"])]
)
def test_a_workbook_has_labels_and_units(lang: str, heads: list[str], tmp_path: Path) -> None:
    book = workbook(answer_of([shapely.LineString([(0, 0), (1, 1)])], LINES), tmp_path, lang)
    assert [cell.value for cell in book.worksheets[0][1]][:4] == heads
    assert [cell.value for cell in book.worksheets[0][2]][:4] == [1, "n0", 1994, 3.5]
    assert [cell.value for cell in book.worksheets[0][2]][5] == ("未通气" if lang == "zh" else "none")


def test_a_workbook_says_what_was_asked(tmp_path: Path) -> None:
    said = {row[0].value: row[1].value for row in workbook(answer_of([None]), tmp_path).worksheets[1].iter_rows()}
    assert (said["查询.filter"], said["文件里的要素数"], said["示例数据"]) == ("built_year <= 2000", "1", "否")
    assert said["指纹"] == fingerprint(answer_of([None]))


def test_a_long_text_is_cut_and_said(tmp_path: Path) -> None:
    book = workbook(answer_of([None], name=["x" * 40_000]), tmp_path)
    assert len(book.worksheets[0]["B2"].value) == 32_767
    assert [r[1].value for r in book.worksheets[1].iter_rows() if "已截断" in r[1].value] == ["1 处文字超过 32767 字，已截断"]


def test_temporary_files_go_away(tmp_path: Path) -> None:
    made = pieces(answer_of([None]), format_of("xlsx"), work_dir=tmp_path)
    next(iter(made))
    assert len(list(tmp_path.iterdir())) == 1
    made.close()
    assert list(tmp_path.iterdir()) == []


def test_no_text_is_a_number() -> None:
    """A code such as 007 or 1e5 stays a text."""
    said = strict(geojson(answer_of([None, None], name=["007", "1e5"])))
    assert [f["properties"]["name"] for f in said["features"]] == ["007", "1e5"]
    assert math.isclose(said["features"][0]["properties"]["width_m"], 3.5)


def test_made_up_data_say_so_in_every_table(tmp_path: Path) -> None:
    answer = answer_of([None, None])
    demo = an_answer(answer.frame, answer.layer, matched=2, returned=2, demo=True)
    assert [r["demo"] for r in csv_rows(demo)] == ["示例数据"] * 2
    assert workbook(demo, tmp_path).sheetnames[0] == "院落_ _测试__表 示例数据"
    assert "demo" not in csv_rows(answer)[0]


def test_a_geopackage_is_written_by_the_child(tmp_path: Path) -> None:
    """Read back with the standard library: rows, CRS, and nothing left behind."""
    answer = answer_of([shapely.Point(114, 0), None], POINTS, name=["{{7*7}}", "=1+1"], extra=[{"a": 1}, {}])
    path = tmp_path / "out.gpkg"
    path.write_bytes(b"".join(pieces(answer, format_of("gpkg"), work_dir=tmp_path / "work", crs="EPSG:4547")))
    with contextlib.closing(sqlite3.connect(path)) as file:
        rows = file.execute("SELECT id, name, built_year, width_m, extra, geom IS NULL FROM things ORDER BY id").fetchall()
        srs = file.execute("SELECT srs_id, min_x, min_y FROM gpkg_contents WHERE table_name = 'things'").fetchone()
    assert rows == [(1, "{{7*7}}", 1994, 3.5, '{"a":1}', 0), (2, "=1+1", 1994, 3.5, None, 1)]
    assert srs == (4547, pytest.approx(500_000), pytest.approx(0))
    assert list((tmp_path / "work").iterdir()) == []


COLUMNS: list[tuple[Any, str]] = [
    (np.array([1.0, np.nan, -2.5, np.inf, 1e21, 1e-7, 3.0]), "number"),
    (np.array([1994.0, np.nan, -3.0]), "year"),
    (np.array([2**53, 7], dtype=np.int64), "integer"),
    (np.array(['a","b', "100%", '\\"', "%b %d", None, "", "\u2028\x01", "😀"], dtype=object), "text"),
    (np.array([True, None, False], dtype=object), "boolean"),
    (np.array([{}, {"a": [1, None]}, None], dtype=object), "json"),
    (np.array(["same", "same"], dtype=object), "text"),
]


@pytest.mark.parametrize(("values", "kind"), COLUMNS, ids=range(len(COLUMNS)))
def test_every_value_is_printed_as_the_json_module_reads_it(values: Any, kind: Any) -> None:
    """The oracle reads each feature on its own."""
    given = Field("x", kind, Text("x", "x"))
    frame = answer_of([None] * len(values), name=list(range(len(values)))).frame.assign(
        x=gpd.pd.Series(values, index=range(1, len(values) + 1))
    )
    said = json.loads(b"[" + b"".join(features(frame, (given,))) + b"]", parse_constant=refuse)
    wanted = [None if isinstance(v, float) and not math.isfinite(v) else v for v in values.tolist()]
    assert [f["properties"]["x"] for f in said] == wanted
    assert {type(f["properties"]["x"]) for f in said} <= ({int, type(None)} if kind in ("year", "integer") else {type(v) for v in wanted})
