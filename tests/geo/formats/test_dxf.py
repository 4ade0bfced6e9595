"""Drawings read layer by layer: every figure here was known before the drawing was made."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest
import shapely

from geo.crs import transform_xy
from geo.errors import CrsNotDeclared, HostileFile, OutsideArea, TooLarge, UnreadableFile
from geo.formats import dxf_blocks, dxf_plain, dxf_shapes
from geo.formats.contract import Placement, ReadRequest
from geo.formats.dataset import Dataset
from geo.formats.limits import WEB
from geo.formats.opening import datasets as open_files
from tests.geo import plans

AREA = (112.9, 34.6, 113.1, 34.9)
GONGYI = (408_433.0, 3_847_313.0)
"""113.0 E 34.75 N in EPSG:4547, to the metre."""

Open = Callable[..., dict[str, Dataset]]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """The datasets of a drawing by name, in its own coordinates."""
    folders = iter(range(100))

    def read(path: Path, **request: Any) -> dict[str, Dataset]:
        folder = tmp_path / f"open{next(folders)}"
        folder.mkdir()
        found = open_files([{"path": str(path), "name": path.name}], folder, ReadRequest(**request), WEB)
        return {d.name: d for d in found}

    return read


def shapes(dataset: Dataset) -> list[Any]:
    return [g for raw in dataset.chunks() if raw.geometry is not None for g in raw.geometry]


def column(dataset: Dataset, name: str) -> list[Any]:
    return [v for raw in dataset.chunks() for v in raw.values[list(dataset.columns).index(name)]]


COUNTS = {
    "建筑轮廓/areas": 6, "楼号/texts": 6, "消防车道/lines": 3, "消防车道/texts": 2, "消火栓/areas": 3, "消火栓/lines": 3, "消火栓/blocks": 3, "绿化/areas": 2,
}  # fmt: skip

FILES = {
    "R2010 UTF-8": {},
    "R2000 GBK mm": {"version": "R2000", "gbk": True, "unit_m": 0.001, "insunits": 4},
    "R12 GBK": {"version": "R12", "gbk": True},
    "R2007 binary": {"version": "R2007", "binary": True},
    "R2018 turned, inches": {"version": "R2018", "unit_m": 0.0254, "insunits": 1, "turn_deg": 33.0, "origin": (5000.0, -200.0)},
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_yard_is_read_as_it_was_drawn(name: str, tmp_path: Path, opened: Open) -> None:
    """Counts, areas, lengths and texts equal those of the plan in every version, encoding, unit and turn."""
    asked = FILES[name]
    found = opened(plans.yard(tmp_path / "yard.dxf", **asked))
    unit, old = asked.get("unit_m", 1.0), asked.get("version") == "R12"
    assert {n: d.count for n, d in found.items()} == {**COUNTS, "绿化/areas": 1 if old else 2}
    assert [round(g.area * unit**2, 6) for g in shapes(found["建筑轮廓/areas"])] == [plans.BUILDING_M2] * 6
    assert [round(g.length * unit, 6) for g in shapes(found["消防车道/lines"])[:2]] == list(plans.LANE_M)
    loop = shapes(found["消防车道/lines"])[2].length * unit
    assert plans.LOOP_M - 0.04 < loop <= plans.LOOP_M
    assert column(found["楼号/texts"], "text") == list(plans.NUMBERS)
    assert column(found["消火栓/blocks"], "编号") == list(plans.HYDRANTS)
    assert {d.unit_m for d in found.values()} == {None if old else unit}
    green = sorted(g.area * unit**2 for g in shapes(found["绿化/areas"]))
    assert 0 <= plans.BED_M2 - green[0] < 2 * math.pi * 5.0 * dxf_shapes.CURVE_M
    assert old or round(green[1], 6) == plans.GREEN_M2


def test_chinese_is_read_in_the_encoding_that_the_bytes_are_in(tmp_path: Path, opened: Open) -> None:
    """R2000 GBK that says ANSI_1252 or nothing, and R2007 UTF-8 that says ANSI_936 (domain 6.4), all come out as they were typed."""
    old = plans.yard(tmp_path / "old.dxf", version="R2000", gbk=True)
    data = old.read_bytes()
    assert "消防车道".encode("gbk") in data and b"ANSI_936" in data
    (tmp_path / "western.dxf").write_bytes(data.replace(b"ANSI_936", b"ANSI_1252"))
    (tmp_path / "unsaid.dxf").write_bytes(data.replace(b"$DWGCODEPAGE", b"$DWGNOTHING0"))
    new = plans.yard(tmp_path / "new.dxf", version="R2007")
    new.write_bytes(new.read_bytes().replace(b"ANSI_1252", b"ANSI_936"))
    for name, encoding in (("old", "GB18030"), ("western", "GB18030"), ("unsaid", "GB18030"), ("new", "UTF-8")):
        found = opened(tmp_path / f"{name}.dxf")
        assert set(found) == set(COUNTS), name
        assert found["楼号/texts"].encoding == encoding, name


def test_a_western_drawing_stays_western(tmp_path: Path, opened: Open) -> None:
    doc = ezdxf.new("R2000")
    doc.modelspace().add_text("Café Gebäude Straße", dxfattribs={"layer": "TEXTE"})
    doc.saveas(tmp_path / "west.dxf")
    assert column(opened(tmp_path / "west.dxf")["TEXTE/texts"], "text") == ["Café Gebäude Straße"]


def test_an_asked_encoding_counts(tmp_path: Path, opened: Open) -> None:
    path = plans.yard(tmp_path / "yard.dxf", version="R2000", gbk=True)
    assert "消防车道/lines" not in opened(path, encoding="big5")


# --- curves


@pytest.mark.parametrize("unit_m", [1.0, 0.001, 0.3048])
def test_curves_stay_within_a_centimetre(unit_m: float) -> None:
    """Measured: no point of the true circle lies further than CURVE_M from the polyline, whatever the unit."""
    radius = 50.0 / unit_m
    points = dxf_shapes.arc((0.0, 0.0), radius, 0.0, 2 * math.pi, dxf_shapes.Tolerance(unit_m).sagitta(radius))
    middle = (points[1:] + points[:-1]) / 2
    off = (radius - np.hypot(middle[:, 0], middle[:, 1])) * unit_m
    assert 0 < off.max() <= dxf_shapes.CURVE_M * 1.000001
    assert len(points) < 400


def test_a_bulge_is_the_arc_that_cad_draws(tmp_path: Path, opened: Open) -> None:
    """A closed polyline of two points with bulge 1 is a circle; one with bulge tan(π/8) a quarter."""
    doc = ezdxf.new("R2010", units=6)
    space = doc.modelspace()
    space.add_lwpolyline([(0, 0, 1), (10, 0, 1)], format="xyb", close=True, dxfattribs={"layer": "A"})
    space.add_lwpolyline([(10, 0, math.tan(math.pi / 8)), (0, 10, 0)], format="xyb", dxfattribs={"layer": "B"})
    doc.saveas(tmp_path / "bulges.dxf")
    found = opened(tmp_path / "bulges.dxf")
    (circle,), (quarter,) = shapes(found["A/areas"]), shapes(found["B/lines"])
    assert 0 < 25 * math.pi - circle.area < 10 * math.pi * dxf_shapes.CURVE_M and circle.centroid.distance(shapely.Point(5, 0)) < 1e-6
    assert abs(quarter.length - 5 * math.pi) < 0.01
    assert quarter.distance(shapely.Point(10 * math.cos(math.pi / 4), 10 * math.sin(math.pi / 4))) < 0.011


def test_entities_of_every_kind(tmp_path: Path, opened: Open) -> None:
    """Ellipse, spline, mirrored arc, 3-D polyline, solid, dimension, multi-line text, near-closed polyline, point."""
    doc = ezdxf.new("R2010", units=6)
    space = doc.modelspace()
    space.add_ellipse((0, 0), major_axis=(10, 0), ratio=0.5, dxfattribs={"layer": "椭圆"})
    space.add_spline(dxfattribs={"layer": "样条"}).set_closed([(0, 0, 0), (10, 0, 0), (10, 10, 0), (0, 10, 0)])
    space.add_arc((-20, 0), 5, 0, 180, dxfattribs={"layer": "镜像", "extrusion": (0, 0, -1)})
    space.add_polyline3d([(0, 0, 7.5), (3, 4, 7.5)], dxfattribs={"layer": "三维"})
    space.add_solid([(0, 0), (4, 0), (0, 3), (4, 3)], dxfattribs={"layer": "填充"})
    space.add_linear_dim(base=(0, 5), p1=(0, 0), p2=(4.25, 0), dxfattribs={"layer": "标注"}).render()
    space.add_mtext("{\\fSimSun;3号楼}\\P6层", dxfattribs={"layer": "说明", "insert": (1, 2)})
    space.add_lwpolyline([(0, 0), (10, 0), (10, 10), (0, 10), (0, 1e-7)], dxfattribs={"layer": "未闭"})
    space.add_point((3, 4), dxfattribs={"layer": "点位"})
    doc.saveas(tmp_path / "kinds.dxf")
    found = opened(tmp_path / "kinds.dxf")
    assert abs(shapes(found["椭圆/areas"])[0].area - math.pi * 50) < 0.3
    spline = shapes(found["样条/areas"])[0]
    assert spline.is_valid and 30 < spline.area < 100 and spline.centroid.distance(shapely.Point(5, 5)) < 0.5
    assert shapes(found["镜像/lines"])[0].bounds == pytest.approx((15, 0, 25, 5), abs=0.02)
    assert column(found["三维/lines"], "cad_elevation") == [7.5]
    assert shapes(found["填充/areas"])[0].area == 12.0
    assert column(found["标注/texts"], "text") == ["4.25m"]
    assert column(found["说明/texts"], "text") == ["3号楼\n6层"]
    assert [raw.repairs for raw in found["未闭/areas"].chunks()] == [{0: ["ring-closed"]}]
    assert shapes(found["点位/points"])[0].coords[0] == (3, 4)


# --- blocks


def test_blocks_are_written_out_where_they_are_inserted(tmp_path: Path, opened: Open) -> None:
    """Turned, scaled, mirrored and in rows and columns; what stands on layer 0 goes to the layer of the reference; attributes go along."""
    doc = ezdxf.new("R2010", units=6)
    house = doc.blocks.new("住宅")
    house.add_lwpolyline([(0, 0), (10, 0), (10, 5), (0, 5)], close=True, dxfattribs={"layer": "0"})
    house.add_lwpolyline([(0, 5), (2, 5)], dxfattribs={"layer": "台阶"})
    row = doc.blocks.new("排")
    row.add_blockref(
        "住宅", (100, 0), dxfattribs={"layer": "建筑", "row_count": 2, "column_count": 3, "row_spacing": 20, "column_spacing": 30}
    )
    space = doc.modelspace()
    space.add_blockref("住宅", (0, 0), dxfattribs={"layer": "建筑", "rotation": 90, "xscale": -2, "yscale": 2}).add_attrib(
        "楼号", "9#", (0, 0)
    )
    space.add_blockref("排", (1000, 0), dxfattribs={"layer": "0"})
    doc.saveas(tmp_path / "blocks.dxf")
    found = opened(tmp_path / "blocks.dxf")
    areas = shapes(found["建筑/areas"])
    assert [round(a.area, 6) for a in areas] == [200.0] + [50.0] * 6
    assert areas[0].bounds == pytest.approx((-10, -20, 0, 0))
    assert column(found["建筑/areas"], "楼号") == ["9#"] + [None] * 6
    assert sorted(a.bounds[:2] for a in areas[1:]) == [(1100 + 30 * i, 20 * j) for i in range(3) for j in range(2)]
    assert found["台阶/lines"].count == 7
    assert found["建筑/blocks"].count == 7 and found["0/blocks"].count == 1


def bomb(path: Path, *, depth: int, wide: int) -> Path:
    """`wide` references on each of `depth` levels: wide ** depth squares in a few kB."""
    doc = ezdxf.new("R2000")
    doc.blocks.new("B0").add_lwpolyline([(0, 0), (1, 0), (1, 1)], close=True)
    for level in range(1, depth + 1):
        block = doc.blocks.new(f"B{level}")
        for i in range(wide):
            block.add_blockref(f"B{level - 1}", (i, 0))
    doc.modelspace().add_blockref(f"B{depth}", (0, 0))
    doc.saveas(path)
    return path


def test_a_bomb_of_blocks_costs_nothing(tmp_path: Path, opened: Open) -> None:
    path = bomb(tmp_path / "bomb.dxf", depth=12, wide=10)
    start = time.perf_counter()
    with pytest.raises(TooLarge, match=r"10\^12 pieces"):
        opened(path)
    assert time.perf_counter() - start < 3.0


def test_without_the_count_a_bomb_goes_off(tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the count off the expansion goes on until the cap on corners stops it."""
    monkeypatch.setattr(dxf_blocks.Expander, "_size", lambda self, entity, path: 1)
    monkeypatch.setattr(dxf_blocks, "VERTICES", 20_000)
    with pytest.raises(TooLarge, match="20000 vertices"):
        opened(bomb(tmp_path / "bomb.dxf", depth=12, wide=10))


