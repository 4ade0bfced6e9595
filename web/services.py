"""What the routes and commands work with: store, frames, layers, questions, settings; made once per process, opened when first needed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import current_app

import layers as declared
from geo.answers import Answer, answer
from geo.derived import DERIVED
from geo.errors import StoreBusy, Text
from geo.frames import Frames
from geo.query import Query
from geo.questions import catalogue
from geo.questions.declaration import Question
from geo.schema import Layer
from geo.store import open_store
from geo.store.contract import Store
from web.settings import Settings

if TYPE_CHECKING:
    from web.jobs import Jobs

_LOG = logging.getLogger("yuantu.store")

TURN_S = 2.0
"""How long a question waits for its turn: a waiting one holds a thread too."""


class Services:
    """Thread-safe; the store is opened by the process that uses it (never before a fork), once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stored: Mapping[str, Layer] = {layer.id: layer for layer in declared.ALL}
        """What is stored, imported and edited."""
        self.layers: Mapping[str, Layer] = {**self.stored, **{layer.id: layer for layer in declared.DERIVED}}
        """What may be asked for."""
        self.questions: Mapping[str, Question] = {question.id: question for question in catalogue.ALL}
        self._turns = threading.BoundedSemaphore(max(1, settings.threads // 2))
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._frames: Frames | None = None

    @property
    def store(self) -> Store:
        self._open()
        return cast(Store, self._store)

    @property
    def alarm(self) -> Text | None:
        """Why nothing can be changed at present: the open store was seen to be damaged."""
        return self._store.alarm if self._store is not None else None

    @property
    def frames(self) -> Frames:
        self._open()
        return cast(Frames, self._frames)

    @cached_property
    def jobs(self) -> Jobs:
        """The uploads of this process."""
        from web.jobs import Jobs

        return Jobs(self)

    @property
    def work_dir(self) -> Path:
        """Where exports that need a file are made."""
        return self.settings.instance / "work"

    def answered(self, query: Query) -> Answer:
        """The answer to a query. Half of the threads at most work on questions, so that the map stays quick beside long ones. Raises StoreBusy."""
        if query.collection not in self.questions:
            return answer(query, self.frames, layers=self.layers, now=self.now(), today=self.today())
        with self.turn():
            return answer(query, self.frames, layers=self.layers, now=self.now(), today=self.today())

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A turn at working something long out. Raises StoreBusy."""
        if not self._turns.acquire(timeout=TURN_S):
            raise StoreBusy(Text("正在计算别的问题，请过几秒再问", "other questions are being worked out: ask again in a few seconds"))
        try:
            yield
        finally:
            self._turns.release()

    def now(self) -> str:
        """The instant as ISO 8601 UTC: the one place that reads the clock for the core."""
        return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def today(self) -> str:
        """The day as the machine's own clock shows it, as ISO text: deadlines end with the local day."""
        return datetime.now().astimezone().date().isoformat()

    def close(self) -> None:
        if "jobs" in self.__dict__:
            self.jobs.close()
        with self._lock:
            store, self._store, self._frames = self._store, None, None
        if store is not None:
            store.close()

    def _open(self) -> None:
        if self._frames is not None:
            return
        with self._lock:
            if self._frames is None:
                self.settings.instance.mkdir(parents=True, exist_ok=True)
                self._store = open_store(self.settings.store, self.stored)
                for problem in self._store.look():
                    _LOG.error("%s", problem.text.of(self.settings.lang))
                self._frames = Frames(
                    self._store, self.stored, area=self.settings.area, profile=self.settings.profile, profiles=self.settings.profiles,
                    derived=DERIVED,
                )  # fmt: skip


def services() -> Services:
    """The services of the application that is being asked."""
    return cast(Services, current_app.extensions["yuantu"])


ACTOR = "operator"
"""Who edits until there are accounts: the client on loopback."""
