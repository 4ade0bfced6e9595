"""What a named question IS: its parameters, its fields and its answers, as frozen values.

An answer is one of ANSWERS; `unknown` and `na` (not applicable) are answers of their own. Sentences are made only for the rows that are shown.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, Protocol, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import BadValue, Text
from geo.profile import Profile
from geo.schema import Choice, Field, GeometryKind, Layer

ANSWERS = ("yes", "no", "unknown", "na")
BASES = ("declared", "measured", "inferred")
YES, NO, UNKNOWN, NA = range(4)

GROUP_FIRE = Text("消防通道", "Fire access")
GROUP_WATER = Text("消防水源", "Fire water")
GROUP_GAS = Text("燃气", "Gas")
GROUP_HAZARDS = Text("隐患", "Hazards")
GROUP_RULES = Text("规则与缺项", "Rules and gaps")
"""Headings of the catalogue."""

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
    @property
    def profile(self) -> Profile: ...
    @property
    def as_of(self) -> str: ...
    def layer(self, id: str) -> Layer: ...
    def frame(self, id: str) -> gpd.GeoDataFrame: ...
    def metric(self, id: str) -> NDArray[np.object_]: ...
    def tree(self, id: str) -> shapely.STRtree: ...
    def layer_revision(self, id: str) -> int: ...
    def columns_revision(self, id: str, *columns: str) -> int: ...
    def changed_since(self, id: str, revision: int) -> frozenset[int] | None: ...
    def memo(self, key: Hashable, make: Callable[[], T]) -> T: ...
    def latest(self, key: Hashable, revisions: Hashable, make: Callable[[Any], T]) -> T: ...
    def under(self, *, profile: str | None = None, as_of: str | None = None) -> View: ...


FIRST_DAY, LAST_DAY = "1950-01-01", "2100-12-31"
"""Between which an as-of date may lie."""


def _day(text: str) -> str | None:
    """An ISO date, None for anything else."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) or not FIRST_DAY <= text <= LAST_DAY:
        return None
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One typed parameter; numbers are finite, above `above` and up to `maximum`, in `unit`.

    A default of None: what `help` says, or the profile. Then `figure` names which figure of it ("hose_m"), or the attribute of the vehicle that the
    parameter `vehicle` chooses ("vehicle.clear_width_m"), so that forms and documents can show it.
    """

    name: str
    type: Literal["number", "boolean", "choice", "date"]
    default: Any
    label: Text
    unit: Text | None = None
    above: float | None = None
    maximum: float | None = None
    choices: tuple[Choice, ...] = ()
    help: Text | None = None
    figure: str | None = None

    def parse(self, text: str) -> Any:
        """The typed value. Raises BadValue with what would do."""
        value = text.strip()
        if self.type == "boolean" and value in ("true", "false"):
            return value == "true"
        if self.type == "choice" and value in [c.value for c in self.choices]:
            return value
        if self.type == "date" and (day := _day(value)) is not None:
            return day
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
        if self.type == "date":
            return Text(
                f"写成 2026-11-22，{FIRST_DAY[:4]} 到 {LAST_DAY[:4]} 年", f"written like 2026-11-22, from {FIRST_DAY[:4]} to {LAST_DAY[:4]}"
            )
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
    `shape(id, rows)` gives one of the question's `shapes` for some rows in EPSG:4326, None where a row has none.
    `said` holds parameters as they were taken (a None replaced by what the profile says) and other values for the sentence.
    `summary(rows)` gives members, plain JSON values, that stand beside the four counts and are of the same rows: those that match the query,
    whatever their answer. `store` holds members that are of the whole store, whatever part of it is asked for: they stand under "store".
    `among`: the rows that the parameters ask about; None = all. The others are not counted.
    """

    answer: NDArray[np.int8]
    column: Callable[[str, NDArray[np.int64] | None], NDArray[Any]]
    why: Callable[[NDArray[np.int64], str], list[str]]
    shape: Callable[[str, NDArray[np.int64]], NDArray[np.object_]] | None = None
    said: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    summary: Callable[[NDArray[np.int64]], Mapping[str, Any]] = lambda rows: {}
    store: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    among: Flags | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry that an answer has beside the subject's own: the pinch point, the route, the new pipe. `shape=<id>` asks for rows in it;
    the map draws it over the answer. `symbol`: a one-character mark inside a point."""

    id: str
    label: Text
    geometry: GeometryKind
    color: str
    weight: float = 3.0
    dash: str | None = None
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """Features of another layer for which the question has nothing to look at: they are counted and listed beside the answer."""

    layer: str
    key: str
    sentence: Text
    found: Callable[[View], Flags]


ANSWER_CHOICES = (
    Choice("yes", Text("是", "yes")),
    Choice("no", Text("否", "no")),
    Choice("unknown", Text("不明", "unknown")),
    Choice("na", Text("不适用", "not applicable")),
)
BASIS_CHOICES = (
    Choice("declared", Text("申报", "declared")),
    Choice("measured", Text("实测", "measured")),
    Choice("inferred", Text("推定", "inferred")),
)

ANSWER_FIELDS: tuple[Field, ...] = (
    Field("answer", "choice", Text("回答", "Answer"), choices=ANSWER_CHOICES, public=True),
    Field("value", "number", Text("数值", "Value"), public=True),
    Field("threshold", "number", Text("界限", "Threshold"), public=True),
    Field("unit", "text", Text("单位", "Unit"), public=True),
    Field("basis", "choice", Text("依据", "Basis"), choices=BASIS_CHOICES, public=True),
    Field("re_measure", "boolean", Text("建议复测", "Measure again"), public=True),
    Field("why", "text", Text("理由", "Why"), public=True),
)
"""Fields of every answer; all but `why` can be filtered and sorted by."""


@dataclass(frozen=True, slots=True)
class Question:
    """A named question. `answer` judges every feature of `subject`; `sentence` takes total, yes, no, unknown, na, the parameters,
    `Verdicts.said` and the members of `Verdicts.summary`.

    `answers`: the words for its answers where yes and no would not do (complies, does not comply).
    `internal`: its figures and sentences tell where features of an internal layer lie, so none of its fields is published, whatever they declare.
    """

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
    group: Text = GROUP_FIRE
    shapes: tuple[Shape, ...] = ()
    internal: bool = False
    answers: tuple[Choice, ...] = ANSWER_CHOICES

    @property
    def fields(self) -> tuple[Field, ...]:
        """What an answer has beside the subject's own fields."""
        fields = (replace(ANSWER_FIELDS[0], choices=self.answers), *ANSWER_FIELDS[1:-1], *self.extra_fields, ANSWER_FIELDS[-1])
        return tuple(replace(f, public=False) for f in fields) if self.internal else fields

    @property
    def defaults(self) -> Mapping[str, Any]:
        return MappingProxyType({p.name: p.default for p in self.parameters})


