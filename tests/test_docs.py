"""The documents say what the code does: reference pages are current, links lead somewhere, nothing points at one machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.build import FOLDER, pages
from geo import ledger
from geo.questions import catalogue as questions
from web.translations import texts

ROOT = Path(__file__).resolve().parent.parent
WRITTEN_BY_HAND = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "measures").glob("*.md"))]
PAGES = ("layers.md", "questions.md", "rules.md", "settings.md", "errors.md", "commands.md", "http.md")


@pytest.fixture(scope="module")
def fresh() -> dict[str, str]:
    return pages()


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_page_is_current(name: str, fresh: dict[str, str]) -> None:
    """When this is red: `make docs`, and look at what changed."""
    assert (FOLDER / name).read_text("utf-8") == fresh[name]


def test_there_is_no_other_reference_page(fresh: dict[str, str]) -> None:
    assert sorted(p.name for p in FOLDER.iterdir()) == sorted(fresh) == sorted(PAGES)


@pytest.mark.parametrize("page", WRITTEN_BY_HAND, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_and_pictures_exist(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    local = [t for t in targets if "://" not in t and not t.startswith("mailto:")]
    assert [t for t in local if not (page.parent / t).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_gives_the_two_commands(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "make serve" in text
    assert "make test" in text


@pytest.mark.parametrize(("one", "other"), [("README.md", "README.zh.md"), ("docs/manual.md", "docs/manual.zh.md")])
def test_both_languages_have_the_same_chapters(one: str, other: str) -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in (one, other))
    shape = re.compile(r"^(#+) ", re.M)
    assert shape.findall(english) == shape.findall(chinese)


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_every_command_in_the_readme_exists(name: str, fresh: dict[str, str]) -> None:
    known = set(re.findall(r"^## `flask (\w+)", fresh["commands.md"], flags=re.M))
    said = set(re.findall(r"\.venv/bin/flask (\w+)", (ROOT / name).read_text("utf-8")))
    assert said and said <= known


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_lists_every_question(name: str) -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \|", (ROOT / name).read_text("utf-8"), flags=re.M)
    assert sorted(listed) == sorted(question.id for question in questions.ALL)


@pytest.mark.parametrize(("name", "lang"), [("manual.md", "en"), ("manual.zh.md", "zh")])
def test_the_manual_calls_things_as_the_page_does(name: str, lang: str) -> None:
    """Bold words are what stands on a button or a heading; a renamed one is renamed here too."""
    bold = set(re.findall(r"\*\*([^*]+)\*\*", (ROOT / "docs" / name).read_text("utf-8")))
    assert bold - set(texts(lang).values()) == {"CQL2"}


def test_the_manual_lists_every_step_that_leads_to_another_state() -> None:
    rows = re.findall(r"^\| ([^|]+?) \|", (ROOT / "docs" / "manual.zh.md").read_text("utf-8"), flags=re.M)
    assert [row for row in rows if row in {step.label.zh for step in ledger.STEPS}] == [s.label.zh for s in ledger.STEPS if s.target]
