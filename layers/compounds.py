"""Communities, compounds, buildings and amenities: where people live."""

from geo.errors import Text
from geo.schema import AREAS, POINTS, Choice, Field, Layer, OsmRule, Style, StyleClass
from layers.fields import (
    ADDRESS,
    BUILT_YEAR_BASES,
    COMMUNITY,
    COMPOUND_CODE,
    GAS_STATUSES,
    GROUP_COMPOUNDS,
    HOUSEHOLDS_UNIT,
    KILOGRAMS,
    METRES,
    NAME_ALIASES,
    NOTES,
    OTHER,
    PEOPLE,
    PERCENT,
    SQUARE_METRES,
    STRUCTURES,
    UNKNOWN,
)

# fmt: off
_BUILDINGS = Text("栋", "buildings")
_FLOORS = Text("层", "floors")
_EACH = Text("个", "")

communities = Layer(
    id="communities",
    label=Text("社区", "Communities"),
    group=GROUP_COMPOUNDS,
    geometry=(*AREAS, *POINTS),
    aliases=("社区", "社区边界", "社区范围", "村里", "里界", "community", "villages"),
    code_aliases=("社区编号", "社区编码", "社区代码", "villageid"),
    cad=("SQBJ", "SQ"),
    cad_text="name",
    natural_key=("name",),
    fields=(
        Field(
            "name", "text", Text("社区名称", "Name"), public=True, osm=("name:zh", "name", "name:en"),
            aliases=(*NAME_ALIASES, "社区", "社区名", "所属社区", "居委会", "community", "villagenam", "villagename"),
        ),
        Field(
            "subdistrict", "text", Text("街道", "Subdistrict"), public=True, aliases=("所属街道", "街道名称", "街道办", "街道办事处", "乡镇街道", "镇街", "townname"),
        ),
        Field("compounds_n", "integer", Text("院落数", "Compounds"), unit=_EACH, minimum=0, public=True, aliases=("小区数", "楼院数", "老旧小区数", "院落个数")),
        Field("households", "integer", Text("户数", "Households"), unit=HOUSEHOLDS_UNIT, minimum=0, public=True, aliases=("总户数", "居民户数", "户籍户数")),
        Field(
            "population", "integer", Text("人口", "Population"), unit=PEOPLE, minimum=0, public=True, osm=("population",),
            aliases=("人口数", "总人口", "常住人口", "居民人数", "人数"),
        ),
        Field("shops_n", "integer", Text("商户数", "Shops"), unit=Text("家", "shops"), minimum=0, public=True, aliases=("门店数", "沿街商户数", "商铺数")),
        NOTES,
    ),
    style=Style(color="#6b7280", weight=2.0, fill_opacity=0.03, dash="8 4", label_zoom=13),
    osm=(
        OsmRule("area", (("boundary", ("administrative",)), ("admin_level", ("10", "11")))),
        OsmRule("area", (("place", ("quarter",)),), unless=(("boundary", ("administrative",)),)),
    ),
)

_GAS_CLASSES = (
    StyleClass(Text("未通气", "no piped gas"), "#d55e00", value="none", pattern="hatch/7"),
    StyleClass(Text("部分通气", "partly connected"), "#e69f00", value="partial", pattern="hatch/14"),
    StyleClass(Text("施工中", "under construction"), "#cc79a7", value="under_construction", pattern="cross/12"),
    StyleClass(Text("已通气", "connected"), "#0072b2", value="full"),
    StyleClass(Text("全电气化", "all-electric"), "#009e73", value="all_electric", pattern="rows/9"),
    StyleClass(Text("不明", "unknown"), "#8a8f98", dash="4 3", pattern="dots/8"),
)

_COMPOUND_KINDS = (
    Choice("estate", Text("小区", "housing estate"), ("住宅小区", "商品房小区", "花园小区")),
    Choice("courtyard", Text("楼院", "courtyard"), ("院落", "开放式楼院", "无主楼院", "三无楼院", "散居楼院")),
    Choice("work_unit", Text("单位家属院", "work-unit compound"), ("家属院", "单位大院", "单位院落", "职工宿舍")),
    Choice("single_building", Text("单栋楼", "single building"), ("独栋", "单体楼", "独栋楼", "单栋住宅")),
    Choice("village", Text("城中村", "urban village"), ("村民小区", "自建房")),
    OTHER,
    UNKNOWN,
)

_PROPERTY_TYPES = (
    Choice("reformed", Text("房改房", "privatised public housing"), ("公改房", "已购公房")),
    Choice("work_unit", Text("单位家属院", "work-unit housing"), ("单位房", "集资房", "单位集资房", "福利房")),
    Choice("commodity", Text("商品房", "commodity housing"), ("商品住宅", "开发商品房")),
    Choice("resettlement", Text("安置房", "resettlement housing"), ("拆迁安置房", "回迁房", "还建房")),
    Choice("affordable", Text("保障房", "affordable housing"), ("经济适用房", "经适房", "公租房", "廉租房")),
    Choice("self_built", Text("自建房", "self-built"), ("私房", "村民自建")),
    Choice("mixed", Text("混合产权", "mixed"), ("混合", "多种产权")),
    UNKNOWN,
)

