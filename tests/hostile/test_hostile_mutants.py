"""Files of every format with bytes changed at random, uploaded to a running service: each is read or refused, in time; the service lives and never says 500.

MUTANTS=6000 makes a long campaign of it, MUTANTS_SEED=n another one.
"""

from __future__ import annotations

import io
import os
import random
import time
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hostile_seeds import layer_of, seeds
from service import Client, Service, in_threads

LONGEST_S = 30
MOST = int(os.environ.get("MUTANTS", "600"))
_WORDS = (b"\xff\xff\xff\x7f", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\x01\x00\x00\x00", b"\x00\x00\x00\x01")


def mutant(data: bytes, rng: random.Random) -> bytes:
    """Cut short, or some of: bytes changed, lengths made to lie, pieces taken out, doubled, moved, a bit turned."""
    if rng.random() < 0.15:
        return data[: rng.randrange(1, len(data))]
    out = bytearray(data)
    for _ in range(rng.choice((1, 2, 5, 20, 100))):
        at, kind = rng.randrange(len(out)), rng.random()
        size = rng.randrange(1, 64)
        if kind < 0.35:
            out[at] = rng.randrange(256)
        elif kind < 0.6:
            out[at : at + 4] = rng.choice(_WORDS)[: len(out) - at]
        elif kind < 0.7 and len(out) > 200:
            del out[at : at + size]
        elif kind < 0.85:
            out[at:at] = out[at : at + size] * rng.choice((1, 3, 50))
        else:
            out[at] ^= 1 << rng.randrange(8)
    return bytes(out)


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A mutant; of an archive mostly a sound one around a damaged member: else the sums of the archive would keep its readers from ever seeing one."""
    if not data.startswith(b"PK") or rng.random() < 0.3:
        return mutant(data, rng)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        hit = rng.choice([n for n in names if old.getinfo(n).file_size])
        for name in names:
            new.writestr(name, mutant(old.read(name), rng) if name == hit else old.read(name))
    return out.getvalue()


def test_a_mutant_differs_and_comes_again_with_its_seed() -> None:
    data = bytes(range(256)) * 4
    made = [mutant(data, random.Random(n)) for n in range(50)]
    assert all(m != data for m in made[:49]) or len(set(made)) > 40
    assert made == [mutant(data, random.Random(n)) for n in range(50)]


@pytest.mark.soak
def test_mutants_are_read_or_refused_by_the_service(service: Service, tmp_path: Path) -> None:
    sources = seeds(tmp_path)
    names, seed = sorted(sources), int(os.environ.get("MUTANTS_SEED", "1"))
    ends = Counter[str]()
    worst: dict[str, float] = {}

    def people(numbers: list[str]) -> None:
        client = Client(service.port).enter()
        for number in numbers:
            name = names[int(number) % len(names)]
            data = damaged(sources[name], random.Random(f"{seed}-{number}"))
            found = client.take(name, data, layer_of(name))
            seconds = found["seconds"]
            assert found["state"] in ("done", "refused"), (name, number, found)
            assert "Traceback" not in found["told"] and str(service.folder) not in found["told"], (name, number)
            ends[f"{Path(name).suffix} {found['state']}"] += 1
            worst[f"{name} {number}"] = seconds
            assert seconds < LONGEST_S, (name, number, seconds)

    sound = Client(service.port).enter()
    assert {name: sound.take(name, data, layer_of(name))["state"] for name, data in sources.items()} == dict.fromkeys(sources, "done")
    numbers = [str(n) for n in range(MOST)]
    began = time.monotonic()
    failures = in_threads(people, numbers[::2], numbers[1::2])
    slow = sorted(worst.items(), key=lambda item: -item[1])[:5]
    print(f"\n{sum(ends.values())} mutants in {time.monotonic() - began:.0f} s; {dict(sorted(ends.items()))}; slowest {slow}")
    assert failures == []
    assert service.alive and service.get("/healthz")[0] == 200
    log = service.log.read_text()
    assert "Traceback" not in log, log[log.index("Traceback") :][:3000]
