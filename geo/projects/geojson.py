"""A project as GeoJSON (RFC 7946): one feature a compound with its problems and works, for GIS programs and for those who let the works."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import shapely

from geo.errors import Text
from geo.exports.geometry_json import DECIMALS_DEGREES, encode
from geo.exports.provenance import DEMO
from geo.projects.assessment import Assessment, Compound
from geo.projects.report import CLASS_LABELS, compound_json, cost_json, left_out_json, open_hazards, prices, totals
from geo.projects.site import COMPOUNDS

LABELS_ZH = {
    "code": "小区编号", "name": "小区名称", "community": "社区", "address": "地址", "built_year": "建成年份", "households": "户数",
    "buildings_n": "楼栋数", "gas_status": "通气状态", "gas_households": "通气户数", "plan_class": "登记的改造类别", "renov_status": "改造状态",
    "works_class": "改造类别", "problems": "问题", "hazards": "未销号隐患", "gaps_n": "缺项数", "items": "工程项", "cost_range": "造价范围（元）",
    "score": "评分（未评）", "completeness": "资料完整度", "profile": "规则文件", "generated_at": "生成时间", "data_as_of": "数据截至",
    "rule": "规则", "check": "检查内容", "severity": "程度", "measured": "实测值", "threshold": "界限", "unit": "单位", "citation": "依据",
    "layer": "图层", "target": "对象", "why": "理由", "qty": "工程量", "unknown": "不明的部分数", "class": "类别", "price_low": "单价低",
    "price_high": "单价高", "cost_low": "造价低", "cost_high": "造价高", "formula": "算式说明", "sums": "算式", "resolves": "解决的问题",
    "by_hand": "手填", "low": "低", "high": "高", "open": "工程量不明的项数", "worst": "最严重程度", "problems_n": "问题数", "hazards_n": "未销号隐患数",
    "cost_open": "工程量不明的项数", "works": "工程项（编码）", "unrecorded": "没有数据的图层（编码）",
}  # fmt: skip
"""Of the properties and of the members of problems and items."""

NO_SCORE = Text(
    "未评：评分公式要每处隐患的四级严重程度，还要一份计入“基础设施”的项目清单，两者都没有规定；请看 worst、problems_n、hazards_n 和 completeness",
    "not scored: the formula needs a severity of four steps for each hazard, and a list of what counts as basic infrastructure; neither is laid down: "
    "see worst, problems_n, hazards_n and completeness",
)


def geojson(found: Assessment, *, lang: str, now: str, version: int) -> bytes:
    """The text of the FeatureCollection. `now`: ISO 8601 UTC."""
    shapes = [found.site.view.frame(COMPOUNDS).geometry.iat[c.row] for c in found.compounds]
    column = np.array([*shapes, None], dtype=object)[:-1]
    texts = encode(column, decimals=DECIMALS_DEGREES)
    features = [
        {
            "type": "Feature",
            "id": compound.member.id,
            "geometry": orjson.Fragment(text),
            "properties": properties(found, compound, lang, now),
        }
        for compound, text in zip(found.compounds, texts, strict=True)
    ]
    bounds = np.round(shapely.total_bounds(column), DECIMALS_DEGREES) + 0.0
    head: dict[str, Any] = {"type": "FeatureCollection", "name": found.plan.title}
    if np.isfinite(bounds).all():
        head["bbox"] = bounds.tolist()
    return orjson.dumps({**head, "features": features, "properties_zh": LABELS_ZH, "yuantu": about(found, lang, now, version)})


def properties(found: Assessment, compound: Compound, lang: str, now: str) -> dict[str, Any]:
    said = compound_json(found, compound, lang)
    works = [work for work in said["works"] if work["included"]]
    return {
        "code": said["code"],
        "name": said["name"],
        **{fact["name"]: fact["value"] for fact in said["facts"]},
        "works_class": said["class"],
        **_flat(said, works),
        "problems": [
            {
                name: finding[name]
                for name in ("code", "rule", "check", "severity", "measured", "threshold", "unit", "citation", "layer", "why")
            }
            | {"target": finding["name"]}
            for finding in said["findings"]
        ],
        "hazards": [{name: hazard[name] for name in ("code", "hazard_type", "status", "due", "overdue")} for hazard in said["hazards"]],
        "gaps_n": said["gaps_n"],
        "items": [_item(work) for work in works],
        "cost_range": said["cost"],
        "score": None,
        "completeness": said["completeness"],
        "profile": f"{found.profile.id} {found.profile.version}",
        "generated_at": now,
        "data_as_of": found.plan.as_of,
    }


def _flat(said: dict[str, Any], works: list[dict[str, Any]]) -> dict[str, Any]:
    """What a GIS program can draw by: of lists and objects it makes texts."""
    return {
        "worst": said["worst"],
        "problems_n": len(said["findings"]),
        "hazards_n": open_hazards(said),
        "unrecorded": " ".join(each["layer"] for each in said["unrecorded"]),
        "works": " ".join(work["code"] for work in works),
        "cost_low": said["cost"]["low"],
        "cost_high": said["cost"]["high"],
        "cost_open": said["cost"]["open"],
    }


def _item(work: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": work["code"], "label": work["label"], "class": work["class"], "qty": work["amount"], "unit": work["unit"], "unknown": work["unknown"],
        "by_hand": work["by_hand"], "formula": work["why"] if work["by_hand"] else work["formula"], "sums": [part["sum"] for part in work["parts"]],
        "price_low": work["price"]["low"], "price_high": work["price"]["high"], "cost_low": work["cost"]["low"], "cost_high": work["cost"]["high"],
        "resolves": work["resolves"],
    }  # fmt: skip


def about(found: Assessment, lang: str, now: str, version: int) -> dict[str, Any]:
    """What the file says of itself."""
    said = totals(found, lang)
    return {
        "kind": "renovation-project",
        "title": found.plan.title,
        "note": found.plan.note,
        "version": version,
        "compounds": said["compounds"],
        "unplaced": said["unplaced"],
        "gone": [member.name for member in found.gone],
        "left_out": [left_out_json(found, each, lang) for each in found.plan.left_out],
        "cost_range": cost_json(found.cost),
        "classes": {name: cost_json(found.of_class(name)) for name in CLASS_LABELS},
        "prices": [{k: p[k] for k in ("code", "label", "unit", "low", "high", "source", "date", "own")} for p in prices(found, lang)],
        "profile": f"{found.profile.id} {found.profile.version}",
        "as_of": found.plan.as_of,
        "revision": found.revision,
        "metric_crs": found.site.view.metric_crs,
        "generated_at": now,
        "demo": found.demo,
        **({"label": DEMO.of(lang)} if found.demo else {}),
        "fingerprint": found.fingerprint,
        "score": NO_SCORE.of(lang),
    }
