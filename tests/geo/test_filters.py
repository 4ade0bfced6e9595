"""Filters: what is refused and why, exact masks on a small table, and a random grammar against a row-by-row evaluator."""

from __future__ import annotations

import contextlib
import os
import random
import time
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import BadFilter, BadValue, Invalid, Text, UnknownField
from geo.filters import Filter
from geo.filters.evaluate import pattern
from geo.schema import Choice, Field


def field(name: str, type: Any, **more: Any) -> Field:
    return Field(name, type, Text(name, name), **more)


FIELDS = (
    field("name", "text"),
    field("alias", "text"),
    field("built_year", "year"),
    field("households", "integer"),
    field("width", "number"),
    field("lift", "boolean"),
    field("found_on", "date"),
    field("updated_at", "text"),
    field("status", "choice", choices=(Choice("none", Text("无", "none")), Choice("full", Text("有", "full")))),
    field("extra", "json"),
)
ROWS: list[dict[str, Any]] = [
    {
        "name": "南苑小区",
        "alias": "NY",
        "built_year": 1994,
        "households": 120,
        "width": 4.0,
        "lift": True,
        "found_on": "2024-01-01",
        "status": "none",
    },
    {
        "name": "It's 100%",
        "alias": "a_b",
        "built_year": 1985,
        "households": 0,
        "width": 3.99,
        "lift": False,
        "found_on": "2024-12-31",
        "status": "full",
    },
    {
        "name": None,
        "alias": "København",
        "built_year": None,
        "households": 48,
        "width": None,
        "lift": None,
        "found_on": None,
        "status": None,
    },
    {
        "name": "北苑",
        "alias": None,
        "built_year": 2001,
        "households": None,
        "width": 4.01,
        "lift": True,
        "found_on": "2025-06-15",
        "status": "full",
    },
]
SHAPES = [shapely.Point(112.98, 34.75), shapely.box(112.9, 34.7, 113.0, 34.8), shapely.LineString([(113.0, 34.7), (113.1, 34.8)]), None]


@pytest.fixture(scope="module")
def frame() -> gpd.GeoDataFrame:
    columns = {}
    for f in FIELDS:
        values = [row.get(f.name) for row in ROWS]
        columns[f.name] = pd.Series(values, index=[1, 2, 3, 4], dtype=float if f.is_numeric else object)
    columns["updated_at"] = pd.Series(
        ["2026-01-01T00:00:00Z", "2026-01-01T08:00:00+08:00", "2026-01-02T00:00:00.5Z", None], index=[1, 2, 3, 4], dtype=object
    )
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(SHAPES, index=[1, 2, 3, 4], crs="EPSG:4326"))


