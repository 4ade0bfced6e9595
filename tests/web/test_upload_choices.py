"""Choices per dataset and the placing of a drawing over HTTP and on the command line: the same values, the same refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask

from geo.crs import transform_xy
from geo.errors import BadValue
from geo.imports import Choice, Join
from tests.geo import plans
from tests.web.conftest import Browser, here
from tests.web.test_uploads import empty, send, start, wait  # noqa: F401  the fixture is used by name
from web.choosing import choices_said, placement_said, split_layers, split_sets

GONGYI = (408_433.0, 3_847_313.0)
ENDS = transform_xy(np.array([GONGYI, (GONGYI[0] + 120, GONGYI[1])]), "EPSG:4547", "EPSG:4326").tolist()
CHOICES = {
    "楼号/texts": {"join": {"to": "建筑轮廓/areas", "field": "no", "within_m": 3}},
    "消防车道/texts": {"join": {"to": "消防车道/lines", "field": "clear_width_m"}},
    "消防车道/lines": {"layer": "fire_lanes", "sets": {"name": None}},
    "绿化/areas": {"skip": True},
}  # fmt: skip


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plans.yard(tmp_path_factory.mktemp("drawing") / "总图.dxf", version="R2000", gbk=True, unit_m=0.001, insunits=4)


def test_a_drawing_is_placed_seen_and_imported(empty: Browser, app: Flask, drawing: Path) -> None:  # noqa: F811
    """Upload, inspection, a wrong placement refused with both lengths, a preview, the import, the account."""
    id = send(empty, ("总图.dxf", drawing.read_bytes())).get_json()["id"]
    ready = wait(empty, id, "ready", "refused", "failed")
    assert ready["inspection"]["needs_placing"] is True, ready
    placement = {"from": [[0, 0], [120_000, 0]], "to": ENDS}
    wrong = empty.send("POST", f"/api/uploads/{id}/place", {"placement": {**placement, "scale": 0.01}})
    assert (wrong.status_code, wrong.get_json()["drawn_m"], wrong.get_json()["map_m"]) == (400, 1200.0, 120.0)
    seen = empty.send("POST", f"/api/uploads/{id}/place", {"placement": placement}).get_json()
    assert (seen["placement"]["crs"], seen["placement"]["scale"]) == ("EPSG:4547", 0.001)
    assert seen["samples"]["消防车道/lines"][0]["coordinates"] == [pytest.approx(p, abs=2e-8) for p in ENDS]
    assert seen["samples"]["楼号/texts"][0]["text"] == "1#"
    assert seen["bounds"][0] < ENDS[1][0] < seen["bounds"][2]
    assert start(empty, id, placement=placement, choices=CHOICES).status_code == 202
    account = wait(empty, id, "done", "refused", "failed")["account"]
    assert account["joined"]["楼号/texts"]["filled"] == 6 and account["joined"]["消防车道/texts"]["filled"] == 2
    assert account["left_out"] == ["绿化/areas"] and account["crs"] == "EPSG:4547"
    assert {n: c["accepted"] for n, c in account["layers"].items()} == {"buildings": 6, "fire_lanes": 3, "hydrants": 3}


BAD: dict[str, dict[str, Any]] = {
    "no mapping": {"choices": []},
    "an unknown member": {"choices": {"x": {"layers": "roads"}}},
    "sets of numbers": {"choices": {"x": {"sets": {"name": 3}}}},
    "a join without a field": {"choices": {"x": {"join": {"to": "y"}}}},
    "a join too far": {"choices": {"x": {"join": {"to": "y", "field": "no", "within_m": 1e9}}}},
    "skip and layer": {"choices": {"x": {"skip": True, "layer": "roads"}}},
    "three points": {"placement": {"from": [[0, 0]] * 3, "to": ENDS}},
    "text for a number": {"placement": {"shift": ["0", 0], "crs": "EPSG:4547"}},
    "not finite": {"placement": {"shift": [1e400, 0], "crs": "EPSG:4547"}},
    "degrees": {"placement": {"shift": [0, 0], "crs": "EPSG:4326"}},
    "points and a shift": {"placement": {"from": [[0, 0], [1, 1]], "to": ENDS, "shift": [0, 0]}},
    "a CRS as well": {"placement": {"shift": [0, 0], "crs": "EPSG:4547"}, "crs": "EPSG:4547"},
    "an injection": {"placement": {"shift": [0, 0], "crs": "+proj=pipeline +step +proj=affine"}},
}  # fmt: skip


def test_choices_that_cannot_be_meant_are_refused(empty: Browser, app: Flask) -> None:  # noqa: F811
    """Each a 4xx with a sentence, or a refused job; never a 500, and nothing is stored."""
    id = send(empty, ("台账.csv", "编号,小区名称\nA1,南苑\n".encode())).get_json()["id"]
    wait(empty, id, "ready")
    for name, body in BAD.items():
        answer = empty.send("POST", f"/api/uploads/{id}/import", data=json.dumps(body), content_type="application/json")
        if answer.status_code == 202:
            said = wait(empty, id, "done", "refused", "failed")
            assert said["state"] == "refused" and said["error"]["status"] == 400, name
        else:
            assert answer.status_code == 400 and answer.get_json()["detail"], name
    assert here(app).store.info().kind == "empty"


def test_the_command_line_says_the_same(app: Flask, drawing: Path) -> None:
    places = [f"{a},{b}={lon:.9f},{lat:.9f}" for (a, b), (lon, lat) in zip(((0, 0), (120_000, 0)), ENDS, strict=True)]
    said = app.test_cli_runner().invoke(
        args=[
            "import", str(drawing), "--json", "--place", places[0], "--place", places[1], "--layer", "消防车道/lines=fire_lanes", "--skip", "绿化/areas",
            "--join", "楼号/texts=建筑轮廓/areas:no:3", "--join", "消防车道/texts=消防车道/lines:clear_width_m", "--set", "消火栓/blocks:name=编号",
        ]
    )  # fmt: skip
    account = json.loads(said.stdout)
    assert said.exit_code == 0, said.stderr
    assert account["joined"]["楼号/texts"]["filled"] == 6
    assert account["mapping"]["消火栓/blocks"]["fields"] == {"name": "编号"}
    assert "逆时针旋转 0.0000°，每单位 0.001 米" in " ".join(n["zh"] for n in account["notes"])


def test_arguments_are_read_as_they_are_meant() -> None:
    assert split_layers(["roads", "A=B/lines=fire_lanes"]) == ("roads", {"A=B/lines": "fire_lanes"})
    assert split_sets(["name=名字", "甲/lines:name=名字: 全", "甲/lines:households="]) == (
        {"name": "名字"}, {"甲/lines": {"name": "名字: 全", "households": ""}},
    )  # fmt: skip
    assert choices_said({"a": "roads"}, {"b": {"name": "x"}}, ["c"], ["d=e/areas:no:2.5"]) == {
        "a": Choice("roads"), "b": Choice(sets={"name": "x"}), "c": Choice(skip=True), "d": Choice(join=Join("e/areas", "no", 2.5)),
    }  # fmt: skip
    assert placement_said(["1,2=113,34", "-3.5,4e3=113.1,34"], None, None, 0.001, "EPSG:4547") == {
        "from": [[1, 2], [-3.5, 4000]], "to": [[113, 34], [113.1, 34]], "crs": "EPSG:4547", "scale": 0.001,
    }  # fmt: skip
    assert placement_said([], "5,6", 90.0, None, None) == {"shift": [5, 6], "turn": 90.0}
    assert placement_said([], None, None, None, "EPSG:4547") is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: split_layers(["roads", "lanes"]), lambda: split_sets(["name"]), lambda: split_sets(["name=a", "name=b"]),
        lambda: choices_said({}, {}, [], ["a=b"]), lambda: placement_said(["1,2=3,4"], None, None, None, None),
        lambda: placement_said(["1,2=3,4", "x,2=3,4"], None, None, None, None), lambda: placement_said([], None, 3.0, None, None),
        lambda: placement_said([], "1,inf", None, None, None), lambda: placement_said(["1,2=3,4"] * 2, "1,2", None, None, None),
    ],
)  # fmt: skip
def test_arguments_that_say_nothing_are_refused(call: Any) -> None:
    with pytest.raises(BadValue):
        call()