_MANAGEMENTS = (
    Choice("professional", Text("专业物业", "property company"), ("物业", "物业管理", "物业公司", "物业服务企业", "专业物业公司", "有物业", "市场化物业")),
    Choice("community", Text("社区代管", "run by the community"), ("社区托管", "居委会代管", "街道代管", "代管")),
    Choice("self", Text("居民自管", "run by residents"), ("自管", "业主自管", "自治管理", "楼院自管")),
    Choice("work_unit", Text("单位管理", "run by the work unit"), ("单位自管", "原单位管理", "产权单位管理")),
    Choice("none", Text("无人管理", "none"), ("无物业", "无管理", "无主管", "失管", "无物业管理", "三无")),
    UNKNOWN,
)

_RENOVATION_STATUSES = (
    Choice("not_listed", Text("未列入", "not listed"), ("未纳入", "未改造", "未列入计划")),
    Choice("planned", Text("计划", "planned"), ("已列入", "列入计划", "拟改造", "待改造")),
    Choice("under_way", Text("在建", "under way"), ("改造中", "施工中", "正在改造")),
    Choice("done", Text("完工", "done"), ("已改造", "已完工", "改造完成", "竣工")),
    UNKNOWN,
)

_PLAN_CLASSES = (
    Choice("basic", Text("基础类", "basic"), ("基础",)),
    Choice("improved", Text("完善类", "improved"), ("完善",)),
    Choice("upgraded", Text("提升类", "upgraded"), ("提升",)),
    UNKNOWN,
)

_HEATINGS = (
    Choice("district", Text("集中供热", "district heating"), ("集中供暖", "市政供热", "集中", "有暖气")),
    Choice("individual", Text("分户采暖", "individual"), ("自采暖", "壁挂炉", "空调取暖", "分户")),
    Choice("none", Text("无供热", "none"), ("无供暖", "无暖气", "未供热")),
    UNKNOWN,
)

_DRAIN_SPLITS = (
    Choice("split", Text("已分流", "separate"), ("雨污分流", "已雨污分流", "是", "分流")),
    Choice("partial", Text("部分分流", "partly"), ("部分",)),
    Choice("combined", Text("合流", "combined"), ("雨污合流", "未分流", "否")),
    UNKNOWN,
)

_GAS_TYPES = (
    Choice("natural", Text("天然气", "natural gas"), ("管道天然气", "NG")),
    Choice("piped_lpg", Text("管道液化气", "piped LPG"), ("液化气管道", "LPG管道", "管道液化石油气")),
    Choice("bottled", Text("瓶装液化气", "bottled LPG"), ("瓶装", "液化气罐", "瓶装液化石油气", "钢瓶", "LPG")),
    Choice("coal_gas", Text("人工煤气", "town gas"), ("煤气", "焦炉煤气")),
    Choice("none", Text("不用气", "none"), ("不使用",)),
    UNKNOWN,
)

PIPE_MATERIALS = (
    Choice("pe", Text("聚乙烯", "PE"), ("PE", "PE管", "聚乙烯管"), ("pe", "hdpe", "plastic", "polyethylene")),
    Choice("steel", Text("钢管", "steel"), ("钢", "无缝钢管", "焊接钢管"), ("steel", "metal")),
    Choice("galvanised", Text("镀锌钢管", "galvanised steel"), ("镀锌管", "镀锌")),
    Choice("ductile_iron", Text("球墨铸铁", "ductile iron"), ("球墨铸铁管", "球铁"), ("ductile_iron",)),
    Choice("grey_iron", Text("灰口铸铁", "grey cast iron"), ("灰口铸铁管", "铸铁", "铸铁管"), ("cast_iron", "iron")),
    OTHER,
    UNKNOWN,
)

RISER_POSITIONS = (
    Choice("outer_wall", Text("外墙", "outer wall"), ("室外", "外立面", "外墙立管")),
    Choice("kitchen", Text("厨房", "kitchen")),
    Choice("stairwell", Text("楼梯间", "stairwell"), ("楼道", "公共区域")),
    Choice("bathroom", Text("卫生间", "bathroom"), ("厕所", "洗手间")),
    Choice("bedroom", Text("卧室", "bedroom")),
    OTHER,
    UNKNOWN,
)

