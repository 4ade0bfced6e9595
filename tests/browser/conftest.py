"""A server of one's own with a new store, and a page that notes what it must not do: speak in the console, ask another host.

`SLOW=4` lets every page compute four times slower: what then fails by more than its time has a race in it.
"""

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
from taken_back import Shared

pytest.register_assert_rewrite("planner", "desk", "tasks_asking", "tasks_changing")  # they assert too

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WAIT_S = 180  # a busy machine needs long to start Python; one that has died is told at once
SLOW = float(os.environ.get("SLOW", "1"))
PAGES = pytest.StashKey[list["Watched"]]()


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
def _serving(folder: Path) -> Iterator[Shared]:
    """`python app.py` on a free loopback port with a new store, the demo district in it."""
    port, log, store = _free_port(), folder / "server.log", folder / "instance" / "store.gpkg"
    environ = {k: v for k, v in os.environ.items() if not k.startswith("YUANTU_")}
    environ |= {"PORT": str(port), "YUANTU_STORE": str(store)}
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(base, process, log)
        yield Shared(base, store)
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    with _serving(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture
def demo_server(shared_server: Shared) -> Iterator[str]:
    """A server that the tests share: what one writes is taken back when it ends."""
    with shared_server.lent() as base:
        yield base


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[str]:
    """A server for one test, which may do to it what it likes."""
    with _serving(tmp_path) as own:
        yield own.base


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

    def told(self, picture: Path) -> str:
        """Where it stands, for the report of a failure; the screen goes into a file. A page that does not answer is no reason to end all tests."""
        said = "\n".join(self.console) or "(silent)"
        try:
            focus = self.page.locator(":focus").evaluate("one => one.outerHTML.slice(0, 300)", timeout=3_000)
        except Exception as error:
            focus = f"nowhere ({type(error).__name__})"
        try:
            self.page.screenshot(path=picture, timeout=10_000)
            seen = str(picture)
        except Exception as error:
            seen = repr(error)
        return f"address: {self.page.url}\nfocus: {focus}\npicture: {seen}\nconsole: {said}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """A failure shows the pages that the test had open."""
    report = yield
    if report.when == "call" and report.failed:
        for n, watched in enumerate(item.stash.get(PAGES, [])):
            if not watched.page.is_closed():
                report.sections.append((f"page {n}", watched.told(item.funcargs["tmp_path"] / f"page-{n}.png")))
    return report


@pytest.fixture
def open_page(chromium: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """Makes a page of a size in a language: `open_page(base, 1440, 900, "zh-CN")`."""
    contexts = []
    pages = request.node.stash[PAGES] = []

    def make(base: str, width: int, height: int, locale: str) -> Watched:
        context = chromium.new_context(viewport={"width": width, "height": height}, locale=locale, accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        if SLOW > 1:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW})
        watched = Watched(page, base)
        pages.append(watched)
        page.on("console", lambda message: watched.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: watched.console.append(f"error: {error}"))
        page.on("request", lambda request: None if _own(request.url, base) else watched.foreign.append(request.url))
        return watched

    yield make
    for context in contexts:
        context.close()


def _own(url: str, base: str) -> bool:
    return url.startswith((f"{base}/", "data:", "blob:"))
