"""Where nothing of a layer on record means none, and where it means that nobody has recorded any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.places import COMMUNITIES, COMPOUNDS
from geo.questions.declaration import View
from geo.schema import Layer


def recorded(view: View, layer: Layer, having: Iterable[int]) -> NDArray[np.bool_]:
    """Of each compound, whether anything of `layer` is on record in its community (those of no community are taken together): only there does the
    compound's zero say something. As the overview has it, whose figure of a community without any is no data. `having`: rows of the compounds that have
    some."""
    codes, names = (view.frame(COMMUNITIES)[column].tolist() for column in ("code", "name"))
    by_code = {code: name for code, name in zip(codes, names, strict=True) if isinstance(code, str) and isinstance(name, str)}
    own = [_called(text, by_code) for text in view.frame(COMPOUNDS)["community"].tolist()]
    found = {own[compound] for compound in set(having)}
    if layer.field("community") is not None:
        found |= {_called(text, by_code) for text in view.frame(layer.id)["community"].tolist() if isinstance(text, str)}
    return np.array([community in found for community in own], dtype=bool)


def _called(text: Any, by_code: dict[str, str]) -> str | None:
    """A community by its name, whichever of name and code stands there."""
    return by_code.get(text, text) if isinstance(text, str) else None
