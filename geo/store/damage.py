"""What damage in the file hits: which table, which pages, which records; and the names of records for whoever has to mend them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from geo.errors import StoreBusy, Text
from geo.schema import Layer
from geo.store.connection import connect
from geo.store.contract import Problem
from geo.store.tables import GEOMETRY, Tables, quoted

MOST_SHOWN = 5
"""Records named in one sentence."""
_FETCH = 500
_MAGIC = b"SQLite format 3\0"
_PAGE = re.compile(r"\b[Pp]age (\d+)")
_UNREADABLE = (sqlite3.Error, UnicodeDecodeError)

RESTORE = Text("恢复一份好的备份：flask restore 备份文件", "restore a sound backup: flask restore FILE")
REWRITE = Text(
    "要素本身可读：flask backup 新文件，再 flask restore 新文件，即按要素重建",
    "the features themselves can be read: flask backup FILE, then flask restore FILE makes it anew from them",
)
EXPORT = Text(
    "要素都还能读出：备份较旧时先把改过的导出（flask export），再恢复备份（flask restore 备份文件）",
    "the features can all be read: where the backup is older export what changed (flask export), then restore the backup (flask restore FILE)",
)

_OWN = {
    "yuantu_history": Text("历史记录", "the history"),
    "yuantu_revision": Text("历史记录", "the history"),
    "yuantu_import": Text("导入记录", "the records of imports"),
    "yuantu_quarantine": Text("未收录的记录", "the quarantine"),
    "yuantu_key": Text("记住的答复", "the remembered answers"),
    "yuantu_document": Text("保存的视图、范围、项目等", "the kept views, areas and projects"),
    "yuantu_meta": Text("数据库自身的信息", "the store's own figures"),
    "yuantu_layer": Text("数据库自身的信息", "the store's own figures"),
}


def listed(shown: Iterable[object]) -> Text:
    """The first few, and how many more."""
    texts = [str(item) for item in shown]
    more = len(texts) - MOST_SHOWN
    head = ", ".join(texts[:MOST_SHOWN])
    return Text(f"{head} 等共 {len(texts)} 个", f"{head} and {more} more") if more > 0 else Text(head, head)


def named(driver: sqlite3.Connection, layer: Layer, ids: Iterable[int]) -> Text:
    """Records as people know them: the id, with the code and the name where they can be read."""
    ids = list(ids)
    shown = [_name(driver, layer, id) if place < MOST_SHOWN else str(id) for place, id in enumerate(ids)]
    return listed(shown)


def _name(driver: sqlite3.Connection, layer: Layer, id: int) -> str:
    fields = [f for f in dict.fromkeys(("code", layer.title_field)) if f]
    try:
        columns = ", ".join(quoted(f) for f in fields)
        found = driver.execute(f"SELECT {columns} FROM {quoted(layer.id)} WHERE id = ?", (id,)).fetchone() or _last_known(
            driver, layer, id, fields
        )
    except _UNREADABLE:
        found = _last_known(driver, layer, id, fields)
    words = " ".join(str(value)[:40] for value in found if value is not None)
    return f"{id} ({words})" if words else str(id)


def _last_known(driver: sqlite3.Connection, layer: Layer, id: int, fields: Sequence[str]) -> Sequence[Any]:
    """What the history says of a feature that its table does not tell."""
    values: dict[str, Any] = {}
    try:
        lines = driver.execute("SELECT before, after FROM yuantu_history WHERE layer = ? AND feature = ? ORDER BY seq", (layer.id, id))
        for before, after in lines:
            for text in (before, after):
                values |= orjson.loads(text) if text else {}
    except (*_UNREADABLE, ValueError):
        pass
    return [values.get(f) for f in fields]


def of_file(driver: sqlite3.Connection, tables: Tables, pragma: str) -> Iterator[Problem]:
    """What SQLite's own check (`integrity_check` or `quick_check`) finds, told table by table."""
    sentences = _said(driver, pragma)
    if not sentences:
        return
    found = [problem for name in _tables(driver) for problem in _in_table(driver, tables, name, pragma)]
    yield from found
    if not found:
        pages = _pages(sentences)
        said = sentences[0][:200]
        yield Problem(Text(f"数据文件有损坏：{said}", f"The file is damaged: {said}"), RESTORE, pages=pages)


def of_unopened(path: Path, tables: Tables) -> list[Problem]:
    """What is wrong with a file that does not open as a store; nobody in this process may have it open."""
    if not path.is_file():
        return [Problem(Text(f"没有文件 {path.name}", f"There is no file {path.name}"), RESTORE)]
    head, size = _head(path), path.stat().st_size
    if not head.startswith(_MAGIC):
        return [
            Problem(
                Text(
                    "文件开头不是数据库：内容已被别的东西盖掉", "The file does not begin as a database: something else was written over it"
                ),
                RESTORE,
            )
        ]
    page = int.from_bytes(head[16:18], "big") or 0
    pages, wanted = size // (65_536 if page == 1 else page or 1), int.from_bytes(head[28:32], "big")
    if pages < wanted:
        return [
            Problem(
                Text(f"文件被截断：应有 {wanted} 页，只剩 {pages} 页", f"The file is cut off: {pages} of its {wanted} pages are left"),
                RESTORE,
            )
        ]
    try:
        with closing(connect(path)) as driver:
            found = list(of_file(driver, tables, "integrity_check"))
    except (sqlite3.Error, StoreBusy) as error:
        found = [Problem(Text(f"数据库打不开：{error}", f"The database does not open: {error}"), RESTORE)]
    return found


