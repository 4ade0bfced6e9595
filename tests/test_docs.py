"""The documents say what the code does: reference pages are current, links lead somewhere, nothing points at one machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.build import FOLDER, pages
from geo.questions import catalogue as questions

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


def test_the_two_readmes_have_the_same_chapters() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
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
