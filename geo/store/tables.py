"""The tables of the embedded store, made from the layers' declarations, and the system tables and triggers of a GeoPackage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from geo.schema import Field, Layer

APPLICATION_ID = 0x47504B47
"""The letters GPKG: what makes a SQLite file a GeoPackage."""
USER_VERSION = 10400
"""GeoPackage 1.4."""
SCHEMA = "1"
"""Number of the layout of the yuantu_ tables; a store with another one is not touched."""

GEOMETRY = "geometry"
LARGEST_INTEGER = 2**53
"""Integers beyond this lose their last digits in JSON readers and in columns of doubles."""

_DIALECT = sqlite.dialect()
_LARGEST = "1.7976931348623157e308"


class PlainType(sa.types.UserDefinedType[object]):
    """A column type of the GeoPackage standard, by name; values pass as they are."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        return self.name


_TYPES = {
    "text": "TEXT", "choice": "TEXT", "json": "TEXT", "date": "DATE", "integer": "INTEGER", "year": "INTEGER", "number": "DOUBLE", "boolean": "BOOLEAN",
}  # fmt: skip
_CHECKS = {
    "INTEGER": f"{{0}} BETWEEN -{LARGEST_INTEGER} AND {LARGEST_INTEGER}",
    "DOUBLE": f"{{0}} BETWEEN -{_LARGEST} AND {_LARGEST}",
    "BOOLEAN": "{0} IN (0, 1)",
}
"""NULL passes; infinities, texts and blobs (which sort above all numbers) do not. `typeof` would double the time of an insert."""


def sql(element: sa.ClauseElement) -> str:
    """The text of a statement in SQLite's dialect, for the driver's own bulk calls."""
    return str(element.compile(dialect=_DIALECT)).strip()


def quoted(name: str) -> str:
    """A name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def geometry_type(layer: Layer) -> str:
    """The GeoPackage type name of a layer's geometry column: exact for one kind, GEOMETRY for several."""
    return layer.geometry[0].upper() if len(layer.geometry) == 1 else "GEOMETRY"


def column_type(field: Field) -> str:
    return _TYPES[field.type]


def _column(field: Field) -> sa.Column[object]:
    name = column_type(field)
    check = _CHECKS.get(name)
    constraints = (sa.CheckConstraint(check.format(quoted(field.name))),) if check else ()
    return sa.Column(field.name, PlainType(name), *constraints)


def feature_table(layer: Layer, metadata: sa.MetaData) -> sa.Table:
    """The table of one layer: id, geometry, then all fields in their order."""
    return sa.Table(
        layer.id,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(GEOMETRY, PlainType(geometry_type(layer))),
        *(_column(f) for f in layer.all_fields),
        sa.Index(f"yuantu_{layer.id}_code", "code", unique=True),
        sqlite_autoincrement=True,
    )


