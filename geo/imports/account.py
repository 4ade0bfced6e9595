"""The account of an import: read = accepted + repaired + quarantined for every layer, each with its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from geo.errors import Text
from geo.schema import Layer
from geo.store.contract import Quarantined
from geo.values import NOTES
from geo.values.personal import KINDS, Kind

REASONS: Mapping[str, Text] = MappingProxyType(
    {
        **NOTES,
        "duplicate": Text("与前面的记录完全相同", "exactly the same as an earlier record"),
        "code-twice": Text("编号在文件中重复", "the code stands twice in the file"),
        "code-exists": Text("编号已在库中（改用 upsert 可更新）", "the code is already in the store (mode upsert would update it)"),
        "code-conflict": Text("同名对象在库中是另一个编号", "the feature of this name has another code in the store"),
        "name-twice": Text("与前面的记录同名", "the same name as an earlier record"),
        "name-ambiguous": Text(
            "名称对应多个对象：单独成条，写上编号或社区可归并",
            "the name fits several features: kept apart; a code or the community tells which",
        ),
        "place-unknown": Text("所写的院落或楼栋找不到", "the compound or building that it names is not there"),
        "place-ambiguous": Text("所写的院落或楼栋对应多个", "the compound or building that it names fits several"),
        "reference-unknown": Text("所属对象找不到，此项留空", "the feature it belongs to was not found; left empty"),
        "reference-ambiguous": Text("所属对象对应多个，此项留空", "the feature it belongs to fits several; left empty"),
        "reference-dangling": Text("所属对象的编号尚不在库中，编号照录", "the code it belongs to is not in the store yet; kept as it is"),
        "feature-gone": Text("清单所指的对象已不在库中", "the feature of the list is not in the store"),
        "filled-since": Text("该字段在导出清单之后已登记了别的值", "the field has got another value since the list was made"),
        "filled-twice": Text("同一对象的同一字段填了不同的值", "the same field of the same feature is filled in twice, differently"),
        "no-such-field": Text("没有这个可填的字段", "no such field to fill in"),
        "not-by-list": Text("位置和整层数据不能在清单中填写", "places and whole layers are not filled in by a list"),
        "empty-record": Text("没有任何可用的内容", "nothing in it that a field takes"),
        "nameless": Text("既无编号、名称，也无位置", "neither code nor name nor place"),
        "required-missing": Text("缺必填项", "a required field is missing"),
        "area-to-point": Text("面状对象取其内一点", "an area was taken as a point within it"),
        "self-intersection": Text("已修复自相交", "self-intersection mended"),
        "hole-lies-outside-shell": Text("已修复落在外圈之外的洞", "a hole outside its area mended"),
        "holes-are-nested": Text("已修复套在一起的洞", "holes within holes mended"),
        "nested-shells": Text("已修复套在一起的面", "areas within areas mended"),
        "interior-is-disconnected": Text("已修复内部不连通的面", "an area in pieces that only touch mended"),
        "duplicate-rings": Text("已修复重复的环", "doubled rings mended"),
        "too-few-points-in-geometry-component": Text("已去掉点数不足的部分", "a part of too few points was left out"),
        "zero-coordinates": Text("坐标为 (0, 0)，按未上图处理", "coordinates (0, 0) were read as no place"),
        "ring-closed": Text("已闭合环", "ring closed"),
        "nul-removed": Text("已去掉文字中的空字符", "NUL characters taken out of a text"),
        "cut-by-extract": Text("被数据边界截断", "cut by the border of the extract"),
        "no-geometry": Text("没有几何", "no geometry"),
        "empty-geometry": Text("几何为空", "the geometry is empty"),
        "invalid-geometry": Text("几何无效且无法修复", "the geometry is not valid and cannot be mended"),
        "not-finite": Text("坐标不是有限的数", "a coordinate is not finite"),
        "outside-crs": Text("坐标超出坐标系范围", "coordinates outside the CRS"),
        "unclosed-ring": Text("环没有闭合", "a ring is not closed"),
        "too-many-vertices": Text("顶点过多", "too many vertices"),
        "geometry-type": Text("图层不接受这种几何", "the layer does not take this kind of geometry"),
        "bad-coordinates": Text("坐标读不出", "coordinates that cannot be read"),
        "damaged-record": Text("记录已损坏", "a damaged record"),
        "undecodable-text": Text("文字编码读不出", "text that cannot be decoded"),
    }
)
"""What every reason code says; codes of the reader that are not here are shown as they are."""

_EXAMPLES = 3
_VALUES = 8
_DISTINCT = 500
_LONG = 60
_COUNTS = ("read", "accepted", "repaired", "quarantined")


@dataclass(slots=True)
class Tally:
    """Counts of one layer."""

    accepted: int = 0
    repaired: int = 0
    quarantined: int = 0
    clipped: int = 0
    unplaced: int = 0
    placed_by_name: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    followed: int = 0

    @property
    def read(self) -> int:
        return self.accepted + self.repaired + self.quarantined


@dataclass(slots=True)
class Account:
    """What became of a file. `reasons`: code → records (a record may have several reasons to be repaired, one to be quarantined).

    `originals`: (reason, layer, column) → values as they stood in the file, with how often; beyond some hundred different ones the rest are not kept.
    `skipped`: datasets that fill no layer → their record count; `left_out`: those that nobody wanted; `joined`: those whose texts went into
    the features of another → what became of them. `examples`: a few sentences per reason of what could not be read.
    `masked`: (layer, column, kind) → personal data that no field takes and that were masked; `kept`: (layer, column, kind) → the internal field that took them.
    """

    layers: dict[str, Tally] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    quarantine_reasons: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)
    originals: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)
    near_names: list[tuple[str, str, list[str]]] = field(default_factory=list)
    mapping: dict[str, dict[str, Any]] = field(default_factory=dict)
    crs: str | None = None
    datum: str | None = None
    encoding: str | None = None
    skipped: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    joined: dict[str, dict[str, Any]] = field(default_factory=dict)
    masked: Counter[tuple[str, str, Kind]] = field(default_factory=Counter)
    kept: dict[tuple[str, str, Kind], str] = field(default_factory=dict)
    quarantined: Sequence[Quarantined] = ()
    import_id: int | None = None
    revision: int | None = None
    removed_demo: int = 0
    hand_made: int = 0
    dry_run: bool = False
    mode: str = "upsert"
    _shown: Counter[str] = field(default_factory=Counter)

    def tally(self, layer: str) -> Tally:
        return self.layers.setdefault(layer, Tally())

    def example(self, reason: str, layer: str, number: int, column: str, text: Text) -> None:
        self._shown[reason] += 1
        if self._shown[reason] <= _EXAMPLES:
            self.examples.append({"reason": reason, "layer": layer, "number": number, "column": column, "zh": text.zh, "en": text.en})

    def original(self, reason: str, layer: str, column: str, value: object) -> None:
        """Note one cell that was not taken as it stands. An empty one has nothing to show."""
        if value is None or value == "":
            return
        seen = self.originals.setdefault((reason, layer, column), Counter())
        text = str(value)[:_LONG]
        if text in seen or len(seen) < _DISTINCT:
            seen[text] += 1

    def mask(self, layer: str, masked: Mapping[tuple[str, Kind], int], kept: Sequence[tuple[str, str, Kind]]) -> None:
        """Note what was masked in the columns of one dataset, and what its internal fields took as it stands."""
        self.masked.update({(layer, column, kind): n for (column, kind), n in masked.items()})
        self.kept.update({(layer, column, kind): name for column, name, kind in kept})

    @property
    def complete(self) -> bool:
        """Whether nothing was left out."""
        return not self.skipped and all(t.quarantined == 0 for t in self.layers.values())

    def counts(self) -> dict[str, dict[str, int]]:
        """Layers that the file fills; those whose features only followed others are not among them."""
        return {layer: {name: getattr(t, name) for name in _COUNTS} for layer, t in self.layers.items() if t.read or t.clipped}

    def to_json(self) -> dict[str, Any]:
        """The contract of `flask import --json` and of the account page."""
        return {
            "layers": self.counts(),
            "reasons": dict(sorted(self.reasons.items())),
            "quarantine_reasons": dict(sorted(self.quarantine_reasons.items())),
            "crs": self.crs,
            "datum": self.datum,
            "encoding": self.encoding,
            "import_id": self.import_id,
            "revision": self.revision,
            "mode": self.mode,
            "dry_run": self.dry_run,
            "complete": self.complete,
            "removed_demo": self.removed_demo,
            "hand_made": self.hand_made,
            **{
                name: self._some(name)
                for name in ("unplaced", "placed_by_name", "inserted", "updated", "unchanged", "deleted", "followed", "clipped")
            },
            "skipped": dict(self.skipped),
            "left_out": list(self.left_out),
            "joined": self.joined,
            "masked": [{"layer": layer, "column": column, "kind": kind, "count": n} for (layer, column, kind), n in self.masked.items()],
            "personal": [
                {"layer": layer, "column": column, "kind": kind, "field": name} for (layer, column, kind), name in self.kept.items()
            ],
            "mapping": self.mapping,
            "notes": [{"zh": n.zh, "en": n.en} for n in self.notes],
            "near_names": [{"layer": layer, "name": name, "near": near} for layer, name, near in self.near_names],
            "examples": list(self.examples),
            "originals": [
                {
                    "reason": reason,
                    "layer": layer,
                    "column": column,
                    "distinct": len(seen),
                    "values": [list(v) for v in seen.most_common(_VALUES)],
                }
                for (reason, layer, column), seen in self.originals.items()
            ],
        }

    def _some(self, name: str) -> dict[str, int]:
        return {layer: value for layer, t in self.layers.items() if (value := getattr(t, name))}

    def lines(self, lang: str, layers: Mapping[str, Layer] | None = None) -> list[str]:
        """Sentences for the terminal in `lang`; `layers` gives the labels."""
        out = [_DRY.of(lang)] if self.dry_run else []
        for layer_id, tally in self.layers.items():
            if not (tally.read or tally.clipped or tally.followed):
                continue
            label = layers[layer_id].label.of(lang) if layers and layer_id in layers else layer_id
            line = (
                label
                if tally.followed and not tally.read
                else _LINE.format(
                    label=label, read=tally.read, accepted=tally.accepted, repaired=tally.repaired, quarantined=tally.quarantined
                ).of(lang)
            )
            for name, text in _DETAILS.items():
                if value := getattr(tally, name):
                    line += text.format(n=value).of(lang)
            out.append(line)
        for reason, count in sorted(self.reasons.items(), key=lambda item: (-item[1], item[0])):
            out.append(f"  {count:>7}  {reason}  {REASONS.get(reason, Text(reason, reason)).of(lang)}")
        out += [_SKIPPED.format(name=name, n=n).of(lang) for name, n in self.skipped.items()]
        out += [_LEFT_OUT.format(name=name).of(lang) for name in self.left_out]
        if self.removed_demo:
            out.append((_DEMO_WOULD if self.dry_run else _DEMO).format(n=self.removed_demo).of(lang))
        if self.hand_made:
            out.append((_HAND_WOULD if self.dry_run else _HAND).format(n=self.hand_made).of(lang))
        out += [
            _MASKED.format(column=column, kind=KINDS[kind].of(lang), n=n).of(lang) for (_, column, kind), n in sorted(self.masked.items())
        ]
        out += [
            _KEPT.format(column=column, kind=KINDS[kind].of(lang), field=name).of(lang) for (_, column, kind), name in self.kept.items()
        ]
        out += [_NEAR.format(name=name, near="、".join(near)).of(lang) for _, name, near in self.near_names]
        return out + [note.of(lang) for note in self.notes]


_DRY = Text("试运行：没有写入", "dry run: nothing was written")
_LINE = Text(
    "{label}：读 {read}，接收 {accepted}，修复 {repaired}，隔离 {quarantined}",
    "{label}: {read} read, {accepted} accepted, {repaired} repaired, {quarantined} quarantined",
)
_DETAILS: Mapping[str, Text] = MappingProxyType(
    {
        "inserted": Text("；新增 {n}", "; {n} new"),
        "updated": Text("；更新 {n}", "; {n} updated"),
        "unchanged": Text("；未变 {n}", "; {n} unchanged"),
        "deleted": Text("；删除 {n}", "; {n} deleted"),
        "unplaced": Text("；{n} 未上图", "; {n} unplaced"),
        "placed_by_name": Text("；{n} 按名称定位", "; {n} placed by name"),
        "followed": Text("；{n} 随所属对象更新", "; {n} followed the feature they belong to"),
        "clipped": Text("；范围外 {n} 未读", "; {n} outside the clip"),
    }
)
_LEFT_OUT = Text("“{name}”按要求没有导入", "'{name}' was left out as asked")
_SKIPPED = Text("“{name}”的 {n} 条记录不属于任何图层，没有导入", "'{name}': {n} records fill no layer and were left out")
_NEAR = Text(
    "“{name}”作为新对象收下；库中有写法相近的：{near}。如是同一个，请改名后再导入",
    "'{name}' was taken as a new feature; nearly the same name is there: {near}. If it is the same, correct the name and import again",
)
_MASKED = Text(
    "“{column}”列有{kind} {n} 处，没有字段接收，已遮盖后存入",
    "column '{column}': {n} {kind} that no field takes were masked before anything was kept",
)
_KEPT = Text(
    "“{column}”列的{kind}由内部字段 {field} 接收，原样保存，不对外发布",
    "column '{column}': {kind} were taken by the internal field {field} as they stand; it is never published",
)
_DEMO = Text("示例数据 {n} 条已移除", "{n} made-up features were removed")
_HAND = Text(
    "其中 {n} 个是手工新增或改过的，已一并移除；它们的内容在历史记录中可查",
    "{n} of them had been added or changed by hand and went too; what they were stands in the history",
)
_HAND_WOULD = Text(
    "其中 {n} 个是手工新增或改过的：要留下它们，请先导出", "{n} of them were added or changed by hand: export them first to keep them"
)
_DEMO_WOULD = Text("正式导入时会移除示例数据 {n} 条", "{n} made-up features would be removed")
