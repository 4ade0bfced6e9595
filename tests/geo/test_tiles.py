"""Tiles read back by another library and counted by hand: nothing is dropped, nothing stands in the wrong place."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import mapbox_vector_tile
import numpy as np
import pyproj
import pytest
import shapely

from geo.errors import Text
from geo.schema import Field, FieldType
from geo.tiles import EXTENT, Column, Shapes, Tile, TileSet, encode, to_plane
from geo.tiles.varints import varint, varints, zigzag

HERE = (112.98, 34.75)


def field(name: str, type: FieldType = "text") -> Field:
    return Field(name, type, Text(name, name))


def tile_set(geometry: list[Any], **columns: tuple[FieldType, list[Any]]) -> TileSet:
    made = [
        Column.of(field(name, type), np.array(values, dtype=object if type in ("text", "boolean", "json") else float))
        for name, (type, values) in columns.items()
    ]
    return TileSet("set", np.arange(1, len(geometry) + 1), Shapes.of(np.array([*geometry, None], dtype=object)[:-1]), made)


def read(body: bytes) -> list[dict[str, Any]]:
    """Features with y downwards, as they stand in the tile."""
    if not body:
        return []
    options = {"y_coord_down": True}
    return list(mapbox_vector_tile.decode(body, default_options=options)["set"]["features"])


def in_core(feature: dict[str, Any]) -> bool:
    return all(0 <= v < EXTENT for v in feature["geometry"]["coordinates"])


def in_place(tile: Tile, *units: tuple[float, float]) -> list[tuple[float, float]]:
    """Longitudes and latitudes of units of a tile."""
    side = 2 * np.pi * 6378137 / 2**tile.z
    xy = [((tile.x + x / EXTENT) * side - np.pi * 6378137, np.pi * 6378137 - (tile.y + y / EXTENT) * side) for x, y in units]
    to_degrees = pyproj.Transformer.from_crs(3857, 4326, always_xy=True)
    return [to_degrees.transform(x, y) for x, y in xy]


# the grid ---------------------------------------------------------------------------------------------------------------------


def test_a_tile_lies_where_the_standard_puts_it() -> None:
    assert Tile(1, 1, 0).bounds.tuple == pytest.approx((0, 0, 180, 85.0511287798066))
    assert Tile.holding(*HERE, 14) == Tile(14, 13333, 6503)


def test_the_plane_is_web_mercator() -> None:
    """PROJ is the answer key."""
    places = np.array([[112.98, 34.75], [-179.9, -60.0], [0.0, 0.0], [10.0, 84.9]])
    x, y = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(*places.T)
    whole = 2 * np.pi * 6378137
    assert to_plane(places) == pytest.approx(np.column_stack([x / whole + 0.5, 0.5 - y / whole]), abs=1e-12)


@pytest.mark.parametrize("place", [(180.0, 0.0), (-180.0, 90.0), (180.0, -90.0)])
def test_the_edges_of_the_world_belong_to_a_tile(place: tuple[float, float]) -> None:
    """Longitude 180 fell into a column that there is not."""
    found = read(encode(tile_set([shapely.Point(place)]), Tile.holding(*place, 3)))
    assert [in_core(f) for f in found] == [True]


@pytest.mark.parametrize("place", [(1, 2, 0), (-1, 0, 0), (23, 0, 0)])
def test_a_tile_outside_the_grid_is_none(place: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="there is no tile"):
        Tile(*place)


# the bytes --------------------------------------------------------------------------------------------------------------------


def test_many_numbers_are_written_as_each_alone() -> None:
    numbers = [0, 1, 127, 128, 300, 16383, 16384, 2**21, 2**35, 2**62]
    assert varints(np.array(numbers)) == b"".join(map(varint, numbers))
    assert zigzag(np.array([0, -1, 1, -2, 2147483647])).tolist() == [0, 1, 2, 3, 4294967294]


def test_a_square_comes_back_at_its_place() -> None:
    tile = Tile.holding(*HERE, 15)
    corners = in_place(tile, (100, 200), (300, 200), (300, 600), (100, 600))
    found = read(encode(tile_set([shapely.Polygon(corners)]), tile))
    assert [f["id"] for f in found] == [1]
    assert set(map(tuple, found[0]["geometry"]["coordinates"][0])) == {(100, 200), (300, 200), (300, 600), (100, 600)}


def test_values_keep_their_types_and_unknown_ones_are_left_out() -> None:
    point = shapely.Point(HERE)
    kinds: dict[str, tuple[FieldType, list[Any]]] = {
        "name": ("text", ["南苑{{7*7}}", None]),
        "year": ("year", [1994.0, np.nan]),
        "deep": ("integer", [-7.0, 12.0]),
        "width": ("number", [3.25, np.nan]),
        "open": ("boolean", [True, False]),
        "extra": ("json", [{"a": "甲"}, None]),
    }
    found = read(encode(tile_set([point, shapely.Point(HERE[0] + 0.001, HERE[1])], **kinds), Tile.holding(*HERE, 15)))
    assert found[0]["properties"] == {"name": "南苑{{7*7}}", "year": 1994, "deep": -7, "width": 3.25, "open": True, "extra": '{"a": "甲"}'}
    assert found[1]["properties"] == {"deep": 12, "open": False}


def test_holes_and_parts_come_back_with_their_area() -> None:
    tile = Tile.holding(*HERE, 15)
    outer, hole, other = (in_place(tile, (a, a), (b, a), (b, b), (a, b)) for a, b in ((100, 1100), (300, 500), (2000, 2200)))
    shape = shapely.MultiPolygon([shapely.Polygon(outer, [hole]), shapely.Polygon(other)])
    found = read(encode(tile_set([shape]), tile))
    assert shapely.from_geojson(json.dumps(found[0]["geometry"])).area == 1000**2 - 200**2 + 200**2


def test_a_tile_with_nothing_is_empty() -> None:
    assert encode(tile_set([shapely.Point(HERE)]), Tile(15, 0, 0)) == b""
    assert encode(tile_set([]), Tile(0, 0, 0)) == b""


def test_a_large_area_is_cut_at_the_buffer_and_whole_over_all_tiles() -> None:
    """The parts of a disc over all tiles, each without its buffer, come to its area."""
    disc = shapely.Point(HERE).buffer(0.02, quad_segs=64)
    cut = tile_set([disc])
    core, total = shapely.box(0, 0, EXTENT, EXTENT), 0.0
    first, last = Tile.holding(112.96, 34.77, 14), Tile.holding(113.0, 34.73, 14)
    for x in range(first.x, last.x + 1):
        for y in range(first.y, last.y + 1):
            for feature in read(encode(cut, Tile(14, x, y))):
                assert np.abs(np.array(feature["geometry"]["coordinates"][0]) - EXTENT / 2).max() <= EXTENT / 2 + 128
                total += shapely.Polygon(feature["geometry"]["coordinates"][0]).intersection(core).area
    flat = shapely.transform(disc, to_plane).area * (EXTENT << 14) ** 2
    assert total == pytest.approx(flat, rel=2e-3)


# generalised, and nothing dropped ---------------------------------------------------------------------------------------------


def crowd() -> list[Any]:
    """Points, some of them at one place; areas and lines of 1 m to 3 km; a strip that is 1 cm wide; an area with a hole."""
    random = np.random.default_rng(7)
    at = np.array(HERE) + random.normal(0, 0.02, (400, 2))
    at[:40] = at[0]
    size = 10 ** random.uniform(-5, -1.5, 400)
    shapes = [shapely.box(x, y, x + s, y + s) if i % 3 else shapely.Point(x, y) for i, ((x, y), s) in enumerate(zip(at, size, strict=True))]
    lines = [shapely.LineString([p, p + s]) for p, s in zip(at[:50], size[:50], strict=True)]
    strip = shapely.box(112.95, 34.7, 112.9500001, 34.78)
    ring = shapely.Point(HERE).buffer(0.01).difference(shapely.Point(HERE).buffer(0.005))
    return [*shapes, *lines, strip, ring, shapely.MultiPoint(at[5:9])]


def tiles_of(cut: TileSet, z: int) -> list[tuple[Tile, list[dict[str, Any]]]]:
    """All tiles of a zoom around the crowd that hold something."""
    first, last = Tile.holding(112.8, 34.9, z), Tile.holding(113.2, 34.6, z)
    every = (Tile(z, x, y) for x in range(first.x, last.x + 1) for y in range(first.y, last.y + 1))
    return [(tile, found) for tile in every if (found := read(encode(cut, tile)))]


@pytest.mark.parametrize("z", [0, 5, 9, 11, 12])
def test_every_feature_is_there_at_every_zoom(z: int) -> None:
    """Shapes by their ids, points and counts by the one tile that owns them."""
    shapes = crowd()
    drawn: set[int] = set()
    points: Counter[int] = Counter()
    counted = 0
    for _, found in tiles_of(tile_set(shapes), z):
        for feature in found:
            if feature["geometry"]["type"] != "Point":
                drawn.add(feature["id"])
            elif in_core(feature) and "count" in feature["properties"]:
                counted += feature["properties"]["count"]
            elif in_core(feature):
                points[feature["id"]] += 1
    assert set(points.values()) <= {1}
    assert drawn.isdisjoint(points)
    assert len(drawn) + len(points) + counted == len(shapes)


def test_neighbours_tell_the_same_of_what_both_hold() -> None:
    """What stands in a buffer is what its own tile says: a count across an edge must not be cut in two halves, each with another number."""
    own: dict[tuple[int, int], Any] = {}
    lent: dict[tuple[int, int], Any] = {}
    for tile, found in tiles_of(tile_set(crowd()), 11):
        for feature in (f for f in found if f["geometry"]["type"] == "Point"):
            x, y = feature["geometry"]["coordinates"]
            place = (tile.x * EXTENT + x, tile.y * EXTENT + y)
            (own if in_core(feature) else lent)[place] = (feature.get("id"), feature["properties"])
    assert len(lent) > 5
    assert {place: told for place, told in lent.items() if own.get(place) != told} == {}


def test_points_stay_apart_where_one_reads_streets() -> None:
    """Forty hazards at one gate must be forty on the map that one works with."""
    cut = tile_set([shapely.Point(HERE)] * 40)
    assert [f["properties"] for f in read(encode(cut, Tile.holding(*HERE, 13)))] == [{"count": 40}]
    assert sorted(f["id"] for f in read(encode(cut, Tile.holding(*HERE, 14)))) == list(range(1, 41))


def test_a_strip_without_area_becomes_a_line() -> None:
    strip = shapely.box(112.98, 34.70, 112.9800001, 34.78)
    assert read(encode(tile_set([strip]), Tile.holding(*HERE, 12)))[0]["geometry"]["type"] == "LineString"


def test_a_count_has_the_most_frequent_class_and_the_middle_number() -> None:
    """Three of five have gas; the middle of 1980, 1985, 2001 is 1985; no name is theirs in common."""
    columns: dict[str, tuple[FieldType, list[Any]]] = {
        "gas": ("text", ["full", "none", "full", None, "full"]),
        "year": ("year", [2001.0, np.nan, 1980.0, 1985.0, np.nan]),
        "mostly": ("number", [np.nan, np.nan, 1.0, np.nan, 2.0]),
    }
    found = read(encode(tile_set([shapely.Point(HERE)] * 5, **columns), Tile.holding(*HERE, 10)))
    assert [f["properties"] for f in found] == [{"gas": "full", "year": 1985, "count": 5}]


def test_a_count_of_which_no_number_is_known_tells_none() -> None:
    """The last square of a tile with nothing known in it looked behind the end of the numbers: such tiles were a 500."""
    body = encode(tile_set([shapely.Point(0.1, 0.1)] * 3, year=("year", [None, None, None])), Tile(0, 0, 0))
    assert [f["properties"] for f in read(body)] == [{"count": 3}]


def test_names_are_not_told_of_counts() -> None:
    names = [f"院{n}" for n in range(100)]
    found = read(encode(tile_set([shapely.Point(HERE)] * 100, name=("text", names)), Tile.holding(*HERE, 10)))
    assert [f["properties"] for f in found] == [{"count": 100}]


def test_the_unplaced_are_left_out() -> None:
    cut = tile_set([None, shapely.Point(HERE), shapely.Point()], name=("text", ["a", "b", "c"]))
    assert [(f["id"], f["properties"]) for f in read(encode(cut, Tile.holding(*HERE, 15)))] == [(2, {"name": "b"})]
