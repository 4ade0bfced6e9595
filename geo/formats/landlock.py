"""Landlock: the kernel lets this process open the folders of its libraries for reading and its job's folder for writing, and nothing else."""

from __future__ import annotations

import ctypes
import os
import site
import struct
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION, _PATH_BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38
_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_DEVICES = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11  # making devices, sockets and pipes
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_ON_A_FILE = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL
_TCP = 0b11
_SIGNALS_AND_SOCKETS = 0b11

_HELD = ((1, "files"), (4, "tcp"), (6, "signals"))
"""From which version of the kernel's interface on it holds what."""


def version() -> int:
    """The version of the kernel's interface, 0 where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)), 0)


def confine(writable: Sequence[Path], readable: Iterable[Path]) -> list[str]:
    """Only these and the folders of the libraries can be opened from now on, by this process for good; the names of what holds, [] = nothing does.

    A path may be a folder (with all in it) or a file. What is missing is left out. Files that are already open stay open.
    """
    abi = version()
    if not abi:
        return []
    handled = _rights(abi)
    attributes = struct.pack("=QQQ", handled, _TCP if abi >= 4 else 0, _SIGNALS_AND_SOCKETS if abi >= 6 else 0)
    ruleset = _libc().syscall(_CREATE, attributes, ctypes.c_size_t(24 if abi >= 6 else 16 if abi >= 4 else 8), 0)
    if ruleset < 0:
        return []
    try:
        for path in writable:
            _allow(ruleset, path, handled & ~_EXECUTE & ~_DEVICES & ~_IOCTL)
        for path in (*readable, *libraries()):
            _allow(ruleset, path, _READ | _LIST)
        _allow(ruleset, Path(os.devnull), _READ | _WRITE)
        _libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        if _libc().syscall(_RESTRICT, ruleset, 0) != 0:
            return []
    finally:
        os.close(ruleset)
    return [name for since, name in _HELD if abi >= since]


def _rights(abi: int) -> int:
    """Every right over files that this version knows; a right that is not named here would stay free."""
    newest = 5
    return [0x1FFF, 0x3FFF, 0x7FFF, 0x7FFF, 0xFFFF][min(abi, newest) - 1]


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = struct.pack("=Qi", rights if path.is_dir() else rights & _ON_A_FILE, handle)
        _libc().syscall(_ADD, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(handle)


def libraries() -> list[Path]:
    """Where Python and its packages live, this package, and what the C library reads: never the whole checkout, which may hold the store."""
    paths = {Path(value) for name, value in sysconfig.get_paths().items() if name in ("stdlib", "platstdlib", "purelib", "platlib")}
    prefixes = {Path(p) for p in (sys.prefix, sys.base_prefix)}
    paths |= {p / name for p in prefixes for name in ("lib", "lib64", "share")} | {Path(p) for p in site.getsitepackages()}
    system = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo", "/nix/store")
    files = ("/etc/ld.so.cache", "/etc/localtime", "/dev/urandom")
    return [*sorted(paths), *map(Path, (*system, *files)), Path(__file__).resolve().parent.parent]


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
