"""Every format, opened by readers that are not ours; the truth is written down here by hand."""

from __future__ import annotations

import csv
import datetime
import errno
import io
import json
import math
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import ezdxf
import geopandas as gpd
import numpy as np
import openpyxl
import orjson
import pyarrow.parquet as pq
import pyogrio
import pyproj
import pytest
import shapely

from geo import sandbox
from geo.errors import BadValue, Refused, StoreFull, Text, TooLarge
from geo.exports import FORMATS, Output, format_of, format_of_file, losses, made
from geo.exports.columns import short_names
from geo.exports.feature_collection import fingerprint
from geo.formats import gdal, wire, writing
from geo.formats.limits import Limits
from geo.schema import Choice, Field, Layer, Style, StyleClass
from tests.conftest import missing
from tests.geo.test_exports import an_answer

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "x\r\n  0\nLINE]]><b>&amp;\u2028\x01{{7*7}}"
LONG = "长" * 100
GAS = (Choice("none", Text("未通气", "no gas")), Choice("full", Text("已通气", "connected")))
FIELDS = (
    Field("code", "text", Text("编号", "Code")),
    Field("name", "text", Text("名称", "Name")),
    Field("built_year", "year", Text("建成年份", "Built")),
    Field("clear_width_m", "number", Text("净宽", "Clear width"), unit=Text("米", "m")),
    Field("clear_width_source", "text", Text("净宽", "Clear width")),
    Field("open", "boolean", Text("开放", "Open")),
    Field("gas", "choice", Text("通气", "Gas"), choices=GAS),
    Field("seen_on", "date", Text("检查日期", "Seen on")),
    Field("extra", "json", Text("其他列", "Other columns")),
)
KINDS = ("Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
CLASSES = (
    StyleClass(Text("未通气", "no gas"), "#b2182b", value="none"),
    StyleClass(Text("已通气/全", "connected"), "#0072b2", value="full"),
    StyleClass(Text("不明", "unknown"), "#8a8f98"),
)
LAYER = Layer("things", Text("院落", "Things"), Text("组", "Group"), KINDS, FIELDS[1:-1], Style("#112233", by="gas", classes=CLASSES))
SHELL = [(112.98, 34.75), (112.99, 34.75), (112.99, 34.76), (112.98, 34.76)]
HOLE = [(112.983, 34.753), (112.983, 34.757), (112.987, 34.757), (112.987, 34.753)]
SQUARE = shapely.Polygon(SHELL, [HOLE])
SHAPES = [
    SQUARE,
    shapely.MultiPolygon([shapely.box(113, 34.75, 113.01, 34.76), shapely.box(113.02, 34.75, 113.03, 34.76)]),
    None,
    shapely.LineString([(112.98, 34.75), (112.985, 34.755), (112.99, 34.75)]),
    shapely.Point(112.987654321, 34.751234567),
    shapely.MultiLineString([[(112.98, 34.75), (112.99, 34.75)], [(112.98, 34.76), (112.99, 34.76)]]),
]
ROWS: list[list[Any]] = [
    ["A1", "南苑小区", 1994, 3.5, None, True, "none", "2023-06-01", '{"备注":"x"}'],
    ["A2", "=1+1", None, -0.125, "tape", False, "full", None, None],
    ["A3", HOSTILE, 2005, None, None, None, None, None, None],
    ["007", LONG, 1985, 1e-7, None, True, "none", "1969-12-31", None],
    ["A5", None, 1949, 123456.789, None, None, "unknown", "2026-11-22", None],
    ["A6", "%%d^J😀", 0, 0.0, "", False, "full", None, None],
]
"""Values by row, as every typed format must give them back; ids are 1 to 6."""


def answer() -> Any:
    frame = gpd.GeoDataFrame({f.name: gpd.pd.Series([row[i] for row in ROWS], dtype=object) for i, f in enumerate(FIELDS)})
    for name in ("built_year", "clear_width_m"):
        frame[name] = frame[name].astype(float)
    frame["extra"] = gpd.pd.Series([{"备注": "x"}, {}, {}, {}, {}, {}], dtype=object)
    frame = frame.set_geometry(gpd.GeoSeries(SHAPES, crs="EPSG:4326"))
    frame.index = gpd.pd.Index(range(1, 7))
    return an_answer(frame, LAYER, fields=FIELDS, matched=6, returned=6, unplaced=1, demo=False)


def make_here(path: Path, job: Mapping[str, Any], chunks: Any, limits: Any = None, *, work_dir: Path) -> None:
    """The child's work done in the test process, without its guards: a process for each file would only cost time."""
    folder = work_dir / f"{path.name}.job"
    folder.mkdir()
    source = io.BytesIO()
    for geometry, columns in chunks:
        wire.send_columns(source, geometry, columns)
    source.seek(0)
    writing.write(orjson.loads(orjson.dumps({**job, "folder": str(folder)})), source, Limits())
    (folder / "out").rename(path)
    shutil.rmtree(folder)


REAL_MAKE = sandbox.make


@pytest.fixture(scope="module", autouse=True)
def here() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gdal, "library", lambda *drivers: pyogrio)
        patch.setattr(sandbox, "make", make_here)
        yield patch


