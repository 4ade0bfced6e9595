"""EB-04: charging places for e-bikes for every household of a compound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.network.distances import inside
from geo.questions.columns import numbers, texts
from geo.questions.declaration import Floats, View
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule, limit
from geo.rules.ebikes.kinds import Sheds
from geo.rules.judging import CANNOT, DECLARED, FINE, INFERRED, lacking, members, own, sentences

Ints = NDArray[np.int64]

_A_HOUSEHOLD = Text("个/户", "per household")
_NONE = Text("没有住户", "no households")


def _judge(view: View) -> Judgement:
    least, frame = view.profile["charging_per_household"], view.frame("compounds")
    households, ports, count = numbers(frame, "households"), numbers(frame, "ebike_ports_n"), len(frame)
    drawn, member, owner = _drawn(view)
    with np.errstate(invalid="ignore", divide="ignore"):
        have = np.where(np.isnan(ports), np.where(drawn > 0, drawn, np.nan), np.maximum(ports, drawn))
        ratio = have / households
        enough = have >= least * households
    result = np.full(count, UNKNOWN, dtype=np.int8)
    known = ~np.isnan(have) & ~np.isnan(households)
    result[known & enough] = PASS
    result[known & ~enough & ~np.isnan(ports)] = FAIL
    result[households == 0] = NA

    def told(row: int) -> Text:
        if result[row] == NA:
            return _NONE
        if np.isnan(households[row]):
            return Text(f"没有登记户数，{CANNOT.zh}", f"the number of households is not on record: {CANNOT.en}")
        if np.isnan(have[row]):
            return Text(f"没有登记充电端口数，{CANNOT.zh}", f"the number of charging ports is not on record: {CANNOT.en}")
        of = Text(f"{households[row]:g} 户，充电端口 {have[row]:g} 个", f"{households[row]:g} households, {have[row]:g} charging ports")
        of = Text(f"{of.zh}{_from(ports[row], drawn[row]).zh}", f"{of.en}{_from(ports[row], drawn[row]).en}")
        share = np.floor(ratio[row] * 100 + FINE) / 100  # 0.999 is not told as 1.00
        each = Text(f"每户 {share:.2f} 个", f"{share:.2f} per household")
        if result[row] == PASS:
            return Text(f"{of.zh}，{each.zh}，不少于 {least:g} 个", f"{of.en}: {each.en}, not below {least:g}")
        if result[row] == FAIL:
            return Text(f"{of.zh}，{each.zh}，少于参照值 {least:g} 个", f"{of.en}: {each.en}, below the {least:g} gone by")
        return Text(
            f"{of.zh}，院落总数没有登记，图上可能不全，{CANNOT.zh}",
            f"{of.en}; the compound's own total is not on record, and more may stand there: {CANNOT.en}",
        )

    open_ = result == UNKNOWN
    lacks = lacking(
        count,
        ("compounds", "ebike_ports_n", open_ & np.isnan(ports), own(count)),
        ("compounds", "households", open_ & np.isnan(households), own(count)),
    )
    asked = result != NA
    basis = np.where(asked & known, np.where(np.isnan(ports) | (drawn > ports), INFERRED, DECLARED), -1).astype(np.int8)

    return Judgement(
        result,
        np.where(asked & known, ratio, np.nan),
        np.where(asked, limit(count, least), np.nan),
        basis,
        sentences(told),
        lacks=lacks,
        involved=members("amenities", member, owner),
    )


def _from(ports: float, drawn: float) -> Text:
    """Where the number is from, if not from the compound's own record alone."""
    if np.isnan(ports):
        return Text("（图上各棚合计）", " (of the sheds on the map)")
    if drawn > ports:
        return Text(f"（图上各棚合计，院落登记 {ports:g} 个）", f" (of the sheds on the map; {ports:g} on the compound's record)")
    return Text("", "")


def _drawn(view: View) -> tuple[Floats, Ints, Ints]:
    """Ports of the charging sheds of each compound (those that name it, else those that lie in it); the sheds and their compounds."""
    compounds, frame = view.frame("compounds"), view.frame("amenities")
    ports = np.nan_to_num(numbers(frame, "ports_n"), nan=0.0)
    sheds = np.flatnonzero(Sheds.of(view).charging & (ports > 0))
    codes = {code: row for row, code in enumerate(texts(compounds, "code")) if isinstance(code, str)}
    named = texts(frame, "compound_code")[sheds]
    owner = np.fromiter((codes.get(code, -1) for code in named), dtype=np.int64, count=len(sheds))
    loose = np.flatnonzero(owner < 0)
    if len(loose) and len(compounds):
        shapes = view.metric("amenities")[sheds[loose]]
        points = inside(shapes)
        at, within = view.tree("compounds").query(points, predicate="intersects")
        owner[loose[at]] = within
    mine = owner >= 0
    drawn = np.bincount(owner[mine], ports[sheds[mine]], minlength=len(compounds)).astype(np.float64)
    return drawn, sheds[mine], owner[mine]


CHARGING_PLACES = Rule(
    id="EB-04", number=254, title=Text("充电端口与户数之比", "Charging places per household"), subject="compounds", reads=("compounds", "amenities"),
    judge=_judge, unit=_A_HOUSEHOLD, figures=("charging_per_household",),
)  # fmt: skip
