"""The sentences of the pages: both languages complete, every key used, every used key there."""

import re
from pathlib import Path

import pytest

from geo.formats.dataset import _GEOMETRY_TYPES as GEOMETRY_TYPES
from web.translations import LANGUAGES, entries, texts

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = entries()
SCRIPTS = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "static/js").rglob("*.js")))
TEMPLATES = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "web/templates").glob("*.html")))
FAMILIES = {match.split("${")[0] for match in re.findall(r"\bt\(`([a-z.]+\.\$\{[^`]*)`", SCRIPTS)}
"""Keys that a script puts together: t(`answer.${name}`) uses the family "answer."."""


def test_every_sentence_is_there_in_both_languages() -> None:
    assert {key: sorted(entry) for key, entry in ENTRIES.items() if sorted(entry) != ["en", "zh"]} == {}
    assert [key for key, entry in ENTRIES.items() if not entry["zh"].strip() or not entry["en"].strip()] == []
    assert set(texts("zh")) == set(texts("en"))


def test_both_languages_put_in_the_same_values() -> None:
    names = {key: [sorted(re.findall(r"\{(\w+)\}", entry[lang])) for lang in LANGUAGES] for key, entry in ENTRIES.items()}
    assert {key: pair for key, pair in names.items() if pair[0] != pair[1]} == {}


def test_chinese_is_chinese_and_english_is_english() -> None:
    """`account.when` holds values only."""
    han = re.compile(r"[\u4e00-\u9fff]")
    bare = {key: re.sub(r"\{\w+\}", "", entry["zh"]) for key, entry in ENTRIES.items()}
    assert [key for key, text in bare.items() if re.search(r"[A-Za-z]", text) and not han.search(text)] == []
    assert [key for key, entry in ENTRIES.items() if han.search(entry["en"])] == []


def used() -> set[str]:
    quoted = set(re.findall(r"\"([a-z]+(?:\.[a-z0-9]+)*)\"", SCRIPTS))
    return quoted | set(re.findall(r"t\['([a-z0-9.]+)'\]", TEMPLATES))


def test_every_key_that_is_asked_for_is_there() -> None:
    asked = set(re.findall(r"\bt\(\"([a-z0-9.]+)\"", SCRIPTS)) | set(re.findall(r"t\['([a-z0-9.]+)'\]", TEMPLATES))
    assert sorted(asked - set(ENTRIES)) == []


def test_no_sentence_is_left_over() -> None:
    known = used()
    assert [key for key in ENTRIES if key not in known and not key.startswith(tuple(FAMILIES))] == []


@pytest.mark.parametrize("lang", ["fr", ""])
def test_an_unknown_language_is_chinese(lang: str) -> None:
    assert texts(lang) == texts("zh")


def test_scripts_never_write_markup() -> None:
    """The page shows data through text nodes only."""
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|bindPopup", SCRIPTS) == []
    assert re.findall(r"\sstyle=|\son[a-z]+=", TEMPLATES) == []


def test_every_geometry_that_a_file_can_hold_has_a_sentence() -> None:
    """A file with records without geometry once left the upload page blank: there was no sentence for "none"."""
    kinds = {kind.removeprefix("Multi") for kind in (*GEOMETRY_TYPES, "none")}
    assert sorted(kind for kind in kinds if f"geometry.{kind}" not in ENTRIES) == []
