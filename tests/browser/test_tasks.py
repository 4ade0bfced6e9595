"""The fifteen tasks of a planner, in Chinese and English, on a desktop, a tablet and a phone; no other host is asked and the console stays empty.

What CI runs (`-k "test_tasks and ci"`): every task at every size, in Chinese and English by turns. `make soak` runs all.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tasks_asking as asking
import tasks_changing as changing
from desk import LOCALES, SIZES, Desk

pytestmark = [pytest.mark.browser, pytest.mark.soak]

TASKS: dict[str, Callable[[Desk, Path], None]] = {
    "find": asking.find_by_part_of_a_name,
    "gas": asking.without_gas_before_1990,
    "lanes": asking.narrow_lanes_in_a_drawn_area,
    "reach": asking.why_out_of_reach,
    "overdue": asking.overdue_of_one_type,
    "near": asking.hazards_near_a_lane,
    "metres": asking.chosen_rows_in_metres,
    "card": asking.print_a_card,
    "share": asking.share_and_reopen,
    "ledger": changing.import_a_ledger,
    "place": changing.place_an_unplaced_compound,
    "undo": changing.correct_and_undo,
    "move": changing.move_a_lane,
    "hazard": changing.close_a_hazard,
    "project": changing.make_a_project,
}


def by_turns(first: int) -> list[tuple[str, str, str]]:
    """Every task at every size, the language another one from each to the next."""
    return [(task, list(LOCALES)[(first + i + j) % 2], size) for i, task in enumerate(TASKS) for j, size in enumerate(SIZES)]


CI, OTHERS = by_turns(0), by_turns(1)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> str:
    """One that all share; the import of a ledger takes the demo data away and has its own."""
    alone = request.node.callspec.params["task"] == "ledger"
    found: str = request.getfixturevalue("fresh_server" if alone else "demo_server")
    return found


def run(task: str, lang: str, size: str, server: str, open_page: Callable[..., Any], folder: Path) -> None:
    def opened() -> Desk:
        desk = Desk(open_page(server, *SIZES[size], LOCALES[lang]), lang, size)
        desk.again = opened
        return desk

    desk = opened()
    TASKS[task](desk, folder)
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    desk.watched.clean()


@pytest.mark.parametrize(("task", "lang", "size"), CI)
def test_ci(task: str, lang: str, size: str, server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    run(task, lang, size, server, open_page, tmp_path)


@pytest.mark.parametrize(("task", "lang", "size"), OTHERS)
def test_others(task: str, lang: str, size: str, server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    run(task, lang, size, server, open_page, tmp_path)
