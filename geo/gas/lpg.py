"""What a record says of bottled gas: whether there is any, how much, and whether a floor lies below ground."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Objects = NDArray[np.object_]

YES, NO, UNKNOWN = range(3)

_OUTLET, _FUEL = "lpg", "lpg"
_OTHER_FUELS = ("piped", "electric", "alcohol", "none")

_BELOW = re.compile(
    r"地下|半地|下沉|负[一二三四五\d层]|basement|cellar|underground|lowerground|(?<![a-z])lg(?![a-z])"
    r"|(?<![a-z])b\d(?!\d*(?:座|栋|幢|号|区|单元))|(?:^|[;,、/(~至到及和])[-−]\d"
)
_NOT_BELOW = re.compile(r"(?:无|非|没有|不在)(?:半)?地下")
_UNSAID = frozenset(("", "不明", "未知", "待查", "待核实", "unknown", "?", "-", "/", "无"))
_HALF_WIDTH = str.maketrans("；，（？－—／～Ｂ", ";,(?--/~b")


def uses_lpg(fuel: Objects, kind: Objects, kilograms: Floats, bottles: Floats) -> Codes:
    """YES where bottled gas is on record by any of the four; NO where another fuel is, or none is held, and nothing speaks against it."""
    said = np.isin(fuel.astype(str), (_FUEL,)) | np.isin(kind.astype(str), (_OUTLET,))
    with np.errstate(invalid="ignore"):
        some = (kilograms > 0) | (bottles > 0)
        nothing = (kilograms == 0) | (np.isnan(kilograms) & (bottles == 0))
    other = np.isin(fuel.astype(str), _OTHER_FUELS)
    return np.select([some | said, nothing | other], [YES, NO], UNKNOWN).astype(np.int8)


def held_kg(kilograms: Floats, bottles: Floats, uses: Codes) -> Floats:
    """Kilograms held, NaN = not known: what a number of bottles weighs is not on record, only that none weigh nothing. No kilograms where gas is used is a
    cell filled with 0, not a weight."""
    with np.errstate(invalid="ignore"):
        said = np.where((kilograms == 0) & (uses == YES) & ~(bottles == 0), np.nan, kilograms)
    return np.where(np.isnan(kilograms) & ((uses == NO) | (bottles == 0)), 0.0, said)


def below_ground(floors: Objects) -> Codes:
    """YES for a basement or semi-basement by the words of the floor ("负一层", "B1", "-1", "半地下"); UNKNOWN where there are none."""
    codes, words = pd.factorize(pd.Series(floors, dtype=object))
    found = np.array([*(_below(str(word)) for word in words), UNKNOWN], dtype=np.int8)
    return np.asarray(found[codes], dtype=np.int8)


def _below(word: str) -> int:
    text = re.sub(r"\s", "", word.casefold().translate(_HALF_WIDTH))
    if text in _UNSAID:
        return UNKNOWN
    return YES if _BELOW.search(_NOT_BELOW.sub("", text)) else NO


def height_by_floors(height_m: Floats, floors: Floats, storey_m: float) -> Floats:
    """The height, else that of so many usual storeys; NaN where neither is on record."""
    with np.errstate(invalid="ignore"):
        return np.where(height_m > 0, height_m, np.where(floors > 0, floors * storey_m, np.nan))
