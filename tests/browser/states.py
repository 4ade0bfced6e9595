"""The dialogs and states of the workspace that a page on its own does not show: where each begins, and the steps that lead there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

READY = "body[data-ready]"
ANSWER = "/?question=compounds-without-gas"
TABLE = "/?table=compounds"
ROWS = "#results:not([aria-busy]) #table tr[data-at]"
FIELDS = "form.edit .fields"


def clicks(*selectors: str, then: str | None = None) -> Callable[[Any], None]:
    """Click one after the other, then wait for what they open."""

    def run(page: Any) -> None:
        for selector in selectors:
            page.locator(selector).locator("visible=true").first.click()
        if then:
            page.wait_for_selector(then)

    return run


def rows_chosen(page: Any) -> None:
    page.wait_for_selector(ROWS)
    page.evaluate("document.querySelectorAll('#table [data-pick]').forEach((box, at) => at < 3 && box.click())")
    page.wait_for_selector("#selection-bar:not([hidden]) .zoom:enabled")


def after_rows(*selectors: str, then: str) -> Callable[[Any], None]:
    def run(page: Any) -> None:
        rows_chosen(page)
        clicks(*selectors, then=then)(page)

    return run


def listed(*selectors: str, then: str) -> Callable[[Any], None]:
    def run(page: Any) -> None:
        page.wait_for_selector(ROWS)
        clicks(*selectors, then=then)(page)

    return run


def shared(tab: str) -> Callable[[Any], None]:
    return clicks("#share-open", f"#share-tab-{tab}", then=f"#share-tab-{tab}[aria-selected=true]")


def keys(page: Any) -> None:
    page.keyboard.press("?")
    page.wait_for_selector(".keys-dialog[open]")


def style(page: Any) -> None:
    clicks('[data-show="layers"]', "#layers .more", '[id^="layer-style-"]', then=".style-editor select")(page)
    page.select_option(".style-editor select >> nth=0", index=4)
    page.wait_for_selector(".style-editor .palettes")


def legend(page: Any) -> None:
    fold = page.locator(".map-legend > button[aria-expanded]")
    fold.wait_for()
    if fold.get_attribute("aria-expanded") != "true":
        fold.click()
    page.wait_for_selector("#map-legend-body .legend-part")


def split(page: Any) -> None:
    """A compound cut through its middle by the coordinates of a line."""
    box = page.evaluate(
        "fetch('/ogc/collections/compounds/items/1').then((answer) => answer.json()).then(({ geometry }) => geometry.coordinates.flat(Infinity))"
    )
    east, north = box[0::2], box[1::2]
    middle = (min(east) + max(east)) / 2
    page.click("#split")
    page.click(".placing .typed-open")
    page.fill(".placing textarea", f"{middle}, {min(north) - 0.001}\n{middle}, {max(north) + 0.001}")
    page.click(".placing .typed-apply")
    page.click(".placing .save")
    page.wait_for_selector("form.split .part")


RENAME = """async (renamed) => {
  const path = "/ogc/collections/compounds/items/1";
  const there = await fetch(path);
  const { name } = (await there.json()).properties;
  const token = (await (await fetch("/api/state")).json()).csrf_token;
  const headers = { "If-Match": there.headers.get("etag"), "Content-Type": "application/merge-patch+json", "X-CSRF-Token": token };
  await fetch(path, { method: "PATCH", headers, body: JSON.stringify({ properties: { name: renamed ?? `${name}·` } }) });
  return name;
}"""


def merge(page: Any) -> None:
    """Someone else renames the same compound while the form is open; once both names are shown the old one is put back."""
    page.click("#edit")
    page.fill("#edit-name", "另一个名称")
    before = page.evaluate(RENAME, None)
    page.click("form.edit button[type=submit]")
    page.wait_for_selector(".merge .clash")
    page.evaluate(RENAME, before)


# name → (path, steps, looks in which it is not)
STATES: dict[str, tuple[Any, ...]] = {
    "share-link": (ANSWER, shared("link")),
    "share-views": (ANSWER, shared("views")),
    "share-embed": (ANSWER, shared("embed")),
    "share-picture": (ANSWER, shared("picture")),
    "export": (ANSWER, listed("#results .more-formats", then=".download-dialog[open] #download-format")),
    "columns": (ANSWER, listed(".tool-columns", then=".columns-popover .columns-list li")),
    "column": (ANSWER, listed("#table .column-menu", then=".column-popover")),
    "project": (ANSWER, listed(".to-project", then="#pick-title")),
    "selection": (TABLE, rows_chosen),
    "selection-statistics": (TABLE, after_rows("#selection-bar .stats", then=".popover")),
    "selection-project": (TABLE, after_rows("#selection-bar .to-project", then="#pick-title")),
    "keys": ("/", keys),
    "style": ("/", style),
    "stack": ("/", clicks('[data-show="layers"]', "#layers-stacked", then=".stack li")),
    "legend": ("/", legend),
    "area": (TABLE, clicks("#area-bar .area-button", then="#area-panel #near-what")),
    "area-drawing": (TABLE, clicks("#area-bar .area-button", '[data-shape="polygon"]', then=".placing.drawing")),
    "measure": ("/", clicks(".tools .tool >> nth=3", then=".measure:not([hidden])")),
    "groups": (TABLE, clicks('[data-show="filter"]', '#filter [data-view="groups"]', then="#filter")),
    "typed": (TABLE, clicks('[data-show="filter"]', '#filter [data-view="text"]', then="#filter")),
    "question": ("/", clicks('[data-show="questions"]', '[data-question="compounds-without-gas"] h3 button', then="[data-question] form")),
    "recent": ("/", clicks('[popovertarget="recent-menu"]', then="#recent-menu li")),
    "create-menu": ("/", clicks('[popovertarget="create-menu"]', then="#create-menu [data-create]")),
    "create": ("/", clicks('[popovertarget="create-menu"]', '[data-create="hydrants"]', ".placing .cancel", then=FIELDS)),
    "placing": ("/?feature=compounds/1", clicks("#move", ".placing .typed-open", then=".placing textarea")),
    "edit": ("/?feature=compounds/1", clicks("#edit", then=FIELDS)),
    "merge": ("/?feature=compounds/1", merge),
    "split": ("/?feature=compounds/1", split),
    "remove": ("/?feature=compounds/1", clicks("#remove", then="form.edit")),
    "history": ("/?feature=compounds/1", clicks("#history", then=".history li")),
    "hazard-step": ("/?feature=hazards/1", clicks(".life .steps button", then=".step-form form")),
    "search": ("/", lambda page: (page.fill("#search", "小区"), page.wait_for_selector("#search-results li"))),  # type: ignore[func-returns-value]
    "travel": ("/", clicks("#travel", then="dialog[open]")),
    "menu": ("/", clicks(".menu", then=".links a"), "wide-zh-light", "wide-en-dark"),
}
