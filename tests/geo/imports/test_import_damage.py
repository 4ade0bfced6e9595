"""Damaged, lying and misplaced files in four formats: each ends in an account whose counts are those of the file's maker, or in a refusal with the way out."""

from __future__ import annotations

import csv
import io
import json
import math
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyproj
import pytest
import shapely

from geo.crs import Bounds
from geo.errors import Refused
from geo.imports import REASONS, whereabouts
from tests.geo.imports.conftest import Desk
from tests.geo.imports.conftest import point as wkb_point
from tests.geo.imports.conftest import square as wkb_square
from tests.geo.imports.damaged_files import (
    WRITERS,
    Piece,
    at,
    bow,
    circle,
    geojson,
    geopackage,
    shapefile,
    shapefile_parts,
    sound,
    square,
    star,
)

pytestmark = pytest.mark.usefixtures("read_here")

FORMATS = list(WRITERS)
SQUARE = 0.001 * 0.001
"""Area of a sound piece in square degrees."""


def asked(kind: str) -> dict[str, Any]:
    """A text table cannot say its CRS."""
    return {"crs": "EPSG:4326"} if kind == "csv" else {}


# --- damaged records. What the file's maker says must become of each: for all formats, or where a format cannot hold the fault for each of them.

FAULTS: list[tuple[Piece, dict[str, str]]] = [
    (Piece("B01", "未闭合", [square(20)[:-1]], ""), {"geojson": "ring-closed", "csv": "bad-coordinates", "shp": "damaged-record", "gpkg": "damaged-record"}),
    (Piece("B02", "自相交", [bow(21)], ""), {"*": "self-intersection"}),
    (Piece("B03", "空几何", [], ""), {"*": "empty-geometry", "shp": "accepted"}),  # in a shapefile empty and missing are one
    (Piece("B04", "无几何", None, ""), {"*": "accepted"}),
    (Piece("B05", "非数", [at(22, math.nan, 34.75)], ""), {"*": "not-finite"}),
    (Piece("B06", "无穷", [at(23, math.inf, 34.75)], ""), {"*": "not-finite"}),
    (Piece("B07", "巨大", [at(24, 1e308, 34.75)], ""), {"*": "outside-crs"}),
    (Piece("B08", "对调", [[(y, x) for x, y in square(25)]], ""), {"*": "outside-crs"}),
    (Piece("B09", "西半球", [[(-x, y) for x, y in square(26)]], ""), {"*": "accepted"}),
    (Piece("B10", "南半球", [[(x, -y) for x, y in square(27)]], ""), {"*": "accepted"}),
    (Piece("B11", "一个点", [square(29)[:1] * 4], ""), {"*": "invalid-geometry"}),
    (Piece("B12", "一条线", [[square(37)[0], square(37)[2], square(37)[0], square(37)[0]]], ""), {"*": "invalid-geometry"}),
    (Piece("B13", "星形", [star(30, 61)], ""), {"*": "self-intersection"}),
    (Piece("B14", "洞在外", [square(35), square(36)], ""), {"*": "hole-lies-outside-shell", "shp": "accepted"}),  # a shapefile has no holes but by winding
    (Piece("B15", "十万点", [circle(32, 100_001)], ""), {"*": "too-many-vertices"}),
    (Piece("A003", "第3院", [square(3)], ""), {"*": "duplicate", "gpkg": "code-twice"}),  # its row number tells the doubles of a GeoPackage apart
    (Piece("A004", "另一院", [square(34)], ""), {"*": "code-twice"}),
]  # fmt: skip
REPAIRS = frozenset(("ring-closed", "self-intersection", "hole-lies-outside-shell"))
UNWRITTEN = {"geojson": ("B05", "B06", "B15"), "csv": ("B15",), "shp": ("B15",)}
"""Strict JSON has no NaN, a text cell no room for 100 000 corners: such files are refused as a whole, see below. B15 costs time: once is enough."""


