"""The child seen from the service: nothing of it stays, nothing of it is believed, its death is an answer."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import orjson
import pyproj
import pytest
import shapely

from geo import sandbox
from geo.children import child, starting, warm
from geo.errors import CrsNotDeclared, HostileFile, Refused, Stopped, TooLarge, UnreadableFile
from geo.formats import gdal, guards, landlock, pipe, seccomp, wire, writing
from geo.formats.contract import Chunk, DatasetHeader, DatasetInfo, ReadRequest
from geo.formats.limits import Limits

ROOT = Path(__file__).resolve().parents[2]
CSV = "名称,经度,纬度\n甲,25.1,60.1\n乙,25.2,60.2\n丙,,\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "台账.csv"
    path.write_text(CSV, "utf-8")
    return path


def test_a_file_is_read_in_a_child(table: Path, tmp_path: Path) -> None:
    work, steps = tmp_path / "work", []
    with sandbox.read(table, ReadRequest(), work_dir=work, progress=lambda *n: steps.append(n)) as parts:
        header, chunk = parts
        assert len(list(work.iterdir())) == 1
    assert isinstance(header, DatasetHeader) and isinstance(chunk, Chunk)
    assert (header.name, header.count, header.crs, header.encoding, header.has_places) == ("台账", 3, "EPSG:4326", "UTF-8", True)
    assert list(chunk.numbers) == [1, 2, 3] and [v["名称"] for v in chunk.values] == ["甲", "乙", "丙"]
    assert [g and shapely.from_wkb(g).wkt for g in chunk.geometry] == ["POINT (25.1 60.1)", "POINT (25.2 60.2)", None]
    assert steps == [(3, 3)]
    assert list(work.iterdir()) == []


def test_inspecting_says_what_is_in_it(table: Path) -> None:
    (found,) = sandbox.inspect(table, ReadRequest())
    assert (found.driver, found.count, list(found.columns)) == ("CSV", 3, ["名称", "经度", "纬度"])
    assert dict(found.geometry_types) == {"Point": 2, "none": 1}
    assert (found.declared_crs, list(found.candidates), found.sample[0]["名称"]) == ("EPSG:4326", [], "甲")


def test_no_reader_is_ever_loaded_in_the_service(table: Path, tmp_path: Path) -> None:
    """GDAL beside an open store loses commits, and its bugs would be ours: in a fresh process nothing of it is there after all the work."""
    code = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from geo import sandbox
from geo.formats.contract import ReadRequest
sandbox.inspect(Path({str(table)!r}), ReadRequest())
with sandbox.read(Path({str(table)!r}), ReadRequest()) as parts: assert len(list(parts)) == 2
sandbox.write(Path({str(tmp_path / "o.gpkg")!r}), "GPKG", "a", [("n", "text")], [(None, ["x"])], "EPSG:4326")
print([m for m in ("pyogrio", "fiona", "osmium", "python_calamine", "osgeo") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_leaving_early_kills_the_child_and_removes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("name,lon,lat\n" + "".join(f"n{i},25,60\n" for i in range(60_000)))
    work = tmp_path / "work"
    sandbox.guards()
    before = _children()
    with pytest.raises(RuntimeError, match="stop"), sandbox.read(path, ReadRequest(), work_dir=work) as parts:
        next(parts)
        next(parts)
        raise RuntimeError("stop")
    assert _children() == before and list(work.iterdir()) == []


def _children() -> set[str]:
    me = str(os.getpid())
    return {p for p in os.listdir("/proc") if p.isdigit() and _parent(p) == me}


def _parent(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]
    except OSError:
        return ""


def test_folders_of_services_that_died_are_swept(table: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (work / f"yuantu-job-{dead.pid}-x").mkdir(parents=True)
    (work / f"yuantu-job-{os.getpid()}-y").mkdir()
    sandbox.inspect(table, ReadRequest(), work_dir=work)
    assert [p.name for p in work.iterdir()] == [f"yuantu-job-{os.getpid()}-y"]


def test_refusals_come_across_with_their_members(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,lon,lat\na,113.0,34.75\n")
    with pytest.raises(CrsNotDeclared) as caught, sandbox.read(path, ReadRequest()) as parts:
        list(parts)
    assert [c["crs"] for c in caught.value.members["candidates"]] == ["EPSG:4326", "GCJ-02", "BD-09"]
    assert "GCJ-02" in caught.value.text.zh
    json.dumps(caught.value.members)


@pytest.mark.parametrize(
    ("limits", "error"),
    [(Limits(file=10), TooLarge), (Limits(features=2), TooLarge), (Limits(columns=2), TooLarge), (Limits(wall=0), TooLarge)],
    ids=["bytes", "records", "columns", "seconds"],
)
def test_limits(limits: Limits, error: type[Refused], table: Path) -> None:
    with pytest.raises(error), sandbox.read(table, ReadRequest(), limits=limits) as parts:
        list(parts)


# --- both ways to start, with readers put in place of the real ones

Planted = Callable[[str], None]
"""Code that runs in the interpreter of the child (or of its nursery) before the job."""


def with_code(code: str) -> Callable[[str], list[str]]:
    """What starts a child or a nursery, with `code` run before it."""

    def command(entry: str) -> list[str]:
        *start, last = real(entry)
        path, rest = last.split("; import geo", 1)
        return [*start, f"{path}\n{code}\nimport geo{rest}"]

    real = starting.command
    return command


@pytest.fixture(params=["warm", pytest.param("cold", marks=pytest.mark.soak)])
def plant(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planted]:
    if request.param == "warm" and not warm.available():
        pytest.skip("children start warm on Linux only")
    monkeypatch.setattr(warm, "available", lambda: request.param == "warm")
    monkeypatch.setattr(warm._Nursery, "running", None)
    yield lambda code: monkeypatch.setattr(starting, "command", with_code(code))
    warm.close()


OBEDIENT = """
import ctypes, os, signal, socket, sys, time
from pathlib import Path
from geo.formats import child, guards, landlock, pipe, seccomp
def work(job, limits, out):
    told = {}
    exec(job["request"]["clip"], {**globals(), "told": told, "job": job, "out": out})
    pipe.send(out, b"G", __import__("orjson").dumps([f"{k}={v}" for k, v in told.items()]))