def export(form: str, path: Path, *, found: Any = None, **wanted: Any) -> Path:
    output = Output.of(format_of(form), metric_crs="EPSG:4547", **wanted)
    path.write_bytes(b"".join(made(found or answer(), output, work_dir=path.parent / "work")))
    return path


@pytest.fixture(scope="module")
def files(here: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of each format, by names; "a" with its usual ending."""
    folder = tmp_path_factory.mktemp("exports")
    for form in FORMATS:
        export(form.id, folder / f"a.{form.extension}", headings="names")
    assert list((folder / "work").iterdir()) == []
    return folder


def values(columns: Any) -> list[list[Any]]:
    """Rows of plain values as pyogrio and fiona give them: None for what is missing, ISO dates."""

    def plain(v: Any) -> Any:
        if isinstance(v, np.datetime64):
            return None if np.isnat(v) else str(v.astype("datetime64[D]"))
        if isinstance(v, float | np.floating):
            return None if math.isnan(v) else float(v)
        return v.item() if isinstance(v, np.generic) else v

    return [[plain(v) for v in row] for row in zip(*columns, strict=True)]


EXPECTED = [[i, *row] for i, row in enumerate(ROWS, 1)]
NAMES = ["id", *(f.name for f in FIELDS)]


def test_a_geopackage_holds_every_value_exactly(files: Path) -> None:
    with closing(sqlite3.connect(files / "a.gpkg")) as db:
        rows = [list(r) for r in db.execute(f"SELECT {', '.join(NAMES)} FROM things ORDER BY id")]
        blobs = [r[0] for r in db.execute("SELECT geom FROM things ORDER BY id")]
        labels = dict(db.execute("SELECT column_name, title FROM gpkg_data_columns"))
    assert rows == [[1 if v is True else 0 if v is False else v for v in row] for row in EXPECTED]
    assert [b and shapely.from_wkb(b[8 + (0, 32)[(b[3] >> 1) & 7] :]) for b in blobs] == SHAPES
    assert (labels["clear_width_m"], labels["gas"]) == ("净宽（米）", "通气")


def test_a_geopackage_keeps_the_rules_of_the_standard(files: Path) -> None:
    """Requirements of OGC 12-128r19 that SQL can tell, as GDAL's validator asks them."""
    with closing(sqlite3.connect(files / "a.gpkg")) as db:
        ask = lambda sql: db.execute(sql).fetchall()  # noqa: E731
        assert ask("PRAGMA application_id") == [(0x47504B47,)] and ask("PRAGMA user_version")[0][0] >= 10200
        assert ask("PRAGMA integrity_check") == [("ok",)] and ask("PRAGMA foreign_key_check") == []
        assert {r[0] for r in ask("SELECT srs_id FROM gpkg_spatial_ref_sys")} >= {-1, 0, 4326}
        assert ask("SELECT table_name, data_type, identifier, srs_id FROM gpkg_contents") == [("things", "features", "院落", 4326)]
        assert ask("SELECT column_name, geometry_type_name, srs_id, z, m FROM gpkg_geometry_columns") == [("geom", "GEOMETRY", 4326, 0, 0)]
        assert {r[1] for r in ask("PRAGMA table_info(things)") if r[5]} == {"id"}
        extended = {(t, n) for t, n in ask("SELECT table_name, extension_name FROM gpkg_extensions")}
        said = {
            ("gpkg_metadata", "gpkg_metadata"), ("gpkg_metadata_reference", "gpkg_metadata"), ("gpkg_data_columns", "gpkg_schema"),
            ("gpkg_data_column_constraints", "gpkg_schema"), ("things", "gpkg_rtree_index"),
        }  # fmt: skip
        assert extended == said
        assert ask("SELECT count(*) FROM rtree_things_geom") == [(5,)]
        assert {r[0] for r in ask("SELECT DISTINCT substr(hex(geom), 1, 4) FROM things WHERE geom IS NOT NULL")} == {"4750"}
        west, south, east, north = ask("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents")[0]
        assert (west, south, east, north) == (112.98, 34.75, 113.03, 34.76)
        told = "gpkg_metadata_reference r JOIN gpkg_metadata m ON m.id = r.md_file_id"
        md = ask(f"SELECT r.reference_scope, r.table_name, m.md_scope, m.mime_type, m.metadata FROM {told}")
    assert md[0][:4] == ("table", "things", "dataset", "application/json")
    assert json.loads(md[0][4])["yuantu"]["query"] == {"filter": "built_year <= 2000"}


SHORT = ["id", "code", "name", "built_year", "clear_widt", "clear_wi_1", "open", "gas", "seen_on", "extra"]


def test_a_shapefile_has_short_names_and_whole_characters(files: Path) -> None:
    """One shapefile a family; what has no place stands in the first; 254 bytes are 84 characters of three."""
    found: dict[int, list[Any]] = {}
    for family, count in (("points", 2), ("lines", 2), ("areas", 2)):
        meta, _, shapes, columns = pyogrio.raw.read(f"/vsizip/{files}/a.shp.zip/things_{family}.shp")
        assert (list(meta["fields"]), meta["encoding"], len(shapes)) == (SHORT, "UTF-8", count)
        for row, shape in zip(values(columns), shapes, strict=True):
            found[row[0]] = [*row[1:], shape]
    wanted = [[v if v is not True and v is not False else float(v) for v in row] for row in ROWS]
    wanted[3][1] = "长" * 84
    wanted[5][4] = None  # a table of dBASE has no empty text
    assert [found[i][:-1] for i in range(1, 7)] == wanted
    for i, shape in enumerate(SHAPES, 1):
        assert (found[i][-1] is None) == (shape is None)
        assert shape is None or shapely.equals(shapely.from_wkb(found[i][-1]), shape)


def test_the_zip_says_what_is_in_it(files: Path) -> None:
    with zipfile.ZipFile(files / "a.shp.zip") as archive:
        assert archive.read("things_areas.cpg") == b"UTF-8"
        assert archive.read("things_areas.prj").startswith(b'GEOGCS["GCS_WGS_1984"')
        told = json.loads(archive.read("about/about.json"))["yuantu"]
        table = list(csv.DictReader(io.StringIO(archive.read("about/fields.csv").decode("utf-8-sig"))))
        long = list(csv.reader(io.StringIO(archive.read("about/long_texts.csv").decode("utf-8-sig"))))
    assert long == [["id", "column", "field", "text"], ["4", "name", "name", LONG]]
    assert told["loses"][1] == "1 处文字超过 254 字节，已截断，全文在 about/long_texts.csv"
    assert [r["column"] for r in table] == SHORT
    assert table[4] == {"column": "clear_widt", "field": "clear_width_m", "type": "number", "label_zh": "净宽", "label_en": "Clear width",
                        "unit_zh": "米", "unit_en": "m", "values_zh": "", "values_en": ""}  # fmt: skip
    assert table[7]["values_zh"] == "none=未通气;full=已通气"


@pytest.mark.parametrize("form", ["fgb", "parquet"])
def test_the_columnar_formats_hold_every_value(form: str, files: Path) -> None:
    """FlatGeobuf reorders and holds only what has a place."""
    if form == "fgb":
        meta, _, shapes, columns = pyogrio.raw.read(files / "a.fgb")
        assert list(meta["fields"]) == NAMES
        rows, wanted = values(columns), [(r, s) for r, s in zip(EXPECTED, SHAPES, strict=True) if s is not None]
        rows = [[bool(v) if n == "open" and v is not None else v for n, v in zip(NAMES, row, strict=True)] for row in rows]
    else:
        table = pq.read_table(files / "a.parquet")
        shapes = table.column("geometry").to_pylist()
        rows = [
            [v.isoformat() if isinstance(v, datetime.date) else v for v in row.values()] for row in table.drop(["geometry"]).to_pylist()
        ]
        wanted = list(zip(EXPECTED, SHAPES, strict=True))
    found = sorted(zip(rows, shapes, strict=True), key=lambda pair: pair[0][0])
    assert [row for row, _ in found] == [row for row, _ in wanted]
    assert [s and shapely.from_wkb(s) for _, s in found] == [s for _, s in wanted]


def test_geoparquet_says_its_kinds_labels_and_crs(files: Path, tmp_path: Path) -> None:
    said = pq.read_metadata(files / "a.parquet").metadata
    geo = json.loads(said[b"geo"])
    assert json.loads(pq.read_table(files / "a.parquet").schema.metadata[b"geo"])["primary_column"] == "geometry", (
        "readers of Arrow look here"
    )
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    column = geo["columns"]["geometry"]
    assert (column["encoding"], column["geometry_types"], column["bbox"]) == ("WKB", sorted(KINDS), [112.98, 34.75, 113.03, 34.76])
    assert "crs" not in column
    assert pq.read_schema(files / "a.parquet").field("clear_width_m").metadata == {b"title": "净宽（米）".encode()}
    other = pq.read_metadata(export("parquet", tmp_path / "b.parquet", crs="EPSG:4547")).metadata
    assert json.loads(other[b"geo"])["columns"]["geometry"]["crs"]["id"] == {"authority": "EPSG", "code": 4547}
    assert gpd.read_parquet(tmp_path / "b.parquet").crs.to_epsg() == 4547


def test_kml_is_read_by_gdal(files: Path) -> None:
    meta, _, shapes, columns = pyogrio.raw.read(files / "a.kml")
    got = dict(zip(meta["fields"], columns, strict=True))
    assert [None if np.isnan(v) else int(v) for v in got["built_year"].astype(float)] == [row[2] for row in ROWS]
    assert list(got["code"]) == [row[0] for row in ROWS]
    assert [None if s is None else shapely.from_wkb(s).geom_type for s in shapes] == [None if s is None else s.geom_type for s in SHAPES]
    assert math.isclose(shapely.from_wkb(shapes[0]).area, SQUARE.area, rel_tol=1e-9)


def test_a_drawing_is_sound_and_its_texts_end_nothing(files: Path) -> None:
    """ezdxf's own audit finds no fault; seven rings and lines, one point, a title for each that has a place and a name."""
    drawing = ezdxf.readfile(files / "a.dxf")
    report = drawing.audit()
    assert (report.errors, report.fixes, drawing.dxfversion, drawing.header["$INSUNITS"]) == ([], [], "AC1021", 6)
    kinds = [e.dxftype() for e in drawing.modelspace()]
    assert {k: kinds.count(k) for k in set(kinds)} == {"LWPOLYLINE": 7, "POINT": 1, "TEXT": 4}
    assert int(drawing.header["$HANDSEED"], 16) > max(int(e.dxf.handle, 16) for e in drawing.modelspace())
    outline = drawing.modelspace().query('LWPOLYLINE[layer=="things-none"]')[0]
    there = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4547", always_xy=True).transform(112.98, 34.75)
    assert ([float(v) for v in outline.get_points("xy")[0]], outline.closed) == ([round(v, 3) for v in there], True)
    assert [t.value for t in outline.get_xdata("YUANTU")] == ["things", "A1", "id=1"]
    texts = [e.dxf.text for e in drawing.modelspace() if e.dxftype() == "TEXT"]
    assert texts == ["南苑小区", "=1+1", LONG, "% %d^ J😀"]
    custom = dict(drawing.header.custom_vars.properties)
    assert (custom["YUANTU_CRS"], custom["YUANTU_QUERY_FILTER"]) == ("EPSG:4547", "built_year <= 2000")


def test_a_drawing_by_labels_has_chinese_layers(tmp_path: Path) -> None:
    drawing = ezdxf.readfile(export("dxf", tmp_path / "b.dxf"))
    own = [y.dxf.name for y in drawing.layers if y.dxf.name.startswith("院落")]
    assert own == ["院落-未通气", "院落-未通气-文字", "院落-已通气_全", "院落-已通气_全-文字", "院落-不明", "院落-不明-文字"]


# ---------------------------------------------------------------- other people's readers in other languages


@pytest.fixture(scope="module")
def seen(files: Path) -> Any:
    """What the readers of npm find in the files."""
    if shutil.which("node") is None or not (ROOT / "node_modules" / "dxf-parser").is_dir():
        missing("node and node_modules are needed: make node_modules/.state")
    done = subprocess.run(["node", "tests/readers/read_exports.mjs", str(files)], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_check_geojson_finds_no_fault(seen: Any) -> None:
    assert seen["a.geojson"].get("failed") is None
    assert [f["properties"]["name"] for f in seen["a.geojson"]["features"]] == [row[1] for row in ROWS]


def test_togeojson_reads_the_kml(seen: Any) -> None:
    said = seen["a.kml"]
    assert said["errors"] == []
    first, second, *_ = said["features"]
    assert first["properties"]["clear_width_m"] == 3.5 and first["properties"]["open"] is True
    assert (first["properties"]["name"], second["properties"]["name"]) == ("南苑小区", "=1+1")
    assert [f["geometry"] and f["geometry"]["type"] for f in said["features"]] == [
        "Polygon", "GeometryCollection", None, "LineString", "Point", "GeometryCollection",
    ]  # fmt: skip
    assert len(first["geometry"]["coordinates"]) == 2
    assert said["features"][4]["geometry"]["coordinates"] == [112.9876543, 34.7512346]


def test_dxf_parser_reads_the_drawing(seen: Any) -> None:
    said = seen["a.dxf"]
    assert said["units"] == 6
    assert [e["type"] for e in said["entities"]].count("LWPOLYLINE") == 7
    assert {"things-none", "things-full", "things-unknown"} <= set(said["layers"])
    holes = [e for e in said["entities"] if "hole" in e["extendedData"]["customStrings"]]
    assert [(len(e["vertices"]), e["shape"]) for e in holes] == [(4, True)]


def test_the_reader_of_flatgeobuf_in_javascript_finds_five(seen: Any) -> None:
    assert sorted(f["properties"]["id"] for f in seen["a.fgb"]) == [1, 2, 4, 5, 6]
    assert {f["properties"]["id"]: f["properties"].get("seen_on") for f in seen["a.fgb"]}[1] == "2023-06-01"


def test_hyparquet_reads_rows_and_metadata(seen: Any) -> None:
    said = seen["a.parquet"]
    assert [r["name"] for r in said["rows"]] == [row[1] for row in ROWS]
    assert [r["built_year"] for r in said["rows"]] == [row[2] for row in ROWS]
    assert said["rows"][0]["seen_on"].startswith("2023-06-01")
    assert json.loads(said["metadata"]["yuantu"])["collection"] == "things"


def test_fiona_opens_what_gdal_made(files: Path) -> None:
    """With the older GDAL that it brings, in a process of its own."""
    code = """
import sys, json, fiona
for path in sys.argv[1:]:
    with fiona.open(path) as f: print(json.dumps([len(f), sorted(r["properties"]["code"] for r in f), f.crs.to_epsg()]))
"""
    paths = [str(files / "a.gpkg"), str(files / "a.fgb"), f"zip://{files}/a.shp.zip!things_areas.shp"]
    done = subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, text=True, timeout=120, check=True)
    codes = [row[0] for row in ROWS]
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        [6, sorted(codes), 4326], [5, sorted(set(codes) - {"A3"}), 4326], [2, ["A1", "A2"], 4326],
    ]  # fmt: skip