@pytest.mark.parametrize("kind", FORMATS)
def test_every_damaged_record_has_its_fate(kind: str, desk: Desk, tmp_path: Path) -> None:
    faults = [(piece, truth.get(kind, truth.get("*", ""))) for piece, truth in FAULTS if piece.code not in UNWRITTEN.get(kind, ())]
    path = WRITERS[kind]([*sound(10), *(piece for piece, _ in faults)], tmp_path)
    account = desk.file(path, layer="compounds", **asked(kind))
    lost = sorted((piece.code, truth) for piece, truth in faults if truth not in REPAIRS | {"accepted"})
    mended = [piece.code for piece, truth in faults if truth in REPAIRS]
    kept = [piece.code for piece, truth in faults if truth == "accepted"]
    assert sorted((str(q.raw["编号"]), q.reason) for q in account.quarantined) == lost
    assert account.reasons == Counter(truth for _, truth in faults if truth != "accepted")
    tally = account.layers["compounds"]
    assert (tally.read, tally.accepted, tally.repaired, tally.quarantined) == (10 + len(faults), 10 + len(kept), len(mended), len(lost))
    stored = {row["code"]: row["geometry"] and shapely.from_wkb(row["geometry"]) for row in desk.dump("compounds")}
    assert set(stored) == {p.code for p in sound(10)} | set(mended) | set(kept)
    assert stored["B04"] is None
    assert stored["A003"].equals(shapely.Polygon(square(3)))
    assert stored["B02"].area == pytest.approx(SQUARE / 2), "both halves of the bow tie"
    assert [n.zh for n in account.notes if "很远" in n.zh] == [
        "院落：新增的 2 个离其余对象很远（西半球、南半球）：正负号、经纬度或坐标系可能有误，请核对"
    ]


@pytest.mark.parametrize(
    ("written", "said"), [("NaN", "unexpected character"), ("-Infinity", "no digit after sign"), ("1e999", "infinity")]
)
def test_json_without_finite_numbers_is_refused_with_the_place(desk: Desk, tmp_path: Path, written: str, said: str) -> None:
    path = geojson(sound(3), tmp_path)
    text = path.read_text()
    path.write_text(text.replace("112.95", written, 1))
    with pytest.raises(Refused) as caught:
        desk.file(path, layer="compounds")
    assert caught.value.code == "unreadable-file" and said in caught.value.text.en
    assert caught.value.members["column"] >= text.index("112.95")


# --- files that were cut off


def _json_truth(data: bytes) -> int | None:
    try:
        return len(json.loads(data)["features"])
    except ValueError:
        return None


def _csv_truth(data: bytes) -> int | None:
    """Rows of a table that was cut; an open quotation mark at the end is no row but a broken file."""
    try:
        text = data.decode("utf-8")
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    return len(rows) - 1 if text.count('"') % 2 == 0 else None


def _shp_truth(data: bytes) -> int:
    """Whole records by walking over them."""
    where = 100
    count = 0
    while where + 8 <= len(data) and where + 8 + 2 * struct.unpack_from(">i", data, where + 4)[0] <= len(data):
        where += 8 + 2 * struct.unpack_from(">i", data, where + 4)[0]
        count += 1
    return count


def _gpkg_truth(data: bytes) -> None:
    """SQLite needs every page."""


CUT: dict[str, Callable[[bytes], int | None]] = {"geojson": _json_truth, "csv": _csv_truth, "shp": _shp_truth, "gpkg": _gpkg_truth}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.25, 0.9, 0.99])
def test_a_file_that_was_cut_off(kind: str, share: float, desk: Desk, tmp_path: Path) -> None:
    path = WRITERS[kind](sound(30), tmp_path)
    data = path.read_bytes()[: int(path.stat().st_size * share)]
    path.write_bytes(data)
    whole = CUT[kind](data)
    if whole is None:
        with pytest.raises(Refused) as caught:
            desk.file(path, layer="compounds", **asked(kind))
        assert caught.value.code == "unreadable-file" and desk.store.info().revision == 0
        return
    account = desk.file(path, layer="compounds", **asked(kind))
    read = 30 if kind == "shp" else whole  # the table of a shapefile is whole: its rows without a shape are accounted for
    assert account.counts() == {"compounds": {"read": read, "accepted": whole, "repaired": 0, "quarantined": read - whole}}


# --- headers that lie: bytes put into one part of a shapefile → (accepted, quarantined) of its 30 records, and what is told

LIES: list[tuple[str, str, int, bytes, tuple[int, int], str]] = [
    ("the table says fewer", "dbf", 4, struct.pack("<I", 25), (25, 5), ".shp 30, .dbf says 25"),
    ("the table says more", "dbf", 4, struct.pack("<I", 35), (30, 0), ".dbf says 35 and holds 30"),
    ("the table says two milliards", "dbf", 4, struct.pack("<I", 2**31 - 1), (30, 0), "says 2147483647 and holds 30"),
    ("the file says a gigabyte", "shp", 24, struct.pack(">i", 2**29), (30, 0), ""),
    ("the box is elsewhere", "shp", 36, struct.pack("<4d", 0, 0, 1, 1), (30, 0), ""),
    ("a record has a milliard corners", "shp", 100 + 8 + 40, struct.pack("<i", 2**30), (29, 1), ""),
    ("a record has a milliard rings", "shp", 100 + 8 + 36, struct.pack("<i", 2**30), (29, 1), ""),
    ("the index points beyond the end", "shx", 100, struct.pack(">i", 2**30), (30, 0), ""),
]  # fmt: skip


