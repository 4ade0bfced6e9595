"""dBASE tables read byte by byte: every record keeps its place, and its text is decoded here, where a wrong encoding can be told."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text, UnreadableFile
from geo.formats.contract import RawValue
from geo.formats.problems import Problem, problem

_LDID = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x26: "cp866", 0x4D: "cp936", 0x4E: "cp949", 0x4F: "cp950", 0x50: "cp874",
    0x57: None, 0x58: "cp1252", 0x59: "cp1252", 0x7A: "cp936", 0x7B: "cp932", 0x78: "cp950", 0x79: "cp949", 0x7C: "cp874", 0x7D: "cp1255",
    0x7E: "cp1256", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    name: bytes
    kind: str
    start: int
    width: int
    decimals: int


@dataclass(slots=True)
class Dbf:
    """`rows`: (n, record length) bytes of the records that are there; `stated`: how many the header promises; `deleted`: marks of deletion."""

    columns: list[Column]
    rows: NDArray[np.uint8]
    stated: int
    said: str | None
    deleted: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))

    def texts(self) -> list[bytes]:
        """All texts and column names, for the choice of an encoding."""
        cells = [c.name for c in self.columns]
        for column in self.columns:
            if column.kind in "CV":
                block = self._block(column)
                cells += list(dict.fromkeys(bytes(b) for b in block[(block > 127).any(axis=1)][:20_000]))
        return (
            [c.rstrip(b" \x00") for c in cells]
            if len(cells) > len(self.columns)
            else [c.rstrip(b" \x00") for c in [*cells, *self._plain()]]
        )

    def _plain(self) -> list[bytes]:
        return [bytes(b) for c in self.columns if c.kind == "C" for b in self._block(c)[:5]][:5]

    def _block(self, column: Column) -> NDArray[np.uint8]:
        return self.rows[:, column.start : column.start + column.width]

    def names(self, encoding: str) -> list[str]:
        """Column names, repeated ones numbered; a name cut inside a character loses the rest of it."""
        out: list[str] = []
        for column in self.columns:
            name = codecs.getincrementaldecoder(encoding)("replace").decode(column.name).strip() or "column"
            number = 2
            while name in out:
                name, number = f"{name.removesuffix(f' {number - 1}')} {number}", number + 1
            out.append(name)
        return out

    def values(self, start: int, end: int, encoding: str) -> tuple[list[list[RawValue]], dict[int, Problem], dict[int, list[str]]]:
        """The records from `start` to `end` by column, and by position what could not be decoded or was cut inside a character."""
        problems: dict[int, Problem] = {}
        repairs: dict[int, list[str]] = {}
        out = []
        for column in self.columns:
            block = np.ascontiguousarray(self._block(column)[start:end])
            cells = block.view(f"S{column.width}").ravel().tolist() if len(block) else []
            if column.kind in "CV":
                out.append(_decode(cells, column.width, encoding, problems, repairs))
            elif column.kind in "NF" and column.width <= 18:
                out.append(_numbers(cells, column))
            else:
                out.append([_value(c, column) for c in cells])
        return out, problems, repairs


def read(path: Path) -> Dbf:
    """Raises UnreadableFile for a header that makes no sense; missing records at the end are only counted."""
    data = path.read_bytes()
    if len(data) < 33:
        raise UnreadableFile(Text("DBF 文件头已损坏", "the header of the DBF is damaged"))
    stated, head, length = int.from_bytes(data[4:8], "little"), int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    columns = _columns(data, head)
    if not columns or length < 1 + sum(c.width for c in columns) or head > len(data) + 1:
        raise UnreadableFile(Text("DBF 文件头已损坏", "the header of the DBF is damaged"))
    there = min(stated, max(len(data) - head, 0) // length)
    rows = np.frombuffer(data, dtype=np.uint8, count=there * length, offset=min(head, len(data))).reshape(there, length)
    return Dbf(columns, rows, stated, _LDID.get(data[29]), rows[:, 0] == ord("*"))


def _columns(data: bytes, head: int) -> list[Column]:
    out: list[Column] = []
    start = 1
    for at in range(32, min(head, len(data)) - 1, 32):
        if data[at] in (0x0D, 0x00) or at + 32 > len(data):
            break
        kind, width, decimals = chr(data[at + 11]), data[at + 16], data[at + 17]
        if kind == "C" and decimals:
            width, decimals = width + 256 * decimals, 0
        if width:
            out.append(Column(data[at : at + 11].split(b"\x00")[0], kind, start, width, decimals))
        start += width
    return out


def _decode(
    cells: Sequence[bytes], width: int, encoding: str, problems: dict[int, Problem], repairs: dict[int, list[str]]
) -> list[RawValue]:
    known: dict[bytes, RawValue] = {}
    out: list[RawValue] = []
    for i, cell in enumerate(cells):
        if cell in known:
            out.append(known[cell])
            continue
        bare = cell.rstrip(b" \x00").split(b"\x00")[0]
        try:
            text = bare.decode(encoding).strip() or None
            known[cell] = text
        except UnicodeDecodeError:
            text = _cut(bare, encoding) if len(bare) >= width - 3 else None
            if text is None:
                problems[i] = problem("undecodable-text")
                text = bare.decode(encoding, "replace").strip()
            else:
                repairs[i] = ["text-cut"]
        out.append(text)
    return out


def _cut(cell: bytes, encoding: str) -> str | None:
    """A text that fills its column and was cut inside a character: the whole characters of it."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(cell).strip()
    except UnicodeDecodeError:
        return None


def _numbers(cells: Sequence[bytes], column: Column) -> list[RawValue]:
    """Numbers read at once where the cell is nothing but one."""
    read = float if column.decimals else int
    out: list[RawValue] = []
    for cell in cells:
        try:
            out.append(read(cell) if b"_" not in cell and b"n" not in cell else _value(cell, column))
        except ValueError:
            out.append(_value(cell, column))
    return out


def _value(cell: bytes, column: Column) -> RawValue:
    """A number, date or truth value; what is none is None when blank or starred, else the text itself."""
    if column.kind == "I" and column.width == 4:
        return int.from_bytes(cell.ljust(4, b"\x00"), "little", signed=True)
    text = cell.decode("ascii", "replace").strip(" \x00")
    if not text or set(text) <= {"*"} or (set(text) <= {"?"} and column.kind == "L"):
        return None
    if column.kind in "NF":
        return _number(text)
    if column.kind == "D" and len(text) == 8 and text.isdigit():
        return None if text == "00000000" else f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if column.kind == "L":
        return {"T": True, "Y": True, "F": False, "N": False}.get(text.upper())
    return text


def _number(text: str) -> RawValue:
    try:
        if text.lstrip("+-").isdigit():
            return int(text) if len(text) < 19 else text
        value = float(text)
    except ValueError:
        return text
    return value if abs(value) < 1.7e308 else None
