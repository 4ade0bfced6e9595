"""What a file holds and how it would be imported, before anything is: datasets, proposed layers and mapping, CRS candidates, samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from geo.errors import Text
from geo.formats.contract import Candidate, DatasetInfo
from geo.frames import Frames
from geo.gaps.listed import columns_of
from geo.imports.area import service_area
from geo.imports.guess import cad_name, guess_layer
from geo.imports.headings import choose_columns, heading_key
from geo.imports.masking import shown_info
from geo.imports.options import ImportOptions, Join, check_options, read_request
from geo.imports.quarantine import QUARANTINE_HEADINGS
from geo.sandbox import Limits, Stop, inspect
from geo.schema import Layer
from geo.store.contract import Store
from geo.values.text import key


@dataclass(frozen=True, slots=True)
class Proposal:
    """How one dataset would be taken: `layer` None = unclear (`scores` says what fits), `mapping` field → column, `rest` goes to `extra`.

    `label`: its name for people; `join`: of the texts of a drawing, where they might go; `to_do`: a list of gaps that was filled in, for several layers.
    """

    info: DatasetInfo
    layer: str | None
    scores: Mapping[str, float]
    mapping: Mapping[str, str]
    rest: tuple[str, ...]
    label: Text
    join: Join | None = None
    to_do: bool = False


@dataclass(frozen=True, slots=True)
class Inspection:
    """A file before its import."""

    file_name: str
    datasets: tuple[Proposal, ...]

    @property
    def needs_crs(self) -> bool:
        """Whether the user must say how the coordinates are meant."""
        return any(p.info.declared_crs is None and p.info.candidates for p in self.datasets)

    @property
    def needs_placing(self) -> bool:
        """Whether some of it has coordinates of its own that no CRS explains."""
        return any(p.info.local is not None and not p.info.candidates for p in self.datasets)

    @property
    def unit_m(self) -> float | None:
        """Metres a unit of its drawings as the file says; None when it does not, or says several."""
        units = {p.info.local.unit_m for p in self.datasets if p.info.local is not None}
        return units.pop() if len(units) == 1 else None

    def to_json(self) -> dict[str, Any]:
        return {
            "file_name": self.file_name,
            "needs_crs": self.needs_crs,
            "needs_placing": self.needs_placing,
            "unit_m": self.unit_m,
            "datasets": [_proposal_json(p) for p in self.datasets],
        }


def inspect_file(
    path: Path,
    options: ImportOptions,
    frames: Frames | None,
    layers: Mapping[str, Layer],
    *,
    limits: Limits,
    store: Store | None = None,
    stop: Stop | None = None,
) -> Inspection:
    """Look without importing. Raises the Refused tree, and Stopped. `store` tells the service area when the options do not."""
    check_options(options, layers)
    area = service_area(options, store, frames) if store is not None else options.area
    infos = inspect(path, read_request(options, layers, area), limits=limits, stop=stop)
    found = [_propose(shown_info(info), options, layers) for info in infos]
    return Inspection(options.file_name, tuple(replace(p, join=suggest_join(p, found, layers)) for p in found))


def _propose(info: DatasetInfo, options: ImportOptions, layers: Mapping[str, Layer]) -> Proposal:
    guess = guess_layer(
        layers,
        dataset=info.name,
        file_name=options.file_name,
        columns=info.columns,
        geometry_types=info.geometry_types,
        hint=info.layer_hint,
        driver=info.driver,
    )
    label = _label(info, layers)
    if columns_of(info.columns):
        return Proposal(info, None, {}, {}, tuple(info.columns), label, to_do=True)
    chosen = options.layer or guess.layer
    if chosen is None:
        return Proposal(info, None, guess.scores, {}, tuple(info.columns), label)
    layer = layers[chosen]
    mapping = mapping_of(layer, info.columns, info.driver, options.sets_of(info.name))
    rest = tuple(c for c in info.columns if c not in mapping.values() and key(c) not in QUARANTINE_HEADINGS)
    return Proposal(info, chosen, guess.scores, mapping, rest, label)


def mapping_of(layer: Layer, columns: Sequence[str], driver: str, sets: Mapping[str, str]) -> dict[str, str]:
    """Field → column, as an import into `layer` would take the columns of a dataset."""
    if driver.upper() == "OSM":
        return {f.name: f.name for f in layer.writable if f.name in columns}
    matches, _ = choose_columns(layer, columns, sets, driver=driver)
    return {m.field: m.column for m in matches.values()}


_KINDS = {
    "points": Text("点", "points"),
    "lines": Text("线", "lines"),
    "areas": Text("面", "areas"),
    "texts": Text("文字", "texts"),
    "blocks": Text("图块", "blocks"),
    "others": Text("其他图元", "other entities"),
}
_OTHER_LAYERS = Text("其余图层", "the other layers")


def _label(info: DatasetInfo, layers: Mapping[str, Layer]) -> Text:
    """A dataset's name for people: those of OSM are called as the layer, those of a drawing by CAD layer and kind."""
    drawn = cad_name(info.driver, info.name)
    if drawn is not None and drawn.kind in _KINDS:
        kind, name = _KINDS[drawn.kind], _OTHER_LAYERS if drawn.layer == "*" else Text(drawn.layer, drawn.layer)
        return Text(f"{name.zh} · {kind.zh}", f"{name.en} · {kind.en}")
    if info.driver.upper() == "OSM" and info.layer_hint is not None and info.layer_hint in layers:
        return layers[info.layer_hint].label
    return Text(info.name, info.name)


