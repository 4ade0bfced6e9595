"""Gas service areas and mains; the mains are internal and never published."""

from geo.errors import Text
from geo.schema import AREAS, LINES, Choice, Field, Layer, OsmRule, Style, StyleClass
from layers.compounds import PIPE_MATERIALS
from layers.fields import COMPOUND_CODE, GROUP_GAS, METRES, MILLIMETRES, NAME_ALIASES, NOTES, UNKNOWN

# fmt: off
_AREA_STATUSES = (
    Choice("in_service", Text("供气", "in service"), ("已供气", "已通气", "运行", "在用")),
    Choice("under_construction", Text("施工中", "under construction"), ("在建", "建设中")),
    Choice("planned", Text("规划", "planned"), ("拟建", "计划")),
    UNKNOWN,
)

gas_areas = Layer(
    id="gas_areas",
    label=Text("燃气服务范围", "Gas service areas"),
    group=GROUP_GAS,
    geometry=AREAS,
    aliases=("燃气服务范围", "燃气覆盖", "燃气覆盖范围", "供气范围", "供气区域", "燃气服务区", "通气范围", "gas area", "gas coverage"),
    code_aliases=("供气范围编号", "服务区编号", "area_id"),
    cad=("供气区", "GQFW"),
    natural_key=("name",),
    date_field="in_service_on",
    fields=(
        Field("name", "text", Text("范围名称", "Name"), public=True, aliases=(*NAME_ALIASES, "供气范围名称", "服务区名称", "片区名称", "片区")),
        Field("operator", "text", Text("供气企业", "Supplier"), public=True, aliases=("燃气公司", "供气单位", "燃气企业", "经营企业")),
        Field("status", "choice", Text("供气状态", "Status"), choices=_AREA_STATUSES, public=True, aliases=("状态", "建设状态")),
        Field("in_service_on", "date", Text("供气日期", "In service since"), public=True, aliases=("供气时间", "通气日期", "投运日期", "投用日期")),
        Field("households_planned", "integer", Text("规划户数", "Planned households"), unit=Text("户", "households"), minimum=0, aliases=("设计户数", "覆盖户数")),
        NOTES,
    ),
    style=Style(
        color="#0072b2",
        weight=1.2,
        fill_opacity=0.10,
        dash="3 4",
        by="status",
        classes=(
            StyleClass(Text("供气", "in service"), "#0072b2", value="in_service", dash="3 4", pattern="hatch/16"),
            StyleClass(Text("施工中", "under construction"), "#cc79a7", value="under_construction", dash="8 4", pattern="cross/16"),
            StyleClass(Text("规划", "planned"), "#8f9bb3", value="planned", dash="2 6"),
            StyleClass(Text("不明", "unknown"), "#8a8f98", dash="2 6"),
        ),
        visible=False,
        label_zoom=16,
    ),
    help=Text("燃气公司所画的服务范围不等于已通气的户", "a company's service area is not the same as connected households"),
)

_MAIN_KINDS = (
    Choice("main", Text("市政管", "main"), ("市政中压管", "干管", "中压干管", "主管"), ("transmission", "distribution", "main")),
    Choice("stub", Text("支管", "stub"), ("预留支管", "分支管", "引入支管"), ("branch",)),
    Choice("courtyard", Text("庭院管", "courtyard pipe"), ("庭院管道", "小区管"), ("service",)),
    UNKNOWN,
)

PRESSURE_CLASSES = (
    Choice("low", Text("低压", "low"), ("低压管", "<0.01")),
    Choice("medium_b", Text("中压B", "medium B"), ("中压B级", "中B")),
    Choice("medium_a", Text("中压A", "medium A"), ("中压A级", "中A")),
    Choice("sub_high_b", Text("次高压B", "sub-high B"), ("次高压B级", "次高B")),
    Choice("sub_high_a", Text("次高压A", "sub-high A"), ("次高压A级", "次高A")),
    Choice("high", Text("高压", "high"), ("高压管",)),
    UNKNOWN,
)

