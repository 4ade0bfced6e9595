"""A CQL2 JSON tree checked against the fields of a layer and typed; what is unknown or does not fit is refused with the way out."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from geo.errors import BadFilter, Text, UnknownField, nearest
from geo.filters import nodes, shapes
from geo.filters.text import too_complex
from geo.schema import Field

MAX_DEPTH = 64
MAX_NODES = 10_000
MAX_VERTICES = 50_000
"""Of all geometry literals together, those put into long edges of a projected CRS too."""
EXACT = 2.0**53
"""Whole numbers above this have no exact double; a literal beyond it is refused."""

COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")
ARITHMETIC = ("+", "-", "*", "/")
SPATIAL = ("s_intersects", "s_within", "s_contains", "s_disjoint", "s_touches", "s_crosses", "s_overlaps", "s_equals")
TEMPORAL = (
    *("t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedby", "t_finishes", "t_intersects"),
    *("t_meets", "t_metby", "t_overlappedby", "t_overlaps", "t_startedby", "t_starts"),
)
_KINDS: Mapping[str, nodes.Kind] = {
    "text": "text",
    "choice": "text",
    "integer": "number",
    "number": "number",
    "year": "number",
    "boolean": "boolean",
    "date": "date",
}
_KIND_NAMES = {
    "number": Text("数字", "a number"),
    "text": Text("文字", "text"),
    "boolean": Text("是/否", "a boolean"),
    "date": Text("日期", "a date"),
    "timestamp": Text("时刻", "a timestamp"),
    "geometry": Text("图形", "a geometry"),
}
_HOW = {
    "number": Text("数字不加引号，例如 4.5", "write numbers without quotes, for example 4.5"),
    "text": Text("文字加单引号，例如 '南苑小区'", "write text in single quotes, for example 'Nanyuan'"),
    "boolean": Text("写 true 或 false", "write true or false"),
    "date": Text("写 DATE('2024-01-31')", "write DATE('2024-01-31')"),
    "timestamp": Text("写 TIMESTAMP('2024-01-31T08:00:00Z')", "write TIMESTAMP('2024-01-31T08:00:00Z')"),
    "geometry": Text("图形用 S_INTERSECTS 等函数", "geometries go into functions such as S_INTERSECTS"),
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z\Z", re.ASCII)
_EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a filter may speak of. `timestamps`: text fields that hold ISO 8601 instants in UTC; `crs`: of the geometry literals."""

    fields: Mapping[str, Field]
    geometry: str
    timestamps: frozenset[str]
    crs: str

    def kind(self, name: str) -> nodes.Kind:
        if name == self.geometry:
            return "geometry"
        if name == "id" and "id" not in self.fields:
            return "number"
        field = self.fields.get(name)
        kind = None if field is None else _KINDS.get(field.type)
        if kind is None:
            raise unknown_field(name, [*self.names()])
        return "timestamp" if name in self.timestamps else kind

    def names(self) -> list[str]:
        """The properties a filter may use."""
        return ["id", *(f.name for f in self.fields.values() if f.type in _KINDS), self.geometry]


def unknown_field(name: str, names: Sequence[str]) -> UnknownField:
    """The refusal of a property that is not there, with the nearest names."""
    close = nearest(name, names)
    listed = ", ".join(close or names)
    return UnknownField(
        Text(f"没有可用的字段“{name[:60]}”；{'相近的' if close else '可用的'}：{listed}",
             f"no field '{name[:60]}' to use here; {'nearest' if close else 'there are'}: {listed}"),
        field=name[:60], nearest=close, fields=list(names),
    )  # fmt: skip


def checked(tree: Any, scope: Scope) -> nodes.Predicate:
    """The typed predicate of a JSON tree. Raises UnknownField or BadFilter."""
    _check_depth(tree)
    return _Checker(scope).predicate(tree)


def _check_depth(tree: Any) -> None:
    level, count, depth = [tree], 0, 0
    while level:
        depth += 1
        count += len(level)
        if depth > 2 * MAX_DEPTH or count > MAX_NODES:
            raise too_complex()
        level = [child for node in level if isinstance(node, dict | list) for child in (node.values() if isinstance(node, dict) else node)]


def _bad(zh: str, en: str, **members: Any) -> BadFilter:
    return BadFilter(Text(zh, en), **members)


def _mismatch(wanted: nodes.Kind, got: nodes.Kind, what: str) -> BadFilter:
    return _bad(
        f"{what} 两边的类型不同：一边是{_KIND_NAMES[wanted].zh}，一边是{_KIND_NAMES[got].zh}；{_HOW[wanted].zh}",
        f"the sides of {what} differ in type: {_KIND_NAMES[wanted].en} and {_KIND_NAMES[got].en}; {_HOW[wanted].en}",
        expected=wanted,
        got=got,
    )


