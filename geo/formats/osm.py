"""OpenStreetMap extracts (.osm, .osm.gz, .osm.pbf): every object that a layer's rules ask for becomes a record of that layer's dataset.

`ReadRequest.osm` is {"layers": {layer id: {"rules": [{"geometry": "point" | "line" | "area", "tags": [[key, [value, …]], …],
"unless": [[key, [value, …]], …], "sets": [[field, value], …]}, …], "fields": {field: [tag key, …]},
"estimates": {field: [tag key, …]}}}}. A rule holds when all its `tags`
do and none of `unless`; the value "*" is any but "no". The first rule of a layer that holds counts; an object may fill several layers.
A record has `code` ("way/123"), the fields that rules set or tags fill, and its other tags as "osm:key"; a field filled from a tag that
holds an estimate makes the record inferred, and the tag stays among the others.
"""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from geo import crs
from geo.errors import HostileFile, Text, TooLarge, UnreadableFile
from geo.formats import doctor
from geo.formats.contract import ReadRequest
from geo.formats.dataset import ROWS, Dataset, Raw
from geo.formats.limits import Limits
from geo.formats.problems import Problem, problem
from geo.geometry import array_of

OWN_COLUMNS = 90
"""Most tags that get a column of their own; rarer ones share the column "osm:other" as key=value."""


@dataclass(frozen=True, slots=True)
class Rule:
    geometry: str
    tags: tuple[tuple[str, frozenset[str]], ...]
    unless: tuple[tuple[str, frozenset[str]], ...]
    sets: tuple[tuple[str, str], ...]

    def holds(self, tags: Mapping[str, str]) -> bool:
        return all(_is(tags, k, v) for k, v in self.tags) and not any(_is(tags, k, v) for k, v in self.unless)


def _is(tags: Mapping[str, str], key: str, values: frozenset[str]) -> bool:
    found = tags.get(key)
    return found is not None and (found in values or ("*" in values and found != "no"))


@dataclass(slots=True)
class _Layer:
    """The rules of a layer and the records found for it so far."""

    name: str
    rules: Sequence[Rule]
    fields: Mapping[str, Sequence[str]]
    estimates: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)
    geometry: list[Any] = field(default_factory=list)
    problems: dict[int, Problem] = field(default_factory=dict)

    def rule(self, kind: str, tags: Mapping[str, str]) -> Rule | None:
        return next((r for r in self.rules if r.geometry == kind and r.holds(tags)), None)

    def add(self, rule: Rule, code: str, tags: Mapping[str, str], geometry: Any, *, fault: Problem | None = None) -> None:
        if fault:
            self.problems[len(self.rows)] = fault
        self.rows.append(_row(code, rule, self.fields, tags, self.estimates))
        self.geometry.append(geometry)


