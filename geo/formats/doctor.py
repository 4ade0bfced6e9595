"""Finds out what a file is from its bytes, refuses what is not what its name says, and picks the encoding of its text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.errors import HostileFile, Text, UnreadableFile, UnsupportedFormat

HEAD = 64 * 1024

GEOJSON, CSV, SHAPEFILE, DBF, GPKG, WORKBOOK, OSM, ZIP = "GeoJSON", "CSV", "ESRI Shapefile", "DBF", "GPKG", "workbook", "OSM", "zip"
KML, KMZ, GPX, FLATGEOBUF, FILEGDB, PARQUET, DXF = "KML", "KMZ", "GPX", "FlatGeobuf", "OpenFileGDB", "Parquet", "DXF"

EXTENSIONS: dict[str, str] = {
    ".geojson": GEOJSON, ".json": GEOJSON, ".csv": CSV, ".tsv": CSV, ".txt": CSV, ".shp": SHAPEFILE, ".dbf": DBF, ".gpkg": GPKG,
    ".xlsx": WORKBOOK, ".xlsm": WORKBOOK, ".xls": WORKBOOK, ".ods": WORKBOOK, ".et": WORKBOOK, ".osm": OSM, ".osm.gz": OSM, ".osm.pbf": OSM,
    ".pbf": OSM, ".kml": KML, ".kmz": KMZ, ".gpx": GPX, ".fgb": FLATGEOBUF, ".parquet": PARQUET, ".geoparquet": PARQUET, ".dxf": DXF,
    ".zip": ZIP,
}  # fmt: skip
"""What a name promises. Longer endings count first. A file geodatabase is a folder and comes as a zip of it."""

COMPANIONS = (".shx", ".dbf", ".prj", ".cpg")
"""What belongs to a shapefile and is read beside it."""

_DWG = (
    "DWG",
    "请在 CAD 里打开它，用“另存为”选“AutoCAD 2018 DXF (*.dxf)”（2007 或更新的版本都可以），再导入 DXF 文件",
    "open it in your CAD program, choose 'Save as' and the type 'AutoCAD 2018 DXF (*.dxf)' (2007 or any later one), then import the DXF file",
)
_OTHERS: tuple[tuple[bytes, str, str, str], ...] = (
    *((magic, *_DWG) for magic in (b"AC10", b"AC1.", b"AC2.", b"MC0.0")),
    (b"%PDF", "PDF", "请提供原始表格或图形数据", "give the table or the drawing it was made from"),
    (b"\x89PNG", "PNG", "图片不能导入，请提供矢量数据或表格", "a picture cannot be imported: give vector data or a table"),
    (b"\xff\xd8\xff", "JPEG", "图片不能导入，请提供矢量数据或表格", "a picture cannot be imported: give vector data or a table"),
    (b"GIF8", "GIF", "图片不能导入，请提供矢量数据或表格", "a picture cannot be imported: give vector data or a table"),
    (b"II*\x00", "TIFF", "栅格不能导入，请提供矢量数据或表格", "a raster cannot be imported: give vector data or a table"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "请改用 zip 压缩", "pack it as zip"),
    (b"Rar!", "RAR", "请改用 zip 压缩", "pack it as zip"),
)
_MAGIC = ((b"fgb\x03fgb", FLATGEOBUF), (b"PAR1", PARQUET), (b"AutoCAD Binary DXF", DXF))
_DXF_START = re.compile(r"(?:999[ \t]*\r?\n[^\r\n]*\r?\n[ \t]*)*0[ \t]*\r?\n[ \t]*SECTION\b")
"""A drawing begins with a section, after any comments (group 999)."""

_ROOT = re.compile(r"(?:<\?.*?\?>|<!--.*?-->|\s)*<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
"""The name of the outermost element, when nothing but instructions and comments stands before it."""

_ROOTS = {"kml": KML, "gpx": GPX}
_XML_KINDS: tuple[tuple[str, str, str, str], ...] = (
    ("featurecollection", "GML", "请在 GIS 中另存为 GeoPackage", "save it as GeoPackage in a GIS"),
    ("<html", "HTML", "请在 Excel 中打开并另存为 .xlsx", "open it in Excel and save it as .xlsx"),
    ("<workbook", "Excel 2003 XML", "请在 Excel 中打开并另存为 .xlsx", "open it in Excel and save it as .xlsx"),
)


def extension(name: str) -> str:
    """The ending that says what a file is, lower case, with ".osm.pbf" as one."""
    lower = name.lower()
    for double in (".osm.pbf", ".osm.gz"):
        if lower.endswith(double):
            return double
    return Path(lower).suffix


def identify(path: Path, name: str) -> str:
    """One of the kinds above, from the content; it must agree with the ending of `name`. Raises UnsupportedFormat, HostileFile, UnreadableFile."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    promised = EXTENSIONS.get(extension(name))
    if not head:
        raise UnreadableFile(Text("文件是空的", "the file is empty"))
    found = _by_content(head, promised)
    if promised is None:
        raise UnsupportedFormat(
            Text(
                f"不支持“{extension(name) or name}”文件；可用：{_listed()}",
                f"'{extension(name) or name}' files are not supported; use {_listed()}",
            ),
            supported=sorted(EXTENSIONS),
        )
    if found != promised:
        raise HostileFile(
            Text(
                f"文件名是 {extension(name)}，内容却是 {found}：请用正确的扩展名",
                f"the name says {extension(name)} but the content is {found}: give it the right ending",
            ),
            found=found,
        )
    return found


