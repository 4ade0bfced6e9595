"""One compound's card, gathered from the layers and the questions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.belonging import members
from geo.card import order, sections
from geo.card.order import Record, Work
from geo.card.sections import Asking, Row
from geo.card.surroundings import LAYERS, Sight, sight
from geo.errors import FeatureNotFound, Text
from geo.frames import View
from geo.places import COMMUNITIES, COMPOUNDS
from geo.profile import Profile
from geo.questions import catalogue
from geo.questions.declaration import ANSWERS
from geo.recorded import recorded
from geo.schema import Layer

READS: tuple[str, ...] = tuple(
    dict.fromkeys((
        COMPOUNDS, COMMUNITIES, *(section.layer for section in sections.ALL), *LAYERS,
        *(id for question in sections.questions() for id in catalogue.get(question).reads),
    ))
)  # fmt: skip
"""The layers that a view for a card holds."""

FINGERPRINT = 16
"""Hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Card:
    """`values`: the compound's own fields; `asked`: the answers about it, by question; `listed`: the rows of each table; `findings`: what does not comply,
    then what is unknown; `counts`: of all findings by answer; `drawn`: figures from the map (None = it is not on it); `unrecorded`: tables that are empty where that
    does not mean that there is nothing; `works`, `records`: what to mend first."""

    id: int
    values: Mapping[str, Any]
    asked: Mapping[str, Row]
    listed: Mapping[str, Sequence[Row]]
    findings: Sequence[Mapping[str, Any]]
    counts: Mapping[str, int]
    gaps: Sequence[Row]
    works: Sequence[Work]
    records: Sequence[Record]
    drawn: Mapping[str, float] | None
    unrecorded: tuple[str, ...]
    sight: Sight | None
    profile: Profile
    as_of: str
    revision: int
    demo: bool
    fingerprint: str


def card(view: View, layers: Mapping[str, Layer], id: int, *, lang: str) -> Card:
    """The card of the compound with this id. Raises FeatureNotFound."""
    frame = view.frame(COMPOUNDS)
    if id not in frame.index:
        raise FeatureNotFound(Text(f"没有编号为 {id} 的院落", f"there is no compound with the id {id}"), feature=id)
    at = int(frame.index.get_loc(id))
    asking = Asking(view, layers, lang)
    own = np.array([at])
    listed = {name: asking.rows(section, asking.members(section, at)) for name, section in sections.SECTIONS.items()}
    findings = asking.rows(sections.FINDINGS, asking.members(sections.FINDINGS, at))
    said = [row["answers"]["findings"]["answer"] for row in findings]
    told = order.ordered(row for row in findings if row["answers"]["findings"]["answer"] in ("yes", "unknown"))
    gaps = asking.rows(sections.GAPS, asking.members(sections.GAPS, at))
    values = {name: None if _null(value) else value for name, value in frame.drop(columns="geometry").iloc[at].items()}
    return Card(
        id=id,
        values=values,
        asked={asked.question: asking.answers(asked, own)[0] for asked in sections.COMPOUND.asked},
        listed=listed,
        findings=told,
        counts={name: said.count(name) for name in ANSWERS},
        gaps=gaps,
        works=order.works(findings),
        records=order.records(gaps),
        drawn=_drawn(asking, at),
        unrecorded=tuple(
            name for name, section in sections.SECTIONS.items() if not listed[name] and _bare(view, layers, section.layer, at)
        ),
        sight=sight(view, at),
        profile=view.profile,
        as_of=view.as_of,
        revision=view.revision,
        demo=view.info.kind == "demo",
        fingerprint=_fingerprint(view, values, listed, findings, gaps),
    )


def _bare(view: View, layers: Mapping[str, Layer], layer: str, at: int) -> bool:
    """Whether no row says nothing: a compound has buildings, lanes and gates, so that they are only not on record; of hazards there may be none where
    its community has some on record."""
    return layer != "hazards" or not recorded(view, layers[layer], members(view, layers[layer]).compound.tolist())[at]


def _drawn(asking: Asking, at: int) -> Mapping[str, float] | None:
    """Square metres of the outline, metres of the lanes, and how many buildings and lanes there are on the map."""
    view = asking.view
    outline = view.metric(COMPOUNDS)[at]
    if outline is None:
        return None
    found: dict[str, float] = {"area_m2": round(float(shapely.area(outline)), 1)}
    for name in ("buildings", "lanes"):
        section = sections.SECTIONS[name]
        shapes = view.metric(section.layer)[asking.members(section, at)]
        found[name] = int(np.count_nonzero(~shapely.is_missing(shapes)))
        found |= {"lanes_m": round(float(np.nansum(shapely.length(shapes))), 1)} if name == "lanes" else {}
    return found


def _fingerprint(view: View, values: Row, listed: Mapping[str, Sequence[Row]], findings: Sequence[Row], gaps: Sequence[Row]) -> str:
    """Of all that the card says: two cards with the same one say the same of the same records."""
    parts = [
        (view.profile.id, view.profile.version, view.as_of, int(values["version"])),
        [(name, _stable(rows)) for name, rows in listed.items()],
        [(row["id"], row["answers"]["findings"]["fingerprint"]) for row in findings],
        [(row["id"], row["settles"]) for row in gaps],
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:FINGERPRINT]


def _stable(rows: Sequence[Row]) -> list[Any]:
    """What a table says, without its sentences, which depend on the language."""
    told = []
    for row in rows:
        said = [(question, answer["answer"], answer["value"]) for question, answer in row["answers"].items()]
        told.append(([(name, value) for name, value in row.items() if name != "answers"], said))
    return told


def _null(value: Any) -> bool:
    return value is None or (not isinstance(value, (dict, list)) and bool(pd.isna(value)))
