"""Length-prefixed frames between the child that reads foreign files and the service, and the refusals they carry; loads no library.

A frame is one letter, its length (4 bytes, little-endian) and the payload. H = a dataset's header, C = a chunk, I = an inspected dataset,
E = a refusal, G = the guards in force, R = rows to write, D = all is said.
"""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import orjson

from geo.errors import (
    CrsNotDeclared,
    HostileFile,
    OutsideArea,
    Refused,
    StoreFull,
    Text,
    TooLarge,
    UnknownCrs,
    UnreadableFile,
    UnsupportedFormat,
    YuantuError,
)

MAX_FRAME = 512 * 1024 * 1024
MAX_REFUSAL = 4 * 1024 * 1024
_HEAD = struct.Struct("<cI")
_ERRORS: dict[str, type[YuantuError]] = {
    e.code: e
    for e in (UnsupportedFormat, UnreadableFile, HostileFile, TooLarge, CrsNotDeclared, OutsideArea, UnknownCrs, Refused, StoreFull)
}


class BadFrame(ValueError):
    """The child sent something it must not send."""


def send(out: BinaryIO, kind: bytes, *parts: bytes) -> None:
    out.write(_HEAD.pack(kind, sum(map(len, parts))))
    for part in parts:
        out.write(part)
    out.flush()


def receive(source: BinaryIO) -> tuple[bytes, bytes] | None:
    """The next frame, None at the end of the stream. Raises BadFrame for one that is cut off or too long."""
    head = source.read(_HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise BadFrame("cut off in a head")
    kind, length = _HEAD.unpack(head)
    if length > MAX_FRAME:
        raise BadFrame("longer than allowed")
    payload = source.read(length)
    if len(payload) < length:
        raise BadFrame("cut off")
    return kind, payload


def json_object(data: bytes) -> dict[str, Any]:
    """Raises BadFrame for anything but a JSON object."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadFrame("not JSON") from error
    if not isinstance(value, dict):
        raise BadFrame("not an object")
    return value


def encode_error(error: YuantuError) -> bytes:
    return orjson.dumps({"code": error.code, "zh": error.text.zh[:2000], "en": error.text.en[:2000], "members": error.members})


def decode_error(payload: bytes) -> YuantuError:
    """The refusal the child asks for; only the classes a file can cause, and no more of it than a page can show. Raises BadFrame."""
    if len(payload) > MAX_REFUSAL:
        raise BadFrame("a refusal longer than allowed")
    value = json_object(payload)
    kind = _ERRORS.get(str(value.get("code")), UnreadableFile)
    members = value.get("members")
    return kind(Text(str(value.get("zh"))[:2000], str(value.get("en"))[:2000]), **(members if isinstance(members, dict) else {}))
