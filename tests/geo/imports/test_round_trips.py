"""Out and in again: every format that has a reader, into the store it came from (nothing changes) and into an empty one (the same values)."""

from __future__ import annotations

import io
import math
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyogrio
import pytest
import shapely
from shapely import affinity

from geo import sandbox
from geo.answers import answer
from geo.crs import transform_xy
from geo.errors import UnreadableFile
from geo.exports import Output, format_of, made
from geo.formats import gdal, wire, writing
from geo.formats.limits import COMMAND_LINE
from geo.query import Query
from geo.questions import catalogue as questions
from geo.store.contract import Batch, ImportRecord, Write
from tests.geo.imports.conftest import NOW, Desk, point, square

pytestmark = pytest.mark.usefixtures("read_here", "write_here")

COMPOUNDS: list[dict[str, Any]] = [
    {"code": "A1", "name": "南苑小区", "community": "新华社区", "built_year": 1994, "households": 100, "gas_status": "none",
     "has_committee": True, "gas_status_on": "2023-06-01", "source": "台账.xls", "quality": "declared", "geometry": square(112.980, 34.750)},
    {"code": "A2", "name": "园丁街一号楼院", "built_year": 1985, "gas_status": "full", "has_committee": False,
     "source": "台账.xls", "quality": "declared", "geometry": square(112.9823456789012, 34.75)},
    {"code": "A3", "name": "龙泉花园", "built_year": 2005, "gas_status": "none", "source": "台账.xls", "quality": "measured", "geometry": None},
    {"code": "007", "name": "=1+1 {{7*7}}", "built_year": 1999, "gas_status": "all_electric", "source": "台账.xls", "quality": "declared", "geometry": square(112.984, 34.75)},
    {"code": "A5", "name": "工商联家属院", "source": "台账.xls", "quality": "declared", "geometry": square(112.99, 34.76)},
]  # fmt: skip
HYDRANTS: list[dict[str, Any]] = [
    {
        "code": "H1",
        "name": "一号消火栓",
        "working": "yes",
        "pressure_mpa": 0.14,
        "checked_on": "2024-02-29",
        "source": "台账.xls",
        "quality": "declared",
        "geometry": point(112.981, 34.751),
    },
    {
        "code": "H2",
        "name": "二号消火栓",
        "working": "unknown",
        "pressure_mpa": None,
        "source": "台账.xls",
        "quality": "declared",
        "geometry": point(112.9876543, 34.7512346),
    },
]
KEPT = ("id", "version", "updated_at", "updated_by")


@pytest.fixture
def write_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's work of writing done in the test process."""

    def make(path: Path, job: Mapping[str, Any], chunks: Any, limits: Any = None, *, work_dir: Path) -> None:
        folder = work_dir / f"{path.name}.job"
        folder.mkdir(parents=True)
        source = io.BytesIO()
        for geometry, columns in chunks:
            wire.send_columns(source, geometry, columns)
        source.seek(0)
        writing.write(orjson.loads(orjson.dumps({**job, "folder": str(folder)})), source, COMMAND_LINE)
        (folder / "out").rename(path)
        shutil.rmtree(folder)

    monkeypatch.setattr(gdal, "library", lambda *_: pyogrio)
    monkeypatch.setattr(sandbox, "make", make)


def filled(desk: Desk) -> Desk:
    record = ImportRecord("t", "0" * 64, "append", {}, {})
    desk.store.publish(
        Batch([Write("compounds", inserts=COMPOUNDS), Write("hydrants", inserts=HYDRANTS)], record, metric_crs="EPSG:4547"),
        actor="t",
        now=NOW,
    )
    return desk


def taken(desk: Desk, layer: str, form: str, folder: Path, **wanted: Any) -> Path:
    found = answer(
        Query.from_args(layer, {}, layers=desk.layers, questions=questions.ALL, default_limit=None),
        desk.frames,
        layers=desk.layers,
        now=NOW,
    )
    output = Output.of(format_of(form), metric_crs="EPSG:4547", **wanted)
    path = folder / f"{layer}.{format_of(form).extension}"
    path.write_bytes(b"".join(made(found, output, work_dir=folder / "work")))
    return path


def told(desk: Desk, layer: str) -> list[dict[str, Any]]:
    """What the layer says, without the places and what the store keeps itself."""
    return [{k: v for k, v in row.items() if k not in ("geometry", *KEPT)} for row in desk.dump(layer)]


