"""What the headings of a table say of personal data in its columns, and how the cells under them are shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from geo.values.personal import Kind, digits_of, likely, mask_identity, mask_names, mask_numbers, mask_phone
from geo.values.text import key

_IDENTITY_WORDS = re.compile(
    r"身份证|身份号|证件号|证件编[号码]|公民身份|护照号|户口本号|残疾人?证|社保[卡号]|医保[卡号]|银行卡|居住证|军官证|驾驶证|通行证"
    r"|id(?:card|number)|identity(?:card|no|number)|passport|nationalid"
)
_PHONE_WORDS = re.compile(r"电话|手机|联系方式|联系号码|移动号码|微信|phone|mobile|cellphone|telephone|^tel$|tel(?:no|number)$")
_BESIDE = re.compile(rf"(?:联系)?(?:{_PHONE_WORDS.pattern})|[及和与或、,，+&|]|号码?$")
"""What a heading of phones loses before it is asked whether it speaks of names too: 联系人及电话, 业主电话."""
_OF_PERSONS = re.compile(
    r"手机|移动号码|户主|住户|业主|居民|本人|家庭|个人|家属|房主|租户|监护|老人|微信|mobile|cell|resident|owner|tenant"
)
_NAME_CERTAIN = re.compile(
    r"(?:姓名|户主|户主名|业主名|房主|房东|产权人|承租人|监护人|紧急联系人|被访人|居住人|fullname|ownername|residentname|householder|contactname|surname)\d*$"
)
_NAME_LIKELY = re.compile(
    r"(?:联系人|负责人|责任人|楼长|楼栋长|院长|单元长|网格员|网格长|管理员|管理人|值班人|经办人|填报人|填表人|申请人|反映人|举报人|投诉人|报修人|登记人|签字人|(?:检查|巡查|排查|复查|复核|审核|验收|整改|跟踪|发现|上报)人员?|签字|签名"
    r"|法人|法定代表人|经营者|经营人|代表人|业主|住户|住户名|租户|居民|家属|党员|志愿者|社工|人员名单|名单|干部|书记|民警|片警|管家|安全员|保洁员|联络员|协管员"
    r"|(?:户主|业主|住户|租户|家庭成员)信息|contact|contactperson|personincharge|owner|tenant|resident)\d*$"
)

Way = Callable[[str, "Counter[Kind]"], str]


def heading_way(heading: str) -> tuple[Kind, Way] | None:
    """What kind of personal data a column of this heading holds, with the function that masks its cells; None for other columns."""
    form = re.sub(r"\([^()]*\)|[_\-./:*#]", "", key(heading))
    if _IDENTITY_WORDS.search(form):
        return "id", mask_identity
    if _PHONE_WORDS.search(form):
        numbers: Way = mask_phone if _OF_PERSONS.search(form) else lambda text, counts: mask_numbers(text, counts=counts)
        beside = _certainty(_BESIDE.sub("", form))
        return "phone", numbers if beside is None else _names(numbers)
    certain = _certainty(form)
    return None if certain is None else ("name", _names(certain=certain))


def _certainty(form: str) -> bool | None:
    """Whether a heading without a doubt speaks of the names of people, or probably; None: not at all."""
    return True if _NAME_CERTAIN.search(form) else False if _NAME_LIKELY.search(form) else None


def _names(numbers: Way | None = None, *, certain: bool = False) -> Way:
    """Names, and the numbers that are written beside them."""

    def way(text: str, counts: Counter[Kind]) -> str:
        masked = mask_numbers(text, counts=counts) if numbers is None else numbers(text, counts)
        return mask_names(masked, certain=certain, counts=counts)

    return way


def shown_headings(columns: Iterable[str]) -> dict[str, str]:
    """Headings that hold personal data (a table without headings gives its first resident for them) → what they are called instead."""
    listed = list(columns)
    if not any(likely(column) and mask_numbers(column) != column for column in listed):
        return {}
    out: dict[str, str] = {}
    for column in listed:
        shown = mask_names(mask_numbers(column), certain=False)
        if shown != column:
            while shown in listed or shown in out.values():
                shown += "*"
            out[column] = shown
    return out


_CODE_WORDS = re.compile(
    r"编号|编码|代码|序号|户号|卡号|表号|证号|权证|单元号|宗地号|地块号|图斑号|合同号|单号|流水号|档案号|时间戳|(?:水|电|气|热|暖|缴费|公积金)费?[账帐]号"
    r"|code$|id$|^gid|(?<!phone)(?<!mobile)no$"
)


def is_code_heading(heading: str) -> bool:
    """Whether a column of this heading holds the numbers of things."""
    return _CODE_WORDS.search(key(heading)) is not None


def shown_cell(heading: str, cell: Any) -> Any:
    """One cell by its heading and by the numbers in it; a cell in which nothing is masked stays as it is."""
    headed = heading_way(heading)
    if cell is None or cell.__class__ not in (str, int, float) or not (headed is not None or likely(cell)):
        return cell
    text = digits_of(cell)
    masked = headed[1](text, Counter()) if headed is not None else mask_numbers(text, phone=not is_code_heading(heading))
    return cell if masked == text else masked
