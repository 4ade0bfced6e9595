"""Every file of the collections of bad files has a row: what reading it must account for, worked out from the file by other means.

Counts come from the headers (struct), from `json` or from `sqlite3`; problems and refusals from what the collection says about the file.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo.errors import Refused

Problems = dict[str, int]


def dbf_count(path: Path) -> int:
    """Records that the header promises less those marked as deleted."""
    data = path.read_bytes()
    count, head, length = struct.unpack_from("<IHH", data, 4)
    return count - sum(data[head + i * length : head + i * length + 1] == b"*" for i in range(count))


def shp_count(path: Path) -> int:
    data, at, count = path.read_bytes(), 100, 0
    while at < len(data):
        at += 8 + 2 * struct.unpack_from(">i", data, at + 4)[0]
        count += 1
    return count


# --- tables without shapes: (file, encoding that is used, first text)

DBFS: list[tuple[str, str, str | None]] = [
    ("POLYGON.dbf", "UTF-8", "Fairfax City"),
    ("big5.dbf", "GB18030", None),  # no .cpg, and Big5 bytes are valid GB18030: why the doctor shows what it chose
    ("comma_separated.dbf", "UTF-8", "68,500"),
    ("duplicate_fields.dbf", "UTF-8", "1"),
    ("eucjp.dbf", "GB18030", None),
    ("gb2312.dbf", "GB18030", "简体国语"),
    ("gbk.dbf", "GB18030", "简体国语"),
    ("latin1.dbf", "GB18030", None),
    ("ne_10m_time_zones.dbf", "ISO-8859-1", None),
    ("periphereies.dbf", "ISO-8859-1", None),
    ("shiftjis.dbf", "GB18030", None),
    ("utf8.dbf", "UTF-8", "国语國語"),
    ("cpg/euckr.dbf", "cp949", "한국말"),
    ("cpg/koi8r.dbf", "koi8-r", "русский"),
    ("cpg/latin2.dbf", "iso8859-2", "čeština"),
    ("cpg/shiftjis.dbf", "cp932", "カタカナひらがな"),
    ("cpg/utf16.dbf", "utf-16", None),
    ("cpg/win1251.dbf", "cp1251", "РУССКИЙ"),
    ("cpg/win874.dbf", "cp874", "ภาษาไทย"),
    ("cpg/big5.dbf", "Big5", "國語"),
    ("ldid/chinese.dbf", "GB18030", "简体"),
]


@pytest.mark.parametrize(("name", "encoding", "first"), DBFS, ids=[d[0] for d in DBFS])
def test_a_dbf_alone_is_a_table(
    name: str, encoding: str, first: str | None, shared_data: Path, read_here: Callable[..., list[Any]]
) -> None:
    path = shared_data / "nasty/mapshaper/dbf" / name
    (table,) = read_here(path)
    assert table.header.count == dbf_count(path)
    assert (table.header.encoding, table.header.has_places, table.header.crs, table.problems) == (encoding, False, None, {})
    if first is not None:
        assert next(iter(table.values[0].values())) == first


# --- shapefiles: (file, crs asked, crs used, encoding, problems, how many are placed)

SHAPES: list[tuple[str, str | None, str, str | None, Problems, int]] = [
    ("nasty/mapshaper/dbf/cpg/big5.shp", "EPSG:3857", "EPSG:3857", "Big5", {}, 1),
    ("nasty/mapshaper/dbf/ldid/chinese.shp", None, "EPSG:4326", "GB18030", {"outside-crs": 1}, 0),  # x = 460, y = 270 under a WGS 84 .prj
    ("nasty/gisdata_bad/points_wgs84_no_prj.shp", None, "EPSG:4326", "UTF-8", {}, 73),
    ("nasty/gisdata_bad/points_epsg2249_no_prj.shp", "EPSG:3857", "EPSG:3857", "UTF-8", {}, 73),
    ("nasty/fiona/test_tin.shp", "EPSG:4326", "EPSG:4326", "UTF-8", {"geometry-type": 1}, 0),
    ("nasty/issues/193/gauss_kruger.shp", "EPSG:4326", "EPSG:4326", None, {}, 3),  # degrees under the .prj of a projection
    ("nasty/issues/193/three_points.shp", None, "EPSG:4326", "UTF-8", {}, 3),
    ("nasty/issues/invalid_coords/invalid_coordinates.shp", None, "EPSG:4326", "UTF-8", {"outside-crs": 1}, 0),
    ("kaohsiung_gas/kh_ng_pipelines_twd97.shp", None, "EPSG:3826", "UTF-8", {}, 609),
    ("kaohsiung_gas/kh_ng_pipelines_wgs84.shp", None, "EPSG:4326", "UTF-8", {}, 609),
    ("xiamen_compounds/厦门市商务住宅边界_gcj02_wgs84.shp", None, "EPSG:4326", "UTF-8", {}, 107),
]  # fmt: skip


@pytest.mark.parametrize(("name", "asked", "used", "encoding", "problems", "placed"), SHAPES, ids=[Path(s[0]).name for s in SHAPES])
def test_a_shapefile(
    name: str,
    asked: str | None,
    used: str,
    encoding: str | None,
    problems: Problems,
    placed: int,
    shared_data: Path,
    read_here: Callable[..., list[Any]],
) -> None:
    path = shared_data / name
    (found,) = read_here(path, crs=asked)
    assert found.header.count == shp_count(path)
    assert (found.header.crs, found.header.encoding, found.problems, found.placed) == (used, encoding, problems, placed)


UNDECLARED = ["nasty/mapshaper/dbf/cpg/big5.shp", "nasty/gisdata_bad/points_epsg2249_no_prj.shp"]


@pytest.mark.parametrize("name", UNDECLARED)
def test_a_shapefile_in_unknown_metres_or_feet_is_asked_about(name: str, shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    with pytest.raises(Refused) as caught:
        read_here(shared_data / name)
    assert caught.value.code == "crs-not-declared"


def test_degrees_under_the_prj_of_a_projection_are_asked_about(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    """The .prj says Beijing 1954 in metres, the corners are 121 and 31: read so, they would lie in the sea off Ghana."""
    with pytest.raises(Refused) as caught:
        read_here(shared_data / "nasty/issues/193/gauss_kruger.shp")
    assert (caught.value.code, caught.value.members["candidates"][0]["crs"]) == ("outside-area", "EPSG:4326")


def test_points_are_not_where_the_name_of_their_file_says(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    """Massachusetts in feet, as the name has it, would put them off Central America."""
    with pytest.raises(Refused) as caught:
        read_here(shared_data / "nasty/gisdata_bad/points_epsg2249_no_prj.shp", crs="EPSG:2249")
    assert caught.value.code == "outside-area"


def test_a_shapefile_without_shx_and_dbf_says_so(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    (found,) = read_here(shared_data / "nasty/issues/193/gauss_kruger.shp", crs="EPSG:4326")
    notes = " | ".join(n[1] for n in found.header.notes)
    assert ".shx is missing" in notes and ".dbf is missing" in notes and "the file says EPSG:2435; read as EPSG:4326 as asked" in notes
    assert list(found.header.columns) == []


# --- JSON: (file, count by plain json, problems, or the code of the refusal)

JSONS: list[tuple[str, Problems | str]] = [
    ("nasty/fiona/!test.geojson", {}),
    ("nasty/issues/384_invalid_json/sample.json", "unreadable-file"),
    ("nasty/issues/384_invalid_json/sample1.json", "unreadable-file"),
    ("nasty/issues/invalid_coords/invalid_coordinates.json", {"outside-crs": 1}),
]


@pytest.mark.parametrize(("name", "expected"), JSONS, ids=[Path(j[0]).name for j in JSONS])
def test_a_json_file(name: str, expected: Problems | str, shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    path = shared_data / name
    if isinstance(expected, str):
        with pytest.raises(json.JSONDecodeError):
            json.loads(path.read_text())
        with pytest.raises(Refused) as caught:
            read_here(path, crs="EPSG:4326")
        assert caught.value.code == expected
        return
    (found,) = read_here(path, crs="EPSG:4326")
    document = json.loads(path.read_text())
    assert (found.header.count, found.problems) == (len(document.get("features", [document])), expected)


def test_the_whole_file_beside_the_broken_ones_needs_a_crs(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    """ex2.json is valid JSON in metres without a word about its CRS."""
    path = shared_data / "nasty/issues/384_invalid_json/ex2.json"
    with pytest.raises(Refused) as caught:
        read_here(path)
    assert caught.value.code == "crs-not-declared"
    (found,) = read_here(path, crs="EPSG:5070")
    assert (found.header.count, found.placed) == (len(json.loads(path.read_text())["features"]), 2)
    with pytest.raises(Refused) as caught:  # California's own metres would put its fields 2 000 km out at sea
        read_here(path, crs="EPSG:3310")
    assert caught.value.code == "outside-area"


def test_broken_json_is_refused_with_line_and_column(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    """sample.json has a doubled brace at the start of its third line; Python's parser agrees about the place."""
    path = shared_data / "nasty/issues/384_invalid_json/sample.json"
    with pytest.raises(json.JSONDecodeError) as theirs:
        json.loads(path.read_text())
    with pytest.raises(Refused) as ours:
        read_here(path)
    assert ours.value.members["line"] == theirs.value.lineno


