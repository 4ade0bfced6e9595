"""Roads, fire lanes and what stands on them; where engines turn, where water and stations are."""

from geo.errors import Text
from geo.schema import AREAS, LINES, POINTS, Choice, Field, Layer, OsmRule, Style, StyleClass
from layers.fields import (
    ADDRESS,
    COMMUNITY,
    COMPOUND_CODE,
    GROUP_FIRE,
    LOAD_OK,
    METRES,
    MILLIMETRES,
    NAME_ALIASES,
    NOTES,
    OTHER,
    PERCENT,
    SQUARE_METRES,
    UNKNOWN,
    YES_NO_UNKNOWN,
)

# fmt: off
_CLEAR_HEIGHT = Field(
    "clear_height_m", "number", Text("净空高度", "Clear height"), unit=METRES, minimum=0, maximum=100, public=True, osm=("maxheight:physical", "maxheight"),
    aliases=("净高", "净空", "限高", "最小净高", "通行高度", "净高度", "最小净空高度", "clear height", "max height"),
)
_SURFACE = Field("surface", "text", Text("路面", "Surface"), public=True, osm=("surface",), aliases=("路面材质", "路面类型", "路面状况", "铺装"))
_LANES = Field(
    "lanes_n", "integer", Text("车道数", "Traffic lanes"), unit=Text("条", "lanes"), minimum=0, maximum=30, public=True, osm=("lanes",), aliases=("车道", "车道数量"),
)
_PARKING_SIDES = Field(
    "parking_sides", "integer", Text("停车侧数", "Sides with parking"), unit=Text("侧", "sides"), minimum=0, maximum=2, public=True,
    aliases=("停车边数", "几侧停车", "路侧停车"),
)

_ROAD_KINDS = (
    Choice("trunk", Text("快速路", "trunk road"), ("高速公路", "高速", "国道"), ("motorway", "motorway_link", "trunk", "trunk_link")),
    Choice("primary", Text("主干路", "main road"), ("主干道", "主路"), ("primary", "primary_link")),
    Choice("secondary", Text("次干路", "secondary road"), ("次干道",), ("secondary", "secondary_link")),
    Choice("local", Text("支路", "local road"), ("支道", "街道", "小路"), ("tertiary", "tertiary_link", "unclassified", "residential", "road", "busway")),
    OTHER,
    UNKNOWN,
)

roads = Layer(
    id="roads",
    label=Text("市政道路", "Public roads"),
    group=GROUP_FIRE,
    geometry=LINES,
    aliases=("道路", "市政道路", "路网", "街道", "道路中心线", "road", "streets"),
    code_aliases=("道路编号", "road_id"),
    cad=("DLSS", "DL", "道路中线", "道路边线", "市政路", "城市道路", "规划道路", "ROAD", "ROADS"),
    cad_text="name",
    fields=(
        Field(
            "name", "text", Text("道路名称", "Name"), public=True, osm=("name:zh", "name", "name:en", "ref"),
            aliases=(*NAME_ALIASES, "路名", "道路名", "street", "road"),
        ),
        Field("kind", "choice", Text("道路等级", "Class"), choices=_ROAD_KINDS, public=True, osm=("highway",), aliases=("等级", "道路类型", "道路类别", "highway")),
        Field(
            "road_width_m", "number", Text("路面宽", "Carriageway width"), unit=METRES, minimum=0, maximum=200, public=True,
            osm=("width:carriageway", "width", "est_width"), osm_estimates=("est_width",),
            aliases=("路宽", "道路宽度", "路面宽度", "车行道宽", "宽度", "width"),
            help=Text("车行道宽度，不是红线宽", "of the carriageway, not between the red lines"),
        ),
        Field(
            "red_line_width_m", "number", Text("红线宽", "Width between red lines"), unit=METRES, minimum=0, maximum=300, public=True, aliases=("红线宽度", "道路红线"),
        ),
        _CLEAR_HEIGHT,
        _LANES,
        Field("oneway", "boolean", Text("单行", "One-way"), public=True, osm=("oneway",), aliases=("是否单行", "单行道")),
        _SURFACE,
        _PARKING_SIDES,
        NOTES,
    ),
    style=Style(
        color="#9ca3af",
        weight=3.0,
        fill_opacity=0.0,
        by="kind",
        classes=(
            StyleClass(Text("主干路", "main roads"), "#6b7280", value="primary"),
            StyleClass(Text("快速路", "trunk roads"), "#4b5563", value="trunk"),
            StyleClass(Text("次干路", "secondary roads"), "#868d98", value="secondary"),
            StyleClass(Text("支路", "local roads"), "#a8adb5", value="local"),
            StyleClass(Text("不明", "unknown"), "#c3c7cd"),
        ),
        label_zoom=15,
    ),
    osm=(
        OsmRule("line", (("highway", (
            "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link",
            "unclassified", "residential", "road", "busway",
        )),), unless=(("area", ("yes",)),)),
    ),
)