class _Checker:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.vertices = 0

    # predicates -------------------------------------------------------------------------------------------------------------

    def predicate(self, node: Any) -> nodes.Predicate:
        if isinstance(node, bool):
            return nodes.Truth(node)
        op, args = self._call(node)
        if op is None:
            return self._flag(node)
        if op in ("and", "or"):
            if len(args) < 2:
                raise _bad(f"{op.upper()} 需要至少两个条件", f"{op.upper()} needs two conditions or more")
            parts = tuple(self.predicate(a) for a in args)
            return nodes.All(parts) if op == "and" else nodes.Any_(parts)
        if op == "not":
            return nodes.Not(self.predicate(self._exactly(op, args, 1)[0]))
        if op in COMPARISONS:
            return self._compare(op, self._exactly(op, args, 2))
        if op in SPATIAL:
            left, right = self._exactly(op, args, 2)
            return nodes.Spatial(op, self._geometry(left, op), self._geometry(right, op))
        if op in TEMPORAL:
            return self._temporal(op, self._exactly(op, args, 2))
        special = {"between": self._between, "in": self._in, "like": self._like, "isnull": self._is_null}.get(op)
        if special is not None:
            return special(args)
        if op in ARITHMETIC or op in ("casei", "accenti"):
            raise self._not_a_condition()
        raise self._unknown_function(op)

    def _flag(self, node: Any) -> nodes.Predicate:
        scalar = self._scalar(node)
        if scalar.kind != "boolean":
            raise self._not_a_condition()
        return nodes.Flag(scalar)

    def _not_a_condition(self) -> BadFilter:
        return _bad(
            "这里需要一个条件，例如 built_year < 1990；只有是/否字段可以单独写",
            "a condition is needed here, for example built_year < 1990; only boolean fields may stand alone",
        )

    def _unknown_function(self, op: str) -> BadFilter:
        known = [*COMPARISONS, "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS NULL", *ARITHMETIC, "CASEI", "ACCENTI"]
        known += [o.upper() for o in (*SPATIAL, *TEMPORAL)]
        close = nearest(op.upper(), known)
        hint = ", ".join(close or known)
        return _bad(f"不支持“{op[:40]}”；可用：{hint}", f"'{op[:40]}' is not supported; use: {hint}", operator=op[:40], operators=known)

    def _call(self, node: Any) -> tuple[str | None, list[Any]]:
        """Operator (lower case) and arguments, or None for what is not a call."""
        if not (isinstance(node, dict) and "op" in node):
            return None, []
        op, args = node["op"], node.get("args")
        if not isinstance(op, str) or not isinstance(args, list) or set(node) != {"op", "args"}:
            raise _bad("筛选条件的 JSON 结构不对：需要 op 和 args", "the JSON of the filter is malformed: op and args are needed")
        return op.lower(), args

    def _exactly(self, op: str, args: list[Any], count: int) -> list[Any]:
        if len(args) != count:
            raise _bad(f"{op.upper()} 需要 {count} 个参数", f"{op.upper()} takes {count} argument(s)", operator=op)
        return args

    def _compare(self, op: str, args: list[Any]) -> nodes.Predicate:
        left, right = (self._scalar(a) for a in args)
        self._same_kind(op, left, right)
        if left.kind == "geometry":
            raise _bad("图形用 S_EQUALS、S_INTERSECTS 等比较", "compare geometries with S_EQUALS, S_INTERSECTS and so on")
        if op not in ("=", "<>"):
            self._ordered(op, left, right)
        return nodes.Compare(op, left, right)

    def _ordered(self, op: str, *scalars: nodes.Scalar) -> None:
        for scalar in scalars:
            field = self._choice_field(scalar)
            if scalar.kind == "boolean" or field is not None:
                raise _bad(
                    f"这个字段没有大小之分，不能用 {op}；用 = 、<> 或 IN", f"this field has no order, {op} does not apply; use =, <> or IN"
                )

    def _same_kind(self, what: str, first: nodes.Scalar, *others: nodes.Scalar) -> None:
        """All of one kind, and every text literal beside a choice field one of its choices."""
        wanted = next((s.kind for s in (first, *others) if not isinstance(s, nodes.Constant)), first.kind)
        for scalar in (first, *others):
            if scalar.kind != wanted:
                raise _mismatch(wanted, scalar.kind, what.upper())
        fields = [f for s in (first, *others) if (f := self._choice_field(s)) is not None]
        for field in fields:
            for scalar in (first, *others):
                if isinstance(scalar, nodes.Constant) and field.choice(scalar.value) is None:
                    raise self._unknown_choice(field, scalar.value)

    def _choice_field(self, scalar: nodes.Scalar) -> Field | None:
        field = self.scope.fields.get(scalar.name) if isinstance(scalar, nodes.Property) else None
        return field if field is not None and field.type == "choice" else None

    def _unknown_choice(self, field: Field, value: str) -> BadFilter:
        zh = "、".join(f"{c.value}（{c.label.zh}）" for c in field.choices)
        en = ", ".join(c.value for c in field.choices)
        return _bad(
            f"{field.name} 没有取值“{value[:40]}”；可用：{zh}",
            f"{field.name} has no value '{value[:40]}'; there are: {en}",
            field=field.name,
            choices=[c.value for c in field.choices],
        )

    def _between(self, args: list[Any]) -> nodes.Predicate:
        value, low, high = (self._scalar(a) for a in self._exactly("between", args, 3))
        self._same_kind("between", value, low, high)
        if value.kind not in ("number", "date", "timestamp"):
            raise _bad("BETWEEN 只用于数字和日期；文字用 >= 和 <=", "BETWEEN is for numbers and dates; for text use >= and <=")
        return nodes.All((nodes.Compare(">=", value, low), nodes.Compare("<=", value, high)))

    def _in(self, args: list[Any]) -> nodes.Predicate:
        arg, listed = self._exactly("in", args, 2)
        if not isinstance(listed, list) or not listed:
            raise _bad("IN 之后要有列表：IN ('a','b')", "IN needs a list: IN ('a','b')")
        first = self._scalar(arg)
        values = [self._scalar(v) for v in listed]
        self._same_kind("in", first, *values)
        if first.kind == "geometry":
            raise _bad("图形不能用 IN", "IN does not take geometries")
        constants = tuple(v for v in values if isinstance(v, nodes.Constant))
        return nodes.OneOf(first, constants, tuple(v for v in values if not isinstance(v, nodes.Constant)))

    def _like(self, args: list[Any]) -> nodes.Predicate:
        left, right = self._exactly("like", args, 2)
        arg, pattern = self._scalar(left), self._scalar(right)
        if arg.kind != "text":
            raise _mismatch("text", arg.kind, "LIKE")
        text = self._pattern(pattern)
        if re.search(r"(?<!\\)(?:\\\\)*\\\Z", text):
            raise _bad("LIKE 的样式不能以单个 \\ 结尾", "a LIKE pattern cannot end in a single \\")
        return nodes.Like(arg, text)

    def _pattern(self, scalar: nodes.Scalar) -> str:
        """The literal of a pattern, with CASEI and ACCENTI already applied."""
        if isinstance(scalar, nodes.Folded):
            return fold(scalar.how, self._pattern(scalar.arg))
        if isinstance(scalar, nodes.Constant) and isinstance(scalar.value, str):
            return scalar.value
        raise _bad("LIKE 之后要是单引号里的样式，例如 '南苑%'", "LIKE needs a pattern in single quotes, for example 'Nan%'")

    def _is_null(self, args: list[Any]) -> nodes.Predicate:
        node = self._exactly("IS NULL", args, 1)[0]
        return nodes.IsNull(self._scalar(node))

    # scalars ----------------------------------------------------------------------------------------------------------------

    def _scalar(self, node: Any) -> nodes.Scalar:
        if isinstance(node, bool):
            return nodes.Constant(node, "boolean")
        if isinstance(node, int | float):
            return nodes.Constant(_number(node), "number")
        if isinstance(node, str):
            return nodes.Constant(node, "text")
        if node is None:
            raise _bad("不能和 NULL 比较；用 IS NULL 或 IS NOT NULL", "NULL cannot be compared; use IS NULL or IS NOT NULL")
        op, args = self._call(node)
        if op is not None:
            return self._function(op, args)
        if isinstance(node, dict) and set(node) == {"property"} and isinstance(node["property"], str):
            return nodes.Property(node["property"], self.scope.kind(node["property"]))
        if isinstance(node, dict) and set(node) in ({"date"}, {"timestamp"}):
            return _instant(node)
        raise _bad(
            "这里需要一个字段或一个值（数字、文字、日期、是/否）；图形用 S_INTERSECTS 等函数",
            "a field or a value (number, text, date, boolean) is needed here; geometries go into functions such as S_INTERSECTS",
        )

    def _function(self, op: str, args: list[Any]) -> nodes.Scalar:
        if op in ("casei", "accenti"):
            arg = self._scalar(self._exactly(op, args, 1)[0])
            if arg.kind != "text":
                raise _mismatch("text", arg.kind, op)
            return nodes.Folded("casei" if op == "casei" else "accenti", arg)
        if op not in ARITHMETIC:
            if op in (*COMPARISONS, *SPATIAL, *TEMPORAL, "and", "or", "not", "in", "like", "between", "isnull"):
                raise _bad(
                    "条件的结果不能再拿来比较；用 AND、OR、NOT 连接",
                    "the result of a condition cannot be compared; join conditions with AND, OR, NOT",
                )
            raise self._unknown_function(op)
        left, right = (self._scalar(a) for a in self._exactly(op, args, 2))
        for scalar in (left, right):
            if scalar.kind != "number":
                raise _mismatch("number", scalar.kind, op)
        if op == "/" and isinstance(right, nodes.Constant) and right.value == 0:
            raise _bad("除数是 0", "division by zero")
        return nodes.Arithmetic(op, left, right)

    # space and time ---------------------------------------------------------------------------------------------------------

    def _geometry(self, node: Any, op: str) -> nodes.Property | nodes.Shape:
        if isinstance(node, dict) and ("bbox" in node or ("type" in node and ("coordinates" in node or "geometries" in node))):
            shape = shapes.of_json(node, self.scope.crs)
            self.vertices += int(shapely.get_num_coordinates(shape))
            if self.vertices > MAX_VERTICES:
                raise _bad(
                    f"筛选条件里的图形太细：合计超过 {MAX_VERTICES} 个顶点（长边按 {shapes.EDGE_M:g} 米分段）",
                    f"the geometries of the filter are too fine: more than {MAX_VERTICES} vertices together "
                    f"(long edges are cut every {shapes.EDGE_M:g} m)",
                )
            return nodes.Shape(shape)
        scalar = self._scalar(node)
        if isinstance(scalar, nodes.Property) and scalar.kind == "geometry":
            return scalar
        raise _bad(
            f"{op.upper()} 需要图形：字段 {self.scope.geometry}，或 POINT、LINESTRING、POLYGON、BBOX",
            f"{op.upper()} takes geometries: the field {self.scope.geometry}, or POINT, LINESTRING, POLYGON, BBOX",
        )

    def _temporal(self, op: str, args: list[Any]) -> nodes.Predicate:
        left, right = (self._span(a) for a in args)
        ends = [s for span in (left, right) for s in (span.start, span.end) if s is not None]
        fields = [s.kind for s in ends if isinstance(s, nodes.Property) and s.kind in ("date", "timestamp")]
        wanted: nodes.Kind = fields[0] if fields else next((s.kind for s in ends if s.kind == "timestamp"), "date")
        for end in ends:
            if end.kind != wanted:
                raise _mismatch(wanted, end.kind, op.upper())
        return nodes.Temporal(op, left, right)

    def _span(self, node: Any) -> nodes.Span:
        if not (isinstance(node, dict) and set(node) == {"interval"}):
            scalar = self._scalar(node)
            return nodes.Span(scalar, scalar)
        ends = node["interval"]
        if not isinstance(ends, list) or len(ends) != 2:
            raise _bad("INTERVAL 需要起止两端", "INTERVAL takes a start and an end")
        start, end = (self._end(e) for e in ends)
        if isinstance(start, nodes.Constant) and isinstance(end, nodes.Constant) and start.kind == end.kind and start.value > end.value:
            raise _bad("INTERVAL 的起点在终点之后", "the start of INTERVAL is after its end")
        return nodes.Span(start, end)

    def _end(self, node: Any) -> nodes.Scalar | None:
        if node == "..":
            return None
        if isinstance(node, str):
            return _instant({"timestamp" if "T" in node else "date": node})
        return self._scalar(node)


