"""GeoParquet in every encoding and way to say a CRS, plain Parquet as a table; footers that lie or are missing."""

from __future__ import annotations

import datetime as dt
import decimal
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj
import pytest
import shapely
from pyarrow import parquet as pq

from geo import sandbox
from geo.errors import CrsNotDeclared, TooLarge, UnreadableFile
from geo.formats import parquet
from geo.formats.contract import ReadRequest
from geo.formats.limits import Limits

ReadHere = Callable[..., list[Any]]
POINTS = [shapely.Point(113, 34), None, shapely.Point(114, 35)]


def write(path: Path, columns: dict[str, Any], geo: Any = None, **options: Any) -> Path:
    table = pa.table(columns)
    if geo is not None:
        table = table.replace_schema_metadata({"geo": geo if isinstance(geo, bytes) else json.dumps(geo).encode()})
    pq.write_table(table, path, **options)
    return path


def about(encoding: str = "WKB", **more: Any) -> dict[str, Any]:
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": encoding, "geometry_types": [], **more}}}


def wkb(shapes: list[Any]) -> pa.Array:
    return pa.array([None if s is None else shapely.to_wkb(s) for s in shapes], pa.binary())


def test_values_of_every_type(read_here: ReadHere, tmp_path: Path) -> None:
    columns: dict[str, Any] = {
        "文": pa.array(["南苑", None, ""]),
        "int": pa.array([1, None, 2**62], pa.int64()),
        "float": pa.array([1.5, float("nan"), float("inf")]),
        "bool": pa.array([True, None, False]),
        "date": pa.array([dt.date(2024, 1, 31), None, dt.date(1, 1, 1)]),
        "moment": pa.array([dt.datetime(2024, 1, 31, 10, 20), None, dt.datetime(2024, 1, 31)], pa.timestamp("ns")),
        "zoned": pa.array([0, None, 1_700_000_000_000], pa.timestamp("ms", "Asia/Shanghai")),
        "money": pa.array([decimal.Decimal("4.50"), None, decimal.Decimal("12345678901234567.25")], pa.decimal128(20, 2)),
        "kind": pa.array(["a", None, "b"]).dictionary_encode(),
        "list": pa.array([[1, 2], None, []]),
        "struct": pa.array([{"a": 1}, None, {"a": None}]),
        "blob": pa.array([b"x", None, b"y"]),
        "geometry": wkb(POINTS),
    }
    (found,) = read_here(write(tmp_path / "小区.parquet", columns, about()))
    assert (found.header.name, found.header.crs, found.header.columns) == ("小区", "EPSG:4326", tuple(columns)[:-1])
    assert found.values[0] == {
        "文": "南苑", "int": 1, "float": 1.5, "bool": True, "date": "2024-01-31", "moment": "2024-01-31 10:20:00", "money": 4.5,
        "zoned": "1970-01-01 00:00:00+00:00", "kind": "a", "list": "[1,2]", "struct": '{"a":1}', "blob": None,
    }  # fmt: skip
    assert set(found.values[1].values()) == {None}
    assert found.values[2] == {
        "文": "", "int": 2**62, "float": "inf", "bool": False, "date": "0001-01-01", "moment": "2024-01-31", "money": "12345678901234567.25",
        "zoned": "2023-11-14 22:13:20+00:00", "kind": "b", "list": "[]", "struct": '{"a":null}', "blob": None,
    }  # fmt: skip
    assert [None if g is None else shapely.from_wkb(g).wkt for g in found.geometry] == ["POINT (113 34)", None, "POINT (114 35)"]


TM = pyproj.CRS("EPSG:4547").to_json_dict()
CRSS: list[tuple[dict[str, Any], str | None]] = [
    ({}, "EPSG:4326"),
    ({"crs": TM}, "EPSG:4547"),
    ({"crs": {k: v for k, v in TM.items() if k != "id"}}, "EPSG:4547"),
    ({"crs": {"id": {"authority": "OGC", "code": "CRS84"}}}, "EPSG:4326"),
    ({"crs": pyproj.CRS("EPSG:4490").to_json_dict()}, "EPSG:4490"),
    ({"crs": None}, None),
    ({"crs": {"id": {"authority": "http://127.0.0.1:1/", "code": 1}}}, None),
    ({"crs": "file:///etc/passwd"}, None),
    ({"crs": [1]}, None),
]