_LANE_KINDS = (
    Choice("entrance", Text("入院通道", "way in"), ("进院路", "入口通道", "出入通道", "driveway"), ("driveway",)),
    Choice(
        "yard", Text("院内道路", "lane in the yard"), ("院内通道", "小区道路", "内部道路", "宅前路", "宅间路"), ("parking_aisle", "yard", "service", "living_street"),
    ),
    Choice("alley", Text("巷道", "alley"), ("胡同", "小巷", "背街小巷"), ("alley",)),
    Choice("passage", Text("过街楼通道", "passage under a building"), ("门洞通道", "过楼通道")),
    Choice("pedestrian", Text("步行街", "pedestrian street"), ("人行通道",), ("pedestrian", "footway")),
    OTHER,
    UNKNOWN,
)

WIDTH_SOURCES = (
    Choice("tape", Text("实地量测", "tape"), ("皮尺", "卷尺", "钢尺", "尺量", "实测", "现场测量", "激光测距")),
    Choice("survey", Text("测绘", "survey"), ("测量", "全站仪", "RTK", "测绘成果", "地形图")),
    Choice("cad", Text("图纸", "CAD drawing"), ("CAD", "设计图", "竣工图", "施工图")),
    Choice("imagery", Text("影像", "imagery"), ("影像量取", "航拍", "卫星影像", "遥感", "无人机")),
    Choice("osm", Text("开放街图", "OpenStreetMap"), ("OSM", "OpenStreetMap")),
    Choice("unsaid", Text("未说明", "not said"), ("不详", "未注明", "填报", "估计", "目测")),
)

_MARKINGS = (
    Choice("none", Text("无标识", "none"), ("未划线", "没有标识", "未设置", "未标识")),
    Choice("partial", Text("部分标识", "partial"), ("不完整", "模糊", "部分", "磨损")),
    Choice("full", Text("标识齐全", "full"), ("已划线", "完整", "齐全", "已标识")),
    UNKNOWN,
)

_OCCUPIED = (
    Choice("clear", Text("畅通", "clear"), ("通畅", "无占用", "未占用", "无占用情况")),
    Choice("night", Text("夜间占用", "at night"), ("夜间停车", "晚上占用", "夜间")),
    Choice("often", Text("经常占用", "often"), ("时常占用", "偶尔占用", "部分占用", "停车占用")),
    Choice("blocked", Text("堵塞", "blocked"), ("占用", "被占用", "长期占用", "堵死", "无法通行")),
    UNKNOWN,
)

_WIDTH_CLASSES = (
    StyleClass(Text("小于 3 米", "under 3 m"), "#b2182b", low=0.0, high=3.0, dash="2 3", pattern="cross/6"),
    StyleClass(Text("3–3.5 米", "3–3.5 m"), "#d55e00", low=3.0, high=3.5, dash="8 3", pattern="hatch/6"),
    StyleClass(Text("3.5–4 米", "3.5–4 m"), "#e69f00", low=3.5, high=4.0, dash="16 3", pattern="hatch/12"),
    StyleClass(Text("4 米及以上", "4 m and more"), "#0072b2", low=4.0),
    StyleClass(Text("宽度不明", "width unknown"), "#8a8f98", dash="5 3 1 3", pattern="dots/8"),
)