def test_rows_and_columns_cannot_be_a_bomb(tmp_path: Path, opened: Open) -> None:
    doc = ezdxf.new("R2000")
    doc.blocks.new("B").add_point((0, 0))
    doc.modelspace().add_blockref(
        "B", (0, 0), dxfattribs={"row_count": 32767, "column_count": 32767, "row_spacing": 1, "column_spacing": 1}
    )
    doc.saveas(tmp_path / "rows.dxf")
    with pytest.raises(TooLarge):
        opened(tmp_path / "rows.dxf")


def test_blocks_in_a_circle_or_too_deep_are_refused(tmp_path: Path, opened: Open) -> None:
    doc = ezdxf.new("R2000")
    doc.blocks.new("A").add_blockref("B", (0, 0))
    doc.blocks.new("B").add_blockref("A", (0, 0))
    doc.modelspace().add_blockref("A", (0, 0))
    doc.saveas(tmp_path / "circle.dxf")
    with pytest.raises(HostileFile, match="refers to itself"):
        opened(tmp_path / "circle.dxf")
    with pytest.raises(HostileFile, match="more than 16 deep"):
        opened(bomb(tmp_path / "deep.dxf", depth=40, wide=1))


# --- what is said


def odd(drawn: plans.Yard) -> None:
    drawn.space.add_3dface([(0, 0, 0), (1, 0, 0), (1, 1, 1)], dxfattribs={"layer": "建筑轮廓"})
    drawn.space.add_ray((0, 0), (1, 0))
    drawn.space.add_lwpolyline([(float("nan"), 0), (1, 1), (2, 0)], close=True, dxfattribs={"layer": "建筑轮廓"})
    drawn.doc.layers.get("图框").off()
    drawn.doc.layers.get("绿化").freeze()
    drawn.doc.layout("Layout1").add_line((0, 0), (1, 1))
    drawn.doc.blocks.new("底图").block.dxf.flags = 4  # an external reference
    drawn.space.add_blockref("底图", (0, 0))


