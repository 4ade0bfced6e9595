"""What the fire rules share: judgements made from the answers of questions, what an unknown result lacks, and heads of sentences."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE, transform_xy
from geo.errors import Text
from geo.questions.declaration import BASES, Flags, Question, Verdicts, View, latest
from geo.questions.sources import accuracies_of, ranks_of
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Floats, Judgement, Lacks, Rows

T = TypeVar("T")

Shapes = NDArray[np.object_]
Results = NDArray[np.int8]
Where = Callable[[Rows], Shapes]
Involved = Callable[[Rows], Sequence[Sequence[tuple[str, int]]]]

METRES = Text("米", "m")

DECLARED, MEASURED, INFERRED = range(3)

_OF_ANSWER = np.array([FAIL, PASS, UNKNOWN, NA], dtype=np.int8)


def asked(view: View, question: Question, **parameters: Any) -> Verdicts:
    """What a question answers for the whole of its subject, its other parameters as they are by default."""
    return question.answer(view, {**question.defaults, **parameters})


def results_of(verdicts: Verdicts) -> Results:
    """A question asks whether something is amiss: yes is a failure."""
    return np.asarray(_OF_ANSWER[verdicts.answer], dtype=np.int8)


def basis_of(verdicts: Verdicts) -> NDArray[np.int8]:
    names = verdicts.column("basis", None)
    found = np.full(len(names), -1, dtype=np.int8)
    for code, name in enumerate(BASES):
        found[names == name] = code
    return found


def quality_basis(quality: NDArray[np.object_], known: Flags) -> NDArray[np.int8]:
    """How a value on record was come by; -1 where none is."""
    basis = np.where(quality == "measured", MEASURED, np.where(quality == "inferred", INFERRED, DECLARED))
    return np.where(known, basis, -1).astype(np.int8)


def accuracy_of(view: View, layer: str) -> Floats:
    """How true each feature of a layer is drawn, in metres: as stated, else by the kind of its source."""
    frame = view.frame(layer)
    rank = ranks_of(frame["source"].to_numpy(dtype=object))
    return accuracies_of(frame["accuracy_m"].to_numpy(dtype=np.float64), rank, view.profile)


def placed(shapes: Shapes) -> Flags:
    """Shapes that are somewhere: not missing, not empty, all coordinates finite."""
    xy, index = shapely.get_coordinates(shapes, return_index=True)
    broken = np.bincount(index[~np.isfinite(xy).all(axis=1)], minlength=len(shapes)) > 0
    return np.asarray(np.isfinite(shapely.bounds(shapes)).all(axis=1) & ~broken, dtype=bool)


def by_shapes(view: View, key: str, layers: Sequence[str], extra: Hashable, make: Callable[[], T]) -> T:
    """What is worked out from nothing but the shapes of some layers, and `extra`; kept while none of them changes. A view gives the same index for
    as long."""
    state = (tuple(view.tree(id) for id in layers), view.metric_crs, view.profile.id, view.profile.version, extra)
    return latest(view, key, state, lambda _: make())


def metric_shapes(view: View, shapes: Shapes) -> Shapes:
    """Shapes of EPSG:4326 in the metric CRS."""
    if view.metric_crs is None:
        return np.full(len(shapes), None, dtype=object)
    crs = view.metric_crs
    return np.asarray(shapely.transform(shapes, lambda xy: transform_xy(xy, STORAGE, crs)), dtype=object)


def rows_of(positions: NDArray[Any]) -> Rows:
    return np.asarray(positions, dtype=np.int64)


def nowhere(count: int) -> Rows:
    return np.full(count, -1, dtype=np.int64)


class Missing:
    """Gathers which record would settle each unknown row; what is said of a row first stays."""

    def __init__(self, unknown: Flags) -> None:
        self._open = unknown.copy()
        self._kinds: list[tuple[str, str]] = []
        self._kind = np.full(len(unknown), -1, dtype=np.int16)
        self._row = nowhere(len(unknown))

    def add(self, rows: Flags, layer: str, field: str, at: Rows | int) -> Missing:
        """`at`: positions in that layer's frame, a value a row; -1 = the layer holds nothing of the kind."""
        mine = self._open & rows
        if mine.any():
            if (layer, field) not in self._kinds:
                self._kinds.append((layer, field))
            self._kind[mine] = self._kinds.index((layer, field))
            self._row[mine] = np.broadcast_to(np.asarray(at, dtype=np.int64), len(mine))[mine]
            self._open &= ~mine
        return self

    def own(self, rows: Flags, layer: str, field: str) -> Missing:
        """The feature's own record."""
        return self.add(rows, layer, field, np.arange(len(rows)))

    def lacks(self) -> Lacks:
        return Lacks(tuple(self._kinds), self._kind, self._row)


