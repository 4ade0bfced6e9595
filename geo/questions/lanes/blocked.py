"""`lanes-blocked`: which fire lanes are occupied or blocked, by their own record, open hazards and the drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.columns import texts
from geo.questions.declaration import BASES, NO, UNKNOWN, YES, Flags, Parameter, Question, Shape, Verdicts, View, filled, latest, named
from geo.questions.lanes.record import LaneRecord, contacts, lane_record
from geo.questions.lanes.scene import READS as DRAWN
from geo.questions.lanes.scene import lane_lines
from geo.questions.lanes.standing import words
from geo.questions.lanes.without_lane_record import COMPOUNDS_WITHOUT_LANES
from geo.questions.naming import named_access, names
from geo.questions.shown import objects, stored_shapes, where_known
from geo.schema import Field

Ints = NDArray[np.int64]

READS = (*DRAWN, "hazards")

OVER = ("closed", "rejected")
"""States of a hazard that is no more, or never was."""

DOUBTFUL = ("candidate", "done_pending_review")
"""States that leave open whether the lane is blocked: nobody has confirmed it, or it is said to be put right and not reviewed."""

LANE_GATE = "fire_lane_gate"
"""A bar, bollard or locked gate on record: whether it stops an engine is a matter of its width, height and lock."""

BY_COMPOUND = "compound"
"""How a hazard was placed when its point is only that of its compound: it lies on no lane in particular."""

_ON_GATE_M = 2.0
_ROUNDING_M = 0.01
"""What seven decimals of a degree leave open."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """For every lane the row of a hazard of each kind that speaks of it, -1 = none: `blocking`, `doubtful`, `gate` (near the lane), `somewhere`
    (in the lane's compound, without a place); `locked`: the row of an access point on it that is locked."""

    blocking: Ints
    doubtful: Ints
    gate: Ints
    somewhere: Ints
    locked: Ints
    nowhere: int
    """Blocked-lane hazards, not over, that cannot be brought to any lane."""


def evidence_of(view: View) -> Evidence:
    key = (
        *(view.columns_revision(id, *columns) for id, columns in _OF_EVIDENCE.items()),
        view.metric_crs,
        view.profile.id,
        view.profile.version,
    )
    return latest(view, "lanes-blocked", key, lambda _: _gathered(view))


_OF_EVIDENCE = {
    "hazards": ("geometry", "hazard_type", "status", "compound_code", "geom_method"),
    "fire_lanes": ("geometry", "compound_code"),
    "access_points": ("geometry", "kind", "normally_locked", "remote_open"),
}


def _gathered(view: View) -> Evidence:
    hazards = view.frame("hazards")
    kind, status = texts(hazards, "hazard_type"), texts(hazards, "status")
    there = ~np.isin(words(status), OVER)
    doubt = np.isin(words(status), DOUBTFUL)
    blocked = (kind == "fire_lane_blocked") & there
    placed = ~shapely.is_missing(view.metric("hazards")) & (texts(hazards, "geom_method") != BY_COMPOUND)
    blocking, met = _near_lanes(view, np.flatnonzero(blocked & placed & ~doubt))
    doubtful, met_too = _near_lanes(view, np.flatnonzero(blocked & placed & doubt))
    gate, _ = _near_lanes(view, np.flatnonzero((kind == LANE_GATE) & there & placed))
    loose = np.flatnonzero(blocked & ~placed)
    only, somewhere, named_too = _of_compounds(view, loose[~doubt[loose]])
    blocking = np.where(blocking >= 0, blocking, only)
    perhaps, somewhere_too, named_there = _of_compounds(view, loose[doubt[loose]])
    doubtful = np.where(doubtful >= 0, doubtful, perhaps)
    somewhere = np.where(somewhere >= 0, somewhere, somewhere_too)
    lost = np.count_nonzero(blocked) - len(met) - len(met_too) - len(named_too) - len(named_there)
    return Evidence(blocking, doubtful, gate, somewhere, _locked(view), int(lost))


def _near_lanes(view: View, rows: Ints) -> tuple[Ints, Ints]:
    """For each lane the nearest of these hazards within reach, -1 = none; and the hazards that came near any."""
    found = np.full(len(view.frame("fire_lanes")), -1, dtype=np.int64)
    points, shapes = view.metric("hazards")[rows], view.metric("fire_lanes")
    reach = view.profile["blocked_hazard_m"] + _ROUNDING_M
    point, lane = view.tree("fire_lanes").query(points, predicate="dwithin", distance=reach)
    order = np.argsort(-shapely.distance(points[point], shapes[lane]), kind="stable")  # the nearest is written last
    found[lane[order]] = rows[point[order]]
    return found, np.unique(rows[point])


def _of_compounds(view: View, rows: Ints) -> tuple[Ints, Ints, Ints]:
    """Of hazards without a place: the lane each must mean, as it is the only one of its compound; the lanes it may mean; those that name one."""
    lanes = pd.Series(texts(view.frame("fire_lanes"), "compound_code"), dtype=object)
    only, somewhere = (np.full(len(lanes), -1, dtype=np.int64) for _ in range(2))
    members = lanes.dropna().groupby(lanes.dropna()).indices if lanes.notna().any() else {}
    positions, compounds, said = np.flatnonzero(lanes.notna()), texts(view.frame("hazards"), "compound_code"), []
    for row in rows.tolist():
        mine = positions[members[compounds[row]]] if compounds[row] in members else positions[:0]
        (only if len(mine) == 1 else somewhere)[mine] = row
        if len(mine):
            said.append(row)
    return only, somewhere, np.array(said, dtype=np.int64)


def _locked(view: View) -> Ints:
    """For each lane an access point on it that is kept locked and does not open from afar, -1 = none."""
    access = view.frame("access_points")
    rows = np.flatnonzero((texts(access, "normally_locked") == "yes") & (texts(access, "remote_open") != "yes"))
    found = np.full(len(view.frame("fire_lanes")), -1, dtype=np.int64)
    reach = np.where(texts(access, "kind")[rows] == "pedestrian_gate", 0.5, _ON_GATE_M)
    point, lane = shapely.STRtree(lane_lines(view)).query(view.metric("access_points")[rows], predicate="dwithin", distance=reach)
    found[lane] = rows[point]
    return found


CLEAR, AT_TIMES, BLOCKED, UNSAID = range(4)
_OCCUPIED = {"clear": CLEAR, "night": AT_TIMES, "often": AT_TIMES, "blocked": BLOCKED}


def _lanes_blocked(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    evidence, record = evidence_of(view), lane_record(view)
    occupied = np.array([_OCCUPIED.get(v, UNSAID) for v in words(texts(view.frame("fire_lanes"), "occupied"))], dtype=np.int8)
    shut, drawn_shut = np.round(record.used.width_m, 2) == 0, np.round(record.computed.width_m, 2) == 0
    yes = (occupied == BLOCKED) | (evidence.blocking >= 0) | shut
    if parameters["sometimes"]:
        yes |= occupied == AT_TIMES
    doubt = (evidence.doubtful >= 0) | (evidence.gate >= 0) | (evidence.somewhere >= 0) | (evidence.locked >= 0) | drawn_shut
    answer = np.where(yes, YES, np.where(doubt | (occupied != CLEAR), UNKNOWN, NO)).astype(np.int8)
    table = _Table(view, evidence, record, occupied, shut, answer)
    return Verdicts(answer, table.column, table.why, shape=table.shape, store={"hazards_on_no_lane": evidence.nowhere})


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The other fields of the answers and their sentences, made when asked for."""

    view: View
    evidence: Evidence
    record: LaneRecord
    occupied: NDArray[np.int8]
    shut: Flags
    answer: NDArray[np.int8]

    def column(self, name: str, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        at = np.arange(len(self.answer)) if rows is None else rows
        width = np.where(self.answer[at] == UNKNOWN, np.nan, np.round(self.record.used.width_m[at], 2))
        known = width >= 0
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: np.where(known, width, np.nan),
            "threshold": lambda: np.full(len(at), np.nan),
            "unit": lambda: filled("m", len(at)),
            "basis": lambda: named(np.where(known, self.record.used.basis[at], -1), BASES),
            "re_measure": lambda: filled(False, len(at)),
            "hazard_code": lambda: self._codes(at),
        }
        return made[name]()

    def hazard(self, row: int) -> int:
        """The hazard that the answer goes by."""
        found = self.evidence
        return next((int(of[row]) for of in (found.blocking, found.doubtful, found.gate, found.somewhere) if of[row] >= 0), -1)

    def _codes(self, at: Ints) -> NDArray[np.object_]:
        codes = texts(self.view.frame("hazards"), "code")
        return objects([None if hazard < 0 else codes[hazard] for hazard in map(self.hazard, at.tolist())])

    def shape(self, id: str, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """Where the hazard lies, else where the drawing is shut."""
        found, points = self.evidence, self.view.metric("hazards")
        placed = (found.blocking[rows] >= 0) | (found.doubtful[rows] >= 0) | (found.gate[rows] >= 0)
        drawn = where_known(self.shut, self.record.drawn.pinch)
        return stored_shapes(
            self.view, objects([points[self.hazard(row)] if near else drawn[row] for row, near in zip(rows.tolist(), placed, strict=True)])
        )

    def why(self, rows: NDArray[np.int64], lang: str) -> list[str]:
        joint = {"zh": "；", "en": "; "}[lang]
        return [joint.join(part.of(lang) for part in self._parts(int(row))) for row in rows]

    def _parts(self, row: int) -> list[Text]:
        found, parts = self.evidence, []
        if found.blocking[row] >= 0:
            parts.append(self._record(int(found.blocking[row]), Text("有未销号的占用堵塞隐患", "an open hazard 'fire lane blocked'")))
        if self.shut[row]:
            parts.append(self._shut(row))
        if self.occupied[row] != UNSAID:
            parts.append(_OCCUPIED_WORDS[self.occupied[row]])
        if self.answer[row] == UNKNOWN:
            parts += self._doubts(row)
        if self.answer[row] == YES and self.occupied[row] == CLEAR:
            parts.append(Text("与登记的畅通矛盾，请核实", "this contradicts the record 'clear', please check"))
        return parts

    def _shut(self, row: int) -> Text:
        where = contacts(self.view, self.record.drawn, row) if self.record.computed_used[row] else Text("", "")
        at = Text(f"（{where.zh}）", f" ({where.en})") if where.zh else Text("", "")
        if self.record.computed_used[row]:
            return Text(f"图上量得净宽 0 米{at.zh}，无法通行", f"clear width 0 m from the drawing{at.en}: nothing passes")
        return Text("登记净宽 0 米，无法通行", "clear width 0 m on record: nothing passes")

    def _doubts(self, row: int) -> list[Text]:
        found, parts = self.evidence, []
        if self.record.computed.width_m[row] == 0:
            where = contacts(self.view, self.record.drawn, row)
            parts.append(Text(f"图上被挡住（{where.zh}），与登记净宽不符", f"the drawing is shut ({where.en}), the width on record is not"))
        if found.doubtful[row] >= 0:
            parts.append(
                self._record(int(found.doubtful[row]), Text("有疑似或待复查的占用堵塞隐患", "a suspected or not yet reviewed hazard"))
            )
        if found.gate[row] >= 0:
            parts.append(
                self._record(int(found.gate[row]), Text("有限高杆、石墩或锁闭大门的隐患", "a hazard 'bar, bollard or locked gate'"))
            )
        if found.somewhere[row] >= 0:
            where = Text("所属院落有占用堵塞隐患，但没有说明在哪条通道", "a blocked lane is on record in its compound, but not which one")
            parts.append(self._record(int(found.somewhere[row]), where))
        if found.locked[row] >= 0:
            gate = named_access(self.view, int(found.locked[row]))
            parts.append(Text(f"{gate.zh}平时上锁，不能远程开启", f"{gate.en} is kept locked and does not open remotely"))
        return parts or ([] if self.occupied[row] != UNSAID else [_NOBODY])

    def _record(self, hazard: int, what: Text) -> Text:
        code = names(self.view, "hazards").name[hazard]
        return Text(f"{what.zh}（{code}）", f"{what.en} ({code})")


_NOBODY = Text(
    "没有占用情况的记录：没有人看过，不等于畅通", "no record of its occupation: nobody has looked, which is not the same as clear"
)
_OCCUPIED_WORDS = (
    Text("登记为畅通", "recorded as clear"),
    Text(
        "登记为夜间或经常占用，用时是否畅通说不准", "recorded as occupied at night or often: whether it is clear when needed cannot be told"
    ),
    Text("登记为堵塞", "recorded as blocked"),
)

LANES_BLOCKED = Question(
    id="lanes-blocked",
    title=Text("哪些通道被堵", "Blocked lanes"),
    help=Text(
        "有未销号的占用堵塞消防车道隐患在通道附近（或其院落只有这一条通道）、登记为堵塞、或图上无法通行的通道。疑似或待复查的隐患、限高杆石墩锁闭大门的隐患、"
        "平时上锁又不能远程开启的门，以及没有占用情况记录的，算不明；夜间或经常占用的默认算不明",
        "lanes with an open hazard 'fire lane blocked' near them (or in a compound that has no other lane), recorded as blocked, or shut in the drawing. "
        "Suspected and not yet reviewed hazards, hazards about bars, bollards and locked gates, gates that are kept locked, and lanes without a record "
        "of their occupation are unknown; so are, unless asked otherwise, lanes occupied at night or often",
    ),
    subject="fire_lanes",
    reads=(*READS, "compounds"),
    answer=_lanes_blocked,
    sentence=Text("{total} 条通道：被堵 {yes}，不明 {unknown}", "{total} lanes: blocked {yes}, unknown {unknown}"),
    parameters=(
        Parameter(
            "sometimes", "boolean", False, Text("含夜间或经常占用", "Occupied at times too"),
            help=Text("登记为夜间或经常占用的也算被堵", "count lanes that are occupied at night or often as blocked"),
        ),
    ),
    extra_fields=(Field("hazard_code", "text", Text("隐患编号", "Hazard"), public=True),),
    shapes=(Shape("pinch", Text("堵塞处", "Where it is blocked"), "Point", "#1b2330", symbol="堵"),),
    unrecorded=COMPOUNDS_WITHOUT_LANES,
)  # fmt: skip
