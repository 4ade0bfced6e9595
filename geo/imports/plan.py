"""Which dataset fills which layer, and which column which field: settled before any record is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo.errors import NoLayer, Text, UnknownField, nearest
from geo.imports.codes import usable_as_codes
from geo.imports.convert import Converter, ignored_columns
from geo.imports.guess import Guess, guess_layer
from geo.imports.headings import Match, is_weak, match_columns
from geo.imports.options import ImportOptions
from geo.imports.quarantine import QUARANTINE_HEADINGS
from geo.imports.staging import Staged
from geo.schema import Layer
from geo.templates import SHEETS
from geo.values.dates import date_order


@dataclass(slots=True)
class Part:
    """One dataset on its way into one layer."""

    data: Staged
    layer: Layer
    matches: dict[str, Match]
    rivals: list[tuple[str, str, str]]
    converter: Converter
    code_column: bool


@dataclass(slots=True)
class Plan:
    """`parts` in the order in which layers refer to each other. `skipped`: datasets that fill no layer → records."""

    parts: list[Part]
    skipped: dict[str, int] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)


def make_plan(datasets: Sequence[Staged], options: ImportOptions, layers: Mapping[str, Layer]) -> Plan:
    """Raises NoLayer when no dataset says which layer it fills, BadValue when `sets` names a column that is nowhere."""
    datasets = [d for d in datasets if d.header.name not in SHEETS]
    guesses = [(data, _guess(data, options, layers)) for data in datasets]
    if datasets and all(g.layer is None for _, g in guesses):
        raise no_layer([(d.header.name, g) for d, g in guesses], layers)
    _require_columns(datasets, options)
    plan = Plan([])
    for data, guess in guesses:
        plan.notes += [Text(zh, en) for zh, en in data.header.notes]
        if guess.layer is None:
            if len(data.records):
                plan.skipped[data.header.name] = len(data.records)
            continue
        plan.parts.append(_part(data, layers[guess.layer], options))
    order = {layer_id: at for at, layer_id in enumerate(by_reference(layers))}
    plan.parts.sort(key=lambda part: order[part.layer.id])
    return plan


def _guess(data: Staged, options: ImportOptions, layers: Mapping[str, Layer]) -> Guess:
    if options.layer:
        return Guess(options.layer, {})
    hint = data.layer or data.header.layer_hint
    return guess_layer(
        layers, dataset=data.header.name, file_name=options.file_name, columns=list(data.columns), geometry_types=data.kinds, hint=hint
    )


def no_layer(guesses: list[tuple[str, Guess]], layers: Mapping[str, Layer]) -> NoLayer:
    """The refusal with its way out: the layers that fit best."""
    near = list(dict.fromkeys(layer for _, g in guesses for layer in list(g.scores)[:4])) or list(layers)
    zh = "、".join(f"{layers[n].label.zh} {n}" for n in near)
    return NoLayer(
        Text(
            f"看不出文件属于哪个图层，请指定图层（--layer）。可能的有：{zh}",
            f"the file does not say which layer it fills: name it (--layer). Possible: {', '.join(near)}",
        ),
        layers=near,
        scores={name: dict(g.scores) for name, g in guesses},
    )


def _require_columns(datasets: Sequence[Staged], options: ImportOptions) -> None:
    known = list(dict.fromkeys(c for d in datasets for c in d.columns))
    for column in options.sets.values():
        if column not in known:
            near = nearest(column, known) or known[:20]
            raise UnknownField(
                Text(f"文件中没有“{column}”这一列：{'、'.join(near)}", f"the file has no column '{column}': {', '.join(near)}"),
                column=column,
                nearest=near,
            )


def _part(data: Staged, layer: Layer, options: ImportOptions) -> Part:
    columns = list(data.columns)
    osm = data.header.driver.upper() == "OSM"
    if osm:
        matches = {f.name: Match(f.name, f.name, 0) for f in layer.writable if f.name in data.columns}
        rivals: list[tuple[str, str, str]] = []
    else:
        names = {f.name for f in layer.writable}
        sets = {name: column for name, column in options.sets.items() if column in data.columns and name in names}
        matches, rivals = match_columns(layer, columns, sets=sets, cut="shape" in data.header.driver.lower())
    code = matches.get("code")
    usable = code is None or not is_weak(code.column) or "code" in options.sets or usable_as_codes(data.weak.get(code.column, ()))
    if not usable:
        del matches["code"]
    orders = {c: date_order(cells) for c, cells in data.slashed.items()}
    converter = Converter(
        layer, matches, orders, osm=osm, ignored=ignored_columns(columns, matches, QUARANTINE_HEADINGS), columns=None if osm else columns
    )
    return Part(data, layer, matches, rivals, converter, code is not None and usable and not is_weak(code.column))


def by_reference(layers: Mapping[str, Layer]) -> list[str]:
    """Layer ids, those that others refer to before those that refer to them."""
    out: list[str] = []

    def visit(layer_id: str, path: tuple[str, ...] = ()) -> None:
        if layer_id in out or layer_id in path or layer_id not in layers:
            return
        for f in layers[layer_id].fields:
            if f.refers is not None:
                visit(f.refers, (*path, layer_id))
        out.append(layer_id)

    for layer_id in layers:
        visit(layer_id)
    return out
