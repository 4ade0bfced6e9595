"""CQL2 text in, its JSON tree out: bounded before the parser sees it, and read piece by piece so that no text can keep the parser busy.

The `cql2` parser needs time that doubles with every level of round brackets in a text it refuses (32 unclosed brackets: years) and
crashes its process on deep ones. So a linear scan cuts the text into tokens and refuses what is too long or too deep; then every bracketed
group is parsed alone and put into the tree of its surroundings. Names are handed over in double quotes: the parser itself would read
`a liked` as `a LIKE d`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import cql2

from geo.errors import BadFilter, Text

MAX_BYTES = 16_384
MAX_NESTING = 32
MAX_RUN = 8
MAX_OPERATORS = 500

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<number>[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[^\W\d]\w*(?:[.:]\w+)*)
      | (?P<op><>|<=|>=|!=|[=<>+\-*/%^(),])""",
    re.VERBOSE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_KEYWORDS = frozenset({"and", "or", "not", "like", "between", "in", "is", "null", "true", "false", "div"})
_SHAPES = frozenset({"point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection"})
_HELD = "\x01"
"""Marks the stand-in for a group that was parsed alone; control characters are refused in the text, so no name can look like it."""


@dataclass(frozen=True, slots=True)
class _Token:
    sort: str
    text: str
    start: int = 0

    @property
    def word(self) -> str:
        return self.text.lower() if self.sort == "name" else self.text


def tree_of(text: str) -> Any:
    """The CQL2 JSON tree of CQL2 `text`. Raises BadFilter for what is too long, too deep or cannot be read."""
    _check_size(text)
    return _Reader(text, _tokens(text)).read()


def _check_size(text: str) -> None:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise BadFilter(
            Text(
                f"筛选条件超过 {MAX_BYTES} 字节；请缩短，或用 within、bbox 等参数",
                f"the filter is longer than {MAX_BYTES} bytes; shorten it, or use parameters such as within or bbox",
            ),
            limit=MAX_BYTES,
        )
    if not text.strip():
        raise BadFilter(Text("筛选条件是空的；例如 built_year < 1990", "the filter is empty; write for example built_year < 1990"))
    if _CONTROL.search(text) or any("\ud800" <= c <= "\udfff" for c in text):
        raise BadFilter(Text("筛选条件里有控制字符", "the filter holds control characters"))


def _tokens(text: str) -> list[_Token]:
    """All tokens without the blanks, in one pass; too deep, too many or unbalanced ones are refused here."""
    tokens: list[_Token] = []
    position = depth = run = operators = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text[position : position + 20])
        token = _Token(str(match.lastgroup), match.group(), position)
        position = match.end()
        if token.sort == "space":
            continue
        tokens.append(token)
        depth += (token.text == "(") - (token.text == ")")
        run = run + 1 if token.word in ("+", "-", "not") else 0
        operators += (token.sort == "op" and token.text not in "(),") or token.word in ("and", "or", "not", "div")
        if depth < 0:
            raise _unbalanced()
        if depth > MAX_NESTING or run > MAX_RUN or operators > MAX_OPERATORS:
            raise too_complex()
    if depth:
        raise _unbalanced()
    return tokens


def too_complex() -> BadFilter:
    return BadFilter(
        Text(
            f"筛选条件太复杂：括号最多 {MAX_NESTING} 层，连续的正负号或 NOT 最多 {MAX_RUN} 个，运算最多 {MAX_OPERATORS} 个；请拆开或用 IN",
            f"the filter is too complex: at most {MAX_NESTING} levels of brackets, {MAX_RUN} signs or NOT in a row, "
            f"{MAX_OPERATORS} operators; split it or use IN",
        )
    )


def _unbalanced() -> BadFilter:
    return BadFilter(Text("筛选条件的括号不成对", "the brackets of the filter do not match"))


def _unreadable(near: str) -> BadFilter:
    near = near.strip() or "…"
    return BadFilter(
        Text(
            f"筛选条件读不懂，在“{near}”附近；文字用单引号，例如 name = '南苑小区' AND built_year < 1990",
            f"the filter cannot be read near '{near}'; text stands in single quotes, for example name = 'Nanyuan' AND built_year < 1990",
        ),
        near=near,
    )


