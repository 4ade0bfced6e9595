"""What the store says of damage: which table, which records, by name, and what to do; and that a damaged store is not written to."""

from __future__ import annotations

import os
import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_samples import LATER, LAYERS, NOW, batch, yards

from geo.errors import StoreDamaged, YuantuError
from geo.store import check, connection, open_store, restore_store, why_unopened
from geo.store.connection import Connections
from geo.store.contract import Problem, Quarantined, Update, Write

ROWS = 400
REJECTED = [Quarantined("yards", "表1", 7, "no-geometry", "没有几何", "no geometry", {"名称": "甲"})]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a store with an import, records left out, an edit with a key, a deletion and a freed page."""
    path = tmp_path_factory.mktemp("sound") / "store.gpkg"
    with closing(open_store(path, LAYERS)) as store:
        store.publish(batch(yards(ROWS), quarantine=REJECTED), actor="importer", now=NOW, key="import")
        store.edit([Write("yards", updates=[Update(1, 1, {"gas": "full"})])], actor="a", now=LATER, key="edit")
        store.edit([Write("yards", deletes=[(5, 1)])], actor="a", now=LATER)
        assert store.check() == []
    return path.read_bytes()


@pytest.fixture
def path(sound: bytes, tmp_path: Path) -> Path:
    (tmp_path / "store.gpkg").write_bytes(sound)
    return tmp_path / "store.gpkg"


def pages_of(path: Path, table: str, kind: str = "leaf") -> list[int]:
    """Numbers of the pages of a table or index, by SQLite's own account."""
    with closing(sqlite3.connect(path)) as raw:
        try:
            raw.execute("CREATE VIRTUAL TABLE temp.pages USING dbstat(main)")
        except sqlite3.OperationalError:
            pytest.skip("this SQLite has no dbstat")
        return [n for (n,) in raw.execute("SELECT pageno FROM pages WHERE name = ? AND pagetype = ? ORDER BY pageno", (table, kind))]


def tear(path: Path, page: int) -> None:
    """Nonsense in the place of a page."""
    with path.open("r+b") as handle:
        handle.seek((page - 1) * 4096)
        handle.write(random.Random(page).randbytes(4096))


def examined(path: Path) -> list[Problem]:
    with closing(open_store(path, LAYERS)) as store:
        return list(store.check())


def records_on(path: Path, page: int) -> list[int]:
    """Ids on a leaf of the table of yards, from its cells: two varints (length, id) at each offset. Written from SQLite's file format."""
    data = path.read_bytes()[(page - 1) * 4096 : page * 4096]
    assert data[0] == 0x0D
    found = []
    for i in range(int.from_bytes(data[3:5], "big")):
        at = int.from_bytes(data[8 + 2 * i : 10 + 2 * i], "big")
        for number in range(2):
            value = 0
            while True:
                value, at = value << 7 | data[at] & 0x7F, at + 1
                if not data[at - 1] & 0x80:
                    break
            if number:
                found.append(value)
    return found


def test_a_torn_page_of_a_layer_names_its_records(path: Path) -> None:
    page = pages_of(path, "yards")[3]
    ids = records_on(path, page)
    tear(path, page)
    (problem,) = examined(path)
    assert (problem.layer, list(problem.records)) == ("yards", ids)
    first = f"{ids[0]} (C{ids[0] - 1} 院{ids[0] - 1})"
    assert f"features that cannot be read: {first}, " in problem.text.en and f"读不出的要素：{first}" in problem.text.zh
    assert f"and {len(ids) - 5} more" in problem.text.en
    assert "flask restore" in problem.remedy.en


def test_a_torn_index_says_that_the_features_are_whole(path: Path) -> None:
    tear(path, pages_of(path, "yuantu_yards_code")[0])
    (problem,) = examined(path)
    assert (problem.layer, problem.records, "can all be read" in problem.text.en) == ("yards", (), True)
    assert "flask export" in problem.remedy.en and "flask restore FILE" in problem.remedy.en


DERIVED = [
    "DELETE FROM rtree_yards_geometry WHERE id = 2",
    "UPDATE rtree_yards_geometry SET minx = 0, maxx = 1 WHERE id = 1",
    "UPDATE gpkg_ogr_contents SET feature_count = 7 WHERE table_name = 'yards'",
    "UPDATE gpkg_contents SET max_x = 112.99 WHERE table_name = 'yards'",
    "UPDATE yuantu_layer SET unplaced = 0 WHERE layer = 'yards'",
]


