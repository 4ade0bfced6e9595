"""What happens in the district: shops, inspections and drills, and hazards with their whole course from finding to closing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from geo.synthetic import names, story
from geo.synthetic.dice import Dice
from geo.synthetic.rows import XY, Sheet
from geo.synthetic.yard import Drawn

Sheets = Mapping[str, Sheet]

HAZARDS_A_COMPOUND = 2.87
_SHOPS_A_COMPOUND = (1.1, 1.9)


@dataclass(frozen=True, slots=True)
class _Sort:
    """A sort of hazard: how common, where it is found, what is written of it, what is asked and within how many days."""

    type: str
    weight: float
    place: str
    text: str
    measure: str
    days: int


_SORTS = (
    _Sort("fire_lane_blocked", 9, "lane", "通道内停放机动车，占用消防通道", "清理停放车辆，恢复通道畅通", 3),
    _Sort("fire_lane_narrow", 4, "lane", "通道最窄处不足4米", "拆除侵占物，无法拓宽的制定应急方案", 30),
    _Sort("fire_lane_gate", 3, "gate", "大门上锁或设有石墩，消防车无法进入", "拆除石墩或改为可开启", 7),
    _Sort("hydrant_broken", 2, "gate", "室外消火栓无水", "报修并恢复供水", 15),
    _Sort("hydrant_buried", 1.2, "gate", "消火栓被圈占", "清除圈占物", 7),
    _Sort("extinguisher_missing", 7, "shop", "未配备灭火器或灭火器过期", "按标准配备灭火器", 7),
    _Sort("exit_blocked", 9, "door", "楼道堆放杂物", "清理楼道杂物", 3),
    _Sort("window_bars", 2, "door", "防盗网未设逃生口", "增设逃生口", 30),
    _Sort("ebike_indoor", 7, "door", "电动自行车在楼道停放充电", "移至集中充电棚", 1),
    _Sort("ebike_flying_wire", 8, "door", "从楼上拉线为电动自行车充电", "拆除飞线", 3),
    _Sort("wiring_aged", 6, "door", "入户线路老化，未穿管", "更换线路并穿管保护", 15),
    _Sort("lpg_misuse", 6, "shop", "液化气罐与灶具同室存放，软管过长", "分室存放，更换金属软管", 3),
    _Sort("gas_hose", 3, "shop", "燃气软管老化", "更换金属波纹管", 3),
    _Sort("gas_old_pipe", 1, "door", "立管锈蚀", "由燃气企业检测更换", 30),
    _Sort("gas_occupied", 0.6, "lane", "搭建棚屋压占燃气管", "拆除占压物", 15),
    _Sort("manhole", 4, "lane", "井盖破损松动", "更换井盖", 3),
    _Sort("sewer_blocked", 4, "lane", "下水道堵塞，井口返味", "疏通管道，更换防臭井盖", 7),
    _Sort("septic_full", 2.4, "door", "化粪池淤堵外溢", "清掏化粪池，设置警示", 7),
    _Sort("flooding", 1.4, "lane", "雨后积水", "疏通雨水口", 15),
    _Sort("facade_falling", 2.2, "door", "外墙抹灰空鼓脱落", "设置围挡，修缮外墙", 30),
    _Sort("roof_leak", 2.4, "door", "屋面渗漏", "重做防水", 30),
    _Sort("structure_danger", 0.5, "door", "墙体开裂，需鉴定", "委托房屋安全鉴定", 30),
    _Sort("illegal_build", 3, "lane", "搭建棚屋侵占院内道路", "自行拆除", 15),
    _Sort("street_occupation", 7, "shop", "店外摆放货物占用人行道", "货物入店经营", 1),
    _Sort("high_object", 1.2, "door", "窗台花盆有坠落危险", "移除花盆", 1),
)
_STORY_SORT = {sort.type: sort for sort in _SORTS}
_SEQUENCE = ("registered", "notified", "rectifying", "done_pending_review", "closed")


def draw_shops(
    sheets: Sheets, homes: Mapping[str, list[Drawn]], known: Mapping[str, story.Community], dice: Dice, as_of: date
) -> dict[str, list[tuple[str, Drawn, XY]]]:
    """Shops along the fronts, as many a community as is known or usual. Returns each community's shops as (code, compound, place)."""
    made: dict[str, list[tuple[str, Drawn, XY]]] = {}
    for community, drawn in homes.items():
        slots = dice.shuffled([(home, place, building) for home in drawn for place, building in home.frontage])
        told = known[community]
        want = told.shops if told.shops is not None else round(len(drawn) * dice.between(*_SHOPS_A_COMPOUND))
        fresh = story.NEW_SHOPS if told.shops is not None else dice.whole(0, 3)
        shops = made.setdefault(community, [])
        for index, (home, place, building) in enumerate(slots[:want]):
            code = _shop(sheets["shops"], dice, home, place, building, as_of, fresh=index < fresh, told=told.shops is not None)
            shops.append((code, home, place))
    return made


