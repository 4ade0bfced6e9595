"""OSM extracts fill all layers; the account is checked against counts made by a program of its own that knows nothing of `geo`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from geo.answers import answer
from geo.frames import Frames
from geo.imports import Account
from geo.query import Query
from geo.questions import catalogue as questions
from geo.schema import Layer
from geo.store import open_store
from tests.geo.fake_frames import PROFILE
from tests.geo.imports.conftest import NOW, Desk

ORACLE = """
import json, sys, osmium
from collections import Counter

nodes, ways, objects = set(), {}, []
for o in osmium.FileProcessor(sys.argv[1]):
    tags = dict(o.tags)
    if o.is_node():
        nodes.add(o.id)
        objects.append(("node", tags, None))
    elif o.is_way():
        ways[o.id] = [n.ref for n in o.nodes]
        objects.append(("way", tags, ways[o.id]))
    elif tags.get("type") in ("multipolygon", "boundary"):
        objects.append(("relation", tags, [m.ref for m in o.members if m.type == "w"]))

def whole(kind, refs):
    if kind == "way":
        return refs[0] == refs[-1] and len(refs) > 3 and all(r in nodes for r in refs)
    if any(w not in ways for w in refs):
        return False
    ends = Counter(e for w in refs for e in (ways[w][0], ways[w][-1]))
    return all(n % 2 == 0 for n in ends.values()) and all(r in nodes for w in refs for r in ways[w])

def areas(test):
    hits = [(k, r) for k, t, r in objects if k != "node" and test(t)]
    return [len(hits), sum(whole(k, r) for k, r in hits)]

def lines(test):
    hits = [r for k, t, r in objects if k == "way" and test(t)]
    return [len(hits), sum(all(n in nodes for n in r) for r in hits)]

def points(test):
    n = sum(k == "node" and test(t) for k, t, _ in objects)
    return [n, n]

def a_lane(t):
    if t.get("area") == "yes":
        return False
    walked = t.get("highway") in ("footway", "path", "cycleway") and t.get("emergency") in ("yes", "designated")
    return walked or t.get("highway") in ("service", "living_street", "pedestrian", "track")

def a_compound(t):
    return t.get("landuse") == "residential" or (t.get("place") == "neighbourhood" and t.get("boundary") != "administrative")

def wide(t):
    return any(k in t for k in ("maxwidth:physical", "width", "est_width"))

