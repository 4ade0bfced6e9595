"""KML and KMZ read strictly: every Placemark is a record, each folder a dataset, nothing that lies elsewhere is fetched.

GDAL is not used: its two KML drivers drop Placemarks of some kinds without a word, and one of them follows links. What is not data
(links, overlays, tours, models of other kinds) is counted and said.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from geo import crs
from geo.errors import HostileFile, Text, UnreadableFile
from geo.formats import archive, doctor, xmlstream
from geo.formats.contract import RawValue, ReadRequest
from geo.formats.coordinates import Fault
from geo.formats.dataset import Dataset
from geo.formats.limits import Limits
from geo.formats.problems import Problem, problem
from geo.formats.spool import Spool

MOST_FOLDERS = 30
"""More folders with Placemarks than this are read as one dataset with a column "folder"."""

_MOST_APART = 1000
"""Beyond this number of folders the records of all further ones are laid down together."""

_TOGETHER = -2
_ROOM = 100
"""Characters that one position may take."""

_TEXTS = ("name", "description", "address", "phoneNumber", "Snippet", "when", "begin", "end")
_TEXTS_IN = ("Placemark", "TimeStamp", "TimeSpan")
_SHAPES = frozenset(("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack", "Model", "MultiLineString"))
_MANY = ("MultiGeometry", "MultiTrack", "MultiLineString")
_ELSEWHERE: dict[str, Text] = {
    "NetworkLink": Text("网络链接", "network links"),
    "NetworkLinkControl": Text("网络链接控制", "network link controls"),
    "GroundOverlay": Text("贴图", "ground overlays"),
    "ScreenOverlay": Text("屏幕贴图", "screen overlays"),
    "PhotoOverlay": Text("照片", "photo overlays"),
    "Tour": Text("漫游", "tours"),
}


SHIFTED = Text(
    "KML 按格式规定是 WGS 84 经纬度；国内地图软件导出的常是 GCJ-02（偏约 500 米）：请与已知建筑核对，偏了就用 --crs GCJ-02 重新导入",
    "KML is longitude and latitude on WGS 84 by its definition; map programs in China often write GCJ-02 into it (about 500 m off): compare a known "
    "building, and import again with --crs GCJ-02 if it is off",
)


def datasets(path: Path, name: str, folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    """One dataset a folder that has Placemarks. Raises UnreadableFile, HostileFile, TooLarge."""
    source = xmlstream.source(path, asked=request.encoding)
    spool = Spool(folder / f"{path.name}-places", limits)
    reader = _Reader(spool, limits)
    xmlstream.parse(source, reader, limits)
    spool.finish()
    found = [_dataset(spool, parts, title, name, source) for title, parts in reader.groups(name)]
    if found and (text := reader.left_out()):
        found[0].note(text)
    if found and reader.tables:
        found[0].note(
            Text(
                f"{reader.tables} 条的属性取自说明里的表格",
                f"the attributes of {reader.tables} records were taken from the tables in their descriptions",
            )
        )
    if found and reader.in_china:
        found[0].note(SHIFTED)
    if found and (text := reader.not_kept()):
        found[0].note(text)
    if not found and (text := reader.left_out()):
        raise UnreadableFile(Text(f"文件里没有地标；{text.zh}", f"the file holds no Placemark; {text.en}"))
    return found


def _dataset(spool: Spool, parts: Mapping[int, Mapping[str, RawValue]], title: str, stem: str, source: xmlstream.Source) -> Dataset:
    keys = list(parts)
    columns = [*dict.fromkeys([*(k for extra in parts.values() for k in extra), *spool.columns(keys)])]
    chunks: Callable[[], Iterator[Any]] = partial(spool.chunks, parts, columns)
    out = Dataset(title, "KML", columns, spool.count(keys), chunks, crs.source(crs.STORAGE))
    out.layer_hint = title if title == stem else f"{title} {stem}"
    out.encoding, out.encodings = doctor.shown(source.encoding), source.tried
    return out


def from_archive(path: Path, name: str, folder: Path, request: ReadRequest, limits: Limits, budget: archive.Budget) -> list[Dataset]:
    """The documents of a KMZ; pictures and models in it are left packed. Raises what `datasets` does."""
    inside = folder / f"{path.name}-kmz"
    inside.mkdir()
    documents = archive.unpack(path, inside, limits, budget, office=True, wanted=lambda n: n.lower().endswith(".kml"))
    if not documents:
        raise UnreadableFile(Text("KMZ 里没有 KML 文件", "the KMZ holds no KML file"))
    found: list[Dataset] = []
    for title, file in documents:
        doctor.identify(file, "document.kml")
        stem = title.rpartition("/")[2][:-4]
        own = name if len(documents) == 1 or stem.lower() == "doc" else f"{name} {stem}"
        found += datasets(file, own, inside, request, limits)
    return found


# --- the document


@dataclass(slots=True)
class _Folder:
    """A Document or Folder: its name (told after it begins) and the one around it."""

    kind: str
    above: int
    name: str = ""


@dataclass(slots=True)
class _Place:
    """A Placemark while it is read. `open`: the geometries begun, outermost first; `done`: GeoJSON objects that are complete."""

    texts: dict[str, str] = field(default_factory=dict)
    data: dict[str, RawValue] = field(default_factory=dict)
    open: list[_Shape] = field(default_factory=list)
    done: list[dict[str, Any]] = field(default_factory=list)
    fault: Problem | None = None
    vertices: int = 0


@dataclass(slots=True)
class _Shape:
    """A geometry that has begun: rings or positions, or for one of several parts the parts."""

    kind: str
    lists: list[Any] = field(default_factory=list)
    outer: int = 0


class _Reader:
    """Follows the elements of a KML document; each end of a Placemark lays one record down."""

    def __init__(self, spool: Spool, limits: Limits) -> None:
        self._spool, self._limits = spool, limits
        self.path: list[str] = []
        self._folders: list[_Folder] = []
        self._around: list[int] = [-1]
        self._place: _Place | None = None
        self._types: dict[str, dict[str, str]] = {}
        self._schema = self._field = ""
        self._elsewhere: Counter[str] = Counter()
        self._with_places: set[int] = set()
        self.tables = self.styles = self.times = 0
        self.in_china = False

    # what the stream tells

    def start(self, name: str, attributes: Mapping[str, str]) -> int:
        above = self.path[-1] if self.path else ""
        if self._place is not None:
            return self._within(self._place, name, above, attributes)
        if name == "Placemark":
            self._place = _Place()
            if attributes.get("id"):
                self._place.texts["id"] = attributes["id"]
        elif name in ("Document", "Folder"):
            self._folders.append(_Folder(name, self._around[-1]))
            self._around.append(len(self._folders) - 1)
        elif name == "name" and above in ("Document", "Folder"):
            return self._limits.text
        elif name == "Schema":
            self._schema = attributes.get("id") or attributes.get("name", "")
            self._types.setdefault(self._schema, {})
        elif name == "SimpleField" and len(self._types) <= 1000:
            self._types.setdefault(self._schema, {})[attributes.get("name", "")] = attributes.get("type", "")
        elif name in _ELSEWHERE:
            self._elsewhere[name] += 1
        return 0

    def _within(self, place: _Place, name: str, above: str, attributes: Mapping[str, str]) -> int:
        """An element inside a Placemark."""
        if name == "SimpleData" or name == "Data":
            self._field = attributes.get("name", "")
            return self._limits.text if name == "SimpleData" else 0
        if name == "coordinates":
            return _ROOM * self._limits.vertices
        if name in _SHAPES:
            place.open.append(_Shape(name))
            return 0
        if name in _TEXTS:
            self.times += name == "when" and above == "Track"
            return self._limits.text if above in _TEXTS_IN else 0
        self.styles += name in ("styleUrl", "Style") and above == "Placemark"
        if name == "outerBoundaryIs" and place.open:
            place.open[-1].outer += 1
        elif name == "SchemaData":
            self._schema = attributes.get("schemaUrl", "").rpartition("#")[2]
        elif (name == "coord" and above == "Track") or (name in ("longitude", "latitude") and above == "Location"):
            return 1000
        elif name == "value" and above == "Data":
            return self._limits.text
        elif above == "ExtendedData":
            self._field = name
            return self._limits.text
        elif name == "Placemark":
            raise HostileFile(Text("地标里还有地标", "a Placemark stands within a Placemark"))
        return 0

    def end(self, name: str, text: str | None) -> None:
        above = self.path[-1] if self.path else ""
        if self._place is not None:
            self._end_within(self._place, name, above, text)
        elif name in ("Document", "Folder"):
            self._around.pop()
        elif name == "name" and above in ("Document", "Folder"):
            self._folders[self._around[-1]].name = (xmlstream.text_within(text, name, self._limits) or "")[:100]

    def _end_within(self, place: _Place, name: str, above: str, text: str | None) -> None:
        if (
            name == "SimpleData"
            or (name == "value" and above == "Data")
            or (above == "ExtendedData" and name not in ("Data", "SchemaData"))
        ):
            kind = self._types.get(self._schema, {}).get(self._field, "") if name == "SimpleData" else ""
            place.data[self._field or name] = _typed(xmlstream.text_within(text, self._field, self._limits), kind)
        elif name == "coordinates" or (name == "coord" and above == "Track"):
            self._positions(place, text, tuples=name == "coordinates")
        elif name in _SHAPES:
            self._close(place)
        elif name in _TEXTS and above in _TEXTS_IN:
            place.texts[name] = xmlstream.text_within(text, name, self._limits) or ""
        elif name == "Placemark":
            self._finish(place)
        elif above == "Location" and name in ("longitude", "latitude") and place.open:
            place.open[-1].lists.append(text or "")

    # geometry

    def _positions(self, place: _Place, text: str | None, *, tuples: bool) -> None:
        """Numbers of the innermost geometry; of a Track one position at a time."""
        if place.fault or not place.open:
            return
        shape = place.open[-1]
        try:
            found = _tuples(text) if tuples else [_position((text or "").split())]
            self.in_china = self.in_china or (bool(found) and crs.in_china(found[0][0], found[0][1]))
            place.vertices += len(found)
            if place.vertices > self._limits.vertices:
                raise Fault("too-many-vertices")
        except Fault as fault:
            place.fault = fault.problem
            return
        if tuples:
            shape.lists.append((found, "innerBoundaryIs" in self.path[-3:]))
        else:
            shape.lists += found

    def _close(self, place: _Place) -> None:
        shape = place.open.pop()
        if place.fault:
            return
        try:
            made = _geometry(shape)
        except Fault as fault:
            place.fault = fault.problem
            return
        around = place.open[-1] if place.open else None
        if around is None:
            place.done.append(made)
        elif around.kind == "Polygon" and shape.kind == "LinearRing":
            around.lists += shape.lists
        elif around.kind in _MANY:
            around.lists.append(made)
        else:
            place.fault = problem("geometry-type", f"{around.kind} 里的 {shape.kind}", f"{shape.kind} within {around.kind}")

    def _finish(self, place: _Place) -> None:
        row: dict[str, RawValue] = {}
        texts = dict(place.texts)
        pairs = _table(texts.get("description", ""), self._limits.columns)
        if pairs:
            self.tables += 1
            del texts["description"]
        for name, text in texts.items():
            taken = place.data.get(name) or pairs.get(name)
            row[name if taken in (None, text) else f"Placemark {name}"] = text or None
        for name, value in (*place.data.items(), *pairs.items()):
            row.setdefault(name, value)
        shape = place.done[0] if len(place.done) == 1 else _together(place.done)
        key = self._around[-1]
        if len(self._with_places) >= _MOST_APART and key not in self._with_places:
            row, key = {"folder": self._title(key, ""), **row}, _TOGETHER
        self._with_places.add(key)
        self._spool.add(key, row, shape, place.fault)
        self._place = None

    # what there was

    def groups(self, stem: str) -> list[tuple[str, dict[int, dict[str, RawValue]]]]:
        """The datasets: title, and the folders in it with what is to be added to the rows of each."""
        keys = self._spool.keys()
        if len(keys) <= MOST_FOLDERS:
            return [(self._title(k, stem), {k: {}}) for k in keys]
        return [(stem, {k: {} if k == _TOGETHER else {"folder": self._title(k, stem)} for k in keys})]

    def _title(self, key: int, stem: str) -> str:
        """The names of the folders around it, from the outside; the document's own name where it lies in none."""
        names: list[str] = []
        at = key
        while at >= 0:
            folder = self._folders[at]
            if folder.kind == "Folder" or (folder.above >= 0 and folder.name):
                names.append(folder.name or f"Folder {at}")
            at = folder.above
        if not names and key >= 0:
            names = [self._folders[key].name]
        return "/".join(reversed(names))[:200] or stem

    def not_kept(self) -> Text | None:
        """What of the records themselves has no place in a table."""
        zh = [f"{self.styles} 处样式（颜色、图标）"] * bool(self.styles) + [f"轨迹的 {self.times} 个时间"] * bool(self.times)
        en = [f"{self.styles} styles (colours, icons)"] * bool(self.styles) + [f"{self.times} times of tracks"] * bool(self.times)
        return Text(f"未保留：{'、'.join(zh)}", f"not kept: {', '.join(en)}") if zh else None

    def left_out(self) -> Text | None:
        if not self._elsewhere:
            return None
        zh = "、".join(f"{_ELSEWHERE[k].zh} {n} 个" for k, n in self._elsewhere.items())
        en = ", ".join(f"{n} {_ELSEWHERE[k].en}" for k, n in self._elsewhere.items())
        return Text(f"未读取（不访问别处的数据）：{zh}", f"left out (nothing that lies elsewhere is fetched): {en}")