def _shop(sheet: Sheet, dice: Dice, home: Drawn, place: XY, building: str | None, as_of: date, *, fresh: bool, told: bool) -> str:
    kind, sign = dice.pick(names.SHOP_KINDS)
    name = f"{dice.pick(names.SHOP_FIRST)}{sign}"
    piped = home.values["gas_status"] == "full"
    fuel = (
        dice.weighted([("piped", 3.0 if piped else 0.1), ("lpg", 1.6 if piped else 5.0), ("electric", 2.0), ("unknown", 0.6)])
        if kind == "restaurant"
        else "none"
    )
    bottles = dice.whole(1, 4) if fuel == "lpg" else 0
    kilograms = float(bottles * dice.pick((15, 15, 50))) if bottles else (0.0 if fuel in ("piped", "electric", "none") else None)
    opened = as_of - timedelta(days=dice.whole(20, 300) if fresh else dice.whole(400, 7000))
    given = story.NEW_SHOP_EXTINGUISHERS if fresh and told else 0
    return sheet.add(
        "point", [place], name=name, kind=kind, address=home.values["address"], community=home.values["community"], compound_code=home.values["code"],
        building_code=building, floor="1", fuel=fuel, lpg_kg=kilograms, lpg_bottles_n=bottles if kilograms is not None else None,
        has_bottle_room="yes" if kilograms and kilograms > 100 and dice.chance(0.3) else "no" if kilograms else None,
        gas_alarm=dice.weighted([("yes", 2.0), ("no", 1.5), ("unknown", 0.5)]) if fuel in ("piped", "lpg") else None,
        extinguishers_n=max(given, dice.weighted([(0, 2.0), (1, 1.5), (2, 5.0), (4, 1.0)])), extinguishers_given_n=given or None,
        extinguishers_given_on=(opened + timedelta(days=12)).isoformat() if given else None,
        sleeps_in=dice.weighted([("no", 8.0), ("yes", 0.8), ("unknown", 1.5)]), street_occupation=dice.weighted([("no", 6.0), ("yes", 2.0), ("unknown", 1.0)]),
        area_m2=float(dice.whole(15, 120)), opened_on=opened.isoformat(), notices_n=dice.weighted([(0, 6.0), (1, 3.0), (2, 0.6)]),
        last_inspected_on=(as_of - timedelta(days=dice.whole(3, 15))).isoformat() if told else (as_of - timedelta(days=dice.whole(3, 360))).isoformat(),
        quality="declared",
    )  # fmt: skip


def draw_hazards(
    sheets: Sheets,
    homes: Mapping[str, list[Drawn]],
    shops: Mapping[str, list[tuple[str, Drawn, XY]]],
    known: Mapping[str, story.Community],
    dice: Dice,
    as_of: date,
) -> None:
    """Every community's ledger, newest and oldest mixed as they were found."""
    shop_building = {values["code"]: values.get("building_code") for values in sheets["shops"].values}
    for community, drawn in homes.items():
        told = known[community]
        want = told.hazards if told.hazards is not None else round(len(drawn) * HAZARDS_A_COMPOUND)
        made = _story_hazards(sheets["hazards"], drawn, dice, as_of)
        while made < want:
            sort = dice.weighted([(s, s.weight) for s in _SORTS])
            home, place, building = _where(dice, sort, drawn, shops.get(community, []), shop_building)
            made += 1
            again = not told.hazards and made < want and dice.chance(0.03)
            code = _hazard(sheets["hazards"], dice, sort, home, place, building, as_of, noticed=told.hazards is not None, closed=again)
            if again:
                made += 1
                _hazard(sheets["hazards"], dice, sort, home, place, building, as_of, reopens=code)


