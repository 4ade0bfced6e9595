"""Drawings and profiles made to break the measurements: an answer or a clear refusal, in a moment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from fake_frames import LAYERS, NOW, FakeFrames, box, line, metres, query

from geo.answers import answer
from geo.questions import catalogue as questions
from geo.questions.declaration import ANSWERS
from web.profiles import PROFILE_BYTES
from web.settings import SettingRefused, load

ROAD = {"name": "R", "kind": "local", "geometry": line((-60, 0), (60, 0))}
LANE = {"code": "L", "geometry": line((0, 0), (0, 40))}
HOUSES = [
    {"name": "1", "source": "plan.dxf", "geometry": box(3, 5, 9, 15)},
    {"name": "2", "source": "plan.dxf", "geometry": box(-9, 20, -2, 30)},
]
POINT = shapely.Point(metres((0, 20))[0])

SCENES: dict[str, dict[str, list[dict[str, Any]]]] = {
    "everything in one point": {
        "fire_lanes": [{"code": "P", "geometry": line((0, 20), (0, 20))}, LANE],
        "obstacles": [{"kind": "tree", "geometry": POINT}] * 40,
        "hydrants": [{"code": f"H{i}", "geometry": POINT} for i in range(20)],
        "access_points": [{"kind": "gate", "gate_width_m": 0.0, "geometry": POINT}] * 20,
    },
    "the same twenty times": {"fire_lanes": [LANE] * 20, "buildings": HOUSES * 10, "roads": [ROAD] * 20},
    "a lane that crosses itself": {"fire_lanes": [{"code": "L", "geometry": line(*(((-1) ** i * 9.0, i % 7 * 5.0) for i in range(30)))}]},
    "a comb": {"fire_lanes": [{"code": "L", "geometry": line(*((i % 2 * 0.004, i * 0.004) for i in range(2000)))}]},
}


@pytest.mark.parametrize("scene", SCENES)
def test_every_question_answers_every_row(scene: str) -> None:
    frames = FakeFrames({"roads": [ROAD], "fire_lanes": [LANE], "buildings": HOUSES, **SCENES[scene]})
    for question in questions.ALL:
        found = answer(query(question.id, answer="all", limit="1000"), frames, layers=LAYERS, now=NOW)
        assert found.summary is not None
        assert sum(found.summary[name] for name in ANSWERS) == found.summary["total"] == len(found.frame)
        values = found.frame["value"].to_numpy(dtype=float)
        assert not np.isinf(values).any() and not (values < 0).any()


def test_a_profile_is_a_file_of_a_sane_size(tmp_path: Path) -> None:
    pipe, large = tmp_path / "pipe.toml", tmp_path / "large.toml"
    os.mkfifo(pipe)
    large.write_bytes(b"#" * (PROFILE_BYTES + 1))
    for path in (pipe, large, tmp_path, Path("/dev/zero")):
        with pytest.raises(SettingRefused, match="cannot be read"):
            load({}, {"YUANTU_PROFILE": str(path)})
