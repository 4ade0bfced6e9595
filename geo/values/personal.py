"""Personal data as tables hold them: identity-card numbers, phones and names of people, found in a cell and masked so that nobody is known by what stays."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

from geo.errors import Text
from geo.values.text import says_nothing

Kind = Literal["id", "phone", "name"]

KINDS: Mapping[Kind, Text] = MappingProxyType(
    {"id": Text("证件号码", "identity numbers"), "phone": Text("电话号码", "phone numbers"), "name": Text("人名", "names of people")}
)

_SHORTEST = 11
"""Characters of the shortest number that is looked for."""

_HALF = str.maketrans("０１２３４５６７８９ＸｘＡＢＣＤＥＦ＋－–—‐‑−（）．　\u00a0", "0123456789XxABCDEF+-----" + "-()." + "  ")
"""One character for one: what is found in the translated text stands at the same place in the cell."""

_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91".split()
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"

_LIKELY = re.compile(r"\d{3}[\d\s\-－–—‐‑−]{7,}[\dXxＸｘ]")
_IDENTITY = re.compile(r"(?<![0-9])(?<![0-9]\.)[1-9][0-9]{5} ?(?:[0-9]{8} ?[0-9]{3}[0-9Xx]|[0-9]{9})(?![0-9])(?!\.[0-9]*[1-9])")
_PHONE = re.compile(
    r"(?<![0-9第])(?<![0-9]\.)(?<!node/)(?:\(?(?:\+|00)?86\)?[ -]{0,2})?"
    r"1[3-9][0-9](?:[ -]?[0-9]{4}[ -]?[0-9]{4}|[0-9][ -][0-9]{3}[ -][0-9]{4}|[ -][0-9]{3}[ -][0-9]{5})(?![0-9])(?!\.[0-9]*[1-9])"
)
_ANY_PHONE = re.compile(r"(?<![0-9])(?:\(?0[0-9]{2,3}\)?[ -]?)?[1-9][0-9]{6,10}(?![0-9])")
"""Under a heading that speaks of the phone of a person, a number of a fixed line counts too."""
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_FEW, _FEW_PHONES, _COMMON = 5, 3, 5
"""Numbers that a column needs before it can be told for one of serial numbers, and the beginning that codes of one district share."""
_HASH = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b(?=[0-9]*[a-f])[0-9a-f]{20,}\b", re.IGNORECASE)
"""Keys that programs give out: ten digits in a row mean nothing there."""


def likely(cell: Any) -> bool:
    """Whether a cell may hold a number of a person: quick, and true more often than it is so."""
    if cell.__class__ is str:
        return len(cell) >= _SHORTEST and _LIKELY.search(cell) is not None
    return cell.__class__ in (int, float) and 1.3e10 <= cell < 1e18 and cell == int(cell)


def digits_of(cell: Any) -> str:
    """A cell as text; a spreadsheet's number without its ".0", of which it keeps fifteen digits only."""
    if cell.__class__ is float:
        return str(int(Decimal(f"{cell:.15g}"))) if cell.is_integer() else str(cell)
    return str(cell)


# --- identity-card numbers


def is_identity(number: str) -> bool:
    """Whether 18 characters are a resident identity number (province, day of birth, check character), or 15 digits an old one.

    A spreadsheet that held one as a number has made its last three digits 000; it still tells who was born where on which day. Old numbers have no check
    character: those of people born before 1920 are left aside, whose year and day are how the codes of towns and communities go on (410181 101 205 …).
    """
    if number[:2] not in _PROVINCES or not number[:-1].isdecimal():
        return False
    if len(number) == 18:
        total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
        return _is_day(number[6:14]) and (_CHECK[total % 11] == number[17].upper() or number.endswith("000"))
    return len(number) == 15 and number.isdecimal() and number[6] >= "2" and _is_day("19" + number[6:12])


