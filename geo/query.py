"""Query: one frozen value for what is asked of a layer or a named question; map, table, count, share link and exports all start from it.

`datetime` looks at the layer's declared `date_field` (hazards: found_on), or at `source_date` where it has none; only the day counts,
because the fields hold days. `within` selects features that lie wholly inside the polygon, its border included, and with `touching:` before
it those that meet it, too; `bbox` those that meet the box; `near` those at most so many metres from another feature. All, like every
spatial condition, never select an unplaced feature.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pyproj
import shapely

from geo.crs import STORAGE, Bounds, normalise
from geo.errors import BadBounds, BadValue, LayerNotFound, Text, UnknownCrs, UnknownField, UnknownParameter, nearest
from geo.filters import Filter, shapes, unknown_field
from geo.nearness import Near
from geo.questions.declaration import ANSWERS, Question
from geo.schema import Field, Layer

DEFAULT_LIMIT = 100
MAX_LIMIT = 100_000

COMMON = (
    *("limit", "offset", "bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "sortby", "properties"),
    *("community", "compound", "within", "near", "near-filter", "lang"),
)
"""Parameters of every collection; a question adds `answer`, its own, and `shape` where it has shapes."""

OUTPUT = ("f", "crs", "headings")
"""Parameters that choose how an answer is written; they belong to the edge and are no part of a Query."""

KEPT = "@"
"""What stands before the name of a kept area in `within`."""

TOUCHING = "touching:"
"""What stands before the area in `within` when features that lie in it in part count as well."""

_DIGITS = re.compile(r"[0-9]{1,18}\Z")
_AREA_NAME = re.compile(r"@[\w-]{1,80}\Z")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. `limit` None = all; `sort` holds (field, descending); `answers` is empty for a layer; `parameters` are the question's, all filled
    (None = as the profile says); `shape`: rows come in this one of the question's shapes instead of their own geometry; `outline`: the WKT of the kept
    area that `within` names."""

    collection: str
    where: Filter | None = None
    bbox: Bounds | None = None
    within: str | None = None
    outline: str | None = None
    near: Near | None = None
    community: str | None = None
    compound: str | None = None
    datetime: str | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    fields: tuple[str, ...] | None = None
    limit: int | None = DEFAULT_LIMIT
    offset: int = 0
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    answers: frozenset[str] = frozenset()
    shape: str | None = None
    lang: str = "zh"

    @classmethod
    def from_args(
        cls,
        collection: str,
        args: Mapping[str, str],
        *,
        layers: Mapping[str, Layer],
        questions: Iterable[Question] | Mapping[str, Question],
        max_limit: int = MAX_LIMIT,
        default_limit: int | None = DEFAULT_LIMIT,
        areas: Callable[[str], str] | None = None,
    ) -> Query:
        """From the parameters of a request; `areas` gives the WKT of a kept area by its name. Raises LayerNotFound (404) or one of the Invalid tree;
        nothing is ever ignored."""
        catalogue = list(questions.values() if isinstance(questions, Mapping) else questions)
        question = next((q for q in catalogue if q.id == collection), None)
        layer = subject(collection, layers=layers, questions=catalogue)
        reader = _Reader(dict(args), layer, question)
        reader.check_names()
        within, outline = reader.within(areas)
        return cls(
            collection=collection,
            where=reader.where(),
            bbox=reader.bbox(),
            within=within,
            outline=outline,
            near=reader.near(layers),
            community=reader.text("community"),
            compound=reader.text("compound"),
            datetime=reader.datetime(),
            sort=reader.sort(),
            fields=reader.fields(),
            limit=reader.limit(default_limit, max_limit),
            offset=reader.offset(),
            parameters=MappingProxyType({p.name: reader.parameter(p) for p in question.parameters} if question else {}),
            answers=reader.answers(),
            shape=reader.shape(),
            lang=reader.lang(),
        )

    def to_args(self) -> dict[str, str]:
        """The parameters that make this query again, in a fixed order, defaults left out but for `limit`."""
        bbox = None if self.bbox is None else ",".join(_number(v) for v in self.bbox.tuple)
        where = self.where
        found = {
            **{name: _parameter_text(value) for name, value in sorted(self.parameters.items()) if value is not None},
            "answer": ",".join(a for a in ANSWERS if a in self.answers) if self.answers not in (frozenset(), _YES) else None,
            "filter": where.text if where else None,
            "filter-lang": where.lang if where and where.lang != "cql2-text" else None,
            "filter-crs": where.crs if where and where.crs != STORAGE else None,
            "bbox": bbox,
            "bbox-crs": self.bbox.crs if self.bbox and self.bbox.crs != STORAGE else None,
            "within": self.within,
            "near": self.near.text if self.near else None,
            "near-filter": self.near.where.text if self.near and self.near.where else None,
            "community": self.community,
            "compound": self.compound,
            "datetime": self.datetime,
            "sortby": ",".join(("-" if down else "") + name for name, down in self.sort) or None,
            "properties": None if self.fields is None else ",".join(self.fields),
            "limit": None if self.limit is None else str(self.limit),
            "offset": str(self.offset) if self.offset else None,
            "shape": self.shape,
            "lang": self.lang if self.lang != "zh" else None,
        }
        return {name: value for name, value in found.items() if value is not None}

    def area(self) -> shapely.Geometry:
        """The polygon of `within`, EPSG:4326."""
        assert self.within is not None
        return shapes.of_area_text(self.within.removeprefix(TOUCHING)) if self.outline is None else shapes.of_kept_area(self.outline)

    @property
    def touching(self) -> bool:
        """Whether `within` takes what lies in its area in part, too."""
        return self.within is not None and self.within.startswith(TOUCHING)


