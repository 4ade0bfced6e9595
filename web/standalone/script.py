"""ES modules of static/js as one plain script: a page from a file may not fetch modules, and needs no build step for this."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

_IMPORT = re.compile(r'^import \{([^}]+)\} from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) ([\w$]+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b|\bimport\(|\bawait import\b", re.MULTILINE)
_CLOSES = re.compile(r"</script|<script|<!--", re.IGNORECASE)


class NotBundled(ValueError):
    """A module is written in a way that this small bundler does not know: a defect of ours, found by the tests."""


def bundle(folder: Path, entry: str, *, instead: Mapping[str, str]) -> str:
    """`entry` (a path below `folder`) with everything it imports, lower modules first; `instead` names modules that take another's place.

    Each module becomes a function that returns its exports, so names stay apart. Raises NotBundled.
    """
    done: dict[str, str] = {}
    _take(folder, instead.get(entry, entry), instead, done, ())
    return literal("\n".join(done.values()))


def literal(text: str) -> str:
    """A script's text that can stand between script tags as it is. Raises NotBundled."""
    if _CLOSES.search(text):
        raise NotBundled("the script holds a tag that would end it")
    return text


def _take(folder: Path, name: str, instead: Mapping[str, str], done: dict[str, str], above: tuple[str, ...]) -> None:
    if name in above:
        raise NotBundled(f"{name} imports itself through {above[-1]}")
    if name in done:
        return
    source = (folder / name).read_text("utf-8")

    def constant(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2]))
        target = instead.get(path, path)
        _take(folder, target, instead, done, (*above, name))
        return f"const {{{match[1].replace(' as ', ': ')}}} = {_variable(target)};"

    body = _IMPORT.sub(constant, source)
    names = _EXPORT.findall(body)
    body = _EXPORT.sub("", body)
    if _OTHER.search(_without_comments(body)):
        raise NotBundled(f"{name} imports or exports in another form")
    done[name] = f"const {_variable(name)} = (() => {{\n{body}return {{ {', '.join(names)} }};\n}})();\n"


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name.removesuffix(".js"))


def _without_comments(text: str) -> str:
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