_BLOCKERS = (
    Choice("no_main", Text("无市政管网", "no main nearby"), ("无市政管", "市政管网未到", "附近无管网", "管网未覆盖")),
    Choice("residents", Text("居民不愿", "residents unwilling"), ("居民不同意", "意见不统一", "居民意愿不足")),
    Choice("cost", Text("费用", "cost"), ("初装费高", "资金", "缴费率低", "费用问题")),
    Choice("space", Text("无施工空间", "no space"), ("无空间", "场地不足", "管位不足")),
    Choice("structure", Text("房屋不具备条件", "building unfit"), ("危房", "待拆迁", "房屋条件不具备")),
    OTHER,
    UNKNOWN,
)

_GAS_FIELDS = (
    Field(
        "gas_status", "choice", Text("通气状态", "Gas status"), choices=GAS_STATUSES, public=True,
        aliases=("通气情况", "燃气状态", "燃气情况", "燃气", "天然气", "天然气情况", "是否通气", "是否通天然气", "是否通燃气", "管道燃气", "供气情况", "通气", "gas"),
    ),
    Field(
        "gas_status_on", "date", Text("通气状态日期", "Gas status since"), public=True,
        aliases=("通气日期", "通气时间", "接通日期", "接通时间", "点火日期", "gas since", "gas_date"), help=Text("这一状态从哪天起", "the day this status began"),
    ),
    Field(
        "gas_households", "integer", Text("通气户数", "Households with gas"), unit=HOUSEHOLDS_UNIT, minimum=0, public=True,
        aliases=("已通气户数", "通天然气户数", "燃气户数", "天然气户数", "接通户数", "开通户数", "用气户数", "households with gas", "gas_hh"),
    ),
    Field("gas_supplier", "text", Text("供气企业", "Gas supplier"), public=True, aliases=("燃气公司", "供气单位", "燃气企业", "气源单位")),
    Field("gas_type", "choice", Text("用气种类", "Kind of gas"), choices=_GAS_TYPES, public=True, aliases=("气源", "燃气种类", "气种", "燃料类型")),
    Field(
        "courtyard_pipe_material", "choice", Text("庭院管材质", "Courtyard pipe material"), choices=PIPE_MATERIALS, aliases=("庭院管道材质", "庭院管材", "埋地管材质"),
    ),
    Field(
        "courtyard_pipe_year", "year", Text("庭院管年份", "Courtyard pipe year"), minimum=1900, maximum=2100,
        aliases=("庭院管建设年份", "庭院管年代", "庭院管敷设年份", "管道年份"),
    ),
    Field("riser_year", "year", Text("立管年代", "Riser year"), minimum=1900, maximum=2100, aliases=("立管年份", "立管建设年份")),
    Field("riser_position", "choice", Text("立管位置", "Riser position"), choices=RISER_POSITIONS, aliases=("立管设置位置", "立管敷设位置")),
    Field(
        "lpg_households", "integer", Text("瓶装气户数", "Households on bottled LPG"), unit=HOUSEHOLDS_UNIT, minimum=0,
        aliases=("瓶装液化气户数", "液化气户数", "用瓶户数", "瓶装户数"),
    ),
    Field("lpg_shops", "integer", Text("用瓶商户数", "Shops on bottled LPG"), unit=Text("家", "shops"), minimum=0, aliases=("瓶装气商户数", "液化气商户数")),
    Field("lpg_kg_max", "number", Text("最大存瓶量", "Largest LPG store"), unit=KILOGRAMS, minimum=0, aliases=("瓶装气最大存量", "单处最大存瓶量")),
    Field("alarm_ratio", "number", Text("报警器安装率", "Gas alarms"), unit=PERCENT, minimum=0, maximum=100, aliases=("燃气报警器安装率", "报警器覆盖率")),
    Field(
        "hose_replaced_ratio", "number", Text("软管更换率", "Hoses replaced"), unit=PERCENT, minimum=0, maximum=100,
        aliases=("金属软管更换率", "橡胶软管更换率", "波纹管更换率"),
    ),
    Field("last_inspection_on", "date", Text("入户安检日期", "Last gas check"), aliases=("最近安检日期", "安检日期", "入户安检时间", "燃气安检日期")),
    Field("occupied_pipe", "boolean", Text("占压", "Building over pipe"), aliases=("是否占压", "燃气占压", "管道占压")),
    Field("connect_blocker", "choice", Text("不通气原因", "Why not connected"), choices=_BLOCKERS, aliases=("未通气原因", "未通原因", "不能通气原因")),
    Field("nearest_main_m", "number", Text("距最近市政中压管", "Distance to the nearest main"), unit=METRES, minimum=0, aliases=("距市政管距离", "距中压管距离")),
)

