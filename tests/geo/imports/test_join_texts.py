"""Texts of a drawing in the features beside them: nearest wins only where nothing else could be meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import shapely

from geo.errors import BadValue, UnknownField
from geo.formats.contract import Chunk, DatasetHeader
from geo.imports import Account, Choice, ImportOptions, Join
from geo.imports import join as joining
from geo.imports.options import check_options
from geo.imports.run import settle
from geo.imports.staging import stage
from geo.schema import Layer
from tests.geo.imports.conftest import NOW, Desk

LON, LAT = 112.98, 34.75
METRE = 1 / 91_600
"""Degrees of longitude at Gongyi, near enough for distances of a few metres."""


def at(x: float, y: float) -> tuple[float, float]:
    return LON + x * METRE, LAT + y / 110_940


def wkb(shape: Any) -> bytes:
    made: bytes = shapely.to_wkb(shape, byte_order=1)
    return made


def house(x: float, y: float) -> bytes:
    """10 × 10 m."""
    return wkb(shapely.box(*at(x, y), *at(x + 10, y + 10)))


def lane(x: float) -> bytes:
    return wkb(shapely.LineString([at(x, 0), at(x, 100)]))


def imported(
    desk: Desk, target: str, rows: list[tuple[dict[str, Any], bytes]], texts: list[tuple[str, tuple[float, float]]], join: Join
) -> Account:
    def part(name: str, records: list[tuple[dict[str, Any], bytes]]) -> list[Any]:
        columns = list(dict.fromkeys(c for row, _ in records for c in row))
        header = DatasetHeader(name, "DXF", columns, len(records), "EPSG:4547", None, True)
        n = len(records)
        return [header, Chunk(range(1, n + 1), [r for r, _ in records], [g for _, g in records], [None] * n, [()] * n)]

    written = [({"text": said}, wkb(shapely.Point(*at(*place)))) for said, place in texts]
    options = ImportOptions(choices={"字/texts": Choice(join=join), join.to: Choice(layer=target)}, file_name="图.dxf")
    check_options(options, desk.layers)
    datasets = list(stage([*part(join.to, rows), *part("字/texts", written)]))
    return settle(datasets, options, store=desk.store, layers=desk.layers, actor="tester", now=NOW, sha256="0" * 64)


def test_numbers_go_into_the_buildings_that_they_stand_in(new_desk: Any) -> None:
    """Inside counts before beside; two different ones inside fill nothing; too far is told."""
    desk = new_desk()
    rows = [({"code": f"B{i}"}, house(x, 0)) for i, x in enumerate((0, 20, 40, 60))]
    texts = [
        ("1#", (5, 5)),
        ("2#", (25, 5)),
        ("2#", (27, 6)),
        ("9#", (31, 5)),
        ("3#", (45, 5)),
        ("砖6", (46, 6)),
        ("4#", (72, 5)),
        ("5#", (200, 5)),
    ]
    account = imported(desk, "buildings", rows, texts, Join("建筑/areas", "no", 3.0))
    assert desk.column("buildings", "no") == ["1#", "2#", None, "4#"]
    told = account.to_json()["joined"]["字/texts"]
    assert {k: told[k] for k in ("texts", "filled", "ambiguous", "far", "unread", "unclear", "own")} == {
        "texts": 8, "filled": 3, "ambiguous": 1, "far": 1, "unread": 0, "unclear": 0, "own": 0,
    }  # fmt: skip
    assert told["examples"] == ["3#/砖6"]
    assert any("1 个对象旁有几个不同的文字" in n.zh for n in account.notes)


WIDTHS: Mapping[str, float | None] = {
    "4.0m": 4.0, "宽4.5": 4.5, "净宽：3.8米": 3.8, "W=4.25": 4.25, "４．２米": 4.2, "4000mm": 4.0, "4": 4.0,
    "H=4.5": None, "限高3.2": None, "≥4m": None, "3-4米": None, "一巷": None,
}  # fmt: skip


def test_widths_are_read_as_people_write_them(new_desk: Any) -> None:
    """A height, a bound, a range and a name are no widths; what was filled says that it is from CAD."""
    desk = new_desk()
    rows = [({"code": f"L{i:02}"}, lane(20.0 * i)) for i in range(len(WIDTHS))]
    account = imported(
        desk, "fire_lanes", rows, [(said, (20.0 * i + 1.5, 50)) for i, said in enumerate(WIDTHS)], Join("道/lines", "clear_width_m")
    )
    assert desk.column("fire_lanes", "clear_width_m") == list(WIDTHS.values())
    assert desk.column("fire_lanes", "width_source") == ["cad" if v is not None else None for v in WIDTHS.values()]
    told = account.to_json()["joined"]["字/texts"]
    assert (told["filled"], told["unread"], told["texts"]) == (7, 5, 12)


def test_two_widths_along_one_lane_leave_it_unknown(new_desk: Any) -> None:
    """Neither the nearer nor the smaller is taken; the same width twice is one width."""
    desk = new_desk()
    rows = [({"code": "L1"}, lane(0)), ({"code": "L2"}, lane(30))]
    texts = [("4.0m", (0.5, 20)), ("3.2m", (1.5, 80)), ("4.0", (31, 20)), ("4m", (29, 80))]
    account = imported(desk, "fire_lanes", rows, texts, Join("道/lines", "clear_width_m"))
    assert desk.column("fire_lanes", "clear_width_m") == [None, 4.0]
    assert account.to_json()["joined"]["字/texts"]["ambiguous"] == 1


def test_a_text_between_two_features_is_unclear(new_desk: Any) -> None:
    desk = new_desk()
    rows = [({"code": "B1"}, house(0, 0)), ({"code": "B2"}, wkb(shapely.box(*at(-5, 0), *at(10, 10))))]
    account = imported(desk, "buildings", rows, [("1#", (5, 5))], Join("建筑/areas", "no"))
    assert desk.column("buildings", "no") == [None, None]
    assert account.to_json()["joined"]["字/texts"]["unclear"] == 1


def test_a_width_about_as_near_to_two_lanes_fills_neither(new_desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """2.0 m from one lane and 2.4 m from the next: whose width it is, nobody knows. Where any nearer lane is taken (control) it fills one."""
    rows, texts = [({"code": "L1"}, lane(0)), ({"code": "L2"}, lane(4.4))], [("4.0m", (2.0, 50)), ("6.0m", (5.4, 50))]
    for clearly, widths in ((joining._CLEARLY, [None, 6.0]), (1.0, [4.0, 6.0])):
        monkeypatch.setattr(joining, "_CLEARLY", clearly)
        desk = new_desk()
        imported(desk, "fire_lanes", rows, texts, Join("道/lines", "clear_width_m"))
        assert desk.column("fire_lanes", "clear_width_m") == widths


def test_a_value_of_its_own_stays(new_desk: Any) -> None:
    """An attribute in centimetres keeps its unit and its value; the empty cell takes the text in metres."""
    desk = new_desk()
    rows = [({"code": "L1", "净宽(cm)": 350}, lane(0)), ({"code": "L2", "净宽(cm)": None}, lane(30))]
    account = imported(desk, "fire_lanes", rows, [("4.0m", (1, 50)), ("4.5", (31, 50))], Join("道/lines", "clear_width_m"))
    assert desk.column("fire_lanes", "clear_width_m", "width_source") == [(3.5, None), (4.5, "cad")]
    assert (account.to_json()["joined"]["字/texts"]["own"], account.to_json()["joined"]["字/texts"]["filled"]) == (1, 1)


@pytest.mark.parametrize(
    ("join", "error"),
    [(Join("没有/areas", "no"), BadValue), (Join("建筑/areas", "nosuch"), UnknownField), (Join("建筑/areas", "no", 0.0), BadValue),
     (Join("建筑/areas", "no", 1e6), BadValue), (Join("字/texts", "no"), BadValue), (Join("建筑/areas", "clear_width_m"), UnknownField)],
)  # fmt: skip
def test_a_join_that_leads_nowhere_is_refused(join: Join, error: type[Exception], new_desk: Any, layers_map: Mapping[str, Layer]) -> None:
    desk = new_desk()
    with pytest.raises(error):
        imported_to(desk, join)
    assert desk.store.info().kind == "empty"


def imported_to(desk: Desk, join: Join) -> Account:
    """The buildings are called 建筑/areas whatever the join says."""
    header = DatasetHeader("建筑/areas", "DXF", ["code"], 1, "EPSG:4547", None, True)
    text = DatasetHeader("字/texts", "DXF", ["text"], 1, "EPSG:4547", None, True)
    reading = [
        header, Chunk([1], [{"code": "B1"}], [house(0, 0)], [None], [()]),
        text, Chunk([1], [{"text": "1#"}], [wkb(shapely.Point(*at(5, 5)))], [None], [()]),
    ]  # fmt: skip
    options = ImportOptions(choices={"字/texts": Choice(join=join), "建筑/areas": Choice(layer="buildings")}, file_name="图.dxf")
    check_options(options, desk.layers)
    return settle(list(stage(reading)), options, store=desk.store, layers=desk.layers, actor="tester", now=NOW, sha256="0" * 64)
