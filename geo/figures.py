"""Figures of the subdistrict and of each community: how many compounds are old, without gas, cut off …, and how many nobody knows of.

A figure is made of the answers of a named question, or of what is on record, so that it opens in the map as the very question it counts. Beside every count
stands its own number of unknown ones: a zero says whether it means "none" or "no data".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.belonging import compounds_of
from geo.errors import Text
from geo.frames import View
from geo.matching import verdicts
from geo.places import COMMUNITIES, COMPOUNDS
from geo.profile import Profile
from geo.questions import catalogue
from geo.questions.declaration import NA, NO, UNKNOWN, YES, Question
from geo.questions.lanes.blocked import OVER
from geo.schema import Layer

Answers = NDArray[np.int8]
Ints = NDArray[np.int64]

OLD_YEAR = 2000
"""The last year of building of an old compound (国办发〔2020〕23号), where the profile says no other."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `question`: the one whose answers are counted; without one `answers` gives them for every row of `layer`.

    `where`: the filter of `layer` that selects what such a figure counts. `answer`: which of the question's answers is counted ("unknown": the open ones).
    `whole`: every feature counts, so that there is no share to draw. `limit`: the figure of the profile that stands in the label.
    """

    id: str
    label: Text
    help: Text
    layer: str
    question: str | None = None
    answers: Callable[[View], Answers] | None = None
    where: Callable[[Profile], str] | None = None
    answer: str = "yes"
    whole: bool = False
    limit: str | None = None

    def named(self, profile: Profile) -> Text:
        """The label with the profile's limit in it."""
        return self.label if self.limit is None else self.label.format(limit=f"{profile[self.limit]:g}")

    @property
    def asked(self) -> Question | None:
        return catalogue.get(self.question) if self.question else None


@dataclass(frozen=True, slots=True)
class Count:
    """Of the features that a figure concerns: how many it counts, how many not, how many are unknown; `na`: those it does not concern."""

    yes: int
    no: int
    unknown: int
    na: int

    @property
    def total(self) -> int:
        return self.yes + self.no + self.unknown

    @property
    def says(self) -> str:
        """What a reader may take from it: "some"; "none"; "none-known" (none of the known ones); "unknown" (nothing is known); "no-data"."""
        if self.yes:
            return "some"
        if not self.total:
            return "no-data"
        return "none" if not self.unknown else "unknown" if self.unknown == self.total else "none-known"


@dataclass(frozen=True, slots=True)
class Place:
    """A community (`name` is what `community=` takes), the whole ("all") or what lies in no community ("elsewhere")."""

    kind: str
    name: str
    code: str | None
    counts: Mapping[str, Count]


@dataclass(frozen=True, slots=True)
class Figures:
    """`places`: the whole first, then the communities by name, then what is in none, where there is such."""

    measures: tuple[Measure, ...]
    places: tuple[Place, ...]
    profile: Profile
    as_of: str
    revision: int
    demo: bool


def needs(layers: Mapping[str, Layer]) -> tuple[str, ...]:
    """The layers that a view for `figures` holds."""
    asked = [id for m in MEASURES for id in ((*m.asked.reads, m.asked.subject) if m.asked else (m.layer,))]
    return tuple(id for id in dict.fromkeys((COMPOUNDS, COMMUNITIES, *asked)) if id in layers)


def figures(view: View, layers: Mapping[str, Layer]) -> Figures:
    """All figures of all communities; answers and belonging are kept with the view's other results."""
    places = _places(view)
    columns = {}
    for measure in MEASURES:
        answers = answers_of(view, measure)
        rows, at = _members(view, layers[measure.layer], places)
        columns[measure.id] = _counted(answers, rows, at, len(places.names))
    order = sorted(range(len(places.names)), key=lambda i: (places.codes[i] is None, places.codes[i] or "", places.names[i]))
    listed = [Place("all", "", None, _of(columns, -2))]
    listed += [Place("community", places.names[i], places.codes[i], _of(columns, i)) for i in order]
    elsewhere = _of(columns, -1)
    if places.names and any(count.total or count.na for count in elsewhere.values()):
        listed.append(Place("elsewhere", "", None, elsewhere))
    return Figures(MEASURES, tuple(listed), view.profile, view.as_of, view.revision, view.info.kind == "demo")