fire_lanes = Layer(
    id="fire_lanes",
    label=Text("消防通道", "Fire lanes"),
    group=GROUP_FIRE,
    geometry=(*LINES, *AREAS),
    aliases=(
        "消防通道",
        "消防车道",
        "消防车通道",
        "通道",
        "通道台账",
        "生命通道",
        "内部道路",
        "院内道路",
        "lane",
        "fire lane",
        "firelanes",
    ),
    code_aliases=("通道编号", "车道编号", "消防通道编号", "lane_id"),
    cad=("消防路", "消防环道", "消防车道中心线", "XFCD", "XFTD", "XFC", "FIRELANE", "FIRE_LANE", "FIRE-LANE"),
    cad_text="clear_width_m",
    natural_key=("compound_code", "name"),
    fields=(
        Field(
            "name", "text", Text("通道名称", "Name"), public=True, osm=("name:zh", "name", "name:en", "ref"),
            aliases=(*NAME_ALIASES, "消防通道名称", "通道", "车道名称", "消防车道名称", "道路名称", "路名", "lane"),
        ),
        COMPOUND_CODE,
        Field("kind", "choice", Text("通道类型", "Kind"), choices=_LANE_KINDS, public=True, osm=("service", "highway"), aliases=("车道类型", "通道类别", "类型")),
        Field(
            "clear_width_m", "number", Text("净宽", "Clear width"), unit=METRES, minimum=0, maximum=100, public=True, osm=("maxwidth:physical", "width", "est_width"),
            osm_estimates=("est_width",),
            aliases=(
                "最小净宽", "净宽度", "通道净宽", "通道宽度", "消防通道宽度", "消防通道净宽", "消防车道净宽", "消防通道净宽度", "最窄处", "最窄处宽度", "最窄宽度",
                "宽度", "车道宽度", "通道宽", "clear width", "min width", "minimum width", "width", "width_m",
            ),
            drawn=("width_source", "cad"),
            help=Text("全程最窄处的净宽，不是路面宽或红线宽", "the least clear width along the lane, not the carriageway's"),
        ),
        Field(
            "width_source", "choice", Text("宽度来源", "Source of the width"), choices=WIDTH_SOURCES, public=True,
            aliases=("测量方式", "量测方式", "宽度依据", "净宽来源", "测量方法"),
        ),
        Field("width_measured_on", "date", Text("量测日期", "Measured on"), public=True, aliases=("测量日期", "测量时间", "量测时间", "measured_on", "measured on")),
        Field(
            "road_width_m", "number", Text("路面宽", "Carriageway width"), unit=METRES, minimum=0, maximum=200, public=True,
            aliases=("路宽", "道路宽度", "路面宽度", "铺装宽度"),
        ),
        Field(
            "parking_strip_m", "number", Text("停车带宽", "Parking strip width"), unit=METRES, minimum=0, maximum=20, public=True, aliases=("停车位宽", "停车占用宽度"),
        ),
        _CLEAR_HEIGHT,
        Field(
            "length_m", "number", Text("长度", "Length"), unit=METRES, minimum=0, public=True, aliases=("通道长度", "道路长度", "长", "length"),
            help=Text("台账所填；图上长度另行计算", "as the ledger says; the map computes its own"),
        ),
        Field("slope_pct", "number", Text("坡度", "Slope"), unit=PERCENT, minimum=0, maximum=100, public=True, aliases=("最大坡度", "纵坡", "slope")),
        _SURFACE,
        LOAD_OK,
        Field("is_dead_end", "boolean", Text("尽头式", "Dead end"), public=True, aliases=("是否尽头", "是否断头", "断头路", "尽头路", "是否尽头式")),
        Field("turnaround_code", "text", Text("回车场编号", "Turnaround"), refers="turnarounds", public=True, aliases=("回车场", "回车场地", "turnaround_id")),
        Field(
            "turn_radius_m", "number", Text("转弯半径", "Turning radius"), unit=METRES, minimum=0, maximum=200, public=True,
            aliases=("最小转弯半径", "转弯半径(内)", "turn radius"),
        ),
        Field("marking", "choice", Text("标识情况", "Marking"), choices=_MARKINGS, public=True, aliases=("消防车通道标识", "标识", "标线", "划线情况", "标线标识")),
        Field("marking_checked_on", "date", Text("标识检查日期", "Marking checked on"), public=True, aliases=("标识检查时间",)),
        _PARKING_SIDES,
        Field("occupied", "choice", Text("占用情况", "Occupation"), choices=_OCCUPIED, aliases=("是否占用", "占用堵塞情况", "通行情况", "畅通情况")),
        Field("owner", "text", Text("管理单位", "Owner"), aliases=("权属", "权属单位", "责任单位", "产权单位")),
        _LANES,
        NOTES,
    ),
    style=Style(color="#8a8f98", weight=3.5, fill_opacity=0.35, by="clear_width_m", classes=_WIDTH_CLASSES, min_zoom=16),
    osm=(
        OsmRule(
            "line", (("highway", ("service", "living_street", "pedestrian", "track")), ("tunnel", ("yes", "building_passage"))), unless=(("area", ("yes",)),),
            sets=(("width_source", "osm"), ("kind", "passage")),
        ),
        OsmRule("line", (("highway", ("service", "living_street", "pedestrian", "track")),), unless=(("area", ("yes",)),), sets=(("width_source", "osm"),)),
        OsmRule(
            "line", (("highway", ("footway", "path", "cycleway")), ("emergency", ("yes", "designated"))), unless=(("area", ("yes",)),), sets=(("width_source", "osm"),),
        ),
    ),
)

