"""What the child takes away from itself before it looks at foreign bytes: memory, time, files, the network, and power over anything else."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from geo.formats import landlock, seccomp
from geo.formats.limits import Limits

NAMES = ("memory", "cpu", "file-size", "open-files", "core", "priority", "network", "files", "tcp", "signals")
"""All that can hold: resource limits, a low priority, the seccomp filter, and Landlock's over files, TCP and signals."""

_NICE = 10
_SET_DEATH_SIGNAL = 1


def hold(limits: Limits, folder: Path, readable: Iterable[Path]) -> list[str]:
    """Everything this system has; from then on only `folder` can be written, only it, `readable` and the libraries be read. The names of what holds."""
    held = limit_resources(limits)
    if step_back():
        held.append("priority")
    held += landlock.confine([folder], readable)
    if seccomp.deny():
        held.append("network")
    return held


def limit_resources(limits: Limits) -> list[str]:
    """Caps memory, CPU seconds, file size and open files where the system can; the names of what holds."""
    try:
        import resource
    except ImportError:
        return []
    caps = {
        "memory": (resource.RLIMIT_AS, limits.memory),
        "cpu": (resource.RLIMIT_CPU, limits.cpu),
        "file-size": (resource.RLIMIT_FSIZE, max(limits.unpacked, limits.file) * 2),
        "open-files": (resource.RLIMIT_NOFILE, 64),
        "core": (resource.RLIMIT_CORE, 0),
    }
    held = []
    for name, (kind, value) in caps.items():
        try:
            resource.setrlimit(kind, (value, value))
            held.append(name)
        except (ValueError, OSError):
            continue
    return held


def step_back() -> bool:
    """Lets the service go first whenever both want the processor."""
    try:
        os.nice(_NICE)
    except (AttributeError, OSError):
        return False
    return True


def die_with(parent: int | None) -> None:
    """Asks Linux to kill this process when the one that started it ends in any way; ends at once when `parent` is no longer there."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)
