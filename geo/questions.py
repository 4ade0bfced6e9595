"""The catalogue of named questions: what each asks of which layers, with which parameters, and its answers for every feature of its subject.

An answer is one of ANSWERS; `unknown` and `na` (not applicable) are answers of their own. Sentences are made only for the rows that are shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Protocol, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo import gas, lanes
from geo.coverage import Coverage
from geo.errors import BadValue, QuestionNotFound, Text, nearest
from geo.schema import Choice, Field

ANSWERS = ("yes", "no", "unknown", "na")
BASES = ("declared", "measured", "inferred")
YES, NO, UNKNOWN, NA = range(4)
PROFILE = "cn_gb"
"""The rule profile that the default limits come from."""

T = TypeVar("T")
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class View(Protocol):
    """The layers at one revision, as `geo.frames` gives them."""

    @property
    def revision(self) -> int: ...
    @property
    def info(self) -> Any: ...
    @property
    def metric_crs(self) -> str | None: ...
    def frame(self, id: str) -> gpd.GeoDataFrame: ...
    def metric(self, id: str) -> NDArray[np.object_]: ...
    def tree(self, id: str) -> shapely.STRtree: ...
    def layer_revision(self, id: str) -> int: ...
    def changed_since(self, id: str, revision: int) -> frozenset[int] | None: ...
    def memo(self, key: Hashable, make: Callable[[], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """One typed parameter; numbers are finite, above `above` and up to `maximum`, in `unit`."""

    name: str
    type: Literal["number", "boolean", "choice"]
    default: Any
    label: Text
    unit: Text | None = None
    above: float | None = None
    maximum: float | None = None
    choices: tuple[Choice, ...] = ()
    help: Text | None = None

    def parse(self, text: str) -> Any:
        """The typed value. Raises BadValue with what would do."""
        value = text.strip()
        if self.type == "boolean" and value in ("true", "false"):
            return value == "true"
        if self.type == "choice" and value in [c.value for c in self.choices]:
            return value
        if self.type == "number" and re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", value[:40]):
            number = float(value)
            if math.isfinite(number) and (self.above is None or number > self.above) and (self.maximum is None or number <= self.maximum):
                return number
        raise BadValue(
            Text(f"{self.name} 不能是“{text[:40]}”：{self.expected.zh}", f"{self.name} cannot be '{text[:40]}': {self.expected.en}"),
            parameter=self.name,
        )

    @property
    def expected(self) -> Text:
        """What the parameter takes, in words."""
        if self.type == "boolean":
            return Text("写 true 或 false", "write true or false")
        if self.type == "choice":
            listed = ", ".join(c.value for c in self.choices)
            return Text(f"可用 {listed}", f"there are {listed}")
        unit = Text(f"（{self.unit.zh}）", f" ({self.unit.en})") if self.unit else Text("", "")
        return Text(
            f"须大于 {self.above:g}、不超过 {self.maximum:g}{unit.zh}", f"a number above {self.above:g} up to {self.maximum:g}{unit.en}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """Answers for every row of the subject's frame, in its order: `answer` holds positions in ANSWERS.

    `column(name, rows)` gives another field of the answer for some rows (positions) or all (None), with null as NaN or None; it may be
    dear, so it is only asked for rows that are shown, or all when a filter or an order needs it. `why(rows, lang)` makes their sentences.
    """

    answer: NDArray[np.int8]
    column: Callable[[str, NDArray[np.int64] | None], NDArray[Any]]
    why: Callable[[NDArray[np.int64], str], list[str]]


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """Features of another layer for which the question has nothing to look at: they are counted and listed beside the answer."""

    layer: str
    key: str
    sentence: Text
    found: Callable[[View], Flags]


_ANSWER_CHOICES = (
    Choice("yes", Text("是", "yes")),
    Choice("no", Text("否", "no")),
    Choice("unknown", Text("不明", "unknown")),
    Choice("na", Text("不适用", "not applicable")),
)
_BASIS_CHOICES = (
    Choice("declared", Text("申报", "declared")),
    Choice("measured", Text("实测", "measured")),
    Choice("inferred", Text("推定", "inferred")),
)

ANSWER_FIELDS: tuple[Field, ...] = (
    Field("answer", "choice", Text("回答", "Answer"), choices=_ANSWER_CHOICES, public=True),
    Field("value", "number", Text("数值", "Value"), public=True),
    Field("threshold", "number", Text("界限", "Threshold"), public=True),
    Field("unit", "text", Text("单位", "Unit"), public=True),
    Field("basis", "choice", Text("依据", "Basis"), choices=_BASIS_CHOICES, public=True),
    Field("re_measure", "boolean", Text("建议复测", "Measure again"), public=True),
    Field("why", "text", Text("理由", "Why"), public=True),
)
"""Fields of every answer; all but `why` can be filtered and sorted by."""


@dataclass(frozen=True, slots=True)
class Question:
    """A named question. `answer` judges every feature of `subject`; `sentence` takes total, yes, no, unknown, na and the parameters."""

    id: str
    title: Text
    help: Text
    subject: str
    reads: tuple[str, ...]
    answer: Callable[[View, Mapping[str, Any]], Verdicts]
    sentence: Text
    parameters: tuple[Parameter, ...] = ()
    extra_fields: tuple[Field, ...] = ()
    unrecorded: Unrecorded | None = None
    profile: str = field(default=PROFILE)

    @property
    def fields(self) -> tuple[Field, ...]:
        """What an answer has beside the subject's own fields."""
        return (*ANSWER_FIELDS[:-1], *self.extra_fields, ANSWER_FIELDS[-1])

    @property
    def defaults(self) -> Mapping[str, Any]:
        return MappingProxyType({p.name: p.default for p in self.parameters})