Heads = dict[int, Text]
"""What a sentence begins with, by result."""


def sentences(result: Results, heads: Heads, tell: Callable[[int], Text]) -> Callable[[Rows, str], list[str]]:
    """Sentences of a head and what was found."""

    def one(row: int) -> Text:
        head, said = heads.get(int(result[row])), tell(row)
        if head is None:
            return said
        return Text(f"{head.zh}：{said.zh}", f"{head.en}: {said.en}") if said.zh else head

    return lambda rows, lang: [one(int(row)).of(lang) for row in rows]


def headed(result: Results, heads: Heads, why: Callable[[Rows, str], list[str]]) -> Callable[[Rows, str], list[str]]:
    """The sentences of a question behind a head."""
    joint = {"zh": "：", "en": ": "}

    def told(rows: Rows, lang: str) -> list[str]:
        said = why(rows, lang)
        return [
            f"{heads[r].of(lang)}{joint[lang]}{s}" if (r := int(result[row])) in heads else s for row, s in zip(rows, said, strict=True)
        ]

    return told


DESIGN, USUAL, RECOMMENDED = Text("设计值", "design value"), Text("常用值", "usual value"), Text("推荐值", "recommended value")


def at_least(limit: float, of: Text = DESIGN) -> Heads:
    """Heads for a value in metres that may not be below a limit."""
    said = shown(limit)
    return {
        FAIL: Text(f"小于{of.zh} {said} 米", f"below the {said} m {of.en}"),
        PASS: Text(f"不小于{of.zh} {said} 米", f"not below the {said} m {of.en}"),
    }


def shown(limit: float) -> str:
    """A limit in metres as people write it: 4.0, but 4.115 in full, or 4.11 would be told to be below 4.1."""
    return f"{limit:.1f}" if abs(limit - round(limit, 1)) < 1e-9 else f"{limit:g}"


def named_pairs(layer: str, positions: Rows) -> list[list[tuple[str, int]]]:
    """One other feature a row, -1 = none."""
    return [[(layer, int(at))] if at >= 0 else [] for at in positions]


def against(value: Floats, limit: float | Floats, accuracy: Floats, *, most: bool = False) -> Results:
    """PASS from the limit on (with `most`: up to it), UNKNOWN where the value is nearer to it than it is true, and where it is NaN."""
    with np.errstate(invalid="ignore"):
        good = value <= limit if most else value >= limit
        near = np.abs(value - limit) < accuracy - 1e-9
    found = np.where(np.isnan(value) | near, UNKNOWN, np.where(good, PASS, FAIL))
    return found.astype(np.int8)


def unplaced(what: Text) -> Text:
    return Text(f"{what.zh}没有上图或图形有误，不能判定", f"{what.en} is not placed on the map, or its shape is broken: cannot be told")


LANE, BUILDING = Text("通道", "the lane"), Text("楼栋", "the building")


def judgement(
    result: Results, measured: Floats, threshold: Floats, basis: NDArray[np.int8], why: Callable[[Rows, str], list[str]], **more: Any
) -> Judgement:
    """With nothing measured and compared where the rule does not apply."""
    na = result == NA
    return Judgement(
        result.astype(np.int8), measured, np.where(na, np.nan, threshold), np.where(na, -1, basis).astype(np.int8), why, **more
    )
