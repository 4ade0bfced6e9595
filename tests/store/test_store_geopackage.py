"""The embedded store as a file: a GeoPackage that every reader opens, and the guards around it, each with its negative control."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from store_samples import LATER, LAYERS, NOW, RECORD, YARDS, batch, box, everything, field, filled, point, state, text, yards

from geo.errors import Conflict, Invalid, StoreBusy, StoreDamaged, StoreFull, YuantuError
from geo.schema import POINTS, Layer, Style
from geo.store import connection, open_store, opening, writing
from geo.store.connection import LiveFileError
from geo.store.contract import Batch, Store, Update, Write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.gpkg"


@pytest.fixture
def store(path: Path, empty_folders: Mapping[str, Path]) -> Iterator[Store]:
    shutil.copyfile(empty_folders["gpkg"] / path.name, path)
    opened = open_store(path, LAYERS)
    yield opened
    opened.close()


def raw(path: Path) -> closing[sqlite3.Connection]:
    """A connection of another program (of the same SQLite) with the functions that the triggers need."""
    opened = connection.connect(path)
    return closing(opened)


def _in_child(work: Callable[[], bool]) -> int:
    """Process id of a fork that does `work` and ends with 0 when it gives True."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return child


# The file


READERS = """
import json, sys
import fiona, numpy, pyogrio
path, found = sys.argv[1], {}
for layer, kind in pyogrio.list_layers(path):
    info = pyogrio.read_info(path, layer=layer, force_feature_count=True)
    with fiona.open(path, layer=layer) as source:
        counted = sum(1 for _ in source)
    found[layer] = [kind, info["features"], counted, str(info["crs"]), info["fid_column"]]
meta, ids, geometry, columns = pyogrio.raw.read(path, layer="yards", bbox=(112.9795, 34.7495, 112.9825, 34.7515), return_fids=True)
frame = pyogrio.read_dataframe(path, layer="yards", fid_as_index=True)
row = frame.loc[1]
print(json.dumps({"layers": found, "box": sorted(map(int, ids)), "types": dict(zip(meta["fields"].tolist(), map(str, meta["dtypes"]))),
    "row": [row["name"], int(row["households"]), bool(row["fenced"]), str(row["checked_on"])[:10], row.geometry.wkt], "unplaced": bool(frame.geometry[3] is None)}))
"""

GDAL_TRIGGERS = """
import json, sqlite3, sys
import geopandas, pyogrio, shapely
frame = geopandas.GeoDataFrame({"name": ["x"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
pyogrio.write_dataframe(frame, sys.argv[1], layer="yards", driver="GPKG", geometry_name="geometry", layer_options={"FID": "id"})
triggers = sqlite3.connect(sys.argv[1]).execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'yards'").fetchall()
print(json.dumps(dict(triggers)))
"""