# ---------------------------------------------------------------- what every file says of itself


def about_of(path: Path) -> dict[str, Any]:
    """The member of a file, by the means of its format."""
    name = path.name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            return dict(json.loads(archive.read("about/about.json"))["yuantu"])
    if name.endswith("geojson"):
        return dict(json.loads(path.read_text("utf-8"))["yuantu"])
    if name.endswith("gpkg"):
        with closing(sqlite3.connect(path)) as db:
            return dict(json.loads(db.execute("SELECT metadata FROM gpkg_metadata").fetchone()[0])["yuantu"])
    if name.endswith("fgb"):
        return dict(json.loads(pyogrio.read_info(path)["layer_metadata"]["DESCRIPTION"])["yuantu"])
    if name.endswith("parquet"):
        return dict(json.loads(pq.read_metadata(path).metadata[b"yuantu"]))
    if name.endswith("kml"):
        text = path.read_text("utf-8")
        start = text.index('<Data name="yuantu"><value>') + len('<Data name="yuantu"><value>')
        return dict(
            json.loads(text[start : text.index("</value>", start)].replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">"))
        )
    if name.endswith("dxf"):
        found = dict(ezdxf.readfile(path).header.custom_vars.properties)
        return {
            "fingerprint": found["YUANTU_FINGERPRINT"],
            "query": {"filter": found["YUANTU_QUERY_FILTER"]},
            "as_of": found["YUANTU_AS_OF"],
        }
    said = {r[0].value: r[1].value for r in openpyxl.load_workbook(path).worksheets[1].iter_rows()}
    return {"fingerprint": said["指纹"], "query": {"filter": said["查询.filter"]}, "as_of": said["数据日期"]}


