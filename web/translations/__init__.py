"""The sentences of the pages in Chinese and English, one JSON file a part of the page: the one source for templates and scripts."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from geo.imports.account import REASONS
from geo.values.personal import KINDS

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).parent


@lru_cache(maxsize=1)
def entries() -> dict[str, dict[str, str]]:
    """Key → {"zh", "en"} of all files. Raises ValueError for a key that stands in two files."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(_FOLDER.glob("*.json")):
        part: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        twice = found.keys() & part.keys()
        if twice:
            raise ValueError(f"{path.name}: {sorted(twice)} stand in another file too")
        found |= part
    return found


@lru_cache(maxsize=len(LANGUAGES))
def texts(lang: str) -> dict[str, str]:
    """Key → sentence in `lang`, the reasons of imports ("reason.<code>") and kinds of personal data among them; an unknown language is Chinese."""
    wanted = lang if lang in LANGUAGES else LANGUAGES[0]
    said = {key: entry[wanted] for key, entry in entries().items()}
    declared = {f"reason.{code}": text for code, text in REASONS.items()} | {f"personal.{kind}": text for kind, text in KINDS.items()}
    return said | {key: text.of(wanted) for key, text in declared.items()}
