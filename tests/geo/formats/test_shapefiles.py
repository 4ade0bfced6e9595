"""Shapefiles whole and damaged: every record accounted for, encodings in the order .cpg, header byte, UTF-8, GB18030."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo import crs

NAMES = ["南苑小区", "园丁街一号楼院", "工商联家属院", "龙泉花园"]


def dbf(
    rows: list[list[bytes]],
    columns: list[tuple[bytes, str, int]],
    *,
    ldid: int = 0,
    deleted: tuple[int, ...] = (),
    stated: int | None = None,
) -> bytes:
    """A dBASE table written byte by byte: fixed-width cells, as the format is defined."""
    length = 1 + sum(c[2] for c in columns)
    head = bytearray(32)
    head[0] = 3
    struct.pack_into("<IHH", head, 4, len(rows) if stated is None else stated, 32 + 32 * len(columns) + 1, length)
    head[29] = ldid
    for name, kind, width in columns:
        head += name.ljust(11, b"\0") + kind.encode() + b"\0" * 4 + bytes([width, 0]) + b"\0" * 14
    body = b"".join(
        (b"*" if i in deleted else b" ") + b"".join(v.ljust(c[2])[: c[2]] for v, c in zip(r, columns, strict=True))
        for i, r in enumerate(rows)
    )
    return bytes(head) + b"\r" + body + b"\x1a"


def polygon(shape: Polygon) -> bytes:
    """The content of a polygon record: outer rings clockwise, holes the other way, as the format wants."""
    rings = [shape.exterior, *shape.interiors]
    points = [np.array(r.coords)[::-1] if r.is_ccw == (i == 0) else np.array(r.coords) for i, r in enumerate(rings)]
    starts = np.cumsum([0, *(len(p) for p in points)])
    head = struct.pack("<i4dii", 5, *shape.bounds, len(points), int(starts[-1])) + struct.pack(f"<{len(points)}i", *starts[:-1])
    return head + b"".join(p.astype("<f8").tobytes() for p in points)


def shp(records: list[bytes], kind: int = 5) -> tuple[bytes, bytes]:
    """.shp and .shx of these record contents."""
    body, index, at = b"", b"", 50
    for i, content in enumerate(records):
        body += struct.pack(">ii", i + 1, len(content) // 2) + content
        index += struct.pack(">ii", at, len(content) // 2)
        at += 4 + len(content) // 2

    def head(words: int) -> bytes:
        return struct.pack(">i5ii", 9994, 0, 0, 0, 0, 0, words) + struct.pack("<ii8d", 1000, kind, 0, 0, 200, 60, 0, 0, 0, 0)

    return head(at) + body, head(50 + len(index) // 2) + index


SQUARES = [box(113 + i, 34, 113.5 + i, 34.5) for i in range(4)]
PRJ = 'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'


def write(folder: Path, **parts: bytes | None) -> Path:
    """Four squares with names; `parts` replace or (None) leave out one of shp, shx, dbf, prj, cpg."""
    main, index = shp([polygon(s) for s in SQUARES])
    table = dbf([[n.encode("gbk")] for n in NAMES], [(b"NAME", "C", 30)])
    files: dict[str, bytes | None] = {"shp": main, "shx": index, "dbf": table, "prj": PRJ.encode(), "cpg": None, **parts}
    for ending, data in files.items():
        if data is not None:
            (folder / f"a.{ending}").write_bytes(data)
    return folder / "a.shp"


def test_a_whole_one(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    (found,) = read_here(write(tmp_path))
    assert [v["NAME"] for v in found.values] == NAMES
    assert (found.header.crs, found.header.encoding, found.problems, list(found.header.notes)) == ("EPSG:4326", "GB18030", {}, [])
    assert all(shapely.equals(shapely.from_wkb(b), s) for b, s in zip(found.geometry, SQUARES, strict=True))


def test_holes_and_several_outer_rings(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    donut = Polygon([(113, 34), (114, 34), (114, 35), (113, 35)], [[(113.2, 34.2), (113.4, 34.2), (113.4, 34.4)]])
    two = polygon(SQUARES[0])[:36] + struct.pack("<ii2i", 2, 10, 0, 5) + b"".join(polygon(s)[48:] for s in SQUARES[:2])
    main, index = shp([polygon(donut), two])
    table = dbf([[b"a"], [b"b"]], [(b"NAME", "C", 4)])
    (found,) = read_here(write(tmp_path, shp=main, shx=index, dbf=table))
    shapes = [shapely.from_wkb(b) for b in found.geometry]
    assert shapely.equals(shapes[0], donut) and shapely.equals(shapes[1], MultiPolygon(SQUARES[:2]))


ENCODINGS: list[tuple[str, bytes | None, int, str, str]] = [
    # text encoding, .cpg, header byte, what is used, how it is known
    ("gbk", None, 0x00, "GB18030", "strict UTF-8 fails"),
    ("gbk", None, 0x57, "GB18030", "0x57 says nothing"),
    ("gbk", None, 0x4D, "GB18030", "header byte"),
    ("utf-8", None, 0x00, "UTF-8", "strict UTF-8"),
    ("utf-8", b"UTF-8", 0x4D, "UTF-8", ".cpg beats the header byte"),
    ("gbk", b"GBK\r\n", 0x00, "GB18030", ".cpg"),
    ("gbk", b"936", 0x00, "GB18030", ".cpg by number"),
    ("gbk", b"nonsense", 0x4D, "GB18030", "an unknown .cpg is no word"),
    ("big5", b"Big5", 0x00, "Big5", ".cpg"),
]


@pytest.mark.parametrize(("encoding", "cpg", "ldid", "used"), [e[:4] for e in ENCODINGS], ids=[f"{e[0]}: {e[4]}" for e in ENCODINGS])
def test_the_order_of_encodings(
    encoding: str, cpg: bytes | None, ldid: int, used: str, tmp_path: Path, read_here: Callable[..., list[Any]]
) -> None:
    names = ["國語", "中文", "小", "大"]
    table = dbf([[n.encode(encoding)] for n in names], [(b"NAME", "C", 30)], ldid=ldid)
    (found,) = read_here(write(tmp_path, dbf=table, cpg=cpg))
    assert found.header.encoding == used
    assert [v["NAME"] for v in found.values] == names


def test_the_encoding_a_person_says_wins(
    tmp_path: Path, read_here: Callable[..., list[Any]], inspect_here: Callable[..., list[Any]]
) -> None:
    path = write(tmp_path, cpg=b"UTF-8")
    (found,) = read_here(path, encoding="GBK")
    assert [v["NAME"] for v in found.values] == NAMES
    (seen,) = inspect_here(path)
    assert [e[0] for e in seen.encodings][:2] == ["UTF-8", "GB18030"]
    assert list(seen.encodings[1][1]) == NAMES


def test_texts_in_the_wrong_encoding_are_problems_not_mojibake(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    table = dbf([[n.encode("gbk")] for n in NAMES[:3]] + [[b"plain"]], [(b"NAME", "C", 30)])
    (found,) = read_here(write(tmp_path, dbf=table, cpg=b"UTF-8"))
    assert found.codes == ["undecodable-text"] * 3 + [None]


def test_a_text_cut_inside_a_character_keeps_the_rest_and_says_so(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    table = dbf([[n.encode("utf-8")] for n in NAMES], [(b"NAME", "C", 14)])
    (found,) = read_here(write(tmp_path, dbf=table, cpg=b"UTF-8"))
    assert found.values[1]["NAME"] == "园丁街一" and found.repairs[1] == ("text-cut",)
    assert found.repairs[0] == () and found.problems == {}


def test_types_of_values(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    columns = [(b"N", "N", 8), (b"X", "N", 10), (b"D", "D", 8), (b"L", "L", 1), (b"C", "C", 6)]
    rows = [
        [b"12", b"1.5", b"20230601", b"T", b"a"],
        [b"", b"", b"", b"?", b""],
        [b"*" * 8, b"nan", b"00000000", b"F", b"b\0junk"],
        [b"-3", b"1e2", b"2023", b"n", b"c"],
    ]
    (found,) = read_here(write(tmp_path, dbf=dbf(rows, columns)))
    assert [list(v.values()) for v in found.values] == [
        [12, 1.5, "2023-06-01", True, "a"],
        [None, None, None, None, None],
        [None, None, None, False, "b"],
        [-3, 100.0, "2023", False, "c"],
    ]


def test_repeated_column_names(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    table = dbf([[b"1", b"2"]] * 4, [(b"A", "C", 2), (b"A", "C", 2)])
    (found,) = read_here(write(tmp_path, dbf=table))
    assert found.values[0] == {"A": "1", "A 2": "2"}


def test_deleted_records_are_no_records(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    table = dbf([[n.encode("gbk")] for n in NAMES], [(b"NAME", "C", 30)], deleted=(1,))
    (found,) = read_here(write(tmp_path, dbf=table))
    assert [v["NAME"] for v in found.values] == [NAMES[0], NAMES[2], NAMES[3]]
    assert shapely.from_wkb(found.geometry[1]).bounds == SQUARES[2].bounds
    assert any("marked as deleted" in n[1] for n in found.header.notes)


WHOLE, INDEX = shp([polygon(s) for s in SQUARES])
TABLE = dbf([[n.encode("gbk")] for n in NAMES], [(b"NAME", "C", 30)])
RECORD = len(polygon(SQUARES[0])) + 8


def _poke(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


DAMAGED: list[tuple[str, dict[str, bytes | None], list[str | None]]] = [
    ("no shx", {"shx": None}, [None] * 4),
    ("shx points astray", {"shx": _poke(INDEX, 100, struct.pack(">ii", 0x7FFFFFF0, 0x7FFFFFF0))}, [None] * 4),
    ("shx empty", {"shx": b""}, [None] * 4),
    ("header length lies", {"shp": _poke(WHOLE, 24, struct.pack(">i", 0x7FFFFFFF))}, [None] * 4),
    ("cut in the third record", {"shp": WHOLE[: 100 + 2 * RECORD + 50]}, [None, None, "damaged-record", "damaged-record"]),
    ("cut between records", {"shp": WHOLE[: 100 + 2 * RECORD]}, [None, None, "damaged-record", "damaged-record"]),
    ("cut and no shx", {"shp": WHOLE[: 100 + 2 * RECORD + 50], "shx": None}, [None, None, "damaged-record", "damaged-record"]),
    ("counts inside a record lie", {"shp": _poke(WHOLE, 100 + RECORD + 8 + 36, struct.pack("<ii", 0x7FFFFFFF, 0x7FFFFFFF))}, [None, "damaged-record", None, None]),
    ("unknown shape type", {"shp": _poke(WHOLE, 100 + RECORD + 8, struct.pack("<i", 99))}, [None, "damaged-record", None, None]),
    ("a null shape", {"shp": _poke(WHOLE, 100 + RECORD + 8, struct.pack("<i", 0))}, [None] * 4),
    ("dbf shorter than it says", {"dbf": TABLE[: len(TABLE) - 40]}, [None, None, "damaged-record", "damaged-record"]),
    ("dbf says too many", {"dbf": _poke(TABLE, 4, struct.pack("<I", 9))}, [None] * 4),
    ("dbf has fewer rows", {"dbf": dbf([[n.encode("gbk")] for n in NAMES[:3]], [(b"NAME", "C", 30)])}, [None, None, None, "damaged-record"]),
    ("dbf has more rows", {"dbf": dbf([[n.encode("gbk")] for n in [*NAMES, "多"]], [(b"NAME", "C", 30)])}, [None, None, None, None, "damaged-record"]),
    ("not a number", {"shp": _poke(WHOLE, 100 + 8 + 64, struct.pack("<d", float("nan")))}, ["not-finite", None, None, None]),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "codes"), [d[1:] for d in DAMAGED], ids=[d[0] for d in DAMAGED])
def test_a_damaged_one_loses_no_record_silently(
    parts: dict[str, Any], codes: list[str | None], tmp_path: Path, read_here: Callable[..., list[Any]]
) -> None:
    (found,) = read_here(write(tmp_path, **parts))
    assert found.codes == codes
    whole = [i for i, c in enumerate(codes) if c is None and found.geometry[i] is not None]
    assert [shapely.from_wkb(found.geometry[i]).bounds for i in whole] == [SQUARES[i].bounds for i in whole]
    assert all(found.values[i]["NAME"] == NAMES[i] for i in whole)


def test_a_null_shape_is_an_unplaced_record(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    (found,) = read_here(write(tmp_path, shp=_poke(WHOLE, 100 + RECORD + 8, struct.pack("<i", 0))))
    assert [g is not None for g in found.geometry] == [True, False, True, True] and found.problems == {}


def test_zipped_with_a_chinese_name_from_windows(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    """Chinese Windows packs GBK names without the UTF-8 mark; the companions are found all the same."""
    write(tmp_path)
    path = tmp_path / "upload.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for ending in ("shp", "shx", "dbf", "prj"):
            archive.writestr(f"XXXX/YYYY.{ending}", (tmp_path / f"a.{ending}").read_bytes())
        archive.writestr("readme.pdf", b"%PDF")
    data = path.read_bytes().replace(b"XXXX", "数据".encode("gbk")).replace(b"YYYY", "小区".encode("gbk"))
    path.write_bytes(data)
    (found,) = read_here(path)
    assert (found.header.name, found.placed) == ("小区", 4)
    assert any("1 other files" in n[1] for n in found.header.notes)


def test_two_shapefiles_and_a_table_in_one_zip(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    write(tmp_path)
    path = tmp_path / "upload.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for stem in ("one", "two"):
            for ending in ("shp", "shx", "dbf", "prj"):
                archive.writestr(f"{stem}.{ending.upper()}", (tmp_path / f"a.{ending}").read_bytes())
        archive.writestr("three.csv", "a,b\n1,2\n")
    assert {r.header.name: r.header.count for r in read_here(path)} == {"one": 4, "two": 4, "three": 1}


# --- the CRS of one without a .prj


def _projected(folder: Path, code: str) -> Path:
    """Four small squares near Gongyi in the numbers of `code`, as a GBK shapefile without .prj."""
    moved = []
    for i in range(4):
        degrees = np.array(box(113 + i / 1000, 34.75, 113.0005 + i / 1000, 34.7505).exterior.coords)
        moved.append(Polygon(crs.transform_xy(degrees, "EPSG:4326", code)))
    main, index = shp([polygon(p) for p in moved])
    return write(folder, shp=main, shx=index, prj=None)


AREA = (112.9, 34.7, 113.1, 34.8)


@pytest.mark.parametrize("code", ["EPSG:4547", "EPSG:4526", "EPSG:4508", "EPSG:3857"])
def test_metres_without_a_prj_are_asked_about_and_the_right_zone_is_first(
    code: str, tmp_path: Path, read_here: Callable[..., list[Any]], inspect_here: Callable[..., list[Any]]
) -> None:
    path = _projected(tmp_path, code)
    with pytest.raises(Exception) as caught:
        read_here(path, area=AREA)
    assert caught.value.code == "crs-not-declared" and caught.value.members["candidates"][0]["crs"] == code
    (seen,) = inspect_here(path, area=AREA)
    best = seen.candidates[0]
    assert (seen.declared_crs, best.crs, best.fits, len(best.sample)) == (None, code, True, 4)
    assert best.bounds == pytest.approx((113, 34.75, 113.0035, 34.7505), abs=1e-4), "the box of the numbers, which stands askew on the map"
    (found,) = read_here(path, area=AREA, crs=code)
    assert found.header.crs == code
    assert shapely.from_wkb(found.geometry[0]).bounds == pytest.approx((113, 34.75, 113.0005, 34.7505), abs=1e-7)


def test_declared_data_outside_the_service_area_is_refused_until_confirmed(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    path = write(tmp_path)
    with pytest.raises(Exception) as caught:
        read_here(path, area=(24.5, 60.0, 25.5, 60.5))
    assert caught.value.code == "outside-area"
    assert read_here(path, area=(24.5, 60.0, 25.5, 60.5), crs="EPSG:4326")[0].placed == 4
    assert read_here(path, area=(112.0, 33.0, 117.0, 36.0))[0].placed == 4
