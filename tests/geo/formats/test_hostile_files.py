"""Files made to read something else, reach a network, or exhaust the reader: each is refused, quickly, and gives nothing away.

Every main guard has its negative control at the end: with the guard off, the attack works.
"""

from __future__ import annotations

import gzip
import http.server
import os
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geo import sandbox
from geo.errors import HostileFile, Refused, TooLarge, UnreadableFile, UnsupportedFormat
from geo.formats import gdal, geojson
from geo.formats.contract import Chunk, DatasetHeader, ReadRequest
from geo.formats.limits import WEB, Limits

ROOT = Path(__file__).resolve().parents[3]
CANARY = "canary-7f3a-resident"


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another office's file, which no upload may read."""
    path = tmp_path_factory.mktemp("secret") / "residents.csv"
    path.write_text(f"id,resident\n1,{CANARY}\n")
    return path


class _Hits(http.server.BaseHTTPRequestHandler):
    log: list[str]

    def do_GET(self) -> None:
        self.log.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'GEOGCS["x"]')

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address on loopback, and the requests it got."""
    log: list[str] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Hits", (_Hits,), {"log": log}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", log
    server.shutdown()


def read_all(path: Path, request: ReadRequest | None = None, **kwargs: object) -> list[DatasetHeader | Chunk]:
    with sandbox.read(path, request or ReadRequest(crs="EPSG:4326"), **kwargs) as parts:  # type: ignore[arg-type]
        return list(parts)


SMALL = Limits(unpacked=20 * 1024 * 1024, wall=30)


def refusal(path: Path, work: Path, *, inspecting: bool = False) -> Refused:
    """The error that reading (or inspecting) ends with; it must not take long nor tell what the file was after."""
    work.mkdir(exist_ok=True)
    began = time.monotonic()
    with pytest.raises(Refused) as caught:
        if inspecting:
            sandbox.inspect(path, ReadRequest(), work_dir=work, limits=SMALL)
        else:
            read_all(path, work_dir=work, limits=SMALL)
    assert time.monotonic() - began < 30
    told = f"{caught.value} {caught.value.members}"
    assert CANARY not in told and str(path.parent) not in told and "Traceback" not in told
    assert list(work.iterdir()) == [], "the job's folder is still there"
    return caught.value


VRT = '<OGRVRTDataSource><OGRVRTLayer name="residents"><SrcDataSource>CSV:{canary}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
VRT_URL = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/vsicurl/{url}/x.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
GDALG = '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {canary}"}}'
GDALG_URL = '{{"command_line": "gdal vector pipeline ! read /vsicurl/{url}/g.geojson", "type": "gdal_streamed_alg"}}'
FEATURES = '"features": [{{"type": "Feature", "properties": {{}}, "geometry": {{"type": "Point", "coordinates": [1, 2]}}}}]'
LINK = (
    '{{"type": "FeatureCollection", "crs": {{"type": "link", "properties": {{"href": "{url}/crs", "type": "ogcwkt"}}}}, ' + FEATURES + "}}"
)
CRS_URL = '{{"type": "FeatureCollection", "crs": {{"type": "url", "properties": {{"url": "{url}/crs"}}}}, ' + FEATURES + "}}"
DOCTYPE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file://{canary}">]>'

TEXTS: list[tuple[str, str, type[Refused]]] = [
    ("vrt.geojson", VRT, HostileFile),
    ("vrt.shp", VRT, HostileFile),
    ("vrt.kml", VRT, HostileFile),
    ("vrt.gpkg", VRT, HostileFile),
    ("vrt.csv", VRT, HostileFile),
    ("vrt.xlsx", VRT, HostileFile),
    ("vrt.osm", VRT, HostileFile),
    ("vrt.vrt", VRT, HostileFile),
    ("vrt_url.json", VRT_URL, HostileFile),
    ("gdalg.geojson", GDALG, HostileFile),
    ("gdalg.json", GDALG_URL, HostileFile),
    ("gdalg.shp", GDALG, HostileFile),
    ("link.geojson", LINK, HostileFile),
    ("link_url.geojson", CRS_URL, HostileFile),
    ("wfs.json", "<OGRWFSDataSource><URL>{url}/wfs?</URL></OGRWFSDataSource>", HostileFile),
    ("xxe.kml", DOCTYPE + "<kml><Placemark><name>&x;</name></Placemark></kml>", HostileFile),
    ("xxe.osm", DOCTYPE + '<osm version="0.6"><node id="1" lat="1" lon="2"><tag k="name" v="&x;"/></node></osm>', HostileFile),
    ("topo.json", '{{"type": "Topology", "objects": {{}}, "arcs": []}}', UnsupportedFormat),
    ("esri.json", '{{"geometryType": "esriGeometryPoint", "features": []}}', UnsupportedFormat),
    ("plain.gml", "<wfs:FeatureCollection/>", UnsupportedFormat),
]


@pytest.mark.parametrize(("name", "text", "error"), TEXTS, ids=[t[0] for t in TEXTS])
def test_a_file_that_points_elsewhere_is_refused(
    name: str, text: str, error: type[Refused], tmp_path: Path, canary: Path, listener: tuple[str, list[str]]
) -> None:
    url, hits = listener
    path = tmp_path / name
    path.write_text(text.format(canary=canary, url=url))
    assert type(refusal(path, tmp_path / "jobs", inspecting=len(name) % 2 == 0)) is error
    assert hits == []


def test_xml_in_utf16_does_not_hide_its_doctype(tmp_path: Path) -> None:
    path = tmp_path / "a.osm"
    path.write_bytes(DOCTYPE.format(canary="/etc/passwd").encode("utf-16") + "<osm></osm>".encode("utf-16-le"))
    assert type(refusal(path, tmp_path / "jobs")) is HostileFile


# --- archives


def _zip(path: Path, *members: tuple[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def _symlink(path: Path, target: Path) -> Path:
    info = zipfile.ZipInfo("link.csv")
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, str(target))
    return path


def _bomb(path: Path, name: str, megabytes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as member:
        for _ in range(megabytes):
            member.write(b" " * (1 << 20))
    return path


def _lying(path: Path) -> Path:
    """A member that is larger than both headers say."""
    _zip(path, ("a.csv", "x" * 50_000))
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[22:26] = data[central + 24 : central + 28] = struct.pack("<I", 100)
    path.write_bytes(bytes(data))
    return path


def _locked(path: Path) -> Path:
    _zip(path, ("a.csv", "a,b\n1,2\n"))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    return path


ARCHIVES: list[tuple[str, Callable[[Path, Path], Path], type[Refused]]] = [
    ("vrt-inside", lambda p, c: _zip(p, ("a.geojson", VRT.format(canary=c))), HostileFile),
    ("vrt-as-shp", lambda p, c: _zip(p, ("a.shp", VRT.format(canary=c)), ("a.dbf", b"")), HostileFile),
    ("gdalg-inside", lambda p, c: _zip(p, ("a.json", GDALG.format(canary=c))), HostileFile),
    ("slip", lambda p, c: _zip(p, ("../../slipped.csv", "a,b\n1,2\n")), HostileFile),
    ("slip-windows", lambda p, c: _zip(p, ("C:\\slipped.csv", "a,b\n1,2\n")), HostileFile),
    ("absolute", lambda p, c: _zip(p, ("/tmp/slipped.csv", "a,b\n1,2\n")), HostileFile),
    ("symlink", _symlink, HostileFile),
    ("nested", lambda p, c: _zip(p, ("inner.zip", b"PK\x03\x04"), ("a.csv", "a,b\n1,2\n")), HostileFile),
    ("long-name", lambda p, c: _zip(p, ("a" * 200 + ".csv", "a,b\n1,2\n")), HostileFile),
    ("lying-size", lambda p, c: _lying(p), UnreadableFile),
    ("bomb", lambda p, c: _bomb(p, "a.geojson", 30), TooLarge),
    ("well-packed", lambda p, c: _bomb(p, "a.geojson", 15), HostileFile),
    ("many", lambda p, c: _zip(p, *((f"{i}.csv", "") for i in range(300))), TooLarge),
    ("password", lambda p, c: _locked(p), UnreadableFile),
    ("nothing-known", lambda p, c: _zip(p, ("a.doc", b"x"), ("b.exe", b"MZ")), UnsupportedFormat),
]


@pytest.mark.parametrize(("make", "error"), [a[1:] for a in ARCHIVES], ids=[a[0] for a in ARCHIVES])
def test_a_hostile_archive_is_refused(make: Callable[[Path, Path], Path], error: type[Refused], tmp_path: Path, canary: Path) -> None:
    path = make(tmp_path / "upload.zip", canary)
    before = set(tmp_path.iterdir())
    assert type(refusal(path, tmp_path / "jobs")) is error
    assert set(tmp_path.iterdir()) - before == {tmp_path / "jobs"}
    assert not (tmp_path.parent / "slipped.csv").exists() and not Path("/tmp/slipped.csv").exists()


def test_a_link_is_not_followed_to_a_file(tmp_path: Path, canary: Path) -> None:
    """The service may be handed a link by an operator, who may read what it points at; a folder or a device is refused."""
    with pytest.raises(UnreadableFile):
        sandbox.inspect(tmp_path, ReadRequest())
    with pytest.raises(UnreadableFile):
        sandbox.inspect(Path("/dev/zero"), ReadRequest())


# --- depth and numbers


def _deep(opening: str, closing: str, depth: int) -> str:
    return (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": '
        + opening * depth
        + "1"
        + closing * depth
        + '}, "geometry": null}]}'
    )


@pytest.mark.parametrize("depth", [33, 1000, 30_000, 1_000_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_json_is_refused_before_it_is_parsed(opening: str, closing: str, depth: int) -> None:
    with pytest.raises(HostileFile):
        geojson.dataset(_deep(opening, closing, depth).encode(), "deep", WEB)


def test_the_deepest_json_is_refused_by_the_service(tmp_path: Path) -> None:
    path = tmp_path / "deep.geojson"
    path.write_text(_deep("[", "]", 1_000_000))
    assert type(refusal(path, tmp_path / "jobs")) is HostileFile


def test_json_of_depth_ten_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep.geojson"
    path.write_text(_deep("[", "]", 10))
    chunk = read_all(path)[1]
    assert isinstance(chunk, Chunk) and chunk.values[0]["a"] == "[" * 10 + "1" + "]" * 10


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "0x10", "01"])
def test_numbers_that_json_does_not_have_are_refused(number: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        geojson.dataset(b'{"type": "Point",\n "coordinates": [' + number.encode() + b", 2]}", "number", WEB)
    assert caught.value.members["line"] == 2


def test_deep_wkt_in_a_table_becomes_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "deep.csv"
    nested = "GEOMETRYCOLLECTION(" * 30_000 + "POINT(1 2)" + ")" * 30_000
    path.write_text(f'id,wkt\n1,POINT(1 2)\n2,"{nested[:60_000]}"\n')
    chunk = read_all(path)[1]
    assert isinstance(chunk, Chunk)
    assert [p and p[0] for p in chunk.problems] == [None, "geometry-type"]


def test_many_different_keys_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.geojson"
    features = ",".join(f'{{"type":"Feature","properties":{{"k{i}":1}},"geometry":null}}' for i in range(20_000))
    path.write_text('{"type":"FeatureCollection","features":[' + features + "]}")
    with pytest.raises(TooLarge):
        read_all(path)


def test_a_text_of_more_than_64_kb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.geojson"
    path.write_text('{"type":"Feature","properties":{"a":"' + "x" * 70_000 + '"},"geometry":null}')
    with pytest.raises(TooLarge):
        read_all(path)


# --- workbooks


_SHEET = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_MAIN = "http://schemas.openxmlformats.org"
_PARTS = {
    "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{_MAIN}/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": f'<?xml version="1.0"?><Relationships xmlns="{_MAIN}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{_MAIN}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{_MAIN}/spreadsheetml/2006/main" '
    f'xmlns:r="{_MAIN}/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<?xml version="1.0"?><Relationships xmlns="{_MAIN}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{_MAIN}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}  # fmt: skip


def _workbook(path: Path, sheet: Iterator[str] | list[str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in _PARTS.items():
            book.writestr(name, text)
        with book.open("xl/worksheets/sheet1.xml", "w") as member:
            for part in sheet:
                member.write(part.encode())
    return path


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    laugh = '<!DOCTYPE a [<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10)) + "]>"
    path = _workbook(tmp_path / "laugh.xlsx", [_SHEET.replace("?>", "?>" + laugh, 1), "</sheetData></worksheet>"])
    assert type(refusal(path, tmp_path / "jobs")) is HostileFile


def test_a_tiny_workbook_that_asks_for_gigabytes_is_refused(tmp_path: Path) -> None:
    """Two cells at opposite corners: 1.4 kB that a reader turns into seventeen thousand million cells."""
    corners = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    path = _workbook(tmp_path / "corners.xlsx", [_SHEET, corners])
    assert path.stat().st_size < 2000
    with pytest.raises(TooLarge):
        read_all(path)


def test_a_workbook_bomb_is_refused(tmp_path: Path) -> None:
    row = '<row><c t="inlineStr"><is><t>' + "A" * 200 + "</t></is></c></row>"
    path = _workbook(tmp_path / "bomb.xlsx", (t for t in [_SHEET, *[row * 4000] * 40, "</sheetData></worksheet>"]))
    assert type(refusal(path, tmp_path / "jobs")) in (HostileFile, TooLarge)


# --- GeoPackages


def _gpkg(path: Path, *statements: str) -> Path:
    """The least that is a GeoPackage with one layer of three points, and what is done to it."""
    db = sqlite3.connect(path)
    db.executescript("""
        PRAGMA application_id = 1196444487;
        CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT, organization_coordsys_id INTEGER,
            definition TEXT, description TEXT);
        INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, '', '');
        CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, description TEXT, last_change TEXT,
            min_x REAL, min_y REAL, max_x REAL, max_y REAL, srs_id INTEGER);
        CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);
        CREATE TABLE a (fid INTEGER PRIMARY KEY, geom BLOB, name TEXT);
        INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('a', 'features', 'a', 4326);
        INSERT INTO gpkg_geometry_columns VALUES ('a', 'geom', 'POINT', 4326, 0, 0);
    """)
    for i in range(3):
        blob = b"GP\x00\x01" + struct.pack("<i", 4326) + struct.pack("<BIdd", 1, 1, 25.0 + i, 60.0)
        db.execute("INSERT INTO a VALUES (?, ?, ?)", (i + 1, blob, f"n{i}"))
    db.commit()
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()
    return path


def _known(name: str, kind: str = "attributes") -> str:
    return f"INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('{name}', '{kind}', '{name}', 4326)"


GPKGS: list[tuple[str, tuple[str, ...], type[Refused]]] = [
    ("recursive", ("CREATE VIEW v AS WITH RECURSIVE r(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM r) SELECT fid FROM r", _known("v")), HostileFile),
    ("cross", ("CREATE VIEW v AS SELECT a1.fid FROM a a1, a a2, a a3", _known("v")), HostileFile),
    ("readfile", ("CREATE VIEW v AS SELECT readfile('/etc/passwd') AS z", _known("v")), HostileFile),
    ("blob", ("CREATE VIEW v AS SELECT zeroblob(900000000) AS z", _known("v")), HostileFile),
    ("trigger", ("CREATE TRIGGER evil AFTER INSERT ON a BEGIN DELETE FROM a; END",), HostileFile),
    ("vtab", ("CREATE VIRTUAL TABLE f USING fts4(x)",), HostileFile),
    ("ghost", (_known("nothing"),), HostileFile),
    ("catalogue-view", ("ALTER TABLE gpkg_contents RENAME TO c", "CREATE VIEW gpkg_contents AS SELECT * FROM c"), HostileFile),
    ("no-catalogue", ("DROP TABLE gpkg_contents",), UnsupportedFormat),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "error"), [g[1:] for g in GPKGS], ids=[g[0] for g in GPKGS])
def test_a_hostile_geopackage_is_refused(statements: tuple[str, ...], error: type[Refused], tmp_path: Path) -> None:
    path = _gpkg(tmp_path / "a.gpkg", *statements)
    before = path.read_bytes()
    assert type(refusal(path, tmp_path / "jobs")) is error
    assert path.read_bytes() == before


def test_the_plain_geopackage_of_these_tests_is_read(tmp_path: Path) -> None:
    """Else the refusals above would prove nothing."""
    header, chunk = read_all(_gpkg(tmp_path / "a.gpkg"))
    assert isinstance(header, DatasetHeader) and isinstance(chunk, Chunk)
    assert (header.count, [v["name"] for v in chunk.values], chunk.problems) == (3, ["n0", "n1", "n2"], [None] * 3)


def test_hostile_table_names_are_only_names(tmp_path: Path) -> None:
    name = 'x"";drop table a;--<img src=x onerror=1>{{7*7}}'
    path = _gpkg(tmp_path / "a.gpkg", f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY, t TEXT)', _known(name.replace('""', '"')))
    headers = [p for p in read_all(path) if isinstance(p, DatasetHeader)]
    assert [h.name for h in headers] == ["a", name.replace('""', '"')]


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_cut_geopackage_is_refused(share: float, tmp_path: Path) -> None:
    path = _gpkg(tmp_path / "a.gpkg", *(f"INSERT INTO a (name) VALUES ('{'x' * 3000}')" for _ in range(20)))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert type(refusal(path, tmp_path / "jobs")) is UnreadableFile


def test_deep_wkb_in_a_geopackage_becomes_a_problem(tmp_path: Path) -> None:
    deep = b"".join(struct.pack("<BII", 1, 7, 1) for _ in range(30_000)) + struct.pack("<BIdd", 1, 1, 1.0, 2.0)
    path = _gpkg(tmp_path / "a.gpkg")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE a SET geom = ? WHERE fid = 2", (b"GP\x00\x01" + struct.pack("<i", 4326) + deep,))
    db.close()
    chunk = read_all(path)[1]
    assert isinstance(chunk, Chunk) and [p and p[0] for p in chunk.problems] == [None, "damaged-record", None]


# --- OSM


def test_random_and_cut_osm_files_are_refused(tmp_path: Path) -> None:
    request = ReadRequest(osm={"layers": {"x": {"rules": [{"geometry": "point", "tags": [["name", ["*"]]]}], "fields": {}}}})
    for name, data in {
        "a.osm.pbf": b"\x00\x00\x00\x0d\n\tOSMHeader\x18\x7c" + os.urandom(2000),
        "b.osm.pbf": b"\x7f\xff\xff\xff" + b"A" * 100,
        "c.osm": b'<?xml version="1.0"?><osm version="0.6"><node id="1" lat="1"',
        "d.osm.gz": gzip.compress(b"<html>no</html>"),
        "e.osm.gz": gzip.compress(b"<osm></osm>" * 1000)[:50],
    }.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Refused):
            read_all(tmp_path / name, request)


# --- the negative controls: each guard off, and the attack works


def _run(code: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"],
        env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.soak
def test_control_without_the_driver_list_gdal_reads_the_canary(tmp_path: Path, canary: Path) -> None:
    path = tmp_path / "vrt.shp"
    path.write_text(VRT.format(canary=canary))
    code = f"import pyogrio; print(pyogrio.raw.read({str(path)!r})[3])"
    assert CANARY in _run(code, {})
    guarded = _run(code, gdal.environment())
    assert CANARY not in guarded and "not recognized as being in a supported file format" in guarded


@pytest.mark.soak
def test_control_without_the_driver_list_the_reader_refuses_to_start() -> None:
    code = "from geo.formats import gdal\nimport pyogrio\ngdal.library('FlatGeobuf'); print('loaded')"
    assert "the list of allowed drivers is not in force" in _run(code, {})
    assert "the list of allowed drivers is not in force" in _run(code, gdal.environment())


FOR_EACH_DRIVER = """
import os, sys
import numpy, pyproj, shapely  # once for all forks; GDAL is loaded in each
from geo.formats import gdal
assert "pyogrio" not in sys.modules
for driver in {drivers!r}:
    if os.fork() == 0:
        try:
            print(driver, *gdal.library(driver).list_drivers(), sep="|", flush=True)
            gdal.library("GPKG", "FlatGeobuf")
        except Exception as error:
            print(driver, error, sep="|", flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_one_driver_a_job_is_let_through_and_no_other() -> None:
    said = _run(FOR_EACH_DRIVER.format(drivers=[*sorted(gdal.USABLE), "OGR_VRT"]), gdal.environment())
    told = [line for line in said.splitlines() if "|" in line]  # GDAL warns of drivers that this build has not
    refused = "the list of allowed drivers is not in force"
    assert len(told) == 2 * len(gdal.USABLE) + 1, told
    for n, driver in enumerate(sorted(gdal.USABLE)):
        assert told[2 * n] == f"{driver}|{driver}" and told[2 * n + 1].startswith(f"{driver}|") and refused in told[2 * n + 1]
    assert told[-1].startswith("OGR_VRT|") and refused in told[-1]


@pytest.mark.soak
def test_control_without_the_network_guard_a_crs_link_is_fetched(tmp_path: Path, listener: tuple[str, list[str]]) -> None:
    url, hits = listener
    path = tmp_path / "link.geojson"
    path.write_text(LINK.format(url=url))
    read = f"import pyogrio; pyogrio.read_info({str(path)!r})"
    _run("from geo.formats import seccomp; print(seccomp.deny())\n" + read, {})
    assert hits == []
    _run(read, {})
    assert hits == ["/crs"]
    hits.clear()


@pytest.mark.soak
def test_control_without_the_memory_limit_the_memory_is_there() -> None:
    take = "try: b = bytearray(600 << 20); print('taken')\nexcept MemoryError: print('refused')"
    limit = "from geo.formats import guards, limits; guards.limit_resources(limits.Limits(memory=500 << 20))\n"
    assert _run(take, {}).strip() == "taken"
    assert _run(limit + take, {}).strip() == "refused"
