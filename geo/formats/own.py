"""Archives of our own exports: which of their files only belong to the data, and what the short columns of a shapefile stand for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

ABOUT = "about/"
_SIDE_FILES = frozenset((f"{ABOUT}about.json", f"{ABOUT}fields.csv", f"{ABOUT}long_texts.csv"))
_MOST = 1 << 20
_MARK = b'"yuantu"'
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")


def without_side_files(members: Sequence[tuple[str, Path]]) -> tuple[list[tuple[str, Path]], Mapping[str, str]]:
    """The members with data, and column → field name; an archive whose about.json does not say that it is ours stays as it is."""
    files = dict(members)
    about = files.get(f"{ABOUT}about.json")
    if about is None or _MARK not in _start(about):
        return list(members), {}
    fields = files.get(f"{ABOUT}fields.csv")
    return [m for m in members if m[0] not in _SIDE_FILES], _names(_start(fields)) if fields else {}


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST)


def _names(data: bytes) -> dict[str, str]:
    """Only plain names: the table came with a file that anybody may have made."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"), newline=""))
    try:
        found = {str(row.get("column")): str(row.get("field")) for row in rows}
    except csv.Error:
        return {}
    return {column: name for column, name in found.items() if _NAME.match(name)}