def run(program: str, *arguments: Path) -> Any:
    """A program in a process of its own: GDAL has no business in this one."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", program, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return json.loads(done.stdout)


def test_gdal_reads_the_live_file(store: Store, path: Path) -> None:
    rows = yards(3)
    rows[0] |= {"fenced": True, "checked_on": "2024-02-29"}
    store.publish(batch(rows), actor="a", now=NOW)
    seen = run(READERS, path)
    assert seen["layers"] == {
        "yards": ["Unknown", 3, 3, "EPSG:4326", "id"],
        "lanes": ["Unknown", 0, 0, "EPSG:4326", "id"],
        "spots": ["Point", 0, 0, "EPSG:4326", "id"],
    }
    assert seen["box"] == [1, 2]
    assert seen["row"][:4] == ["院0", 0, True, "2024-02-29"]
    assert seen["row"][4].startswith("POLYGON ((112.98")
    assert seen["unplaced"] is True
    assert (seen["types"]["width_m"], seen["types"]["built_year"], seen["types"]["fenced"]) == ("float64", "int64", "bool")


def _normal(sql: str) -> str:
    """SQL without the freedom of writing: blanks, quotes around plain names, ISNULL spelled out."""
    return "".join(sql.replace('"', "").replace("ISNULL", "IS NULL").replace("NOTNULL", "NOT NULL").lower().split())


def test_the_triggers_are_those_that_gdal_writes(store: Store, path: Path, tmp_path: Path) -> None:
    theirs = run(GDAL_TRIGGERS, tmp_path / "gdal.gpkg")
    with raw(path) as ours:
        found = dict(ours.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'yards'").fetchall())
    assert {n: _normal(s) for n, s in found.items()} == {n: _normal(s) for n, s in theirs.items()}


def test_the_marks_of_a_geopackage(store: Store, path: Path) -> None:
    filled(store)
    with raw(path) as opened:
        one = lambda sql: opened.execute(sql).fetchone()  # noqa: E731
        assert (one("PRAGMA application_id"), one("PRAGMA user_version")) == ((0x47504B47,), (10400,))
        assert one("PRAGMA integrity_check") == ("ok",)
        assert opened.execute("PRAGMA foreign_key_check").fetchall() == []
        extensions = set(opened.execute("SELECT table_name, extension_name FROM gpkg_extensions").fetchall())
        assert {(layer, "gpkg_rtree_index") for layer in LAYERS} <= extensions
        own = {name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'yuantu%'")}
        assert {(name, "yuantu_store") for name in own} <= extensions
        contents = opened.execute("SELECT last_change, min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = 'yards'").fetchone()
        assert contents == ("2026-11-22T08:00:00.000Z", 112.98, 34.75, 112.98 + 0.002 + 0.001, 34.75 + 0.001)


def _in_box(path: Path, low: float, high: float) -> list[int]:
    with raw(path) as opened:
        query = "SELECT id FROM rtree_yards_geometry WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ? ORDER BY id"
        return [id for (id,) in opened.execute(query, (low, high, low, high))]


def _random_box(choose: random.Random) -> bytes:
    return box(choose.uniform(-80, 80), choose.uniform(-80, 80), 0.5)


def test_the_rtree_answers_like_a_scan_after_a_large_import_and_single_edits(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built whole (three levels), then kept by its triggers."""
    monkeypatch.setattr(writing, "BULK_CHANGES", 1000)
    choose = random.Random(1)
    store.publish(batch({"geometry": _random_box(choose)} for _ in range(2500)), actor="a", now=NOW)
    for id in choose.sample(range(1, 2501), 30):
        update = [Update(id, 1, {}, _random_box(choose), set_geometry=True)] if id % 3 else []
        store.edit([Write("yards", [{"geometry": _random_box(choose)}], update, [] if id % 3 else [(id, 1)])], actor="a", now=LATER)
    import shapely

    columns = store.read(["yards"]).whole["yards"]
    window = shapely.box(-20, -20, 25, 25)
    assert _in_box(path, -20, 25) == [
        i for i, g in zip(columns.ids, columns.geometry, strict=True) if window.intersects(shapely.from_wkb(g))
    ]
    assert store.check() == []
    store.undo(1 + 30, actor="a", now=LATER)
    with raw(path) as opened:
        assert opened.execute("SELECT rtreecheck('rtree_yards_geometry')").fetchone() == ("ok",)


def test_the_extent_shrinks_when_an_import_is_taken_back(store: Store, path: Path) -> None:
    filled(store)
    store.publish(batch([{"geometry": box(0, 0, 1)}]), actor="a", now=NOW)
    store.undo(2, actor="a", now=LATER)
    with raw(path) as opened:
        (west,) = opened.execute("SELECT min_x FROM gpkg_contents WHERE table_name = 'yards'").fetchone()
    assert west == pytest.approx(112.98, abs=1e-4)


# How connections are set


def test_every_connection_is_set_for_safety(path: Path) -> None:
    wanted = {
        "journal_mode": "delete",
        "synchronous": 3,
        "busy_timeout": 10_000,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 1,
    }
    with raw(path) as opened:
        assert {name: opened.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted} == wanted