_ACCESS_KINDS = (
    Choice(
        "gate", Text("大门", "gate"), ("院门", "铁门", "出入口", "门", "小区大门", "电动门", "伸缩门"),
        ("gate", "swing_gate", "sliding_gate", "entrance", "wicket_gate"),
    ),
    Choice("arch", Text("门洞", "archway"), ("拱门", "过街楼", "门楼", "牌坊"), ("arch",)),
    Choice("barrier", Text("道闸", "lift gate"), ("起落杆", "车闸", "挡车杆", "升降杆"), ("lift_gate", "toll_booth")),
    Choice("bollard", Text("石墩柱桩", "bollards"), ("石墩", "隔离桩", "挡车柱", "阻车桩", "石球", "水泥墩"), ("bollard", "block", "jersey_barrier", "planter")),
    Choice("height_bar", Text("限高杆", "height bar"), ("限高架", "限高", "限高门"), ("height_restrictor",)),
    Choice(
        "pedestrian_gate", Text("人行门", "pedestrian gate"), ("小门", "步行门", "便门"),
        ("kissing_gate", "turnstile", "full-height_turnstile", "stile", "cycle_barrier"),
    ),
    Choice("chain", Text("链条地锁", "chain or lock"), ("地锁", "铁链", "车位锁"), ("chain", "rope")),
    OTHER,
    UNKNOWN,
)

