"""Layers of a file that GDAL reads, streamed as Arrow batches, their number of records known beforehand and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo import crs
from geo.errors import Text, UnreadableFile, YuantuError
from geo.formats import arrow, gdal
from geo.formats.contract import RawValue
from geo.formats.dataset import ROWS, Dataset, Raw

_CURVED = ("MultiCurve", "CurvePolygon", "MultiSurface", "CompoundCurve", "CircularString")

Translate = Mapping[str, Mapping[Any, RawValue]]
"""Column → code → text, for columns whose codes stand for texts."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of `path` that holds `count` records, counted without GDAL. `name`: as GDAL has it, None for the only one; `title`: as people do."""

    path: Path
    driver: str
    name: str | None
    count: int
    title: str


def dataset(layer: Layer, *, titles: Mapping[str, str] | None = None, texts: Translate | None = None) -> Dataset:
    """The dataset of a layer; `titles`: columns that are to be called otherwise. Raises UnreadableFile."""
    with readable():
        info = gdal.library(layer.driver).read_info(str(layer.path), layer=layer.name)
    fields = [str(f) for f in info["fields"]]
    placed = info["geometry_type"] is not None
    columns = [(titles or {}).get(f, f) for f in fields]
    out = Dataset(
        layer.title, layer.driver, columns, layer.count, lambda: _chunks(layer, len(fields), placed, fields, texts or {}), has_places=placed
    )
    out.layer_hint = layer.title
    if placed:
        _declare(out, info["crs"])
    return out


def _declare(out: Dataset, said: Any) -> None:
    out.source = crs.declared(str(said)) if said else None
    if said and out.source is None:
        out.note(Text("文件所写的坐标系无法识别", "the coordinate system that the file names cannot be understood"))
    elif out.source and out.source.warning:
        out.note(out.source.warning)


def _chunks(layer: Layer, width: int, placed: bool, fields: list[str], texts: Translate) -> Iterator[Raw]:
    """The records in file order. Raises UnreadableFile when there are more or fewer than were counted."""
    read = 0
    with (
        readable(),
        gdal.library(layer.driver).raw.open_arrow(str(layer.path), layer=layer.name, batch_size=ROWS, use_pyarrow=True) as opened,
    ):
        stream = opened[1]
        at = arrow.geometry_column(stream.schema) if placed else None
        wanted = [i for i in range(len(stream.schema)) if i != at]
        if len(wanted) != width or (placed and at is None):
            raise _differs(layer, 0)
        while (batch := _next(stream)) is not None:
            columns = [_values(batch.column(i), texts.get(f)) for i, f in zip(wanted, fields, strict=True)]
            if at is None:
                yield Raw(columns, None, batch.num_rows)
            else:
                yield _placed(layer, columns, batch.column(at), batch.num_rows, read)
            read += batch.num_rows
    if read != layer.count:
        raise _differs(layer, read)


def _next(stream: Any) -> Any:
    try:
        return stream.read_next_batch()
    except StopIteration:
        return None


def _placed(layer: Layer, columns: list[Any], column: Any, count: int, first: int) -> Raw:
    pa = arrow.library()
    blobs = (column.storage if isinstance(column, pa.ExtensionArray) else column).to_pylist()
    if any(map(arrow.is_curve, blobs)):
        blobs = gdal.read_wkb(layer.path, skip=first, count=count, driver=layer.driver, layer=layer.name)
        if len(blobs) != count:
            raise _differs(layer, first + len(blobs))
    geometry, problems = arrow.shapes(blobs)
    return Raw(columns, geometry, count, problems)


def _values(column: Any, texts: Mapping[Any, RawValue] | None) -> list[RawValue]:
    """The values of a column, codes as their texts. GDAL gives some coded columns as dictionaries in which a code without a text is missing."""
    pa = arrow.library()
    if pa.types.is_dictionary(column.type):
        words = dict(enumerate(arrow.plain(column.dictionary)))
        texts = {code: word for code, word in words.items() if word is not None}
        column = column.indices
    plain = arrow.plain(column)
    return plain if texts is None else [texts.get(v, v) for v in plain]


def _differs(layer: Layer, read: int) -> UnreadableFile:
    name = layer.title
    return UnreadableFile(
        Text(
            f"“{name}”应有 {layer.count} 条，只能读出 {read} 条；文件已损坏，请重新导出",
            f"'{name}' should hold {layer.count} records, {read} can be read: the file is damaged, export it again",
        )
    )


@contextmanager
def readable() -> Iterator[None]:
    """Whatever GDAL says of a file becomes one sentence of ours; its own words may hold paths."""
    try:
        yield
    except (YuantuError, MemoryError, GeneratorExit):
        raise
    except Exception as error:
        raise UnreadableFile(
            Text("文件已损坏，无法读取", "the file is damaged and cannot be read"), log=f"{type(error).__name__}: {error}"[:500]
        ) from None