def test_a_file_left_in_wal_mode_goes_back(store: Store, path: Path) -> None:
    """QGIS leaves it so while it edits."""
    filled(store)
    store.close()
    with closing(sqlite3.connect(path)) as foreign:
        assert foreign.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    again = open_store(path, LAYERS)
    assert again.info().counts["yards"] == (3, 1)
    again.close()
    with closing(sqlite3.connect(path)) as foreign:
        assert foreign.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_the_writer_takes_its_lock_at_once(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deferred transaction would fail in the middle; the statement that begins a write is looked at."""
    begun: list[str] = []
    original = connection.connect

    def watched(path: Path) -> sqlite3.Connection:
        opened = original(path)
        opened.set_trace_callback(lambda sql: begun.append(sql) if sql.startswith("BEGIN") else None)
        return opened

    store.close()
    monkeypatch.setattr(connection, "connect", watched)
    fresh = open_store(path, LAYERS)
    begun.clear()
    filled(fresh)
    fresh.info()
    fresh.close()
    assert begun == ["BEGIN IMMEDIATE", "BEGIN"]


# Guards


READS = [
    lambda path: path.read_bytes(),
    lambda path: path.open("rb"),
    lambda path: os.open(path, os.O_RDONLY),
    lambda path: shutil.copy(path, path.with_suffix(".copy")),
    lambda path: Path(os.path.join(path.parent, "..", path.parent.name, path.name)).open("ab"),
]


@pytest.mark.parametrize("read", READS)
def test_nothing_in_this_process_opens_the_live_file_beside_its_connections(store: Store, path: Path, read: Callable[[Path], Any]) -> None:
    """Closing any other handle of the file drops SQLite's locks: commits would be lost without a word."""
    filled(store)
    with pytest.raises(LiveFileError):
        read(path)
    store.close()
    handle = read(path)
    if isinstance(handle, int):
        os.close(handle)
    elif hasattr(handle, "close"):
        handle.close()


def test_the_history_is_append_only(store: Store, path: Path) -> None:
    filled(store)
    with raw(path) as opened:
        for table in ("yuantu_history", "yuantu_revision", "yuantu_import"):
            statements = [f"UPDATE {table} SET revision = 1", f"DELETE FROM {table}", f"REPLACE INTO {table} SELECT * FROM {table}"]
            for statement in statements:
                with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
                    opened.execute(statement)
    assert store.check() == []


TAMPERING: list[tuple[str, str]] = [
    ("UPDATE yuantu_history SET after = replace(after, '院0', '院9') WHERE seq = 1", "chain is broken after line 0"),
    ("UPDATE yuantu_history SET version = 3 WHERE seq = 2", "chain is broken after line 1"),
    ("UPDATE yuantu_history SET geometry_after = NULL WHERE seq = 1", "chain is broken after line 0"),
    ("UPDATE yuantu_revision SET actor = 'somebody else' WHERE revision = 1", "chain is broken"),
    ("UPDATE yuantu_revision SET at = '2020-01-01T00:00:00Z' WHERE revision = 2", "chain is broken after line 3"),
    ("UPDATE yuantu_import SET record = replace(record, '台账', '别的')", "chain is broken"),
    ("DELETE FROM yuantu_history WHERE seq = 2", "chain is broken after line 1"),
    ("DELETE FROM yuantu_history WHERE seq = 4", "the store remembers line 4"),
    ("DELETE FROM yuantu_revision WHERE revision = 1", "chain is broken"),
    ("UPDATE yards SET name = 'forged' WHERE id = 2", "yards are not what their history says: 2"),
    ("UPDATE yards SET version = 9 WHERE id = 1", "yards are not what their history says: 1"),
    ("UPDATE yards SET updated_by = 'somebody else' WHERE id = 3", "yards are not what their history says: 3"),
    ("DELETE FROM yards WHERE id = 3", "yards are not what their history says: 3"),
    ("INSERT INTO yards (name, version) VALUES ('forged', 1)", "yards are not what their history says: 4"),
    ("UPDATE yards SET geometry = NULL WHERE id = 1", "yards are not what their history says: 1"),
    ("UPDATE yards SET geometry = substr(geometry, 1, 60) WHERE id = 1", "not as the store writes them: 1"),
    ("UPDATE rtree_yards_geometry SET minx = 0, maxx = 1 WHERE id = 1", "not as the store writes them: 1"),
    ("DELETE FROM rtree_yards_geometry WHERE id = 2", "R-tree of layer yards and its features differ at 2"),
    ("DELETE FROM rtree_yards_geometry_rowid WHERE rowid = 1", "R-tree of layer yards is damaged"),
    ("UPDATE gpkg_ogr_contents SET feature_count = 7 WHERE table_name = 'yards'", "(gpkg_ogr_contents) says 7"),
    ("UPDATE yuantu_layer SET unplaced = 0 WHERE layer = 'yards'", "the register says 3 (0 unplaced)"),
    ("UPDATE yuantu_meta SET value = 'empty' WHERE key = 'kind'", "calls itself empty and has 3 features"),
    ("DROP TRIGGER rtree_yards_geometry_insert", "trigger rtree_yards_geometry_insert is missing"),
    ("CREATE TRIGGER mine AFTER INSERT ON yards BEGIN SELECT 1; END", "trigger mine does not belong"),
    ("PRAGMA application_id = 1", "application_id is 1"),
]


@pytest.mark.parametrize(("statement", "sentence"), TAMPERING, ids=lambda v: v[:50])
def test_tampering_shows(store: Store, path: Path, statement: str, sentence: str) -> None:
    filled(store)
    store.edit([Write("yards", updates=[Update(1, 1, {"gas": "full"})])], actor="a", now=LATER)
    assert store.check() == []
    with raw(path) as opened:
        guards = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'yuantu%'")]
        texts = [opened.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0] for name in guards]
        for name in guards:
            opened.execute(f"DROP TRIGGER {name}")
        opened.execute("PRAGMA foreign_keys = OFF")
        opened.execute(statement)
        for sql in texts:
            opened.execute(sql)
    assert any(sentence in str(problem) for problem in store.check()), store.check()


