"""Hazards with their life, shops along the street, inspections and drills."""

from geo.errors import Text
from geo.schema import AREAS, POINTS, Choice, Field, Layer, OsmRule, Style, StyleClass
from layers.fields import (
    ADDRESS,
    BUILDING_CODE,
    COMMUNITY,
    COMPOUND_CODE,
    GROUP_HAZARDS,
    KILOGRAMS,
    NAME_ALIASES,
    NOTES,
    OTHER,
    PEOPLE,
    SQUARE_METRES,
    UNKNOWN,
    YES_NO_UNKNOWN,
)

# fmt: off
_HAZARD_TYPES = (
    Choice(
        "fire_lane_blocked", Text("占用堵塞消防车道", "fire lane blocked"),
        (
            "占用消防车道", "堵塞消防车道", "占用、堵塞消防车道", "占用消防通道", "堵塞消防通道", "占用堵塞消防通道", "占用、堵塞消防通道", "消防通道堵塞",
            "消防通道占用", "占用生命通道",
        ),
    ),
    Choice(
        "fire_lane_narrow", Text("消防车道净宽不足", "fire lane too narrow"),
        ("消防通道净宽不足", "消防通道狭窄", "通道宽度不足", "消防车道宽度不足", "消防通道宽度不足"),
    ),
    Choice(
        "fire_lane_gate", Text("限高杆石墩锁闭大门", "bar, bollard or locked gate"),
        ("限高杆", "石墩", "锁闭大门", "限高杆/石墩/锁闭大门", "大门锁闭", "设置石墩", "设置限高杆"),
    ),
    Choice("hydrant_missing", Text("消火栓缺失", "hydrant missing"), ("无消火栓", "消防栓缺失", "缺少消火栓")),
    Choice("hydrant_broken", Text("消火栓损坏", "hydrant broken"), ("消防栓损坏", "消火栓无水", "消防栓无水", "消火栓故障")),
    Choice("hydrant_buried", Text("消火栓埋压圈占", "hydrant buried or walled in"), ("埋压消火栓", "圈占消火栓", "消防栓埋压", "埋压圈占")),
    Choice(
        "extinguisher_missing", Text("消防设施缺失", "extinguishers missing"),
        ("灭火器缺失", "无灭火器", "灭火器过期", "消防器材缺失", "消防设施缺失损坏", "未配备灭火器"),
    ),
    Choice(
        "exit_blocked", Text("楼道堆物或出口锁闭", "exit or stairs blocked"),
        ("楼道堆物", "安全出口锁闭", "楼道堆物/安全出口锁闭", "楼道堆放杂物", "楼道杂物", "疏散通道堵塞", "堵塞安全出口"),
    ),
    Choice("window_bars", Text("防盗网影响逃生", "window bars"), ("防盗网", "防盗窗", "外窗设置防盗网")),
    Choice(
        "ebike_indoor", Text("楼道停放充电", "e-bike parked or charged indoors"),
        ("电动车进楼", "电动车入户充电", "楼道停放电动车", "电动车楼道充电", "电动自行车进楼入户"),
    ),
    Choice("ebike_flying_wire", Text("飞线充电", "charging by a wire from a flat"), ("私拉电线充电", "私拉乱接", "私拉乱接充电", "电动车飞线充电")),
    Choice("wiring_aged", Text("线路老化", "aged wiring"), ("电线老化", "电气线路老化", "线路私拉乱接", "用电不规范", "电路老化")),
    Choice("lpg_misuse", Text("液化气罐违规", "LPG misuse"), ("液化气违规", "违规使用液化气", "违规存放液化气罐", "瓶装液化气违规", "气瓶违规")),
    Choice("gas_leak", Text("燃气泄漏", "gas leak"), ("天然气泄漏", "燃气漏气")),
    Choice("gas_old_pipe", Text("燃气老旧管", "old gas pipe"), ("燃气管道老化", "燃气管老化", "老旧燃气管", "燃气管道锈蚀", "燃气管锈蚀", "燃气立管锈蚀", "燃气管道腐蚀")),
    Choice("gas_occupied", Text("燃气管占压", "building over a gas pipe"), ("燃气占压", "占压燃气管道", "占压", "管道占压")),
    Choice("gas_hose", Text("问题软管", "bad gas hose"), ("软管老化", "橡胶软管", "胶管老化", "软管问题")),
    Choice("manhole", Text("井盖缺失破损", "manhole cover missing or broken"), ("井盖破损", "井盖缺失", "窨井盖破损", "井盖松动", "窨井盖缺失")),
    Choice("sewer_blocked", Text("下水道堵塞", "sewer blocked"), ("下水堵塞", "污水管堵塞", "污水外溢", "下水道异味", "污水井异味")),
    Choice("septic_full", Text("化粪池淤堵", "septic tank full"), ("化粪池堵塞", "化粪池淤堵(沼气)", "化粪池满溢", "化粪池外溢")),
    Choice("flooding", Text("积水内涝", "flooding"), ("内涝", "积水", "雨天积水")),
    Choice("facade_falling", Text("外墙脱落", "facade falling"), ("墙皮脱落", "外墙空鼓", "外立面脱落", "保温层脱落")),
    Choice("roof_leak", Text("屋面渗漏", "roof leak"), ("屋顶漏水", "屋面漏水", "楼顶漏水", "顶层漏雨")),
    Choice("structure_danger", Text("危房", "dangerous structure"), ("危房(C/D级)", "房屋安全", "墙体开裂", "房屋裂缝", "结构安全")),
    Choice("illegal_build", Text("违法建设", "illegal building"), ("违建", "私搭乱建", "违章建筑", "违章搭建", "违法搭建", "乱搭乱建")),
    Choice("street_occupation", Text("占道/店外经营", "street occupation"), ("占道经营", "店外经营", "占道", "出店经营", "流动摊贩", "占道摆摊", "跨门经营")),
    Choice("elevator", Text("电梯", "lift"), ("电梯故障", "电梯隐患", "电梯安全")),
    Choice("high_object", Text("高空坠物", "falling objects"), ("高空抛物", "高空坠物隐患", "花盆坠落")),
    OTHER,
)
"""Domain list 3.4, hydrants and gas split by what is wrong, with occupation of the street."""