_YES = frozenset({"yes"})


def subject(collection: str, *, layers: Mapping[str, Layer], questions: Iterable[Question]) -> Layer:
    """The layer that `collection` (a layer or a named question) gives features of. Raises LayerNotFound."""
    catalogue = list(questions)
    question = next((q for q in catalogue if q.id == collection), None)
    layer = layers.get(question.subject if question else collection)
    if layer is None or (layer.derived and question is None):
        names = [*(id for id, known in layers.items() if not known.derived), *(q.id for q in catalogue)]
        close = nearest(collection, names)
        raise LayerNotFound(
            Text(
                f"没有“{collection[:60]}”这个图层或问题；{'相近的' if close else '可用的'}：{', '.join(close or names)}",
                f"no layer or question '{collection[:60]}'; {'nearest' if close else 'there are'}: {', '.join(close or names)}",
            ),
            name=collection[:60],
            nearest=close,
            names=names,
        )
    return layer


def output_fields(layer: Layer, question: Question | None) -> tuple[Field, ...]:
    """All fields of an answer in their order: the layer's, then the question's."""
    return layer.all_fields + (question.fields if question else ())


def queryables(layer: Layer, question: Question | None) -> tuple[Field, ...]:
    """The fields a filter and `sortby` may use, beside `id` and, in a filter, `geometry`."""
    return tuple(f for f in output_fields(layer, question) if f.type != "json" and f.name != "why")


def date_field(layer: Layer) -> Field:
    """The field that `datetime` looks at."""
    wanted = layer.date_field or "source_date"
    return next(f for f in layer.all_fields if f.name == wanted)


def days_of(text: str) -> tuple[str | None, str | None]:
    """First and last day (ISO text, None = open) of a `datetime` value: an instant, or start/end with ".." for an open end. Raises BadValue."""
    ends = text.split("/")
    days = [None if len(ends) == 2 and end in ("", "..") else _day(end, text) for end in ends]
    if len(days) == 1:
        days = days * 2
    if len(days) != 2 or days == [None, None] or (days[0] and days[1] and days[0] > days[1]):
        raise _bad_datetime(text)
    return days[0], days[1]


def _day(text: str, whole: str) -> str:
    match = _DAY.match(text)
    try:
        if match is not None:
            dt.datetime.fromisoformat(text.upper())
            return match[1]
    except ValueError:
        pass
    raise _bad_datetime(whole)