access_points = Layer(
    id="access_points",
    label=Text("出入口", "Access points"),
    group=GROUP_FIRE,
    geometry=(*POINTS, *LINES),
    aliases=("出入口", "大门", "门洞", "限高杆", "石墩", "道闸", "出入口台账", "gates", "barriers"),
    code_aliases=("出入口编号", "大门编号", "access_id", "gate_id"),
    cad=("院门", "车行出入口", "人行出入口", "小区大门", "CRK", "DM", "GATE", "ENTRANCE"),
    natural_key=("compound_code", "name"),
    fields=(
        Field(
            "name", "text", Text("出入口名称", "Name"), public=True, osm=("name:zh", "name", "name:en", "ref"),
            aliases=(*NAME_ALIASES, "大门名称", "门名", "出入口", "gate"),
        ),
        Field(
            "kind", "choice", Text("类型", "Kind"), choices=_ACCESS_KINDS, public=True, osm=("barrier",),
            aliases=("出入口类型", "大门类型", "障碍类型", "type", "kind"),
        ),
        COMPOUND_CODE,
        Field(
            "gate_width_m", "number", Text("门净宽", "Clear width"), unit=METRES, minimum=0, maximum=100, public=True, osm=("maxwidth:physical", "maxwidth", "width"),
            aliases=("大门宽度", "大门净宽", "门宽", "净宽", "门洞宽度", "门垛净宽", "出入口宽度", "宽度", "width", "width_m", "clear_width_m"),
        ),
        Field(
            "gate_height_m", "number", Text("门净高", "Clear height"), unit=METRES, minimum=0, maximum=100, public=True, osm=("maxheight:physical", "maxheight"),
            aliases=("大门高度", "大门净高", "门高", "净高", "门洞高度", "限高", "限高高度", "净空高度", "height", "height_m", "clear_height_m"),
        ),
        Field(
            "normally_locked", "choice", Text("平时上锁", "Normally locked"), choices=YES_NO_UNKNOWN, public=True, osm=("locked",),
            aliases=("是否上锁", "上锁", "是否锁闭", "常锁", "lock"),
        ),
        Field("remote_open", "choice", Text("可远程开启", "Opens remotely"), choices=YES_NO_UNKNOWN, public=True, aliases=("远程开启", "能否远程开启")),
        Field("removable", "choice", Text("可移除", "Removable"), choices=YES_NO_UNKNOWN, public=True, aliases=("能否移除", "是否可移动", "可移动")),
        Field(
            "contact_role", "text", Text("开门联系岗位", "Who opens it"), aliases=("联系岗位", "值守岗位", "开门人岗位"),
            help=Text("只填岗位，不填姓名电话", "a role, never a name or number"),
        ),
        Field("checked_on", "date", Text("检查日期", "Checked on"), public=True, aliases=("检查时间", "核查日期", "调查日期")),
        NOTES,
    ),
    style=Style(
        color="#374151",
        weight=1.5,
        fill_opacity=0.9,
        radius=6.5,
        symbol="门",
        shape="square",
        by="kind",
        min_zoom=17,
        classes=(
            StyleClass(Text("大门", "gates"), "#0072b2", value="gate"),
            StyleClass(Text("道闸", "lift gates"), "#3182bd", value="barrier", symbol="闸"),
            StyleClass(Text("门洞", "archways"), "#a8477f", value="arch", symbol="洞"),
            StyleClass(Text("石墩柱桩", "bollards"), "#d55e00", value="bollard", symbol="墩", shape="diamond"),
            StyleClass(Text("限高杆", "height bars"), "#b36b00", value="height_bar", symbol="限", shape="down"),
            StyleClass(Text("其他", "other"), "#6b7280", symbol="口"),
        ),
    ),
    osm=(
        OsmRule("point", (("barrier", (
            "gate", "swing_gate", "sliding_gate", "entrance", "wicket_gate", "lift_gate", "toll_booth", "bollard", "block", "jersey_barrier", "planter",
            "height_restrictor", "kissing_gate", "turnstile", "full-height_turnstile", "stile", "cycle_barrier", "chain", "rope",
        )),)),
        OsmRule("line", (("barrier", ("gate", "swing_gate", "sliding_gate", "lift_gate", "bollard", "block", "jersey_barrier", "height_restrictor", "chain")),)),
    ),
)

_OBSTACLE_KINDS = (
    Choice("wall", Text("围墙", "wall"), ("墙", "院墙", "挡墙", "挡土墙"), ("wall", "retaining_wall", "city_wall")),
    Choice("fence", Text("栅栏", "fence"), ("围栏", "护栏", "铁栅栏", "隔离栏"), ("fence", "guard_rail", "railing", "handrail")),
    Choice("hedge", Text("绿篱", "hedge"), ("花坛", "绿化带", "花池"), ("hedge",)),
    Choice("shed", Text("棚屋", "shed"), ("车棚", "违建", "临时搭建", "储藏间", "煤棚", "小房")),
    Choice("tree", Text("树木", "tree"), ("树", "大树", "行道树")),
    Choice("pole", Text("杆柱", "pole"), ("电线杆", "电杆", "路灯杆", "灯杆", "线杆")),
    Choice("cable", Text("架空线", "overhead cable"), ("电线", "线缆", "飞线", "架空线缆", "空中线缆")),
    Choice("parking_strip", Text("停车带", "parking strip"), ("停车", "路侧停车位", "停车位", "划线车位")),
    Choice("branch", Text("低枝管廊", "low branch or pipe"), ("树枝", "管道", "管廊", "横幅")),
    Choice("stall", Text("摊点堆物", "stall or piled goods"), ("摊位", "堆物", "杂物", "堆放杂物", "占道经营")),
    Choice("step", Text("台阶坡道", "steps or ramp"), ("台阶", "坡道", "楼梯")),
    OTHER,
    UNKNOWN,
)

