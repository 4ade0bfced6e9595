"""The sentences of the pages in Chinese and English: ui.json is the one source for templates and scripts."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from geo.imports.account import REASONS

LANGUAGES = ("zh", "en")
_FILE = Path(__file__).with_name("ui.json")


@lru_cache(maxsize=len(LANGUAGES))
def texts(lang: str) -> dict[str, str]:
    """Key → sentence in `lang`, the reasons of imports among them ("reason.<code>"); an unknown language is Chinese."""
    wanted = lang if lang in LANGUAGES else LANGUAGES[0]
    entries: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    said = {key: entry[wanted] for key, entry in entries.items()}
    return said | {f"reason.{code}": text.of(wanted) for code, text in REASONS.items()}
