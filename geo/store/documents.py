"""Documents beside the layers (named views, areas, styles, projects): append-only versions in a chain of their own.

They follow no layer's history: a view is kept, changed and taken away without a new revision, so nothing that is cached by revision grows old.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from geo.errors import BadValue, Conflict, DocumentNotFound, StaleVersion, Text, nearest
from geo.store.connection import Connections, raw
from geo.store.contract import Document, Problem, Value
from geo.store.damage import RESTORE
from geo.store.history import START
from geo.store.seal import seal_meta
from geo.store.tables import Tables

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of a body's JSON: a project of a whole subdistrict takes a fraction of it."""
META = {"document_seq": "0", "document_head": START.hex()}
"""Where the chain ends, kept among the store's own figures, so that a missing last line shows."""

_ID = re.compile(r"[\w-]{1,80}")
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_COLUMNS = "kind, id, version, at, actor, body"
_LAST = f"SELECT {_COLUMNS} FROM yuantu_document WHERE kind = ?1 AND id = ?2 ORDER BY version DESC LIMIT 1"
_STAND = (
    "FROM yuantu_document AS d WHERE kind = ?1 AND body IS NOT NULL "
    "AND version = (SELECT max(version) FROM yuantu_document WHERE kind = d.kind AND id = d.id) ORDER BY seq DESC"
)
_STANDING = f"SELECT {_COLUMNS} {_STAND}"
_NAMES = f"SELECT id {_STAND}"


class DocumentStore:
    """The part of a store that keeps documents."""

    _connections: Connections

    def documents(self, kind: str) -> Sequence[Document]:
        with self._connections.reading() as connection:
            return [_document(row) for row in raw(connection).execute(_STANDING, (kind,))]

    def document(self, kind: str, id: str, *, version: int | None = None) -> Document:
        with self._connections.reading() as connection:
            driver = raw(connection)
            if version is None:
                found = driver.execute(_LAST, (kind, id)).fetchone()
                missing = found is None or found[-1] is None
            else:
                query = f"SELECT {_COLUMNS} FROM yuantu_document WHERE kind = ? AND id = ? AND version = ?"
                found = driver.execute(query, (kind, id, version)).fetchone()
                missing = found is None
            if missing:
                raise _not_found(driver, kind, id, version)
        return _document(found)

    def document_versions(self, kind: str, id: str) -> Sequence[Document]:
        query = f"SELECT {_COLUMNS} FROM yuantu_document WHERE kind = ? AND id = ? ORDER BY version DESC"
        with self._connections.reading() as connection:
            found = [_document(row) for row in raw(connection).execute(query, (kind, id))]
            if not found:
                raise _not_found(raw(connection), kind, id)
        return found

    def put_document(
        self, kind: str, id: str, body: Mapping[str, Value] | None, *, version: int | None, actor: str, now: str
    ) -> Document:  # fmt: skip
        _require_name(kind, id)
        text = None if body is None else _json(body)
        with self._connections.writing() as connection:
            driver = raw(connection)
            last = driver.execute(_LAST, (kind, id)).fetchone()
            _require_seen(driver, kind, id, last, version, taken_away=body is None)
            number = 1 if last is None else last[2] + 1
            _append(driver, (kind, id, number, now, actor, text))
        return Document(kind, id, number, now, actor, None if text is None else orjson.loads(text))


def _document(row: Sequence[Any]) -> Document:
    kind, id, version, at, actor, body = row
    return Document(kind, id, version, at, actor, None if body is None else orjson.loads(body))


def _require_name(kind: str, id: str) -> None:
    if not _KIND.fullmatch(kind):
        raise ValueError(f"no kind of document: {kind!r}")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise BadValue(
            Text(
                "名称须为 1 至 80 个字：任何文字的字母、数字、连字符和下划线",
                "a name is 1 to 80 characters: letters of any script, digits, hyphens and underscores",
            ),
            field="id",
        )


