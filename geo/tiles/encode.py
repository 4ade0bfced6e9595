"""Tile bytes after the Mapbox Vector Tile specification 2.1, all features of a tile at once.

A feature is nothing but varints, tags and lengths among them: the whole layer is laid out as one column of numbers, which is written by one call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.tiles.generalise import Content, content
from geo.tiles.grid import EXTENT, Tile
from geo.tiles.paths import Paths, paths
from geo.tiles.sets import TileSet, value
from geo.tiles.varints import sizes, varint, varints, zigzag

_POINT, _LINE, _POLYGON = 1, 2, 3
_MOVE, _LINE_TO, _CLOSE = 1, 2, 15

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A property of the features of a tile: codes (-1 = has none) and what they stand for."""

    name: str
    codes: Numbers
    values: Sequence[bytes]


def encode(of: TileSet, tile: Tile) -> bytes:
    """The tile, b"" when nothing lies in it."""
    drawn = content(of, tile)
    found = paths(of, drawn, tile)
    whole = found.owner_rows
    if not len(whole) + len(drawn.points) + len(drawn.cells.count):
        return b""
    return _layer(of.name, _ids(of, drawn, whole), _tags(of, drawn, whole), found.with_points(drawn.at, drawn.cells.at))


def _ids(of: TileSet, drawn: Content, whole: Numbers) -> Numbers:
    """-1 for a count, which is no feature."""
    return np.concatenate([of.ids[whole], of.ids[drawn.points], np.full(len(drawn.cells.count), -1)])


def _tags(of: TileSet, drawn: Content, whole: Numbers) -> list[_Tagged]:
    rows = np.concatenate([whole, drawn.points])
    own = [_Tagged(c.name, np.concatenate([c.codes[rows], told]), c.values) for c, told in zip(of.columns, drawn.cells.codes, strict=True)]
    counts, codes = np.unique(drawn.cells.count, return_inverse=True)
    none = np.full(len(rows), -1, dtype=np.int64)
    return [*own, _Tagged("count", np.concatenate([none, codes]), [value(n) for n in counts.tolist()])]


def _layer(name: str, ids: Numbers, tagged: list[_Tagged], shapes: Paths) -> bytes:
    tags, ends, values = _numbered(tagged)
    body = [
        b"\x0a" + _sized(name.encode()),
        _features(ids, tags, ends, shapes),
        *(b"\x1a" + _sized(t.name.encode()) for t in tagged),
        *(b"\x22" + _sized(v) for v in values),
        b"\x28" + varint(EXTENT) + b"\x78\x02",
    ]
    return b"\x1a" + _sized(b"".join(body))


def _sized(text: bytes) -> bytes:
    return varint(len(text)) + text


def _numbered(tagged: list[_Tagged]) -> tuple[Numbers, Numbers, list[bytes]]:
    """Key and value numbers of all features one after the other, where each feature's end, and the values that are used."""
    values: list[bytes] = []
    numbers = np.full((len(tagged[0].codes), len(tagged)), -1, dtype=np.int64)
    for i, tag in enumerate(tagged):
        known = tag.codes >= 0
        used, numbers[known, i] = np.unique(tag.codes[known], return_inverse=True)
        numbers[known, i] += len(values)
        values += [tag.values[code] for code in used.tolist()]
    there = numbers >= 0
    _, keys = np.nonzero(there)
    return np.column_stack([keys, numbers[there]]).ravel(), np.cumsum(2 * there.sum(axis=1)), values


def _features(ids: Numbers, tags: Numbers, tag_ends: Numbers, shapes: Paths) -> bytes:
    """Messages 12 (feature): 08 id, 12 tags, 18 type, 22 geometry."""
    geometry, geometry_ends = commands(shapes)
    tag_bytes, geometry_bytes = _spans(sizes(tags), tag_ends), _spans(sizes(geometry), geometry_ends)
    named = ids >= 0
    lengths = np.where(named, 1 + sizes(np.maximum(ids, 0)), 0) + 4 + sizes(tag_bytes) + tag_bytes + sizes(geometry_bytes) + geometry_bytes
    head = np.column_stack([np.full(len(ids), 0x12), lengths, np.full(len(ids), 0x08), ids, np.full(len(ids), 0x12), tag_bytes])
    wanted = np.ones(head.shape, dtype=bool)
    wanted[:, 2:4] = named[:, None]
    middle = np.column_stack([np.full(len(ids), 0x18), shapes.types, np.full(len(ids), 0x22), geometry_bytes])
    heads, middles = np.cumsum(wanted.sum(axis=1)), np.arange(4, 4 * len(ids) + 1, 4)
    return varints(_woven((head[wanted], heads), (tags, tag_ends), (middle.ravel(), middles), (geometry, geometry_ends)))


def _spans(each: Numbers, ends: Numbers) -> Numbers:
    """Sums of `each` between the ends; what ends where the one before does is 0."""
    total = np.concatenate([[0], np.cumsum(each)])
    return np.asarray(np.diff(total[np.concatenate([[0], ends])]))


def _woven(*streams: tuple[Numbers, Numbers]) -> Numbers:
    """Streams of numbers, each cut at the ends of the features, so that feature by feature the pieces follow each other."""
    lengths = np.column_stack([np.diff(ends, prepend=0) for _, ends in streams])
    starts = (np.cumsum(lengths.ravel()) - lengths.ravel()).reshape(lengths.shape)
    out = np.empty(int(lengths.sum()), dtype=np.int64)
    for i, (numbers, ends) in enumerate(streams):
        shift = starts[:, i] - (ends - lengths[:, i])
        out[np.arange(len(numbers)) + np.repeat(shift, lengths[:, i])] = numbers
    return out


def commands(shapes: Paths) -> tuple[Numbers, Numbers]:
    """The drawing commands of all features one after the other, and where each feature's end. A pen starts at 0, 0 for each feature."""
    points, long = shapes.lengths, shapes.lengths > 1
    room = 3 + np.where(long, 2 * points - 1, 0) + shapes.closed
    ends = np.cumsum(room)
    starts = ends - room
    first = np.cumsum(points) - points
    steps = np.diff(shapes.xy, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    begins = first[shapes.first_of_owner]
    steps[begins] = shapes.xy[begins]
    within = np.arange(len(shapes.xy)) - np.repeat(first, points)
    at = np.repeat(starts, points) + np.where(within == 0, 1, 2 + 2 * within)
    out = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    out[at], out[at + 1] = zigzag(steps[:, 0]), zigzag(steps[:, 1])
    out[starts] = 1 << 3 | _MOVE
    out[starts[long] + 3] = (points[long] - 1) << 3 | _LINE_TO
    out[ends[shapes.closed] - 1] = _CLOSE
    last = np.append(shapes.first_of_owner[1:], len(points)) - 1
    return out, ends[last]
