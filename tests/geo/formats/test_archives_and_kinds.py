"""What a file is by its bytes, and archives that hold several: each known one is opened, within one budget for all of them together."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo.errors import HostileFile, Refused, TooLarge, UnreadableFile, UnsupportedFormat
from geo.formats import archive, doctor, opening
from geo.formats.limits import Limits

ReadHere = Callable[..., list[Any]]
KML = "<kml><Placemark><Point><coordinates>1,2</coordinates></Point></Placemark></kml>"
GPX = '<gpx><wpt lat="1" lon="2"/></gpx>'

KINDS: list[tuple[str, bytes, str | type[Refused]]] = [
    ("a.kml", KML.encode(), "KML"),
    ("a.kml", b"\xef\xbb\xbf" + KML.encode(), "KML"),
    ("a.kml", (b'<?xml version="1.0"?>\n<!-- c -->\n<k:kml xmlns:k="x"/>'), "KML"),
    ("a.kml", ('<?xml version="1.0" encoding="utf-16"?>' + KML).encode("utf-16-le"), "KML"),
    ("a.KML", KML.encode("utf-16"), "KML"),
    ("a.kml", b"<kml><Placemark><name>datasource&gt; &lt;html&gt; </name></Placemark></kml>", "KML"),
    ("a.kml", GPX.encode(), HostileFile),
    ("a.kml", b"PK\x03\x04", HostileFile),
    ("a.kml", b"<OGRVRTDataSource><kml/></OGRVRTDataSource>", HostileFile),
    ("a.kml", b"<!DOCTYPE kml><kml/>", HostileFile),
    ("a.json", KML.encode(), HostileFile),
    ("a.gpx", GPX.encode(), "GPX"),
    ("a.gpx", b"<html><gpx></html>", UnsupportedFormat),
    ("a.kmz", b"PK\x03\x04", "KMZ"),
    ("a.kmz", KML.encode(), HostileFile),
    ("a.fgb", b"fgb\x03fgb\x01", "FlatGeobuf"),
    ("a.fgb", b"fgb\x02fgb\x00", HostileFile),
    ("a.shp", b"fgb\x03fgb\x00", HostileFile),
    ("a.parquet", b"PAR1", "Parquet"),
    ("a.geoparquet", b"PAR1", "Parquet"),
    ("a.csv", b"PAR1,name\n", HostileFile),
    ("a.dxf", b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n", "DXF"),
    ("a.dxf", b"999\nmade by x\n999\ny\n0\nSECTION\n", "DXF"),
    ("a.dxf", "999\n图纸\n0\nSECTION\n".encode("gbk"), "DXF"),
    ("a.dxf", b"AutoCAD Binary DXF\r\n\x1a\0", "DXF"),
    ("a.dxf", b"AC1032\0\0", UnsupportedFormat),
    ("a.dxf", b"0\nNOTHING\n", HostileFile),
    ("a.dwg", b"AC1015\0\0", UnsupportedFormat),
    ("a.dwg", b"hello", UnsupportedFormat),
]


@pytest.mark.parametrize(("name", "data", "kind"), KINDS)
def test_kinds_by_content_and_ending(name: str, data: bytes, kind: str | type[Refused], tmp_path: Path) -> None:
    path = tmp_path / "in0"
    path.write_bytes(data)
    if isinstance(kind, str):
        assert doctor.identify(path, name) == kind
    else:
        with pytest.raises(Refused) as caught:
            doctor.identify(path, name)
        assert type(caught.value) is kind


def test_a_drawing_that_is_not_read_says_how_to_save_it(tmp_path: Path) -> None:
    (tmp_path / "in0").write_bytes(b"AC1027")
    with pytest.raises(UnsupportedFormat) as caught:
        doctor.identify(tmp_path / "in0", "总图.dwg")
    assert "另存为" in caught.value.text.zh and "*.dxf" in caught.value.text.zh
    assert "Save as" in caught.value.text.en and "*.dxf" in caught.value.text.en


def test_every_kind_has_a_reader_and_an_ending() -> None:
    assert set(doctor.EXTENSIONS.values()) | {doctor.FILEGDB} == set(opening._READERS) | {doctor.ZIP}


def pack(*members: tuple[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members:
            made.writestr(name, data)
    return out.getvalue()


def write(path: Path, *members: tuple[str, str | bytes]) -> Path:
    path.write_bytes(pack(*members))
    return path


def test_all_datasets_of_an_archive_are_listed(inspect_here: Any, tmp_path: Path) -> None:
    path = write(
        tmp_path / "资料.zip",
        ("小区/a.kml", KML), ("小区/图.kmz", pack(("doc.kml", KML), ("img/a.png", "x"))), ("b.csv", "name\nx\n"), ("t.gpx", GPX),
        ("g.geojson", '{"type":"FeatureCollection","features":[]}'), ("__MACOSX/._a.kml", "x"), ("小区/.hidden.csv", "x"), ("说明.docx", "x"),
    )  # fmt: skip
    found = inspect_here(path)
    assert [(i.name, i.driver, i.count) for i in found] == [
        ("a", "KML", 1), ("图", "KML", 1), ("b", "CSV", 1), ("t waypoints", "GPX", 1), ("g", "GeoJSON", 0),
    ]  # fmt: skip
    assert found[0].notes[-1] == ("压缩包里另有 1 个文件未读取", "1 other files of the archive were not read")


def test_only_the_chosen_datasets_are_read(read_here: ReadHere, tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", ("a.kml", KML), ("b.csv", "name\nx\n"), ("c.csv", "name\nx\n"))
    assert [f.header.name for f in read_here(path, datasets=["a", "c"])] == ["a", "c"]


def test_the_same_name_twice_is_numbered(read_here: ReadHere, tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", ("x/a.csv", "name\nx\n"), ("y/a.csv", "name\nx\n"), ("a.kml", KML))
    assert [f.header.name for f in read_here(path)] == ["a", "a 2", "a 3"]


def test_archives_in_an_archive_share_its_budget(read_here: ReadHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten KMZ of 300 kB each, in a zip that may unpack 1 MB: the fourth is too much."""
    document = KML[:-6] + "<!--" + "".join(chr(33 + i % 60) * (1 + i % 7) for i in range(75_000)).replace("-", "_") + "--></kml>"
    small = Limits(unpacked=1_000_000)
    assert 290_000 < len(document) < 310_000
    members = [(f"{i}.kmz", pack(("doc.kml", document))) for i in range(10)]
    assert sum(len(m) for _, m in members) < 200_000
    with pytest.raises(TooLarge, match="unpacked"):
        read_here(write(tmp_path / "a.zip", *members), limits=small)
    monkeypatch.setattr(archive.Budget, "__setattr__", lambda *_: None)
    monkeypatch.setattr(archive.Budget, "left", 10**9, raising=False)
    assert len(read_here(write(tmp_path / "a.zip", *members), limits=small)) == 10


