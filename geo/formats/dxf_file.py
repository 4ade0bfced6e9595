"""The bytes of a DXF file as an ezdxf document: version, encoding and unit as they are, which is not always as the file says."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import Text, UnreadableFile
from geo.formats import doctor, dxf_plain

BINARY = b"AutoCAD Binary DXF"
_VERSION = (re.compile(rb"\$ACADVER\s+1\s+(AC\d{4})"), re.compile(rb"\$ACADVER\x00\x01\x00?(AC\d{4})\x00"))
_CODEPAGE = (re.compile(rb"\$DWGCODEPAGE\s+3\s+([\w-]+)"), re.compile(rb"\$DWGCODEPAGE\x00\x03\x00?([\w-]+)\x00"))
_ESCAPED = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
"""How a drawing in a Western code page writes Chinese."""

_UTF8_SINCE = "AC1021"
"""R2007: from here on the text is UTF-8, whatever $DWGCODEPAGE says."""

_WESTERN = ("cp1252", "iso8859-1")
"""What a program writes when nobody told it the code page: says nothing."""

_PAIRED = 0.9
"""A text whose high bytes stand in pairs to this share is Chinese, not Western."""

_BREAKS = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    StopIteration,
    RuntimeError,
    ArithmeticError,
    AssertionError,
    struct.error,
)
"""What ezdxf, beside its own DXFError, trips over in damaged drawings (cut at 930 places, bytes changed at random)."""

UNITS_M = {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 8: 2.54e-8, 9: 2.54e-5, 10: 0.9144, 13: 1e-6, 14: 0.1, 15: 10.0, 16: 100.0,
           21: 1200 / 3937}  # fmt: skip
"""$INSUNITS → metres a unit; 0 and what is not here: the file does not say."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """An open drawing: the library's document, and the plain entities that were cut out before.

    `unit_m`: metres a unit as the file says, None = unsaid; `mended`: it had to be repaired to be read.
    """

    doc: Any
    plain: Sequence[dxf_plain.Plain]
    encoding: str
    encodings: Sequence[tuple[str, Sequence[str]]]
    unit_m: float | None
    mended: bool


def load(path: Path, asked: str | None) -> Drawing:
    """Raises UnreadableFile for what even ezdxf's repair cannot read. `asked`: the encoding that a person says."""
    from ezdxf import recover
    from ezdxf.filemanagement import readfile
    from ezdxf.lldxf.const import DXFError

    data = path.read_bytes()
    name, tried = _encoding(data, asked)
    whole, used = path, name
    if b"\\U+" in data and not data.startswith(BINARY):
        data, used = _unescaped(data, name), "utf-8"
    rest, plain = (data, []) if data.startswith(BINARY) else dxf_plain.cut(data, used)
    if not plain and dxf_plain.breaks_off(data):
        raise UnreadableFile(
            Text(
                "DXF 在图元中间中断（没有结尾），缺多少无法知道：请重新导出或传输",
                "the DXF breaks off among its entities (it has no end), and nobody can say how many are missing: export or send it again",
            )
        )
    if not data.startswith(BINARY):
        path = path.with_name(f"{path.name}-rest")
        path.write_bytes(rest)
    del data, rest
    mended = False
    try:
        doc = readfile(path, encoding=used)
    except (DXFError, *_BREAKS):
        mended = True
        try:
            doc, _ = recover.readfile(whole)
            plain = []  # the repair reads the whole file
        except (DXFError, *_BREAKS) as error:
            raise UnreadableFile(
                Text(
                    "DXF 已损坏，无法读取：请在 CAD 中用 AUDIT 或 RECOVER 修复后另存为 DXF（2007 或更新）",
                    "the DXF is damaged and cannot be read: mend it in your CAD program with AUDIT or RECOVER and save it as DXF (2007 or later)",
                ),
                log=f"{type(error).__name__}: {error}"[:300],
            ) from None
    unit = UNITS_M.get(_insunits(doc))
    return Drawing(doc, plain, doctor.shown(name), tried, unit, mended)


def _unescaped(data: bytes, encoding: str) -> bytes:
    """The drawing in UTF-8 with its \\U+XXXX written out: the library does that only while it repairs. Control characters stay as they are."""

    def character(found: re.Match[str]) -> str:
        number = int(found[1], 16)
        return found[0] if number < 0xA0 or 0xD800 <= number < 0xE000 else chr(number)

    text = data.decode(encoding, "surrogateescape")
    return _ESCAPED.sub(character, text).encode("utf-8", "surrogateescape")


def _insunits(doc: Any) -> int:
    try:
        return int(doc.header.get("$INSUNITS", 0))
    except (TypeError, ValueError):
        return 0


def _encoding(data: bytes, asked: str | None) -> tuple[str, Sequence[tuple[str, Sequence[str]]]]:
    """The encoding to read with, and what the first texts look like in each that was tried."""
    version, codepage = (_said(patterns, data[: doctor.HEAD]) for patterns in (_VERSION, _CODEPAGE))
    said = doctor.codec(codepage.replace("ANSI_", "").replace("ansi_", "")) if codepage else None
    if data.startswith(BINARY):
        return ("utf-8" if version and version >= _UTF8_SINCE else said or "cp1252"), ()
    texts = [] if data.isascii() else list(dict.fromkeys(line.strip() for line in data.splitlines() if not line.isascii()))
    if not texts and not asked:
        return "utf-8", ()
    used = _fitting(texts, said, new=bool(version and version >= _UTF8_SINCE))
    picked = doctor.pick_encoding(texts, said=used, asked=asked)
    return picked.name, [(doctor.shown(n), sample) for n, sample in picked.tried]


def _said(patterns: Sequence[re.Pattern[bytes]], head: bytes) -> str | None:
    found = next((m for pattern in patterns if (m := pattern.search(head))), None)
    return found[1].decode("ascii") if found else None


def _fitting(texts: Sequence[bytes], said: str | None, *, new: bool) -> str:
    """Strict UTF-8 before what the file says; a Western code page is believed only where the bytes do not look Chinese."""
    order = ["utf-8", *([said] if said and said not in _WESTERN and not new else [])]
    fits = next((name for name in order if doctor.decodes(texts, name)), None)
    if fits:
        return fits
    if _paired(texts) and doctor.decodes(texts, "gb18030"):
        return "gb18030"
    return said or ("utf-8" if new else "cp1252")


def _paired(texts: Sequence[bytes]) -> bool:
    """Whether the high bytes stand in pairs, as those of Chinese characters do."""
    runs = [len(run) for text in texts for run in re.findall(rb"[\x80-\xff]+", text)]
    total = sum(runs)
    return total > 0 and sum(n for n in runs if n % 2 == 0) >= _PAIRED * total