# Faults


def test_a_lock_held_by_another_program_is_said_to_be_so(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(store).close()
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.05)
    patient = open_store(path, LAYERS)
    with raw(path) as other:
        other.execute("BEGIN EXCLUSIVE")
        for call in (patient.info, lambda: filled(patient)):
            with pytest.raises(StoreBusy):
                call()
        other.execute("ROLLBACK")
    assert patient.info().revision == 1
    patient.close()


def test_a_writer_waits_for_another_and_readers_go_on(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(store).close()
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.05)
    patient = open_store(path, LAYERS)
    with raw(path) as other:
        other.execute("BEGIN IMMEDIATE")
        assert patient.info().revision == 1
        with pytest.raises(StoreBusy):
            filled(patient)
    assert patient.check() == []
    patient.close()


def _commits(path: Path, count: int) -> bool:
    opened = open_store(path, LAYERS)
    return [opened.edit([Write("spots", inserts=[{}])], actor="other", now=LATER).revision > 0 for _ in range(count)] == [True] * count


def test_a_busy_neighbour_does_not_keep_others_out(store: Store, path: Path) -> None:
    """This process commits without a pause; with SQLite's own pauses another has waited eight seconds for its first turn."""
    filled(store)
    started, child, mine = time.monotonic(), _in_child(lambda: _commits(path, 5)), 0
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        store.edit([Write("yards", updates=[Update(1, 1 + mine, {"households": 100 + mine})])], actor="a", now=LATER)
        mine += 1
    assert store.info().counts["spots"][0] == 5
    assert time.monotonic() - started < 20


