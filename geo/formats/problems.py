"""Why a record could not be used, as codes with sentences, the same words wherever a file is read."""

from __future__ import annotations

from geo.errors import Text
from geo.formats.contract import ProblemCode

Problem = tuple[str, str, str]
"""Code, Chinese sentence, English sentence: what a Chunk carries."""

SENTENCES: dict[ProblemCode, Text] = {
    "no-geometry": Text("没有 geometry 成员", "there is no geometry member"),
    "empty-geometry": Text("几何为空", "the geometry is empty"),
    "invalid-geometry": Text("几何无效且无法修复", "the geometry is invalid and cannot be mended"),
    "not-finite": Text("坐标不是有限的数", "a coordinate is not a finite number"),
    "outside-crs": Text("坐标超出坐标系的范围", "the coordinates lie outside their coordinate system"),
    "outside-clip": Text("在所给范围之外", "it lies outside the asked area"),
    "unclosed-ring": Text("面的边界没有闭合", "a ring does not close"),
    "too-many-vertices": Text("顶点超过 100 000 个", "it has more than 100 000 vertices"),
    "geometry-type": Text("不支持这种几何类型", "this geometry type is not supported"),
    "cut-by-extract": Text("被数据范围的边界截断，缺少部分点", "it is cut by the border of the extract: some of its nodes are missing"),
    "bad-coordinates": Text("坐标无法识别", "the coordinates cannot be understood"),
    "damaged-record": Text("记录已损坏", "the record is damaged"),
    "duplicate-in-file": Text("与文件中前面的记录重复", "it repeats an earlier record of the file"),
    "undecodable-text": Text("文字无法按所用编码识别", "its text cannot be read in the encoding used"),
}


def problem(code: str, zh: str = "", en: str = "") -> Problem:
    """The problem with its sentence; `zh` and `en` say more about this record."""
    text = SENTENCES[code]  # type: ignore[index]
    return (code, f"{text.zh}：{zh}" if zh else text.zh, f"{text.en}: {en}" if en else text.en)
