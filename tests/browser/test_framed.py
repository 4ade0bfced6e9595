"""The map in the page of another site: shown where the operator names its origin, refused everywhere else."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, _free_port, _wait

pytestmark = [pytest.mark.browser, pytest.mark.soak]

ASKED = "/embed?question=compounds-without-gas&layers=compounds&lang=en"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *said: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Another site on loopback (to a browser `localhost` is not 127.0.0.1), and the folder that it serves."""
    folder = tmp_path_factory.mktemp("site")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}", folder
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, foreign: tuple[str, Path]) -> Iterator[str]:
    """The demo district; it names the other site, and a third that nobody asks from."""
    folder = tmp_path_factory.mktemp("framed")
    port, log = _free_port(), folder / "server.log"
    environ = {k: v for k, v in os.environ.items() if not k.startswith("YUANTU_")}
    environ |= {"PORT": str(port), "YUANTU_STORE": str(folder / "store.gpkg"), "YUANTU_EMBED_ORIGINS": f"https://oa.example {foreign[0]}"}
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT)
    _wait(f"http://127.0.0.1:{port}", process, log)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


def framing(folder: Path, address: str) -> None:
    text = f'<!doctype html><title>oa</title><link rel="icon" href="data:,"><iframe src="{address}" width="900" height="600"></iframe>'
    (folder / "index.html").write_text(text.replace("&lang", "&amp;lang").replace("&layers", "&amp;layers"), "utf-8")


def test_a_page_that_is_named_shows_the_map_and_finds_what_it_asks(
    served: str, foreign: tuple[str, Path], open_page: Callable[..., Any]
) -> None:
    origin, folder = foreign
    framing(folder, served + ASKED)
    watched = open_page(served, 1000, 700, "en-GB")
    watched.page.goto(f"{origin}/index.html")
    frame = watched.page.wait_for_selector("iframe").content_frame()
    frame.wait_for_selector("body[data-ready]", state="attached")
    assert frame.is_visible(".folium-map") and frame.is_visible(".embed-link")
    assert frame.evaluate("fetch('/api/state').then((answer) => answer.status)") == 200
    assert (watched.console, [url for url in watched.foreign if not url.startswith(origin)]) == ([], [])


@pytest.mark.parametrize("path", [ASKED, "/?lang=en", "/import?lang=en"])
def test_nothing_is_shown_to_a_page_that_is_not_named(
    path: str, served: str, foreign: tuple[str, Path], open_page: Callable[..., Any]
) -> None:
    """The same site by its other name is another origin; and of the named one only the map alone is shown."""
    origin, folder = foreign
    framing(folder, served + path)
    watched = open_page(served, 1000, 700, "en-GB")
    watched.page.goto(f"{origin.replace('localhost', '127.0.0.1') if path == ASKED else origin}/index.html")
    watched.page.wait_for_selector("iframe")
    watched.page.wait_for_function("() => true")
    frame = watched.page.frames[1]
    frame.wait_for_load_state()
    assert frame.url.startswith("chrome-error://") and not frame.query_selector(".folium-map")
    assert any("frame-ancestors" in said for said in watched.console)
