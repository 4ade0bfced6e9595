"""`lanes-under-width`: which fire lanes are narrower than asked, by their record and by the drawing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.lanes import comparison as lanes
from geo.lanes.bends import bend_radii_m
from geo.lanes.clear_width import OPEN
from geo.lanes.slope import slopes_pct
from geo.profile import Vehicle
from geo.questions.columns import numbers
from geo.questions.declaration import (
    BASES,
    BASIS_CHOICES,
    NO,
    UNKNOWN,
    YES,
    Floats,
    Parameter,
    Question,
    Shape,
    Verdicts,
    View,
    filled,
    latest,
    named,
)
from geo.questions.lanes.engines import VEHICLE, vehicle_of
from geo.questions.lanes.record import LaneRecord, contacts, lane_record, no_computed
from geo.questions.lanes.scene import lane_lines
from geo.questions.lanes.standing import STANDING, left_out
from geo.questions.lanes.without_lane_record import COMPOUNDS_WITHOUT_LANES
from geo.questions.naming import named_access, names
from geo.questions.shown import objects, stored_shapes, where_known
from geo.schema import Choice, Field


def _under_width(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    limit = parameters["width"] if parameters["width"] is not None else view.profile["lane_width_m"]
    record = lane_record(view, basis=parameters["basis"], parking=parameters["parking"])
    state = lanes.width_under(record.used, limit_m=limit)
    short = record.at_least & (state.under == lanes.UNDER)
    told = short & (lanes.width_under(record.asked, limit_m=limit).under == lanes.UNDER)
    if told.any():  # a bound from below does not unsay a record that is under the limit
        record = record.by_stored(told)
        state, short = lanes.width_under(record.used, limit_m=limit), short & ~told
    under = np.where(record.at_most & (state.under == lanes.OVER), lanes.UNKNOWN, state.under)
    answer = np.full(len(under), NO, dtype=np.int8)
    answer[under == lanes.UNDER], answer[(under == lanes.UNKNOWN) | short] = YES, UNKNOWN
    table = _Table(view, record, state, answer, parameters["basis"], float(limit), vehicle_of(view, parameters))
    store = {"obstacles_left_out": left_out(view)}
    return Verdicts(answer, table.column, table.why, shape=table.shape, said={"width": float(limit)}, store=store)


class _Table:
    """The other fields of the answers and their sentences, made when asked for."""

    def __init__(
        self, view: View, record: LaneRecord, state: lanes.WidthState, answer: NDArray[np.int8], asked: str, limit: float, vehicle: Vehicle
    ) -> None:
        self.view, self.record, self.state, self.answer, self.asked, self.limit = view, record, state, answer, asked, limit
        self.vehicle = vehicle
        self.known = state.basis != lanes.NONE
        self.at_most = record.at_most & (state.under == lanes.OVER)
        """Only an upper bound is known, and that is no narrower than asked."""
        self.at_least = record.at_least
        """Only a lower bound is known: more may be free on the open side."""

    def column(self, name: str, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        if name == "pinch_obstacle":
            at = np.arange(len(self.answer)) if rows is None else rows
            return objects([self.pinch_obstacle(int(row)) for row in at])
        record, drawn, count = self.record, self.record.drawn, len(self.answer)
        if name in ("pinch_lon", "pinch_lat"):
            return self.pinch_degrees(name)[slice(None) if rows is None else rows]
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: np.where(self.known & ~self.at_most, self.state.width_m, np.nan),
            "threshold": lambda: np.full(count, self.limit),
            "unit": lambda: filled("m", count),
            "basis": lambda: named(np.where(self.at_most, lanes.NONE, self.state.basis), BASES),
            "re_measure": lambda: self.state.re_measure.astype(object),
            "declared_m": lambda: record.stored.width_m,
            "measured_m": lambda: np.round(record.computed.width_m, 2),
            "measured_accuracy_m": lambda: np.where(drawn.known, drawn.accuracy_m, np.nan),
            "difference": lambda: record.differ.astype(object),
            "open_side": lambda: where_known(drawn.known | (drawn.state == OPEN), np.array(OPEN_SIDES, dtype=object)[drawn.open_sides]),
            "slope_pct_measured": lambda: self.slopes,
            "bend_radius_m": lambda: np.where(np.isinf(self.radii), np.nan, np.round(self.radii, 1)),
            "bend_too_tight": lambda: self.too_tight,
        }
        return made[name]()[slice(None) if rows is None else rows]

    @cached_property
    def slopes(self) -> Floats:
        """Of lines whose vertices carry heights; the store keeps none for most files, and then the slope is unknown."""
        revision = (self.view.layer_revision("fire_lanes"), self.view.metric_crs)
        heights = np.asarray(self.view.frame("fire_lanes").geometry, dtype=object)
        return latest(self.view, "lane-slopes", revision, lambda _: slopes_pct(self.view.metric("fire_lanes"), heights))

    @cached_property
    def radii(self) -> Floats:
        return bend_radii_m(lane_lines(self.view), self.state.width_m, need_m=self.vehicle.clear_width_m)

    @cached_property
    def too_tight(self) -> NDArray[np.object_]:
        """By the radius on record or that which the bends leave; None where neither is known."""
        recorded, need = numbers(self.view.frame("fire_lanes"), "turn_radius_m"), self.vehicle.inner_radius_m
        least = np.fmin(recorded, self.radii)
        return where_known(~np.isnan(least), least < need)

    def pinch_obstacle(self, row: int) -> str | None:
        """What the pinch point lies between, by name, else code, in no language."""
        drawn, made = self.record.drawn, []
        if drawn.opening[row] >= 0 and (access := int(drawn.ways.row[drawn.opening[row]])) >= 0:
            made.append(names(self.view, "access_points").name[access])
        for k in dict.fromkeys((int(drawn.first[row]), int(drawn.second[row]))):
            if k >= 0:
                made.append(names(self.view, STANDING[drawn.standing.layer[k]]).name[drawn.standing.row[k]])
        return "; ".join(made) or None

    def pinch_degrees(self, name: str) -> Floats:
        """Longitude or latitude of the pinch point, to the centimetre; NaN where there is none."""
        places = stored_shapes(self.view, where_known(self.record.drawn.known, self.record.drawn.pinch))
        return np.round(shapely.get_x(places) if name == "pinch_lon" else shapely.get_y(places), 7)

    def shape(self, id: str, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        return stored_shapes(self.view, where_known(self.record.drawn.known, self.record.drawn.pinch)[rows])

    # sentences

    def why(self, rows: NDArray[np.int64], lang: str) -> list[str]:
        return [_joined(self.parts(int(row))).of(lang) for row in rows]

    def parts(self, row: int) -> list[Text]:
        record = self.record
        parts = [self.verdict(row)]
        if not self.known[row] or (not record.computed_used[row] and self.asked == "measured"):
            parts.append(no_computed(self.view, record.drawn, row) if not record.drawn.known[row] else _NOT_ASKED)
        if self.at_least[row]:
            parts.append(self.beyond(row))
        elif record.computed_used[row] and self.state.width_m[row] > 0:
            parts.append(_UPPER)
        if record.at_most[row] and self.answer[row] == UNKNOWN:
            parts.append(self.gate(row))
        if record.computed_used[row] and self.answer[row] == NO and (count := left_out(self.view)):
            parts.append(
                Text(
                    f"有 {count} 处楼栋或障碍没有上图，没有计入",
                    f"{count} buildings or obstacles are not on the map and not taken into account",
                )
            )
        if record.parked_m[row] > 0 and self.known[row]:
            parts.append(Text(f"已计入停车带 {record.parked_m[row]:.4g} 米", f"parking strips of {record.parked_m[row]:.4g} m taken off"))
        if record.differ[row]:
            parts.append(self.difference(row))
        if self.state.re_measure[row] and self.state.width_m[row] != 0:
            parts.append(Text("接近界限，建议复测", "close to the limit, measure again"))
        return parts

    def verdict(self, row: int) -> Text:
        width, basis = self.state.width_m[row], self.state.basis[row]
        if basis == lanes.NONE:
            return self.nothing(row)
        how, limit = self.how(row), f"{self.limit:g}"
        if width == 0 and self.state.under[row] == lanes.UNDER:
            return Text(f"{how.zh}0 米，无法通行", f"{how.en} 0 m: nothing passes")
        if self.state.under[row] == lanes.UNKNOWN:
            near = f"{self.state.accuracy_m[row]:g}"
            return Text(
                f"{how.zh}{width:g} 米，与 {limit} 米之差在精度 {near} 米以内，不能判定",
                f"{how.en} {width:g} m is nearer to {limit} m than its accuracy of {near} m: cannot be told",
            )
        if self.at_least[row] and self.record.at_most[row]:
            return Text(f"{how.zh}{width:g} 米", f"{how.en} is {width:g} m")
        if self.at_least[row] and self.answer[row] == UNKNOWN:
            return Text(
                f"{how.zh}至少 {width:g} 米，不能判定是否小于 {limit} 米",
                f"{how.en} is at least {width:g} m: whether it is under {limit} m cannot be told",
            )
        if self.at_most[row]:
            return Text(f"{how.zh}至多 {width:g} 米", f"{how.en} is at most {width:g} m")
        if self.state.under[row] == lanes.UNDER:
            return Text(f"{how.zh}{width:g} 米，小于 {limit} 米", f"{how.en} {width:g} m is under {limit} m")
        return Text(f"{how.zh}{width:g} 米，不小于 {limit} 米", f"{how.en} {width:g} m is not under {limit} m")

    def how(self, row: int) -> Text:
        """What was compared, with where it is when it is from the drawing; Chinese with the space that a figure needs after a word."""
        if not self.record.computed_used[row]:
            word = _BASIS_WORDS[self.state.basis[row]]
            return Text(f"{word.zh}净宽 ", f"{word.en} clear width")
        where = contacts(self.view, self.record.drawn, row)
        brackets = Text(f"（{where.zh}）", f" ({where.en})") if where.zh else Text(" ", "")
        return Text(f"图上量得净宽{brackets.zh}", f"clear width from the drawing{brackets.en}")

    def beyond(self, row: int) -> Text:
        """What a bound from below leaves open."""
        reach = f"{self.view.profile['corridor_m']:g}"
        return Text(
            f"开敞侧只看了 {reach} 米，更远处可能还有空地", f"on the open side only {reach} m are looked at, more may be free beyond"
        )

    def gate(self, row: int) -> Text:
        """The gate without a width that a bound is a bound for."""
        gate = named_access(self.view, int(self.record.drawn.ways.row[self.record.drawn.gate[row]]))
        return Text(f"途经{gate.zh}，其净宽没有登记，不能判定", f"it passes {gate.en}, whose width is not on record: cannot be told")

    def nothing(self, row: int) -> Text:
        stored, basis = self.record.stored.width_m[row], self.record.stored.basis[row]
        if self.asked == "best" or math.isnan(stored):
            return Text("没有净宽记录", "no clear width on record")
        wanted, there = _BASIS_WORDS[BASES.index(self.asked)], _BASIS_WORDS[basis]
        return Text(
            f"没有{wanted.zh}净宽；记录的 {stored:g} 米是{there.zh}的",
            f"no {wanted.en} clear width; the {stored:g} m on record is {there.en}",
        )

    def difference(self, row: int) -> Text:
        stored, drawn = self.record.stored.width_m[row], round(float(self.record.plain.width_m[row]), 2)
        apart = f"{abs(stored - drawn):.2f}".rstrip("0").rstrip(".")
        return Text(
            f"登记净宽 {stored:g} 米，图上量得 {drawn:g} 米，相差 {apart} 米，请核实",
            f"{stored:g} m on record and {drawn:g} m from the drawing are {apart} m apart, please check",
        )


def _joined(parts: list[Text]) -> Text:
    return Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))


_BASIS_WORDS = (Text("申报", "declared"), Text("实测", "measured"), Text("推算", "computed"))
_UPPER = Text("这是上限：路缘、树木、停车未画出时实际更窄", "an upper bound: kerbs, trees and parked cars that are not drawn lie inside")
_NOT_ASKED = Text("图上量得的净宽算实测", "the width from the drawing counts as measured")
OPEN_SIDES = ("none", "one", "both")

_BASIS_HELP = Text(
    "一条通道可以有登记的净宽和图上量得的净宽，默认用来源更可信的那个；选“实测”用图上量得的或登记为实测的，选“申报”“推定”只用登记的",
    "a lane may have a width on record and one from the drawing: the one with the more trusted source is compared; 'measured' takes those from the "
    "drawing or recorded as measured, 'declared' and 'inferred' only those on record",
)
_PARKING_HELP = Text(
    "画出的停车带算障碍；登记了停车侧数的，从净宽里扣去停车带",
    "parking strips that are drawn are in the way; where sides with parking are on record, their strips are taken off",
)

_SLOPE_HELP = Text(
    "最陡的 10 米；只有线上带高程时才有，入库的线一般不带高程，此时不明",
    "the steepest 10 m; known only where the line carries heights, which most stored lines do not",
)
_BEND_HELP = Text(
    "所选车型在最急的弯里按净宽能走出的最大内轮半径；没有弯或净宽不明时为空",
    "the largest radius of the inner wheel that the clear width leaves the chosen vehicle in the tightest bend; empty without a bend or a width",
)
_TIGHT_HELP = Text(
    "登记的转弯半径或弯道可用内半径小于所选车型所需",
    "the turning radius on record, or the one that the bends leave, is below what the chosen vehicle needs",
)

_DEGREES = Text("度", "°")

LANES_UNDER_WIDTH = Question(
    id="lanes-under-width",
    title=Text("哪些通道不够宽", "Lanes under a width"),
    help=Text(
        "净宽严格小于所给宽度的消防通道：登记的净宽与图上量得的净宽并列，比较更可信的一个；都没有的算不明",
        "fire lanes whose clear width is strictly under the given one: the width on record and the one from the drawing stand side by side, the more "
        "trusted is compared; with neither the answer is unknown",
    ),
    subject="fire_lanes",
    reads=("fire_lanes", *STANDING, "compounds"),
    answer=_under_width,
    sentence=Text("{total} 条通道：窄于 {width:g} 米 {yes}，不明 {unknown}", "{total} lanes: under {width:g} m {yes}, unknown {unknown}"),
    parameters=(
        Parameter("width", "number", None, Text("宽度", "Width"), unit=Text("米", "m"), above=0.0, maximum=100.0, figure="lane_width_m"),
        Parameter(
            "basis", "choice", "best", Text("依据", "Basis"),
            choices=(Choice("best", Text("最可信的", "the most trusted")), *BASIS_CHOICES), help=_BASIS_HELP,
        ),
        Parameter("parking", "boolean", False, Text("计入停车带", "With parking strips"), help=_PARKING_HELP),
        VEHICLE,
    ),
    extra_fields=(
        Field("declared_m", "number", Text("登记净宽", "Width on record"), unit=Text("米", "m"), public=True),
        Field("measured_m", "number", Text("图上净宽", "Width from the drawing"), unit=Text("米", "m"), public=True),
        Field("measured_accuracy_m", "number", Text("图上净宽精度", "Accuracy of the drawing's width"), unit=Text("米", "m"), public=True),
        Field("difference", "boolean", Text("登记与图上不符", "Record and drawing differ"), public=True),
        Field(
            "open_side", "choice", Text("开敞侧", "Open side"), public=True,
            choices=(
                Choice("none", Text("两侧都有边界", "none")), Choice("one", Text("一侧开敞", "one")), Choice("both", Text("两侧开敞", "both")),
            ),
        ),
        Field("pinch_obstacle", "text", Text("最窄处的障碍", "What makes the pinch"), public=True),
        Field("pinch_lon", "number", Text("最窄处经度", "Longitude of the pinch"), unit=_DEGREES, public=True),
        Field("pinch_lat", "number", Text("最窄处纬度", "Latitude of the pinch"), unit=_DEGREES, public=True),
        Field("slope_pct_measured", "number", Text("图上坡度", "Slope from the drawing"), unit=Text("%", "%"), public=True, help=_SLOPE_HELP),
        Field("bend_radius_m", "number", Text("弯道可用内半径", "Inner radius the bends leave"), unit=Text("米", "m"), public=True, help=_BEND_HELP),
        Field("bend_too_tight", "boolean", Text("弯道过急", "A bend too tight"), public=True, help=_TIGHT_HELP),
    ),
    shapes=(Shape("pinch", Text("最窄处", "Pinch point"), "Point", "#1b2330", symbol="窄"),),
    unrecorded=COMPOUNDS_WITHOUT_LANES,
)  # fmt: skip