def test_other_archives_in_an_archive_are_refused(read_here: ReadHere, tmp_path: Path) -> None:
    for inner in ("a.zip", "a.7z", "a.tar.gz", "a.rar"):
        with pytest.raises(HostileFile, match="another archive"):
            read_here(write(tmp_path / "a.zip", (inner, pack(("b.csv", "a\n")))))


def test_a_kmz_with_bad_names_or_a_bomb(read_here: ReadHere, tmp_path: Path) -> None:
    for name, error in {"../doc.kml": HostileFile, "/doc.kml": HostileFile, "C:doc.kml": HostileFile}.items():
        with pytest.raises(error):
            read_here(write(tmp_path / "a.kmz", (name, KML)))
    with pytest.raises(HostileFile, match="suspiciously"):
        read_here(write(tmp_path / "b.kmz", ("doc.kml", KML + " " * 15_000_000)))
    with pytest.raises(UnreadableFile):
        (tmp_path / "c.kmz").write_bytes(pack(("doc.kml", KML * 100))[:-30])
        read_here(tmp_path / "c.kmz")


def test_the_parts_of_a_geodatabase_do_not_count_as_files(tmp_path: Path) -> None:
    """One of thirty feature classes has some three hundred parts; two hundred other files are too many."""
    parts = [(f"a.gdb/a{i:08x}.gdbtable", "") for i in range(300)]
    assert len(archive.check(write(tmp_path / "a.zip", *parts), Limits())) == 300
    with pytest.raises(TooLarge, match="200 files"):
        archive.check(write(tmp_path / "b.zip", *parts, *((f"{i}.csv", "") for i in range(201))), Limits())
    with pytest.raises(TooLarge):
        archive.check(write(tmp_path / "c.zip", *((f"a.gdb/a{i:08x}.gdbtable", "") for i in range(2_100))), Limits())


def test_column_names_are_unique_and_no_novels() -> None:
    assert opening._unique_columns(["a", "a", "a 2", "b", "a"]) == ["a", "a 3", "a 2", "b", "a 4"]
    with pytest.raises(HostileFile):
        opening._unique_columns(["x" * 1000])
