"""A table of ten rows from the click to the account: upload, inspection and import over HTTP, with a warm and with a cold child, against pandas in a new process."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.harness import ROOT, Report, Scale, median, new_process, workshop

TIMES = 15
AIM_S = 1.0
ROWS = "编号,小区名称,建成年份,户数,经度,纬度\n" + "".join(
    f"{{code}}{n},{n}号院,{1970 + n},{40 + n},112.98{n},34.75{n}\n" for n in range(10)
)
COLD = "from geo.children import warm; warm.available = lambda: False; import app; app.serve()"
WARM = "import app; app.serve()"
THEIRS = (
    "import sys, geopandas, pandas; t = pandas.read_csv(sys.argv[1]); "
    "g = geopandas.GeoDataFrame(t, geometry=geopandas.points_from_xy(t['经度'], t['纬度']), crs=4326); g.to_file(sys.argv[2], engine='pyogrio')"
)


def run(report: Report, scale: Scale) -> None:
    report.heading("a CSV of ten rows, from the click to the account")
    with workshop() as folder:
        warm, cold = measure(folder / "warm", WARM), measure(folder / "cold", COLD)
        (folder / "a.csv").write_text(table("a"), "utf-8")
        theirs = new_process("-c", THEIRS, str(folder / "a.csv"), str(folder / "a.gpkg")).seconds
    report.line("first file after the start", warm[0], {"without the nursery": cold[0]})
    report.line(
        "median of the next ones",
        median(warm[1:]),
        {"without the nursery": median(cold[1:]), "GeoPandas in a new process": theirs},
        aim=f"under {AIM_S:g} s",
        met=median(warm[1:]) < AIM_S,
    )


def table(code: str) -> str:
    return ROWS.replace("{code}", code)


def measure(folder: Path, code: str) -> list[float]:
    """Seconds from sending the file to holding its account, file after file."""
    folder.mkdir()
    with served(folder, code) as port:
        page = Page(port)
        return [page.seconds(table(f"t{n}-")) for n in range(TIMES)]


@contextmanager
def served(folder: Path, code: str) -> Iterator[int]:
    """The service on a free port with an empty store of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = {**os.environ, "PORT": str(port), "YUANTU_STORE": str(folder / "store.gpkg")}
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        await_answer(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def await_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    """Raises RuntimeError when the service does not come up in a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            Page(port)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the service did not start")


class Page:
    """What the page does: one connection, its cookie and token, an upload asked after as often as the page asks."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers: dict[str, str] = {}
        self._headers["X-CSRF-Token"] = self._ask("GET", "/api/state")["csrf_token"]

    def seconds(self, text: str) -> float:
        start = time.perf_counter()
        border = "yuantu-bench"
        head = f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="ten.csv"\r\n\r\n'
        body = f"{head}{text}\r\n--{border}--\r\n".encode()
        id = self._ask("POST", "/api/uploads", body, f"multipart/form-data; boundary={border}")["id"]
        self._until(id, "ready")
        self._ask("POST", f"/api/uploads/{id}/import", json.dumps({"layer": "compounds", "crs": "EPSG:4326"}).encode())
        account = self._until(id, "done")["account"]["layers"]["compounds"]
        assert account["read"] == 10 == account["accepted"] + account["repaired"] + account["quarantined"], account
        return time.perf_counter() - start

    def _until(self, id: str, state: str) -> dict[str, Any]:
        while (found := self._ask("GET", f"/api/uploads/{id}"))["state"] != state:
            assert found["state"] not in ("refused", "failed"), found["error"]
            time.sleep(0.01)
        return found

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> dict[str, Any]:
        self._connection.request(method, path, body, {**self._headers, **({"Content-Type": kind} if body else {})})
        answer = self._connection.getresponse()
        if cookie := re.match(r"yuantu=[^;]*", answer.headers.get("Set-Cookie", "")):
            self._headers["Cookie"] = cookie[0]
        found: dict[str, Any] = json.loads(answer.read())
        assert answer.status < 300, found
        return found