def _listed() -> str:
    return "GeoJSON, CSV, XLSX/XLS/ODS, Shapefile, GeoPackage, File Geodatabase (zip), KML/KMZ, DXF, GPX, FlatGeobuf, GeoParquet, OSM, zip"


def _by_content(head: bytes, promised: str | None) -> str:
    if head.startswith(b"SQLite format 3\x00"):
        return GPKG
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return promised if promised in (WORKBOOK, KMZ) else ZIP
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return WORKBOOK
    if head.startswith(b"\x00\x00\x27\x0a"):
        return SHAPEFILE
    if head.startswith(b"\x1f\x8b"):
        return OSM if promised == OSM else "gzip"
    if head[4:15] == b"\x0a\x09OSMHeader":
        return OSM
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    for magic, kind, zh, en in _OTHERS:
        if head.startswith(magic):
            raise UnsupportedFormat(Text(f"不支持 {kind}：{zh}", f"{kind} is not supported: {en}"))
    if promised == DBF:
        return DBF if _is_dbf(head) else "text or binary"
    return _by_text(head, promised)


def _is_dbf(head: bytes) -> bool:
    length = int.from_bytes(head[8:10], "little")
    return len(head) >= 33 and head[0] in (0x03, 0x04, 0x30, 0x31, 0x83, 0x8B, 0xF5) and 33 <= length <= 65535


def _by_text(head: bytes, promised: str | None) -> str:
    text = _loose(head)
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return _by_markup(start)
    if start.startswith(("{", "[")) and promised != CSV:
        return GEOJSON
    if _DXF_START.match(start):
        return DXF
    if "\x00" in text:
        return "binary"
    return promised if promised in (CSV, GEOJSON) else "text"


