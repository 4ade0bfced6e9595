"""The `yuantu` member: what an exported file says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from geo.crs import STORAGE
from geo.errors import Text

if TYPE_CHECKING:
    from geo.answers import Answer

DEMO = Text("示例数据", "demo data: made up")


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