def _is_day(text: str) -> bool:
    try:
        return 1900 <= dt.date.fromisoformat(text).year < 2100
    except ValueError:
        return False


def _bare(text: str) -> str:
    """The text in half-width with keys of programs blanked out, character for character."""
    text = text.translate(_HALF)
    return _HASH.sub(lambda m: "_" * len(m.group()), text) if len(text) >= 20 else text


@dataclass(slots=True)
class Suspect:
    """What the cells of a column, seen whole, say of the numbers in it: people's, or the numbers of an office.

    `shaped`: numbers of the shape of an identity number, of which `valid` are one (of serial numbers one in eleven); `phones`: cells that are eleven digits
    like a mobile phone, `_prefix` what all of these begin with (a district's code begins like a phone too, but all of its numbers alike).
    """

    shaped: int = 0
    valid: int = 0
    phones: int = 0
    _prefix: str = ""

    def add(self, cell: Any) -> None:
        text = _bare(digits_of(cell))
        numbers = [m.group().replace(" ", "") for m in _IDENTITY.finditer(text)]
        shaped = [number for number in numbers if number[:2] in _PROVINCES]
        self.shaped += len(shaped)
        self.valid += sum(map(is_identity, shaped))
        if _MOBILE.fullmatch(text):
            alike = (i for i, (one, other) in enumerate(zip(self._prefix, text, strict=False)) if one != other)
            self._prefix = text[: next(alike, len(self._prefix))] if self.phones else text
            self.phones += 1

    @property
    def identities(self) -> bool:
        """Whether most of what has the shape of an identity number is one: then the others are mistyped ones."""
        return self.shaped > 0 and self.valid * 2 >= self.shaped

    @property
    def serial(self) -> bool:
        """Whether what has the shape of an identity number is none."""
        return self.shaped >= _FEW and not self.identities

    @property
    def coded(self) -> bool:
        """Whether what has the shape of a mobile phone is none."""
        return self.phones >= _FEW_PHONES and len(self._prefix) >= _COMMON


# --- masking


def mask_numbers(text: str, *, identity: bool = True, unsure: bool = False, phone: bool = True, counts: Counter[Kind] | None = None) -> str:
    """`text` with the identity numbers and mobile phones in it masked: their place and their operator stay, the person does not.

    `unsure`: numbers of the right shape whose check fails count too. `counts` takes how many were masked.
    """
    bare = _bare(text)
    spans: list[tuple[int, int, int, Kind]] = []
    if identity:
        for match in _IDENTITY.finditer(bare):
            number = match.group().replace(" ", "")
            if is_identity(number) or (unsure and number[:2] in _PROVINCES):
                spans.append((match.start(), match.end(), 4, "id"))
    if phone:
        for match in _PHONE.finditer(bare):
            if not any(start < match.end() and match.start() < end for start, end, _, _ in spans):
                spans.append((match.start(), match.end(), _prefix(match.group()), "phone"))
    return _starred(text, spans, counts)


def _prefix(number: str) -> int:
    """Length of what stays of a phone: the three digits of its operator, or the country code."""
    return 3 if number[0] == "1" else number.index("86") + 2


def mask_identity(text: str, counts: Counter[Kind] | None = None) -> str:
    """A cell under a heading of identity or passport numbers: whatever stands there, unless it says nothing or holds no digit."""
    if says_nothing(text.strip()) or not any(c.isdigit() for c in text):
        return text
    masked = re.sub(r"[0-9０-９A-Za-zＸｘ]{5,}", lambda m: m[0][: 4 if len(m[0]) >= 15 else 1].ljust(len(m[0]), "*"), text)
    if masked != text and counts is not None:
        counts["id"] += 1
    return masked


def mask_phone(text: str, counts: Counter[Kind] | None = None) -> str:
    """A cell under a heading of somebody's phone: mobile phones and fixed lines."""
    masked = mask_numbers(text, counts=counts)
    spans: list[tuple[int, int, int, Kind]] = [(m.start(), m.end(), 3, "phone") for m in _ANY_PHONE.finditer(masked.translate(_HALF))]
    return _starred(masked, spans, counts)