def test_every_file_carries_query_date_and_the_same_fingerprint(files: Path) -> None:
    """All but plain CSV, which says so."""
    told = {f.id: about_of(files / f"a.{f.extension}") for f in FORMATS if f.id != "csv"}
    assert {id: said["fingerprint"] for id, said in told.items()} == dict.fromkeys(told, fingerprint(answer()))
    assert {id: (said["query"], said["as_of"]) for id, said in told.items()} == dict.fromkeys(
        told, ({"filter": "built_year <= 2000"}, "2026-11-22T08:00:00Z")
    )


def test_what_is_left_out_is_not_counted_as_returned(files: Path) -> None:
    """Of six features one has no place: FlatGeobuf and DXF hold five, and once said six."""
    assert {id: about_of(files / f"a.{id}")["returned"] for id in ("fgb", "parquet")} == {"fgb": 5, "parquet": 6}
    assert dict(ezdxf.readfile(files / "a.dxf").header.custom_vars.properties)["YUANTU_RETURNED"] == "5"


def test_another_answer_has_another_fingerprint() -> None:
    """The control of the test above."""
    found = answer()
    found.frame.loc[1, "name"] = "北苑"
    assert fingerprint(found) != fingerprint(answer())


def test_made_up_data_say_so_in_every_format(tmp_path: Path) -> None:
    demo = replace(answer(), demo=True)
    for form in ("gpkg", "fgb", "parquet", "shp", "kml"):
        path = export(form, tmp_path / f"a.{format_of(form).extension}", found=demo)
        assert about_of(path)["label"] == "示例数据", form
    assert set(pq.read_table(tmp_path / "a.parquet").column("demo").to_pylist()) == {"示例数据"}
    properties = dict(ezdxf.readfile(export("dxf", tmp_path / "a.dxf", found=demo)).header.custom_vars.properties)
    assert (properties["YUANTU_LABEL"], properties["YUANTU_TITLE"]) == ("示例数据", "院落（示例数据）")


