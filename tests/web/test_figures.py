"""Figures of the subdistrict and its communities: every count is that of the question asked there, and a zero says what it means."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask

from geo.answers import answer
from geo.figure_maps import maps
from geo.figures import MEASURES, Count, Figures, Place, figures, needs
from geo.frames import View
from geo.query import Query
from geo.questions.catalogue import ALL
from tests.geo.fake_frames import LAYERS, NOW, FakeFrames, box, line, query
from tests.web.conftest import Browser, copied, here

COMMUNITIES = [
    {"code": "S1", "name": "东街社区", "geometry": box(0, 0, 300, 300)},
    {"code": "S2", "name": "西街社区", "geometry": box(-300, 0, 0, 300)},
]
COMPOUNDS = [
    {"code": "A1", "name": "甲院", "community": "东街社区", "built_year": 1990.0, "gas_status": "none", "geometry": box(0, 0, 50, 50)},
    {"code": "A2", "name": "乙院", "community": "S1", "built_year": 2000.0, "gas_status": "full", "geometry": box(100, 0, 150, 50)},
    {"code": "A3", "name": "丙院", "community": "S1", "built_year": 2001.0, "gas_status": "all_electric", "geometry": None},
    {"code": "B1", "name": "丁院", "community": "西街社区", "built_year": None, "gas_status": None, "geometry": box(-100, 0, -50, 50)},
    {"code": "C1", "name": "戊院", "community": "南街社区", "built_year": 1985.0, "gas_status": "none", "geometry": box(0, -200, 50, -150)},
    {"code": "D1", "name": "己院", "community": None, "built_year": 2010.0, "gas_status": "full", "geometry": box(400, 0, 450, 50)},
]
LANES = [
    {"code": "L1", "clear_width_m": 3.5, "compound_code": "A1", "geometry": line((0, 10), (50, 10))},
    {
        "code": "L2",
        "clear_width_m": 4.0,
        "compound_code": None,
        "geometry": line((-60, 20), (10, 20)),
    },  # meets A1 and B1: in two communities
    {"code": "L3", "clear_width_m": None, "compound_code": "B1", "geometry": None},
    {"code": "L4", "clear_width_m": 3.0, "compound_code": None, "geometry": line((900, 900), (950, 900))},  # in none
]
HAZARDS = [
    {"code": "H1", "status": "registered", "community": "东街社区", "compound_code": "B1", "geometry": box(0, 0, 1, 1).centroid},
    {"code": "H2", "status": "closed", "community": None, "compound_code": "A1", "geometry": None},
    {"code": "H3", "status": None, "community": None, "compound_code": None, "geometry": box(-60, 5, -59, 6).centroid},
    {"code": "H4", "status": "rejected", "community": "别处", "compound_code": "A1", "geometry": None},
]
CONTENTS = {"communities": COMMUNITIES, "compounds": COMPOUNDS, "fire_lanes": LANES, "hazards": HAZARDS}


@pytest.fixture(scope="module")
def frames() -> FakeFrames:
    return FakeFrames(CONTENTS)


@pytest.fixture(scope="module")
def made(frames: FakeFrames) -> Figures:
    return of(frames)


def of(frames: FakeFrames, **more: Any) -> Figures:
    view: View = frames.view(*needs(LAYERS), **more)  # type: ignore[assignment]
    return figures(view, LAYERS)


def place(made: Figures, name: str) -> Place:
    return next(p for p in made.places if name in (p.name, p.kind))


WANTED: list[tuple[str, str, tuple[int, int, int, int]]] = [  # measure, place, (yes, no, unknown, na)
    ("compounds", "all", (6, 0, 0, 0)),
    ("compounds", "东街社区", (3, 0, 0, 0)),
    ("compounds", "西街社区", (1, 0, 0, 0)),
    ("compounds", "南街社区", (1, 0, 0, 0)),
    ("compounds", "elsewhere", (1, 0, 0, 0)),
    ("old", "all", (3, 2, 1, 0)),  # the end of 2000 is the last of an old one
    ("old", "东街社区", (2, 1, 0, 0)),
    ("old", "西街社区", (0, 0, 1, 0)),
    ("without-gas", "all", (2, 2, 1, 1)),
    ("without-gas", "东街社区", (1, 1, 0, 1)),
    ("without-gas", "西街社区", (0, 0, 1, 0)),
    ("lanes", "all", (4, 0, 0, 0)),
    ("lanes", "东街社区", (2, 0, 0, 0)),
    ("lanes", "西街社区", (2, 0, 0, 0)),
    ("lanes", "elsewhere", (1, 0, 0, 0)),
    ("lanes-under-width", "all", (2, 1, 1, 0)),
    ("lanes-under-width", "东街社区", (1, 1, 0, 0)),
    ("lanes-under-width", "西街社区", (0, 1, 1, 0)),
    ("hazards-open", "all", (1, 2, 1, 0)),
    ("hazards-open", "东街社区", (1, 1, 0, 0)),  # what the ledger says of the community goes before the compound
    ("hazards-open", "西街社区", (0, 0, 1, 0)),
    ("hazards-open", "elsewhere", (0, 1, 0, 0)),
]


@pytest.mark.parametrize(("measure", "where", "counts"), WANTED, ids=[f"{m} {w}" for m, w, _ in WANTED])
def test_a_figure_counts_what_is_there(measure: str, where: str, counts: tuple[int, int, int, int], made: Figures) -> None:
    count = place(made, where).counts[measure]
    assert (count.yes, count.no, count.unknown, count.na) == counts


def test_communities_come_by_code_and_then_those_that_only_a_compound_names(made: Figures) -> None:
    assert [(p.kind, p.name, p.code) for p in made.places] == [
        ("all", "", None), ("community", "东街社区", "S1"), ("community", "西街社区", "S2"), ("community", "南街社区", None), ("elsewhere", "", None),
    ]  # fmt: skip


@pytest.mark.parametrize("measure", [m for m in MEASURES if m.question], ids=lambda m: m.id)
@pytest.mark.parametrize("community", ["东街社区", "西街社区", "南街社区"])
def test_a_figure_is_what_its_question_answers_there(measure: Any, community: str, frames: FakeFrames, made: Figures) -> None:
    said = answer(query(measure.question, community=community), frames, layers=LAYERS, now=NOW).summary  # type: ignore[arg-type]
    assert said is not None
    count = place(made, community).counts[measure.id]
    known = said["yes"] + said["no"]
    want = (said["yes"], said["no"], said["unknown"]) if measure.answer == "yes" else (said["unknown"], known, 0)
    assert (count.yes, count.no, count.unknown, count.na) == (*want, said["na"])


def test_old_compounds_are_those_of_the_rule_that_they_open_as(frames: FakeFrames, made: Figures) -> None:
    said = answer(query("findings", rule="OC-01"), frames, layers=LAYERS, now=NOW).summary  # type: ignore[arg-type]
    assert said is not None
    assert (said["yes"], said["no"], said["unknown"]) == (3, 2, 1)


SAYS = [
    ((3, 1, 0, 0), "some"),
    ((0, 2, 0, 0), "none"),
    ((0, 2, 1, 0), "none-known"),
    ((0, 0, 2, 0), "unknown"),
    ((0, 0, 0, 0), "no-data"),
    ((0, 0, 0, 4), "no-data"),
]


@pytest.mark.parametrize(("counts", "says"), SAYS, ids=[s for _, s in SAYS[:-1]] + ["not applicable"])
def test_a_zero_says_what_it_means(counts: tuple[int, int, int, int], says: str) -> None:
    assert Count(*counts).says == says


def test_the_width_is_that_of_the_profile(frames: FakeFrames) -> None:
    legacy, foreign = of(frames, profile="cn_legacy"), of(frames, profile="ifc")
    assert [place(m, "all").counts["lanes-under-width"].yes for m in (legacy, foreign)] == [1, 3]
    width = next(m for m in MEASURES if m.id == "lanes-under-width")
    assert [width.named(m.profile).en for m in (legacy, foreign)] == ["Lanes under 3.5 m", "Lanes under 6.096 m"]


def test_nothing_at_all_is_no_data() -> None:
    none = of(FakeFrames({}))
    assert [p.kind for p in none.places] == ["all"]
    assert {c.says for c in none.places[0].counts.values()} == {"no-data"}


def test_an_edit_counts_at_once() -> None:
    frames = FakeFrames(CONTENTS)
    before = place(of(frames), "东街社区").counts["old"]
    frames.put("compounds", [{**COMPOUNDS[0], "built_year": 2005.0}, *COMPOUNDS[1:]], {1})
    after = place(of(frames), "东街社区").counts["old"]
    assert (before.yes, before.no, after.yes, after.no) == (2, 1, 1, 2)


def test_many_communities_take_no_longer_than_their_features() -> None:
    """A line a community would be asked a thousand times; the counts of all are made at once."""
    places, size = 200, 4
    compounds = [
        {"code": f"A{i}", "community": f"第{i % places}社区", "built_year": 1980.0 + i % 40, "geometry": None} for i in range(places * size)
    ]
    made = of(FakeFrames({"compounds": compounds}))
    assert len(made.places) == places + 1
    assert np.sum([p.counts["compounds"].yes for p in made.places[1:]]) == places * size


# over HTTP --------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(stores: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    yield from copied(stores, "filled.gpkg", tmp_path_factory.mktemp("figures"))


def test_the_figures_as_json(served: Flask) -> None:
    body = Browser(served.test_client()).get("/api/figures?lang=en&as_of=2026-11-22").get_json()
    assert (body["as_of"], body["day"], body["profile"]["id"]) == ("2026-11-22", "2026-11-22", "cn_gb")
    assert [m["id"] for m in body["measures"]] == [m.id for m in MEASURES]
    whole = body["places"][0]
    assert (whole["kind"], whole["name"]) == ("all", "In all")
    assert whole["figures"]["old"] == {"yes": 3, "no": 1, "unknown": 1, "na": 0, "total": 5, "says": "some"}
    assert whole["figures"]["lanes-under-width"] == {"yes": 1, "no": 1, "unknown": 1, "na": 0, "total": 3, "says": "some"}


def test_a_figure_of_another_profile_opens_with_its_own_limit(served: Flask) -> None:
    measures = Browser(served.test_client()).get("/api/figures?lang=en&profile=cn_legacy&as_of=2026-11-22").get_json()["measures"]
    said = {m["id"]: m["parameters"] for m in measures if m["question"]}
    assert "old" not in said
    assert said["lanes-under-width"] == {"width": "3.5"}
    assert said["overdue"] == {"as_of": "2026-11-22"}
    assert said["unknown"]["profile"] == "cn_legacy"


def test_a_figure_without_a_question_opens_the_rows_it_counts(served: Flask) -> None:
    """Open hazards once opened as compounds with open hazards, whose number was another."""
    measures = Browser(served.test_client()).get("/api/figures?lang=en").get_json()["measures"]
    assert {m["id"]: (m["table"], m["filter"]) for m in measures if not m["question"]} == {
        "compounds": ("compounds", None),
        "old": ("compounds", "built_year <= 2000"),
        "lanes": ("fire_lanes", None),
        "hazards-open": ("hazards", "status NOT IN ('closed', 'rejected')"),
    }


@pytest.mark.parametrize("community", [None, "东街社区", "西街社区", "南街社区"])
@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.id)
def test_what_a_figure_opens_has_as_many_rows_as_it_counts(measure: Any, community: str | None, frames: FakeFrames, made: Figures) -> None:
    args: dict[str, str] = {"community": community} if community else {}
    if measure.question:
        args["answer"] = measure.answer
    elif measure.where:
        args["filter"] = measure.where(made.profile)
    asked = Query.from_args(measure.question or measure.layer, args, layers=LAYERS, questions=ALL)
    found = answer(asked, frames, layers=LAYERS, now=NOW)  # type: ignore[arg-type]
    assert found.matched == place(made, community or "all").counts[measure.id].yes


@pytest.mark.parametrize("profile", ["cn_gb", "ifc"])
def test_each_link_is_something_that_can_be_asked(profile: str, served: Flask) -> None:
    """The page makes the address from these members."""
    browser = Browser(served.test_client())
    for measure in browser.get(f"/api/figures?lang=en&profile={profile}").get_json()["measures"]:
        chosen = ("answer", measure["answer"]) if measure["question"] else ("filter", measure["filter"] or "TRUE")
        path = f"/ogc/collections/{measure['question'] or measure['table']}/items"
        assert (
            browser.get(path, query_string={**measure["parameters"], chosen[0]: chosen[1], "lang": "en", "limit": "1"}).status_code == 200
        )


# the small maps ---------------------------------------------------------------------------------------------------------------------


def test_a_small_map_counts_a_compound_as_the_question_of_that_compound_does(frames: FakeFrames) -> None:
    drawn = maps(frames.view(*needs(LAYERS)), LAYERS)  # type: ignore[arg-type]
    assert drawn.ids.tolist() == [1, 2, 4, 5, 6]  # the third is not on the map
    for at, id in enumerate(drawn.ids):
        code = COMPOUNDS[id - 1]["code"]
        for measure in (m for m in MEASURES if m.question and m.answer == "yes"):
            said = answer(query(measure.question, compound=code), frames, layers=LAYERS, now=NOW).summary  # type: ignore[arg-type]
            counts = drawn.counts[measure.id]
            assert said is not None
            assert (counts.yes[at], counts.no[at], counts.unknown[at]) == (said["yes"], said["no"], said["unknown"]), (measure.id, code)


def test_a_small_map_calls_a_community_by_its_name(frames: FakeFrames) -> None:
    """A compound may name it by its code; the map would not find it among the lines."""
    drawn = maps(frames.view(*needs(LAYERS)), LAYERS)  # type: ignore[arg-type]
    assert drawn.communities == ["东街社区", "西街社区"]
    assert drawn.community == ["东街社区", "东街社区", "西街社区", "南街社区", None]


def test_too_many_compounds_are_not_drawn_but_counted(frames: FakeFrames, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.figure_maps.MOST", 4)
    drawn = maps(frames.view(*needs(LAYERS)), LAYERS)  # type: ignore[arg-type]
    assert (drawn.total, drawn.ids.tolist(), len(drawn.areas)) == (5, [], 2)


def test_no_map_of_nothing(served: Flask) -> None:
    none = maps(FakeFrames({}).view(*needs(LAYERS)), LAYERS)  # type: ignore[arg-type]
    assert (none.box, none.total) == (None, 0)
    assert Browser(served.test_client()).get("/api/figures/maps").get_json()["total"] == 4


@pytest.mark.parametrize(("asked", "parameter"), [("profile=none", "profile"), ("as_of=tomorrow", "as_of"), ("as_of=2026-02-30", "as_of")])
@pytest.mark.parametrize("path", ["/api/figures", "/api/figures/maps", "/overview"])
def test_what_is_not_there_is_refused(path: str, asked: str, parameter: str, served: Flask) -> None:
    found = Browser(served.test_client()).get(f"{path}?{asked}&lang=en")
    assert (found.status_code, found.get_json()["parameter"]) == (400, parameter)


@pytest.mark.parametrize(("lang", "title", "other"), [("zh", "街道与社区概览", "概览"), ("en", "Subdistrict and communities", "Overview")])
def test_the_page_is_linked_from_the_workspace(lang: str, title: str, other: str, served: Flask) -> None:
    client = served.test_client()
    assert f"<h1>{title}</h1>" in client.get(f"/overview?lang={lang}").text
    workspace = client.get(f"/?lang={lang}").text
    assert f'href="/overview?lang={lang}">{other}</a>' in workspace
    assert f'href="/rules?lang={lang}"' in workspace


def test_no_page_has_a_style_of_its_own(served: Flask) -> None:
    client = served.test_client()
    for path in ("/overview", "/rules", "/compounds/1", "/communities/S1/cards"):
        assert " style=" not in client.get(path).text and "<style" not in client.get(path).text


def test_figures_wait_for_their_turn(served: Flask) -> None:
    services = here(served)
    turns = [services.turn() for _ in range(max(1, services.settings.threads // 2))]
    for turn in turns:
        turn.__enter__()
    try:
        assert Browser(served.test_client()).get("/api/figures").status_code == 503
    finally:
        for turn in turns:
            turn.__exit__(None, None, None)
