"""The small parts of requests and answers."""

from __future__ import annotations

import time

import pytest

from web.http import attachment, too_deep
from web.parts import extension, original_name

NAMES = [
    ("院落.geojson", "attachment; filename=\"yuantu.geojson\"; filename*=UTF-8''%E9%99%A2%E8%90%BD.geojson"),
    ('a"b\r\nSet-Cookie: x.csv', "attachment; filename=\"a_b__Set-Cookie_ x.csv\"; filename*=UTF-8''a_b__Set-Cookie_%20x.csv"),
    ("一期\u202excod.exe", "attachment; filename=\"yuantu.exe\"; filename*=UTF-8''%E4%B8%80%E6%9C%9F_xcod.exe"),
    ("../../etc/passwd", "attachment; filename=\".._.._etc_passwd\"; filename*=UTF-8''.._.._etc_passwd"),
]


@pytest.mark.parametrize(("name", "header"), NAMES)
def test_a_download_has_its_real_name_and_a_plain_one(name: str, header: str) -> None:
    assert attachment(name) == header


DEPTHS = [
    (b"[[1]]", 2, False),
    (b"[[1]]", 1, True),
    (b'{"a": [1, {"b": 2}]}', 3, False),
    (b'{"a": [1, {"b": 2}]}', 2, True),
    (b'{"a": "[[[[[[["}', 1, False),
    (b'{"a": "\\"[[[[", "b": "\\\\"}', 1, False),
    (b"", 0, False),
    (b"[" * 1_000_000, 32, True),
    (b'"' + b"\\" * 1_000_001, 32, False),
]


@pytest.mark.parametrize(("data", "most", "deep"), DEPTHS, ids=range(len(DEPTHS)))
def test_depth_is_told_without_parsing(data: bytes, most: int, deep: bool) -> None:
    assert too_deep(data, most) is deep


def test_a_text_that_never_ends_takes_linear_time() -> None:
    """Sought anew from each of its quotes, 32 kB took 8 seconds."""
    began = time.perf_counter()
    assert not too_deep(b'"' + b'\\"' * 16_000, 32)
    assert time.perf_counter() - began < 1


ENDINGS = [
    ("台账.XLS", ".xls"),
    ("a.osm.pbf", ".osm.pbf"),
    ("a.shp.xml", ".shp.xml"),
    ("a.tar.gz", ".gz"),
    ("noending", ".bin"),
    ("a.b/c", ".bin"),
    ("a.geojson;.exe$", ".bin"),
    ("..", ".bin"),
    ("小区.", ".bin"),
    (".htaccess", ".htaccess"),
]


@pytest.mark.parametrize(("name", "ending"), ENDINGS)
def test_an_ending_is_plain(name: str, ending: str) -> None:
    assert extension(name) == ending


ORIGINALS = [
    ("C:\\dir\\台账.xls", "台账.xls"),
    ("../../x.csv", "x.csv"),
    ("a\0b\n.csv", "ab.csv"),
    ("", "upload"),
    (None, "upload"),
    ("x" * 300 + ".csv", "x" * 255),
]


@pytest.mark.parametrize(("name", "kept"), ORIGINALS)
def test_a_name_is_text_only(name: str | None, kept: str) -> None:
    assert original_name(name) == kept