@pytest.mark.parametrize("statement", DERIVED, ids=lambda v: v[:40])
def test_what_follows_from_the_features_is_made_anew_by_backup_and_restore(path: Path, tmp_path: Path, statement: str) -> None:
    with closing(connection.connect(path)) as raw:
        raw.execute(statement)
    with closing(open_store(path, LAYERS)) as store:
        (problem, *_) = store.check()
        assert "flask backup FILE, then flask restore FILE" in problem.remedy.en
        store.backup(tmp_path / "new.gpkg")
    restore_store(path, tmp_path / "new.gpkg", LAYERS, actor="operator", now=LATER)
    assert examined(path) == []


TABLES = [
    ("yuantu_history", "In the history the file is damaged"),
    ("yuantu_quarantine", "In the quarantine the file is damaged; the features are not touched by it"),
    ("yuantu_key", "In the remembered answers the file is damaged; the features are not touched by it"),
    ("yuantu_meta", "In the store's own figures the file is damaged"),
    ("rtree_yards_geometry_node", "The R-tree of layer yards is damaged"),
    ("gpkg_spatial_ref_sys", "In the GeoPackage system table gpkg_spatial_ref_sys the file is damaged"),
]


@pytest.mark.parametrize(("table", "sentence"), TABLES)
def test_a_torn_page_names_the_table(path: Path, table: str, sentence: str) -> None:
    tear(path, pages_of(path, table)[-1])
    try:
        found = examined(path)
    except StoreDamaged:  # without its own figures no store opens
        assert table == "yuantu_meta"
        return
    assert [str(p)[: len(sentence)] for p in found] == [sentence]


def tampered(path: Path, statement: str) -> list[str]:
    with closing(connection.connect(path)) as raw:
        raw.execute("DROP TRIGGER yuantu_import_no_update")
        raw.execute(statement)
        raw.execute(
            "CREATE TRIGGER yuantu_import_no_update BEFORE UPDATE ON yuantu_import BEGIN SELECT RAISE(ABORT, 'yuantu_import is append-only'); END"
        )
    return [str(p) for p in examined(path)]


QUIETLY = [
    ('UPDATE yuantu_quarantine SET raw = \'{"名称":"乙"}\'', "The quarantine of import 1 was changed"),
    ("DELETE FROM yuantu_quarantine", "The quarantine of import 1 was changed"),
    ("UPDATE yuantu_key SET answer = replace(answer, '2', '3') WHERE key = 'edit'", "1 remembered answers were changed"),
    ("UPDATE yuantu_key SET key = 'other' WHERE key = 'edit'", "1 remembered answers were changed"),
    ("UPDATE yuantu_meta SET value = 'EPSG:4546' WHERE key = 'metric_crs'", "own figures (yuantu_meta) were changed"),
    ("UPDATE yuantu_meta SET value = '2020-01-01T00:00:00Z' WHERE key = 'created_at'", "own figures (yuantu_meta) were changed"),
    ("UPDATE sqlite_sequence SET seq = 3 WHERE name = 'yards'", "Layer yards has given the id 400, its counter stands at 3"),
    ("UPDATE gpkg_geometry_columns SET srs_id = 0 WHERE table_name = 'yards'", "describe layer yards wrongly"),
    ("UPDATE gpkg_contents SET max_x = 112.99 WHERE table_name = 'yards'", "The extent that is kept of layer yards"),
    ("UPDATE gpkg_spatial_ref_sys SET organization_coordsys_id = 4490 WHERE srs_id = 4326", "reference systems was changed"),
    ("ALTER TABLE yuantu_key ADD COLUMN more TEXT", "The layout of table yuantu_key was changed"),
    ("DROP INDEX yuantu_yards_code", "The layout of table yards was changed"),
    ("CREATE VIEW v AS SELECT * FROM yards", "The view v does not belong"),
]


@pytest.mark.parametrize(("statement", "sentence"), QUIETLY, ids=lambda v: v[:40])
def test_what_no_chain_covers_is_noticed_too(path: Path, statement: str, sentence: str) -> None:
    found = tampered(path, statement)
    assert len(found) == 1 and sentence in found[0], found


def test_a_damaged_answer_is_not_repeated(path: Path) -> None:
    tampered(path, "UPDATE yuantu_key SET answer = replace(answer, '2', '3') WHERE key = 'edit'")
    with closing(open_store(path, LAYERS)) as store, pytest.raises(StoreDamaged, match="remembered answer"):
        store.edit([Write("yards", updates=[Update(1, 1, {"gas": "full"})])], actor="a", now=LATER, key="edit")