_GRADES = (
    Choice("general", Text("一般", "general"), ("一般隐患", "轻微", "一般事故隐患")),
    Choice("larger", Text("较大", "larger"), ("较大隐患", "较重")),
    Choice("major", Text("重大", "major"), ("重大隐患", "重大火灾隐患", "重大事故隐患")),
    Choice("pending", Text("待判定", "pending"), ("未判定", "待定", "未定级")),
)

_STATUSES = (
    Choice("candidate", Text("系统疑似", "candidate"), ("疑似",)),
    Choice("registered", Text("已登记", "registered"), ("登记", "上报未整改", "未整改", "待整改", "新发现", "已上报", "open", "未处理")),
    Choice("notified", Text("已下达整改通知", "notified"), ("已通知", "已下达通知", "责令未整改", "已通知待整改", "已下发通知书", "责令改正")),
    Choice("rectifying", Text("整改中", "being put right"), ("正在整改", "处理中", "治理中")),
    Choice("done_pending_review", Text("待复查", "done, awaiting review"), ("已整改待审核", "已整改待复查", "已整改", "已整改未复查", "待验收", "整改完成")),
    Choice("review_failed", Text("复查不通过", "review failed"), ("审核不通过", "复查不合格", "未通过复查")),
    Choice("closed", Text("已销号", "closed"), ("销号", "审核通过", "已闭环", "已办结", "办结", "复查通过", "close", "整改完毕销号")),
    Choice("rejected", Text("不属实", "rejected"), ("误报", "不成立", "作废")),
)