def suggest_join(proposal: Proposal, found: Sequence[Proposal], layers: Mapping[str, Layer]) -> Join | None:
    """Where the texts of a drawing might go: to the features on their own CAD layer, else to those of the layer whose field is called as theirs."""
    drawn = cad_name(proposal.info.driver, proposal.info.name)
    if drawn is None or drawn.kind != "texts":
        return None
    filled = [(p, layers[p.layer]) for p in found if p.layer is not None and cad_name(p.info.driver, p.info.name)]
    filled = sorted(((p, layer) for p, layer in filled if layer.cad_text is not None), key=lambda one: -one[0].info.count)
    beside = [(p, layer) for p, layer in filled if p.info.name.rpartition("/")[0] == drawn.layer]
    called = [(p, layer) for p, layer in filled if _calls(layer, heading_key(drawn.layer))]
    for one, layer in (*beside, *called):
        if layer.cad_text is not None:
            return Join(one.info.name, layer.cad_text)
    return None


def _calls(layer: Layer, word: str) -> bool:
    """Whether a CAD layer of texts is called like the field that they fill (楼号, 净宽)."""
    field = layer.field(layer.cad_text) if layer.cad_text else None
    return field is not None and any(heading_key(w) in word for w in (field.label.zh, *field.aliases) if len(heading_key(w)) >= 2)


def _proposal_json(proposal: Proposal) -> dict[str, Any]:
    info = proposal.info
    return {
        "name": info.name,
        "label": {"zh": proposal.label.zh, "en": proposal.label.en},
        "cad": _cad_json(info),
        "driver": info.driver,
        "count": info.count,
        "columns": list(info.columns),
        "geometry_types": dict(info.geometry_types),
        "declared_crs": info.declared_crs,
        "candidates": [_candidate_json(c) for c in info.candidates],
        "encodings": [{"name": name, "sample": list(sample)} for name, sample in info.encodings],
        "sample": [dict(row) for row in info.sample],
        "notes": [{"zh": zh, "en": en} for zh, en in info.notes],
        "layer": proposal.layer,
        "scores": dict(proposal.scores),
        "mapping": dict(proposal.mapping),
        "rest": list(proposal.rest),
        "to_do": proposal.to_do,
        "local": None if info.local is None else {**asdict(info.local), "sample": list(info.local.sample)},
        "join": None if proposal.join is None else asdict(proposal.join),
    }


def _cad_json(info: DatasetInfo) -> dict[str, str] | None:
    drawn = cad_name(info.driver, info.name)
    return None if drawn is None else {"layer": drawn.layer, "kind": drawn.kind}


def _candidate_json(candidate: Candidate) -> dict[str, Any]:
    values = asdict(candidate)
    label = {"zh": values.pop("label_zh"), "en": values.pop("label_en")}
    return {**values, "label": label, "bounds": list(candidate.bounds), "sample": list(candidate.sample)}