def test_every_entity_is_accounted_for(tmp_path: Path, read_here: Callable[..., Any]) -> None:
    """3-D faces and broken outlines are records with a reason; what is not read is counted in the notes."""
    path = plans.yard(tmp_path / "odd.dxf", origin=GONGYI, more=odd)
    found = {one.header.name: one for one in read_here(path, area=AREA, crs="EPSG:4547")}
    assert found["建筑轮廓/others"].problems == {"geometry-type": 1}
    assert found["建筑轮廓/areas"].problems == {"not-finite": 1} and found["建筑轮廓/areas"].placed == 6
    notes = " | ".join(en for one in found.values() for _, en in one.header.notes)
    for said in (
        "RAY 1",
        "external or missing blocks were not read: 底图",
        "off or frozen were read too: 图框、绿化",
        "1 entities in paper space",
    ):
        assert said in notes, said


def test_many_layers_become_ninety_datasets_and_a_rest(tmp_path: Path, opened: Open) -> None:
    doc = ezdxf.new("R2010")
    for i in range(150):
        for _ in range(1 + (i < 89)):
            doc.modelspace().add_line((0, 0), (1, i), dxfattribs={"layer": f"L{i:03}"})
    doc.saveas(tmp_path / "many.dxf")
    found = opened(tmp_path / "many.dxf")
    assert len(found) == 91 and found["*/lines"].count == 60 and sum(d.count for d in found.values()) == 150 + 89
    assert "L149" in column(found["*/lines"], "cad_layer")