def test_labels_are_headings_and_values_are_words(tmp_path: Path) -> None:
    """Two fields of one label are told apart by their names."""
    heads = ["序号", "编号", "名称", "建成年份", "净宽（米）", "净宽", "开放", "通气", "检查日期", "其他列"]
    rows = list(csv.reader(io.StringIO(export("csv", tmp_path / "a.csv", headings="labels").read_text("utf-8-sig"))))
    assert rows[0] == [*heads, "几何 WKT"]
    assert [rows[i][6] for i in (1, 2, 3)] == ["是", "否", ""] and [rows[i][7] for i in (1, 2, 3)] == ["未通气", "已通气", ""]
    features = json.loads(export("geojson", tmp_path / "a.geojson", headings="labels").read_text("utf-8"))
    assert list(features["features"][0]["properties"]) == heads[1:]
    assert (features["features"][0]["properties"]["通气"], features["yuantu"]["fingerprint"]) == ("未通气", fingerprint(answer()))
    assert list(pyogrio.read_info(export("gpkg", tmp_path / "a.gpkg", headings="labels"))["fields"]) == heads[1:]
    english = pq.read_table(export("parquet", tmp_path / "a.parquet", headings="labels", lang="en"))
    assert english.column_names[5:7] == ["Clear width (m)", "Clear width"] and english.column("Gas")[0].as_py() == "no gas"


