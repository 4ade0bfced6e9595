"""A server of one's own with a new store, and a page that notes what it must not do: speak in the console, ask another host."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytest.register_assert_rewrite("planner", "desk", "tasks_asking", "tasks_changing")  # they assert too

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WAIT_S = 60


def missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Headless Chromium of the system."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        missing("no Chromium on this machine: apt install chromium, or name it with CHROMIUM=")
    if not (ROOT / "static/vendor/leaflet/leaflet.js").is_file():
        missing("the browser's libraries are not in static/vendor: python -m web.assets")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """`python app.py` on a free loopback port with a new store, the demo district in it; its address."""
    port, log = _free_port(), folder / "server.log"
    environ = {k: v for k, v in os.environ.items() if not k.startswith("YUANTU_")}
    environ |= {"PORT": str(port), "YUANTU_STORE": str(folder / "instance" / "store.gpkg")}
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(base, process, log)
        yield base
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that several tests share: what they write they take away again."""
    with _serving(tmp_path_factory.mktemp("demo")) as base:
        yield base


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[str]:
    """A server for one test, which may do to it what it likes."""
    with _serving(tmp_path) as base:
        yield base


def _wait(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=2).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise AssertionError(f"the server did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")


@dataclass
class Watched:
    """A page and what it did that it must not; `base` is the only host it may ask."""

    page: Any
    base: str
    console: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def clean(self) -> None:
        """Raises unless the console is empty and no other host was asked."""
        assert self.console == []
        assert self.foreign == []


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Watched]]:
    """Makes a page of a size in a language: `open_page(base, 1440, 900, "zh-CN")`."""
    contexts = []

    def make(base: str, width: int, height: int, locale: str) -> Watched:
        context = chromium.new_context(viewport={"width": width, "height": height}, locale=locale, accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watched = Watched(page, base)
        page.on("console", lambda message: watched.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: watched.console.append(f"error: {error}"))
        page.on("request", lambda request: None if _own(request.url, base) else watched.foreign.append(request.url))
        return watched

    yield make
    for context in contexts:
        context.close()


def _own(url: str, base: str) -> bool:
    return url.startswith((f"{base}/", "data:", "blob:"))