def _row(
    code: str, rule: Rule, fields: Mapping[str, Sequence[str]], tags: Mapping[str, str], estimates: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    row = {"code": code, **dict(rule.sets)}
    used = set()
    for name, keys in fields.items():
        key = next((k for k in keys if k in tags), None)
        if key is not None and name not in row:
            row[name] = tags[key]
            if key in estimates.get(name, ()):
                row["quality"] = "inferred"
            else:
                used.add(key)
    return {**row, **{f"osm:{k}": v for k, v in tags.items() if k not in used}}


def datasets(path: Path, extension: str, request: ReadRequest, limits: Limits) -> list[Dataset]:
    """One dataset a layer that some object of the file fills. Raises UnreadableFile, HostileFile, TooLarge."""
    layers = [_layer(name, said) for name, said in request.osm.get("layers", {}).items()]
    if not layers:
        raise UnreadableFile(Text("没有说明 OSM 对象属于哪些图层", "no layer says which OSM objects it takes"))
    plain = _unpacked(path, limits) if extension == ".osm.gz" else path
    _collect(plain, "pbf" if extension.endswith("pbf") else "osm", layers, limits)
    return [_dataset(layer) for layer in layers if layer.rows]


def _layer(name: str, said: Mapping[str, Any]) -> _Layer:
    def pairs(value: Any) -> tuple[tuple[str, frozenset[str]], ...]:
        return tuple((k, frozenset(v)) for k, v in value)

    rules = [
        Rule(r["geometry"], pairs(r["tags"]), pairs(r.get("unless", ())), tuple((k, v) for k, v in r.get("sets", ())))
        for r in said["rules"]
    ]
    return _Layer(name, rules, said.get("fields", {}), said.get("estimates", {}))


def _unpacked(path: Path, limits: Limits) -> Path:
    """The content of a .gz in a file beside it, counted while it is unpacked, and looked at like any other XML."""
    target = path.with_name(path.name + ".osm")
    written = 0
    try:
        with gzip.open(path) as source, target.open("wb") as sink:
            while block := source.read(1024 * 1024):
                written += len(block)
                if written > limits.unpacked:
                    raise TooLarge(Text("解开后太大", "it is too large when unpacked"))
                sink.write(block)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFile(Text("压缩文件已损坏", "the packed file is damaged")) from error
    if doctor.identify(target, "inside.osm") != doctor.OSM:
        raise HostileFile(Text("压缩文件里不是 OSM 数据", "the packed file holds no OSM data"))
    return target


# --- the objects


def _collect(path: Path, kind: str, layers: Sequence[_Layer], limits: Limits) -> None:
    import osmium

    keys = sorted({rule.tags[0][0] for layer in layers for rule in layer.rules if rule.tags})
    pending: dict[str, tuple[dict[str, str], str]] = {}
    members: dict[str, frozenset[int]] = {}
    seen: set[str] = set()
    shapes = osmium.geom.WKBFactory()
    try:
        source = osmium.io.File(str(path), kind)
        processor = osmium.FileProcessor(source).with_locations().with_areas().with_filter(osmium.filter.KeyFilter(*keys))
        thing: Any
        for thing in processor:
            tags = {t.k: t.v for t in thing.tags}
            if thing.is_node():
                _take_node(thing, tags, layers)
            elif thing.is_way():
                _take_way(thing, tags, layers)
                if tags.get("area") != "no" and any(layer.rule("area", tags) for layer in layers):
                    pending[f"way/{thing.id}"] = (tags, _no_area(thing))
            elif thing.is_relation():
                if tags.get("type") in ("multipolygon", "boundary") and any(layer.rule("area", tags) for layer in layers):
                    pending[f"relation/{thing.id}"] = (tags, "cut-by-extract")
                    members[f"relation/{thing.id}"] = frozenset(m.ref for m in thing.members if m.type == "w")
            elif thing.is_area():
                code = f"{'way' if thing.from_way() else 'relation'}/{thing.orig_id()}"
                if not thing.num_rings()[0]:
                    continue
                seen.add(code)
                _take_area(code, shapely.from_wkb(bytes.fromhex(shapes.create_multipolygon(thing))), tags, layers)
            _check_count(layers, limits)
        broken = {code: ways for code, ways in members.items() if code not in seen}
        whole = _whole_ways(source, frozenset().union(*broken.values())) if broken else frozenset()
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise UnreadableFile(Text("OSM 文件已损坏，无法读取", "the OSM file is damaged and cannot be read")) from error
    for code, ways in broken.items():
        if ways and ways <= whole:
            pending[code] = (pending[code][0], "invalid-geometry")
    _take_broken(pending, seen, layers)


def _no_area(way: Any) -> str:
    """Why a way would come out as no area, as a problem code: an open ring, nodes that are not in the file, else a ring that crosses itself."""
    if not way.is_closed():
        return "unclosed-ring"
    return "invalid-geometry" if all(n.location.valid() for n in way.nodes) else "cut-by-extract"


def _whole_ways(source: Any, wanted: frozenset[int]) -> frozenset[int]:
    """Which of these ways are in the file with all their nodes."""
    import osmium

    found = set()
    if wanted:
        thing: Any
        for thing in osmium.FileProcessor(source).with_locations().with_filter(osmium.filter.IdFilter(wanted)):
            if thing.is_way() and thing.id in wanted and all(n.location.valid() for n in thing.nodes):
                found.add(thing.id)
    return frozenset(found)


def _check_count(layers: Sequence[_Layer], limits: Limits) -> None:
    if sum(len(layer.rows) for layer in layers) > limits.features:
        raise TooLarge(Text(f"对象超过 {limits.features} 个，请缩小范围", f"more than {limits.features} objects: take a smaller extract"))


def _take_node(node: Any, tags: dict[str, str], layers: Sequence[_Layer]) -> None:
    for layer in layers:
        rule = layer.rule("point", tags)
        if rule:
            layer.add(rule, f"node/{node.id}", tags, shapely.Point(node.location.lon, node.location.lat))


def _take_way(way: Any, tags: dict[str, str], layers: Sequence[_Layer]) -> None:
    """A line of which a node is not in the file is not drawn through the gap: it is handed back as cut."""
    wanted = [(layer, rule) for layer in layers if (rule := layer.rule("line", tags))]
    if not wanted:
        return
    there = [(n.lon, n.lat) for n in way.nodes if n.location.valid()]
    cut = len(there) < len(way.nodes)
    fault = problem("cut-by-extract") if cut else None if len(there) >= 2 else problem("invalid-geometry")
    for layer, rule in wanted:
        layer.add(rule, f"way/{way.id}", tags, None if fault else shapely.LineString(there), fault=fault)


def _take_area(code: str, geometry: Any, tags: dict[str, str], layers: Sequence[_Layer]) -> None:
    shape = geometry.geoms[0] if len(geometry.geoms) == 1 else geometry
    for layer in layers:
        rule = layer.rule("area", tags)
        if rule:
            layer.add(rule, code, tags, shape)


def _take_broken(pending: Mapping[str, tuple[dict[str, str], str]], seen: set[str], layers: Sequence[_Layer]) -> None:
    """Areas that were asked for and did not come out: cut by the border of the extract, never closed, or crossing themselves."""
    for code, (tags, why) in pending.items():
        if code in seen:
            continue
        for layer in layers:
            rule = layer.rule("area", tags)
            if rule and not (why == "unclosed-ring" and layer.rule("line", tags)):
                layer.add(rule, code, tags, None, fault=problem(why))


# --- datasets


def _dataset(layer: _Layer) -> Dataset:
    counts = Counter(key for row in layer.rows for key in row)
    fields = {**dict.fromkeys(k for r in layer.rules for k, _ in r.sets), "quality": None, **layer.fields}
    known = ["code", *(n for n in fields if counts[n])]
    tags = sorted((k for k in counts if k.startswith("osm:")), key=lambda k: (-counts[k], k))
    columns = [*dict.fromkeys(known), *tags[:OWN_COLUMNS]]
    rest = frozenset(tags[OWN_COLUMNS:])
    if rest:
        columns.append("osm:other")
    return Dataset(
        layer.name,
        "OSM",
        columns,
        len(layer.rows),
        lambda: _chunks(layer, columns, rest),
        source=crs.source(crs.STORAGE),
        layer_hint=layer.name,
        fixed=True,
    )


def _chunks(layer: _Layer, columns: Sequence[str], rest: frozenset[str]) -> Iterator[Raw]:
    geometry = array_of(layer.geometry)
    for start in range(0, len(layer.rows), ROWS):
        end = min(start + ROWS, len(layer.rows))
        rows = layer.rows[start:end]
        values: list[list[Any]] = [[row.get(c) for row in rows] for c in columns]
        if rest:
            values[-1] = ["; ".join(f"{k[4:]}={row[k]}" for k in row if k in rest) or None for row in rows]
        yield Raw(
            values,
            geometry[start:end],
            end - start,
            {i - start: p for i, p in layer.problems.items() if start <= i < end},
        )
