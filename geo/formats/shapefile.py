"""Shapefiles: records are counted and judged from the bytes, shapes are decoded by GDAL, attributes by `dbf`; every record is accounted for."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import crs
from geo.errors import Text, UnreadableFile
from geo.formats import dbf, doctor, gdal
from geo.formats.dataset import ROWS, Dataset, Raw
from geo.formats.problems import Problem, problem
from geo.geometry import Geometries, array_of, wkb_is_shallow

_HEAD = 100
_SHAPES = frozenset((1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28))


@dataclass(slots=True)
class _Index:
    """Where the records lie in the .shp: byte offset, content length and shape type of each; `damaged` ones have type -1."""

    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]
    types: NDArray[np.int64]
    notes: list[Text] = field(default_factory=list)


def dataset(shp: Path, name: str, *, asked: str | None) -> Dataset:
    """The dataset of a .shp with whatever lies beside it under the same name. Raises UnreadableFile."""
    index = _index(shp)
    table_path = shp.with_suffix(".dbf")
    table = dbf.read(table_path) if table_path.exists() else None
    encoding = _encoding(shp, table, asked)
    reader = _Reader(_for_gdal(shp, index), index, table, encoding.name)
    out = Dataset(name, "ESRI Shapefile", reader.columns, reader.count, reader.chunks, layer_hint=name)
    if table is not None:
        out.encoding = doctor.shown(encoding.name)
        out.encodings = [(doctor.shown(n), texts) for n, texts in encoding.tried]
    for text in (*index.notes, *reader.notes):
        out.note(text)
    _declare(out, shp)
    return out


def table_only(path: Path, name: str, *, asked: str | None) -> Dataset:
    """A .dbf without shapes: a plain table."""
    from geo.formats.headings import Table
    from geo.formats.tables import from_table

    table = dbf.read(path)
    encoding = _encoding(path, table, asked)
    keep = np.flatnonzero(~table.deleted)
    values, problems, _ = table.values(0, len(table.rows), encoding.name)
    rows = [list(r) for i, r in enumerate(zip(*values, strict=True)) if not table.deleted[i]]
    out = from_table(Table(table.names(encoding.name), rows), name, "DBF", encoding=doctor.shown(encoding.name))
    out.encodings = [(doctor.shown(n), texts) for n, texts in encoding.tried]
    undecodable = {int(np.searchsorted(keep, i)): p for i, p in problems.items() if not table.deleted[i]}
    return _with_problems(out, undecodable, table)


def _with_problems(out: Dataset, problems: dict[int, Problem], table: dbf.Dbf) -> Dataset:
    plain = out.chunks

    def chunks() -> Iterator[Raw]:
        start = 0
        for raw in plain():
            raw.problems.update({i - start: p for i, p in problems.items() if start <= i < start + raw.count})
            start += raw.count
            yield raw

    out.chunks = chunks
    if len(table.rows) < table.stated:
        missing = table.stated - len(table.rows)
        out.note(
            Text(
                f"文件头说有 {table.stated} 条记录，实际缺 {missing} 条",
                f"the header promises {table.stated} records, {missing} of them are not there",
            )
        )
    return out


def _encoding(path: Path, table: dbf.Dbf | None, asked: str | None) -> doctor.Encoding:
    """.cpg, then the header byte, then strict UTF-8, then GB18030."""
    if table is None:
        return doctor.Encoding("utf-8", ())
    cpg = path.with_suffix(".cpg")
    said = cpg.read_bytes()[:40].decode("ascii", "replace").strip() if cpg.exists() else ""
    return doctor.pick_encoding(table.texts(), said=said if doctor.codec(said) else table.said, asked=asked)


def _declare(out: Dataset, shp: Path) -> None:
    prj = shp.with_suffix(".prj")
    if not prj.exists():
        return
    text = prj.read_bytes()[:65536].decode("utf-8", "replace").lstrip("\ufeff")
    out.source = crs.declared(text)
    if out.source is None:
        out.note(Text(".prj 中的坐标系无法识别", "the coordinate system in the .prj cannot be understood"))
    elif out.source.warning:
        out.note(out.source.warning)


# --- the records of the .shp


def _index(shp: Path) -> _Index:
    """The records one after the other; where that breaks off, as far as the .shx knows better, else the rest is damaged."""
    whole = shp.read_bytes()
    if len(whole) < _HEAD or whole[:4] != b"\x00\x00\x27\x0a":
        raise UnreadableFile(Text("SHP 文件头已损坏", "the header of the .shp is damaged"))
    data = np.frombuffer(whole, dtype=np.uint8)
    listed = _listed(shp.with_suffix(".shx"))
    notes: list[Text] = []
    if listed is not None and len(listed) and _in_sequence(listed, len(data)) and _sound(data, listed):
        found, end = listed, len(data)
    else:
        found, end = _walk(whole)
        if listed is None:
            notes.append(Text("缺少 .shx，已按 .shp 逐条读取", "the .shx is missing: records were read one by one from the .shp"))
        elif len(listed) and end < len(data) and _sound(data, listed):
            found, end = listed, len(data)
        if listed is not None and len(listed) != len(found):
            counts = Text(f".shx 有 {len(listed)} 条", f"the .shx lists {len(listed)} records")
            notes.append(Text(f"{counts.zh}，.shp 中可读 {len(found)} 条", f"{counts.en}, {len(found)} can be read from the .shp"))
    if end < len(data):
        notes.append(Text(".shp 的后部已损坏", "the end of the .shp is damaged"))
    total = max(len(found), 0 if listed is None else len(listed))
    offsets, lengths = np.zeros(total, dtype=np.int64), np.zeros(total, dtype=np.int64)
    offsets[: len(found)], lengths[: len(found)] = found[:, 0], found[:, 1]
    types = np.full(total, -1, dtype=np.int64)
    types[: len(found)] = _types(data, found)
    return _Index(offsets, lengths, types, notes)


def _walk(data: bytes) -> tuple[NDArray[np.int64], int]:
    """(offset, content length in bytes) of records in sequence, and where the sequence ends."""
    at = _HEAD
    out: list[tuple[int, int]] = []
    while at + 12 <= len(data):
        number, words = struct.unpack_from(">ii", data, at)
        if words < 2 or at + 8 + 2 * words > len(data) or number not in (len(out) + 1, len(out)):
            break
        out.append((at, 2 * words))
        at += 8 + 2 * words
    return np.array(out, dtype=np.int64).reshape(-1, 2), at


def _listed(shx: Path) -> NDArray[np.int64] | None:
    """(offset, content length in bytes) as the .shx has them; None when there is none."""
    if not shx.exists():
        return None
    body = shx.read_bytes()[_HEAD:]
    return np.frombuffer(body[: len(body) // 8 * 8], dtype=">i4").astype(np.int64).reshape(-1, 2) * 2


def _in_sequence(listed: NDArray[np.int64], size: int) -> bool:
    """Whether the entries follow one another from the header to the end of the file without a gap."""
    ends = listed[:, 0] + 8 + listed[:, 1]
    return bool(listed[0, 0] == _HEAD and ends[-1] == size and (listed[1:, 0] == ends[:-1]).all())


def _sound(data: NDArray[np.uint8], listed: NDArray[np.int64]) -> bool:
    """Whether every entry of the .shx points at a record of that length."""
    offsets, lengths = listed[:, 0], listed[:, 1]
    if not ((offsets >= _HEAD) & (lengths >= 4) & (offsets + 8 + lengths <= len(data))).all():
        return False
    return bool((_numbers(data, offsets + 4, ">i4") * 2 == lengths).all())


def _numbers(data: NDArray[np.uint8], at: NDArray[np.int64], kind: str) -> NDArray[np.int64]:
    """The 4-byte integers at these positions; 0 where one would reach beyond the end."""
    inside = (at >= 0) & (at + 4 <= len(data))
    cells = data[np.where(inside, at, 0)[:, None] + np.arange(4)]
    return np.where(inside, np.ascontiguousarray(cells).view(kind).ravel().astype(np.int64), 0)


def _types(data: NDArray[np.uint8], found: NDArray[np.int64]) -> NDArray[np.int64]:
    """The shape type of each record, -1 where the counts inside it do not fit into its length."""
    offsets, lengths = found[:, 0], found[:, 1]
    types = _numbers(data, offsets + 8, "<i4")
    first, second = _numbers(data, offsets + 44, "<i4"), _numbers(data, offsets + 48, "<i4")
    parted = np.isin(types, (3, 5, 13, 15, 23, 25, 31))
    many = np.isin(types, (8, 18, 28))
    fits = (types == 0) | (np.isin(types, (1, 11, 21)) & (lengths >= 20))
    fits |= parted & (lengths >= 44) & (first > 0) & (first <= second) & (44 + 4 * first + 16 * second <= lengths)
    fits |= many & (lengths >= 40) & (first > 0) & (16 * first <= lengths - 40)
    return np.where(fits, types, -1)


def _for_gdal(shp: Path, index: _Index) -> Path | None:
    """The .shp under a name of its own with an index of our making that lists only what can be decoded; None when nothing can."""
    good = np.flatnonzero(np.isin(index.types, list(_SHAPES)))
    if not len(good):
        return None
    target = shp.with_name("shapes.shp")
    shp.rename(target)
    head = bytearray(target.open("rb").read(_HEAD))
    head[24:28] = ((_HEAD + 8 * len(good)) // 2).to_bytes(4, "big")
    pairs = np.column_stack([index.offsets[good] // 2, index.lengths[good] // 2]).astype(">i4")
    target.with_suffix(".shx").write_bytes(bytes(head) + pairs.tobytes())
    return target


class _Reader:
    """Joins shapes and attributes by record number."""

    def __init__(self, shapes: Path | None, index: _Index, table: dbf.Dbf | None, encoding: str) -> None:
        self._shapes, self._index, self._table, self._encoding = shapes, index, table, encoding
        stated = table.stated if table else 0
        total = max(len(index.types), len(table.rows) if table else 0, min(stated, len(index.types)))
        deleted = np.zeros(total, dtype=bool)
        if table is not None:
            deleted[: len(table.rows)] = table.deleted[:total]
        self._records = np.flatnonzero(~deleted)
        self._good = np.cumsum(np.isin(index.types, list(_SHAPES))) - 1
        self.count = len(self._records)
        self.columns = table.names(encoding) if table else []
        self.notes = self._notes(stated, int(deleted.sum()))

    def _notes(self, stated: int, deleted: int) -> list[Text]:
        notes = []
        shapes = len(self._index.types)
        if self._table is None:
            notes.append(Text("缺少 .dbf，没有属性", "the .dbf is missing: there are no attributes"))
        elif stated != shapes or len(self._table.rows) != stated:
            notes.append(
                Text(
                    f"条数不一致：.shp {shapes}，.dbf 说 {stated}、实有 {len(self._table.rows)}",
                    f"counts differ: .shp {shapes}, .dbf says {stated} and holds {len(self._table.rows)}",
                )
            )
        if deleted:
            notes.append(Text(f"{deleted} 条已标记删除，未读取", f"{deleted} records are marked as deleted and were not read"))
        return notes

    def chunks(self) -> Iterator[Raw]:
        for start in range(0, self.count, ROWS):
            yield self._chunk(self._records[start : start + ROWS])

    def _chunk(self, records: NDArray[np.intp]) -> Raw:
        values, problems, repairs = self._attributes(records)
        geometry = array_of([None] * len(records))
        types = np.full(len(records), -1, dtype=np.int64)
        known = records < len(self._index.types)
        types[known] = self._index.types[records[known]]
        good = np.isin(types, list(_SHAPES))
        if good.any():
            geometry[good] = self._decode(self._good[records[good]], problems, np.flatnonzero(good))
        for i in np.flatnonzero(types == -1):
            problems[int(i)] = problem("damaged-record", "图形缺失或已损坏", "its shape is missing or damaged")
        for i in np.flatnonzero((types > 0) & ~good):
            problems.setdefault(int(i), problem("geometry-type", f"{types[i]}", f"shape type {types[i]}"))
        return Raw(values, geometry, len(records), problems, repairs)

    def _decode(self, wanted: NDArray[np.intp], problems: dict[int, Problem], places: NDArray[np.intp]) -> Geometries:
        """The shapes with the numbers `wanted` in our index (ascending)."""
        if self._shapes is None:
            return array_of([None] * len(wanted))
        first, last = int(wanted[0]), int(wanted[-1])
        blobs = gdal.read_wkb(self._shapes, skip=first, count=last - first + 1)
        chosen = [blobs[int(w) - first] if int(w) - first < len(blobs) else None for w in wanted]
        safe = [b if b is not None and wkb_is_shallow(b) else None for b in chosen]
        with np.errstate(invalid="ignore"):
            out = shapely.from_wkb(array_of(safe), on_invalid="ignore")
        for i in np.flatnonzero(shapely.is_missing(out)):
            problems.setdefault(int(places[i]), problem("damaged-record", "图形无法解析", "its shape cannot be decoded"))
        return array_of(out.tolist())

    def _attributes(self, records: NDArray[np.intp]) -> tuple[Sequence[Sequence[object]], dict[int, Problem], dict[int, list[str]]]:
        if self._table is None:
            return [], {}, {}
        there = int(np.searchsorted(records, len(self._table.rows)))
        if not there:
            return [[None] * len(records) for _ in self.columns], dict.fromkeys(range(len(records)), _NO_ROW), {}
        first, last = int(records[0]), int(records[there - 1])
        values, problems, repairs = self._table.values(first, last + 1, self._encoding)
        at = {int(r) - first: i for i, r in enumerate(records[:there])}
        columns = [[column[k] for k in at] + [None] * (len(records) - there) for column in values]
        missing = dict.fromkeys(range(there, len(records)), _NO_ROW)
        return columns, {**{at[k]: p for k, p in problems.items() if k in at}, **missing}, {at[k]: r for k, r in repairs.items() if k in at}


_NO_ROW = problem("damaged-record", "属性缺失", "its attributes are missing")
