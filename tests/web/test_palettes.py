"""The legend's colours: the published numbers, far enough apart for readers with a colour-vision deficiency, and declared styles that do not rest on colour alone."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import branca.colormap
import numpy as np
import pytest

import layers
from geo.schema import Layer

SCRIPT = (Path(__file__).resolve().parents[2] / "static/js/map/palettes.js").read_text("utf-8")
ROWS = {name: re.findall(r"#[0-9a-f]{6}", row) for name, row in re.findall(r"^  (\w+): \{ kind: .*?colors: \[(.*?)\]", SCRIPT, re.M)}
PUBLISHED = {"viridis": "viridis", "ylorrd": "YlOrRd_09", "blues": "Blues_09", "puor": "PuOr_11"}
# Linear RGB as dichromats see it: Viénot, Brettel and Mollon (1999), for lack of the red-sensitive or green-sensitive cones.
SEEN = {
    "protan": np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]),
    "deutan": np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]),
}


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear RGB."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_numbers_are_the_published_ones(name: str) -> None:
    """Another library's table is the oracle; viridis is compared where we have a colour."""
    other = getattr(branca.colormap.linear, PUBLISHED[name])
    n = len(ROWS[name])
    wanted = [np.array(other.rgba_floats_tuple(i / (n - 1))[:3]) * 255 for i in range(n)]
    ours = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in ROWS[name]]
    assert np.abs(np.array(ours) - np.array(wanted)).max() <= 1


@pytest.mark.parametrize("cones", SEEN)
@pytest.mark.parametrize("name", ["okabe", "tol"])
def test_categories_differ_for_dichromats(name: str, cones: str) -> None:
    """A difference of 10 in L*a*b* is seen at a glance beside each other; the next cue is the pattern."""
    seen = [lab(SEEN[cones] @ linear(colour)) for colour in ROWS[name]]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 10


@pytest.mark.parametrize("name", ["viridis", "cividis", "ylorrd", "blues"])
def test_sequences_run_one_way_in_lightness(name: str) -> None:
    """So they can be read without any colour, as in a grey print."""
    steps = np.diff([lab(linear(colour))[0] for colour in ROWS[name]])
    assert (steps > 0).all() or (steps < 0).all()


@pytest.mark.parametrize("layer", [*layers.ALL, *layers.DERIVED], ids=lambda layer: layer.id)
def test_declared_classes_do_not_rest_on_colour_alone(layer: Layer) -> None:
    """Each class of a layer that lies on the map as areas has its pattern, as points its sign or shape, as lines its dash; ground maps of grey aside."""
    looks = [(c.pattern, c.dash, c.symbol or layer.style.symbol, c.shape or layer.style.shape) for c in layer.style.classes]
    if layer.id not in ("roads", "findings"):  # roads are told apart by lightness; findings by their severity in words
        assert len(looks) - len(set(looks)) <= 1
