"""EB-06: large sheds for e-bikes are watched by video."""

from __future__ import annotations

import numpy as np
import shapely

from geo.errors import Text
from geo.questions.columns import numbers, texts
from geo.questions.declaration import View
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule
from geo.rules.ebikes.kinds import NO_KIND, Sheds
from geo.rules.judging import CANNOT, DECLARED, MEASURED, lacking, one_of, own, sentences

_M2 = Text("平方米", "m²")


def _judge(view: View) -> Judgement:
    """A shed whose area could not hold the places that make it large is not large: a place takes at least `ebike_place_m2`."""
    frame, profile = view.frame("amenities"), view.profile
    area_limit, places_limit = profile["shed_large_m2"], profile["shed_large_places"]
    kinds, count, shapes = Sheds.of(view), len(frame), view.metric("amenities")
    sheds = kinds.parked
    declared, capacity, ports = (numbers(frame, name) for name in ("area_m2", "capacity", "ports_n"))
    drawn = np.where(shapely.get_dimensions(shapes) == 2, np.round(shapely.area(shapes), 1), np.nan)
    area = np.where(np.isnan(declared), drawn, declared)
    places = np.fmax(capacity, ports)
    with np.errstate(invalid="ignore"):
        large = (area > area_limit) | (places > places_limit)
        few = (capacity <= places_limit) | (area <= places_limit * profile["ebike_place_m2"])
        small = ~large & (area <= area_limit) & few
    video = texts(frame, "has_video")
    yes, no = one_of(video, (True,)), one_of(video, (False,))  # type: ignore[arg-type]
    result = np.full(count, UNKNOWN, dtype=np.int8)
    result[large & no] = FAIL
    result[yes] = PASS
    perhaps = kinds.perhaps & ~small & ~yes
    result[perhaps] = UNKNOWN
    result[small | (~sheds & ~perhaps)] = NA
    by_area = area > area_limit

    def told(row: int) -> Text:
        if perhaps[row]:
            return NO_KIND
        if not sheds[row]:
            return kinds.why_not(row)
        size = _size(float(area[row]), float(places[row]))
        if result[row] == NA:
            return Text(f"{size.zh}，不是大型车棚，不要求", f"{size.en}: not a large shed")
        if result[row] == PASS:
            return Text(f"{size.zh}，有视频监控", f"{size.en}, watched by video")
        limits = Text(f"{area_limit:g} 平方米或 {places_limit:g} 辆", f"{area_limit:g} m² or {places_limit:g} places")
        if result[row] == FAIL:
            return Text(f"{size.zh}，大于 {limits.zh}，没有视频监控", f"{size.en}, over {limits.en}, without video")
        if large[row]:
            return Text(
                f"{size.zh}，大于 {limits.zh}，没有登记有无视频监控，{CANNOT.zh}",
                f"{size.en}, over {limits.en}; whether there is video is not on record: {CANNOT.en}",
            )
        return Text(f"{size.zh}，是否大于 {limits.zh}说不准，{CANNOT.zh}", f"{size.en}; whether it is over {limits.en} {CANNOT.en}")

    open_ = result == UNKNOWN
    lacks = lacking(
        count, ("amenities", "kind", perhaps, own(count)), ("amenities", "has_video", open_ & large, own(count)), ("amenities", "area_m2", open_ & np.isnan(area), own(count)),
        ("amenities", "capacity", open_, own(count)),
    )  # fmt: skip
    asked = result != NA
    shown = asked & ~np.isnan(area) & (by_area | ~large)
    basis = np.where(shown & np.isnan(declared), MEASURED, np.where(asked & ~np.isnan(np.fmax(area, places)), DECLARED, -1)).astype(np.int8)
    return Judgement(result, np.where(shown, area, np.nan), np.where(shown, area_limit, np.nan), basis, sentences(told), lacks=lacks)


def _size(area: float, places: float) -> Text:
    """What is known of the size of a shed."""
    parts = [] if np.isnan(area) else [Text(f"面积 {area:g} 平方米", f"area {area:g} m²")]
    parts += [] if np.isnan(places) else [Text(f"{places:g} 个车位或端口", f"{places:g} places or ports")]
    parts = parts or [Text("没有登记面积和容量", "neither area nor capacity on record")]
    return Text("，".join(p.zh for p in parts), ", ".join(p.en for p in parts))


SHED_VIDEO = Rule(
    id="EB-06", number=256, title=Text("大型车棚视频监控", "Video in large sheds"), subject="amenities", reads=("amenities",), judge=_judge, unit=_M2,
    figures=("shed_large_m2", "shed_large_places", "ebike_place_m2"), by_row=True,
)  # fmt: skip