MASKS = [
    ("built_year < 1990", [2]),
    ("NOT built_year < 1990", [1, 4]),
    ("built_year < 1990 OR lift", [1, 2, 4]),
    ("NOT (built_year < 1990 AND lift)", [1, 2, 4]),
    ("built_year IS NULL", [3]),
    ("width = 4", [1]),
    ("width < 4", [2]),
    ("width BETWEEN 3.99 AND 4", [1, 2]),
    ("width NOT BETWEEN 3.99 AND 4", [4]),
    ("households + 0 = 0", [2]),
    ("100 / households > 1", [3]),
    ("100 / households >= 0", [1, 3]),
    ("households * 2 - 96 = 0", [3]),
    ("- households = -120", [1]),
    ("name = '南苑小区'", [1]),
    ("name <> '南苑小区'", [2, 4]),
    ("name = 'It''s 100%'", [2]),
    ("name LIKE '%苑%'", [1, 4]),
    ("name LIKE '_苑'", [4]),
    (r"name LIKE '%100\%'", [2]),
    (r"alias LIKE 'a\_b'", [2]),
    ("alias LIKE 'A_B'", []),
    ("CASEI(alias) LIKE casei('A_B')", [2]),
    ("ACCENTI(CASEI(alias)) = 'københavn'", [3]),
    ("name NOT LIKE '%苑%'", [2]),
    ("name IN ('北苑', '南苑小区')", [1, 4]),
    ("name NOT IN ('北苑')", [1, 2]),
    ("households IN (0, built_year - 1874)", [1, 2]),
    ("lift", [1, 4]),
    ("NOT lift", [2]),
    ("lift = false", [2]),
    ("lift IN (true)", [1, 4]),
    ("true", [1, 2, 3, 4]),
    ("false OR 1 = 1", [1, 2, 3, 4]),
    ("status = 'none'", [1]),
    ("status IN ('none','full')", [1, 2, 4]),
    ("\"name\" = '北苑'", [4]),
    ("found_on >= DATE('2024-12-31')", [2, 4]),
    ("found_on BETWEEN DATE('2024-01-01') AND DATE('2024-12-31')", [1, 2]),
    ("T_AFTER(found_on, DATE('2024-12-31'))", [4]),
    ("T_BEFORE(found_on, INTERVAL('2024-12-31', '..'))", [1]),
    ("T_INTERSECTS(found_on, INTERVAL('2024-01-01','2024-12-31'))", [1, 2]),
    ("T_DURING(found_on, INTERVAL('2024-01-01','2024-12-31'))", []),
    ("updated_at = TIMESTAMP('2026-01-01T00:00:00Z')", [1, 2]),
    ("updated_at > TIMESTAMP('2026-01-02T00:00:00Z')", [3]),
    ("id IN (2, 4)", [2, 4]),
    ("id > 2 AND id < 4", [3]),
    ("S_INTERSECTS(geometry, BBOX(112.97, 34.74, 112.99, 34.76))", [1, 2]),
    ("S_WITHIN(geometry, BBOX(112.97, 34.74, 112.99, 34.76))", [1]),
    ("S_CONTAINS(geometry, POINT(112.98 34.75))", [1, 2]),
    ("S_DISJOINT(geometry, POINT(112.98 34.75))", [3]),
    ("NOT S_INTERSECTS(geometry, POINT(112.98 34.75))", [3]),
    ("S_TOUCHES(geometry, POINT(113.0 34.75))", [2]),
    ("S_CROSSES(geometry, POLYGON((113.02 34.7, 113.05 34.7, 113.05 34.8, 113.02 34.8, 113.02 34.7)))", [3]),
    ("S_EQUALS(geometry, POINT(112.98 34.75))", [1]),
    ("S_OVERLAPS(geometry, BBOX(112.95, 34.75, 113.05, 34.9))", [2]),
    ("S_INTERSECTS(geometry, BBOX(170, 34, -170, 35))", []),
    ("S_INTERSECTS(geometry, BBOX(113.05, 34, 112.95, 35))", [2, 3]),
    ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(112.98 34.75), POINT(0 0)))", [1, 2]),
    ("geometry IS NULL", [4]),
    ("((((name = '北苑'))))", [4]),
    ("NOT NOT NOT lift", [2]),
    ("NOT -1e2 = -7", [1, 2, 3, 4]),
    ("NOT - households = -120", [2, 3]),
    ("NOT - -households - 1 > 50", [2, 3]),
    ("households - -1 = 121", [1]),
]


@pytest.mark.parametrize(("text", "ids"), MASKS)
def test_mask(text: str, ids: list[int], frame: gpd.GeoDataFrame) -> None:
    assert list(frame.index[Filter.parse(text, FIELDS).mask(frame)]) == ids


