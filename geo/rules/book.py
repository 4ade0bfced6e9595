"""The book: every rule that the layers can carry, in its order, and those that they cannot, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.errors import Text
from geo.rules.compounds import COMPOUNDS
from geo.rules.declaration import Rule
from geo.rules.ebikes import EBIKES
from geo.rules.fire import FIRE
from geo.rules.gas import GAS
from geo.rules.hazards import HAZARDS
from geo.rules.water import WATER

RULES: tuple[Rule, ...] = (*FIRE, *WATER, *EBIKES, *GAS, *COMPOUNDS, *HAZARDS)

FIGURES: Mapping[str, tuple[str, ...]] = MappingProxyType({rule.id: rule.figures for rule in RULES})
"""What `Profile.parse` needs to know of them."""

NOT_CARRIED: tuple[tuple[str, Text], ...] = (
    (
        "FA-03c",
        Text(
            "停靠、操作场地坡度：没有救援场地的面，也没有地面高程",
            "slope where engines work: neither rescue sites nor ground heights are on record",
        ),
    ),
    (
        "FA-13",
        Text(
            "街道与内院之间的人行通道间距：没有登记哪些门洞是通到内院的人行通道",
            "spacing of pedestrian passages into courtyards: no record says which archways are such passages",
        ),
    ),
    (
        "FA-20",
        Text(
            "高层建筑消防车登高操作场地：没有登高场地和裙房的图层",
            "rescue sites of high-rise buildings: there is no layer of them, nor of podiums",
        ),
    ),
    (
        "HY-06c",
        Text(
            "出流时压力不小于 0.10 兆帕：消火栓只登记一个压力，没有出流时的压力",
            "0.10 MPa while flowing: one pressure of a hydrant is on record, not that while it flows",
        ),
    ),
    (
        "HY-07",
        Text("扑救面一侧的消火栓：没有登记楼栋的扑救面在哪一侧", "hydrants on the rescue-face side: no layer says which side that is"),
    ),
    (
        "ST-02",
        Text(
            "首车 5 分钟到达辖区边缘：没有辖区边界、行车速度和出动时间的记录",
            "first engine at the edge of the area in 5 minutes: there are no service area outlines, driving speeds or turnout times",
        ),
    ),
    ("EB-05", Text("车库内分组停放：没有登记分组和防火分隔", "groups inside a garage: neither groups nor fire separation are on record")),
    (
        "OC-03",
        Text("老旧院落占比是全域的一个数，见概况，不逐个判", "the share of old compounds is one figure of the whole: see the overview"),
    ),
    ("DA-01", Text("坐标系申报与可信：导入时检查，不合即拒", "the CRS is declared and plausible: checked by every import, which refuses")),
    ("DA-02", Text("只在米制坐标系量算：由程序保证", "measuring only in the metric CRS: the program does nothing else")),
    (
        "DA-03",
        Text("公开图层没有个人信息：由公开字段名单保证", "no personal field in a public layer: the list of public fields sees to that"),
    ),
    (
        "GA-04",
        Text(
            "改造工程在燃气管控制范围内须有保护方案：还没有工程项目的图层",
            "works inside the control range of a gas pipe: there is no layer of projects yet",
        ),
    ),
    ("GA-05", Text("调压站、调压箱保护范围：没有调压设施的图层", "protection of regulator stations: there is no layer of them")),
    (
        "GA-07",
        Text(
            "燃气管与其他地下管线的净距：没有给水、排水、电力、热力管线的图层",
            "gas pipes to other buried lines: there are no layers of water, sewer, power or heat lines",
        ),
    ),
    ("GA-11", Text("气瓶与灶具的距离：没有一户一灶的检查记录", "cylinder to stove: no record is kept of single stoves")),
)
"""Rules of the field that no layer has the records for, each with what is missing."""
