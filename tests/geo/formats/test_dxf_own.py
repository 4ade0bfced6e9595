"""A drawing of our own export read again: codes, inner rings and parts are those of the feature; what strangers add counts as theirs."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ezdxf
import pytest
import shapely

from geo.formats import dxf_own, dxf_plain, wire
from geo.formats.contract import ReadRequest
from geo.formats.dataset import Dataset
from geo.formats.limits import WEB
from geo.formats.opening import datasets as open_files
from geo.formats.writing import drawing

YARD = shapely.box(0, 0, 100, 80).difference(shapely.box(40, 30, 60, 50))
ISLAND = shapely.union_all([YARD, shapely.box(45, 35, 55, 45), shapely.box(200, 0, 230.125, 20).difference(shapely.box(210, 5, 215, 10))])
LOOP = shapely.LineString([(0, 0), (50, 0), (50, 50), (0, 0)])
FEATURES = {
    "A1": YARD,
    "A2^\\P甲": ISLAND,
    "A3": shapely.box(300, 0, 310, 10),
    "L1": LOOP,
    "L2": shapely.MultiLineString([[(0, 90), (9, 90)], [(20, 90), (29, 90)]]),
    "P1": shapely.Point(1, 1),
}

Open = Callable[..., dict[str, Dataset]]


def written(path: Path, features: dict[str, Any]) -> Path:
    """The drawing as our export writes it, each feature with a title."""
    job = {
        "layer": "compounds", "fields": [""] * 4, "layers": [{"name": "小区", "texts": "小区-文字", "color": "#b2182b"}],
        "properties": {"YUANTU_CRS": "EPSG:4547"}, "entities": 99, "unit": 6, "height": 2.5, "bounds": None,
    }  # fmt: skip
    source = io.BytesIO()
    n = len(features)
    wkb = [shapely.to_wkb(one, byte_order=1) for one in features.values()]
    wire.send_columns(source, wkb, [[0] * n, list(range(1, n + 1)), list(features), ["标注"] * n])
    source.seek(0)
    drawing.write(job, source, path)
    return path


@pytest.fixture(params=["past the library", "by the library"])
def opened(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """The datasets of a drawing by name."""
    if request.param == "by the library":
        monkeypatch.setattr(dxf_plain, "cut", lambda data, name: (data, []))
    (tmp_path / "job").mkdir()
    return lambda path: {d.name: d for d in open_files([{"path": str(path), "name": path.name}], tmp_path / "job", ReadRequest(), WEB)}


def told(found: dict[str, Dataset], name: str, column: str = "code") -> dict[Any, Any]:
    """The shapes of a dataset by code."""
    dataset = found[name]
    at = list(dataset.columns).index(column)
    out = {raw.values[at][i]: raw.geometry[i] for raw in dataset.chunks() for i in range(raw.count) if raw.geometry is not None}
    assert len(out) == dataset.count
    return out


def test_the_writer_and_the_reader_mean_the_same_name() -> None:
    assert dxf_own.APPLICATION == drawing.APPLICATION


def test_features_come_back_whole(opened: Open, tmp_path: Path) -> None:
    """Each had become as many areas as it has rings, without a code, and its title a text."""
    found = opened(written(tmp_path / "a.dxf", FEATURES))
    back = {**told(found, "小区/areas"), **told(found, "小区/lines"), **told(found, "小区/points")}
    assert set(found) == {"小区/areas", "小区/lines", "小区/points"}
    assert {code: (g.geom_type, g.normalize()) for code, g in back.items()} == {
        code: (g.geom_type, g.normalize()) for code, g in FEATURES.items()
    }
    assert [en for d in found.values() for _, en in d.notes] == [
        "6 features of our own export were read with their codes",
        "6 titles of our own export were not taken for features",
    ]


def edited(path: Path, change: Callable[[Any, list[Any]], None]) -> Path:
    """The drawing of A1 and A3 after a change in a CAD program; the change gets the model space and its entities: A1, its inner ring, A1's title, A3 …"""
    doc = ezdxf.readfile(written(path, {"A1": YARD, "A3": FEATURES["A3"]}))
    change(doc.modelspace(), list(doc.modelspace()))
    doc.saveas(path)
    return path


