"""GPX: waypoints, routes and tracks as three datasets, every one of them a record, positions strictly in longitude and latitude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from geo import crs
from geo.errors import HostileFile, Text
from geo.formats import doctor, xmlstream
from geo.formats.contract import RawValue, ReadRequest
from geo.formats.coordinates import Fault
from geo.formats.dataset import Dataset
from geo.formats.limits import Limits
from geo.formats.problems import Problem
from geo.formats.spool import Spool

_RECORDS = {"wpt": 0, "rte": 1, "trk": 2}
_TITLES = ("waypoints", "routes", "tracks")
_POINTS = ("wpt", "rtept", "trkpt")
_CONTAINERS = frozenset(("trkseg", "extensions", "link", "author"))


def datasets(path: Path, name: str, folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    """The datasets that have records. Raises UnreadableFile, HostileFile, TooLarge."""
    source = xmlstream.source(path, asked=request.encoding)
    spool = Spool(folder / f"{path.name}-tracks", limits)
    reader = _Reader(spool, limits)
    xmlstream.parse(source, reader, limits)
    spool.finish()
    out = []
    for key in sorted(spool.keys()):
        columns = spool.columns([key])
        found = Dataset(f"{name} {_TITLES[key]}", "GPX", columns, spool.count([key]), partial(spool.chunks, {key: {}}, columns))
        found.source, found.layer_hint = crs.source(crs.STORAGE), found.name
        found.encoding, found.encodings = doctor.shown(source.encoding), source.tried
        if key:
            found.note(
                Text(
                    "每条轨迹或路线是一条线；单个点的时间、高程未保留",
                    "each track or route is one line; times and heights of its points are not kept",
                )
            )
        if key == 2 and reader.lone:
            found.note(Text(f"{reader.lone} 段只有一个点，未成线", f"{reader.lone} segments have one point only and make no line"))
        out.append(found)
    return out


class _Reader:
    """Follows the elements; the end of a waypoint, route or track lays one record down."""

    def __init__(self, spool: Spool, limits: Limits) -> None:
        self._spool, self._limits = spool, limits
        self.path: list[str] = []
        self._record = ""
        self.lone = 0
        self._clear()

    def _clear(self) -> None:
        self._row: dict[str, RawValue] = {}
        self._lines: list[list[list[float]]] = []
        self._fault: Problem | None = None
        self._times: list[str] = []
        self._vertices = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> int:
        above = self.path[-1] if self.path else ""
        if name in _RECORDS:
            if self._record:
                raise HostileFile(Text("GPX 的记录互相嵌套", "a record of the GPX stands within another"))
            self._record = name
            self._clear()
        if not self._record:
            return 0
        if name in _POINTS:
            self._add_point(attributes)
        elif name == "trkseg":
            self._lines.append([])
        elif name == "link" and above == self._record and attributes.get("href"):
            self._row["link"] = attributes["href"]
        elif name == "time" and above in ("rtept", "trkpt"):
            return 100
        elif self._is_value(name, self.path):
            return self._limits.text
        return 0

    def _is_value(self, name: str, path: Sequence[str]) -> bool:
        """Whether an element at the end of `path` is a value of the record itself, not of one of its points."""
        owned = path[-1:] == [self._record] or "extensions" in path
        return owned and name not in _CONTAINERS and name not in _POINTS and "trkpt" not in path and "rtept" not in path

    def _add_point(self, attributes: Mapping[str, str]) -> None:
        """A position; routes and waypoints have one run of them, tracks one a segment."""
        if not self._lines:
            self._lines.append([])
        self._vertices += 1
        if self._fault:
            return
        try:
            if self._vertices > self._limits.vertices:
                raise Fault("too-many-vertices")
            self._lines[-1].append(_position(attributes))
        except Fault as fault:
            self._fault, self._lines = fault.problem, []

    def end(self, name: str, text: str | None) -> None:
        if not self._record:
            return
        above = self.path[-1] if self.path else ""
        if name == self._record:
            self._finish()
        elif name == "time" and above in ("rtept", "trkpt"):
            if text and text.strip():
                self._times = [*self._times[:1], text.strip()]
        elif self._is_value(name, self.path):
            self._keep(name, xmlstream.text_within(text, name, self._limits))

    def _keep(self, name: str, value: RawValue) -> None:
        """A value of the record; a name met twice gets both."""
        if value is None:
            return
        old = self._row.get(name)
        both = value if old is None else f"{old}; {value}"
        self._row[name] = xmlstream.text_within(None if len(str(both)) > self._limits.text else str(both), name, self._limits)

    def _finish(self) -> None:
        kind, self._record = self._record, ""
        if kind != "wpt" and self._times:
            self._row.update(begin=self._times[0], end=self._times[-1])
        if kind != "wpt":
            self._row["points"] = self._vertices
        lines = [line for line in self._lines if line]
        long = [line for line in lines if len(line) > 1]
        if kind != "wpt" and long:
            self.lone += len(lines) - len(long)
            lines = long
        self._spool.add(_RECORDS[kind], self._row, _shape(kind, lines), self._fault)


def _position(attributes: Mapping[str, str]) -> list[float]:
    told = f"{attributes.get('lon', '')} {attributes.get('lat', '')}"[:40]
    try:
        if "_" in told:
            raise ValueError
        return [float(attributes["lon"]), float(attributes["lat"])]
    except (KeyError, ValueError):
        raise Fault("bad-coordinates", told, told) from None


def _shape(kind: str, lines: list[list[list[float]]]) -> dict[str, Any] | None:
    """Waypoints as points; a route as one line; a track as one line a segment."""
    if not lines:
        return None
    if kind == "wpt":
        return {"type": "Point", "coordinates": lines[0][0]}
    if len(lines) == 1:
        return {"type": "LineString", "coordinates": lines[0]}
    return {"type": "MultiLineString", "coordinates": lines}