def _loose(head: bytes) -> str:
    whole = head[: len(head) // 2 * 2]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return whole.decode("utf-16", "replace")
    if head[:2] in (b"<\x00", b"\x00<"):
        return whole.decode("utf-16-le" if head[0] else "utf-16-be", "replace")
    return head.decode("utf-8", "replace")


def _by_markup(text: str) -> str:
    root = _ROOT.match(text)
    if root and root.group(1).lower() in _ROOTS:
        return _ROOTS[root.group(1).lower()]
    lower = text.lower()
    if ("<!doctype" in lower and "<!doctype html" not in lower) or "<!entity" in lower:
        raise HostileFile(Text("XML 中有 DOCTYPE 或 ENTITY，不予读取", "XML with DOCTYPE or ENTITY is not read"))
    if "<ogrvrt" in lower or "<vrtdataset" in lower or "<gdal" in lower or "datasource>" in lower:
        raise HostileFile(Text("文件指向别的文件或地址，本身没有数据", "the file points to other files or addresses and holds no data"))
    if re.search(r"<osm[\s>]", lower):
        return OSM
    for mark, kind, zh, en in _XML_KINDS:
        if mark in lower:
            raise UnsupportedFormat(Text(f"不支持 {kind}：{zh}", f"{kind} is not supported: {en}"))
    return "XML"


# --- encodings


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding to use, and all that were tried with what the sample texts look like in each (the first is the one used)."""

    name: str
    tried: Sequence[tuple[str, Sequence[str]]]


_NAMES = {
    "65001": "utf-8", "utf8": "utf-8", "936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "950": "big5",
    "big5": "big5hkscs", "932": "cp932", "949": "cp949", "874": "cp874", "874 ": "cp874", "88591": "iso8859-1", "88592": "iso8859-2",
    "latin2": "iso8859-2", "win1251": "cp1251", "win874": "cp874", "shiftjis": "cp932", "shift_jis": "cp932", "euckr": "cp949", "koi8r": "koi8-r",
}  # fmt: skip


def codec(name: str) -> str | None:
    """Python's name of an encoding as a `.cpg` file or a person writes it; GB2312 and GBK are read as their superset GB18030."""
    text = name.strip().lower().strip("\x00")
    bare = text.removeprefix("ansi ").removeprefix("cp").removeprefix("windows-").replace("-", "").replace(" ", "")
    for guess in (_NAMES.get(bare), _NAMES.get(text), f"cp{bare}" if bare.isdigit() else None, text):
        try:
            if guess:
                "".encode(guess)
                return codecs.lookup(guess).name
        except (LookupError, ValueError):
            continue
    return None


def decodes(texts: Iterable[bytes], name: str) -> bool:
    """Whether every text is strict `name`; a character cut off by the end of the text is forgiven."""
    try:
        for text in texts:
            codecs.getincrementaldecoder(name)("strict").decode(text)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def check_asked(name: str | None) -> None:
    """Raises UnreadableFile for the name of an encoding that there is not."""
    if name and codec(name) is None:
        raise UnreadableFile(Text(f"不认识编码“{name[:40]}”", f"unknown encoding '{name[:40]}'"))


def odd_line(data: bytes) -> int | None:
    """The first line that is not UTF-8 in a text of which at least two lines, and more than half of those beyond ASCII, are; counted from 1."""
    if decodes([data], "utf-8"):
        return None
    beyond = [(i, line) for i, line in enumerate(data.splitlines(), 1) if not line.isascii()]
    odd = [i for i, line in beyond if not _is_utf8(line)]
    fitting = len(beyond) - len(odd)
    return odd[0] if odd and fitting >= 2 and fitting > len(odd) else None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def pick_encoding(texts: Sequence[bytes], *, said: str | None = None, asked: str | None = None, whole: bytes | None = None) -> Encoding:
    """`asked` by a person, else `said` by the file, else strict UTF-8, else GB18030, else Big5, else Latin-1.

    `texts` are tested and shown; with `whole` that is tested instead. Raises UnreadableFile for an unknown `asked`, and for a `whole` of UTF-8
    with some lines in another encoding: read as GB18030 all of it would be garbled.
    """
    check_asked(asked)
    if not asked and not said and whole is not None and (line := odd_line(whole)):
        raise UnreadableFile(
            Text(
                f"第 {line} 行不是 UTF-8 编码，其余大部分行是：请改正这一行，或用 --encoding 指定全文的编码",
                f"line {line} is not UTF-8 while most others are: mend that line, or say --encoding for the whole text",
            ),
            line=line,
        )
    order = [codec(asked) if asked else None, codec(said) if said else None, "utf-8", "gb18030", "big5hkscs", "iso8859-1"]
    names = list(dict.fromkeys(n for n in order if n))
    sample = [t for t in texts if any(b > 127 for b in t)][:5] or list(texts[:5])
    tested = texts if whole is None else [whole]
    fitting = [n for n in names if (asked and n == codec(asked)) or (said and n == codec(said)) or decodes(tested, n)]
    first = fitting[0] if fitting else "iso8859-1"
    rest = [n for n in names if n != first and n != "iso8859-1"]
    return Encoding(first, [(n, [t.decode(n, "replace")[:80] for t in sample]) for n in (first, *rest)])


def shown(name: str) -> str:
    """An encoding as people know it."""
    return {"utf-8": "UTF-8", "gb18030": "GB18030", "big5hkscs": "Big5", "iso8859-1": "ISO-8859-1"}.get(name, name)