REFUSED = [
    ("nmae = 'x'", UnknownField, "name"),
    ("Name = 'x'", UnknownField, "name"),
    ("extra = 'x'", UnknownField, "name"),
    ("a liked", BadFilter, "cannot be read"),
    ("built_year = '1994'", BadFilter, "write numbers without quotes"),
    ("name = 5", BadFilter, "single quotes"),
    ('name = "x"', UnknownField, "no field 'x'"),
    ("name = null", BadFilter, "IS NULL"),
    ("found_on > '2024-01-01'", BadFilter, "write DATE('2024-01-31')"),
    ("found_on > DATE('2024-02-30')", BadFilter, "not a date"),
    ("found_on > DATE('2024-1-1')", BadFilter, "not a date"),
    ("found_on > TIMESTAMP('2024-01-01T00:00:00Z')", BadFilter, "DATE"),
    ("updated_at > DATE('2024-01-01')", BadFilter, "TIMESTAMP"),
    ("T_AFTER(found_on, '2024-01-01')", BadFilter, "DATE"),
    ("T_AFTER(name, DATE('2024-01-01'))", BadFilter, "date"),
    ("T_DURING(found_on, INTERVAL('2024-12-31','2024-01-01'))", BadFilter, "after its end"),
    ("status = 'fulll'", BadFilter, "there are: none, full"),
    ("status < 'full'", BadFilter, "no order"),
    ("lift > false", BadFilter, "no order"),
    ("name", BadFilter, "condition"),
    ("built_year + 1", BadFilter, "condition"),
    ("lift = (width < 4)", BadFilter, "cannot be compared"),
    ("1 < built_year < 1990", BadFilter, "cannot be compared"),
    ("name + 'x' = 'y'", BadFilter, "number"),
    ("households % 2 = 0", BadFilter, "not supported"),
    ("S_DWITHIN(geometry, POINT(1 2), 5)", BadFilter, "S_WITHIN"),
    ("avg(width) > 1", BadFilter, "not supported"),
    ("width / 0 > 1", BadFilter, "division by zero"),
    ("width > 1e999", BadFilter, "too large"),
    ("households = 9007199254740993", BadFilter, "too large"),
    ("name LIKE alias", BadFilter, "pattern"),
    ("width LIKE '4%'", BadFilter, "text"),
    ("name LIKE 'x\\'", BadFilter, "end in a single"),
    ("name BETWEEN 'a' AND 'b'", BadFilter, ">= and <="),
    ("name IN name", BadFilter, "brackets"),
    ("name IN ()", BadFilter, "cannot be read"),
    ("lift IN (name IN ('x'))", BadFilter, "another IN"),
    ("geometry = POINT(1 2)", BadFilter, "S_INTERSECTS"),
    ("S_INTERSECTS(name, POINT(1 2))", BadFilter, "takes geometries"),
    ("S_INTERSECTS(geometry)", BadFilter, "2 argument"),
    ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", BadFilter, "crosses itself"),
    ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1)))", BadFilter, "cannot be read"),
    ("S_INTERSECTS(geometry, POINT(112.98))", BadFilter, "not supported"),
    ("S_INTERSECTS(geometry, POINT(508000 3847000))", BadFilter, "filter-crs"),
    ("S_INTERSECTS(geometry, BBOX(1, 5, 2, 4))", BadFilter, "south is above north"),
    ("S_INTERSECTS(geometry, BBOX(1, 2, 3))", BadFilter, "BBOX"),
    ("", BadFilter, "empty"),
    ("name = 'x", BadFilter, "cannot be read"),
    ("name == 'x'", BadFilter, "cannot be read"),
    ("name = 'x' andstatus = 'full'", BadFilter, "cannot be read"),
    ("name = 'x'; DROP TABLE compounds", BadFilter, "cannot be read"),
    ("name = 'x' --", BadFilter, "cannot be read"),
    ("name = '\x01'", BadFilter, "control"),
    ("(" * 33 + "lift" + ")" * 33, BadFilter, "too complex"),
    ("NOT " * 9 + "lift", BadFilter, "too complex"),
    ("width = " + "-" * 9 + "1", BadFilter, "too complex"),
    ("width = 1" + " + 1" * 501, BadFilter, "too complex"),
    ("width = 1" + " + 1" * 200, BadFilter, "too complex"),
    ("(lift", BadFilter, "brackets"),
    ("lift)", BadFilter, "brackets"),
    ("name = '" + "x" * 16_400 + "'", BadFilter, "longer than"),
    ("__class__ = 1", UnknownField, "no field"),
    ("name.__class__ = 'x'", UnknownField, "no field"),
    ("{{7*7}} = 49", BadFilter, "cannot be read"),
]


