"""What an answer has beside its rows is seen on the map: pinch points, routes; and it is switched off again."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from planner import until

pytestmark = pytest.mark.browser

COUNT = """colour => {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  let count = 0;
  for (const canvas of document.querySelectorAll("#map-area canvas")) {
    const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) count += data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255;
  }
  return count;
}"""
"""Pixels of exactly this colour on the map."""


def shapes_of(base: str, question: str) -> dict[str, str]:
    """The colours of a question's shapes, as the service declares them."""
    with urllib.request.urlopen(f"{base}/api/questions", timeout=30) as answer:
        listed = json.loads(answer.read())["questions"]
    return {s["id"]: s["color"] for s in next(q for q in listed if q["id"] == question)["shapes"]}


@pytest.mark.soak
@pytest.mark.parametrize(("question", "shape"), [("lanes-under-width", "pinch"), ("bottlenecks", "route")])
def test_a_shape_is_drawn_and_switched_off(question: str, shape: str, demo_server: str, open_page: Callable[..., Any]) -> None:
    """By its own colour on the canvas; layers off, so that nothing else has it."""
    colour = shapes_of(demo_server, question)[shape]
    watched = open_page(demo_server, 1440, 900, "zh-CN")
    watched.page.goto(f"{demo_server}/?layers=&question={question}&map=17/34.7500/112.9800")
    watched.page.wait_for_selector(f'#results[data-shapes~="{shape}"]')
    until(lambda: watched.page.evaluate(COUNT, colour) > 50)
    chip = f'#answer-shapes [data-shape="{shape}"]'
    assert int(watched.page.inner_text(f"{chip} b").replace(",", "")) > 0
    watched.page.click(chip)
    until(lambda: watched.page.evaluate(COUNT, colour) == 0)
    assert shape not in watched.page.url.partition("shapes=")[2].split("&")[0].split(",")
    watched.page.keyboard.press("Enter")  # the chip kept the focus
    until(lambda: watched.page.evaluate(COUNT, colour) > 50)
    watched.clean()