_REPORTED_VIA = (
    Choice("patrol", Text("巡查", "patrol"), ("日常巡查", "网格巡查", "巡逻", "夜间巡查")),
    Choice("inspection", Text("检查", "inspection"), ("专项检查", "安全检查", "联合检查", "执法检查")),
    Choice("hotline", Text("12345热线", "hotline 12345"), ("12345", "热线", "投诉", "市民热线")),
    Choice("resident", Text("居民上报", "resident"), ("群众举报", "居民反映", "群众反映", "举报")),
    Choice("system", Text("系统检查", "system"), ("系统", "系统筛查")),
    OTHER,
)

_REVIEW_RESULTS = (
    Choice("passed", Text("通过", "passed"), ("合格", "复查合格", "复查通过", "已整改到位")),
    Choice("failed", Text("不通过", "failed"), ("不合格", "复查不合格", "未整改到位")),
)

_GEOMETRY_METHODS = (
    Choice("gps", Text("现场定位", "GPS"), ("GPS", "手机定位")),
    Choice("map_click", Text("地图点选", "clicked on the map"), ("图上点选",)),
    Choice("address", Text("地址匹配", "from the address"), ("地址解析", "地理编码")),
    Choice("compound", Text("按院落", "from the compound"), ("按小区", "按院落落图")),
    UNKNOWN,
)

