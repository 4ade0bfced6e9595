"""KML and KMZ: every Placemark a record, folders as datasets, values typed, nothing fetched; counts against a plain search for `<Placemark`."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.errors import HostileFile, Refused, TooLarge, UnreadableFile
from geo.formats import kml, xmlstream
from geo.formats.limits import Limits

ReadHere = Callable[..., list[Any]]
HEAD = '<?xml version="1.0" encoding="{}"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
RING = "113,34,5 113.1,34,5 113.1,34.1,5 113,34,5"


def place(shape: str = "", inner: str = "") -> str:
    return f"<Placemark>{inner}{shape}</Placemark>"


def point(text: str) -> str:
    return f"<Point><coordinates>{text}</coordinates></Point>"


def line(text: str) -> str:
    return f"<LineString><coordinates>{text}</coordinates></LineString>"


def polygon(outer: str, *inner: str) -> str:
    rings = [f"<outerBoundaryIs><LinearRing><coordinates>{outer}</coordinates></LinearRing></outerBoundaryIs>"]
    rings += [f"<innerBoundaryIs><LinearRing><coordinates>{i}</coordinates></LinearRing></innerBoundaryIs>" for i in inner]
    return f"<Polygon>{''.join(rings)}</Polygon>"


def write(path: Path, body: str, encoding: str = "UTF-8") -> Path:
    path.write_bytes((HEAD.format(encoding) + body + "</kml>").encode(encoding))
    return path


SHAPES = [
    (point("113,34"), "POINT (113 34)"),
    (point("\n  113.5,34.25,12\n"), "POINT (113.5 34.25)"),
    (line("113,34 113.1,34.1,9"), "LINESTRING (113 34, 113.1 34.1)"),
    (line("113, 34, 0 113.1, 34.1, 0"), "LINESTRING (113 34, 113.1 34.1)"),
    (line("113,34, 113.1,34.1,"), "LINESTRING (113 34, 113.1 34.1)"),
    (polygon(RING), "POLYGON ((113 34, 113.1 34, 113.1 34.1, 113 34))"),
    (polygon(RING.rpartition(" ")[0]), "POLYGON ((113 34, 113.1 34, 113.1 34.1, 113 34))"),
    (
        polygon("113,34 114,34 114,35 113,34", "113.5,34.2 113.6,34.2 113.6,34.3 113.5,34.2"),
        "POLYGON ((113 34, 114 34, 114 35, 113 34), (113.5 34.2, 113.6 34.2, 113.6 34.3, 113.5 34.2))",
    ),
    (f"<MultiGeometry>{point('1,2')}<MultiGeometry>{point('3,4')}</MultiGeometry></MultiGeometry>", "MULTIPOINT ((1 2), (3 4))"),
    (f"{point('1,2')}{point('3,4')}", "MULTIPOINT ((1 2), (3 4))"),
    ("<gx:Track><when>2020-01-01</when><gx:coord>1 2 3</gx:coord><gx:coord>4 5 6</gx:coord></gx:Track>", "LINESTRING (1 2, 4 5)"),
    ("<gx:MultiTrack><gx:Track><gx:coord>1 2 3</gx:coord><gx:coord>4 5 6</gx:coord></gx:Track></gx:MultiTrack>", "LINESTRING (1 2, 4 5)"),
    ("<Model><Location><longitude>113</longitude><latitude>34</latitude></Location></Model>", "POINT (113 34)"),
    ("", None),
]
FAULTS = [
    (point("abc"), "bad-coordinates"),
    (point("113"), "bad-coordinates"),
    (point("1_13,34"), "bad-coordinates"),
    (point("nan,34"), "not-finite"),
    (point("113,1e999"), "not-finite"),
    (point("34.75,112.98"), "outside-crs"),
    (point(""), "empty-geometry"),
    (point("1,2 3,4"), "bad-coordinates"),
    (line("113,34"), "invalid-geometry"),
    (polygon("113,34 114,34"), "invalid-geometry"),
    ("<Polygon></Polygon>", "invalid-geometry"),
    (f"<Polygon>{point('1,2')}</Polygon>", "geometry-type"),
    (f"<MultiGeometry>{point('1,2')}{line('1,2 3,4')}</MultiGeometry>", "geometry-type"),
    ("<MultiGeometry/>", "empty-geometry"),
    ("<Model/>", "geometry-type"),
]


def test_every_kind_of_geometry(read_here: ReadHere, tmp_path: Path) -> None:
    path = write(tmp_path / "a.kml", f"<Document>{''.join(place(s) for s, _ in SHAPES)}</Document>")
    (found,) = read_here(path)
    assert [c for c in found.codes if c] == []
    for got, (_, wanted) in zip(found.geometry, SHAPES, strict=True):
        assert (got is None) == (wanted is None)
        if wanted is not None:
            assert shapely.equals(shapely.from_wkb(got), shapely.from_wkt(wanted)), wanted
    assert found.repairs[6] == ("ring-closed",)
    assert (found.header.crs, found.header.name, found.header.driver) == ("EPSG:4326", "a", "KML")


def test_a_placemark_that_cannot_be_drawn_is_a_record_with_its_reason(read_here: ReadHere, tmp_path: Path) -> None:
    body = "".join(place(s, f"<name>{i}</name>") for i, (s, _) in enumerate(FAULTS))
    (found,) = read_here(write(tmp_path / "a.kml", f"<Document>{body}{place(point('1,2'))}</Document>"))
    assert found.codes == [*(code for _, code in FAULTS), None]
    assert [v["name"] for v in found.values] == [*(str(i) for i in range(len(FAULTS))), None]


def test_values_are_typed_by_their_schema_and_never_lost(read_here: ReadHere, tmp_path: Path) -> None:
    schema = '<Schema id="s"><SimpleField name="层数" type="int"/><SimpleField name="w" type="double"/><SimpleField name="ok" type="bool"/></Schema>'
    simple = '<SimpleData name="层数">6</SimpleData><SimpleData name="w">4.5</SimpleData><SimpleData name="ok">1</SimpleData><SimpleData name="t">7</SimpleData>'
    rows = [
        f'<name>南苑</name><ExtendedData><SchemaData schemaUrl="#s">{simple}</SchemaData></ExtendedData>',
        '<ExtendedData><Data name="w"><displayName>x</displayName><value>宽4.0</value></Data><Data name="层数"><value/></Data></ExtendedData>',
        '<ExtendedData><a:number xmlns:a="x">14</a:number></ExtendedData><TimeSpan><begin>2020</begin><end>2021</end></TimeSpan>',
        '<name>甲</name><ExtendedData><Data name="name"><value>乙</value></Data></ExtendedData>',
        "<Style><name>red</name></Style><description><b>粗</b>体</description>",
        '<ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="层数">六</SimpleData></SchemaData></ExtendedData>',
    ]
    path = write(tmp_path / "a.kml", f"<Document>{schema}{''.join(place('', r) for r in rows)}</Document>")
    (found,) = read_here(path)
    plain = [{k: v for k, v in row.items() if v is not None} for row in found.values]
    assert plain == [
        {"name": "南苑", "层数": 6, "w": 4.5, "ok": True, "t": "7"},
        {"w": "宽4.0"},
        {"number": "14", "begin": "2020", "end": "2021"},
        {"Placemark name": "甲", "name": "乙"},
        {"description": "粗体"},
        {"层数": "六"},
    ]


def test_folders_are_datasets_and_their_order_does_not_matter(read_here: ReadHere, tmp_path: Path) -> None:
    inner = f"<Folder>{place(point('1,2'))}<name>支路</name>{place(point('3,4'))}</Folder>"
    body = f"<Document><name>测试</name><Folder><name>道路</name>{inner}{place(point('5,6'))}</Folder>{place(point('7,8'))}</Document>"
    found = read_here(write(tmp_path / "a.kml", body))
    assert [(f.header.name, f.header.count) for f in found] == [("道路/支路", 2), ("道路", 1), ("测试", 1)]


def test_many_folders_become_one_dataset_with_a_column(read_here: ReadHere, tmp_path: Path) -> None:
    body = "".join(f"<Folder><name>夹{i}</name>{place(point('1,2'))}</Folder>" for i in range(kml.MOST_FOLDERS + 1))
    (found,) = read_here(write(tmp_path / "a.kml", f"<Document>{body}</Document>"))
    assert [v["folder"] for v in found.values] == [f"夹{i}" for i in range(kml.MOST_FOLDERS + 1)]


def test_a_folder_for_each_of_very_many_places(read_here: ReadHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kml, "_MOST_APART", 40)
    body = "".join(f"<Folder><name>夹{i}</name>{place(point('1,2'), f'<name>{i}</name>')}</Folder>" for i in range(100))
    (found,) = read_here(write(tmp_path / "a.kml", f"<Document>{body}</Document>"))
    assert [(v["folder"], v["name"]) for v in found.values] == [(f"夹{i}", str(i)) for i in range(100)]


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "GB2312", "Big5", "UTF-16", "UTF-16-LE", "ISO-8859-1"])
def test_declared_encodings(encoding: str, read_here: ReadHere, tmp_path: Path) -> None:
    text = "café" if encoding.startswith("ISO") else "南苑"
    path = write(tmp_path / "a.kml", f"<Document><name>{text}</name>{place(point('1,2'), f'<name>{text}</name>')}</Document>", encoding)
    (found,) = read_here(path)
    assert (found.header.name, found.values[0]["name"]) == (text, text)


def test_an_encoding_that_is_not_the_declared_one(read_here: ReadHere, tmp_path: Path) -> None:
    """Chinese programs write GBK and call it UTF-8; what is declared only counts when it is true."""
    path = tmp_path / "a.kml"
    path.write_bytes((HEAD.format("UTF-8") + f"<Document>{place('', '<name>南苑小区</name>')}</Document></kml>").encode("gbk"))
    (found,) = read_here(path)
    assert (found.values[0]["name"], found.header.encoding) == ("南苑小区", "GB18030")
    with pytest.raises(UnreadableFile, match="--encoding"):
        read_here(path, encoding="UTF-8")


def test_attributes_in_an_html_table_become_columns(read_here: ReadHere, tmp_path: Path) -> None:
    rows = "<tr bgcolor='#D4E4F3'><td>小区名称</td><td>南苑</td></tr><tr><td>户数</td><td>120</td></tr><tr><td>备注</td><td>&lt;Null&gt;</td></tr>"
    table = f"<![CDATA[<html><body><table><tr><td>南苑</td></tr><tr><td><table>{rows}</table></td></tr></table></body></html>]]>"
    other = "<![CDATA[<table><tr><td>a</td><td>b</td><td>c</td></tr></table>]]>"
    body = place("", f"<description>{table}</description>") + place("", f"<description>{other}</description>")
    (found,) = read_here(write(tmp_path / "a.kml", f"<Document>{body}</Document>"))
    assert found.values[0] == {"小区名称": "南苑", "户数": "120", "备注": None, "description": None}
    assert found.values[1]["description"] == other[9:-3]
    assert "1 records" in found.header.notes[0][1]


def test_what_lies_elsewhere_is_counted_and_said(read_here: ReadHere, tmp_path: Path) -> None:
    link = "<NetworkLink><name>n</name><Link><href>http://127.0.0.1:1/</href></Link></NetworkLink>"
    (found,) = read_here(write(tmp_path / "a.kml", f"<Document>{link}{link}<GroundOverlay/>{place(point('1,2'))}</Document>"))
    assert found.header.notes == (
        (
            "未读取（不访问别处的数据）：网络链接 2 个、贴图 1 个",
            "left out (nothing that lies elsewhere is fetched): 2 network links, 1 ground overlays",
        ),
    )
    with pytest.raises(UnreadableFile, match="no Placemark; left out"):
        read_here(write(tmp_path / "b.kml", f"<Document>{link}</Document>"))


DOCTYPE = '<!DOCTYPE kml [<!ENTITY x "boom"><!ENTITY y SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "gbk"])
@pytest.mark.parametrize("late", [False, True])
def test_a_document_type_is_refused_wherever_it_stands(encoding: str, late: bool, read_here: ReadHere, tmp_path: Path) -> None:
    """After a comment longer than what the doctor looks at, only the parser sees it."""
    comment = f"<!-- {'x' * 70_000} -->" if late else ""
    path = tmp_path / "a.kml"
    head = "" if encoding == "utf-16-le" else f'<?xml version="1.0" encoding="{encoding}"?>'
    path.write_bytes(f"{head}{comment}{DOCTYPE}<kml><Placemark><name>&x;&y;</name></Placemark></kml>".encode(encoding))
    with pytest.raises(Refused) as caught:
        read_here(path)
    assert isinstance(caught.value, HostileFile)


def test_control_without_the_guard_an_entity_is_put_in(read_here: ReadHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xmlstream, "_refuse_doctype", lambda *_: None)
    path = tmp_path / "a.kml"
    path.write_text(f'<!-- {"x" * 70_000} --><!DOCTYPE kml [<!ENTITY x "boom">]><kml><Placemark><name>&x;</name></Placemark></kml>')
    monkeypatch.setattr("geo.formats.doctor.identify", lambda *_: "KML")
    (found,) = read_here(path)
    assert found.values[0]["name"] == "boom"


REFUSED = [
    ("cut", HEAD.format("UTF-8") + place(point("1,2")), UnreadableFile),
    ("deep", HEAD.format("UTF-8") + "<Folder>" * 40 + "</Folder>" * 40 + "</kml>", HostileFile),
    ("nested", HEAD.format("UTF-8") + "<Placemark><Placemark/></Placemark></kml>", HostileFile),
    ("empty", HEAD.format("UTF-8") + "</kml>", UnreadableFile),
    ("undefined entity", HEAD.format("UTF-8") + "<Placemark><name>&nbsp;</name></Placemark></kml>", UnreadableFile),
    ("long text", HEAD.format("UTF-8") + f"<Placemark><name>{'x' * 70_000}</name></Placemark></kml>", TooLarge),
    (
        "many columns",
        HEAD.format("UTF-8") + place("", "<ExtendedData>" + "".join(f"<k{i}>1</k{i}>" for i in range(200)) + "</ExtendedData>") + "</kml>",
        TooLarge,
    ),
    ("long tag", HEAD.format("UTF-8") + f'<Placemark id="{"x" * 13_000_000}"/></kml>', HostileFile),
    ("odd encoding", '<?xml version="1.0" encoding="punycode"?><kml><Placemark/></kml>', UnreadableFile),
    ("two encodings", HEAD.format("UTF-8").encode() + "<a>南</a>".encode() + b"\xff\xfe</kml>", UnreadableFile),
]


@pytest.mark.parametrize(("name", "data", "error"), REFUSED, ids=[r[0] for r in REFUSED])
def test_refused(name: str, data: str | bytes, error: type[Refused], read_here: ReadHere, tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(Refused) as caught:
        read_here(path)
    assert type(caught.value) is error


def test_the_sizes_are_capped_while_reading(read_here: ReadHere, tmp_path: Path) -> None:
    many = write(tmp_path / "many.kml", "<Document>" + place(point("1,2")) * 11 + "</Document>")
    with pytest.raises(TooLarge, match="10"):
        read_here(many, limits=Limits(features=10))
    long = write(tmp_path / "long.kml", "<Document>" + place(line("1,2 " * 60)) + place(line("1,2 3,4")) + "</Document>")
    (found,) = read_here(long, limits=Limits(vertices=50))
    assert found.codes == ["too-many-vertices", None]


def test_nothing_is_lost_over_several_chunks(read_here: ReadHere, tmp_path: Path) -> None:
    """12 345 Placemarks in three folders, mixed: as many records as the text has Placemarks, each in its place."""
    folders = [[], [], []]
    for i in range(12_345):
        folders[i % 3].append(place(point(f"{i / 100},{i % 90}"), f"<name>{i}</name>"))
    body = "<Document>" + "".join(f"<Folder><name>{k}</name>{''.join(f)}</Folder>" for k, f in enumerate(folders)) + "</Document>"
    path = write(tmp_path / "a.kml", body)
    found = read_here(path)
    assert sum(f.header.count for f in found) == len(re.findall("<Placemark", path.read_text())) == 12_345
    for k, f in enumerate(found):
        assert [v["name"] for v in f.values] == [str(i) for i in range(k, 12_345, 3)]
        assert shapely.get_x(shapely.from_wkb(f.geometry)).tolist() == [i / 100 if i <= 18_000 else None for i in range(k, 12_345, 3)]


def kmz(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return path


def test_a_kmz_is_its_documents_and_its_pictures_stay_packed(read_here: ReadHere, tmp_path: Path) -> None:
    doc = HEAD.format("UTF-8") + place(point("1,2")) + "</kml>"
    path = kmz(tmp_path / "小区.kmz", doc_kml=doc, files__a_png="x", files__more_kml=doc)
    assert [(f.header.name, f.header.count) for f in read_here(path)] == [("小区", 1), ("小区 more", 1)]
    with pytest.raises(UnreadableFile, match="no KML"):
        read_here(kmz(tmp_path / "b.kmz", a_txt="x"))
    with pytest.raises(HostileFile, match="points to other files"):
        read_here(kmz(tmp_path / "c.kmz", doc_kml="<OGRVRTDataSource/>"))


def test_a_shift_that_is_likely_and_what_is_not_kept_are_said(tmp_path: Path, read_here: ReadHere) -> None:
    """Map programs in China write GCJ-02 where the format says WGS 84; colours and the times of a track have no column."""
    track = (
        "<gx:Track><when>2026-01-01</when><when>2026-01-02</when><gx:coord>{0} 34.7 0</gx:coord><gx:coord>{0} 34.8 0</gx:coord></gx:Track>"
    )
    said = []
    for lon in ("113.0", "25.0"):
        body = f"<Placemark><styleUrl>#red</styleUrl>{track.format(lon)}</Placemark>"
        (tmp_path / "a.kml").write_text(f'<kml xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>{body}</Document></kml>')
        (found,) = read_here(tmp_path / "a.kml")
        said.append(list(found.header.notes))
    kept = ("未保留：1 处样式（颜色、图标）、轨迹的 2 个时间", "not kept: 1 styles (colours, icons), 2 times of tracks")
    assert said == [[(kml.SHIFTED.zh, kml.SHIFTED.en), kept], [kept]]
