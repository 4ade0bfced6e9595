"""CQL2 text read and answered a second time, row by row and by other means: no parser library, no arrays, nothing of `geo.filters`.

`answer` gives True, False or None (unknown) for each row, or raises Unsound with the reason. It knows fields by plain kinds ("number", "text", "boolean",
"date", "choice") and a choice's values; beyond the standard it has the limits of the product: 32 brackets, 8 signs or NOT in a row.
"""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Truth = bool | None
Row = Mapping[str, Any]


class Unsound(Exception):
    """The text is no filter on these fields."""


@dataclass(frozen=True)
class Kinds:
    """`fields`: name → kind; `choices`: name → values of a choice field."""

    fields: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Value:
    """A scalar: its kind, what it is for a row, and what can be checked before any row is seen."""

    kind: str
    of: Callable[[Row], Any]
    literal: Any = None
    choice: str | None = None
    constant: bool = False


SYMBOLS = ("<>", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", ",")
WORDS = {"and", "or", "not", "in", "like", "between", "is", "null", "true", "false"}


def tokens(text: str) -> list[tuple[str, str]]:
    """(sort, text): word, quoted, string, number, sign."""
    out: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        c = text[at]
        if c.isspace():
            at += 1
        elif c in "'\"":
            end, said = at + 1, ""
            while True:
                if end >= len(text):
                    raise Unsound("an open quotation mark")
                if text[end] == c and text[end + 1 : end + 2] != c:
                    break
                said += text[end]
                end += 2 if text[end] == c else 1
            out.append(("string" if c == "'" else "quoted", said))
            at = end + 1
        elif c.isdigit() and c.isascii():
            end = at
            while end < len(text) and (
                text[end] in "0123456789." or (text[end] in "eE" and _exponent(text, end)) or _sign_of_exponent(text, end, at)
            ):
                end += 1
            out.append(("number", text[at:end]))
            at = end
        elif c.isalpha() or c == "_":
            end = at
            while end < len(text) and (text[end].isalnum() or text[end] == "_"):
                end += 1
            out.append(("word", text[at:end]))
            at = end
        else:
            sign = next((s for s in SYMBOLS if text.startswith(s, at)), None)
            if sign is None:
                raise Unsound(f"the sign {c!r}")
            out.append(("sign", sign))
            at += len(sign)
    return out


def _exponent(text: str, at: int) -> bool:
    rest = text[at + 1 : at + 3].lstrip("+-")
    return bool(rest) and rest[0].isdigit()


def _sign_of_exponent(text: str, at: int, start: int) -> bool:
    return text[at] in "+-" and at > start and text[at - 1] in "eE" and text[at + 1 : at + 2].isdigit()


class Reader:
    """Recursive descent over the grammar of the standard (annex B of OGC 21-065r2)."""

    def __init__(self, text: str, kinds: Kinds) -> None:
        self.tokens, self.at, self.kinds = tokens(text), 0, kinds
        depth = run = 0
        for sort, token in self.tokens:
            depth += (token == "(") - (token == ")") if sort == "sign" else 0
            run = run + 1 if (sort == "sign" and token in "+-") or (sort == "word" and token.lower() == "not") else 0
            if depth > 32 or run > 8 or depth < 0:
                raise Unsound("too deep")

    def whole(self) -> Callable[[Row], Truth]:
        if not self.tokens:
            raise Unsound("empty")
        found = self.either()
        if self.at < len(self.tokens):
            raise Unsound(f"{self.tokens[self.at][1]!r} is left over")
        return found

    def word(self, *words: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "word" and self.tokens[self.at][1].lower() in words:
            self.at += 1
            return True
        return False

    def sign(self, *signs: str) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "sign" and self.tokens[self.at][1] in signs:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def need(self, sign: str) -> None:
        if self.sign(sign) is None:
            raise Unsound(f"{sign} is missing")

    # conditions

    def either(self) -> Callable[[Row], Truth]:
        parts = [self.both()]
        while self.word("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda row: _any([p(row) for p in parts])

    def both(self) -> Callable[[Row], Truth]:
        parts = [self.negated()]
        while self.word("and"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else lambda row: _not(_any([_not(p(row)) for p in parts]))

    def negated(self) -> Callable[[Row], Truth]:
        if self.word("not"):
            inner = self.negated()
            return lambda row: _not(inner(row))
        return self.predicate()

    def predicate(self) -> Callable[[Row], Truth]:
        """A bracket opens a condition or a scalar: which one, shows only further on, so the condition is tried first."""
        start = self.at
        if self.sign("("):
            try:
                inner = self.either()
                self.need(")")
                following = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
                if not (following[0] == "sign" and following[1] not in (")", ",")) and following[1].lower() not in (
                    "in",
                    "like",
                    "between",
                    "is",
                    "not",
                ):
                    return inner
            except Unsound:
                pass
            self.at = start
        return self.comparison()

    def comparison(self) -> Callable[[Row], Truth]:
        start = self.at
        if self.word("t_before", "t_after", "t_equals"):
            return self.temporal(self.tokens[start][1].lower())
        left = self.scalar()
        op = self.sign("=", "<>", "<", ">", "<=", ">=")
        if op is not None:
            return _compare(op, left, self.scalar(), self.kinds)
        if self.word("is"):
            negative = self.word("not")
            if not self.word("null"):
                raise Unsound("IS needs NULL")
            return lambda row: (left.of(row) is None) != negative
        negative = self.word("not")
        tail = self.between if self.word("between") else self.listed if self.word("in") else self.like if self.word("like") else None
        if tail is not None:
            found = tail(left)
            return (lambda row: _not(found(row))) if negative else found
        if negative or left.kind != "boolean":
            raise Unsound("no condition")
        return left.of

    def between(self, value: Value) -> Callable[[Row], Truth]:
        low = self.scalar()
        if not self.word("and"):
            raise Unsound("BETWEEN needs AND")
        high = self.scalar()
        if value.kind not in ("number", "date"):
            raise Unsound("BETWEEN is for numbers and dates")
        above, below = _compare(">=", value, low, self.kinds), _compare("<=", value, high, self.kinds)
        return lambda row: _not(_any([_not(above(row)), _not(below(row))]))

    def listed(self, value: Value) -> Callable[[Row], Truth]:
        self.need("(")
        tests = [_compare("=", value, self.scalar(), self.kinds)]
        while self.sign(","):
            tests.append(_compare("=", value, self.scalar(), self.kinds))
        self.need(")")
        return lambda row: _any([test(row) for test in tests])

    def like(self, value: Value) -> Callable[[Row], Truth]:
        pattern = self.scalar()
        if value.kind != "text" or pattern.kind != "text" or not pattern.constant:
            raise Unsound("LIKE is for text")
        parts = _pattern(pattern.of({}))
        return lambda row: None if value.of(row) is None else _like(value.of(row), parts)

    def temporal(self, name: str) -> Callable[[Row], Truth]:
        self.need("(")
        left = self.scalar()
        self.need(",")
        right = self.scalar()
        self.need(")")
        if "date" not in (left.kind, right.kind):
            raise Unsound("no dates")
        return _compare({"t_before": "<", "t_after": ">", "t_equals": "="}[name], left, right, self.kinds)

    # scalars

    def scalar(self) -> Value:
        left = self.product()
        while op := self.sign("+", "-"):
            left = _calculated(op, left, self.product())
        return left

    def product(self) -> Value:
        left = self.signed()
        while op := self.sign("*", "/"):
            left = _calculated(op, left, self.signed())
        return left

    def signed(self) -> Value:
        if self.sign("-"):
            inner = self.signed()
            number = -inner.literal if inner.constant and inner.kind == "number" and inner.literal is not None else None
            if number is not None:
                return Value("number", lambda row: number, number, constant=True)
            return _calculated("*", Value("number", lambda row: -1.0, -1.0, constant=True), inner)
        return self.primary()

    def primary(self) -> Value:
        if self.sign("("):
            inner = self.scalar()
            self.need(")")
            return inner
        if self.at >= len(self.tokens):
            raise Unsound("a value is missing")
        sort, token = self.tokens[self.at]
        self.at += 1
        if sort == "number":
            return _number(token)
        if sort == "string":
            return Value("text", lambda row: token, token, constant=True)
        if sort == "word" and token.lower() in ("true", "false"):
            said = token.lower() == "true"
            return Value("boolean", lambda row: said, said, constant=True)
        if sort == "word" and token.lower() in ("casei", "accenti", "date") and self.sign("("):
            return self.call(token.lower())
        if sort == "sign" or (sort == "word" and token.lower() in WORDS):
            raise Unsound(f"{token!r} is no value")
        kind = self.kinds.fields.get(token)
        if kind is None:
            raise Unsound(f"no field {token!r}")
        return Value("text" if kind == "choice" else kind, lambda row: row[token], choice=token if kind == "choice" else None)

    def call(self, name: str) -> Value:
        inner = self.scalar()
        self.need(")")
        if inner.kind != "text" or (name == "date" and not inner.constant):
            raise Unsound(f"{name} takes text")
        if name == "date":
            try:
                day = dt.datetime.strptime(inner.literal, "%Y-%m-%d").date()
            except ValueError:
                raise Unsound("no day") from None
            if day.isoformat() != inner.literal:
                raise Unsound("no day")
            return Value("date", lambda row: day.isoformat(), day.isoformat(), constant=True)
        said = _folded(name, inner.of({})) if inner.constant else None
        return Value("text", lambda row: None if inner.of(row) is None else _folded(name, inner.of(row)), said, constant=inner.constant)


def _number(token: str) -> Value:
    try:
        number = float(token)
    except ValueError:
        raise Unsound("no number") from None
    if not math.isfinite(number) or abs(number) >= 2**53:
        raise Unsound("too large")
    return Value("number", lambda row: number, number, constant=True)


def _calculated(op: str, left: Value, right: Value) -> Value:
    if (left.kind, right.kind) != ("number", "number"):
        raise Unsound("arithmetic is for numbers")
    if op == "/" and right.constant and right.literal == 0:
        raise Unsound("division by zero")

    def of(row: Row) -> float | None:
        a, b = left.of(row), right.of(row)
        if a is None or b is None or (op == "/" and b == 0):
            return None
        value = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[op]()
        return value if math.isfinite(value) else None

    return Value("number", of)


def _compare(op: str, left: Value, right: Value, kinds: Kinds) -> Callable[[Row], Truth]:
    if left.kind != right.kind:
        raise Unsound("different types")
    for one, other in ((left, right), (right, left)):
        if one.choice is not None and other.constant and other.literal not in kinds.choices[one.choice]:
            raise Unsound("no such choice")
    if op not in ("=", "<>") and (left.kind == "boolean" or left.choice or right.choice):
        raise Unsound("no order")

    def truth(row: Row) -> Truth:
        a, b = left.of(row), right.of(row)
        if a is None or b is None:
            return None
        if op in ("=", "<>"):
            return bool((a == b) == (op == "="))
        return bool({"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[op])

    return truth


def _folded(how: str, text: str) -> str:
    if how == "casei":
        return unicodedata.normalize("NFC", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)))


def _pattern(text: str) -> list[tuple[str, str]]:
    out, at = [], 0
    while at < len(text):
        if text[at] == "\\":
            if at + 1 == len(text):
                raise Unsound("a pattern that ends in a backslash")
            out.append(("", text[at + 1]))
            at += 2
        else:
            out.append((text[at], "") if text[at] in "%_" else ("", text[at]))
            at += 1
    return out


def _like(value: str, parts: Sequence[tuple[str, str]]) -> bool:
    """By a table of which beginnings of the pattern fit which beginnings of the value."""
    fits = [True] + [False] * len(value)
    for wild, character in parts:
        if wild == "%":
            fits = [any(fits[: i + 1]) for i in range(len(value) + 1)]
        else:
            fits = [False] + [fits[i] and (wild == "_" or value[i] == character) for i in range(len(value))]
    return fits[-1]


def _not(value: Truth) -> Truth:
    return None if value is None else not value


def _any(values: Sequence[Truth]) -> Truth:
    return True if True in values else None if None in values else False


def answer(text: str, kinds: Kinds, rows: Sequence[Row]) -> list[Truth]:
    """What the filter says of each row. Raises Unsound."""
    truth = Reader(text, kinds).whole()
    return [truth(row) for row in rows]
