"""Who sees little, hears the page or has no mouse: axe-core finds nothing serious on any page, in any dialog or state; nothing is lost on a narrow page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from states import READY, STATES

pytestmark = [pytest.mark.browser, pytest.mark.soak]

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
PAGES = {
    "workspace": ("/", READY),
    "answer": ("/?question=compounds-without-gas", "#results[data-shown]:not([aria-busy])"),
    "table": ("/?table=compounds", "#results:not([aria-busy]) #table tr[data-at]"),
    "feature": ("/?feature=compounds/1", "#details:not([hidden]) h2"),
    "hazard": ("/?feature=hazards/1", "#details:not([hidden]) h2"),
    "import": ("/import", "#files"),
    "overview": ("/overview", READY),
    "rules": ("/rules", "main"),
    "projects": ("/projects", READY),
    "card": ("/compounds/1", READY),
    "missing": ("/nowhere", "main"),
}
LOOKS = {
    "wide-zh-light": (1440, 900, "zh-CN", "light"),
    "wide-en-dark": (1440, 900, "en", "dark"),
    "phone-en-light": (390, 844, "en", "light"),
    "phone-zh-dark": (390, 844, "zh-CN", "dark"),
}
OFTEN = [
    ("workspace", "phone-zh-dark"), ("answer", "wide-en-dark"), ("hazard", "phone-en-light"), ("card", "wide-en-dark"),
    ("export", "wide-zh-light"), ("share-views", "wide-en-dark"), ("selection", "wide-zh-light"), ("style", "wide-en-dark"),
    ("area", "phone-zh-dark"), ("edit", "wide-en-dark"), ("placing", "wide-zh-light"), ("hazard-step", "wide-en-dark"),
]  # fmt: skip
"""What a change spoils first."""
SERIOUS = ("serious", "critical")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Any) -> list[tuple[str, str, list[str]]]:
    """What axe finds of weight: rule, impact, and the places. The size of targets is a rule that axe leaves out unless it is told."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("tags => axe.run(document, { runOnly: tags, rules: { 'target-size': { enabled: true } } })", RULES)
    return [
        (one["id"], one["impact"], [node["html"][:160] + " @ " + " ".join(map(str, node["target"])) for node in one["nodes"]][:6])
        for one in found["violations"]
        if one["impact"] in SERIOUS
    ]


@pytest.fixture
def shown(demo_server: str, open_page: Callable[..., Any]) -> Callable[[str, str], Any]:
    """A page or a state by name in a look."""

    def show(name: str, look: str) -> Any:
        width, height, locale, scheme = LOOKS[look]
        page = open_page(demo_server, width, height, locale).page
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        path, ready = PAGES[name] if name in PAGES else (STATES[name][0], READY)
        page.goto(f"{demo_server}{path}")
        page.wait_for_selector(ready, state="attached")
        if name in STATES:
            STATES[name][1](page)
            page.wait_for_timeout(300)
        return page

    return show


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_on_a_page(name: str, look: str, shown: Callable[[str, str], Any]) -> None:
    assert violations(shown(name, look)) == []


@pytest.mark.parametrize("look", ["wide-en-dark", "wide-zh-light", "phone-zh-dark"])
@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing_serious_in_a_state(name: str, look: str, shown: Callable[[str, str], Any]) -> None:
    if look in STATES[name][2:]:
        pytest.skip("not there at this size")
    assert violations(shown(name, look)) == []


@pytest.mark.parametrize(("name", "look"), OFTEN)
def test_axe_ci(name: str, look: str, shown: Callable[[str, str], Any]) -> None:
    """Some of both, for each change."""
    assert violations(shown(name, look)) == []


@pytest.mark.parametrize("tab", ["layers", "filter", "questions"])
@pytest.mark.parametrize("look", ["wide-en-dark", "phone-en-light"])
def test_axe_finds_nothing_serious_in_the_panels(tab: str, look: str, shown: Callable[[str, str], Any]) -> None:
    page = shown("table", look)
    page.click(f'[data-show="{tab}"]:visible')
    assert violations(page) == []


LOST = """() => [...document.querySelectorAll("button, a[href], input, select, textarea")].filter((one) => {
  if (!one.checkVisibility({ visibilityProperty: true }) || one.closest(".hidden, .skip, .leaflet-control-attribution, [inert]")) return false;
  const { left, right, width } = one.getBoundingClientRect();
  for (let up = one.parentElement; up; up = up.parentElement) if (["auto", "scroll"].includes(getComputedStyle(up).overflowX) && up.scrollWidth > up.clientWidth) return false;
  return width > 1 && (left < -1 || right > innerWidth + 1);
}).map((one) => one.outerHTML.slice(0, 140))"""


@pytest.mark.parametrize(("width", "height"), [(320, 568), (720, 450)])
@pytest.mark.parametrize("name", [*PAGES, "export", "share-views", "keys", "area", "edit", "selection", "placing", "style"])
def test_nothing_is_lost_on_a_narrow_page(name: str, width: int, height: int, demo_server: str, open_page: Callable[..., Any]) -> None:
    """WCAG 1.4.10 and 1.4.4: 320 pixels wide, and 1440 at 200 %. Nothing scrolls sideways but tables, and every control lies within."""
    page = open_page(demo_server, width, height, "en").page
    page.emulate_media(reduced_motion="reduce")
    path, ready = PAGES[name] if name in PAGES else (STATES[name][0], READY)
    page.goto(f"{demo_server}{path}")
    page.wait_for_selector(ready, state="attached")
    if name in STATES:
        STATES[name][1](page)
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(LOST) == []
