"""The child's work done in the test process, for the many files where a process each would only cost time."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from geo.formats import child, gdal, pipe, wire
from geo.formats.contract import Chunk, DatasetHeader, DatasetInfo, ReadRequest
from geo.formats.limits import WEB, Limits
from geo.sandbox import _with_companions


@dataclass
class Read:
    """One dataset as it was read: header, rows of values, and per record its problem code, repairs and geometry."""

    header: DatasetHeader
    values: list[Any] = field(default_factory=list)
    codes: list[str | None] = field(default_factory=list)
    repairs: list[tuple[str, ...]] = field(default_factory=list)
    geometry: list[bytes | None] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    @property
    def problems(self) -> dict[str, int]:
        return dict(Counter(c for c in self.codes if c))

    @property
    def placed(self) -> int:
        return sum(g is not None for g in self.geometry)

    def take(self, chunk: Chunk) -> None:
        self.values += chunk.values
        self.codes += [p[0] if p else None for p in chunk.problems]
        self.repairs += chunk.repairs
        self.geometry += chunk.geometry
        self.numbers += chunk.numbers


@pytest.fixture
def run_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[bytes, bytes]]]:
    """Runs a job of the child here, without its guards, and gives its frames; refusals are raised."""
    import pyogrio

    monkeypatch.setattr(gdal, "library", lambda *_: pyogrio)
    monkeypatch.setenv("OGR_FLATGEOBUF_STREAM_BASE_IMPL", gdal.environment()["OGR_FLATGEOBUF_STREAM_BASE_IMPL"])
    runs = iter(range(1000))

    def run(kind: str, path: Path, request: ReadRequest, limits: Limits = WEB) -> list[tuple[bytes, bytes]]:
        folder = tmp_path / f"job{next(runs)}"
        folder.mkdir()
        files = [{"path": str(p), "name": p.name} for p in _with_companions(path)]
        out = io.BytesIO()
        child._JOBS[kind]({"folder": str(folder), "files": files, "request": asdict(request)}, limits, out)  # type: ignore[arg-type]
        out.seek(0)
        frames = []
        while (frame := pipe.receive(out)) is not None:
            frames.append(frame)
        return frames

    return run


@pytest.fixture
def read_here(run_here: Callable[..., list[tuple[bytes, bytes]]]) -> Callable[..., list[Read]]:
    def read(path: Path, limits: Limits = WEB, **request: Any) -> list[Read]:
        out: list[Read] = []
        for kind, payload in run_here("read", path, ReadRequest(**request), limits):
            if kind == b"H":
                out.append(Read(wire.decode_header(payload, columns=limits.columns, features=limits.features)))
            else:
                out[-1].take(wire.decode_chunk(payload, out[-1].header, len(out[-1].numbers) + 1, text_limit=limits.text))
        for one in out:
            assert one.numbers == list(range(1, one.header.count + 1)), "a record is not accounted for"
            assert all(code is None or g is None for code, g in zip(one.codes, one.geometry, strict=True))
        return out

    return read


@pytest.fixture
def inspect_here(run_here: Callable[..., list[tuple[bytes, bytes]]]) -> Callable[..., list[DatasetInfo]]:
    def inspect(path: Path, limits: Limits = WEB, **request: Any) -> list[DatasetInfo]:
        frames = run_here("inspect", path, ReadRequest(**request), limits)
        return [wire.decode_info(p, columns=limits.columns, features=limits.features) for _, p in frames]

    return inspect
