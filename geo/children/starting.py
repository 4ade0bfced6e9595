"""Starts a child: a fork of the nursery where there is one, else a new interpreter; either way it has the same guards and gets the same job."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import orjson

from geo.children import warm
from geo.formats import gdal

ROOT = Path(__file__).resolve().parent.parent.parent
"""Where the package that the child runs lies."""


class Process(Protocol):
    """What is common to a subprocess and a fork of the nursery."""

    @property
    def pid(self) -> int: ...
    @property
    def stdin(self) -> Any: ...
    @property
    def stdout(self) -> Any: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def kill(self) -> None: ...


def start(job: Mapping[str, Any]) -> Process:
    """A child that has been told its job; it still listens when rows are to follow."""
    process: Process = warm.fork() or _cold(Path(job["folder"]))
    with suppress(BrokenPipeError):
        process.stdin.write(orjson.dumps({**job, "parent": os.getpid()}) + b"\n")
        process.stdin.flush()
        if job["job"] != "write":
            process.stdin.close()
    return process


def command(entry: str) -> list[str]:
    """An interpreter without anybody's site folder or environment variables that runs `entry` of this package."""
    module, _, call = entry.rpartition(":")
    return [sys.executable, "-I", "-X", "utf8", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {module} as m; m.{call}"]


def environment() -> dict[str, str]:
    """Only what a child needs: no settings of the service, no secrets, one thread a library, the drivers hidden."""
    kept = {k: os.environ[k] for k in ("PATH", "LANG", "SYSTEMROOT", "SystemRoot", "LD_LIBRARY_PATH") if k in os.environ}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, "PROJ_NETWORK": "OFF", "HOME": os.devnull, **threads, **gdal.environment()}


def _cold(folder: Path) -> Process:
    return subprocess.Popen(
        command("geo.formats.child:main()"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        cwd=folder,
        close_fds=True,
    )
