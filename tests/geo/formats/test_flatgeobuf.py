"""FlatGeobuf: records are counted from the bytes; what breaks off, lies or points elsewhere is refused before GDAL sees it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo import sandbox
from geo.errors import HostileFile, Refused, TooLarge, UnreadableFile
from geo.formats import flatgeobuf, ogrlayers
from geo.formats.contract import ReadRequest
from geo.formats.limits import Limits

ReadHere = Callable[..., list[Any]]
SQUARES = [shapely.box(113 + i / 10, 34, 113.05 + i / 10, 34.05) for i in range(20)]


def make(path: Path, *, index: bool = True, crs: str | None = "EPSG:4326", shapes: list[Any] | None = None) -> Path:
    import pyogrio

    found = SQUARES if shapes is None else shapes
    count = len(found)
    when = np.array(["2024-01-31T10:20:30", "NaT"] * count, dtype="datetime64[ms]")[:count]
    pyogrio.raw.write(
        path, np.array(shapely.to_wkb(found), dtype=object),
        [
            np.array([f"小区{i}" for i in range(count)], dtype=object),
            np.array([i / 4 for i in range(count)]),
            np.array([2**53 + i for i in range(count)]),
            np.array([i % 2 == 0 for i in range(count)]),
            when,
        ],
        ["名称", "宽", "编号", "通", "时间"],
        field_mask=[None, np.array([i == 3 for i in range(count)]), None, None, None],
        driver="FlatGeobuf", geometry_type="Unknown", crs=crs, SPATIAL_INDEX="YES" if index else "NO",
    )  # fmt: skip
    return path


pytestmark = pytest.mark.filterwarnings("ignore:'crs' was not provided")


@pytest.mark.parametrize("index", [True, False])
def test_values_and_shapes(index: bool, read_here: ReadHere, tmp_path: Path) -> None:
    (found,) = read_here(make(tmp_path / "小区.fgb", index=index))
    assert (found.header.name, found.header.count, found.header.crs) == ("小区", 20, "EPSG:4326")
    rows = {row["名称"]: (row, shapely.from_wkb(g)) for row, g in zip(found.values, found.geometry, strict=True)}
    assert rows["小区0"][0] == {"名称": "小区0", "宽": 0.0, "编号": 2**53, "通": True, "时间": "2024-01-31 10:20:30"}
    assert rows["小区3"][0] == {"名称": "小区3", "宽": None, "编号": 2**53 + 3, "通": False, "时间": None}
    assert all(shapely.equals(rows[f"小区{i}"][1], s) for i, s in enumerate(SQUARES))


def test_no_features_and_one(read_here: ReadHere, tmp_path: Path) -> None:
    assert [f.header.count for f in read_here(make(tmp_path / "one.fgb", shapes=SQUARES[:1]))] == [1]
    assert [f.header.count for f in read_here(make(tmp_path / "none.fgb", shapes=[]))] == [0]


def test_without_a_crs_it_is_asked_for_and_mixed_kinds_are_read(read_here: ReadHere, tmp_path: Path) -> None:
    shapes = [shapely.Point(113, 34), shapely.LineString([(113, 34), (113.1, 34)]), None]
    path = make(tmp_path / "a.fgb", crs=None, shapes=shapes, index=False)
    with pytest.raises(Refused, match="coordinate system"):
        read_here(path)
    (found,) = read_here(path, crs="EPSG:4326")
    assert [None if g is None else shapely.from_wkb(g).geom_type for g in found.geometry] == ["Point", "LineString", None]


def _header_end(data: bytes) -> int:
    return 12 + struct.unpack_from("<I", data, 8)[0]


@pytest.mark.parametrize("index", [True, False])
def test_any_cut_is_refused_with_what_is_there(index: bool, read_here: ReadHere, tmp_path: Path) -> None:
    data = make(tmp_path / "a.fgb", index=index).read_bytes()
    for size in (9, 12, 40, _header_end(data) + 1, len(data) // 2, len(data) - 1):
        path = tmp_path / f"cut{size}.fgb"
        path.write_bytes(data[:size])
        with pytest.raises(UnreadableFile):
            read_here(path)


def test_a_header_that_promises_more_is_refused(read_here: ReadHere, tmp_path: Path) -> None:
    data = bytearray(make(tmp_path / "a.fgb", index=False).read_bytes())
    at = data.index(struct.pack("<Q", 20), 12, _header_end(data))
    data[at : at + 8] = struct.pack("<Q", 21)
    (tmp_path / "b.fgb").write_bytes(data)
    with pytest.raises(UnreadableFile, match="promises 21 records, the file holds 20"):
        read_here(tmp_path / "b.fgb")


def test_control_without_the_walk_missing_records_would_be_seen_by_the_count(read_here: ReadHere, tmp_path: Path, monkeypatch: Any) -> None:
    """The second guard: what GDAL gives is counted again."""
    monkeypatch.setattr(flatgeobuf, "_count", lambda *_: 21)
    with pytest.raises(UnreadableFile, match="'a' should hold 21 records, 20 can be read"):
        read_here(make(tmp_path / "a.fgb"))


def test_a_crs_that_is_an_address_is_refused(read_here: ReadHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make(tmp_path / "a.fgb", index=False).read_bytes()
    at = data.rindex(b"EPSG", 12, _header_end(data))
    (tmp_path / "b.fgb").write_bytes(data[:at] + b"/etc" + data[at + 4 :])
    with pytest.raises(HostileFile, match="address"):
        read_here(tmp_path / "b.fgb")
    monkeypatch.setattr(flatgeobuf, "_check_crs", lambda _: None)
    opened: list[Any] = []
    monkeypatch.setattr(ogrlayers, "dataset", lambda layer: opened.append(layer.title))
    with pytest.raises(AttributeError):
        read_here(tmp_path / "b.fgb")
    assert opened == ["b"]


def test_the_caps(read_here: ReadHere, tmp_path: Path) -> None:
    path = make(tmp_path / "a.fgb")
    with pytest.raises(TooLarge, match="19 records"):
        read_here(path, limits=Limits(features=19))
    with pytest.raises(TooLarge, match="4 columns"):
        read_here(path, limits=Limits(columns=4))


def test_in_the_child_with_its_one_driver(tmp_path: Path) -> None:
    """The guarded process, where GDAL has no other driver."""
    with sandbox.read(make(tmp_path / "a.fgb"), ReadRequest()) as parts:
        header, chunk = parts
    assert (header.count, len(chunk.geometry)) == (20, 20)  # type: ignore[union-attr]
