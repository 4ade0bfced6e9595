"""Units, choices and fields that several layers share."""

from geo.errors import Text
from geo.schema import Choice, Field

# fmt: off
METRES = Text("米", "m")
MILLIMETRES = Text("毫米", "mm")
SQUARE_METRES = Text("平方米", "m²")
KILOGRAMS = Text("公斤", "kg")
PERCENT = Text("%", "%")
HOUSEHOLDS_UNIT = Text("户", "households")
PEOPLE = Text("人", "people")

GROUP_COMPOUNDS = Text("院落与楼栋", "Compounds and buildings")
GROUP_FIRE = Text("消防通道与设施", "Fire access")
GROUP_GAS = Text("燃气", "Gas")
GROUP_HAZARDS = Text("隐患与巡查", "Hazards and inspections")

UNKNOWN = Choice("unknown", Text("不明", "unknown"), ("未知", "不明确", "待核实", "待查", "不清楚"), ("unknown",))
OTHER = Choice("other", Text("其他", "other"), ("其它", "其他类"), ("other",))

YES_NO_UNKNOWN = (
    Choice("yes", Text("是", "yes"), ("有", "满足", "符合", "合格", "能", "y"), ("yes",)),
    Choice("no", Text("否", "no"), ("不满足", "不符合", "不合格", "不能", "n"), ("no",)),
    UNKNOWN,
)

BUILT_YEAR_BASES = (
    Choice("acceptance", Text("竣工验收", "completion acceptance"), ("验收", "竣工", "竣工备案", "竣工验收备案")),
    Choice("deed", Text("产权证", "title deed"), ("房产证", "不动产权证", "产权登记")),
    Choice("estimate", Text("估计", "estimate"), ("推算", "估算", "走访", "约")),
    UNKNOWN,
)

STRUCTURES = (
    Choice("brick_timber", Text("砖木", "brick and timber"), ("砖木结构",), ("wood", "timber_framing", "brick;wood")),
    Choice("brick_concrete", Text("砖混", "brick and concrete"), ("砖混结构", "混合结构", "混合"), ("brick", "bricks", "masonry", "stone")),
    Choice("frame", Text("框架", "concrete frame"), ("框架结构", "钢筋混凝土", "钢混"), ("concrete", "reinforced_concrete")),
    Choice("shear_wall", Text("剪力墙", "shear wall"), ("框剪", "框架剪力墙", "剪力墙结构")),
    Choice("prefabricated", Text("预制板", "precast panels"), ("大板", "预制", "装配式大板"), ("panel", "panels", "concrete_panel")),
    Choice("steel", Text("钢结构", "steel"), ("轻钢",), ("steel", "metal", "glass")),
    OTHER,
    UNKNOWN,
)

GAS_STATUSES = (
    Choice(
        "none", Text("未通气", "no piped gas"),
        (
            "未通", "没通", "没通气", "不通", "不通气", "未接通", "未开通", "未安装", "无管道燃气", "无天然气", "无燃气", "未通燃气", "未通天然气", "否", "no",
            "without gas",
        ),
    ),
    Choice("partial", Text("部分通气", "partly connected"), ("部分", "部分通", "部分接通", "部分开通", "部分户通气")),
    Choice(
        "full", Text("已通气", "connected"),
        ("已通", "通气", "通", "全通", "全部通气", "全部接通", "全覆盖", "已接通", "已开通", "已通燃气", "已通天然气", "是", "yes", "with gas"),
    ),
    Choice("under_construction", Text("施工中", "under construction"), ("在建", "正在施工", "建设中", "改造中", "安装中", "正在安装")),
    Choice("all_electric", Text("全电气化", "all-electric"), ("全电", "纯电", "全电厨房", "all electric")),
    UNKNOWN,
)
"""Piped gas of a compound or building: unknown stays unknown, all-electric is not applicable."""

LOAD_OK = Field(
    "load_ok", "choice", Text("承载能力满足", "Carries an engine"), choices=YES_NO_UNKNOWN, aliases=("承载能力", "承载力", "能否承载消防车", "承重", "load"),
    public=True,
)

NAME_ALIASES = ("名称", "name:zh", "name_zh", "title", "标题")

COMPOUND_CODE = Field(
    "compound_code", "text", Text("所属院落", "Compound"), refers="compounds", public=True,
    aliases=(
        "小区编号", "院落编号", "楼院编号", "小区名称", "小区", "小区名", "楼院名称", "楼院", "院落名称", "院落", "院名", "所属小区", "所在小区", "所属楼院",
        "所在院落", "所属院落名称", "所属小区名称", "家属院", "家属院名称", "住宅小区", "compound", "compound_id", "compound_name", "compound code", "community_name",
        "estate", "小区院落", "小区(院落)名称", "检查院落", "隐患所在小区",
    ),
    help=Text("填院落的编号、名称或别名", "the compound's code, name or alias"),
)

BUILDING_CODE = Field(
    "building_code", "text", Text("所属楼栋", "Building"), refers="buildings", public=True,
    aliases=("楼栋编号", "楼栋", "楼号", "楼栋号", "所在楼栋", "栋号", "幢号", "楼栋名称", "building", "building_name", "building code"),
    help=Text("填楼栋的编号，或与院落同填时的楼号", "the building's code, or its number when the compound is given too"),
)

COMMUNITY = Field(
    "community", "text", Text("社区", "Community"), public=True,
    aliases=("所属社区", "社区名称", "所在社区", "居委会", "社区居委会", "村居", "社区(村)", "neighbourhood", "neighborhood", "nta"),
)

ADDRESS = Field(
    "address", "text", Text("地址", "Address"), public=True, osm=("addr:full", "addr:street"),
    aliases=("详细地址", "具体地址", "坐落", "座落", "具体位置", "所在地址", "门牌号", "门牌地址", "addr", "streetname", "street", "location"),
)

NOTES = Field("notes", "text", Text("备注", "Notes"), aliases=("说明", "其他说明", "备注说明", "note", "remark", "remarks", "comment"))
