"""Text as people type it: one width, one kind of dash and tilde, words that mean "unknown", Chinese numerals."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_SAME = str.maketrans(
    {
        "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "―": "-", "─": "-", "〜": "~", "∼": "~", "≈": "~", "’": "'", "‘": "'", "′": "'",
        "“": '"', "”": '"', "″": '"', "、": ",", "\u00a0": " ", "\u200b": "", "\ufeff": "",
    }
)  # fmt: skip

_BRACKETS = str.maketrans("[]{}【】〔〕〖〗「」『』《》〈〉", "()" * 9)
_ASCII_BRACKETS = str.maketrans("[]{}", "()()")
_KEY: dict[int, str | int] = {**_SAME, **_BRACKETS}

UNKNOWN = frozenset(
    """
    |无|不详|未知|不明|不清|不清楚|不确定|不知道|待查|待定|待核|待核实|待补|待补充|待确认|未测|未测量|未统计|未登记|未填|暂无|暂缺|无数据|无资料|无记录|无法核实
    |空|缺|缺失|缺测|-|--|---|----|/|//|\\|?|??|???|.|..|...|*|n/a|na|n.a.|n.a|#n/a|#na|#ref!|#value!|#div/0!|#name?|#null!|null|none|nil|nan|unknown
    |unspecified|undefined|undetermined|tbd|not known|no data|nodata|missing|fixme|<null>|(null)|(空)|(空白)
    """.replace("\n    ", "").split("|")
)
"""Whole cells (after `plain`) that say nothing. 无 in a count is reported, in a choice with "none" it is that choice."""

_FIRST = {word[0] for word in UNKNOWN if word}
_FIRST |= (
    {c.upper() for c in _FIRST} | {chr(ord(c) + 0xFEE0) for c in _FIRST if "!" <= c <= "~"} | {c for c in map(chr, _SAME) if c.strip()}
)
_FIRST |= {chr(ord(c) + 0xFEE0) for c in _FIRST if "A" <= c <= "Z"} | {"'", "…", "\ufeff", "\u200b"}


def says_nothing(text: str) -> bool:
    """Whether a whole cell, stripped, is one of the words for unknown; nearly every other cell is told by its first character."""
    return text == "" or (text[0] in _FIRST and plain(text) in UNKNOWN)


LONGEST = 60
"""Characters of a cell that may be a number, a year or a date; longer ones are prose."""

GUARDED = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""Cells that begin so are written with a leading apostrophe in tables; reading takes it away again."""

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_CHINESE = re.compile(r"[零〇○一二两三四五六七八九十百千万]+")


def unguard(text: str) -> str:
    """Without the apostrophe that guards a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in GUARDED and len(text) > 1 else text


def plain(text: str) -> str:
    """Half-width, one kind of dash, lower case, without blanks at the ends or doubled ones inside."""
    return " ".join(unicodedata.normalize("NFKC", unguard(text)).translate(_SAME).casefold().split())


def key(text: str) -> str:
    """The form in which names, headings and choices are compared: half-width, no blanks at all, brackets of one kind."""
    if text.isascii():
        folded = text.lower().translate(_ASCII_BRACKETS)
    else:
        folded = unicodedata.normalize("NFKC", text).translate(_KEY).casefold()
    return folded if folded.isalnum() else "".join(folded.split())


def as_text(raw: Any) -> str | None:
    """A cell as text: whole floats without their ".0" (spreadsheets hold 101 as 101.0); None when there is nothing."""
    if raw is None:
        return None
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    return unguard(str(raw).replace("\x00", "")).strip() or None


def chinese_digits(text: str) -> str:
    """一九九四 → 1994: every numeral on its own becomes a digit; other characters stay."""
    return "".join(str(_DIGITS[c]) if c in _DIGITS else c for c in text)


def chinese_number(text: str) -> int | None:
    """三十 → 30, 一百零五 → 105, 一万二千 → 12000; None unless it is one well-formed numeral (十几 and 三五十 are not)."""
    if not _CHINESE.fullmatch(text):
        return None
    if "万" in text:
        high, _, low = text.partition("万")
        top, rest = chinese_number(high) if high else None, chinese_number(low) if low else 0
        return None if top is None or rest is None or rest >= 10_000 or top >= 10_000 else top * 10_000 + rest
    if not any(c in _TENS for c in text):
        return _DIGITS[text] if len(text) == 1 else None
    return _below_ten_thousand(text)


def _below_ten_thousand(text: str) -> int | None:
    total, digit, smallest, zero = 0, None, 10_000, False
    for i, c in enumerate(text):
        if c in _TENS:
            unit = _TENS[c]
            if unit >= smallest or (digit is None and not (unit == 10 and i == 0)) or digit == 0:
                return None
            total, digit, smallest, zero = total + (digit or 1) * unit, None, unit, False
        elif _DIGITS[c] == 0:
            if digit is not None or zero:
                return None
            zero = True
        elif digit is not None:
            return None
        else:
            digit = _DIGITS[c]
    if digit is not None and smallest > 10 and not zero:
        return None
    return total + (digit or 0)