def test_two_fields_of_one_label_are_told_apart(tmp_path: Path) -> None:
    twice = (Field("a", "text", Text("名称", "Name")), Field("b", "text", Text("名称", "Name")))
    found = replace(answer(), fields=twice)
    found.frame[["a", "b"]] = [["x", "y"]] * 6
    rows = list(csv.reader(io.StringIO(export("csv", tmp_path / "a.csv", headings="labels", found=found).read_text("utf-8-sig"))))
    assert rows[0][:3] == ["序号", "名称 a", "名称 b"]


REFUSED: list[tuple[str, dict[str, str], str]] = [
    ("geojson", {"crs": "EPSG:4547"}, "crs"),
    ("kml", {"crs": "EPSG:4490"}, "crs"),
    ("dxf", {"crs": "EPSG:4326"}, "crs"),
    ("shp", {"headings": "labels"}, "headings"),
    ("csv", {"headings": "label"}, "headings"),
]


@pytest.mark.parametrize(("form", "wanted", "parameter"), REFUSED)
def test_what_a_format_cannot_do_is_refused(form: str, wanted: dict[str, str], parameter: str) -> None:
    with pytest.raises(BadValue) as caught:
        Output.of(format_of(form), metric_crs="EPSG:4547", **wanted)
    assert caught.value.members["parameter"] == parameter