@pytest.mark.parametrize(("text", "error", "hint"), REFUSED)
def test_refused_with_the_way_out(text: str, error: type[Invalid], hint: str) -> None:
    with pytest.raises(error) as caught:
        Filter.parse(text, FIELDS)
    assert type(caught.value) is error
    assert hint in caught.value.text.en and caught.value.text.zh
    assert caught.value.status == 400


def test_unknown_language_and_bad_json() -> None:
    with pytest.raises(BadValue, match="cql2-text"):
        Filter.parse("lift", FIELDS, lang="cql-text")
    for text in (
        "{",
        "[NaN]",
        '{"op": "=", "args": [{"property": "lift"}, NaN]}',
        '{"op": "="}',
        '{"op": 5, "args": []}',
        "[1]",
        '"x"',
        "1",
        "null",
    ):
        with pytest.raises(Invalid):
            Filter.parse(text, FIELDS, lang="cql2-json")
    with pytest.raises(BadFilter, match="too complex"):
        Filter.parse("[" * 200 + "]" * 200, FIELDS, lang="cql2-json")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 32 + "lift" + ")" * 32,
        "(" * 32 + "name =" + ")" * 32,
        "(" * 32 + "1 1" + ")" * 32,
        "not(" * 8 + "name = " + ")" * 8,
        "casei(" * 32 + "name" + ")" * 32 + " = ",
        "name in (" * 32 + "1 1" + ")" * 32,
        "name in ((" * 16 + "1 1" + "))" * 16,
        "POINT(" * 32 + "1 1" + ")" * 32,
        "name like '" + "%a" * 4000 + "'",
        "name in (" + ",".join(f"'{i}'" for i in range(1500)) + ")",
        "'" * 16_383,
        "lift and " * 1800 + "lift",
        "-(" * 32 + "name" + ")" * 32,
    ],
)
def test_no_text_keeps_the_parser_busy(text: str, frame: gpd.GeoDataFrame) -> None:
    """The parser alone needs twice the time for every further bracket of a text it refuses: minutes at 25, years at 32."""
    start = time.perf_counter()
    with contextlib.suppress(Invalid):
        Filter.parse(text, FIELDS).mask(frame)
    assert time.perf_counter() - start < 2.0


def test_a_json_text_that_never_ends_takes_linear_time() -> None:
    began = time.perf_counter()
    with pytest.raises(BadFilter):
        Filter.parse('"' + '\\"' * 8_000, FIELDS, lang="cql2-json")
    assert time.perf_counter() - began < 1


def test_long_edges_are_counted_as_they_are_cut() -> None:
    """Each line of 3 000 km is cut into 20 000 pieces: a few fit, hundreds would take minutes."""
    line = "S_CROSSES(geometry, LINESTRING(11000000 4000000, 14000000 4500000))"
    Filter.parse(" OR ".join([line] * 2), FIELDS, crs="EPSG:3857")
    with pytest.raises(BadFilter, match="50000"):
        Filter.parse(" OR ".join([line] * 3), FIELDS, crs="EPSG:3857")


def test_a_filter_is_stopped_when_its_time_is_over(frame: gpd.GeoDataFrame) -> None:
    sought = Filter.parse("S_CROSSES(geometry, LINESTRING(112 34, 114 35)) OR name = 'x'", FIELDS)
    ticks = iter(range(0, 1_000, 4))
    with pytest.raises(BadFilter, match="10 seconds"):
        sought.truth(frame, clock=lambda: next(ticks))
    assert len(sought.truth(frame).yes) == len(sought.truth(frame, clock=lambda: 0.0).yes) == len(frame)


def test_like_takes_linear_time() -> None:
    start = time.perf_counter()
    assert not pattern("%a" * 2000 + "b")("a" * 20_000)
    assert time.perf_counter() - start < 1.0


def test_metric_literals_are_read_in_filter_crs(frame: gpd.GeoDataFrame) -> None:
    text = "S_WITHIN(geometry, BBOX(406000, 3847000, 407000, 3848000))"
    assert list(frame.index[Filter.parse(text, FIELDS, crs="EPSG:4547").mask(frame)]) == [1]


