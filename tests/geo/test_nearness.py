"""`near`, `near-filter` and kept areas against distances taken one by one, and under shifts and turns of everything."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from fake_frames import LAYERS, NOW, FakeFrames, line, metres, query
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from geo.answers import answer
from geo.errors import BadValue, Invalid, UnknownField
from geo.query import Query
from geo.questions.catalogue import ALL


def shaped(metric: Any) -> Any:
    """A geometry in metres from ORIGIN, as stored."""
    return None if metric is None else shapely.transform(metric, lambda xy: np.array(metres(*map(tuple, xy))))


def placed(frames: FakeFrames, layer: str) -> list[Any]:
    return list(frames.view(layer).metric(layer))


def ask(frames: FakeFrames, collection: str, **args: str) -> Any:
    return answer(query(collection, limit="1000", **args), frames, layers=LAYERS, now=NOW)


def ids(frames: FakeFrames, collection: str, **args: str) -> list[int]:
    return [int(id) for id in ask(frames, collection, **args).frame.index]


def scene(seed: int, *, shift: tuple[float, float] = (0, 0), turn: float = 0) -> FakeFrames:
    """Thirty hazards and twelve lanes (points, lines and areas, some unplaced), moved and turned as a whole."""
    dice = np.random.default_rng(seed)

    def moved(shape: Any) -> Any:
        return shaped(affinity.translate(affinity.rotate(shape, turn, origin=(0, 0)), *shift))

    points = [shapely.Point(*dice.uniform(0, 400, 2)) for _ in range(30)]
    lanes = [shapely.LineString(dice.uniform(0, 400, (3, 2))) for _ in range(12)]
    hazards = [{"geometry": None if i % 7 == 3 else moved(p), "grade": ["general", "major"][i % 2]} for i, p in enumerate(points)]
    runs = [{"geometry": None if i == 5 else moved(r), "clear_width_m": 3.0 + i / 8 if i % 3 else None} for i, r in enumerate(lanes)]
    return FakeFrames({"hazards": hazards, "fire_lanes": runs})


def brute(frames: FakeFrames, metres: float, among: Any = lambda row: True) -> list[int]:
    hazards, lanes = placed(frames, "hazards"), placed(frames, "fire_lanes")
    rows = frames.frame("fire_lanes").to_dict("records")
    near = [lane for lane, row in zip(lanes, rows, strict=True) if lane is not None and among(row)]
    return [i + 1 for i, h in enumerate(hazards) if h is not None and any(h.distance(lane) <= metres for lane in near)]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0, 0.5, 12, 50, 400]))
def test_near_a_layer_is_every_pair_measured(seed: int, metres: float) -> None:
    frames = scene(seed)
    assert ids(frames, "hazards", near=f"fire_lanes:{metres}") == brute(frames, metres)
    narrow = {"near": f"fire_lanes:{metres}", "near-filter": "clear_width_m < 3.8"}
    assert ids(frames, "hazards", **narrow) == brute(frames, metres, lambda row: row["clear_width_m"] < 3.8)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_near_one_feature_is_each_distance_measured(seed: int, id: int) -> None:
    frames = scene(seed)
    lane = placed(frames, "fire_lanes")[id - 1]
    if lane is None:
        with pytest.raises(BadValue, match="not placed"):
            ids(frames, "hazards", near=f"fire_lanes/{id}:60")
        return
    expected = [i + 1 for i, h in enumerate(placed(frames, "hazards")) if h is not None and h.distance(lane) <= 60]
    assert ids(frames, "hazards", near=f"fire_lanes/{id}:60") == expected


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)), st.floats(0, 360))
def test_shifting_and_turning_everything_changes_nothing(seed: int, shift: tuple[float, float], turn: float) -> None:
    """Distances in degrees, or in a plane that stretches, would change with the direction."""
    before, after = scene(seed), scene(seed, shift=shift, turn=turn)
    hazards, lanes = placed(before, "hazards"), [lane for lane in placed(before, "fire_lanes") if lane is not None]
    edge = min(abs(h.distance(lane) - 40) for h in hazards if h is not None for lane in lanes)
    if edge > 1e-6:  # nothing lies at the border of being near
        assert ids(after, "hazards", near="fire_lanes:40") == ids(before, "hazards", near="fire_lanes:40")


def test_exactly_at_the_distance_is_near() -> None:
    frames = FakeFrames({"hazards": [{"geometry": shaped(shapely.Point(0, 0))}], "fire_lanes": [{"geometry": line((0, 30), (9, 30))}]})
    exact = placed(frames, "hazards")[0].distance(placed(frames, "fire_lanes")[0])
    assert exact == pytest.approx(30, abs=1e-6)
    assert ids(frames, "hazards", near=f"fire_lanes:{np.ceil(exact * 1e6) / 1e6:.6f}") == [1]
    assert ids(frames, "hazards", near="fire_lanes:29.9999") == []


def test_a_question_its_counts_and_its_unplaced_are_narrowed_alike() -> None:
    frames = scene(5)
    result = ask(frames, "lanes-under-width", near="hazards:30", answer="all", width="3.5")
    hazards = [h for h in placed(frames, "hazards") if h is not None]
    near = [i + 1 for i, r in enumerate(placed(frames, "fire_lanes")) if r is not None and min(r.distance(h) for h in hazards) <= 30]
    assert list(result.frame.index) == near
    assert result.summary["total"] == len(near)
    assert result.unplaced == 0


def test_a_layer_is_near_itself() -> None:
    frames = scene(1)
    assert ids(frames, "hazards", near="hazards:0") == [i + 1 for i, h in enumerate(placed(frames, "hazards")) if h is not None]


def test_an_edit_of_the_other_layer_is_seen() -> None:
    """The kept answer must not outlive the lane it was measured to."""
    frames = FakeFrames({"hazards": [{"geometry": shaped(shapely.Point(0, 0))}], "fire_lanes": [{"geometry": line((0, 90), (9, 90))}]})
    assert ids(frames, "hazards", near="fire_lanes:50") == []
    frames.put("fire_lanes", [{"geometry": line((0, 40), (9, 40))}], {1})
    assert ids(frames, "hazards", near="fire_lanes:50") == [1]


REFUSED: list[tuple[dict[str, str], type[Invalid], str]] = [
    ({"near": "fire_lanes"}, BadValue, "LAYER:METRES"),
    ({"near": "fire_lanes:-5"}, BadValue, "LAYER:METRES"),
    ({"near": "fire_lanes:５"}, BadValue, "LAYER:METRES"),
    ({"near": "fire_lanes:1e3"}, BadValue, "LAYER:METRES"),
    ({"near": "fire_lanes/x:5"}, BadValue, "LAYER:METRES"),
    ({"near": "fire_lanes:100001"}, BadValue, "100000"),
    ({"near": "fire_lane:5"}, BadValue, "nearest: fire_lanes"),
    ({"near": "findings:5"}, BadValue, "no layer 'findings'"),
    ({"near": "fire_lanes/99:5"}, BadValue, "no feature 99"),
    ({"near-filter": "clear_width_m < 3"}, BadValue, "needs near"),
    ({"near": "fire_lanes/1:5", "near-filter": "clear_width_m < 3"}, BadValue, "whole layer"),
    ({"near": "fire_lanes:5", "near-filter": "grade = 'major'"}, UnknownField, "no field 'grade'"),
    ({"within": "@west"}, BadValue, "no kept area '@west'"),
]


@pytest.mark.parametrize(("args", "error", "words"), REFUSED)
def test_what_is_refused_says_what_would_do(args: dict[str, str], error: type[Invalid], words: str) -> None:
    with pytest.raises(error, match=words):
        ask(scene(0), "hazards", **args)


@pytest.mark.parametrize("text", ["fire_lanes:50", "fire_lanes/12:0.5", "hazards:0", "fire_lanes:100000", "fire_lanes:12.3"])
def test_near_is_written_as_it_was_read(text: str) -> None:
    args = {"near": text} | ({} if "/" in text else {"near-filter": "source = '南'"})
    asked = query("hazards", **args)
    assert asked.to_args() == {**args, "limit": "100"}
    assert query("hazards", **asked.to_args()) == asked


def ring(count: int, radius: float) -> str:
    turns = np.linspace(0, 2 * np.pi, count, endpoint=False)
    points = metres(*((200 + radius * np.cos(t), 200 + radius * np.sin(t)) for t in turns))
    return "POLYGON((" + ",".join(f"{x:.7f} {y:.7f}" for x, y in (*points, points[0])) + "))"


def test_a_kept_area_of_ten_thousand_vertices_selects_like_the_polygon() -> None:
    frames, outline = scene(3), ring(10_000, 150)
    asked = Query.from_args(
        "hazards", {"within": "@west", "limit": "1000"}, layers=LAYERS, questions=ALL, areas={"west": outline}.__getitem__
    )
    held: Any = frames
    found = answer(asked, held, layers=LAYERS, now=NOW).frame
    area = shapely.from_wkt(outline)
    stored = frames.frame("hazards").geometry
    assert list(found.index) == [i for i, shape in stored.items() if shape is not None and area.covers(shape)] != []
    assert asked.to_args()["within"] == "@west"


@pytest.mark.parametrize(("outline", "words"), [(ring(10_001, 150), "at most 10000"), ("POINT(1 2)", "WKT polygon")])
def test_a_kept_area_that_cannot_be_used_is_refused(outline: str, words: str) -> None:
    with pytest.raises(BadValue, match=words):
        Query.from_args("hazards", {"within": "@west"}, layers=LAYERS, questions=ALL, areas=lambda _: outline)
