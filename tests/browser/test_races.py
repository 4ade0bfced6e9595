"""Answers that come late and hands that are quick: what is newer stands, what is typed stays, and what is pressed is clicked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from planner import READY, rested

pytestmark = [pytest.mark.browser, pytest.mark.soak]

WAIT = 750  # times 20 ms
Open = Callable[[str], Any]


@pytest.fixture
def opened(demo_server: str, open_page: Callable[..., Any]) -> Open:
    def go(address: str) -> Any:
        watched = open_page(demo_server, 1440, 900, "en-GB")
        watched.page.goto(f"{demo_server}{address}")
        watched.page.wait_for_selector(READY)
        return watched

    return go


class Held:
    """Requests of a kind that wait until they are let go, in any order."""

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.waiting = page, []
        page.route(url, lambda route: self.waiting.append(route))

    def come(self, count: int) -> None:
        for _ in range(WAIT):
            if len(self.waiting) >= count:
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"{len(self.waiting)} requests came, not {count}")

    def go(self, at: int = 0) -> None:
        self.waiting.pop(at).continue_()


def test_a_condition_that_is_taken_leaves_the_next_one_to_be_typed(opened: Open) -> None:
    """The panel was made anew under the hands of whoever had gone on to the next number, and the rest of it went nowhere."""
    watched = opened("/?table=compounds&lang=en")
    page, box = watched.page, '#filter [data-field="built_year"]'
    page.click('[data-show="filter"]')
    page.wait_for_selector(f"{box} [data-key=low]")
    asks = Held(page, "**/api/asks/**")
    page.fill(f"{box} [data-key=low]", "1980")
    page.press(f"{box} [data-key=low]", "Tab")
    asks.come(1)
    page.keyboard.type("19")
    asks.go()
    page.wait_for_selector(f"{box}.on")
    page.keyboard.type("89")
    assert page.input_value(f"{box} [data-key=high]") == "1989"
    page.keyboard.press("Enter")
    asks.come(1)
    asks.go()
    wanted = page.request.get(f"{watched.base}/ogc/collections/compounds/items?limit=1&filter=built_year BETWEEN 1980 AND 1989").json()
    page.wait_for_selector(f'.numbers[data-matched="{wanted["numberMatched"]}"]')
    watched.clean()


def test_a_form_that_is_open_is_not_taken_away_by_facts_that_come_late(opened: Open) -> None:
    watched = opened("/?feature=compounds/1&lang=en")
    page = watched.page
    page.click("#edit")
    page.fill("#edit-name", "renamed")
    page.click("form.edit button[type=submit]")
    page.wait_for_selector("#details-title:text-is('renamed')")
    facts = Held(page, "**/ogc/collections/compounds/items/1")
    page.click(".toast.done button.strong")
    facts.come(1)
    page.click("#edit")
    page.fill("#edit-name", "typed")
    facts.go()
    page.wait_for_timeout(1_000)  # nothing is to happen
    assert page.input_value("#edit-name") == "typed"
    watched.clean()


def test_a_box_that_is_drawn_anew_while_it_is_pressed_is_ticked(opened: Open) -> None:
    """Counts that came between press and release put another box under the pointer."""
    watched = opened("/?table=compounds&lang=en")
    page, box = watched.page, '#filter [data-field="gas_status"]'
    page.click('[data-show="filter"]')
    page.wait_for_selector(f"{box} [data-key=v-none]")
    page.wait_for_selector(".numbers[data-matched]")
    counts = Held(page, "**/api/statistics/compounds?**of=all**")
    page.locator(".folium-map").focus()
    page.keyboard.press("ArrowRight")
    counts.come(1)
    page.hover(f"{box} [data-key=v-none]")
    page.mouse.down()
    with page.expect_response(lambda answer: "of=all" in answer.url):
        counts.go()
    page.wait_for_timeout(200)
    page.mouse.up()
    page.wait_for_selector(f"{box}.on [data-key=v-none]:checked")
    watched.clean()


def go(page: Any, query: str) -> None:
    """Another address, as by a step of the history."""
    page.evaluate("search => { history.pushState(null, '', search); dispatchEvent(new PopStateEvent('popstate')); }", f"?lang=en&{query}")


@pytest.mark.parametrize(
    ("target", "clicked"),
    [
        ('#answer-head .chip[data-answer="unknown"]', '#answer-head .chip[data-answer="unknown"][aria-pressed=true]'),
        ("#edit", "form.edit #edit-name"),
        ("#selection-bar .clear", "#selection-bar[hidden]"),
    ],
)
def test_what_is_drawn_anew_while_it_is_pressed_is_clicked(opened: Open, target: str, clicked: str) -> None:
    """An answer that came between press and release put another button under the pointer."""
    asks = "question=compounds-without-gas&feature=compounds/1&picked=1,2"
    watched = opened(f"/?lang=en&{asks}")
    page, items = watched.page, "**/ogc/collections/compounds-without-gas/items**"
    page.wait_for_selector("#selection-bar .zoom:enabled")
    answers = Held(page, items)
    go(page, f"{asks}&answer=yes,no")
    answers.come(1)
    page.hover(target)
    page.mouse.down()
    page.unroute(items)  # which lets them go
    page.wait_for_selector("#results:not([aria-busy])", state="attached")
    page.mouse.up()
    page.wait_for_selector(clicked, state="attached")
    watched.clean()


def test_what_is_typed_into_a_question_outlives_a_change(opened: Open) -> None:
    """Whatever was saved made the form of the open question anew."""
    watched = opened("/?feature=compounds/1&lang=en")
    page, width = watched.page, "#p-lanes-under-width-width"
    page.click('[data-show="questions"]:visible')
    page.click('[data-question="lanes-under-width"] h3 button')
    page.fill(width, "3.75")
    page.click("#edit")
    page.fill("#edit-name", "renamed")
    with page.expect_response(lambda answer: "/api/questions" in answer.url):
        page.click("form.edit button[type=submit]")
    page.wait_for_selector("#details-title:text-is('renamed')")
    page.wait_for_timeout(1_000)  # nothing is to happen
    assert page.input_value(width) == "3.75"
    watched.clean()


def test_metres_that_are_typed_outlive_another_feature(opened: Open) -> None:
    """Whoever opened the panel, typed how near and then chose near what on the map had 50 m again."""
    watched = opened("/?table=compounds&feature=hazards/1&lang=en")
    page = watched.page
    page.click(".area-button")
    page.fill("#near-metres", "120")
    go(page, "table=compounds&feature=hazards/2")
    page.wait_for_selector('#near-what option[value="hazards/2"]', state="attached")
    assert (page.input_value("#near-what"), page.input_value("#near-metres")) == ("hazards/2", "120")
    watched.clean()


def test_who_cannot_be_read_is_not_gone_to_later(opened: Open) -> None:
    """A row whose facts did not come left the wish to go there, and the next feature chosen on the map had it."""
    page = opened("/?table=compounds&lang=en").page
    page.route("**/ogc/collections/compounds/items/*", lambda route: route.abort())
    page.click("#table tr[data-at='0'] .title")
    page.wait_for_selector(".toast.error")
    page.unroute("**/ogc/collections/compounds/items/*")
    rested(page)
    before = page.evaluate("new URLSearchParams(location.search).get('map')")
    go(page, f"table=compounds&feature=compounds/40&map={before}")
    page.wait_for_selector("#details:not([hidden]) #edit")
    rested(page)
    assert page.evaluate("new URLSearchParams(location.search).get('map')") == before


def test_two_ticks_in_a_row_are_both_saved(opened: Open) -> None:
    """The second went out with the version that the first had used up, and was told that somebody else had saved."""
    watched = opened("/projects?lang=en")
    page = watched.page
    made = page.evaluate(
        """async () => {
      const token = (await (await fetch("/api/state")).json()).csrf_token;
      const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
      return (await fetch("/api/projects", { method: "POST", headers, body: JSON.stringify({ title: "two", ids: [1, 2] }) })).json();
    }"""
    )
    page.goto(f"{watched.base}/projects/{made['id']}?lang=en")
    page.wait_for_selector("body[data-ready=true]")
    keys = [f"{one['id']}/{work['code']}" for one in made["compounds"] for work in one["works"] if work["included"]][:2]
    page.evaluate("document.querySelectorAll('details.compound').forEach((one) => { one.open = true; })")
    saves = Held(page, "**/api/projects/p*")
    for key in keys:
        page.locator(f'input[data-key="{key}"]').evaluate("one => one.click()")
    for _ in keys:
        saves.come(1)
        saves.go()
    page.wait_for_selector("#project:not([aria-busy])")
    told = page.request.get(f"{watched.base}/api/projects/{made['id']}").json()
    assert told["version"] == 3
    assert {f"{one['id']}/{work['code']}" for one in told["compounds"] for work in one["works"] if not work["included"]} >= set(keys)
    assert page.locator(".toast.error").count() == 0
    watched.clean()
