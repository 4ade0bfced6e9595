"""What an import is asked to do, and the request to the reader that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from geo.crs import Bounds
from geo.errors import BadValue, LayerNotFound, Text, UnknownField, nearest
from geo.formats.contract import Placement, ReadRequest
from geo.placing import Fit
from geo.schema import Layer
from geo.values.personal import mask_numbers

Mode = Literal["append", "upsert", "replace"]
MODES: tuple[Mode, ...] = ("append", "upsert", "replace")

FARTHEST_M = 100.0
"""A text further than this from a feature says nothing about it."""


@dataclass(frozen=True, slots=True)
class Join:
    """The texts of a dataset (points) fill `field` of the nearest feature of dataset `to`, if there is one within `within_m` metres."""

    to: str
    field: str
    within_m: float = 5.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one dataset: `skip` leaves it out, `layer` says where it goes (None = as found), `join`: its texts go to others.

    `sets`: field → column, "" = none; with `join` the column of the texts, if it is not "text".
    """

    layer: str | None = None
    skip: bool = False
    sets: Mapping[str, str] = field(default_factory=dict)
    join: Join | None = None


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`layer`: where everything goes (None = found out per dataset). `sets`: field → column. `within`: WKT in EPSG:4326. `area`: the set service area.
    `choices`: by dataset, over the former two; `placed`: where datasets lie that declare no CRS.

    Modes: append takes new features only; upsert changes those that are there (by code, else by name and community) and adds the rest, where columns
    and cells that a file leaves empty keep their values; replace makes the layers hold what the file holds and nothing else.
    """

    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    sets: Mapping[str, str] = field(default_factory=dict)
    mode: Mode = "upsert"
    dry_run: bool = False
    within: str | None = None
    datasets: Sequence[str] | None = None
    area: Bounds | None = None
    datum: str | None = None
    file_name: str = ""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    placed: Fit | None = None

    def sets_of(self, dataset: str, *, everywhere: bool = True) -> Mapping[str, str]:
        """Field → column for one dataset; `everywhere`: with what is said of the whole file."""
        choice = self.choices.get(dataset)
        own = choice.sets if choice is not None and choice.join is None else {}
        return {**self.sets, **own} if everywhere else own


def check_options(options: ImportOptions, layers: Mapping[str, Layer]) -> None:
    """Raises BadValue, LayerNotFound, UnknownField with the way out."""
    if options.mode not in MODES:
        raise BadValue(
            Text(f"没有“{options.mode}”这种方式：{'、'.join(MODES)}", f"no mode '{options.mode}': {', '.join(MODES)}"), choices=list(MODES)
        )
    if options.mode == "replace" and options.within is not None:
        raise BadValue(
            Text(
                "replace 会删去文件没有的对象，不能与范围裁剪（within）同用：改用 upsert，或去掉范围",
                "mode replace removes what the file does not hold and cannot go with a clip (within): use upsert, or leave the clip out",
            ),
            choices=[m for m in MODES if m != "replace"],
        )
    if options.placed is not None and options.crs is not None:
        raise BadValue(Text("放置（placement）和坐标系（crs）只能说一个", "say either a placement or a CRS, not both"), field="placement")
    chosen = _layers(options.layer, layers)
    _require_fields(options.sets, chosen)
    for name, choice in options.choices.items():
        _check_choice(name, choice, options, layers)


def _layers(layer: str | None, layers: Mapping[str, Layer]) -> list[Layer]:
    """The one that is said, else all. Raises LayerNotFound."""
    if layer is None:
        return list(layers.values())
    if layer not in layers:
        near = nearest(layer, layers)
        raise LayerNotFound(
            Text(f"没有图层“{layer}”：{'、'.join(near or layers)}", f"no layer '{layer}': {', '.join(near or layers)}"), nearest=near
        )
    return [layers[layer]]


def _require_fields(sets: Iterable[str], layers: Sequence[Layer]) -> None:
    names = {f.name for layer in layers for f in layer.writable}
    for name in sets:
        if name not in names:
            near = nearest(name, names)
            raise UnknownField(
                Text(f"没有字段“{name}”：{'、'.join(near or sorted(names))}", f"no field '{name}': {', '.join(near or sorted(names))}"),
                nearest=near,
            )


def _check_choice(name: str, choice: Choice, options: ImportOptions, layers: Mapping[str, Layer]) -> None:
    chosen = _layers(choice.layer, layers) if choice.layer else _layers(options.layer, layers)
    if (choice.skip and (choice.layer or choice.sets or choice.join)) or (choice.layer and choice.join):
        raise BadValue(
            Text(
                f"“{name[:60]}”：不导入（skip）、图层（layer）和并入文字（join）只能选一个",
                f"'{name[:60]}': leaving it out (skip), a layer and joining its texts (join) exclude each other",
            ),
            field="choices", dataset=name[:200],
        )  # fmt: skip
    _require_fields(choice.sets, list(layers.values()) if choice.join else chosen)
    if choice.join is None:
        return
    if not 0 < choice.join.within_m <= FARTHEST_M:
        raise BadValue(
            Text(f"within_m 须在 0 和 {FARTHEST_M:g} 米之间", f"within_m must lie between 0 and {FARTHEST_M:g} m"), field="within_m"
        )
    _require_fields([choice.join.field], list(layers.values()))
    if choice.join.to == name:
        raise BadValue(Text("文字不能并入自己", "texts cannot be joined to themselves"), field="join")


def read_request(options: ImportOptions, layers: Mapping[str, Layer], area: Bounds | None) -> ReadRequest:
    """`area`: the service area to look for CRS candidates in."""
    chosen = [layers[options.layer]] if options.layer else list(layers.values())
    fit = options.placed
    return ReadRequest(
        crs=options.crs,
        encoding=options.encoding,
        area=area.tuple if area is not None else None,
        clip=options.within,
        datasets=options.datasets,
        osm=osm_request(chosen),
        datum=options.datum,
        placement=None if fit is None else Placement(fit.crs, fit.dx, fit.dy, fit.turn_deg, fit.scale),
        skip=[name for name, choice in options.choices.items() if choice.skip],
        called=mask_numbers(options.file_name),
    )


def osm_request(layers: Sequence[Layer]) -> dict[str, Any]:
    """The OSM rules and tag keys of the declarations as plain values, for the reader in the child."""
    return {
        "layers": {
            layer.id: {
                "rules": [
                    {
                        "geometry": rule.geometry,
                        "tags": [[k, list(v)] for k, v in rule.tags],
                        "unless": [[k, list(v)] for k, v in rule.unless],
                        "sets": [[k, v] for k, v in rule.sets],
                    }
                    for rule in layer.osm
                ],
                "fields": {f.name: list(f.osm) for f in layer.fields if f.osm},
                "estimates": {f.name: list(f.osm_estimates) for f in layer.fields if f.osm_estimates},
            }
            for layer in layers
            if layer.osm
        }
    }