def latest(view: View, key: Hashable, revisions: Hashable, make: Callable[[Any], T]) -> T:
    """What `make` gives for these revisions, kept until other revisions are asked for; `make` gets (revisions, value) of the last time, or None.

    One value a key is kept, not one a revision: columns of a large layer are too big to keep for every edit. Who asks while it is being made waits for it.
    """
    return view.latest(key, revisions, make)


def named(codes: NDArray[Any], names: Sequence[str | Text]) -> NDArray[np.object_]:
    """Names of codes, None for -1."""
    return np.asarray(np.array([*names, None], dtype=object)[codes], dtype=object)


AS_OF = Parameter("as_of", "date", None, Text("截至日期", "As of"), help=Text("不写则是今天", "today, unless said"))
"""The day that a question which depends on one is answered for. `geo.answers` gives it to the view as `as_of`; the question reads that."""

PROFILES = ("cn_gb", "cn_legacy", "ifc")
"""The profiles that come with the program (`data/profiles`)."""

PROFILE = Parameter(
    "profile", "choice", None, Text("规则文件", "Profile"),
    choices=(
        Choice("cn_gb", Text("中国规范", "Chinese codes")),
        Choice("cn_legacy", Text("老旧院落（3.5 米，须书面同意）", "old compounds (3.5 m, with written consent)")),
        Choice("ifc", Text("国际消防规范 IFC", "International Fire Code")),
    ),
    help=Text("不写则是服务设定的", "the one that the service is set to, unless said"),
)  # fmt: skip
"""The profile that a question goes by. `geo.answers` gives the view of it; the question reads `view.profile`."""


def filled(value: Any, count: int) -> NDArray[np.object_]:
    return np.full(count, value, dtype=object)