print(json.dumps({
    "buildings": areas(lambda t: t.get("building", "no") != "no"),
    "compounds": areas(a_compound),
    "hydrants": points(lambda t: t.get("emergency") == "fire_hydrant"),
    "gas_mains": lines(lambda t: t.get("man_made") == "pipeline" and t.get("substance") == "gas"),
    "fire_lanes": lines(a_lane),
    "lanes_with_width": lines(lambda t: a_lane(t) and wide(t)),
    "started": areas(lambda t: t.get("building", "no") != "no" and "start_date" in t),
    "levels": areas(lambda t: t.get("building", "no") != "no" and "building:levels" in t),
}))
"""


def oracle(path: Path) -> dict[str, list[int]]:
    """Dataset → (objects tagged so, those of them that the extract holds whole)."""
    done = subprocess.run([sys.executable, "-c", ORACLE, str(path)], check=True, capture_output=True, text=True)
    counted: dict[str, list[int]] = json.loads(done.stdout)
    return counted


def taken(account: Account, layer: str) -> list[int]:
    """(read, accepted or repaired)."""
    counts = account.counts()[layer]
    return [counts["read"], counts["accepted"] + counts["repaired"]]


@pytest.fixture(scope="module")
def helsinki(shared_data: Path, tmp_path_factory: pytest.TempPathFactory, layers_map: Mapping[str, Layer]) -> Any:
    store = open_store(tmp_path_factory.mktemp("osm") / "store.gpkg", layers_map)
    desk = Desk(store, layers_map, Frames(store, layers_map, profile=PROFILE))
    path = shared_data / "osm" / "helsinki_center_2019.osm.pbf"
    yield desk, desk.file(path), oracle(path)
    store.close()


@pytest.mark.soak
def test_helsinki_fills_the_layers_exactly(helsinki: Any) -> None:
    desk, account, counted = helsinki
    assert taken(account, "buildings") == counted["buildings"] == [500, 446]
    assert taken(account, "compounds") == counted["compounds"] == [26, 13]
    assert taken(account, "hydrants") == counted["hydrants"] == [37, 37]
    assert taken(account, "gas_mains") == counted["gas_mains"] == [10, 8]
    assert taken(account, "fire_stations") == [1, 1]
    assert taken(account, "fire_lanes")[0] == counted["fire_lanes"][0]
    assert set(account.quarantine_reasons) == {"cut-by-extract", "unclosed-ring"}
    assert all(counts["read"] == counts["accepted"] + counts["repaired"] + counts["quarantined"] for counts in account.counts().values())
    assert (account.crs, desk.store.info().metric_crs, desk.store.check()) == ("EPSG:4326", "EPSG:32635", [])


@pytest.mark.soak
def test_helsinki_hydrant_figures(helsinki: Any) -> None:
    """The reference counts every hydrant, straight from a point in the building; OSM says of none whether it works, so no building is a "no"."""
    desk, _, _ = helsinki
    asked = Query.from_args(
        "buildings-far-from-hydrant", {"answer": "all", "limit": "1000", "properties": "value"}, layers=desk.layers, questions=questions.ALL
    )
    found = answer(asked, desk.frames, layers=desk.layers, now=NOW)
    assert found.summary is not None
    assert {k: found.summary[k] for k in ("yes", "no", "unknown")} == {"yes": 136, "no": 0, "unknown": 310}
    assert {k: found.summary["store"][k] for k in ("hydrants", "hydrants_state_unknown")} == {"hydrants": 37, "hydrants_state_unknown": 37}
    values = found.frame["value"]
    assert (values.median(), values.quantile(0.9)) == pytest.approx((103.5, 246.6), abs=0.05)
    assert (found.summary["median_m"], found.summary["p90_m"]) == pytest.approx((103.5, 246.6), abs=0.05)


@pytest.mark.soak
def test_lanes_with_and_without_a_width_are_told_apart(helsinki: Any) -> None:
    """An untagged width stays unknown; one that is there came from OSM."""
    desk, _, counted = helsinki
    lanes = desk.column("fire_lanes", "clear_width_m", "width_source")
    assert sum(width is not None for width, _ in lanes) <= counted["lanes_with_width"][0]
    assert sum(width is not None for width, _ in lanes) > 0 < sum(width is None for width, _ in lanes)
    assert {source for width, source in lanes if width is not None} == {"osm"}


@pytest.mark.soak
def test_dates_and_levels_are_read_or_reported(helsinki: Any) -> None:
    desk, account, counted = helsinki
    years = desk.column("buildings", "built_year")
    unread = account.reasons["value-unreadable"]
    assert sum(y is not None for y in years) == counted["started"][1] - unread
    spans = [
        (a, b)
        for a, b, basis in desk.column("buildings", "built_year", "built_year_last", "built_year_basis")
        if basis == "estimate" and b is not None
    ]
    assert (1908, 1939) in spans
    assert sum(f is not None for f in desk.column("buildings", "floors")) == counted["levels"][1]


@pytest.mark.soak
@pytest.mark.soak
def test_every_feature_keeps_its_osm_number_and_the_same_file_changes_nothing(helsinki: Any, shared_data: Path) -> None:
    desk, _, _ = helsinki
    assert all(code.split("/")[0] in ("node", "way", "relation") for code in desk.column("buildings", "code"))
    again = desk.file(shared_data / "osm" / "helsinki_center_2019.osm.pbf", layer="buildings")
    assert again.to_json()["unchanged"] == {"buildings": 446}
    assert again.quarantine_reasons.total() == 54


@pytest.mark.soak
def test_within_clips_and_says_how_many_it_left_out(helsinki: Any, shared_data: Path) -> None:
    desk, _, _ = helsinki
    box = "POLYGON((24.93 60.16,24.945 60.16,24.945 60.172,24.93 60.172,24.93 60.16))"
    account = desk.file(shared_data / "osm" / "helsinki_center_2019.osm.pbf", layer="hydrants", within=box, dry_run=True)
    tally = account.layers["hydrants"]
    inside = sum(24.93 <= lon <= 24.945 and 60.16 <= lat <= 60.172 for lon, lat in _points(desk))
    assert (tally.read, tally.clipped) == (inside, 37 - inside)
    assert 0 < inside < 37


def _points(desk: Desk) -> list[tuple[float, float]]:
    import shapely

    return [(p.x, p.y) for p in shapely.from_wkb([row["geometry"] for row in desk.dump("hydrants")])]


@pytest.mark.soak
def test_haidian_has_fifteen_named_compounds(desk: Desk, shared_data: Path) -> None:
    path = shared_data / "osm" / "beijing_haidian_merged_DERIVED.osm.pbf"
    account = desk.file(path)
    counted = oracle(path)
    for layer in ("buildings", "compounds", "fire_lanes"):
        assert taken(account, layer) == counted[layer]
    assert sum(name is not None for name in desk.column("compounds", "name")) == 15
    assert "hydrants" not in account.counts() or account.counts()["hydrants"]["read"] == 0
    assert desk.store.info().metric_crs == "EPSG:4548"


WIDTHS = """<osm version="0.6"><node id="1" lon="25" lat="60"/><node id="2" lon="25.001" lat="60"/>
<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="service"/><tag k="est_width" v="3.8"/></way>
<way id="2"><nd ref="1"/><nd ref="2"/><tag k="highway" v="service"/><tag k="est_width" v="2.9 m"/></way>
<way id="3"><nd ref="1"/><nd ref="2"/><tag k="highway" v="service"/><tag k="width" v="3.8"/><tag k="est_width" v="4"/></way></osm>"""


def test_an_estimated_width_is_inferred(desk: Desk, tmp_path: Path) -> None:
    """`est_width=3.8` answered a firm yes as a declared width; it is within a metre of the limit, and its tag is kept."""
    path = tmp_path / "lanes.osm"
    path.write_text(WIDTHS, encoding="utf-8")
    desk.file(path)
    asked = Query.from_args("lanes-under-width", {"answer": "all"}, layers=desk.layers, questions=questions.ALL)
    frame = answer(asked, desk.frames, layers=desk.layers, now=NOW).frame.set_index("code")
    rows = frame.loc[["way/1", "way/2", "way/3"], ["answer", "value", "basis", "quality", "width_source"]].to_numpy().tolist()
    assert rows == [
        ["unknown", 3.8, "inferred", "inferred", "osm"],
        ["yes", 2.9, "inferred", "inferred", "osm"],
        ["yes", 3.8, "declared", "declared", "osm"],
    ]
    assert [extra.get("osm:est_width") for extra in desk.column("fire_lanes", "extra")] == ["3.8", "2.9 m", "4"]


@pytest.mark.soak
def test_osm_xml_is_read_like_pbf(desk: Desk, shared_data: Path) -> None:
    path = shared_data / "osm" / "beijing_bupt_2025.osm"
    account = desk.file(path)
    counted = oracle(path)
    assert taken(account, "buildings") == counted["buildings"] == [111, 111]
    assert taken(account, "fire_lanes") == counted["fire_lanes"]
