"""Import a file: read it in the child, settle what every record is, publish all of it in one transaction or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from geo.crs import STORAGE
from geo.errors import BadValue, StaleVersion, Stopped, Text, UnreadableFile
from geo.frames import Frames
from geo.imports.account import Account
from geo.imports.area import service_area
from geo.imports.filled import FilledJob, is_list, list_plan
from geo.imports.job import Job
from geo.imports.options import ImportOptions, check_options, read_request
from geo.imports.plan import make_plan
from geo.imports.quarantine import says_its_crs
from geo.imports.staging import Staged, stage
from geo.sandbox import Limits, Progress, Stop, read
from geo.schema import Layer
from geo.store.contract import Store

_TRIES = 3
"""How often an import is settled anew when somebody else wrote in between."""


def import_file(
    path: Path,
    options: ImportOptions,
    *,
    store: Store,
    frames: Frames | None,
    layers: Mapping[str, Layer],
    actor: str,
    now: str,
    limits: Limits,
    progress: Callable[[int, int], None] | None = None,
    staged: Callable[[], None] | None = None,
    key: str | None = None,
    stop: Stop | None = None,
) -> Account:
    """Take a file in. `now`: ISO 8601 UTC; `staged` is called when all is written and not yet committed; `key`: idempotency key.

    Raises the Refused tree and Stopped (nothing has changed then) and the errors of `Store.publish`.
    """
    check_options(options, layers)
    if options.crs is None and says_its_crs(path):
        options = replace(options, crs=STORAGE)
    request = read_request(options, layers, service_area(options, store, frames))
    with read(path, request, limits=limits, progress=_half(progress, first=True), stop=stop) as reading:
        datasets = list(stage(reading, layers=layers))
    try:
        return settle(
            datasets, options, store=store, layers=layers, actor=actor, now=now, sha256=checksum(path), staged=staged, key=key,
            progress=_asking(_half(progress, first=False), stop),
        )  # fmt: skip
    finally:
        for dataset in datasets:
            dataset.records.close()


def _half(progress: Callable[[int, int], None] | None, *, first: bool) -> Callable[[int, int], None] | None:
    """Reading is the first half of the work, settling the second."""
    if progress is None:
        return None
    return lambda done, total: progress(done // 2 if first else (total + done) // 2, total)


def _asking(progress: Progress | None, stop: Stop | None) -> Progress | None:
    """Settling can be taken back as long as it tells how far it is."""
    if stop is None:
        return progress

    def ask(done: int, total: int) -> None:
        if stop():
            raise Stopped
        if progress is not None:
            progress(done, total)

    return ask


def checksum(path: Path) -> str:
    """SHA-256 of the file, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def settle(
    datasets: Sequence[Staged], options: ImportOptions, *, store: Store, layers: Mapping[str, Layer], actor: str, now: str, sha256: str,
    staged: Callable[[], None] | None = None, key: str | None = None, progress: Callable[[int, int], None] | None = None,
) -> Account:  # fmt: skip
    """From staged records to the published account; settled anew when the store has changed meanwhile."""
    if not any(len(dataset.records) for dataset in datasets):
        raise UnreadableFile(Text("文件里没有可以导入的记录", "the file holds no record that could be imported"))
    filled = any(map(is_list, datasets))
    plan = (list_plan if filled else make_plan)(datasets, options, layers)
    for attempt in range(_TRIES):
        job = (FilledJob if filled else Job)(plan, options, layers, store, progress=progress)
        try:
            return job.run(actor=actor, now=now, sha256=sha256, staged=staged, key=key)
        except StaleVersion:
            if attempt == _TRIES - 1:
                raise
        except BadValue as error:
            if attempt == _TRIES - 1 or error.members.get("field") != "code":
                raise
        finally:
            job.close()
    raise AssertionError("unreachable")
