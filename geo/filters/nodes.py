"""What a checked filter consists of: typed scalars and predicates, as frozen values that say nothing about where rows are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import shapely

Kind = Literal["number", "text", "boolean", "date", "timestamp", "geometry"]


@dataclass(frozen=True, slots=True)
class Property:
    """A field of the row; `name` "id" is the feature's id, the geometry field has kind "geometry"."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: float, str, bool; a date as days and a timestamp as microseconds since 1970 (int)."""

    value: Any
    kind: Kind


@dataclass(frozen=True, slots=True)
class Arithmetic:
    op: str
    left: Scalar
    right: Scalar
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Folded:
    """`CASEI` or `ACCENTI` of a text."""

    how: Literal["casei", "accenti"]
    arg: Scalar
    kind: Kind = "text"


Scalar = Property | Constant | Arithmetic | Folded


@dataclass(frozen=True, slots=True)
class Truth:
    value: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean scalar used as a predicate."""

    arg: Scalar


@dataclass(frozen=True, slots=True)
class Not:
    part: Predicate


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Any_:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    op: str
    left: Scalar
    right: Scalar


@dataclass(frozen=True, slots=True)
class OneOf:
    arg: Scalar
    values: tuple[Constant, ...]
    others: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """`pattern` with % (any run), _ (one character) and \\ (the next character as it stands)."""

    arg: Scalar
    pattern: str


@dataclass(frozen=True, slots=True)
class IsNull:
    arg: Scalar


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry literal, in longitude/latitude (EPSG:4326)."""

    geometry: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Spatial:
    op: str
    left: Property | Shape
    right: Property | Shape


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end`, both included; None is open. An instant has the same scalar twice."""

    start: Scalar | None
    end: Scalar | None


@dataclass(frozen=True, slots=True)
class Temporal:
    op: str
    left: Span
    right: Span


Predicate = Truth | Flag | Not | All | Any_ | Compare | OneOf | Like | IsNull | Spatial | Temporal
