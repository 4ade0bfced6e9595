"""A hundred files that want more than to be read, through the library, the command line and a running service: none gets anything.

No visit on loopback, the secret file never opened nor quoted, nothing written outside the job's folder, an answer in 30 s, the map fast meanwhile.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_files import CANARY, CORPUS, COSTLY, HARMLESS, QUICK, Aim
from service import ROOT, Client, Service, in_threads, looking

from geo import sandbox
from geo.children import starting, warm
from geo.errors import Refused
from geo.formats import landlock
from geo.formats.contract import ReadRequest

LONGEST_S = 30
OSM = {"layers": {"x": {"rules": [{"geometry": "point", "tags": [["name", ["*"]]]}], "fields": {}}}}
REQUEST = ReadRequest(crs="EPSG:4326", osm=OSM)
OUTSIDE = (Path("/tmp/slipped.csv"), Path("/tmp/yuantu-unpickled"), Path("/slipped.csv"))


@pytest.fixture(scope="module")
def files(aim: Aim, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corpus")


def made(name: str, files: Path, aim: Aim) -> Path:
    path = files / name
    if not path.exists():
        path.write_bytes(CORPUS[name](aim))
    return path


def outcome(path: Path, work: Path, *, inspecting: bool = False) -> tuple[str, str, float]:
    """("read" or the code of the refusal, all that was said, seconds)."""
    began = time.monotonic()
    try:
        if inspecting:
            said, told = "read", repr(sandbox.inspect(path, REQUEST, work_dir=work))
        else:
            with sandbox.read(path, REQUEST, work_dir=work) as parts:
                said, told = "read", repr(list(parts))
    except Refused as error:
        said, told = error.code, f"{error.text} {error.members}"
    return said, told, time.monotonic() - began


def expected(name: str, said: str) -> bool:
    return name in COSTLY or (said == "read") == (name in HARMLESS)


def test_the_corpus_is_large_and_no_file_holds_the_secret(aim: Aim) -> None:
    assert len(CORPUS) >= 60 and set(QUICK) <= set(CORPUS) and set(CORPUS) >= HARMLESS | COSTLY
    assert not [name for name in QUICK if CANARY.encode() in CORPUS[name](aim)]


@pytest.mark.parametrize("name", QUICK)
def test_a_hostile_file_gets_nothing(
    name: str, files: Path, aim: Aim, visitors: tuple[str, list[str]], opened: Callable[[], int], tmp_path: Path
) -> None:
    path = made(name, files, aim)
    said, told, seconds = outcome(path, tmp_path / "work")
    assert expected(name, said), (said, told)
    assert CANARY not in told and "Traceback" not in told and seconds < LONGEST_S
    assert (visitors[1], opened(), [p for p in OUTSIDE if p.exists()]) == ([], 0, [])
    assert [p.name for p in tmp_path.iterdir()] == ["work"] and not list((tmp_path / "work").iterdir())


FORMS = [
    "/vsicurl/{url}/a.geojson", "/vsizip/{secret}", "/vsizip//vsicurl/{url}/a.zip", "/vsistdin/", "/vsimem/a.geojson", "/vsisubfile/0_100,{secret}",
    "/vsitar/{secret}", "/vsigzip/{secret}", "/vsis3/bucket/a", "/vsiaz/a/b", "/vsigs/a/b", "/vsihdfs/a", "/vsicrypt/file={secret}",
    "/vsicached?file={secret}", "{url}/a.geojson", "file://{secret}", "ftp://127.0.0.1/a", "CSV:{secret}", "GPKG:{secret}:a", "WFS:{url}",
    "OAPIF:{url}", "PG:host=127.0.0.1", "MYSQL:a", "ODBC:a", "DXF:{secret}", "GEOJSON:{secret}", "ESRIJSON:{url}", "SQLITE:{secret}",
    "zip://{secret}!a", "../../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd\x00.csv", "/dev/zero", "/dev/stdin", "/proc/self/environ",
    "/proc/self/fd/0", "~/.ssh/id_rsa", "<OGRVRTDataSource/>", '{"type":"Feature"}', "",
]  # fmt: skip


def test_a_path_of_gdal_or_an_address_is_no_file(
    aim: Aim, visitors: tuple[str, list[str]], opened: Callable[[], int], tmp_path: Path
) -> None:
    assert len(FORMS) == 40
    for form in FORMS:
        path = form.replace("{secret}", str(aim.secret)).replace("{url}", aim.url)
        with pytest.raises(Refused):
            sandbox.inspect(Path(path), REQUEST, work_dir=tmp_path)
    assert (visitors[1], opened()) == ([], 0)


# --- the negative controls: the same eyes see the attack where it works


def _in_a_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"]})
    return done.stdout + done.stderr


@pytest.mark.soak  # each guard has its own control beside it
def test_control_without_any_guard_the_secret_is_read_and_the_address_visited(
    files: Path, aim: Aim, visitors: tuple[str, list[str]], opened: Callable[[], int]
) -> None:
    """GDAL as it comes, on two of the files: so the listener, the eye on the file and the secret in the answer are real."""
    paths = [str(made(name, files, aim)) for name in ("vrt.geojson", "crs_link.geojson")]
    assert CANARY in _in_a_process(f"import pyogrio\nfor path in {paths!r}: print(pyogrio.raw.read(path)[3])")
    assert (opened() > 0, visitors[1]) == (True, ["/crs"])
    visitors[1].clear()


NAIVE = """
from geo.formats import landlock, opening
def naive(files, folder, request, limits):
    import os, pyogrio
    from geo.formats.dataset import Dataset, Raw
    meta, _, shapes, values = pyogrio.raw.read(files[0]["path"])
    rows = [[str(v) for v in column] for column in values]
    count = len(rows[0])
    return [Dataset("a", "x", list(meta["fields"]), count, lambda: iter([Raw(rows, None, count)]), has_places=False)]
