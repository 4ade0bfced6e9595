"""The pages on measures: pictures are what the code draws, figures are those of the default profile, questions those that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.pictures import ALL
from docs.pictures.scene import profile
from docs.pictures.svg import Picture
from geo import profile as profiles
from geo.questions import catalogue as questions

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "measures"
PAGES = sorted(page.stem for page in FOLDER.glob("*.md") if page.stem != "index")
TEXTS = {page.stem: page.read_text("utf-8") for page in FOLDER.glob("*.md")}


def figure_row(name: str) -> str:
    """A row of a page's table of figures."""
    rules, (kind, dot, key) = profile(), name.partition(".")
    if not dot:
        figure = rules.figures[name]
        return f"| `{name}` | {figure.value:g} {figure.unit} | {figure.cite.en} | {figure.sure} |"
    if kind == "vehicles":
        engine = rules.vehicles[key]
        said = f"needs {engine.clear_width_m:g} m by {engine.height_m:g} m (width, height), inner radius {engine.inner_radius_m:g} m"
        return f"| `{name}` | {said} | {engine.cite.en} | {engine.sure} |"
    if kind == "prices":
        price = rules.prices[key]
        return f"| `{name}` | {price.low:g}–{price.high:g} {price.unit} | {price.source.en}, {price.date} | {price.sure} |"
    return f"| `{name}` | {rules.accuracies[key]:g} m | project default | own |"


def question_row(id: str) -> str:
    """A row of a page's table of questions."""
    return f"| `{id}` | {', '.join(f'`{p.name}`' for p in questions.get(id).parameters)} |"


def rows_under(page: str, heading: str) -> list[str]:
    """The rows of the table below a heading, without its two head lines."""
    chapter = TEXTS[page].partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in chapter.splitlines() if line.startswith("|")][2:]


def named_in(rows: list[str]) -> list[str]:
    return [re.findall(r"^\| `([^`]+)` \|", row)[0] for row in rows]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Picture]:
    return {name: draw() for name, draw in ALL.items()}


@pytest.mark.parametrize("name", ALL)
def test_the_picture_is_current(name: str, drawn: dict[str, Picture]) -> None:
    """When this is red: `make docs`, look at the picture, and at what its page says of it."""
    assert (FOLDER / f"{name}.svg").read_text("utf-8") == drawn[name].text()


@pytest.mark.parametrize("page", PAGES)
def test_the_page_shows_its_picture_with_the_numbers_in_it(page: str, drawn: dict[str, Picture]) -> None:
    assert f"![{drawn[page].title}]({page}.svg)" in TEXTS[page]


def test_every_page_has_a_picture_and_every_picture_a_page() -> None:
    assert sorted(ALL) == PAGES == sorted(picture.stem for picture in FOLDER.glob("*.svg"))


@pytest.mark.parametrize("page", PAGES)
def test_the_figures_are_those_of_the_profile(page: str) -> None:
    rows = rows_under(page, "Figures")
    assert rows and rows == [figure_row(name) for name in named_in(rows)]


def test_every_figure_of_the_profile_is_on_a_page() -> None:
    said = {name for page in PAGES for name in named_in(rows_under(page, "Figures"))}
    vehicles, prices, accuracies = profiles.NEEDED_VEHICLES, profiles.NEEDED_PRICES, profiles.NEEDED_ACCURACIES
    others = (
        f"{kind}.{name}" for kind, names in (("vehicles", vehicles), ("prices", prices), ("accuracies", accuracies)) for name in names
    )
    assert said == {*profiles.NEEDED, *others}


@pytest.mark.parametrize("page", PAGES)
def test_the_questions_and_their_parameters_exist(page: str) -> None:
    rows = rows_under(page, "Questions")
    assert rows and rows == [question_row(id) for id in named_in(rows)]


def test_the_index_lists_every_page_and_every_question() -> None:
    index = TEXTS["index"]
    assert [page for page in PAGES if f"]({page}.md)" not in index] == []
    assert [question.id for question in questions.ALL if f"`{question.id}`" not in index] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_shape_that_is_named_exists(page: str) -> None:
    shapes = {shape.id for id in named_in(rows_under(page, "Questions")) for shape in questions.get(id).shapes}
    assert set(re.findall(r"`shape=(\w+)`", TEXTS[page])) <= shapes
