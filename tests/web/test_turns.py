"""Whose turn it is: in order, few at a time, small work beside large, and out of the queue again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from web.turns import Turns


class Desk:
    """Work that runs until it is told to end."""

    def __init__(self, places: int) -> None:
        self.turns = Turns(places)
        self.begun: list[str] = []
        self.gates: dict[str, threading.Event] = {}

    def add(self, *names: str) -> None:
        """A name in capitals is large work."""
        for name in names:
            self.gates[name] = threading.Event()
            self.turns.add(name, self._work(name), large=name.isupper())

    def _work(self, name: str) -> Callable[[], None]:
        def work() -> None:
            self.begun.append(name)
            self.gates[name].wait(10)

        return work

    def end(self, name: str) -> None:
        self.gates[name].set()

    def shows(self, *begun: str) -> bool:
        """Whether exactly these have begun, waited for."""
        until = time.monotonic() + 5
        while self.begun != list(begun) and time.monotonic() < until:
            time.sleep(0.005)
        return self.begun == list(begun)

    def close(self) -> None:
        for gate in self.gates.values():
            gate.set()
        self.turns.join(5)


@pytest.fixture
def desk() -> Desk:
    return Desk(2)


def test_work_begins_in_the_order_it_came(desk: Desk) -> None:
    desk.add("a", "b", "c", "d")
    assert desk.shows("a", "b")
    assert [desk.turns.position(name) for name in "abcd"] == [None, None, 1, 2]
    desk.end("b")
    assert desk.shows("a", "b", "c")
    assert desk.turns.position("d") == 1
    desk.close()


def test_large_work_never_takes_the_last_place(desk: Desk) -> None:
    """Two large files wait for each other; a small one passes the second, which still comes next of the large."""
    desk.add("A", "B", "c")
    assert desk.shows("A", "c")
    desk.add("D")
    desk.end("A")
    assert desk.shows("A", "c", "B")
    assert desk.turns.position("D") == 1
    desk.close()


def test_alone_a_large_one_has_the_only_place() -> None:
    desk = Desk(1)
    desk.add("A", "b")
    assert desk.shows("A")
    desk.end("A")
    assert desk.shows("A", "b")
    desk.close()


def test_without_the_kept_place_small_work_waits_for_large() -> None:
    """Negative control: as many places for large work as there are in all."""
    desk = Desk(2)
    desk.turns._large_places = 2
    desk.add("A", "B", "c")
    assert desk.shows("A", "B")
    assert desk.turns.position("c") == 1
    desk.close()


def test_what_waits_can_be_taken_out(desk: Desk) -> None:
    desk.add("a", "b", "c", "d")
    assert desk.shows("a", "b")
    assert (desk.turns.drop("c"), desk.turns.drop("a"), desk.turns.drop("nobody")) == (True, False, False)
    desk.end("a")
    assert desk.shows("a", "b", "d")
    desk.close()


def test_nothing_begins_after_the_end(desk: Desk) -> None:
    desk.add("a", "b", "c")
    assert desk.shows("a", "b")
    desk.close()
    assert desk.begun == ["a", "b"]


def test_work_that_breaks_frees_its_place(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.excepthook", lambda _: None)

    def broken() -> None:
        raise RuntimeError

    for name in ("x", "y", "z"):
        desk.turns.add(name, broken, large=True)
    desk.add("a")
    assert desk.shows("a")
    desk.close()
