"""The catalogue: every question that may be asked, in its order."""

from __future__ import annotations

from collections.abc import Sequence

from geo.errors import QuestionNotFound, Text, nearest
from geo.questions.data_gaps import DATA_GAPS
from geo.questions.declaration import Question
from geo.questions.findings import FINDINGS
from geo.questions.gas.buildings_without_gas import BUILDINGS_WITHOUT_GAS
from geo.questions.gas.connections import GAS_CONNECTIONS
from geo.questions.gas.contradictions import GAS_CONTRADICTIONS
from geo.questions.gas.mains_too_close import GAS_MAINS_TOO_CLOSE
from geo.questions.gas.shops_with_lpg import SHOPS_WITH_LPG_OVER
from geo.questions.gas.without_gas import COMPOUNDS_WITHOUT_GAS
from geo.questions.hazards.by_compound import COMPOUNDS_BY_OPEN_HAZARDS
from geo.questions.hazards.deadlines import DEADLINES_MISSED
from geo.questions.hazards.overdue import HAZARDS_OVERDUE
from geo.questions.hazards.repeated import HAZARDS_REPEATED
from geo.questions.hazards.unassigned import HAZARDS_UNASSIGNED
from geo.questions.lanes.blocked import LANES_BLOCKED
from geo.questions.lanes.under_height import LANES_UNDER_HEIGHT
from geo.questions.lanes.under_width import LANES_UNDER_WIDTH
from geo.questions.lanes.without_lane_record import COMPOUNDS_WITHOUT_LANE_RECORD
from geo.questions.reach.bottlenecks import BOTTLENECKS
from geo.questions.reach.cut_off import COMPOUNDS_CUT_OFF
from geo.questions.reach.dead_ends import DEAD_ENDS_WITHOUT_TURNAROUND
from geo.questions.reach.far_from_hydrant import BUILDINGS_FAR_FROM_HYDRANT
from geo.questions.reach.mend_first import MEND_FIRST
from geo.questions.reach.out_of_reach import BUILDINGS_OUT_OF_REACH

ALL: tuple[Question, ...] = (
    LANES_UNDER_WIDTH,
    LANES_UNDER_HEIGHT,
    LANES_BLOCKED,
    DEAD_ENDS_WITHOUT_TURNAROUND,
    BOTTLENECKS,
    BUILDINGS_OUT_OF_REACH,
    COMPOUNDS_CUT_OFF,
    COMPOUNDS_WITHOUT_LANE_RECORD,
    MEND_FIRST,
    BUILDINGS_FAR_FROM_HYDRANT,
    COMPOUNDS_WITHOUT_GAS,
    BUILDINGS_WITHOUT_GAS,
    GAS_CONTRADICTIONS,
    GAS_MAINS_TOO_CLOSE,
    GAS_CONNECTIONS,
    SHOPS_WITH_LPG_OVER,
    HAZARDS_OVERDUE,
    HAZARDS_REPEATED,
    HAZARDS_UNASSIGNED,
    COMPOUNDS_BY_OPEN_HAZARDS,
    DEADLINES_MISSED,
    FINDINGS,
    DATA_GAPS,
)
"""In the order of the catalogue: the questions of a group stand together."""


def get(id: str, questions: Sequence[Question] = ALL) -> Question:
    """Raises QuestionNotFound with the nearest names."""
    found = next((q for q in questions if q.id == id), None)
    if found is None:
        names = [q.id for q in questions]
        close = nearest(id, names)
        raise QuestionNotFound(
            Text(
                f"没有问题“{id[:60]}”；可用：{', '.join(close or names)}",
                f"no question '{id[:60]}'; there are: {', '.join(close or names)}",
            ),
            name=id[:60],
            nearest=close,
            names=names,
        )
    return found