def test_what_strangers_leave_is_passed_over(opened: Open, tmp_path: Path) -> None:
    """Extended data of other applications before and after ours, ours without an id, a new area, a new text."""

    def change(space: Any, entities: list[Any]) -> None:
        space.doc.appids.add("CASS")
        for entity in entities:
            ours = list(entity.get_xdata("YUANTU"))
            entity.discard_xdata("YUANTU")
            entity.set_xdata("CASS", [(1000, "141111"), (1000, "B9"), (1000, "id=9"), (1000, "hole")])
            entity.set_xdata("YUANTU", ours)
        new = space.add_lwpolyline([(500, 0), (510, 0), (510, 9)], close=True, dxfattribs={"layer": "小区"})
        new.set_xdata("CASS", [(1000, "compounds"), (1000, "A1"), (1000, "id=1")])
        new.set_xdata("YUANTU", [(1000, "compounds")])
        space.add_text("新的", dxfattribs={"layer": "小区-文字"})

    found = opened(edited(tmp_path / "a.dxf", change))
    assert {code: g.area for code, g in told(found, "小区/areas").items()} == {"A1": YARD.area, "A3": 100.0, None: 45.0}
    assert list(told(found, "小区-文字/texts", "text")) == ["新的"]


def test_a_corrected_outline_keeps_its_code(opened: Open, tmp_path: Path) -> None:
    def change(space: Any, entities: list[Any]) -> None:
        entities[0].set_points([(0, 0), (100, 0), (100, 90), (0, 90)], format="xy")

    assert told(opened(edited(tmp_path / "a.dxf", change)), "小区/areas")["A1"].area == 9000 - 400


def test_a_copied_point_is_a_new_one(opened: Open, tmp_path: Path) -> None:
    """No feature of ours has two points: a hydrant copied in CAD takes its extended data along."""
    doc = ezdxf.readfile(written(tmp_path / "a.dxf", {"H1": FEATURES["P1"]}))
    doc.modelspace()[0].copy_to_layout(doc.modelspace())
    doc.modelspace()[-1].translate(5, 5, 0)
    doc.saveas(tmp_path / "a.dxf")
    assert told(opened(tmp_path / "a.dxf"), "小区/points") == {"H1": shapely.Point(1, 1), None: shapely.Point(6, 6)}


def test_an_inner_ring_without_its_outline_is_set_aside(opened: Open, tmp_path: Path) -> None:
    """It would have taken the place of the whole area."""
    found = opened(edited(tmp_path / "a.dxf", lambda space, entities: space.delete_entity(entities[0])))
    told(found, "小区/areas")
    assert [{i: p[0] for i, p in raw.problems.items()} for raw in found["小区/areas"].chunks()] == [{0: "damaged-record"}]


def test_a_block_of_ours_keeps_its_codes_once(opened: Open, tmp_path: Path) -> None:
    """The drawing bound into another as a block; a second reference is a copy, not a part."""

    def change(space: Any, entities: list[Any]) -> None:
        block = space.doc.blocks.new("ours")
        for entity in entities:
            space.move_to_layout(entity, block)
        for x in (0, 1000):
            space.add_blockref("ours", (x, 0), dxfattribs={"layer": "底图"})

    codes = [c for raw in opened(edited(tmp_path / "a.dxf", change))["小区/areas"].chunks() for c in raw.values[3]]
    assert sorted(codes, key=str) == ["A1", "A3", None, None, None]


@pytest.mark.parametrize(
    ("said", "own"),
    [
        (["compounds", "A1", "id=1", "hole"], ("compounds", "A1", "id=1", True)),
        (["compounds", "", "id=1"], ("compounds", "", "id=1", False)),
        (["compounds", "id=1"], ("compounds", "", "id=1", False)),
        (["compounds", "id=2", "id=1"], ("compounds", "id=2", "id=1", False)),
        (["compounds", "A1"], None),
        ([], None),
    ],
)
def test_what_an_entity_says(said: list[str], own: Any) -> None:
    entity = dxf_plain.Plain("POINT", dxf_plain.Values())
    entity.extended = tuple(said)
    found = dxf_own.own(entity)
    assert (found and (*found.feature, found.hole)) == own
