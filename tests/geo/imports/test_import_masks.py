"""Residents in an office's table: a thousand of them leave no token in the store, in any answer, export, account, quarantine, log or backup."""

from __future__ import annotations

import csv
import io
import logging
import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from app import create_app
from geo.imports import masking, quarantine_csv
from tests.geo.imports.conftest import Desk

FAMILIES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文海燕春雷鹏飞宇浩欣怡梓涵"
WEIGHTS = [2 ** (17 - i) % 11 for i in range(17)]
"""GB 11643: the weight of place i (from the right, 2 to 18) is 2 to the power i - 1 modulo 11."""


@dataclass(frozen=True)
class Resident:
    name: str
    identity: str
    phone: str

    @property
    def tokens(self) -> tuple[str, str, str]:
        return self.name, self.identity, self.phone


def identity(chance: random.Random) -> str:
    body = f"4101{chance.choice(['81', '22', '05'])}{chance.randrange(1940, 2015)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    body += f"{chance.randrange(1, 1000):03}"
    left = (12 - sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11) % 11
    return body + ("X" if left == 10 else str(left))


def residents(count: int, seed: int = 7) -> list[Resident]:
    """Made up, each name, number and phone once."""
    chance, out = random.Random(seed), {}
    while len(out) < count:
        name = chance.choice(FAMILIES) + "".join(chance.sample(GIVEN, 2))
        phone = f"1{chance.choice(['38', '39', '50', '86', '99'])}{chance.randrange(10**8):08}"
        out[name] = Resident(name, identity(chance), phone)
    assert len({r.identity for r in out.values()} | {r.phone for r in out.values()}) == 2 * count
    return list(out.values())


def table(people: Sequence[Resident]) -> list[dict[str, Any]]:
    """A list of flats with their householders; every tenth is a double of a code and goes to quarantine, every seventh has its phone as a number."""
    rows = []
    for n, who in enumerate(people):
        code = f"H{n - 1 if n % 10 == 9 else n}"
        phone = float(who.phone) if n % 7 == 0 else who.phone if n % 2 else f"+86 {who.phone[:3]}-{who.phone[3:7]}-{who.phone[7:]}"
        rows.append(
            {
                "楼栋编号": code, "地址": f"东区{n}号 联系{who.phone}", "层数": "约6", "户主姓名": who.name, "证件号码": who.identity, "手机号码": phone,
                "说明": f"{who.identity}（户主），{who.phone}可联系", "备注": f"低保，证件{who.identity}", "建成年份": who.phone if n % 50 == 0 else 1994,
            }
        )  # fmt: skip
    return rows


def found(data: bytes | str, tokens: Collection[str]) -> list[str]:
    """Tokens that stand in a text; numbers also with the signs taken away that are written between their digits."""
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    bare = text.replace("-", "").replace(" ", "")
    windows = {w for size in (11, 18) for w in re.findall(rf"(?=([0-9]{{{size - 1}}}[0-9X]))", bare)}
    windows |= set(re.findall("(?=([\u4e00-\u9fff]{3}))", text))
    return sorted(windows.intersection(tokens))


@pytest.fixture(scope="module", params=[300, pytest.param(1_000, marks=pytest.mark.soak)])
def people(request: pytest.FixtureRequest) -> list[Resident]:
    return residents(request.param)


@pytest.fixture(scope="module")
def tokens(people: list[Resident]) -> list[str]:
    return [token for who in people for token in who.tokens]


PAGES = (
    "/api/state", "/api/layers", "/api/history?limit=1000", "/api/imports", "/api/imports/1", "/api/imports/1/quarantine.csv",
    "/api/search?q=H1", "/ogc/collections/buildings", "/ogc/collections/buildings/queryables", "/ogc/collections/buildings/schema",
    "/ogc/collections/buildings/items?limit=5000", "/ogc/collections/buildings/items/1", "/ogc/collections/buildings/items?limit=5000&f=csv",
    "/ogc/collections/buildings/items?filter=nix%20%3D%201", "/",
)  # fmt: skip


