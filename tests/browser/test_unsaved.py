"""What is not saved yet waits: over another feature, over a reload; and the import page leaves no file without a way on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from planner import Planner

pytestmark = [pytest.mark.browser, pytest.mark.soak]


def edited(planner: Planner) -> Any:
    """南苑小区 open in the form, its households changed."""
    page = planner.page
    (one,) = planner.api("/ogc/collections/compounds/items", filter="name = '南苑小区'")["features"]
    planner.open(f"/?lang=zh&feature=compounds/{one['id']}")
    page.click("#edit")
    page.fill("#edit-households", "999")
    return page


def test_a_change_waits_while_something_else_is_looked_at(demo_server: str, open_page: Callable[..., Any]) -> None:
    """A click on the map replaced the form with another feature's facts, and what had been typed was gone."""
    page = edited(Planner(open_page(demo_server, 1440, 900, "zh-CN")))
    page.fill("#search", "北苑小区")
    page.locator("#search-results li", has=page.get_by_text("北苑小区", exact=True)).first.click()
    page.wait_for_selector("#details-title:has-text('北苑小区')")
    assert "还没有保存：修改：南苑小区" in page.inner_text("#toasts")
    page.click("#toasts .strong")
    page.wait_for_selector("#details-title:has-text('修改：南苑小区')")
    assert page.input_value("#edit-households") == "999"


def test_a_new_feature_waits_while_another_is_begun(demo_server: str, open_page: Callable[..., Any]) -> None:
    """Neither is in the address, so the second took the place of the first without a word."""
    planner = Planner(open_page(demo_server, 1440, 900, "zh-CN"))
    page = planner.page
    planner.open("/?lang=zh")
    for layer, name in (("hydrants", "消火栓"), ("buildings", "楼栋")):
        page.click('[popovertarget="create-menu"]')
        page.click(f'[data-create="{layer}"]')
        page.click(".placing .cancel")
        page.wait_for_selector(f"#details .kicker:has-text('{name}')")
        page.fill("#edit-name", layer)
    page.click("#toasts .strong")
    page.wait_for_function("() => document.querySelector('#edit-name').value === 'hydrants'")
    page.click("#toasts .strong")
    page.wait_for_function("() => document.querySelector('#edit-name').value === 'buildings'")


def test_the_map_marks_the_feature_that_one_goes_back_to(demo_server: str, open_page: Callable[..., Any]) -> None:
    """The form of one stood beside the map with the other marked, in the table too."""
    planner = Planner(open_page(demo_server, 1440, 900, "zh-CN"))
    page = planner.page
    two = "name IN ('南苑小区', '北苑小区')"
    ids = {one["properties"]["name"]: one["id"] for one in planner.api("/ogc/collections/compounds/items", filter=two)["features"]}
    planner.open(f"/?lang=zh&table=compounds&f.compounds={two}&feature=compounds/{ids['南苑小区']}")
    page.click("#edit")
    page.fill("#edit-households", "999")
    page.click(f'#table tr[data-feature="{ids["北苑小区"]}"] td >> nth=2')
    page.wait_for_selector(f'#table tr[data-feature="{ids["北苑小区"]}"][aria-selected=true]')
    page.click("#toasts .strong")
    page.wait_for_selector(f'#table tr[data-feature="{ids["南苑小区"]}"][aria-selected=true]')
    assert page.input_value("#edit-households") == "999"


def test_a_reload_asks_first(demo_server: str, open_page: Callable[..., Any]) -> None:
    page = edited(Planner(open_page(demo_server, 1440, 900, "zh-CN")))
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    page.wait_for_selector("#edit")
    assert asked == ["beforeunload"]
    page.click("#edit")
    page.reload()
    assert asked == ["beforeunload"]  # nothing was changed


FAR = (
    '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3826"}},"features":[{"type":"Feature","properties":{"小区名称":"远方"},'
    '"geometry":{"type":"Point","coordinates":[178000.0, 2502000.0]}}]}'
)
NEAR = (
    '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4490"}},"features":[{"type":"Feature","properties":{"小区名称":"近处"},'
    '"geometry":{"type":"Point","coordinates":[112.98, 34.75]}}]}'
)


def test_a_file_far_away_can_be_confirmed(fresh_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    """The page offered every system but the one that the file says, and said that it says none."""
    planner = Planner(open_page(fresh_server, 1440, 900, "zh-CN"))
    page = planner.page
    for name, text in (("near.geojson", NEAR), ("far.geojson", FAR)):
        (tmp_path / name).write_text(text, "utf-8")
    planner.import_file(tmp_path / "near.geojson")
    planner.open("/")
    cut = page.evaluate(
        "(({ scrollHeight, parentElement }) => scrollHeight > parentElement.clientHeight)(document.querySelector('#summary'))"
    )
    assert (planner.text("#summary"), cut) == ("1 个院落，0 个建于 2000 年及以前，年代不明 1", False)
    page.goto(f"{fresh_server}/import")
    page.set_input_files("#files", str(tmp_path / "far.geojson"))
    page.click("#import-now")
    page.wait_for_selector(".candidates .option")
    assert planner.text("#where > p.muted").startswith("文件写明是 EPSG:3826")
    assert planner.text(".candidates .option >> nth=0 >> b") == "EPSG:3826（文件写明）"
    page.check('input[name="crs"][value="EPSG:3826"]')
    page.click("#import-now")
    page.wait_for_selector(".account")
    assert planner.account("compounds")["accepted"] == 1
    assert "读入 1，收下 1，修好 0，待补 0" in planner.text("#past li >> nth=0")
