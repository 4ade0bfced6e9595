"""The process that looks at foreign bytes: it takes its own powers away, reads one job, and answers in frames on its standard output."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from geo.errors import HostileFile, Text, TooLarge, UnreadableFile, YuantuError
from geo.formats import guards, pipe
from geo.formats.contract import DatasetHeader, DatasetInfo, Placement, ReadRequest
from geo.formats.limits import Limits


def main(parent: int | None = None) -> None:
    """Entry of the child, `parent` being who it dies with. The answer goes to a copy of standard output; whatever a library prints goes nowhere."""
    out = os.fdopen(os.dup(1), "wb", buffering=1024 * 1024)
    job = orjson.loads(_first_line(sys.stdin.buffer))
    guards.die_with(job.get("parent") if parent is None else parent)
    limits, folder = Limits(**job["limits"]), Path(job["folder"])
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    if not job.get("debug"):
        os.dup2(null, 2)
    _move_into(folder)
    held = guards.hold(limits, folder, [Path(f["path"]) for f in job["files"]])
    pipe.send(out, b"G", orjson.dumps(held))
    gc.disable()
    try:
        _JOBS[job["job"]](job, limits, out)
        pipe.send(out, b"D")
    except BrokenPipeError:
        os._exit(0)
    except BaseException as error:
        pipe.send(out, b"E", pipe.encode_error(_refusal(error)))
    out.flush()
    os._exit(0)


def _move_into(folder: Path) -> None:
    """What a library writes on its own account goes into the job's folder."""
    os.chdir(folder)
    os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "HOME", "PROJ_USER_WRITABLE_DIRECTORY"), str(folder)))
    tempfile.tempdir = None


def _refusal(error: BaseException) -> YuantuError:
    """Any end of a job as one of the public refusals; a reader in Rust that runs out of memory panics with what is no Exception."""
    if isinstance(error, YuantuError):
        return error
    if isinstance(error, MemoryError) or (type(error).__name__ == "PanicException" and "null" in str(error)):
        return TooLarge(Text("文件太大，内存不够", "the file needs more memory than allowed"))
    if isinstance(error, RecursionError):
        return HostileFile(Text("文件嵌套太深", "the file nests too deeply"))
    detail = f"{type(error).__name__}: {error}"[:500]
    return UnreadableFile(Text("文件已损坏，无法读取", "the file is damaged and cannot be read"), log=detail)


def _first_line(source: BinaryIO) -> bytes:
    return source.readline(16 * 1024 * 1024)


def _request(job: dict[str, Any]) -> ReadRequest:
    values = dict(job["request"])
    values["area"] = tuple(values["area"]) if values["area"] else None
    values["placement"] = Placement(**values["placement"]) if values["placement"] else None
    return ReadRequest(**values)


def _open(job: dict[str, Any], limits: Limits, request: ReadRequest) -> list[Any]:
    from geo.formats import opening

    return opening.datasets(job["files"], Path(job["folder"]), request, limits)


def _inspect(job: dict[str, Any], limits: Limits, out: BinaryIO) -> None:
    from geo.formats import dataset as ds
    from geo.formats import drawings, wire

    request = _request(job)
    opened = [(found, ds.survey(found)) for found in _open(job, limits, request)]
    readings = drawings.readings(opened, request)
    for found, seen in opened:
        area = ds.area_of(request)
        local = drawings.local(found, seen) if found.has_places and found.source is None else None
        if found.drawing and found.source is None:
            pipe.send(out, b"I", wire.encode_value(_drawing(found, seen, next(readings), local)))
            continue
        taken = found.source or (ds.assumed(seen, request) if found.has_places else None)
        doubtful = found.has_places and not found.fixed and (taken is None or ds.lies_outside(seen, taken, area))
        if found.has_places and found.source is None and taken is not None and seen.bounds is not None:
            found.note(ds.assumption(taken, request))
        if doubtful and (more := ds.left_out(seen, area)):
            found.note(ds.left_out_note(more))
        info = DatasetInfo(
            name=found.name,
            driver=found.driver,
            columns=list(found.columns),
            count=found.count,
            geometry_types=dict(seen.types) if found.has_places else {},
            declared_crs=taken.name if taken else None,
            candidates=(ways := ds.candidates(seen, area, samples=True) if doubtful else ()),
            encodings=found.encodings,
            sample=seen.rows,
            notes=found.notes,
            layer_hint=found.layer_hint,
            local=None if taken or any(c.fits for c in ways) else local,
        )
        pipe.send(out, b"I", wire.encode_value(info))