def test_a_store_of_before_the_seals_is_sound_and_gets_them(path: Path) -> None:
    """Made as an earlier version left it: no seal of the figures, plain answers."""
    with closing(connection.connect(path)) as raw:
        raw.execute("DELETE FROM yuantu_meta WHERE key = 'seal'")
        raw.execute("UPDATE yuantu_key SET answer = substr(answer, 1, instr(answer, char(10)) - 1)")
    with closing(open_store(path, LAYERS)) as store:
        assert store.check() == []
        repeated = [Write("yards", updates=[Update(1, 1, {"gas": "full"})])]
        assert store.edit(repeated, actor="a", now=LATER, key="edit").revision == 2
        store.edit([Write("spots", inserts=[{}])], actor="a", now=LATER)
        assert store.check() == []
    assert tampered(path, "UPDATE yuantu_meta SET value = 'demo' WHERE key = 'kind'") != []


UNOPENED: list[tuple[Callable[[Path], Any], str]] = [
    (lambda path: path.unlink(), "There is no file store.gpkg"),
    (lambda path: path.write_bytes(b"x" * 9000), "does not begin as a database"),
    (lambda path: os.truncate(path, 4096 * 10), "The file is cut off: 10 of its "),
    (lambda path: tear(path, pages_of(path, "yuantu_meta")[0]), "In the store's own figures the file is damaged"),
    (lambda path: tear(path, pages_of(path, "sqlite_schema")[-1]), "The database does not open: "),
]


@pytest.mark.parametrize(("spoil", "sentence"), UNOPENED, ids=["gone", "overwritten", "cut", "figures", "schema"])
def test_a_file_that_does_not_open_is_looked_into(path: Path, spoil: Callable[[Path], Any], sentence: str) -> None:
    spoil(path)
    found = why_unopened(path, LAYERS)
    assert sentence in str(found[0]) and "flask restore" in found[0].remedy.en


def test_a_text_that_is_none_is_damage_and_no_defect_of_ours(path: Path) -> None:
    """The driver says so without a code; it once came through as an error of the program."""
    with closing(connection.connect(path)) as raw:
        raw.execute("UPDATE yuantu_meta SET value = CAST(x'ff' AS TEXT) WHERE key = 'kind'")
    with pytest.raises(StoreDamaged), closing(open_store(path, LAYERS)) as store:
        store.info()


# The alarm


