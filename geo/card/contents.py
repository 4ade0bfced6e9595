"""The contents page of many cards: every compound of a place with its worst finding and its counts, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.belonging import members
from geo.card.order import NO_WORK
from geo.card.sections import FINDINGS, GAPS, SECTIONS, Asking
from geo.errors import NotFound, Text, nearest
from geo.frames import View
from geo.places import COMMUNITIES, COMPOUNDS, in_place
from geo.profile import SEVERITIES
from geo.query import Query
from geo.questions.declaration import NO, UNKNOWN, YES
from geo.recorded import recorded
from geo.schema import Layer

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Line:
    """One compound. `worst`: the severity of its worst failure that asks for work, None = it has none; `failures`: by severity, worst first; `hazards`:
    None = its community has none on record, which is no data."""

    id: int
    code: str | None
    name: str | None
    placed: bool
    worst: str | None
    failures: tuple[int, ...]
    complies: int
    unknown: int
    overdue: int
    hazards: int | None
    gaps: int
    settles: int


def contents(view: View, layers: Mapping[str, Layer], community: str | None = None) -> list[Line]:
    """The compounds of a community (None = all) by code. Raises NotFound for a community that nothing bears."""
    if community is not None and (refusal := unknown_community(view, community)) is not None:
        raise refusal
    asking = Asking(view, layers, "zh")
    frame = view.frame(COMPOUNDS)
    mask = None if community is None else in_place(view, layers[COMPOUNDS], Query(collection=COMPOUNDS, community=community))
    rows = np.arange(len(frame)) if mask is None else np.flatnonzero(mask)
    failures, complies, unknown = _findings(asking)
    gaps, settles = _gaps(asking)
    overdue, hazards = _hazards(asking)
    known = recorded(view, layers[SECTIONS["hazards"].layer], np.flatnonzero(hazards).tolist())
    codes, names = (frame[name].to_numpy(dtype=object) for name in ("code", "name"))
    placed = ~np.asarray(frame.geometry.isna())
    lines = [
        Line(
            int(frame.index[at]), _text(codes[at]), _text(names[at]), bool(placed[at]), _worst(failures[at]), tuple(map(int, failures[at])),
            int(complies[at]), int(unknown[at]), int(overdue[at]), int(hazards[at]) if known[at] else None, int(gaps[at]), int(settles[at]),
        )
        for at in rows
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.code is None, line.code or "", line.id))


def unknown_community(view: View, name: str) -> NotFound | None:
    """What to say of a name that is neither a community's nor its code nor stands at a compound: with the nearest ones. None = it is known."""
    columns = ((COMMUNITIES, "name"), (COMMUNITIES, "code"), (COMPOUNDS, "community"))
    known = {text for layer, column in columns for text in view.frame(layer)[column].to_numpy(dtype=object) if isinstance(text, str)}
    return None if name in known else NotFound(_NO_COMMUNITY, nearest=nearest(name, known))


_NO_COMMUNITY = Text(
    "没有这个社区：可能已改名，或名称、编号不对。请在总览里选社区。",
    "There is no such community: it may have another name by now, or the name or code is wrong. Choose one on the overview.",
)


def _findings(asking: Asking) -> tuple[Counts, Counts, Counts]:
    """Failures by severity, what complies and what is unknown, a row a compound."""
    mine = members(asking.view, asking.layers[FINDINGS.layer])
    answer = asking.table("findings").verdicts.answer[mine.row]
    rank = pd.Categorical(asking.view.frame(FINDINGS.layer)["severity"], categories=SEVERITIES).codes.astype(np.int64)[mine.row]
    count, width = len(mine.start) - 1, len(SEVERITIES)
    failed = answer == YES
    failures = np.bincount(mine.compound[failed] * width + rank[failed], minlength=count * width).reshape(count, width)
    complies, unknown = (np.bincount(mine.compound[answer == said], minlength=count).astype(np.int64) for said in (NO, UNKNOWN))
    return failures, complies, unknown


def _gaps(asking: Asking) -> tuple[Counts, Counts]:
    """How many gaps there are and how many results they would settle, a row a compound."""
    mine = members(asking.view, asking.layers[GAPS.layer])
    count = len(mine.start) - 1
    settles = asking.view.frame(GAPS.layer)["settles"].to_numpy(dtype=float)[mine.row]
    return np.bincount(mine.compound, minlength=count), np.bincount(mine.compound, weights=settles, minlength=count).astype(np.int64)


def _hazards(asking: Asking) -> tuple[Counts, Counts]:
    """How many hazards are overdue, and how many there are, a row a compound."""
    mine = members(asking.view, asking.layers[SECTIONS["hazards"].layer])
    answer = asking.table("hazards-overdue").verdicts.answer[mine.row]
    count = len(mine.start) - 1
    return np.bincount(mine.compound[answer == YES], minlength=count), np.bincount(mine.compound, minlength=count)


def _worst(failures: Counts) -> str | None:
    return next((name for name, count in zip(SEVERITIES, failures, strict=True) if count and name != NO_WORK), None)


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