# --- tables with shapes as text, and what is no vector file


def test_curves_in_wkt_are_problems(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    path = shared_data / "nasty/fiona/curves_line.csv"
    lines = path.read_text().splitlines()[1:]
    curved = sum("CURVE" in line or "CIRCULAR" in line for line in lines)
    (found,) = read_here(path)
    assert (found.header.count, found.problems) == (len(lines), {"geometry-type": curved})


@pytest.mark.parametrize(
    ("name", "code"), [("grid_without_projection.asc", "unsupported-format"), ("unsupported_ext.txt", "unreadable-file")]
)
def test_no_vector_file(name: str, code: str, shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    with pytest.raises(Refused) as caught:
        read_here(shared_data / "nasty/gisdata_bad" / name)
    assert caught.value.code == code


# --- GeoPackages: (file, crs used by table, placed by table)

GPKGS: list[tuple[str, dict[str, str], dict[str, int]]] = [
    ("Oregon_customCRS.gpkg", {"Oregon_customCRS": "UNK / Lambert_Conformal_Conic_2SP"}, {"Oregon_customCRS": 1}),
    (
        "data_only_tables.gpkg",
        {"oregon_cities": "EPSG:4326", "washington_cities": "EPSG:4326"},
        {"oregon_cities": 0, "washington_cities": 0},
    ),
    ("mixed_crs.gpkg", {"oregon_2269": "EPSG:2269", "oregon_4326": "EPSG:4326"}, {"oregon_2269": 1, "oregon_4326": 1}),
    ("null_crs_gdal.gpkg", {"land": "EPSG:4326"}, {"land": 1}),
]


@pytest.mark.parametrize(("name", "crs", "placed"), GPKGS, ids=[g[0] for g in GPKGS])
def test_a_geopackage(
    name: str, crs: dict[str, str], placed: dict[str, int], shared_data: Path, read_here: Callable[..., list[Any]]
) -> None:
    path = shared_data / "nasty/mapshaper/geopackage" / name
    db = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    counts = {
        t: db.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for (t,) in db.execute("SELECT table_name FROM gpkg_contents").fetchall()
    }
    db.close()
    found = {r.header.name: r for r in read_here(path)}
    assert {n: r.header.count for n, r in found.items()} == counts
    assert {n: r.header.crs for n, r in found.items()} == crs
    assert {n: r.placed for n, r in found.items()} == placed
    assert all(r.problems == {} for r in found.values())


def test_two_layers_of_the_same_place_in_two_crss_land_on_one_another(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    import shapely

    feet, degrees = (r.geometry[0] for r in read_here(shared_data / "nasty/mapshaper/geopackage/mixed_crs.gpkg"))
    apart = shapely.hausdorff_distance(shapely.from_wkb(feet), shapely.from_wkb(degrees))
    assert apart < 3e-5, "NAD 83 and WGS 84 are 1.5 m apart, no more"


def test_every_file_of_the_collection_has_a_row(shared_data: Path) -> None:
    """A new file in the folder must get its expectation here."""
    rows = {Path(n).name for n, *_ in (*DBFS, *SHAPES, *JSONS, *GPKGS)}
    rows |= {"ex2.json", "curves_line.csv", "grid_without_projection.asc", "unsupported_ext.txt"}
    stems = {Path(n).stem for n in rows}
    files = [p for p in (shared_data / "nasty").rglob("*") if p.is_file() and p.suffix not in (".shx", ".prj", ".cpg")]
    assert [p.name for p in files if p.name not in rows and not (p.suffix == ".dbf" and p.stem in stems)] == []


# --- geojsonhint: what each bad file comes to (None = it is read without a word)

HINTS: dict[str, Problems | str | None] = {
    "bad-duplicate-properties": "unreadable-file",
    "bad-featurelist": {"bad-coordinates": 1},
    "bad-json": "unreadable-file",
    "bad-object-type": "unreadable-file",
    "bad-polygon-interiorring-rhr": None,  # winding is set right
    "bad-polygonloop": {"bad-coordinates": 1},
    "bad-properties-as-array": {"damaged-record": 1},
    "badcoord": {"bad-coordinates": 1},
    "badcoordtype": {"bad-coordinates": 1},
    "badfeature": {"damaged-record": 1},
    "badfeatureid": None,  # an id that is no text or number is not used
    "bbox-4or6elements": None,  # a bbox is not needed
    "bbox-contains-string": None,
    "bbox-string": None,
    "different-first-last": None,  # the ring is closed, as a repair
    "different-first-size": None,  # heights are not used
    "excessive_precision_truncated": None,
    "expected_object": {"damaged-record": 1},
    "false": {"damaged-record": 1},
    "feature_changed_semantics": None,
    "featurecollection": "unreadable-file",
    "featurecollection-obj": "unreadable-file",
    "featurecollection-type-case": "unreadable-file",
    "featurecollection_changed_semantics": None,
    "geometry_changed_semantics": None,
    "geometrycollection_nested": {"geometry-type": 1},  # points and lines in one
    "geometrycollection_single": None,
    "multiple_problems": {"bad-coordinates": 1, "damaged-record": 2},
    "multipoint-multidimension": {"bad-coordinates": 1},
    "multipoint-nondimension": {"bad-coordinates": 1},
    "nofeaturetype": {"damaged-record": 1},
    "notype": "unreadable-file",
    "point": {"bad-coordinates": 1},
    "point-labeled-as-a-multipolygon": {"bad-coordinates": 1},
    "point-string": {"bad-coordinates": 1},
    "point-toofew": {"bad-coordinates": 1},
    "point-toomany": None,
    "polygon_winding_order": None,
    "rootstring": "unreadable-file",
    "short-line": {"invalid-geometry": 1},
    "short-linearring": None,  # three corners make an area once closed
    "short-multilinestring": {"invalid-geometry": 1},
    "stringcoord": {"bad-coordinates": 1},
    "unknowntype": "unreadable-file",
}


def _features(path: Path) -> int:
    document = json.loads(path.read_text())
    return len(document["features"]) if document.get("type") == "FeatureCollection" else 1


def test_geojsonhint_bad_files(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    folder = shared_data / "standards/geojsonhint/bad"
    assert {p.stem for p in folder.glob("*.geojson")} == set(HINTS)
    for name, expected in HINTS.items():
        path = folder / f"{name}.geojson"
        if isinstance(expected, str):
            with pytest.raises(Refused) as caught:
                read_here(path, crs="EPSG:4326")
            assert caught.value.code == expected, name
            continue
        (found,) = read_here(path, crs="EPSG:4326")
        assert (name, found.header.count, found.problems) == (name, _features(path), expected or {})


def test_geojsonhint_good_files(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    """All are read; a collection of a point and a line is one that no layer takes, and issue82 reaches beyond the world."""
    exceptions = {"good-geometrycollection": {"geometry-type": 1}, "issue82": {"outside-crs": 1}}
    for path in sorted((shared_data / "standards/geojsonhint/good").glob("*.geojson")):
        (found,) = read_here(path, crs="EPSG:4326")
        assert (path.stem, found.header.count, found.problems) == (path.stem, _features(path), exceptions.get(path.stem, {}))
