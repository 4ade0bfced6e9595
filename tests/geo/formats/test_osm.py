"""OSM extracts: rules choose, values are kept, and what the border cuts is accounted for."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import osmium
import pytest
import shapely

RULES = {
    "layers": {
        "buildings": {
            "rules": [{"geometry": "area", "tags": [["building", ["*"]]]}],
            "fields": {"floors": ["building:levels", "levels"], "name": ["name"]},
        },
        "compounds": {"rules": [{"geometry": "area", "tags": [["landuse", ["residential"]]]}], "fields": {"name": ["name"]}},
        "hydrants": {"rules": [{"geometry": "point", "tags": [["emergency", ["fire_hydrant"]]]}], "fields": {}},
        "fire_stations": {
            "rules": [{"geometry": g, "tags": [["amenity", ["fire_station"]]], "sets": [["kind", "station"]]} for g in ("point", "area")],
            "fields": {},
        },
        "gas_mains": {"rules": [{"geometry": "line", "tags": [["man_made", ["pipeline"]], ["substance", ["gas"]]]}], "fields": {}},
        "lanes": {
            "rules": [{"geometry": "line", "tags": [["highway", ["service", "living_street"]]], "unless": [["access", ["private"]]]}],
            "fields": {"width": ["width"]},
        },
    }
}

XML = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="34.75" lon="113.00"/><node id="2" lat="34.75" lon="113.01"/><node id="3" lat="34.76" lon="113.01"/><node id="4" lat="34.76" lon="113.00"/>
<node id="5" lat="34.7" lon="113.1"><tag k="emergency" v="fire_hydrant"/><tag k="note" v="{{7*7}}"/></node>
<node id="6" lat="34.7" lon="113.2"><tag k="amenity" v="fire_station"/></node>
<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="building" v="yes"/><tag k="building:levels" v="6"/></way>
<way id="11"><nd ref="1"/><nd ref="2"/><nd ref="99"/><nd ref="1"/><tag k="building" v="yes"/></way>
<way id="12"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="building" v="yes"/></way>
<way id="13"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="building" v="no"/></way>
<way id="14"><nd ref="1"/><nd ref="3"/><tag k="highway" v="service"/><tag k="width" v="3.5 m"/></way>
<way id="15"><nd ref="1"/><nd ref="3"/><tag k="highway" v="service"/><tag k="access" v="private"/></way>
<way id="16"><nd ref="1"/><nd ref="98"/><nd ref="3"/><tag k="highway" v="service"/></way>
<way id="17"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="2"/><tag k="building" v="apartments"/><tag k="landuse" v="residential"/><tag k="name" v="南苑小区"/></way>
<relation id="20"><member type="way" ref="97" role="outer"/><tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>
</osm>"""


@pytest.fixture
def small(tmp_path: Path, read_here: Callable[..., list[Any]]) -> dict[str, Any]:
    (tmp_path / "a.osm").write_text(XML, "utf-8")
    return {r.header.name: r for r in read_here(tmp_path / "a.osm", osm=RULES)}


def test_rules_choose_and_an_object_may_fill_several_layers(small: dict[str, Any]) -> None:
    assert {n: [v["code"] for v in r.values] for n, r in small.items()} == {
        "buildings": ["way/10", "way/17", "way/11", "way/12", "relation/20"],
        "compounds": ["way/17"],
        "hydrants": ["node/5"],
        "fire_stations": ["node/6"],
        "lanes": ["way/14", "way/16"],
    }


def test_values_are_the_tags_as_they_stand(small: dict[str, Any]) -> None:
    assert small["buildings"].values[0] == {
        "code": "way/10",
        "floors": "6",
        "name": None,
        "osm:building": "yes",
        "osm:landuse": None,
        "osm:type": None,
    }
    assert small["lanes"].values[0]["width"] == "3.5 m"
    assert small["fire_stations"].values[0]["kind"] == "station"
    assert small["hydrants"].values[0]["osm:note"] == "{{7*7}}"


def test_what_the_border_cuts_is_a_problem_with_its_tags(small: dict[str, Any]) -> None:
    assert small["buildings"].codes == [None, None, "cut-by-extract", "unclosed-ring", "cut-by-extract"]
    assert small["lanes"].codes == [None, "cut-by-extract"]
    assert small["compounds"].values[0]["name"] == "南苑小区"


