"""What a travelling map shows, read from an address of the workspace."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from geo.errors import BadValue, Text, nearest
from geo.questions.declaration import Question
from geo.schema import Layer
from web.http import Parameter
from web.pages import WORKSPACE

_FLAG: Mapping[str, Any] = {"type": "string", "enum": ["1"]}

PARAMETERS = (
    *(
        p
        for p in WORKSPACE
        if p.name not in ("community", "compound", "within", "near", "near-filter", "columns", "picked", "in-view", "view", "table")
    ),
    Parameter("bbox", Text("只要与此范围相交的要素：西,南,东,北", "only features that meet this box: west,south,east,north")),
    Parameter("filter", Text("CQL2 条件，用于所问的问题或唯一的图层", "a CQL2 condition on the question asked, or on the only layer")),
    Parameter("community", Text("社区名称，用于每个图层", "name of a community, for every layer")),
    Parameter("compound", Text("院落的编号或名称，用于每个图层", "code or name of a compound, for every layer")),
    Parameter(
        "within",
        Text(
            "整个落在此多边形内（WKT 或 @名称，前面写 touching: 则碰到即算），用于每个图层",
            "wholly inside this polygon (WKT or @name; touching: before it takes what meets it), for every layer",
        ),
    ),
    Parameter("near", Text("距此不超过若干米：图层[/id]:米，用于每个图层", "within metres of layer[/id]:metres, for every layer")),
    Parameter("near-filter", Text("附近图层的 CQL2 条件", "a CQL2 condition on the layer near which")),
    Parameter("confirm", Text("1：超过大小提醒也照样生成", "1: make it although it is larger than the warning"), _FLAG),
    Parameter("size", Text("1：只估算大小，不生成", "1: only estimate the size"), _FLAG),
    Parameter("download", Text("1：作为附件保存", "1: as an attachment to save"), _FLAG),
)
PLACE = ("bbox", "community", "compound", "within", "near", "near-filter")
"""Conditions that hold for every layer and for the question."""

_FAMILY, _FILTER, _STYLE = "p.", "f.", "s."
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,17})?\Z")
_FEATURE = re.compile(r"([a-z][a-z0-9_]*)/([0-9]{1,18})\Z")


@dataclass(frozen=True, slots=True)
class MapView:
    """`layers` in drawing order without the internal ones, which are `left_out`; `camera` is (zoom, latitude, longitude) in degrees;
    `asked` are the question's own arguments as text; `filters` a CQL2 condition by layer or question, `styles` the text of a style by layer;
    `shapes` those of its answer that are drawn; `place` the conditions for every layer; `selected` is (layer, feature id)."""

    layers: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    question: str | None = None
    asked: Mapping[str, str] = field(default_factory=dict)
    answers: str = "yes"
    shapes: tuple[str, ...] = ()
    sort: str | None = None
    where: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    styles: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)
    camera: tuple[float, float, float] | None = None
    selected: tuple[str, int] | None = None

    @classmethod
    def from_args(cls, args: Mapping[str, str], *, layers: Mapping[str, Layer], questions: Mapping[str, Question]) -> MapView:
        """From the parameters of an address. Raises BadValue; the values of conditions are checked when they are asked."""
        question = args.get("question") or None
        if question is not None:
            _known("question", question, questions)
            _refuse_internal(questions[question], layers)
        else:
            _need_a_question(args)
        wanted = _layers(args.get("layers"), layers)
        shown = tuple(id for id in layers if id in wanted and not layers[id].internal)
        return cls(
            layers=shown,
            left_out=tuple(id for id in layers if id in wanted and layers[id].internal),
            question=question,
            asked={name.removeprefix(_FAMILY): value for name, value in args.items() if name.startswith(_FAMILY)},
            answers=args.get("answer") or "yes",
            shapes=_shapes(args.get("shapes"), questions[question], layers) if question else (),
            sort=args.get("sort") or None,
            where=_where(args.get("filter"), question, shown),
            filters=_by_name(args, _FILTER, (*layers, *questions)),
            styles=_by_name(args, _STYLE, layers),
            place={name: args[name] for name in PLACE if args.get(name)},
            camera=_camera(args.get("map")),
            selected=_selected(args.get("feature"), layers),
        )


def _by_name(args: Mapping[str, str], family: str, known: Iterable[str]) -> Mapping[str, str]:
    """The parameters of a family by the collection they are for. Raises BadValue for an unknown one."""
    found = {name.removeprefix(family): text for name, text in args.items() if name.startswith(family) and text}
    names = list(known)
    for name in found:
        _known(family.removesuffix("."), name, names)
    return found


def _need_a_question(args: Mapping[str, str]) -> None:
    """Raises BadValue for what only a question could take: ignored, it would look as if it held."""
    for name in args:
        if name in ("answer", "shapes", "sort") or name.startswith(_FAMILY):
            raise BadValue(Text(f"{name} 要和 question= 一起用", f"{name} needs question="), parameter=name)


def _refuse_internal(question: Question, layers: Mapping[str, Layer]) -> None:
    """Raises BadValue for a question about features that are never published, or whose figures tell where such features lie."""
    if not (question.internal or layers[question.subject].internal):
        return
    hidden = [layers[id].label for id in dict.fromkeys((question.subject, *question.reads)) if layers[id].internal]
    if not hidden:
        raise BadValue(
            Text(
                f"“{question.title.zh}”的回答只供内部使用，不能放进带走的地图",
                f"the answers to '{question.title.en}' are for internal use: a map that travels cannot have them",
            ),
            parameter="question",
        )
    zh, en = "、".join(h.zh for h in hidden), ", ".join(h.en.lower() for h in hidden)
    raise BadValue(
        Text(
            f"“{question.title.zh}”的回答会说出内部图层“{zh}”在哪里，不能放进带走的地图",
            f"the answers to '{question.title.en}' tell where features of an internal layer lie ({en}): a map that travels cannot have them",
        ),
        parameter="question",
    )


def _shapes(text: str | None, question: Question, layers: Mapping[str, Layer]) -> tuple[str, ...]:
    """The shapes that are asked for, else all; none of a question that reads an internal layer, which they could show. Raises BadValue."""
    known = [shape.id for shape in question.shapes]
    wanted = known if text is None else [name for name in text.split(",") if name]
    for name in wanted:
        _known("shapes", name, known)
    hidden = any(layers[id].internal for id in question.reads)
    return () if hidden else tuple(id for id in known if id in wanted)


def flag(args: Mapping[str, str], name: str) -> bool:
    """Whether `name=1` is said. Raises BadValue for any other value."""
    if args.get(name) not in (None, "1"):
        raise BadValue(Text(f"{name} 只能是 1", f"{name} can only be 1"), parameter=name)
    return name in args


def _layers(text: str | None, layers: Mapping[str, Layer]) -> Sequence[str]:
    """The layers that are named; without the parameter those that are on at the first view."""
    if text is None:
        return [id for id, layer in layers.items() if layer.style.visible]
    names = [name for name in text.split(",") if name]
    for name in names:
        _known("layers", name, layers)
    return names


def _known(parameter: str, name: str, names: Iterable[str]) -> None:
    known = list(names)
    if name not in known:
        near = nearest(name, known)
        listed = ", ".join(near or known)
        raise BadValue(
            Text(f"{parameter}：没有“{name[:60]}”；可用：{listed}", f"{parameter}: there is no '{name[:60]}'; there are: {listed}"),
            parameter=parameter, nearest=near, values=known,
        )  # fmt: skip


def _where(text: str | None, question: str | None, shown: Sequence[str]) -> str | None:
    if text and question is None and len(shown) != 1:
        raise BadValue(
            Text(
                "filter 只能用于一个集合：加 question=，或让 layers= 只留一个图层",
                "filter holds for one collection: add question=, or leave one layer in layers=",
            ),
            parameter="filter",
        )
    return text or None


def _camera(text: str | None) -> tuple[float, float, float] | None:
    if not text:
        return None
    parts = text.split("/")
    zoom, lat, lon = map(float, parts) if len(parts) == 3 and all(map(_NUMBER.match, parts)) else (math.nan,) * 3
    if not (0 <= zoom <= 24 and abs(lat) <= 90 and abs(lon) <= 360):
        raise BadValue(
            Text("map 写成 缩放/纬度/经度，如 15/34.75/112.98", "map is zoom/latitude/longitude, e.g. 15/34.75/112.98"), parameter="map"
        )
    return zoom, lat, lon


def _selected(text: str | None, layers: Mapping[str, Layer]) -> tuple[str, int] | None:
    if not text:
        return None
    match = _FEATURE.match(text)
    if match is None:
        raise BadValue(Text("feature 写成 图层/id，如 compounds/12", "feature is layer/id, e.g. compounds/12"), parameter="feature")
    _known("feature", match[1], layers)
    return match[1], int(match[2])
