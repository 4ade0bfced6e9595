"""Every file of the collections of bad files has its account or its refusal; counts of tables are taken from the bytes, not by our reader."""

from __future__ import annotations

import struct
from collections import Counter
from pathlib import Path

import pytest

from geo.errors import Refused
from geo.values.text import key
from tests.geo.imports.conftest import Desk

pytestmark = pytest.mark.usefixtures("read_here")

DBF = "mapshaper/dbf/"


def dbf_texts(path: Path, field: str, encoding: str) -> list[tuple[str, bytes]]:
    """One column of a dBase table by its header alone, and each whole row."""
    data = path.read_bytes()
    count, head, length = struct.unpack_from("<IHH", data, 4)
    at, texts = 1, []
    rows = [data[head + i * length :][:length] for i in range(count)]
    for start in range(32, head - 1, 32):
        name, size = data[start : start + 11].split(b"\0")[0].decode("ascii", "replace"), data[start + 16]
        if name == field:
            texts = [(row[at:][:size].decode(encoding).strip(" \0"), row) for row in rows]
        at += size
    return texts


TABLES = [
    ("POLYGON", "NAME", "utf-8"), ("big5", "NAME", "gb18030"), ("comma_separated", "PIEZIMES", "utf-8"), ("cpg/euckr", "NAME", "cp949"),
    ("cpg/koi8r", "NAME", "koi8-r"), ("cpg/latin2", "NAME", "iso8859-2"), ("cpg/shiftjis", "NAME", "cp932"), ("cpg/win1251", "NAME", "cp1251"),
    ("cpg/win874", "NAME", "cp874"), ("duplicate_fields", "geoid", "utf-8"), ("eucjp", "NAME", "gb18030"), ("gb2312", "NAME", "gb18030"),
    ("gbk", "NAME", "gb18030"), ("latin1", "NAME", "gb18030"), ("ne_10m_time_zones", "name", "cp1252"), ("periphereies", "PER", "cp1252"),
    ("shiftjis", "NAME", "gb18030"), ("utf8", "NAME", "utf-8"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "column", "encoding"), TABLES, ids=[t[0] for t in TABLES])
def test_a_table_without_shapes_is_taken_unplaced_by_name(desk: Desk, shared_data: Path, name: str, column: str, encoding: str) -> None:
    """Every record is accounted for; a name of one record (exact doubles aside) is taken, those of several are in quarantine."""
    path = shared_data / "nasty" / DBF / f"{name}.dbf"
    rows = dbf_texts(path, column, encoding)
    said = Counter(key(text) for text, _ in set(rows))
    once = sum(count == 1 for count in said.values())
    account = desk.file(path, layer="compounds", sets={"name": column})
    tally = account.layers["compounds"]
    assert (tally.read, tally.accepted + tally.repaired, tally.unplaced) == (len(rows), once, once)
    assert set(desk.column("compounds", "name")) <= {text for text, _ in rows}
    assert set(account.quarantine_reasons) <= {"duplicate", "name-twice"}
    assert account.crs is None


PLACED = [
    ("fiona/!test.geojson", {}, (1, 1, 0), {}),
    ("fiona/curves_line.csv", {}, (9, 0, 9), {"geometry-type": 9}),
    ("fiona/test_tin.shp", {}, (1, 0, 1), {"geometry-type": 1}),
    ("gisdata_bad/points_epsg2249_no_prj.shp", {"crs": "EPSG:3857"}, (73, 73, 0), {}),
    ("gisdata_bad/points_wgs84_no_prj.shp", {}, (73, 73, 0), {}),
    ("issues/193/gauss_kruger.shp", {"crs": "EPSG:4326"}, (3, 3, 0), {}),
    ("issues/193/three_points.shp", {}, (3, 3, 0), {}),
    ("issues/384_invalid_json/ex2.json", {"crs": "EPSG:5070"}, (2, 2, 0), {}),
    ("issues/invalid_coords/invalid_coordinates.shp", {}, (1, 0, 1), {"outside-crs": 1}),
    ("issues/invalid_coords/invalid_coordinates.json", {"crs": "EPSG:4326"}, (1, 0, 1), {"outside-crs": 1}),
    ("mapshaper/dbf/cpg/big5.shp", {"crs": "EPSG:3857"}, (1, 1, 0), {}),
    ("mapshaper/dbf/ldid/chinese.shp", {}, (1, 0, 1), {"outside-crs": 1}),
    ("mapshaper/geopackage/Oregon_customCRS.gpkg", {}, (1, 1, 0), {}),
    ("mapshaper/geopackage/data_only_tables.gpkg", {}, (11, 11, 0), {}),
    ("mapshaper/geopackage/mixed_crs.gpkg", {}, (2, 2, 0), {}),
    ("mapshaper/geopackage/null_crs_gdal.gpkg", {}, (1, 1, 0), {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options", "counts", "reasons"), PLACED, ids=[p[0] for p in PLACED])
def test_a_file_with_shapes_has_its_account(
    desk: Desk, shared_data: Path, name: str, options: dict[str, str], counts: tuple[int, int, int], reasons: dict[str, int]
) -> None:
    account = desk.file(shared_data / "nasty" / name, layer="compounds", dry_run=True, **options)
    tally = account.layers["compounds"]
    assert (tally.read, tally.accepted + tally.repaired, tally.quarantined) == counts
    assert dict(account.quarantine_reasons) == reasons


REFUSED = [
    ("gisdata_bad/grid_without_projection.asc", "unsupported-format"),
    ("gisdata_bad/points_epsg2249_no_prj.shp", "crs-not-declared"),
    ("gisdata_bad/unsupported_ext.txt", "unreadable-file"),
    ("issues/193/gauss_kruger.shp", "outside-area"),
    ("issues/384_invalid_json/ex2.json", "crs-not-declared"),
    ("issues/384_invalid_json/sample.json", "unreadable-file"),
    ("issues/384_invalid_json/sample1.json", "unreadable-file"),
    ("issues/invalid_coords/invalid_coordinates.json", "crs-not-declared"),
    ("mapshaper/dbf/cpg/big5.shp", "crs-not-declared"),
    ("mapshaper/dbf/cpg/utf16.dbf", "unreadable-file"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "code"), REFUSED, ids=[r[0] for r in REFUSED])
def test_a_file_that_is_refused_says_why_and_changes_nothing(desk: Desk, shared_data: Path, name: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        desk.file(shared_data / "nasty" / name, layer="compounds")
    assert (refusal.value.code, desk.store.info().revision) == (code, 0)


def test_no_file_of_the_collections_is_left_out(shared_data: Path) -> None:
    """A new file needs a row above; parts of a shapefile count with its .shp."""
    folder = shared_data / "nasty"
    named = {DBF + t[0] + ".dbf" for t in TABLES} | {p[0] for p in PLACED} | {r[0] for r in REFUSED}
    there = {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix not in (".prj", ".shx", ".cpg")
        and not (path.suffix == ".dbf" and path.with_suffix(".shp").exists())
    }
    assert there == named