# --- values and shapes


def _typed(text: str | None, kind: str) -> RawValue:
    """A value as its schema says, the text itself where it is not that."""
    if text is None:
        return None
    if kind in ("int", "uint", "short", "ushort", "long") and re.fullmatch(r"[-+]?\d{1,18}", text, re.ASCII):
        return int(text)
    if kind in ("float", "double") and re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?", text, re.ASCII):
        return float(text)
    if kind == "bool" and text.lower() in ("0", "1", "true", "false"):
        return text.lower() in ("1", "true")
    return text


def _tuples(text: str | None) -> list[list[float]]:
    """Positions of a `coordinates` element: "lon,lat[,height]" separated by blanks, heights left out. None: more than could be held."""
    if text is None:
        raise Fault("too-many-vertices")
    words = text.split()
    if not words:
        raise Fault("empty-geometry")
    if any(w[-1] == "," for w in words):
        bare = [w.rstrip(",") for w in words]
        words = bare if all("," in w for w in bare) else re.sub(r",\s+", ",", text).split()
    numbers = ",".join(words).split(",")
    width, rest = divmod(len(numbers), len(words))
    if rest or width not in (2, 3) or any(w.count(",") != width - 1 for w in words) or "_" in text:
        return [_position([p for p in w.split(",") if p]) for w in words]
    try:
        values = list(map(float, numbers))
    except ValueError:
        raise Fault("bad-coordinates", text.strip()[:40], text.strip()[:40]) from None
    return [[x, y] for x, y in zip(values[::width], values[1::width], strict=True)]


