"""Maps in Chromium at 222 to 220 000 compounds against plain Folium with the data inlined: the first drawn map, bytes, memory, panning and zooming; and cold and warm tiles.

Both pages are opened in the same browser, one after the other, with the same compounds filling the same view. Drawn = nine tenths of the final
coloured pixels are there.
"""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import numpy as np
import shapely
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from bench import town
from bench.harness import ROOT, Report, Scale, best, workshop
from bench.pages import COUNT, FOREIGN, MIDDLE, VIEW, local_copies, size_of, wait_for
from geo.tiles import Shapes, Tile, TileSet, content, encode

SIZES = (222, 20_000, 100_000, 220_000)
AIMS = {222: 1.0, 20_000: 5.0, 100_000: 30.0}
"""How many times sooner than plain Folium the map is to be drawn; at 222 "no slower", with a tenth for the noise of a shared machine."""
NOISE = 0.9
AIM_MB = 4.0
AIM_COLD_S, AIM_WARM_S = 0.060, 0.005
AIM_FPS = 30
POLYGONS = 3_500
FOLIUM_MOST = 100_000
"""Beyond, plain Folium's page takes minutes or the browser's memory: it is left out."""
DENSE_M = 6_000
"""Side of the square that the compounds fill, so that a view of a district holds them all."""
GAS = ("none", "partial", "full")
LIMIT_S = 180
FRAMES_S = 4.0
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--enable-precise-memory-info")

REMEMBER = """let own; Object.defineProperty(window, 'L', {configurable: true, get: () => own, set(value) {
  own = value;
  value.Map?.addInitHook(function () { window.benchMap = this; });
}});"""
"""Neither page leaves its map where a script finds it."""

FRAMES = """async ([kind, seconds]) => {
  const map = window.benchMap;
  const steps = [], start = performance.now();
  let last = start, i = 0;
  await new Promise(done => {
    const frame = () => {
      const now = performance.now();
      steps.push(now - last); last = now;
      if (now - start > 1000 * seconds) return done();
      if (i++ % 12 === 0 && kind === 'pan') map.panBy([i % 24 ? 90 : -90, 30], {animate: true, duration: 0.2});
      if (i % 60 === 1 && kind === 'zoom') map.setZoom(map.getZoom() + (i % 120 === 1 ? 1 : -1));
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  steps.shift();
  return 1000 * steps.length / steps.reduce((a, b) => a + b, 0);
}"""


@dataclass(frozen=True)
class Opened:
    """Seconds until drawn, bytes received without libraries, heap in MB, frames a second while panning and zooming."""

    drawn_s: float
    received: float
    heap_mb: float
    pan: float
    zoom: float


def run(report: Report, scale: Scale) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        print("  left out: no chromium on this machine")
        return
    tiles(report)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        for size in sizes(scale):
            report.heading(f"{size:,} compounds in the browser")
            with workshop() as folder:
                compare(report, browser, folder, size)
        browser.close()


def sizes(scale: Scale) -> list[int]:
    """Those that BENCH_BROWSER names (for example "222,20000"), else all; quick: a tenth of them."""
    named = os.environ.get("BENCH_BROWSER")
    wanted = [int(part) for part in named.split(",")] if named else list(SIZES)
    return list(dict.fromkeys(max(222, scale.of(size)) for size in wanted))


def tiles(report: Report) -> None:
    """A tile with 3 500 polygons: made, and taken from what is kept."""
    report.heading(f"a tile with {POLYGONS:,} polygons")
    place = Tile.holding(*town.CENTRE, 13)
    shapes = dense(POLYGONS, side_m=3_500, centre=place.bounds.centre)
    cut = TileSet("compounds", np.arange(len(shapes)), Shapes.of(shapes), [])
    assert len(content(cut, place).shapes) == POLYGONS
    cold = best(lambda: encode(cut, place), 15)
    report.line("made anew", cold, {}, aim=f"{AIM_COLD_S * 1000:g} ms", met=cold <= AIM_COLD_S)


def compare(report: Report, browser: Browser, folder: Path, size: int) -> None:
    rows = compounds(size)
    store = town.make_store(folder / "store.gpkg", {"compounds": rows})
    with serving(store) as address:
        ours = opened(browser, address)
        warm = warm_tile(address)
    theirs = None
    if size <= FOLIUM_MOST:
        folium_page(rows, folder / "plain.html")
        theirs = opened(browser, (folder / "plain.html").as_uri())
    told(report, size, ours, theirs)
    if warm is not None:
        report.line("a tile that is kept, over HTTP", warm, {}, aim=f"{AIM_WARM_S * 1000:g} ms", met=warm <= AIM_WARM_S)


def told(report: Report, size: int, ours: Opened, theirs: Opened | None) -> None:
    def others(value: str, by: float = 1) -> dict[str, float]:
        return {} if theirs is None else {"plain Folium": getattr(theirs, value) / by}

    aim = AIMS.get(size)
    met = None if aim is None or theirs is None else theirs.drawn_s / ours.drawn_s >= (NOISE if aim == 1 else aim)
    report.line("opened → drawn", ours.drawn_s, others("drawn_s"), aim=f"{aim:g}×" if met is not None else "", met=met)
    megabytes = ours.received / 1e6
    report.line("bytes until drawn", megabytes, others("received", 1e6), unit="MB", aim=f"{AIM_MB:g} MB", met=megabytes < AIM_MB)
    report.line("heap", ours.heap_mb, others("heap_mb"), unit="MB")
    report.line("panning", ours.pan, others("pan"), unit="/s", aim=f"{AIM_FPS} frames/s", met=ours.pan >= AIM_FPS)
    report.line("zooming", ours.zoom, others("zoom"), unit="/s")


