"""Taking a transaction back: the inverse of its lines, newest first, when nothing it touched has changed since.

A later change that was itself taken back is no change: so the newest, then the one before it, and so on, can be undone in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import orjson

from geo.errors import Conflict, NotFound, StaleVersion, Text
from geo.store.blob import wkb_of
from geo.store.contract import Update
from geo.store.writing import Writer, without_repeats

LINES_AT_ONCE = 2000


def take_back(writer: Writer, revision: int) -> None:
    """Undo `revision` through `writer`. Raises NotFound, StaleVersion when a feature changed since, Conflict when there is nothing to take back."""
    if writer.cursor.execute("SELECT 1 FROM yuantu_revision WHERE revision = ?", (revision,)).fetchone() is None:
        raise NotFound(Text(f"没有第 {revision} 号更改", f"no revision {revision}"), revision=revision)
    touched = [layer for layer in writer.tables.layers if _has_lines(writer, layer, revision)]
    if not touched:
        raise Conflict(Text("这次更改没有可撤销的内容", "this revision has nothing that could be taken back"), revision=revision)
    cancelled = _cancelled(writer, revision)
    for layer in touched:
        _require_untouched(writer, layer, revision, cancelled)
    writer.begin(undoes=revision)
    for layer in touched:
        for lines in _newest_first(writer, layer, revision):
            _invert(writer, layer, lines)


def _has_lines(writer: Writer, layer: str, revision: int) -> bool:
    query = "SELECT 1 FROM yuantu_history WHERE layer = ? AND revision = ? AND action != 'clear' LIMIT 1"
    return writer.cursor.execute(query, (layer, revision)).fetchone() is not None


def _cancelled(writer: Writer, revision: int) -> list[int]:
    """The revisions after `revision` that come to nothing: each undo that still stands, with what it took back."""
    found: set[int] = set()
    pairs = writer.cursor.execute(
        "SELECT revision, undoes FROM yuantu_revision WHERE revision > ?1 AND undoes > ?1 ORDER BY revision DESC", (revision,)
    )
    for undo, undone in pairs:
        if undo not in found and undone not in found:
            found |= {undo, undone}
    return sorted(found)


def _require_untouched(writer: Writer, layer: str, revision: int, cancelled: list[int]) -> None:
    later = writer.cursor.execute(
        "SELECT feature FROM yuantu_history AS later WHERE layer = ?1 AND revision > ?2 AND (action = 'clear' OR revision NOT IN "
        "(SELECT value FROM json_each(?3)) AND EXISTS "
        "(SELECT 1 FROM yuantu_history WHERE layer = ?1 AND feature = later.feature AND revision = ?2)) LIMIT 1",
        (layer, revision, orjson.dumps(cancelled).decode()),
    ).fetchone()
    if later is not None:
        raise StaleVersion(
            Text(
                "其后又有更改，不能撤销这一次：请先撤销后面的更改",
                "something it touched has changed since: take the later changes back first",
            ),
            layer=layer,
            id=later[0],
            revision=revision,
        )


def _newest_first(writer: Writer, layer: str, revision: int) -> Iterator[list[tuple[Any, ...]]]:
    """Lines of a layer in a revision, in lists; each list is read before anything is written."""
    last = 2**62
    while True:
        lines = writer.cursor.execute(
            "SELECT seq, feature, version, before, after, geometry_before, geometry_after FROM yuantu_history "
            "WHERE layer = ? AND revision = ? AND seq < ? AND action != 'clear' ORDER BY seq DESC LIMIT ?",
            (layer, revision, last, LINES_AT_ONCE),
        ).fetchall()
        if not lines:
            return
        yield lines
        last = lines[-1][0]


def _kind(line: tuple[Any, ...]) -> str:
    _, _, _, before, after, _, _ = line
    return "inserted" if before is None else "deleted" if after is None else "changed"


def _invert(writer: Writer, layer: str, lines: list[tuple[Any, ...]]) -> None:
    for kind, group in groupby(lines, key=_kind):
        run = list(group)
        if kind == "inserted":
            writer.delete(layer, [(feature, None) for _, feature, *_ in run])
        elif kind == "deleted":
            rows = [{**orjson.loads(before), "geometry": wkb_of(old)} for _, _, _, before, _, old, _ in run]
            writer.insert(layer, rows, ids=[line[1] for line in run], versions=[_last_version(writer, layer, line[1]) + 1 for line in run])
        else:
            for updates in without_repeats([[_inverse(line) for line in run]]):
                writer.update(layer, updates)


def _last_version(writer: Writer, layer: str, feature: int) -> int:
    """The version a feature came to last, be it by its removal."""
    query = "SELECT max(version) FROM yuantu_history WHERE layer = ? AND feature = ?"
    return int(writer.cursor.execute(query, (layer, feature)).fetchone()[0])


def _inverse(line: tuple[Any, ...]) -> Update:
    _, feature, _, before, _, old, new = line
    return Update(feature, None, orjson.loads(before), wkb_of(old), set_geometry=old is not None or new is not None)