hazards = Layer(
    id="hazards",
    label=Text("隐患", "Hazards"),
    group=GROUP_HAZARDS,
    geometry=POINTS,
    title_field="hazard_type",
    aliases=("隐患", "隐患台账", "隐患清单", "安全隐患", "问题清单", "隐患排查", "隐患排查台账", "violations", "hazard"),
    code_aliases=("隐患编号", "问题编号", "隐患编码", "台账编号", "hazard_id", "violationid"),
    cad=("隐患点", "YHD"),
    natural_key=("compound_code", "hazard_type", "found_on", "hazard_desc"),
    date_field="found_on",
    place_by=("building_code", "compound_code"),
    fields=(
        Field(
            "hazard_type", "choice", Text("隐患类型", "Type"), choices=_HAZARD_TYPES, public=True,
            aliases=("隐患类别", "问题类型", "问题类别", "隐患种类", "隐患名称", "类型", "类别", "hazard type"),
        ),
        Field(
            "hazard_desc", "text", Text("问题描述", "Description"),
            aliases=(
                "隐患问题描述", "隐患描述", "隐患内容", "存在问题", "存在隐患", "隐患情况", "问题", "具体问题", "隐患问题", "主要问题", "novdescription", "description",
            ),
        ),
        Field("grade", "choice", Text("隐患等级", "Grade"), choices=_GRADES, public=True, aliases=("隐患级别", "等级", "风险等级", "级别", "grade", "severity")),
        Field(
            "source_grade", "text", Text("原等级", "Grade in the source"), public=True, aliases=("来源等级", "原始等级", "class"),
            help=Text("来源自己的等级，如纽约的 A/B/C 类", "the source's own grading, such as New York's class A/B/C"),
        ),
        Field(
            "status", "choice", Text("状态", "Status"), choices=_STATUSES, public=True,
            aliases=("整改情况", "整改状态", "销号情况", "办理状态", "隐患状态", "处理状态", "整改进度", "是否整改", "是否销号", "violationstatus", "status"),
        ),
        Field("source_status", "text", Text("原状态", "Status in the source"), public=True, aliases=("原始状态", "来源状态", "currentstatus")),
        Field("status_on", "date", Text("状态日期", "Status since"), public=True, aliases=("状态时间", "currentstatusdate")),
        COMPOUND_CODE,
        BUILDING_CODE,
        COMMUNITY,
        ADDRESS,
        Field("geom_method", "choice", Text("定位方式", "How it was placed"), choices=_GEOMETRY_METHODS, public=True, aliases=("定位方法", "坐标来源")),
        Field(
            "reported_via", "choice", Text("发现途径", "Reported via"), choices=_REPORTED_VIA, public=True,
            aliases=("隐患来源", "上报途径", "发现方式", "线索来源", "上报方式", "问题来源", "检查类型", "检查方式"),
        ),
        Field(
            "found_on", "date", Text("检查时间", "Found on"), public=True,
            aliases=(
                "检查日期", "发现时间", "发现日期", "排查时间", "排查日期", "巡查时间", "巡查日期", "登记日期", "登记时间", "上报时间", "上报日期", "inspectiondate",
                "date found",
            ),
        ),
        Field("found_by", "text", Text("检查人", "Found by"), aliases=("检查人员", "发现人", "排查人", "排查人员", "巡查人", "巡查人员", "上报人")),
        Field("found_unit", "text", Text("检查单位", "Inspecting unit"), aliases=("排查单位", "检查部门", "上报单位", "发现单位")),
        Field("notice_no", "text", Text("通知书文号", "Notice number"), aliases=("通知书编号", "整改通知书编号", "文号", "novid")),
        Field("notice_on", "date", Text("通知日期", "Notice served on"), public=True, aliases=("通知书日期", "下达日期", "通知时间", "下达时间", "novissueddate")),
        Field("measure", "text", Text("整改要求", "Measure"), aliases=("整改措施", "整改要求(措施)", "治理措施", "措施", "整改意见", "整改内容")),
        Field(
            "due_date", "date", Text("整改期限", "Due"), public=True,
            aliases=("整改时限", "限期", "整改截止日期", "截止日期", "要求完成时间", "整改完成期限", "限改日期", "期限", "完成时限", "originalcorrectbydate", "due"),
        ),
        Field("due_date_extended", "date", Text("延期至", "Extended to"), public=True, aliases=("延期期限", "延长期限", "newcorrectbydate")),
        Field("resp_unit", "text", Text("责任单位", "Responsible unit"), aliases=("整改责任单位", "整改单位", "责任部门", "牵头单位")),
        Field("resp_person", "text", Text("责任人", "Responsible person"), aliases=("整改责任人", "负责人", "责任人姓名", "整改人")),
        Field("resp_phone", "text", Text("责任人电话", "Phone"), aliases=("联系电话", "电话", "手机号码", "手机", "联系方式", "责任人联系方式")),
        Field("funds_yuan", "number", Text("治理资金", "Funds"), unit=Text("元", "yuan"), minimum=0, aliases=("整改资金", "资金", "投入资金")),
        Field("interim_measure", "text", Text("临时措施", "Interim measure"), aliases=("临时管控措施", "管控措施", "防范措施")),
        Field("plan", "text", Text("应急预案", "Emergency plan"), aliases=("预案",)),
        Field(
            "done_on", "date", Text("整改完成日期", "Done on"), public=True,
            aliases=("整改完成时间", "完成时间", "完成日期", "整改日期", "实际完成时间", "certifieddate"),
        ),
        Field("done_desc", "text", Text("整改完成情况", "What was done"), aliases=("整改结果", "完成情况", "整改落实情况")),
        Field("photos_after", "text", Text("整改后照片", "Photos of it put right"), aliases=("整改后图片", "整改照片"), help=Text("照片的文件名或编号", "file names or numbers of the photos")),
        Field("review_request_on", "date", Text("申请复查日期", "Review asked for on"), aliases=("申请复查时间",)),
        Field("reviewed_on", "date", Text("复查日期", "Reviewed on"), public=True, aliases=("复查时间", "验收日期", "验收时间")),
        Field("reviewed_by", "text", Text("复查人", "Reviewed by"), aliases=("验收人", "复查人员", "跟踪人员")),
        Field("review_result", "choice", Text("复查结论", "Review"), choices=_REVIEW_RESULTS, public=True, aliases=("复查结果", "复查情况", "验收结论", "验收情况")),
        Field("closed_on", "date", Text("销号日期", "Closed on"), public=True, aliases=("销号时间", "办结日期", "办结时间", "闭环日期")),
        Field("escalated", "boolean", Text("挂牌督办", "Escalated"), public=True, aliases=("是否挂牌督办", "提请政府", "挂牌")),
        Field("determination_by", "text", Text("判定人", "Determined by"), aliases=("判定单位", "论证单位")),
        Field("determination_on", "date", Text("判定日期", "Determined on"), public=True, aliases=("判定时间",)),
        Field("determination_basis", "text", Text("判定依据", "Basis of the determination"), aliases=("依据", "判定条款", "法规依据", "ordernumber")),
        Field("reject_reason", "text", Text("不属实原因", "Why rejected"), aliases=("误报原因",)),
        Field("reopen_of", "text", Text("反复隐患编号", "Reopens"), refers="hazards", aliases=("反复隐患", "原隐患编号")),
        Field("inspection_code", "text", Text("检查活动编号", "Inspection"), refers="inspections", aliases=("巡查编号", "检查编号")),
        NOTES,
    ),
    style=Style(
        color="#d55e00",
        weight=1.5,
        fill_opacity=0.85,
        radius=8.0,
        symbol="!",
        shape="triangle",
        by="status",
        min_zoom=16,
        classes=(
            StyleClass(Text("系统疑似", "candidate"), "#a8477f", value="candidate", symbol="?"),
            StyleClass(Text("已登记", "registered"), "#b2182b", value="registered"),
            StyleClass(Text("已下达整改通知", "notified"), "#d55e00", value="notified", symbol="令"),
            StyleClass(Text("整改中", "being put right"), "#b36b00", value="rectifying", symbol="改"),
            StyleClass(Text("待复查", "awaiting review"), "#3182bd", value="done_pending_review", symbol="复"),
            StyleClass(Text("复查不通过", "review failed"), "#7b3294", value="review_failed", symbol="退", shape="down"),
            StyleClass(Text("已销号", "closed"), "#008060", value="closed", symbol="✓", shape="circle", size=0.7),
            StyleClass(Text("不属实或不明", "rejected or unknown"), "#6b7280", symbol="–", shape="circle", size=0.7),
        ),
    ),
)

