"""What an import is asked to do, and the request to the reader that follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from geo.crs import Bounds
from geo.errors import BadValue, LayerNotFound, Text, UnknownField, nearest
from geo.formats.contract import Placement, ReadRequest
from geo.schema import Layer

Mode = Literal["append", "upsert", "replace"]
MODES: tuple[Mode, ...] = ("append", "upsert", "replace")


@dataclass(frozen=True, slots=True)
class Join:
    """The texts of a dataset (points) fill `field` of the nearest feature of dataset `to`, if there is one within `within_m` metres."""

    to: str
    field: str
    within_m: float = 5.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one dataset: `skip` leaves it out, `layer` says where it goes (None = as found), `sets`: field → column, `join`: its texts go to others."""

    layer: str | None = None
    skip: bool = False
    sets: Mapping[str, str] = field(default_factory=dict)
    join: Join | None = None


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`layer`: where everything goes (None = found out per dataset). `sets`: field → column. `within`: WKT in EPSG:4326. `area`: the set service area.

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
    placement: Placement | None = None


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
    if options.layer is not None and options.layer not in layers:
        near = nearest(options.layer, layers)
        raise LayerNotFound(
            Text(f"没有图层“{options.layer}”：{'、'.join(near or layers)}", f"no layer '{options.layer}': {', '.join(near or layers)}"),
            nearest=near,
        )
    chosen = [layers[options.layer]] if options.layer else list(layers.values())
    names = {f.name for layer in chosen for f in layer.writable}
    for name in options.sets:
        if name not in names:
            near = nearest(name, names)
            raise UnknownField(
                Text(f"没有字段“{name}”：{'、'.join(near or sorted(names))}", f"no field '{name}': {', '.join(near or sorted(names))}"),
                nearest=near,
            )


def read_request(options: ImportOptions, layers: Mapping[str, Layer], area: Bounds | None) -> ReadRequest:
    """`area`: the service area to look for CRS candidates in."""
    chosen = [layers[options.layer]] if options.layer else list(layers.values())
    return ReadRequest(
        crs=options.crs,
        encoding=options.encoding,
        area=area.tuple if area is not None else None,
        clip=options.within,
        datasets=options.datasets,
        osm=osm_request(chosen),
        datum=options.datum,
        placement=options.placement,
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
