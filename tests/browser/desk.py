"""A planner's desk at any size and in either language: panels, the filter, the area, the export dialog; and files read by other means than ours."""

from __future__ import annotations

import csv
import io
import json
import math
import urllib.parse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pyproj
import shapely
from planner import Planner, number, rested

SIZES = {"desktop": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
ANSWERS = ("yes", "no", "unknown", "na")
METRIC = "EPSG:4547"
IDLE = "#results[data-shown]:not([aria-busy])"
TO_METRES = pyproj.Transformer.from_crs("EPSG:4326", METRIC, always_xy=True)

Feature = dict[str, Any]


class Desk(Planner):
    """One page of a size in a language, and the API beside it."""

    def __init__(self, watched: Any, lang: str, size: str) -> None:
        super().__init__(watched)
        self.lang, self.narrow, self.tag = lang, size == "phone", f"T-{lang}-{size}"
        self.page.set_default_timeout(30_000)  # the first answer of a new server is worked out from nothing

    # ---- going about

    def start(self, **address: str) -> None:
        self.open("/?" + urllib.parse.urlencode({"lang": self.lang, **address}))

    @property
    def asked(self) -> dict[str, str]:
        """The state as the address has it."""
        return {name: values[0] for name, values in urllib.parse.parse_qs(urllib.parse.urlsplit(self.page.url).query).items()}

    def panel(self, name: str) -> None:
        """Have a panel in view: a column, or the sheet of a phone."""
        inside = {"details": "#details-body", "results": "#answer-head"}.get(name, f"#{name}")
        if self.page.locator(inside).is_visible() and (not self.narrow or self.page.get_attribute("body", "data-sheet") == name):
            return
        self.page.locator(f'[data-show="{name}"]:visible').first.click()
        self.page.wait_for_selector(inside, state="visible")

    def ask(self, question: str, **parameters: str) -> None:
        self.panel("questions")
        card = f'[data-question="{question}"]'
        if self.page.get_attribute(f"{card} h3 button", "aria-expanded") == "false":
            self.page.click(f"{card} h3 button")
        for name, value in parameters.items():
            self.page.fill(f"#p-{question}-{name}", value)
        self.page.click(f"{card} button[type=submit]")
        self.settled(question)

    def settled(self, collection: str) -> None:
        """Wait until the rows of what is asked are there."""
        self.page.wait_for_selector(f'#results[data-shown="{collection}"]:not([aria-busy])', state="attached")

    def find(self, text: str, name: str) -> None:
        """Search, and open what is called so."""
        self.page.fill("#search", text)
        self.page.locator("#search-results li", has=self.page.get_by_text(name, exact=True)).first.click()
        self.page.wait_for_selector(f"#details-title:has-text({json.dumps(name, ensure_ascii=False)})")

    def table(self, layer: str) -> None:
        """A layer's rows, by the button of its row in the tree."""
        self.panel("layers")
        button = self.page.locator(f"#more-button-{layer}")
        if button.get_attribute("aria-expanded") == "false":
            button.click()
        self.page.click(f"#layer-table-{layer}")
        self.settled(layer)

    def area(self) -> None:
        """Open the panel of the place that is asked about."""
        if self.narrow:
            self.sheet_away()
        if not self.page.locator("#area-panel").is_visible():
            self.page.click(".area-button")

    def sheet_away(self) -> None:
        """Back to the map of a phone."""
        sheet = self.page.get_attribute("body", "data-sheet")
        if self.narrow and sheet:
            self.page.click(f'.dockbar [data-show="{sheet}"]')

    def community(self, name: str) -> None:
        self.area()
        self.page.select_option("#area-community", name)
        self.page.wait_for_selector('[data-place="community"]')

    def facet(self, field: str) -> str:
        """Open a field of the filter; the selector of it."""
        self.panel("filter")
        box = f'#filter [data-field="{field}"]'
        self.page.wait_for_selector(box)
        if self.page.get_attribute(box, "open") is None:
            self.page.click(f"{box} summary")
        self.page.wait_for_selector(f"{box} [data-key]")
        return box

    # ---- where on the screen

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is on the screen, by the view in the address and the formula of Web Mercator."""
        rested(self.page)
        zoom, north, east = (float(part) for part in self.asked["map"].split("/"))
        box, size = self.page.locator(".folium-map").bounding_box(), 256 * 2**zoom

        def down(degrees: float) -> float:
            return (1 - math.asinh(math.tan(math.radians(degrees))) / math.pi) / 2

        return box["x"] + box["width"] / 2 + (lon - east) / 360 * size, box["y"] + box["height"] / 2 + (down(lat) - down(north)) * size

    # ---- figures and files

    def api_counts(self, question: str, **parameters: Any) -> dict[str, int]:
        """The four counts, asked one by one."""
        return {name: self.matched(question, answer=name, **parameters) for name in ANSWERS}

    def features(self, collection: str, **parameters: Any) -> list[Feature]:
        found: list[Feature] = self.api(f"/ogc/collections/{collection}/items", limit=10_000, **parameters)["features"]
        return found

    def shown(self, question: str, **parameters: Any) -> int:
        """Counts, chips, rows: the same as the API's; how many rows."""
        wanted = self.api_counts(question, **parameters)
        self.settled(question)
        self.panel("results")
        assert self.counts() == wanted
        assert self.listed() == wanted["yes"]
        assert str(wanted["yes"]) in self.text("#sentence").replace(",", "")
        return wanted["yes"]

    def save(self, folder: Path, form: str, *, picked: bool = False, crs: str = "") -> Path:
        """The file of the dialog, which tells beforehand how many records it will hold."""
        self.panel("results")
        self.page.click("#selection-bar .export" if picked else "#answer-head .more-formats")
        self.page.select_option("#download-format", form)
        if crs:
            self.page.select_option("#download-crs", crs)
        self.page.wait_for_selector(".file-facts[aria-busy=false] dl")
        told = number(self.page.locator(".file-facts dd").first.inner_text().split("/")[0])
        with self.page.expect_download(timeout=60_000) as held:
            self.page.click("#download-save")
        path = folder / held.value.suggested_filename
        held.value.save_as(path)
        assert count(path) == told
        return path


def count(path: Path) -> int:
    """How many records a file holds, read by others than us."""
    if path.suffix == ".geojson":
        return len(json.loads(path.read_text("utf-8"))["features"])
    if path.suffix == ".csv":
        return len(rows(path))
    if path.suffix == ".xlsx":
        return int(openpyxl.load_workbook(path).worksheets[0].max_row) - 1
    return len(geometries(path))


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def geometries(path: Path) -> list[Any]:
    """The shapes of a GeoPackage by GDAL."""
    (layer,) = (name for name, kind in pyogrio.list_layers(path) if kind is not None)
    return list(shapely.from_wkb(pyogrio.raw.read(path, layer=layer)[2]))


def in_metres(features: Iterable[Feature]) -> list[Any]:
    """The API's WGS 84 shapes in EPSG:4547, by pyproj."""
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    return list(shapely.transform(shapes, TO_METRES.transform, interleaved=False))


class Writer:
    """Someone else's changes through the API, with the page's session."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.request = desk, desk.page.request
        token = self.request.get(f"{desk.base}/api/state").json()["csrf_token"]
        self.headers = {"X-CSRF-Token": token, "Origin": desk.base}

    def add(self, layer: str, properties: Feature, geometry: Feature | None) -> int:
        sent = {"type": "Feature", "geometry": geometry, "properties": properties}
        answer = self.request.post(f"{self.desk.base}/ogc/collections/{layer}/items", data=sent, headers=self.headers)
        assert answer.status == 201, answer.text()
        return int(answer.json()["id"])

    def drop(self, path: str) -> None:
        etag = self.request.get(f"{self.desk.base}{path}").headers["etag"]
        answer = self.request.delete(f"{self.desk.base}{path}", headers={**self.headers, "If-Match": etag})
        assert answer.ok, answer.text()