def test_the_look_at_the_start_raises_the_alarm_and_nothing_is_written_any_more(path: Path) -> None:
    tear(path, pages_of(path, "yards")[3])
    before = path.read_bytes()
    with closing(open_store(path, LAYERS)) as store:
        assert store.alarm is None
        assert [p.layer for p in store.look()] == ["yards"]
        assert store.alarm is not None and "flask restore" in store.alarm.en
        assert store.info().counts["yards"] == (ROWS - 1, ROWS // 3)
        with pytest.raises(StoreDamaged, match="can be read and not changed"):
            store.edit([Write("spots", inserts=[{}])], actor="a", now=LATER)
    assert path.read_bytes() == before


def test_damage_that_is_met_later_raises_it_too(path: Path) -> None:
    with closing(open_store(path, LAYERS)) as store:
        assert store.look() == []
    tear(path, pages_of(path, "yards")[3])
    with closing(open_store(path, LAYERS)) as store:
        with pytest.raises(StoreDamaged):
            store.read(["yards"])
        assert store.alarm is not None
        with pytest.raises(StoreDamaged, match="can be read and not changed"):
            store.edit([Write("spots", inserts=[{}])], actor="a", now=LATER)


def test_without_the_alarm_a_damaged_store_takes_changes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control."""
    monkeypatch.setattr(Connections, "distrust", lambda self: None)
    tear(path, pages_of(path, "yards")[3])
    with closing(open_store(path, LAYERS)) as store:
        assert store.look() != []
        assert store.edit([Write("spots", inserts=[{}])], actor="a", now=LATER).revision == 4


# Flipped bytes

UNSEEN_BY_DESIGN = {("gpkg_contents", "description"), ("gpkg_contents", "last_change"), ("gpkg_spatial_ref_sys", "definition"),
                    ("gpkg_spatial_ref_sys", "description"), ("gpkg_spatial_ref_sys", "srs_name"), ("gpkg_extensions", "definition"),
                    ("gpkg_extensions", "scope")}  # fmt: skip
"""Words for people and other programs that no answer of the service depends on."""


def contents(path: Path) -> dict[str, list[Any]]:
    """Every value of every table as plain SQL gives it, but the words of UNSEEN_BY_DESIGN."""
    with closing(sqlite3.connect(path)) as raw:
        names = [n for (n,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'rtree%' ORDER BY name")]
        out = {}
        for name in names:
            columns = [row[1] for row in raw.execute(f'PRAGMA table_info("{name}")') if (name, row[1]) not in UNSEEN_BY_DESIGN]
            listed = ", ".join(f'"{c}"' for c in columns)
            out[name] = sorted(raw.execute(f'SELECT {listed} FROM "{name}"').fetchall(), key=repr)
        return out


def flip(sound: bytes, choose: random.Random) -> tuple[bytes, list[int]]:
    spoiled = bytearray(sound)
    places = [choose.randrange(len(spoiled)) for _ in range(choose.choice([1, 1, 2, 5, 50]))]
    for place in places:
        spoiled[place] ^= choose.randrange(1, 256)
    return bytes(spoiled), places


def outcome(path: Path, whole: dict[str, list[Any]]) -> str:
    """refused or found; else everything must be as it was."""
    try:
        with closing(open_store(path, LAYERS)) as store:
            if store.check():
                return "found"
    except YuantuError:
        return "refused"
    return "harmless" if contents(path) == whole else "MISSED"


def campaign(sound: bytes, folder: Path, numbers: Iterator[int]) -> list[str]:
    original = folder / "original.gpkg"
    original.write_bytes(sound)
    whole, outcomes = contents(original), []
    for number in numbers:
        spoiled, places = flip(sound, random.Random(number))
        path = folder / "spoiled.gpkg"
        path.write_bytes(spoiled)
        outcomes.append(outcome(path, whole))
        path.with_name(".spoiled.gpkg.lock").unlink(missing_ok=True)
        assert outcomes[-1] != "MISSED", f"seed {number}: bytes {places}"
    return outcomes


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("small") / "store.gpkg"
    with closing(open_store(path, LAYERS)) as store:
        store.publish(batch(yards(40), quarantine=REJECTED), actor="importer", now=NOW, key="import")
        store.edit([Write("yards", updates=[Update(1, 1, {"gas": "full"})])], actor="a", now=LATER, key="edit")
    return path.read_bytes()


@pytest.mark.parametrize("numbers", [range(20), pytest.param(range(20, 60), marks=pytest.mark.soak)], ids=["twenty", "forty"])
def test_flips_are_found_or_harmless(small: bytes, tmp_path: Path, numbers: range) -> None:
    outcomes = campaign(small, tmp_path, iter(numbers))
    assert outcomes.count("found") + outcomes.count("refused") > len(numbers) / 3, outcomes


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
def test_two_thousand_flips_are_found_or_harmless(small: bytes, sound: bytes, tmp_path: Path, part: int) -> None:
    outcomes = campaign(sound if part % 2 else small, tmp_path, iter(range(1000 + 200 * part, 1200 + 200 * part)))
    assert outcomes.count("found") + outcomes.count("refused") > 60


Part = Callable[[sqlite3.Connection, Any], Any]


@pytest.mark.parametrize("off", ["_states", "_imports", "_meta"])
def test_without_a_part_of_the_check_a_changed_value_is_missed(path: Path, off: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control of the campaign and of each part."""
    statements = {
        "_states": "UPDATE yards SET name = 'forged' WHERE id = 2",
        "_imports": "UPDATE yuantu_quarantine SET raw = '{}'",
        "_meta": "UPDATE yuantu_meta SET value = 'EPSG:4546' WHERE key = 'metric_crs'",
    }
    whole = contents(path)
    assert len(tampered(path, statements[off])) == 1
    monkeypatch.setattr(check, "THOROUGH", tuple(p for p in check.THOROUGH if p.__name__ != off))
    assert outcome(path, whole) == "MISSED"


def test_sentences_stand_in_both_languages(path: Path) -> None:
    tear(path, pages_of(path, "yards")[3])
    for problem in examined(path):
        assert re.search(r"[\u4e00-\u9fff]", problem.text.zh) and not re.search(r"[\u4e00-\u9fff]", problem.text.en.replace("院", ""))
        assert re.search(r"[\u4e00-\u9fff]", problem.remedy.zh) and "flask" in problem.remedy.en
