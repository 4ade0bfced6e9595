"""The child seen from the service: nothing of it stays, nothing of it is believed, its death is an answer."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import struct
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import pytest
import shapely

from geo import sandbox
from geo.errors import CrsNotDeclared, HostileFile, Refused, TooLarge, UnreadableFile
from geo.formats import gdal, pipe, wire, writing
from geo.formats.contract import Chunk, DatasetHeader, ReadRequest
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


def test_a_child_that_burns_time_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader in an endless loop: its seconds of CPU run out, and the answer is a refusal."""
    monkeypatch.setattr(sandbox, "_ROOT", _with_reader(tmp_path, "while True: pass"))
    began = time.monotonic()
    with pytest.raises(TooLarge), sandbox.read(_file(tmp_path), ReadRequest(), limits=Limits(cpu=1)) as parts:
        list(parts)
    assert time.monotonic() - began < 30


def test_a_child_that_crashes_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_ROOT", _with_reader(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"))
    with pytest.raises(UnreadableFile), sandbox.read(_file(tmp_path), ReadRequest()) as parts:
        list(parts)


def test_a_child_that_answers_out_of_order_is_hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_ROOT", _with_reader(tmp_path, "import os; os.write(3, b'Hxxxx'); os.write(1, b'x')", speak=True))
    with pytest.raises((HostileFile, UnreadableFile)), sandbox.read(_file(tmp_path), ReadRequest()) as parts:
        list(parts)


def _file(folder: Path) -> Path:
    (folder / "a.csv").write_text("a,b\n1,2\n")
    return folder / "a.csv"


def _with_reader(folder: Path, body: str, *, speak: bool = False) -> Path:
    """A tree whose child does `body` instead of reading, under the real guards."""
    package = folder / "tree" / "geo" / "formats"
    package.mkdir(parents=True)
    guarded = "from real import limit; limit()\n" if not speak else ""
    (package / "child.py").write_text(
        f"import sys\nsys.path.insert(0, {str(folder)!r})\ndef main():\n    {guarded or 'pass'}\n    {body}\n"
    )
    (package / "__init__.py").write_text("")
    (package.parent / "__init__.py").write_text("")
    (folder / "real.py").write_text("import resource\ndef limit(): resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\n")
    return folder / "tree"


def test_this_system_has_the_guards() -> None:
    found = sandbox.guards()
    assert set(found) == {"memory", "cpu", "file-size", "open-files", "core", "network"}
    if sys.platform == "linux":
        assert all(found.values())


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
    import pyogrio

    class Losing:
        class raw:
            @staticmethod
            def write(path: str, geometry: Any, data: Any, *args: Any, field_mask: Any, **options: Any) -> None:
                keep = len(geometry) - lost
                masks = [m if m is None else m[:keep] for m in field_mask]
                pyogrio.raw.write(path, geometry[:keep], [d[:keep] for d in data], *args, field_mask=masks, **options)

    monkeypatch.setattr(gdal, "library", lambda: Losing)
    source = io.BytesIO()
    for start in range(0, rows, 5_000):
        wire.send_rows(source, [(POINT, ["x"])] * min(5_000, rows - start))
    source.seek(0)
    job = {"driver": "GPKG", "folder": str(tmp_path), "fields": [["n", "text"]], "layer": "a", "crs": "EPSG:4326", "geometry_type": "Point"}
    if lost:
        with pytest.raises(Refused, match="6000 features were written, the file holds 5998"):
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
