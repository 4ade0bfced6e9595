"""What the child takes away from itself before it looks at foreign bytes: memory, time, files, and the network."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys

from geo.formats.limits import Limits

_SYSCALLS = {  # socket, connect, bind, sendto, execve, execveat, ptrace, process_vm_readv/writev, io_uring_setup/enter/register
    "x86_64": (0xC000003E, (41, 42, 49, 44, 59, 322, 101, 310, 311, 425, 426, 427)),
    "aarch64": (0xC00000B7, (198, 203, 200, 206, 221, 281, 117, 270, 271, 425, 426, 427)),
}
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER, _SET_DEATH_SIGNAL = 38, 22, 2, 1


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


def deny_network() -> bool:
    """A seccomp filter that refuses sockets and new programs to this process and all its threads; False where the system has none."""
    known = _SYSCALLS.get(platform.machine())
    if not sys.platform.startswith("linux") or known is None:
        return False
    architecture, numbers = known
    libc = ctypes.CDLL(None, use_errno=True)
    code = _program(architecture, numbers)
    buffer = ctypes.create_string_buffer(code)
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0)


def die_with(parent: int | None) -> None:
    """Asks Linux to kill this process when the service that started it ends in any way; ends at once when `parent` is no longer there."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def _program(architecture: int, numbers: tuple[int, ...]) -> bytes:
    """BPF: another architecture kills, a listed number (or the x32 range) is refused with EPERM, the rest may pass."""

    def step(code: int, true: int, false: int, value: int) -> bytes:
        return struct.pack("HBBI", code, true, false, value)

    last = len(numbers) + 1
    lines = [step(0x20, 0, 0, 4), step(0x15, 1, 0, architecture), step(0x06, 0, 0, _KILL), step(0x20, 0, 0, 0)]
    lines.append(step(0x35, last, 0, 0x40000000))
    lines += [step(0x15, last - 1 - i, 0, n) for i, n in enumerate(numbers)]
    return b"".join([*lines, step(0x06, 0, 0, _ALLOW), step(0x06, 0, 0, _REFUSE)])
