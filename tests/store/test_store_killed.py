"""Writers killed at any moment: nothing acknowledged is lost, nothing half-done is visible, the chain verifies.

Writers are forks that open the store for themselves and tell the test through a pipe what was acknowledged to them.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from store_samples import LAYERS, NOW, batch, yards

from geo.errors import StaleVersion, StoreBusy
from geo.store import connection, open_store, writing
from geo.store.contract import Store, Update, Write

_chunked = writing.chunked
COUNTERS = 20
ROWS = 600
"""Rows of a killed import: several chunks, and the index built at the end (see `small_steps`)."""


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BULK_CHANGES", 300)
    monkeypatch.setattr(writing, "chunked", lambda items: _chunked(items, 150))


@dataclass
class Writer:
    """A forked writer and what it has said so far."""

    pid: int
    pipe: int
    said: list[str] = field(default_factory=list)
    _rest: str = ""

    def listen(self) -> bool:
        """Take in what was said; False when the pipe has ended."""
        data = os.read(self.pipe, 65536).decode()
        *lines, self._rest = (self._rest + data).split("\n")
        self.said += lines
        return bool(data)

    def wait_for(self, word: str) -> None:
        while not any(line.startswith(word) for line in self.said):
            assert self.listen(), f"ended before {word}: {self.said}"

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        while self.listen():
            pass
        os.close(self.pipe)
        os.waitpid(self.pid, 0)


def fork(work: Callable[[Callable[[str], None]], None]) -> Writer:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Writer(pid, reading)
    try:
        os.close(reading)
        work(lambda line: os.write(writing, f"{line}\n".encode()) and None)
    finally:
        os._exit(0)


def importer(path: Path, name: str, say: Callable[[str], None]) -> None:
    """Imports yards called `name`, saying when half of them were handed over, when all is staged, and when it was acknowledged."""

    def rows() -> Iterator[dict[str, Any]]:
        for i, row in enumerate(yards(ROWS, name=name)):
            if i == ROWS // 2:
                say("HALF")
            yield row | {"code": f"{name}/{i}"}

    store = open_store(path, LAYERS)
    published = store.publish(batch(rows()), actor=name, now=NOW, staged=lambda: say("STAGED"))
    say(f"ACK {published.import_id}")
    time.sleep(60)


def editor(path: Path, seed: int, say: Callable[[str], None]) -> None:
    """Adds one to random counters for ever, saying each version that was acknowledged."""
    store, choose = open_store(path, LAYERS), random.Random(seed)
    while True:
        row = store.feature("yards", choose.randrange(1, COUNTERS + 1))
        update = Update(row.id, row.version, {"households": row.values["households"] + 1})
        try:
            edited = store.edit([Write("yards", updates=[update])], actor="editor", now=NOW, key=f"{seed}/{row.id}/{row.version}")
        except (StaleVersion, StoreBusy):
            continue
        ((_, id, version),) = edited.features
        say(f"ACK {id} {version}")


def half_done(store: Store, name: str, acknowledged: bool) -> str | None:
    """What is wrong with the traces of an import of `name`: all of it may be there, or nothing."""
    names = store.read(["yards"]).whole["yards"].values["name"]
    found = (
        names.count(name),
        sum(i.actor == name for i in store.imports()),
        sum(c.actor == name for c in store.history(limit=ROWS, newest_first=True)),
    )
    if found == (ROWS, 1, ROWS):
        return None
    return None if found == (0, 0, 0) and not acknowledged else f"rows, records, lines of {name}: {found}, acknowledged: {acknowledged}"


def kill_importer(path: Path, round: int, choose: random.Random) -> str | None:
    name = f"import{round}"
    writer = fork(lambda say: importer(path, name, say))
    writer.wait_for(choose.choice(["HALF", "STAGED", "STAGED", "STAGED", "ACK"]))
    time.sleep(choose.choice([0, 0, choose.uniform(0, 0.02)]))
    writer.kill()
    store = open_store(path, LAYERS)
    try:
        wrong = half_done(store, name, any(line.startswith("ACK") for line in writer.said))
        if store.info().counts["yards"][0] > COUNTERS:
            store.undo(store.info().revision, actor="test", now=NOW)
        return wrong
    finally:
        store.close()


def kill_editors(path: Path, round: int, choose: random.Random) -> str | None:
    writers = [fork(lambda say, n=n: editor(path, 1000 * round + n, say)) for n in range(3)]
    for writer in writers:
        writer.wait_for("ACK")
    time.sleep(choose.uniform(0, 0.08))
    for writer in writers:
        writer.kill()
    store = open_store(path, LAYERS)
    try:
        return lost_edits(store, [line.split()[1:] for writer in writers for line in writer.said if line.startswith("ACK")])
    finally:
        store.close()


def lost_edits(store: Store, acknowledged: list[list[str]]) -> str | None:
    """Each counter was 0 in version 1; every acknowledged version must be in the history, and value and version must agree."""
    recorded = {(c.feature, c.version) for c in store.history(layer="yards", limit=10**6)}
    lost = [ack for ack in acknowledged if (int(ack[0]), int(ack[1])) not in recorded]
    columns = store.read(["yards"]).whole["yards"]
    counters = zip(columns.values["households"][:COUNTERS], columns.values["version"][:COUNTERS], strict=True)
    torn = [pair for pair in counters if pair[0] != pair[1] - 1]
    return f"lost {lost}, torn {torn}" if lost or torn else None


def campaign(path: Path, rounds: int, seed: int) -> None:
    choose = random.Random(seed)
    store = open_store(path, LAYERS)
    store.publish(batch(yards(COUNTERS, households=0)), actor="test", now=NOW)
    store.close()
    for round in range(rounds):
        wrong = (kill_editors if round % 2 else kill_importer)(path, round, choose)
        assert wrong is None, f"round {round}: {wrong}"
        if round % 5 == 4:
            store = open_store(path, LAYERS)
            assert store.check() == [], f"round {round}"
            store.close()


def test_ten_killed_writers_lose_nothing(tmp_path: Path) -> None:
    campaign(tmp_path / "store.gpkg", 10, seed=time.time_ns())


@pytest.mark.soak
@pytest.mark.parametrize("number", range(10))
def test_two_hundred_killed_writers_lose_nothing(tmp_path: Path, number: int) -> None:
    campaign(tmp_path / "store.gpkg", 20, seed=number)


def test_the_campaign_would_see_a_half_done_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: without the transaction the same kill leaves half an import, unless the writer was done before it or had not begun."""
    assert any(
        "rows, records, lines of import" in _torn_import(tmp_path / f"{n}.gpkg", pause, monkeypatch) for n, pause in enumerate(PAUSES_S)
    )


PAUSES_S = (0.05, 0.02, 0.0, 0.1, 0.2)
"""Between the writer's word and its death; which of them falls into the import hangs on the machine."""


def _torn_import(path: Path, pause: float, monkeypatch: pytest.MonkeyPatch) -> str:
    open_store(path, LAYERS).close()
    with monkeypatch.context() as patch:
        patch.setattr(connection, "_begin_writing", lambda connection: None)
        patch.setattr(connection, "PRAGMAS", (*connection.PRAGMAS, "synchronous = OFF"))
        writer = fork(lambda say: importer(path, "import", say))
        writer.wait_for("HALF")
        time.sleep(pause)
        writer.kill()
    store = open_store(path, LAYERS)
    try:
        return half_done(store, "import", acknowledged=False) or ""
    finally:
        store.close()
