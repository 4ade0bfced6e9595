"""Files that commands write: whole or not at all, and never over the live store."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from geo import crs as crs_
from geo.answers import Answer
from geo.errors import BadValue, StoreFull, Text
from geo.exports import Format
from geo.query import plane_crs


def output_crs(text: str | None) -> str:
    """The EPSG name that is asked for, EPSG:4326 unless said. Raises UnknownCrs, also for heights and geocentric coordinates."""
    return plane_crs(text) if text else crs_.STORAGE


def file_name(answer: Answer, form: Format, lang: str) -> str:
    """What a file is called: the question or layer, for made-up data with a mark, and the format's ending."""
    mark = Text("（示例数据）", " (demo data)").of(lang) if answer.demo else ""
    return f"{answer.title.of(lang)}{mark}.{form.extension}"


def write_whole(path: Path, pieces: Iterable[bytes], *, store: Path) -> None:
    """Write to a temporary name beside `path`, sync, rename. Raises BadValue for a place that cannot be written, StoreFull on a full disk."""
    target = path.resolve()
    if target.name.startswith(store.name) and target.parent == store.parent:
        raise BadValue(
            Text("这是数据库本身，不能覆盖；备份请用 flask backup", "this is the store itself; for a copy use flask backup"),
            parameter="output",
        )
    if not target.parent.is_dir() or target.is_dir():
        raise BadValue(Text(f"不能写到 {path}", f"cannot write to {path}"), parameter="output")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, target)
    except OSError as error:
        raise StoreFull(Text(f"写不进 {path}：磁盘满或无权限", f"cannot write {path}: the disk is full or not yours")) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