def test_an_empty_or_damaged_drawing_is_refused_with_the_way_out(tmp_path: Path, opened: Open) -> None:
    ezdxf.new("R2010").saveas(tmp_path / "empty.dxf")
    with pytest.raises(UnreadableFile, match="model space"):
        opened(tmp_path / "empty.dxf")
    whole = plans.yard(tmp_path / "whole.dxf").read_bytes()
    inside = whole.index(b"$ACADVER")
    for end in (inside, inside + 10, whole.index(b"$HANDSEED") + 11, whole.index(b"ENDSEC"), whole.index(b"TABLES") + 7):
        (tmp_path / "cut.dxf").write_bytes(whole[:end])
        with pytest.raises(UnreadableFile, match=r"AUDIT|model space"):
            opened(tmp_path / "cut.dxf")


def test_whatever_the_library_trips_over_is_a_damaged_drawing(tmp_path: Path, opened: Open) -> None:
    """The header cut after a variable's name ends ezdxf in StopIteration, a damaged binary drawing in struct.error."""
    whole = ezdxf.readfile(plans.yard(tmp_path / "whole.dxf"))
    whole.saveas(tmp_path / "whole.dxf", fmt="bin")
    data = (tmp_path / "whole.dxf").read_bytes()
    for end in range(len(data) // 400, len(data) // 3, len(data) // 40):
        (tmp_path / "cut.dxf").write_bytes(data[:end])
        with pytest.raises(UnreadableFile, match=r"AUDIT|model space"):
            opened(tmp_path / "cut.dxf")


# --- where it lies


def test_a_drawing_in_a_known_system_offers_it_and_is_never_guessed(tmp_path: Path, inspect_here: Any, read_here: Any) -> None:
    path = plans.yard(tmp_path / "known.dxf", origin=GONGYI)
    info = next(i for i in inspect_here(path, area=AREA) if i.name == "建筑轮廓/areas")
    assert info.declared_crs is None and [c.crs for c in inspect_here(path, area=AREA)[0].candidates] == ["EPSG:4547"]
    assert info.local is not None and info.local.unit_m == 1.0
    with pytest.raises(CrsNotDeclared) as refused:
        read_here(path, area=AREA)
    assert [c["crs"] for c in refused.value.members["candidates"]] == ["EPSG:4547"]
    one = next(r for r in read_here(path, area=AREA, crs="EPSG:4547") if r.header.name == "建筑轮廓/areas")
    corners = transform_xy(shapely.get_coordinates(shapely.from_wkb(one.geometry[0])), "EPSG:4326", "EPSG:4547") - GONGYI
    assert {tuple(c) for c in corners.round(3).tolist()} == {(5, 10), (45, 10), (45, 22), (5, 22)}


@pytest.mark.parametrize(
    ("unit_m", "insunits", "origin", "said"),
    [
        (0.001, 4, (GONGYI[0] * 1000, GONGYI[1] * 1000), "brought to metres"),
        (1.0, 4, GONGYI, "read as metres"),
    ],
)
def test_the_unit_is_believed_only_where_it_fits(
    unit_m: float, insunits: int, origin: tuple[float, float], said: str, tmp_path: Path, read_here: Any
) -> None:
    """Millimetres of EPSG:4547 are brought to metres; metres under a header that says millimetres stay metres."""
    path = plans.yard(tmp_path / "mm.dxf", unit_m=unit_m, insunits=insunits, origin=origin)
    found = {one.header.name: one for one in read_here(path, area=AREA, crs="EPSG:4547")}
    metres = transform_xy(shapely.get_coordinates(shapely.from_wkb(found["建筑轮廓/areas"].geometry[0])), "EPSG:4326", "EPSG:4547")
    assert shapely.Polygon(metres).area == pytest.approx(plans.BUILDING_M2, abs=1e-4)
    assert any(said in en for one in found.values() for _, en in one.header.notes)


def test_a_local_drawing_is_no_longitude_and_latitude(tmp_path: Path, inspect_here: Any, read_here: Any) -> None:
    """Numbers under 180 are not taken for degrees: the yard would become a country."""
    path = plans.yard(tmp_path / "local.dxf")
    infos = inspect_here(path)
    assert all(i.declared_crs is None and not i.candidates and i.local is not None for i in infos)
    texts = next(i for i in infos if i.name == "楼号/texts")
    assert texts.local.sample[0] == {"type": "Point", "coordinates": [23.0, 15.0], "text": "1#", "height": 1.5, "turn": 0.0}
    with pytest.raises(CrsNotDeclared, match="coordinates of its own") as refused:
        read_here(path)
    assert refused.value.members["local"] is True


def test_a_wrong_system_is_refused_for_the_drawing_as_a_whole(tmp_path: Path, read_here: Any) -> None:
    """A legend at the origin does not refuse a plan that lies right; a plan in the wrong zone is refused."""

    def legend(drawn: plans.Yard) -> None:
        drawn.space.add_text("图例", dxfattribs={"layer": "图例", "insert": (0, 0)})

    path = plans.yard(tmp_path / "legend.dxf", origin=GONGYI, more=legend)
    assert {one.header.name for one in read_here(path, crs="EPSG:4547")} == {*COUNTS, "图例/texts"}
    with pytest.raises(OutsideArea):
        read_here(plans.yard(tmp_path / "wrong.dxf"), crs="EPSG:4547")


def test_a_placement_moves_what_declares_no_system(tmp_path: Path, read_here: Any, inspect_here: Any) -> None:
    path = plans.yard(tmp_path / "mm.dxf", unit_m=0.001, insunits=4, turn_deg=-30.0, origin=(7000.0, 900.0))
    turned = np.array([[math.cos(math.radians(30)), math.sin(math.radians(30))], [-math.sin(math.radians(30)), math.cos(math.radians(30))]])
    shift = np.array(GONGYI) - np.array([7.0, 0.9]) @ turned
    found = {d.header.name: d for d in read_here(path, placement=Placement("EPSG:4547", *shift.tolist(), turn_deg=30.0, scale=0.001))}
    lane = transform_xy(shapely.get_coordinates(shapely.from_wkb(found["消防车道/lines"].geometry[0])), "EPSG:4326", "EPSG:4547")
    assert lane == pytest.approx(np.array([GONGYI, (GONGYI[0] + 120, GONGYI[1])]), abs=1e-3)
    assert {d.header.crs for d in found.values()} == {"EPSG:4547"}


def test_a_drawing_that_says_its_system_is_believed(tmp_path: Path, read_here: Any) -> None:
    """GEODATA with an EPSG number, and the note that our own exports leave."""

    def geodata(drawn: plans.Yard) -> None:
        drawn.space.new_geodata().setup_local_grid(design_point=(0, 0), reference_point=GONGYI, crs=_epsg_xml(4547))

    def custom(drawn: plans.Yard) -> None:
        drawn.doc.header.custom_vars.append("YUANTU_CRS", "EPSG:4547")

    for name, origin, more in (("geodata", (0.0, 0.0), geodata), ("custom", GONGYI, custom)):
        found = {d.header.name: d for d in read_here(plans.yard(tmp_path / f"{name}.dxf", origin=origin, more=more), area=AREA)}
        lane = transform_xy(shapely.get_coordinates(shapely.from_wkb(found["消防车道/lines"].geometry[0])), "EPSG:4326", "EPSG:4547")
        assert lane[0] == pytest.approx(GONGYI, abs=1e-3), name


def _epsg_xml(number: int) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-16" standalone="no" ?><Dictionary version="1.0" xmlns="http://www.osgeo.org/mapguide/coordinatesystem">'
        f'<ProjectedCoordinateSystem id="Z"><Axis uom="Meter"><CoordinateSystemAxis><AxisOrder>1</AxisOrder><AxisAbbreviation>E</AxisAbbreviation>'
        f'</CoordinateSystemAxis></Axis></ProjectedCoordinateSystem><Alias id="{number}" type="CoordinateSystem"><ObjectId>Z</ObjectId>'
        "<Namespace>EPSG Code</Namespace></Alias></Dictionary>"
    )