def _drawing(found: Any, seen: Any, readings: Any, local: Any) -> DatasetInfo:
    """A dataset of a drawing that says no CRS: the readings are those of the whole drawing."""
    return DatasetInfo(
        name=found.name,
        driver=found.driver,
        columns=list(found.columns),
        count=found.count,
        geometry_types=dict(seen.types),
        declared_crs=None,
        candidates=readings,
        encodings=found.encodings,
        sample=seen.rows,
        notes=found.notes,
        local=local,
    )


def _read(job: dict[str, Any], limits: Limits, out: BinaryIO) -> None:
    from geo.formats import dataset as ds
    from geo.formats import drawings

    request = _request(job)
    found = drawings.chosen(_open(job, limits, request), request)
    overrule = all(d.source is not None for d in found if d.has_places)
    surveys = {id(d): lru_cache(lambda d=d: ds.survey(d)) for d in found}
    sources = [ds.choose(d, request, surveys[id(d)], overrule=overrule) for d in found]
    clip = ds.clip_of(request)
    whole = drawings.Whole()
    for dataset, source in zip(found, sources, strict=True):
        if dataset.source is not None and source is not None and source.name != dataset.source.name:
            dataset.note(
                Text(
                    f"文件写的是 {dataset.source.name}，按要求用 {source.name}",
                    f"the file says {dataset.source.name}; read as {source.name} as asked",
                )
            )
        if source is not None and source.warning and source is not dataset.source:
            dataset.note(source.warning)
        placer = _send_dataset(dataset, source, request, limits, clip, surveys[id(dataset)], out)
        if dataset.drawing:
            whole.add(dataset, placer, surveys[id(dataset)])
    whole.check(request)


def _send_dataset(
    dataset: Any, source: Any, request: ReadRequest, limits: Limits, clip: Any, survey: Callable[[], Any], out: BinaryIO
) -> Any:
    from geo import crs
    from geo.formats import dataset as ds
    from geo.formats import wire

    confirmed = request.crs is not None or dataset.fixed
    area = None if confirmed else ds.area_of(request)
    asked = source is not None and request.crs is not None and not dataset.fixed and source == crs.source(request.crs)
    declared = not confirmed and source is not None and source is dataset.source
    placer = ds.Placer(source, limits, clip, area, asked=asked, declared=declared, shapes=dataset.driver not in ("CSV", "workbook"))
    used = source.name if source and dataset.has_places else None
    header = DatasetHeader(
        dataset.name,
        dataset.driver,
        list(dataset.columns),
        dataset.count,
        used,
        dataset.encoding,
        dataset.has_places,
        dataset.notes,
        dataset.layer_hint,
    )
    pipe.send(out, b"H", wire.encode_value(header))
    for raw in dataset.chunks():
        pipe.send(out, b"C", *wire.encode_chunk(placer.place(raw, dataset.columns)))
    if dataset.drawing:
        return placer
    wanted = source.name if asked else None
    placer.check_home(dataset.name, lambda: ds.candidates(survey(), ds.area_of(request), samples=False, swapped=wanted))
    said = source.name if declared and source else None
    placer.check_area(dataset.name, lambda: ds.candidates(survey(), area, samples=False, said=said))
    return placer


def _write(job: dict[str, Any], limits: Limits, out: BinaryIO) -> None:
    from geo.formats import writing

    writing.write(job, sys.stdin.buffer, limits)


def _guards(job: dict[str, Any], limits: Limits, out: BinaryIO) -> None:
    """Nothing to do: the G frame is the answer."""


_JOBS: dict[str, Callable[[dict[str, Any], Limits, BinaryIO], None]] = {
    "inspect": _inspect,
    "read": _read,
    "write": _write,
    "guards": _guards,
}
