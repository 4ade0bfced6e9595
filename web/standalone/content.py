"""What a travelling map holds: answers of the layers and of the question, of published fields only, as one JSON text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson
import pandas as pd
import shapely

from geo.answers import Answer
from geo.errors import BadValue, Text, TooLarge
from geo.exports import geojson
from geo.exports.feature_collection import features
from geo.query import Query, output_fields
from geo.questions.declaration import Question
from geo.schema import Field, Layer
from web.catalogue import banner, field_json, layer_json
from web.items import make_query
from web.ogc import parameter_json, shape_json
from web.services import Services
from web.standalone.view import MapView

WARN_BYTES = 20_000_000
"""Above this a browser opens the file slowly, and mail seldom takes it: the size is told first."""

_SAMPLE = 300
_PAIR_BYTES = 25
"""About what one coordinate takes as text: [112.9812345,34.7512345] and a comma."""
_MEMBER_BYTES = 900
"""What a collection says of itself: counts, query, fingerprint."""
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Content:
    """The answers of one revision, by collection, in drawing order, the question's last; `shapes`: its rows in each of its shapes."""

    view: MapView
    answers: Mapping[str, Answer]
    shapes: Mapping[str, Answer]
    here: Services
    lang: str

    @property
    def asked(self) -> Answer | None:
        return self.answers.get(self.view.question) if self.view.question else None

    @property
    def features(self) -> int:
        return sum(found.returned for found in self.answers.values())

    @property
    def demo(self) -> bool:
        return any(found.demo for found in self.answers.values())

    @property
    def bytes(self) -> int:
        """About how long the data will be; exact to a few per cent, without writing them."""
        return len(orjson.dumps(_head(self))) + sum(map(_bytes_of, (*self.answers.values(), *self.shapes.values())))

    def refuse_large(self, base: int) -> None:
        """Raises TooLarge when the file, `base` bytes without its data, would be longer than the warning."""
        size = base + self.bytes
        if size > WARN_BYTES:
            told, most = f"{size / 1e6:.1f}", WARN_BYTES // 10**6
            raise TooLarge(
                Text(
                    f"这份地图约 {told} MB（{self.features} 个要素），超过 {most} MB，打开会慢：用 bbox= 缩小范围或少开图层；加 confirm=1 照样生成",
                    f"this map would have about {told} MB ({self.features} features), over {most} MB, and open slowly: narrow it with bbox= "
                    "or switch layers off; with confirm=1 it is made all the same",
                ),
                bytes=size, features=self.features, limit_bytes=WARN_BYTES,
            )  # fmt: skip


def gather(view: MapView, here: Services, *, lang: str) -> Content:
    """Ask for every collection of the view, all of one revision of the store. Raises the Invalid tree."""
    _refuse_unpublished_styles(view, here)
    for attempt in range(_TRIES):
        found = {id: _ask(view, id, here, lang) for id in (*view.layers, *([view.question] if view.question else []))}
        shapes = {shape: _ask(view, view.question, here, lang, shape) for shape in view.shapes if view.question}
        if len({one.revision for one in (*found.values(), *shapes.values())}) <= 1 or attempt == _TRIES - 1:
            break
    return Content(view, found, shapes, here, lang)


def _ask(view: MapView, id: str, here: Services, lang: str, shape: str | None = None) -> Answer:
    """What a collection answers; in a shape of the question only which row it belongs to, and its answer."""
    question = here.questions.get(id)
    layer = here.layers[question.subject if question else id]
    args = {**view.place, "properties": ",".join(f.name for f in output_fields(layer, question) if f.public)}
    where = _where(view, id, layer, question)
    if where:
        args["filter"] = where
    if question is not None:
        args |= {**view.asked, "answer": view.answers} | ({"sortby": view.sort} if view.sort else {})
    if shape is not None:
        args |= {"shape": shape, "properties": "answer"}
    query = make_query(here, id, args, lang=lang, paged=False)
    _refuse_unpublished(query, output_fields(layer, question), here)
    found = here.answered(query)
    return replace(found, fields=_filled(found))


def _where(view: MapView, id: str, layer: Layer, question: Question | None) -> str | None:
    """All conditions on a collection as one: its own, and for a question those of the layer it is about, as in the workspace."""
    said = [
        view.where if question is not None or view.question is None else None,
        *(view.filters.get(name) for name in dict.fromkeys((id, layer.id))),
    ]
    texts = [text for text in said if text]
    return texts[0] if len(texts) == 1 else " AND ".join(f"({text})" for text in texts) or None


def _refuse_unpublished(query: Query, fields: Sequence[Field], here: Services) -> None:
    """A condition on a field that is not published would tell its value by what it chooses, and stand in the file; so would an order by one, and
    nearness to what is not published at all. Raises BadValue."""
    near = query.near
    if near is not None and here.layers[near.layer].internal:
        label = here.layers[near.layer].label
        raise BadValue(
            Text(
                f"“{label.zh}”不公开，带走的地图不能按它的附近来选",
                f"'{label.en}' is not published: a map that travels cannot choose by nearness to it",
            ),
            parameter="near",
        )
    chosen = {*(query.where.names if query.where else ()), *(name for name, _ in query.sort)}
    held = [f for f in fields if not f.public and f.name in chosen]
    if near is not None and near.where is not None:
        held += [f for f in here.layers[near.layer].all_fields if not f.public and f.name in near.where.names]
    if held:
        zh, en = ("、".join(f.label.zh for f in held), ", ".join(f.label.en for f in held))
        raise BadValue(
            Text(
                f"筛选或排序用到不公开的字段：{zh}；带走的地图只能按公开的字段筛选、排序",
                f"a filter or the order uses fields that are not published: {en}; a map that travels goes by published fields only",
            ),
            parameter="filter",
            fields=[f.name for f in held],
        )


