"""What a file holds and how it would be imported, before anything is: datasets, proposed layers and mapping, CRS candidates, samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from geo.formats.contract import Candidate, DatasetInfo
from geo.frames import Frames
from geo.imports.area import service_area
from geo.imports.guess import guess_layer
from geo.imports.headings import match_columns
from geo.imports.options import ImportOptions, check_options, read_request
from geo.imports.quarantine import QUARANTINE_HEADINGS
from geo.sandbox import Limits, inspect
from geo.schema import Layer
from geo.store.contract import Store
from geo.values.text import key


@dataclass(frozen=True, slots=True)
class Proposal:
    """How one dataset would be taken: `layer` None = unclear (`scores` says what fits), `mapping` field → column, `rest` goes to `extra`."""

    info: DatasetInfo
    layer: str | None
    scores: Mapping[str, float]
    mapping: Mapping[str, str]
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """A file before its import."""

    file_name: str
    datasets: tuple[Proposal, ...]

    @property
    def needs_crs(self) -> bool:
        """Whether the user must say how the coordinates are meant."""
        return any(p.info.declared_crs is None and p.info.candidates for p in self.datasets)

    def to_json(self) -> dict[str, Any]:
        return {"file_name": self.file_name, "needs_crs": self.needs_crs, "datasets": [_proposal_json(p) for p in self.datasets]}


def inspect_file(
    path: Path, options: ImportOptions, frames: Frames | None, layers: Mapping[str, Layer], *, limits: Limits, store: Store | None = None
) -> Inspection:
    """Look without importing. Raises the Refused tree. `store` tells the service area when the options do not."""
    check_options(options, layers)
    area = service_area(options, store, frames) if store is not None else options.area
    infos = inspect(path, read_request(options, layers, area), limits=limits)
    return Inspection(options.file_name, tuple(_propose(info, options, layers) for info in infos))


def _propose(info: DatasetInfo, options: ImportOptions, layers: Mapping[str, Layer]) -> Proposal:
    guess = guess_layer(
        layers,
        dataset=info.name,
        file_name=options.file_name,
        columns=info.columns,
        geometry_types=info.geometry_types,
        hint=info.layer_hint,
    )
    chosen = options.layer or guess.layer
    if chosen is None:
        return Proposal(info, None, guess.scores, {}, tuple(info.columns))
    layer = layers[chosen]
    if info.driver.upper() == "OSM":
        mapping = {f.name: f.name for f in layer.writable if f.name in info.columns}
    else:
        names = {f.name for f in layer.writable}
        sets = {name: column for name, column in options.sets.items() if column in info.columns and name in names}
        matches, _ = match_columns(layer, info.columns, sets=sets, cut="shape" in info.driver.lower())
        mapping = {m.field: m.column for m in matches.values()}
    rest = tuple(c for c in info.columns if c not in mapping.values() and key(c) not in QUARANTINE_HEADINGS)
    return Proposal(info, chosen, guess.scores, mapping, rest)


def _proposal_json(proposal: Proposal) -> dict[str, Any]:
    info = proposal.info
    return {
        "name": info.name,
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
    }


def _candidate_json(candidate: Candidate) -> dict[str, Any]:
    values = asdict(candidate)
    label = {"zh": values.pop("label_zh"), "en": values.pop("label_en")}
    return {**values, "label": label, "bounds": list(candidate.bounds), "sample": list(candidate.sample)}
