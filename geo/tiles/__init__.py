"""Vector tiles: where a tile lies, what of a set of features is drawn in it at its zoom, and its bytes."""

from __future__ import annotations

from geo.tiles.encode import encode
from geo.tiles.generalise import Content, content
from geo.tiles.grid import EXTENT, MAX_ZOOM, PIXELS, Tile, to_plane
from geo.tiles.sets import Column, Shapes, TileSet

__all__ = ["EXTENT", "MAX_ZOOM", "PIXELS", "Column", "Content", "Shapes", "Tile", "TileSet", "content", "encode", "to_plane"]
