"""GeoJSON read strictly and whole: every feature is accounted for, nothing in the file is followed, no library decides about its `crs`.

Accepted: FeatureCollection, Feature, a bare geometry (with `properties` beside it) and an array of features. A bad feature becomes a
record with a problem; text that is not JSON is refused with line and column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import orjson

from geo import crs
from geo.errors import HostileFile, Text, TooLarge, UnreadableFile, UnsupportedFormat
from geo.formats import jsonscan
from geo.formats.coordinates import build
from geo.formats.dataset import ROWS, Dataset, Raw, plain
from geo.formats.limits import Limits
from geo.formats.problems import Problem, problem

GEOMETRY_TYPES = frozenset(
    ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
)  # fmt: skip
_KEEP_BYTES = 128 * 1024 * 1024
_LONG = re.compile(rb"[:,\[\s]-?[0-9]{16,}\s*[,\]}]")
"""Where an integer may stand that a float would not hold."""
_EXACT = 2**53


def dataset(text: jsonscan.Text, name: str, limits: Limits, *, encoding: str = "UTF-8") -> Dataset:
    """The one dataset of a GeoJSON text in UTF-8. Raises UnreadableFile, HostileFile, UnsupportedFormat, TooLarge."""
    try:
        structure = jsonscan.scan(text, limits.depth)
    except jsonscan.TooDeep:
        raise HostileFile(Text(f"JSON 嵌套超过 {limits.depth} 层", f"JSON nested deeper than {limits.depth}")) from None
    document = _document(text, structure)
    _refuse_foreign(document.head)
    reader = _Reader(text, structure, document, limits)
    found = Dataset(name, "GeoJSON", reader.columns, reader.count, reader.chunks, encoding=encoding, has_places=reader.has_places)
    _declare(found, document.head)
    hint = document.head.get("name")
    found.layer_hint = hint if isinstance(hint, str) else name
    return found


# --- the document around the features


@dataclass(slots=True)
class _Document:
    """`head`: the top object without its features. `array`: where the features lie (opening, closing, depth of their objects), or `single`."""

    head: dict[str, Any]
    array: tuple[int, int, int] | None = None
    single: list[Any] = field(default_factory=list)


def _document(text: jsonscan.Text, structure: jsonscan.Structure) -> _Document:
    if not structure.balanced or not structure.levels[0].opened.shape[1]:
        raise _broken(text, 0, len(text))
    first, last = int(structure.levels[0].opened[0, 0]), int(structure.levels[0].closed[0, -1])
    around = bytes(text[:first]).strip() + bytes(text[last + 1 :]).strip()
    if around or structure.levels[0].opened.shape[1] > 1:
        raise _broken(text, 0, len(text))
    if text[first : first + 1] == b"[":
        return _Document({"type": "Features"}, (first, last, 1))
    found = _features_array(text, structure)
    if found is None:
        return _single(text)
    opening, closing = found
    head = _strict(text, [(0, opening + 1), (closing, len(text))])
    return _Document(head, (opening, closing, 2)) if head.get("type") == "FeatureCollection" else _single(text)


def _features_array(text: jsonscan.Text, structure: jsonscan.Structure) -> tuple[int, int] | None:
    """Opening and closing of the array behind the key "features" of the top object."""
    opened, closed = structure.levels[1].opened[0].tolist(), structure.levels[1].closed[0].tolist()
    found = []
    for opening, closing in zip(opened, closed, strict=True):
        before = bytes(text[max(0, opening - 200) : opening]).rstrip()
        if text[opening : opening + 1] == b"[" and before.endswith(b":") and before[:-1].rstrip().endswith(b'"features"'):
            found.append((opening, closing))
    return found[0] if len(found) == 1 else None


def _single(text: jsonscan.Text) -> _Document:
    head = _strict(text, [(0, len(text))])
    _keep_exact([head], b"[%b]" % bytes(text[: len(text)]))
    return _Document({k: v for k, v in head.items() if k not in ("features", "geometry", "coordinates")}, None, [head])


def _strict(text: jsonscan.Text, spans: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """The top object as its spans say, every key once."""
    joined = b"".join(bytes(text[a:b]) for a, b in spans)
    try:
        value = orjson.loads(joined)
    except orjson.JSONDecodeError:
        raise _broken(text, 0, len(text)) from None
    key = _marked(_doubled_keys(joined))
    if key:
        raise UnreadableFile(Text(f"“{key}”出现了两次", f"the member '{key}' stands twice"))
    if not isinstance(value, dict):
        raise _broken(text, 0, len(text))
    return value


def _doubled_keys(data: bytes) -> Any:
    """The JSON text with every object replaced by the first key that stands twice in it or below it, "" where none does."""

    def mark(pairs: list[tuple[str, Any]]) -> str:
        keys = [k for k, _ in pairs]
        if len(set(keys)) < len(keys):
            return next(k for k in keys if keys.count(k) > 1)[:100] or '""'
        below = (_marked(v) for k, v in pairs if k != "coordinates")
        return next((m for m in below if m), _Mark())

    return json.loads(data, object_pairs_hook=lambda pairs: _Mark(mark(pairs)))


class _Mark(str):
    """What stands for an object; a plain text of the file is not one."""


def _marked(value: Any) -> str:
    if isinstance(value, list):
        return next((m for m in map(_marked, value) if m), "")
    return value if isinstance(value, _Mark) else ""


def _broken(text: jsonscan.Text, start: int, end: int, *, opening: bytes = b"", closing: bytes = b"") -> UnreadableFile:
    """Where the text between `start` and `end` stops being JSON, as line and column of the file."""
    piece = bytes(text[start:end])
    try:
        orjson.loads(opening + piece + closing)
    except orjson.JSONDecodeError as error:
        prefix = (opening + piece + closing).decode("utf-8", "replace")[: error.pos]
        at = start + max(len(prefix.encode()) - len(opening), 0)
        line = bytes(text[:at]).count(b"\n") + 1
        column = len(bytes(text[bytes(text[:at]).rfind(b"\n") + 1 : at]).decode("utf-8", "replace")) + 1
        reason = error.msg.split(":")[0]
        return UnreadableFile(
            Text(f"不是有效的 JSON：第 {line} 行第 {column} 列（{reason}）", f"not valid JSON: line {line}, column {column} ({reason})"),
            line=line,
            column=column,
        )
    return UnreadableFile(Text("不是 GeoJSON：最外层应是对象或要素数组", "not GeoJSON: the top must be an object or an array of features"))


def _refuse_foreign(head: dict[str, Any]) -> None:
    """JSON of other kinds, and what would make another program follow an address or run a command."""
    kind = head.get("type")
    kind = kind if isinstance(kind, str) else orjson.dumps(kind).decode()
    if kind == "gdal_streamed_alg" or "command_line" in head:
        raise HostileFile(Text("文件里是一条命令，不是数据", "the file holds a command, not data"))
    if kind == "Topology":
        raise UnsupportedFormat(Text("TopoJSON 暂不支持，请另存为 GeoJSON", "TopoJSON is not supported: save it as GeoJSON"))
    if "geometryType" in head or "spatialReference" in head:
        raise UnsupportedFormat(Text("Esri JSON 暂不支持，请导出为 GeoJSON", "Esri JSON is not supported: export it as GeoJSON"))
    if kind in ("FeatureCollection", "Feature", "Features") or kind in GEOMETRY_TYPES:
        return
    raise UnreadableFile(
        Text(
            f"不是 GeoJSON：type 是“{kind[:40]}”，应为 FeatureCollection（区分大小写）",
            f"not GeoJSON: type is '{kind[:40]}', not FeatureCollection (case matters)",
        )
    )


def _declare(found: Dataset, head: dict[str, Any]) -> None:
    """The CRS the document declares: its `crs` name, or our own member. A link is refused, never followed."""
    said = head.get("crs")
    if isinstance(said, dict):
        properties = said.get("properties")
        name = properties.get("name") if isinstance(properties, dict) else None
        if said.get("type") != "name" or not isinstance(name, str):
            raise HostileFile(
                Text(
                    "crs 指向一个地址；这里不会访问，请删去 crs 后再导入",
                    "crs points to an address, which is not followed: remove it and import again",
                )
            )
        found.source = crs.declared(name)
        if found.source is None:
            found.note(Text(f"不认识文件所写的坐标系“{name[:60]}”", f"the coordinate system '{name[:60]}' that the file names is unknown"))
        elif found.source.warning:
            found.note(found.source.warning)
    elif isinstance(head.get("yuantu"), dict):
        found.source = crs.source(crs.STORAGE)


# --- the features


@dataclass(slots=True)
class _Reader:
    """Turns pieces of the text into chunks; small files are parsed once and kept, large ones again for each pass."""

    text: jsonscan.Text
    structure: jsonscan.Structure
    document: _Document
    limits: Limits
    columns: list[str] = field(default_factory=list)
    count: int = 0
    has_places: bool = False
    kept: list[tuple[dict[str, list[Any]], Raw]] | None = None

    def __post_init__(self) -> None:
        if self.document.head.get("type") == "FeatureCollection" and self.document.array is None:
            raise UnreadableFile(Text("FeatureCollection 没有 features 数组", "the FeatureCollection has no features array"))
        names: dict[str, None] = {}
        kept = []
        for values, raw in self._parsed():
            names.update(dict.fromkeys(values))
            self.count += raw.count
            self.has_places = self.has_places or any(g is not None for g in raw.geometry)  # type: ignore[union-attr]
            _check_names(len(names), self.limits.columns)
            if len(self.text) <= _KEEP_BYTES:
                kept.append((values, raw))
        self.columns = list(names)
        self.kept = kept if len(self.text) <= _KEEP_BYTES else None

    def chunks(self) -> Iterator[Raw]:
        for values, raw in self.kept if self.kept is not None else self._parsed():
            missing = [None] * raw.count
            yield Raw([values.get(c, missing) for c in self.columns], raw.geometry, raw.count, raw.problems, raw.repairs)

    def _parsed(self) -> Iterator[tuple[dict[str, list[Any]], Raw]]:
        strict = self.document.head.get("type") == "FeatureCollection"
        for features, doubled in self._features():
            for start in range(0, len(features), ROWS):
                here = {i - start: key for i, key in doubled.items() if start <= i < start + ROWS}
                yield _convert(features[start : start + ROWS], here, strict=strict, most=self.limits.columns)

    def _features(self) -> Iterator[tuple[list[Any], dict[int, str]]]:
        """Runs of features, and by position the key that stands twice in one."""
        if self.document.array is None:
            yield self.document.single, {}
            return
        opening, closing, depth = self.document.array
        for piece in jsonscan.pieces(self.structure, depth, opening, closing, rows=ROWS):
            yield self._load(piece, opening)

    def _load(self, piece: jsonscan.Piece, opening: int) -> tuple[list[Any], dict[int, str]]:
        data = bytes(self.text[piece.start : piece.end])
        skip = 0
        if piece.start > opening + 1:
            skip = len(data) - len(data.lstrip(b" \t\r\n"))
            if data[skip : skip + 1] != b",":
                raise _broken(self.text, 0, len(self.text))
            skip += 1
        try:
            features = orjson.loads(b"[" + data[skip:] + b"]")
        except orjson.JSONDecodeError:
            raise _broken(self.text, piece.start + skip, piece.end, opening=b"[", closing=b"]") from None
        _keep_exact(features, b"[" + data[skip:] + b"]")
        if _members(features) == piece.colons:
            return features, {}
        marks = _doubled_keys(b"[" + data[skip:] + b"]")
        return features, {i: m for i, m in enumerate(map(_marked, marks)) if m}


def _keep_exact(features: list[Any], data: bytes) -> None:
    """Integers beyond 2^53 in the properties and ids, as text with all their digits: the parser makes floats of the longest, and so do browsers."""
    if not _LONG.search(data):
        return
    for feature, exact in zip(features, json.loads(data, parse_int=_integer), strict=True):
        if isinstance(feature, dict):
            feature.update((k, exact[k]) for k in ("properties", "id") if k in exact)


def _integer(digits: str) -> int | str:
    return digits if len(digits) > 20 or abs(int(digits)) > _EXACT else int(digits)


def _members(values: Any) -> int:
    """How many members all objects in `values` have; fewer than the text has colons means that a key stands twice somewhere.

    Written again as JSON every member shows as `":`, which a text can only hold as `\\":`; where one does, the objects are counted
    themselves. Coordinates are not looked into then: an object in them only sends the piece down the slow and exact way.
    """
    text = orjson.dumps(values)
    if b'\\":' not in text:
        return text.count(b'":')
    total = 0
    level = [values]
    while level:
        objects = [v for v in level if type(v) is dict]
        total += sum(map(len, objects))
        inner = [w for o in objects for k, w in o.items() if (type(w) is dict or type(w) is list) and k != "coordinates"]
        level = inner + [w for v in level if type(v) is list for w in v if type(w) is dict or type(w) is list]
    return total


def _convert(features: list[Any], doubled: dict[int, str], *, strict: bool, most: int) -> tuple[dict[str, list[Any]], Raw]:
    """Columns by name and the chunk's geometry, problems and repairs."""
    problems: dict[int, Problem] = {}
    rows, shapes = [], []
    for i, feature in enumerate(features):
        row, shape, fault = _parts(feature, strict)
        rows.append(row)
        shapes.append(None if fault else shape)
        if fault:
            problems[i] = fault
    for i, key in doubled.items():
        problems.setdefault(i, problem("damaged-record", f"“{key}”出现了两次", f"'{key}' stands twice"))
        shapes[i] = None
    geometry, unbuilt, repairs = build(shapes)
    return _columns(rows, most), Raw((), geometry, len(features), {**unbuilt, **problems}, repairs)


