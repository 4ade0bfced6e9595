"""NAME=VALUE arguments of the commands."""

from __future__ import annotations

from collections.abc import Sequence

from geo.errors import BadValue, Text


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE texts as a mapping. Raises BadValue."""
    out: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise BadValue(Text(f"“{text}”须写成 名称=值", f"'{text}' must be written NAME=VALUE"))
        if name.strip() in out:
            raise BadValue(Text(f"{name.strip()} 写了不止一次", f"{name.strip()} stands more than once"))
        out[name.strip()] = value.strip()
    return out