class _Reader:
    """Walks the tokens once, handing each bracketed group to the parser by itself."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0
        self.held: list[Any] = []

    def read(self) -> Any:
        return self._parse(self._pieces(in_list=False))

    def _pieces(self, *, in_list: bool) -> list[str]:
        """The parser's text of everything up to the closing bracket (taken too) or the end."""
        out: list[str] = []
        before = _Token("", "")
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.text == ")":
                return out
            if token.text == "(":
                out.append(self._bracket(before, in_list=in_list))
            elif before.word == "not" and token.text in ("+", "-"):
                out.append(self._signed(token))
            else:
                out.append(self._plain(token))
            before = token
        return out

    def _bracket(self, before: _Token, *, in_list: bool) -> str:
        if before.word == "in":
            if in_list:
                raise BadFilter(Text("IN 的列表里不能再有 IN", "a list of IN cannot hold another IN"))
            return f"( {' '.join(self._pieces(in_list=True))} )"
        if before.sort == "name" and before.word in _SHAPES | {"z", "m", "zm"}:
            return self._verbatim()
        if before.sort == "name" and before.word not in _KEYWORDS:
            return f"( {' '.join(self._pieces(in_list=in_list))} )"
        self.held.append(self._parse(self._pieces(in_list=False)))
        return f'"{_HELD}{len(self.held) - 1}"'

    def _signed(self, sign: _Token) -> str:
        """A number or a name with its signs behind NOT, where the parser takes no sign of its own."""
        pieces = [sign.text]
        while self.at < len(self.tokens) and self.tokens[self.at].text in ("+", "-"):
            pieces.append(self.tokens[self.at].text)
            self.at += 1
        if self.at == len(self.tokens) or self.tokens[self.at].sort not in ("number", "name", "quoted"):
            return " ".join(pieces)
        token = self.tokens[self.at]
        self.at += 1
        if token.sort == "name" and (token.word in _KEYWORDS or (self.tokens[self.at : self.at + 1] and self.tokens[self.at].text == "(")):
            return " ".join([*pieces, self._plain(token)])
        self.held.append(self._parse([*pieces, self._plain(token)]))
        return f'"{_HELD}{len(self.held) - 1}"'

    def _verbatim(self) -> str:
        """The inside of a geometry literal, brackets and all."""
        start, depth = self.at, 1
        while depth:
            depth += (self.tokens[self.at].text == "(") - (self.tokens[self.at].text == ")")
            self.at += 1
        return f"({self.text[self.tokens[start].start : self.tokens[self.at - 1].start + 1]}"

    def _plain(self, token: _Token) -> str:
        following = self.tokens[self.at] if self.at < len(self.tokens) else _Token("", "")
        if token.sort != "name" or token.word in _KEYWORDS:
            if token.word == "in" and following.text != "(":
                raise BadFilter(Text("IN 之后要有括号：IN ('a','b')", "IN needs brackets: IN ('a','b')"))
            return token.text
        if following.text == "(" or (token.word in _SHAPES | {"z", "m", "zm"} and following.word in {"z", "m", "zm", "empty"}):
            return token.text
        return f'"{token.text}"'

    def _parse(self, pieces: list[str]) -> Any:
        text = " ".join(pieces)
        try:
            tree = cql2.parse_text(text).to_json()
        except BaseException as error:  # the parser's panics are not Exceptions
            if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
                raise
            column = re.search(r"--> \d+:(\d+)", str(error))
            near = text[int(column[1]) - 1 :][:20] if column else text[:20]
            raise _unreadable(re.sub(_HELD + r"\d+", "(…)", near)) from None
        return self._filled(tree) if self.held else tree

    def _filled(self, node: Any) -> Any:
        """`node` with the trees of the groups in place of their stand-ins."""
        if isinstance(node, dict):
            name = node.get("property")
            if isinstance(name, str) and name.startswith(_HELD):
                return self.held[int(name[1:])]
            return {key: self._filled(value) for key, value in node.items()}
        if isinstance(node, list):
            return [self._filled(item) for item in node]
        return node