def _refuse_unpublished_styles(view: MapView, here: Services) -> None:
    """A style by a field that is not published would draw all as unknown, and its classes would tell values. Raises BadValue."""
    for id, text in view.styles.items():
        named = {part.partition(":")[2] for part in text.split(";") if part.partition(":")[0] in ("by", "label")}
        held = [f for f in here.layers[id].all_fields if not f.public and f.name in named]
        if held and id in view.layers:
            raise BadValue(
                Text(
                    f"样式用到不公开的字段：{held[0].label.zh}；带走的地图只能按公开的字段着色、标注",
                    f"the style uses a field that is not published: {held[0].label.en}; a map that travels is drawn by published fields only",
                ),
                parameter=f"s.{id}",
                fields=[f.name for f in held],
            )


def _filled(found: Answer) -> tuple[Field, ...]:
    """Fields that hold something; the title and the legend's field always."""
    said = pd.DataFrame(found.frame).notna().any()
    kept = {found.layer.title_field, found.layer.style.by, "answer"}
    return tuple(f for f in found.fields if f.name in kept or bool(said[f.name]))


def _bytes_of(found: Answer) -> int:
    count = len(found.frame)
    if not count:
        return _MEMBER_BYTES
    rows = found.frame.iloc[np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).astype(int))]
    text = sum(len(piece) for piece in features(rows, found.fields))
    pairs, all_pairs = (int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum()) for frame in (rows, found.frame))
    return _MEMBER_BYTES + all_pairs * _PAIR_BYTES + max(0, text - pairs * _PAIR_BYTES) * count // len(rows)


# ---------------------------------------------------------------- JSON


def pieces(content: Content) -> Iterator[bytes]:
    """The data as JSON that can stand inside a script element: no `<` is left in it."""
    return map(inert, _json(content))


def inert(text: bytes) -> bytes:
    """JSON without `<`, which stands in it only inside texts: nothing in a text can then close or open an element."""
    return text.replace(b"<", b"\\u003c")


def _json(content: Content) -> Iterator[bytes]:
    yield orjson.dumps(_head(content))[:-1] + b',"collections":{'
    for n, (id, found) in enumerate(content.answers.items()):
        yield (b"," if n else b"") + orjson.dumps(id) + b":"
        yield from _collection(content, found)
    yield b'},"shapes":{'
    for n, (id, found) in enumerate(content.shapes.items()):
        yield (b"," if n else b"") + orjson.dumps(id) + b":"
        yield from _collection(content, found)
    yield b"}}"


def _collection(content: Content, found: Answer) -> Iterator[bytes]:
    return geojson(found, lang=content.lang, members={"numberMatched": int(found.matched), "unplaced": int(found.unplaced)})


def _head(content: Content) -> dict[str, Any]:
    here, view, lang = content.here, content.view, content.lang
    question = here.questions.get(view.question or "")
    ids = [*view.layers, *([question.subject] if question and question.subject not in view.layers else [])]
    info = here.store.info()
    return {
        "view": {
            "camera": view.camera,
            "layers": view.layers,
            "selected": view.selected,
            "sort": view.sort,
            "place": dict(view.place),
            "styles": dict(view.styles),
        },
        "layers": [_layer(here.layers[id], info.counts.get(id, (0, 0)), lang) for id in here.layers if id in ids],
        "questions": [_question(content)] if question else [],
        "state": {"kind": info.kind, "metric_crs": info.metric_crs},
    }


def _layer(layer: Layer, counts: tuple[int, int], lang: str) -> dict[str, Any]:
    """A declaration as the page takes it, of published fields; a style by a field that is not published loses its classes."""
    told = layer_json(layer, counts, lang)
    public = {f.name for f in layer.all_fields if f.public}
    if layer.style.by not in public:
        told["style"] |= {"by": None, "classes": []}
    return told | {"fields": [f for f in told["fields"] if f["name"] in public]}


def _question(content: Content) -> dict[str, Any]:
    question, lang = content.here.questions[content.view.question or ""], content.lang
    return {
        "id": question.id,
        "title": question.title.of(lang),
        "subject": question.subject,
        "parameters": [parameter_json(p, content.here.settings.profile, lang) for p in question.parameters],
        "shapes": [shape_json(s, lang) for s in question.shapes if s.id in content.shapes],
        "fields": [field_json(f, lang, writable=False) for f in question.fields],
    }


def title(content: Content) -> str:
    """What the map is called: the question, else the layers; with the place it is about."""
    question = content.here.questions.get(content.view.question or "")
    labels = [content.here.layers[id].label.of(content.lang) for id in content.view.layers]
    what = question.title.of(content.lang) if question else _listed(labels, content.lang)
    where = [content.view.place[name] for name in ("community", "compound") if name in content.view.place]
    return " · ".join([*where, what])


def _listed(labels: Sequence[str], lang: str) -> str:
    if not labels:
        return Text("空白地图", "an empty map").of(lang)
    shown = Text("、", ", ").of(lang).join(labels[:4])
    return shown if len(labels) <= 4 else Text(f"{shown} 等 {len(labels)} 个图层", f"{shown} and {len(labels) - 4} more").of(lang)


def town(content: Content) -> str | None:
    """What the banner says of the whole store; None for an empty one."""
    here = content.here
    view = here.frames.view(*here.stored)
    return banner(here, view).of(content.lang) if view.info.kind != "empty" else None
