"""The sentence that says why a gas main is, is not, or may be too near to a building."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.errors import Text
from geo.gas import distances as gas
from geo.gas import renewal
from geo.gas.pressure import CLASSES, Limits


@dataclass(frozen=True, slots=True)
class Row:
    """What there is to say of one main. `at`: its row; `body`: what decides, or is nearest; `over`: what stands in its protection range, for
    sure or perhaps; `enters`: the building that it goes into; `shed`: `body` is one; `pressure`, `location`: as on record; `measure`: a protective measure is on record."""

    near: gas.Nearness
    limits: Limits
    listed: renewal.Renewal
    at: int
    body: Text | None
    over: Text | None
    enters: Text | None
    shed: bool
    pressure: object
    location: object
    measure: bool
    buried: bool
    diameter_known: bool


def sentence(row: Row) -> Text:
    """With the figures, the limit, the name of the building; then what is built over the main and whether it is to be renewed."""
    if not row.buried:
        return joined([not_buried(row), _renewal(row)])
    return joined([distance(row), _built_over(row), _renewal(row)])


def not_buried(row: Row) -> Text:
    word = str(row.location)[:40]
    return Text(f"敷设方式为“{word}”，不是埋地管", f"recorded as '{word}': not a buried pipe")


def distance(row: Row) -> Text:
    """How far a buried main is from the building that decides, and what is asked for."""
    return joined([_entry(row), _distance(row), _diameter(row)])


def joined(parts: list[Text | None]) -> Text:
    said = [part for part in parts if part is not None]
    return Text("；".join(p.zh for p in said), "; ".join(p.en for p in said))


def _distance(row: Row) -> Text:
    reason = row.near.reason[row.at]
    if reason in NOTHING:
        return NOTHING[reason]
    if row.body is None:
        return Text("附近没有其他楼栋", "no other building near") if row.enters else Text("附近没有楼栋", "no building near")
    distance, limit = float(row.near.distance_m[row.at]), float(row.near.threshold_m[row.at])
    away = Text(f"离{row.body.zh} {distance:g} 米", f"{distance:g} m from {row.body.en}")
    if distance == 0:
        away = Text(f"在{row.body.zh}下面或紧贴其外墙", f"under {row.body.en} or against its wall")
    if row.shed:
        return _beside_shed(row, away, limit)
    if reason != gas.TOLD:
        return _open(row, reason, away)
    unknown = row.pressure not in CLASSES
    if row.near.state[row.at] == gas.NEAR:
        which = Text("压力级别不明，各级都不小于", "pressure class not on record, every class needs") if unknown else _needs(row.pressure)
        return Text(f"{away.zh}，小于规定值：{which.zh} {limit:g} 米", f"{away.en}, less than required: {which.en} {limit:g} m")
    if row.near.needs_proof[row.at]:
        return Text(
            f"{away.zh}，小于 {limit:g} 米；登记有防护措施，须有证明",
            f"{away.en}, under {limit:g} m; a protective measure is on record and needs proof",
        )
    which = (
        Text("压力级别不明，各级最多要求", "pressure class not on record, no class of the table needs over")
        if unknown
        else _needs(row.pressure)
    )
    return Text(f"{away.zh}，够远：{which.zh} {limit:g} 米", f"{away.en}, far enough: {which.en} {limit:g} m")


def _entry(row: Row) -> Text | None:
    if row.enters is None:
        return None
    return Text(f"引入{row.enters.zh}，与该楼的净距不计", f"goes into {row.enters.en}, which it serves: the distance to it is not counted")


def _needs(pressure: object) -> Text:
    name = CLASS_WORDS[str(pressure)]
    return Text(f"{name.zh}要求", f"{name.en} pressure needs")


def _beside_shed(row: Row, away: Text, limit: float) -> Text:
    state = row.near.state[row.at]
    if state == gas.NEAR:
        return Text(f"{away.zh}，在保护范围 {limit:g} 米以内", f"{away.en}, inside the protection range of {limit:g} m")
    return Text(
        f"{away.zh}，是否在保护范围 {limit:g} 米以内不能判定",
        f"{away.en}: whether that is inside the protection range of {limit:g} m cannot be told",
    )


def _open(row: Row, reason: int, away: Text) -> Text:
    at, limits = row.at, row.limits
    if reason == gas.ACCURACY:
        limit, accuracy = _closest_limit(row), float(row.near.accuracy_m[at])
        return Text(
            f"{away.zh}，与 {limit:g} 米之差在精度 {accuracy:g} 米以内，不能判定",
            f"{away.en} is within its accuracy of {accuracy:g} m of {limit:g} m: cannot be told",
        )
    if reason == gas.ONLY_A_POINT:
        return Text(
            f"{away.zh}，但该楼栋只有点位没有轮廓，不能判定", f"{away.en}, of which only a point is known and no outline: cannot be told"
        )
    if reason == gas.NO_CLASS:
        return Text(
            f"压力级别不明；{away.zh}，各级要求 {limits.near[at]:g} 至 {limits.clear[at]:g} 米，不能判定",
            f"pressure class not on record; {away.en}, classes need {limits.near[at]:g} to {limits.clear[at]:g} m: cannot be told",
        )
    if reason == gas.NO_FIGURE:
        return Text(
            f"{away.zh}；高压管的楼栋净距不在规则里，不能判定", f"{away.en}; the profile has no distance for high pressure: cannot be told"
        )
    full, reduced = limits.required[at], limits.reduced[at]
    between = Text(f"{away.zh}，小于 {full:g} 米、不小于 {reduced:g} 米", f"{away.en}, under {full:g} m but not under {reduced:g} m")
    if row.measure:
        return Text(
            f"{between.zh}；登记有防护措施，但离外墙不足 1 米，须证明",
            f"{between.en}; a protective measure is on record, but less than 1 m to the outer wall needs proof",
        )
    return Text(f"{between.zh}，须证明有防护措施，没有登记", f"{between.en}: protective measures must be proven, none is on record")


def _closest_limit(row: Row) -> float:
    """The limit that the distance is nearest to."""
    distance = row.near.distance_m[row.at]
    limits = np.array([row.limits.near[row.at], row.limits.clear[row.at]])
    return float(limits[np.argmin(np.abs(limits - distance))])


def _diameter(row: Row) -> Text | None:
    if row.diameter_known or np.isnan(row.near.distance_m[row.at]):
        return None
    return Text("管径不明，从轴线量起", "diameter not on record: measured from the axis")


def _built_over(row: Row) -> Text | None:
    state, range_m = row.near.built_over[row.at], row.limits.protection[row.at]
    if state == gas.CLEAR or row.over is None:
        return None
    if state == gas.NEAR and row.shed and row.over == row.body:
        return Text("占压", "built over")
    if state == gas.NEAR:
        return Text(
            f"占压：{row.over.zh}在保护范围 {range_m:g} 米以内",
            f"built over: {row.over.en} is inside the protection range of {range_m:g} m",
        )
    return Text(f"是否被{row.over.zh}占压不能判定", f"whether {row.over.en} is built over it cannot be told")


def _renewal(row: Row) -> Text | None:
    reason, age = row.listed.reason[row.at], row.listed.age[row.at]
    if reason == renewal.GREY_IRON:
        return Text("灰口铸铁管，属更新改造对象", "grey cast iron: on the renewal list")
    if reason == renewal.DUCTILE_IRON:
        return Text("球墨铸铁管，须评估是否更新", "ductile iron: to be assessed for renewal")
    if reason == renewal.AGED:
        return Text(f"管龄 {age:.0f} 年，须评估是否更新", f"{age:.0f} years old: to be assessed for renewal")
    return None


NOTHING = {
    gas.UNPLACED: Text("管线尚未上图，无从量起", "the main is not placed on the map: nothing to measure"),
    gas.NO_LENGTH: Text("管线没有长度，无从量起", "the main has no length: nothing to measure"),
    gas.NO_BUILDINGS: Text("没有上图的楼栋，无从量起", "no building is placed on the map: nothing to measure"),
}

CLASS_WORDS = {
    "low": Text("低压", "low"),
    "medium_b": Text("中压B", "medium B"),
    "medium_a": Text("中压A", "medium A"),
    "sub_high_b": Text("次高压B", "sub-high B"),
    "sub_high_a": Text("次高压A", "sub-high A"),
    "high": Text("高压", "high"),
}