def _of(columns: Mapping[str, NDArray[np.int64]], place: int) -> Mapping[str, Count]:
    return MappingProxyType({id: Count(*(int(n) for n in counts[place])) for id, counts in columns.items()})


def _counted(answers: Answers, rows: Ints, at: Ints, places: int) -> NDArray[np.int64]:
    """Counts of yes, no, unknown and na: a row a place, then those of no place (-1 would be last), before it those of all."""
    counts = np.bincount(at * 4 + answers[rows], minlength=places * 4).reshape(places, 4)
    nowhere = np.ones(len(answers), dtype=bool)
    nowhere[rows] = False
    whole, rest = (np.bincount(a, minlength=4) for a in (answers, answers[nowhere]))
    return np.vstack([counts, whole, rest]).astype(np.int64)


def answers_of(view: View, measure: Measure) -> Answers:
    """What a figure counts, a row of its layer: YES counts."""
    if measure.asked is None:
        assert measure.answers is not None
        return measure.answers(view)
    found = verdicts(view, measure.asked, dict(measure.asked.defaults)).answer
    if measure.answer == "yes":
        return found
    turned = np.array([NO, NO, YES, NA], dtype=np.int8)  # the open ones are counted
    return turned[found]


# which community a feature belongs to, as `community=` has it -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Places:
    """Names and codes of the communities, and where in them a text (a name or a code) stands."""

    names: tuple[str, ...]
    codes: tuple[str | None, ...]
    at: Mapping[str, int] = field(default_factory=dict)


def _places(view: View) -> _Places:
    known, compounds = view.frame(COMMUNITIES), view.frame(COMPOUNDS)
    names: list[str] = []
    codes: list[str | None] = []
    at: dict[str, int] = {}
    for code, name in zip(_texts(known, "code"), _texts(known, "name"), strict=True):
        called = name or code
        if called is None:
            continue
        if called not in at:
            at[called] = len(names)
            names.append(called)
            codes.append(code)
        if code is not None:
            at.setdefault(code, at[called])
    for name in _texts(compounds, "community"):
        if name is not None and name not in at:
            at[name] = len(names)
            names.append(name)
            codes.append(None)
    return _Places(tuple(names), tuple(codes), at)


def _texts(frame: Any, name: str) -> list[str | None]:
    return [None if pd.isna(v) else str(v) for v in frame[name].to_numpy(dtype=object)]


def _members(view: View, layer: Layer, places: _Places) -> tuple[Ints, Ints]:
    """Pairs of a row of `layer` and a place it belongs to."""
    revisions = tuple(view.rows_key(id) for id in (layer.id, COMPOUNDS, COMMUNITIES))
    return view.latest(("figures-members", layer.id), revisions, lambda _: _belonging(view, layer, places))


