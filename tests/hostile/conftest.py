"""What the campaigns share: somebody else's table, an address that counts its visitors, an eye on opened files, and a service in a process of its own."""

from __future__ import annotations

import ctypes
import http.server
import os
import struct
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from hostile_files import CANARY, Aim
from service import Service

_IN_OPEN, _IN_ACCESS, _NONBLOCK = 0x20, 0x1, 0o4000
_EVENT = struct.Struct("iIII")


class _Visitors(http.server.BaseHTTPRequestHandler):
    log: list[str]

    def do_GET(self) -> None:
        self.log.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"type": "FeatureCollection", "features": []}')

    do_HEAD = do_POST = do_OPTIONS = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def visitors() -> Iterator[tuple[str, list[str]]]:
    """An address on loopback, and the paths that were asked of it."""
    log: list[str] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Visitors", (_Visitors,), {"log": log}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", log
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def aim(visitors: tuple[str, list[str]], tmp_path_factory: pytest.TempPathFactory) -> Aim:
    secret = tmp_path_factory.mktemp("office") / "residents.csv"
    secret.write_text(f"id,resident\n1,{CANARY}\n")
    return Aim(secret, visitors[0])


@pytest.fixture
def opened(aim: Aim) -> Iterator[Callable[[], int]]:
    """How often the secret file was opened or read since the last call, by anybody: the kernel tells (0 where there is no inotify)."""
    if not sys.platform.startswith("linux"):
        yield lambda: 0
        return
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(_NONBLOCK)
    assert libc.inotify_add_watch(handle, os.fsencode(aim.secret), _IN_OPEN | _IN_ACCESS) >= 0

    def count() -> int:
        try:
            return len(os.read(handle, 64 * 1024)) // _EVENT.size
        except BlockingIOError:
            return 0

    yield count
    os.close(handle)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A served demo store."""
    with Service(tmp_path_factory.mktemp("service")) as running:
        yield running
