"""Which layer a dataset fills: from the names of sheet and file, the headings and the kinds of geometry. A close call is no answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from geo.imports.headings import candidates, heading_key, is_weak
from geo.schema import POINTS, Layer

_NEEDED = 0.75
"""A guess needs this score: one heading that only this layer has is 1, a sheet named like the layer is 3."""
_LEAD = 1.2
"""… and must beat the next layer by this ratio."""


@dataclass(frozen=True, slots=True)
class Guess:
    """`layer`: the id, or None when unclear; `scores`: every layer that has any evidence, best first."""

    layer: str | None
    scores: Mapping[str, float]


def guess_layer(
    layers: Mapping[str, Layer],
    *,
    dataset: str,
    file_name: str,
    columns: Sequence[str],
    geometry_types: Mapping[str, int],
    hint: str | None = None,
    driver: str = "",
) -> Guess:
    """`geometry_types`: kind → count, empty for a table without places. `hint`: what the file itself says of its layer."""
    if hint is not None and hint in layers:
        return Guess(hint, {hint: 100.0})
    drawn = cad_name(driver, dataset)
    if drawn is not None and drawn.kind == "texts":
        return Guess(None, {})
    headings = _heading_scores(layers, [c for c in columns if drawn is None or not c.startswith("cad_")])
    named = _name_scores(layers, dataset, PurePath(file_name).stem) if drawn is None else _cad_scores(layers, drawn.layer)
    scores = {}
    for layer_id, layer in layers.items():
        if not _takes(layer, geometry_types) or (drawn is not None and drawn.kind == "blocks" and not _symbolic(layer, columns)):
            continue
        score = headings.get(layer_id, 0.0) + named.get(layer_id, 0.0)
        if score > 0:
            scores[layer_id] = round(score, 2)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    clear = bool(ranked) and ranked[0][1] >= _NEEDED and (len(ranked) == 1 or ranked[0][1] >= _LEAD * ranked[1][1])
    return Guess(ranked[0][0] if clear else None, dict(ranked))


# --- drawings


@dataclass(frozen=True, slots=True)
class CadName:
    """What the name of a drawing's dataset says: the CAD layer, and points, lines, areas, texts, blocks or others."""

    layer: str
    kind: str


_DRAWING = "DXF"
_BOUND = re.compile(r"^.*(?:\||\$\d+\$)")
_PARTS = re.compile(r"[\s_\-.·—+&()（）\[\]]+")


def cad_name(driver: str, dataset: str) -> CadName | None:
    """None for what is no dataset of a drawing."""
    layer, sign, kind = dataset.rpartition("/")
    return CadName(layer, kind.split(" ", 1)[0]) if driver == _DRAWING and sign else None


def _cad_scores(layers: Mapping[str, Layer], name: str) -> dict[str, float]:
    """By the layer's name without the drawing that it was bound from: the whole of it, a part between signs, or Chinese words in it.

    As with sheets the word that ends last is the head (建筑消防车道: lanes), of two that end there the longer one.
    """
    bare = _BOUND.sub("", name)
    whole, parts = heading_key(bare), [heading_key(p) for p in _PARTS.split(bare)]
    best: tuple[int, int, float, str] | None = None
    for layer_id, layer in layers.items():
        for word in dict.fromkeys((layer_id, layer.label.zh, layer.label.en, *layer.aliases, *layer.cad)):
            form = heading_key(word)
            at = whole.rfind(form)
            if at < 0 or len(form) < 2 or (form.isascii() and form != whole and form not in parts):
                continue
            rank = (at + len(form), len(form), 3.0 if form == whole else 2.0, layer_id)
            best = rank if best is None or rank[:2] > best[:2] else best
    return {} if best is None else {best[3]: best[2]}


def _symbolic(layer: Layer, columns: Sequence[str]) -> bool:
    """Whether block references stand for features: of layers of points only, and where they carry attributes."""
    return set(layer.geometry) <= set(POINTS) or any(not c.startswith("cad_") for c in columns)


def _takes(layer: Layer, geometry_types: Mapping[str, int]) -> bool:
    """Whether at least half of the geometries are of kinds that the layer holds; a table has none and fits all."""
    families = {kind.removeprefix("Multi") for kind in layer.geometry}
    placed = {kind: n for kind, n in geometry_types.items() if kind.removeprefix("Multi") in ("Point", "LineString", "Polygon")}
    total = sum(placed.values())
    return total == 0 or sum(n for kind, n in placed.items() if kind.removeprefix("Multi") in families) * 2 >= total


def _heading_scores(layers: Mapping[str, Layer], columns: Sequence[str]) -> dict[str, float]:
    """A heading counts the more, the fewer layers have a field for it.

    A layer none of whose naming fields is there counts less; one that is named and belongs to another (a building of a compound) counts more.
    A heading that every layer has (编号) names none.
    """
    scores: dict[str, float] = {}
    naming: set[str] = set()
    referring: set[str] = set()
    for column in columns:
        hits = {layer_id: found[0] for layer_id, layer in layers.items() if (found := candidates(layer, column)) and found[0].rank < 10}
        if not hits or is_weak(column):
            continue
        own = [layer_id for layer_id, m in hits.items() if not _reference(layers[layer_id], m.field)]
        for layer_id, match in hits.items():
            scores[layer_id] = scores.get(layer_id, 0.0) + (1 / len(own) if layer_id in own else 0.4)
            if layer_id not in own:
                referring.add(layer_id)
            elif match.field in ("code", "no", layers[layer_id].title_field) and len(hits) < max(2, len(layers)):
                naming.add(layer_id)
    return {
        layer_id: score * (0.7 if layer_id not in naming else 1.5 if layer_id in referring else 1.0) for layer_id, score in scores.items()
    }


def _reference(layer: Layer, name: str) -> bool:
    field = layer.field(name)
    return field is not None and field.refers is not None


def _name_scores(layers: Mapping[str, Layer], dataset: str, stem: str) -> dict[str, float]:
    """The name of a sheet tells more than the name of its file; of two words in one name the later one is the head (小区隐患台账: hazards)."""
    scores: dict[str, float] = {}
    for text, weight in ((heading_key(dataset), 1.0), (heading_key(stem), 0.6)):
        best: tuple[int, int, str] | None = None
        for layer_id, layer in layers.items():
            for word in (layer_id, layer.label.zh, layer.label.en, *layer.aliases):
                form = heading_key(word)
                at = text.rfind(form)
                if len(form) < 2 or at < 0 or (form.isascii() and len(form) < 4):
                    continue
                rank = (at + len(form), len(form), layer_id)
                best = rank if best is None or rank[:2] > best[:2] else best
        if best is not None:
            scores[best[2]] = scores.get(best[2], 0.0) + weight * (3.0 if best[1] == len(text) else 2.0)
    return scores
