"""FlatGeobuf: header and records are walked byte by byte first, then GDAL reads as many records as were found, or the file is refused."""

from __future__ import annotations

import mmap
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from geo.errors import HostileFile, Text, TooLarge, UnreadableFile
from geo.formats import ogrlayers
from geo.formats.dataset import Dataset
from geo.formats.limits import Limits

_MAGIC = 8
_NODE_BYTES = 40
_MOST_HEADER = 10 * 1024 * 1024
_COLUMNS, _COUNT, _NODE_SIZE, _CRS = 7, 8, 9, 10
"""Numbers of the header's fields, and of those of a CRS: organisation and code as text."""
_ORGANISATION, _CODE_TEXT = 0, 5


def dataset(path: Path, name: str, limits: Limits) -> Dataset:
    """The one dataset of a file. Raises UnreadableFile, HostileFile, TooLarge."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            count = _count(data, limits)
        except (struct.error, IndexError, UnicodeDecodeError):
            raise _damaged() from None
    placed = path.with_name(f"{path.name}.fgb")
    path.rename(placed)
    return ogrlayers.dataset(ogrlayers.Layer(placed, "FlatGeobuf", None, count, name))


def _damaged() -> UnreadableFile:
    return UnreadableFile(Text("FlatGeobuf 已损坏，无法读取", "the FlatGeobuf is damaged and cannot be read"))


def _count(data: mmap.mmap, limits: Limits) -> int:
    """The number of records, found by walking from one length to the next; it must be the header's."""
    size = struct.unpack_from("<I", data, _MAGIC)[0]
    if not 8 <= size <= min(_MOST_HEADER, len(data) - _MAGIC - 4):
        raise _damaged()
    header = _Table.root(data, _MAGIC + 4, _MAGIC + 4 + size)
    stated, node = header.number(_COUNT, "<Q", 0), header.number(_NODE_SIZE, "<H", 16)
    if header.vector(_COLUMNS) > limits.columns:
        raise TooLarge(Text(f"列超过 {limits.columns} 个", f"more than {limits.columns} columns"))
    _check_crs(header)
    at = _MAGIC + 4 + size + (_index_bytes(stated, node) if node and stated else 0)
    found = _walk(data, at, limits.features)
    if stated not in (0, found):
        raise UnreadableFile(
            Text(
                f"文件头说有 {stated} 条记录，实有 {found} 条：文件不完整，请重新导出或传输",
                f"the header promises {stated} records, the file holds {found}: it is incomplete, export or send it again",
            )
        )
    return found


def _index_bytes(count: int, node: int) -> int:
    """The size of the packed spatial index."""
    if node < 2:
        raise _damaged()
    total = level = count
    while level > 1 or total == count:
        level = -(-level // node)
        total += level
    return total * _NODE_BYTES


def _walk(data: mmap.mmap, at: int, most: int) -> int:
    found, end, length = 0, len(data), struct.Struct("<I")
    while at + 4 <= end:
        step = length.unpack_from(data, at)[0]
        if step < 8 or at + 4 + step > end:
            break
        at += 4 + step
        found += 1
        if found > most:
            raise TooLarge(Text(f"记录超过 {most} 条，请分成几个文件", f"more than {most} records: split the file"))
    if at != end:
        raise UnreadableFile(
            Text(
                f"FlatGeobuf 在第 {found} 条记录之后中断：文件不完整，请重新导出或传输",
                f"the FlatGeobuf breaks off after record {found}: it is incomplete, export or send it again",
            )
        )
    return found


def _check_crs(header: _Table) -> None:
    """The organisation and code go to GDAL's parser of user input, which also takes addresses and file names."""
    crs = header.table(_CRS)
    if crs is None:
        return
    said = [crs.text(_ORGANISATION), crs.text(_CODE_TEXT)]
    if any(t is not None and not re.fullmatch(r"[\w.-]{0,20}", t, re.ASCII) for t in said):
        raise HostileFile(Text("坐标系指向一个地址，不予读取", "the coordinate system points to an address, which is not followed"))


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of a FlatBuffer between `start` and `end` of the file: its fields are found through its vtable. Reads beyond `end` raise IndexError."""

    data: mmap.mmap
    at: int
    end: int

    @classmethod
    def root(cls, data: mmap.mmap, start: int, end: int) -> _Table:
        return cls(data, start + struct.unpack_from("<I", data, start)[0], end)._checked()

    def _checked(self) -> _Table:
        if not 0 <= self.at <= self.end - 4:
            raise IndexError
        return self

    def _field(self, number: int) -> int | None:
        """Where a field's value stands; None when the table does not have it."""
        table = self.at - struct.unpack_from("<i", self.data, self.at)[0]
        if not 0 <= table <= self.end - 4:
            raise IndexError
        size = struct.unpack_from("<H", self.data, table)[0]
        slot = 4 + 2 * number
        if slot + 2 > size:
            return None
        offset = struct.unpack_from("<H", self.data, table + slot)[0]
        if self.at + offset + 2 > self.end:
            raise IndexError
        return self.at + offset if offset else None

    def number(self, field: int, kind: str, default: int) -> int:
        at = self._field(field)
        return default if at is None else int(struct.unpack_from(kind, self.data, at)[0])

    def _pointed(self, field: int) -> int | None:
        at = self._field(field)
        if at is None:
            return None
        target = at + int(struct.unpack_from("<I", self.data, at)[0])
        if target + 4 > self.end:
            raise IndexError
        return target

    def vector(self, field: int) -> int:
        """The number of elements of a list."""
        at = self._pointed(field)
        return 0 if at is None else int(struct.unpack_from("<I", self.data, at)[0])

    def table(self, field: int) -> _Table | None:
        at = self._pointed(field)
        return None if at is None else _Table(self.data, at, self.end)._checked()

    def text(self, field: int) -> str | None:
        at = self._pointed(field)
        if at is None:
            return None
        length = int(struct.unpack_from("<I", self.data, at)[0])
        if at + 4 + length > self.end:
            raise IndexError
        return bytes(self.data[at + 4 : at + 4 + length]).decode()