child._JOBS["inspect"] = work
"""
"""A reader that does what it is told, as one would that was taken over."""


@pytest.fixture(scope="module")
def kept() -> Iterator[dict[str, warm._Nursery | None]]:
    """The nursery of obedient children between the tests that want it: a new one for each would only cost time."""
    kept: dict[str, warm._Nursery | None] = {"nursery": None}
    yield kept
    if kept["nursery"]:
        kept["nursery"].close()


@pytest.fixture(params=["warm", pytest.param("cold", marks=pytest.mark.soak)])
def obedient(request: pytest.FixtureRequest, kept: dict[str, warm._Nursery | None], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The next children do what `told_by` says."""
    if request.param == "warm" and not warm.available():
        pytest.skip("children start warm on Linux only")
    monkeypatch.setattr(warm, "available", lambda: request.param == "warm")
    monkeypatch.setattr(starting, "command", with_code(OBEDIENT))
    monkeypatch.setattr(warm._Nursery, "running", kept["nursery"])
    yield
    kept["nursery"] = warm._Nursery.running


def told_by(path: Path, body: str, **limits: int) -> dict[str, str]:
    """What the child says of itself after it has done `body`."""
    with sandbox._job("inspect", [path], ReadRequest(clip=body), Limits(**limits), None) as job:
        assert list(job.frames()) == []
        return dict(sorted(line.split("=", 1) for line in job.held))


def test_a_file_is_read_both_ways(plant: Planted, table: Path, request: pytest.FixtureRequest) -> None:
    with sandbox.read(table, ReadRequest()) as parts:
        header, chunk = parts
    assert isinstance(header, DatasetHeader) and isinstance(chunk, Chunk) and header.count == len(chunk.values) == 3
    assert sandbox.guards()["warm"] is ("warm" in request.node.name)


@pytest.mark.soak  # it burns the seconds it is given
def test_a_child_that_burns_time_is_stopped(obedient: None, table: Path) -> None:
    """A reader in an endless loop: its seconds of CPU run out, and the answer is a refusal."""
    began = time.monotonic()
    with pytest.raises(TooLarge, match="took too long"):
        told_by(table, "while True: pass", cpu=1)
    assert time.monotonic() - began < 30


