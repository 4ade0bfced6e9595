"""Views of layers: right at once, right after any change, and unmoved by what comes later."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geo import columns
from geo.crs import Bounds
from geo.errors import LayerNotFound, Text
from geo.frames import Frames, View
from geo.schema import AREAS, POINTS, Choice, Field, Layer, Style
from geo.store import open_store, reading
from geo.store.contract import Batch, ImportRecord, Store, Update, Write

NOW, LATER = "2026-11-22T08:00:00Z", "2026-11-23T08:00:00Z"
RECORD = ImportRecord("a.csv", "00", "append", {}, {})


def _field(name: str, type: Any, **more: Any) -> Field:
    return Field(name, type, Text(name, name), **more)


YARDS = Layer(
    "yards", Text("院", "yards"), Text("群", "group"), AREAS,
    (
        _field("name", "text"), _field("built_year", "year"), _field("households", "integer"), _field("width_m", "number"),
        _field("gas", "choice", choices=(Choice("none", Text("无", "none")), Choice("full", Text("有", "full")))), _field("fenced", "boolean"),
        _field("checked_on", "date"), _field("tags", "json"),
    ),
    Style("#000000"),
)  # fmt: skip
SPOTS = Layer("spots", Text("点", "spots"), Text("群", "group"), POINTS, (_field("name", "text"),), Style("#000000"))
LAYERS: Mapping[str, Layer] = {"yards": YARDS, "spots": SPOTS}


def box(lon: float, lat: float, size: float = 0.001) -> bytes:
    wkb: bytes = shapely.to_wkb(shapely.box(lon, lat, lon + size, lat + size))
    return wkb


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "store.gpkg", LAYERS)
    yield opened
    opened.close()


@pytest.fixture
def frames(store: Store) -> Frames:
    return Frames(store, LAYERS)


def publish(store: Store, *rows: Mapping[str, Any], layer: str = "yards", **more: Any) -> None:
    store.publish(Batch([Write(layer, inserts=rows)], RECORD, **more), actor="a", now=NOW)


def edit(store: Store, id: int, **values: Any) -> None:
    geometry = values.pop("geometry", "same")
    update = Update(id, store.feature("yards", id).version, values, None if geometry == "same" else geometry, geometry != "same")
    store.edit([Write("yards", updates=[update])], actor="b", now=LATER)


FULL = {
    "code": "A", "name": "南苑", "built_year": 1994, "households": 12, "width_m": 3.5, "gas": "full", "fenced": True, "checked_on": "2024-02-29",
    "tags": [1, 2], "extra": {"备注": "x"}, "geometry": box(112.98, 34.75),
}  # fmt: skip


def test_a_frame_has_every_field_in_order_with_its_type(store: Store, frames: Frames) -> None:
    publish(store, FULL, {"tags": [[1], [2]]}, {})
    frame = frames.view("yards").frame("yards")
    assert list(frame.columns) == [f.name for f in YARDS.all_fields] + ["geometry"]
    assert (frame.crs.to_epsg(), frame.geometry.name, list(frame.index)) == (4326, "geometry", [1, 2, 3])
    kinds = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    numbers = dict.fromkeys(("built_year", "households", "width_m", "accuracy_m"), "float64")
    assert kinds == dict.fromkeys(kinds, "object") | numbers | {"version": "int64", "geometry": "geometry"}
    first, last = frame.loc[1], frame.loc[3]
    assert {n: first[n] for n in FULL if n != "geometry"} == {n: v for n, v in FULL.items() if n != "geometry"}
    assert first["fenced"] is True
    assert shapely.to_wkb(first.geometry) == FULL["geometry"]
    assert [last[n] for n in ("name", "gas", "fenced", "tags", "geometry")] == [None] * 5
    assert last["extra"] == {} and np.isnan(last["households"])
    assert frame.loc[2, "tags"] == [[1], [2]]


def test_an_empty_layer_is_an_empty_frame(frames: Frames) -> None:
    view = frames.view("yards")
    assert (len(view.frame("yards")), view.metric_crs, view.revision, view.layer_revision("yards")) == (0, None, 0, 0)
    assert len(view.metric("yards")) == 0
    assert view.tree("yards").query(shapely.box(-180, -90, 180, 90)).tolist() == []


def test_metres_are_those_of_the_stores_crs(store: Store, frames: Frames) -> None:
    publish(store, {"geometry": box(112.98, 34.75)}, {}, {"geometry": box(113.0, 34.75)})
    view = frames.view("yards")
    assert view.metric_crs == "EPSG:4547"
    shapes = view.metric("yards")
    geod = pyproj.Geod(ellps="WGS84")
    true_area = abs(geod.geometry_area_perimeter(shapely.from_wkb(box(112.98, 34.75)))[0])
    assert shapes[0].area == pytest.approx(true_area, rel=1e-3)
    _, _, distance = geod.inv(112.981, 34.7505, 113.0, 34.7505)
    assert shapes[0].distance(shapes[2]) == pytest.approx(distance, rel=1e-3)
    assert shapes[1] is None
    assert view.tree("yards").query(shapes[2]).tolist() == [2]
    with pytest.raises(ValueError, match="read-only"):
        shapes[0] = None


def test_what_is_out_of_reach_of_the_metric_crs_has_no_metres(store: Store, frames: Frames) -> None:
    publish(store, {"geometry": box(112.98, 34.75)}, {"geometry": box(-77.0, 0.0)}, metric_crs="EPSG:4547")
    shapes = frames.view("yards").metric("yards")
    assert shapes[0] is not None
    assert shapes[1] is None or np.isfinite(shapely.get_coordinates(shapes[1])).all()


def test_the_metric_crs_falls_back_to_the_service_area(store: Store) -> None:
    assert Frames(store, LAYERS, area=Bounds(112, 34, 114, 35)).view("yards").metric_crs == "EPSG:4547"
    assert Frames(store, LAYERS).view().metric_crs is None


def test_a_view_knows_only_what_it_was_asked_for(frames: Frames) -> None:
    with pytest.raises(KeyError):
        frames.view("spots").frame("yards")
    with pytest.raises(LayerNotFound):
        frames.view("yard")


def test_a_view_stays_as_it_was(store: Store, frames: Frames) -> None:
    publish(store, FULL, {"name": "b", "geometry": box(113, 34)}, {"name": "c"})
    old = frames.view("yards")
    before, metric = old.frame("yards").copy(), list(old.metric("yards"))
    edit(store, 1, name="new", width_m=9.0, geometry=box(113.1, 34))
    publish(store, {"name": "d", "geometry": box(113.2, 34)})
    store.edit([Write("yards", deletes=[(2, 1)])], actor="b", now=LATER)
    new = frames.view("yards")
    assert list(new.frame("yards")["name"]) == ["new", "c", "d"]
    assert_geodataframe_equal(old.frame("yards"), before)
    assert list(old.metric("yards")) == metric
    assert old.revision == 1 and new.revision == 4


def test_what_is_done_to_a_frame_stays_in_its_view(store: Store, frames: Frames) -> None:
    publish(store, FULL, {"name": "b"})
    view = frames.view("yards")
    mine = view.frame("yards")
    assert view.frame("yards") is mine  # a copy each time takes longer than most answers
    mine.loc[1, "name"] = "mine"
    mine["added"] = 1
    mine.loc[1, "geometry"] = shapely.Point(0, 0)
    mine.index += 5
    theirs = frames.view("yards").frame("yards")
    assert (list(theirs["name"]), "added" in theirs.columns, theirs.geometry.loc[1].geom_type) == (["南苑", "b"], False, "Polygon")


def test_what_did_not_change_is_shared_and_what_did_is_copied(store: Store, frames: Frames) -> None:
    """The reason why one edit of a large layer is quick."""
    publish(store, FULL, {"name": "b"})
    old = frames.view("yards").frame("yards")
    edit(store, 1, gas="none")
    new = frames.view("yards").frame("yards")
    shared = {n for n in old.columns if n != "geometry" and np.shares_memory(old[n].to_numpy(), new[n].to_numpy())}
    assert set(old.columns) - shared == {"gas", "version", "updated_at", "updated_by", "geometry"}


def test_the_index_lives_as_long_as_the_geometry(store: Store, frames: Frames) -> None:
    publish(store, FULL, {"name": "b"})
    tree = frames.view("yards").tree("yards")
    edit(store, 1, gas="none")
    assert frames.view("yards").tree("yards") is tree
    edit(store, 2, geometry=box(113, 34))
    moved = frames.view("yards")
    assert moved.tree("yards") is not tree
    assert moved.tree("yards").query(moved.metric("yards")[1]).tolist() == [1]


def test_what_changed_since(store: Store, frames: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store, *({"name": str(i)} for i in range(5)))
    frames.view("yards")
    edit(store, 2, name="x")
    frames.view("yards")
    publish(store, {"name": "spot"}, layer="spots")
    edit(store, 3, name="x")
    store.edit([Write("yards", deletes=[(5, 1)])], actor="b", now=LATER)
    view = frames.view("yards")
    assert view.layer_revision("yards") == 5
    found = {revision: view.changed_since("yards", revision) for revision in range(7)}
    assert found == {0: None, 1: {2, 3, 5}, 2: {3, 5}, 3: {3, 5}, 4: {3, 5}, 5: frozenset(), 6: frozenset()}
    monkeypatch.setattr(columns, "LOG_IDS", 1)
    edit(store, 1, name="x")
    assert frames.view("yards").changed_since("yards", 5) == {1}
    assert frames.view("yards").changed_since("yards", 4) is None


def test_memo_makes_a_thing_once_and_forgets_the_oldest(frames: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def make(n: int) -> int:
        made.append(n)
        return n

    view: View = frames.view("yards")
    assert [view.memo(("k", n), lambda n=n: make(n)) for n in (1, 2, 1)] == [1, 2, 1]
    assert frames.view("spots").memo(("k", 1), lambda: make(9)) == 1
    for n in range(100, 300):
        view.memo(n, lambda n=n: make(n))
    assert view.memo(("k", 1), lambda: make(3)) == 3
    with pytest.raises(ZeroDivisionError):
        view.memo("error", lambda: 1 // 0)
    assert view.memo("error", lambda: 7) == 7


def test_memo_makes_a_thing_once_among_threads(frames: Frames) -> None:
    view, made, started = frames.view("yards"), [], threading.Barrier(4)

    def ask() -> None:
        started.wait()
        view.memo("slow", lambda: made.append(threading.get_ident()))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_the_latest_is_made_once_among_threads_and_anew_for_other_revisions(frames: Frames) -> None:
    """Every open map asks again after an edit; eight of them once made the same measures eight times at once."""
    view, made, started = frames.view("yards"), [], threading.Barrier(4)

    def ask(revision: int) -> None:
        started.wait()
        view.latest("slow", revision, lambda before: (time.sleep(0.02), made.append(before), revision)[-1])

    for revision in (1, 2):
        threads = [threading.Thread(target=ask, args=(revision,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert made == [None, (1, 1)]


def _same(left: View, right: View, id: str) -> None:
    assert_geodataframe_equal(left.frame(id), right.frame(id), check_index_type=True)
    pd.testing.assert_series_equal(pd.Series(shapely.to_wkb(left.metric(id))), pd.Series(shapely.to_wkb(right.metric(id))))
    window = shapely.box(-1e9, -1e9, 1e9, 1e9)
    assert sorted(left.tree(id).query(window)) == sorted(right.tree(id).query(window))


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 12))])
def test_brought_up_to_date_is_read_anew(store: Store, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any changes, in any steps: the view from the history equals the view of somebody who has just come."""
    choose = random.Random(seed)
    monkeypatch.setattr(reading, "LARGEST_DELTA", choose.choice([3, 1000]))
    frames = Frames(store, LAYERS)
    kept: list[tuple[View, pd.DataFrame]] = []
    shape = lambda: choose.choice([None, box(choose.uniform(110, 115), choose.uniform(30, 36))])  # noqa: E731
    for step in range(20):
        ids = store.read(["yards"]).whole["yards"].ids
        action = choose.choice(["insert", "insert", "values", "move", "delete", "undo", "import"])
        if action == "values" and ids:
            edit(
                store,
                choose.choice(ids),
                name=f"{step}",
                fenced=choose.choice([None, True, False]),
                width_m=choose.choice([None, 1.0, 2.5]),
                tags=[step],
            )
        elif action == "move" and ids:
            edit(store, choose.choice(ids), geometry=shape())
        elif action == "delete" and ids:
            gone = choose.sample(ids, min(len(ids), choose.choice([1, 3])))
            store.edit([Write("yards", deletes=[(i, store.feature("yards", i).version) for i in gone])], actor="b", now=LATER)
        elif action == "undo" and store.info().revision:
            store.undo(store.info().revision, actor="b", now=LATER)
        else:
            publish(store, *({"name": f"{step}.{i}", "households": i, "geometry": shape()} for i in range(choose.choice([1, 4, 90]))))
        if choose.random() < 0.7:
            view = frames.view("yards", "spots")
            _same(view, Frames(store, LAYERS).view("yards", "spots"), "yards")
            kept.append((view, view.frame("yards").copy()))
    for view, then in kept:
        assert_geodataframe_equal(view.frame("yards"), then)


