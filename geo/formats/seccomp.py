"""A filter in the kernel that refuses system calls to this process: no sockets, no other programs or processes, no hand on others, no new limits.

Beside what Landlock holds it closes what Landlock never does: modes, owners, times and lengths of files by their path (anybody's), priority and
processors of other processes, memory that outlives the process (System V) or that no limit counts (memfd), signals by way of a pipe's owner.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

_REFUSED = {
    "x86_64": {
        "socket": 41, "connect": 42, "bind": 49, "sendto": 44, "execve": 59, "execveat": 322, "fork": 57, "vfork": 58, "ptrace": 101,
        "process_vm_readv": 310, "process_vm_writev": 311, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
        "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "pidfd_send_signal": 424, "pidfd_open": 434, "pidfd_getfd": 438,
        "mount": 165, "umount2": 166, "chroot": 161, "pivot_root": 155, "unshare": 272, "setns": 308, "bpf": 321, "userfaultfd": 323,
        "perf_event_open": 298, "keyctl": 250, "add_key": 248, "request_key": 249, "setrlimit": 160, "open_by_handle_at": 304,
        "init_module": 175, "finit_module": 313, "kexec_load": 246, "kexec_file_load": 320, "reboot": 169, "swapon": 167,
        "settimeofday": 164, "clock_settime": 227, "truncate": 76, "chmod": 90, "fchmod": 91, "fchmodat": 268, "chown": 92, "fchown": 93,
        "lchown": 94, "fchownat": 260, "utime": 132, "utimes": 235, "futimesat": 261, "utimensat": 280, "setxattr": 188, "lsetxattr": 189,
        "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "setpriority": 141, "sched_setaffinity": 203,
        "sched_setscheduler": 144, "sched_setparam": 142, "sched_setattr": 314, "ioprio_set": 251, "kcmp": 312, "move_pages": 279,
        "migrate_pages": 256, "socketpair": 53, "sendmsg": 46, "sendmmsg": 307, "listen": 50, "accept": 43, "accept4": 288, "shmget": 29,
        "shmat": 30, "shmctl": 31, "semget": 64, "semctl": 66, "msgget": 68, "msgctl": 71, "mq_open": 240, "mq_unlink": 241,
        "memfd_create": 319, "name_to_handle_at": 303, "fanotify_init": 300, "inotify_init": 253, "inotify_init1": 294,
        "inotify_add_watch": 254, "adjtimex": 159, "clock_adjtime": 305, "quotactl": 179, "acct": 163, "syslog": 103, "swapoff": 168,
        "delete_module": 176, "personality": 135, "iopl": 172, "ioperm": 173, "modify_ldt": 154, "sethostname": 170, "setdomainname": 171,
        "setsid": 112, "setpgid": 109, "mknod": 133, "mknodat": 259,
    },
    "aarch64": {
        "socket": 198, "connect": 203, "bind": 200, "sendto": 206, "execve": 221, "execveat": 281, "ptrace": 117, "process_vm_readv": 270,
        "process_vm_writev": 271, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "tkill": 130,
        "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "pidfd_send_signal": 424, "pidfd_open": 434, "pidfd_getfd": 438, "mount": 40,
        "umount2": 39, "chroot": 51, "pivot_root": 41, "unshare": 97, "setns": 268, "bpf": 280, "userfaultfd": 282, "perf_event_open": 241,
        "keyctl": 219, "add_key": 217, "request_key": 218, "setrlimit": 164, "open_by_handle_at": 265, "init_module": 105,
        "finit_module": 273, "kexec_load": 104, "kexec_file_load": 294, "reboot": 142, "swapon": 224, "settimeofday": 170,
        "clock_settime": 112, "truncate": 45, "fchmod": 52, "fchmodat": 53, "fchown": 55, "fchownat": 54, "utimensat": 88, "setxattr": 5,
        "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16, "setpriority": 140,
        "sched_setaffinity": 122, "sched_setscheduler": 119, "sched_setparam": 118, "sched_setattr": 274, "ioprio_set": 30, "kcmp": 272,
        "move_pages": 239, "migrate_pages": 238, "socketpair": 199, "sendmsg": 211, "sendmmsg": 269, "listen": 201, "accept": 202,
        "accept4": 242, "shmget": 194, "shmat": 196, "shmctl": 195, "semget": 190, "semctl": 191, "msgget": 186, "msgctl": 187,
        "mq_open": 180, "mq_unlink": 181, "memfd_create": 279, "name_to_handle_at": 264, "fanotify_init": 262, "inotify_init1": 26,
        "inotify_add_watch": 27, "adjtimex": 171, "clock_adjtime": 266, "quotactl": 60, "acct": 89, "syslog": 116, "swapoff": 225,
        "delete_module": 106, "personality": 92, "sethostname": 161, "setdomainname": 162, "setsid": 157, "setpgid": 154, "mknodat": 33,
    },
}  # fmt: skip
_REFUSED_EVERYWHERE = {
    "process_madvise": 440, "process_mrelease": 448, "memfd_secret": 447, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442, "quotactl_fd": 443, "fchmodat2": 452, "setxattrat": 463,
    "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469,
}  # fmt: skip
"""Newer calls, which have the same number on every architecture."""

_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_KILL = {"x86_64": (62, 234), "aarch64": (129, 131)}  # kill, tgkill
_SET_LIMITS = {"x86_64": 302, "aarch64": 261}  # prlimit64: reading (no new limit given) stays free
_PRCTL = {"x86_64": 157, "aarch64": 167}
_DEATH_SIGNAL = 1
"""The call of prctl that would let the process outlive its service."""
_FCNTL = {"x86_64": 72, "aarch64": 25}
_OWNER_OF_SIGNALS = (8, 10, 15)
"""F_SETOWN, F_SETSIG, F_SETOWN_EX: they make the kernel send any signal to any process of this user."""
_IOCTL = {"x86_64": 16, "aarch64": 29}
_OWNER_BY_IOCTL = (0x8901, 0x8902, 0x5412)
"""FIOSETOWN and SIOCSPGRP, the same for sockets; TIOCSTI, which types into a terminal."""
_THREAD = 0x10000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _JUMP, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x05, 0x06
_ALLOW, _REFUSE, _KNOWS_NOT, _END = 0x7FFF0000, 0x00050001, 0x00050000 | 38, 0x80000000
_NUMBER, _MACHINE, _FIRST, _SECOND, _THIRD_LOW, _THIRD_HIGH = 0, 4, 16, 24, 32, 36
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2


def available() -> bool:
    """Whether there is a list of calls for this system."""
    return sys.platform.startswith("linux") and platform.machine() in _REFUSED


def deny() -> bool:
    """From now on and for good this process (and its threads) gets EPERM for the calls above; False where the system cannot do it."""
    if not available():
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    code = program(platform.machine(), os.getpid())
    buffer = ctypes.create_string_buffer(code)
    filter_ = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(filter_), 0, 0) == 0)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def program(machine: str, pid: int) -> bytes:
    """BPF: another architecture kills, x32 and the listed numbers are refused, the rest may pass.

    Threads may be made and processes not; signals go to `pid` itself only; limits can be read and not set; it stays bound to die with its service.
    `clone3` hides its flags in memory: it is said not to exist, and the C library then uses `clone`.
    """
    lines = [_step(_LOAD, 0, 0, _MACHINE), _step(_EQUAL, 1, 0, _ARCHITECTURE[machine]), _step(_RETURN, 0, 0, _END)]
    lines += [_step(_LOAD, 0, 0, _NUMBER), _step(_AT_LEAST, 0, 1, 0x40000000), _step(_RETURN, 0, 0, _REFUSE)]
    for number in (*_REFUSED[machine].values(), *_REFUSED_EVERYWHERE.values()):
        lines += [_step(_EQUAL, 0, 1, number), _step(_RETURN, 0, 0, _REFUSE)]
    lines += [_step(_EQUAL, 0, 1, _CLONE3), _step(_RETURN, 0, 0, _KNOWS_NOT)]
    lines += _unless(_CLONE[machine], [_step(_LOAD, 0, 0, _FIRST), _step(_ANY_BIT, 1, 0, _THREAD)])
    for number in _KILL[machine]:
        lines += _unless(number, [_step(_LOAD, 0, 0, _FIRST), _step(_EQUAL, 1, 0, pid)])
    nothing_new = [_step(_LOAD, 0, 0, _THIRD_LOW), _step(_EQUAL, 0, 2, 0), _step(_LOAD, 0, 0, _THIRD_HIGH), _step(_EQUAL, 1, 0, 0)]
    lines += _unless(_SET_LIMITS[machine], nothing_new)
    for number, at, values in (
        (_PRCTL[machine], _FIRST, (_DEATH_SIGNAL,)),
        (_FCNTL[machine], _SECOND, _OWNER_OF_SIGNALS),
        (_IOCTL[machine], _SECOND, _OWNER_BY_IOCTL),
    ):
        lines += _unless(number, _none_of(at, values))
    return b"".join([*lines, _step(_RETURN, 0, 0, _ALLOW)])


def _none_of(at: int, values: tuple[int, ...]) -> list[bytes]:
    """A condition for `_unless`: the argument that stands `at` is none of `values`."""
    asked = [_step(_EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [_step(_LOAD, 0, 0, at), *asked, _step(_JUMP, 0, 0, 1)]


def _unless(number: int, condition: list[bytes]) -> list[bytes]:
    """The call `number` is refused unless the last step of `condition` jumps over the refusal; both end the program."""
    tail = [_step(_RETURN, 0, 0, _REFUSE), _step(_RETURN, 0, 0, _ALLOW)]
    return [_step(_EQUAL, 0, len(condition) + len(tail), number), *condition, *tail]


def _step(code: int, true: int, false: int, value: int) -> bytes:
    return struct.pack("HBBI", code, true, false, value)