def _head(path: Path) -> bytes:
    with path.open("rb") as handle:
        return handle.read(100)


def _said(driver: sqlite3.Connection, pragma: str, table: str | None = None) -> list[str]:
    """Sentences of SQLite's check, also when it gives up on the way; empty when all is well."""
    said: list[str] = []
    try:
        for (text,) in driver.execute(f"PRAGMA {pragma}({quoted(table) if table else 20})"):
            said.append(text)
    except _UNREADABLE as error:
        said.append(str(error))
    return [] if said == ["ok"] else said or ["?"]


def _tables(driver: sqlite3.Connection) -> list[str]:
    try:
        return [name for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name")]
    except _UNREADABLE:
        return []


def _pages(sentences: Iterable[str]) -> list[int]:
    return sorted({int(number) for text in sentences for number in _PAGE.findall(text)})


def _in_table(driver: sqlite3.Connection, tables: Tables, name: str, pragma: str) -> Iterator[Problem]:
    sentences = _said(driver, pragma, name)
    if not sentences:
        return
    pages = _pages(sentences)
    where = Text(f"（第 {', '.join(map(str, pages))} 页）", f" (page {', '.join(map(str, pages))})") if pages else Text("", "")
    if name in tables.layers:
        yield _in_layer(driver, tables.layers[name], where, pages, sentences[-1])
        return
    layer = next((layer for id, layer in tables.layers.items() if name.startswith(f"rtree_{id}_{GEOMETRY}")), None)
    if layer is not None:
        text = Text(f"图层“{layer.label.zh}”的空间索引有损坏{where.zh}", f"The R-tree of layer {layer.id} is damaged{where.en}")
        yield Problem(text, EXPORT, layer=layer.id, pages=pages)
        return
    what = _OWN.get(name) or Text(f"GeoPackage 系统表 {name}", f"the GeoPackage system table {name}")
    rest = (
        Text("，要素不受影响", "; the features are not touched by it")
        if name in ("yuantu_key", "yuantu_quarantine", "yuantu_document")
        else Text("", "")
    )
    yield Problem(Text(f"{what.zh}有损坏{where.zh}{rest.zh}", f"In {what.en} the file is damaged{where.en}{rest.en}"), RESTORE, pages=pages)


def _in_layer(driver: sqlite3.Connection, layer: Layer, where: Text, pages: Sequence[int], said: str) -> Problem:
    """Which records of a layer cannot be read; if all can, it is an index."""
    gap = _gap(driver, layer.id)
    if gap is None:
        text = Text(
            f"图层“{layer.label.zh}”的表有损坏{where.zh}，要素都还能读出：{said[:120]}",
            f"The table of layer {layer.id} is damaged{where.en}, its features can all be read: {said[:120]}",
        )
        return Problem(text, EXPORT, layer=layer.id, pages=pages)
    lost = _known_between(driver, layer.id, *gap)
    who = named(driver, layer, lost)
    text = Text(
        f"图层“{layer.label.zh}”的表有损坏{where.zh}，读不出的要素：{who.zh or '不明'}",
        f"The table of layer {layer.id} is damaged{where.en}; features that cannot be read: {who.en or 'not known'}",
    )
    return Problem(text, RESTORE, layer=layer.id, records=lost, pages=pages)


def _gap(driver: sqlite3.Connection, table: str) -> tuple[int, int] | None:
    """The ids between which records cannot be read, both readable or beyond the ends; None when all can."""
    low = _walk(driver, f"SELECT * FROM {quoted(table)} NOT INDEXED WHERE id > ? ORDER BY id LIMIT {_FETCH}", -1)
    if low is None:
        return None
    high = _walk(driver, f"SELECT * FROM {quoted(table)} NOT INDEXED WHERE id < ? ORDER BY id DESC LIMIT {_FETCH}", 2**62)
    return low, 2**62 if high is None else high


def _walk(driver: sqlite3.Connection, statement: str, start: int) -> int | None:
    """The last id that can be read before the first that cannot; None when the end is reached."""
    reached = start
    while True:
        count = 0
        try:
            for row in driver.execute(statement, (reached,)):
                reached, count = row[0], count + 1
        except _UNREADABLE:
            return reached
        if count < _FETCH:
            return None


def _known_between(driver: sqlite3.Connection, table: str, low: int, high: int) -> list[int]:
    """Ids in between that the history has and that cannot be read one by one either."""
    try:
        found = driver.execute(
            "SELECT DISTINCT feature FROM yuantu_history WHERE layer = ? AND feature > ? AND feature < ? ORDER BY feature",
            (table, low, high),
        )
        ids = [id for (id,) in found]
    except _UNREADABLE:
        return []
    last = "SELECT after IS NULL FROM yuantu_history WHERE layer = ? AND feature = ? ORDER BY seq DESC LIMIT 1"
    return [id for id in ids if not _readable(driver, table, id) and not driver.execute(last, (table, id)).fetchone()[0]]


def _readable(driver: sqlite3.Connection, table: str, id: int) -> bool:
    try:
        return driver.execute(f"SELECT * FROM {quoted(table)} NOT INDEXED WHERE id = ?", (id,)).fetchone() is not None
    except _UNREADABLE:
        return False


Part = Callable[[sqlite3.Connection, Tables], Iterator[Problem]]
"""One part of a check."""
