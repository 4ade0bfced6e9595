"""The `yuantu` member: what an exported file says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from geo.crs import STORAGE
from geo.errors import Text

if TYPE_CHECKING:
    from geo.answers import Answer

DEMO = Text("示例数据", "demo data: made up")

LABELS: Mapping[str, Text] = {
    "collection": Text("集合", "collection"),
    "query": Text("查询", "query"),
    "matched": Text("符合的要素数", "features that match"),
    "returned": Text("文件里的要素数", "features in the file"),
    "unplaced": Text("符合的要素中未上图的", "unplaced among those that match"),
    "as_of": Text("数据日期", "as of"),
    "revision": Text("数据版本", "revision"),
    "crs": Text("坐标系", "CRS"),
    "source_crs": Text("原坐标系", "source CRS"),
    "demo": Text("示例数据", "demo"),
    "summary": Text("回答计数", "answers"),
    "profile": Text("规则版本", "profile"),
    "sentence": Text("结论", "sentence"),
    "label": Text("标注", "label"),
    "headings": Text("字段名", "headings"),
    "loses": Text("此格式不能带的", "what the format cannot carry"),
    "fingerprint": Text("指纹", "fingerprint"),
}
"""What the members of `describe` and `about` are called where people read them."""


def describe(answer: Answer, *, crs: str = STORAGE, lang: str = "zh") -> dict[str, Any]:
    """Query, counts, summary, as-of and CRS of an answer as JSON values; the fingerprint is added by who has written the features."""
    said: dict[str, Any] = {
        "collection": answer.query.collection,
        "query": dict(query_args(answer)),
        "matched": int(answer.matched),
        "returned": int(answer.returned),
        "unplaced": int(answer.unplaced),
        "as_of": answer.as_of,
        "revision": int(answer.revision),
        "crs": crs,
        "source_crs": STORAGE,
        "demo": bool(answer.demo),
    }
    if answer.summary is not None:
        said["summary"] = dict(answer.summary)
        said["profile"] = answer.summary.get("profile")
    if answer.sentence is not None:
        said["sentence"] = answer.sentence.of(lang)
    if answer.demo:
        said["label"] = DEMO.of(lang)
    return said


def query_args(answer: Answer) -> Mapping[str, str]:
    """The canonical arguments of the query, as a share link has them."""
    return answer.query.to_args()
