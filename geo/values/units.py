"""Units as they are written beside numbers and in headings, and what they are in the unit of a field."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from geo.errors import Text
from geo.values.text import key


@dataclass(frozen=True, slots=True)
class Unit:
    """`factor`: how many base units one is (base: m, m², kg, kPa, L/s, %, yuan, one thing)."""

    kind: str
    factor: Decimal


_TABLE: tuple[tuple[str, str, str], ...] = (
    ("length", "1", "m 米 公尺 meter metre meters metres mtr"),
    ("length", "0.1", "dm 分米"),
    ("length", "0.01", "cm 厘米 公分 centimeter centimetre centimeters centimetres"),
    ("length", "0.001", "mm 毫米 millimeter millimetre millimeters millimetres"),
    ("length", "1000", "km 千米 公里 kilometer kilometre kilometers kilometres"),
    ("length", "0.3048", "ft ft. foot feet 英尺 '"),
    ("length", "0.0254", "in in. inch inches 英寸 \" ''"),
    ("length", "0.9144", "yd yard yards 码"),
    ("area", "1", "m2 m^2 sqm sq.m 平方米 平米 平方 平 m²"),
    ("area", "10000", "ha 公顷 万平方米 万平米 万平 万平方 万m2 hectare hectares"),
    ("area", "1000000", "km2 km^2 平方公里 平方千米"),
    ("area", "666.6666666666666", "亩"),
    ("mass", "1", "kg 公斤 千克 kgs"),
    ("mass", "0.5", "斤"),
    ("mass", "0.001", "g 克"),
    ("mass", "1000", "t 吨 ton tons tonne tonnes"),
    ("pressure", "1", "kpa 千帕"),
    ("pressure", "1000", "mpa 兆帕"),
    ("pressure", "0.001", "pa 帕"),
    ("pressure", "100", "bar 巴"),
    ("flow", "1", "l/s 升/秒"),
    ("flow", "0.2777777777777778", "m3/h 立方米/小时"),
    ("share", "1", "% 百分比"),
    ("share", "0.1", "‰"),
    ("money", "1", "元 yuan 圆 rmb cny"),
    ("money", "10000", "万元"),
    ("money", "100000000", "亿元"),
    (
        "count", "1",
        ("户 人 栋 幢 座 个 台 部 层 处 条 家 间 辆 只 具 位 口 单元 楼 棟 宗 件 次 根 盏 瓶 套 名 眼 道 把 张 樘 门 扇 组 f households household hh people person "
        "persons buildings building bldgs floors floor storeys storey stories levels units unit shops places ports lifts pcs"),
    ),
    ("time", "1", "天 日 day days"),
    ("year", "1", "年 year years"),
    ("speed", "1", "km/h kmh 公里/小时"),
    ("speed", "1.609344", "mph"),
)  # fmt: skip

UNITS = {key(word): Unit(kind, Decimal(factor)) for kind, factor, words in _TABLE for word in words.split()}


def unit_of(text: str) -> Unit | None:
    """The unit that a word names, or None. Case matters for pressure alone, and there only M and m: "mPa" is not met in this field."""
    return UNITS.get(key(text))


def field_unit(unit: Text | None) -> Unit | None:
    """The unit of a field; None for a field without one or with one that only labels."""
    if unit is None:
        return None
    return unit_of(unit.en) or unit_of(unit.zh)


def factor_between(source: Unit, target: Unit | None) -> Decimal | None:
    """By how much a number in `source` is multiplied to be in `target`; None when they measure different things."""
    if target is None:
        return source.factor if source.kind == "count" else None
    return source.factor / target.factor if source.kind == target.kind else None
