"""The declarations hold together: aliases lead to one field, styles to real choices, references to real layers."""

import re
import unicodedata
from itertools import pairwise

import pytest

import layers
from geo.errors import LayerNotFound
from geo.schema import Field, Layer

ORDER = [
    "communities", "gas_areas", "compounds", "amenities", "buildings", "roads", "turnarounds", "fire_lanes", "gas_mains", "obstacles", "access_points",
    "hydrants", "fire_stations", "shops", "inspections", "hazards",
]  # fmt: skip

EACH_LAYER = pytest.mark.parametrize("layer", layers.ALL, ids=lambda layer: layer.id)


def plain(heading: str) -> str:
    """A heading as a reader compares it: no case, blanks, underscores, bracketed units or full-width forms."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"\([^)]*\)|[\s_:]", "", text) or text


def headings(field: Field) -> set[str]:
    return {plain(h) for h in (field.name, field.label.zh, field.label.en, *field.aliases)}


def test_drawing_order_is_fixed():
    assert [layer.id for layer in layers.ALL] == ORDER


@pytest.mark.parametrize(("wrong", "near"), [("compond", "compounds"), ("hydrant", "hydrants"), ("lanes", "fire_lanes")])
def test_unknown_layer_names_the_nearest(wrong: str, near: str):
    with pytest.raises(LayerNotFound) as caught:
        layers.get(wrong)
    assert near in caught.value.members["nearest"]


def test_unknown_layer_unlike_all_lists_all():
    with pytest.raises(LayerNotFound) as caught:
        layers.get("zzzz")
    assert caught.value.members["nearest"] == ORDER


def test_get_gives_the_layer():
    assert layers.get("hazards") is layers.ALL[-1]


@EACH_LAYER
def test_every_label_is_in_both_languages(layer: Layer):
    texts = [layer.label, layer.group, *(f.label for f in layer.all_fields)]
    texts += [c.label for f in layer.all_fields for c in f.choices] + [c.label for c in layer.style.classes]
    texts += [f.help for f in layer.all_fields if f.help]
    assert all(t.zh.strip() and t.en.strip() for t in texts)
    assert all(re.search(r"[\u4e00-\u9fff]", f.label.zh) for f in layer.fields)


@EACH_LAYER
def test_a_heading_leads_to_one_field(layer: Layer):
    seen: dict[str, str] = {}
    for field in layer.writable:
        for heading in headings(field):
            assert seen.setdefault(heading, field.name) == field.name, f"{layer.id}: {heading!r} is {seen[heading]} and {field.name}"


@EACH_LAYER
def test_a_label_stands_for_one_field(layer: Layer):
    for lang in ("zh", "en"):
        labels = [f.label.of(lang) for f in layer.all_fields]
        assert sorted(labels) == sorted(set(labels))


def test_a_layer_name_leads_to_one_layer():
    seen: dict[str, str] = {}
    for layer in layers.ALL:
        for name in {plain(n) for n in (layer.id, layer.label.zh, layer.label.en, *layer.aliases)}:
            assert seen.setdefault(name, layer.id) == layer.id, name


@EACH_LAYER
def test_a_spelling_leads_to_one_choice(layer: Layer):
    for field in layer.all_fields:
        seen: dict[str, str] = {}
        for choice in field.choices:
            for spelling in {plain(s) for s in (choice.value, choice.label.zh, choice.label.en, *choice.aliases)}:
                assert seen.setdefault(spelling, choice.value) == choice.value, f"{layer.id}.{field.name}: {spelling!r}"


@EACH_LAYER
def test_a_tag_value_leads_to_one_choice(layer: Layer):
    for field in layer.all_fields:
        values = [v for c in field.choices for v in c.osm]
        assert sorted(values) == sorted(set(values)), field.name


@EACH_LAYER
def test_references_lead_to_layers(layer: Layer):
    assert {f.refers for f in layer.fields if f.refers} <= set(ORDER)
    assert all((layer.field(name) or pytest.fail(name)).refers for name in layer.place_by)


@EACH_LAYER
def test_style_classes_are_choices_or_bands(layer: Layer):
    style = layer.style
    if style.by is None:
        return
    field = layer.field(style.by)
    assert field is not None
    if field.choices:
        wanted = {c.value for c in style.classes if c.value is not None}
        assert wanted <= {c.value for c in field.choices}
        assert sum(c.value is None for c in style.classes) == 1, "one class for all the rest"
    else:
        bands = [(c.low, c.high) for c in style.classes if c.low is not None]
        assert all(a[1] == b[0] for a, b in pairwise(bands)) and bands[-1][1] is None
        assert sum(c.low is None for c in style.classes) == 1, "one class for unknown"
    assert len({(c.color, c.dash) for c in style.classes}) == len(style.classes)


@EACH_LAYER
def test_spans_and_bases_fit_together(layer: Layer):
    for field in layer.fields:
        if field.range_end:
            end = layer.field(field.range_end)
            assert end is not None and end.type == field.type
        if field.basis:
            basis = layer.field(field.basis)
            assert basis is not None and basis.choice("estimate")


def test_only_the_mains_are_internal():
    assert [layer.id for layer in layers.ALL if layer.internal] == ["gas_mains"]
    assert not any(f.public for f in layers.get("gas_mains").fields if f.name != "compound_code")


PRIVATE = {
    "compounds": "elderly_60_plus elderly_alone disabled_n nearest_main_m notes",
    "hazards": "hazard_desc found_by resp_person resp_phone resp_unit reviewed_by determination_by measure notes",
    "shops": "contact_person contact_phone lpg_kg notes",
    "inspections": "led_by notes",
    "access_points": "contact_role notes",
}


@pytest.mark.parametrize(("layer", "names"), PRIVATE.items())
def test_personal_fields_are_not_public(layer: str, names: str):
    declared = {f.name: f.public for f in layers.get(layer).fields}
    assert {n: declared[n] for n in names.split()} == dict.fromkeys(names.split(), False)


FIELDS = {
    "compounds": "name alias community subdistrict address built_year built_year_last built_year_basis buildings_n units_n households population floor_area_m2 "
    "land_area_m2 max_floors structure property_type owner_unit management has_committee maintenance_fund gates_n parking_n elevators_n ebike_ports_n heating "
    "water_2nd drain_split elderly_60_plus elderly_alone support_rate renov_status renov_year plan_class gas_status gas_status_on gas_households gas_supplier "
    "gas_type courtyard_pipe_material courtyard_pipe_year riser_year riser_position lpg_households lpg_shops lpg_kg_max alarm_ratio hose_replaced_ratio "
    "last_inspection_on occupied_pipe connect_blocker nearest_main_m",
    "buildings": "compound_code no floors height_m built_year structure house_grade households gas_status riser_year riser_position",
    "fire_lanes": "name compound_code clear_width_m clear_height_m width_source slope_pct surface load_ok is_dead_end turnaround_code turn_radius_m marking "
    "marking_checked_on parking_sides parking_strip_m road_width_m occupied owner width_measured_on",
    "access_points": "kind gate_width_m gate_height_m normally_locked remote_open contact_role",
    "hydrants": "kind working pressure_mpa flow_lps checked_on",
    "gas_mains": "pressure_class material dn_mm built_year depth_m renewed protection_measure wall_mm",
    "hazards": "compound_code building_code hazard_type hazard_desc grade determination_by determination_on determination_basis reported_via found_on found_by "
    "found_unit notice_no notice_on measure due_date resp_unit resp_person resp_phone funds_yuan interim_measure plan done_on done_desc reviewed_on reviewed_by "
    "review_result closed_on status reopen_of review_request_on escalated",
    "shops": "lpg_kg extinguishers_n notices_n has_bottle_room",
    "inspections": "held_on kind place shops_visited_n hazards_found_n people_n",
    "obstacles": "kind height_m clear_height_m width_m",
    "turnarounds": "length_m width_m",
}


@pytest.mark.parametrize(("layer", "names"), FIELDS.items())
def test_the_field_list_of_the_domain_is_declared(layer: str, names: str):
    assert set(names.split()) - {f.name for f in layers.get(layer).fields} == set()


CHOICES = {
    ("compounds", "gas_status"): "none partial full under_construction all_electric unknown",
    ("fire_lanes", "width_source"): "tape survey cad imagery osm unsaid",
    ("fire_lanes", "marking"): "none partial full unknown",
    ("hazards", "status"): "candidate registered notified rectifying done_pending_review review_failed closed rejected",
    ("hazards", "grade"): "general larger major pending",
    (
        "hazards",
        "hazard_type",
    ): "fire_lane_blocked fire_lane_narrow fire_lane_gate hydrant_missing hydrant_broken hydrant_buried extinguisher_missing exit_blocked "
    "window_bars ebike_indoor ebike_flying_wire wiring_aged lpg_misuse gas_leak gas_old_pipe gas_occupied gas_hose manhole sewer_blocked septic_full flooding "
    "facade_falling roof_leak structure_danger illegal_build street_occupation elevator high_object other",
    ("inspections", "kind"): "inspection drill night_patrol patrol training other",
    ("buildings", "house_grade"): "A B C D unknown",
}


@pytest.mark.parametrize(("where", "values"), CHOICES.items(), ids=lambda x: ".".join(x) if isinstance(x, tuple) else None)
def test_choice_lists_are_those_of_the_domain(where: tuple[str, str], values: str):
    field = layers.get(where[0]).field(where[1])
    assert field is not None and [c.value for c in field.choices] == values.split()


HEADINGS = [
    ("compounds", "小区名称", "name"), ("compounds", "楼院名称", "name"), ("compounds", "院落", "name"), ("compounds", "建成年份", "built_year"),
    ("compounds", "建设年代", "built_year"), ("compounds", "户数（户）", "households"), ("compounds", "总户数", "households"), ("compounds", "居民户数", "households"),
    ("compounds", "通气户数", "gas_households"), ("compounds", "是否通气", "gas_status"), ("compounds", "所属社区", "community"), ("compounds", "id", "code"),
    ("compounds", "小区编号", "code"), ("buildings", "小区名称", "compound_code"), ("buildings", "楼号", "no"), ("fire_lanes", "净宽", "clear_width_m"),
    ("fire_lanes", "最小净宽(米)", "clear_width_m"), ("fire_lanes", "通道宽度", "clear_width_m"), ("fire_lanes", "院落", "compound_code"),
    ("hazards", "隐患类型", "hazard_type"), ("hazards", "隐患类别", "hazard_type"), ("hazards", "整改期限", "due_date"), ("hazards", "检查时间", "found_on"),
    ("hazards", "检查日期", "found_on"), ("hazards", "隐患问题描述", "hazard_desc"), ("hazards", "整改责任人", "resp_person"), ("hazards", "销号情况", "status"),
    ("hazards", "整改要求（措施）", "measure"), ("hazards", "整改责任单位", "resp_unit"), ("hazards", "小区名称", "compound_code"), ("hazards", "ViolationID", "code"),
    ("hazards", "Class", "source_grade"), ("hazards", "InspectionDate", "found_on"), ("hazards", "CurrentStatus", "source_status"),
    ("hazards", "ViolationStatus", "status"), ("hazards", "OriginalCorrectByDate", "due_date"), ("hazards", "NOVDescription", "hazard_desc"),
    ("gas_mains", "NAME", "name"), ("communities", "VILLAGENAM", "name"), ("communities", "TOWNNAME", "subdistrict"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "heading", "field"), HEADINGS)
def test_headings_of_real_ledgers(layer: str, heading: str, field: str):
    assert [f.name for f in layers.get(layer).writable if plain(heading) in headings(f)] == [field]
