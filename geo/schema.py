"""What a layer is: fields, choices, styles and OSM rules as frozen values that are checked when they are made."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from geo.errors import Text

FieldType = Literal["text", "integer", "number", "boolean", "date", "year", "choice", "json"]
GeometryKind = Literal["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
Lang = Literal["zh", "en"]
Mark = Literal["circle", "square", "diamond", "triangle", "down", "hexagon"]

POINTS: tuple[GeometryKind, ...] = ("Point",)
LINES: tuple[GeometryKind, ...] = ("LineString", "MultiLineString")
AREAS: tuple[GeometryKind, ...] = ("Polygon", "MultiPolygon")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
_COLOUR = re.compile(r"#[0-9a-f]{6}\Z")
_PATTERN = re.compile(r"(hatch|back|cross|dots|rows|columns|grid)/([4-9]|1[0-9]|2[0-4])\Z")


class SchemaError(ValueError):
    """A declaration contradicts itself; raised when it is made, so a wrong one never reaches a user."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise SchemaError(message)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice field: the stored `value`, its label, other spellings met in files, OSM tag values meaning it."""

    value: str
    label: Text
    aliases: tuple[str, ...] = ()
    osm: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a layer.

    `unit` is shown beside the value ("m", "kg", "kPa"); `aliases` are column headings met in files, Chinese and English (case, blanks,
    bracketed units and full-width forms do not matter); `osm` are tag keys, best first; a feature whose value comes
    from one that is among `osm_estimates` too has quality "inferred". `public` fields may be published.
    `refers` names the layer whose `code` this field holds. `range_end` names the field that takes the later end when a
    value is a span ("80年代", "1908..1939"); `basis` the field that then becomes "estimate". `drawn`: (field, value) that says where the
    value is from when a text written in a drawing filled it.
    """

    name: str
    type: FieldType
    label: Text
    unit: Text | None = None
    choices: tuple[Choice, ...] = ()
    aliases: tuple[str, ...] = ()
    osm: tuple[str, ...] = ()
    osm_estimates: tuple[str, ...] = ()
    public: bool = False
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    refers: str | None = None
    range_end: str | None = None
    basis: str | None = None
    drawn: tuple[str, str] | None = None
    help: Text | None = None

    def __post_init__(self) -> None:
        _require(bool(_NAME.match(self.name)), f"field name {self.name!r} is not lower-case ASCII")
        _require((self.type == "choice") == bool(self.choices), f"{self.name}: choices belong to choice fields")
        values = [c.value for c in self.choices]
        _require(len(values) == len(set(values)), f"{self.name}: a choice stands twice")
        _require(set(self.osm_estimates) <= set(self.osm), f"{self.name}: tags of estimates that fill nothing")
        if self.minimum is not None and self.maximum is not None:
            _require(self.minimum <= self.maximum, f"{self.name}: minimum above maximum")
        if self.minimum is not None or self.maximum is not None:
            _require(self.is_numeric, f"{self.name}: limits belong to numbers")

    @property
    def is_numeric(self) -> bool:
        return self.type in ("integer", "number", "year")

    def choice(self, value: str) -> Choice | None:
        return next((c for c in self.choices if c.value == value), None)


@dataclass(frozen=True, slots=True)
class OsmRule:
    """Which OSM objects fill a layer.

    `tags`: (key, values) pairs that must all hold; values ("*",) = any value but "no". `unless`: pairs none of which may hold.
    `geometry`: what the object must be: "point" (node), "line" (way), "area" (closed way or multipolygon relation).
    `sets`: field values that follow from the rule, e.g. (("kind", "gate"),).
    """

    geometry: Literal["point", "line", "area"]
    tags: tuple[tuple[str, tuple[str, ...]], ...]
    unless: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sets: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for pairs in (self.tags, self.unless):
            _require(all(len(p) == 2 and isinstance(p[1], tuple) for p in pairs), f"{pairs} are not pairs of a key and its values")


@dataclass(frozen=True, slots=True)
class StyleClass:
    """One legend entry: features whose style field equals `value` (or lies in [`low`, `high`) for numbers; value None and no bounds = unknown).

    Beside its colour it may be told apart by the `dash` of a line, the `pattern` of an area and, where the layer is points, by a `symbol` and
    a `shape` of its own; `size` is its share of the layer's radius or line width, less than 1 for what needs no attention.
    """

    label: Text
    color: str
    value: str | None = None
    low: float | None = None
    high: float | None = None
    dash: str | None = None
    pattern: str | None = None
    symbol: str | None = None
    shape: Mark | None = None
    size: float = 1.0

    def __post_init__(self) -> None:
        _require(0.25 <= self.size <= 4, f"size {self.size} is no share of the layer's radius or line width")
        _require(bool(_COLOUR.match(self.color)), f"colour {self.color!r} is not #rrggbb in lower case")
        _require(
            self.pattern is None or bool(_PATTERN.match(self.pattern)), f"pattern {self.pattern!r} is not a kind and a spacing in pixels"
        )


@dataclass(frozen=True, slots=True)
class Style:
    """How a layer is drawn. `symbol` is a one-character mark inside point symbols, `shape` their outline; `by` the field the `classes` look at.

    `min_zoom`: web-map zoom from which it is drawn; `label_zoom`: from which its titles are (None = never); `visible`: on at the first view.
    """

    color: str
    weight: float = 1.5
    fill_opacity: float = 0.25
    radius: float = 5.0
    dash: str | None = None
    symbol: str | None = None
    shape: Mark = "circle"
    by: str | None = None
    classes: tuple[StyleClass, ...] = ()
    min_zoom: int = 0
    visible: bool = True
    label_zoom: int | None = None

    def __post_init__(self) -> None:
        _require(bool(_COLOUR.match(self.color)), f"colour {self.color!r} is not #rrggbb in lower case")
        _require(bool(self.classes) == (self.by is not None), "classes and `by` go together")


QUALITIES = (
    Choice("measured", Text("实测", "measured"), ("测量", "实测")),
    Choice("declared", Text("申报", "declared"), ("填报", "上报")),
    Choice("inferred", Text("推定", "inferred"), ("推断",)),
    Choice("unknown", Text("不明", "unknown"), ("未知",)),
)

COMMON: tuple[Field, ...] = (
    Field("code", "text", Text("编号", "Code"), aliases=("编码", "代码", "code", "id", "fid", "osm_id", "gid", "序列号"), public=True),
    Field("source", "text", Text("来源", "Source"), aliases=("数据来源", "资料来源", "source"), public=True),
    Field("source_date", "date", Text("来源日期", "Source date"), aliases=("数据日期", "资料日期", "更新日期", "source_date"), public=True),
    Field("quality", "choice", Text("数据质量", "Quality"), choices=QUALITIES, aliases=("质量", "quality"), public=True),
    Field(
        "accuracy_m", "number", Text("精度", "Accuracy"), unit=Text("米", "m"), aliases=("精度", "误差", "accuracy"), minimum=0, public=True
    ),
)
"""Fields of every layer that a file may fill; `id`, `version`, `updated_at`, `updated_by` and `extra` are kept by the store."""

SYSTEM: tuple[Field, ...] = (
    Field("version", "integer", Text("版本", "Version")),
    Field("updated_at", "text", Text("更新时间", "Updated at")),
    Field("updated_by", "text", Text("更新人", "Updated by")),
    Field("extra", "json", Text("其他列", "Other columns")),
)
"""Fields kept by the store itself; `updated_at` is ISO 8601 in UTC, `extra` a JSON object of the columns no field took."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One declared layer: its geometry kinds, fields, style and the ways files name it.

    `natural_key`: fields that identify a feature when a file has no code (upsert). `aliases`: sheet, file and layer names met in the
    wild; `code_aliases` headings of its number column ("隐患编号"). `place_by`: reference fields through which a record without coordinates
    may be placed, best first (e.g. ("building_code", "compound_code")). `date_field`: the date that a query's `datetime` looks at; None =
    source_date.
    `cad`: names of CAD layers that hold such features, beside `aliases` (compared by parts of the name: "XFCD" in "A-XFCD-01"); `cad_text`: the
    field that texts written beside its features in a drawing fill (the number in a building, the width on a lane).
    `internal` layers are never published. `group` is the family heading in menus. `derived` layers are worked out from others: they are neither
    stored nor imported nor edited, and are asked for through their question.
    """

    id: str
    label: Text
    group: Text
    geometry: tuple[GeometryKind, ...]
    fields: tuple[Field, ...]
    style: Style
    title_field: str = "name"
    natural_key: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    code_aliases: tuple[str, ...] = ()
    cad: tuple[str, ...] = ()
    cad_text: str | None = None
    place_by: tuple[str, ...] = ()
    date_field: str | None = None
    osm: tuple[OsmRule, ...] = ()
    internal: bool = False
    derived: bool = False
    help: Text | None = None

    def __post_init__(self) -> None:
        _require(bool(_NAME.match(self.id)), f"layer id {self.id!r} is not lower-case ASCII")
        names = [f.name for f in self.all_fields]
        _require(len(names) == len(set(names)), f"{self.id}: a field stands twice")
        _require("geometry" not in names and "id" not in names, f"{self.id}: `geometry` and `id` are reserved")
        known = set(names)
        wanted = {
            self.title_field,
            *self.natural_key,
            *self.place_by,
            self.date_field or self.title_field,
            self.cad_text or self.title_field,
        }
        wanted |= {n for f in self.fields for n in (f.range_end, f.basis, f.drawn and f.drawn[0]) if n}
        if self.style.by:
            wanted.add(self.style.by)
        wanted |= {name for rule in self.osm for name, _ in rule.sets}
        _require(wanted <= known, f"{self.id}: no such field: {', '.join(sorted(wanted - known))}")

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """Own fields first, then the common and the system ones: the order of columns in every output."""
        return (*self.writable, *SYSTEM)

    @property
    def writable(self) -> tuple[Field, ...]:
        """The fields that a file or a form may fill."""
        code = replace(COMMON[0], aliases=(*COMMON[0].aliases, *self.code_aliases)) if self.code_aliases else COMMON[0]
        return (code, *self.fields, *COMMON[1:])

    def field(self, name: str) -> Field | None:
        return next((f for f in self.all_fields if f.name == name), None)