opening.datasets = naive
"""


@pytest.mark.skipif(not warm.available(), reason="the guards of the kernel are Linux's")
@pytest.mark.soak
@pytest.mark.parametrize("held", [False, True], ids=["free", "landlock"])
def test_control_landlock_alone_stops_a_reader_that_hands_everything_to_gdal(
    held: bool, files: Path, aim: Aim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No look at the content, every driver let in: without Landlock the secret is told, with it not."""
    code = NAIVE + ("" if held else "landlock.confine = lambda *_: []\n")
    whole, environment = starting.command, starting.environment
    monkeypatch.setattr(warm, "available", lambda: False)
    monkeypatch.setattr(
        starting, "command", lambda entry: [*whole(entry)[:-1], whole(entry)[-1].replace("; import geo", f"\n{code}\nimport geo", 1)]
    )
    monkeypatch.setattr(starting, "environment", lambda: {k: v for k, v in environment().items() if k != "GDAL_SKIP"})
    path = made("vrt.geojson", files, aim)
    said, told, _ = outcome(path, tmp_path / "work")
    assert (CANARY in told) is not held, (said, told)


# --- all of them


@pytest.mark.soak
@pytest.mark.parametrize("way", ["warm", "cold"])
def test_all_through_the_library(
    way: str,
    files: Path,
    aim: Aim,
    visitors: tuple[str, list[str]],
    opened: Callable[[], int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if way == "cold":
        monkeypatch.setattr(warm, "available", lambda: False)
    for name in CORPUS:
        path = made(name, files, aim)
        for inspecting in (True, False):
            said, told, seconds = outcome(path, tmp_path / "work", inspecting=inspecting)
            assert inspecting or expected(name, said), (name, said, told)
            assert CANARY not in told and "Traceback" not in told, name
            assert seconds < LONGEST_S, (name, seconds)
            assert (visitors[1], opened(), list((tmp_path / "work").iterdir())) == ([], 0, []), name
    assert [p for p in OUTSIDE if p.exists()] == []


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace on this system")
@pytest.mark.skipif(not warm.available(), reason="Linux only")
def test_no_child_opens_a_file_outside_its_folder(files: Path, aim: Aim, tmp_path: Path) -> None:
    """Every successful open of every child, seen from outside by strace. (The nursery itself, which reads no foreign file, may look at fonts for ezdxf.)"""
    warm.close()
    sandbox.prepare()
    nursery = warm._Nursery.running
    assert nursery is not None
    sandbox.guards()
    log = tmp_path / "trace.txt"
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-e", "trace=open,openat,openat2,creat", "-o", str(log), "-p", str(nursery._process.pid)],
        stderr=subprocess.DEVNULL,
    )
    time.sleep(1)
    for name in CORPUS:
        outcome(made(name, files, aim), tmp_path / "work")
    warm.close()
    tracer.wait(30)
    calls = re.finditer(
        r'(?m)^(\d+) +(?:open|openat|openat2|creat)\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)".*\) = \d+', log.read_text(errors="replace")
    )
    seen = [m[2] for m in calls if int(m[1]) != nursery._process.pid]
    allowed = re.compile("|".join([*map(re.escape, _readable(files, tmp_path)), r"(?!/|\.\.)"]))
    assert len(seen) > 1000
    assert sorted({p for p in seen if not allowed.match(p)}) == []


def _readable(files: Path, tmp_path: Path) -> list[str]:
    own = [str(files), str(tmp_path / "work"), "/dev/null", "/proc/self/fd", "/proc/self/task", str(ROOT / "geo")]
    return [*own, *map(str, landlock.libraries())]


@pytest.mark.soak
def test_all_through_the_command_line(
    files: Path, aim: Aim, visitors: tuple[str, list[str]], opened: Callable[[], int], tmp_path: Path
) -> None:
    environment = {**os.environ, "YUANTU_STORE": str(tmp_path / "store.gpkg"), "FLASK_APP": "app.py", "TMPDIR": str(tmp_path)}
    for name in CORPUS:
        began = time.monotonic()
        arguments = ["import", str(made(name, files, aim)), "--layer", "hazards", "--crs", "EPSG:4326", "--dry-run", "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
        told = done.stdout + done.stderr
        assert done.returncode in (0, 2, 3, 4, 5), (name, done.returncode, told[-500:])
        assert CANARY not in told and "Traceback" not in told, (name, told[-500:])
        assert time.monotonic() - began < LONGEST_S + 5 or name in COSTLY, name
        assert (visitors[1], opened()) == ([], 0), name
    assert [p for p in OUTSIDE if p.exists()] == []


@pytest.mark.soak
def test_all_through_a_running_service(
    files: Path, aim: Aim, visitors: tuple[str, list[str]], opened: Callable[[], int], service: Service
) -> None:
    """Two people upload everything at once while a third looks at the map."""
    client = Client(service.port).enter()
    before = client.ask("GET", "/api/state")[1]
    worst: dict[str, float] = {}
    with looking(service) as quiet:
        time.sleep(3)
    with looking(service) as waits:

        def people(share: list[str]) -> None:
            person = Client(service.port).enter()
            for name in share:
                found = person.take(name, made(name, files, aim).read_bytes())
                worst[name] = found["seconds"]
                assert found["state"] in ("refused", "done"), (name, found)
                assert CANARY not in found["told"] and "Traceback" not in found["told"] and str(service.folder) not in found["told"], name

        everything = list(CORPUS)
        failures = in_threads(people, everything[::2], everything[1::2])
    assert failures == []
    assert service.alive and (visitors[1], opened()) == ([], 0)
    p95, before_it = (sorted(w)[int(len(w) * 0.95)] for w in (waits, quiet))
    slowest, longest = max(worst.values()), max(waits)
    print(
        f"\n{len(CORPUS)} files, slowest {slowest:.1f} s; map: {len(waits)} requests, p95 {p95 * 1000:.0f} ms, worst {longest * 1000:.0f} ms"
    )
    print(f"without uploads the map's p95 is {before_it * 1000:.0f} ms")
    assert {k: v for k, v in worst.items() if v > LONGEST_S} == {}
    assert p95 < 0.5
    after = client.ask("GET", "/api/state")[1]
    assert {k: v for k, v in json.loads(after).items() if k != "csrf_token"} == {
        k: v for k, v in json.loads(before).items() if k != "csrf_token"
    }
    assert CANARY not in service.log.read_text()
