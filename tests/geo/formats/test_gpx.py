"""GPX: waypoints, routes and tracks, each a record with its own reasons when it is bad."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.errors import HostileFile, Refused, TooLarge, UnreadableFile
from geo.formats.limits import Limits

ReadHere = Callable[..., list[Any]]

BODY = """
<metadata><name>not a record</name><bounds minlat="1" minlon="2" maxlat="3" maxlon="4"/></metadata>
<wpt lat="34.75" lon="112.98"><ele>110.5</ele><time>2024-01-02T03:04:05Z</time><name>消火栓 1</name><sym>Flag</sym>
  <link href="http://127.0.0.1:1/x.jpg"><text>photo</text></link><extensions><a:width>4.0</a:width><a:note>窄</a:note></extensions></wpt>
<wpt lat="91" lon="112.98"><name>outside</name></wpt>
<wpt lat="x" lon="112.98"><name>bad</name></wpt>
<wpt lat="NaN" lon="112.98"/>
<rte><name>r</name><rtept lat="34" lon="113"><name>not the route's</name></rtept><rtept lat="34.5" lon="113.5"/></rte>
<trk><name>t</name><number>7</number>
 <trkseg><trkpt lat="34" lon="113"><time>2024-01-01T00:00:00Z</time><ele>1</ele></trkpt><trkpt lat="34.1" lon="113.1"/></trkseg>
 <trkseg><trkpt lat="35" lon="114"/></trkseg>
 <trkseg><trkpt lat="36" lon="115"/><trkpt lat="36.1" lon="115"><time>2024-01-01T01:00:00Z</time></trkpt></trkseg></trk>
<trk><name>one point</name><trkseg><trkpt lat="34" lon="113"/></trkseg></trk>
<trk><name>empty</name></trk>
"""


def write(path: Path, body: str, encoding: str = "UTF-8") -> Path:
    head = f'<?xml version="1.0" encoding="{encoding}"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
    path.write_bytes(f"{head}{body}</gpx>".encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "GBK"])
def test_waypoints_routes_and_tracks(encoding: str, read_here: ReadHere, tmp_path: Path) -> None:
    points, routes, tracks = read_here(write(tmp_path / "现场.gpx", BODY, encoding))
    assert [f.header.name for f in (points, routes, tracks)] == ["现场 waypoints", "现场 routes", "现场 tracks"]
    assert points.codes == [None, "outside-crs", "bad-coordinates", "not-finite"]
    assert points.values[0] == {
        "ele": "110.5", "time": "2024-01-02T03:04:05Z", "name": "消火栓 1", "sym": "Flag", "link": "http://127.0.0.1:1/x.jpg",
        "width": "4.0", "note": "窄",
    }  # fmt: skip
    assert shapely.from_wkb(points.geometry[0]).wkt == "POINT (112.98 34.75)"
    assert (routes.values, routes.codes) == ([{"name": "r", "points": 2}], [None])
    assert shapely.from_wkb(tracks.geometry[0]).wkt == "MULTILINESTRING ((113 34, 113.1 34.1), (115 36, 115 36.1))"
    assert tracks.values[0] == {"name": "t", "number": "7", "begin": "2024-01-01T00:00:00Z", "end": "2024-01-01T01:00:00Z", "points": 5}
    assert tracks.codes == [None, "invalid-geometry", None]
    assert [en for _, en in tracks.header.notes][1] == "1 segments have one point only and make no line"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("<wpt lat='1' lon='2'><wpt lat='1' lon='2'/></wpt>", HostileFile),
        ("<a>" * 40 + "</a>" * 40, HostileFile),
        ("<wpt lat='1' lon='2'>", UnreadableFile),
        ("<wpt lat='1' lon='2'>" + f"<name>{'x' * 40_000}</name>" * 2 + "</wpt>", TooLarge),
        ("", UnreadableFile),
    ],
)
def test_refused(body: str, error: type[Refused], read_here: ReadHere, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        read_here(write(tmp_path / "a.gpx", body))
    assert type(caught.value) is error


def test_a_track_of_too_many_points_is_one_bad_record(read_here: ReadHere, tmp_path: Path) -> None:
    segment = "<trkseg>" + '<trkpt lat="1" lon="2"/>' * 60 + "</trkseg>"
    (found,) = read_here(write(tmp_path / "a.gpx", f"<trk>{segment}</trk>"), limits=Limits(vertices=50))
    assert (found.codes, found.values[0]["points"]) == (["too-many-vertices"], 60)