def _system_tables(metadata: sa.MetaData) -> None:
    """The tables the GeoPackage standard asks for."""
    text, number, whole = PlainType("TEXT"), PlainType("DOUBLE"), PlainType("INTEGER")
    sa.Table(
        "gpkg_spatial_ref_sys",
        metadata,
        sa.Column("srs_name", text, nullable=False),
        sa.Column("srs_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("organization", text, nullable=False),
        sa.Column("organization_coordsys_id", whole, nullable=False),
        sa.Column("definition", text, nullable=False),
        sa.Column("description", text),
    )
    sa.Table(
        "gpkg_contents",
        metadata,
        sa.Column("table_name", text, primary_key=True, nullable=False),
        sa.Column("data_type", text, nullable=False),
        sa.Column("identifier", text, unique=True),
        sa.Column("description", text, server_default=""),
        sa.Column("last_change", PlainType("DATETIME"), nullable=False, server_default=sa.text("(strftime('%Y-%m-%dT%H:%M:%fZ','now'))")),
        *(sa.Column(name, number) for name in ("min_x", "min_y", "max_x", "max_y")),
        sa.Column("srs_id", whole, sa.ForeignKey("gpkg_spatial_ref_sys.srs_id")),
    )
    sa.Table(
        "gpkg_geometry_columns",
        metadata,
        sa.Column("table_name", text, sa.ForeignKey("gpkg_contents.table_name"), primary_key=True, nullable=False, unique=True),
        sa.Column("column_name", text, primary_key=True, nullable=False),
        sa.Column("geometry_type_name", text, nullable=False),
        sa.Column("srs_id", whole, sa.ForeignKey("gpkg_spatial_ref_sys.srs_id"), nullable=False),
        sa.Column("z", PlainType("TINYINT"), nullable=False),
        sa.Column("m", PlainType("TINYINT"), nullable=False),
    )
    sa.Table(
        "gpkg_extensions",
        metadata,
        *(sa.Column(name, text) for name in ("table_name", "column_name")),
        *(sa.Column(name, text, nullable=False) for name in ("extension_name", "definition", "scope")),
        sa.UniqueConstraint("table_name", "column_name", "extension_name", name="ge_tce"),
    )
    sa.Table(
        "gpkg_ogr_contents", metadata, sa.Column("table_name", text, primary_key=True, nullable=False), sa.Column("feature_count", whole)
    )


def _own_tables(metadata: sa.MetaData) -> None:
    """What the service keeps beside the features. Every yuantu_ table is listed in gpkg_extensions."""
    text, whole, blob = PlainType("TEXT"), PlainType("INTEGER"), PlainType("BLOB")
    sa.Table("yuantu_meta", metadata, sa.Column("key", text, primary_key=True, nullable=False), sa.Column("value", text))
    sa.Table(
        "yuantu_layer",
        metadata,
        sa.Column("layer", text, primary_key=True, nullable=False),
        sa.Column("features", whole, nullable=False),
        sa.Column("unplaced", whole, nullable=False),
    )
    sa.Table(
        "yuantu_revision",
        metadata,
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", text, nullable=False),
        sa.Column("actor", text, nullable=False),
        sa.Column("reason", text),
        sa.Column("import_id", whole),
        sa.Column("undoes", whole),
        sa.Column("hash", blob, nullable=False),
    )
    sa.Table(
        "yuantu_history",
        metadata,
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", whole, nullable=False),
        sa.Column("action", text, nullable=False),
        sa.Column("layer", text, nullable=False),
        sa.Column("feature", whole, nullable=False),
        sa.Column("version", whole, nullable=False),
        sa.Column("before", text),
        sa.Column("after", text),
        sa.Column("geometry_before", blob),
        sa.Column("geometry_after", blob),
        sa.Column("hash", blob, nullable=False),
        sa.Index("yuantu_history_revision", "layer", "revision"),
        sa.Index("yuantu_history_feature", "layer", "feature"),
    )
    sa.Table(
        "yuantu_import",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", whole, nullable=False, unique=True),
        sa.Column("record", text, nullable=False),
    )
    sa.Table(
        "yuantu_quarantine",
        metadata,
        sa.Column("import_id", whole, primary_key=True, nullable=False),
        sa.Column("position", whole, primary_key=True, nullable=False),
        *(sa.Column(name, text) for name in ("layer", "dataset")),
        sa.Column("number", whole, nullable=False),
        *(sa.Column(name, text) for name in ("reason", "sentence_zh", "sentence_en", "raw", "geometry_wkt")),
    )
    sa.Table(
        "yuantu_key",
        metadata,
        sa.Column("key", text, primary_key=True, nullable=False),
        sa.Column("at", text, nullable=False),
        sa.Column("digest", blob, nullable=False),
        sa.Column("answer", text, nullable=False),
    )
    sa.Table(
        "yuantu_document",
        metadata,
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, text, nullable=False) for name in ("kind", "id")),
        sa.Column("version", whole, nullable=False),
        *(sa.Column(name, text, nullable=False) for name in ("at", "actor")),
        sa.Column("body", text),
        sa.Column("hash", blob, nullable=False),
        sa.Index("yuantu_document_version", "kind", "id", "version", unique=True),
    )


APPEND_ONLY = ("yuantu_history", "yuantu_revision", "yuantu_import", "yuantu_document")
"""Tables whose rows may never be changed or removed; triggers see to it."""


