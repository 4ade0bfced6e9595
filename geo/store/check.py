"""Whether a store is sound: the file, its tables, the R-trees, the counts, the chain, and every feature against its history."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from typing import Any

import orjson
import sqlalchemy as sa

from geo.errors import StoreDamaged, Text
from geo.schema import Layer
from geo.store import documents, history, seal
from geo.store.blob import BadGeometry, encode, envelope_of, wkb_of
from geo.store.connection import raw
from geo.store.contract import Problem
from geo.store.damage import RESTORE, REWRITE, Part, named, of_file
from geo.store.tables import APPLICATION_ID, GEOMETRY, USER_VERSION, Tables, geometry_type, quoted, rtree
from geo.store.values import fillable
from geo.store.writing import chunked

_BY_HAND = Text(
    "有程序绕过院图改过数据文件：恢复备份（flask restore 备份文件），修改请经本服务",
    "a program changed the file past this service: restore a backup (flask restore FILE) and make changes through the service",
)

_CONDITION = re.compile(r"CHECK \(([^()]*(?:\([^()]*\))?[^()]*)\)")


def problems(
    reading: Callable[[], AbstractContextManager[sa.Connection]], tables: Tables, parts: Sequence[Part] | None = None
) -> list[Problem]:
    """Everything that is wrong; empty when sound. Memory bounded.

    Each part reads one instant of its own, because a reader keeps writers from committing. Damage in the file hides what follows.
    """
    found: list[Problem] = []
    for part in parts or THOROUGH:
        here: list[Problem] = []
        try:
            with reading() as connection:
                here.extend(part(raw(connection), tables))
        except (ValueError, TypeError, sqlite3.DatabaseError, StoreDamaged) as error:
            here = here or [_not_understood(part, error)]
        found += here
        if here and part in (_file, _file_quickly):
            return found
    return found


def _not_understood(part: Part, error: Exception) -> Problem:
    what = part.__name__.strip("_")
    return Problem(
        Text(f"检查“{what}”时读到的内容无法理解：{error}", f"What the check of {what} reads cannot be understood: {error}"), RESTORE
    )


def _file(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    yield from of_file(driver, tables, "integrity_check")


def _file_quickly(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    yield from of_file(driver, tables, "quick_check")


def _marks(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    for pragma, wanted in (("application_id", APPLICATION_ID), ("user_version", USER_VERSION)):
        value = driver.execute(f"PRAGMA {pragma}").fetchone()[0]
        if value != wanted:
            yield Problem(
                Text(
                    f"文件的 {pragma} 是 {value}，GeoPackage 1.4 应为 {wanted}",
                    f"The file's {pragma} is {value}, a GeoPackage 1.4 has {wanted}",
                ),
                RESTORE,
            )
    broken = driver.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        where = ", ".join(sorted({str(row[0]) for row in broken}))
        yield Problem(
            Text(f"{where} 中有 {len(broken)} 行指向不存在的行", f"{len(broken)} rows of {where} refer to rows that are not there"), RESTORE
        )


def _meta(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    if not seal.meta_is_sound(driver):
        yield Problem(Text("数据库自身的信息（yuantu_meta）被改过", "The store's own figures (yuantu_meta) were changed"), _BY_HAND)
    kept = dict(driver.execute("SELECT key, value FROM yuantu_meta WHERE key IN ('seq', 'head')").fetchall())
    seq, head = history.end(driver)
    if kept != {"seq": str(seq), "head": head.hex()}:
        yield Problem(
            Text(
                f"历史记录到第 {seq} 行为止，数据库记得的是第 {kept.get('seq')} 行：末尾缺了记录",
                f"The history ends at line {seq}, the store remembers line {kept.get('seq')}: lines are missing at the end",
            ),
            RESTORE,
        )


def _registers(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    """The rows by which other programs find the layers."""
    for name, layer in tables.layers.items():
        contents = driver.execute("SELECT data_type, identifier, srs_id FROM gpkg_contents WHERE table_name = ?", (name,)).fetchall()
        columns = driver.execute(
            "SELECT column_name, geometry_type_name, srs_id, z, m FROM gpkg_geometry_columns WHERE table_name = ?", (name,)
        ).fetchall()
        tree = driver.execute("SELECT column_name, extension_name FROM gpkg_extensions WHERE table_name = ?", (name,)).fetchall()
        wanted = ([("features", name, 4326)], [(GEOMETRY, geometry_type(layer), 4326, 0, 0)], [(GEOMETRY, "gpkg_rtree_index")])
        if (contents, columns, tree) != wanted:
            text = Text(
                f"图层“{layer.label.zh}”在 GeoPackage 系统表中的登记不对",
                f"The system tables of the GeoPackage describe layer {name} wrongly",
            )
            yield Problem(text, RESTORE, layer=name)
        wide = driver.execute(
            f"SELECT 1 FROM gpkg_contents c, (SELECT min(minx) a, min(miny) b, max(maxx) x, max(maxy) y FROM {rtree(name)}) t WHERE table_name = ? "
            "AND t.a IS NOT NULL AND NOT (ifnull(min_x <= t.a + 1e-4, 0) AND ifnull(min_y <= t.b + 1e-4, 0) AND ifnull(max_x >= t.x - 1e-4, 0) "
            "AND ifnull(max_y >= t.y - 1e-4, 0))",
            (name,),
        ).fetchone()
        if wide:
            text = Text(
                f"图层“{layer.label.zh}”登记的范围小于要素的范围", f"The extent that is kept of layer {name} does not hold its features"
            )
            yield Problem(text, REWRITE, layer=name)
    systems = driver.execute("SELECT srs_id, organization, organization_coordsys_id FROM gpkg_spatial_ref_sys ORDER BY srs_id").fetchall()
    if systems != [(-1, "NONE", -1), (0, "NONE", 0), (4326, "EPSG", 4326)]:
        yield Problem(Text("坐标系登记表被改过", "The table of reference systems was changed"), RESTORE)


def _layout(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    """Columns, their types and conditions, and indexes, against those of a store made anew in memory."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        for statement in tables.create():
            fresh.execute(statement)
        wanted, found = _columns(fresh), _columns(driver)
    for name in sorted(wanted):
        if found.get(name) != wanted[name]:
            layer = name if name in tables.layers else None
            yield Problem(Text(f"表 {name} 的结构被改过", f"The layout of table {name} was changed"), RESTORE, layer=layer)


