"""A FlatGeobuf with its spatial index; the file is counted by walking through it, not by asking the library that wrote it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from geo.errors import Text, UnreadableFile
from geo.formats import gdal
from geo.formats.writing.stream import Stream, to_gdal

_MAGIC = b"fgb\x03fgb"
_FEATURES, _NODE_SIZE = 8, 9
"""Numbers of two fields in the table of the header."""
_NODE = 40


def write(job: Mapping[str, Any], source: BinaryIO, target: Path) -> tuple[int, int]:
    """The rows as one layer. Dates become texts: the format knows only instants. Every row needs a place: its index, and other readers, know no other."""
    library = gdal.library("FlatGeobuf")
    stream = Stream(job, source, texts=("date",))
    made = target.with_suffix(".fgb")
    said = {"TITLE": job["title"], "DESCRIPTION": orjson.dumps({"yuantu": job["about"]}).decode()} if "about" in job else {}
    to_gdal(library, stream, made, job, SPATIAL_INDEX="YES", TEMPORARY_DIR=str(target.parent), **said)
    found = count(made)
    made.rename(target)
    return stream.sent, found


def count(path: Path) -> int:
    """How many features the file holds, each one stepped over. Raises UnreadableFile where it ends inside of one."""
    with path.open("rb") as file:
        file.seek(8)
        size = struct.unpack("<I", file.read(4))[0]
        header = file.read(size)
        node_size = _number(header, _NODE_SIZE, "<H", 16)
        file.seek(_index_size(_number(header, _FEATURES, "<Q", 0), node_size), 1)
        length, found = path.stat().st_size, 0
        while head := file.read(4):
            file.seek(struct.unpack("<I", head)[0], 1)
            found += 1
        if file.tell() != length:
            raise UnreadableFile(Text("FlatGeobuf 没有写完整", "the FlatGeobuf is not whole"))
    return found


def _number(table: bytes, field: int, form: str, default: int) -> int:
    """A number of a flatbuffers table at its root; the default where it is left out."""
    root = struct.unpack_from("<I", table)[0]
    entries = root - struct.unpack_from("<i", table, root)[0]
    if 4 + 2 * field >= struct.unpack_from("<H", table, entries)[0]:
        return default
    at = struct.unpack_from("<H", table, entries + 4 + 2 * field)[0]
    return int(struct.unpack_from(form, table, root + at)[0]) if at else default


def _index_size(features: int, node_size: int) -> int:
    """Bytes of the packed R-tree over so many features; 0 without one."""
    if not features or not node_size:
        return 0
    level, nodes = features, features
    while level > 1:
        level = -(-level // node_size)
        nodes += level
    return nodes * _NODE if features > 1 else 2 * _NODE