def _story_hazards(sheet: Sheet, drawn: list[Drawn], dice: Dice, as_of: date) -> int:
    """What is told of the named compounds: cleared lanes, mended sewers, a septic tank still being emptied."""
    made = 0
    for home in drawn:
        name = home.values["name"]
        lane = home.lanes[0][1] if home.lanes else home.gate
        door, place = home.doors[0] if home.doors else (None, home.gate)
        if name == story.YUANDING:
            _hazard(sheet, dice, _STORY_SORT["fire_lane_blocked"], home, lane, None, as_of, noticed=True, closed=True)
            _hazard(sheet, dice, _STORY_SORT["sewer_blocked"], home, home.gate, None, as_of, noticed=True, closed=True)
            made += 2
        elif name == story.FEDERATION:
            _hazard(sheet, dice, _STORY_SORT["septic_full"], home, place, door, as_of, noticed=True, status="rectifying")
            made += 1
    return made


def _where(
    dice: Dice, sort: _Sort, drawn: list[Drawn], shops: list[tuple[str, Drawn, XY]], shop_building: Mapping[str, Any]
) -> tuple[Drawn, XY, str | None]:
    if sort.place == "shop" and shops:
        code, home, place = dice.pick(shops)
        return home, place, shop_building[code]
    home = dice.pick(drawn)
    if sort.place == "lane" and home.lanes:
        return home, dice.pick(home.lanes)[1], None
    if sort.place == "door" and home.doors:
        building, place = dice.pick(home.doors)
        return home, place, building
    return home, home.gate, None


def _hazard(
    sheet: Sheet, dice: Dice, sort: _Sort, home: Drawn, place: XY, building: str | None, as_of: date, *,
    noticed: bool = False, closed: bool = False, status: str | None = None, reopens: str | None = None,
) -> str:  # fmt: skip
    """One hazard with the dates that its status needs, in their order; none of them after `as_of`."""
    age = dice.whole(120, 420) if closed else dice.whole(1, 80) if reopens else min(dice.whole(2, 420), dice.whole(2, 420))
    found = as_of - timedelta(days=age)
    status = status or ("closed" if closed else _status(dice, age, sort.days, noticed=noticed))
    course = _course(dice, found, as_of, sort, status)
    grade = (
        "major"
        if sort.type == "lpg_misuse" and dice.chance(0.02)
        else dice.weighted([("general", 18.0), ("larger", 1.8), ("pending", 1.0)])
    )
    hotline = reopens is None and not noticed and dice.chance(0.008)
    jitter = (place[0] + dice.between(-1.2, 1.2), place[1] + dice.between(-1.2, 1.2))
    number = len(sheet.values) + 1
    community = home.values["community"]
    return sheet.add(
        None if hotline else "point", () if hotline else [jitter], code=f"YH-{found.year}-{number:06d}", hazard_type=sort.type, hazard_desc=sort.text,
        grade=grade, status=status, compound_code=None if hotline else home.values["code"], building_code=None if hotline else building, community=community,
        geom_method=None if hotline else dice.pick(("gps", "map_click", "compound")), found_on=found.isoformat(), found_unit=f"{community}居委会",
        reported_via="hotline" if hotline else dice.weighted([("patrol", 5.0), ("inspection", 4.0), ("hotline", 1.4), ("resident", 1.6)]) if status != "candidate" else "system",
        notice_no=f"责改〔{found.year}〕{number}号" if "notice_on" in course else None, measure=sort.measure if status != "candidate" else None,
        resp_unit=f"{home.values['name']}" if status not in ("candidate", "rejected") else None,
        determination_by="集体讨论（示例）" if grade == "major" else None, determination_on=found.isoformat() if grade == "major" else None,
        determination_basis="GB 35181-2025" if grade == "major" else None, reopen_of=reopens,
        reject_reason="现场核查不属实" if status == "rejected" else None, escalated=grade == "major" or None,
        status_on=max([found.isoformat(), *(value for name, value in course.items() if name.endswith("_on"))]), quality="declared", **course,
    )  # fmt: skip


def _status(dice: Dice, age: int, days: int, *, noticed: bool) -> str:
    """The older a hazard, the likelier it is closed."""
    if not noticed and dice.chance(0.035):
        return dice.pick(("candidate", "rejected"))
    if dice.chance(0.88 if age > days + 45 else 0.45 if age > days + 8 else 0.12):
        return "closed"
    open_ones = [("notified", 3.0), ("rectifying", 3.4), ("done_pending_review", 1.6), ("review_failed", 0.7)]
    return dice.weighted(open_ones if noticed or age > 6 else [("registered", 3.0), *open_ones])


