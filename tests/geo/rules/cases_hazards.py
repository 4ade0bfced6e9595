"""Cases of the rules on the hazard ledger. 2026: Spring Festival is 15 to 23 February, with make-up working days on Saturday 14 and 28 February;
National Day 1 to 7 October, with Sunday 20 September and Saturday 10 October worked (国办发明电〔2025〕7号)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely

from tests.geo.fake_frames import box, metres
from tests.geo.rules.rule_cases import Case, Want

Row = Mapping[str, Any]


def hazard(**values: Any) -> Row:
    return {"code": "YH-1", "status": "rectifying", "grade": "general", "hazard_type": "wiring_aged", "found_on": "2026-01-05", **values}


def at(east_m: float, north_m: float = 0.0) -> shapely.Point:
    return shapely.Point(metres((east_m, north_m))[0])


def case(rule: str, name: str, row: Row, want: Want, as_of: str = "2026-11-22") -> Case:
    return Case(rule, name, {"hazards": [row]}, want, as_of=as_of)


DUE = {"due_date": "2026-02-13"}  # a Friday; Saturday the 14th is worked, then nobody works until the 24th

OVERDUE = (
    case("HZ-01", "below", hazard(**DUE), Want("pass", -1.0, 0.0, says="还有 1 个工作日"), as_of="2026-02-12"),
    case("HZ-01", "exactly", hazard(**DUE), Want("pass", 0.0, 0.0, says="当天到期"), as_of="2026-02-13"),
    case("HZ-01", "above", hazard(**DUE), Want("fail", 1.0, 0.0, "high", "已逾期 1 个工作日（1 天）"), as_of="2026-02-14"),
    case("HZ-01", "no working day since", hazard(due_date="2026-02-14"), Want("fail", 0.0, 0.0), as_of="2026-02-20"),
    case(
        "HZ-01", "moved: the last day", hazard(due_date="2026-02-17"), Want("pass", 0.0, 0.0, says="顺延到 2026-02-24"), as_of="2026-02-24"
    ),
    case("HZ-01", "moved: the day after", hazard(due_date="2026-02-17"), Want("fail", 1.0, 0.0), as_of="2026-02-25"),
    case(
        "HZ-01", "extended", hazard(**DUE, due_date_extended="2026-03-02"), Want("pass", -1.0, says="延期后的整改期限"), as_of="2026-02-28"
    ),
    case(
        "HZ-01",
        "awaiting review",
        hazard(**DUE, status="done_pending_review"),
        Want("fail", says="复查通过前仍算未销号"),
        as_of="2026-03-02",
    ),
    case("HZ-01", "closed", hazard(**DUE, status="closed", closed_on="2026-03-05"), Want("pass", None, None, says="已销号")),
    case(
        "HZ-01",
        "closed later",
        hazard(**DUE, status="closed", closed_on="2026-03-05"),
        Want("fail", 7.0, says="当时未销号"),
        as_of="2026-03-02",
    ),
    case("HZ-01", "unknown", hazard(), Want("unknown", None, says="没有登记整改期限")),
    case("HZ-01", "unknown status", hazard(**DUE, status=None), Want("unknown", says="没有登记状态")),
    case("HZ-01", "a year not held", hazard(due_date="2003-05-01", found_on="2003-04-01"), Want("unknown", None, says="2004–2026 年")),
    case("HZ-01", "a year to come", hazard(**DUE), Want("unknown", None, says="按日历已过 346 天"), as_of="2027-01-25"),
    case("HZ-01", "due in a year to come", hazard(due_date="2027-01-15"), Want("pass", None, says="还有 54 天")),
    case("HZ-01", "na", hazard(**DUE, status="candidate"), Want("na", None, None, says="系统疑似")),
    case("HZ-01", "rejected", hazard(**DUE, status="rejected"), Want("na", says="不属实")),
    case("HZ-01", "not found yet", hazard(due_date="2026-03-01"), Want("na", says="才发现"), as_of="2026-01-02"),
)

FOUND = {"found_on": "2026-02-12"}  # Thursday; working days after it: 13, 14 (Saturday), 24, 25

NOTICE = (
    case("HZ-02", "below", hazard(**FOUND, notice_on="2026-02-14"), Want("pass", 2.0, 3.0)),
    case("HZ-02", "exactly", hazard(**FOUND, notice_on="2026-02-24"), Want("pass", 3.0, 3.0, says="用了 3 个工作日")),
    case("HZ-02", "above", hazard(**FOUND, notice_on="2026-02-25"), Want("fail", 4.0, 3.0, "low")),
    case(
        "HZ-02",
        "none yet, still time",
        hazard(**FOUND, status="registered"),
        Want("pass", 3.0, 3.0, says="到 2026-02-24 为止"),
        as_of="2026-02-24",
    ),
    case(
        "HZ-02", "none yet, too late", hazard(**FOUND, status="registered"), Want("fail", 4.0, 3.0, says="还没有记录"), as_of="2026-02-25"
    ),
    case("HZ-02", "served later", hazard(**FOUND, status="notified", notice_on="2026-03-10"), Want("fail", 4.0), as_of="2026-02-25"),
    case("HZ-02", "unknown", hazard(**FOUND), Want("unknown", None, says="没有登记日期")),
    case("HZ-02", "no day of inspection", hazard(found_on=None, notice_on="2026-02-14"), Want("unknown", says="没有登记检查时间")),
    case("HZ-02", "served before", hazard(**FOUND, notice_on="2026-02-11"), Want("unknown", says="矛盾")),
    case("HZ-02", "na", hazard(**FOUND, status="closed"), Want("na", says="当场整改")),
)

REVIEW_DUE = {"due_date": "2026-09-30"}  # working days after it: 8, 9, 10 (Saturday), 12 October

REVIEW = (
    case("HZ-03", "below", hazard(**REVIEW_DUE, reviewed_on="2026-10-09"), Want("pass", 2.0, 3.0)),
    case("HZ-03", "exactly", hazard(**REVIEW_DUE, reviewed_on="2026-10-10"), Want("pass", 3.0, 3.0)),
    case("HZ-03", "above", hazard(**REVIEW_DUE, reviewed_on="2026-10-12"), Want("fail", 4.0, 3.0, "low")),
    case("HZ-03", "before the deadline", hazard(**REVIEW_DUE, reviewed_on="2026-09-10"), Want("pass", None, says="早于")),
    case("HZ-03", "asked for", hazard(**REVIEW_DUE, review_request_on="2026-09-18", reviewed_on="2026-09-22"), Want("pass", 3.0)),
    case("HZ-03", "asked for, late", hazard(**REVIEW_DUE, review_request_on="2026-09-18", reviewed_on="2026-09-23"), Want("fail", 4.0)),
    case("HZ-03", "none, too late", hazard(**REVIEW_DUE), Want("fail", 4.0, says="还没有记录"), as_of="2026-10-12"),
    case("HZ-03", "none, still time", hazard(**REVIEW_DUE), Want("pass"), as_of="2026-09-01"),
    case("HZ-03", "unknown", hazard(), Want("unknown", None, says="没有登记整改期限")),
    case("HZ-03", "closed, no day", hazard(**REVIEW_DUE, status="closed"), Want("unknown", says="没有登记日期")),
    case("HZ-03", "na", hazard(status="registered"), Want("na", says="还没有下达通知书")),
)

MAJOR = {"found_on": "2026-09-17", "grade": "major", "escalated": False}  # 18, 20 (Sunday), 21, 22, 23, 24, 28: seven working days

MAJORS = (
    case("HZ-04", "below", hazard(**MAJOR), Want("pass", 6.0, 7.0, says="到 2026-09-28 为止"), as_of="2026-09-24"),
    case("HZ-04", "exactly", hazard(**MAJOR), Want("pass", 7.0, 7.0), as_of="2026-09-28"),
    case("HZ-04", "above", hazard(**MAJOR), Want("fail", 8.0, 7.0, "high"), as_of="2026-09-29"),
    case("HZ-04", "experts heard", hazard(**MAJOR, determination_by="专家组"), Want("pass", 17.0, 17.0), as_of="2026-10-17"),
    case("HZ-04", "referred at once", hazard(**MAJOR | {"escalated": True}), Want("pass"), as_of="2026-09-20"),
    case(
        "HZ-04",
        "notice late",
        hazard(**MAJOR | {"escalated": True}, determination_on="2026-09-22", notice_on="2026-09-29"),
        Want("fail", 4.0, 3.0),
    ),
    case("HZ-04", "unknown", hazard(**MAJOR | {"escalated": None}), Want("unknown", None)),
    case("HZ-04", "referred, no day", hazard(**MAJOR | {"escalated": True}), Want("unknown", says="没有日期")),
    case("HZ-04", "no grade", hazard(grade=None), Want("unknown", says="没有登记等级")),
    case("HZ-04", "pending", hazard(grade="pending"), Want("unknown", says="待判定")),
    case("HZ-04", "no fire hazard", hazard(**MAJOR | {"hazard_type": "manhole"}), Want("na", says="不是火灾类隐患")),
    case("HZ-04", "na", hazard(), Want("na", says="没有提为重大")),
)

RECORD = {"determination_by": "集体讨论", "determination_on": "2026-01-08", "determination_basis": "GB 35181-2025"}

DETERMINED = (
    case("HZ-05", "exactly", hazard(grade="major", **RECORD), Want("pass", None, None)),
    case("HZ-05", "below", hazard(grade="major"), Want("fail", None, None, "medium", "判定为重大须有集体讨论或专家论证记录")),
    case("HZ-05", "unknown", hazard(grade="major", **RECORD | {"determination_basis": None}), Want("unknown", says="缺判定依据")),
    case("HZ-05", "rejected", hazard(grade="major", status="rejected"), Want("na", says="不属实")),
    case("HZ-05", "no grade", hazard(grade=None), Want("unknown")),
    case("HZ-05", "na", hazard(), Want("na")),
)

PASSED = {"status": "closed", "reviewed_on": "2026-02-04", "review_result": "passed", "closed_on": "2026-02-05"}

COURSES = (
    case("HZ-06", "exactly", hazard(**PASSED), Want("pass", None, None)),
    case("HZ-06", "below", hazard(status="closed", closed_on="2026-02-05"), Want("fail", None, None, "low", "没有复查记录就已销号")),
    case("HZ-06", "failed review", hazard(**PASSED | {"review_result": "failed"}), Want("fail", says="不通过却已销号")),
    case("HZ-06", "closed before its review", hazard(**PASSED | {"closed_on": "2026-02-03"}), Want("fail", says="销号日期早于复查日期")),
    case("HZ-06", "done before it was found", hazard(done_on="2026-01-04"), Want("fail", says="整改完成日期早于检查时间")),
    case("HZ-06", "due before it was found", hazard(due_date="2026-01-04"), Want("fail", says="整改期限早于检查时间")),
    case("HZ-06", "closed and not", hazard(closed_on="2026-02-03"), Want("fail", says="状态不是已销号")),
    case("HZ-06", "rejected without a reason", hazard(status="rejected"), Want("fail", says="没有写明原因")),
    case("HZ-06", "rejected", hazard(status="rejected", reject_reason="现场没有"), Want("pass")),
    case("HZ-06", "unknown", hazard(status=None), Want("unknown")),
    case("HZ-06", "no result", hazard(**PASSED | {"review_result": None}), Want("unknown", says="没有登记结论")),
    case("HZ-06", "na", hazard(status="candidate"), Want("na")),
)


def again(name: str, want: Want, first: Row, second: Row, **layers: Any) -> Case:
    """The second of two hazards is judged."""
    return Case("HZ-07", name, {"hazards": [hazard(code="YH-1", **first), hazard(**{"code": "YH-2", **second})], **layers}, want, row=1)


HERE = {"geometry": at(0), "found_on": "2026-01-05"}
YARD = {"compounds": [{"code": "C1", "geometry": box(-50, -50, 50, 50)}]}

AGAIN = (
    again("below", Want("fail", 89.0, 90.0, "medium", "YH-1"), HERE, {"geometry": at(5), "found_on": "2026-04-04"}),
    again("exactly", Want("fail", 90.0, 90.0), HERE, {"geometry": at(20), "found_on": "2026-04-05"}),
    again("above", Want("pass", None, 90.0), HERE, {"geometry": at(5), "found_on": "2026-04-06"}),
    again("too far", Want("pass"), HERE, {"geometry": at(20.1), "found_on": "2026-04-04"}),
    again("the same building", Want("fail", 10.0), {**HERE, "building_code": "B"}, {"building_code": "B", "found_on": "2026-01-15"}),
    again("another type", Want("pass"), HERE, {"geometry": at(0), "found_on": "2026-02-05", "hazard_type": "manhole"}),
    again("the same day", Want("pass"), HERE, HERE),
    again("after a candidate", Want("pass"), {**HERE, "status": "candidate"}, {"geometry": at(0), "found_on": "2026-01-15"}),
    again("said so", Want("fail", 200.0, 90.0, says="登记为反复隐患"), HERE, {"found_on": "2026-07-24", "reopen_of": "YH-1"}),
    again("unknown", Want("unknown", None, None, says="没有类型"), HERE, {"geometry": at(0), "found_on": "2026-02-05", "hazard_type": None}),
    again("no day", Want("unknown", says="没有检查时间"), HERE, {"geometry": at(0), "found_on": None}),
    again("no place", Want("unknown", says="没有自己的位置"), HERE, {"compound_code": "C1", "found_on": "2026-02-05"}, **YARD),
    again("no place, nothing alike", Want("pass"), {**HERE, "hazard_type": "manhole"}, {"compound_code": "C1", "found_on": "2026-02-05"}, **YARD),
    again(
        "placed by compound", Want("unknown"), HERE, {"geometry": at(0), "geom_method": "compound", "compound_code": "C1", "found_on": "2026-02-05"}, **YARD
    ),
    again("na", Want("na", None, None), HERE, {"geometry": at(0), "found_on": "2026-02-05", "status": "rejected"}),
)  # fmt: skip

CASES: tuple[Case, ...] = (*OVERDUE, *NOTICE, *REVIEW, *MAJORS, *DETERMINED, *COURSES, *AGAIN)

_A_RECORD = "it is a record that is there or not"
ABSENT: dict[str, dict[str, str]] = {"HZ-05": {"above": _A_RECORD}, "HZ-06": {"above": _A_RECORD}}
