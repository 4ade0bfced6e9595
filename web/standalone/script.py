"""ES modules of static/js as one script, without a build step: a page from a file may not fetch modules, and a served one asks once instead of a hundred times."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_IMPORT = re.compile(r'^import \{([^}]+)\} from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) ([\w$]+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b|(?<![#.\w])import\(", re.MULTILINE)
_CLOSES = re.compile(r"</script|<script|<!--", re.IGNORECASE)


class NotBundled(ValueError):
    """A module is written in a way that this small bundler does not know: a defect of ours, found by the tests."""


def bundle(folder: Path, entry: str, *, instead: Mapping[str, str]) -> str:
    """`entry` (a path below `folder`) with everything it imports, lower modules first; `instead` names modules that take another's place.

    Each module becomes a function that returns its exports, so names stay apart. Raises NotBundled.
    """
    done: dict[str, str] = {}
    _take(_Source(folder, instead), instead.get(entry, entry), done, ())
    return literal("\n".join(done.values()))


def module(folder: Path, entries: Sequence[str], *, above: str, held: Mapping[str, str] | None = None, shared: bool = False) -> str:
    """The same as one ES module that exports what its `entries` export; what lies outside `folder` is imported from below the address `above`.

    `held`: modules that another script has, and its address; there they are `shared`. Raises NotBundled.
    """
    held = held or {}
    done = dict.fromkeys(held, "")
    for entry in entries:
        _take(_Source(folder, {}, above), entry, done, ())
    own = {name: text for name, text in done.items() if name not in held}
    taken = (f'import {{ {_variable(name)} }} from "{address}";\n' for name, address in held.items())
    given = (f"export const {{ {', '.join(_exports(folder, entry))} }} = {_variable(entry)};\n" for entry in entries)
    modules = (f"export {{ {_variable(name)} }};\n" for name in own if shared and not name.startswith("../"))
    return "\n".join([*taken, *own.values(), *given, *modules])


def names_in(folder: Path, entries: Sequence[str]) -> list[str]:
    """The modules of `folder` that a script of these entries holds. Raises NotBundled."""
    done: dict[str, str] = {}
    for entry in entries:
        _take(_Source(folder, {}, ""), entry, done, ())
    return [name for name in done if not name.startswith("../")]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where modules come from; `above`: the address of what lies outside the folder, None = there must be nothing."""

    folder: Path
    instead: Mapping[str, str]
    above: str | None = None


def _exports(folder: Path, name: str) -> list[str]:
    return _EXPORT.findall((folder / name).read_text("utf-8"))


def literal(text: str) -> str:
    """A script's text that can stand between script tags as it is. Raises NotBundled."""
    if _CLOSES.search(text):
        raise NotBundled("the script holds a tag that would end it")
    return text


def _take(source: _Source, name: str, done: dict[str, str], above: tuple[str, ...]) -> None:
    if name in above:
        raise NotBundled(f"{name} imports itself through {above[-1]}")
    if name in done:
        return
    if source.above is not None and name.startswith("../"):
        done[name] = f'import * as {_variable(name)} from "{source.above}{name[3:]}";\n'
        return

    def constant(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2]))
        target = source.instead.get(path, path)
        _take(source, target, done, (*above, name))
        return f"const {{{match[1].replace(' as ', ': ')}}} = {_variable(target)};"

    body = _IMPORT.sub(constant, (source.folder / name).read_text("utf-8"))
    names = _EXPORT.findall(body)
    body = _EXPORT.sub("", body)
    if _OTHER.search(_without_comments(body)):
        raise NotBundled(f"{name} imports or exports in another form")
    done[name] = f"const {_variable(name)} = (() => {{\n{body}return {{ {', '.join(names)} }};\n}})();\n"


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name.removesuffix(".js"))


def _without_comments(text: str) -> str:
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