# the data ---------------------------------------------------------------------------------------------------------------------


def dense(count: int, side_m: float, centre: tuple[float, float] = town.CENTRE) -> Any:
    """Squares of two thirds of their cell, evenly over a square of `side_m` metres around `centre`."""
    side = int(np.ceil(np.sqrt(count)))
    cells = np.arange(count)
    degrees = np.array([side_m / 111_320 / np.cos(np.radians(town.CENTRE[1])), side_m / 110_950])
    low = np.array(centre) - degrees / 2 + np.column_stack([cells % side, cells // side]) * degrees / side
    high = low + degrees / side * 0.66
    return shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])


def compounds(count: int) -> list[dict[str, Any]]:
    """The made-up town's compounds with these squares for outlines, all of them in colour: what is not known is drawn grey, which counts as undrawn."""
    wkb = shapely.to_wkb(dense(count, DENSE_M))
    return [{**row, "gas_status": GAS[i % len(GAS)], "geometry": wkb[i]} for i, row in enumerate(town.compounds(count))]


def folium_page(rows: list[dict[str, Any]], path: Path) -> None:
    """What one writes with Folium alone: the outlines inlined with name and year, a style and a tooltip."""
    shapes = shapely.from_wkb([row["geometry"] for row in rows])
    features = [
        {
            "type": "Feature",
            "id": i,
            "geometry": shapely.geometry.mapping(shape),
            "properties": {"name": row["name"], "built_year": row["built_year"]},
        }
        for i, (row, shape) in enumerate(zip(rows, shapes, strict=True))
    ]
    page = folium.Map(location=[town.CENTRE[1], town.CENTRE[0]], zoom_start=13, tiles=None, prefer_canvas=True)
    style = {"color": "#1f5f8b", "weight": 1, "fillOpacity": 0.4}
    found = {"type": "FeatureCollection", "features": features}
    folium.GeoJson(found, style_function=lambda _: style, tooltip=folium.GeoJsonTooltip(["name"])).add_to(page)
    page.fit_bounds([[*shapely.total_bounds(shapes)[1::-1]], [*shapely.total_bounds(shapes)[:1:-1]]])
    page.save(path)


# the browser ------------------------------------------------------------------------------------------------------------------


@contextmanager
def serving(store: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "YUANTU_STORE": str(store), "PORT": str(port)}
    with open(store.with_suffix(".log"), "wb") as log:
        server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}/"
            wait_for(address + "healthz", server)
            for part in ("api/layers", ""):  # the service runs all day: it has read its layers and made its page before
                urllib.request.urlopen(address + part).close()
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def opened(browser: Browser, address: str) -> Opened:
    """Open a page, wait until it is drawn, then move it."""
    context = browser.new_context(viewport=VIEW, locale="zh-CN")
    counter, page = context.new_page(), context.new_page()
    for each in (page, counter):
        each.set_default_timeout(LIMIT_S * 1000)
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer))  # a built-in method cannot be a handler
    page.route(FOREIGN, local_copies)
    page.add_init_script(REMEMBER)
    start = time.perf_counter()
    page.goto(address, wait_until="commit", timeout=LIMIT_S * 1000)
    drawn_s = drawn(page, counter, start)
    received = float(sum(map(size_of, answers)))
    return _moved(context, page, drawn_s, received)


def _moved(context: BrowserContext, page: Page, drawn_s: float, received: float) -> Opened:
    heap = float(page.evaluate("performance.memory.usedJSHeapSize")) / 1e6
    pan, zoom = (float(page.evaluate(FRAMES, [kind, FRAMES_S])) for kind in ("pan", "zoom"))
    context.close()
    return Opened(drawn_s, received, heap, pan, zoom)


def drawn(page: Page, counter: Page, start: float, still_s: float = 3.0) -> float:
    """Seconds until nine tenths of the final coloured pixels are there; final = nothing changed for a while after a map was seen."""
    seen: list[tuple[float, int]] = []
    while time.perf_counter() - start < LIMIT_S:
        try:
            picture = page.screenshot(clip=MIDDLE, animations="disabled", timeout=LIMIT_S * 1000)
        except PlaywrightError:  # Chromium gives no picture while a page keeps it busy: it is not drawn yet
            continue
        at = time.perf_counter() - start
        seen.append((at, counter.evaluate(COUNT, base64.b64encode(picture).decode())))
        final = seen[-1][1]
        changed = next((t for t, count in reversed(seen) if abs(count - final) > 0.02 * final), 0.0)
        if final > 2_000 and at - changed > still_s:
            return next(t for t, count in seen if count >= 0.9 * final)
    raise RuntimeError("nothing was drawn")


def warm_tile(address: str) -> float | None:
    """Seconds for a tile that the server has kept."""
    place = Tile.holding(*town.CENTRE, 13)
    url = f"{address}ogc/collections/compounds/tiles/WebMercatorQuad/{place.z}/{place.y}/{place.x}"
    urllib.request.urlopen(url).close()
    return best(lambda: urllib.request.urlopen(url).read(), 9)
