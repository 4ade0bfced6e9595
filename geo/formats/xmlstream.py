"""XML read as a stream of elements, in whatever encoding it has, with nothing in it followed: no document type, no entity, no depth without end."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from xml.parsers import expat

from geo.errors import HostileFile, Text, TooLarge, UnreadableFile
from geo.formats import doctor
from geo.formats.limits import Limits

_BLOCK = 4 * 1024 * 1024
"""Bytes given to the parser at once: a token longer than a block is looked through again with each, so small blocks would cost its square."""

_LONGEST_TOKEN = 8 * 1024 * 1024
"""Bytes of one tag or comment."""

_HEAD = 4096
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_PLAIN = re.compile(r"utf-8|utf-16(-[lb]e)?|gb18030|big5(hkscs)?|iso8859-\d+|cp(125\d|1006|437|85\d|86\d|932|949|950|874)|koi8-[ru]|ascii")
"""Encodings that a declaration may name; the others of Python are no encodings of documents."""


class Handler(Protocol):
    """What is told of each element. Names come without their prefix. `path`: the elements around it, outermost first, kept by the stream."""

    path: list[str]

    def start(self, name: str, attributes: Mapping[str, str]) -> int:
        """The most characters of text that are wanted of this element, with all that lies in it; 0 when its children are to be told of instead."""

    def end(self, name: str, text: str | None) -> None:
        """`text` is None when none was wanted, or when there was more of it than wanted."""


@dataclass(frozen=True, slots=True)
class Source:
    """An XML file and the encoding that its bytes strictly are in; `skip`: bytes of its byte order mark."""

    path: Path
    encoding: str
    skip: int
    tried: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def utf8(self) -> Iterator[bytes]:
        """The text in UTF-8, block by block. Raises UnicodeDecodeError."""
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        with self.path.open("rb") as file:
            file.seek(self.skip)
            while block := file.read(_BLOCK):
                yield block if self.encoding == "utf-8" else decoder.decode(block).encode("utf-8", "surrogatepass")
        decoder.decode(b"", self.encoding != "utf-8")


def source(path: Path, *, asked: str | None) -> Source:
    """The file with its encoding: `asked` by a person, else by its mark or declaration if that is true, else UTF-8, GB18030, Big5.

    Raises UnreadableFile when it is in none of them, or not in the one `asked` for.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return _strictly(Source(path, name, len(bom)))
    if head[:2] in (b"<\0", b"\0<"):
        return _strictly(Source(path, "utf-16-le" if head[0] else "utf-16-be", 0))
    found = _DECLARED.match(head)
    said = doctor.codec(found.group(1).decode()) if found else None
    if said and not _PLAIN.fullmatch(said):
        raise UnreadableFile(Text(f"不支持 XML 所写的编码“{said}”", f"the encoding '{said}' that the XML declares is not supported"))
    if asked:
        return _strictly(Source(path, doctor.codec(asked) or asked, 0))
    names = [n for n in dict.fromkeys((said, "utf-8", "gb18030", "big5hkscs")) if n and not n.startswith("utf-16")]
    fitting = [n for n in names if _fits(Source(path, n, 0))]
    if not fitting:
        raise _not_in(" / ".join(map(doctor.shown, names)))
    lines = [line[:80] for line in head.splitlines() if not line.isascii()][:5]
    tried = tuple(
        (doctor.shown(n), tuple(line.decode(n, "replace") for line in lines)) for n in (*fitting, *(n for n in names if n not in fitting))
    )
    return Source(path, fitting[0], 0, tried)


def _strictly(wanted: Source) -> Source:
    if not _fits(wanted):
        raise _not_in(doctor.shown(wanted.encoding))
    return wanted


def _not_in(names: str) -> UnreadableFile:
    return UnreadableFile(
        Text(
            f"文字不是 {names} 编码，请用 --encoding 指定；常用的编码都不合适时文件可能已损坏",
            f"the text is not {names}: say --encoding; when none of the usual ones fits it may be damaged",
        )
    )


def _fits(wanted: Source) -> bool:
    decoder = codecs.getincrementaldecoder(wanted.encoding)("strict")
    try:
        with wanted.path.open("rb") as file:
            file.seek(wanted.skip)
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", True)
    except UnicodeError:
        return False
    return True


def parse(wanted: Source, handler: Handler, limits: Limits) -> None:
    """Tells `handler` of every element. Raises HostileFile, UnreadableFile (with line and column), TooLarge and what the handler raises."""
    _feed(wanted.utf8(), handler, limits)


def parse_text(text: str, handler: Handler, limits: Limits) -> None:
    """The same for XML that stands in a value; what its declaration says of an encoding no longer counts."""
    _feed([text.encode("utf-8", "replace")], handler, limits)


def _feed(blocks: Iterable[bytes], handler: Handler, limits: Limits) -> None:
    stream = _Stream(handler, limits)
    try:
        given = 0
        for block in blocks:
            stream.parser.Parse(block, False)
            given += len(block)
            if given - stream.parser.CurrentByteIndex > _LONGEST_TOKEN:
                raise HostileFile(Text("XML 里有过长的标记或注释", "a tag or comment of the XML is too long"))
        stream.parser.Parse(b"", True)
    except expat.ExpatError as error:
        line, column = error.lineno, error.offset + 1
        reason = expat.ErrorString(error.code)
        raise UnreadableFile(
            Text(
                f"不是有效的 XML：第 {line} 行第 {column} 列（{reason}），文件可能不完整",
                f"not valid XML: line {line}, column {column} ({reason}); it may be incomplete",
            ),
            line=line,
            column=column,
        ) from None


class _Stream:
    """The parser with its guards, and the text of the element that is being collected; text that nobody wants is not even called for."""

    def __init__(self, handler: Handler, limits: Limits) -> None:
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        self.parser.EntityDeclHandler = _refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._handler, self._most = handler, limits.depth
        self._path = handler.path = []
        self._collecting_at = 0
        self._left = 0
        self._parts: list[str] = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        path = self._path
        if not self._collecting_at:
            name = name.rpartition(":")[2] if ":" in name else name
            wanted = self._handler.start(name, attributes)
            if wanted:
                self._collecting_at, self._left, self._parts = len(path) + 1, wanted, []
                self.parser.CharacterDataHandler = self._text
        path.append(name)
        if len(path) > self._most:
            raise HostileFile(Text(f"XML 嵌套超过 {self._most} 层", f"XML nested deeper than {self._most}"))

    def _text(self, text: str) -> None:
        if self._left >= 0:
            self._left -= len(text)
            self._parts.append(text)

    def _end(self, _: str) -> None:
        path = self._path
        at = self._collecting_at
        if not at:
            self._handler.end(path.pop(), None)
        elif len(path) == at:
            self._collecting_at = 0
            self.parser.CharacterDataHandler = None
            self._handler.end(path.pop(), "".join(self._parts) if self._left >= 0 else None)
        else:
            path.pop()


def _refuse_doctype(*_: Any) -> None:
    raise HostileFile(Text("XML 中有 DOCTYPE 或 ENTITY，不予读取", "XML with DOCTYPE or ENTITY is not read"))


def text_within(text: str | None, name: str, limits: Limits) -> str | None:
    """The text of an element without blanks around it, None when nothing is left. Raises TooLarge when there was more of it than allowed."""
    if text is None:
        raise TooLarge(Text(f"“{name[:60]}”的文字超过 {limits.text} 字", f"a text of more than {limits.text} characters in '{name[:60]}'"))
    return text.strip() or None