def test_a_full_disk_loses_nothing_and_work_goes_on_after(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(store).close()
    original = connection.connect
    pages = [120]

    def small(path: Path) -> sqlite3.Connection:
        opened = original(path)
        opened.execute(f"PRAGMA max_page_count = {pages[0]}")
        return opened

    monkeypatch.setattr(connection, "connect", small)
    full = open_store(path, LAYERS)
    before = state(full)
    with pytest.raises(StoreFull):
        full.publish(batch(yards(3000, first=10)), actor="a", now=NOW)
    assert state(full) == before
    assert full.check() == []
    full.close()
    pages[0] = 10**6
    roomy = open_store(path, LAYERS)
    roomy.publish(batch(yards(300, first=10)), actor="a", now=NOW)
    assert roomy.check() == []
    roomy.close()


def _garbage(path: Path) -> None:
    path.write_bytes(random.Random(0).randbytes(20_000))


def _foreign_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("CREATE TABLE t (a)")


def _foreign_geopackage(path: Path) -> None:
    _foreign_database(path)
    with closing(sqlite3.connect(path)) as opened:
        opened.execute(f"PRAGMA application_id = {0x47504B47}")


def _truncated(path: Path) -> None:
    filled(open_store(path, LAYERS), 300).close()
    with path.open("r+b") as handle:
        handle.truncate(30_000)


@pytest.mark.parametrize("spoil", [_garbage, _foreign_database, _foreign_geopackage, _truncated])
def test_a_file_that_is_no_sound_store_is_refused_and_left_alone(path: Path, spoil: Callable[[Path], None]) -> None:
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(StoreDamaged):
        opened = open_store(path, LAYERS)
        try:
            opened.read(list(LAYERS))
        finally:
            opened.close()
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_or_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file" / "store.gpkg", tmp_path):
        with pytest.raises(StoreDamaged, match="cannot be opened or written"):
            open_store(path, LAYERS)


def _outcome(path: Path, whole: dict[str, Any]) -> str:
    try:
        opened = open_store(path, LAYERS)
    except YuantuError:
        return "refused"
    try:
        if opened.check():
            return "found"
        return "harmless" if everything(opened) == whole else "MISSED"
    except YuantuError:
        return "refused"
    finally:
        opened.close()


def test_flipped_bytes_are_found_or_harmless(path: Path, tmp_path: Path) -> None:
    opened = filled(open_store(path, LAYERS), 40)
    whole = everything(opened)
    opened.close()
    sound = path.read_bytes()
    choose = random.Random(7)
    outcomes = []
    for number in range(24):
        spoiled = bytearray(sound)
        for _ in range(choose.choice([1, 5, 50])):
            spoiled[choose.randrange(100, len(spoiled))] ^= choose.randrange(1, 256)
        copy = tmp_path / f"{number}.gpkg"
        copy.write_bytes(spoiled)
        outcomes.append(_outcome(copy, whole))
    assert "MISSED" not in outcomes
    assert outcomes.count("found") + outcomes.count("refused") > 5, outcomes


def test_a_forked_child_opens_its_own_connections(store: Store) -> None:
    filled(store)
    edit = Write("yards", updates=[Update(1, 1, {"name": "from the child"})])
    child = _in_child(lambda: store.edit([edit], actor="child", now=LATER).revision == 2 and store.feature("yards", 1).version == 2)
    assert os.waitpid(child, 0)[1] == 0
    assert store.feature("yards", 1).values["name"] == "from the child"
    store.edit([Write("yards", updates=[Update(1, 2, {"name": "from the parent"})])], actor="parent", now=LATER)
    assert store.check() == []


MOUNTS = "22 1 8:1 / / rw,relatime - ext4 /dev/root rw\n30 22 0:5 / {0} rw,relatime shared:1 - {1} server:/x rw\n"


@pytest.mark.parametrize(("kind", "refused"), [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("ext4", False), ("tmpfs", False)])
def test_a_network_drive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, refused: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS.format(tmp_path / "drive", kind))
    monkeypatch.setattr(opening, "_MOUNTS", mounts)
    if refused:
        with pytest.raises(Conflict, match="network drive"):
            open_store(tmp_path / "drive" / "deep" / "store.gpkg", LAYERS)
        assert not (tmp_path / "drive").exists()
    open_store(tmp_path / "drive2" / "store.gpkg", LAYERS).close()
    if not refused:
        open_store(tmp_path / "drive" / "deep" / "store.gpkg", LAYERS).close()


