"""Profiles read from files: those of data/profiles, or a planner's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from geo.errors import Text
from geo.profile import Profile
from geo.rules.book import FIGURES

ROOT = Path(__file__).resolve().parent.parent
PROFILES = ROOT / "data" / "profiles"

PROFILE_BYTES = 1_000_000
"""The largest profile that is read."""

FIRST = "cn_gb"
"""What the others may be based on."""


class Unreadable(ValueError):
    """No such profile, or no text."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def named(text: str) -> Profile:
    """A name of data/profiles, or the path of a TOML file. Raises Unreadable, BadProfile."""
    try:
        path = PROFILES / f"{text}.toml" if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", text) else ROOT / Path(text).expanduser()
        if not path.is_file() or path.stat().st_size > PROFILE_BYTES:  # a pipe never ends, nor does a device
            raise OSError
        return _parsed(path, {} if path == _file(FIRST) else {FIRST: _first()})
    except (OSError, ValueError, RuntimeError) as error:  # a RuntimeError: "~nobody/x.toml" of nobody here
        names = ", ".join(_names())
        why = Text("不是 UTF-8 文字", "is not UTF-8 text") if isinstance(error, UnicodeDecodeError) else Text("读不到", "cannot be read")
        raise Unreadable(
            Text(
                f"规则文件“{text[:200]}”{why.zh}；可用：{names}，或一个 TOML 文件的路径",
                f"the profile '{text[:200]}' {why.en}; there are: {names}, or the path of a TOML file",
            )
        ) from None


@cache
def shipped() -> Mapping[str, Profile]:
    """Every profile of data/profiles by its id. Raises BadProfile."""
    return {profile.id: profile for profile in (named(name) for name in _names())}


def _names() -> list[str]:
    return sorted(p.stem for p in PROFILES.glob("*.toml"))


def _file(name: str) -> Path:
    return PROFILES / f"{name}.toml"


@cache
def _first() -> Profile:
    return _parsed(_file(FIRST), {})


def _parsed(path: Path, bases: Mapping[str, Profile]) -> Profile:
    return Profile.parse(path.read_text("utf-8"), name=path.name, bases=bases, rules=FIGURES)
