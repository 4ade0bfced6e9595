"""The sentences of the pages in Chinese and English: ui.json is the one source for templates and scripts."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from geo.imports.account import REASONS
from geo.values.personal import KINDS

LANGUAGES = ("zh", "en")
_FILE = Path(__file__).with_name("ui.json")


@lru_cache(maxsize=len(LANGUAGES))
def texts(lang: str) -> dict[str, str]:
    """Key → sentence in `lang`, the reasons of imports ("reason.<code>") and kinds of personal data among them; an unknown language is Chinese."""
    wanted = lang if lang in LANGUAGES else LANGUAGES[0]
    entries: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    said = {key: entry[wanted] for key, entry in entries.items()}
    declared = {f"reason.{code}": text for code, text in REASONS.items()} | {f"personal.{kind}": text for kind, text in KINDS.items()}
    return said | {key: text.of(wanted) for key, text in declared.items()}
