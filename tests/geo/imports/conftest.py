"""A store to import into: from files through the real child process, or from rows as a reader would hand them over."""

from __future__ import annotations

import io
import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.formats import child, gdal, pipe, wire
from geo.formats.contract import Chunk, DatasetHeader, ReadRequest
from geo.frames import Frames
from geo.imports import Account, ImportOptions, import_file
from geo.imports.options import check_options
from geo.imports.run import settle
from geo.imports.staging import stage
from geo.sandbox import COMMAND_LINE, Limits, _with_companions
from geo.schema import Layer
from geo.store import open_store
from geo.store.contract import Store
from tests.geo.fake_frames import PROFILE

NOW = "2026-11-22T08:00:00Z"
Row = Mapping[str, Any]


def square(lon: float, lat: float, size: float = 0.001) -> bytes:
    """WKB of a square in EPSG:4326, its south-west corner given."""
    wkb: bytes = shapely.to_wkb(shapely.box(lon, lat, lon + size, lat + size), byte_order=1)
    return wkb


def point(lon: float, lat: float) -> bytes:
    wkb: bytes = shapely.to_wkb(shapely.Point(lon, lat), byte_order=1)
    return wkb


@dataclass
class Desk:
    """What a test imports with."""

    store: Store
    layers: Mapping[str, Layer]
    frames: Frames

    def file(self, path: Path, **options: Any) -> Account:
        """`path` through the child process."""
        asked = ImportOptions(**{"file_name": path.name, **options})
        return import_file(
            path, asked, store=self.store, frames=self.frames, layers=self.layers, actor="tester", now=NOW, limits=COMMAND_LINE
        )

    def rows(
        self, rows: Sequence[Row], places: Sequence[bytes | None] = (), *, name: str = "表", driver: str = "CSV",
        problems: Mapping[int, tuple[str, str, str]] | None = None, repairs: Mapping[int, tuple[str, ...]] | None = None,
        staged: Callable[[], None] | None = None, columns: Sequence[str] | None = None, **options: Any,
    ) -> Account:  # fmt: skip
        """Rows as the reader hands them over; `problems` and `repairs` by record number; `columns`: those of the file, where rows hold more."""
        columns = list(columns or dict.fromkeys(c for row in rows for c in row))
        header = DatasetHeader(name, driver, columns, len(rows), "EPSG:4326" if places else None, None, bool(places))
        numbers = range(1, len(rows) + 1)
        chunk = Chunk(
            numbers,
            rows,
            list(places) or [None] * len(rows),
            [(problems or {}).get(n) for n in numbers],
            [(repairs or {}).get(n, ()) for n in numbers],
        )
        asked = ImportOptions(**{"file_name": f"{name}.csv", **options})
        check_options(asked, self.layers)
        datasets = list(stage([header, chunk]))
        return settle(datasets, asked, store=self.store, layers=self.layers, actor="tester", now=NOW, sha256="0" * 64, staged=staged)

    def dump(self, layer: str) -> list[dict[str, Any]]:
        """What the layer holds, by code: every value that is not null (stamps aside) and the geometry's WKB."""
        columns = self.store.read([layer]).whole[layer]
        names = [n for n in columns.values if n not in ("version", "updated_at", "updated_by")]
        rows = [
            {**{n: columns.values[n][i] for n in names if columns.values[n][i] not in (None, {})}, "geometry": columns.geometry[i]}
            for i in range(len(columns.ids))
        ]
        return sorted(rows, key=lambda row: str(row.get("code")))

    def column(self, layer: str, *names: str) -> list[Any]:
        """The values of one or several fields in the order of ids."""
        values = self.store.read([layer]).whole[layer].values
        return list(values[names[0]]) if len(names) == 1 else list(zip(*(values[n] for n in names), strict=True))


@pytest.fixture
def new_desk(tmp_path: Path, layers_map: Mapping[str, Layer], empty_store: Path) -> Iterator[Callable[[], Desk]]:
    """Desks with an empty store each."""
    opened: list[Store] = []

    def make() -> Desk:
        path = tmp_path / f"store{len(opened)}.gpkg"
        shutil.copyfile(empty_store, path)
        store = open_store(path, layers_map)
        opened.append(store)
        return Desk(store, layers_map, Frames(store, layers_map, profile=PROFILE))

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The child's work done in the test process, without its guards: a process for each of many small files would only cost time."""
    import pyogrio

    monkeypatch.setattr(gdal, "library", lambda *_: pyogrio)
    runs = itertools.count()

    @contextmanager
    def read(path: Path, request: ReadRequest, *, limits: Limits, **_: Any) -> Iterator[Iterator[DatasetHeader | Chunk]]:
        folder = tmp_path / f"job{next(runs)}"
        folder.mkdir()
        out = io.BytesIO()
        files = [{"path": str(p), "name": p.name} for p in _with_companions(path)]
        child._JOBS["read"]({"folder": str(folder), "files": files, "request": asdict(request)}, limits, out)  # type: ignore[arg-type]
        out.seek(0)
        yield _frames(out, limits)

    monkeypatch.setattr("geo.imports.run.read", read)


def _frames(out: io.BytesIO, limits: Limits) -> Iterator[DatasetHeader | Chunk]:
    header, done = None, 0
    while (frame := pipe.receive(out)) is not None:
        kind, payload = frame
        if kind == b"H":
            header, done = wire.decode_header(payload, columns=limits.columns, features=limits.features), 0
            yield header
        elif header is not None:
            chunk = wire.decode_chunk(payload, header, done + 1, text_limit=limits.text)
            done += len(chunk.geometry)
            yield chunk


@pytest.fixture
def desk(new_desk: Callable[[], Desk]) -> Desk:
    return new_desk()
