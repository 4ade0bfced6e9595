"""How far a record is to be trusted, from the words its source is given in."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.profile import Profile

TRUST = ("tape", "survey", "cad", "imagery", "osm", "unsaid")
"""Kinds of source, the most trusted first; a rank is a position in it."""

UNSAID = TRUST.index("unsaid")

_WORDS = (
    ("osm", r"openstreetmap|开放街图|(?<![a-z])osm(?![a-z])|\.pbf(?![a-z])"),
    ("imagery", r"影像|航拍|卫星|遥感|无人机|(?<![a-z])(imagery|satellite|aerial|drone)(?![a-z])"),
    ("cad", r"图纸|设计图|竣工图|施工图|(?<![a-z])(cad|dxf|dwg)(?![a-z])"),
    ("survey", r"测绘|测量|全站仪|地形图|(?<![a-z])(survey|surveyed|rtk)(?![a-z])"),
    ("tape", r"实地量测|皮尺|卷尺|钢尺|尺量|激光测距|(?<![a-z])tape(?![a-z])"),
)
"""Looked for in this order, so that a source which names two kinds counts as the less trusted one ("osm_survey.geojson")."""


def rank_of(source: str) -> int:
    """The rank of one source: a choice of TRUST, a file name ("院墙.dxf", "gongyi.osm.pbf") or free words."""
    text = source.casefold()
    return next((TRUST.index(kind) for kind, pattern in _WORDS if re.search(pattern, text)), UNSAID)


def ranks_of(sources: NDArray[np.object_]) -> NDArray[np.int8]:
    """Ranks of whole columns; null is unsaid."""
    codes, names = pd.factorize(pd.Series(sources, dtype=object))
    ranks = np.array([*(rank_of(str(name)) for name in names), UNSAID], dtype=np.int8)
    return np.asarray(ranks[codes], dtype=np.int8)


def accuracies_of(stated_m: NDArray[np.float64], ranks: NDArray[np.int8], profile: Profile) -> NDArray[np.float64]:
    """Accuracy in metres: as stated, else the profile's for the kind of source."""
    default = np.array([profile.accuracies[kind] for kind in TRUST])
    return np.asarray(np.where(np.isnan(stated_m), default[ranks], stated_m), dtype=np.float64)
