"""The demo district's page against plain Folium's inlined page: bytes, and the time until the map is drawn (coloured pixels counted in Chromium)."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import folium
from playwright.sync_api import Browser, Page, Route, sync_playwright
from playwright.sync_api import Error as PlaywrightError

import layers
from bench.harness import ROOT, Report, Scale, best, workshop

LIMIT_S = 120
SETTLED_S = 2.5
VIEW = {"width": 1440, "height": 900}
MIDDLE = {"x": 450, "y": 150, "width": 600, "height": 600}
"""The part of the window that holds map and nothing else on both pages."""
COUNT = """async data => {
  const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + data)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const p = context.getImageData(0, 0, image.width, image.height).data;
  let coloured = 0;
  for (let i = 0; i < p.length; i += 4) if (Math.max(p[i], p[i+1], p[i+2]) - Math.min(p[i], p[i+1], p[i+2]) > 24) coloured++;
  return coloured;
}"""


FOREIGN = re.compile(r"https?://(?!127\.0\.0\.1[:/])")
"""What is not asked of this machine: only that passes through this process, which would delay the rest."""


def run(report: Report, scale: Scale) -> None:
    report.heading("the demo district's page against plain Folium's")
    chromium = shutil.which("chromium")
    if chromium is None:
        print("  left out: no chromium on this machine")
        return
    with workshop() as folder, served(folder) as address, sync_playwright() as playwright:
        plain = folder / "plain.html"
        folium_page(address, plain)
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        ours = min((drawn(browser, address) for _ in range(2)), key=lambda d: d[0])
        theirs = min((drawn(browser, plain.as_uri()) for _ in range(2)), key=lambda d: d[0])
        browser.close()
        first = best(lambda: urllib.request.urlopen(address).read())
        report.line(
            "the page itself", len(urllib.request.urlopen(address).read()) / 1e3, {"plain Folium": plain.stat().st_size / 1e3}, unit="kB"
        )
        report.line("all bytes until drawn, libraries left out", ours[1] / 1e3, {"plain Folium": theirs[1] / 1e3}, unit="kB")
        report.line("opened → drawn", ours[0], {"plain Folium": theirs[0]})
        report.line("the server's part of it", first, {})


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A server of its own with the demo district in a store of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "YUANTU_STORE": str(folder / "store.gpkg"), "PORT": str(port)}
    with open(folder / "server.log", "wb") as log:
        server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}/"
            wait_for(address + "healthz", server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not start")


def items(address: str, layer: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}ogc/collections/{layer}/items?limit=100000") as answer:
        return dict(json.load(answer))


def folium_page(address: str, path: Path) -> None:
    """What one writes with Folium alone: every visible layer inlined, styled, with a tooltip of its name and a layer control."""
    page = folium.Map(location=[34.75, 112.98], zoom_start=15, tiles=None)
    boxes = []
    for layer in layers.ALL:
        if not layer.style.visible:
            continue
        found = items(address, layer.id)
        found["features"] = [f for f in found["features"] if f["geometry"]]
        if not found["features"]:
            continue
        boxes += [found["bbox"]] if "bbox" in found else []
        style = {"color": layer.style.color, "weight": layer.style.weight, "fillOpacity": layer.style.fill_opacity}
        fields = [layer.title_field] if layer.title_field in found["features"][0]["properties"] else []
        folium.GeoJson(
            found,
            name=layer.label.en,
            style_function=lambda _, style=style: style,
            marker=folium.CircleMarker(radius=layer.style.radius),
            tooltip=folium.GeoJsonTooltip(fields) if fields else None,
        ).add_to(page)
    page.fit_bounds([[min(b[1] for b in boxes), min(b[0] for b in boxes)], [max(b[3] for b in boxes), max(b[2] for b in boxes)]])
    folium.LayerControl().add_to(page)
    page.save(path)


def drawn(browser: Browser, address: str) -> tuple[float, float]:
    """Seconds from opening a page until nine tenths of its final coloured pixels are there, and bytes received without libraries."""
    context = browser.new_context(viewport=VIEW, locale="zh-CN")
    counter = context.new_page()
    page = context.new_page()
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer))  # a built-in method cannot be a handler
    page.route(FOREIGN, local_copies)
    start = time.perf_counter()
    page.goto(address, wait_until="commit", timeout=LIMIT_S * 1000)
    seen = watch(page, counter, start)
    received = sum(map(size_of, answers))
    context.close()
    final = seen[-1][1]
    if not final:
        raise RuntimeError(f"nothing was drawn on {address}")
    return next(at for at, count in seen if count >= 0.9 * final), float(received)


def watch(page: Page, counter: Page, start: float) -> list[tuple[float, int]]:
    """(seconds, coloured pixels) until the number has not changed for a while."""
    seen: list[tuple[float, int]] = []
    while time.perf_counter() - start < LIMIT_S:
        try:
            picture = page.screenshot(clip=MIDDLE, animations="disabled")
        except PlaywrightError:  # Chromium gives no picture while a page keeps it busy: it is not drawn yet
            continue
        at = time.perf_counter() - start
        seen.append((at, counter.evaluate(COUNT, base64.b64encode(picture).decode())))
        changed = next((t for t, count in reversed(seen) if abs(count - seen[-1][1]) > 50), 0.0)
        if seen[-1][1] and at - changed > SETTLED_S:
            break
    return seen


def local_copies(route: Route) -> None:
    """Plain Folium asks four content networks: Leaflet comes from our copy, the rest (jQuery, Bootstrap, icons) is empty, which flatters it."""
    url = route.request.url
    if url.endswith(("leaflet.js", "leaflet.css")):
        route.fulfill(path=ROOT / "static" / "vendor" / "leaflet" / url.rpartition("/")[2])
    else:
        route.fulfill(body="")


def size_of(response: Any) -> int:
    """Bytes of one answer's body; libraries weigh the same on both pages and are left out."""
    if "/vendor/" in response.url or not response.url.startswith(("http://127.0.0.1", "file:")):
        return 0
    try:
        return len(response.body())
    except Exception:
        return 0