def everything(desk: Desk, tmp_path: Path) -> dict[str, bytes]:
    """What the service says, keeps and writes about an import, by where."""
    desk.store.backup(tmp_path / "backup.gpkg")
    path = tmp_path / "backup.gpkg"
    out = {"store": path.read_bytes()}
    application = create_app({"YUANTU_STORE": str(path), "SECRET_KEY": "k" * 40})
    client = application.test_client()
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code in (200, 400), page
        out[page] = answer.data
    application.extensions["yuantu"].close()
    return out


def test_many_residents_leave_no_token(
    desk: Desk, tmp_path: Path, people: list[Resident], tokens: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account = desk.rows(table(people), layer="buildings", name="住户13812345678")
    many = len(people)
    assert len(tokens) == 3 * many
    assert account.to_json()["layers"]["buildings"] == {
        "read": many, "accepted": 0, "repaired": many * 9 // 10, "quarantined": many // 10
    }  # fmt: skip
    said = "".join([*account.lines("zh"), *account.lines("en"), str(account.to_json())])
    left_out = quarantine_csv(account.quarantined, "zh")
    assert len(list(csv.reader(io.StringIO(left_out.decode("utf-8-sig"))))) == many // 10 + 1
    places = {"account": said, "quarantine": left_out, "log": caplog.text, **everything(desk, tmp_path)}
    assert {
        where: found(data, [*tokens, "13812345678"])[:3] for where, data in places.items() if found(data, [*tokens, "13812345678"])
    } == {}


def test_with_the_masks_off_every_token_is_there(
    desk: Desk, tmp_path: Path, people: list[Resident], tokens: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what the test above looks for is found when nothing is masked."""
    monkeypatch.setattr(masking, "_how", lambda *_: None)
    desk.rows(table(people), layer="buildings")
    desk.store.backup(tmp_path / "backup.gpkg")
    assert len(found((tmp_path / "backup.gpkg").read_bytes(), tokens)) == 3 * len(people)


def test_the_account_names_the_columns_and_how_much_was_masked(desk: Desk) -> None:
    """Each column by what was in it; an internal field for people takes its column as it stands."""
    who = residents(3)
    rows = [
        {
            "编号": f"Y{n}",
            "隐患描述": f"{w.phone}报",
            "责任人": w.name,
            "责任人电话": w.phone,
            "户主": w.name,
            "身份证": w.identity,
            "隐患类型": "楼道堆物",
        }
        for n, w in enumerate(who)
    ]
    account = desk.rows(rows, layer="hazards")
    assert account.to_json()["masked"] == [
        {"layer": "hazards", "column": "隐患描述", "kind": "phone", "count": 3},
        {"layer": "hazards", "column": "户主", "kind": "name", "count": 3},
        {"layer": "hazards", "column": "身份证", "kind": "id", "count": 3},
    ]
    assert account.to_json()["personal"] == [
        {"layer": "hazards", "column": "责任人", "kind": "name", "field": "resp_person"},
        {"layer": "hazards", "column": "责任人电话", "kind": "phone", "field": "resp_phone"},
    ]
    assert desk.column("hazards", "resp_person", "resp_phone") == [(w.name, w.phone) for w in who]
    assert desk.column("hazards", "extra")[0] == {"户主": f"{who[0].name[0]}**", "身份证": "4101" + "*" * 14}
    lines = account.lines("zh")
    assert "“身份证”列有证件号码 3 处，没有字段接收，已遮盖后存入" in lines
    assert "“责任人电话”列的电话号码由内部字段 resp_phone 接收，原样保存，不对外发布" in lines
    assert desk.store.imports()[0].record.details["masked"] == account.to_json()["masked"]


def test_a_file_without_residents_has_nothing_masked(desk: Desk) -> None:
    rows = [
        {"小区名称": f"院{n}", "户数": 100 + n, "宗地代码": f"41018120240315{n:04}", "图斑": f"1500398{n:04}", "坐标": "112.13812345678"}
        for n in range(60)
    ]
    account = desk.rows(rows, layer="compounds")
    assert (account.to_json()["masked"], account.to_json()["personal"]) == ([], [])
    assert desk.column("compounds", "extra")[7] == {k: rows[7][k] for k in ("宗地代码", "图斑", "坐标")}


def test_people_that_differ_in_masked_cells_only_are_not_doubles(desk: Desk) -> None:
    """… and the same file again changes nothing: no code follows from what was masked."""
    rows = [{"隐患类型": "楼道堆物", "说明": f"{who.phone}报"} for who in residents(4)]
    rows.append(dict(rows[0]))
    first, again = desk.rows(rows, layer="hazards"), desk.rows(rows, layer="hazards")
    assert (first.to_json()["inserted"], dict(first.quarantine_reasons)) == ({"hazards": 4}, {"duplicate": 1})
    assert (again.to_json()["unchanged"], again.to_json()["inserted"]) == ({"hazards": 4}, {})


def test_identity_numbers_never_become_codes(desk: Desk) -> None:
    who = residents(4)
    account = desk.rows([{"编号": w.identity, "小区名称": f"院{n}"} for n, w in enumerate(who)], layer="compounds")
    assert account.to_json()["masked"] == [{"layer": "compounds", "column": "编号", "kind": "id", "count": 4}]
    assert [code[:2] for code in desk.column("compounds", "code")] == ["h-"] * 4
    serial = [f"41018120240315{n:04}" for n in range(12)]
    desk.rows([{"编号": code, "小区名称": f"区{n}"} for n, code in enumerate(serial)], layer="compounds")
    assert sorted(desk.column("compounds", "code"))[:12] == serial


def test_the_first_row_of_a_table_without_headings_is_masked_too(desk: Desk) -> None:
    one, two = residents(2)
    account = desk.rows([{"东苑": "北苑", one.name: two.name, one.phone: two.phone}], layer="compounds", sets={"name": "东苑"})
    assert found(str(account.to_json()) + str(desk.dump("compounds")), [*one.tokens, two.phone]) == []
    assert [m["column"] for m in account.to_json()["masked"]] == [f"{one.phone[:3]}********"]


def test_what_the_inspection_shows_is_masked(desk: Desk) -> None:
    from geo.formats.contract import DatasetInfo

    (who,) = residents(1)
    row = {"小区名称": "南苑", "户主姓名": who.name, "电话": who.phone, "户数": 120}
    info = DatasetInfo("表", "CSV", list(row), 1, {}, None, [], [("UTF-8", [f"{who.name} {who.identity}"])], [row])
    shown = masking.shown_info(info)
    assert shown.sample == [{"小区名称": "南苑", "户主姓名": f"{who.name[0]}**", "电话": f"{who.phone[:3]}********", "户数": 120}]
    assert shown.encodings == [("UTF-8", [f"{who.name} 4101{'*' * 14}"])]


def test_the_other_columns_of_our_own_files_come_back_masked(desk: Desk) -> None:
    """A file of an older store may hold them as they were; serial numbers under the heading of a code stay."""
    (who,) = residents(1)
    others = {"户主": who.name, "电话": int(who.phone), "图斑代码": 15003980001, "层": 3, "备": f"找{who.phone}"}
    stamps = {"版本": 2, "更新时间": "2026-01-01T00:00:00Z", "更新人": "x"}
    row = {"序号": 7, "编号": "A1", "名称": "甲", **stamps, "其他列": orjson.dumps(others).decode(), "几何 WKT": "POINT (1 2)"}
    account = desk.rows([row], layer="compounds")
    shown = {"户主": f"{who.name[0]}**", "电话": f"{who.phone[:3]}********", "备": f"找{who.phone[:3]}********"}
    assert desk.column("compounds", "extra") == [{**others, **shown}]
    assert found(str(account.to_json()) + str(desk.dump("compounds")), who.tokens) == []


def test_a_column_of_that_name_in_a_strangers_file_is_a_column(desk: Desk) -> None:
    desk.rows([{"编号": "A1", "小区名称": "甲", "序号": 7, "其他列": '{"a": 1}'}], layer="compounds")
    assert desk.column("compounds", "extra") == [{"序号": 7, "其他列": '{"a": 1}'}]