obstacles = Layer(
    id="obstacles",
    label=Text("障碍物", "Obstacles"),
    group=GROUP_FIRE,
    geometry=(*POINTS, *LINES, *AREAS),
    aliases=("障碍物", "障碍", "围墙", "栅栏", "棚屋", "树木", "杆柱", "架空线", "停车带", "obstacle", "walls", "fences"),
    code_aliases=("障碍物编号", "障碍编号", "obstacle_id"),
    cad=("围栏", "棚房", "车棚", "电杆", "乔木", "行道树", "WQ", "FENCE", "TREE", "TREES"),
    title_field="name",
    natural_key=("compound_code", "name"),
    fields=(
        Field("name", "text", Text("障碍物名称", "Name"), public=True, osm=("name:zh", "name"), aliases=(*NAME_ALIASES, "障碍名称", "障碍物")),
        Field(
            "kind", "choice", Text("障碍物类型", "Kind"), choices=_OBSTACLE_KINDS, public=True, osm=("barrier",),
            aliases=("类型", "障碍类型", "障碍类别", "type", "kind"),
        ),
        COMPOUND_CODE,
        Field("height_m", "number", Text("高度", "Height"), unit=METRES, minimum=0, maximum=200, public=True, osm=("height",), aliases=("障碍物高度", "高", "height")),
        Field(
            "clear_height_m", "number", Text("下方净高", "Clear height below"), unit=METRES, minimum=0, maximum=100, public=True,
            osm=("maxheight:physical", "maxheight"), aliases=("净高", "净空高度", "离地高度", "距地高度", "净空", "clear height"),
            help=Text("架空线、低枝、管廊下面的净高", "below a cable, branch or pipe"),
        ),
        Field(
            "width_m", "number", Text("占用宽度", "Width taken"), unit=METRES, minimum=0, maximum=200, public=True, osm=("width",),
            aliases=("宽度", "侵占宽度", "width"),
        ),
        Field(
            "removable", "choice", Text("可移除", "Removable"), choices=YES_NO_UNKNOWN, public=True,
            aliases=("能否移除", "是否可移动", "可移动", "可否拆除", "能否拆除"),
        ),
        Field("removed_on", "date", Text("拆除日期", "Removed on"), public=True, aliases=("拆除时间", "清除日期", "移除日期")),
        Field("checked_on", "date", Text("检查日期", "Checked on"), public=True, aliases=("检查时间", "核查日期", "调查日期")),
        NOTES,
    ),
    style=Style(
        color="#7c5c3e",
        weight=1.6,
        fill_opacity=0.6,
        radius=5.5,
        symbol="障",
        shape="diamond",
        by="kind",
        min_zoom=17,
        classes=(
            StyleClass(Text("围墙", "walls"), "#5c4a3a", value="wall"),
            StyleClass(Text("栅栏", "fences"), "#8c7660", value="fence", dash="6 3"),
            StyleClass(Text("棚屋", "sheds"), "#b5651d", value="shed", symbol="棚", pattern="cross/6"),
            StyleClass(Text("停车带", "parking strips"), "#6a5acd", value="parking_strip", symbol="停", pattern="columns/6"),
            StyleClass(Text("树木", "trees"), "#4d7c4f", value="tree", symbol="树", shape="circle", size=0.8),
            StyleClass(Text("架空线", "overhead cables"), "#cc79a7", value="cable", dash="2 4", symbol="线"),
            StyleClass(Text("其他", "other"), "#7d7468"),
        ),
    ),
    osm=(
        OsmRule("line", (("barrier", ("wall", "retaining_wall", "city_wall", "fence", "guard_rail", "railing", "hedge")),)),
        OsmRule("point", (("barrier", ("wall", "fence", "hedge", "guard_rail")),)),
        OsmRule("point", (("natural", ("tree",)),), sets=(("kind", "tree"),)),
        OsmRule("line", (("natural", ("tree_row",)),), sets=(("kind", "tree"),)),
        OsmRule("point", (("power", ("pole",)),), sets=(("kind", "pole"),)),
        OsmRule("point", (("man_made", ("utility_pole", "flagpole")),), sets=(("kind", "pole"),)),
        OsmRule("point", (("highway", ("street_lamp",)),), sets=(("kind", "pole"),)),
        OsmRule("line", (("power", ("line", "minor_line", "cable")),), unless=(("location", ("underground", "indoor")),), sets=(("kind", "cable"),)),
        OsmRule("line", (("man_made", ("wire",)),), sets=(("kind", "cable"),)),
        OsmRule("area", (("amenity", ("parking",)), ("parking", ("street_side", "lane", "on_kerb", "half_on_kerb"))), sets=(("kind", "parking_strip"),)),
    ),
)

