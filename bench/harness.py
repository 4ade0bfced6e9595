"""Measuring: seconds, new processes, peak memory of a process with its children, and the lines that are printed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 900
"""No child runs longer than this many seconds."""


@dataclass(frozen=True)
class Scale:
    """How large the cases are: `quick` cuts every size by ten."""

    quick: bool

    def of(self, size: int) -> int:
        return max(size // 10, 1) if self.quick else size


@dataclass
class Report:
    """Prints each comparison as it is made; `aims` that were missed are counted."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    def heading(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def line(self, what: str, ours: float, others: dict[str, float], *, unit: str = "s", aim: str = "", met: bool | None = None) -> None:
        """`others`: name → value in the same unit. A ratio above 1 means that ours is better: smaller, or for a rate ("/s") larger."""
        parts = [f"  {what:<58} ours {quantity(ours, unit)}"]
        for name, value in others.items():
            ratio = ours / value if unit == "/s" else value / ours
            parts.append(f"{name} {quantity(value, unit)} ({ratio:.1f}×)")
        if aim:
            parts.append(f"[aim {aim}: {'met' if met else 'MISSED'}]")
        print("  ".join(parts), flush=True)
        self.lines.append({"what": what, "unit": unit, "ours": ours, **others, "aim": aim, "met": met})

    @property
    def missed(self) -> int:
        return sum(line["met"] is False for line in self.lines)


def quantity(value: float, unit: str) -> str:
    """A value with three significant digits and its unit; seconds under one as milliseconds."""
    if unit == "s" and value < 1:
        return f"{value * 1000:.3g} ms"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best(work: Callable[[], Any], times: int = 3) -> float:
    """The shortest of several runs: on a shared machine the others measure the neighbours."""
    return min(seconds(work) for _ in range(times))


def median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


@dataclass(frozen=True)
class Run:
    """A finished child: wall seconds, peak resident memory of it and its children in MB, what it printed."""

    seconds: float
    peak_mb: float
    output: str

    def json(self) -> Any:
        return json.loads(self.output)


def new_process(*arguments: str, environment: dict[str, str] | None = None) -> Run:
    """Run `python arguments` from the checkout and watch it. Raises RuntimeError with its last words when it fails."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    peak = Peak(child.pid)
    peak.start()
    try:
        output, errors = child.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        raise RuntimeError(f"more than {LIMIT_S} s: {' '.join(arguments)}") from None
    finally:
        peak.stop()
    if child.returncode not in (0, 3):
        raise RuntimeError(f"exit {child.returncode}: {' '.join(arguments)}\n{errors[-2000:]}")
    return Run(time.perf_counter() - start, peak.megabytes, output)


class Peak(threading.Thread):
    """Watches the resident memory of a process and its children twenty times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.megabytes = 0.0
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.05):
            self.megabytes = max(self.megabytes, resident_mb(self.pid))

    def stop(self) -> None:
        self._done.set()
        self.join()


def resident_mb(pid: int) -> float:
    total = 0
    try:
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            try:
                total += each.memory_info().rss
            except psutil.Error:
                continue
    except psutil.Error:
        return 0.0
    return total / 1e6


@contextmanager
def workshop() -> Iterator[Path]:
    """A temporary folder for stores and files."""
    with tempfile.TemporaryDirectory(prefix="yuantu-bench-") as name:
        yield Path(name)