def _json(body: Mapping[str, Value]) -> str:
    """Strict JSON of an object; what would not come back as it went in is refused."""
    try:
        json.dumps(body, allow_nan=False)
        text = orjson.dumps(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadValue(Text("内容不是可保存的 JSON 对象", "the content is no JSON object that can be kept"), field="body") from error
    if len(text) > LARGEST_BODY:
        raise BadValue(
            Text(
                f"内容太大：{len(text) / 1e6:.1f} MB，最多 4 MB；请分成几份保存",
                f"the content is too large: {len(text) / 1e6:.1f} MB of at most 4 MB; keep it in several parts",
            ),
            field="body",
        )
    return text.decode()


def _require_seen(
    driver: sqlite3.Connection, kind: str, id: str, last: Sequence[Any] | None, version: int | None, *, taken_away: bool
) -> None:
    """The writer must have seen the version that stands, or mean a new one."""
    stands = last is not None and last[-1] is not None
    if version is None and not taken_away:
        if stands:
            raise Conflict(Text(f"“{id}”已存在：请换个名称", f"'{id}' exists already: take another name"), id=id, kind=kind)
        return
    if not stands or last is None:
        raise _not_found(driver, kind, id)
    if last[2] != version:
        raise StaleVersion(
            Text(
                f"“{id}”已被他人改过（现为第 {last[2]} 版）：请刷新后再改",
                f"'{id}' has changed since (it is now version {last[2]}): reload it",
            ),
            id=id,
            kind=kind,
            current=last[2],
        )


def _not_found(driver: sqlite3.Connection, kind: str, id: str, version: int | None = None) -> DocumentNotFound:
    near = nearest(id, [name for (name,) in driver.execute(_NAMES, (kind,)) if name != id])
    which = Text("", "") if version is None else Text(f"的第 {version} 版", f" in version {version}")
    hint = Text(f"；相近的有：{'、'.join(near)}", f"; nearest: {', '.join(near)}") if near else Text("", "")
    said = id[:80]
    return DocumentNotFound(
        Text(f"没有保存过“{said}”{which.zh}，或已删除{hint.zh}", f"nothing is kept as '{said}'{which.en}, or it was removed{hint.en}"),
        kind=kind,
        id=said,
        nearest=near,
    )


# The chain


def line_hash(previous: bytes, seq: int, row: Sequence[Any]) -> bytes:
    """The link of one version: over the link before and every column."""
    return hashlib.sha256(previous + orjson.dumps([seq, *row])).digest()


def _append(driver: sqlite3.Connection, row: Sequence[Any]) -> None:
    kept = dict(driver.execute("SELECT key, value FROM yuantu_meta WHERE key IN ('document_seq', 'document_head')").fetchall())
    seq = int(kept["document_seq"]) + 1
    link = line_hash(bytes.fromhex(kept["document_head"]), seq, row)
    driver.execute(f"INSERT INTO yuantu_document (seq, {_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (seq, *row, link))
    meta = [(str(seq), "document_seq"), (link.hex(), "document_head")]
    driver.executemany("UPDATE yuantu_meta SET value = ? WHERE key = ?", meta)
    seal_meta(driver)


def problems(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    """What is wrong with the documents: every link of the chain, every version in its turn, and the end that the store remembers."""
    head, last, versions = START, 0, dict[tuple[str, str], int]()
    for seq, *row, stored in driver.execute(f"SELECT seq, {_COLUMNS}, hash FROM yuantu_document ORDER BY seq"):
        head = line_hash(head, seq, row)
        name = (row[0], row[1])
        versions[name] = versions.get(name, 0) + 1
        if seq != last + 1 or head != stored or versions[name] != row[2]:
            yield _broken(
                f"保存的视图、范围、项目等在第 {last} 条之后断开：有记录被改、被加或被删",
                f"the kept views, areas and projects are broken after line {last}: one was changed, added or removed",
            )
            return
        last = seq
    kept = dict(driver.execute("SELECT key, value FROM yuantu_meta WHERE key IN ('document_seq', 'document_head')").fetchall())
    if kept != {"document_seq": str(last), "document_head": head.hex()}:
        remembered = kept.get("document_seq")
        yield _broken(
            f"保存的视图、范围、项目等到第 {last} 条为止，数据库记得的是第 {remembered} 条：末尾缺了记录",
            f"the kept views, areas and projects end at line {last}, the store remembers line {remembered}: lines are missing at the end",
        )


def _broken(zh: str, en: str) -> Problem:
    return Problem(Text(zh + "；要素不受影响", en[0].upper() + en[1:] + "; the features are not touched by it"), RESTORE)