def test_what_is_said_of_the_drawing_stays_when_its_first_layer_is_left_out(tmp_path: Path, read_here: Any) -> None:
    path = plans.yard(tmp_path / "odd.dxf", origin=GONGYI, more=odd)
    names = [one.header.name for one in read_here(path, crs="EPSG:4547")]
    kept = read_here(path, crs="EPSG:4547", skip=names[:3])
    assert [one.header.name for one in kept] == names[3:]
    assert any("RAY 1" in en for _, en in kept[0].header.notes)


def test_islands_in_holes_are_area_again(tmp_path: Path, opened: Open) -> None:
    """Even-odd: 100 − 36 + 4, and two outlines that share an edge are both area."""
    doc = ezdxf.new("R2010", units=6)
    nested = doc.modelspace().add_hatch(dxfattribs={"layer": "嵌套"})
    for low, high in ((0, 10), (2, 8), (4, 6)):
        nested.paths.add_polyline_path([(low, low), (high, low), (high, high), (low, high)], is_closed=True)
    beside = doc.modelspace().add_hatch(dxfattribs={"layer": "并排"})
    for x in (0, 10):
        beside.paths.add_polyline_path([(x, 0), (x + 10, 0), (x + 10, 10), (x, 10)], is_closed=True)
    doc.saveas(tmp_path / "hatch.dxf")
    found = opened(tmp_path / "hatch.dxf")
    assert shapes(found["嵌套/areas"])[0].area == 68 and shapes(found["并排/areas"])[0].area == 200


