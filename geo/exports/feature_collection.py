"""An answer as GeoJSON (RFC 7946), in pieces, so that a city does not have to fit into memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geo import crs as crs_
from geo.errors import BadValue, Text
from geo.exports import geometry_json, properties_json, provenance
from geo.schema import Field

if TYPE_CHECKING:
    from geo.answers import Answer

CHUNK = 4_000


def geojson(
    answer: Answer, *, crs: str = crs_.STORAGE, lang: str = "zh", members: Mapping[str, Any] | None = None, labelled: bool = False
) -> Iterator[bytes]:
    """A FeatureCollection, piece by piece: `members` (links, numberMatched …) first, the `yuantu` member with the fingerprint last.

    Coordinates are in `crs`, x first: 7 decimals of a degree or 3 of a metre. Numbers are finite, rings right-handed, unplaced features have
    a null geometry. `labelled`: properties and choices go by their labels in `lang`. The fingerprint is the SHA-256 of the canonical query and
    the features' bytes, where they are labelled of those that they would be by name.
    """
    head: dict[str, Any] = {"type": "FeatureCollection", **(members or {})}
    box = bbox(answer.frame, crs)
    if box:
        head["bbox"] = box
    if crs != crs_.STORAGE:  # no export: a page in a CRS that RFC 7946 does not know, so it says which
        head["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs.replace(':', '::')}"}}
    yield orjson.dumps(head)[:-1] + b',"features":['
    digest = _digest(answer)
    for piece in features(answer.frame, answer.fields, crs=crs, lang=lang if labelled else None):
        digest.update(piece)
        yield piece
    said = provenance.describe(answer, crs=crs, lang=lang)
    if labelled:
        said |= {"headings": "labels"}
    print_ = fingerprint(answer) if labelled else f"sha256:{digest.hexdigest()}"
    yield b'],"yuantu":' + orjson.dumps(said | {"fingerprint": print_}) + b"}"


def fingerprint(answer: Answer) -> str:
    """SHA-256 of the canonical query and of the features as GeoJSON in WGS 84: what every format says of the same answer."""
    digest = _digest(answer)
    for piece in features(answer.frame, answer.fields):
        digest.update(piece)
    return f"sha256:{digest.hexdigest()}"


def _digest(answer: Answer) -> Any:
    """Of the canonical query; the language is part of it where it makes the words of an answer, not for a layer's own values."""
    asked = dict(provenance.query_args(answer))
    if answer.question is None:
        asked.pop("lang", None)
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS))


def features(frame: gpd.GeoDataFrame, fields: Sequence[Field], *, crs: str = crs_.STORAGE, lang: str | None = None) -> Iterator[bytes]:
    """The features' text, joined by commas: the same bytes wherever a feature is given as GeoJSON. `lang`: with labels in it."""
    decimals = decimals_of(crs)
    for start in range(0, len(frame), CHUNK):
        part = frame.iloc[start : start + CHUNK]
        shapes = geometry_json.encode(project(part.geometry.to_numpy(), crs), decimals=decimals)
        form, columns = properties_json.template(part, fields, lang=lang)
        text = b",".join(map(form.__mod__, zip(part.index.tolist(), shapes, *columns, strict=True)))
        yield text if start == 0 else b"," + text


def decimals_of(crs: str) -> int:
    """Decimals that outputs keep: about a centimetre in degrees, a millimetre in metres."""
    degrees = crs_.is_geographic(crs)
    return geometry_json.DECIMALS_DEGREES if degrees else geometry_json.DECIMALS_METRES


def project(geometry: NDArray[np.object_], crs: str) -> NDArray[np.object_]:
    """Geometries of EPSG:4326 in `crs`, x first; None stays None."""
    if crs == crs_.STORAGE:
        return geometry
    moved = np.asarray(shapely.transform(geometry, lambda xy: crs_.transform_xy(xy, crs_.STORAGE, crs)))
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        said = Text(f"有的要素在 {crs} 的适用范围之外，不能换算", f"some features lie where {crs} has no coordinates")
        raise BadValue(said, parameter="crs")
    return moved


def bbox(frame: gpd.GeoDataFrame, crs: str) -> list[float] | None:
    """west, south, east, north of the placed features in `crs`, rounded as the coordinates are."""
    if not len(frame):
        return None
    shapes = frame.geometry.to_numpy()
    bounds = shapely.total_bounds(shapes if crs == crs_.STORAGE else project(shapes, crs))
    if not np.isfinite(bounds).all():
        return None
    return [float(v) for v in np.round(bounds, decimals_of(crs)) + 0.0]