def _position(parts: Sequence[str]) -> list[float]:
    try:
        if len(parts) not in (2, 3) or any("_" in p for p in parts):
            raise ValueError
        return [float(p) for p in parts][:2]
    except ValueError:
        shown = " ".join(parts)[:40]
        raise Fault("bad-coordinates", shown, shown) from None


def _geometry(shape: _Shape) -> dict[str, Any]:
    """The GeoJSON object of a geometry that has ended. Raises Fault."""
    if shape.kind == "Polygon":
        outer = [positions for positions, inner in shape.lists if not inner]
        if len(outer) != 1 or shape.outer > 1:
            raise Fault("invalid-geometry", "面应有一个外边界", "a polygon needs one outer boundary")
        return {"type": "Polygon", "coordinates": [*outer, *(p for p, inner in shape.lists if inner)]}
    if shape.kind in _MANY:
        made = _together(shape.lists)
        if made is None:
            raise Fault("empty-geometry")
        return made
    if shape.kind == "Track":
        line = len(shape.lists) != 1
        return {"type": "LineString", "coordinates": shape.lists} if line else {"type": "Point", "coordinates": shape.lists[0]}
    if shape.kind == "Model":
        if len(shape.lists) != 2:
            raise Fault("geometry-type", "Model", "Model")
        return {"type": "Point", "coordinates": _position(shape.lists)}
    if len(shape.lists) != 1:
        raise Fault("empty-geometry" if not shape.lists else "bad-coordinates")
    positions = shape.lists[0][0]
    if shape.kind == "Point":
        if len(positions) != 1:
            raise Fault("bad-coordinates", "一个点有几个坐标", "a point with several positions")
        return {"type": "Point", "coordinates": positions[0]}
    return {"type": "LineString", "coordinates": positions}


