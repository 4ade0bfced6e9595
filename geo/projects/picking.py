"""The compounds that a project takes in: by their ids, or those that an answer's rows are or belong to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import BadValue, Text
from geo.projects.plan import Member
from geo.projects.site import COMPOUNDS, Rows
from geo.questions.columns import texts
from geo.questions.declaration import View
from geo.questions.hazards.ledger import assigned
from geo.rules.targets import targets

if TYPE_CHECKING:
    from geo.answers import Answer


def picked(view: View, *, ids: Sequence[int] | None = None, answer: Answer | None = None) -> list[Member]:
    """In the order of the layer, each once. Raises BadValue for an id that no compound has, and for nothing at all."""
    frame = view.frame(COMPOUNDS)
    known = {int(id): row for row, id in enumerate(frame.index)}
    if ids is not None:
        if strange := [id for id in ids if id not in known]:
            raise BadValue(Text(f"没有 id 为 {strange[0]} 的院落", f"there is no compound with the id {strange[0]}"), field="ids")
        rows = sorted({known[id] for id in ids})
    else:
        assert answer is not None
        rows = _rows(view, answer)
    if not rows:
        raise BadValue(
            Text(
                "没有选中院落：这些对象都不属于哪个院落，或答案是空的", "no compound is chosen: the rows belong to none, or there are none"
            ),
            field="compounds",
        )
    about = targets(view, COMPOUNDS)
    codes = texts(frame, "code")
    return [
        Member(int(frame.index[row]), codes[row], str(about.name[row] if isinstance(about.name[row], str) else about.code[row]))
        for row in rows
    ]


def _rows(view: View, answer: Answer) -> list[int]:
    """Of the compounds that the answer's rows are, name or lie in; hazards go where the ledger has them."""
    if answer.layer.derived:
        return _coded(view, set(answer.frame["compound_code"]))
    index = view.frame(answer.layer.id).index.to_numpy()
    rows = np.flatnonzero(np.isin(index, answer.frame.index.to_numpy()))
    return _ROWS.get(answer.layer.id, _named)(view, answer.layer.id, rows)


def _themselves(view: View, layer: str, rows: Rows) -> list[int]:
    return [int(row) for row in rows]


def _by_ledger(view: View, layer: str, rows: Rows) -> list[int]:
    return sorted({int(row) for row in assigned(view).compound[rows] if row >= 0})


def _named(view: View, layer: str, rows: Rows) -> list[int]:
    return _coded(view, set(targets(view, layer).compound[rows]))


def _coded(view: View, codes: set[object]) -> list[int]:
    return [row for row, code in enumerate(texts(view.frame(COMPOUNDS), "code")) if code is not None and code in codes]


_ROWS = {COMPOUNDS: _themselves, "hazards": _by_ledger}
"""How the rows of a layer lead to compounds, where it is not by what they name or lie in."""
