"""A TOML document read one value at a time: every complaint names the line of its entry, else of its table."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from geo.errors import BadProfile, Text
from geo.profile.needed import MAX_NUMBER

_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
_ID = re.compile(r"[\w.-]{1,60}")


def _bad(name: str, line: int | None, zh: str, en: str) -> BadProfile:
    where = Text(f"第 {line} 行：", f"line {line}: ") if line else Text("", "")
    return BadProfile(
        Text(f"规则文件 {name} 不能用：{where.zh}{zh}", f"profile {name} cannot be used: {where.en}{en}"), profile=name, line=line
    )


def _read(text: str, name: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line ([0-9]+), column [0-9]+\)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        reason = str(error).partition(" (at ")[0]
        raise _bad(name, line, f"不合 TOML 写法（{reason}）", f"not TOML: {reason}") from error
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits; brackets in brackets
        raise _bad(name, None, "不合 TOML 写法：数字太长或层次太深", "not TOML: a number is too long or the nesting too deep") from error


class Document:
    """Tables of named tables (`[kind.key]`) and single ones (`[kind]`)."""

    def __init__(self, text: str, name: str) -> None:
        text = text.removeprefix("\ufeff")  # editors on Windows write one
        self.lines, self.name, self.made = text.splitlines(), name, _read(text, name)

    def bad(self, kind: str, key: str | None, name: str | None, zh: str, en: str) -> BadProfile:
        return _bad(self.name, self.line(kind, key, name), zh, en)

    def table(self, kind: str, *, optional: bool = False) -> Mapping[str, Any]:
        found = self.made.get(kind, {} if optional else None)
        if not isinstance(found, dict):
            raise self.bad(kind, None, None, f"缺 [{kind}]", f"[{kind}] is missing")
        return found

    def tables(self, kind: str, *, optional: bool = False) -> Mapping[str, Mapping[str, Any]]:
        found = self.table(kind, optional=optional)
        for key, said in found.items():
            if not isinstance(said, dict):
                raise self.bad(kind, None, key, f"{kind}.{key} 不是一个表", f"{kind}.{key} is not a table")
        return found

    def known(self, kind: str, key: str | None, said: Mapping[str, Any], names: set[str]) -> None:
        if strange := sorted(set(said) - names):
            listed, where = ", ".join(strange), f"{kind}.{key}" if key else kind
            raise self.bad(kind, key, strange[0], f"[{where}] 里不认识 {listed}", f"[{where}] has unknown {listed}")

    def number(self, kind: str, key: str | None, said: Mapping[str, Any], name: str) -> float:
        value = said.get(name)
        if not self.is_number(value):
            called = f"{key}.{name}" if key else name
            raise self.bad(kind, key, name, f"{called} 须是 0 到 {MAX_NUMBER} 的数", f"{called} must be a number from 0 to {MAX_NUMBER}")
        return float(value)  # type: ignore[arg-type]  # a number

    @staticmethod
    def is_number(value: object) -> bool:
        return not isinstance(value, bool) and isinstance(value, int | float) and 0 <= value <= MAX_NUMBER

    def word(self, kind: str, key: str | None, said: Mapping[str, Any], name: str) -> str:
        value = said.get(name)
        if not isinstance(value, str) or not value.strip():
            called = f"{key}.{name}" if key else name
            raise self.bad(kind, key, name, f"{called} 须是文字", f"{called} must be a text")
        return value

    def label(self, kind: str, key: str | None, said: Mapping[str, Any]) -> Text:
        return Text(self.word(kind, key, said, "zh"), self.word(kind, key, said, "en"))

    def id(self, kind: str, said: Mapping[str, Any]) -> str:
        """Stands in addresses and beside every finding."""
        value = self.word(kind, None, said, "id")
        if not _ID.fullmatch(value):
            zh, en = "id 用字母、数字、汉字、_ . -，至多 60 个", "id is made of letters, digits, _ . and -, 60 at most"
            raise self.bad(kind, None, "id", zh, en)
        return value

    def date(self, kind: str, key: str, said: Mapping[str, Any], name: str, *, whole: bool = False) -> str:
        """A day, or a month or a year unless it has to be `whole`."""
        value = self.word(kind, key, said, name)
        if not _DATE.fullmatch(value) or ((whole or len(value) > 7) and not _is_day(value)):
            raise self.bad(kind, key, name, f"{key}.{name} 写成 2026-11-22", f"{key}.{name} is written like 2026-11-22")
        return value

    def one_of(self, kind: str, key: str, said: Mapping[str, Any], name: str, values: Sequence[str]) -> str:
        value = self.word(kind, key, said, name)
        if value not in values:
            listed = ", ".join(values)
            raise self.bad(kind, key, name, f"{key}.{name} 可用 {listed}", f"{key}.{name}: there are {listed}")
        return value

    def line(self, kind: str, key: str | None, name: str | None) -> int | None:
        """The line of the entry `name`, else of the heading of its table, or of the inline table `key = {…}`; None where neither is found."""
        dots = rf"\[\s*{_key(kind)}\s*" + (rf"\.\s*{_key(key)}\s*\]" if key else r"\]")
        whole = rf"\s*(?:{_key(kind)}\s*\.\s*)?{_key(key)}\s*[=.]" if key else None
        entry = rf"\s*{_key(name)}\s*=" if name else None
        inside = None
        for at, text in enumerate(self.lines, 1):
            if re.match(r"\s*\[", text):
                if inside:
                    break
                inside = at if re.match(rf"\s*{dots}", text) else None
            elif (whole and re.match(whole, text)) or (inside and entry and re.match(entry, text)):
                return at
        return inside


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _key(name: str) -> str:
    return rf"[\"']?{re.escape(name)}[\"']?"