ENDS: dict[str, tuple[str, type[Refused], str]] = {
    "memory": ("held = bytearray(3 << 30)", TooLarge, "more memory"),
    "crash": ("os.kill(os.getpid(), signal.SIGSEGV)", UnreadableFile, "its reader stopped"),
    "abort": ("os.abort()", TooLarge, "more memory"),
    "exit": ("os._exit(3)", UnreadableFile, "its reader stopped"),
    "linker": ("os._exit(127)", TooLarge, "more memory"),
    "silent": ("os.close(out.fileno()); time.sleep(60)", UnreadableFile, "its reader stopped"),
    "cut": ("out.write(b'Hxxxx'); out.flush(); os._exit(0)", HostileFile, "out of order"),
    "lying": ("out.write(b'C' + b'\\xff' * 4); out.flush(); time.sleep(60)", HostileFile, "out of order"),
    "protocol": ("pipe.send(out, b'G', b'7')", HostileFile, "out of order"),
    "no json": ("pipe.send(out, b'G', b'no json')", HostileFile, "out of order"),
    "long refusal": ("pipe.send(out, b'E', b' ' * (5 << 20))", HostileFile, "out of order"),
    "recursion": ("raise RecursionError", HostileFile, "nests too deeply"),
    "defect": ("raise KeyError('/etc/passwd')", UnreadableFile, "cannot be read"),
}
COLD_TOO = ("memory", "crash", "exit")
"""Ends that a cold child tells otherwise than a warm one, by its own exit code; the rest cold are for the long campaigns (a second each)."""


