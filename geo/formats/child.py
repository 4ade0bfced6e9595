"""The process that looks at foreign bytes: it takes its own powers away, reads one job, and answers in frames on its standard output."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from geo.errors import HostileFile, Text, TooLarge, UnreadableFile, YuantuError
from geo.formats import guards, pipe
from geo.formats.contract import DatasetHeader, DatasetInfo, Placement, ReadRequest
from geo.formats.limits import Limits


def main() -> None:
    """Entry of the child. The answer goes to a copy of standard output; whatever a library prints goes nowhere."""
    out = os.fdopen(os.dup(1), "wb", buffering=1024 * 1024)
    job = orjson.loads(_first_line(sys.stdin.buffer))
    guards.die_with(job.get("parent"))
    limits = Limits(**job["limits"])
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    if not job.get("debug"):
        os.dup2(null, 2)
    os.chdir(job["folder"])
    held = guards.limit_resources(limits)
    if guards.deny_network():
        held.append("network")
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
    from geo.formats import wire

    request = _request(job)
    for found in _open(job, limits, request):
        seen = ds.survey(found)
        area = ds.area_of(request)
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
            candidates=ds.candidates(seen, area, samples=True) if doubtful else (),
            encodings=found.encodings,
            sample=seen.rows,
            notes=found.notes,
            layer_hint=found.layer_hint,
        )
        pipe.send(out, b"I", wire.encode_value(info))


def _read(job: dict[str, Any], limits: Limits, out: BinaryIO) -> None:
    from geo.formats import dataset as ds

    request = _request(job)
    found = [d for d in _open(job, limits, request) if request.datasets is None or d.name in request.datasets]
    overrule = all(d.source is not None for d in found if d.has_places)
    surveys = {id(d): lru_cache(lambda d=d: ds.survey(d)) for d in found}
    sources = [ds.choose(d, request, surveys[id(d)], overrule=overrule) for d in found]
    clip = ds.clip_of(request)
    for dataset, source in zip(found, sources, strict=True):
        if source is not dataset.source and dataset.source is not None and source is not None:
            dataset.note(
                Text(
                    f"文件写的是 {dataset.source.name}，按要求用 {source.name}",
                    f"the file says {dataset.source.name}; read as {source.name} as asked",
                )
            )
        if source is not None and source.warning and source is not dataset.source:
            dataset.note(source.warning)
        _send_dataset(dataset, source, request, limits, clip, surveys[id(dataset)], out)


def _send_dataset(
    dataset: Any, source: Any, request: ReadRequest, limits: Limits, clip: Any, survey: Callable[[], Any], out: BinaryIO
) -> None:
    from geo import crs
    from geo.formats import dataset as ds
    from geo.formats import wire

    confirmed = request.crs is not None or dataset.fixed
    area = None if confirmed else ds.area_of(request)
    asked = source is not None and request.crs is not None and not dataset.fixed and source == crs.source(request.crs)
    placer = ds.Placer(source, limits, clip, area, asked=asked, shapes=dataset.driver not in ("CSV", "workbook"))
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
    wanted = source.name if asked else None
    placer.check_home(dataset.name, lambda: ds.candidates(survey(), ds.area_of(request), samples=False, swapped=wanted))
    placer.check_area(dataset.name, lambda: ds.candidates(survey(), area, samples=False))


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