_SHOP_KINDS = (
    Choice(
        "restaurant", Text("餐饮", "restaurant"), ("饭店", "餐馆", "小吃", "面馆", "烩面馆", "早餐店", "餐饮店"),
        ("restaurant", "fast_food", "cafe", "food_court", "bar", "pub", "biergarten", "ice_cream", "nightclub"),
    ),
    Choice(
        "grocery", Text("超市便利", "groceries"), ("超市", "便利店", "粮油", "副食", "百货"),
        (
            "supermarket", "convenience", "kiosk", "greengrocer", "butcher", "bakery", "alcohol", "beverages", "confectionery", "deli", "pastry", "tea", "general",
            "department_store", "variety_store", "mall", "tobacco", "seafood", "farm", "food", "chocolate", "coffee", "cheese", "grocery", "health_food", "water",
            "frozen_food", "dairy", "spices",
        ),
    ),
    Choice("ebike", Text("电动车店", "e-bike shop"), ("电动车销售", "电动车维修", "修车"), ("bicycle", "motorcycle", "car_repair", "car", "car_parts", "tyres")),
    Choice(
        "service", Text("生活服务", "services"), ("理发", "美容美发", "洗衣", "维修", "打印", "诊所", "药店"),
        (
            "hairdresser", "beauty", "laundry", "dry_cleaning", "copyshop", "massage", "tattoo", "optician", "chemist", "pharmacy", "travel_agency", "tailor",
            "funeral_directors", "ticket", "photo", "pet", "locksmith", "shoe_repair", "nails", "nailstudio", "beauty_salon", "watches", "money_lender", "pawnbroker",
        ),
    ),
    Choice(
        "clothing", Text("服装鞋帽", "clothes"), ("服装", "服装店", "鞋店"),
        (
            "clothes", "shoes", "boutique", "fabric", "bag", "jewelry", "leather", "fashion", "fashion_accessories", "cosmetics", "perfumery", "hat", "hats", "fur",
            "handbags", "souvenirs",
        ),
    ),
    Choice(
        "hardware", Text("五金建材", "hardware"), ("五金", "建材", "水暖", "灯具"),
        (
            "hardware", "doityourself", "paint", "electrical", "lighting", "furniture", "kitchen", "bathroom_furnishing", "trade", "interior_decoration", "carpet",
            "bed", "glaziery", "curtain", "houseware", "flooring", "tiles",
        ),
    ),
    Choice(
        "leisure", Text("文体娱乐", "leisure"), ("网吧", "棋牌室", "培训", "托管班"),
        (
            "toys", "sports", "outdoor", "books", "stationery", "music", "video", "video_games", "games", "art", "craft", "musical_instrument", "hobby", "gift",
            "florist", "antiques", "adult", "frame", "collector",
        ),
    ),
    Choice("lpg", Text("液化气站点", "LPG outlet"), ("液化气站", "换气站", "气站"), ("gas",)),
    Choice(
        "other", Text("其他", "other"), ("其它", "其他类"),
        (
            "other", "yes", "electronics", "mobile_phone", "computer", "hifi", "telecommunication", "baby_goods", "second_hand", "charity", "lottery", "vacuum_cleaner",
            "appliances", "medical_supply", "pet_grooming", "storage_rental", "rental", "agrarian",
        ),
    ),
    UNKNOWN,
)