def _parts(feature: Any, strict: bool) -> tuple[dict[str, Any], Any, Problem | None]:
    """Properties, geometry and the fault of one feature; `strict`: only a Feature counts, as in a FeatureCollection."""
    if not isinstance(feature, dict):
        return {}, None, problem("damaged-record", "要素不是对象", "the feature is not an object")
    kind = feature.get("type")
    properties = feature.get("properties")
    row: dict[str, Any] = properties if isinstance(properties, dict) else {}
    if "id" in feature and "id" not in row and type(feature["id"]) in (str, int, float):
        row = {**row, "id": feature["id"]}
    if kind != "Feature":
        if isinstance(kind, str) and kind in GEOMETRY_TYPES and not strict:
            return row, feature, None
        return row, None, problem("damaged-record", f"type 是“{str(kind)[:40]}”", f"its type is '{str(kind)[:40]}', not Feature")
    if properties is not None and not isinstance(properties, dict):
        return row, None, problem("damaged-record", "properties 不是对象", "properties is not an object")
    if "geometry" not in feature:
        return row, None, problem("no-geometry")
    return row, feature["geometry"], None


def _check_names(count: int, most: int) -> None:
    if count > most:
        raise TooLarge(Text(f"属性名超过 {most} 个", f"more than {most} different properties"))


def _columns(rows: list[dict[str, Any]], most: int) -> dict[str, list[Any]]:
    """The properties by name. Raises TooLarge for more than `most` names, before a table of them is made."""
    keys = set(map(tuple, rows))
    if len(keys) == 1:
        names: Sequence[str] = next(iter(keys))
        columns: list[Any] = list(zip(*map(dict.values, rows), strict=True))
    else:
        names = list(dict.fromkeys(chain.from_iterable(rows)))
        _check_names(len(names), most)
        columns = [[row.get(n) for row in rows] for n in names]
    return {n: plain(c) for n, c in zip(names, columns, strict=True)}