compounds = Layer(
    id="compounds",
    label=Text("院落", "Compounds"),
    group=GROUP_COMPOUNDS,
    geometry=(*AREAS, *POINTS),
    aliases=(
        "小区",
        "院落",
        "楼院",
        "老旧小区",
        "老旧小区台账",
        "小区台账",
        "院落台账",
        "小区基本情况",
        "小区边界",
        "住宅边界",
        "商务住宅",
        "compound",
        "estates",
    ),
    code_aliases=("小区编号", "院落编号", "楼院编号", "小区编码", "小区代码", "院落编码", "compound_id", "compound_code"),
    cad=("院落边界", "院落范围", "小区范围", "小区红线", "用地红线", "用地范围", "XQBJ", "YDHX", "REDLINE", "SITE"),
    cad_text="name",
    natural_key=("name", "community"),
    fields=(
        Field(
            "name", "text", Text("小区名称", "Name"), public=True, osm=("name:zh", "name", "name:en"),
            aliases=(
                *NAME_ALIASES, "小区", "小区名", "楼院名称", "楼院", "院落名称", "院落", "院名", "家属院", "家属院名称", "住宅小区", "住宅小区名称", "老旧小区名称",
                "小区院落", "小区(院落)名称", "项目名称", "compound", "compound_name", "community_name", "estate",
            ),
        ),
        Field(
            "alias", "text", Text("别名", "Also called"), public=True, osm=("alt_name", "old_name", "loc_name", "short_name"),
            aliases=("小区别名", "院落别名", "曾用名", "俗称", "又名", "原名", "其他名称", "alias", "alt_name"),
            help=Text("多个别名用顿号或分号分开", "several are separated by 、 or ;"),
        ),
        COMMUNITY,
        Field("subdistrict", "text", Text("街道", "Subdistrict"), public=True, aliases=("所属街道", "街道名称", "街道办", "街道办事处", "乡镇街道", "镇街")),
        ADDRESS,
        Field("kind", "choice", Text("院落类型", "Kind"), choices=_COMPOUND_KINDS, public=True, aliases=("小区类型", "楼院类型", "小区类别", "院落类别")),
        Field(
            "built_year", "year", Text("建成年份", "Year built"), minimum=1000, maximum=2100, public=True, osm=("start_date",), range_end="built_year_last",
            basis="built_year_basis",
            aliases=(
                "建成年代", "建设年代", "建设年份", "建成时间", "建成于", "竣工年份", "竣工时间", "竣工年代", "建造年代", "建造年份", "建筑年代", "年代",
                "建成年份(最早)", "建成年", "最早建成年份", "建筑年份", "year", "year_built", "built", "construction year",
            ),
            help=Text("最早一栋楼的竣工年份；“80年代”会记为一个区间", "completion of the oldest building; '1980s' is kept as a span"),
        ),
        Field(
            "built_year_last", "year", Text("最晚建成年份", "Last year built"), minimum=1000, maximum=2100, public=True,
            aliases=("最近建成年份", "最新建成年份", "建成年份止", "built last"),
        ),
        Field(
            "built_year_basis", "choice", Text("年份依据", "Basis of the year"), choices=BUILT_YEAR_BASES, public=True,
            aliases=("建成年份依据", "年份来源", "年代依据"),
        ),
        Field(
            "buildings_n", "integer", Text("楼栋数", "Buildings"), unit=_BUILDINGS, minimum=0, public=True,
            aliases=("栋数", "楼数", "幢数", "总栋数", "住宅楼栋数", "楼栋"),
        ),
        Field("units_n", "integer", Text("单元数", "Stairwells"), unit=_EACH, minimum=0, public=True, aliases=("总单元数", "单元")),
        Field(
            "households", "integer", Text("户数", "Households"), unit=HOUSEHOLDS_UNIT, minimum=0, public=True,
            aliases=("总户数", "居民户数", "住户数", "住宅户数", "户数合计", "住户", "套数", "总套数", "household", "hh"),
        ),
        Field(
            "population", "integer", Text("人口", "Population"), unit=PEOPLE, minimum=0, public=True, osm=("population",),
            aliases=("人口数", "居住人口", "总人口", "常住人口", "居民人数", "人数"),
        ),
        Field(
            "floor_area_m2", "number", Text("建筑面积", "Floor area"), unit=SQUARE_METRES, minimum=0, public=True,
            aliases=("总建筑面积", "房屋建筑面积", "住宅建筑面积"),
        ),
        Field("land_area_m2", "number", Text("占地面积", "Land area"), unit=SQUARE_METRES, minimum=0, public=True, aliases=("用地面积", "总占地面积", "小区面积")),
        Field(
            "max_floors", "number", Text("最高层数", "Most floors"), unit=_FLOORS, minimum=0, maximum=200, public=True,
            aliases=("层数", "楼层数", "楼层", "最高楼层", "总层数"),
        ),
        Field("structure", "choice", Text("结构", "Structure"), choices=STRUCTURES, public=True, aliases=("结构类型", "房屋结构", "建筑结构", "结构形式")),
        Field(
            "property_type", "choice", Text("产权性质", "Tenure"), choices=_PROPERTY_TYPES, public=True,
            aliases=("产权", "产权类型", "房屋性质", "房屋产权", "房产性质"),
        ),
        Field("owner_unit", "text", Text("原产权单位", "Former owner"), public=True, aliases=("产权单位", "所属单位", "原单位", "权属单位", "主管单位")),
        Field(
            "management", "choice", Text("物业管理", "Management"), choices=_MANAGEMENTS, public=True,
            aliases=("管理方式", "管理模式", "物业", "物业情况", "物业类型", "物业管理方式", "管理类型", "有无物业", "mgmt"),
        ),
        Field(
            "management_company", "text", Text("物业公司", "Management company"), public=True,
            aliases=("物业公司名称", "物业名称", "物业企业", "物业服务企业", "管理单位"),
        ),
        Field("has_committee", "boolean", Text("业委会", "Owners' committee"), public=True, aliases=("有无业委会", "是否成立业委会", "业主委员会", "是否有业委会")),
        Field("maintenance_fund", "boolean", Text("维修资金", "Maintenance fund"), public=True, aliases=("住宅专项维修资金", "有无维修资金", "专项维修资金")),
        Field("gates_n", "integer", Text("出入口数", "Gates"), unit=_EACH, minimum=0, public=True, aliases=("大门数", "出入口", "出入口数量")),
        Field("parking_n", "integer", Text("车位数", "Parking places"), unit=_EACH, minimum=0, public=True, aliases=("停车位", "停车位数", "机动车位", "车位")),
        Field("elevators_n", "integer", Text("电梯数", "Lifts"), unit=Text("部", "lifts"), minimum=0, public=True, aliases=("电梯", "电梯数量", "加装电梯数")),
        Field(
            "ebike_ports_n", "integer", Text("充电端口数", "E-bike charging ports"), unit=_EACH, minimum=0, public=True,
            aliases=("充电口数", "电动车充电端口数", "充电桩数", "充电车位数", "充电插口数"),
        ),
        Field("heating", "choice", Text("供热", "Heating"), choices=_HEATINGS, public=True, aliases=("供暖", "供热方式", "供暖方式", "采暖方式", "暖气")),
        Field("water_2nd", "boolean", Text("二次供水", "Boosted water supply"), public=True, aliases=("有无二次供水", "二次供水设施")),
        Field("drain_split", "choice", Text("雨污分流", "Separate drains"), choices=_DRAIN_SPLITS, public=True, aliases=("是否雨污分流", "排水体制", "排水方式")),
        *_GAS_FIELDS,
        Field("elderly_60_plus", "integer", Text("60岁以上人数", "Residents over 60"), unit=PEOPLE, minimum=0, aliases=("60岁以上", "老年人数", "老年人口", "老人数")),
        Field("elderly_alone", "integer", Text("独居老人数", "Elderly living alone"), unit=PEOPLE, minimum=0, aliases=("独居老人", "空巢老人", "空巢老人数")),
        Field("disabled_n", "integer", Text("残疾人数", "Disabled residents"), unit=PEOPLE, minimum=0, aliases=("残疾人", "残障人数")),
        Field("support_rate", "number", Text("同意率", "Residents in favour"), unit=PERCENT, minimum=0, maximum=100, aliases=("居民同意率", "改造同意率", "支持率")),
        Field(
            "renov_status", "choice", Text("改造状态", "Renovation"), choices=_RENOVATION_STATUSES, public=True,
            aliases=("改造情况", "是否改造", "改造进度", "是否已改造"),
        ),
        Field(
            "renov_year", "year", Text("改造年份", "Year of renovation"), minimum=1950, maximum=2100, public=True,
            aliases=("改造年度", "计划年度", "改造时间", "列入年度"),
        ),
        Field("plan_class", "choice", Text("改造类别", "Class of works"), choices=_PLAN_CLASSES, public=True, aliases=("改造类型", "改造内容类别")),
        NOTES,
    ),
    style=Style(color="#8a8f98", weight=1.8, fill_opacity=0.22, radius=8.0, symbol="院", shape="square", by="gas_status", classes=_GAS_CLASSES, label_zoom=15),
    osm=(
        OsmRule("area", (("landuse", ("residential",)),)),
        OsmRule("area", (("place", ("neighbourhood",)),), unless=(("landuse", ("residential",)), ("boundary", ("administrative",)))),
    ),
)