@pytest.mark.parametrize(
    ("obedient", "body", "error", "says"),
    [
        pytest.param(way, *end, id=f"{way}-{name}", marks=[pytest.mark.soak] if way == "cold" and name not in COLD_TOO else [])
        for way in ("warm", "cold")
        for name, end in ENDS.items()
    ],
    indirect=["obedient"],
)
def test_however_a_child_ends_it_is_a_refusal(
    body: str, error: type[Refused], says: str, obedient: None, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_END_S", 0.5)
    with pytest.raises(error, match=says) as caught:
        told_by(table, body)
    assert "passwd" not in f"{caught.value} {caught.value.members}"


@pytest.mark.parametrize("frame", ["b'I', b'{}'", "b'I', b'7'", "b'I', __import__('orjson').dumps({**dict.fromkeys(%r), 'sample': 7})"])
def test_what_a_child_says_of_a_file_is_judged_where_it_is_used(frame: str, obedient: None, table: Path) -> None:
    """The frame is whole, its content is not as agreed: a refusal, no defect of ours."""
    names = [f.name for f in fields(DatasetInfo)]
    with pytest.raises(HostileFile, match="out of order"):
        sandbox.inspect(table, ReadRequest(clip=f"pipe.send(out, {frame.replace('%r', repr(names))})"))


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_numbers_of_the_calls_are_those_of_the_kernel(machine: str) -> None:
    """A wrong number would leave a call open and shut another: compared with the headers of the system, where it has them."""
    header = Path("/usr/include/asm-generic/unistd.h" if machine == "aarch64" else "/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    if not header.is_file():
        pytest.skip("no headers of the kernel on this system")
    known = {name: int(n) for name, n in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())}
    single = {
        "clone": seccomp._CLONE,
        "prlimit64": seccomp._SET_LIMITS,
        "prctl": seccomp._PRCTL,
        "fcntl": seccomp._FCNTL,
        "ioctl": seccomp._IOCTL,
    }
    ours = {**seccomp._REFUSED[machine], **seccomp._REFUSED_EVERYWHERE, **{name: table[machine] for name, table in single.items()}}
    ours |= dict(zip(("kill", "tgkill"), seccomp._KILL[machine], strict=True)) | {"clone3": seccomp._CLONE3}
    assert {name: n for name, n in ours.items() if name in known} == {name: known[name] for name in ours if name in known}
    assert len(ours.keys() & known.keys()) > 80


def test_a_job_that_nobody_wants_is_killed(obedient: None, table: Path, tmp_path: Path) -> None:
    asked = iter([False, False, True])
    began = time.monotonic()
    with pytest.raises(Stopped):
        sandbox.inspect(table, ReadRequest(clip="time.sleep(60)"), work_dir=tmp_path / "work", stop=lambda: next(asked))
    assert time.monotonic() - began < 30 and list((tmp_path / "work").iterdir()) == []


PROBE = """
def tried(name, action):
    try:
        told[name] = action()
    except BaseException as error:
        told[name] = type(error).__name__
folder, given = Path(job["folder"]), Path(job["files"][0]["path"])
secret = given.parent / "secret.txt"
libc = ctypes.CDLL(None, use_errno=True)
tried("given", lambda: len(given.read_bytes()) > 0)
tried("given written", lambda: given.open("ab").write(b"x"))
tried("secret", lambda: secret.read_text())
tried("secret by link", lambda: (os.symlink(secret, folder / "l"), (folder / "l").read_text())[1])
tried("secret by hard link", lambda: (os.link(secret, folder / "h"), (folder / "h").read_text())[1])
tried("listed", lambda: len(os.listdir(given.parent)) > 0)
tried("made outside", lambda: (given.parent / "new").write_text("x"))
tried("made inside", lambda: (folder / "new").write_text("x"))
tried("removed outside", lambda: secret.unlink())
tried("memory of others", lambda: len(Path(f"/proc/{os.getppid()}/maps").read_text()) > 0)
tried("passwd", lambda: len(Path("/etc/passwd").read_text()) > 0)
tried("socket", lambda: socket.socket().close() is None)
tried("local socket", lambda: socket.socket(socket.AF_UNIX).close() is None)
tried("program", lambda: os.spawnv(os.P_WAIT, "/bin/true", ["true"]))
tried("fork", lambda: os.fork() and True)
tried("signal", lambda: os.kill(os.getppid(), 0))
tried("limit", lambda: __import__("resource").setrlimit(__import__("resource").RLIMIT_CPU, (999, 999)))
tried("limit read", lambda: __import__("resource").getrlimit(__import__("resource").RLIMIT_CPU)[0])
tried("ptrace", lambda: libc.ptrace(16, os.getppid(), 0, 0))
tried("thread", lambda: (lambda t: (t.start(), t.join(), True)[2])(__import__("threading").Thread(target=int)))
tried("nice", lambda: os.getpriority(os.PRIO_PROCESS, 0))
tried("slow others", lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19))
tried("mode of others", lambda: os.chmod(secret, 0o600))
tried("times of others", lambda: os.utime(secret))
tried("cut short", lambda: os.truncate(given, 1))
tried("uncounted memory", lambda: os.memfd_create("x") > 0)
tried("lasting memory", lambda: libc.semget(0, 1, 0o600))
tried("signal by a pipe", lambda: __import__("fcntl").fcntl(0, 8, os.getppid()))
tried("outlive", lambda: libc.prctl(1, 0, 0, 0, 0))
"""
HELD = {
    "given": "True", "given written": "PermissionError", "secret": "PermissionError", "secret by link": "PermissionError",
    "listed": "PermissionError", "made outside": "PermissionError", "made inside": "1", "removed outside": "PermissionError",
    "memory of others": "PermissionError", "passwd": "PermissionError", "socket": "PermissionError", "local socket": "PermissionError",
    "program": "PermissionError", "fork": "PermissionError", "signal": "PermissionError", "limit": "ValueError", "limit read": "20",
    "ptrace": "-1", "thread": "True", "nice": "10", "slow others": "PermissionError", "mode of others": "PermissionError",
    "times of others": "PermissionError", "cut short": "PermissionError", "uncounted memory": "PermissionError", "lasting memory": "-1",
    "signal by a pipe": "PermissionError", "outlive": "-1",
}  # fmt: skip
"""What a child that was taken over gets when it tries, with everything in force (a kernel with Landlock and seccomp)."""


@pytest.mark.skipif(landlock.version() < 1 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp filter for us")
def test_a_child_that_was_taken_over_gets_nowhere(obedient: None, table: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("canary")
    before = table.read_bytes()
    told = told_by(table, PROBE)
    assert told.pop("secret by hard link") in ("PermissionError", "OSError")
    assert told == HELD
    assert table.read_bytes() == before and sorted(p.name for p in tmp_path.iterdir()) == ["secret.txt", "台账.csv"]


@pytest.mark.skipif(landlock.version() < 1, reason="this kernel has no Landlock")
def test_control_without_landlock_the_secret_is_read(plant: Planted, table: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("canary")
    plant(OBEDIENT + "landlock.confine = lambda *_: []")
    told = told_by(table, without("removed outside"))
    assert (told["secret"], told["secret by link"], told["passwd"], told["made outside"]) == ("canary", "canary", "True", "1")
    assert told["socket"] == "PermissionError", "the other guard is still there"


@pytest.mark.skipif(not seccomp.available(), reason="this system has no seccomp filter for us")
def test_control_without_seccomp_there_are_sockets(plant: Planted, table: Path, tmp_path: Path) -> None:
    plant(OBEDIENT + "seccomp.deny = lambda: False")
    (tmp_path / "secret.txt").write_text("canary")
    told = told_by(table, without("fork", "program", "ptrace", 'signal"', "slow others", "lasting memory", "cut short"))
    assert (told["socket"], told["local socket"]) == ("True", "True")
    assert (told["mode of others"], told["times of others"], told["uncounted memory"], told["outlive"]) == ("None", "None", "True", "0")
    assert told["signal by a pipe"] == "0"


def without(*names: str) -> str:
    """The probe without what would do harm or need waiting for when its guard is off."""
    return "\n".join(line for line in PROBE.splitlines() if not any(line.startswith(f'tried("{name}') for name in names))


# --- the nursery


@pytest.fixture
def nursery(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """None runs yet; the one of the tests before is put aside."""
    if not warm.available():
        pytest.skip("children start warm on Linux only")
    monkeypatch.setattr(warm._Nursery, "running", None)
    yield
    warm.close()
    warm._Nursery.broken = False


def test_the_nursery_holds_no_reader_no_thread_and_no_file(nursery: None) -> None:
    """What it has loaded every child has; a driver or an open store in it would go round the guards."""
    code = f"""
import os, sys; sys.path.insert(0, {str(ROOT)!r})
from geo.formats import nursery
nursery._load(nursery._FIRST + nursery._WHEN_IDLE); nursery._map_gdal()
print([m for m in ("pyogrio", "fiona", "osmium", "pyarrow", "osgeo", "sqlalchemy", "geo.store", "flask") if m in sys.modules])
print([m for m in nursery._FIRST if m not in sys.modules], nursery._threads())
print(sorted(os.readlink(f"/proc/self/fd/{{n}}").split(":")[0] for n in os.listdir("/proc/self/fd") if int(n) > 2 and os.path.exists(f"/proc/self/fd/{{n}}")))
"""
    done = subprocess.run([sys.executable, "-c", code], env=starting.environment(), capture_output=True, text=True, timeout=120)
    none, loaded, files = done.stdout.splitlines()
    assert (none, loaded) == ("[]", "[] 1"), done.stderr
    assert set(ast.literal_eval(files)) <= {str(Path(pyproj.datadir.get_data_dir()) / "proj.db")}


def test_one_nursery_serves_many_threads(nursery: None, table: Path) -> None:
    before = _children()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: sandbox.inspect(table, ReadRequest())[0].count, range(12)))
    assert found == [3] * 12
    assert len(_children() - before) == 1


def test_a_nursery_that_was_killed_is_replaced(nursery: None, table: Path) -> None:
    sandbox.prepare()
    first = warm._Nursery.running
    assert first is not None
    first._process.kill()
    first._process.wait()
    assert sandbox.inspect(table, ReadRequest())[0].count == 3
    assert sandbox.guards()["warm"] is True


def test_a_nursery_that_does_not_start_is_done_without(nursery: None, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = starting.command
    monkeypatch.setattr(starting, "command", lambda e: [sys.executable, "-c", "raise SystemExit(1)"] if "nursery" in e else whole(e))
    assert sandbox.inspect(table, ReadRequest())[0].count == 3
    assert (sandbox.guards()["warm"], warm._Nursery.broken) == (False, True)


@pytest.mark.soak
def test_a_fork_of_the_service_has_a_nursery_of_its_own(nursery: None, table: Path) -> None:
    """A server with several workers forks: two processes that talk on one socket would get each other's children."""
    sandbox.prepare()
    mine = warm._Nursery.running
    code = f"""
import os, sys; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from geo import sandbox
from geo.children import warm
from geo.formats.contract import ReadRequest
sandbox.prepare(); first = warm._Nursery.running
if os.fork() == 0:
    sandbox.inspect(Path({str(table)!r}), ReadRequest())
    print(warm._Nursery.running is first, flush=True); warm.close(); os._exit(0)
os.wait()
print(first._process.poll(), sandbox.guards()["warm"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.stdout.split(), done.stderr) == (["False", "None", "True"], "") and warm._Nursery.running is mine


@pytest.mark.soak
def test_the_nursery_ends_with_its_service(nursery: None) -> None:
    code = f"""
import sys, time; sys.path.insert(0, {str(ROOT)!r})
from geo import sandbox
from geo.children import warm
sandbox.guards()
print(warm._Nursery.running._process.pid, flush=True)
time.sleep(60)
"""
    service = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    number = int(service.stdout.readline())
    service.kill()
    service.communicate()
    end = time.monotonic() + 5
    while Path(f"/proc/{number}").exists() and _parent(str(number)) and time.monotonic() < end:
        time.sleep(0.02)
    assert not Path(f"/proc/{number}/exe").exists()


def test_this_system_has_the_guards() -> None:
    found = sandbox.guards()
    assert set(found) == {*guards.NAMES, "warm"}
    if sys.platform == "linux":
        assert all(found[name] for name in ("memory", "cpu", "file-size", "open-files", "core", "priority", "network", "warm"))
        assert (found["files"], found["tcp"], found["signals"]) == tuple(landlock.version() >= n for n in (1, 4, 6))


# --- what the child sends is checked

HEADER = DatasetHeader("a", "CSV", ["n", "m"], 2, "EPSG:4326", None, True)
POINT = shapely.to_wkb(shapely.Point(1, 2), byte_order=1)


def _payload(**changes: Any) -> bytes:
    meta = {
        "n": 2,
        "values": [["x", 1], [None, 2.5]],
        "problems": {"1": ["bad-coordinates", "坏", "bad"]},
        "repairs": {"0": ["ring-closed"]},
        **changes,
    }
    text = orjson.dumps(meta)
    return len(text).to_bytes(4, "little") + text + struct.pack("<II", len(POINT), 0) + POINT


def test_a_good_chunk() -> None:
    chunk = wire.decode_chunk(_payload(), HEADER, 6, text_limit=10)
    assert list(chunk.numbers) == [6, 7]
    assert chunk.values == [{"n": "x", "m": None}, {"n": 1, "m": 2.5}]
    assert (chunk.problems[1], chunk.repairs[0]) == (("bad-coordinates", "坏", "bad"), ("ring-closed",))


BAD: dict[str, bytes] = {
    "nothing": b"",
    "no json": b"\x04\0\0\0nope",
    "array": b"\x02\0\0\0[]",
    "count": _payload(n=3),
    "negative": _payload(n=-1),
    "huge": _payload(n=10**9),
    "column missing": _payload(values=[["x", 1]]),
    "column short": _payload(values=[["x"], [None]]),
    "a list as value": _payload(values=[["x", [1]], [None, 2]]),
    "an object as value": _payload(values=[["x", {"a": 1}], [None, 2]]),
    "text too long": _payload(values=[["x" * 11, 1], [None, 2]]),
    "unknown problem": _payload(problems={"0": ["made-up", "a", "b"]}),
    "problem out of range": _payload(problems={"2": ["bad-coordinates", "a", "b"]}),
    "repair not text": _payload(repairs={"0": [1]}),
    "bytes left over": _payload() + b"x",
    "bytes missing": _payload()[:-1],
    "not a geometry": _payload()[: -len(POINT)] + b"\x01\x07" + POINT[2:],
    "not finite": _payload()[:-8] + struct.pack("<d", float("nan")),
}


@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_chunk_is_not_believed(name: str) -> None:
    with pytest.raises(pipe.BadFrame):
        wire.decode_chunk(BAD[name], HEADER, 1, text_limit=10)


@pytest.mark.parametrize(
    "changes",
    [
        {"count": -1},
        {"count": 10**9},
        {"count": "2"},
        {"columns": ["a", "a"]},
        {"columns": [1]},
        {"name": 5},
        {"has_places": 1},
        {"extra": 1},
        {"notes": ["x"]},
    ],
)
def test_a_bad_header_is_not_believed(changes: dict[str, Any]) -> None:
    wire.decode_header(orjson.dumps(asdict(HEADER)), columns=10, features=10)
    with pytest.raises(pipe.BadFrame):
        wire.decode_header(orjson.dumps({**asdict(HEADER), **changes}), columns=10, features=10)


def test_only_known_refusals_cross() -> None:
    made_up = orjson.dumps({"code": "store-damaged", "zh": "a", "en": "b", "members": {}})
    assert type(pipe.decode_error(made_up)) is UnreadableFile


@pytest.mark.parametrize("data", [b"H", b"C\xff\xff\xff\xff", b"C\x05\0\0\0abc"])
def test_cut_or_huge_frames(data: bytes) -> None:
    with pytest.raises(pipe.BadFrame):
        pipe.receive(io.BytesIO(data))


# --- writing


def test_a_geopackage_is_written_whole(tmp_path: Path) -> None:
    rows = [(POINT, ["南苑", 3, 1.5, True, "2023-06-01"]), (None, [None] * 5), (POINT, ["{{7*7}}", -1, 0.0, False, None])]
    fields = [("name", "text"), ("n", "integer"), ("x", "number"), ("b", "boolean"), ("d", "date")]
    path = tmp_path / "out.gpkg"
    path.write_bytes(b"old")
    sandbox.write(path, "GPKG", "compounds", fields, iter(rows), "EPSG:4326", geometry_type="Point", work_dir=tmp_path / "work")
    db = sqlite3.connect(path)
    assert db.execute("SELECT name, n, x, b, d, geom IS NULL FROM compounds").fetchall() == [
        ("南苑", 3, 1.5, 1, "2023-06-01", 0), (None, None, None, None, None, 1), ("{{7*7}}", -1, 0.0, 0, None, 0)
    ]  # fmt: skip
    assert db.execute("SELECT srs_id FROM gpkg_contents").fetchall() == [(4326,)]
    db.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.gpkg", "work"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    path.write_bytes(b"old")
    with pytest.raises(Refused):
        sandbox.write(path, "KML", "a", [("n", "text")], [(None, ["x"])], "EPSG:4326")
    assert path.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["out.gpkg"]


@pytest.mark.parametrize(("lost", "rows"), [(0, 6_000), (1, 6_000), (0, 0)])
def test_what_was_written_is_counted_in_the_file(lost: int, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that drops a feature in silence must not hand on a file with fewer than were asked for."""
    import pyarrow
    import pyogrio

    class Losing:
        class raw:
            @staticmethod
            def write_arrow(reader: Any, path: str, **options: Any) -> None:
                whole = pyarrow.RecordBatchReader.from_stream(reader).read_all()
                pyogrio.raw.write_arrow(whole.slice(0, len(whole) - lost), path, **options)

    monkeypatch.setattr(gdal, "library", lambda *_: Losing)
    source = io.BytesIO()
    for start in range(0, rows, 5_000):
        wire.send_rows(source, [(POINT, ["x"])] * min(5_000, rows - start))
    source.seek(0)
    job = {"driver": "GPKG", "folder": str(tmp_path), "fields": [["n", "text"]], "layer": "a", "crs": "EPSG:4326", "geometry_type": "Point"}
    if lost:
        with pytest.raises(Refused, match="6000 features were written, the file holds 5999"):
            writing.write(job, source, Limits())
    else:
        writing.write(job, source, Limits())
    assert (tmp_path / "out").exists() == (not lost)


def test_a_shape_beside_a_record_is_checked_like_all_else() -> None:
    """The geometry text of an unusable record: only with a problem, only text, no longer than allowed, never over a column of the file."""
    header = DatasetHeader("a", "GeoJSON", ["n"], 1, "EPSG:4326", None, True)

    def decoded(shapes: Any, problems: dict[int, Any], header: DatasetHeader = header) -> Chunk:
        payload = b"".join(wire.encode_chunk(wire.Columns([["v"]], [None], problems, {}, shapes)))
        return wire.decode_chunk(payload, header, 1, text_limit=100)

    bad = {0: ("invalid-geometry", "", "")}
    assert decoded({0: "POINT (1 2)"}, bad).values == [{"n": "v", "geometry_wkt": "POINT (1 2)"}]
    own = DatasetHeader("a", "GeoJSON", ["geometry_wkt"], 1, "EPSG:4326", None, True)
    assert decoded({0: "POINT (1 2)"}, bad, own).values == [{"geometry_wkt": "v"}]
    for shapes, problems in (({0: "POINT (1 2)"}, {}), ({0: "x" * 20_001}, bad), ({0: 7}, bad), ({1: "POINT (1 2)"}, bad)):
        with pytest.raises(pipe.BadFrame):
            decoded(shapes, problems)
