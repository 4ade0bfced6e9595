"""The rows of a writing job as a stream of Arrow batches: one in memory at a time, whoever takes them."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from geo.errors import Refused, Text
from geo.formats import wire
from geo.formats.arrow import library

GEOMETRY = "geometry"
_WKB = {b"ARROW:extension:name": b"geoarrow.wkb"}


class _Hidden:
    """Finds no pandas: Arrow and pyogrio work without it, and loading it takes a second."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        if name in ("pandas", "geopandas"):
            raise ModuleNotFoundError(name)


def arrow() -> Any:
    """pyarrow, without pandas where this process has none."""
    absent = [name for name in ("pandas", "geopandas") if sys.modules.get(name) is None]
    for name in absent:
        sys.modules.pop(name, None)
    if "pandas" in absent and _Hidden not in sys.meta_path:
        sys.meta_path.insert(0, _Hidden)
    return library()


class Stream:
    """What comes through the pipe, as batches of a schema; `sent` counts, `failed` keeps what went wrong while a library was reading."""

    def __init__(
        self, job: Mapping[str, Any], source: BinaryIO, *, texts: Sequence[str] = (), metadata: Mapping[str, Any] | None = None
    ) -> None:
        """`texts`: names or kinds of fields that the format has no type for, so that they become texts; `metadata`: field name → {key: value}."""
        self.arrow = arrow()
        self.fields = [(name, "text" if kind in texts else kind) for name, kind in job["fields"]]
        self.schema = self._schema(metadata or {})
        self.sent = 0
        self.failed: BaseException | None = None
        self._source = source

    def _schema(self, metadata: Mapping[str, Any]) -> Any:
        pa = self.arrow
        types = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(), "date": pa.date32()}
        own = [pa.field(name, types.get(kind, pa.string()), metadata=metadata.get(name)) for name, kind in self.fields]
        return pa.schema([pa.field(GEOMETRY, pa.binary(), metadata=_WKB), *own])

    def batches(self, count: int | None = None) -> Iterator[Any]:
        """The rest of the rows, or the next `count` of them (whose last frame ends there)."""
        left = count
        while left is None or left > 0:
            rows = wire.receive_rows(self._source, len(self.fields))
            if rows is None:
                if left is None:
                    return
                raise Refused(Text("要写的行没有到齐", "rows to be written are missing"))
            self.sent += len(rows[0])
            left = None if left is None else left - len(rows[0])
            yield self._batch(*rows)

    def _batch(self, geometry: Sequence[bytes | None], columns: Sequence[Sequence[Any]]) -> Any:
        arrays = [self.arrow.array(geometry, self.schema.field(0).type)]
        for (_, kind), values, field in zip(self.fields, columns, list(self.schema)[1:], strict=True):
            arrays.append(self.arrow.array(_plain(values, kind), field.type))
        return self.arrow.record_batch(arrays, schema=self.schema)

    def reader(self, count: int | None = None) -> Any:
        """The batches as a library of C takes them; an error in them stays in `failed`, where the library would only say that there was one."""

        def kept() -> Iterator[Any]:
            try:
                yield from self.batches(count)
            except BaseException as error:
                self.failed = error
                raise

        return self.arrow.RecordBatchReader.from_batches(self.schema, kept())


def _plain(values: Sequence[Any], kind: str) -> Sequence[Any]:
    if kind == "date":
        return [None if v is None else datetime.date.fromisoformat(v) for v in values]
    if kind == "text":
        return [v if v is None or type(v) is str else str(v) for v in values]
    if kind == "number":
        return [None if v is None else float(v) for v in values]
    return values


def to_gdal(library: Any, stream: Stream, target: Any, job: Mapping[str, Any], *, count: int | None = None, **options: Any) -> None:
    """The stream as one layer of a file, by GDAL; `options` are those of pyogrio and of the driver. Raises what went wrong in the stream, else what GDAL says."""
    chosen = {"layer": job["layer"], "driver": job["driver"], "crs": job["crs"], "geometry_type": job["geometry_type"], **options}
    try:
        library.raw.write_arrow(stream.reader(count), str(target), geometry_name=GEOMETRY, **chosen)
    except Exception:
        if stream.failed is not None:
            raise stream.failed from None
        raise