def _columns(driver: sqlite3.Connection) -> dict[str, object]:
    """Of each table: columns in no order (some were added later), conditions, indexes with their columns."""
    found: dict[str, object] = {}
    for name, text in driver.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
        columns = {row[1:] for row in driver.execute(f"PRAGMA table_info({quoted(name)})")}
        indexes = {
            (index[1], index[2], tuple(row[2] for row in driver.execute(f"PRAGMA index_info({quoted(index[1])})")))
            for index in driver.execute(f"PRAGMA index_list({quoted(name)})").fetchall()
        }
        found[name] = (columns, indexes, sorted(_CONDITION.findall(text)))
    return found


def _triggers(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    stored = dict(driver.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
    wanted = tables.triggers()
    for name in sorted(wanted.keys() - stored.keys()):
        yield Problem(Text(f"缺少触发器 {name}", f"The trigger {name} is missing"), _BY_HAND)
    for name in sorted(stored.keys() - wanted.keys()):
        yield Problem(Text(f"触发器 {name} 不属于本库", f"The trigger {name} does not belong to the store"), _BY_HAND)
    for name in sorted(n for n in wanted if n in stored and stored[n] != wanted[n]):
        yield Problem(Text(f"触发器 {name} 被改过", f"The trigger {name} was changed"), _BY_HAND)


def _foreign_objects(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    """Views and virtual tables that the store never makes: a reader would run them."""
    found = driver.execute(
        "SELECT type, name FROM sqlite_master WHERE type = 'view' OR (type = 'table' AND sql LIKE 'CREATE VIRTUAL%') ORDER BY name"
    ).fetchall()
    ours = {f"rtree_{layer}_{GEOMETRY}" for layer in tables.layers}
    for kind, name in found:
        if kind == "view" or name not in ours:
            yield Problem(Text(f"{name} 不属于本库", f"The {kind} {name} does not belong to the store"), _BY_HAND)


def _counts(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    for layer, declared in tables.layers.items():
        real = driver.execute(f'SELECT count(*), coalesce(sum({GEOMETRY} IS NULL), 0) FROM "{layer}"').fetchone()
        kept = driver.execute("SELECT features, unplaced FROM yuantu_layer WHERE layer = ?", (layer,)).fetchone()
        if kept != real:
            yield Problem(
                Text(
                    f"图层“{declared.label.zh}”有 {real[0]} 个要素（{real[1]} 个未上图），登记的却是{_counted(kept).zh}",
                    f"Layer {layer} has {real[0]} features ({real[1]} unplaced), the register says {_counted(kept).en}",
                ),
                REWRITE,
                layer=layer,
            )
        counted = driver.execute("SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?", (layer,)).fetchone()
        if counted != real[:1]:
            yield Problem(
                Text(
                    f"图层“{declared.label.zh}”有 {real[0]} 个要素，供 QGIS 等程序看的登记（gpkg_ogr_contents）却是{_counted(counted).zh}",
                    f"Layer {layer} has {real[0]} features, the register for QGIS and others (gpkg_ogr_contents) says {_counted(counted).en}",
                ),
                REWRITE,
                layer=layer,
            )
    (total,) = driver.execute("SELECT sum(features) FROM yuantu_layer").fetchone()
    (kind,) = driver.execute("SELECT value FROM yuantu_meta WHERE key = 'kind'").fetchone()
    if (kind == "empty") != (total == 0):
        yield Problem(Text(f"数据库自称 {kind}，却有 {total} 个要素", f"The store calls itself {kind} and has {total} features"), _BY_HAND)


def _counted(kept: Sequence[Any] | None) -> Text:
    """A row of a register: features, and how many of them are unplaced where it says so."""
    if kept is None:
        return Text("空的", "nothing")
    total, *unplaced = kept
    return (
        Text(f" {total} 个（{unplaced[0]} 个未上图）", f"{total} ({unplaced[0]} unplaced)")
        if unplaced
        else Text(f" {total} 个", str(total))
    )


def _numbering(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    """An id that was given once is never given again."""
    given = dict(driver.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    for layer, declared in tables.layers.items():
        (highest,) = driver.execute("SELECT coalesce(max(feature), 0) FROM yuantu_history WHERE layer = ?", (layer,)).fetchone()
        if given.get(layer, 0) < highest:
            text = Text(
                f"图层“{declared.label.zh}”编到了 {highest}，计数器却是 {given.get(layer, 0)}",
                f"Layer {layer} has given the id {highest}, its counter stands at {given.get(layer, 0)}",
            )
            yield Problem(text, RESTORE, layer=layer)


def _trees(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    for layer, declared in tables.layers.items():
        answer = driver.execute(f"SELECT rtreecheck('rtree_{layer}_{GEOMETRY}')").fetchone()[0]
        if answer != "ok":
            said = str(answer)[:120]
            text = Text(f"图层“{declared.label.zh}”的空间索引有损坏：{said}", f"The R-tree of layer {layer} is damaged: {said}")
            yield Problem(text, REWRITE, layer=layer)
        lacking = driver.execute(
            f'SELECT f.id FROM "{layer}" f LEFT JOIN {rtree(layer)} r ON r.id = f.id WHERE f.{GEOMETRY} IS NOT NULL AND r.id IS NULL '
            f'UNION ALL SELECT r.id FROM {rtree(layer)} r LEFT JOIN "{layer}" f ON f.id = r.id WHERE f.{GEOMETRY} IS NULL'
        ).fetchall()
        if lacking:
            ids = [id for (id,) in lacking]
            who = named(driver, declared, ids)
            text = Text(
                f"图层“{declared.label.zh}”的空间索引与要素不一致：{who.zh}",
                f"The R-tree of layer {layer} and its features differ at {who.en}",
            )
            yield Problem(text, REWRITE, layer=layer, records=ids)


def _geometries(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    for name, layer in tables.layers.items():
        rows = driver.execute(
            f'SELECT f.id, f.{GEOMETRY}, r.minx, r.maxx, r.miny, r.maxy FROM "{name}" f LEFT JOIN {rtree(name)} r ON r.id = f.id '
            f"WHERE f.{GEOMETRY} IS NOT NULL"
        )
        bad = [id for chunk in chunked(rows) for id in _unsound(chunk, layer)]
        if bad:
            who = named(driver, layer, bad)
            text = Text(
                f"图层“{layer.label.zh}”的图形或其空间索引不是本库写的样子：{who.zh}",
                f"Geometries of layer {name} are not as the store writes them: {who.en}",
            )
            yield Problem(text, RESTORE, layer=name, records=bad)


def _unsound(rows: Sequence[tuple[Any, ...]], layer: Layer) -> list[int]:
    """Ids of blobs that are not what their WKB makes, or that their box in the R-tree (32-bit numbers, rounded outwards) does not hold."""
    try:
        blobs, _ = encode([wkb_of(row[1]) for row in rows], layer.geometry)
    except (BadGeometry, TypeError):
        return [row[0] for row in rows] if len(rows) == 1 else [id for row in rows for id in _unsound([row], layer)]
    pairs = zip(rows, blobs, strict=True)
    return [id for (id, stored, *box), blob in pairs if stored != blob or not _holds(box, envelope_of(stored))]


def _holds(box: Sequence[float | None], envelope: tuple[float, float, float, float]) -> bool:
    low_x, high_x, low_y, high_y = box
    if low_x is None or high_x is None or low_y is None or high_y is None:
        return False
    minx, maxx, miny, maxy = envelope
    return low_x <= minx and maxx <= high_x and low_y <= miny and maxy <= high_y


def _finite(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    for name, layer in tables.layers.items():
        for field in layer.all_fields:
            if field.type == "number":
                bad = driver.execute(
                    f'SELECT id FROM "{name}" WHERE typeof("{field.name}") NOT IN (\'real\', \'null\') OR abs("{field.name}") > 1.7976931348623157e308'
                ).fetchall()
                if bad:
                    ids = [id for (id,) in bad]
                    who = named(driver, layer, ids)
                    text = Text(
                        f"图层“{layer.label.zh}”的“{field.label.zh}”不是有限的数：{who.zh}",
                        f"{name}.{field.name} is not a finite number at {who.en}",
                    )
                    yield Problem(text, RESTORE, layer=name, records=ids)


def _states(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    """Replays each layer's history, a feature at a time, and compares the result with what stands in the table."""
    for name, layer in tables.layers.items():
        bad = list(_differing(driver, name, layer))
        if bad:
            who = named(driver, layer, bad)
            text = Text(
                f"图层“{layer.label.zh}”的要素与其历史不符：{who.zh}", f"Features of layer {name} are not what their history says: {who.en}"
            )
            yield Problem(text, RESTORE, layer=name, records=bad)


def _differing(driver: sqlite3.Connection, name: str, layer: Layer) -> Iterator[int]:
    replayed, stored = _replayed(driver, name), _stored(driver, name, layer)
    left, right = next(replayed, None), next(stored, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            yield left[0] if left is not None else 0
            left = next(replayed, None)
        elif left is None or right[0] < left[0]:
            yield right[0]
            right = next(stored, None)
        else:
            if left != right:
                yield left[0]
            left, right = next(replayed, None), next(stored, None)


_State = tuple[int, dict[str, Any], bytes | None, int, str, str]


def _replayed(driver: sqlite3.Connection, layer: str) -> Iterator[_State]:
    """Each feature that should exist, by id: values that are not None, blob, version, when, who."""
    (cleared,) = driver.execute(
        "SELECT coalesce(max(seq), 0) FROM yuantu_history WHERE layer = ? AND action = 'clear'", (layer,)
    ).fetchone()
    lines = driver.execute(
        "SELECT h.feature, h.version, h.before, h.after, h.geometry_before, h.geometry_after, r.at, r.actor FROM yuantu_history h "
        "JOIN yuantu_revision r ON r.revision = h.revision WHERE h.layer = ? AND h.seq > ? ORDER BY h.feature, h.seq",
        (layer, cleared),
    )
    state: _State | None = None
    for feature, version, before, after, old, new, at, actor in lines:
        if state is not None and state[0] != feature:
            yield state
            state = None
        if after is None:
            state = None
        elif before is None or state is None:
            state = (feature, orjson.loads(after), new, version, at, actor)
        else:
            values = {n: v for n, v in (state[1] | orjson.loads(after)).items() if v is not None}
            state = (feature, values, new if old is not None or new is not None else state[2], version, at, actor)
    if state is not None:
        yield state


def _stored(driver: sqlite3.Connection, name: str, layer: Layer) -> Iterator[_State]:
    fields = fillable(layer)
    columns = ", ".join(f'"{n}"' for n in fields)
    as_json: dict[str, Callable[[Any], Any]] = {n: _JSON[f.type] for n, f in fields.items() if f.type in _JSON}
    for id, blob, version, at, actor, *values in driver.execute(
        f'SELECT id, {GEOMETRY}, version, updated_at, updated_by, {columns} FROM "{name}" ORDER BY id'
    ):
        shown = {n: as_json[n](v) if n in as_json else v for n, v in zip(fields, values, strict=True) if v is not None}
        yield id, shown, blob, version, at, actor


_JSON: dict[str, Callable[[Any], Any]] = {"boolean": bool, "json": orjson.loads}


def _chain(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    sound, seq, _ = history.verify(driver)
    if not sound:
        yield Problem(
            Text(
                f"历史链在第 {seq} 行之后断开：有记录被改、被加或被删",
                f"The history's chain is broken after line {seq}: a line or transaction was changed, added or removed",
            ),
            RESTORE,
        )


def _imports(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    """What each import left out, against the sum in its record (older ones have none), which the chain covers."""
    columns = ", ".join(seal.QUARANTINE_COLUMNS)
    for id, record in driver.execute("SELECT id, record FROM yuantu_import ORDER BY id").fetchall():
        wanted = orjson.loads(record).get("quarantine")
        rows = driver.execute(f"SELECT {columns} FROM yuantu_quarantine WHERE import_id = ? ORDER BY position", (id,))
        if wanted is not None and seal.quarantine_sum(rows) != wanted:
            yield Problem(
                Text(
                    f"第 {id} 号导入未收录的记录被改过；要素不受影响",
                    f"The quarantine of import {id} was changed; the features are not touched by it",
                ),
                RESTORE,
            )


def _answers(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    rows = driver.execute("SELECT key, at, digest, answer FROM yuantu_key")
    bad = sum(seal.opened_answer(*row) is None for row in rows)
    if bad:
        yield Problem(
            Text(f"{bad} 条记住的答复被改过；要素不受影响", f"{bad} remembered answers were changed; the features are not touched by it"),
            RESTORE,
        )


def _documents(driver: sqlite3.Connection, tables: Tables) -> Iterator[Problem]:
    yield from documents.problems(driver, tables)


FOUNDATION: tuple[Part, ...] = (_marks, _meta)
"""What must hold before anything is made anew from the features."""
QUICK: tuple[Part, ...] = (_file_quickly, _marks, _meta, _registers, _triggers, _foreign_objects, _counts)
THOROUGH: tuple[Part, ...] = (
    _file, _marks, _layout, _meta, _registers, _triggers, _foreign_objects, _counts, _numbering, _trees, _geometries, _finite, _states, _chain, _imports, _answers,
    _documents,
)  # fmt: skip