@pytest.mark.parametrize("address", ["postgresql://localhost/yuantu", "postgresql+psycopg://localhost/yuantu", "https://x/y.gpkg"])
def test_another_backend_is_not_there_yet(address: str) -> None:
    with pytest.raises(Invalid, match="not there yet"):
        open_store(address, LAYERS)


# Changed declarations


def with_fields(*names: str) -> dict[str, Layer]:
    return {**LAYERS, "yards": replace(YARDS, fields=(*YARDS.fields[:2], *(field(n, "number") for n in names), *YARDS.fields[2:]))}


NEW_LAYER = Layer("wells", text("井"), text("群"), POINTS, (field("name", "text"),), Style("#000000"))


def test_new_layers_and_columns_are_added_after_a_backup(store: Store, path: Path) -> None:
    expected = filled(store).feature("yards", 1)
    store.close()
    newer = {**with_fields("depth_m", "slope"), "wells": NEW_LAYER}
    upgraded = open_store(path, newer)
    assert upgraded.feature("yards", 1).values == {**expected.values, "depth_m": None, "slope": None}
    upgraded.publish(
        Batch([Write("yards", inserts=[{"depth_m": 1.5}]), Write("wells", inserts=[{"geometry": point(1, 1)}])], RECORD),
        actor="a",
        now=LATER,
    )
    assert upgraded.read(["yards"]).whole["yards"].values["depth_m"] == [None, None, None, 1.5]
    assert upgraded.check() == []
    upgraded.close()
    (copy,) = path.parent.glob("store-before-upgrade-*.gpkg")
    old = open_store(copy, LAYERS)
    assert (old.info().counts["yards"], old.check()) == ((3, 1), [])
    old.close()
    open_store(path, newer).close()
    assert len(list(path.parent.glob("store-before-upgrade-*"))) == 1, "nothing new, no backup"


CONTRADICTIONS: list[tuple[str, dict[str, Layer], str]] = [
    ("layer gone", {"yards": YARDS}, "layers that the program has not: lanes, spots"),
    ("column gone", {**LAYERS, "yards": replace(YARDS, fields=YARDS.fields[:-1])}, "columns that the program has not: tags"),
    ("other type", {**LAYERS, "yards": replace(YARDS, fields=(*YARDS.fields[:-1], field("tags", "number")))}, "tags (TEXT → DOUBLE)"),
    ("other geometry", {**LAYERS, "yards": replace(YARDS, geometry=POINTS)}, "geometry (GEOMETRY → POINT)"),
]


@pytest.mark.parametrize(("layers", "sentence"), [case[1:] for case in CONTRADICTIONS], ids=[case[0] for case in CONTRADICTIONS])
def test_any_other_difference_is_refused_with_a_sentence(store: Store, path: Path, layers: dict[str, Layer], sentence: str) -> None:
    filled(store).close()
    before = path.read_bytes()
    with pytest.raises(Conflict) as caught:
        open_store(path, layers)
    assert sentence in caught.value.text.en
    assert path.read_bytes() == before


def _opens(path: Path) -> bool:
    opened = open_store(path, LAYERS)
    return opened.check() == [] and opened.info().kind == "empty"


def test_programs_that_start_at_once_make_one_store(path: Path) -> None:
    children = [_in_child(lambda: _opens(path)) for _ in range(4)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
    assert _opens(path)