def test_readers_in_threads_see_whole_states_only(store: Store, frames: Frames) -> None:
    """Every transaction gives all yards the same number; a view that mixes two would show it."""
    publish(store, *({"households": 0, "geometry": box(112 + i / 100, 34)} for i in range(200)))
    stop, wrong = threading.Event(), []

    def look() -> None:
        while not stop.is_set():
            view = frames.view("yards")
            frame = view.frame("yards")
            if frame["households"].nunique() != 1 or frame["version"].nunique() != 1 or len(view.metric("yards")) != len(frame):
                wrong.append(frame)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for version in range(1, 9):
        updates = [Update(id, version, {"households": version}) for id in range(1, 201)]
        store.edit([Write("yards", updates=updates)], actor="b", now=LATER)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert set(frames.view("yards").frame("yards")["households"]) == {8.0}


def test_columns_have_revisions_of_their_own(store: Store, frames: Frames) -> None:
    """What is worked out from geometry alone stays when a name changes; a row put in or taken out changes every column."""
    publish(store, {"code": "a", "name": "甲", "geometry": box(113, 34)}, {"code": "b", "geometry": box(113.1, 34)})

    def changed(*names: str) -> int:
        return frames.view("yards").columns_revision("yards", *names)

    first = changed("geometry")
    edit(store, 1, name="乙")
    assert (changed("geometry"), changed("width_m"), changed("name", "geometry")) == (first, first, first + 1)
    edit(store, 1, geometry=box(113, 34.1))
    assert (changed("geometry"), changed("width_m")) == (first + 2, first)
    publish(store, {"code": "c", "geometry": box(113.2, 34)})
    assert changed("width_m") == first + 3
    store.edit([Write("yards", deletes=[(2, 1)])], actor="b", now=LATER)
    assert changed("width_m") == changed("name") == first + 4


def test_the_same_instant_under_another_day(store: Store, frames: Frames) -> None:
    publish(store, {"code": "a", "geometry": box(113, 34)})
    view = frames.view("yards", as_of="2026-11-22")
    publish(store, {"code": "b", "geometry": box(113, 34)})
    other = view.under(as_of="2027-01-01")
    assert (view.as_of, other.as_of, len(other.frame("yards"))) == ("2026-11-22", "2027-01-01", 1)
