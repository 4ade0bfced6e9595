"""Many writers at once: each change lands on the version its writer saw or is refused, a repeated request counts once, and the sum is exact."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from store_samples import LAYERS, NOW, RECORD, batch, yards

from app import create_app
from geo.errors import KeyReused, StaleVersion, VersionRequired
from geo.schema import Layer
from geo.store import open_store, writing
from geo.store.contract import Batch, Store, Update, Write

WRITERS, FEATURES = 8, 50
Result = Mapping[str, int]


def forked(work: Callable[[int], Result]) -> list[Result]:
    """What each of the WRITERS processes counted, all at work at the same time."""
    children = []
    for number in range(WRITERS):
        reading, writing_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.write(writing_end, orjson.dumps(work(number)))
            finally:
                os._exit(0)
        os.close(writing_end)
        children.append((pid, reading))
    results = []
    for pid, reading in children:
        with os.fdopen(reading, "rb") as pipe:
            results.append(orjson.loads(pipe.read() or b"{}"))
        os.waitpid(pid, 0)
    return results


def increments(store: Store, number: int, wanted: int) -> Result:
    """`wanted` acknowledged additions of one, each on the version that was seen; every tenth is sent again with its key."""
    choose, count = random.Random(number), Counter[str]()
    while count["done"] < wanted:
        row = store.feature("yards", choose.randrange(1, FEATURES + 1))
        write = [Write("yards", updates=[Update(row.id, row.version, {"households": row.values["households"] + 1})])]
        key = f"{number}-{count['done']}-{count['stale']}" if count["done"] % 10 == 0 else None
        try:
            edited = store.edit(write, actor=str(number), now=NOW, key=key)
        except StaleVersion as error:
            assert error.members["current"] > row.version
            count["stale"] += 1
            continue
        count["done"] += 1
        if key:
            count["repeated"] += 1
            assert store.edit(write, actor=str(number), now=NOW, key=key) == edited
            with pytest.raises(KeyReused):
                store.edit([Write("yards", inserts=[{}])], actor=str(number), now=NOW, key=key)
    with pytest.raises(VersionRequired):
        store.edit([Write("yards", updates=[Update(1, None, {"households": 0})])], actor=str(number), now=NOW)
    return count


def campaign(path: Path, wanted: int) -> tuple[int, int, list[Result], list[str]]:
    """Sum of all counters, lines in the history beside the import's, what the writers counted, what the check finds."""
    with closing(open_store(path, LAYERS)) as store:
        store.publish(batch(yards(FEATURES, households=0)), actor="test", now=NOW)

    def work(number: int) -> Result:
        return increments(open_store(path, LAYERS), number, wanted)

    results = forked(work)
    with closing(open_store(path, LAYERS)) as store:
        columns = store.read(["yards"]).whole["yards"]
        assert [v - 1 for v in columns.values["version"]] == columns.values["households"]
        return sum(columns.values["households"]), store.info().revision - 1, results, [str(p) for p in store.check()]


@pytest.mark.soak  # six seconds of eight processes
def test_eight_writers_lose_no_addition(tmp_path: Path) -> None:
    total, revisions, results, problems = campaign(tmp_path / "store.gpkg", 50)
    assert (total, revisions, problems) == (400, 400, [])
    assert [(r["done"], r["repeated"]) for r in results] == [(50, 5)] * WRITERS
    assert sum(r.get("stale", 0) for r in results) > 0, "writers that never meet prove nothing"


@pytest.mark.soak  # the control of the one above
def test_without_the_version_check_additions_are_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control."""
    monkeypatch.setattr(writing.Writer, "_require", lambda self, layer, found, feature, version: found[feature])
    with pytest.raises(AssertionError):
        total, *_ = campaign(tmp_path / "store.gpkg", 10)
        assert total == 80


@pytest.mark.soak
def test_eight_writers_add_ten_thousand_each(tmp_path: Path) -> None:
    total, revisions, results, problems = campaign(tmp_path / "store.gpkg", 10_000)
    assert (total, revisions, problems) == (80_000, 80_000, [])
    assert [(r["done"], r["repeated"]) for r in results] == [(10_000, 1000)] * WRITERS


# The same over HTTP


def over_http(path: Path, number: int, wanted: int) -> Result:
    """Additions by PATCH with If-Match: stale is a 412 that says the current version, none is a 428, a repeated key has one effect."""
    app = create_app({"YUANTU_STORE": str(path), "YUANTU_RATE": "999999999 per second", "SECRET_KEY": "k" * 40, "WTF_CSRF_ENABLED": False})
    client, choose, count = app.test_client(), random.Random(number), Counter[str]()

    def patch(id: int, households: int, **headers: str) -> Any:
        address = f"/ogc/collections/compounds/items/{id}"
        return client.patch(
            address, json={"properties": {"households": households}}, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    while count["done"] < wanted:
        id = choose.randrange(1, FEATURES + 1)
        seen = client.get(f"/ogc/collections/compounds/items/{id}")
        value, version = seen.get_json()["properties"]["households"], seen.headers["ETag"]
        key = f"{number}-{count['done']}-{count['stale']}"
        answer = patch(id, value + 1, If_Match=version, Idempotency_Key=key)
        if answer.status_code == 412:
            assert int(answer.headers["ETag"].strip('"')) > int(version.strip('"'))
            count["stale"] += 1
            continue
        assert answer.status_code == 200, answer.get_data(as_text=True)
        count["done"] += 1
        if count["done"] % 10 == 1:
            again = patch(id, value + 1, If_Match=version, Idempotency_Key=key)
            count["repeated"] += (again.status_code, again.headers["X-Yuantu-Revision"]) == (200, answer.headers["X-Yuantu-Revision"])
            count["missing"] += patch(id, 0).status_code == 428
    return count


def http_campaign(path: Path, layers: Mapping[str, Layer], wanted: int) -> tuple[int, list[Result]]:
    with closing(open_store(path, layers)) as store:
        store.publish(
            Batch([Write("compounds", inserts=[{"code": f"C{i}", "households": 0} for i in range(FEATURES)])], RECORD), actor="t", now=NOW
        )
    warm = path.with_name("warm.gpkg")
    shutil.copy(path, warm)
    over_http(warm, 0, 1)  # what is imported late is then there for all forks
    results = forked(lambda number: over_http(path, number, wanted))
    with closing(open_store(path, layers)) as store:
        assert store.check() == []
        return sum(store.read(["compounds"]).whole["compounds"].values["households"]), results


@pytest.mark.soak  # eight applications; each rule of the answers has its test in test_edits
def test_eight_clients_lose_no_addition(tmp_path: Path, layers_map: Mapping[str, Layer]) -> None:
    total, results = http_campaign(tmp_path / "store.gpkg", layers_map, 4)
    assert (total, [(r["repeated"], r["missing"]) for r in results]) == (32, [(1, 1)] * WRITERS)


@pytest.mark.soak
def test_eight_clients_add_ten_thousand_each(tmp_path: Path, layers_map: Mapping[str, Layer]) -> None:
    total, results = http_campaign(tmp_path / "store.gpkg", layers_map, 10_000)
    assert (total, [(r["repeated"], r["missing"]) for r in results]) == (80_000, [(1000, 1000)] * WRITERS)
