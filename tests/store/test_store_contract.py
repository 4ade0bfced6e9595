"""What every store promises, whatever is behind it."""

from __future__ import annotations

import random
import struct
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely
from store_samples import LATER, NOW, RECORD, batch, box, everything, filled, line, point, state, yards

from geo.errors import (
    BadValue,
    Conflict,
    FeatureNotFound,
    ImportNotFound,
    KeyReused,
    LayerNotFound,
    NotFound,
    StaleVersion,
    UnknownField,
    VersionRequired,
    YuantuError,
)
from geo.store import reading, undo, writing
from geo.store.contract import Batch, Columns, Delta, Edited, Published, Quarantined, Row, Store, Update, Write


def edit(store: Store, *writes: Write, **more: Any) -> Edited:
    return store.edit(writes, actor="planner", now=LATER, **more)


def change(id: int, version: int | None, **values: Any) -> Write:
    return Write("yards", updates=[Update(id, version, values)])


# A new store


def test_a_new_store_is_empty(store: Store) -> None:
    info = store.info()
    assert (info.kind, info.revision, info.metric_crs) == ("empty", 0, None)
    assert info.counts == {"yards": (0, 0), "lanes": (0, 0), "spots": (0, 0)}
    assert store.read(["yards"]).whole["yards"].ids == []
    assert store.check() == []


# Imports


def test_an_import_is_there_whole(store: Store) -> None:
    published = store.publish(batch(yards(3)), actor="importer", now=NOW)
    assert published == Published(1, 1, {"yards": range(1, 4)}, 0)
    info = store.info()
    assert (info.kind, info.revision, info.counts["yards"], info.metric_crs) == ("real", 1, (3, 1), "EPSG:4547")
    columns = store.read(["yards"]).whole["yards"]
    assert columns.ids == [1, 2, 3]
    assert columns.values["code"] == ["C0", "C1", "C2"]
    assert columns.values["version"] == [1, 1, 1]
    assert columns.values["updated_by"] == ["importer"] * 3
    assert columns.geometry == [box(112.98, 34.75), box(112.98 + 0.002, 34.75), None]
    assert store.check() == []


ROUND_TRIPS: list[tuple[str, Any, Any]] = [
    ("name", "杜甫路 “1” 号\n{{7*7}} <b>'; DROP TABLE yards;--", "杜甫路 “1” 号\n{{7*7}} <b>'; DROP TABLE yards;--"),
    ("name", "", ""),
    ("name", "🏠\x1f\u2028", "🏠\x1f\u2028"),
    ("built_year", 1994, 1994),
    ("built_year", 1994.0, 1994),
    ("households", 2**53, 2**53),
    ("width_m", 0.1 + 0.2, 0.1 + 0.2),
    ("width_m", 5e-324, 5e-324),
    ("width_m", 1.7976931348623157e308, 1.7976931348623157e308),
    ("width_m", 4, 4.0),
    ("gas", "partial", "partial"),
    ("fenced", True, True),
    ("fenced", False, False),
    ("checked_on", "2024-02-29", "2024-02-29"),
    ("tags", [1, {"a": None}], [1, {"a": None}]),
    ("tags", "text", "text"),
    ("extra", {"备注": "x", "n": 1.5, "deep": [[]]}, {"备注": "x", "n": 1.5, "deep": [[]]}),
    ("extra", None, {}),
    ("extra", {}, {}),
]


@pytest.mark.parametrize(("name", "value", "kept"), ROUND_TRIPS)
def test_a_value_comes_back_exactly(store: Store, name: str, value: Any, kept: Any) -> None:
    store.publish(batch([{"code": "A", name: value}]), actor="a", now=NOW)
    row = store.feature("yards", 1)
    assert (row.values[name], type(row.values[name])) == (kept, type(kept))
    assert store.read(["yards"]).whole["yards"].values[name] == [kept]
    assert store.check() == []


BAD_VALUES: list[tuple[str, Any]] = [
    ("name", 5),
    ("name", "nul\0"),
    ("name", "\ud800"),
    ("name", "x" * 65_537),
    ("built_year", 1799),
    ("built_year", 1994.5),
    ("built_year", "1994"),
    ("built_year", True),
    ("households", -1),
    ("households", 2**53 + 1),
    ("households", 10**400),
    ("width_m", float("nan")),
    ("width_m", float("inf")),
    ("width_m", -0.5),
    ("width_m", 10**400),
    ("width_m", "4"),
    ("gas", "some"),
    ("gas", ["none"]),
    ("fenced", 1),
    ("fenced", "yes"),
    ("checked_on", "2023-02-29"),
    ("checked_on", "2023"),
    ("checked_on", "20230601"),
    ("checked_on", "2023-06-01T00:00:00"),
    ("tags", float("nan")),
    ("tags", {1, 2}),
    ("extra", [1]),
    ("extra", {"a": float("inf")}),
]