gas_mains = Layer(
    id="gas_mains",
    label=Text("燃气管线", "Gas mains"),
    group=GROUP_GAS,
    geometry=LINES,
    internal=True,
    aliases=(
        "燃气管线",
        "燃气管道",
        "燃气管网",
        "中压管",
        "天然气管线",
        "天然气管线图",
        "ng_pipelines",
        "pipelines",
        "gas pipe",
        "gas pipelines",
    ),
    cad=("燃气管", "天然气", "煤气", "中压燃气", "低压燃气", "RQ", "RQGX", "TRQ", "MQ", "GAS"),
    code_aliases=("管线编号", "管段编号", "管道编号", "pipe_id"),
    fields=(
        Field("name", "text", Text("管线名称", "Name"), osm=("name:zh", "name", "ref"), aliases=(*NAME_ALIASES, "管段名称", "管道名称")),
        Field("kind", "choice", Text("管线类别", "Kind"), choices=_MAIN_KINDS, osm=("usage",), aliases=("管道类别", "管线类型", "管道类型", "管类")),
        COMPOUND_CODE,
        Field("operator", "text", Text("权属企业", "Operator"), osm=("operator",), aliases=("供气企业", "燃气公司", "权属单位", "管理单位")),
        Field("pressure_class", "choice", Text("压力级别", "Pressure class"), choices=PRESSURE_CLASSES, aliases=("压力等级", "压力", "设计压力级别")),
        Field("material", "choice", Text("材质", "Material"), choices=PIPE_MATERIALS, osm=("material",), aliases=("管材", "管道材质", "材料")),
        Field(
            "dn_mm", "number", Text("管径", "Nominal diameter"), unit=MILLIMETRES, minimum=0, maximum=5000, osm=("diameter",),
            aliases=("公称直径", "DN", "口径", "规格"),
        ),
        Field("depth_m", "number", Text("埋深", "Depth"), unit=METRES, minimum=0, maximum=100, osm=("depth",), aliases=("埋设深度", "覆土深度")),
        Field(
            "built_year", "year", Text("敷设年份", "Year laid"), minimum=1850, maximum=2100, osm=("start_date",),
            aliases=("建成年份", "敷设年代", "建设年份", "投运年份", "建设年代"),
        ),
        Field("renewed", "boolean", Text("已更新", "Renewed"), aliases=("是否更新", "是否改造", "已改造")),
        Field("wall_mm", "number", Text("壁厚", "Wall thickness"), unit=MILLIMETRES, minimum=0, maximum=200, aliases=("管壁厚度",)),
        Field("protection_measure", "text", Text("防护措施", "Protection"), aliases=("安全防护措施", "保护措施")),
        Field("location", "text", Text("敷设方式", "Where it lies"), osm=("location",), aliases=("敷设位置", "敷设")),
        NOTES,
    ),
    style=Style(
        color="#e69f00",
        weight=2.5,
        fill_opacity=0.0,
        dash="10 4 2 4",
        by="pressure_class",
        min_zoom=14,
        classes=(
            StyleClass(Text("中压A", "medium A"), "#d55e00", value="medium_a", dash="10 4 2 4"),
            StyleClass(Text("中压B", "medium B"), "#e69f00", value="medium_b", dash="14 4"),
            StyleClass(Text("低压", "low"), "#b59b3a", value="low", dash="4 3"),
            StyleClass(Text("其他或不明", "other or unknown"), "#8a8f98", dash="1 4"),
        ),
        visible=False,
    ),
    osm=(
        OsmRule("line", (("man_made", ("pipeline",)), ("substance", ("gas", "natural_gas", "lpg", "fuel", "cng")))),
        OsmRule("line", (("man_made", ("pipeline",)), ("type", ("gas", "natural_gas"))), unless=(("substance", ("*",)),)),
    ),
)
