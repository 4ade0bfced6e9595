"""Documents beside the layers: what is kept, what is refused, and that their chain, backups and restores hold."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_samples import LATER, LAYERS, NOW, filled, state

from geo.errors import BadValue, Conflict, DocumentNotFound, StaleVersion, StoreDamaged, YuantuError
from geo.store import connection, documents, open_store, opening, restore_store, seal
from geo.store.contract import Document, Store


def put(store: Store, id: str = "巷道", body: Any = None, version: int | None = None, kind: str = "view", now: str = NOW) -> Document:
    return store.put_document(kind, id, {"n": 1} if body is None else body, version=version, actor="a", now=now)


def test_what_is_kept_comes_back(store: Store, reopen: Callable[[], Store]) -> None:
    body: dict[str, Any] = {"标题": "窄巷 {{7*7}}", "list": [1, 2.5, None, True, {"deep": []}], "wkt": "POINT (113 34)"}
    kept = put(store, body=body)
    assert kept == Document("view", "巷道", 1, NOW, "a", body)
    assert reopen().document("view", "巷道") == kept


def test_a_kind_lists_its_own_the_last_changed_first(store: Store) -> None:
    for id in ("甲", "乙", "丙"):
        put(store, id)
    put(store, "丁", kind="area")
    put(store, "甲", {"n": 2}, version=1)
    store.put_document("view", "乙", None, version=1, actor="a", now=NOW)
    assert [(d.id, d.version) for d in store.documents("view")] == [("甲", 2), ("丙", 1)]


def test_every_version_stays_and_a_name_taken_away_goes_on_counting(store: Store) -> None:
    put(store)
    put(store, body={"n": 2}, version=1, now=LATER)
    store.put_document("view", "巷道", None, version=2, actor="b", now=LATER)
    with pytest.raises(DocumentNotFound):
        store.document("view", "巷道")
    assert put(store, body={"n": 4}).version == 4
    seen = [(d.version, d.actor, d.body) for d in store.document_versions("view", "巷道")]
    assert seen == [(4, "a", {"n": 4}), (3, "b", None), (2, "a", {"n": 2}), (1, "a", {"n": 1})]
    assert store.document("view", "巷道", version=2).body == {"n": 2}


REFUSED: list[tuple[Callable[[Store], Any], type[YuantuError]]] = [
    (lambda s: put(s), Conflict),
    (lambda s: put(s, version=2), StaleVersion),
    (lambda s: s.put_document("view", "巷道", None, version=7, actor="a", now=NOW), StaleVersion),
    (lambda s: put(s, "none", version=1), DocumentNotFound),
    (lambda s: s.put_document("view", "none", None, version=None, actor="a", now=NOW), DocumentNotFound),
    (lambda s: s.put_document("view", "巷道", None, version=None, actor="a", now=NOW), StaleVersion),
    (lambda s: s.document("area", "巷道"), DocumentNotFound),
    (lambda s: s.document("view", "巷道", version=2), DocumentNotFound),
    (lambda s: s.document_versions("view", "none"), DocumentNotFound),
]
BAD_IDS = ("", "a b", "../a", "a/b", "x" * 81, "a\0", "a\n", "<b>")
BAD_BODIES: tuple[Any, ...] = (
    {"x": float("nan")}, {"x": float("inf")}, {1: 2}, {"x": "\ud800"}, {"x": b"bytes"}, {"x": 2**70}, {"x": "啊" * 1_500_000},
)  # fmt: skip


def test_what_is_refused_changes_nothing(store: Store) -> None:
    """One store for the whole table: each call must leave it as it was."""
    kept = put(store)
    bad: list[tuple[Callable[[Store], Any], type[YuantuError]]] = [
        *((lambda s, id=id: put(s, id), BadValue) for id in BAD_IDS),
        *((lambda s, body=body: put(s, "new", body), BadValue) for body in BAD_BODIES),
    ]
    for number, (call, error) in enumerate([*REFUSED, *bad]):
        with pytest.raises(error):
            call(store)
        assert store.documents("view") == [kept], number
    assert store.check() == []


def test_a_missing_one_names_the_nearest(store: Store) -> None:
    put(store, "窄巷道-2026")
    with pytest.raises(DocumentNotFound, match="窄巷道-2026"):
        store.document("view", "窄巷道-2025")


def test_the_longest_name_and_the_largest_body_are_kept(store: Store) -> None:
    body = {"x": "a" * (documents.LARGEST_BODY - len('{"x":""}'))}
    assert put(store, "院" * 80, body).body == body


def test_documents_make_no_revision(store: Store) -> None:
    """Answers are cached by revision: a kept view must not make them all anew."""
    filled(store)
    before = state(store)
    put(store)
    assert state(store) == before


# The file

TAMPERING = [
    ("UPDATE yuantu_document SET body = replace(body, '1', '2') WHERE seq = 1", "broken after line 0"),
    ("UPDATE yuantu_document SET actor = 'b' WHERE seq = 2", "broken after line 1"),
    ("UPDATE yuantu_document SET id = '别的' WHERE seq = 2", "broken after line 1"),
    ("DELETE FROM yuantu_document WHERE seq = 1", "broken after line 0"),
    ("DELETE FROM yuantu_document WHERE seq = 2", "the store remembers line 2"),
    ("INSERT INTO yuantu_document SELECT 3, kind, 'forged', 1, at, actor, body, hash FROM yuantu_document WHERE seq = 2", "after line 2"),
    ("UPDATE yuantu_meta SET value = '1' WHERE key = 'document_seq'", "the store remembers line 1"),
]


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("documents") / "s.gpkg"
    with closing(open_store(path, LAYERS)) as store:
        put(store)
        put(store, body={"n": 2}, version=1)
        assert store.check() == []
    return path.read_bytes()


@pytest.mark.parametrize(("statement", "sentence"), TAMPERING, ids=lambda v: v[:50])
def test_tampering_shows(two_versions: bytes, tmp_path: Path, statement: str, sentence: str) -> None:
    path = tmp_path / "s.gpkg"
    path.write_bytes(two_versions)
    with closing(connection.connect(path)) as raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE 'yuantu_document_no_%'").fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute(statement)
        for _, made in triggers:
            raw.execute(made)
    with closing(open_store(path, LAYERS)) as store:
        assert any(sentence in str(problem) for problem in store.check())
        with pytest.raises(StoreDamaged):
            put(store, "更多")


def test_no_version_is_changed_or_removed(tmp_path: Path) -> None:
    path = tmp_path / "s.gpkg"
    with closing(open_store(path, LAYERS)) as store, closing(connection.connect(path)) as raw:
        put(store)
        for statement in ("UPDATE yuantu_document SET body = '{}'", "DELETE FROM yuantu_document"):
            with pytest.raises(sqlite3.IntegrityError, match="yuantu_document is append-only"):
                raw.execute(statement)


def _without_documents(path: Path) -> None:
    """A store as the version before documents left it."""
    with closing(open_store(path, LAYERS)) as store:
        filled(store)
    with closing(connection.connect(path)) as raw:
        raw.execute("DROP TABLE yuantu_document")
        raw.execute("DELETE FROM gpkg_extensions WHERE table_name = 'yuantu_document'")
        raw.execute("DELETE FROM yuantu_meta WHERE key LIKE 'document_%'")
        seal.seal_meta(raw)


def test_a_store_of_before_gets_the_table_after_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "s.gpkg"
    _without_documents(path)
    with closing(open_store(path, LAYERS)) as store:
        put(store)
        assert ([d.id for d in store.documents("view")], store.check()) == (["巷道"], [])
    (copy,) = tmp_path.glob("s-before-upgrade-*.gpkg")
    with closing(sqlite3.connect(copy)) as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'yuantu_document'").fetchone() == (0,)
    open_store(path, LAYERS).close()
    assert len(list(tmp_path.glob("s-before-upgrade-*.gpkg"))) == 1


def _killed(work: Callable[[], object]) -> int:
    """How a fork ended that was to end in the midst of `work`."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_killed_while_it_gets_the_table_it_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.gpkg"
    _without_documents(path)
    with monkeypatch.context() as patched:
        patched.setattr(opening, "seal_meta", lambda driver: os._exit(9))
        assert _killed(lambda: open_store(path, LAYERS)) == 9
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'yuantu_document'").fetchone() == (0,)
    with closing(open_store(path, LAYERS)) as store:
        assert store.check() == []


