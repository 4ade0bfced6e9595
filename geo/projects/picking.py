"""The compounds that a project takes in: by their ids, or those that an answer's rows are or belong to, and what is left out with neither."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import BadValue, Text
from geo.projects.plan import LeftOut, Member
from geo.projects.site import COMPOUNDS, Rows
from geo.questions.columns import texts
from geo.questions.declaration import View
from geo.questions.hazards.ledger import assigned
from geo.rules.targets import targets

if TYPE_CHECKING:
    from geo.answers import Answer

NAMED = 20
"""Rows without a compound that are named; all of them are counted."""

_NOWHERE = -1


def picked(view: View, ids: Sequence[int]) -> list[Member]:
    """In the order of the layer, each once. Raises BadValue for an id that no compound has, and for none at all."""
    known = {int(id): row for row, id in enumerate(view.frame(COMPOUNDS).index)}
    if strange := [id for id in ids if id not in known]:
        raise BadValue(Text(f"没有 id 为 {strange[0]} 的院落", f"there is no compound with the id {strange[0]}"), field="ids")
    return _members(view, (known[id] for id in ids))


def belonging(view: View, answer: Answer) -> tuple[list[Member], LeftOut | None]:
    """The compounds that the answer's rows are, name or lie in (hazards go where the ledger has them), and the rows that have none; None = all have one.
    Raises BadValue where no row has one."""
    compound, called = _derived(view, answer) if answer.layer.derived else _drawn(view, answer)
    without = np.flatnonzero(compound == _NOWHERE)
    members = _members(view, compound[compound != _NOWHERE].tolist())
    if not len(without):
        return members, None
    return members, LeftOut(answer.layer.id, len(compound), len(without), tuple(called[row] for row in without[:NAMED]))


def _members(view: View, rows: Iterable[int]) -> list[Member]:
    rows = sorted(set(rows))
    if not rows:
        text = Text(
            "没有选中院落：这些对象都不属于哪个院落，或答案是空的", "no compound is chosen: the rows belong to none, or there are none"
        )
        raise BadValue(text, field="compounds")
    about, codes, ids = targets(view, COMPOUNDS), texts(view.frame(COMPOUNDS), "code"), view.frame(COMPOUNDS).index
    return [
        Member(int(ids[row]), codes[row], str(about.name[row] if isinstance(about.name[row], str) else about.code[row])) for row in rows
    ]


def _derived(view: View, answer: Answer) -> tuple[Rows, Sequence[str]]:
    """The row of the compound of each row, and what the row is about. One that is about a compound is its, though it has no code."""
    frame = answer.frame
    known = {id: row for row, id in enumerate(view.frame(COMPOUNDS).index.tolist())}
    of_code = _coded(view, frame["compound_code"])
    own = [
        known.get(id, _NOWHERE) if layer == COMPOUNDS else _NOWHERE
        for layer, id in zip(frame["target_layer"], frame["target_id"].tolist(), strict=True)
    ]
    named = zip(frame["target_name"], frame["target_code"], frame["code"], frame.index, strict=True)
    return np.where(of_code == _NOWHERE, own, of_code), [_called(*names) for names in named]


def _drawn(view: View, answer: Answer) -> tuple[Rows, Sequence[str]]:
    """The same of the features of a layer."""
    layer = answer.layer.id
    about = targets(view, layer)
    rows = np.flatnonzero(np.isin(about.ids, answer.frame.index.to_numpy()))
    if layer == COMPOUNDS:
        compound = rows
    elif layer == "hazards":
        compound = np.asarray(assigned(view).compound[rows], dtype=np.int64)
    else:
        compound = _coded(view, about.compound[rows])
    return compound, [_called(about.name[row], about.code[row], about.ids[row]) for row in rows]


def _coded(view: View, codes: Iterable[object]) -> Rows:
    """The row of the first compound with each code; -1 = nobody has it."""
    first: dict[object, int] = {}
    for row, code in enumerate(texts(view.frame(COMPOUNDS), "code")):
        if isinstance(code, str):
            first.setdefault(code, row)
    return np.array([first.get(code, _NOWHERE) if isinstance(code, str) else _NOWHERE for code in codes], dtype=np.int64)


def _called(*names: object) -> str:
    """By the first that it has: a name, a code, its id."""
    return str(next(name for name in names if isinstance(name, str) or name == names[-1]))
