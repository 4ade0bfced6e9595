"""Two points place a drawing: the transformation is worked out here by rotating and shifting with complex numbers."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import placing
from geo.crs import transform_xy
from geo.errors import BadValue, UnknownCrs
from geo.placing import Wanted, fit

HERE = (113.0, 34.75)
"""408 433.41, 3 847 313.82 in EPSG:4547 (domain 6.1)."""
METRIC = "EPSG:4547"


def lonlat(*metres: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    there = transform_xy(np.array(metres, dtype=np.float64), METRIC, "EPSG:4326")
    return tuple((float(x), float(y)) for x, y in there)


def of(drawn: list[complex], turn_deg: float, scale: float, shift: complex) -> list[tuple[float, float]]:
    there = [z * scale * cmath.exp(1j * math.radians(turn_deg)) + shift for z in drawn]
    return [(z.real, z.imag) for z in there]


@given(
    turn=st.floats(-179, 179), unit=st.sampled_from([1.0, 0.001, 0.3048]), x=st.floats(-1e3, 1e3), y=st.floats(-1e3, 1e3),
    third=st.complex_numbers(max_magnitude=500, allow_nan=False, allow_infinity=False),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_two_points_find_shift_turn_and_scale(turn: float, unit: float, x: float, y: float, third: complex) -> None:
    """A third point of the drawing comes to lie where it belongs, to a millimetre."""
    shift = complex(408_433.41 + x, 3_847_313.82 + y)
    drawn = [z / unit for z in (0j, complex(80, 60), third)]
    there = of(drawn, turn, unit, shift)
    wanted = Wanted(drawn=((drawn[0].real, drawn[0].imag), (drawn[1].real, drawn[1].imag)), placed=lonlat(*there[:2]), by_file=False)  # type: ignore[arg-type]
    found = fit(wanted, unit_m=None, metric_crs=METRIC)
    assert (found.turn_deg - turn + 180) % 360 - 180 == pytest.approx(0, abs=1e-5)
    assert found.scale == pytest.approx(unit, rel=1e-7)
    last = transform_xy(found.to_storage(np.array([[drawn[2].real, drawn[2].imag]])), "EPSG:4326", METRIC)[0]
    assert tuple(last) == pytest.approx(there[2], abs=1e-3)


def test_the_known_unit_is_kept_and_the_residual_told() -> None:
    """100.5 m on the map for 100 m in the drawing: 0.25 m off at either end, the middle exact."""
    found = fit(
        Wanted(drawn=((0, 0), (100_000, 0)), placed=lonlat((408_400, 3_847_300), (408_500.5, 3_847_300))), unit_m=0.001, metric_crs=METRIC
    )
    assert (found.scale, found.turn_deg) == (0.001, pytest.approx(0, abs=1e-9))
    assert (found.drawn_m, round(found.map_m or 0, 6), round(found.residual_m or 0, 6)) == (100.0, 100.5, 0.25)
    assert (round(found.dx, 4), round(found.dy, 4)) == (408_400.25, 3_847_300.0)
    assert "0.25" in found.sentence.zh and "0.25 m off" in found.sentence.en


def test_lengths_that_disagree_are_refused_with_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """102.1 m for 100 m is refused and both lengths said; with the limit off (control) it is taken."""
    wanted = Wanted(drawn=((0, 0), (100, 0)), placed=lonlat((408_400, 3_847_300), (408_502.1, 3_847_300)))
    with pytest.raises(BadValue) as refused:
        fit(wanted, unit_m=1.0, metric_crs=METRIC)
    assert (refused.value.members["drawn_m"], refused.value.members["map_m"]) == (100.0, 102.1)
    assert "100.00" in refused.value.text.zh and "102.10" in refused.value.text.en
    monkeypatch.setattr(placing, "MOST_APART", 0.03)
    assert fit(wanted, unit_m=1.0, metric_crs=METRIC).residual_m == pytest.approx(1.05, abs=1e-6)
    free = fit(Wanted(drawn=wanted.drawn, placed=wanted.placed, by_file=False), unit_m=1.0, metric_crs=METRIC)
    assert (free.scale, free.residual_m) == (pytest.approx(1.021), None), "two points always fit a scale that they gave themselves"
    assert "没有别的可以核对" in free.sentence.zh and "nothing checks it" in free.sentence.en


def test_numbers_place_as_well() -> None:
    found = fit(Wanted(crs="4547", shift=(408_400.0, 3_847_300.0), turn_deg=90.0, scale=0.001, by_file=False), unit_m=None, metric_crs=None)
    there = transform_xy(found.to_storage(np.array([[1000.0, 2000.0]])), "EPSG:4326", METRIC)[0]
    assert tuple(there) == pytest.approx((408_398.0, 3_847_301.0), abs=1e-6)


def test_without_a_store_the_zone_follows_the_points() -> None:
    points = ((0.0, 0.0), (80.0, 0.0))
    assert fit(Wanted(drawn=points, placed=((113.0, 34.75), (113.001, 34.75))), unit_m=None, metric_crs=None).crs == "EPSG:4547"
    far = fit(Wanted(drawn=points, placed=((-74.0, 40.7), (-74.001, 40.7))), unit_m=None, metric_crs="EPSG:4547")
    assert far.crs == "EPSG:32618"


BAD = {
    "one point": (Wanted(drawn=((1, 1), (1, 1)), placed=(HERE, (113.1, 34.75))), "too close"),
    "one place": (Wanted(drawn=((1, 1), (2, 1)), placed=(HERE, HERE)), "too close"),
    "swapped": (Wanted(drawn=((0, 0), (9, 9)), placed=((34.75, 113.0), (34.76, 113.0))), "longitude"),
    "not finite": (Wanted(drawn=((0, math.nan), (9, 9)), placed=(HERE, (113.1, 34.75))), "finite"),
    "degrees": (Wanted(crs="EPSG:4326", shift=(1, 1)), "not a projected"),
    "feet": (Wanted(crs="EPSG:2263", shift=(1, 1)), "not a projected"),
    "scale": (Wanted(crs=METRIC, shift=(1, 1), scale=0.0, by_file=False), "scale"),
    "mirrored": (Wanted(crs=METRIC, shift=(1, 1), scale=-1.0, by_file=False), "scale"),
    "clicked twice": (Wanted(drawn=((1, 1), (1, 1.001)), placed=(HERE, (113.001, 34.75)), by_file=False), "no scale"),
    "nothing": (Wanted(), "two pairs"),
    "no system": (Wanted(shift=(1, 1)), "say the coordinate system"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_places_nothing_is_refused(name: str) -> None:
    wanted, sentence = BAD[name]
    with pytest.raises(BadValue, match=sentence):
        fit(wanted, unit_m=None, metric_crs=None)


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(UnknownCrs):
        fit(Wanted(crs="EPSG:1", shift=(1, 1)), unit_m=None, metric_crs=None)
