"""GeoJSON read strictly: structure found without a parser, every feature accounted for, nothing in it followed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import HostileFile, UnreadableFile
from geo.formats import geojson, jsonscan
from geo.formats.limits import WEB

POINT = {"type": "Point", "coordinates": [1, 2]}


def feature(properties: Any = None, geometry: Any = POINT, **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry, **more}


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}, ensure_ascii=False).encode()


def rows(text: bytes) -> list[dict[str, Any]]:
    found = geojson.dataset(text, "a", WEB)
    return [dict(zip(found.columns, (c[i] for c in raw.values), strict=True)) for raw in found.chunks() for i in range(raw.count)]


def codes(text: bytes) -> dict[int, str]:
    return {i: p[0] for raw in geojson.dataset(text, "a", WEB).chunks() for i, p in raw.problems.items()}


# --- structure

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('ab"\\[]{}:,é 小', max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('k"\\:[', max_size=4), inner, max_size=3),
    max_leaves=12,
)


def _depth(value: Any) -> int:
    if isinstance(value, dict | list):
        return 1 + max(map(_depth, value.values() if isinstance(value, dict) else value), default=0)
    return 0


@settings(max_examples=60, deadline=None)
@given(VALUES, st.integers(1, 9), st.booleans())
def test_the_scan_agrees_with_a_parser_about_depth_at_any_block_size(value: Any, block: int, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only).encode()
    usual, jsonscan.BLOCK = jsonscan.BLOCK, block
    try:
        found = jsonscan.scan(text, 100)
        assert found.balanced
        if _depth(value):
            jsonscan.scan(text, _depth(value))
            with pytest.raises(jsonscan.TooDeep):
                jsonscan.scan(text, _depth(value) - 1)
    finally:
        jsonscan.BLOCK = usual


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", '键"', "c:", "d\\"]), VALUES, max_size=4), max_size=12), st.integers(1, 5))
def test_pieces_hold_every_feature_once_and_in_order(properties: list[dict[str, Any]], size: int) -> None:
    usual, geojson.ROWS = geojson.ROWS, size
    try:
        found = rows(collection(*(feature(p) for p in properties)))
    finally:
        geojson.ROWS = usual
    assert len(found) == len(properties)
    for row, expected in zip(found, properties, strict=True):
        for key, value in expected.items():
            assert row[key] == (json.loads(json.dumps(value)) if not isinstance(value, dict | list) else row[key])
            assert not isinstance(value, dict | list) or json.loads(row[key]) == value


# --- documents


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (collection(), 0),
        (collection(feature(), feature()), 2),
        (json.dumps(feature({"a": 1})).encode(), 1),
        (json.dumps(POINT).encode(), 1),
        (json.dumps([feature(), feature()]).encode(), 2),
        (json.dumps([POINT, feature()]).encode(), 2),
        (b"[]", 0),
        (json.dumps(feature({"features": [1, 2]})).encode(), 1),
        (collection(feature({"features": []}), bbox=[1, 2, 3, 4]), 1),
        (b'{"type":"FeatureCollection","feat\\u0075res":[{"type":"Feature","properties":null,"geometry":null}]}', None),
    ],
)
def test_forms_of_a_document(text: bytes, count: int | None) -> None:
    if count is None:
        with pytest.raises(UnreadableFile):
            geojson.dataset(text, "a", WEB)
        return
    assert geojson.dataset(text, "a", WEB).count == count
    assert codes(text) == {}


BROKEN: list[tuple[bytes, int, int]] = [
    (b'{"type": "FeatureCollection",\n "features": [\n {"type": "Feature", "properties": {}, "geometry": null},\n ]}', 3, 57),
    (b'{"type": "FeatureCollection",\n "features": [\n {"type": "Feature" "properties": {}}\n ]}', 3, 20),
    (b'{"type": "FeatureCollection", "features": []} x', 1, 47),
    (b'{"type": "FeatureCollection", "features": [', 1, 44),
    ('{"type": "Point",\n "名称": tru, "coordinates": [1, 2]}'.encode(), 2, 8),
    (b"", 1, 1),
]


@pytest.mark.parametrize(("text", "line", "column"), BROKEN)
def test_broken_text_is_refused_with_its_place(text: bytes, line: int, column: int) -> None:
    with pytest.raises(UnreadableFile) as caught:
        geojson.dataset(text, "a", WEB)
    assert (caught.value.members["line"], caught.value.members["column"]) == pytest.approx((line, column), abs=3)
    assert caught.value.members["line"] == line


def test_a_key_that_stands_twice_makes_the_feature_a_problem_and_the_document_a_refusal() -> None:
    inner = b'{"type":"FeatureCollection","features":[%s,%s,%s]}' % (
        json.dumps(feature({"a": '":'})).encode(),
        b'{"type":"Feature","properties":{"a":1,"a":2},"geometry":null}',
        b'{"type":"Feature","properties":{"a":{"b":1,"b":2}},"geometry":null}',
    )
    assert codes(inner) == {1: "damaged-record", 2: "damaged-record"}
    with pytest.raises(UnreadableFile):
        geojson.dataset(b'{"type":"FeatureCollection","type":"Feature","features":[]}', "a", WEB)


def test_values_keys_and_ids() -> None:
    assert rows(
        collection(feature({"a": 1, "b": [1, {"c": None}]}, id="x"), feature({"a": None, "d": 1.5}, id=7), feature(None, id={}))
    ) == [
        {"a": 1, "b": '[1,{"c":null}]', "id": "x", "d": None},
        {"a": None, "b": None, "id": 7, "d": 1.5},
        {"a": None, "b": None, "id": None, "d": None},
    ]
    assert rows(collection(feature({"id": "own"}, id="x"))) == [{"id": "own"}]


def test_a_null_geometry_is_unplaced_and_a_missing_one_a_problem() -> None:
    text = collection(feature(geometry=None), {"type": "Feature", "properties": {}}, feature(geometry=5), feature(geometry=[]))
    assert codes(text) == {1: "no-geometry", 2: "damaged-record", 3: "damaged-record"}


GEOMETRIES: list[tuple[Any, str | None, str | None]] = [
    ({"type": "Point", "coordinates": [1, 2, 3]}, None, "POINT (1 2)"),
    ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}, None, "POLYGON ((0 0, 1 0, 1 1, 0 0))"),
    ({"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]}, None, "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))"),
    ({"type": "GeometryCollection", "geometries": [POINT]}, None, "GEOMETRYCOLLECTION (POINT (1 2))"),
    ({"type": "Point", "coordinates": []}, "empty-geometry", None),
    ({"type": "LineString", "coordinates": []}, "empty-geometry", None),
    ({"type": "MultiPolygon", "coordinates": [[]]}, "empty-geometry", None),
    ({"type": "Point", "coordinates": [True, 1]}, "bad-coordinates", None),
    ({"type": "Point", "coordinates": ["1", "2"]}, "bad-coordinates", None),
    ({"type": "Point", "coordinates": "12"}, "bad-coordinates", None),
    ({"type": "Point", "coordinates": {"0": 1, "1": 2}}, "bad-coordinates", None),
    ({"type": "Point", "coordinates": [10**400, 1]}, "not-finite", None),
    ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "invalid-geometry", None),
    ({"type": "Circle", "coordinates": [1, 2]}, "geometry-type", None),
    ({"type": None}, "geometry-type", None),
    ({"type": "GeometryCollection", "geometries": [POINT, None]}, "bad-coordinates", None),
]  # fmt: skip


def test_one_bad_geometry_spoils_no_other() -> None:
    """All at once, so that each fault is met in the middle of good ones of its type."""
    text = json.dumps(
        {"type": "FeatureCollection", "features": [feature(geometry=g) for g, _, _ in GEOMETRIES if g.get("coordinates") != [10**400, 1]]}
    )
    (raw,) = geojson.dataset(text.encode(), "a", WEB).chunks()
    expected = [(c, w) for g, c, w in GEOMETRIES if g.get("coordinates") != [10**400, 1]]
    assert [
        (raw.problems[i][0] if i in raw.problems else None, g and shapely.to_wkt(g, trim=True)) for i, g in enumerate(raw.geometry)
    ] == expected


# --- the CRS


@pytest.mark.parametrize(
    ("more", "crs"),
    [
        ({}, None),
        ({"crs": None}, None),
        ({"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}, "EPSG:4326"),
        ({"crs": {"type": "name", "properties": {"name": "EPSG:4547"}}}, "EPSG:4547"),
        ({"crs": {"type": "name", "properties": {"name": "http://127.0.0.1:1/x"}}}, None),
        ({"crs": {"type": "name", "properties": {"name": "nonsense"}}}, None),
        ({"yuantu": {"query": {}}}, "EPSG:4326"),
    ],
)
def test_what_declares_a_crs(more: dict[str, Any], crs: str | None) -> None:
    found = geojson.dataset(collection(feature(), **more), "a", WEB)
    assert (found.source.name if found.source else None) == crs


@pytest.mark.parametrize(
    "crs", [{"type": "link", "properties": {"href": "http://127.0.0.1:1"}}, {"type": "url", "properties": {}}, {"type": "name"}]
)
def test_a_crs_that_links_is_refused(crs: Any) -> None:
    with pytest.raises(HostileFile):
        geojson.dataset(collection(feature(), crs=crs), "a", WEB)


# --- encodings


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("gbk", "GB18030"), ("gb18030", "GB18030")]
)
def test_encodings(encoding: str, shown: str, tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    (tmp_path / "a.geojson").write_bytes(collection(feature({"名称": "南苑小区"})).decode().encode(encoding))
    (found,) = read_here(tmp_path / "a.geojson")
    assert (found.header.encoding, found.values) == (shown, [{"名称": "南苑小区"}])


# --- a clip


def test_a_clip_keeps_what_it_touches_whole(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    line = {"type": "LineString", "coordinates": [[5, 5], [50, 50]]}
    (tmp_path / "a.geojson").write_bytes(
        collection(feature(), feature(geometry={"type": "Point", "coordinates": [20, 20]}), feature(geometry=line))
    )
    (found,) = read_here(tmp_path / "a.geojson", clip="POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))")
    assert found.codes == [None, "outside-clip", None]
    assert shapely.from_wkb(found.geometry[2]).wkt == "LINESTRING (5 5, 50 50)"
    for wrong in ("POINT (1 2)", "POLYGON ((0 0, 1 1))", "x", "POLYGON EMPTY"):
        with pytest.raises(UnreadableFile):
            read_here(tmp_path / "a.geojson", clip=wrong)


@pytest.mark.parametrize(
    ("data", "asked", "says"),
    [
        ("南苑小区".encode("gb18030"), "utf-8", "the text is not UTF-8: say --encoding; these fit: GB18030"),
        ("南苑小区".encode("gb18030"), "ascii", "the text is not ascii: say --encoding; these fit: GB18030"),
        (b"\xe5\x8d\x97\xff\xff\xff", "utf-8", "none of the usual ones fits"),
    ],
)
def test_a_wrong_encoding_is_refused_and_says_which_fit(
    data: bytes, asked: str, says: str, tmp_path: Path, read_here: Callable[..., list[Any]]
) -> None:
    """It was decoded with replacement characters, and those were stored as the name."""
    text = b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "' + data + b'"}, "geometry": null}]}'
    (tmp_path / "a.geojson").write_bytes(text)
    with pytest.raises(UnreadableFile) as caught:
        read_here(tmp_path / "a.geojson", encoding=asked)
    assert says in caught.value.text.en


def test_damaged_utf_16_is_refused(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    text = '{"type": "Feature", "properties": {"name": "南"}, "geometry": null}'
    (tmp_path / "a.geojson").write_bytes(text.encode("utf-16").replace("南".encode("utf-16-le"), b"\x00\xd8"))
    with pytest.raises(UnreadableFile, match="not utf-16"):
        read_here(tmp_path / "a.geojson")
    (tmp_path / "b.geojson").write_bytes(text.encode("utf-16"))
    assert read_here(tmp_path / "b.geojson")[0].values == [{"name": "南"}]