def _course(dice: Dice, found: date, as_of: date, sort: _Sort, status: str) -> dict[str, Any]:
    """Dates of the steps up to `status`: notice within three working days, the term, done, review, closing."""
    if status in ("candidate", "registered", "rejected"):
        return {}
    notice = _workday(found + timedelta(days=dice.whole(0, 2)))
    notice = min(notice, as_of)
    course: dict[str, Any] = {"notice_on": notice.isoformat(), "due_date": _workday(notice + timedelta(days=sort.days)).isoformat()}
    if status in ("notified", "rectifying"):
        return course
    done = notice + timedelta(days=dice.whole(1, max(2, sort.days + (20 if dice.chance(0.2) else 0))))
    done = min(done, as_of)
    course |= {"done_on": done.isoformat(), "done_desc": "已按要求整改"}
    if status == "done_pending_review":
        return course
    reviewed = min(_workday(done + timedelta(days=dice.whole(1, 4))), as_of)
    if status == "review_failed":
        return course | {"reviewed_on": reviewed.isoformat(), "review_result": "failed"}
    closed = {"closed_on": min(reviewed + timedelta(days=dice.whole(0, 2)), as_of).isoformat()}
    if dice.chance(0.012):  # closed without a review: an error that ledgers do contain
        return course | closed
    return course | {"reviewed_on": reviewed.isoformat(), "review_result": "passed"} | closed


def _workday(day: date) -> date:
    """The day itself or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def draw_inspections(
    sheets: Sheets,
    homes: Mapping[str, list[Drawn]],
    centres: Mapping[str, XY],
    known: Mapping[str, story.Community],
    dice: Dice,
    as_of: date,
) -> None:
    """Checks of shops, drills, night patrols and trainings of the last year."""
    sheet = sheets["inspections"]
    hazards = Counter(values["community"] for values in sheets["hazards"].values)
    for community, drawn in homes.items():
        told = known[community]
        _shop_checks(sheet, community, drawn, dice, as_of, told, hazards=hazards[community])
        for n in range(told.drills if told.drills is not None else dice.whole(1, 2)):
            home = dice.pick(drawn)
            _inspection(sheet, dice, "drill", f"消防疏散演练（第{n + 1}次）", home, as_of, people_n=dice.whole(30, 120))
        for n in range(told.night_patrols if told.night_patrols is not None else dice.whole(2, 6)):
            home = dice.pick(drawn)
            found = dice.whole(0, 3)
            _inspection(
                sheet,
                dice,
                "night_patrol",
                f"夜间巡查（第{n + 1}次）",
                home,
                as_of,
                people_n=dice.whole(3, 8),
                compounds_visited_n=dice.whole(3, 12),
                hazards_found_n=found,
            )
        place = centres.get(community, drawn[0].gate)
        _inspection(
            sheet,
            dice,
            "training",
            "消防安全培训",
            None,
            as_of,
            people_n=dice.whole(40, 150),
            community=community,
            place=f"{community}党群服务中心",
            at=place,
        )


def _shop_checks(sheet: Sheet, community: str, drawn: list[Drawn], dice: Dice, as_of: date, told: story.Community, *, hazards: int) -> None:
    """Where the number of shops is known the checks of the last fortnight visit each of them once."""
    rounds = 4 if told.shops else dice.whole(2, 4)
    shops = told.shops or dice.whole(8, 14) * rounds
    found = hazards if told.hazards else dice.whole(2, 5) * rounds
    for n in range(rounds):
        _inspection(
            sheet, dice, "inspection", f"沿街商户消防检查（第{n + 1}组）", dice.pick(drawn), as_of, latest=15 if told.shops else 300, people_n=dice.whole(4, 9),
            shops_visited_n=_part(shops, n, rounds), hazards_found_n=_part(found, n, rounds), notices_n=_part(found, n, rounds) if told.hazards else None,
            extinguishers_given_n=_part(story.NEW_SHOPS * story.NEW_SHOP_EXTINGUISHERS, n, rounds) if told.shops else None,
        )  # fmt: skip


def _part(total: int, n: int, parts: int) -> int:
    """The n-th of `parts` nearly equal parts that sum to `total`."""
    return total // parts + (n < total % parts)


def _inspection(
    sheet: Sheet,
    dice: Dice,
    kind: str,
    name: str,
    home: Drawn | None,
    as_of: date,
    *,
    latest: int = 360,
    at: XY | None = None,
    **values: Any,
) -> None:
    if home is not None:
        values |= {
            "community": home.values["community"],
            "place": home.values["name"],
            "compound_code": home.values["code"] if kind == "drill" else None,
        }
        at = home.gate
    held = (as_of - timedelta(days=dice.whole(1, latest))).isoformat()
    assert at is not None
    sheet.add(
        "point",
        [at],
        name=f"{values['community']}{name}",
        kind=kind,
        held_on=held,
        unit=f"{values['community']}居委会",
        quality="declared",
        **values,
    )
