"""The import page: a drawing laid onto the map by two points, texts joined to features, an archive of which some is taken, work taken back."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from office_files import DRAWN_ORIGIN, DRAWN_TURN_DEG, site_plan

pytestmark = pytest.mark.browser

AREA = "112.9715,34.7462,112.9755,34.7490"


class Importer:
    """What a planner does on the import page, in words."""

    def __init__(self, watched: Any, lang: str) -> None:
        self.watched, self.page, self.base, self.lang = watched, watched.page, watched.base, lang

    def features(self, layer: str, most: int) -> list[dict[str, Any]]:
        answer = self.page.request.get(f"{self.base}/ogc/collections/{layer}/items?bbox={AREA}&limit={most}")
        return [f for f in answer.json()["features"] if f["geometry"]]

    def send(self, path: Path) -> None:
        self.page.goto(f"{self.base}/import?lang={self.lang}")
        self.page.set_input_files("#files", str(path))
        self.page.wait_for_selector("#import-now", timeout=30_000)

    def slot(self, n: int) -> tuple[float, float]:
        """Slots: 0 and 2 in the drawing, 1 and 3 on the map."""
        x, y = self.page.input_value(f'[data-slot="{n}"]').split(",")
        return float(x), float(y)

    def type(self, n: int, pair: tuple[float, float]) -> None:
        self.page.fill(f'[data-slot="{n}"]', f"{pair[0]!r}, {pair[1]!r}")
        self.page.press(f'[data-slot="{n}"]', "Tab")

    def click_drawing(self, at: tuple[float, float], shown: tuple[float, float, float, float], off: tuple[float, float] = (4, -3)) -> None:
        """Some pixels beside a corner: all that is shown fills nine tenths of the canvas, y up."""
        box = self.page.locator(".drawing canvas").bounding_box()
        scale = 0.9 * min(box["width"] / (shown[2] - shown[0]), box["height"] / (shown[3] - shown[1]))
        x = box["width"] / 2 + (at[0] - (shown[0] + shown[2]) / 2) * scale
        y = box["height"] / 2 - (at[1] - (shown[1] + shown[3]) / 2) * scale
        self.page.locator(".drawing canvas").click(position={"x": x + off[0], "y": y + off[1]})

    def click_map(self, place: tuple[float, float]) -> None:
        """Go there by typing it, wait for the buildings around it, forget what was typed, and click two pixels beside it."""
        self.type(1, place)
        self.page.wait_for_selector(".place-map[aria-busy=false]")
        self.page.fill('[data-slot="1"]', "")
        self.page.focus('[data-slot="1"]')
        frame = self.page.locator(".place-map")
        box = frame.bounding_box()
        frame.click(position={"x": box["width"] / 2 + 2, "y": box["height"] / 2 + 2})

    def sent(self, button: str) -> Any:
        with self.page.expect_request(lambda r: r.url.split("?")[0].endswith("/import")) as held:
            self.page.click(button)
        return json.loads(held.value.post_data)

    def account(self) -> dict[str, int]:
        """Layer → records read, as the account shows them."""
        self.page.wait_for_selector(".account", timeout=30_000)
        rows = self.page.locator(".counts tr[data-layer]").all()
        return {row.get_attribute("data-layer"): int(row.locator("td.read").inner_text()) for row in rows}


@pytest.fixture
def importer(demo_server: str, open_page: Callable[..., Any]) -> Importer:
    return Importer(open_page(demo_server, 1440, 900, "zh-CN"), "zh")


@pytest.mark.soak
def test_a_drawing_is_placed_by_two_points_and_its_texts_are_joined(importer: Importer, tmp_path: Path) -> None:
    """GBK, millimetres, turned by 20 degrees: clicks snap to corners; shift, turn and scale are those that the drawing was made with."""
    page, buildings, lanes = importer.page, importer.features("buildings", 12), importer.features("fire_lanes", 8)
    plan = tmp_path / "总平面图.dxf"
    drawn = site_plan(plan, buildings, lanes)
    importer.send(plan)
    assert page.locator(".dataset h3").all_inner_texts() == sorted_like(
        page, ["建筑 · 面", "消防车道 · 线", "楼号 · 文字", "路宽 · 文字", "图框 · 线"]
    )
    page.click("#import-dry")
    assert page.inner_text(".review .note.error").startswith("请先把图纸放到地图上")
    shown = shapely.total_bounds([shapely.LineString([drawn(*xy[:2]) for xy in corners(f)]) for f in (*buildings, *lanes)])
    first, second = corners(buildings[0])[0][:2], corners(buildings[-1])[0][:2]
    importer.click_map(tuple(first))
    assert importer.slot(1) == pytest.approx(first, abs=1e-7)
    importer.click_drawing(drawn(*first), tuple(shown))
    assert importer.slot(0) == pytest.approx(drawn(*first), abs=1e-3)
    importer.type(2, drawn(*second))
    importer.type(3, (second[0] + 0.002, second[1]))
    assert "对不上" in page.inner_text(".placed .note.error")
    importer.type(3, tuple(second))
    page.wait_for_selector(".placed .note.good")
    assert numbers(page.inner_text(".placed .note.good"))[:5] == pytest.approx(truth(buildings), abs=0.01)
    page.click('[data-dataset="楼号/texts"] .note button')
    assert page.locator(".join select").first.input_value() == "建筑/areas"
    sent = importer.sent("#import-dry")
    assert (sent["choices"]["图框/lines"], sent["choices"]["楼号/texts"]["join"]["field"]) == ({"skip": True}, "no")
    assert importer.account() == {"buildings": 12, "fire_lanes": len(lanes)}
    joined = page.locator('#joined [data-joined="楼号/texts"] td').all_inner_texts()
    assert joined[1:] == ["12", "12", "0", "0", "0"]
    assert "图框 · 线" in page.inner_text("#left-out")
    page.click("#import-change")
    assert importer.slot(2) == pytest.approx(drawn(*second), abs=1e-3)
    importer.watched.clean()


def corners(feature: Any) -> list[list[float]]:
    rings = feature["geometry"]["coordinates"]
    return rings[0] if feature["geometry"]["type"] == "Polygon" else rings  # type: ignore[no-any-return]


def sorted_like(page: Any, names: list[str]) -> list[str]:
    """The same names in the order of the page."""
    there = page.locator(".dataset h3").all_inner_texts()
    return sorted(names, key=there.index)


def numbers(text: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text)]


def truth(buildings: list[Any]) -> list[float]:
    """EPSG code, shift east and north, turn, scale of a site plan, from how it was drawn."""
    west, south, east, north = shapely.total_bounds([shapely.geometry.shape(f["geometry"]) for f in buildings])
    middle = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True).transform((west + east) / 2, (south + north) / 2)
    shift = complex(*middle) - np.exp(1j * np.radians(DRAWN_TURN_DEG)) * complex(*DRAWN_ORIGIN) / 1000
    return [4547, shift.real, shift.imag, DRAWN_TURN_DEG, 0.001]


@pytest.mark.soak
def test_an_archive_is_taken_in_part_on_a_phone(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    """Four tables in a zip: two recognised, one sent to a layer by hand, one left out."""
    importer = Importer(open_page(demo_server, 390, 844, "en-GB"), "en")
    page = importer.page
    tables = {
        "院落.csv": "编号,小区名称,建成年份,户数\nZ1,甲院,1980,50\nZ2,乙院,1990,60\n",
        "消火栓.csv": "编号,名称\nH1,一号\n",
        "杂项.csv": "甲,乙\n1,2\n",
        "点位.csv": "编号,备注\nP1,门口\nP2,路口\nP3,院内\n",
    }
    with zipfile.ZipFile(tmp_path / "资料.zip", "w") as archive:
        for name, text in tables.items():
            archive.writestr(name, text)
    importer.send(tmp_path / "资料.zip")
    section = {name: f'.dataset:has(h3:text("{name.removesuffix(".csv")}"))' for name in tables}
    page.select_option(f"{section['点位.csv']} .fate select", "obstacles")
    page.select_option(f"{section['杂项.csv']} .fate select", label="leave out")
    page.click(f"{section['点位.csv']} .fold")
    assert page.locator(f"{section['点位.csv']} .mapping select").first.input_value() == "code"
    page.locator(f"{section['点位.csv']} .mapping select").nth(1).select_option("")
    assert page.inner_text("#taken") == "3 taken, 1 left out"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    importer.sent("#import-dry")
    assert importer.account() == {"compounds": 2, "hydrants": 1, "obstacles": 3}
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    importer.watched.clean()


@pytest.mark.soak
def test_a_running_import_is_taken_back(importer: Importer, tmp_path: Path) -> None:
    """The page says how far it is; cancelled, the choices are as they were."""
    page, state = importer.page, {"state": "", "task": "importing", "position": 2, "progress": None, "file_name": "a.csv", "error": None}
    (tmp_path / "a.csv").write_text("编号,小区名称\nA1,甲院\n", "utf-8")
    importer.send(tmp_path / "a.csv")
    page.select_option(".fate select", "hydrants")

    def answer(route: Any) -> None:
        asked = route.request
        if asked.method == "POST":
            state["state"] = {"import": "queued", "stop": "stopping"}[asked.url.rsplit("/", 1)[-1]]
        route.fulfill(json=state)

    page.route("**/api/uploads/**", answer)
    page.click("#import-now")
    page.wait_for_selector('#upload p:text("第 2 位")')
    state |= {"state": "importing", "position": None, "progress": {"done": 30, "total": 120}}
    page.wait_for_selector('#upload p:text("30 / 120")')
    assert page.evaluate("document.querySelector('progress').position") == 0.25
    page.click("#cancel")
    page.wait_for_selector('#upload p:text("正在停下")')
    state["state"] = "ready"
    page.wait_for_selector("#import-now")
    assert page.input_value(".fate select") == "hydrants"
    assert page.inner_text(".review .note[role=status]") == "已取消，没有改动数据。"
    importer.watched.clean()


@pytest.mark.soak
def test_a_file_that_is_looked_at_can_be_given_up(importer: Importer, tmp_path: Path) -> None:
    page, seen = importer.page, []
    (tmp_path / "a.csv").write_text("编号,小区名称\nA1,甲院\n", "utf-8")
    busy = {"id": "x", "state": "inspecting", "task": "inspecting", "position": None, "progress": None, "file_name": "a.csv", "error": None}

    def answer(route: Any) -> None:
        seen.append(route.request.method)
        route.fulfill(json=busy)

    page.route("**/api/uploads/*", answer)
    page.goto(f"{importer.base}/import")
    page.set_input_files("#files", str(tmp_path / "a.csv"))
    page.wait_for_selector('#upload p:text("正在检查 a.csv")')
    page.click("#cancel")
    page.wait_for_selector("#drop", state="visible")
    assert (seen[-1], page.url.endswith("/import?")) == ("DELETE", True)
    importer.watched.clean()


@pytest.mark.soak
def test_the_formats_are_those_that_are_read(importer: Importer) -> None:
    from geo.formats.doctor import EXTENSIONS

    importer.page.goto(f"{importer.base}/import")
    accepted = set(importer.page.get_attribute("#files", "accept").split(","))
    assert {"." + ending.rpartition(".")[2] for ending in EXTENSIONS} <= accepted
    assert importer.page.locator(".formats span").count() == len(set(EXTENSIONS.values()))


@pytest.mark.soak
def test_a_kml_of_a_chinese_map_may_be_said_to_be_shifted_and_files_of_a_zip_keep_their_encodings(
    importer: Importer, tmp_path: Path
) -> None:
    """A KML says WGS 84 whoever wrote it; the encoding of the first file of a zip once was sent for all of them."""
    page = importer.page
    places = "".join(
        f"<Placemark><name>甲{i}</name><Point><coordinates>112.98{i},34.75</coordinates></Point></Placemark>" for i in range(3)
    )
    kml = tmp_path / "消火栓.kml"
    kml.write_text(
        f"<?xml version='1.0' encoding='UTF-8'?><kml xmlns='http://www.opengis.net/kml/2.2'><Document>{places}</Document></kml>", "utf-8"
    )
    importer.send(kml)
    assert page.locator("input[name=encoding]").count() == 0
    assert page.locator("#datum input:checked").get_attribute("value") == ""
    page.check("#datum-GCJ-02")
    assert importer.sent("#import-dry")["crs"] == "GCJ-02"
    assert importer.account() == {"hydrants": 3}
    archive = tmp_path / "资料.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(kml, kml.name)
        packed.writestr("院落.csv", "编号,小区名称,建成年份\nZ1,甲院,1980\nZ2,乙院,1990\n".encode("gbk"))
    importer.send(archive)
    sent = importer.sent("#import-dry")
    assert (sent["encoding"], page.locator("input[name=encoding]").count()) == (None, 0)
    assert importer.account() == {"hydrants": 3, "compounds": 2}
    importer.watched.clean()