class Tables:
    """All tables of a store for a set of layers."""

    def __init__(self, layers: Mapping[str, Layer]) -> None:
        self.layers = dict(layers)
        self.metadata = sa.MetaData()
        _system_tables(self.metadata)
        _own_tables(self.metadata)
        self.features = {name: feature_table(layer, self.metadata) for name, layer in layers.items()}
        self.insert_sql = lru_cache(maxsize=256)(self._insert_sql)
        self.update_sql = lru_cache(maxsize=256)(self._update_sql)
        self.some_sql = lru_cache(maxsize=64)(self._some_sql)

    def __getitem__(self, name: str) -> sa.Table:
        return self.metadata.tables[name]

    def gathered_sql(self, layer: str, names: Sequence[str], counted: Sequence[str]) -> str:
        """Of the next ids after ?1, at most ?2: the last, how many values each of `counted` has, JSON arrays of ids and `names` ordered by id.

        NOT INDEXED with a range of ids makes SQLite walk the table itself, which is in the order of ids.
        """
        columns = ["max(id)", *(f"count({quoted(n)})" for n in counted), *(f"json_group_array({quoted(n)})" for n in ("id", *names))]
        until = f"(SELECT max(id) FROM (SELECT id FROM {quoted(layer)} WHERE id > ?1 ORDER BY id LIMIT ?2))"
        return f"SELECT {', '.join(columns)} FROM {quoted(layer)} NOT INDEXED WHERE id > ?1 AND id <= {until}"

    def fetched_sql(self, layer: str, names: Sequence[str]) -> str:
        """Columns, then the WKB without its GeoPackage header, ordered by id."""
        table = self.features[layer]
        return sql(sa.select(*(table.c[n] for n in names), self._wkb(layer)).order_by(table.c.id))

    def _wkb(self, layer: str) -> sa.Function[object]:
        return sa.func.substr(self.features[layer].c[GEOMETRY], sa.text("41"))

    def _some_sql(self, layer: str, count: int) -> str:
        """Id, all fields in their order and the WKB of the features with `count` given ids, ordered by id."""
        table = self.features[layer]
        columns = [table.c[f.name] for f in self.layers[layer].all_fields]
        marks: list[sa.BindParameter[int]] = [sa.bindparam(f"id{i}") for i in range(count)]
        return sql(sa.select(table.c.id, *columns, self._wkb(layer)).where(table.c.id.in_(marks)).order_by(table.c.id))

    def _insert_sql(self, layer: str, columns: tuple[str, ...]) -> str:
        table = self.features[layer]
        return sql(table.insert().values({table.c[c]: sa.bindparam(c) for c in columns}))

    def _update_sql(self, layer: str, columns: tuple[str, ...]) -> str:
        """Sets `columns` in their order, the last parameter is the id."""
        table = self.features[layer]
        return sql(
            table.update().where(table.c.id == sa.bindparam("which")).values({table.c[c]: sa.bindparam(f"new_{c}") for c in columns})
        )

    def create(self) -> list[str]:
        """Everything that makes an empty store, in order."""
        statements = [sql(CreateTable(t)) for t in self.metadata.sorted_tables if t.name not in self.features]
        statements += [sql(CreateIndex(i)) for t in self.metadata.sorted_tables if t.name not in self.features for i in _sorted(t.indexes)]
        statements += [trigger for name in APPEND_ONLY for trigger in append_only_triggers(name).values()]
        for layer in self.layers.values():
            statements += self.create_layer(layer)
        return statements

    def create_own(self, name: str) -> list[str]:
        """A yuantu_ table with its indexes and triggers, for a store of before it."""
        table = self.metadata.tables[name]
        guards = append_only_triggers(name).values() if name in APPEND_ONLY else ()
        return [sql(CreateTable(table)), *(sql(CreateIndex(i)) for i in _sorted(table.indexes)), *guards]

    def create_layer(self, layer: Layer) -> list[str]:
        """Table, indexes, R-tree and triggers of one layer."""
        table = self.features[layer.id]
        return [
            sql(CreateTable(table)),
            *(sql(CreateIndex(i)) for i in _sorted(table.indexes)),
            f"CREATE VIRTUAL TABLE {rtree(layer.id)} USING rtree(id, minx, maxx, miny, maxy)",
            *feature_triggers(layer.id).values(),
        ]

    def add_column(self, layer: str, field: Field) -> str:
        column = sql(CreateColumn(self.features[layer].c[field.name]))
        return f"ALTER TABLE {quoted(layer)} ADD COLUMN {column}"

    def triggers(self) -> dict[str, str]:
        """Name → text of every trigger a sound store has."""
        found: dict[str, str] = {}
        for name in APPEND_ONLY:
            found |= append_only_triggers(name)
        for layer in self.layers:
            found |= feature_triggers(layer)
        return found