_USES = (
    Choice(
        "residential", Text("住宅", "dwellings"), ("居住", "住宅楼", "居民楼", "民用住宅"),
        ("residential", "apartments", "house", "detached", "semidetached_house", "terrace", "bungalow", "dormitory", "block", "hut", "cabin", "farm"),
    ),
    Choice("mixed", Text("商住混合", "shops and dwellings"), ("商住", "底商住宅", "商住楼", "综合楼")),
    Choice(
        "commercial", Text("商业", "commercial"), ("商铺", "商业用房", "营业房"),
        ("commercial", "retail", "supermarket", "kiosk", "hotel", "mall", "shop", "restaurant", "warehouse"),
    ),
    Choice("office", Text("办公", "offices"), ("办公楼", "写字楼"), ("office", "government")),
    Choice(
        "public", Text("公共服务", "public services"), ("公共建筑", "学校", "医院", "幼儿园"),
        (
            "public", "civic", "school", "university", "college", "kindergarten", "hospital", "clinic", "church", "chapel", "cathedral", "mosque", "temple", "shrine",
            "religious", "museum", "train_station", "transportation", "fire_station", "library", "sports_hall", "grandstand", "stadium", "pavilion", "theatre",
            "toilets", "sports_centre", "gymnasium", "military",
        ),
    ),
    Choice("industrial", Text("工业仓储", "industry"), ("工业", "厂房", "仓库"), ("industrial", "factory", "manufacture", "workshop")),
    Choice(
        "ancillary", Text("附属用房", "ancillary"), ("车棚", "车库", "门卫", "配电房", "附属", "储藏室"),
        (
            "garage", "garages", "shed", "roof", "carport", "service", "utility", "transformer_tower", "entrance", "underpass_entrance", "atrium", "greenhouse",
            "glasshouse", "tower", "ship", "construction", "ruins", "bridge", "canopy", "gate", "guardhouse", "bunker", "water_tower", "tent", "container", "tech_cab",
            "static_caravan", "houseboat", "parking", "barn", "stable",
        ),
    ),
    OTHER,
    Choice("unknown", Text("不明", "unknown"), ("未知",), ("yes", "unknown", "unclassified")),
)

