"""Idempotency keys: a request repeated with its key gets the first answer again and has no second effect."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from geo.errors import KeyReused, StoreDamaged, Text
from geo.store import seal
from geo.store.connection import raw
from geo.store.contract import Edited, Published, Update, Value, Write
from geo.store.tables import GEOMETRY

KEY_DAYS = 30
"""How long an idempotency key is remembered,"""
KEYS_KEPT = 10_000
"""and so many of the newest ones in any case: a clock that jumps a month ahead must not make repeated requests count twice."""


def gpkg_time(now: str) -> str:
    """ISO 8601 in UTC as the GeoPackage standard writes it."""
    moment = datetime.datetime.fromisoformat(now)
    moment = moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment.astimezone(datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class Digest:
    """What a request with an idempotency key asked for: two requests are the same when their digests are."""

    def __init__(self, *parts: Value) -> None:
        self._sum = hashlib.sha256()
        self._add(parts, None)

    def _add(self, value: Any, geometry: Any) -> None:
        self._sum.update(
            orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
        )
        if isinstance(geometry, bytes):
            self._sum.update(geometry)

    def seen(self, write: Write) -> Write:
        """The same write, its parts counted into the digest as they are walked."""
        return Write(write.layer, self._inserts(write), self._updates(write), self._deletes(write))

    def _inserts(self, write: Write) -> Iterator[Mapping[str, Value]]:
        for row in write.inserts:
            geometry = row.get(GEOMETRY)
            self._add(["insert", write.layer, {**row, GEOMETRY: None if geometry is None else len(geometry)}], geometry)
            yield row

    def _updates(self, write: Write) -> Iterator[Update]:
        for u in write.updates:
            self._add(["update", write.layer, u.id, u.version, dict(u.values), u.set_geometry, len(u.geometry or b"")], u.geometry)
            yield u

    def _deletes(self, write: Write) -> Iterator[tuple[int, int | None]]:
        for delete in write.deletes:
            self._add(["delete", write.layer, *delete], None)
            yield delete

    def walk(self, writes: Iterable[Write]) -> bytes:
        """Count writes in without doing them."""
        for write in writes:
            seen = self.seen(write)
            for part in (seen.deletes, seen.updates, seen.inserts):
                for _ in part:
                    pass
        return self.value

    @property
    def value(self) -> bytes:
        return self._sum.digest()


def of_request(actor: str, asked: bytes) -> Digest:
    """Of what was asked for, where the writes that come of it depend on the data as they stand."""
    return Digest("asked", actor, asked.hex())


def known_answer(connection: sa.Connection, key: str, digest: Callable[[], bytes]) -> bytes | None:
    """The answer given earlier for `key`; KeyReused when it was for something else, StoreDamaged when it is not as it was written."""
    found = raw(connection).execute("SELECT at, digest, answer FROM yuantu_key WHERE key = ?", (key,)).fetchone()
    if found is None:
        return None
    at, kept_digest, kept = found
    answer = seal.opened_answer(key, at, kept_digest, kept)
    if answer is None:
        raise StoreDamaged(
            Text("记住的答复已损坏：请刷新查看是否已保存", "the remembered answer is damaged: reload to see whether the change was kept")
        )
    if kept_digest != digest():
        raise KeyReused(
            Text("该幂等键已用于另一请求：请换一个", "this idempotency key was used for another request: take a new one"), key=key
        )
    return answer.encode()


def remember(connection: sa.Connection, key: str, now: str, digest: bytes, answer: Mapping[str, object]) -> None:
    driver = raw(connection)
    at = gpkg_time(now)
    oldest = datetime.datetime.fromisoformat(at) - datetime.timedelta(days=KEY_DAYS)
    driver.execute(
        "DELETE FROM yuantu_key WHERE at < ? AND rowid <= (SELECT max(rowid) FROM yuantu_key) - ?",
        (gpkg_time(oldest.isoformat()), KEYS_KEPT),
    )
    kept = seal.sealed_answer(key, at, digest, orjson.dumps(answer).decode())
    driver.execute("INSERT INTO yuantu_key (key, at, digest, answer) VALUES (?, ?, ?, ?)", (key, at, digest, kept))


def published(answer: bytes) -> Published:
    stored = orjson.loads(answer)
    return Published(stored["import_id"], stored["revision"], {n: range(*r) for n, r in stored["ids"].items()}, stored["removed_demo"])


def edited(answer: bytes) -> Edited:
    stored = orjson.loads(answer)
    return Edited(stored["revision"], [(layer, id, version) for layer, id, version in stored["features"]])
