"""GeoParquet 1.1: WKB with its CRS and kinds in the `geo` key, rows in groups, labels beside the columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson
import pyproj
import shapely

from geo.formats.writing.stream import GEOMETRY, Stream
from geo.geometry import array_of

GROUP = 50_000
"""Rows of a group: some megabytes, so that a reader can take a part."""

_CRS84 = "EPSG:4326"
_KINDS = ("Point", "LineString", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
"""By the numbers that shapely gives them."""


def write(job: Mapping[str, Any], source: BinaryIO, target: Path) -> tuple[int, int]:
    """The rows as one table; `titles` are the labels of the fields."""
    titles = job.get("titles") or [name for name, _ in job["fields"]]
    stream = Stream(job, source, metadata={name: {"title": title} for (name, _), title in zip(job["fields"], titles, strict=True)})
    import pyarrow.parquet as pq

    plain = stream.schema.set(0, stream.arrow.field(GEOMETRY, stream.arrow.binary()))
    seen = _Seen()
    said = {"yuantu": orjson.dumps(job["about"]).decode()} if "about" in job else {}
    plain = plain.with_metadata({**said, "geo": orjson.dumps(seen.geo(job["crs"])).decode()})  # readers of Arrow take this for the file's
    with pq.ParquetWriter(target, plain, compression="snappy") as writer:
        for group in _groups(stream, plain):
            writer.write_table(group)
            seen.look(group.column(0))
        writer.add_key_value_metadata({"geo": orjson.dumps(seen.geo(job["crs"])).decode()})
    return stream.sent, int(pq.ParquetFile(target).metadata.num_rows)


def _groups(stream: Stream, schema: Any) -> Iterator[Any]:
    """Tables of GROUP rows or a little more; one at least, so that an empty answer is a table too."""
    held: list[Any] = []
    wrote = False
    for batch in stream.batches():
        held.append(stream.arrow.RecordBatch.from_arrays(batch.columns, schema=schema))
        if sum(map(len, held)) >= GROUP:
            yield stream.arrow.Table.from_batches(held, schema)
            held, wrote = [], True
    if held or not wrote:
        yield stream.arrow.Table.from_batches(held, schema)


class _Seen:
    """Kinds and bounds of the geometries that went by."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.bounds: list[Any] = []

    def look(self, column: Any) -> None:
        shapes = shapely.from_wkb(array_of(column.to_pylist()))
        shapes = shapes[~shapely.is_missing(shapes)]
        self.kinds.update(_KINDS[number] for number in np.unique(shapely.get_type_id(shapes)).tolist())
        if len(shapes):
            self.bounds.append(shapely.total_bounds(shapes))

    def geo(self, crs: str) -> dict[str, Any]:
        said: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted(self.kinds)}
        if crs != _CRS84:  # left out it is longitude and latitude of WGS 84
            said["crs"] = pyproj.CRS.from_user_input(crs).to_json_dict()
        if self.bounds:
            boxes = np.array(self.bounds)
            said["bbox"] = [*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist()]
        return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: said}}
