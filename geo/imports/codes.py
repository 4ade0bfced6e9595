"""Codes for features whose file gives none: the same record gets the same code in every import."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from geo.values.text import as_text

PREFIX = "h-"
"""Codes that were derived begin so; an office's own code replaces one when a later file brings it."""

_ROW_NUMBERS = 1_000_000


def derived_code(layer: str, *parts: str) -> str:
    """From the parts of a natural key in comparable form."""
    said = "\0".join((layer, *parts))
    return PREFIX + blake2b(said.encode(), digest_size=8).hexdigest()


def content_code(layer: str, digest: bytes) -> str:
    return PREFIX + blake2b(layer.encode() + b"\0" + digest, digest_size=8).hexdigest()


def is_derived(code: Any) -> bool:
    return isinstance(code, str) and code.startswith(PREFIX) and len(code) == len(PREFIX) + 16


def usable_as_codes(cells: Iterable[Any]) -> bool:
    """Whether an `id`-like column holds codes: not mere row numbers (all whole and under a million), and hardly any value twice.

    The ids of one file of 500 pipes may be 1…500 or all 100: neither names a pipe, and 1…500 of the next file would overwrite the first.
    """
    seen: set[str] = set()
    count, small = 0, True
    for cell in cells:
        text = as_text(cell)
        if text is None:
            continue
        count += 1
        seen.add(text)
        small = small and text.isdecimal() and int(text) < _ROW_NUMBERS
    return count > 0 and not small and len(seen) * 2 >= count