def test_packed_gives_the_same(tmp_path: Path, small: dict[str, Any], read_here: Callable[..., list[Any]]) -> None:
    (tmp_path / "a.osm.gz").write_bytes(gzip.compress(XML.encode()))
    packed = read_here(tmp_path / "a.osm.gz", osm=RULES)
    assert {r.header.name: r.values for r in packed} == {n: r.values for n, r in small.items()}


def test_helsinki_has_what_its_manifest_says(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    """The one file with every layer: the counts of its manifest are taken, the cut ones are accounted for."""
    path = shared_data / "osm/helsinki_center_2019.osm.pbf"
    found = {r.header.name: r for r in read_here(path, osm=RULES)}
    assert {n: r.placed for n, r in found.items() if n != "lanes"} == {
        "buildings": 446, "compounds": 13, "hydrants": 37, "fire_stations": 1, "gas_mains": 8,
    }  # fmt: skip
    assert {n: r.header.count - r.placed for n, r in found.items() if n != "lanes"} == {
        "buildings": 54, "compounds": 13, "hydrants": 0, "fire_stations": 0, "gas_mains": 2,
    }  # fmt: skip
    metres = sum(shapely.length(shapely.transform(shapely.from_wkb(b), _to_3067)) for b in found["gas_mains"].geometry if b)
    assert metres == pytest.approx(722, abs=1)


def _to_3067(xy: Any) -> Any:
    import pyproj

    return list(zip(*pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3067", always_xy=True).transform(xy[:, 0], xy[:, 1]), strict=True))


def test_every_matching_object_of_the_haidian_file_is_accounted_for(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    """Counted again with a plain handler that builds no geometry."""
    path = shared_data / "osm/beijing_haidian_merged_DERIVED.osm.pbf"
    wanted: set[str] = set()
    for thing in osmium.FileProcessor(str(path)).with_filter(osmium.filter.KeyFilter("building")):
        relation = thing.is_relation() and thing.tags.get("type") in ("multipolygon", "boundary")
        if (thing.is_way() or relation) and thing.tags["building"] != "no":
            wanted.add(f"{'way' if thing.is_way() else 'relation'}/{thing.id}")
    found = {r.header.name: r for r in read_here(path, osm=RULES)}
    assert {v["code"] for v in found["buildings"].values} == wanted
    assert found["buildings"].placed == 889
    names = {v["name"] for v, g in zip(found["compounds"].values, found["compounds"].geometry, strict=True) if v["name"] and g}
    assert len(names) == 15


def test_rare_tags_share_a_column(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    nodes = "".join(
        f'<node id="{i}" lat="1" lon="2"><tag k="emergency" v="fire_hydrant"/><tag k="k{i}" v="v{i}"/></node>' for i in range(1, 201)
    )
    (tmp_path / "a.osm").write_text(f'<osm version="0.6">{nodes}</osm>')
    (found,) = read_here(tmp_path / "a.osm", osm=RULES)
    assert len(found.header.columns) <= 128
    values = [v for row in found.values for v in row.values() if v]
    assert all(any(v == f"v{i}" or v == f"k{i}=v{i}" for v in values) for i in range(1, 201))


WHY = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="60" lon="25"/><node id="2" lat="60" lon="25.001"/><node id="3" lat="60.001" lon="25.001"/><node id="4" lat="60.001" lon="25"/>
<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="building" v="yes"/><tag k="area" v="no"/></way>
<way id="11"><nd ref="1"/><nd ref="2"/><nd ref="99"/><nd ref="1"/><tag k="building" v="yes"/></way>
<way id="12"><nd ref="1"/><nd ref="3"/><nd ref="2"/><nd ref="4"/><nd ref="1"/><tag k="building" v="yes"/></way>
<way id="13"><nd ref="1"/><nd ref="2"/><nd ref="3"/></way>
<relation id="20"><member type="way" ref="13" role="outer"/><tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>
<relation id="21"><member type="way" ref="13" role="outer"/><member type="way" ref="97" role="outer"/><tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>
<relation id="22"><member type="way" ref="11" role="outer"/><tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>
</osm>"""


def test_the_reason_of_what_is_no_area_is_the_true_one(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    """A whole way with area=no is matched by no rule for areas; one that crosses itself was not cut by anything."""
    (tmp_path / "a.osm").write_text(WHY, "utf-8")
    (found,) = read_here(tmp_path / "a.osm", osm=RULES)
    assert dict(zip([v["code"] for v in found.values], found.codes, strict=True)) == {
        "way/11": "cut-by-extract",
        "way/12": "invalid-geometry",
        "relation/20": "invalid-geometry",
        "relation/21": "cut-by-extract",
        "relation/22": "cut-by-extract",
    }
