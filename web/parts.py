"""The files of a form: what their names may say, and which of them belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

from geo.errors import BadValue, Text

_EXTENSION = re.compile(r"((?:\.osm|\.shp)?\.[a-z0-9]{1,10})\Z")


class Part(Protocol):
    """One file of a form."""

    filename: str | None

    def save(self, dst: Any, /) -> None: ...


def original_name(name: str | None) -> str:
    """The file's own name without folders and control characters: text only, never a path on this machine."""
    last = re.split(r"[/\\]", name or "")[-1]
    return "".join(c for c in last if ord(c) >= 32)[:255] or "upload"


def extension(name: str) -> str:
    """The ending to store a part under, in lower case: ".osm.pbf", ".shp"; ".bin" when there is none that can be one."""
    match = _EXTENSION.search(name.lower())
    return match[1] if match else ".bin"


def main_part(names: Sequence[str]) -> int:
    """Which part is the file, the others being its companions. Raises BadValue when they do not belong together."""
    if not names:
        raise BadValue(Text("没有文件", "there is no file"), field="files")
    endings = [extension(n) for n in names]
    if len(names) == 1:
        return 0
    stems = {n.lower().removesuffix(e) for n, e in zip(names, endings, strict=True)}
    if endings.count(".shp") != 1 or len(set(endings)) != len(endings) or len(stems) != 1:
        raise BadValue(
            Text(
                "一次导入一个文件；shapefile 请把同名的 .shp .dbf .shx .prj 一起选",
                "one file at a time; of a shapefile choose its .shp .dbf .shx .prj together",
            ),
            field="files",
        )
    return endings.index(".shp")
