"""Both questions against a brute force that knows nothing of `geo`: on the demo district and on a thousand random ones, as they are, turned,
shifted and mirrored."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pyproj
import pytest
import shapely
from fake_frames import LAYERS, NOW, FakeFrames, query

from geo import synthetic
from geo.answers import answer
from geo.errors import QuestionNotFound
from geo.questions.catalogue import ALL, get

TO_METRES = pyproj.Transformer.from_crs(4326, 4547, always_xy=True)
TO_DEGREES = pyproj.Transformer.from_crs(4547, 4326, always_xy=True)
CENTRE = (407_000.0, 3_847_000.0)
Move = Callable[[float, float], tuple[float, float]]

MOVES: dict[str, Move] = {
    "as it is": lambda x, y: (x, y),
    "turned": lambda x, y: (x * math.cos(0.7) - y * math.sin(0.7), x * math.sin(0.7) + y * math.cos(0.7)),
    "shifted": lambda x, y: (x + 3_210.5, y - 4_321.25),
    "mirrored": lambda x, y: (-x, y),
}


# brute force ------------------------------------------------------------------------------------------------------------------


def in_metres(shape: Any) -> Any:
    return None if shape is None else shapely.transform(shape, TO_METRES.transform, interleaved=False)


def brute_gas(compounds: list[dict[str, Any]], areas: list[dict[str, Any]]) -> list[str]:
    serving = [
        in_metres(a["geometry"])
        for a in areas
        if a.get("geometry") is not None and a.get("status") not in ("planned", "under_construction")
    ]
    return [brute_compound(row, serving) for row in compounds]


def brute_compound(row: dict[str, Any], serving: list[Any]) -> str:
    status, connected = row.get("gas_status"), row.get("gas_households")
    if status == "all_electric":
        return "na"
    if connected is not None:
        return "yes" if connected == 0 else "no"
    if status in ("none", "under_construction"):
        return "yes"
    if status in ("partial", "full"):
        return "no"
    if not serving or row.get("geometry") is None:
        return "unknown"
    outline = in_metres(row["geometry"])
    near = [a for a in serving if a.intersects(outline)]
    covered = (
        shapely.union_all([a.intersection(outline) for a in near]).area / outline.area
        if outline.area
        else float(any(a.covers(outline) for a in near))
    )
    assert abs(covered - 0.5) > 1e-4, "too close to call for two ways of reckoning"
    return "no" if covered >= 0.5 else "yes"


ACCURACY = {"tape": "0.05", "survey": "0.1", "cad": "0.1", "imagery": "0.5", "osm": "1.0", "unsaid": "0.5", None: "0.5"}


def brute_lane(row: dict[str, Any], limit: str) -> str:
    width = row.get("clear_width_m")
    if width is None:
        return "unknown"
    exact, stated = Decimal(str(width)), row.get("accuracy_m")
    if row.get("quality") in ("measured", "inferred"):
        exact = exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        accuracy = Decimal(str(stated)) if stated is not None else Decimal(ACCURACY[row.get("width_source")])
        if row["quality"] == "inferred" and abs(exact - Decimal(limit)) < accuracy:
            return "unknown"
    return "yes" if exact < Decimal(limit) else "no"


# random districts -------------------------------------------------------------------------------------------------------------


def blob(chance: random.Random, x: float, y: float, size: float, corners: int, move: Move) -> Any:
    ring = []
    for i in range(corners):
        angle, radius = 2 * math.pi * i / corners, chance.uniform(0.4, 1) * size
        mx, my = move(x + radius * math.cos(angle), y + radius * math.sin(angle))
        ring.append(TO_DEGREES.transform(CENTRE[0] + mx, CENTRE[1] + my))
    return shapely.Polygon(ring)


def district(seed: int, at: tuple[float, float], move: Move) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Compounds and service areas of one small district; the same seed gives the same one, moved."""
    chance = random.Random(seed)
    compounds, areas = [], []
    for _ in range(chance.randrange(2, 12)):
        x, y = at[0] + chance.uniform(-400, 400), at[1] + chance.uniform(-400, 400)
        households = chance.choice([None, 40, 120])
        compounds.append({
            "geometry": None if chance.random() < 0.1 else blob(chance, x, y, chance.uniform(20, 90), chance.randrange(3, 9), move),
            "households": households,
            "gas_households": chance.choice([None, None, None, 0, 20, 40, 120]),
            "gas_status": chance.choice([None, None, None, "none", "partial", "full", "under_construction", "all_electric", "unknown"]),
        })  # fmt: skip
    for _ in range(chance.randrange(0, 6)):
        x, y = at[0] + chance.uniform(-400, 400), at[1] + chance.uniform(-400, 400)
        shape = None if chance.random() < 0.05 else blob(chance, x, y, chance.uniform(60, 300), chance.randrange(3, 14), move)
        areas.append({"geometry": shape, "status": chance.choice([None, "in_service", "in_service", "planned", "unknown"])})
    return compounds, areas