@pytest.mark.parametrize(("said", "crs"), CRSS)
def test_ways_to_say_a_crs(said: dict[str, Any], crs: str | None, read_here: ReadHere, tmp_path: Path) -> None:
    at = shapely.Point(408_433, 3_847_313) if crs == "EPSG:4547" else shapely.Point(113, 34)
    path = write(tmp_path / "a.parquet", {"geometry": wkb([at] * 2)}, about(**said))
    if crs is None:
        with pytest.raises(CrsNotDeclared):
            read_here(path)
    else:
        (found,) = read_here(path)
        assert found.header.crs == crs


NATIVE = {
    "point": shapely.points([[1, 2], [3, 4]]),
    "linestring": shapely.from_wkt(["LINESTRING (0 0, 1 1)", "LINESTRING (2 2, 3 3, 4 4)"]),
    "polygon": shapely.from_wkt(["POLYGON ((0 0, 4 0, 4 4, 0 0), (3 1, 3.5 1, 3.5 1.5, 3 1))", "POLYGON ((5 5, 6 5, 6 6, 5 5))"]),
    "multipoint": shapely.from_wkt(["MULTIPOINT ((1 1), (2 2))", "MULTIPOINT ((3 3), (4 4))"]),
    "multilinestring": shapely.from_wkt(["MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))", "MULTILINESTRING ((5 5, 6 6), (7 7, 8 8))"]),
    "multipolygon": shapely.from_wkt(
        ["MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((2 2, 3 2, 3 3, 2 2)))", "MULTIPOLYGON (((5 5, 6 5, 6 6, 5 5)), ((7 7, 8 7, 8 8, 7 7)))"]
    ),
}


def arrow_of(shapes: Any, *, struct: bool) -> pa.Array:
    """GeoArrow by hand, as its specification nests it."""
    _, xy, offsets = shapely.to_ragged_array(shapes)
    if struct:
        level = pa.StructArray.from_arrays([pa.array(xy[:, 0]), pa.array(xy[:, 1])], ["x", "y"])
    else:
        level = pa.FixedSizeListArray.from_arrays(pa.array(xy.ravel()), 2)
    for o in offsets:
        level = pa.ListArray.from_arrays(pa.array(o.astype(np.int32)), level)
    return level


@pytest.mark.parametrize("struct", [True, False])
@pytest.mark.parametrize("encoding", NATIVE)
def test_native_encodings(encoding: str, struct: bool, read_here: ReadHere, tmp_path: Path) -> None:
    made = arrow_of(NATIVE[encoding], struct=struct)
    column = pa.concat_arrays([made.slice(1, 1), pa.nulls(1, made.type), made])
    (found,) = read_here(write(tmp_path / "a.parquet", {"geometry": column}, about(encoding)))
    wanted = [NATIVE[encoding][1], None, *NATIVE[encoding]]
    assert [g is None for g in found.geometry] == [False, True, False, False]
    assert all(shapely.equals(shapely.from_wkb(g), w) for g, w in zip(found.geometry, wanted, strict=True) if w is not None)


def test_a_column_that_is_not_what_it_says(read_here: ReadHere, tmp_path: Path) -> None:
    for i, (column, encoding) in enumerate(
        [(pa.array([1, 2]), "polygon"), (pa.array(["x", "y"]), "WKB"), (pa.array([[1.0], [2.0]]), "linestring"), (pa.array([b"x"]), "twkb")]
    ):
        with pytest.raises(UnreadableFile):
            read_here(write(tmp_path / f"{i}.parquet", {"geometry": column}, about(encoding)))


def test_bad_shapes_are_records_with_reasons(read_here: ReadHere, tmp_path: Path) -> None:
    deep = shapely.Point(1, 2)
    for _ in range(30):
        deep = shapely.GeometryCollection([deep])
    blobs = [
        shapely.to_wkb(deep),
        b"\x01\x08\0\0\0\x01\0\0\0",
        b"junk",
        shapely.to_wkb(shapely.Point(1, 2))[:-3],
        shapely.to_wkb(shapely.Point(200, 1)),
    ]
    (found,) = read_here(write(tmp_path / "a.parquet", {"geometry": pa.array(blobs, pa.binary())}, about()))
    assert found.codes == ["damaged-record", "geometry-type", "damaged-record", "damaged-record", "outside-crs"]


