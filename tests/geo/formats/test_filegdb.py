"""File geodatabases, made through the C interface of the GDAL that pyogrio brings: domains, aliases, deleted rows, curves, damage."""

from __future__ import annotations

import ctypes
import errno
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo import sandbox
from geo.errors import Refused, TooLarge, UnreadableFile
from geo.formats import filegdb, ogrlayers
from geo.formats.contract import ReadRequest
from geo.formats.limits import Limits

ReadHere = Callable[..., list[Any]]


class _Coded(ctypes.Structure):
    _fields_ = [("code", ctypes.c_char_p), ("value", ctypes.c_char_p)]


@pytest.fixture(scope="module")
def c() -> Callable[..., Any]:
    """Calls a function of GDAL's C interface: name, result type, arguments."""
    import pyogrio

    (path,) = (Path(pyogrio.__file__).parent.parent / "pyogrio.libs").glob("libgdal*")
    library = ctypes.CDLL(str(path))

    def call(name: str, result: Any, *arguments: Any) -> Any:
        function = getattr(library, name)
        function.restype = result
        return function(*(ctypes.c_void_p(a) if isinstance(a, int) and a > 2**31 else a for a in arguments))

    return call


@pytest.fixture(scope="module")
def base(c: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """小区面: three areas in EPSG:4547 with a coded and an aliased column, the second deleted, the third without shape and with a code that the
    domain lacks. 弧: an area with an arc. 台账: a table without shapes."""
    import pyogrio  # noqa: F401  registers the drivers

    path = tmp_path_factory.mktemp("gdb") / "项目.gdb"
    pointer = ctypes.c_void_p
    data = c("GDALCreate", pointer, c("GDALGetDriverByName", pointer, b"OpenFileGDB"), str(path).encode(), 0, 0, 0, 0, None)
    codes = (_Coded * 4)(
        _Coded(b"1", "已通气".encode()), _Coded(b"2", "未通气".encode()), _Coded(b"5", "在建".encode()), _Coded(None, None)
    )
    domain = c("OGR_CodedFldDomain_Create", pointer, b"gas", b"", 0, 0, codes)
    assert c("GDALDatasetAddFieldDomain", ctypes.c_bool, data, domain, None)
    srs = c("OSRNewSpatialReference", pointer, None)
    c("OSRImportFromEPSG", ctypes.c_int, srs, 4547)
    areas = c("GDALDatasetCreateLayer", pointer, data, "小区面".encode(), srs, 6, None)
    for name, kind, alias, coded in ((b"RQZT", 0, "燃气状态", b"gas"), (b"XQMC", 4, "小区名称", None)):
        column = c("OGR_Fld_Create", pointer, name, kind)
        c("OGR_Fld_SetAlternativeName", None, column, alias.encode())
        if coded:
            c("OGR_Fld_SetDomainName", None, column, coded)
        c("OGR_L_CreateField", ctypes.c_int, areas, column, 1)
    square = "POLYGON ((408000 3847000, 408100 3847000, 408100 3847100, 408000 3847000))"
    rows = [(1, "南苑", square), (2, "北苑", square), (9, "西苑", None), (4, "东苑", square)]
    for code, name, wkt in rows:
        feature = c("OGR_F_Create", pointer, c("OGR_L_GetLayerDefn", pointer, areas))
        c("OGR_F_SetFieldInteger", None, feature, 0, code)
        c("OGR_F_SetFieldString", None, feature, 1, name.encode())
        _set_shape(c, feature, wkt)
        assert c("OGR_L_CreateFeature", ctypes.c_int, areas, feature) == 0
    c("OGR_L_DeleteFeature", ctypes.c_int, areas, ctypes.c_int64(2))
    curved = c("GDALDatasetCreateLayer", pointer, data, "弧".encode(), srs, 6, None)
    arc = "CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (408000 3847000, 408050 3847050, 408100 3847000), (408100 3847000, 408000 3847000)))"
    feature = c("OGR_F_Create", pointer, c("OGR_L_GetLayerDefn", pointer, curved))
    _set_shape(c, feature, arc)
    assert c("OGR_L_CreateFeature", ctypes.c_int, curved, feature) == 0
    table = c("GDALDatasetCreateLayer", pointer, data, "台账".encode(), None, 100, None)
    c("OGR_L_CreateField", ctypes.c_int, table, c("OGR_Fld_Create", pointer, b"n", 0), 1)
    feature = c("OGR_F_Create", pointer, c("OGR_L_GetLayerDefn", pointer, table))
    c("OGR_F_SetFieldInteger", None, feature, 0, 7)
    assert c("OGR_L_CreateFeature", ctypes.c_int, table, feature) == 0
    c("GDALClose", ctypes.c_int, data)
    yield path


def _set_shape(c: Callable[..., Any], feature: Any, wkt: str | None) -> None:
    if wkt is not None:
        shape, text = ctypes.c_void_p(), ctypes.c_char_p(wkt.encode())
        c("OGR_G_CreateFromWkt", ctypes.c_int, ctypes.byref(text), None, ctypes.byref(shape))
        c("OGR_F_SetGeometryDirectly", ctypes.c_int, feature, shape.value)


def zipped(base: Path, path: Path, *, inside: str | None = None, **extra: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        above = base.name if inside is None else inside
        for file in sorted(base.iterdir()):
            archive.write(file, f"{above}/{file.name}" if above else file.name)
        for name, data in extra.items():
            archive.writestr(name.replace("_", "."), data)
    return path


def test_feature_classes_tables_domains_and_aliases(base: Path, read_here: ReadHere, tmp_path: Path) -> None:
    areas, curved, table = read_here(zipped(base, tmp_path / "a.zip"))
    assert [f.header.name for f in (areas, curved, table)] == ["小区面", "弧", "台账"]
    assert (areas.header.crs, areas.header.driver, areas.header.count) == ("EPSG:4547", "OpenFileGDB", 3)
    assert areas.values == [
        {"燃气状态": "已通气", "小区名称": "南苑"},
        {"燃气状态": 9, "小区名称": "西苑"},
        {"燃气状态": 4, "小区名称": "东苑"},
    ]
    assert [g is None for g in areas.geometry] == [False, True, False]
    assert shapely.from_wkb(areas.geometry[0]).centroid.distance(shapely.Point(112.99636, 34.74742)) < 0.001
    assert [zh for zh, _ in areas.header.notes] == ["编码已换成域里的文字：燃气状态", "列名用字段别名：燃气状态=RQZT, 小区名称=XQMC"]
    assert (table.header.has_places, table.values) == (False, [{"n": 7}])


def test_an_arc_becomes_a_line_through_many_points(base: Path, read_here: ReadHere, tmp_path: Path) -> None:
    """A half disc of radius 50 m: 3 927 m²; as a chain of chords it is a little less."""
    curved = read_here(zipped(base, tmp_path / "a.zip"), datasets=["弧"])[0]
    (shape,) = shapely.from_wkb(curved.geometry)
    metres = np.array([111_320 * np.cos(np.radians(34.7475)), 110_950])
    area = shapely.transform(shape, lambda xy: xy * metres).area
    assert curved.codes == [None]
    assert abs(area - np.pi * 50**2 / 2) < 0.01 * area


def test_a_geodatabase_zipped_without_its_folder(base: Path, read_here: ReadHere, tmp_path: Path) -> None:
    found = read_here(zipped(base, tmp_path / "项目.gdb.zip", inside=""))
    assert [f.header.count for f in found] == [3, 1, 1]


def test_files_beside_it_are_read_too_and_the_rest_is_said(base: Path, read_here: ReadHere, tmp_path: Path) -> None:
    found = read_here(zipped(base, tmp_path / "a.zip", b_csv=b"name\nx\n", readme_md=b"x"))
    assert [f.header.name for f in found] == ["小区面", "弧", "台账", "b"]
    assert found[0].header.notes[-1][1] == "1 other files of the archive were not read"


def test_a_foreign_file_in_the_folder_is_not_given_to_gdal(base: Path, read_here: ReadHere, tmp_path: Path) -> None:
    for name, data in {"a00000001.gdbtable": b"<OGRVRTDataSource/>" * 4, "a00000009.gdbtable": b""}.items():
        broken = tmp_path / f"{name}.gdb"
        shutil.copytree(base, broken)
        (broken / name).write_bytes(data)
        with pytest.raises(UnreadableFile, match=r"gdbtable|damaged"):
            read_here(zipped(broken, tmp_path / f"{name}.zip"))
    with_more = zipped(base, tmp_path / "b.zip", **{"项目.gdb/x_vrt": b"<OGRVRTDataSource/>", "项目.gdb/a00000001_horizon": b""})
    assert len(read_here(with_more)) == 3


def test_every_cut_and_lying_table_is_refused_or_counted(base: Path, read_here: ReadHere, tmp_path: Path) -> None:
    """The index of 小区面 says where its three rows are; fewer bytes than it promises, or one position more, is seen."""
    index = (base / "a00000009.gdbtablx").read_bytes()
    table = (base / "a00000009.gdbtable").read_bytes()
    width = struct.unpack_from("<I", index, 12)[0]
    lying = bytearray(index)
    lying[16 + 4 * width : 16 + 5 * width] = lying[16 : 16 + width]
    for name, data in {"tablx": bytes(lying), "short": index[:20], "gone": b"", "table": table[: len(table) // 2]}.items():
        broken = tmp_path / f"{name}.gdb"
        shutil.copytree(base, broken)
        (broken / ("a00000009.gdbtable" if name == "table" else "a00000009.gdbtablx")).write_bytes(data)
        with pytest.raises(UnreadableFile):
            read_here(zipped(broken, tmp_path / f"{name}.zip"))


def test_control_without_the_count_a_row_less_is_not_seen(base: Path, read_here: ReadHere, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(filegdb, "_count", lambda path, number, name, limits: {"小区面": 4}.get(name, 1))
    with pytest.raises(UnreadableFile, match="should hold 4 records, 3 can be read"):
        read_here(zipped(base, tmp_path / "a.zip"))
    monkeypatch.setattr(ogrlayers, "_differs", lambda layer, read: AssertionError("seen"))
    with pytest.raises(AssertionError, match="seen"):
        read_here(zipped(base, tmp_path / "a.zip"))


def test_the_caps(base: Path, read_here: ReadHere, tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        read_here(zipped(base, tmp_path / "a.zip"), limits=Limits(features=2))


DOMAIN = """<GPCodedValueDomain2 xmlns:xsi="i" xsi:type="t"><DomainName>d</DomainName><CodedValues>
<CodedValue><Name>甲</Name><Code xsi:type="xs:string">A</Code></CodedValue><CodedValue><Name>乙</Name><Code xsi:type="xs:double">1.5</Code></CodedValue>
</CodedValues></GPCodedValueDomain2>"""


def test_definitions_are_foreign_xml(base: Path, read_here: ReadHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts and numbers are codes too; a document type in a definition refuses the file."""
    monkeypatch.setattr(filegdb, "_rows", lambda *_: {1: {"Name": "d", "Definition": DOMAIN}})
    assert filegdb._definitions(base, Limits()) == ({}, {"d": {"A": "甲", 1.5: "乙"}})
    monkeypatch.setattr(filegdb, "_rows", lambda *_: {1: {"Name": "d", "Definition": "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"}})
    with pytest.raises(Refused, match="DOCTYPE"):
        filegdb._definitions(base, Limits())


def test_in_the_child_beside_a_flatgeobuf(base: Path, tmp_path: Path) -> None:
    """The guarded process lets the drivers of both through, and no other."""
    import pyogrio

    pyogrio.raw.write(
        tmp_path / "b.fgb", np.array([shapely.to_wkb(shapely.Point(113, 34))], dtype=object), [], [], driver="FlatGeobuf",
        geometry_type="Point", crs="EPSG:4326",
    )  # fmt: skip
    path = zipped(base, tmp_path / "a.zip", b_fgb=(tmp_path / "b.fgb").read_bytes())
    found = sandbox.inspect(path, ReadRequest())
    assert [(i.name, i.count, i.declared_crs) for i in found] == [
        ("小区面", 3, "EPSG:4547"), ("弧", 1, "EPSG:4547"), ("台账", 1, None), ("b", 1, "EPSG:4326"),
    ]  # fmt: skip


def test_a_kernel_that_moves_nothing_between_folders_is_no_damage(
    base: Path, read_here: ReadHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Landlock before Linux 5.19 refuses to move a file to another folder (EXDEV); every geodatabase was "damaged" there."""
    whole = zipped(base, tmp_path / "a.zip")

    def refused(self: Path, target: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "rename", refused)
    assert [f.header.count for f in read_here(whole)] == [3, 1, 1]
