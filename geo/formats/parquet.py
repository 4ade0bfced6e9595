"""GeoParquet, and plain Parquet as a table: counts and sizes from the footer first, then one row group after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyproj
import shapely

from geo import crs
from geo.errors import HostileFile, Text, TooLarge, UnreadableFile, YuantuError
from geo.formats import arrow, places
from geo.formats.contract import RawValue
from geo.formats.dataset import ROWS, Dataset, Raw
from geo.formats.limits import Limits
from geo.formats.problems import Problem
from geo.geometry import Geometries, array_of

_MOST_FOOTER = 16 * 1024 * 1024
_MOST_METADATA = 1024 * 1024
_SAMPLE = 500
_NATIVE = {
    "point": (shapely.GeometryType.POINT, 0),
    "linestring": (shapely.GeometryType.LINESTRING, 1),
    "polygon": (shapely.GeometryType.POLYGON, 2),
    "multipoint": (shapely.GeometryType.MULTIPOINT, 1),
    "multilinestring": (shapely.GeometryType.MULTILINESTRING, 2),
    "multipolygon": (shapely.GeometryType.MULTIPOLYGON, 3),
}
"""Encodings of GeoArrow: the type of the shapes and how deep their lists nest."""


def dataset(path: Path, name: str, limits: Limits) -> Dataset:
    """The one dataset of a file. Raises UnreadableFile, HostileFile, TooLarge."""
    _check_footer(path)
    try:
        return _dataset(_open(path), name, limits)
    except (YuantuError, MemoryError):
        raise
    except Exception as error:
        raise _damaged(error) from None


def _damaged(error: BaseException) -> UnreadableFile:
    """What the library says may hold a path; it goes to the log only."""
    return UnreadableFile(
        Text("Parquet 已损坏，无法读取", "the Parquet file is damaged and cannot be read"), log=f"{type(error).__name__}: {error}"[:500]
    )


def _check_footer(path: Path) -> None:
    """A file that breaks off has no footer; one that is locked says so."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - 8, 0))
        tail = file.read(8)
    if tail[4:] == b"PARE":
        raise UnreadableFile(Text("Parquet 文件有密码，请去掉后再导入", "the Parquet file is encrypted: save it without"))
    length = int.from_bytes(tail[:4], "little")
    if size < 12 or tail[4:] != b"PAR1" or not 0 < length <= min(size - 8, _MOST_FOOTER):
        raise UnreadableFile(
            Text(
                "Parquet 文件不完整（没有文件尾），请重新导出或传输",
                "the Parquet file is incomplete (it has no footer): export or send it again",
            )
        )


def _open(path: Path) -> Any:
    arrow.library()
    from pyarrow import parquet

    return parquet.ParquetFile(
        str(path),
        memory_map=True,
        pre_buffer=False,
        page_checksum_verification=True,
        thrift_string_size_limit=_MOST_FOOTER,
        thrift_container_size_limit=1_000_000,
    )


# --- what the footer says


@dataclass(frozen=True, slots=True)
class _Shape:
    """The geometry column: its name, its encoding ("wkb" or one of GeoArrow's), what is declared about it."""

    column: str
    encoding: str
    about: Mapping[str, Any]


def _dataset(file: Any, name: str, limits: Limits) -> Dataset:
    schema = file.schema_arrow
    _check_sizes(file.metadata, schema, limits)
    geo = _geo(file.metadata.metadata or {})
    shape, others = _shape(geo, schema)
    hidden = {*([shape.column] if shape else []), *others, *_covering(geo)}
    columns = [n for n in schema.names if n not in hidden]
    if len(set(schema.names)) < len(schema.names):
        raise UnreadableFile(Text("Parquet 文件里有同名的列", "two columns of the Parquet file have the same name"))
    reader = _Reader(file, columns, shape)
    if shape is None:
        reader.find_places()
    out = Dataset(
        name, "Parquet", columns, file.metadata.num_rows, reader.chunks, has_places=shape is not None or reader.places is not None
    )
    out.layer_hint = name
    if shape is not None:
        _declare(out, shape)
        for other in others:
            out.note(Text(f"另有几何列“{other}”未读取", f"another geometry column, '{other}', was not read"))
    return out


