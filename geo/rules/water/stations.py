"""ST-01: the area that a fire station serves, by its class."""

from __future__ import annotations

import numpy as np

from geo.errors import Text
from geo.questions.columns import numbers, texts
from geo.questions.declaration import View
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule, nothing
from geo.rules.judging import CANNOT, DECLARED, based, lacking, one_of, own, sentences

_KM2 = Text("平方公里", "km²")
_FIGURES = {"class1": "station_class1_km2", "class2": "station_class2_km2", "small": "station_small_km2"}
_CLASSES = {
    "class1": Text("一级站", "a class 1 station"),
    "class2": Text("二级站", "a class 2 station"),
    "small": Text("小型站", "a small station"),
}
_SUBURBAN = "station_suburban_km2"
_NOT_JUDGED = {
    "special": Text("特勤站没有单独的辖区面积规定", "a special station has no service area of its own in this rule"),
    "micro": Text("微型消防站没有辖区面积规定", "a micro station has no service area in this rule"),
}


def _judge(view: View) -> Judgement:
    frame, profile = view.frame("fire_stations"), view.profile
    kind, area = texts(frame, "kind"), numbers(frame, "service_area_km2")
    count, without = len(frame), np.isnan(area)
    most = nothing(count)
    for name, figure in _FIGURES.items():
        most[one_of(kind, (name,))] = profile[figure]
    classed, spared = ~np.isnan(most), one_of(kind, tuple(_NOT_JUDGED))
    least, largest = min(profile[f] for f in _FIGURES.values()), max(profile[f] for f in (*_FIGURES.values(), _SUBURBAN))
    result = np.full(count, UNKNOWN, dtype=np.int8)
    with np.errstate(invalid="ignore"):
        result[np.where(classed, area <= most, area <= least)] = PASS
        result[np.where(classed, area > most, area > largest)] = FAIL
    result[spared] = NA
    held = np.where(classed, most, np.where(result == FAIL, largest, np.where(result == PASS, least, np.nan)))

    def told(row: int) -> Text:
        if result[row] == NA:
            return _NOT_JUDGED[kind[row]]
        if without[row]:
            return Text(f"没有登记辖区面积，{CANNOT.zh}", f"no service area on record: {CANNOT.en}")
        what = _CLASSES[kind[row]] if classed[row] else Text("没有登记站级", "a station of unrecorded class")
        said = Text(f"{what.zh}，辖区 {area[row]:g} 平方公里", f"{what.en}, service area {area[row]:g} km²")
        if result[row] == PASS:
            return Text(f"{said.zh}，不大于 {held[row]:g} 平方公里", f"{said.en}, not over {held[row]:g} km²")
        if result[row] == UNKNOWN:
            return Text(f"{said.zh}，{CANNOT.zh}", f"{said.en}: {CANNOT.en}")
        over = Text(f"{said.zh}，大于标准值 {held[row]:g} 平方公里", f"{said.en}, above the standard's {held[row]:g} km²")
        suburban = profile[_SUBURBAN]
        if kind[row] == "small" or not area[row] <= suburban:
            return over
        return Text(
            f"{over.zh}（近郊区的普通站可到 {suburban:g} 平方公里，是否近郊没有记录）",
            f"{over.en} (an ordinary station in a suburb may have {suburban:g} km²; whether it stands in one is not on record)",
        )

    open_ = result == UNKNOWN
    lacks = lacking(
        count, ("fire_stations", "service_area_km2", open_ & without, own(count)), ("fire_stations", "kind", open_ & ~without, own(count))
    )
    asked = ~spared
    return Judgement(
        result, np.where(asked, area, np.nan), np.where(asked & ~without, held, np.nan), based(count, DECLARED, asked & ~without), sentences(told),
        lacks=lacks,
    )  # fmt: skip


STATION_AREA = Rule(
    id="ST-01", number=221, title=Text("消防站辖区面积", "Service area of a fire station"), subject="fire_stations", reads=("fire_stations",),
    judge=_judge, unit=_KM2, figures=(*_FIGURES.values(), _SUBURBAN), by_row=True,
)  # fmt: skip