def test_killed_in_the_midst_nothing_of_a_version_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.gpkg"
    with closing(open_store(path, LAYERS)) as store:
        put(store)
    with monkeypatch.context() as patched:
        patched.setattr(documents, "seal_meta", lambda driver: os._exit(9))
        assert _killed(lambda: put(open_store(path, LAYERS), body={"n": 2}, version=1)) == 9
    with closing(open_store(path, LAYERS)) as store:
        assert ([d.version for d in store.document_versions("view", "巷道")], store.check()) == ([1], [])


def test_a_new_document_is_reason_for_a_copy(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "s.gpkg", LAYERS)) as store:
        filled(store)
        assert store.keep_copy(tmp_path / "copies", newest=3, now=NOW) is not None
        put(store)
        second = store.keep_copy(tmp_path / "copies", newest=3, now=LATER)
        assert (second is not None, store.keep_copy(tmp_path / "copies", newest=3, now=LATER)) == (True, None)


def test_backup_and_restore_bring_documents_back(tmp_path: Path) -> None:
    path, backup = tmp_path / "s.gpkg", tmp_path / "b.gpkg"
    with closing(open_store(path, LAYERS)) as store:
        filled(store)
        kept = put(store)
        store.backup(backup)
        put(store, body={"n": 2}, version=1)
    restore_store(path, backup, LAYERS, actor="operator", now=LATER)
    with closing(open_store(path, LAYERS)) as store:
        assert (store.documents("view"), store.check()) == ([kept], [])


def test_a_backup_with_a_forged_document_is_refused(tmp_path: Path) -> None:
    path, backup = tmp_path / "s.gpkg", tmp_path / "b.gpkg"
    with closing(open_store(path, LAYERS)) as store:
        filled(store)
        put(store)
        store.backup(backup)
    with closing(connection.connect(backup)) as raw:
        raw.execute("INSERT INTO yuantu_document SELECT 2, kind, 'x', 1, at, actor, body, hash FROM yuantu_document")
    with pytest.raises(YuantuError, match="broken after line 1"):
        restore_store(path, backup, LAYERS, actor="operator", now=LATER)
