"""The child process for foreign files, seen from the service: started, fed, checked, killed; its folder removed. No GDAL, no reader in this process.

The child may be taken over by what it reads; nothing it says is believed before `geo.formats.wire` has checked it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from geo.children import starting
from geo.children.child import Child, Stop, believed
from geo.children.warm import prepare
from geo.errors import Text, UnreadableFile
from geo.formats import wire
from geo.formats.contract import Chunk, DatasetHeader, DatasetInfo, ReadRequest
from geo.formats.doctor import COMPANIONS, extension
from geo.formats.guards import NAMES as GUARDS
from geo.formats.limits import COMMAND_LINE, WEB, Limits

__all__ = ["COMMAND_LINE", "WEB", "Limits", "Progress", "Stop", "guards", "inspect", "make", "prepare", "read", "write"]

_PREFIX = "yuantu-job-"

Progress = Callable[[int, int], None]
"""Called with (records read, records in all)."""


def inspect(
    path: Path, request: ReadRequest, *, limits: Limits = WEB, work_dir: Path | None = None, stop: Stop | None = None
) -> list[DatasetInfo]:
    """What the doctor finds in a file (of a shapefile: with its neighbours of the same name). Raises the Refused tree, and Stopped."""
    with _job("inspect", [path], request, limits, work_dir, stop=stop) as child:
        with believed():
            return [wire.decode_info(p, columns=limits.columns, features=limits.features) for kind, p in child.frames() if kind == b"I"]


@contextmanager
def read(
    path: Path,
    request: ReadRequest,
    *,
    limits: Limits = WEB,
    work_dir: Path | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Iterator[Iterator[DatasetHeader | Chunk]]:
    """The datasets of a file as DatasetHeader, Chunk, Chunk, …, DatasetHeader, …; memory stays bounded by two chunks.

    Raises the Refused tree and Stopped, at any step: a caller that stages what it gets and publishes at the end loses nothing. Leaving the block kills the child.
    """
    with _job("read", [path], request, limits, work_dir, stop=stop) as child:
        yield _checked(child, limits, progress)


def _checked(child: Child, limits: Limits, progress: Progress | None) -> Iterator[DatasetHeader | Chunk]:
    """Headers and chunks in order, every record of every dataset accounted for."""
    header: DatasetHeader | None = None
    done = 0
    for kind, payload in child.frames():
        if kind == b"H":
            _complete(header, done)
            with believed():
                header, done = wire.decode_header(payload, columns=limits.columns, features=limits.features), 0
            yield header
        elif kind == b"C" and header is not None:
            with believed():
                chunk = wire.decode_chunk(payload, header, done + 1, text_limit=limits.text)
            done += len(chunk.geometry)
            if progress:
                progress(done, header.count)
            yield chunk
    _complete(header, done)


def _complete(header: DatasetHeader | None, done: int) -> None:
    if header is not None and header.count != done:
        raise UnreadableFile(
            Text(
                f"“{header.name}”应有 {header.count} 条，只读到 {done} 条",
                f"'{header.name}' should hold {header.count} records, {done} were read",
            )
        )


def write(
    path: Path,
    driver: str,
    layer_name: str,
    fields: Sequence[tuple[str, str]],
    rows: Iterable[tuple[bytes | None, Sequence[Any]]],
    crs: str,
    limits: Limits = COMMAND_LINE,
    *,
    geometry_type: str = "Unknown",
    work_dir: Path | None = None,
) -> None:
    """Writes `rows` (WKB in `crs` or None, values in the order of `fields`) as a foreign file; it appears at `path` whole or not at all.

    `driver`: a name of `geo.formats.writing`. `fields`: (name, "text" | "integer" | "number" | "boolean" | "date"). An existing file is replaced.
    """
    job = {"driver": driver, "layer": layer_name, "fields": list(fields), "crs": crs, "geometry_type": geometry_type}
    make(path, job, _by_column(rows), limits, work_dir=work_dir)


def make(
    path: Path,
    job: Mapping[str, Any],
    chunks: Iterable[tuple[Sequence[bytes | None], Sequence[Sequence[Any]]]],
    limits: Limits = COMMAND_LINE,
    *,
    work_dir: Path | None = None,
) -> None:
    """Has the child make a foreign file as `job` says (see `geo.formats.writing`) of `chunks`: WKBs, and values column by column.

    It appears at `path` whole or not at all; an existing file is replaced.
    """
    with _job("write", [], ReadRequest(), limits, work_dir, extra=job) as child:
        child.feed(chunks)
        for _ in child.frames():
            pass
        child.stop()  # from here on nobody can put another file, or a link, in the place of what is looked at
        made = child.folder / "out"
        if made.is_symlink() or not made.is_file():
            raise UnreadableFile(Text("文件没有写成", "the file was not written"))
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            shutil.move(made, partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def _by_column(
    rows: Iterable[tuple[bytes | None, Sequence[Any]]], size: int = 5_000
) -> Iterator[tuple[Sequence[bytes | None], Sequence[Sequence[Any]]]]:
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield [row[0] for row in batch], [list(column) for column in zip(*(row[1] for row in batch), strict=True)]


def guards() -> dict[str, bool]:
    """Which of the child's guards this system has (`geo.formats.guards.NAMES`), and whether children start warm."""
    with _job("guards", [], ReadRequest(), WEB, None) as child:
        for _ in child.frames():
            pass
        return {**{name: name in child.held for name in GUARDS}, "warm": child.warm}


# --- one job


@contextmanager
def _job(
    kind: str,
    paths: Sequence[Path],
    request: ReadRequest,
    limits: Limits,
    work_dir: Path | None,
    *,
    extra: Mapping[str, Any] | None = None,
    stop: Stop | None = None,
) -> Iterator[Child]:
    files = [{"path": str(p), "name": _called(p.name, request.called)} for path in paths for p in _with_companions(path)]
    base = Path(tempfile.gettempdir() if work_dir is None else work_dir).absolute()
    base.mkdir(parents=True, exist_ok=True)
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base))
    job = {
        "job": kind,
        "folder": str(folder),
        "files": files,
        "request": asdict(request),
        "limits": asdict(limits),
        **(extra or {}),
    }
    child = None
    try:
        child = Child(starting.start(job), folder, limits, stop)
        yield child
    finally:
        if child is not None:
            child.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _called(name: str, owners: str) -> str:
    """The owner's name for a file, with the ending that it has here."""
    return owners[: len(owners) - len(extension(owners))] + extension(name) if owners else name


def _with_companions(path: Path) -> list[Path]:
    """The file, and for a shapefile or a lone .dbf what lies beside it under the same name in any case."""
    try:
        resolved = path.resolve()
        plain = resolved.is_file()
    except (OSError, ValueError):
        plain = False
    if not plain:
        raise UnreadableFile(Text("找不到文件，或它不是普通文件", "there is no such file, or it is not a plain one"))
    if resolved.suffix.lower() not in (".shp", ".dbf"):
        return [resolved]
    beside = [
        p for p in resolved.parent.iterdir() if p.stem.lower() == resolved.stem.lower() and p.suffix.lower() in COMPANIONS and p.is_file()
    ]
    return [resolved, *(p for p in sorted(beside) if p != resolved)]


def _sweep(base: Path) -> None:
    """Removes the folders of jobs whose service is gone (it was killed)."""
    for folder in base.glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdecimal() and not _alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
