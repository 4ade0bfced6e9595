"""The runner judges every rule of the profile once, and after an edit what depends on it and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from geo.rules import run
from geo.rules.declaration import RESULTS, Judgement
from geo.rules.splicing import MOST
from tests.geo.fake_frames import FakeFrames, line
from tests.geo.rules.made_rules import made, profile, view_of

__all__ = ["made"]
pytestmark = pytest.mark.usefixtures("made")

SHOPS: list[dict[str, Any]] = [{"id": 1, "lpg_kg": 50.0}]
HAZARDS: list[dict[str, Any]] = [{"id": 4, "due_date": "2026-11-20"}, {"id": 5, "due_date": "2026-12-20"}, {"id": 6}]


def lane(id: int, width: float | None, **said: Any) -> dict[str, Any]:
    return {"id": id, "clear_width_m": width, "kind": "main", "geometry": line((0, id), (10, id)), **said}


LANES = [lane(i, 3.0 + i / 10) for i in range(1, 21)]


def frames(**contents: Any) -> FakeFrames:
    return FakeFrames({"fire_lanes": LANES, "buildings": [{"id": 1}, {"id": 2}], "shops": SHOPS, "hazards": HAZARDS, **contents})


def results(judgement: Judgement) -> list[str]:
    return [RESULTS[code] for code in judgement.result]


def same(one: Mapping[str, Judgement], two: Mapping[str, Judgement]) -> None:
    """Everything that two runs tell is equal."""
    assert list(one) == list(two)
    for a, b in zip(one.values(), two.values(), strict=True):
        rows = np.arange(len(a.result))
        for name in ("result", "measured", "threshold", "basis"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
        assert a.why(rows, "zh") == b.why(rows, "zh")
        assert (a.where is None) == (b.where is None)
        if a.where is not None and b.where is not None:
            assert list(a.where(rows)) == list(b.where(rows))
        if a.lacks is not None and b.lacks is not None:
            settle = a.lacks.kind >= 0
            np.testing.assert_array_equal(a.lacks.kind, b.lacks.kind)
            np.testing.assert_array_equal(a.lacks.row[settle], b.lacks.row[settle])


def edited(at: FakeFrames, changed: Mapping[int, Mapping[str, Any] | None]) -> None:
    """Lanes put in, changed, or (None) taken out."""
    rows = {row["id"]: row for row in at.contents["fire_lanes"]}
    rows.update({id: row for id, row in changed.items() if row is not None})
    at.put("fire_lanes", [rows[id] for id in sorted(rows) if changed.get(id, ...) is not None], set(changed))


def test_every_rule_of_the_profile_is_judged() -> None:
    found = run.judged_now(view_of(frames()))
    assert found.work == {"T-01": 20, "T-02": 2, "T-03": 1, "T-04": 3}
    assert results(found.results["T-01"]) == ["fail"] * 9 + ["pass"] * 11
    assert results(found.results["T-04"]) == ["fail", "pass", "unknown"]


def test_a_rule_that_the_profile_leaves_out_is_not_judged() -> None:
    found = run.judged_now(view_of(frames(), profile=profile(**{"T-02": None})))
    assert list(found.results) == ["T-01", "T-03", "T-04"]


def test_nothing_is_judged_twice() -> None:
    at = frames()
    first = run.judged_now(view_of(at))
    assert run.judged_now(view_of(at)) is first


def test_one_lane_judges_that_lane_and_what_reads_lanes() -> None:
    at = frames()
    before = run.judged(view_of(at))
    edited(at, {3: lane(3, 5.0)})
    after = run.judged_now(view_of(at))
    assert after.work == {"T-01": 1, "T-02": 2}
    assert after.results["T-03"] is before["T-03"]
    assert after.results["T-04"] is before["T-04"]
    assert results(after.results["T-01"])[2] == "pass"
    same(after.results, run.judged(view_of(FakeFrames(at.contents))))


def test_a_shop_judges_shops_only() -> None:
    at = frames()
    run.judged(view_of(at))
    at.put("shops", [{"id": 1, "lpg_kg": 500.0}], {1})
    assert run.judged_now(view_of(at)).work == {"T-03": 1}


@pytest.mark.parametrize(
    ("changed", "judged"),
    [({21: lane(21, 2.0)}, 1), ({5: None}, 0), ({5: None, 6: lane(6, None), 30: lane(30, 9.0)}, 2), ({i: lane(i, 9.0) for i in range(1, 11)}, 20)],
    ids=["in", "out", "mixed", "so many that all are judged"],
)  # fmt: skip
def test_rows_put_in_and_taken_out(changed: dict[int, Any], judged: int) -> None:
    at = frames()
    run.judged(view_of(at))
    edited(at, changed)
    found = run.judged_now(view_of(at))
    assert found.work["T-01"] == judged
    same(found.results, run.judged(view_of(FakeFrames(at.contents))))


def test_many_edits_hold_few_judgings() -> None:
    """Each would keep the view that it was judged in, with all its layers."""
    at = frames()
    kept = [run.judged_now(view_of(at))]
    for i in range(3 * MOST):
        edited(at, {1 + i % 5: lane(1 + i % 5, None if i % 3 else 3.0 + i)})
        kept.append(run.judged_now(view_of(at)))
    assert max(len(j.kept["T-01", ""].pieces.judgings) for j in kept) == MOST
    assert {j.work["T-01"] for j in kept[1:]} == {1, 5}
    same(kept[-1].results, run.judged(view_of(FakeFrames(at.contents))))


def test_only_dated_rules_are_judged_for_another_day() -> None:
    at = frames()
    run.judged(view_of(at))
    found = run.judged_now(view_of(at, as_of="2027-01-01"))
    assert found.work == {"T-04": 3}
    assert results(found.results["T-04"]) == ["fail", "fail", "unknown"]


def test_two_days_in_turn_are_judged_once_each() -> None:
    at = frames()
    for day in ("2026-11-22", "2027-01-01"):
        run.judged(view_of(at, as_of=day))
    assert run.judged_now(view_of(at, as_of="2026-11-22")).work == {}
    assert run.judged_now(view_of(at, as_of="2027-01-01")).work == {}


def test_an_older_view_has_its_own_results() -> None:
    """Its rows are not those that the newer results were worked out from, and the log of changes does not run backwards."""
    at = frames()
    old = view_of(at)
    edited(at, {3: lane(3, 5.0)})
    run.judged(view_of(at))
    assert results(run.judged(old)["T-01"])[2] == "fail"


def test_random_edits_equal_a_full_run() -> None:
    """Insert, change and delete lanes at random; after each the results equal those of a process that starts afresh."""
    rng, at = np.random.default_rng(5), frames()
    for _ in range(40):
        ids = rng.choice(30, size=rng.integers(1, 4), replace=False) + 1
        widths = rng.choice([2.5, 3.2, 3.9, 4.0, 6.0, np.nan], size=len(ids))
        here = {row["id"] for row in at.contents["fire_lanes"]}
        kinds = rng.choice(["main", "pedestrian"], size=len(ids))
        gone = rng.random(len(ids)) < 0.3
        edited(
            at,
            {
                int(i): None if out and i in here else lane(int(i), None if np.isnan(w) else float(w), kind=str(k))
                for i, w, k, out in zip(ids, widths, kinds, gone, strict=True)
            },
        )  # fmt: skip
        same(run.judged(view_of(at)), run.judged(view_of(FakeFrames(at.contents))))