def _together(parts: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Several geometries as one: of the same kind as a multi-geometry, of several kinds as a collection."""
    flat: list[dict[str, Any]] = []
    for part in parts:
        if part["type"] == "GeometryCollection":
            flat += part["geometries"]
        elif part["type"].startswith("Multi"):
            flat += [{"type": part["type"][5:], "coordinates": c} for c in part["coordinates"]]
        else:
            flat.append(part)
    kinds = {p["type"] for p in flat}
    if not flat:
        return None
    if len(flat) == 1:
        return flat[0]
    if len(kinds) > 1:
        return {"type": "GeometryCollection", "geometries": flat}
    return {"type": f"Multi{kinds.pop()}", "coordinates": [p["coordinates"] for p in flat]}


def _table(description: str, most: int) -> dict[str, RawValue]:
    """The pairs of a two-column HTML table, as ArcGIS writes attributes into the description; {} when it is anything else."""
    lower = description.lower()
    if "<table" not in lower[:20_000] or lower.count("<tr") > 2 * most + 50:
        return {}
    pairs: dict[str, RawValue] = {}
    for row in re.split(r"<tr\b", description, flags=re.IGNORECASE)[1:]:
        cells = [_bare(c) for c in re.split(r"<t[dh]\b", row, flags=re.IGNORECASE)[1:]]
        if len(cells) == 2 and cells[0] and cells[0] not in pairs and len(cells[0]) <= 100:
            pairs[cells[0]] = None if cells[1] in ("", "<Null>", "&lt;Null&gt;") else cells[1]
        elif len(cells) != 1:
            return {}
    return pairs if len(pairs) <= most else {}


def _bare(cell: str) -> str:
    """The text of what follows "<td"."""
    pieces = cell.partition(">")[2].split("<")
    text = pieces[0] + "".join(p.partition(">")[2] for p in pieces[1:])
    return html.unescape(text).strip()