@pytest.mark.parametrize(("part", "where", "lie", "counts", "said"), [lie[1:] for lie in LIES], ids=[lie[0] for lie in LIES])
def test_a_header_that_lies(part: str, where: int, lie: bytes, counts: tuple[int, int], said: str, desk: Desk, tmp_path: Path) -> None:
    path = shapefile(sound(30), tmp_path)
    data = bytearray(shapefile_parts(sound(30))[part])
    data[where : where + len(lie)] = lie
    path.with_suffix(f".{part}").write_bytes(data)
    account = desk.file(path, layer="compounds", dry_run=True)
    tally = account.layers["compounds"]
    assert (tally.read, tally.accepted, tally.quarantined) == (30, *counts)
    assert said in " | ".join(n.en for n in account.notes)


# --- coordinate systems that lie


def metres(pieces: Sequence[Piece], epsg: int) -> list[Piece]:
    move = pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform
    return [replace(p, rings=[[move(x, y) for x, y in ring] for ring in p.rings or []]) for p in pieces]


def swapped(pieces: Sequence[Piece]) -> list[Piece]:
    return [replace(p, rings=[[(y, x) for x, y in ring] for ring in p.rings or []]) for p in pieces]


def _says(path: Path, name: str) -> Path:
    document = json.loads(path.read_text())
    document["crs"]["properties"]["name"] = name
    path.write_text(json.dumps(document))
    return path


MISPLACED: list[tuple[str, Callable[[Path], Path], str]] = [
    ("axes swapped, GeoJSON", lambda folder: geojson(swapped(sound(30)), folder), "EPSG:4326:swapped"),
    ("axes swapped, shapefile", lambda folder: shapefile(swapped(sound(30)), folder), "EPSG:4326:swapped"),
    ("axes swapped, GeoPackage", lambda folder: geopackage(swapped(sound(30)), folder), "EPSG:4326:swapped"),
    ("degrees that are called metres", lambda folder: _says(geojson(sound(30), folder), "EPSG:4547"), "EPSG:4326"),
    ("metres that are called degrees", lambda folder: geojson(metres(sound(30), 4547), folder), "EPSG:4547"),
    ("metres of another zone", lambda folder: geopackage(metres(sound(30), 4547), folder, srs=4526), "EPSG:4547"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "right"), [m[1:] for m in MISPLACED], ids=[m[0] for m in MISPLACED])
def test_a_coordinate_system_that_lies_is_refused_and_the_way_out_is_right(
    make: Callable[[Path], Path], right: str, desk: Desk, tmp_path: Path
) -> None:
    path = make(tmp_path)
    with pytest.raises(Refused) as caught:
        desk.file(path, layer="compounds")
    assert caught.value.code == "outside-area" and desk.store.info().revision == 0
    assert right in [c["crs"] for c in caught.value.members["candidates"]]
    account = desk.file(path, layer="compounds", crs=right)
    assert account.layers["compounds"].accepted == 30
    stored = {row["code"]: shapely.from_wkb(row["geometry"]) for row in desk.dump("compounds")}
    for piece in sound(30):
        assert shapely.hausdorff_distance(stored[piece.code], shapely.Polygon(square(int(piece.code[1:])))) < 1e-7


def test_half_of_a_file_in_another_system_goes_to_quarantine(desk: Desk, tmp_path: Path) -> None:
    account = desk.file(geojson([*sound(15), *metres(sound(15, 15), 4547)], tmp_path), layer="compounds")
    assert (account.counts()["compounds"]["accepted"], dict(account.quarantine_reasons)) == (15, {"outside-crs": 15})