def _starred(text: str, spans: list[tuple[int, int, int, Kind]], counts: Counter[Kind] | None) -> str:
    for start, end, kept, kind in sorted(spans, reverse=True):
        text = text[: start + kept] + "*" * (end - start - kept) + text[end:]
        if counts is not None:
            counts[kind] += 1
    return text


# --- names of people

_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱"
    "江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕"
    "单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵"
    "苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠"
    "豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於"
    "呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由赖代夏盛"
)
_DOUBLE = frozenset(
    "欧阳 司马 上官 诸葛 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 东方 端木 轩辕 宇文 长孙 呼延 南宫 申屠 公冶 赫连 澹台 闻人 独孤 第五 完颜 拓跋".split()
)
_TITLES = re.compile(
    r"(?<=.)(?:先生|女士|小姐|同志|主任|书记|经理|师傅|老师|楼长|院长|网格员|网格长|队长|站长|所长|科长|局长|会长|主席|医生|阿姨|大爷|大妈|大姐|大哥)$"
)
_BODY = re.compile(
    r"(?:公司|集团|社区|小区|家属院|居委会|村委会|委员会|业委会|物业|物管|中心|办事处|街道|单位|学校|医院|银行|保安|门卫|商店|超市|饭店|餐馆|市场|人员|负责人|联系人"
    r"|户主|业主|住户|居民|自管|代管|人口|不详|安全|高层|多层|平房|公房|空房|空户|空置|出租|员)$"
)
"""Ends of words for offices and companies, which are no people."""
_PLACE = re.compile(r"[局所队部科室厅处店厂院组办站楼区村庄路街巷镇乡县市省社会号栋单苑园庭府城湾里坊]$")
"""… and of words that are more often a place or an office than a name, unless the heading leaves no doubt."""
_HAN = re.compile(r"[\u3400-\u9fff][\u3400-\u9fff·•・]*[\u3400-\u9fff]")
_SPACED = re.compile(r"\s*([\u3400-\u9fff])[ \u3000]+([\u3400-\u9fff])\s*")
_LATIN = re.compile(r"\s*([A-Za-z])[a-z'.\-]+(?:[ ,]+[A-Za-z][A-Za-z'.\-]*){0,3}\s*")


def surname_of(name: str) -> str | None:
    """The family name that 2 to 4 Chinese characters begin with, or None when they are no name that is known for one."""
    if name[:2] in _DOUBLE and 3 <= len(name) <= 4:
        return name[:2]
    return name[0] if name[0] in _SURNAMES and 2 <= len(name) <= 3 else None


def mask_names(text: str, *, certain: bool, counts: Counter[Kind] | None = None) -> str:
    """A cell under a heading of people's names: 张伟 → 张**. `certain`: the heading leaves no doubt, so rare family names and Latin letters count too."""
    if says_nothing(text.strip()):
        return text

    def mask(match: re.Match[str]) -> str:
        found = match.group()
        bare = _TITLES.sub("", found)
        family = _family(bare, certain=certain)
        if family is None or _BODY.search(found) or (not certain and _PLACE.search(found)):
            return found
        if counts is not None:
            counts["name"] += 1
        return f"{family}**"

    spaced = _SPACED.fullmatch(text)
    if spaced is not None:
        return _HAN.sub(mask, spaced[1] + spaced[2])
    if certain and (latin := _LATIN.fullmatch(text)) is not None:
        if counts is not None:
            counts["name"] += 1
        return f"{latin[1]}**"
    return _HAN.sub(mask, text)


def _family(name: str, *, certain: bool) -> str | None:
    known = surname_of(name) if len(name) >= 2 else name
    if known is not None or not certain:
        return known
    return name[0] if len(name) <= 4 or any(c in "·•・" for c in name) else None