def test_other_geometry_columns_and_the_boxes_are_no_values(read_here: ReadHere, tmp_path: Path) -> None:
    geo = about(covering={"bbox": {"xmin": ["bbox", "xmin"], "xmax": ["bbox", "xmax"]}}, edges="spherical")
    geo["columns"]["centre"] = {"encoding": "WKB", "geometry_types": []}
    columns = {"n": pa.array([1]), "bbox": pa.array([{"xmin": 1.0}]), "centre": wkb([POINTS[0]]), "geometry": wkb([POINTS[0]])}
    (found,) = read_here(write(tmp_path / "a.parquet", columns, geo))
    assert found.values == [{"n": 1}]
    assert [en for _, en in found.header.notes] == [
        "the edges of the file run on a sphere; they are read as straight lines",
        "another geometry column, 'centre', was not read",
    ]


def test_plain_parquet_is_a_table_whose_coordinates_are_found(read_here: ReadHere, tmp_path: Path) -> None:
    columns = {"名称": pa.array(["a", "b"]), "经度": pa.array([2.35, None]), "纬度": pa.array([48.85, None])}
    (found,) = read_here(write(tmp_path / "a.parquet", columns))
    assert shapely.from_wkb(found.geometry[0]).wkt == "POINT (2.35 48.85)"
    assert found.geometry[1] is None
    (plain,) = read_here(write(tmp_path / "b.parquet", {"名称": pa.array(["a"])}))
    assert (plain.header.has_places, plain.values) == (False, [{"名称": "a"}])


def test_several_row_groups_come_in_order(read_here: ReadHere, tmp_path: Path) -> None:
    n = 12_345
    shapes = pa.array(shapely.to_wkb(shapely.points(np.arange(n) / 100, np.arange(n) % 90)).tolist(), pa.binary())
    path = write(tmp_path / "a.parquet", {"i": pa.array(range(n)), "geometry": shapes}, about(), row_group_size=1000)
    assert pq.ParquetFile(path).metadata.num_row_groups == 13
    (found,) = read_here(path)
    assert [v["i"] for v in found.values] == list(range(n))
    assert np.array_equal(shapely.get_x(shapely.from_wkb(found.geometry)), np.arange(n) / 100)


def test_damage_is_refused(read_here: ReadHere, tmp_path: Path) -> None:
    data = write(tmp_path / "a.parquet", {"n": pa.array(range(1000)), "geometry": wkb([POINTS[0]] * 1000)}, about()).read_bytes()
    broken = {
        "cut": data[:-1],
        "half": data[: len(data) // 2],
        "length": data[:-8] + b"\xff\xff\xff\x7f" + data[-4:],
        "locked": data[:-4] + b"PARE",
        "footer": data[:-60] + bytes(52) + data[-8:],
        "page": data[:20] + bytes(b ^ 0xFF for b in data[20:80]) + data[80:],
        "magic only": b"PAR1",
    }
    for name, blob in broken.items():
        (tmp_path / f"{name}.parquet").write_bytes(blob)
        with pytest.raises(UnreadableFile) as caught:
            read_here(tmp_path / f"{name}.parquet")
        assert str(tmp_path) not in f"{caught.value}"


@pytest.mark.parametrize(
    "geo", [b"{", b"[]", b'{"columns": 1, "primary_column": "geometry"}', b'{"columns": {}, "primary_column": "geometry"}']
)
def test_metadata_that_is_none_is_refused(geo: bytes, read_here: ReadHere, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_here(write(tmp_path / "a.parquet", {"geometry": wkb(POINTS)}, geo))


def test_the_caps_hold_before_a_row_is_read(read_here: ReadHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of equal values is packed a thousandfold: a small file may hold any number of rows."""
    path = write(tmp_path / "a.parquet", {"n": pa.array(np.zeros(300_000))})
    assert path.stat().st_size < 3_000
    with pytest.raises(TooLarge, match="200000 records"):
        read_here(path)
    with pytest.raises(TooLarge, match="unpacked"):
        read_here(path, limits=Limits(features=400_000, unpacked=500))
    wide = write(tmp_path / "b.parquet", {f"c{i}": pa.array([1]) for i in range(130)})
    with pytest.raises(TooLarge, match="columns"):
        read_here(wide)
    monkeypatch.setattr(parquet, "_check_sizes", lambda *_: None)
    monkeypatch.setattr("geo.formats.dataset.Dataset.check_size", lambda *_: None)
    (found,) = read_here(path, limits=Limits(features=400_000))
    assert found.header.count == 300_000


def test_in_the_child(tmp_path: Path) -> None:
    """The guarded process: two gigabytes of address space must be enough for the library."""
    path = write(tmp_path / "a.parquet", {"geometry": wkb(POINTS)}, about())
    with sandbox.read(path, ReadRequest()) as parts:
        header, chunk = parts
    assert (header.count, len(chunk.geometry)) == (3, 3)  # type: ignore[union-attr]
