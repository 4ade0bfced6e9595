"""Foreign files written in the child from plain rows, so that the service itself never loads GDAL, Arrow or a drawing library.

A job names `driver`, `layer`, `crs`, `fields` ((name, "text" | "integer" | "number" | "boolean" | "date") …), `geometry_type` and what one driver needs
beside them; `about` is what the file says of itself. The rows follow on standard input. The file is "out" in the job's folder, or there is none.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from geo.errors import Refused, StoreFull, Text, UnsupportedFormat, YuantuError
from geo.formats.limits import Limits
from geo.formats.writing import drawing, flatgeobuf, geopackage, parquet, shapefile

Writer = Callable[[Mapping[str, Any], BinaryIO, Path], tuple[int, int]]
"""Writes the rows to the file; gives how many were sent and how many a reader of its own finds in the file."""

WRITERS: Mapping[str, Writer] = {
    "GPKG": geopackage.write,
    "ESRI Shapefile": shapefile.write,
    "FlatGeobuf": flatgeobuf.write,
    "Parquet": parquet.write,
    "DXF": drawing.write,
}
_SPARE = 1 << 20
"""A disk with fewer free bytes is why a library failed, whatever it said."""


def write(job: Mapping[str, Any], source: BinaryIO, limits: Limits) -> None:
    """Raises UnsupportedFormat, TooLarge, StoreFull, and Refused when the file does not hold what was sent."""
    writer = WRITERS.get(job["driver"])
    if writer is None:
        raise UnsupportedFormat(Text(f"不能写 {job['driver']}", f"{job['driver']} cannot be written"))
    folder = Path(job["folder"])
    target = folder / "out.part"
    try:
        sent, found = writer(job, source, target)
    except YuantuError:
        raise
    except Exception as error:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or shutil.disk_usage(folder).free < _SPARE:
            raise StoreFull(Text("磁盘已满，文件没有写成", "the disk is full: the file was not written")) from error
        raise
    if found != sent:
        raise Refused(
            Text(f"写了 {sent} 条，文件里只有 {found} 条，已放弃", f"{sent} features were written, the file holds {found}: given up")
        )
    target.rename(folder / "out")
