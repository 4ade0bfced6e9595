"""Names that sound like a Henan county town; all made up or generic, none of a person."""

from __future__ import annotations

MAIN_NORTH_SOUTH = ("桐本路", "新华路", "紫荆路", "建设路", "东区路", "货场路", "永安路", "嵩山路", "石河路", "青龙路", "站前路", "学府路")
MAIN_EAST_WEST = ("陇海路", "杜甫路", "人民路", "滨河路", "健康路", "政通路", "文明路", "中原路", "锦里路", "河洛路", "康店路", "北山路")
LOCAL_EAST_WEST = ("惠民街", "园丁街", "桃园街", "文化街", "劳动街", "光明街", "胜利街", "兴业街", "和平街", "民生街", "春晖街", "友谊街")
LOCAL_NORTH_SOUTH = (
    "面粉厂巷",
    "里沟巷",
    "书院巷",
    "槐荫巷",
    "电厂巷",
    "水塔巷",
    "粮库巷",
    "柿园巷",
    "药铺巷",
    "棉麻巷",
    "老车站巷",
    "石榴巷",
)

_FIRST = "安宝昌常崇春德东恒鸿宏华惠嘉建金锦景康兰乐礼凌龙明南宁平瑞盛顺泰天通同文祥新兴学阳怡永裕远云泽昭正志中"
_SECOND = "宾畅程達丰福光和恒厚华化辉吉济佳康乐利林隆茂民宁平清泉荣瑞善胜盛顺泰望文祥欣信秀学义益英永友裕元源远悦昭振"


def pair(index: int) -> str:
    """A two-character name that differs for every index below 2 800."""
    return _FIRST[index % len(_FIRST)] + _SECOND[(index // len(_FIRST) + index * 7) % len(_SECOND)]


def street(kind: tuple[str, ...], suffix: str, index: int) -> str:
    """The street `index` of its kind: a known-sounding one first, then made from two characters and a number if need be."""
    if index < len(kind):
        return kind[index]
    turn, rest = divmod(index - len(kind), len(_FIRST) * len(_SECOND))
    return pair(rest) + (f"{turn + 1}" if turn else "") + suffix


def community(index: int) -> str:
    """Community names beyond the district's own."""
    turn, rest = divmod(index, len(_FIRST) * len(_SECOND))
    return pair(rest) + (f"第{turn + 1}" if turn else "") + "社区"


WORK_UNITS = (
    "棉纺厂", "农机厂", "水泥厂", "化肥厂", "百货公司", "粮食局", "供销社", "五金公司", "物资局", "邮电局", "电业局", "自来水公司", "印刷厂", "食品公司",
    "纺织品公司", "运输公司", "建筑公司", "第一中学", "第二中学", "实验小学", "人民医院", "中医院", "卫生局", "教育局", "税务局", "土地局", "林业局", "水利局",
    "广播局", "文化局", "农业局", "工商局", "交通局", "畜牧局", "机械厂", "耐火材料厂", "铝厂", "电缆厂", "轴承厂", "面粉厂", "酒厂", "糖烟酒公司", "药材公司",
    "石油公司", "煤建公司", "外贸公司", "蔬菜公司", "煤炭公司", "乡镇企业局", "劳动局", "民政局", "统计局", "审计局", "财政局", "计划委员会", "科学技术委员会",
    "电影公司", "新华书店", "豫剧团", "防疫站", "妇幼保健院", "汽车站", "火车站", "变电站", "养路段", "房管所", "城建局", "环保局", "种子公司", "农业银行",
    "建设银行", "工商银行", "信用联社", "保险公司", "针织厂", "皮革厂", "搪瓷厂", "塑料厂", "玻璃厂", "造纸厂", "陶瓷厂", "酱菜厂", "木器厂", "服装厂",
)  # fmt: skip

ESTATES = (
    "北苑", "东苑", "西苑", "和平", "幸福", "光明", "新兴", "春光", "桃园", "杏林", "梧桐", "锦绣", "富民", "安居", "康乐", "育才", "阳光", "金桥", "嵩岳", "洛水",
    "紫荆", "玉兰", "石榴", "翠竹", "银杏", "明珠", "宏达", "兴华", "永安", "惠民", "文苑", "书香", "河滨", "盛世", "嘉和", "祥和", "天和", "瑞景", "怡景", "德馨",
)  # fmt: skip
ESTATE_SUFFIXES = ("小区", "花园", "新村", "家园")

SHOP_FIRST = (
    "惠民",
    "便民",
    "顺达",
    "鑫源",
    "家家福",
    "老城",
    "福满园",
    "一品",
    "好再来",
    "金穗",
    "百姓",
    "新世纪",
    "四季",
    "东方",
    "小城",
    "实惠",
    "洛河",
    "诚信",
    "喜来",
    "万家",
)
SHOP_KINDS = (
    ("restaurant", "烩面馆"), ("restaurant", "胡辣汤店"), ("restaurant", "饺子馆"), ("restaurant", "烧烤店"), ("restaurant", "快餐店"), ("restaurant", "早餐店"),
    ("grocery", "超市"), ("grocery", "便利店"), ("grocery", "粮油店"), ("grocery", "蔬果店"), ("service", "理发店"), ("service", "洗衣店"), ("service", "药房"),
    ("service", "打印店"), ("ebike", "电动车行"), ("hardware", "五金店"), ("hardware", "建材店"), ("clothing", "服装店"), ("clothing", "鞋店"),
    ("leisure", "文具店"), ("leisure", "棋牌室"), ("other", "手机店"),
)  # fmt: skip
"""(kind of layer shops, what the sign says)"""