@pytest.mark.parametrize(("name", "value"), BAD_VALUES, ids=lambda v: str(v)[:20])
def test_a_value_against_its_declaration_stops_the_import(store: Store, name: str, value: Any) -> None:
    before = state(store)
    with pytest.raises(BadValue) as caught:
        store.publish(batch([*yards(3), {"code": "bad", name: value}]), actor="a", now=NOW)
    assert caught.value.members["field"] == name
    assert state(store) == before


def test_deep_json_is_refused(store: Store) -> None:
    nested: Any = 1
    for _ in range(40):
        nested = [nested]
    with pytest.raises(BadValue):
        store.publish(batch([{"tags": nested}]), actor="a", now=NOW)


def _hostile_collection() -> bytes:
    """Thousands of nested collections: a parser that recurses dies of it."""
    return b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 20_000 + point(1, 1)


def _square_with(x: float) -> bytes:
    return b"\x01\x03\0\0\0\x01\0\0\0\x04\0\0\0" + struct.pack("<8d", 0, 0, x, 1, 1, 1, 0, 0)


def _nested_multipolygon() -> bytes:
    return b"\x01\x06\x00\x00\x00\x01\x00\x00\x00" * 20_000 + box(1, 1)


BAD_GEOMETRIES: list[tuple[str, Any]] = [
    ("another kind", point(112, 34)),
    ("a line in an area layer", line((112, 34), (113, 35))),
    ("text", "POINT (1 2)"),
    ("empty", shapely.to_wkb(shapely.Polygon())),
    ("no bytes", b""),
    ("cut off", box(112, 34)[:-3]),
    ("too long", box(112, 34) + b"\0"),
    ("with Z", shapely.to_wkb(shapely.Polygon([(0, 0, 1), (1, 0, 1), (1, 1, 1)]))),
    ("with SRID", shapely.to_wkb(shapely.set_srid(shapely.box(0, 0, 1, 1), 4326), include_srid=True)),
    ("big-endian", shapely.to_wkb(shapely.box(0, 0, 1, 1), byte_order=0)),
    ("not finite", _square_with(float("nan"))),
    ("infinite", _square_with(float("inf"))),
    ("metres", box(500_000, 3_847_000, 10)),
    ("swapped axes", box(34.75, 112.98)),
    ("unclosed ring", b"\x01\x03\0\0\0\x01\0\0\0\x04\0\0\0" + struct.pack("<8d", 0, 0, 1, 0, 1, 1, 0, 1)),
    ("collection bomb", _hostile_collection()),
    ("multipolygon bomb", _nested_multipolygon()),
]


@pytest.mark.parametrize("wkb", [wkb for _, wkb in BAD_GEOMETRIES], ids=[name for name, _ in BAD_GEOMETRIES])
def test_a_geometry_that_is_not_plain_is_refused(store: Store, wkb: Any) -> None:
    with pytest.raises(BadValue) as caught:
        store.publish(batch([*yards(1), {"code": "bad", "geometry": wkb}]), actor="a", now=NOW)
    assert (caught.value.members["field"], caught.value.members["index"]) == ("geometry", 1)
    assert store.info().kind == "empty"


def test_every_declared_kind_is_kept_byte_for_byte(store: Store) -> None:
    areas = [
        box(112, 34),
        shapely.to_wkb(shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)])),
        box(-180, -90, 360 / 2),
    ]
    lines = [line((0, 0), (1, 1)), shapely.to_wkb(shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 4)]]))]
    writes = [Write("yards", inserts=[{"geometry": g} for g in areas]), Write("lanes", inserts=[{"geometry": g} for g in lines])]
    store.publish(Batch([*writes, Write("spots", inserts=[{"geometry": point(1, 2)}])], RECORD), actor="a", now=NOW)
    whole = store.read(["yards", "lanes", "spots"]).whole
    assert [whole[name].geometry for name in ("yards", "lanes", "spots")] == [areas, lines, [point(1, 2)]]
    assert store.check() == []


@pytest.mark.parametrize("name", ["nmae", "version", "updated_at", "id", 'x"; DROP TABLE yards'])
def test_an_unknown_field_is_refused(store: Store, name: str) -> None:
    with pytest.raises(UnknownField) as caught:
        store.publish(batch([{"code": "A", name: "x"}]), actor="a", now=NOW)
    assert caught.value.members["field"] == name


def test_an_unknown_layer_names_the_nearest(store: Store) -> None:
    for call in (
        lambda: store.read(["yard"]),
        lambda: store.feature("yard", 1),
        lambda: edit(store, Write("yard")),
        lambda: store.history(layer="yard"),
    ):
        with pytest.raises(LayerNotFound) as caught:
            call()
        assert caught.value.members["nearest"] == ["yards"]


