"""Records of a document that is parsed once, laid down by dataset in a file of the job's folder, and read back chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely

from geo.errors import Text, TooLarge
from geo.formats.contract import RawValue
from geo.formats.coordinates import build
from geo.formats.dataset import ROWS, Raw
from geo.formats.limits import Limits
from geo.formats.problems import Problem
from geo.geometry import array_of

Row = Mapping[str, RawValue]


@dataclass(slots=True)
class _Heap:
    """The records of one dataset: those not yet written, where the others lie (offset, length, records), and the names in them."""

    rows: list[Row] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    faults: dict[int, Problem] = field(default_factory=dict)
    written: list[tuple[int, int, int]] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)
    count: int = 0


class Spool:
    """`add` takes a record for the dataset `key`; after `finish`, `columns`, `count` and `chunks` give them back in the order they came."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._file = path.open("w+b")
        self._limits = limits
        self._heaps: dict[int, _Heap] = {}
        self._waiting = 0
        self.total = 0

    def add(self, key: int, row: Row, shape: Any, fault: Problem | None = None) -> None:
        """`shape`: a GeoJSON geometry object or None. Raises TooLarge for more records or columns than allowed."""
        heap = self._heaps.get(key) or self._heaps.setdefault(key, _Heap())
        if fault:
            heap.faults[len(heap.rows)] = fault
        heap.rows.append(row)
        heap.shapes.append(None if fault else shape)
        heap.names.update(dict.fromkeys(row))
        heap.count += 1
        self.total += 1
        self._waiting += 1
        if self.total > self._limits.features:
            most = self._limits.features
            raise TooLarge(Text(f"记录超过 {most} 条，请分成几个文件", f"more than {most} records: split the file"))
        if len(heap.names) > self._limits.columns:
            raise TooLarge(Text(f"列超过 {self._limits.columns} 个", f"more than {self._limits.columns} columns"))
        if self._waiting >= ROWS:
            self.finish()

    def finish(self) -> None:
        for heap in self._heaps.values():
            if heap.rows:
                self._write(heap)
        self._waiting = 0

    def _write(self, heap: _Heap) -> None:
        geometry, problems, repairs = build(heap.shapes)
        told = {"rows": heap.rows, "problems": _keyed({**problems, **heap.faults}), "repairs": _keyed(repairs)}
        text = orjson.dumps(told)
        blobs = shapely.to_wkb(geometry).tolist()
        lengths = np.array([0 if b is None else len(b) for b in blobs], dtype="<u4").tobytes()
        body = b"".join((len(text).to_bytes(4, "little"), text, lengths, *(b for b in blobs if b is not None)))
        self._file.seek(0, 2)
        heap.written.append((self._file.tell(), len(body), len(heap.rows)))
        self._file.write(body)
        heap.rows, heap.shapes, heap.faults = [], [], {}

    def keys(self) -> list[int]:
        """The datasets that have records, in the order of their first one."""
        return list(self._heaps)

    def count(self, keys: Sequence[int]) -> int:
        return sum(self._heaps[k].count for k in keys)

    def columns(self, keys: Sequence[int]) -> list[str]:
        return list(dict.fromkeys(name for k in keys for name in self._heaps[k].names))

    def chunks(self, parts: Mapping[int, Row], columns: Sequence[str]) -> Iterator[Raw]:
        """The records of the datasets `parts` one after the other; what stands beside a key is added to each of its rows."""
        batch: list[tuple[list[Row], Any, dict[int, Problem], dict[int, list[str]]]] = []
        waiting = 0
        for key, extra in parts.items():
            for place in self._heaps[key].written:
                if batch and waiting + place[2] > ROWS:
                    yield _joined(batch, columns)
                    batch, waiting = [], 0
                batch.append(self._read(place, extra))
                waiting += place[2]
        if batch:
            yield _joined(batch, columns)

    def _read(self, place: tuple[int, int, int], extra: Row) -> tuple[list[Row], Any, dict[int, Problem], dict[int, list[str]]]:
        offset, length, n = place
        self._file.seek(offset)
        body = self._file.read(length)
        at = 4 + int.from_bytes(body[:4], "little")
        told = orjson.loads(body[4:at])
        ends = at + 4 * n + np.cumsum(np.frombuffer(body[at : at + 4 * n], dtype="<u4").astype(np.int64))
        starts = [at + 4 * n, *ends.tolist()]
        blobs = [body[a:b] or None for a, b in pairwise(starts)]
        rows = [{**row, **extra} for row in told["rows"]] if extra else told["rows"]
        problems = {int(k): (v[0], v[1], v[2]) for k, v in told["problems"].items()}
        return rows, shapely.from_wkb(array_of(blobs)), problems, {int(k): v for k, v in told["repairs"].items()}


def _keyed(found: Mapping[int, Any]) -> dict[str, Any]:
    return {str(k): v for k, v in found.items()}


def _joined(batch: Sequence[Any], columns: Sequence[str]) -> Raw:
    rows: list[Row] = []
    problems: dict[int, Problem] = {}
    repairs: dict[int, list[str]] = {}
    for some, _, faults, mended in batch:
        problems.update({len(rows) + i: p for i, p in faults.items()})
        repairs.update({len(rows) + i: r for i, r in mended.items()})
        rows += some
    geometry = np.concatenate([g for _, g, _, _ in batch])
    return Raw([[row.get(c) for row in rows] for c in columns], geometry, len(rows), problems, repairs)
