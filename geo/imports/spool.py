"""A sequence kept in a temporary file: what an import holds between its passes stays out of memory."""

from __future__ import annotations

import errno
import struct
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any, Generic, TypeVar, overload

import orjson

from geo.errors import StoreFull, Text

T = TypeVar("T")

_BLOCK = 1024
_HEAD = struct.Struct("<II")


_FULL = Text(
    "磁盘已满（临时文件夹）：没有导入，数据没有改动；请清理磁盘后再试",
    "the disk is full (the folder of temporary files): nothing was imported and no data changed; make room and try again",
)


def _closed(file: IO[bytes]) -> None:
    """Nothing of it is wanted any more: what a full disk did not take need not be written either."""
    with suppress(OSError):
        file.close()


class Spool(Sequence[T], Generic[T]):
    """Append-only sequence of items; `pack` gives an item as JSON values and bytes (a geometry or None), `unpack` is its inverse.

    Items are written in blocks; reading from front to back is cheap, reading at random decodes a block. Less than a block needs no file.
    """

    def __init__(self, pack: Callable[[T], tuple[Any, bytes | None]], unpack: Callable[[Any, bytes | None], T]) -> None:
        self._file: IO[bytes] | None = None
        self._closer: Callable[[], object] | None = None
        self._pack, self._unpack = pack, unpack
        self._offsets: list[int] = []
        self._open: list[tuple[Any, bytes | None]] = []
        self._cached: tuple[int, list[T]] = (-1, [])

    def __len__(self) -> int:
        return len(self._offsets) * _BLOCK + len(self._open)

    def append(self, item: T) -> None:
        self.add(*self._pack(item))

    def add(self, value: Any, blob: bytes | None) -> None:
        """Append an item that is packed already."""
        self._open.append((value, blob))
        if len(self._open) == _BLOCK:
            self._write()

    def _write(self) -> None:
        blobs = [blob for _, blob in self._open]
        head = orjson.dumps([[value for value, _ in self._open], [None if b is None else len(b) for b in blobs]])
        body = b"".join(b for b in blobs if b is not None)
        try:
            self._put(head, body)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise StoreFull(_FULL) from error
        self._open = []

    def _put(self, head: bytes, body: bytes) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by `close`, at the latest with the object
            self._closer = weakref.finalize(self, _closed, self._file)
        self._file.seek(0, 2)
        self._offsets.append(self._file.tell())
        self._file.write(_HEAD.pack(len(head), len(body)))
        self._file.write(head)
        self._file.write(body)
        self._file.flush()

    def _block(self, index: int) -> list[T]:
        if index == len(self._offsets):
            return [self._unpack(*packed) for packed in self._open]
        if self._cached[0] != index:
            assert self._file is not None, "a block that was written"
            self._file.seek(self._offsets[index])
            head_size, body_size = _HEAD.unpack(self._file.read(_HEAD.size))
            values, sizes = orjson.loads(self._file.read(head_size))
            body = self._file.read(body_size)
            items, at = [], 0
            for value, size in zip(values, sizes, strict=True):
                items.append(self._unpack(value, None if size is None else body[at : at + size]))
                at += size or 0
            self._cached = (index, items)
        return self._cached[1]

    def __iter__(self) -> Iterator[T]:
        for index in range(len(self._offsets) + 1):
            yield from self._block(index)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        return self._block(at // _BLOCK)[at % _BLOCK]

    def close(self) -> None:
        self._open, self._offsets, self._cached = [], [], (-1, [])
        if self._closer is not None:
            self._closer()
        self._file = self._closer = None