_FUELS = (
    Choice("piped", Text("管道天然气", "piped gas"), ("天然气", "管道燃气")),
    Choice("lpg", Text("瓶装液化气", "bottled LPG"), ("液化气", "液化气罐", "瓶装气")),
    Choice("electric", Text("电", "electric"), ("用电", "电磁炉", "全电")),
    Choice("alcohol", Text("醇基燃料", "alcohol fuel"), ("生物醇油", "醇基液体燃料")),
    Choice("none", Text("不用火", "none"), ("不使用", "不动火")),
    UNKNOWN,
)

shops = Layer(
    id="shops",
    label=Text("商户", "Shops"),
    group=GROUP_HAZARDS,
    geometry=(*POINTS, *AREAS),
    aliases=("商户", "门店", "沿街商户", "九小场所", "商铺", "商户台账", "shop", "businesses"),
    code_aliases=("商户编号", "门店编号", "场所编号", "shop_id"),
    cad=("SHOP", "SP"),
    cad_text="name",
    natural_key=("name", "address"),
    place_by=("building_code", "compound_code"),
    fields=(
        Field(
            "name", "text", Text("商户名称", "Name"), public=True, osm=("name:zh", "name", "name:en", "brand"),
            aliases=(*NAME_ALIASES, "门店名称", "店名", "场所名称", "单位名称", "店铺名称", "商铺名称", "shop"),
        ),
        Field(
            "kind", "choice", Text("经营类型", "Kind"), choices=_SHOP_KINDS, public=True, osm=("shop", "amenity"),
            aliases=("业态", "经营业态", "行业", "商户类型", "经营范围", "场所类型", "类型", "类别"),
        ),
        ADDRESS,
        COMMUNITY,
        COMPOUND_CODE,
        BUILDING_CODE,
        Field("floor", "text", Text("所在层", "Floor"), public=True, osm=("level",), aliases=("楼层", "所在楼层", "层数")),
        Field("fuel", "choice", Text("用气用火", "Fuel"), choices=_FUELS, aliases=("燃料", "燃料类型", "用气类型", "用火用气情况", "用气情况")),
        Field(
            "lpg_kg", "number", Text("液化气存量", "LPG held"), unit=KILOGRAMS, minimum=0, maximum=100000,
            aliases=("液化气公斤数", "存瓶量", "存气量", "液化石油气存量", "液化气重量", "瓶装气存量", "lpg"),
        ),
        Field("lpg_bottles_n", "integer", Text("气瓶数", "LPG bottles"), unit=Text("个", "bottles"), minimum=0, aliases=("液化气瓶数", "钢瓶数", "瓶数")),
        Field("has_bottle_room", "choice", Text("气瓶间", "Cylinder room"), choices=YES_NO_UNKNOWN, aliases=("有无气瓶间", "独立气瓶间", "是否有气瓶间")),
        Field("gas_alarm", "choice", Text("燃气报警器", "Gas alarm"), choices=YES_NO_UNKNOWN, aliases=("有无报警器", "报警器", "可燃气体报警器")),
        Field(
            "extinguishers_n", "integer", Text("灭火器数", "Extinguishers"), unit=Text("具", "pieces"), minimum=0,
            aliases=("灭火器", "灭火器数量", "灭火器(具)", "extinguishers"),
        ),
        Field(
            "extinguishers_given_n", "integer", Text("发放灭火器数", "Extinguishers given"), unit=Text("具", "pieces"), minimum=0,
            aliases=("发放灭火器", "配发灭火器数", "赠送灭火器"),
        ),
        Field("extinguishers_given_on", "date", Text("发放日期", "Given on"), aliases=("发放时间", "配发日期")),
        Field("sleeps_in", "choice", Text("住人", "People sleep there"), choices=YES_NO_UNKNOWN, aliases=("是否住人", "三合一", "是否三合一", "违规住人")),
        Field("street_occupation", "choice", Text("店外经营", "Trades outside"), choices=YES_NO_UNKNOWN, aliases=("占道经营", "是否占道", "是否店外经营")),
        Field("area_m2", "number", Text("面积", "Area"), unit=SQUARE_METRES, minimum=0, aliases=("建筑面积", "营业面积", "经营面积")),
        Field("opened_on", "date", Text("开业日期", "Opened on"), public=True, aliases=("开业时间", "开店日期", "营业起始日期")),
        Field("closed_on", "date", Text("停业日期", "Closed on"), public=True, aliases=("停业时间", "关门日期")),
        Field("notice_no", "text", Text("告知书编号", "Notice number"), aliases=("通知书编号", "告知书文号")),
        Field("notice_on", "date", Text("告知书日期", "Notice served on"), aliases=("通知书日期", "告知日期", "签收日期")),
        Field("notices_n", "integer", Text("告知书份数", "Notices served"), unit=Text("份", "notices"), minimum=0, aliases=("通知书份数", "下达通知数", "整改通知数")),
        Field("last_inspected_on", "date", Text("最近检查日期", "Last inspected on"), aliases=("检查日期", "检查时间", "最近检查时间", "走访日期")),
        Field("contact_person", "text", Text("负责人", "Contact person"), aliases=("经营者", "店主", "法人", "联系人", "经营者姓名")),
        Field("contact_phone", "text", Text("联系电话", "Phone"), aliases=("电话", "手机", "手机号码", "联系方式")),
        NOTES,
    ),
    style=Style(
        color="#b5651d",
        weight=1.2,
        fill_opacity=0.8,
        radius=6.0,
        symbol="商",
        by="fuel",
        min_zoom=17,
        classes=(
            StyleClass(Text("瓶装液化气", "bottled LPG"), "#d55e00", value="lpg", symbol="瓶", shape="diamond"),
            StyleClass(Text("醇基燃料", "alcohol fuel"), "#b36b00", value="alcohol", symbol="醇", shape="hexagon"),
            StyleClass(Text("管道天然气", "piped gas"), "#0072b2", value="piped", symbol="气"),
            StyleClass(Text("电或不用火", "electric or none"), "#008060", value="electric", symbol="电", shape="square"),
            StyleClass(Text("其他或不明", "other or unknown"), "#8a8f98"),
        ),
    ),
    osm=tuple(
        OsmRule(geometry, ((key, values),), unless=(("shop", ("vacant", "disused")),))
        for key, values in (
            ("shop", ("*",)),
            (
                "amenity",
                ("restaurant", "fast_food", "cafe", "food_court", "bar", "pub", "biergarten", "ice_cream", "nightclub", "pharmacy"),
            ),
        )
        for geometry in ("point", "area")
    ),
)

