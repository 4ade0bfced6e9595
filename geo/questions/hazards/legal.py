"""The legal deadlines of each hazard, kept with the ledger, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.errors import Text
from geo.hazards import terms
from geo.hazards.states import CANDIDATE
from geo.hazards.terms import Record, Term
from geo.questions.declaration import View, latest
from geo.questions.hazards import words
from geo.questions.hazards.ledger import record

NAMES = ("notice", "review", "report", "major_notice")
"""The deadlines, as a field of an answer has them."""

NAMED = (
    Text("责令改正通知书", "order to put it right"),
    Text("复查", "re-inspection"),
    Text("重大火灾隐患报告政府", "report on a major fire hazard"),
    Text("重大火灾隐患整改通知书", "notice on a major fire hazard"),
)
_FROM = (
    Text("检查", "the inspection"),
    Text("期限届满或申请复查", "the deadline or the request"),
    Text("检查", "the inspection"),
    Text("判定", "the determination"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Legal:
    """`terms`: in the order of NAMES."""

    record: Record
    terms: tuple[Term, ...]

    def words(self, which: int, row: int) -> Text:
        """What there is to say of one deadline of a hazard."""
        term, name = self.terms[which], NAMED[which]
        if term.state[row] in (terms.UNKNOWN, terms.NOT_ASKED):
            reason = self._reason(which, row)
            return Text(f"{name.zh}：{reason.zh}", f"{name.en}: {reason.en}")
        text = self._counted(which, row)
        return Text(f"{name.zh}：{text.zh}", f"{name.en}: {text.en}")

    def _counted(self, which: int, row: int) -> Text:
        term, since = self.terms[which], _FROM[which]
        start, state = words.day(term.start[row]), term.state[row]
        allowed = words.working(term.allowed[row])
        if state == terms.RUNNING:
            if np.isnat(term.limit[row]):
                return Text(f"{since.zh} {start} 起 {allowed.zh}，还没有到期", f"{allowed.en} from {since.en} on {start}, not over yet")
            limit = words.day(term.limit[row])
            return Text(
                f"{since.zh} {start} 起 {allowed.zh}，到 {limit} 为止，还没有到期",
                f"{allowed.en} from {since.en} on {start}, until {limit}, not over yet",
            )
        if np.isnat(term.done[row]):
            if state == terms.MET:
                return Text(f"{since.zh} {start} 起 {allowed.zh}内已报告", f"reported within {allowed.en} from {since.en} on {start}")
            taken = words.working(term.taken[row])
            return Text(
                f"{since.zh} {start} 起已过 {taken.zh}，还没有记录，应在 {allowed.zh}内（最迟 {words.day(term.limit[row])}）",
                f"{taken.en} since {since.en} on {start} and not on record, {allowed.en} are allowed ({words.day(term.limit[row])} at the latest)",
            )
        done = words.day(term.done[row])
        if np.isnan(term.taken[row]):
            return Text(f"{done} 完成，早于{since.zh}（{start}）", f"done on {done}, before {since.en} on {start}")
        taken = words.working(term.taken[row])
        return Text(
            f"{since.zh} {start}，{done} 完成，用了 {taken.zh}，规定 {allowed.zh}",
            f"{since.en} on {start}, done on {done}: {taken.en}, {allowed.en} are allowed",
        )

    def _reason(self, which: int, row: int) -> Text:
        why, asked = self.terms[which].why[row], self.record
        if why == terms.NO_HAZARD:
            if asked.found_on[row] > asked.as_of:
                return words.not_found_yet(asked.found_on[row])
            return words.NOT_A_HAZARD[asked.status[row] == CANDIDATE]
        if why == terms.NO_CALENDAR:
            calendar = words.calendar_words()
            return Text(f"{calendar.zh}，用了几个工作日算不出", f"{calendar.en}, so working days cannot be told")
        if why == terms.NO_START:
            return _NO_START[which]
        return _REASONS[why]


_NO_START = (
    Text("没有登记检查时间", "the day of the inspection is not on record"),
    Text("没有登记整改期限或申请复查日期", "neither a deadline nor a request is on record"),
    Text("没有登记检查时间", "the day of the inspection is not on record"),
    Text("没有登记判定日期", "the day of the determination is not on record"),
)
_REASONS = {
    terms.ON_THE_SPOT: Text("没有通知书就已销号，按当场整改看待", "closed without an order, taken as put right on the spot"),
    terms.NO_NOTICE_YET: Text("还没有下达通知书和整改期限", "no order and no deadline yet"),
    terms.NOT_MAJOR: Text("没有提为重大", "not held to be major"),
    terms.NO_GRADE: Text("没有登记等级，或等级待判定，不知是否属重大", "its grade is pending or not on record: it may be major"),
    terms.NO_FIRE: Text("不是火灾类隐患", "its type is no fire hazard"),
    terms.NOT_DETERMINED: Text("没有判定日期，尚未起算", "no day of a determination, so the days do not count yet"),
    terms.TOLD_UNDATED: Text("已提请政府，但没有日期可核对", "referred to the government, but the ledger holds no day for it"),
    terms.CONTRADICTS: Text("完成日期早于起算日期，记录矛盾", "done before its days begin to count: the record contradicts itself"),
    terms.DONE_UNDATED: Text("期限已过，是否已做没有登记日期", "the days are over, and whether and when it was done is not on record"),
}


def legal(view: View) -> Legal:
    figures = tuple(view.profile[name] for name in FIGURES)
    return latest(view, "hazards-legal", (view.layer_revision("hazards"), view.as_of, figures), lambda _: _legal(view))


FIGURES = ("notice_days", "review_days", "report_days", "experts_days", "major_notice_days")


def _legal(view: View) -> Legal:
    asked, profile = record(view), view.profile
    return Legal(asked, (
        terms.notice(asked, days=profile["notice_days"]),
        terms.review(asked, days=profile["review_days"]),
        terms.report(asked, days=profile["report_days"], more=profile["experts_days"]),
        terms.major_notice(asked, days=profile["major_notice_days"]),
    ))  # fmt: skip