# compounds-without-gas --------------------------------------------------------------------------------------------------------


def latest(view: View, key: Hashable, revisions: Hashable, make: Callable[[Any], T]) -> T:
    """What `make` gives for these revisions, kept until other revisions are asked for; `make` gets (revisions, value) of the last time, or None.

    One value a key is kept, not one a revision: columns of a large layer are too big to keep for every edit.
    """
    held: list[tuple[Hashable, T]] = view.memo(key, list)
    before = held[0] if held else None
    if before is not None and before[0] == revisions:
        return before[1]
    value = make(before)
    held[:] = [(revisions, value)]
    return value


def _changed_rows(view: View, layer: str, before: Any, ids: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Positions of the rows that changed since `before` = (revision, (ids, …)), or None when rows came or went, or it is not known."""
    changed = None if before is None or before[0] > view.layer_revision(layer) else view.changed_since(layer, before[0])
    if changed is None or not np.array_equal(before[1][0], ids):
        return None
    wanted = _array(changed)
    return np.searchsorted(ids, wanted[np.isin(wanted, ids)])


def _gas_statuses(view: View) -> NDArray[np.int8]:
    """Status codes of all compounds, brought up to date row by row."""
    frame = view.frame("compounds")
    ids, values = frame.index.to_numpy(np.int64), frame["gas_status"].to_numpy(dtype=object)

    def make(before: Any) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
        rows = _changed_rows(view, "compounds", before, ids)
        if rows is None:
            return ids, gas.status_codes(values)
        codes = before[1][1].copy()
        codes[rows] = gas.status_codes(values[rows])
        return ids, codes

    return latest(view, "gas-statuses", view.layer_revision("compounds"), make)[1]


def _coverage(view: View) -> Coverage | None:
    """Which compounds lie in service areas, brought up to date from the last time; None when there are no areas at all."""
    revisions = (view.layer_revision("compounds"), view.layer_revision("gas_areas"), view.metric_crs)
    return latest(view, "gas-coverage", revisions, lambda before: _fresh_coverage(view, revisions, before))


def _fresh_coverage(view: View, revisions: tuple[int, int, str | None], before: Any) -> Coverage | None:
    cover_ids, covers = latest(view, "gas-serving", view.layer_revision("gas_areas"), lambda _: _serving(view.frame("gas_areas")))
    if not len(covers) or view.metric_crs is None:
        return None
    frame = view.frame("compounds")
    ids, subjects = frame.index.to_numpy(np.int64), np.asarray(frame.geometry, dtype=object)
    if before is not None and before[1] is not None and _follows(before[0], revisions):
        changed = view.changed_since("compounds", before[0][0])
        covers_changed = view.changed_since("gas_areas", before[0][1])
        if changed is not None and covers_changed is not None:
            old: Coverage = before[1]
            return old.updated(ids, subjects, _array(changed), cover_ids, covers, _array(covers_changed))
    return Coverage.of(ids, subjects, cover_ids, covers, metric_crs=view.metric_crs)


def _follows(old: tuple[int, int, str | None], new: tuple[int, int, str | None]) -> bool:
    """Whether `new` revisions are no older than `old` ones, in the same metric CRS."""
    return old[0] <= new[0] and old[1] <= new[1] and old[2] == new[2]


def _serving(areas: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Ids and outlines of the placed areas that bring gas."""
    shapes = np.asarray(areas.geometry, dtype=object)
    chosen = ~shapely.is_missing(shapes)
    for status in gas.NOT_SERVING:
        chosen &= areas["status"].to_numpy(dtype=object) != status
    return areas.index.to_numpy(np.int64)[chosen], shapes[chosen]


def _array(ids: frozenset[int]) -> NDArray[np.int64]:
    return np.fromiter(ids, dtype=np.int64, count=len(ids))


def _without_gas(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    frame = view.frame("compounds")
    status, connected, households = _gas_statuses(view), _numbers(frame, "gas_households"), _numbers(frame, "households")
    coverage = _coverage(view)
    state = gas.gas_state(
        status,
        connected,
        households,
        placed=None if coverage is None else ~np.isnan(coverage.bounds[:, 0]),
        half=None if coverage is None else coverage.half,
        touched=None if coverage is None else coverage.touched,
        infer=parameters["infer"],
    )
    answer = np.full(len(status), NO, dtype=np.int8)
    answer[state.supply == gas.WITHOUT] = YES
    answer[state.supply == gas.UNKNOWN] = UNKNOWN
    answer[state.supply == gas.NOT_APPLICABLE] = NA
    if parameters["partial"]:
        answer[state.partial & (state.supply == gas.CONNECTED)] = YES
    table = _GasTable(view, state, answer, status, connected, households, coverage)
    return Verdicts(answer, table.column, table.why)


@dataclass(frozen=True, slots=True)
class _GasTable:
    """The other fields of the answers and their sentences, made when asked for."""

    view: View
    state: gas.GasState
    answer: NDArray[np.int8]
    status: NDArray[np.int8]
    connected: Floats
    households: Floats
    coverage: Coverage | None
    kept: dict[bytes, Floats] = field(default_factory=dict)
    """The shares of the rows last asked for: value, covered_share and why of a page all need them."""

    def column(self, name: str, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        at = slice(None) if rows is None else rows
        answer, inferred = self.answer[at], self.state.inferred[at]
        if name == "value":
            covered = self.covered(rows) if inferred.any() else np.full(len(answer), np.nan)
            share = gas.connected_share(self.status[at], self.connected[at], self.households[at])
            return np.where(inferred, np.round(100 * covered, 3), np.round(100 * share, 3))
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "threshold": lambda: np.where(inferred, 100 * gas.HALF, np.nan),
            "unit": lambda: _filled("%", len(answer)),
            "basis": lambda: _named(np.where(answer == UNKNOWN, -1, np.where(inferred, _INFERRED, _DECLARED)), BASES),
            "re_measure": lambda: _filled(False, len(answer)),
            "partial": lambda: self.state.partial[at].astype(object),
            "covered_share": lambda: self.covered(rows),
            "contradiction": lambda: self.state.contradiction[at].astype(object),
        }
        return made[name]()

    def covered(self, rows: NDArray[np.int64] | None) -> Floats:
        """Share of each compound in service areas, NaN where there is none to tell."""
        coverage = self.coverage
        if coverage is None:
            return np.full(len(self.answer) if rows is None else len(rows), np.nan)
        if rows is not None and len(rows) <= 1000:
            key = rows.tobytes()
            shares = self.kept.get(key)
            if shares is None:
                shares = coverage.share(rows)
                self.kept.clear()
                self.kept[key] = shares
            return shares
        revisions = (self.view.layer_revision("compounds"), self.view.layer_revision("gas_areas"))
        whole = latest(self.view, "gas-shares", revisions, lambda _: coverage.share())
        return whole if rows is None else whole[rows]

    def why(self, rows: NDArray[np.int64], lang: str) -> list[str]:
        return [self._sentence(int(row), share).of(lang) for row, share in zip(rows, self.covered(rows), strict=True)]

    def _sentence(self, row: int, covered: float) -> Text:
        text, share = self._reason(row, covered), f"{100 * covered:.1f}"
        if self.state.contradiction[row]:
            note = Text("；与其他记录矛盾，请核实", "; other records contradict this, please check")
            if not math.isnan(covered):
                note = Text(
                    f"；与其他记录矛盾（服务范围覆盖 {share}%），请核实",
                    f"; other records contradict this (areas cover {share}%), please check",
                )
            text = Text(text.zh + note.zh, text.en + note.en)
        return text

    def _reason(self, row: int, covered: float) -> Text:
        connected, households = self.connected[row], self.households[row]
        if self.state.supply[row] == gas.NOT_APPLICABLE:
            return Text("全电气化，不需要管道燃气", "all-electric: piped gas does not apply")
        if self.state.inferred[row]:
            share = f"{100 * covered:.1f}"
            return Text(f"没有登记通气情况；燃气服务范围覆盖 {share}%（推定）", f"no gas record; service areas cover {share}% (inferred)")
        if self.state.supply[row] == gas.UNKNOWN:
            return self._unknown(row)
        if not math.isnan(connected):
            of = "" if math.isnan(households) else f" / {households:.0f}"
            return Text(f"已通气 {connected:.0f}{of} 户", f"{connected:.0f}{of} households connected")
        return _STATUS_WORDS[gas.STATUSES[self.status[row]]]

    def _unknown(self, row: int) -> Text:
        if self.coverage is None:
            return Text("没有登记通气情况，也没有燃气服务范围数据", "no gas record, and no service areas to go by")
        if not self.state.placed[row]:
            return Text("没有登记通气情况，且尚未上图", "no gas record, and not placed on the map")
        return Text("没有登记通气情况（未按服务范围推定）", "no gas record (not inferred from service areas)")


def _numbers(frame: gpd.GeoDataFrame, name: str) -> Floats:
    return np.asarray(frame[name].to_numpy(dtype=np.float64))


_STATUS_WORDS = {
    "none": Text("登记为未通气", "recorded as without gas"),
    "under_construction": Text("登记为施工中，尚未通气", "recorded as under construction, not yet connected"),
    "partial": Text("登记为部分通气", "recorded as partly connected"),
    "full": Text("登记为已通气", "recorded as connected"),
}
_DECLARED, _INFERRED = BASES.index("declared"), BASES.index("inferred")


def _named(codes: NDArray[Any], names: Sequence[str]) -> NDArray[np.object_]:
    """Names of codes, None for -1."""
    return np.asarray(np.array([*names, None], dtype=object)[codes], dtype=object)


def _filled(value: Any, count: int) -> NDArray[np.object_]:
    return np.full(count, value, dtype=object)


# lanes-under-width ------------------------------------------------------------------------------------------------------------


def _under_width(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    frame = view.frame("fire_lanes")
    width = frame["clear_width_m"].to_numpy(dtype=np.float64)
    source = frame["width_source"].to_numpy(dtype=object)
    basis = lanes.width_basis(frame["quality"].to_numpy(dtype=object), width)
    accuracy = lanes.width_accuracy_m(basis, frame["accuracy_m"].to_numpy(dtype=np.float64), source)
    asked = parameters["basis"]
    used = width if asked == "best" else np.where(basis == BASES.index(asked), width, np.nan)
    state = lanes.width_under(used, basis, accuracy, limit_m=parameters["width"])
    answer = np.full(len(width), NO, dtype=np.int8)
    answer[state.under == lanes.UNDER] = YES
    answer[state.under == lanes.UNKNOWN] = UNKNOWN
    limit = float(parameters["width"])
    columns: dict[str, Callable[[], NDArray[Any]]] = {
        "value": lambda: np.where(state.basis == lanes.NONE, np.nan, state.width_m),
        "threshold": lambda: np.full(len(width), limit),
        "unit": lambda: _filled("m", len(width)),
        "basis": lambda: _named(state.basis, BASES),
        "re_measure": lambda: state.re_measure.astype(object),
    }
    return Verdicts(
        answer, lambda name, rows: columns[name]()[slice(None) if rows is None else rows], _WidthWhy(state, width, asked, limit)
    )


_BASIS_WORDS = (Text("申报", "declared"), Text("实测", "measured"), Text("推算", "computed"))


@dataclass(frozen=True, slots=True)
class _WidthWhy:
    state: lanes.WidthState
    recorded: Floats
    asked: str
    limit: float

    def __call__(self, rows: NDArray[np.int64], lang: str) -> list[str]:
        return [self._text(int(row)).of(lang) for row in rows]

    def _text(self, row: int) -> Text:
        width, basis = self.state.width_m[row], self.state.basis[row]
        if basis == lanes.NONE:
            if self.asked != "best" and not math.isnan(self.recorded[row]):
                return Text("没有所选依据的净宽", "no clear width on the chosen basis")
            return Text("没有净宽记录", "no clear width on record")
        how = _BASIS_WORDS[basis]
        limit = f"{self.limit:g}"
        if self.state.under[row] == lanes.UNKNOWN:
            near = f"{self.state.accuracy_m[row]:g}"
            return Text(
                f"{how.zh}净宽 {width:g} 米，与 {limit} 米之差在精度 {near} 米以内，不能判定",
                f"{how.en} clear width {width:g} m is within its accuracy of {near} m of {limit} m: cannot be told",
            )
        if width == 0:
            text = Text(f"{how.zh}净宽 0 米，无法通行", f"{how.en} clear width 0 m: nothing passes")
        elif self.state.under[row] == lanes.UNDER:
            text = Text(f"{how.zh}净宽 {width:g} 米，小于 {limit} 米", f"{how.en} clear width {width:g} m is under {limit} m")
        else:
            text = Text(f"{how.zh}净宽 {width:g} 米，不小于 {limit} 米", f"{how.en} clear width {width:g} m is not under {limit} m")
        if self.state.re_measure[row]:
            return Text(f"{text.zh}；接近界限，建议复测", f"{text.en}; close to the limit, measure again")
        return text


LANE_REACH_M = 15.0
"""A lane belongs to a compound when it comes this near to its outline, or names it."""


def _without_lanes(view: View) -> Flags:
    """Compounds for which there is no lane record at all: none names them, none comes within LANE_REACH_M of their outline."""

    def make() -> Flags:
        compounds = view.frame("compounds")
        named = set(view.frame("fire_lanes")["compound_code"].dropna())
        found = np.fromiter((code in named for code in compounds["code"]), dtype=bool, count=len(compounds))
        outlines = view.metric("compounds")
        rest = np.flatnonzero(~found & ~shapely.is_missing(outlines))
        if len(rest) and len(view.frame("fire_lanes")):
            near, _ = view.tree("fire_lanes").query(outlines[rest], predicate="dwithin", distance=LANE_REACH_M)
            found[rest[near]] = True
        return ~found

    revisions = (view.layer_revision("compounds"), view.layer_revision("fire_lanes"))
    return latest(view, "without-lanes", revisions, lambda _: make())


_PARTIAL_HELP = Text("部分通气的院落也算未通气", "count partly connected compounds as without gas")
_INFER_HELP = Text("没有登记时，按燃气服务范围推定", "where nothing is recorded, go by the service areas")

ALL: tuple[Question, ...] = (
    Question(
        id="compounds-without-gas",
        title=Text("哪些院落没通气", "Compounds without gas"),
        help=Text(
            "户数优先，其次状态；都没有时看燃气服务范围是否覆盖院落面积的一半",
            "households first, then the status; with neither, whether service areas cover half of the compound",
        ),
        subject="compounds",
        reads=("compounds", "gas_areas"),
        answer=_without_gas,
        sentence=Text("{total} 个院落：未通气 {yes}，不明 {unknown}", "{total} compounds: without gas {yes}, unknown {unknown}"),
        parameters=(
            Parameter("partial", "boolean", False, Text("含部分通气", "Partly connected too"), help=_PARTIAL_HELP),
            Parameter("infer", "boolean", True, Text("按服务范围推定", "Infer from areas"), help=_INFER_HELP),
        ),
        extra_fields=(
            Field("partial", "boolean", Text("部分通气", "Partly connected"), public=True),
            Field("covered_share", "number", Text("服务范围覆盖比例", "Share in service areas"), minimum=0, maximum=1, public=True),
            Field("contradiction", "boolean", Text("记录矛盾", "Contradiction"), public=True),
        ),
    ),
    Question(
        id="lanes-under-width",
        title=Text("哪些通道不够宽", "Lanes under a width"),
        help=Text("净宽严格小于所给宽度的消防通道；没有净宽的算不明", "fire lanes whose clear width is strictly under the given one; no width is unknown"),
        subject="fire_lanes",
        reads=("fire_lanes", "compounds"),
        answer=_under_width,
        sentence=Text("{total} 条通道：窄于 {width:g} 米 {yes}，不明 {unknown}", "{total} lanes: under {width:g} m {yes}, unknown {unknown}"),
        parameters=(
            Parameter("width", "number", 4.0, Text("宽度", "Width"), unit=Text("米", "m"), above=0.0, maximum=100.0),
            Parameter(
                "basis", "choice", "best", Text("依据", "Basis"),
                choices=(Choice("best", Text("最可信的", "the most trusted")), *_BASIS_CHOICES),
            ),
        ),
        unrecorded=Unrecorded(
            "compounds",
            "without_lanes",
            Text("另有 {count} 个院落没有通道记录", "{count} more compounds have no lane on record"),
            _without_lanes,
        ),
    ),
)  # fmt: skip


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