_HOUSE_GRADES = (
    Choice("A", Text("A级", "grade A"), ("A", "安全")),
    Choice("B", Text("B级", "grade B"), ("B",)),
    Choice("C", Text("C级", "grade C"), ("C", "局部危险")),
    Choice("D", Text("D级", "grade D"), ("D", "整体危险")),
    UNKNOWN,
)

buildings = Layer(
    id="buildings",
    label=Text("楼栋", "Buildings"),
    group=GROUP_COMPOUNDS,
    geometry=(*AREAS, *POINTS),
    aliases=("楼栋", "建筑", "房屋", "楼栋台账", "建筑物", "房屋建筑", "楼房", "building", "房屋面"),
    code_aliases=("楼栋编号", "房屋编号", "楼栋编码", "建筑编号", "building_id", "building_code", "bin"),
    cad=("JMD", "居民地", "建筑轮廓", "建筑物轮廓", "房屋轮廓", "现状建筑", "新建建筑", "拟建建筑", "保留建筑", "楼栋轮廓", "JZ", "JZW", "FW", "BLDG", "HOUSE"),
    cad_text="no",
    natural_key=("compound_code", "name"),
    place_by=("compound_code",),
    fields=(
        Field(
            "name", "text", Text("楼栋名称", "Name"), public=True, osm=("name:zh", "name", "name:en", "addr:housename"),
            aliases=(*NAME_ALIASES, "楼栋", "楼名", "楼宇名称", "建筑名称", "房屋名称", "building", "building_name"),
        ),
        Field(
            "no", "text", Text("楼号", "Number"), public=True, osm=("ref", "addr:housenumber"),
            aliases=("楼栋号", "栋号", "幢号", "楼栋楼号", "座号", "housenumber", "building no"),
        ),
        COMPOUND_CODE,
        ADDRESS,
        Field(
            "use", "choice", Text("用途", "Use"), choices=_USES, public=True, osm=("building",), aliases=("房屋用途", "建筑用途", "使用性质", "建筑类型", "用途类型"),
        ),
        Field(
            "floors", "number", Text("层数", "Floors"), unit=_FLOORS, minimum=0, maximum=200, public=True, osm=("building:levels", "levels"),
            aliases=("地上层数", "楼层数", "总层数", "楼层", "地上楼层", "floor", "storeys", "stories", "levels"),
        ),
        Field(
            "height_m", "number", Text("高度", "Height"), unit=METRES, minimum=0, maximum=1000, public=True, osm=("height", "building:height"),
            aliases=("建筑高度", "楼高", "房屋高度", "高"),
        ),
        Field(
            "built_year", "year", Text("建成年份", "Year built"), minimum=1000, maximum=2100, public=True, osm=("start_date", "year_of_construction"),
            range_end="built_year_last", basis="built_year_basis",
            aliases=(
                "建成年代", "建设年代", "建设年份", "建成时间", "竣工年份", "竣工时间", "建造年代", "建造年份", "建筑年代", "年代", "建成年", "year", "year_built",
                "built",
            ),
        ),
        Field("built_year_last", "year", Text("最晚建成年份", "Last year built"), minimum=1000, maximum=2100, public=True, aliases=("建成年份止", "built last")),
        Field(
            "built_year_basis", "choice", Text("年份依据", "Basis of the year"), choices=BUILT_YEAR_BASES, public=True,
            aliases=("建成年份依据", "年份来源", "年代依据"),
        ),
        Field(
            "structure", "choice", Text("结构", "Structure"), choices=STRUCTURES, public=True, osm=("building:structure", "building:material"),
            aliases=("结构类型", "房屋结构", "建筑结构", "结构形式"),
        ),
        Field("house_grade", "choice", Text("危房等级", "Danger grade"), choices=_HOUSE_GRADES, aliases=("房屋安全等级", "鉴定等级", "房屋鉴定等级", "安全等级")),
        Field("units_n", "integer", Text("单元数", "Stairwells"), unit=_EACH, minimum=0, public=True, aliases=("单元", "总单元数")),
        Field(
            "households", "integer", Text("户数", "Households"), unit=HOUSEHOLDS_UNIT, minimum=0, public=True, osm=("building:flats",),
            aliases=("总户数", "居民户数", "住户数", "住户", "套数", "hh"),
        ),
        Field("floor_area_m2", "number", Text("建筑面积", "Floor area"), unit=SQUARE_METRES, minimum=0, public=True, aliases=("总建筑面积", "房屋建筑面积")),
        Field("elevators_n", "integer", Text("电梯数", "Lifts"), unit=Text("部", "lifts"), minimum=0, public=True, aliases=("电梯", "电梯数量")),
        Field(
            "gas_status", "choice", Text("通气状态", "Gas status"), choices=GAS_STATUSES, public=True,
            aliases=("通气情况", "燃气状态", "燃气情况", "燃气", "天然气", "是否通气", "是否通燃气", "是否通天然气", "通气", "gas"),
        ),
        Field("gas_status_on", "date", Text("通气状态日期", "Gas status since"), public=True, aliases=("通气日期", "通气时间", "接通日期", "gas since")),
        Field(
            "gas_households", "integer", Text("通气户数", "Households with gas"), unit=HOUSEHOLDS_UNIT, minimum=0, public=True,
            aliases=("已通气户数", "燃气户数", "天然气户数", "接通户数", "gas_hh"),
        ),
        Field("riser_year", "year", Text("立管年代", "Riser year"), minimum=1900, maximum=2100, aliases=("立管年份", "立管建设年份")),
        Field("riser_position", "choice", Text("立管位置", "Riser position"), choices=RISER_POSITIONS, aliases=("立管设置位置", "立管敷设位置")),
        Field("riser_material", "choice", Text("立管材质", "Riser material"), choices=PIPE_MATERIALS, aliases=("立管管材",)),
        NOTES,
    ),
    style=Style(
        color="#4b5563",
        weight=0.8,
        fill_opacity=0.45,
        radius=4.0,
        by="use",
        min_zoom=15,
        classes=(
            StyleClass(Text("住宅", "dwellings"), "#9a8c7c", value="residential"),
            StyleClass(Text("商住混合", "shops and dwellings"), "#b79268", value="mixed", pattern="hatch/8"),
            StyleClass(Text("商业", "commercial"), "#c2777f", value="commercial", pattern="back/6"),
            StyleClass(Text("公共服务", "public services"), "#7f8fb5", value="public", pattern="rows/6"),
            StyleClass(Text("办公", "offices"), "#8aa9c9", value="office", pattern="columns/6"),
            StyleClass(Text("附属用房", "ancillary"), "#b8b8b0", value="ancillary", pattern="dots/6"),
            StyleClass(Text("其他或不明", "other or unknown"), "#a3a3a3"),
        ),
        label_zoom=18,
    ),
    osm=(OsmRule("area", (("building", ("*",)),)),),
)

