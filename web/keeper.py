"""The housekeeping of a running service: copies of real data while it works, each looked through in full once a day."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing
from pathlib import Path

from geo.store import open_store
from geo.store.copies import newest_first
from geo.store.lease import lock_file
from web.services import Services
from web.settings import Settings

DAY_SECONDS = 24 * 3600
_LOG = logging.getLogger("yuantu.keeper")


def copies_in(settings: Settings) -> Path:
    """Where the copies lie."""
    return settings.instance / "copies"


def copies_of(settings: Settings) -> list[Path]:
    """The copies there are, newest first."""
    return newest_first(copies_in(settings), Path(settings.store).stem)


class Keeper:
    """Works in a thread of its own until it is stopped. What goes wrong is logged and tried again at the next turn."""

    def __init__(self, here: Services) -> None:
        self._here = here
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
        self._looked_at: float | None = None

    def start(self) -> None:
        if self._here.settings.copy_every:
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=10)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self.turn()
            except Exception:  # whatever it was: a thread that ends would make no copies any more, and nobody would know
                _LOG.exception("the automatic copy was not made")
            self._stop.wait(self._here.settings.copy_every * 60)

    def turn(self) -> Path | None:
        """A copy of real data that changed since the last, and once a day all of it checked; the live store does not wait for that."""
        here, store = self._here, self._here.store
        if store.alarm is not None or store.info().kind != "real":
            return None
        made = store.keep_copy(copies_in(here.settings), newest=here.settings.copies, now=here.now())
        if made is not None and self._due() and not self._is_sound(made):
            made.unlink(missing_ok=True)
            store.check()
            return None
        return made

    def _is_sound(self, made: Path) -> bool:
        """What is wrong in a copy is wrong in the store too, whose own check then raises the alarm."""
        with closing(open_store(made, self._here.stored)) as copy:
            problems = copy.check()
        lock_file(made).unlink(missing_ok=True)
        if problems:
            _LOG.error("the automatic copy is not sound: %s", "; ".join(map(str, problems[:5])))
        return not problems

    def _due(self) -> bool:
        now = time.monotonic()
        due = self._looked_at is None or now - self._looked_at >= DAY_SECONDS
        if due:
            self._looked_at = now
        return due