def coded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"code": str(i), "name": f"院{i}", **row} for i, row in enumerate(rows)]


def answers(compounds: list[dict[str, Any]], areas: list[dict[str, Any]]) -> list[str]:
    frames = FakeFrames({"compounds": coded(compounds), "gas_areas": coded(areas)})
    asked = query("compounds-without-gas", answer="all", properties="answer", limit="100000")
    return list(answer(asked, frames, layers=LAYERS, now=NOW).frame["answer"])


def many(seeds: range, move: Move) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Many districts side by side (1.6 km apart) in one store, and what brute force says of each by itself."""
    compounds, areas, expected = [], [], []
    for n, seed in enumerate(seeds):
        at = (1_600.0 * (n % 30) - 24_000, 1_600.0 * (n // 30) - 24_000)
        some, theirs = district(seed, at, move)
        compounds += some
        areas += theirs
        if move is MOVES["as it is"]:
            placed = [*theirs, {"geometry": shapely.box(0, 0, 1, 1)}]
            expected += brute_gas(some, placed)
    return compounds, areas, expected


@pytest.mark.soak
def test_a_thousand_random_districts_by_brute_force() -> None:
    compounds, areas, expected = many(range(1_000), MOVES["as it is"])
    found = answers(compounds, areas)
    assert found == expected
    assert min(found.count(a) for a in ("yes", "no", "unknown", "na")) > 100


@pytest.mark.parametrize("seed", range(12))
def test_random_districts_alone(seed: int) -> None:
    """Each in a store of its own: some have no service area at all."""
    compounds, areas = district(seed, (0, 0), MOVES["as it is"])
    assert answers(compounds, areas) == brute_gas(compounds, areas)


@pytest.mark.parametrize("name", ["turned", "shifted", "mirrored"])
def test_moved_districts_answer_the_same(name: str) -> None:
    before, after = many(range(150), MOVES["as it is"]), many(range(150), MOVES[name])
    assert answers(*after[:2]) == answers(*before[:2]) == before[2]


@pytest.mark.soak
def test_many_more_districts() -> None:
    start = int(os.environ.get("SOAK_SEED", "100000"))
    for block in range(20):
        compounds, areas, expected = many(range(start + 1_000 * block, start + 1_000 * (block + 1)), MOVES["as it is"])
        assert answers(compounds, areas) == expected


def lane_row(chance: random.Random) -> dict[str, Any]:
    return {
        "clear_width_m": chance.choice([None, 0.0, 3.0, 3.99, 4.0, 4.01, 3.994, 3.996, round(chance.uniform(2, 6), 2)]),
        "quality": chance.choice([None, "declared", "measured", "inferred", "unknown"]),
        "accuracy_m": chance.choice([None, None, 0.05, 0.1, 0.5]),
        "width_source": chance.choice([None, "tape", "survey", "cad", "imagery", "osm", "unsaid"]),
    }


@pytest.mark.parametrize("limit", ["4", "3.5", "2.75"])
def test_random_lanes_by_brute_force(limit: str) -> None:
    chance = random.Random(limit)
    rows = [lane_row(chance) for _ in range(3_000)]
    frames = FakeFrames({"fire_lanes": coded(rows)})
    asked = query("lanes-under-width", width=limit, answer="all", properties="answer", limit="100000")
    assert list(answer(asked, frames, layers=LAYERS, now=NOW).frame["answer"]) == [brute_lane(row, limit) for row in rows]


# the demo district ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo() -> dict[str, list[dict[str, Any]]]:
    made = synthetic.district(LAYERS, as_of=NOW[:10])
    return {
        name: [{**row, "geometry": shapely.from_wkb(row["geometry"]) if row.get("geometry") else None} for row in rows]
        for name, rows in made.items()
    }


def test_the_demo_district_by_brute_force(demo: dict[str, list[dict[str, Any]]]) -> None:
    frames = FakeFrames(demo, kind="demo")
    gas = answer(query("compounds-without-gas", answer="all", limit="100000"), frames, layers=LAYERS, now=NOW)
    assert list(gas.frame["answer"]) == brute_gas(demo["compounds"], demo["gas_areas"])
    assert gas.summary["total"] == 222 and gas.demo
    recorded = FakeFrames({name: demo[name] for name in ("fire_lanes", "compounds")}, kind="demo")  # nothing drawn: by their record alone
    lanes = answer(query("lanes-under-width", answer="all", limit="100000"), recorded, layers=LAYERS, now=NOW)
    assert list(lanes.frame["answer"]) == [brute_lane(row, "4") for row in demo["fire_lanes"]]


def test_the_catalogue_finds_and_refuses() -> None:
    assert get("lanes-under-width") in ALL
    with pytest.raises(QuestionNotFound) as caught:
        get("lane-under-width")
    assert caught.value.members["nearest"][0] == "lanes-under-width"
