"""The text of a PDF as Chromium writes it, read without our own code: pages by their size, glyphs by the fonts' ToUnicode tables."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

A4 = (595, 842)  # points
_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_RANGE = re.compile(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(<[0-9A-Fa-f]+>|\[[^\]]*\])")
_SHOWN = re.compile(rb"/(F\d+) [\d.-]+ Tf|<([0-9A-Fa-f]+)> Tj|\((?:\\.|[^\\)])*\) Tj", re.DOTALL)


def sizes(path: Path) -> list[tuple[int, int]]:
    """Width and height in whole points, page by page."""
    boxes = [re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", body) for body in _objects(path).values() if _is_page(body)]
    return [(round(float(box[1])), round(float(box[2]))) for box in boxes if box]


def text(path: Path) -> str:
    """What is written on all pages, without spaces between."""
    objects = _objects(path)
    found = []
    for body in (one for one in objects.values() if _is_page(one)):
        fonts = {name: _glyphs(objects, int(number)) for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body)}
        contents = re.search(rb"/Contents (\d+) 0 R", body)
        assert contents, "a page has contents"
        found.append(_read(_stream(objects[int(contents[1])]), fonts))
    return "\n".join(found)


def _objects(path: Path) -> dict[int, bytes]:
    return {int(number): body for number, body in _OBJECT.findall(path.read_bytes())}


def _is_page(body: bytes) -> bool:
    return re.search(rb"/Type\s*/Page\b(?!s)", body.split(b"stream", 1)[0]) is not None


def _stream(body: bytes) -> bytes:
    data = body.split(b"stream", 1)[1].lstrip(b"\r\n")
    return zlib.decompressobj().decompress(data) if b"/FlateDecode" in body else data


def _glyphs(objects: dict[int, bytes], font: int) -> dict[int, str]:
    table = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    if not table:
        return {}
    told, glyphs = _stream(objects[int(table[1])]).decode("latin-1"), {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", told, re.DOTALL):
        glyphs |= {int(code, 16): _char(out) for code, out in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block)}
    for block in re.findall(r"beginbfrange(.*?)endbfrange", told, re.DOTALL):
        for low, high, out in _RANGE.findall(block):
            first = int(out.strip("<>[] ").split(">")[0], 16)
            glyphs |= {code: chr(first + code - int(low, 16)) for code in range(int(low, 16), int(high, 16) + 1)}
    return glyphs


def _char(out: str) -> str:
    return bytes.fromhex(out).decode("utf-16-be")


def _read(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    glyphs: dict[int, str] = {}
    found = []
    for font, shown in _SHOWN.findall(content):
        if font:
            glyphs = fonts.get(font, {})
        else:
            found += [glyphs.get(int(shown[i : i + 4], 16), "?") for i in range(0, len(shown), 4)]
    return "".join(found)
