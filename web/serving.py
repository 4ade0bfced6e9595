"""The server of `python app.py`: waitress, on loopback only."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Mapping
from typing import Any

import waitress
from flask import Flask

from web.demo import load_into_empty
from web.services import Services
from web.settings import SettingRefused, Settings

HOST = "127.0.0.1"


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
    count = load_into_empty(here)
    if count:
        say(f"数据库是空的：已载入示例小区 {count} 个要素（示例数据，导入真实数据时自动移除）",
            f"the store was empty: loaded the demo district, {count} features (made up; the first real import removes them)")  # fmt: skip
    info = here.store.info()
    total = sum(n for n, _ in info.counts.values())
    say(f"{'示例数据' if info.kind == 'demo' else '数据'}：{total} 个要素", f"{info.kind} store: {total} features")
    say(f"就绪（{time.monotonic() - began:.1f} 秒）。地图： http://{HOST}:{port}/   停止：Ctrl+C",
        f"ready. The map: http://{HOST}:{port}/   stop: Ctrl+C")  # fmt: skip
    try:
        waitress.serve(app, port=port, **options_of(here.settings))
    finally:
        here.close()


def options_of(settings: Settings) -> dict[str, Any]:
    """How waitress listens. It must hand a proxy's headers on: by them `web.guard` refuses what a proxy passes on."""
    return {
        "host": HOST,
        "threads": settings.threads,
        "ident": None,
        "max_request_body_size": (settings.upload_mb + 2) << 20,
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
