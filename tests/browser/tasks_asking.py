"""The planner's tasks that read: find, ask, narrow, choose, take along, print, share. Each figure against the API and against the file."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np
import pdf_text
import shapely
from desk import IDLE, METRIC, Desk, count, geometries, in_metres, rows
from planner import ROWS, number

NEAR_M = 50
NARROW_M = "3.5"


def find_by_part_of_a_name(desk: Desk, folder: Path) -> None:
    """Part of a name leads to the compound, whose facts are the API's; all that are called so are a table and a file."""
    part, page = "苑", desk.page
    called = desk.features("compounds", filter=f"CASEI(name) LIKE CASEI('%{part}%')", sortby="name")
    wanted = called[len(called) // 2]["properties"]
    desk.start()
    page.fill("#search", wanted["name"][:2])
    page.wait_for_selector("#search-results li .name")
    desk.find(wanted["name"][:2], wanted["name"])
    facts = dict(zip(page.locator("#details dt").all_inner_texts(), page.locator("#details dd").all_inner_texts(), strict=True))
    assert number(facts[{"zh": "户数", "en": "Households"}[desk.lang]]) == wanted["households"]
    assert desk.asked["feature"].startswith("compounds/")
    desk.table("compounds")
    box = desk.facet("name")
    page.fill(f"{box} [data-key=has]", part)
    page.keyboard.press("Enter")
    page.wait_for_selector(f'.numbers[data-matched="{len(called)}"]')
    desk.settled("compounds")
    desk.panel("results")
    assert desk.listed() == len(called)
    assert sorted(row["name"] for row in rows(desk.save(folder, "csv"))) == sorted(one["properties"]["name"] for one in called)


def without_gas_before_1990(desk: Desk, folder: Path) -> None:
    """Question, place and filter together."""
    desk.start()
    desk.ask("compounds-without-gas")
    place = desk.features("compounds-without-gas", filter="built_year < 1990", answer="yes")[0]["properties"]["community"]
    desk.community(place)
    box = desk.facet("built_year")
    with desk.page.expect_response(lambda r: "/items" in r.url and "built_year" in r.url):
        desk.page.fill(f"{box} [data-key=high]", "1989")
        desk.page.keyboard.press("Enter")
    n = desk.shown("compounds-without-gas", community=place, filter="built_year < 1990")
    by_hand = [
        one["properties"]
        for one in desk.features("compounds-without-gas")
        if one["properties"]["community"] == place and (one["properties"]["built_year"] or 9999) < 1990
    ]
    assert 0 < n == len(by_hand) < desk.matched("compounds-without-gas", answer="yes")
    assert {row["code"] for row in rows(desk.save(folder, "csv"))} == {one["code"] for one in by_hand}
    assert count(desk.save(folder, "xlsx")) == n


def narrow_lanes_in_a_drawn_area(desk: Desk, folder: Path) -> None:
    """Those that lie wholly inside."""
    page = desk.page
    desk.start(map="16/34.7499/112.98")
    desk.ask("lanes-under-width", width=NARROW_M)
    desk.area()
    page.click('[data-shape="rectangle"]')
    for corner in ((112.9735, 34.7475), (112.984, 34.752)):
        page.mouse.click(*desk.at(*corner))
    page.wait_for_selector('[data-place="within"]')
    drawn = shapely.from_wkt(desk.asked["within"])
    n = desk.shown("lanes-under-width", width=NARROW_M, within=desk.asked["within"])
    all_of_them = desk.features("lanes-under-width", width=NARROW_M, answer="yes")
    inside = {one["id"] for one in all_of_them if drawn.covers(shapely.geometry.shape(one["geometry"]))}
    assert 0 < n == len(inside) < len(all_of_them)
    written = json.loads(desk.save(folder, "geojson").read_text("utf-8"))["features"]
    assert {one["id"] for one in written} == inside


def why_out_of_reach(desk: Desk, folder: Path) -> None:
    """A given building: its verdict with the length of hose, the limit and the reason, in the file too."""
    page, question = desk.page, "buildings-out-of-reach"
    wanted = desk.features(question, hose=20, answer="yes", lang=desk.lang)[7]
    facts = wanted["properties"]
    desk.start()
    desk.ask(question, hose="20")
    desk.page.fill("#search", facts["code"])
    page.wait_for_selector("#search-results .name")
    page.keyboard.press("Enter")
    page.wait_for_selector("#details .verdict.yes")
    desk.panel("details")
    assert desk.text("#details .verdict .why") == facts["why"]
    assert facts["value"] > facts["threshold"] == 20
    assert f"{facts['value']:g}" in desk.text("#details .verdict .figure")
    n = desk.shown(question, hose=20)
    page.wait_for_selector(f"#table tr[aria-selected=true][data-feature='{wanted['id']}']")
    written = rows(desk.save(folder, "csv"))
    assert len(written) == n
    assert [row["why"] for row in written if row["code"] == facts["code"]] == [facts["why"]]


def overdue_of_one_type(desk: Desk, folder: Path) -> None:
    question, kind = "hazards-overdue", "lpg_misuse"
    desk.start()
    desk.ask(question)
    box = desk.facet("hazard_type")
    with desk.page.expect_response(lambda r: "/items" in r.url and kind in r.url):
        desk.page.check(f"{box} [data-key=v-{kind}]")
    n = desk.shown(question, filter=f"hazard_type = '{kind}'")
    late = [one for one in desk.features(question, answer="yes") if one["properties"]["hazard_type"] == kind]
    assert 0 < n == len(late) < desk.matched(question, answer="yes")
    assert count(desk.save(folder, "xlsx")) == n
    assert {row["code"] for row in rows(desk.save(folder, "csv"))} == {one["properties"]["code"] for one in late}


def hazards_near_a_lane(desk: Desk, folder: Path) -> None:
    page = desk.page
    lane = next(one for one in desk.features("fire_lanes") if one["properties"]["name"] == "大门通道")
    desk.start(feature=f"fire_lanes/{lane['id']}")
    desk.table("hazards")
    desk.area()
    page.select_option("#near-what", f"fire_lanes/{lane['id']}")
    page.fill("#near-metres", str(NEAR_M))
    with page.expect_response(lambda r: "/items" in r.url and "near=" in r.url):
        page.click("form.near button")
    page.wait_for_selector('[data-place="near"]')
    desk.settled("hazards")
    placed = [one for one in desk.features("hazards") if one["geometry"]]
    apart = shapely.distance(np.array(in_metres(placed)), in_metres([lane])[0])
    close = {one["id"] for one, metres in zip(placed, apart, strict=True) if metres <= NEAR_M}
    assert 0 < len(close) == desk.matched("hazards", near=f"fire_lanes/{lane['id']}:{NEAR_M}")
    desk.panel("results")
    assert desk.listed() == len(close)
    written = json.loads(desk.save(folder, "geojson").read_text("utf-8"))["features"]
    assert {one["id"] for one in written} == close
    assert count(desk.save(folder, "gpkg")) == len(close)


def chosen_rows_in_metres(desk: Desk, folder: Path) -> None:
    """Three chosen rows in EPSG:4547: where pyproj puts them."""
    page = desk.page
    desk.start()
    desk.ask("compounds-without-gas")
    desk.panel("results")
    ids = [int(page.get_attribute(f"{ROWS} >> nth={n}", "data-feature")) for n in (0, 1, 2)]
    for id in ids:
        page.click(f"#table tr[data-feature='{id}'] td.pick input")
    page.wait_for_selector("#selection-bar:not([hidden]) .export")
    path = desk.save(folder, "gpkg", picked=True, crs=METRIC)
    wanted = in_metres(one for one in desk.features("compounds-without-gas") if one["id"] in ids)
    found = geometries(path)
    assert len(found) == len(wanted) == 3
    corners = [np.sort(shapely.get_coordinates(shapes), axis=0) for shapes in (found, wanted)]
    assert np.allclose(*corners, atol=0.002)
    assert 400_000 < corners[0][:, 0].min() and 3_800_000 < corners[0][:, 1].min()


def print_a_card(desk: Desk, folder: Path) -> None:
    """A4, with the name, the households and every building in it."""
    page = desk.page
    compound = desk.features("compounds", filter="name LIKE '%小区'")[3]
    desk.start()
    desk.find(compound["properties"]["code"], compound["properties"]["name"])
    page.click("#card")
    page.wait_for_selector("body[data-ready=true] article")
    card = desk.api(f"/api/compounds/{compound['id']}/card", lang=desk.lang)
    page.pdf(path=folder / "card.pdf", prefer_css_page_size=True)
    assert set(pdf_text.sizes(folder / "card.pdf")) == {pdf_text.A4}
    said = unicodedata.normalize("NFKC", pdf_text.text(folder / "card.pdf")).replace(",", "")
    facts = compound["properties"]
    for figure in (facts["name"], facts["code"], facts["households"], facts["built_year"], facts["community"], facts["gas_households"]):
        assert figure is None or str(figure) in said
    buildings = desk.matched("buildings", filter=f"compound_code = '{facts['code']}'")
    assert len(card["sections"]["buildings"]["rows"]) == buildings == page.locator(".part-buildings tbody tr").count()


def share_and_reopen(desk: Desk, folder: Path) -> None:
    """The link of the dialog and a named view open the same counts, rows, view and styles in another browser."""
    page = desk.page
    desk.start(map="16/34.7499/112.98")
    desk.panel("layers")
    page.click("#more-button-compounds")
    page.click("#layer-style-compounds")
    page.select_option("#style-by-compounds", "built_year")
    page.wait_for_function("() => new URLSearchParams(location.search).get('s.compounds')?.includes('breaks')")
    desk.ask("compounds-without-gas")
    desk.panel("results")
    page.click('.chip[data-answer="unknown"]')
    page.click('.chip[data-answer="na"]')
    page.wait_for_selector(f"{IDLE}:has(.chip.na[aria-pressed=true])")
    page.click("#share-open")
    page.click("#share-tab-views")
    page.fill("#share-view-title", f"{desk.lang} {page.viewport_size['width']}")
    page.keyboard.press("Enter")
    short = page.get_attribute("#share-body .note.good a", "href")
    page.click("#share-tab-link")
    link = page.input_value("#share-link")
    for address in (link, f"{short}&lang={desk.lang}"):
        other = desk.again()
        other.page.goto(address)
        other.page.wait_for_selector("body[data-ready]", state="attached")
        other.settled("compounds-without-gas")
        assert seen(other) == seen(desk)
        other.watched.clean()


def seen(desk: Desk) -> dict[str, object]:
    """What one sees: counts, rows, and the state in the address with its view."""
    names = desk.page.locator("#table tbody .name").all_text_contents()[:5]
    counts = {name: desk.page.text_content(f'.chip[data-answer="{name}"] b') for name in ("yes", "no", "unknown", "na")}
    return {"state": desk.asked, "rows": (desk.listed(), names), "counts": counts}
