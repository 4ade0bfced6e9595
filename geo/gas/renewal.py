"""Which gas pipes are on the renewal list (国办发〔2022〕22号): by material, year laid and whether they were renewed.

- renewed: not on it, whatever it was made of; grey cast iron: on it, whatever its age;
- ductile iron, and steel or PE of the profile's age and more: on it if assessed as unsafe. No assessment is on record anywhere, so they are
  "to be assessed": that is not known, not a no;
- younger steel or PE: not on it; without a year, or of a material that is not on record: not known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

MATERIALS = ("grey_iron", "ductile_iron", "steel", "galvanised", "pe")
"""Materials that the rule speaks of; galvanised steel counts as steel."""

_GREY, _DUCTILE = 0, 1

LISTED, UNLISTED, UNKNOWN = 0, 1, 2

RENEWED, GREY_IRON, NO_MATERIAL, DUCTILE_IRON, AGED, YOUNG, NO_YEAR = range(7)


@dataclass(frozen=True, slots=True)
class Renewal:
    """One value a pipe: `listed` LISTED, UNLISTED or UNKNOWN; `reason` RENEWED … NO_YEAR; `age` in years, NaN where it is not known."""

    listed: Codes
    reason: Codes
    age: Floats


def renewal(material: NDArray[np.object_], built_year: Floats, renewed: NDArray[np.object_], *, year: float, from_years: float) -> Renewal:
    """Judge whole columns as of `year` (NaN = not known); a pipe is `from_years` old in the year that many after it was laid."""
    codes = {name: i for i, name in enumerate(MATERIALS)}
    kind = np.fromiter((codes.get(m, -1) for m in material), dtype=np.int8, count=len(material))
    age = np.where(built_year > year, np.nan, year - built_year)  # a year to come tells no age
    with np.errstate(invalid="ignore"):
        cases = [np.equal(renewed, True), kind == _GREY, kind == -1, kind == _DUCTILE, age >= from_years, age < from_years]
    reason = np.select([np.asarray(case, dtype=bool) for case in cases], list(range(NO_YEAR)), NO_YEAR).astype(np.int8)
    listed = np.array([UNLISTED, LISTED, UNKNOWN, UNKNOWN, UNKNOWN, UNLISTED, UNKNOWN], dtype=np.int8)[reason]
    return Renewal(listed, reason, age)


def newest_year(stamps: NDArray[np.object_]) -> float:
    """The year of the newest of some ISO 8601 texts; NaN where there is none."""
    years = [int(s[:4]) for s in stamps if isinstance(s, str) and s[:4].isdecimal()]
    return float(max(years)) if years else float("nan")