def test_two_layers_in_two_systems_land_on_each_other(desk: Desk, tmp_path: Path) -> None:
    geopackage(sound(30), tmp_path)
    others = [replace(p, code=f"M{p.code}", name=f"{p.name}二") for p in metres(sound(30), 4547)]
    account = desk.file(geopackage(others, tmp_path, srs=4547, name="metric"), layer="compounds")
    stored = {row["code"]: shapely.from_wkb(row["geometry"]) for row in desk.dump("compounds")}
    assert (account.layers["compounds"].accepted, account.crs) == (60, "EPSG:4326, EPSG:4547")
    assert max(shapely.hausdorff_distance(stored[p.code], stored[f"M{p.code}"]) for p in sound(30)) < 1e-7


@pytest.mark.parametrize("kind", FORMATS)
def test_the_wrong_hemisphere_is_outside_the_service_area(kind: str, desk: Desk, tmp_path: Path) -> None:
    west = [replace(p, rings=[[(-x, y) for x, y in ring] for ring in p.rings or []]) for p in sound(30)]
    with pytest.raises(Refused) as caught:
        desk.file(WRITERS[kind](west, tmp_path), layer="compounds", area=Bounds(112.8, 34.6, 113.2, 34.9))
    assert caught.value.code == "outside-area" and "--crs" in caught.value.text.en


# --- empty, and twice


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_without_records_is_refused(kind: str, desk: Desk, tmp_path: Path) -> None:
    path = WRITERS[kind]([], tmp_path)
    with pytest.raises(Refused, match="no record"):
        desk.file(path, layer="compounds", **asked(kind))
    path.write_bytes(b"")
    with pytest.raises(Refused, match="empty"):
        desk.file(path, layer="compounds", **asked(kind))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_holds_everything_twice(kind: str, desk: Desk, tmp_path: Path) -> None:
    account = desk.file(WRITERS[kind]([*sound(30), *sound(30)], tmp_path), layer="compounds", dry_run=True, **asked(kind))
    assert account.counts() == {"compounds": {"read": 60, "accepted": 30, "repaired": 0, "quarantined": 30}}


# --- what is told of where new features lie


def test_the_same_data_in_another_system_without_codes_is_told(desk: Desk) -> None:
    """Hydrants without code and name: each import makes new ones, which then lie exactly where the others are."""
    rows = [{"压力": f"0.{n}"} for n in range(1, 7)]
    degrees = [wkb_point(112.98 + n * 0.001, 34.75) for n in range(6)]
    there, back = (pyproj.Transformer.from_crs(*pair, always_xy=True).transform for pair in ((4326, 4547), (4547, 4326)))
    metric = [wkb_point(*back(*(round(v, 3) for v in there(112.98 + n * 0.001, 34.75)))) for n in range(6)]
    assert metric != degrees
    first, second = desk.rows(rows, degrees, layer="hydrants"), desk.rows(rows, metric, layer="hydrants")
    assert (first.notes, second.to_json()["inserted"]) == ([], {"hydrants": 6})
    assert [n.en for n in second.notes] == [
        "Hydrants: 6 new features lie exactly where others are already (h-{}): the same data again, perhaps in another coordinate system and without "
        "codes? If so, undo this import".format(", h-".join(c[2:] for c in desk.column("hydrants", "code")[6:9]) + " …")
    ]


def test_neighbours_and_features_placed_by_name_are_no_doubles(desk: Desk) -> None:
    desk.rows([{"编号": "A", "小区名称": "甲"}], [wkb_square(112.98, 34.75)], layer="compounds")
    near = desk.rows([{"编号": "B", "小区名称": "乙"}], [wkb_square(112.981, 34.75)], layer="compounds")
    named = [desk.rows([{"隐患编号": c, "院落编号": "A", "隐患描述": c}], layer="hazards") for c in "XY"]
    assert [note for account in (near, *named) for note in account.notes] == []


def test_a_store_of_few_features_calls_none_of_them_far(desk: Desk) -> None:
    account = desk.rows([{"小区名称": "甲"}, {"小区名称": "乙"}], [wkb_square(112.98, 34.75), wkb_square(87.6, 43.8)], layer="compounds")
    assert account.notes == []


def test_without_the_look_nothing_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(whereabouts, "SAME_DEGREES", -1.0)
    places = [wkb_point(112.98, 34.75)]
    desk.rows([{"压力": "0.1"}], places, layer="hydrants")
    account = desk.rows([{"压力": "0.2"}], places, layer="hydrants")
    assert (account.to_json()["inserted"], account.notes) == ({"hydrants": 1}, [])


def test_every_fate_has_its_sentence() -> None:
    fates = {truth for _, truths in FAULTS for truth in truths.values()} - {"accepted"}
    assert fates <= REASONS.keys()
