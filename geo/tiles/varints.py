"""Whole numbers as the protocol buffers write them: seven bits a byte, the least first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def varint(number: int) -> bytes:
    """One number that is not negative."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def sizes(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many bytes each takes."""
    found = np.ones(len(numbers), dtype=np.int64)
    rest = numbers >> 7
    while rest.any():
        found += rest > 0
        rest >>= 7
    return found


def varints(numbers: NDArray[np.int64]) -> bytes:
    """All of them, one after the other."""
    lengths = sizes(numbers)
    ends = np.cumsum(lengths)
    out = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    at, rest, left = ends - lengths, numbers, lengths
    while len(at):
        out[at] = (rest & 0x7F) | np.where(left > 1, 0x80, 0)
        more = left > 1
        at, rest, left = at[more] + 1, rest[more] >> 7, left[more] - 1
    return out.tobytes()


def zigzag(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Signed numbers as ones that are not negative, small where they are near zero."""
    return (numbers << 1) ^ (numbers >> 63)
