"""A service in a process of its own, and a client that uploads as the page does."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ENDED = ("ready", "done", "refused", "failed")


class Service:
    """`with Service(folder) as service`: started, asked over HTTP, stopped; its store and log lie in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "log.txt"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def __enter__(self) -> Service:
        environment = {**os.environ, "PORT": str(self.port), "YUANTU_STORE": str(self.folder / "store.gpkg"), "YUANTU_UPLOAD_QUEUED": "200"}
        self._process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=self.log.open("w"), stderr=subprocess.STDOUT
        )
        end = time.monotonic() + 120
        while time.monotonic() < end and self._process.poll() is None:
            try:
                if self.get("/healthz")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-2000:])

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(30)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def get(self, path: str) -> tuple[int, bytes]:
        return Client(self.port).ask("GET", path)


class Client:
    """One connection with the cookie and the token of its session."""

    def __init__(self, port: int) -> None:
        self._port, self._cookie, self._token = port, "", ""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> tuple[int, bytes]:
        headers = {"Cookie": self._cookie, "X-CSRF-Token": self._token, **({"Content-Type": kind} if body is not None else {})}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        if found := re.match(r"(yuantu=[^;]*)", answer.headers.get("Set-Cookie", "")):
            self._cookie = found[1]
        return answer.status, answer.read()

    def enter(self) -> Client:
        self._token = json.loads(self.ask("GET", "/api/state")[1])["csrf_token"]
        return self

    def upload(self, name: str, data: bytes) -> tuple[int, dict[str, Any]]:
        """Status and answer of the upload; the name goes as the browser would send it."""
        border = "----yuantu-border"
        quoted = name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="{quoted}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        body = head.encode() + data + f"\r\n--{border}--\r\n".encode()
        status, said = self.ask("POST", "/api/uploads", body, f"multipart/form-data; boundary={border}")
        return status, json.loads(said)

    def wait(self, id: str, seconds: float = 60) -> dict[str, Any]:
        """The upload once nobody works on it; the answers on the way must be 200."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status, said = self.ask("GET", f"/api/uploads/{id}?lang=en")
            assert status == 200, said
            found: dict[str, Any] = json.loads(said)
            if found["state"] in ENDED:
                return found
            time.sleep(0.02)
        raise AssertionError(f"not done after {seconds} s: {found}")

    def take(self, name: str, data: bytes, layer: str | None = "hazards") -> dict[str, Any]:
        """A file uploaded and, when it can be read, imported for trial; the last state, all that was said on the way in `told`, the longest wait in `seconds`."""
        status, said = self.upload(name, data)
        if status != 202:
            return {"state": "refused", "status": status, "error": said, "told": json.dumps(said), "seconds": 0.0}
        id, began = said["id"], time.monotonic()
        found = self.wait(id)
        steps = [time.monotonic() - began]
        told = json.dumps([said, found])
        if found["state"] == "ready":
            body = json.dumps({"crs": "EPSG:4326", "dry_run": True} | ({"layer": layer} if layer else {})).encode()
            status, answer = self.ask("POST", f"/api/uploads/{id}/import", body)
            assert status in (202, 400), answer
            began = time.monotonic()
            found = self.wait(id) if status == 202 else {"state": "refused", "error": json.loads(answer)}
            steps.append(time.monotonic() - began)
            told += json.dumps(found)
        status, _ = self.ask("DELETE", f"/api/uploads/{id}")
        assert status in (200, 404), status
        return {**found, "told": told, "seconds": max(steps)}


MAP = ("/ogc/collections/compounds/items?limit=200", "/api/state", "/ogc/collections/fire_lanes/items?limit=200")


@contextmanager
def looking(service: Service, every: float = 0.05) -> Iterator[list[float]]:
    """Somebody looks at the map all the while: the seconds that each answer took."""
    waits: list[float] = []
    over = threading.Event()

    def look() -> None:
        client = Client(service.port)
        while not over.wait(every):
            began = time.monotonic()
            status, _ = client.ask("GET", MAP[len(waits) % len(MAP)])
            assert status == 200
            waits.append(time.monotonic() - began)

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield waits
    finally:
        over.set()
        looker.join(60)


def in_threads(work: Callable[[list[str]], None], *shares: list[str]) -> list[BaseException]:
    """The work for each share at the same time; what went wrong."""
    failures: list[BaseException] = []

    def one(share: list[str]) -> None:
        try:
            work(share)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures
