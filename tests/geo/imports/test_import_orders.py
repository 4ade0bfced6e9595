"""Excel first or outlines first: the same store, also where one name stands for several compounds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from tests.geo.imports.conftest import Desk, Row, square

File = tuple[str, list[Row], list[bytes | None]]
X = "幸福小区"


def ledger(name: str, *rows: tuple[str | None, int]) -> File:
    """Rows of 幸福小区: community and households."""
    return name, [{"小区名称": X, "社区": community, "户数": households} for community, households in rows], []


def outlines(name: str, *rows: tuple[str | None, float]) -> File:
    """Outlines of 幸福小区: community and where."""
    return name, [{"小区名称": X, "社区": community} for community, _ in rows], [square(112.98 + at, 34.75) for _, at in rows]


CASES: list[tuple[str, list[File], int]] = [
    ("one and one", [ledger("表", (None, 100)), outlines("图", (None, 0.0))], 1),
    ("the ledger tells two apart, the outline does not", [ledger("表", ("甲", 100), ("乙", 50)), outlines("图", (None, 0.0))], 3),
    ("two outlines, one row", [ledger("表", (None, 100)), outlines("图", (None, 0.0), (None, 0.01))], 3),
    ("two outlines, one row with its community", [ledger("表", ("甲", 100)), outlines("图", (None, 0.0), (None, 0.01))], 3),
    ("two rows that nothing tells apart", [ledger("表", (None, 100), (None, 50)), outlines("图", (None, 0.0))], 1),
    ("one of the outlines has its community", [ledger("表", ("甲", 100), ("乙", 50)), outlines("图", (None, 0.0), ("甲", 0.01))], 3),
    ("each has one that the other lacks", [ledger("表", ("甲", 100), ("丙", 7)), outlines("图", ("乙", 0.0), ("甲", 0.01))], 3),
    ("a row twice", [ledger("表", ("甲", 100), ("甲", 100)), outlines("图", (None, 0.0))], 1),
]


@pytest.mark.parametrize(("files", "features"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_every_order_of_the_files_gives_the_same_store(new_desk: Callable[[], Desk], files: list[File], features: int) -> None:
    """… and the same files once more change nothing."""
    stores = []
    for order in permutations(files):
        desk = new_desk()
        for name, rows, places in order:
            desk.rows(rows, places, name=name, layer="compounds")
        stores.append(held(desk))
        for name, rows, places in order:
            desk.rows(rows, places, name=name, layer="compounds")
        assert held(desk) == stores[0]
    assert len(stores[0]) == features


def held(desk: Desk) -> list[str]:
    """What the layer holds but for codes: those made from names depend on which name came first."""
    return sorted(repr(sorted((k, v) for k, v in row.items() if k != "code")) for row in desk.dump("compounds"))


def test_what_is_kept_apart_is_said(desk: Desk) -> None:
    for name, rows, places in (ledger("表", ("甲", 100), ("乙", 50)), outlines("图", (None, 0.0))):
        account = desk.rows(rows, places, name=name, layer="compounds")
    assert account.to_json()["reasons"] == {"name-ambiguous": 1}
    assert "社区" in account.examples[0]["zh"]