def test_three_values(frame: gpd.GeoDataFrame) -> None:
    truth = Filter.parse("built_year < 1990 AND households > 10", FIELDS).truth(frame)
    assert truth.yes.tolist() == [False, False, False, False]
    assert truth.no.tolist() == [True, True, False, True]  # unknown only where 48 households and no year


# random filters against a plain evaluator -------------------------------------------------------------------------------------

NAMES = ["name", "alias", "built_year", "households", "width", "lift", "found_on", "status", "id", "geometry", "nmae"]
TEXTS = ["南苑小区", "It's 100%", "a_b", "København", "", "北苑", "none", "full"]
PATTERNS = ["%", "_", "南%", "%苑", "a_b", "%a%b%", "It's %", "", "_苑%区", "K%n"]


class Oracle:
    """Reads nothing: it makes a random tree and from it both the text and the value for one row. None = unknown."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.bad = False

    def condition(self, depth: int) -> tuple[str, Any]:
        kind = self.random.choice(["and", "or", "not", "leaf", "leaf", "leaf"] if depth else ["leaf"])
        if kind == "leaf":
            return self.leaf()
        if kind == "not":
            text, value = self.condition(depth - 1)
            return f"NOT ({text})", lambda row: None if value(row) is None else not value(row)
        (a, va), (b, vb) = self.condition(depth - 1), self.condition(depth - 1)
        joined = f"({a}) {kind} ({b})" if self.random.random() < 0.7 else f"(({a}){kind.upper()}({b}))"
        return joined, (lambda row: kleene_and(va(row), vb(row))) if kind == "and" else (lambda row: kleene_or(va(row), vb(row)))

    def leaf(self) -> tuple[str, Any]:
        return self.random.choice(
            [self.numbers, self.numbers, self.texts, self.null, self.listed, self.between, self.like, self.flag, self.dates]
        )()

    def number(self, depth: int = 1) -> tuple[str, Any]:
        pick = self.random.random()
        if depth and pick < 0.3:
            op = self.random.choice("+-*/")
            (a, va), (b, vb) = self.number(depth - 1), self.number(depth - 1)
            return f"({a} {op} {b})", lambda row: arithmetic(op, va(row), vb(row))
        if pick < 0.7:
            name = self.random.choice(["built_year", "households", "width", "id"])
            return name, lambda row: row[name]
        value = self.random.choice([0, 4, 3.99, 4.01, 1994, 120, -1, 2.5])
        return str(value), lambda row: float(value)

    def numbers(self) -> tuple[str, Any]:
        op = self.random.choice(["=", "<>", "<", ">", "<=", ">="])
        (a, va), (b, vb) = self.number(), self.number()
        self.bad |= "/ 0)" in a or "/ 0)" in b
        return f"{a} {op} {b}", lambda row: compared(op, va(row), vb(row))

    def text(self) -> tuple[str, Any]:
        if self.random.random() < 0.6:
            name = self.random.choice(["name", "alias"])
            return name, lambda row: row[name]
        value = self.random.choice(TEXTS)
        quoted = value.replace("'", "''")
        return f"'{quoted}'", lambda row: value

    def texts(self) -> tuple[str, Any]:
        op = self.random.choice(["=", "<>", "<", ">", "<=", ">="])
        (a, va), (b, vb) = self.text(), self.text()
        return f"{a} {op} {b}", lambda row: compared(op, va(row), vb(row))

    def null(self) -> tuple[str, Any]:
        name = self.random.choice(NAMES)
        self.bad |= name == "nmae"
        yes = self.random.random() < 0.5
        return f"{name} IS {'' if yes else 'NOT '}NULL", lambda row: (row[name] is None) == yes

    def listed(self) -> tuple[str, Any]:
        values = self.random.sample(TEXTS, 3)
        listed = ", ".join("'" + v.replace("'", "''") + "'" for v in values)
        negated = self.random.random() < 0.3
        return (
            f"alias {'NOT ' if negated else ''}IN ({listed})",
            lambda row: None if row["alias"] is None else (row["alias"] in values) != negated,
        )

    def between(self) -> tuple[str, Any]:
        (a, va), (b, vb), (c, vc) = self.number(0), self.number(0), self.number(0)
        return f"{a} BETWEEN {b} AND {c}", lambda row: kleene_and(compared(">=", va(row), vb(row)), compared("<=", va(row), vc(row)))

    def like(self) -> tuple[str, Any]:
        pattern = self.random.choice(PATTERNS)
        quoted = pattern.replace("'", "''")
        return f"name LIKE '{quoted}'", lambda row: None if row["name"] is None else slow_like(row["name"], pattern)

    def flag(self) -> tuple[str, Any]:
        if self.random.random() < 0.15:
            self.bad = True
            return self.random.choice(["name", "width = 'x'", "lift > true", "status = 'x'", "foo(1) = 2", "5"]), lambda row: None
        return self.random.choice(["lift", "lift = true", "TRUE = lift"]), lambda row: row["lift"]

    def dates(self) -> tuple[str, Any]:
        day = self.random.choice(["2024-01-01", "2024-12-31", "2023-05-05"])
        op, sign = self.random.choice([("T_BEFORE", "<"), ("T_AFTER", ">"), ("T_EQUALS", "=")])
        return f"{op}(found_on, DATE('{day}'))", lambda row: compared(sign, row["found_on"], day)


def kleene_and(a: bool | None, b: bool | None) -> bool | None:
    return False if a is False or b is False else None if a is None or b is None else True


def kleene_or(a: bool | None, b: bool | None) -> bool | None:
    return True if a is True or b is True else None if a is None or b is None else False


def compared(op: str, a: Any, b: Any) -> bool | None:
    if a is None or b is None:
        return None
    return {"=": a == b, "<>": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[op]


def arithmetic(op: str, a: Any, b: Any) -> float | None:
    if a is None or b is None or (op == "/" and b == 0):
        return None
    return {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else None}[op]


def slow_like(value: str, pattern: str) -> bool:
    if not pattern:
        return not value
    if pattern[0] == "%":
        return any(slow_like(value[i:], pattern[1:]) for i in range(len(value) + 1))
    return bool(value) and pattern[0] in ("_", value[0]) and slow_like(value[1:], pattern[1:])


def plain_rows(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    rows = []
    for id, row in frame.iterrows():
        values = {k: None if v is None or (isinstance(v, float) and np.isnan(v)) else v for k, v in row.items()}
        rows.append({**values, "id": float(id)})
    return rows


def fuzz(frame: gpd.GeoDataFrame, seeds: range) -> int:
    rows = plain_rows(frame)
    right = 0
    for seed in seeds:
        oracle = Oracle(seed)
        text, value = oracle.condition(3)
        try:
            found = Filter.parse(text, FIELDS).truth(frame)
        except Invalid:
            assert oracle.bad, text
            continue
        expected = [value(row) for row in rows]
        assert found.yes.tolist() == [v is True for v in expected], text
        assert found.no.tolist() == [v is False for v in expected], text
        right += 1
    return right


def test_random_filters(frame: gpd.GeoDataFrame) -> None:
    assert fuzz(frame, range(600)) > 360


@pytest.mark.soak
def test_many_random_filters(frame: gpd.GeoDataFrame) -> None:
    start = int(os.environ.get("SOAK_SEED", "0"))
    assert fuzz(frame, range(start, start + 10_000)) > 6_000


def test_random_characters_are_refused_or_answered(frame: gpd.GeoDataFrame) -> None:
    alphabet = ["name", "lift", "width", " ", " ", "(", ")", "'", '"', "=", "<", ">", "and", "or", "not", "in", "like", "between", "is", "null", "1", "-", ",", "%",
                "x'", "POINT", "BBOX", "S_INTERSECTS", "DATE", "geometry", "{{7*7}}", "\\", ";", "小区", "\u202e", "1e9", ".", "{", "*", "/", "+", "INTERVAL", "'..'"]  # fmt: skip
    for seed in range(1_500):
        chance = random.Random(seed)
        text = "".join(chance.choice(alphabet) for _ in range(chance.randrange(1, 14)))
        try:
            mask = Filter.parse(text, FIELDS).mask(frame)
        except Invalid:
            continue
        assert mask.dtype == bool and len(mask) == len(frame)
