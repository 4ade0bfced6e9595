"""File geodatabases: the catalogue says which tables there are, GDAL reads them, counts are checked, codes of domains become their texts."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from geo.errors import Text, TooLarge, UnreadableFile
from geo.formats import gdal, ogrlayers, xmlstream
from geo.formats.contract import RawValue
from geo.formats.dataset import Dataset
from geo.formats.limits import Limits

DRIVER = "OpenFileGDB"
_OLD_MAGIC = 3
"""First number of an index file with 32-bit row numbers; the newer ones (ArcGIS Pro 3.2) are not counted beforehand."""

_MOST_DEFINITION = 4 * 1024 * 1024
"""Characters of the XML that defines a table or a domain."""


def datasets(path: Path, title: str, limits: Limits) -> list[Dataset]:
    """One dataset a feature class or table. Raises UnreadableFile, TooLarge, HostileFile."""
    _check_heads(path)
    catalogue = _rows(path, "GDB_SystemCatalog", "Name")
    numbers = {str(row["Name"]): fid for fid, row in catalogue.items()}
    with ogrlayers.readable():
        names = [str(n) for n in gdal.library(DRIVER).list_layers(str(path))[:, 0]]
    tables, domains = _definitions(path, limits) if "GDB_Items" in numbers else ({}, {})
    out = []
    for name in names:
        count = _count(path, numbers.get(name), name, limits)
        about = tables.get(name, _Table())
        found = ogrlayers.dataset(ogrlayers.Layer(path, DRIVER, name, count, name), titles=about.titles, texts=about.texts(domains))
        found.layer_hint = " ".join(dict.fromkeys(t for t in (name, about.alias, title) if t))
        _say(found, about, domains)
        out.append(found)
    missing = sorted(n for n in numbers if not n.upper().startswith("GDB_") and n not in names)
    if missing and out:
        listed = ", ".join(missing[:10])
        out[0].note(
            Text(
                f"未读取的表（栅格、注记、压缩的表等）：{listed}",
                f"tables that were not read (rasters, annotations, compressed ones): {listed}",
            )
        )
    if missing and not out:
        raise UnreadableFile(
            Text("地理数据库里没有可读的要素类；压缩过的请先解压缩", "the geodatabase has no readable feature class: uncompress it first")
        )
    return out


def _say(found: Dataset, about: _Table, domains: Mapping[str, Mapping[Any, str]]) -> None:
    coded = [about.titles.get(f, f) for f, d in about.domains.items() if d in domains]
    if coded:
        listed = ", ".join(coded[:10])
        found.note(Text(f"编码已换成域里的文字：{listed}", f"codes were replaced by the texts of their domains: {listed}"))
    if about.titles:
        listed = ", ".join(f"{a}={n}" for n, a in list(about.titles.items())[:20])
        found.note(Text(f"列名用字段别名：{listed}", f"columns are called by their aliases: {listed}"))


def _check_heads(path: Path) -> None:
    """Each table begins as one; whatever else was called so is not given to GDAL."""
    for file in path.glob("*.gdbtable"):
        with file.open("rb") as table:
            head = table.read(40)
        if len(head) < 40 or head[:4] not in (b"\x03\0\0\0", b"\x04\0\0\0"):
            raise UnreadableFile(Text(f"地理数据库的 {file.name} 已损坏", f"{file.name} of the geodatabase is damaged"))


def _count(path: Path, number: int | None, name: str, limits: Limits) -> int:
    """The records of a table, from its index file: one position for each, 0 for a deleted one. Raises UnreadableFile, TooLarge."""
    index = path / f"a{number or 0:08x}.gdbtablx"
    data = index.read_bytes() if index.is_file() else b""
    broken = UnreadableFile(Text(f"“{name}”的索引缺失或已损坏", f"the index of '{name}' is missing or damaged"))
    if len(data) < 16:
        raise broken
    magic, blocks, total, width = struct.unpack_from("<4I", data)
    if magic != _OLD_MAGIC:
        with ogrlayers.readable():
            return int(gdal.library(DRIVER).read_info(str(path), layer=name, force_feature_count=True)["features"])
    if total > limits.features * 10 or blocks * 1024 > limits.features * 10:
        raise TooLarge(Text(f"“{name}”的记录超过 {limits.features} 条", f"'{name}' has more than {limits.features} records"))
    end = 16 + blocks * 1024 * width
    if width not in (4, 5, 6) or len(data) < end:
        raise broken
    positions = np.frombuffer(data[16:end], dtype=np.uint8).reshape(-1, width)
    return int(positions.any(axis=1).sum())


def _rows(path: Path, table: str, *columns: str) -> dict[int, dict[str, Any]]:
    """Some columns of a table of the catalogue, by row number."""
    with ogrlayers.readable():
        meta, fids, _, values = gdal.library(DRIVER).raw.read(
            str(path), layer=table, columns=list(columns), read_geometry=False, return_fids=True, LIST_ALL_TABLES="YES"
        )
    names = [str(f) for f in meta["fields"]]
    return {int(fid): dict(zip(names, row, strict=True)) for fid, row in zip(fids, zip(*values, strict=True), strict=True)}


# --- what the definitions say


@dataclass(slots=True)
class _Table:
    """A table's definition: its alias, its columns' aliases and the domains of its columns."""

    alias: str = ""
    titles: dict[str, str] = field(default_factory=dict)
    domains: dict[str, str] = field(default_factory=dict)

    def texts(self, known: Mapping[str, Mapping[Any, RawValue]]) -> dict[str, Mapping[Any, RawValue]]:
        return {f: known[d] for f, d in self.domains.items() if d in known}


def _definitions(path: Path, limits: Limits) -> tuple[dict[str, _Table], dict[str, dict[Any, str]]]:
    """Tables and domains of coded values by name, from the XML in the list of items; a geodatabase of version 9 has none."""
    tables: dict[str, _Table] = {}
    domains: dict[str, dict[Any, str]] = {}
    for row in _rows(path, "GDB_Items", "Name", "Definition").values():
        text = row.get("Definition")
        if isinstance(text, str) and text.lstrip().startswith("<") and len(text) <= _MOST_DEFINITION:
            reader = _Definition()
            xmlstream.parse_text(text, reader, limits)
            if reader.codes and reader.name:
                domains[reader.name] = reader.codes
            elif row.get("Name"):
                tables[str(row["Name"])] = reader.table()
    return tables, domains


class _Definition:
    """Follows the XML of one item: a table with its fields, or a domain with its codes."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self._here: dict[str, str] = {}
        self._fields: list[dict[str, str]] = []
        self._kind = ""
        self._alias = ""
        self.name = ""
        self.codes: dict[Any, str] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> int:
        if name in ("GPFieldInfoEx", "CodedValue"):
            self._here = {}
        elif name == "Code":
            self._kind = next((v for k, v in attributes.items() if k.endswith("type")), "").rpartition(":")[2]
        wanted = name in ("Name", "AliasName", "DomainName", "Code", "FieldType")
        return 10_000 if wanted else 0

    def end(self, name: str, text: str | None) -> None:
        above = self.path[-1] if self.path else ""
        if name == "GPFieldInfoEx":
            self._fields.append(self._here)
        elif name == "CodedValue":
            if "Code" in self._here and self._here.get("Name"):
                self.codes[_code(self._here["Code"], self._kind)] = self._here["Name"]
        elif text is not None and above in ("GPFieldInfoEx", "CodedValue"):
            self._here[name] = text.strip()
        elif text is not None and name == "DomainName" and len(self.path) == 1:
            self.name = text.strip()
        elif text is not None and name == "AliasName" and len(self.path) == 1:
            self._alias = text.strip()

    def table(self) -> _Table:
        names = [f.get("Name", "") for f in self._fields]
        aliases = [f.get("AliasName", "") for f in self._fields]
        titles = {
            n: a for n, a in zip(names, aliases, strict=True) if a and a != n and aliases.count(a) == 1 and a not in names and len(a) <= 200
        }
        return _Table(self._alias, titles, {f["Name"]: f["DomainName"] for f in self._fields if f.get("Name") and f.get("DomainName")})


def _code(text: str, kind: str) -> Any:
    """A code in the type that its column has in the table."""
    try:
        if kind in ("int", "short", "long", "byte"):
            return int(text)
        if kind in ("double", "float", "decimal"):
            return float(text)
    except ValueError:
        return text
    return text
