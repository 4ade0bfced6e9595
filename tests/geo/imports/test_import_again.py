"""A file imported again adds nothing, whatever the modes and whatever else the store holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.geo.imports.conftest import Desk, Row, square

Line = tuple[str | None, str | None, str | None, float | None]
X, Y = "幸福小区", "南苑小区"
MODES = ("append", "upsert", "replace")


def compounds(desk: Desk, lines: list[Line], mode: str) -> tuple[int, list[tuple[int, str]]]:
    """Import lines of (code, name, community, how far east): how many were new, and what was quarantined."""
    rows: list[Row] = [{"小区编号": code, "小区名称": name, "社区": community} for code, name, community, _ in lines]
    places = [None if east is None else square(112.97 + east, 34.75) for *_, east in lines]
    account = desk.rows(rows, places, mode=mode, layer="compounds")
    return account.layers["compounds"].inserted, [(q.number, q.reason) for q in account.quarantined]


def called(desk: Desk) -> list[tuple[str | None, str | None]]:
    """Name and office code of every compound; None for a derived code."""
    found = [(row.get("name"), None if row["code"].startswith("h-") else row["code"]) for row in desk.dump("compounds")]
    return sorted(found, key=str)


ALONE: list[tuple[str, list[Line], list[tuple[int, str]], list[tuple[str | None, str | None]]]] = [
    ("a name once more under a code met before", [("C", None, None, None), ("C", X, "甲", 0.0), (None, X, "甲", 0.01)], [(2, "code-twice")],
     [(X, None), (None, "C")]),
    ("a name with and without its community", [(None, X, None, None), (None, X, "甲", None)], [], [(X, None), (X, None)]),
    ("a name before its code", [(None, X, None, None), ("A", X, None, None)], [(1, "name-twice")], [(X, "A")]),
    ("a name after its code", [("A", X, None, None), (None, X, None, None)], [(2, "name-twice")], [(X, "A")]),
    ("one name, two places, one code", [("A", X, None, 0.0), (None, X, None, 0.01)], [], [(X, "A"), (X, None)]),
]  # fmt: skip


@pytest.mark.parametrize("first", MODES)
@pytest.mark.parametrize(("lines", "left", "there"), [case[1:] for case in ALONE], ids=[case[0] for case in ALONE])
def test_a_file_again_adds_nothing(
    desk: Desk, first: str, lines: list[Line], left: list[tuple[int, str]], there: list[tuple[str | None, str | None]]
) -> None:
    """Names were counted in an empty store otherwise than in one that holds the file, and a line left out counted as a rival of the others."""
    assert compounds(desk, lines, first) == (len(there), left)
    for mode in MODES:
        again = compounds(desk, lines, mode)
        assert (again[0], called(desk)) == (0, there)
        assert mode == "append" or again[1] == left


BESIDE: list[tuple[str, list[Line], list[Line], int, list[tuple[int, str]], list[tuple[str | None, str | None]]]] = [
    ("one takes another name, a second has its old one", [("B", X, None, None)], [("B", Y, None, None), (None, X, None, None)], 1, [],
     [(Y, "B"), (X, None)]),
    ("a code in conflict comes again", [("B", X, None, None)], [("A", X, None, None), ("A", None, None, None)], 0, [(1, "code-conflict"), (2, "code-twice")],
     [(X, "B")]),
    ("the office's code on what the file says", [("A", X, "甲", None)], [(None, X, None, 0.0)], 0, [], [(X, "A")]),
]  # fmt: skip


@pytest.mark.parametrize(("stored", "lines", "new", "left", "there"), [case[1:] for case in BESIDE], ids=[case[0] for case in BESIDE])
def test_a_file_again_adds_nothing_to_others(
    desk: Desk, stored: list[Line], lines: list[Line], new: int, left: list[tuple[int, str]], there: list[tuple[str | None, str | None]]
) -> None:
    compounds(desk, stored, "upsert")
    assert [compounds(desk, lines, "upsert") for _ in range(2)] == [(new, left), (0, left)]
    assert called(desk) == there


def test_what_an_office_code_was_given_is_not_appended_again(desk: Desk) -> None:
    """Outlines, the ledger with the codes, and the outlines once more: each stood there twice."""
    outlines: list[Line] = [(None, X, None, 0.0), (None, Y, None, 0.01)]
    compounds(desk, outlines, "append")
    compounds(desk, [("A", X, None, None), ("B", Y, None, None)], "upsert")
    assert compounds(desk, outlines, "append") == (0, [(1, "code-exists"), (2, "code-exists")])
    assert called(desk) == [(Y, "B"), (X, "A")]


def test_an_id_met_twice_is_not_taken_as_a_name_the_second_time(desk: Desk) -> None:
    rows = [{"gid": 5000001, "小区名称": X}, {"gid": 5000001, "小区名称": Y}]
    for _ in range(2):
        account = desk.rows(rows, mode="append", layer="compounds")
        assert account.quarantined[-1].reason == "code-twice"
    assert desk.column("compounds", "name") == [X]


def test_one_building_of_a_compound_said_in_two_ways_is_one(new_desk: Callable[[], Desk]) -> None:
    """By the compound's name and by its code: the second stays out also where the first is there already."""
    desk = new_desk()
    desk.rows([{"小区编号": "Q1", "小区名称": "甲"}], layer="compounds")
    desk.rows([{"楼栋编号": code, "楼栋名称": "1号楼", "小区名称": "甲"} for code in ("L1", "L2")], layer="buildings")
    rows = [{"楼栋名称": "1号楼", "小区名称": said} for said in ("Q1", "甲")]
    accounts = [desk.rows(rows, layer="buildings") for _ in range(2)]
    assert [(a.layers["buildings"].inserted, [q.reason for q in a.quarantined]) for a in accounts] == [
        (1, ["name-twice"]),
        (0, ["name-twice"]),
    ]