@pytest.mark.parametrize("rows", [[*yards(2), *yards(1)], [*yards(2500), *yards(1)]], ids=["in one go", "in another chunk"])
def test_a_code_stands_once_in_a_layer(store: Store, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(BadValue) as caught:
        store.publish(batch(rows), actor="a", now=NOW)
    assert caught.value.members == {"field": "code", "value": "C0"}
    assert store.info().kind == "empty"


def test_a_code_may_stand_in_two_layers_and_be_missing_often(store: Store) -> None:
    writes = [Write("yards", inserts=[{"code": "A"}, {}, {}]), Write("spots", inserts=[{"code": "A"}])]
    store.publish(Batch(writes, RECORD), actor="a", now=NOW)
    assert store.info().counts == {"yards": (3, 3), "lanes": (0, 0), "spots": (1, 1)}


def test_an_import_that_fails_after_staging_leaves_nothing(store: Store) -> None:
    before = state(filled(store))

    def fail() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.publish(batch(yards(10, first=10)), actor="a", now=NOW, staged=fail)
    assert state(store) == before
    filled_again = store.publish(batch(yards(1, first=10)), actor="a", now=NOW)
    assert filled_again.ids == {"yards": range(4, 5)}


def test_nothing_is_visible_before_the_commit(store: Store, reopen: Callable[[], Store]) -> None:
    other = reopen()
    seen: list[int] = []
    store.publish(batch(yards(3)), actor="a", now=NOW, staged=lambda: seen.append(other.info().counts["yards"][0]))
    assert seen == [0]
    assert other.info().counts["yards"] == (3, 1)


def test_an_upsert_needs_no_versions_and_deletes_go_first(store: Store) -> None:
    """A replacing import takes the codes of the features it removes."""
    filled(store)
    write = Write("yards", inserts=[{"code": "C2", "name": "new"}], updates=[Update(1, None, {"name": "changed"})], deletes=[(3, None)])
    published = store.publish(Batch([write], RECORD), actor="a", now=LATER)
    assert published.ids == {"yards": range(4, 5)}
    assert [(r.id, r.values["code"], r.values["name"], r.version) for r in everything(store)["yards"]] == [
        (1, "C0", "changed", 2),
        (2, "C1", "院1", 1),
        (4, "C2", "new", 1),
    ]
    assert store.check() == []


def test_one_feature_changed_twice_in_an_import_keeps_both_changes(store: Store) -> None:
    filled(store)
    updates = [Update(1, None, {"name": "a"}), Update(1, None, {"households": 7}), Update(2, None, {"name": "b"})]
    store.publish(Batch([Write("yards", updates=iter(updates))], RECORD), actor="a", now=LATER)
    row = store.feature("yards", 1)
    assert (row.values["name"], row.values["households"], row.version) == ("a", 7, 3)
    assert store.check() == []


def test_import_records_and_quarantine_are_kept(store: Store) -> None:
    left_out = Quarantined(
        "yards", "Sheet1", 3, "code-twice", "编号重复", "the code stands twice", {"编号": "C0", "户数": 12, "x": None}, "POINT (1 2)"
    )
    second = replace(left_out, layer=None, number=4, geometry_wkt=None)
    store.publish(batch(yards(2), quarantine=[left_out, second]), actor="importer", now=NOW)
    stored = store.import_record(1)
    assert (stored.id, stored.at, stored.actor, stored.revision, stored.record, stored.undone_by) == (1, NOW, "importer", 1, RECORD, None)
    assert store.imports() == [stored]
    assert store.quarantine(1) == [left_out, second]
    for call in (store.import_record, store.quarantine):
        with pytest.raises(ImportNotFound):
            call(2)


def test_an_import_without_a_single_accepted_record_is_recorded(store: Store) -> None:
    published = store.publish(batch([]), actor="a", now=NOW)
    assert (published.import_id, published.ids, store.info().kind) == (1, {}, "empty")
    assert store.check() == []


# Single edits


def test_an_edit_changes_only_what_it_names(store: Store) -> None:
    before = filled(store).feature("yards", 1)
    edited = edit(store, change(1, 1, gas="full", households=None), reason="phone call")
    assert edited == Edited(2, [("yards", 1, 2)])
    after = store.feature("yards", 1)
    changed = {"gas": "full", "households": None, "version": 2, "updated_at": LATER, "updated_by": "planner"}
    assert after == Row(1, {**before.values, **changed}, before.geometry)


def test_an_edit_is_one_line_of_history(store: Store) -> None:
    edit(filled(store), Write("yards", updates=[Update(1, 1, {"gas": "full"}, None, set_geometry=True)]), reason="phone call")
    (last,) = store.history(layer="yards", feature=1, newest_first=True, limit=1)
    assert (last.seq, last.revision, last.at, last.actor, last.action, last.version) == (4, 2, LATER, "planner", "update", 2)
    assert (last.before, last.after, last.reason, last.import_id) == ({"gas": None}, {"gas": "full"}, "phone call", None)
    assert (last.geometry_before, last.geometry_after) == (box(112.98, 34.75), None)
    assert store.info().counts["yards"] == (3, 2)


def test_the_history_of_an_insert_and_a_delete_holds_every_field(store: Store) -> None:
    edit(filled(store, 1), Write("yards", deletes=[(1, 1)]))
    inserted, deleted = store.history()
    assert inserted.before is None and deleted.after is None
    assert inserted.after == deleted.before
    assert inserted.after is not None and (inserted.after["code"], inserted.after["gas"]) == ("C0", None)
    assert set(inserted.after) == {
        "code", "name", "built_year", "households", "width_m", "gas", "fenced", "checked_on", "tags", "source", "source_date", "quality",
        "accuracy_m", "extra",
    }  # fmt: skip
    assert (deleted.geometry_before, deleted.version) == (box(112.98, 34.75), 2)


def test_an_edit_that_changes_nothing_leaves_no_trace(store: Store) -> None:
    before = state(filled(store))
    same = Update(1, 1, {"name": "院0", "extra": {}}, box(112.98, 34.75), set_geometry=True)
    assert edit(store, Write("yards", updates=[same])) == Edited(1, [("yards", 1, 1)])
    assert state(store) == before


REFUSED_EDITS: list[tuple[str, Write, type[YuantuError]]] = [
    ("stale update", change(2, 2, name="x"), StaleVersion),
    ("stale delete", Write("yards", deletes=[(2, 7)]), StaleVersion),
    ("no version", change(2, None, name="x"), VersionRequired),
    ("delete without version", Write("yards", deletes=[(2, None)]), VersionRequired),
    ("no such feature", change(99, 1, name="x"), FeatureNotFound),
    ("delete of none", Write("yards", deletes=[(99, 1)]), FeatureNotFound),
    ("delete twice", Write("yards", deletes=[(2, 1), (2, 1)]), FeatureNotFound),
    ("taken code", change(2, 1, code="C0"), BadValue),
    ("bad value", change(2, 1, households=-1), BadValue),
    ("bad geometry", Write("yards", updates=[Update(2, 1, {}, point(1, 1), set_geometry=True)]), BadValue),
    ("unknown field", change(2, 1, nmae="x"), UnknownField),
]


@pytest.mark.parametrize(("write", "error"), [case[1:] for case in REFUSED_EDITS], ids=[case[0] for case in REFUSED_EDITS])
def test_a_refused_edit_changes_nothing(store: Store, write: Write, error: type[YuantuError]) -> None:
    before = state(filled(store))
    with pytest.raises(error):
        edit(store, change(1, 1, name="first"), write)
    assert state(store) == before


def test_a_stale_edit_is_told_the_current_version(store: Store) -> None:
    edit(filled(store), change(1, 1, name="x"))
    with pytest.raises(StaleVersion) as caught:
        edit(store, change(1, 1, name="y"))
    assert caught.value.members["current"] == 2


def test_ids_are_never_used_again(store: Store) -> None:
    edit(filled(store), Write("yards", deletes=[(3, 1)]))
    assert edit(store, Write("yards", inserts=[{}])).features == [("yards", 4, 1)]


def test_lost_updates_do_not_happen(store: Store, reopen: Callable[[], Store]) -> None:
    """Four editors, two of them in another store object, each add 15 to one of three counters."""
    filled(store)
    stores = [store, store, reopen(), reopen()]

    def editor(number: int) -> None:
        done = 0
        while done < 15:
            row = stores[number].feature("yards", 1 + (number + done) % 3)
            try:
                edit(stores[number], change(row.id, row.version, households=row.values["households"] + 1))
                done += 1
            except StaleVersion:
                pass

    threads = [threading.Thread(target=editor, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = everything(store)["yards"]
    assert sum(row.values["households"] for row in rows) == 0 + 1 + 2 + 60
    assert sum(row.version - 1 for row in rows) == 60
    assert store.check() == []


# Idempotency keys


def test_a_repeated_edit_gets_the_same_answer_and_no_second_effect(store: Store) -> None:
    filled(store)
    write = Write("yards", inserts=[{"code": "N", "geometry": box(113, 34)}], updates=[Update(1, 1, {"name": "x"})])
    first = edit(store, write, key="k1")
    before = state(store)
    assert edit(store, write, key="k1") == first
    assert state(store) == before


def test_a_repeated_import_gets_the_same_answer_and_no_second_effect(store: Store) -> None:
    first = store.publish(batch(iter(yards(3))), actor="a", now=NOW, key="k1")
    assert store.publish(batch(iter(yards(3))), actor="a", now=LATER, key="k1") == first
    assert store.info().counts["yards"] == (3, 1)


def test_a_key_may_stand_for_what_was_asked(store: Store) -> None:
    """What comes of it may be worked out otherwise the second time: the answer is that of the first."""
    filled(store)
    assert store.repeated("k1", b"asked", actor="planner") is None
    first = edit(store, change(1, 1, name="x"), key="k1", asked=b"asked")
    before = state(store)
    assert edit(store, change(1, 2, name="y"), key="k1", asked=b"asked") == first
    assert store.repeated("k1", b"asked", actor="planner") == first
    assert state(store) == before
    for other, actor in ((b"another", "planner"), (b"asked", "another")):
        with pytest.raises(KeyReused):
            store.repeated("k1", other, actor=actor)


def test_a_key_is_for_one_request(store: Store) -> None:
    edit(filled(store), change(1, 1, name="x"), key="k1")
    other: list[Callable[[], Any]] = [
        lambda: edit(store, change(1, 1, name="y"), key="k1"),
        lambda: edit(store, change(2, 1, name="x"), key="k1"),
        lambda: edit(store, change(1, 1, name="x"), key="k1", reason="why"),
        lambda: store.edit([change(1, 1, name="x")], actor="another", now=LATER, key="k1"),
        lambda: store.publish(batch(yards(1, first=9)), actor="planner", now=LATER, key="k1"),
    ]
    for call in other:
        with pytest.raises(KeyReused):
            call()


def test_a_refused_request_does_not_use_up_its_key(store: Store) -> None:
    filled(store)
    with pytest.raises(StaleVersion):
        edit(store, change(1, 5, name="x"), key="k1")
    assert edit(store, change(1, 1, name="x"), key="k1").features == [("yards", 1, 2)]


# Demo and real


def test_a_real_import_removes_the_demo_in_its_own_transaction(store: Store) -> None:
    store.publish(batch(yards(5), demo=True), actor="demo", now=NOW)
    assert store.info().kind == "demo"
    published = store.publish(batch([{"code": "C0", "geometry": box(24.94, 60.17)}]), actor="a", now=LATER)
    assert published.removed_demo == 5
    assert [dict(i.record.details) for i in store.imports()] == [dict(RECORD.details), {**RECORD.details, "removed_demo": 5}]
    info = store.info()
    assert (info.kind, info.counts["yards"], info.metric_crs) == ("real", (1, 0), "EPSG:32635")
    assert [c.action for c in store.history()] == ["insert"] * 5 + ["clear", "insert"]
    assert store.check() == []


def test_a_failed_real_import_leaves_the_demo(store: Store) -> None:
    store.publish(batch(yards(5), demo=True), actor="demo", now=NOW)
    before = state(store)
    with pytest.raises(BadValue):
        store.publish(batch([{"households": -1}]), actor="a", now=LATER)
    assert state(store) == before


def test_a_demo_is_refused_beside_real_data(store: Store) -> None:
    before = state(filled(store))
    with pytest.raises(Conflict):
        store.publish(batch(yards(5, first=10), demo=True), actor="demo", now=NOW)
    with pytest.raises(Conflict):
        store.remove_demo(actor="a", now=NOW)
    assert state(store) == before


def test_an_edited_demo_stays_a_demo_and_goes_whole(store: Store) -> None:
    store.publish(batch(yards(5), demo=True), actor="demo", now=NOW)
    edit(store, Write("spots", inserts=[{"name": "mine"}]))
    assert store.info().kind == "demo"
    assert store.remove_demo(actor="a", now=LATER) == 6
    assert (store.info().kind, store.info().metric_crs, store.info().counts["spots"]) == ("empty", None, (0, 0))
    assert store.check() == []


def test_a_new_demo_takes_the_place_of_the_old(store: Store) -> None:
    store.publish(batch(yards(5), demo=True), actor="demo", now=NOW)
    published = store.publish(batch(yards(2), demo=True), actor="demo", now=NOW)
    assert (published.removed_demo, store.info().kind, store.info().counts["yards"]) == (5, "demo", (2, 0))


def test_an_edit_makes_an_empty_store_real(store: Store) -> None:
    edit(store, Write("spots", inserts=[{"geometry": point(112.98, 34.75)}]))
    assert (store.info().kind, store.info().metric_crs) == ("real", "EPSG:4547")


def test_the_metric_crs_is_fixed_by_the_first_placed_features(store: Store) -> None:
    store.publish(batch([{"code": "A"}], metric_crs="EPSG:4549"), actor="a", now=NOW)
    assert store.info().metric_crs is None
    store.publish(batch([{"code": "B", "geometry": box(112.98, 34.75)}], metric_crs="EPSG:4548"), actor="a", now=NOW)
    store.publish(batch([{"code": "C", "geometry": box(24.94, 60.17)}], metric_crs="EPSG:32635"), actor="a", now=NOW)
    assert store.info().metric_crs == "EPSG:4548"


# Undo


def _features(store: Store) -> dict[str, dict[int, tuple[Any, ...]]]:
    """What a user sees of the features: everything but versions and stamps."""
    stamps = ("version", "updated_at", "updated_by")
    return {
        layer: {row.id: ({n: v for n, v in row.values.items() if n not in stamps}, row.geometry) for row in rows}
        for layer, rows in everything(store).items()
    }


UNDOABLE: list[tuple[str, tuple[Write, ...]]] = [
    ("change", (change(1, 1, name="x", gas="full", fenced=True, extra={"a": 1}),)),
    ("move", (Write("yards", updates=[Update(1, 1, {}, box(113, 34), set_geometry=True)]),)),
    ("place", (Write("yards", updates=[Update(3, 1, {}, box(113, 34), set_geometry=True)]),)),
    ("unplace", (Write("yards", updates=[Update(1, 1, {}, None, set_geometry=True)]),)),
    ("insert", (Write("spots", inserts=[{"name": "x", "geometry": point(1, 1)}]),)),
    ("delete", (Write("yards", deletes=[(1, 1), (3, 1)]),)),
    (
        "all at once",
        (Write("yards", inserts=[{"code": "C2"}], updates=[Update(2, 1, {"name": "y"})], deletes=[(3, 1)]), change(2, 2, name="z")),
    ),
]


@pytest.mark.parametrize("writes", [writes for _, writes in UNDOABLE], ids=[name for name, _ in UNDOABLE])
def test_undo_brings_back_what_was_and_can_itself_be_undone(store: Store, writes: tuple[Write, ...]) -> None:
    before = _features(filled(store))
    edit(store, *writes)
    done = _features(store)
    undone = store.undo(2, actor="planner", now=LATER)
    assert (undone.revision, _features(store), store.check()) == (3, before, [])
    store.undo(3, actor="planner", now=LATER)
    assert (_features(store), store.check()) == (done, [])
    assert {c.action for c in store.history(after=0, limit=1000) if c.revision > 2} == {"undo"}


def test_versions_go_on_through_deletion_and_undo(store: Store) -> None:
    edit(filled(store), Write("yards", deletes=[(1, 1)]))
    assert store.undo(2, actor="a", now=LATER).features == [("yards", 1, 3)]


def test_undo_of_an_import_takes_all_of_it(store: Store) -> None:
    filled(store)
    write = Write("yards", inserts=yards(2, first=10), updates=[Update(1, None, {"name": "x"})], deletes=[(2, None)])
    before = _features(store)
    store.publish(Batch([write, Write("spots", inserts=[{"geometry": point(1, 1)}])], RECORD), actor="a", now=LATER)
    store.undo(2, actor="planner", now=LATER)
    assert _features(store) == before
    assert [i.undone_by for i in store.imports()] == [None, 3]
    assert store.check() == []


def test_undo_of_the_only_import_leaves_an_empty_store(store: Store) -> None:
    filled(store)
    store.undo(1, actor="a", now=LATER)
    assert (store.info().kind, store.info().metric_crs) == ("empty", None)
    store.publish(batch(yards(2), demo=True), actor="demo", now=LATER)
    assert store.info().kind == "demo"


def test_undo_of_the_import_that_ended_the_demo_does_not_bring_it_back(store: Store) -> None:
    store.publish(batch(yards(5), demo=True), actor="demo", now=NOW)
    filled(store)
    store.undo(2, actor="a", now=LATER)
    assert (store.info().kind, store.info().counts["yards"], store.check()) == ("empty", (0, 0), [])


def test_undo_of_a_large_upsert(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """More changes than are taken back at a time, some features changed twice."""
    monkeypatch.setattr(undo, "LINES_AT_ONCE", 200)
    filled(store, 500)
    before = _features(store)
    updates = (Update(1 + i % 500, None, {"households": 9000 + i}) for i in range(700))
    store.publish(Batch([Write("yards", updates=updates)], RECORD), actor="a", now=LATER)
    store.undo(2, actor="a", now=LATER)
    assert (_features(store), store.check()) == (before, [])


def test_what_has_changed_since_is_not_undone(store: Store) -> None:
    edit(filled(store), change(1, 1, name="x"), change(2, 1, name="x"))
    edit(store, change(2, 2, name="y"))
    before = state(store)
    for revision in (1, 2):
        with pytest.raises(StaleVersion):
            store.undo(revision, actor="a", now=LATER)
    assert state(store) == before
    store.undo(3, actor="a", now=LATER)


def test_changes_are_undone_one_after_the_other_newest_first(store: Store) -> None:
    """An insert, changes and a removal of the same features; the versions go on all the way."""
    states = [_features(filled(store))]
    edit(store, change(1, 1, name="x"), change(2, 1, name="x"))
    states.append(_features(store))
    upsert = Write("yards", inserts=yards(1, first=10), updates=[Update(1, None, {"name": "y"}), Update(2, None, {"gas": "full"})])
    store.publish(Batch([upsert], RECORD), actor="a", now=LATER)
    states.append(_features(store))
    store.publish(Batch([Write("yards", deletes=[(1, None), (3, None)], inserts=yards(1, first=20))], RECORD), actor="a", now=LATER)
    for revision in (4, 3, 2, 1):
        store.undo(revision, actor="a", now=LATER)
        assert (_features(store), store.check()) == (states[revision - 2] if revision > 1 else {id: {} for id in states[0]}, [])
    versions = [c.version for c in store.history(layer="yards", feature=1, limit=100)]
    assert versions == list(range(1, len(versions) + 1))


def test_a_removal_taken_back_twice_goes_on_with_its_versions(store: Store) -> None:
    edit(filled(store), Write("yards", deletes=[(1, 1)]))
    for revision in (2, 3, 2):
        store.undo(revision, actor="a", now=LATER)
    assert [c.version for c in store.history(layer="yards", feature=1)] == [1, 2, 3, 4, 5]
    assert store.check() == []


def test_an_undo_does_not_free_what_still_stands(store: Store) -> None:
    edit(filled(store), change(1, 1, name="x"))
    edit(store, change(1, 2, name="y"))
    edit(store, change(1, 3, name="z"))
    store.undo(4, actor="a", now=LATER)
    with pytest.raises(StaleVersion):
        store.undo(2, actor="a", now=LATER)
    with pytest.raises(StaleVersion):
        store.undo(4, actor="a", now=LATER)
    store.undo(5, actor="a", now=LATER)
    with pytest.raises(StaleVersion):
        store.undo(3, actor="a", now=LATER)
    assert store.feature("yards", 1).values["name"] == "z"


def test_undo_of_what_cannot_be_undone(store: Store) -> None:
    store.publish(batch(yards(2), demo=True), actor="demo", now=NOW)
    store.remove_demo(actor="a", now=NOW)
    with pytest.raises(NotFound):
        store.undo(9, actor="a", now=LATER)
    with pytest.raises(Conflict):
        store.undo(2, actor="a", now=LATER)
    with pytest.raises(StaleVersion):
        store.undo(1, actor="a", now=LATER)


# Reading


def test_what_changed_since_a_revision(store: Store) -> None:
    filled(store)
    edit(store, change(1, 1, name="x"), Write("yards", deletes=[(2, 1)]), Write("spots", inserts=[{}]))
    snapshot = store.read(["yards", "lanes", "spots"], {"yards": 1, "lanes": 0})
    assert snapshot.deltas["yards"] == Delta([store.feature("yards", 1)], [2])
    assert snapshot.deltas["lanes"] == Delta((), ())
    assert snapshot.whole.keys() == {"spots"}
    assert (snapshot.revision, snapshot.layer_revisions) == (2, {"yards": 2, "lanes": 0, "spots": 2})


def test_what_came_and_went_since_is_only_gone(store: Store) -> None:
    filled(store)
    edit(store, Write("yards", inserts=[{}]))
    edit(store, Write("yards", deletes=[(4, 1)]))
    assert store.read(["yards"], {"yards": 1}).deltas["yards"] == Delta([], [4])


def test_a_layer_is_given_whole_when_a_delta_would_not_do(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(store, 9)
    assert store.read(["yards"], {"yards": 2}).whole.keys() == {"yards"}, "a revision that this store never had"
    edit(store, *(change(id, 1, name="x") for id in range(1, 10)))
    monkeypatch.setattr(reading, "LARGEST_DELTA", 8)
    assert store.read(["yards"], {"yards": 1}).whole.keys() == {"yards"}, "too much"
    monkeypatch.setattr(reading, "LARGEST_DELTA", 9)
    assert store.read(["yards"], {"yards": 1}).whole == {}


def test_after_a_demo_went_a_layer_is_given_whole(store: Store) -> None:
    store.publish(batch(yards(5), demo=True), actor="demo", now=NOW)
    filled(store)
    assert store.read(["yards"], {"yards": 1}).whole["yards"].ids == [6, 7, 8]


def test_a_missing_feature(store: Store) -> None:
    with pytest.raises(FeatureNotFound) as caught:
        filled(store).feature("yards", 4)
    assert caught.value.members == {"layer": "yards", "id": 4}


def test_history_by_pages(store: Store) -> None:
    filled(store, 5)
    assert [c.seq for c in store.history(limit=2)] == [1, 2]
    assert [c.seq for c in store.history(limit=2, after=2)] == [3, 4]
    assert [c.seq for c in store.history(limit=2, newest_first=True)] == [5, 4]
    assert [c.seq for c in store.history(limit=2, newest_first=True, after=4)] == [3, 2]
    assert [c.feature for c in store.history(layer="yards", feature=3)] == [3]
    assert store.history(layer="spots") == []
    assert len({c.hash for c in store.history()}) == 5


def test_a_second_opening_sees_every_commit(store: Store, reopen: Callable[[], Store]) -> None:
    other = reopen()
    filled(store)
    assert other.feature("yards", 1).values["name"] == "院0"
    edit(other, change(1, 1, name="x"))
    assert store.feature("yards", 1).values["name"] == "x"


def test_large_layers_come_back_in_order_and_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the sizes at which rows are written and read in parts and the index is built anew."""
    monkeypatch.setattr(reading, "FETCH", 300)
    monkeypatch.setattr(writing, "BULK_CHANGES", 1000)
    rows = yards(2500)
    for i, row in enumerate(rows):
        row["width_m"] = None if i < 2000 else i / 7
    store.publish(batch(iter(rows)), actor="a", now=NOW)
    edit(store, Write("yards", deletes=[(7, 1), (2500, 1)]), change(1000, 1, name="changed"))
    columns = store.read(["yards"]).whole["yards"]
    kept = [i for i in range(2500) if i not in (6, 2499)]
    assert columns.ids == [i + 1 for i in kept]
    assert columns.values["width_m"] == [rows[i]["width_m"] for i in kept]
    assert columns.values["name"] == ["changed" if i == 999 else rows[i]["name"] for i in kept]
    assert columns.geometry == [rows[i]["geometry"] for i in kept]
    assert store.check() == []


# Keeping


def test_a_backup_is_the_store(store: Store, reopen: Callable[[], Store], tmp_path: Path) -> None:
    edit(filled(store), change(1, 1, name="x"))
    store.backup(tmp_path / "copies" / "backup.gpkg")
    assert [p.name for p in (tmp_path / "copies").iterdir()] == ["backup.gpkg"]
    expected = state(store)
    store.close()
    (tmp_path / "copies" / "backup.gpkg").replace(tmp_path / "store.gpkg")
    restored = reopen()
    assert state(restored) == expected
    assert restored.check() == []


@pytest.mark.parametrize("ending", ["-wal", "-journal", "-shm"])
def test_a_backup_takes_no_name_that_is_removed_again(store: Store, tmp_path: Path, ending: str) -> None:
    """A backup called like the store's own companion was reported as made, and gone when the service ended."""
    with pytest.raises(Conflict, match="keeps for itself"):
        store.backup(tmp_path / f"store.gpkg{ending}")
    assert not (tmp_path / f"store.gpkg{ending}").exists()


def test_a_backup_overwrites_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(Conflict):
        store.backup(tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "precious"


@pytest.mark.parametrize("seed", range(4))
def test_random_changes_end_where_a_plain_model_ends(store: Store, seed: int) -> None:
    """Inserts, changes, removals, imports and undos against a dictionary that knows nothing of tables."""
    choose = random.Random(seed)
    model: dict[int, tuple[str, bytes | None]] = {}
    states: dict[int, dict[int, tuple[str, bytes | None]]] = {0: {}}
    for step in range(25):
        action = choose.choice(["insert", "insert", "update", "delete", "import", "undo"])
        revision = store.info().revision
        shape = choose.choice([None, box(choose.uniform(-170, 170), choose.uniform(-80, 80))])
        existing = choose.choice(sorted(model)) if model else None
        if action == "undo" and revision:
            store.undo(revision, actor="a", now=NOW)
            model = dict(states[revision - 1])
        elif action == "update" and existing:
            edit(
                store,
                Write("yards", updates=[Update(existing, store.feature("yards", existing).version, {"name": f"{step}"}, shape, True)]),
            )
            model[existing] = (f"{step}", shape)
        elif action == "delete" and existing:
            edit(store, Write("yards", deletes=[(existing, store.feature("yards", existing).version)]))
            del model[existing]
        else:
            names = [f"{step}.{i}" for i in range(choose.randrange(1, 5))]
            rows = [{"name": name, "geometry": shape} for name in names]
            ids = store.publish(batch(rows), actor="a", now=NOW).ids["yards"]
            model |= {id: (name, shape) for id, name in zip(ids, names, strict=True)}
        if store.info().revision != revision:
            states[store.info().revision] = dict(model)
    columns: Columns = store.read(["yards"]).whole["yards"]
    assert {id: (columns.values["name"][i], columns.geometry[i]) for i, id in enumerate(columns.ids)} == model
    assert store.check() == []
