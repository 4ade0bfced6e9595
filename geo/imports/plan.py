"""Which dataset fills which layer, and which column which field: settled before any record is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from geo.errors import BadValue, NoLayer, Text, UnknownField, nearest
from geo.imports.codes import usable_as_codes
from geo.imports.convert import Converter, ignored_columns
from geo.imports.elsewhere import told
from geo.imports.guess import Guess, guess_layer
from geo.imports.headings import Match, choose_columns, is_weak
from geo.imports.join import TEXT, Joined, check_join, join_texts
from geo.imports.options import ImportOptions
from geo.imports.quarantine import QUARANTINE_HEADINGS
from geo.imports.staging import Staged
from geo.schema import Layer
from geo.templates import SHEETS
from geo.values.dates import date_order
from geo.values.personal import mask_numbers


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
    """`parts` in the order in which layers refer to each other. `skipped`: datasets that fill no layer → records.

    `left_out`: datasets that nobody wanted, which were not read; `joined`: those whose texts went into the features of another.
    """

    parts: list[Part]
    skipped: dict[str, int] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    joined: dict[str, Joined] = field(default_factory=dict)


def make_plan(datasets: Sequence[Staged], options: ImportOptions, layers: Mapping[str, Layer]) -> Plan:
    """Raises NoLayer when no dataset says which layer it fills, BadValue when `sets` names a column that is nowhere."""
    datasets = [d for d in datasets if d.header.name not in SHEETS]
    _require_datasets(datasets, options)
    guesses = [(data, _guess(data, options, layers)) for data in datasets]
    if datasets and all(g.layer is None for _, g in guesses):
        raise no_layer([(d.header.name, g) for d, g in guesses], layers)
    _require_columns(datasets, options)
    plan = Plan([], left_out=[name for name, choice in options.choices.items() if choice.skip])
    if options.placed is not None:
        plan.notes.append(options.placed.sentence)
    filled, texts = _joined(guesses, options, layers, plan)
    for data, guess in guesses:
        plan.notes += [Text(zh, en) for zh, en in data.header.notes]
        if data.header.name in texts:
            continue
        if guess.layer is None:
            if len(data.records):
                plan.skipped[data.header.name] = len(data.records)
            continue
        joined, columns = filled.get(data.header.name, (data, {}))
        part = _part(joined, layers[guess.layer], options, columns)
        plan.parts.append(part)
        if (elsewhere := told(part.layer, _left(part), layers)) is not None:
            plan.notes.append(elsewhere)
    order = {layer_id: at for at, layer_id in enumerate(by_reference(layers))}
    plan.parts.sort(key=lambda part: order[part.layer.id])
    return plan


def _guess(data: Staged, options: ImportOptions, layers: Mapping[str, Layer]) -> Guess:
    choice = options.choices.get(data.header.name)
    if choice is not None and choice.join is not None:
        return Guess(None, {})
    if said := (choice.layer if choice is not None else None) or options.layer:
        return Guess(said, {})
    hint = data.layer or data.header.layer_hint
    return guess_layer(
        layers, dataset=data.header.name, file_name=options.file_name, columns=list(data.columns), geometry_types=data.kinds, hint=hint,
        driver=data.header.driver,
    )  # fmt: skip


def _require_datasets(datasets: Sequence[Staged], options: ImportOptions) -> None:
    """Raises BadValue for a choice about a dataset that the file does not hold."""
    known = [d.header.name for d in datasets]
    for name, choice in options.choices.items():
        if name not in known and not choice.skip:
            near = nearest(name, known) or known[:20]
            raise BadValue(
                Text(f"文件里没有“{name[:60]}”：{'、'.join(near)}", f"the file holds no '{name[:60]}': {', '.join(near)}"),
                field="choices", nearest=near,
            )  # fmt: skip


def _joined(
    guesses: Sequence[tuple[Staged, Guess]], options: ImportOptions, layers: Mapping[str, Layer], plan: Plan
) -> tuple[dict[str, tuple[Staged, dict[str, str]]], set[str]]:
    """Datasets with the texts of others in them (and the columns that these fill), and the names of those others."""
    by_name = {data.header.name: (data, guess) for data, guess in guesses}
    filled: dict[str, tuple[Staged, dict[str, str]]] = {}
    texts: set[str] = set()
    for name, choice in options.choices.items():
        if choice.join is None:
            continue
        data, guess = by_name.get(choice.join.to, (None, None))
        layer = layers[guess.layer] if guess is not None and guess.layer is not None else None
        wanted = check_join(choice.join, name, None if data is None else choice.join.to, layer)
        assert data is not None and layer is not None, "checked"
        target, columns = filled.get(choice.join.to, (data, {}))
        column = choice.sets.get(wanted.name, TEXT)
        _require_column(column, by_name[name][0].columns)
        matches, _ = _matches(target, layer, options, columns)
        target, more, joined = join_texts(by_name[name][0], target, wanted, choice.join, matches, column=column)
        filled[choice.join.to] = (target, {**columns, **more})
        texts.add(name)
        plan.joined[name] = joined
        plan.notes.append(joined.sentence(mask_numbers(name)))
    return filled, texts


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
        _require_column(column, known)
    for data in datasets:
        for column in options.sets_of(data.header.name, everywhere=False).values():
            if column:
                _require_column(column, data.columns)


def _require_column(column: str, columns: Iterable[str]) -> None:
    known = list(columns)
    if column not in known:
        near = nearest(column, known) or known[:20]
        raise UnknownField(
            Text(f"文件中没有“{column}”这一列：{'、'.join(near)}", f"the file has no column '{column}': {', '.join(near)}"),
            column=column,
            nearest=near,
        )


def _matches(
    data: Staged, layer: Layer, options: ImportOptions, joined: Mapping[str, str]
) -> tuple[dict[str, Match], list[tuple[str, str, str]]]:
    """Which column fills which field, and the rivals. `joined`: columns that texts of a drawing filled, over all others."""
    if data.header.driver.upper() == "OSM":
        return {f.name: Match(f.name, f.name, 0) for f in layer.writable if f.name in data.columns}, []
    return choose_columns(layer, list(data.columns), {**options.sets_of(data.header.name), **joined}, driver=data.header.driver)


def _part(data: Staged, layer: Layer, options: ImportOptions, joined: Mapping[str, str]) -> Part:
    columns = list(data.columns)
    osm = data.header.driver.upper() == "OSM"
    matches, rivals = _matches(data, layer, options, joined)
    code = matches.get("code")
    said = "code" in options.sets_of(data.header.name)
    usable = code is None or not is_weak(code.column) or said or usable_as_codes(data.weak.get(code.column, ()))
    if not usable:
        del matches["code"]
    orders = {c: date_order(cells) for c, cells in data.slashed.items()}
    converter = Converter(
        layer, matches, orders, osm=osm, ignored=ignored_columns(columns, matches, QUARANTINE_HEADINGS), columns=None if osm else columns
    )
    return Part(data, layer, matches, rivals, converter, code is not None and usable and not is_weak(code.column))


def _left(part: Part) -> list[str]:
    """The columns that no field took, if they hold anything; personal names and numbers are masked in them."""
    used = {m.column for m in part.matches.values()} | part.converter.ignored
    return [] if part.converter.osm else [mask_numbers(c) for c in part.data.columns if c not in used]


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
