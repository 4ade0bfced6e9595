"""Drawings as planners send them, made with ezdxf: every area, length and width in them is known before anything reads them.

The yard (metres, before unit, origin and turn): 6 buildings of 40 × 12 m, numbered; a loop of fire lane whose far end is a half circle of radius 10;
two straight lanes with their widths beside them; 3 hydrants as a block with attributes; a green with a hole (hatch); a round bed.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import ezdxf
from ezdxf.document import Drawing

BUILDING_M2 = 480.0
LANE_M = (120.0, 60.0)
LOOP_M = 80.0 + 10.0 * math.pi + 80.0
GREEN_M2 = 20.0 * 10.0 - 5.0 * 3.0
BED_M2 = math.pi * 25.0
WIDTHS = ("净宽4.0m", "宽3.5米")
NUMBERS = tuple(f"{i}#" for i in range(1, 7))
HYDRANTS = ("XHS-1", "XHS-2", "XHS-3")
LAYERS = ("建筑轮廓", "楼号", "消防车道", "消火栓", "绿化", "图框")

ANCHORS = ((0.0, 0.0), (120.0, 0.0))
"""Two points of the yard (metres) that a surveyor could find on the ground: the ends of the long lane."""


class Yard:
    """Draws in metres; `unit_m`, `origin` (drawing units) and `turn_deg` say what becomes of them in the file."""

    def __init__(self, doc: Drawing, unit_m: float, origin: tuple[float, float], turn_deg: float) -> None:
        self.doc, self.space, self.unit, self.origin = doc, doc.modelspace(), unit_m, origin
        self.turn = math.radians(turn_deg)

    def at(self, x: float, y: float) -> tuple[float, float]:
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return (x * cos - y * sin) / self.unit + self.origin[0], (x * sin + y * cos) / self.unit + self.origin[1]

    def long(self, metres: float) -> float:
        return metres / self.unit

    def line(self, layer: str, points: list[tuple[float, ...]], *, close: bool = False) -> None:
        """A polyline; a third number of a point is the bulge that follows it."""
        rows = [(*self.at(p[0], p[1]), p[2] if len(p) > 2 else 0.0) for p in points]
        if self.doc.dxfversion == "AC1009":
            self.space.add_polyline2d(rows, format="xyb", close=close, dxfattribs={"layer": layer})
        else:
            self.space.add_lwpolyline(rows, format="xyb", close=close, dxfattribs={"layer": layer})

    def text(self, layer: str, said: str, x: float, y: float) -> None:
        self.space.add_text(said, height=self.long(1.5), dxfattribs={"layer": layer, "insert": self.at(x, y)})


def yard(
    path: Path, *, version: str = "R2010", gbk: bool = False, binary: bool = False, unit_m: float = 1.0, insunits: int = 6,
    origin: tuple[float, float] = (0.0, 0.0), turn_deg: float = 0.0, more: Any = None,
) -> Path:  # fmt: skip
    """Writes the yard; `more` draws more into it before it is saved."""
    doc = ezdxf.new(version)
    if version != "R12":
        doc.header["$INSUNITS"] = insunits
    if gbk:
        doc.encoding = "gbk"
    for name in LAYERS:
        doc.layers.add(name)
    drawn = Yard(doc, unit_m, origin, turn_deg)
    _draw(drawn, new=version != "R12")
    if more is not None:
        more(drawn)
    doc.saveas(path, fmt="bin" if binary else "asc")
    return path


def _draw(drawn: Yard, *, new: bool) -> None:
    for i, said in enumerate(NUMBERS):
        x, y = 5.0 + 55.0 * (i % 2), 10.0 + 20.0 * (i // 2)
        drawn.line("建筑轮廓", [(x, y), (x + 40, y), (x + 40, y + 12), (x, y + 12)], close=True)
        drawn.text("楼号", said, x + 18, y + 5)
    drawn.line("消防车道", [(0, 0), (120, 0)])
    drawn.line("消防车道", [(0, 5), (0, 65)])
    drawn.text("消防车道", WIDTHS[0], 58, 1.0)
    drawn.text("消防车道", WIDTHS[1], -3.0, 36)
    drawn.line("消防车道", [(130, 0), (130, 80, -1), (150, 80), (150, 0)])
    block = drawn.doc.blocks.new("XHS")
    block.add_circle((0, 0), drawn.long(0.4))
    block.add_line((-drawn.long(0.4), 0), (drawn.long(0.4), 0))
    block.add_attdef("编号", (0, drawn.long(1)))
    for i, said in enumerate(HYDRANTS):
        drawn.space.add_blockref("XHS", drawn.at(20.0 + 40 * i, 4.0), dxfattribs={"layer": "消火栓"}).add_auto_attribs({"编号": said})
    drawn.space.add_circle(drawn.at(60, 90), drawn.long(5.0), dxfattribs={"layer": "绿化"})
    if new:
        green = drawn.space.add_hatch(dxfattribs={"layer": "绿化"})
        green.paths.add_polyline_path([drawn.at(*p) for p in ((0, 85), (20, 85), (20, 95), (0, 95))], is_closed=True)
        green.paths.add_polyline_path([drawn.at(*p) for p in ((5, 87), (10, 87), (10, 90), (5, 90))], is_closed=True, flags=16)