def _number(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or abs(number) >= EXACT:
        raise _bad("数字太大：绝对值须小于 9007199254740992", "the number is too large: its size must be below 9007199254740992")
    return number


def _instant(node: Mapping[str, Any]) -> nodes.Constant:
    (kind, text), *_ = node.items()
    pattern = _DATE if kind == "date" else _TIMESTAMP
    if isinstance(text, str) and pattern.match(text):
        try:
            return nodes.Constant(days(text), "date") if kind == "date" else nodes.Constant(microseconds(text), "timestamp")
        except ValueError:
            pass
    how = _HOW["date" if kind == "date" else "timestamp"]
    raise _bad(f"“{str(text)[:40]}”不是日期或时刻；{how.zh}", f"'{str(text)[:40]}' is not a date or time; {how.en}")


def days(text: str) -> int:
    """Days since 1970-01-01 of "YYYY-MM-DD". Raises ValueError."""
    return dt.date.fromisoformat(text).toordinal() - _EPOCH


def microseconds(text: str) -> int:
    """Microseconds since 1970-01-01T00:00:00Z of an ISO 8601 instant; without a zone it is UTC. Raises ValueError."""
    moment = dt.datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def fold(how: str, text: str) -> str:
    """`text` without case ("casei") or without accents ("accenti")."""
    if how == "casei":
        return unicodedata.normalize("NFC", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)))