_TURNAROUND_SHAPES = (
    Choice("rectangle", Text("矩形", "rectangle"), ("方形", "回车场地")),
    Choice("circle", Text("圆形", "circle"), ("环形", "回车道"), ("turning_circle", "turning_loop")),
    Choice("hammerhead", Text("T形", "hammerhead"), ("T型", "丁字形")),
    OTHER,
    UNKNOWN,
)

turnarounds = Layer(
    id="turnarounds",
    label=Text("回车场", "Turnarounds"),
    group=GROUP_FIRE,
    geometry=(*AREAS, *POINTS),
    aliases=("回车场", "回车场地", "turnaround"),
    code_aliases=("回车场编号", "turnaround_id"),
    cad=("回车道", "消防回车场", "HCC", "TURNAROUND"),
    natural_key=("compound_code", "name"),
    place_by=("compound_code",),
    fields=(
        Field("name", "text", Text("回车场名称", "Name"), public=True, osm=("name:zh", "name"), aliases=(*NAME_ALIASES, "回车场")),
        COMPOUND_CODE,
        Field("shape", "choice", Text("形状", "Shape"), choices=_TURNAROUND_SHAPES, public=True, osm=("highway",), aliases=("回车场形状",)),
        Field("length_m", "number", Text("长", "Length"), unit=METRES, minimum=0, maximum=500, public=True, osm=("diameter",), aliases=("长度", "length")),
        Field("width_m", "number", Text("宽", "Width"), unit=METRES, minimum=0, maximum=500, public=True, osm=("width",), aliases=("宽度", "width")),
        LOAD_OK,
        Field("usable", "choice", Text("可用", "Usable"), choices=YES_NO_UNKNOWN, public=True, aliases=("是否可用", "能否使用", "是否被占用")),
        Field("checked_on", "date", Text("检查日期", "Checked on"), public=True, aliases=("检查时间", "核查日期")),
        NOTES,
    ),
    style=Style(color="#009e73", weight=1.5, fill_opacity=0.30, radius=7.0, symbol="回", min_zoom=16),
    osm=(OsmRule("point", (("highway", ("turning_circle", "turning_loop")),)),),
)

_HYDRANT_KINDS = (
    Choice("municipal", Text("市政消火栓", "municipal"), ("市政", "市政栓")),
    Choice("outdoor", Text("室外消火栓", "in the compound"), ("室外", "院内", "小区消火栓", "室外栓")),
    OTHER,
    UNKNOWN,
)

_HYDRANT_FORMS = (
    Choice("pillar", Text("地上式", "pillar"), ("地上", "地上栓"), ("pillar",)),
    Choice("underground", Text("地下式", "underground"), ("地下", "地下栓"), ("underground",)),
    Choice("wall", Text("墙壁式", "wall"), ("墙式", "壁式"), ("wall",)),
    Choice("pond", Text("消防水池", "pond or tank"), ("水池", "水鹤", "取水口", "天然水源"), ("pond", "pipe", "tank")),
    UNKNOWN,
)

