"""An answer as a DXF drawing: a CAD layer for each class and one for its titles; written by the child."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo import sandbox
from geo.crs import normalise
from geo.errors import Text
from geo.exports.about import about
from geo.exports.classes import Class, classes
from geo.exports.columns import feature_titles
from geo.exports.feature_collection import project
from geo.exports.foreign import title
from geo.exports.output import Output

if TYPE_CHECKING:
    from geo.answers import Answer

CHUNK = 5_000
HEIGHT_M = 2.5
"""Height of the titles: readable on a plan of 1 : 500."""

_TEXTS = Text("文字", "TEXT")
_UNITS = {"metre": (6, 1.0), "foot": (2, 0.3048), "US survey foot": (21, 1200 / 3937)}
"""Unit of a CRS → its number in $INSUNITS, and its length in metres."""

_FORBIDDEN = re.compile(r"[<>/\\\":;?*|=,`\x00-\x1f]+")


def dxf(answer: Answer, output: Output, path: Path) -> None:
    """Outlines and titles in the CRS asked for; what has no place is left out."""
    groups = classes(answer, output)
    shapes = answer.frame.geometry.to_numpy()
    bounds = shapely.total_bounds(project(shapes, output.crs)) if len(shapes) else np.array([np.nan])
    unit, metres = _unit(output.crs)
    job = {
        "driver": "DXF",
        "layer": answer.layer.id,
        "fields": [("layer", "integer"), ("id", "integer"), ("code", "text"), ("title", "text")],
        "crs": output.crs,
        "layers": list(_layers(answer, output, groups)),
        "properties": dict(_properties(answer, output)),
        "entities": _most_entities(shapes),
        "unit": unit,
        "height": round(HEIGHT_M / metres, 3),
        "bounds": bounds.tolist() if np.isfinite(bounds).all() else None,
    }
    sandbox.make(path, job, _chunks(answer, output, groups), work_dir=path.parent)


def _layers(answer: Answer, output: Output, groups: Sequence[Class]) -> Iterator[dict[str, str]]:
    """One CAD layer a class: "消防通道-3–3.5 米", by name "fire_lanes-3-3.5", and beside it one for the titles."""
    shape = [] if answer.shape is None else [answer.shape.label.of(output.lang) if output.labelled else answer.shape.id]
    base = "-".join([answer.layer.label.of(output.lang) if output.labelled else answer.layer.id, *shape])
    names: set[str] = set()
    for group in groups:
        own = group.label if output.labelled else group.name
        name = _clean(base if len(groups) == 1 and not group.name else f"{base}-{own}")
        while name.lower() in names:
            name += "_"
        texts = f"{name}-{_TEXTS.of(output.lang) if output.labelled else _TEXTS.en}"
        names |= {name.lower(), texts.lower()}
        yield {"name": name, "texts": texts, "color": group.color}


def _clean(name: str) -> str:
    """A name that a drawing may have: some signs are not allowed, and 255 characters are the most; room for an ending is left."""
    return _FORBIDDEN.sub("_", name).strip()[:200] or "0"


def _properties(answer: Answer, output: Output) -> Iterator[tuple[str, str]]:
    """What the drawing says of itself among its properties."""
    yield "YUANTU_TITLE", title(answer, output)
    for key, value in about(answer, output).items():
        if isinstance(value, dict):
            yield from ((f"YUANTU_{key.upper()}_{name.upper()}", str(each)) for name, each in value.items())
        else:
            yield f"YUANTU_{key.upper()}", "; ".join(value) if isinstance(value, list) else str(value)


def _most_entities(shapes: NDArray[np.object_]) -> int:
    """Parts, inner rings and a title for each feature: as many handles may be needed."""
    placed = shapes[~shapely.is_missing(shapes)]
    parts = shapely.get_parts(placed) if len(placed) else placed
    return len(parts) + int(shapely.get_num_interior_rings(parts).sum()) + len(placed)


def _unit(crs: str) -> tuple[int, float]:
    name = pyproj.CRS.from_user_input(normalise(crs)).axis_info[0].unit_name
    return _UNITS.get(name, (0, 1.0))


def _chunks(answer: Answer, output: Output, groups: Sequence[Class]) -> Iterator[tuple[list[bytes | None], list[list[Any]]]]:
    layer = np.zeros(len(answer.frame), dtype=np.int64)
    for number, group in enumerate(groups):
        layer[group.rows] = number
    for start in range(0, len(answer.frame), CHUNK):
        part = answer.frame.iloc[start : start + CHUNK]
        wkb = shapely.to_wkb(project(part.geometry.to_numpy(), output.crs), output_dimension=2, byte_order=1)
        codes = part["code"].tolist() if "code" in part else [None] * len(part)
        yield wkb.tolist(), [layer[start : start + CHUNK].tolist(), part.index.tolist(), codes, feature_titles(answer, part, output.lang)]
