"""What a person chose for each dataset of a file, and where a drawing is to lie: from JSON or command line arguments to checked values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from geo.errors import BadValue, Text
from geo.imports import Choice, Join
from geo.placing import Fit, Wanted, fit
from web.http import refuse_unknown
from web.services import Services

_CHOICE = ("layer", "skip", "sets", "join")
_JOIN = ("to", "field", "within_m")
_POINTS = ("crs", "from", "to", "scale")
_NUMBERS = ("crs", "shift", "turn", "scale")
_WITHIN_M = 5.0
_DEEPEST = 4

# --- JSON


def choices(sent: Any) -> dict[str, Choice]:
    """`{dataset: {"layer", "skip", "sets", "join"}}`. Raises BadValue, UnknownParameter."""
    if sent is None:
        return {}
    _require(isinstance(sent, dict), "choices", "choices 是 {数据集: 选择}", "choices is {dataset: choice}")
    return {name: _choice(one) for name, one in sent.items()}


def _choice(sent: Any) -> Choice:
    _require(isinstance(sent, dict), "choices", "每个选择是一个对象", "a choice is an object")
    refuse_unknown(sent, _CHOICE)
    layer, skip, sets, join = (sent.get(name) for name in _CHOICE)
    _require(layer is None or isinstance(layer, str), "layer", "layer 是图层的标识", "layer is the id of a layer")
    _require(skip is None or isinstance(skip, bool), "skip", "skip 是 true 或 false", "skip is true or false")
    _require(
        sets is None or (isinstance(sets, dict) and all(v is None or isinstance(v, str) for v in sets.values())),
        "sets", "sets 是 {字段: 列名}，null 表示不填", "sets is {field: column}, null for none",
    )  # fmt: skip
    return Choice(layer or None, bool(skip), {name: column or "" for name, column in (sets or {}).items()}, _join(join))


def _join(sent: Any) -> Join | None:
    if sent is None:
        return None
    _require(isinstance(sent, dict), "join", "join 是一个对象", "join is an object")
    refuse_unknown(sent, _JOIN)
    to, field, within = sent.get("to"), sent.get("field"), sent.get("within_m")
    _require(
        isinstance(to, str) and isinstance(field, str),
        "join",
        "join 需要 to（数据集）和 field（字段）",
        "join needs to (a dataset) and field",
    )
    return Join(to, field, _WITHIN_M if within is None else _number(within, "within_m"))


def metric_crs(here: Services) -> str | None:
    """Where the store measures; made-up data say nothing about where real ones lie."""
    info = here.store.info()
    return None if info.kind == "demo" else info.metric_crs


def placing(sent: Any, *, unit_m: float | None, metric_crs: str | None) -> Fit | None:
    """A placement by two pairs of points or by numbers. Raises BadValue, UnknownCrs, UnknownParameter."""
    if sent is None:
        return None
    _require(isinstance(sent, dict), "placement", "placement 是一个对象", "placement is an object")
    by_points = "from" in sent or "to" in sent
    refuse_unknown(sent, _POINTS if by_points else _NUMBERS)
    crs, scale = sent.get("crs"), sent.get("scale")
    _require(crs is None or isinstance(crs, str), "crs", "crs 写成 EPSG:4547 这样", "crs is written like EPSG:4547")
    common: dict[str, Any] = {
        "crs": crs or None,
        "scale": None if scale is None else _number(scale, "scale"),
        "by_file": "scale" not in sent,
    }
    if by_points:
        drawn, placed = ((_pair(p, name) for p in _two(sent.get(name), name)) for name in ("from", "to"))
        wanted = Wanted(drawn=tuple(drawn), placed=tuple(placed), **common)  # type: ignore[arg-type]
    else:
        turn = sent.get("turn")
        wanted = Wanted(shift=_pair(sent.get("shift"), "shift"), turn_deg=0.0 if turn is None else _number(turn, "turn"), **common)
    return fit(wanted, unit_m=unit_m, metric_crs=metric_crs)


def _two(value: Any, name: str) -> Sequence[Any]:
    _require(isinstance(value, list) and len(value) == 2, name, f"{name} 是两个点", f"{name} is two points")
    return value  # type: ignore[no-any-return]


def _pair(value: Any, name: str) -> tuple[float, float]:
    _require(isinstance(value, list) and len(value) == 2, name, f"{name} 的点是 [x, y]", f"a point of {name} is [x, y]")
    return _number(value[0], name), _number(value[1], name)


def _number(value: Any, name: str) -> float:
    _require(
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300 and math.isfinite(value),
        name, f"{name} 须是有限的数", f"{name} must be a finite number",
    )  # fmt: skip
    return float(value)


def _require(holds: bool, field: str, zh: str, en: str) -> None:
    if not holds:
        raise BadValue(Text(zh, en), field=field)


def preview(found: Fit, inspection: Mapping[str, Any]) -> dict[str, Any]:
    """Where the samples of an inspected drawing come to lie, in EPSG:4326."""
    drawn = [d for d in inspection["datasets"] if d.get("local")]
    samples = {d["name"]: [shape for g in d["local"]["sample"] if (shape := _moved(g, found)) is not None] for d in drawn}
    boxes = [d["local"]["bounds"] for d in drawn]
    corners = np.array([(x, y) for b in boxes for x in (b[0], b[2]) for y in (b[1], b[3])], dtype=np.float64).reshape(-1, 2)
    there = found.to_storage(corners)
    there = there[np.isfinite(there).all(axis=1)]
    return {
        "placement": {"crs": found.crs, "dx": found.dx, "dy": found.dy, "turn_deg": found.turn_deg, "scale": found.scale},
        "drawn_m": found.drawn_m,
        "map_m": found.map_m,
        "residual_m": found.residual_m,
        "sentence": {"zh": found.sentence.zh, "en": found.sentence.en},
        "bounds": [*there.min(axis=0).tolist(), *there.max(axis=0).tolist()] if len(there) else None,
        "samples": samples,
    }


def _moved(geometry: Mapping[str, Any], found: Fit) -> dict[str, Any] | None:
    """A sample geometry moved; None for one that lands nowhere or is none."""
    flat = list(_positions(geometry.get("coordinates"), _DEEPEST))
    if not flat:
        return None
    there = found.to_storage(np.array(flat, dtype=np.float64))
    if not np.isfinite(there).all():
        return None
    return {**geometry, "coordinates": _refilled(geometry["coordinates"], iter(there.round(8).tolist()), _DEEPEST)}


def _is_position(value: Any) -> bool:
    return isinstance(value, list) and len(value) >= 2 and all(isinstance(v, int | float) for v in value[:2])


def _positions(value: Any, deepest: int) -> Iterator[tuple[float, float]]:
    if _is_position(value):
        yield float(value[0]), float(value[1])
    elif isinstance(value, list) and deepest:
        for one in value:
            yield from _positions(one, deepest - 1)


def _refilled(value: Any, places: Iterator[list[float]], deepest: int) -> Any:
    if _is_position(value):
        return next(places)
    return [_refilled(one, places, deepest - 1) for one in value] if isinstance(value, list) and deepest else []


# --- arguments

_SET = re.compile(r"(?:(.+):)?([a-z][a-z0-9_]*)=(.*)", re.DOTALL)
_JOINED = re.compile(r"(.+?)=(.+):([a-z][a-z0-9_]*)(?::(\d+(?:\.\d+)?))?", re.DOTALL)
_PLACE = re.compile(r"\s*([^,=]+),([^,=]+)=([^,=]+),([^,=]+)\s*")


def split_layers(texts: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """`ID` once for the whole file, `DATASET=ID` for single datasets. Raises BadValue."""
    whole = [t for t in texts if "=" not in t]
    if len(whole) > 1:
        raise BadValue(
            Text("整个文件只能指定一个图层；分别指定写成 --layer 数据集=图层", "one layer for the whole file; for parts --layer DATASET=ID")
        )
    named = dict(t.rsplit("=", 1) for t in texts if "=" in t)
    return (whole[0] if whole else None), named


def split_sets(texts: Sequence[str]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """`FIELD=COLUMN` for the whole file, `DATASET:FIELD=COLUMN` for one dataset. Raises BadValue."""
    whole: dict[str, str] = {}
    named: dict[str, dict[str, str]] = {}
    for text in texts:
        match = _SET.fullmatch(text.strip())
        if match is None:
            raise BadValue(
                Text(f"“{text}”须写成 字段=列名 或 数据集:字段=列名", f"'{text}' must be written FIELD=COLUMN or DATASET:FIELD=COLUMN")
            )
        into = whole if match[1] is None else named.setdefault(match[1], {})
        if match[2] in into:
            raise BadValue(Text(f"{match[2]} 写了不止一次", f"{match[2]} stands more than once"))
        into[match[2]] = match[3].strip()
    return whole, named


def choices_said(
    layers: Mapping[str, str], sets: Mapping[str, Mapping[str, str]], skips: Sequence[str], joins: Sequence[str]
) -> dict[str, Choice]:
    """The choices of `--layer`, `--set`, `--skip` and `--join`. Raises BadValue."""
    joined: dict[str, Join] = {}
    for text in joins:
        match = _JOINED.fullmatch(text.strip())
        if match is None:
            raise BadValue(
                Text(f"“{text}”须写成 文字数据集=对象数据集:字段[:米]", f"'{text}' must be written TEXTS=DATASET:FIELD[:METRES]"),
                field="join",
            )
        joined[match[1]] = Join(match[2], match[3], float(match[4]) if match[4] else _WITHIN_M)
    names = dict.fromkeys((*layers, *sets, *skips, *joined))
    return {name: Choice(layers.get(name), name in skips, sets.get(name, {}), joined.get(name)) for name in names}


def placement_said(
    place: Sequence[str], shift: str | None, turn: float | None, scale: float | None, crs: str | None
) -> dict[str, Any] | None:
    """`--place`, `--shift`, `--turn`, `--scale` and `--crs` as the JSON placement. Raises BadValue."""
    common = {**({"crs": crs} if crs else {}), **({"scale": scale} if scale is not None else {})}
    if place:
        if len(place) != 2 or shift is not None or turn is not None:
            raise BadValue(
                Text(
                    "--place 要写两次（两对同名点），不与 --shift、--turn 同用",
                    "--place is given twice (two pairs of points), without --shift and --turn",
                ),
                field="place",
            )
        points = [_place(text) for text in place]
        return {"from": [p[:2] for p in points], "to": [p[2:] for p in points], **common}
    if shift is None:
        if turn is not None or scale is not None:
            raise BadValue(
                Text("--turn 和 --scale 要与 --shift 或 --place 同用", "--turn and --scale go with --shift or --place"), field="shift"
            )
        return None
    return {"shift": _floats(shift, "shift", 2), **({"turn": turn} if turn is not None else {}), **common}


def _place(text: str) -> list[float]:
    match = _PLACE.fullmatch(text)
    if match is None:
        raise BadValue(Text(f"“{text}”须写成 x,y=经度,纬度", f"'{text}' must be written x,y=lon,lat"), field="place")
    return _floats(",".join(match.groups()), "place", 4)


def _floats(text: str, name: str, count: int) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        raise BadValue(Text(f"“{text}”须是 {count} 个数", f"'{text}' must be {count} numbers"), field=name)
    return numbers