_INSPECTION_KINDS = (
    Choice("inspection", Text("检查", "inspection"), ("安全检查", "专项检查", "联合检查", "排查", "走访", "入户检查")),
    Choice("drill", Text("演练", "drill"), ("消防演练", "应急演练", "疏散演练")),
    Choice("night_patrol", Text("夜间巡查", "night patrol"), ("夜查", "夜间巡逻", "夜巡")),
    Choice("patrol", Text("日常巡查", "patrol"), ("巡查", "网格巡查")),
    Choice("training", Text("培训宣传", "training"), ("培训", "宣传", "消防培训", "宣讲", "消防宣传")),
    OTHER,
)

inspections = Layer(
    id="inspections",
    label=Text("检查与演练", "Inspections and drills"),
    group=GROUP_HAZARDS,
    geometry=POINTS,
    aliases=("检查", "巡查", "演练", "检查记录", "巡查记录", "演练记录", "检查台账", "夜查", "inspection", "drills"),
    code_aliases=("检查编号", "活动编号", "巡查编号", "inspection_id"),
    natural_key=("name", "held_on"),
    date_field="held_on",
    place_by=("compound_code",),
    fields=(
        Field("name", "text", Text("活动名称", "Name"), public=True, aliases=(*NAME_ALIASES, "检查名称", "演练名称", "主题", "活动主题")),
        Field("kind", "choice", Text("活动类型", "Kind"), choices=_INSPECTION_KINDS, public=True, aliases=("检查类型", "类型", "类别", "活动类别", "形式")),
        Field(
            "held_on", "date", Text("日期", "Date"), public=True,
            aliases=("检查日期", "检查时间", "活动日期", "活动时间", "演练日期", "演练时间", "巡查日期", "巡查时间", "时间", "date"),
        ),
        Field("place", "text", Text("地点", "Place"), public=True, aliases=("检查地点", "活动地点", "演练地点", "巡查路线", "检查路段", "place")),
        COMMUNITY,
        COMPOUND_CODE,
        Field("unit", "text", Text("组织单位", "Held by"), public=True, aliases=("检查单位", "主办单位", "参加单位", "参与单位")),
        Field("people_n", "integer", Text("参加人数", "People"), unit=PEOPLE, minimum=0, public=True, aliases=("人数", "参与人数", "出动人数", "参加人次")),
        Field(
            "shops_visited_n", "integer", Text("走访商户数", "Shops visited"), unit=Text("家", "shops"), minimum=0, public=True,
            aliases=("检查商户数", "检查门店数", "走访门店数", "检查场所数", "检查家数"),
        ),
        Field(
            "compounds_visited_n", "integer", Text("检查院落数", "Compounds visited"), unit=Text("个", ""), minimum=0, public=True,
            aliases=("走访院落数", "检查小区数", "检查楼院数"),
        ),
        Field(
            "hazards_found_n", "integer", Text("发现隐患数", "Hazards found"), unit=Text("处", ""), minimum=0, public=True,
            aliases=("隐患数", "排查隐患数", "发现问题数", "隐患处数"),
        ),
        Field(
            "notices_n", "integer", Text("下达通知书数", "Notices served"), unit=Text("份", "notices"), minimum=0, public=True,
            aliases=("通知书数", "下发通知书", "下达通知书"),
        ),
        Field(
            "extinguishers_given_n", "integer", Text("发放灭火器数", "Extinguishers given"), unit=Text("具", "pieces"), minimum=0, public=True,
            aliases=("发放灭火器", "配发灭火器数"),
        ),
        Field("led_by", "text", Text("带队人", "Led by"), aliases=("检查人", "检查人员", "带队领导", "巡查人员", "参加人员")),
        NOTES,
    ),
    style=Style(
        color="#7b3294",
        weight=1.2,
        fill_opacity=0.8,
        radius=6.5,
        symbol="查",
        shape="hexagon",
        by="kind",
        min_zoom=16,
        classes=(
            StyleClass(Text("检查", "inspection"), "#56b4e9", value="inspection"),
            StyleClass(Text("演练", "drill"), "#008060", value="drill", symbol="演"),
            StyleClass(Text("夜间巡查", "night patrol"), "#4b3f8f", value="night_patrol", symbol="夜"),
            StyleClass(Text("其他", "other"), "#8a8f98"),
        ),
        visible=False,
    ),
)
