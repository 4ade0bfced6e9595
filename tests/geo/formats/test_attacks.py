"""Files that once lost or changed records in silence: stray quotation marks, one foreign line, long integers, NUL; and a child left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo.errors import Refused, TooLarge, UnreadableFile
from geo.formats import doctor

ROOT = Path(__file__).resolve().parents[3]
Reads = Callable[..., list[Any]]


def _lines(count: int, stray: dict[int, str]) -> str:
    """A heading and `count` - 1 records; the lines in `stray`, counted from 1, have the given text in front."""
    return "".join(stray.get(i, "") + ("name,a,b\n" if i == 1 else f"n{i},{i},x\n") for i in range(1, count + 1))


# --- quotation marks


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (_lines(100, {10: '"', 50: '"'}), 10),
        (_lines(100, {10: '"'}), 10),
        (_lines(100, {100: '"'}), 100),
        (_lines(100, {100: '"'}).rstrip("\n"), 100),
        ('name,a\n"first\nsecond",1\n"third,2\nx"y,3\n', 4),
    ],
    ids=["two lines", "open to the end", "open in the last line", "no newline at the end", "behind a good one"],
)
def test_a_stray_quotation_mark_swallows_no_record(text: str, line: int, tmp_path: Path, read_here: Reads) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(UnreadableFile) as caught:
        read_here(tmp_path / "a.csv")
    assert caught.value.members["line"] == line and f"line {line} " in caught.value.text.en


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('"a\nb"', "a\nb"),
        ('"a\r\n""b"" c"', 'a\r\n"b" c'),
        ('"a, b"', "a, b"),
        ('"3"号楼', "3号楼"),
        ('5" pipe', '5" pipe'),
    ],
)
@pytest.mark.parametrize("end", ["\n", ""])
def test_quoted_cells_that_end_are_kept(cell: str, value: str, end: str, tmp_path: Path, read_here: Reads) -> None:
    (tmp_path / "a.csv").write_bytes(f"name,a\nx,1\n{cell},2\ny,{cell}{end}".encode())
    assert read_here(tmp_path / "a.csv")[0].values == [{"name": "x", "a": "1"}, {"name": value, "a": "2"}, {"name": "y", "a": value}]


# --- encodings


@pytest.mark.parametrize("ending", ["csv", "geojson"])
def test_one_foreign_line_does_not_garble_the_others(ending: str, tmp_path: Path, read_here: Reads) -> None:
    lines = ["name,a"] + [f"南苑小区{i}号院,{i}" for i in range(20)]
    if ending == "geojson":
        point = {"type": "Point", "coordinates": [1, 2]}
        features = [json.dumps({"type": "Feature", "properties": {"name": t}, "geometry": point}, ensure_ascii=False) for t in lines[1:]]
        lines = ['{"type": "FeatureCollection", "features": [', *(f + "," for f in features[:-1]), features[-1] + "]}"]
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"\n".join(t.encode("gbk" if i == 13 else "utf-8") for i, t in enumerate(lines, 1)))
    with pytest.raises(UnreadableFile, match="--encoding") as caught:
        read_here(path)
    assert caught.value.members["line"] == 13


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (["南苑".encode(), "园丁".encode(), "南苑".encode("gbk")], 3),
        (["南苑".encode(), "南苑".encode("gbk")], None),
        ([b"a", b"b", "南苑".encode("gbk")], None),
        (["南苑".encode("gbk")] * 3 + ["南苑".encode()] * 2, None),
        (["南苑".encode()] * 3, None),
    ],
    ids=["most", "too few", "ascii says nothing", "fewer than half", "all"],
)
def test_when_a_line_is_the_odd_one(lines: list[bytes], line: int | None) -> None:
    assert doctor.odd_line(b"\r\n".join(lines)) == line


def test_a_true_gb18030_table_is_still_found(tmp_path: Path, read_here: Reads) -> None:
    (tmp_path / "a.csv").write_bytes("名称,备注\n南苑小区,联通\n𠮷祥院,园丁街\n".encode("gb18030"))
    (found,) = read_here(tmp_path / "a.csv")
    assert (found.header.encoding, [v["名称"] for v in found.values]) == ("GB18030", ["南苑小区", "𠮷祥院"])


@pytest.mark.parametrize("name", ["zzz", "rot13", "base64", "a\0b"])
@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("a.csv", b"a,b\n1,2\n"),
        ("a.geojson", b'{"type":"Point","coordinates":[1,2]}'),
        ("a.osm", b"<osm></osm>"),
        ("a.xlsx", b"PK\x03\x04"),
        ("a.gpkg", b"SQLite format 3\0"),
        ("a.shp", b"\0\0\x27\x0a"),
    ],
)
def test_an_unknown_encoding_is_refused_for_every_format(file: str, data: bytes, name: str, tmp_path: Path, read_here: Reads) -> None:
    (tmp_path / file).write_bytes(data)
    with pytest.raises(Refused, match="unknown encoding"):
        read_here(tmp_path / file, encoding=name)


# --- values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("41018100100200300012", "41018100100200300012"),
        ("-41018100100200300012", "-41018100100200300012"),
        ("9007199254740993", "9007199254740993"),
        ("9007199254740992", 9007199254740992),
        ("1" * 300, "1" * 300),
        ("[1, 123456789012345678901]", '[1,"123456789012345678901"]'),
        ("1e20", 1e20),
        ("0.12345678901234567", 0.12345678901234567),
        ('"a: 41018100100200300012, b"', "a: 41018100100200300012, b"),
    ],
)
@pytest.mark.parametrize("many", [True, False])
def test_long_integers_keep_their_digits(written: str, value: Any, many: bool, tmp_path: Path, read_here: Reads) -> None:
    geometry = '{"type":"Point","coordinates":[1,2]}'
    text = f'{{"type":"Feature","id":123456789012345678901,"properties":{{"code":{written}}},"geometry":{geometry}}}'
    (tmp_path / "a.geojson").write_text(f'{{"type":"FeatureCollection","features":[{text},\n{text}]}}' if many else text)
    (found,) = read_here(tmp_path / "a.geojson")
    assert found.values == [{"code": value, "id": "123456789012345678901"}] * (2 if many else 1)
    assert type(found.values[0]["code"]) is type(value) and found.problems == {}


def test_a_nul_in_a_text_is_counted_as_mended(tmp_path: Path, read_here: Reads) -> None:
    features = [
        {"type": "Feature", "properties": {"name": n, "a": "x"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
        for n in ("南\0苑", "园丁", None)
    ]
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (found,) = read_here(tmp_path / "a.geojson")
    assert [v["name"] for v in found.values] == ["南苑", "园丁", None]
    assert found.repairs == [("nul-removed",), (), ()]


# --- size


def test_a_table_of_very_many_columns_is_refused_at_once(tmp_path: Path, read_here: Reads) -> None:
    (tmp_path / "a.csv").write_text((",".join(f"c{i}" for i in range(100_000)) + "\n") * 3)
    began = time.process_time()
    with pytest.raises(TooLarge, match="more than 128 columns"):
        read_here(tmp_path / "a.csv")
    assert time.process_time() - began < 2


def test_one_row_of_very_many_cells_is_a_damaged_record(tmp_path: Path, read_here: Reads) -> None:
    (tmp_path / "a.csv").write_text("name,a\nx,1\ny," + ",".join("2" * 300) + "\nz,3" + "," * 300 + "\n")
    (found,) = read_here(tmp_path / "a.csv")
    assert found.codes == [None, "damaged-record", None]
    assert found.values[1]["a"] == ",".join("2" * 300) and found.values[2] == {"name": "z", "a": "3"}


# --- the child alone


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_killed_service_leaves_no_child(tmp_path: Path) -> None:
    """The child is halted before its parent dies: it can notice nothing itself, the system must end it. (It has much to read, else it may be done first.)"""
    path = tmp_path / "a.csv"
    path.write_text("name,a\n" + "x,1\n" * 150_000)
    code = f"""
import os, sys, time; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from geo import sandbox
from geo.formats.contract import ReadRequest
with sandbox._job("read", [Path({str(path)!r})], ReadRequest(), sandbox.WEB, Path({str(tmp_path / "work")!r})) as child:
    child._queue.get()
    print(child._process.pid, flush=True)
    time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(child, signal.SIGSTOP)
    parent.kill()
    parent.communicate()
    try:
        end = time.monotonic() + 2
        while _state(child) not in "Z" and time.monotonic() < end:
            time.sleep(0.02)
        assert _state(child) in "Z"
    finally:
        if _state(child) not in "Z":
            os.kill(child, signal.SIGKILL)


def _state(pid: int) -> str:
    """The state of a process: Z for one that has ended and waits to be noticed, nothing for one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""
