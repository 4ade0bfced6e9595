"""One small sound file of every format, to be damaged."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import shapely

ROWS = [(f"H{i}", ("墙体开裂", "下水道堵塞", "私拉电线")[i % 3], 25.1 + i / 100) for i in range(18)]

LAYERS = {
    "hazards": (".csv", ".xlsx", ".kml", ".kmz", ".gpx", ".dxf", ".dbf"),
    "compounds": (".geojson", ".gpkg", ".fgb", ".parquet", ".zip"),
}


def layer_of(name: str) -> str | None:
    """The layer that a seed fills; OSM says itself what goes where."""
    return next((layer for layer, endings in LAYERS.items() if name.endswith(endings)), None)


def seeds(folder: Path) -> dict[str, bytes]:
    """The bytes by file name; a name says the format."""
    import openpyxl
    import pyarrow
    from pyarrow import parquet

    points = [shapely.Point(x, 60.1) for _, _, x in ROWS]
    areas = [p.buffer(0.001, quad_segs=2) for p in points]
    out: dict[str, bytes] = {}
    head = "编号,类型,经度,纬度\n"
    out["a.csv"] = (head + "".join(f"{c},{k},{x},60.1\n" for c, k, x in ROWS)).encode("gb18030")
    features = [
        {"type": "Feature", "properties": {"编号": c, "小区名称": k}, "geometry": json.loads(shapely.to_geojson(a))}
        for (c, k, _), a in zip(ROWS, areas, strict=True)
    ]
    out["a.geojson"] = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()
    book = openpyxl.Workbook()
    for row in [["编号", "类型", "经度", "纬度"], *([c, k, x, 60.1] for c, k, x in ROWS)]:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    out["a.xlsx"] = stream.getvalue()
    placemarks = "".join(
        f'<Placemark><name>{c}</name><ExtendedData><Data name="类型"><value>{k}</value></Data></ExtendedData><Point><coordinates>{x},60.1</coordinates></Point></Placemark>'
        for c, k, x in ROWS
    )
    kml = f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>a</name>{placemarks}</Folder></Document></kml>'
    out["a.kml"] = kml.encode()
    out["a.gpx"] = (
        '<?xml version="1.0"?><gpx version="1.1" creator="a" xmlns="http://www.topografix.com/GPX/1/1">'
        + "".join(f'<wpt lat="60.1" lon="{x}"><name>{k}</name></wpt>' for _, k, x in ROWS)
        + "</gpx>"
    ).encode()
    nodes = "".join(f'<node id="{i + 1}" lat="60.1" lon="{x}"><tag k="amenity" v="parking"/></node>' for i, (_, _, x) in enumerate(ROWS))
    out["a.osm"] = f'<?xml version="1.0"?><osm version="0.6">{nodes}</osm>'.encode()
    metadata = {
        "geo": json.dumps(
            {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}}}
        )
    }
    table = pyarrow.table({"code": [r[0] for r in ROWS], "name": [r[1] for r in ROWS], "geometry": [shapely.to_wkb(a) for a in areas]})
    stream = io.BytesIO()
    parquet.write_table(table.replace_schema_metadata(metadata), stream)
    out["a.parquet"] = stream.getvalue()
    out |= _by_gdal(areas, folder)
    out["a.osm.pbf"] = _pbf(folder)
    out["a.kmz"] = _zip({"doc.kml": out["a.kml"]})
    out["a.dxf"] = _drawing()
    return out


def _pbf(folder: Path) -> bytes:
    import osmium

    with osmium.SimpleWriter(str(folder / "a.osm.pbf")) as writer:
        for i, (_, _, x) in enumerate(ROWS):
            writer.add_node(osmium.osm.mutable.Node(id=i + 1, location=(x, 60.1), tags={"amenity": "parking"}))
    return (folder / "a.osm.pbf").read_bytes()


def _by_gdal(areas: list[shapely.Polygon], folder: Path) -> dict[str, bytes]:
    import pyogrio

    shapes = np.array([shapely.to_wkb(a) for a in areas], dtype=object)
    values = [np.array([r[0] for r in ROWS], dtype=object), np.array([r[1] for r in ROWS], dtype=object)]
    out = {}
    for name, driver in (("a.shp", "ESRI Shapefile"), ("a.gpkg", "GPKG"), ("a.fgb", "FlatGeobuf"), ("a.gdb", "OpenFileGDB")):
        pyogrio.raw.write(str(folder / name), shapes, values, ["code", "name"], driver=driver, geometry_type="Polygon", crs="EPSG:4326")
    for name in ("a.gpkg", "a.fgb", "a.dbf"):
        out[name] = (folder / name).read_bytes()
    out["shape.zip"] = _zip({f"a{e}": (folder / f"a{e}").read_bytes() for e in (".shp", ".shx", ".dbf", ".prj")})
    out["base.zip"] = _zip({f"a.gdb/{p.name}": p.read_bytes() for p in sorted((folder / "a.gdb").iterdir())})
    return out


def _zip(members: dict[str, bytes]) -> bytes:
    """Stored, not packed: a changed byte reaches the reader of what is inside; the sums are left out of what is checked by no reader of ours."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _drawing() -> bytes:
    import ezdxf

    drawing = ezdxf.new("R2010")
    space = drawing.modelspace()
    block = drawing.blocks.new("HYDRANT")
    block.add_circle((0, 0), 0.5)
    for i in range(8):
        space.add_lwpolyline([(i, 0), (i + 0.8, 0), (i + 0.8, 1), (i, 1)], close=True, dxfattribs={"layer": "建筑"})
        space.add_text(f"{i}号楼", dxfattribs={"layer": "文字", "insert": (i, 0.5)})
        space.add_blockref("HYDRANT", (i, 2))
    stream = io.StringIO()
    drawing.write(stream)
    return stream.getvalue().encode()