def _belonging(view: View, layer: Layer, places: _Places) -> tuple[Ints, Ints]:
    frame, count = view.frame(layer.id), len(view.frame(layer.id))
    rows = np.arange(count)
    own = layer.field("community")
    said: list[str | None] = _texts(frame, "community") if own else [None] * count
    place = np.fromiter((places.at.get(text, -1) if text is not None else -1 for text in said), dtype=np.int64, count=count)
    if layer.id == COMPOUNDS:
        return rows[place >= 0], place[place >= 0]
    open_ = np.fromiter((text is None for text in said), dtype=bool, count=count)
    row, compound = compounds_of(view, layer, open_)
    of_compound = _belonging_of_compounds(view, places)[compound]
    row, at = row[of_compound >= 0], of_compound[of_compound >= 0]
    pairs = np.unique(np.stack([np.concatenate([rows[place >= 0], row]), np.concatenate([place[place >= 0], at])], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _belonging_of_compounds(view: View, places: _Places) -> Ints:
    said = _texts(view.frame(COMPOUNDS), "community")
    return np.fromiter((places.at.get(text, -1) if text is not None else -1 for text in said), dtype=np.int64, count=len(said))


# what is counted ----------------------------------------------------------------------------------------------------------------


def _every(layer: str) -> Callable[[View], Answers]:
    return lambda view: np.full(len(view.frame(layer)), YES, dtype=np.int8)


def _old_year(profile: Profile) -> float:
    figure = profile.figures.get("old_year")
    return figure.value if figure else OLD_YEAR


def _old(view: View) -> Answers:
    year = view.frame(COMPOUNDS)["built_year"].to_numpy(dtype=float)
    return np.where(np.isnan(year), UNKNOWN, np.where(year <= _old_year(view.profile), YES, NO)).astype(np.int8)


def _open_hazards(view: View) -> Answers:
    status = _texts(view.frame("hazards"), "status")
    return np.array([UNKNOWN if s is None else NO if s in OVER else YES for s in status], dtype=np.int8)


MEASURES = (
    Measure(
        "compounds", Text("院落", "Compounds"), Text("登记在册的院落", "compounds on record"), COMPOUNDS, answers=_every(COMPOUNDS), whole=True
    ),
    Measure(
        "old", Text("老旧院落", "Old compounds"),
        Text("2000 年底前建成的院落", "compounds built in 2000 or before"), COMPOUNDS, answers=_old,
        where=lambda profile: f"built_year <= {_old_year(profile):g}",
    ),
    Measure(
        "without-gas", Text("未通管道燃气的院落", "Compounds without piped gas"),
        Text("全电气化的院落不计入", "all-electric compounds are not counted among them"), COMPOUNDS, "compounds-without-gas",
    ),
    Measure("lanes", Text("消防通道", "Fire lanes"), Text("登记在册的消防通道", "fire lanes on record"), "fire_lanes", answers=_every("fire_lanes"), whole=True),
    Measure(
        "lanes-under-width", Text("净宽小于 {limit} 米的通道", "Lanes under {limit} m"),
        Text("净宽小于设计值的消防通道", "fire lanes below the design value of the clear width"), "fire_lanes", "lanes-under-width", limit="lane_width_m",
    ),
    Measure(
        "cut-off", Text("消防车进不去的院落", "Compounds cut off"),
        Text("没有消防车能走的路通到市政道路的院落", "compounds that no engine can reach from a public road"), COMPOUNDS, "compounds-cut-off",
    ),
    Measure(
        "out-of-reach", Text("水带够不到的楼", "Buildings out of reach"),
        Text("消防车开到最近处，水带仍够不到的楼", "buildings that no hose reaches from where an engine can stand"), "buildings", "buildings-out-of-reach",
    ),
    Measure(
        "hazards-open", Text("未销号的隐患", "Open hazards"),
        Text("未销号、也未判为不属实的隐患", "hazards neither closed nor rejected"), "hazards", answers=_open_hazards,
        where=lambda profile: f"status NOT IN ({', '.join(repr(status) for status in sorted(OVER))})",
    ),
    Measure(
        "overdue", Text("逾期未整改的隐患", "Overdue hazards"),
        Text("过了整改期限仍未销号的隐患", "hazards past their deadline and not closed"), "hazards", "hazards-overdue",
    ),
    Measure(
        "unknown", Text("资料不足、判不了的检查", "Checks that cannot be made"),
        Text("规则所查的对象里，因缺资料而不明的", "of all that the rules look at, what is unknown for want of data"), "findings", "findings", answer="unknown",
    ),
)  # fmt: skip
"""Every figure, in the order of the page."""