def test_one_broken_entity_is_one_broken_record(tmp_path: Path, read_here: Any) -> None:
    """An arc without a radius, a spline with too few knots, a text without a place: the rest of the plan is read."""

    def broken(drawn: plans.Yard) -> None:
        drawn.space.add_circle((0, 0), 0.0, dxfattribs={"layer": "坏"})
        spline = drawn.space.add_spline(dxfattribs={"layer": "坏"})
        spline.control_points, spline.knots = [(0, 0, 0), (1, 1, 0)], [0.0, 1.0]
        drawn.space.add_blockref("XHS", (0, 0), dxfattribs={"layer": "坏", "xscale": float("nan")})

    found = {one.header.name: one for one in read_here(plans.yard(tmp_path / "x.dxf", origin=GONGYI, more=broken), crs="EPSG:4547")}
    assert {n: found[n].header.count for n in COUNTS} == COUNTS
    broken_ones = [code for n, one in found.items() if n.startswith("坏/") for code in one.codes]
    assert (
        set(broken_ones) <= {None, "damaged-record", "not-finite", "empty-geometry", "invalid-geometry", "outside-crs"}
        and len(broken_ones) >= 3
    )


def test_a_drawing_that_breaks_off_among_its_entities_is_refused(tmp_path: Path, opened: Open) -> None:
    """It was read as far as it went, with a note: half of the buildings were missing."""
    whole = plans.yard(tmp_path / "whole.dxf").read_bytes()
    entities = whole.index(b"\nENTITIES\n")
    end = whole.index(b"\nENDSEC\n", entities)
    (tmp_path / "cut.dxf").write_bytes(whole[: (entities + end) // 2])
    with pytest.raises(UnreadableFile, match="breaks off among its entities"):
        opened(tmp_path / "cut.dxf")
    (tmp_path / "late.dxf").write_bytes(whole[: end + len(b"\nENDSEC\n")])
    assert {n: d.count for n, d in opened(tmp_path / "late.dxf").items()} == COUNTS


# --- plain entities are read past the library


def _everything(path: Path, opened: Open) -> dict[str, Any]:
    """All that is read: by dataset the rows and the shapes, each with its handle, in the order of the handles."""
    return {
        name: sorted(zip(*(c for raw in d.chunks() for c in raw.values), (g.wkt for g in shapes(d)), strict=True), key=str)
        for name, d in opened(path).items()
    }


@pytest.mark.parametrize(("version", "encoding"), [("R12", "gbk"), ("R2000", "gbk"), ("R2010", "utf-8")])
def test_what_is_read_past_the_library_is_what_the_library_reads(
    version: str, encoding: str, tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the same drawing with nothing cut out. Mirrored, in paper space, with codes in the text: these stay with the library."""
    doc = ezdxf.new(version)
    doc.header["$INSUNITS"] = 6
    doc.encoding = encoding
    space, up = doc.modelspace(), {"layer": "围墙"}
    for mirrored in ({}, {"extrusion": (0, 0, -1)}, {"extrusion": (0, 0, 1)}):
        space.add_circle((5, 6), 2, dxfattribs={**up, **mirrored})
        space.add_arc((5, 6), 2, 350, 20, dxfattribs={**up, **mirrored})
        space.add_text("净宽4.0m", dxfattribs={**up, **mirrored, "insert": (1, 2), "height": 2.5, "rotation": 30})
    for text in ("%%c200", "腫\\P", "^I甲", "\\U+6D88\\U+9632防", " 3号 ", "誠^"):
        space.add_text(text, dxfattribs={**up, "insert": (3, 4), "halign": 1, "align_point": (9, 9)})
    space.add_line((0, 0, 3), (1, 1, 3), dxfattribs=up)
    space.add_point((7, 7), dxfattribs=up)
    space.add_polyline2d([(0, 0), (4, 0), (4, 4)], close=True, dxfattribs=up).vertices[1].dxf.bulge = 1.0
    space.add_polyline3d([(0, 0, 1), (4, 0, 2), (4, 4, 3)], dxfattribs=up)
    space.add_polymesh((2, 2))
    if version != "R12":
        space.add_lwpolyline([(0, 0, 0.5), (8, 0, 0), (8, 8, -0.3)], format="xyb", close=True, dxfattribs={**up, "elevation": 2})
        space.add_mtext("第一行\\P第二行")
    doc.blocks.new("泵").add_circle((0, 0), 1)
    space.add_blockref("泵", (3, 3)).add_attrib("编号", "7", (0, 0))
    doc.layout().add_line((0, 0), (1, 1))
    doc.saveas(tmp_path / "a.dxf")
    taken: list[int] = []
    whole = dxf_plain.cut

    def counted(data: bytes, name: str) -> Any:
        rest, plain = whole(data, name)
        taken.append(len(plain))
        return rest, plain

    monkeypatch.setattr(dxf_plain, "cut", counted)
    past = _everything(tmp_path / "a.dxf", opened)
    monkeypatch.setattr(dxf_plain, "cut", lambda data, name: (data, []))
    library = _everything(tmp_path / "a.dxf", opened)
    assert [(n, a, b) for n in past for a, b in zip(past[n], library[n], strict=True) if a != b] == []
    assert past.keys() == library.keys()
    assert taken[0] >= 10 and "消防防" in str(past["围墙/texts"])
    assert sum(map(len, past.values())) == (22 if version == "R12" else 24)


@pytest.mark.parametrize(
    "damage", [(b"ENDSEC", b"ENDSEK"), (b"AcDbLine\n 10\n", b"AcDbLine\n xx\n"), (b"\n", b"\r")], ids=["no end", "no code", "old line ends"]
)
def test_lines_that_are_not_as_they_should_be_are_left_to_the_library(damage: tuple[bytes, bytes]) -> None:
    doc = ezdxf.new("R2000")
    doc.modelspace().add_line((0, 0), (1, 1))
    out = io.StringIO()
    doc.write(out)
    data = out.getvalue().encode()
    assert len(dxf_plain.cut(data, "utf-8")[1]) == 1
    broken = data.replace(*damage)
    assert broken != data and dxf_plain.cut(broken, "utf-8") == (broken, [])