def test_a_drawing_of_nothing_placed_needs_a_crs() -> None:
    with pytest.raises(BadValue, match="EPSG:4547"):
        Output.of(format_of("dxf"))


FILE_NAMES = {"x.shp.zip": "shp", "台账.CSV": "csv", "x.csv.zip": "csvzip", "a.b.parquet": "parquet", "x.fgb": "fgb"}


@pytest.mark.parametrize(("name", "form"), FILE_NAMES.items())
def test_a_files_name_says_its_format(name: str, form: str) -> None:
    assert format_of_file(name).id == form


@pytest.mark.parametrize("name", ["x.zip", "x.mif", "x.shp"])
def test_a_name_that_says_too_little_is_refused(name: str) -> None:
    if name == "x.shp":
        assert format_of_file(name).id == "shp"
    else:
        with pytest.raises(BadValue):
            format_of_file(name)


def test_short_names_are_ten_letters_and_unique() -> None:
    given = ["id", "clear_width_m", "clear_width_source", "clear_widt", "CODE", "code", "净宽", "has_committee", "x" * 80]
    made_ = short_names(given)
    assert made_ == ["id", "clear_wi_1", "clear_wi_2", "clear_widt", "CODE", "code_1", "__", "has_commit", "x" * 10]


def test_every_loss_is_said_and_in_both_languages() -> None:
    for form in FORMATS:
        wanted = Output.of(form, metric_crs="EPSG:4547")
        for said in losses(answer(), wanted):
            assert said.zh and said.en.isascii(), form.id
    assert [t.en for t in losses(answer(), Output.of(format_of("fgb")))][-1] == "1 unplaced features are not in the file"


