"""The OSM rules against real extracts, matched here by pyosmium alone: the counts that the extracts are known to hold."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import osmium
import pytest

import layers
from geo.schema import OsmRule

HELSINKI = {"buildings": 446, "hydrants": 37, "fire_stations": 1, "gas_mains": 8, "compounds": 13}
HAIDIAN = {"buildings": 889, "hydrants": 0, "fire_stations": 0, "gas_mains": 0, "compounds": 19}


def holds(pair: tuple[str, tuple[str, ...]], tags: dict[str, str]) -> bool:
    key, values = pair
    return key in tags and (tags[key] != "no" if values == ("*",) else tags[key] in values)


def matches(rule: OsmRule, tags: dict[str, str], geometry: str) -> bool:
    return rule.geometry == geometry and all(holds(p, tags) for p in rule.tags) and not any(holds(p, tags) for p in rule.unless)


def whole_objects(path: Path) -> list[tuple[str, dict[str, str]]]:
    """(geometry, tags) of every tagged node, every way with all its nodes, every area that closes."""
    nodes = {o.id for o in osmium.FileProcessor(path, osmium.osm.NODE)}
    found = []
    for o in osmium.FileProcessor(path).with_areas():
        tags = {t.k: t.v for t in o.tags}
        if not tags:
            continue
        if o.is_area():
            found.append(("area", tags))
        elif o.is_node():
            found.append(("point", tags))
        elif o.is_way() and all(n.ref in nodes for n in o.nodes):
            found.append(("line", tags))
    return found


@pytest.mark.soak
@pytest.mark.parametrize(
    ("file", "wanted", "named"), [("helsinki_center_2019.osm.pbf", HELSINKI, 1), ("beijing_haidian_merged_DERIVED.osm.pbf", HAIDIAN, 15)]
)
def test_rules_find_what_the_extract_holds(shared_data: Path, file: str, wanted: dict[str, int], named: int):
    counts: Counter[str] = Counter()
    names = 0
    for geometry, tags in whole_objects(shared_data / "osm" / file):
        for layer in layers.ALL:
            if any(matches(rule, tags, geometry) for rule in layer.osm):
                counts[layer.id] += 1
                names += layer.id == "compounds" and any(key in tags for key in ("name", "name:zh"))
    assert {name: counts[name] for name in wanted} == wanted
    assert names == named
    assert (
        min(counts["roads"], counts["fire_lanes"], counts["access_points"], counts["obstacles"], counts["shops"], counts["amenities"]) > 50
    )


def test_no_object_is_both_road_and_lane():
    values = [{v for r in layers.get(id).osm for k, vs in r.tags if k == "highway" for v in vs} for id in ("roads", "fire_lanes")]
    assert not values[0] & values[1]


def test_a_way_below_a_building_is_a_passage():
    """In a tunnel or a building's passage the buildings above do not block the way; its width there is for somebody to record."""
    tags = {"highway": "service", "tunnel": "building_passage", "service": "driveway"}
    first = next(rule for rule in layers.get("fire_lanes").osm if matches(rule, tags, "line"))
    assert dict(first.sets)["kind"] == "passage"
