"""The server of `python app.py`: waitress, on loopback only."""

from __future__ import annotations

import select
import socket
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import waitress
from flask import Flask

from geo import sandbox
from geo.errors import StoreDamaged, YuantuError
from geo.tilesets import in_plane
from web.catalogue import TILED
from web.demo import load_into_empty
from web.keeper import Keeper, copies_of
from web.services import Services
from web.settings import SettingRefused, Settings

HOST = "127.0.0.1"
CONNECTIONS = 500
"""Beyond these nobody is let in: waitress's own 100 are soon taken by clients that begin a request and never end it."""
IDLE_S = 30
"""A connection that says nothing and waits for nothing is closed."""


def port_of(environ: Mapping[str, str]) -> int:
    """PORT, 8000 unless said. Raises SettingRefused; another address to listen on is refused too."""
    text = environ.get("PORT", "8000").strip()
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= 65535:
        raise SettingRefused(
            "PORT",
            f"“{text}”不是 1 到 65535 的端口；只在本机 {HOST} 上服务",
            f"'{text}' is not a port from 1 to 65535; the service is on {HOST} only",
        )
    return int(text)


def run(app: Flask, port: int) -> None:
    """Say what is done, then serve until stopped. Exits with 2 when the port is taken."""
    here: Services = app.extensions["yuantu"]
    if not _free(port):
        say(
            f"端口 {port} 已被占用：换一个，如 PORT={port + 1} make serve",
            f"port {port} is taken: choose another, e.g. PORT={port + 1} make serve",
        )
        sys.exit(2)
    began = time.monotonic()
    say(f"打开数据库 {here.settings.store} …", f"opening the store {here.settings.store} …")
    sandbox.prepare()
    _open_or_exit(here)
    count = load_into_empty(here) if here.alarm is None else 0
    if count:
        say(f"数据库是空的：已载入示例小区 {count} 个要素（示例数据，导入真实数据时自动移除）",
            f"the store was empty: loaded the demo district, {count} features (made up; the first real import removes them)")  # fmt: skip
    info = here.store.info()
    total = sum(n for n, _ in info.counts.values())
    say(f"{'示例数据' if info.kind == 'demo' else '数据'}：{total} 个要素", f"{info.kind} store: {total} features")
    say(f"就绪（{time.monotonic() - began:.1f} 秒）。地图： http://{HOST}:{port}/   停止：Ctrl+C",
        f"ready. The map: http://{HOST}:{port}/   stop: Ctrl+C")  # fmt: skip
    keeper = Keeper(here)
    keeper.start()
    threading.Thread(target=_read_ahead, args=(app,), name="read-ahead", daemon=True).start()
    try:
        waitress.serve(app, port=port, **options_of(here.settings))
    finally:
        keeper.stop()
        here.close()


def _read_ahead(app: Flask) -> None:
    """The layers into memory and the page made once, so that the first reader does not wait for it; what goes wrong is told to whoever asks."""
    here: Services = app.extensions["yuantu"]
    with suppress(YuantuError):
        view = here.frames.view(*here.stored)
        for layer in here.stored.values():
            if view.info.counts.get(layer.id, (0, 0))[0] > TILED:
                in_plane(view, layer)
        app.test_client().get("/")


def _open_or_exit(here: Services) -> None:
    """Open the store after a quick look. A damaged one is served for reading, with the alarm; exits with 4 when it cannot even be read, 2 when it is refused."""
    try:
        alarm = here.store.alarm
        here.store.info()
    except YuantuError as error:
        say(error.text.zh, error.text.en)
        _say_newest_copy(here)
        sys.exit(4 if isinstance(error, StoreDamaged) else 2)
    if alarm is not None:
        say(f"！{alarm.zh}", f"! {alarm.en}")
        _say_newest_copy(here)


def _say_newest_copy(here: Services) -> None:
    for path in copies_of(here.settings)[:1]:
        say(f"最近的自动备份：flask restore {path}", f"the newest automatic copy: flask restore {path}")


def options_of(settings: Settings) -> dict[str, Any]:
    """How waitress listens. It must hand a proxy's headers on: by them `web.guard` refuses what a proxy passes on."""
    return {
        "host": HOST,
        "threads": settings.threads,
        "ident": None,
        "max_request_body_size": (settings.upload_mb + 2) << 20,
        "connection_limit": CONNECTIONS,
        "asyncore_use_poll": hasattr(select, "poll"),
        "channel_timeout": IDLE_S,
        "cleanup_interval": 5,
        "clear_untrusted_proxy_headers": False,
    }


def say(zh: str, en: str) -> None:
    print(f"{zh}\n  {en}", flush=True)


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