_AMENITY_KINDS = (
    Choice("pocket_park", Text("口袋公园", "pocket park"), ("游园", "小游园", "街头游园")),
    Choice("park", Text("公园绿地", "park"), ("公园", "绿地", "广场")),
    Choice("playground", Text("儿童活动场地", "playground"), ("儿童乐园", "游乐场")),
    Choice("fitness", Text("健身场地", "fitness ground"), ("健身器材", "体育场地", "健身点", "健身广场")),
    Choice("ebike_charging", Text("电动车充电棚", "e-bike charging shed"), ("充电车棚", "充电棚", "电动自行车充电棚", "充电桩", "电动车棚")),
    Choice("charging_station", Text("充电站", "charging station"), ("汽车充电桩", "充电站点")),
    Choice("bike_shed", Text("非机动车棚", "bicycle shed"), ("车棚", "自行车棚", "非机动车停车处")),
    Choice("parking", Text("停车场", "car park"), ("停车位", "停车区")),
    Choice("waste", Text("垃圾收集点", "waste point"), ("垃圾分类点", "垃圾房", "垃圾箱", "环卫设施")),
    Choice("toilets", Text("公共厕所", "toilets"), ("公厕", "厕所")),
    Choice("care_elderly", Text("养老服务", "elderly care"), ("养老设施", "日间照料中心", "养老服务站", "助餐点")),
    Choice("kindergarten", Text("幼儿园托育", "kindergarten"), ("幼儿园", "托育")),
    Choice("school", Text("学校", "school"), ("小学", "中学", "高校")),
    Choice("clinic", Text("医疗", "clinic or hospital"), ("卫生服务站", "诊所", "医院", "卫生所")),
    Choice("community_centre", Text("社区服务中心", "community centre"), ("社区服务", "党群服务中心", "居委会", "社区中心", "警务室")),
    Choice("market", Text("菜市场", "market"), ("农贸市场", "集市", "市场")),
    Choice("parcel", Text("快递柜", "parcel lockers"), ("快递驿站", "智能快件箱", "驿站", "信报箱")),
    OTHER,
    UNKNOWN,
)

