"""FA-21: whether a lane is occupied or blocked, by open hazards and its own record."""

from __future__ import annotations

import numpy as np

from geo.errors import Text
from geo.questions.columns import texts
from geo.questions.declaration import View
from geo.questions.lanes.blocked import READS as BLOCKED_READS
from geo.questions.lanes.blocked import Evidence, evidence_of
from geo.questions.lanes.standing import words
from geo.questions.naming import names
from geo.rules.declaration import FAIL, PASS, UNKNOWN, Judgement, Rows, Rule, nothing
from geo.rules.fire.telling import DECLARED, LANE, Missing, Shapes, judgement, named_pairs, placed, sentences, unplaced

_AT_TIMES = ("night", "often")


def _blocked(view: View) -> Judgement:
    """Open hazards `fire_lane_blocked` within `blocked_hazard_m` of the lane, or in its compound where it is the only lane; and `occupied` = blocked.
    Suspected and not yet reviewed hazards, one that may be on another lane of the compound, and a lane occupied at times leave it open. With no
    record of either kind at all (no hazard on record in the whole layer, nothing said of the lane) nobody has looked: unknown."""
    found, frame = evidence_of(view), view.frame("fire_lanes")
    said, there = words(texts(frame, "occupied")), placed(view.metric("fire_lanes"))
    nobody = (not len(view.frame("hazards"))) & ~np.isin(said, ("clear", "blocked", *_AT_TIMES))
    at_times = np.isin(said, _AT_TIMES)
    fail = (found.blocking >= 0) | (said == "blocked")
    lost = ~there & (said != "clear")
    doubt = (found.doubtful >= 0) | (found.somewhere >= 0) | at_times | nobody | lost
    result = np.where(fail, FAIL, np.where(doubt, UNKNOWN, PASS)).astype(np.int8)
    count = len(frame)
    hazard = _deciding(found)

    def where(rows: Rows) -> Shapes:
        points = view.metric("hazards")
        near = (found.blocking[rows] >= 0) | (found.doubtful[rows] >= 0)
        out = np.full(len(rows), None, dtype=object)
        out[near] = points[hazard[rows[near]]]
        return out

    missing = Missing(result == UNKNOWN).add(found.doubtful >= 0, "hazards", "status", found.doubtful)
    missing.add(found.somewhere >= 0, "hazards", "geometry", found.somewhere).own(at_times | nobody, "fire_lanes", "occupied")
    missing.own(lost, "fire_lanes", "geometry")

    def tell(row: int) -> Text:
        return _told(view, found, row, str(said[row]), not there[row], bool(nobody[row]))

    return judgement(
        result, nothing(count), nothing(count), np.where(result == UNKNOWN, -1, DECLARED), sentences(result, {}, tell), where=where, lacks=missing.lacks(),
        involved=lambda rows: named_pairs("hazards", hazard[rows]),
    )  # fmt: skip


def _deciding(found: Evidence) -> Rows:
    return np.where(found.blocking >= 0, found.blocking, np.where(found.doubtful >= 0, found.doubtful, found.somewhere))


def _told(view: View, found: Evidence, row: int, said: str, lost: bool, nobody: bool) -> Text:
    parts = []
    for of, words_ in ((found.blocking, _OPEN), (found.doubtful, _DOUBTFUL), (found.somewhere, _SOMEWHERE)):
        if of[row] >= 0:
            code = names(view, "hazards").name[of[row]]
            parts.append(Text(f"{words_.zh}（{code}）", f"{words_.en} ({code})"))
    if said in _OCCUPIED:
        parts.append(_OCCUPIED[said])
    if nobody:
        parts.append(_NOBODY)
    if not parts:
        return unplaced(LANE) if lost else Text("没有未销号的占用堵塞隐患", "no open hazard 'fire lane blocked'")
    return Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))


_OPEN = Text("有未销号的占用堵塞隐患", "an open hazard 'fire lane blocked'")
_DOUBTFUL = Text("有疑似或待复查的占用堵塞隐患，不能判定", "a suspected or not yet reviewed hazard 'fire lane blocked': cannot be told")
_SOMEWHERE = Text("所属院落有占用堵塞隐患，没有说明在哪条通道", "a blocked lane is on record in its compound, but not which one")
_NOBODY = Text("没有占用情况的记录，也没有隐患台账，不能判定", "neither its occupation nor any hazard is on record: cannot be told")
_OCCUPIED = {
    "clear": Text("登记为畅通", "recorded as clear"),
    "night": Text("登记为夜间占用，用时是否畅通说不准", "recorded as occupied at night: whether it is clear when needed cannot be told"),
    "often": Text("登记为经常占用，用时是否畅通说不准", "recorded as occupied often: whether it is clear when needed cannot be told"),
    "blocked": Text("登记为堵塞", "recorded as blocked"),
}

OCCUPIED = Rule(
    "FA-21", 121, Text("占用、堵塞消防车道", "Occupied or blocked fire lane"), "fire_lanes", BLOCKED_READS, _blocked, None, ("blocked_hazard_m",),
)  # fmt: skip
