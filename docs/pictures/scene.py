"""What the scenes of the pictures are made with: columns of shapes, metres as text, the default profile."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.profile import Profile

PROFILE = Path(__file__).resolve().parent.parent.parent / "data" / "profiles" / "cn_gb.toml"


@cache
def profile() -> Profile:
    return Profile.parse(PROFILE.read_text("utf-8"), name=PROFILE.name)


def column(*shapes: Any) -> NDArray[np.object_]:
    """Shapes as the measures take them."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(points)


def metres(value: float) -> str:
    return f"{round(float(value), 2):g} m"
