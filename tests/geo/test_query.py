"""Query: typed from parameters, refused with the way out, and back to parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fake_frames import LAYERS, query

from geo.crs import Bounds
from geo.errors import BadBounds, BadFilter, BadValue, Invalid, LayerNotFound, UnknownCrs, UnknownField, UnknownParameter
from geo.filters.shapes import of_area_text, of_box
from geo.query import Query, date_field, days_of
from geo.questions.catalogue import ALL
from geo.questions.declaration import Question

SQUARE = "POLYGON((112.9 34.7, 113.0 34.7, 113.0 34.8, 112.9 34.8, 112.9 34.7))"


def test_defaults() -> None:
    asked = query("compounds")
    assert asked == Query("compounds")
    assert (asked.limit, asked.offset, asked.lang, asked.answers, asked.sort, asked.fields) == (100, 0, "zh", frozenset(), (), None)


def test_question_defaults() -> None:
    asked = query("compounds-without-gas")
    assert dict(asked.parameters) == {"partial": False, "infer": True}
    assert asked.answers == {"yes"}
    assert dict(query("lanes-under-width").parameters) == {"width": None, "basis": "best", "parking": False, "vehicle": "pumper"}


REFUSED: list[tuple[str, dict[str, str], type[Invalid], str]] = [
    ("compounds", {"limt": "5"}, UnknownParameter, "nearest: limit"),
    ("compounds", {"built_year": "1990"}, UnknownParameter, "use filter=built_year"),
    ("compounds", {"answer": "yes"}, UnknownParameter, "no parameter 'answer'"),
    ("compounds", {"width": "4"}, UnknownParameter, "no parameter"),
    ("compounds-without-gas", {"width": "4"}, UnknownParameter, "no parameter 'width'"),
    ("compounds", {"limit": "0"}, BadValue, "from 1"),
    ("compounds", {"limit": "-1"}, BadValue, "whole number"),
    ("compounds", {"limit": "1.5"}, BadValue, "whole number"),
    ("compounds", {"limit": "１０"}, BadValue, "whole number"),
    ("compounds", {"limit": "9" * 40}, BadValue, "whole number"),
    ("compounds", {"offset": "-1"}, BadValue, "from 0"),
    ("compounds", {"bbox": "1,2,3"}, BadBounds, "west,south,east,north"),
    ("compounds", {"bbox": "1,2,3,x"}, BadBounds, "west,south,east,north"),
    ("compounds", {"bbox": "1,2,3,nan"}, BadBounds, "finite"),
    ("compounds", {"bbox": "1,5,2,4"}, BadBounds, "south is above north"),
    ("compounds", {"bbox": "406000,3847000,407000,3848000"}, BadBounds, "bbox-crs"),
    ("compounds", {"bbox": "407000,3847000,406000,3848000", "bbox-crs": "EPSG:4547"}, BadBounds, "antimeridian"),
    ("compounds", {"bbox": "1,2,3,4", "bbox-crs": "EPSG:99999999"}, UnknownCrs, "unknown CRS"),
    ("compounds", {"bbox": "1,2,3,4", "bbox-crs": "EPSG:5773"}, UnknownCrs, "no CRS for maps"),
    ("compounds", {"bbox-crs": "EPSG:4547"}, BadValue, "needs bbox"),
    ("compounds", {"filter-lang": "cql2-text"}, BadValue, "needs filter"),
    ("compounds", {"filter": "lift", "filter-lang": "cql"}, BadValue, "cql2-text"),
    ("compounds", {"filter": ""}, BadFilter, "empty"),
    ("compounds", {"filter": "nmae = 'x'"}, UnknownField, "name"),
    ("compounds", {"filter": "answer = 'yes'"}, UnknownField, "no field 'answer'"),
    ("compounds-without-gas", {"filter": "why = 'x'"}, UnknownField, "no field 'why'"),
    ("compounds-without-gas", {"filter": "answer = 'maybe'"}, BadFilter, "yes, no, unknown, na"),
    ("compounds", {"sortby": "nmae"}, UnknownField, "name"),
    ("compounds", {"sortby": ""}, UnknownField, "no field ''"),
    ("compounds", {"sortby": "name,-name"}, BadValue, "twice"),
    ("compounds", {"sortby": "extra"}, UnknownField, "no field 'extra'"),
    ("compounds-without-gas", {"sortby": "why"}, UnknownField, "no field 'why'"),
    ("compounds", {"properties": "name,nmae"}, UnknownField, "nearest: name"),
    ("compounds", {"properties": "answer"}, UnknownField, "no field"),
    ("compounds", {"datetime": "yesterday"}, BadValue, "2024-01-31"),
    ("compounds", {"datetime": "2024-02-30"}, BadValue, "not a time"),
    ("compounds", {"datetime": "2024-03-01/2024-01-01"}, BadValue, "not a time"),
    ("compounds", {"datetime": "../.."}, BadValue, "not a time"),
    ("compounds", {"datetime": "2024-01-01/2024-01-02/2024-01-03"}, BadValue, "not a time"),
    ("compounds", {"community": " "}, BadValue, "empty"),
    ("compounds", {"lang": "fr"}, BadValue, "zh, en"),
    ("compounds", {"within": "POINT(1 2)"}, BadValue, "polygon"),
    ("compounds", {"within": "POLYGON((0 0, 1 1, 0 1, 1 0, 0 0))"}, BadValue, "crosses itself"),
    ("compounds", {"within": "POLYGON((0 0, 1 1, 0 1))"}, BadValue, "four points"),
    ("compounds", {"within": "POLYGON((0 0, 1e999 1, 0 1, 0 0))"}, BadValue, "four points"),
    ("compounds", {"within": "POLYGON((0 0, 500000 1, 0 1, 0 0))"}, BadValue, "longitude/latitude"),
    ("compounds", {"within": "SRID=4326;" + SQUARE}, BadValue, "polygon"),
    ("compounds", {"within": "touching:POINT(1 2)"}, BadValue, "polygon"),
    ("compounds", {"within": "touching:touching:" + SQUARE}, BadValue, "polygon"),
    ("compounds", {"within": "touching:@x"}, BadValue, "no kept area"),
    ("compounds", {"within": "POLYGON((" + "(" * 5000}, BadValue, "polygon"),
    ("compounds-without-gas", {"answer": "maybe"}, BadValue, "yes, no, unknown, na, all"),
    ("compounds-without-gas", {"answer": ""}, BadValue, "answer"),
    ("compounds-without-gas", {"answer": "all,yes"}, BadValue, "stands alone"),
    ("compounds-without-gas", {"infer": "yes"}, BadValue, "true or false"),
    ("lanes-under-width", {"basis": "tape"}, BadValue, "best, declared, measured, inferred"),
]


@pytest.mark.parametrize(("collection", "args", "error", "hint"), REFUSED)
def test_refused_with_the_way_out(collection: str, args: dict[str, str], error: type[Invalid], hint: str) -> None:
    with pytest.raises(error) as caught:
        query(collection, **args)
    assert type(caught.value) is error and caught.value.status == 400
    assert hint in caught.value.text.en and caught.value.text.zh


def test_unknown_collection_names_the_nearest() -> None:
    with pytest.raises(LayerNotFound) as caught:
        query("compound-without-gas")
    assert caught.value.members["nearest"][0] == "compounds-without-gas"


def test_limit_is_clamped() -> None:
    assert query("compounds", limit="5000000").limit == 100_000
    assert Query.from_args("compounds", {}, layers=LAYERS, questions=ALL, default_limit=None).limit is None


def test_six_numbers_and_the_antimeridian() -> None:
    assert query("compounds", bbox="1,2,0,3,4,9").bbox == Bounds(1, 2, 3, 4)
    crossing = of_box(query("compounds", bbox="170,-10,-170,10").bbox)
    assert crossing.bounds == (-180, -10, 180, 10)
    assert crossing.area == 400


def test_output_parameters_are_the_edge_s() -> None:
    assert query("compounds", f="csv", crs="EPSG:4547") == query("compounds")


SEARCHES: list[tuple[str, dict[str, str]]] = [
    ("compounds", {}),
    ("compounds", {"limit": "7", "offset": "14", "lang": "en"}),
    ("compounds", {"filter": "built_year < 1990 AND name LIKE '%苑%'", "sortby": "+built_year,-name", "properties": "name,code"}),
    ("compounds", {"filter": '{"op": "isNull", "args": [{"property": "name"}]}', "filter-lang": "cql2-json"}),
    ("compounds", {"filter": "S_WITHIN(geometry, BBOX(406000, 3847000, 407000, 3848000))", "filter-crs": "EPSG:4547"}),
    ("buildings", {"bbox": "112.9,34.7,113.0,34.8", "within": SQUARE, "community": "建设路社区", "compound": "南苑小区"}),
    ("buildings", {"within": "touching:" + SQUARE}),
    ("hazards", {"datetime": "2024-01-01/..", "bbox": "406000,3847000,407000.5,3848000", "bbox-crs": "4547"}),
    ("compounds-without-gas", {"answer": "no,unknown", "infer": "false", "partial": "true"}),
    ("lanes-under-width", {"width": "3.5", "basis": "measured", "answer": "all", "filter": "value > 2"}),
]


@pytest.mark.parametrize(("collection", "args"), SEARCHES)
def test_to_args_makes_the_query_again(collection: str, args: dict[str, str]) -> None:
    asked = query(collection, **args)
    again = Query.from_args(collection, asked.to_args(), layers=LAYERS, questions=ALL)
    assert again == asked and hash(again) == hash(asked)
    assert again.to_args() == asked.to_args()


def test_equal_queries_have_equal_arguments_and_others_not() -> None:
    asked = query("lanes-under-width", width="4.0", answer="unknown,yes")
    assert asked == query("lanes-under-width", width="4", answer="yes,unknown")
    assert asked.to_args() == {
        "width": "4", "basis": "best", "parking": "false", "vehicle": "pumper", "answer": "yes,unknown", "limit": "100",
    }  # fmt: skip
    assert asked != replace(asked, limit=5) and asked != query("lanes-under-width", width="3", answer="yes,unknown")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-31", ("2024-01-31", "2024-01-31")),
        ("2024-01-31T23:30:00+08:00", ("2024-01-31", "2024-01-31")),
        ("2024-01-01/2024-12-31T00:00:00Z", ("2024-01-01", "2024-12-31")),
        ("../2024-12-31", (None, "2024-12-31")),
        ("2024-01-01/", ("2024-01-01", None)),
    ],
)
def test_days_of(text: str, expected: tuple[Any, ...]) -> None:
    assert days_of(text) == expected


def test_date_field() -> None:
    assert date_field(LAYERS["hazards"]).name == "found_on"
    assert date_field(LAYERS["communities"]).name == "source_date"


def test_area_text_with_holes_parts_and_many_vertices() -> None:
    holed = "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))"
    assert of_area_text(holed).area == 80
    assert of_area_text("multipolygon(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))").area == 1
    ring = ", ".join(f"{i / 10} {(i % 2) / 100}" for i in range(101))
    with pytest.raises(BadValue, match="102 vertices"):
        of_area_text(f"POLYGON(({ring}, 5 9, 0 0))")
    assert of_area_text("POLYGON((" + ", ".join(f"{i / 10} 0" for i in range(98)) + ", 9 9, 0 9, 0 0))").area > 0


@pytest.mark.parametrize("question", ALL, ids=lambda q: q.id)
def test_answer_fields_do_not_hide_a_layer_s_own(question: Question) -> None:
    own = {f.name for f in LAYERS[question.subject].all_fields}
    assert own.isdisjoint(f.name for f in question.fields)
    assert question.subject in question.reads and set(question.reads) <= set(LAYERS)