def _sorted(indexes: Iterable[sa.Index]) -> list[sa.Index]:
    return sorted(indexes, key=lambda i: str(i.name))


def rtree(layer: str) -> str:
    """The R-tree's name, as an identifier."""
    return quoted(f"rtree_{layer}_{GEOMETRY}")


def drop_trigger(name: str) -> str:
    return f"DROP TRIGGER IF EXISTS {quoted(name)}"


def append_only_triggers(table: str) -> dict[str, str]:
    return {
        f"{table}_no_{verb}": f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("update", "delete")
    }


def feature_triggers(layer: str) -> dict[str, str]:
    """The R-tree triggers of GeoPackage 1.4, as GDAL 3.12 writes them, and GDAL's two that keep the feature count."""
    table, tree, g = quoted(layer), rtree(layer), quoted(GEOMETRY)
    placed = f"(NEW.{g} NOTNULL AND NOT ST_IsEmpty(NEW.{g}))"
    unplaced = f"(NEW.{g} ISNULL OR ST_IsEmpty(NEW.{g}))"
    was_placed = f"(OLD.{g} NOTNULL AND NOT ST_IsEmpty(OLD.{g}))"
    was_unplaced = f"(OLD.{g} ISNULL OR ST_IsEmpty(OLD.{g}))"
    box = f"ST_MinX(NEW.{g}), ST_MaxX(NEW.{g}), ST_MinY(NEW.{g}), ST_MaxY(NEW.{g})"
    put = f"INSERT OR REPLACE INTO {tree} VALUES (NEW.id, {box});"
    same = f'AFTER UPDATE OF {g} ON {table} WHEN OLD."id" = NEW."id" AND'
    moved = f'AFTER UPDATE ON {table} WHEN OLD."id" != NEW."id" AND'
    bodies = {
        "insert": f"AFTER INSERT ON {table} WHEN {placed} BEGIN {put} END",
        "update2": f"{same} {unplaced} BEGIN DELETE FROM {tree} WHERE id = OLD.id; END",
        "update4": f"{moved} {unplaced} BEGIN DELETE FROM {tree} WHERE id IN (OLD.id, NEW.id); END",
        "update5": f"{moved} {placed} BEGIN DELETE FROM {tree} WHERE id = OLD.id; {put} END",
        "update6": f"{same} {placed} AND {was_placed} BEGIN UPDATE {tree} SET minx = ST_MinX(NEW.{g}), maxx = ST_MaxX(NEW.{g}), "
        f"miny = ST_MinY(NEW.{g}), maxy = ST_MaxY(NEW.{g}) WHERE id = NEW.id; END",
        "update7": f"{same} {placed} AND {was_unplaced} BEGIN INSERT INTO {tree} VALUES (NEW.id, {box}); END",
        "delete": f"AFTER DELETE ON {table} WHEN OLD.{g} NOT NULL BEGIN DELETE FROM {tree} WHERE id = OLD.id; END",
    }
    triggers = {f"rtree_{layer}_{GEOMETRY}_{name}": body for name, body in bodies.items()}
    for verb, sign in (("insert", "+"), ("delete", "-")):
        triggers[f"trigger_{verb}_feature_count_{layer}"] = (
            f"AFTER {verb.upper()} ON {table} BEGIN UPDATE gpkg_ogr_contents SET feature_count = feature_count {sign} 1 "
            f"WHERE lower(table_name) = lower('{layer}'); END"
        )
    return {name: f"CREATE TRIGGER {quoted(name)} {body}" for name, body in triggers.items()}