def moved_m(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> float:
    """How far the corners of equal features lie apart at most, in metres near enough."""
    worst = 0.0
    for a, b in zip(one, other, strict=True):
        assert (a["geometry"] is None) == (b["geometry"] is None), a["code"]
        if a["geometry"] is not None:
            corners = [
                np.unique(np.round(shapely.get_coordinates(shapely.from_wkb(g)), 12), axis=0) for g in (a["geometry"], b["geometry"])
            ]
            worst = max(worst, float(np.abs(corners[0] - corners[1]).max()) * 111_320)
    return worst


def trip(form: str, apart: float, *, soak: bool = False, **wanted: str) -> Any:
    """Format, what is asked of it, by how many metres a corner may move (half of what is rounded)."""
    return pytest.param(form, wanted, apart, marks=[pytest.mark.soak] if soak else [], id="-".join((form, *wanted.values())))


TRIPS = [
    trip("geojson", 0.006, soak=True),
    trip("gpkg", 0.0),
    trip("gpkg", 1e-6, crs="EPSG:4547", soak=True),
    trip("shp", 0.0, soak=True),
    trip("shp", 1e-6, crs="EPSG:4547"),
    trip("kml", 0.006),
    trip("parquet", 0.0, soak=True),
    trip("parquet", 1e-6, crs="EPSG:4526"),
    trip("fgb", 0.0, soak=True),
    trip("csv", 0.006, soak=True),
    trip("csvzip", 0.006, soak=True),
    trip("xlsx", 0.006, soak=True),
    trip("gpkg", 0.0, headings="labels", soak=True),
    trip("csv", 0.006, headings="labels", soak=True),
    trip("geojson", 0.006, headings="labels", soak=True),
]


@pytest.mark.parametrize(("form", "wanted", "apart"), TRIPS)
def test_what_goes_out_comes_in_again(
    form: str, wanted: dict[str, Any], apart: float, new_desk: Callable[[], Desk], tmp_path: Path
) -> None:
    """Into an empty store: every value, null, date, Chinese text and corner; FlatGeobuf has no unplaced ones."""
    source = filled(new_desk())
    for layer in ("compounds", "hydrants"):
        other = new_desk()
        crs = {"crs": "EPSG:4326"} if form in ("csv", "csvzip", "xlsx") or (form == "geojson" and not wanted) else {}
        account = other.file(taken(source, layer, form, tmp_path, **wanted), **({} if form == "xlsx" else {"layer": layer}), **crs)
        lost = {"A3"} if form == "fgb" else set()
        before = [row for row in source.dump(layer) if row["code"] not in lost]
        assert account.layers[layer].quarantined == 0, account.to_json()
        assert told(other, layer) == [row for row in told(source, layer) if row["code"] not in lost]
        assert moved_m(before, other.dump(layer)) <= apart


@pytest.mark.parametrize(
    "form", ["gpkg", "shp", pytest.param("parquet", marks=pytest.mark.soak), pytest.param("fgb", marks=pytest.mark.soak)]
)
def test_an_own_file_changes_nothing(form: str, new_desk: Callable[[], Desk], tmp_path: Path) -> None:
    """Into the store it came from: all unchanged, for these formats keep every digit."""
    desk = filled(new_desk())
    account = desk.file(taken(desk, "compounds", form, tmp_path), layer="compounds")
    tally = account.layers["compounds"]
    assert (tally.inserted, tally.updated, tally.quarantined, tally.deleted) == (0, 0, 0, 0)
    assert tally.unchanged == 5 - (form == "fgb")


@pytest.mark.soak
def test_the_other_columns_come_in_again(new_desk: Callable[[], Desk], tmp_path: Path) -> None:
    source, other = filled(new_desk()), new_desk()
    source.rows([{"编号": "A1", "小区名称": "南苑小区", "备注栏": "东门"}], layer="compounds")
    other.file(taken(source, "compounds", "gpkg", tmp_path), layer="compounds")
    assert [row.get("extra") for row in other.dump("compounds") if row["code"] == "A1"] == [{"备注栏": "东门"}]


def test_side_files_are_no_data_and_short_names_are_known(new_desk: Callable[[], Desk], tmp_path: Path) -> None:
    """With the mark taken out of about.json the archive is a stranger's: its tables are data, its short columns stay short."""
    source, other, stranger = filled(new_desk()), new_desk(), new_desk()
    path = taken(source, "hydrants", "shp", tmp_path)
    account = other.file(path)
    assert account.counts() == {"hydrants": {"read": 2, "accepted": 2, "repaired": 0, "quarantined": 0}}
    assert "pressure_mpa" in other.dump("hydrants")[0]
    foreign = tmp_path / "foreign.zip"
    with zipfile.ZipFile(path) as ours, zipfile.ZipFile(foreign, "w") as theirs:
        for name in ours.namelist():
            theirs.writestr(name, ours.read(name).replace(b'"yuantu"', b'"nobody"'))
    with pytest.raises(UnreadableFile, match="not GeoJSON"):
        stranger.file(foreign)


# ---------------------------------------------------------------- the matrix, on real files


REAL = (
    ("xiamen_compounds/厦门市商务住宅边界_gcj02_wgs84.shp", "compounds"),
    ("kaohsiung_gas/kh_ng_pipelines_twd97.shp", "gas_mains"),
)


def real_files(folder: Path) -> Iterator[tuple[Path, str]]:
    for name, layer in REAL:
        if (folder / name).is_file():
            yield folder / name, layer


@pytest.mark.soak
@pytest.mark.parametrize("crs", [None, "EPSG:4490", "EPSG:4547", "EPSG:32650"])
@pytest.mark.parametrize("form", ["geojson", "csv", "xlsx", "gpkg", "shp", "kml", "fgb", "parquet"])
def test_real_files_keep_counts_areas_and_words(
    form: str, crs: str | None, new_desk: Callable[[], Desk], shared_data: Path, tmp_path: Path
) -> None:
    """Counts, sums of areas to 1e-6 of themselves (rounded formats to 1e-4), every value."""
    if crs is not None and not format_of(form).any_crs:
        pytest.skip(f"{form} is WGS 84 only")
    done = 0
    for path, layer in real_files(shared_data):
        source, other = new_desk(), new_desk()
        source.file(path, layer=layer)
        declared = {"crs": "EPSG:4326"} if form in ("csv", "xlsx", "geojson") else {}
        account = other.file(taken(source, layer, form, tmp_path, **({"crs": crs} if crs else {})), layer=layer, **declared)
        one, two = source.dump(layer), other.dump(layer)
        assert len(one) == len(two) == account.layers[layer].read
        assert told(source, layer) == told(other, layer)
        sums = [sum(shapely.from_wkb(r["geometry"]).area + shapely.from_wkb(r["geometry"]).length for r in rows) for rows in (one, two)]
        assert math.isclose(*sums, rel_tol=1e-4 if crs is None and form in ("geojson", "csv", "xlsx", "kml") else 1e-6)
        done += 1
    assert done


@pytest.mark.parametrize("layer", ["compounds", "hydrants"])
def test_an_own_drawing_comes_in_where_it_was(layer: str, new_desk: Callable[[], Desk], tmp_path: Path) -> None:
    """The drawing says its CRS itself, so nothing is asked; every placed outline is there to the millimetre. (The note was once looked for under another name.)"""
    source, other = filled(new_desk()), new_desk()
    account = other.file(taken(source, layer, "dxf", tmp_path))
    placed = [shapely.from_wkb(row["geometry"]) for row in source.dump(layer) if row["geometry"]]
    found = shapely.STRtree([shapely.from_wkb(row["geometry"]) for row in other.dump(layer)])
    near = [float(found.geometries[found.nearest(shape)].hausdorff_distance(shape)) * 111_320 for shape in placed]
    assert len(found) == len(placed) == account.layers[layer].accepted
    assert max(near) <= 0.001


def test_an_own_drawing_doubles_nothing(new_desk: Callable[[], Desk], tmp_path: Path) -> None:
    """A hole and two parts: every feature was inserted once more under a new code, the hole as an area of its own."""
    yard = shapely.box(500_000, 3_846_000, 500_100, 3_846_080).difference(shapely.box(500_040, 3_846_030, 500_060, 3_846_050))
    shapes = {"B1": yard, "B2": shapely.union_all([affinity.translate(yard, x) for x in (200, 400)])}
    desk = new_desk()
    rows = [
        {"code": code, "name": f"{code}小区", "source": "台账.xls", "quality": "declared", "geometry": _stored(shape)}
        for code, shape in shapes.items()
    ]
    batch = Batch([Write("compounds", inserts=rows)], ImportRecord("t", "0" * 64, "append", {}, {}), metric_crs="EPSG:4547")
    desk.store.publish(batch, actor="t", now=NOW)
    path = taken(desk, "compounds", "dxf", tmp_path)
    tally = desk.file(path, mode="upsert").layers["compounds"]
    assert (tally.read, tally.inserted, tally.quarantined) == (2, 0, 0)
    other = new_desk()
    other.file(path)
    for one in (desk, other):
        areas = {row["code"]: shapely.area(_metric(row["geometry"])) for row in one.dump("compounds")}
        assert areas == pytest.approx({"B1": 7600.0, "B2": 15200.0}, abs=1e-3)


def _stored(shape: Any) -> bytes:
    """WKB in EPSG:4326 of a shape in EPSG:4547."""
    moved: bytes = shapely.to_wkb(shapely.transform(shape, lambda xy: transform_xy(xy, "EPSG:4547", "EPSG:4326")), byte_order=1)
    return moved


def _metric(wkb: bytes) -> Any:
    return shapely.transform(shapely.from_wkb(wkb), lambda xy: transform_xy(xy, "EPSG:4326", "EPSG:4547"))


@pytest.mark.soak
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_comes_in_again_in_each_encoding(encoding: str, new_desk: Callable[[], Desk], tmp_path: Path) -> None:
    source, other = filled(new_desk()), new_desk()
    path = taken(source, "compounds", "csv", tmp_path)
    path.write_bytes(path.read_text("utf-8-sig").encode(encoding))
    other.file(path, layer="compounds", crs="EPSG:4326")
    assert told(other, "compounds") == told(source, "compounds")
