"""The catalogue of named questions: what may be asked, one declaration each; a module a question says how it is answered."""

from __future__ import annotations

from collections.abc import Sequence

from geo.errors import QuestionNotFound, Text, nearest
from geo.questions.declaration import ANSWER_FIELDS, ANSWERS, Parameter, Question, Verdicts, latest
from geo.questions.under_width import LANES_UNDER_WIDTH
from geo.questions.without_gas import COMPOUNDS_WITHOUT_GAS

__all__ = ["ALL", "ANSWERS", "ANSWER_FIELDS", "Parameter", "Question", "Verdicts", "get", "latest"]

ALL: tuple[Question, ...] = (COMPOUNDS_WITHOUT_GAS, LANES_UNDER_WIDTH)


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