hydrants = Layer(
    id="hydrants",
    label=Text("消火栓", "Hydrants"),
    group=GROUP_FIRE,
    geometry=POINTS,
    aliases=("消火栓", "消防栓", "室外消火栓", "市政消火栓", "消火栓台账", "hydrant"),
    code_aliases=("消火栓编号", "消防栓编号", "栓号", "hydrant_id"),
    cad=("消火栓井", "地上栓", "地下栓", "XHS", "XFS", "SWXHS", "HYDRANT", "HYDRANTS"),
    place_by=("compound_code",),
    fields=(
        Field("name", "text", Text("消火栓名称", "Name"), public=True, osm=("name:zh", "name", "ref"), aliases=(*NAME_ALIASES, "消防栓名称", "消火栓")),
        Field("kind", "choice", Text("消火栓类别", "Kind"), choices=_HYDRANT_KINDS, public=True, aliases=("类别", "消火栓类型", "消防栓类型")),
        Field("form", "choice", Text("形式", "Form"), choices=_HYDRANT_FORMS, public=True, osm=("fire_hydrant:type",), aliases=("型式", "消火栓形式", "安装形式")),
        COMPOUND_CODE,
        ADDRESS,
        Field(
            "working", "choice", Text("完好", "Working"), choices=YES_NO_UNKNOWN, public=True,
            aliases=("是否完好", "完好情况", "使用状况", "状态", "能否使用", "是否可用", "完好状态", "condition", "status"),
        ),
        Field("pressure_mpa", "number", Text("压力", "Pressure"), unit=Text("兆帕", "MPa"), minimum=0, maximum=10, aliases=("水压", "静压", "压力值", "pressure")),
        Field("flow_lps", "number", Text("流量", "Flow"), unit=Text("升/秒", "L/s"), minimum=0, maximum=1000, aliases=("出水量", "流量值", "flow")),
        Field(
            "pipe_dn_mm", "number", Text("管径", "Pipe diameter"), unit=MILLIMETRES, minimum=0, maximum=5000, osm=("fire_hydrant:diameter",),
            aliases=("公称直径", "DN", "口径", "diameter"),
        ),
        Field(
            "checked_on", "date", Text("检查日期", "Checked on"), public=True, osm=("survey:date", "check_date"),
            aliases=("检查时间", "检测日期", "巡查日期", "最近检查日期"),
        ),
        Field("owner", "text", Text("管理单位", "Owner"), public=True, osm=("operator",), aliases=("产权单位", "责任单位", "维护单位", "管护单位")),
        NOTES,
    ),
    style=Style(
        color="#0072b2",
        weight=1.5,
        fill_opacity=0.9,
        radius=7.5,
        symbol="栓",
        by="working",
        min_zoom=16,
        classes=(
            StyleClass(Text("完好", "working"), "#0072b2", value="yes"),
            StyleClass(Text("损坏", "out of order"), "#d55e00", value="no", symbol="坏", shape="diamond"),
            StyleClass(Text("不明", "unknown"), "#6b7280", shape="hexagon"),
        ),
    ),
    osm=(OsmRule("point", (("emergency", ("fire_hydrant",)),)),),
)

_STATION_KINDS = (
    Choice("class1", Text("一级站", "class 1"), ("一级", "一级普通消防站")),
    Choice("class2", Text("二级站", "class 2"), ("二级", "二级普通消防站")),
    Choice("small", Text("小型站", "small"), ("小型", "小型消防站")),
    Choice("special", Text("特勤站", "special"), ("特勤", "特勤消防站")),
    Choice("micro", Text("微型消防站", "micro station"), ("微站", "微型站", "社区微型消防站")),
    UNKNOWN,
)

fire_stations = Layer(
    id="fire_stations",
    label=Text("消防站", "Fire stations"),
    group=GROUP_FIRE,
    geometry=(*POINTS, *AREAS),
    aliases=("消防站", "消防救援站", "微型消防站", "消防队", "fire station", "stations"),
    code_aliases=("消防站编号", "station_id"),
    cad=("XFZ",),
    cad_text="name",
    natural_key=("name",),
    fields=(
        Field("name", "text", Text("消防站名称", "Name"), public=True, osm=("name:zh", "name", "name:en"), aliases=(*NAME_ALIASES, "站名", "消防站", "station")),
        Field("kind", "choice", Text("消防站类别", "Class"), choices=_STATION_KINDS, public=True, aliases=("消防站类型", "类别", "等级", "站级")),
        COMMUNITY,
        ADDRESS,
        Field("service_area_km2", "number", Text("辖区面积", "Service area"), unit=Text("平方公里", "km²"), minimum=0, public=True, aliases=("辖区", "保护面积")),
        Field("engines_n", "integer", Text("消防车数", "Engines"), unit=Text("辆", "engines"), minimum=0, public=True, aliases=("车辆数", "执勤车辆", "消防车")),
        Field("floor_area_m2", "number", Text("建筑面积", "Floor area"), unit=SQUARE_METRES, minimum=0, public=True, aliases=("站房面积",)),
        NOTES,
    ),
    style=Style(color="#b2182b", weight=2.0, fill_opacity=0.8, radius=10.0, symbol="消", shape="square", label_zoom=14),
    osm=(OsmRule("area", (("amenity", ("fire_station",)),)), OsmRule("point", (("amenity", ("fire_station",)),))),
)