def _check_sizes(about: Any, schema: Any, limits: Limits) -> None:
    groups = [about.row_group(i) for i in range(about.num_row_groups)]
    if about.num_rows < 0 or sum(g.num_rows for g in groups) != about.num_rows or any(g.num_rows < 0 for g in groups):
        raise HostileFile(Text("Parquet 的行数前后不一", "the row counts of the Parquet file contradict one another"))
    if about.num_rows > limits.features:
        raise TooLarge(Text(f"记录超过 {limits.features} 条，请分成几个文件", f"more than {limits.features} records: split the file"))
    if about.num_columns > limits.columns * 4 or len(schema.names) > limits.columns:
        raise TooLarge(Text(f"列超过 {limits.columns} 个", f"more than {limits.columns} columns"))
    if sum(max(g.total_byte_size, 0) for g in groups) > limits.unpacked:
        raise TooLarge(Text("Parquet 解开后太大", "the Parquet file is too large when unpacked"))


def _geo(metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    """The `geo` member of the file's metadata (a writer that streams adds it at the end, not to the schema), {} when there is none.

    Raises UnreadableFile for one that is no such object.
    """
    raw = metadata.get(b"geo")
    if raw is None:
        return {}
    try:
        if len(raw) > _MOST_METADATA:
            raise ValueError
        geo = orjson.loads(raw)
        if not isinstance(geo, dict) or not isinstance(geo.get("columns"), dict) or not isinstance(geo.get("primary_column"), str):
            raise ValueError
    except ValueError:
        raise UnreadableFile(Text("GeoParquet 的 geo 元数据无效", "the geo metadata of the GeoParquet file is not valid")) from None
    return geo


def _shape(geo: Mapping[str, Any], schema: Any) -> tuple[_Shape | None, list[str]]:
    """The geometry column to read and the names of the others; a file without the metadata may still mark its column."""
    if geo:
        about = geo["columns"].get(geo["primary_column"])
        encoding = about.get("encoding") if isinstance(about, dict) else None
        if geo["primary_column"] not in schema.names or not isinstance(encoding, str) or encoding.lower() not in ("wkb", *_NATIVE):
            raise UnreadableFile(
                Text(
                    "GeoParquet 的几何列缺失或编码不认识",
                    "the geometry column of the GeoParquet file is missing or its encoding is unknown",
                )
            )
        others = [n for n in geo["columns"] if n != geo["primary_column"] and n in schema.names]
        return _Shape(geo["primary_column"], encoding.lower(), about), others
    marked = [f.name for f in schema if (f.metadata or {}).get(b"ARROW:extension:name") in arrow.GEOMETRY_EXTENSIONS]
    marked += [f.name for f in schema if str(f.type).startswith("extension<geoarrow.wkb") and f.name not in marked]
    return (_Shape(marked[0], "wkb", {"crs": None}), marked[1:]) if marked else (None, [])


def _covering(geo: Mapping[str, Any]) -> set[str]:
    """Columns that only repeat the bounds of each shape."""
    found: set[str] = set()
    for about in (geo.get("columns") or {}).values():
        covering = about.get("covering") if isinstance(about, dict) else None
        bbox = covering.get("bbox") if isinstance(covering, dict) else None
        for way in bbox.values() if isinstance(bbox, dict) else ():
            if isinstance(way, list) and way and isinstance(way[0], str):
                found.add(way[0])
    return found


def _declare(out: Dataset, shape: _Shape) -> None:
    """`crs` is a PROJJSON object; left out it is longitude and latitude on WGS 84, null is "unknown"."""
    said = shape.about.get("crs", "OGC:CRS84")
    out.source = None if said is None else _source(said)
    if said is not None and out.source is None:
        out.note(Text("文件所写的坐标系无法识别", "the coordinate system that the file names cannot be understood"))
    elif out.source and out.source.warning:
        out.note(out.source.warning)
    if shape.about.get("edges") not in (None, "planar"):
        out.note(Text("文件的边是球面上的线，这里按直线读取", "the edges of the file run on a sphere; they are read as straight lines"))


def _source(said: Any) -> crs.Source | None:
    """A CRS by its authority and code, else by its definition; text is only taken as "AUTHORITY:CODE"."""
    if isinstance(said, str):
        if said.upper() in ("OGC:CRS84", "EPSG:4326"):
            return crs.source(crs.STORAGE)
        return crs.declared(said) if re.fullmatch(r"EPSG:\d{4,6}", said, re.IGNORECASE) else None
    if not isinstance(said, dict):
        return None
    known = said.get("id")
    if isinstance(known, dict):
        found = _source(f"{known.get('authority')}:{known.get('code')}")
        if found is not None:
            return found
    try:
        return crs.declared(pyproj.CRS.from_json_dict(said).to_wkt())
    except (pyproj.exceptions.ProjError, TypeError, ValueError, KeyError):
        return None


# --- the rows


@dataclass(slots=True)
class _Reader:
    """Batches of the file as chunks; a table without a geometry column is searched for columns of coordinates."""

    file: Any
    columns: Sequence[str]
    shape: _Shape | None
    places: places.Places | None = None

    def find_places(self) -> None:
        first = next(self._batches(_SAMPLE), None)
        if first is not None:
            values = [arrow.plain(first.column(c)) for c in self.columns]
            self.places = places.find(list(self.columns), list(zip(*values, strict=True)))

    def _batches(self, rows: int) -> Iterator[Any]:
        wanted = [*self.columns, *([self.shape.column] if self.shape else [])]
        yield from self.file.iter_batches(batch_size=rows, columns=wanted, use_threads=False)

    def chunks(self) -> Iterator[Raw]:
        """Raises UnreadableFile when a page is damaged or the rows are not as many as the footer says."""
        read = 0
        try:
            for batch in self._batches(ROWS):
                read += batch.num_rows
                yield self._chunk(batch)
        except (YuantuError, MemoryError, GeneratorExit):
            raise
        except Exception as error:
            raise _damaged(error) from None
        if read != self.file.metadata.num_rows:
            said = self.file.metadata.num_rows
            raise UnreadableFile(
                Text(
                    f"应有 {said} 条，只能读出 {read} 条；文件已损坏",
                    f"it should hold {said} records, {read} can be read: the file is damaged",
                )
            )

    def _chunk(self, batch: Any) -> Raw:
        values = [arrow.plain(batch.column(c)) for c in self.columns]
        if self.shape is not None:
            geometry, problems = _decoded(batch.column(self.shape.column), self.shape.encoding)
            return Raw(values, geometry, batch.num_rows, problems)
        if self.places is None:
            return Raw(values, None, batch.num_rows)
        rows: list[tuple[RawValue, ...]] = list(zip(*values, strict=True))
        geometry, problems, repairs = places.geometry(self.places, rows)
        return Raw(values, geometry, batch.num_rows, problems, repairs)


def _decoded(column: Any, encoding: str) -> tuple[Geometries, dict[int, Problem]]:
    column = getattr(column, "storage", column)
    if encoding == "wkb":
        values = column.to_pylist()
        if any(v is not None and type(v) is not bytes for v in values):
            raise UnreadableFile(Text("几何列不是二进制", "the geometry column is not binary"))
        return arrow.shapes(values)
    return _native(column, *_NATIVE[encoding]), {}


def _native(column: Any, kind: shapely.GeometryType, depth: int) -> Geometries:
    """GeoArrow's nested lists of positions: the offsets of each level and the flat numbers. Raises UnreadableFile for another structure."""
    out = array_of([None] * len(column))
    there = np.flatnonzero(np.asarray(column.is_valid()))
    level = column.drop_null()
    if not len(level):
        return out
    offsets: list[Any] = []
    try:
        for _ in range(depth):
            raw = np.asarray(level.offsets)
            offsets.append(raw - raw[0])
            level = level.flatten()
        names = {level.type.field(i).name for i in range(level.type.num_fields)} if str(level.type).startswith("struct") else set()
        xy = (
            np.column_stack([np.asarray(level.field("x")), np.asarray(level.field("y"))])
            if names >= {"x", "y"}
            else np.asarray(level.flatten()).reshape(len(level), -1)[:, :2]
        )
        found = shapely.from_ragged_array(kind, np.ascontiguousarray(xy, dtype=np.float64), tuple(reversed(offsets)) or None)
    except (AttributeError, TypeError, ValueError, KeyError, IndexError, shapely.GEOSException) as error:
        raise UnreadableFile(
            Text("几何列的结构与它所说的编码不符", "the geometry column is not built as its encoding says"), log=str(error)[:300]
        ) from None
    out[there] = found
    return out
