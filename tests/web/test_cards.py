"""The card over HTTP: exact against the collections, refused where nothing is, and gas before and after an edit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from geo.questions.gas import new_pipes
from tests.web.conftest import HOSTILE, Browser, copied


@pytest.fixture(scope="module")
def served(stores: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    yield from copied(stores, "filled.gpkg", tmp_path_factory.mktemp("cards"))


@pytest.fixture(scope="module")
def browser(served: Flask) -> Browser:
    return Browser(served.test_client())


def rows(browser: Browser, collection: str, **asked: str) -> dict[int, dict[str, Any]]:
    found = browser.get(f"/ogc/collections/{collection}/items", query_string={"lang": "en", "limit": "1000", **asked})
    return {feature["id"]: feature["properties"] for feature in found.get_json()["features"]}


def test_a_card_says_what_the_collections_say(browser: Browser) -> None:
    body = browser.get("/api/compounds/1/card?lang=en").get_json()
    assert (body["id"], body["code"], body["name"]) == (1, "A1", "南苑小区")
    found = rows(browser, "findings", compound="A1", answer="yes,unknown")
    listed = {row["id"]: row for row in body["findings"]["rows"]}
    assert {
        id: (row["rule"], row["answer"]["answer"], row["answer"]["value"], row["answer"]["fingerprint"]) for id, row in listed.items()
    } == {id: (row["rule"], row["answer"], row.get("value"), row["fingerprint"]) for id, row in found.items()}
    assert {row["rule"]: row["cite"] for row in found.values()} == {id: rule["cite"] for id, rule in body["rules"].items()}
    lanes = rows(browser, "lanes-under-width", compound="A1", answer="all")
    assert {row["id"]: row["answers"]["lanes-under-width"]["why"] for row in body["sections"]["lanes"]["rows"]} == {
        k: v["why"] for k, v in lanes.items()
    }


def test_failures_come_before_what_is_unknown(browser: Browser) -> None:
    said = [row["answer"]["answer"] for row in browser.get("/api/compounds/1/card").get_json()["findings"]["rows"]]
    assert said == sorted(said, key=["yes", "unknown"].index)
    assert {"yes", "unknown"} == set(said)


def test_a_compound_that_is_not_on_the_map_has_no_map(browser: Browser) -> None:
    body = browser.get("/api/compounds/3/card?lang=en").get_json()
    assert (body["map"], body["drawn"]) == (None, None)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/compounds/999/card", 404, "feature-not-found"),
        ("/api/compounds/1/card?profile=none", 400, "bad-value"),
        ("/api/compounds/1/card?as_of=tomorrow", 400, "bad-value"),
        ("/api/compounds/1/card?answer=yes", 400, "unknown-parameter"),
        ("/compounds/1?profile=none", 400, "bad-value"),
        ("/api/communities/%E6%97%A0/cards", 404, "not-found"),
    ],
)
def test_what_is_not_there_is_refused(path: str, status: int, code: str, browser: Browser) -> None:
    found = browser.get(path)
    assert (found.status_code, found.get_json()["code"]) == (status, code)


def test_the_page_of_a_compound_that_is_gone_says_so(browser: Browser) -> None:
    page = browser.get("/compounds/999?lang=en")
    assert page.status_code == 404
    assert "There is no such compound" in page.text and "openCard" not in page.text


def test_the_page_of_a_community_that_nothing_bears_says_so(filled: Flask) -> None:
    """It answered 200 with the refusal inside, where a compound's page answers 404."""
    browser = Browser(filled.test_client())
    body = {"properties": {"community": "花园社区"}}
    assert browser.send("PATCH", "/ogc/collections/compounds/items/1", body, headers={"If-Match": '"1"'}).status_code == 200
    page = browser.get("/communities/花园街社区/cards?lang=en")
    assert page.status_code == 404 and "There is no such community" in page.text and "openCards" not in page.text
    assert f'href="/communities/{quote("花园社区")}/cards?lang=en"' in page.text
    assert browser.get("/communities/花园社区/cards").status_code == 200


@pytest.mark.parametrize("path", ["/compounds/4", "/communities/x'%22%3C%2Fscript%3E%7B%7B7*7%7D%7D/cards"])
def test_no_name_becomes_markup(path: str, filled: Flask) -> None:
    """Names come by fetch; that of a community in the address stands in the page as JSON."""
    browser = Browser(filled.test_client())
    body = {"properties": {"community": "x'\"</script>{{7*7}}"}}
    assert browser.send("PATCH", "/ogc/collections/compounds/items/1", body, headers={"If-Match": '"1"'}).status_code == 200
    page = browser.get(path).text
    assert ('id="community"' in page) == path.startswith("/communities/")
    assert HOSTILE not in page and "</script>{{" not in page and "49" not in re.findall(r'id="community">(.*?)<', page)


@pytest.mark.parametrize(("lang", "heading"), [("zh", "院落卡片（一院一档）"), ("en", "Compound card")])
def test_the_page_is_a_shell_in_both_languages(lang: str, heading: str, browser: Browser) -> None:
    page = browser.get(f"/compounds/1?lang={lang}").text
    assert f"<h1>{heading}</h1>" in page and " style=" not in page


def test_gas_before_is_shown_after_an_edit(filled: Flask) -> None:
    browser = Browser(filled.test_client())
    assert browser.get("/api/compounds/1/card").get_json()["gas_before"] is None
    version = browser.get("/ogc/collections/compounds/items/1").get_json()["properties"]["version"]
    path = "/ogc/collections/compounds/items/1"
    sent = browser.send("PATCH", path, {"properties": {"gas_status": "full"}}, headers={"If-Match": f'"{version}"'})
    assert sent.status_code == 200, sent.get_json()
    body = browser.get("/api/compounds/1/card").get_json()
    assert (body["gas_before"]["values"]["gas_status"], body["values"]["gas_status"]) == ("none", "full")


def test_a_count_of_households_lays_no_pipe_anew(filled: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new pipes to all compounds were worked out again for every edit of a compound: most of the time of the card behind it."""
    laid: list[int] = []
    lay = new_pipes._lay
    monkeypatch.setattr(new_pipes, "_lay", lambda view: laid.append(1) or lay(view))
    browser, path = Browser(filled.test_client()), "/ogc/collections/compounds/items/1"
    moved = {"type": "Polygon", "coordinates": [[[112.98, 34.75], [112.981, 34.75], [112.981, 34.752], [112.98, 34.752], [112.98, 34.75]]]}
    for version, sent, times in ((1, {"properties": {"households": 101}}, 1), (2, {"geometry": moved}, 2)):
        browser.get("/api/compounds/1/card")
        assert browser.send("PATCH", path, sent, headers={"If-Match": f'"{version}"'}).status_code == 200
        assert browser.get("/api/compounds/1/card").status_code == 200
        assert len(laid) == times
