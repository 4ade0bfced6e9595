"""What a process does that asks our own question: open the store, bring the layers in, answer. Also run by itself as the cold case."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.town import LAYERS, NOW
from geo.answers import Answer, answer
from geo.frames import Frames
from geo.profile import Profile
from geo.query import Query
from geo.questions import catalogue as questions
from geo.store import open_store

MOST = 1_000_000
PROFILE = Path(__file__).resolve().parent.parent / "data/profiles/cn_gb.toml"


def ask(frames: Frames, collection: str, **args: str) -> Answer:
    query = Query.from_args(collection, args, layers=LAYERS, questions=questions.ALL, max_limit=MOST)
    return answer(query, frames, layers=LAYERS, now=NOW)


def frames_of(path: Path) -> Frames:
    return Frames(open_store(path, LAYERS), LAYERS, profile=Profile.parse(PROFILE.read_text("utf-8"), name="cn_gb"))


if __name__ == "__main__":
    found = ask(frames_of(Path(sys.argv[1])), "compounds-without-gas")
    print((found.summary or {})["yes"])