@pytest.mark.parametrize("form", ["fgb", "dxf"])
def test_the_child_writes_under_its_guards(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrow and GDAL together, and the drawing library, with little memory, no network, one driver."""
    monkeypatch.setattr(sandbox, "make", REAL_MAKE)
    path = export(form, tmp_path / f"a.{form}")
    assert pyogrio.read_info(path)["features"] == 5 if form == "fgb" else len(ezdxf.readfile(path).modelspace()) == 12
    assert list((tmp_path / "work").iterdir()) == []


def test_a_shapefile_beyond_two_gigabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.formats.writing.shapefile.MOST_BYTES", 1000)
    with pytest.raises(TooLarge, match="GeoPackage"):
        export("shp", tmp_path / "a.shp.zip")


# ---------------------------------------------------------------- nothing half, nothing lost


@pytest.mark.parametrize("form", ["gpkg", "shp", "fgb", "parquet", "dxf"])
def test_a_file_that_lost_a_feature_is_given_up(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sent and what stands in the file are counted apart; with a writer that drops one in silence the counts differ."""
    from geo.formats.writing import drawing, stream

    honest = stream.Stream._batch
    monkeypatch.setattr(stream.Stream, "_batch", lambda self, g, c: honest(self, g, c).slice(0, len(g) - 1))
    drawn = drawing._Pen.feature
    monkeypatch.setattr(drawing._Pen, "feature", lambda self, *row: drawn(self, *row) and "")
    with pytest.raises(Refused, match="given up"):
        export(form, tmp_path / "a.x")


@pytest.mark.parametrize("form", ["gpkg", "shp", "fgb", "parquet", "dxf", "xlsx", "csvzip"])
def test_a_full_disk_is_said_and_leaves_nothing(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    if form in ("xlsx", "csvzip"):
        monkeypatch.setattr("geo.exports.tables._lines", full)
    else:
        monkeypatch.setattr("geo.formats.wire.receive_rows", full)
    with pytest.raises(StoreFull):
        export(form, tmp_path / "a.x")
    assert [p for p in (tmp_path / "work").rglob("export-*") if p.is_file()] == []


def test_an_error_in_the_rows_is_not_hidden_by_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GDAL only says that the stream broke; the reason is kept beside it."""

    def torn(*_: Any) -> Any:
        raise Refused(Text("断了", "torn"))

    monkeypatch.setattr("geo.formats.wire.receive_rows", torn)
    with pytest.raises(Refused, match="torn"):
        export("fgb", tmp_path / "a.fgb")


@pytest.mark.parametrize("form", ["geojson", "csv", "csvzip", "xlsx", "gpkg", "shp", "kml", "dxf", "fgb", "parquet"])
def test_an_empty_answer_is_a_file_too(form: str, tmp_path: Path) -> None:
    found = replace(answer(), frame=answer().frame.iloc[:0], matched=0, returned=0, unplaced=0)
    path = export(form, tmp_path / f"a.{format_of(form).extension}", found=found)
    assert path.stat().st_size > 80
    if form in ("gpkg", "fgb"):
        assert pyogrio.read_info(path, force_feature_count=True)["features"] == 0
    if form == "parquet":
        assert pq.read_table(path).num_rows == 0


def test_no_spreadsheet_format_runs_anything(files: Path) -> None:
    cells = [c for sheet in openpyxl.load_workbook(files / "a.xlsx") for row in sheet.iter_rows() for c in row]
    assert [c.value for c in cells if c.data_type == "f"] == [] and "=1+1" in {c.value for c in cells}
    with zipfile.ZipFile(files / "a.csv.zip") as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("things.csv").decode("utf-8-sig"))))
    assert [r["name"] for r in rows][:2] == ["南苑小区", "'=1+1"]
