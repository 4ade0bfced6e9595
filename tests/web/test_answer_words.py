"""Units and prices in an answer are said in the language of the page or file, never as a code or in both languages at once."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from flask import Flask

from geo import matching
from geo.errors import Text


def rows(reading: Flask, question: str, **parameters: str) -> list[dict[str, str]]:
    query = "&".join(f"{k}={v}" for k, v in {"answer": "all", "f": "csv", **parameters}.items())
    answer = reading.test_client().get(f"/ogc/collections/{question}/items?{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize(("lang", "heading", "unit"), [("zh", "单位", "米"), ("en", "Unit", "m")])
def test_a_unit_is_a_word_under_labels_and_a_code_under_names(lang: str, heading: str, unit: str, reading: Flask) -> None:
    assert {row[heading] for row in rows(reading, "lanes-under-width", headings="labels", lang=lang)} <= {unit, ""}
    assert {row["unit"] for row in rows(reading, "lanes-under-width", headings="names", lang=lang)} <= {"m", ""}


@pytest.mark.parametrize(("lang", "said"), [("zh", "估计"), ("en", "estimate")])
def test_a_text_of_an_answer_is_in_one_language(lang: str, said: str) -> None:
    values = np.array([Text("估计", "estimate"), None, "RG-1"], dtype=object)
    assert matching._worded(values, lang).tolist() == [said, None, "RG-1"]
