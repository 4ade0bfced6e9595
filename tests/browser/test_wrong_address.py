"""An address written by hand or grown old: the page opens, says what it left out, and asks for nothing that is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]

WRONG = [
    ("f.compounds=zz%20%3D%201&table=compounds", "f.compounds=zz = 1", "f.compounds"),
    (
        "within=@gone&community=nowhere&table=compounds",
        "within=@gone (there is no kept area '@gone': draw it anew), community=nowhere (there is no community 'nowhere')",
        "within",
    ),
    ("near=findings:50&near-filter=zz&table=compounds", "near=findings:50", "near"),
    ("question=compounds-without-gas&p.shoe=1", "p.shoe", "p.shoe"),
    ("s.compounds=by:zz;opacity:NaN;label:name", "s.compounds=opacity:NaN, s.compounds=by:zz", "by:zz"),
]


@pytest.mark.parametrize(("said", "left_out", "gone"), WRONG)
def test_what_cannot_be_shown_is_left_out_and_told(
    demo_server: str, open_page: Callable[..., Any], said: str, left_out: str, gone: str
) -> None:
    """Filters and places that the server refuses used to end in a refused request of every part of the page."""
    watched = open_page(demo_server, 1200, 800, "en-GB")
    refused: list[str] = []
    watched.page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    watched.page.goto(f"{demo_server}/?lang=en&{said}")
    watched.page.wait_for_selector("body[data-ready]", state="attached")
    assert left_out in watched.page.inner_text(".toast")
    assert gone not in watched.page.url and refused == []