amenities = Layer(
    id="amenities",
    label=Text("配套设施", "Amenities"),
    group=GROUP_COMPOUNDS,
    geometry=(*POINTS, *AREAS),
    aliases=("配套设施", "公共服务设施", "公服设施", "设施", "充电桩", "口袋公园", "amenity"),
    code_aliases=("设施编号", "amenity_id"),
    cad=("公共设施", "服务设施", "充电设施", "PTSS"),
    cad_text="name",
    natural_key=("compound_code", "name"),
    place_by=("compound_code",),
    fields=(
        Field("name", "text", Text("设施名称", "Name"), public=True, osm=("name:zh", "name", "name:en", "operator"), aliases=(*NAME_ALIASES, "公园名称", "充电站名称")),
        Field("kind", "choice", Text("设施类型", "Kind"), choices=_AMENITY_KINDS, public=True, aliases=("设施类别", "设施种类", "类型", "类别", "type", "kind")),
        COMPOUND_CODE,
        COMMUNITY,
        ADDRESS,
        Field("area_m2", "number", Text("面积", "Area"), unit=SQUARE_METRES, minimum=0, public=True, aliases=("用地面积", "建筑面积", "占地面积")),
        Field(
            "capacity", "integer", Text("容量", "Capacity"), unit=Text("个", "places"), minimum=0, public=True, osm=("capacity",),
            aliases=("车位数", "座位数", "床位数"),
        ),
        Field("ports_n", "integer", Text("充电端口数", "Charging ports"), unit=_EACH, minimum=0, public=True, aliases=("充电口数", "端口数", "充电桩数")),
        Field("opened_year", "year", Text("启用年份", "Year opened"), minimum=1900, maximum=2100, public=True, aliases=("建成年份", "投用年份", "启用时间")),
        Field("has_video", "boolean", Text("视频监控", "Video surveillance"), aliases=("有无监控", "监控")),
        NOTES,
    ),
    style=Style(
        color="#5b8c5a",
        weight=1.0,
        fill_opacity=0.30,
        radius=6.5,
        symbol="设",
        by="kind",
        min_zoom=15,
        classes=(
            StyleClass(Text("口袋公园", "pocket park"), "#009e73", value="pocket_park", symbol="园", pattern="dots/8"),
            StyleClass(Text("公园绿地", "park"), "#5f9e6e", value="park", symbol="绿", pattern="dots/12"),
            StyleClass(Text("电动车充电棚", "e-bike charging shed"), "#3182bd", value="ebike_charging", symbol="充", shape="square", pattern="cross/8"),
            StyleClass(Text("停车场", "car park"), "#6b7280", value="parking", symbol="停", shape="square", pattern="columns/8"),
            StyleClass(Text("其他设施", "other"), "#7d8ca3"),
        ),
        label_zoom=17,
    ),
    osm=tuple(
        OsmRule(geometry, ((key, values),), unless=(("access", ("no",)),), sets=(("kind", kind),))
        for geometry in ("point", "area")
        for key, values, kind in (
            ("leisure", ("park", "garden"), "park"),
            ("leisure", ("playground",), "playground"),
            ("leisure", ("fitness_station", "pitch", "sports_centre", "fitness_centre"), "fitness"),
            ("amenity", ("charging_station",), "charging_station"),
            ("amenity", ("bicycle_parking", "motorcycle_parking"), "bike_shed"),
            ("amenity", ("parking",), "parking"),
            ("amenity", ("waste_disposal", "recycling", "waste_transfer_station"), "waste"),
            ("amenity", ("toilets",), "toilets"),
            ("amenity", ("social_facility", "nursing_home"), "care_elderly"),
            ("amenity", ("kindergarten", "childcare"), "kindergarten"),
            ("amenity", ("school", "college", "university", "prep_school"), "school"),
            ("amenity", ("hospital", "clinic", "doctors", "dentist"), "clinic"),
            ("amenity", ("community_centre", "social_centre", "library", "townhall", "police"), "community_centre"),
            ("amenity", ("marketplace",), "market"),
            ("amenity", ("parcel_locker", "post_office"), "parcel"),
        )
    ),
)