def _bad_datetime(text: str) -> BadValue:
    return BadValue(
        Text(
            f"datetime“{text[:60]}”不是时间：写 2024-01-31，或 2024-01-01/2024-12-31，开口的一端写 ..",
            f"datetime '{text[:60]}' is not a time: write 2024-01-31, or 2024-01-01/2024-12-31 with .. for an open end",
        ),
        parameter="datetime",
    )


def plane_crs(name: str) -> str:
    """`name` normalised, if it is a CRS of positions on the ground. Raises UnknownCrs."""
    crs = normalise(name)
    kind = pyproj.CRS.from_user_input(crs)
    if not (kind.is_geographic or kind.is_projected):
        raise UnknownCrs(
            Text(
                f"{crs} 不是平面或经纬度坐标系；例如 EPSG:4326、EPSG:4547",
                f"{crs} is no CRS for maps; use for example EPSG:4326 or EPSG:4547",
            )
        )
    return crs


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _parameter_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(value) if isinstance(value, float) else str(value)


class _Reader:
    """The parameters of one request, each read by one method."""

    def __init__(self, args: dict[str, str], layer: Layer, question: Question | None) -> None:
        self.args, self.layer, self.question = args, layer, question

    def check_names(self) -> None:
        own = ("answer", *(p.name for p in self.question.parameters), *(["shape"] if self.question.shapes else [])) if self.question else ()
        known = [*COMMON, *own, *OUTPUT]
        for name in self.args:
            if name not in known:
                raise self._unknown_parameter(name, known)
        self._needs("bbox-crs", "bbox")
        self._needs("filter-crs", "filter")
        self._needs("filter-lang", "filter")
        self._needs("near-filter", "near")

    def _unknown_parameter(self, name: str, known: Sequence[str]) -> UnknownParameter:
        if self.layer.field(name) is not None:
            hint = Text(f"；按字段筛选请用 filter，例如 filter={name} IS NOT NULL", f"; to filter by a field use filter={name} IS NOT NULL")
        else:
            close = nearest(name, known)
            listed = ", ".join(close or known)
            hint = Text(f"；{'相近的' if close else '可用的'}：{listed}", f"; {'nearest' if close else 'there are'}: {listed}")
        return UnknownParameter(
            Text(f"没有参数“{name[:60]}”{hint.zh}", f"no parameter '{name[:60]}'{hint.en}"),
            parameter=name[:60],
            nearest=nearest(name, known),
            parameters=list(known),
        )

    def _needs(self, name: str, other: str) -> None:
        if name in self.args and other not in self.args:
            raise BadValue(Text(f"{name} 要和 {other} 一起用", f"{name} needs {other}"), parameter=name)

    def text(self, name: str) -> str | None:
        value = self.args.get(name)
        if value is None:
            return None
        if not value.strip() or len(value) > 1000:
            raise BadValue(Text(f"{name} 是空的或太长", f"{name} is empty or too long"), parameter=name)
        return value.strip()

    def where(self) -> Filter | None:
        if "filter" not in self.args:
            return None
        return Filter.parse(
            self.args["filter"],
            queryables(self.layer, self.question),
            lang=self.args.get("filter-lang", "cql2-text"),
            crs=plane_crs(self.args.get("filter-crs", STORAGE)),
        )

    def bbox(self) -> Bounds | None:
        if "bbox" not in self.args:
            return None
        text = self.args["bbox"]
        if len(text) > 1000:
            raise BadBounds(Text("bbox 太长：写成 西,南,东,北", "bbox is too long: write west,south,east,north"))
        bounds = Bounds.parse(text, crs=plane_crs(self.args.get("bbox-crs", STORAGE)))
        shapes.of_box(bounds)
        return bounds

    def within(self, areas: Callable[[str], str] | None) -> tuple[str | None, str | None]:
        """What was written, and the WKT of the kept area if it names one."""
        value = self.args.get("within")
        if value is None:
            return None, None
        text = value.strip()
        area = text.removeprefix(TOUCHING)
        if not area.startswith(KEPT):
            shapes.of_area_text(area)
            return text, None
        if areas is None or not _AREA_NAME.match(area):
            raise BadValue(
                Text(f"没有保存的区域“{area[:60]}”：请重新画", f"there is no kept area '{area[:60]}': draw it anew"), parameter="within"
            )
        outline = areas(area.removeprefix(KEPT))
        shapes.of_kept_area(outline)
        return text, outline

    def near(self, layers: Mapping[str, Layer]) -> Near | None:
        if "near" not in self.args:
            return None
        return Near.parse(self.args["near"], self.args.get("near-filter"), layers=layers, fields=lambda layer: queryables(layer, None))

    def datetime(self) -> str | None:
        value = self.args.get("datetime")
        if value is not None:
            days_of(value)
        return value

    def sort(self) -> tuple[tuple[str, bool], ...]:
        if "sortby" not in self.args:
            return ()
        names = ["id", *(f.name for f in queryables(self.layer, self.question))]
        parts = [part.strip() for part in self.args["sortby"].split(",")]
        keys = [(part[1:] if part[:1] in ("+", "-") else part, part[:1] == "-") for part in parts]
        self._check_list("sortby", [name for name, _ in keys], names)
        return tuple(keys)

    def fields(self) -> tuple[str, ...] | None:
        if "properties" not in self.args:
            return None
        names = [f.name for f in output_fields(self.layer, self.question)]
        chosen = [part.strip() for part in self.args["properties"].split(",")]
        self._check_list("properties", chosen, names)
        return tuple(chosen)

    def _check_list(self, parameter: str, chosen: Sequence[str], names: Sequence[str]) -> None:
        for name in chosen:
            if name not in names:
                raise unknown_in(parameter, name, names)
        if len(set(chosen)) != len(chosen):
            raise BadValue(Text(f"{parameter} 里有重复的字段", f"a field stands twice in {parameter}"), parameter=parameter)

    def limit(self, default: int | None, maximum: int) -> int | None:
        value = self._whole("limit", least=1)
        return (default if default is None else min(default, maximum)) if value is None else min(value, maximum)

    def offset(self) -> int:
        return self._whole("offset", least=0) or 0

    def _whole(self, name: str, *, least: int) -> int | None:
        text = self.args.get(name)
        if text is None:
            return None
        if not _DIGITS.match(text) or int(text) < least:
            raise BadValue(
                Text(
                    f"{name} 须是不小于 {least} 的整数，不能是“{text[:40]}”",
                    f"{name} must be a whole number from {least}, not '{text[:40]}'",
                ),
                parameter=name,
            )
        return int(text)

    def parameter(self, parameter: Any) -> Any:
        text = self.args.get(parameter.name)
        return parameter.default if text is None else parameter.parse(text)

    def answers(self) -> frozenset[str]:
        if self.question is None:
            return frozenset()
        chosen = [part.strip() for part in self.args.get("answer", "yes").split(",")]
        if chosen == ["all"]:
            return frozenset(ANSWERS)
        for value in chosen:
            _one_of("answer", value, (*ANSWERS, "all"))
            if value == "all":
                raise BadValue(Text("answer=all 要单独写", "answer=all stands alone"), parameter="answer")
        return frozenset(chosen)

    def shape(self) -> str | None:
        if self.question is None or "shape" not in self.args:
            return None
        return _one_of("shape", self.args["shape"], [shape.id for shape in self.question.shapes])

    def lang(self) -> str:
        return _one_of("lang", self.args.get("lang", "zh"), ("zh", "en"))


def unknown_in(parameter: str, name: str, names: Sequence[str]) -> UnknownField:
    """An unknown field in the list `parameter`, with the nearest names."""
    error = unknown_field(name, names)
    return UnknownField(Text(f"{parameter}：{error.text.zh}", f"{parameter}: {error.text.en}"), parameter=parameter, **error.members)


def _one_of(parameter: str, value: str, values: Collection[str]) -> str:
    if value not in values:
        listed = ", ".join(values)
        raise BadValue(
            Text(f"{parameter} 不能是“{value[:40]}”；可用：{listed}", f"{parameter} cannot be '{value[:40]}'; there are: {listed}"),
            parameter=parameter,
            values=list(values),
        )
    return value
