"""The browser's modules that need no page, run by Node: addresses and CQL2 that say the same when they are read again, steps of the history, late answers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from geo.filters.text import tree_of
from web.translations import texts

STATIC = Path(__file__).resolve().parents[2] / "static"
PAGE = """
const texts = new Proxy({}, { get: (_, key) => String(key), has: () => true });
const element = { dataset: {}, append() {}, addEventListener() {}, setAttribute() {} };
globalThis.document = { documentElement: { lang: "en" }, body: element, getElementById: () => ({ textContent: "{}" }), createElement: () => ({ ...element }) };
globalThis.listeners = {};
globalThis.addEventListener = (name, run) => (listeners[name] = run);
globalThis.steps = [""];
globalThis.location = { get search() { return steps.at(-1); } };
const search = (url) => new URL(url, "http://x/").search;
globalThis.history = { pushState: (_, __, url) => steps.push(search(url)), replaceState: (_, __, url) => (steps[steps.length - 1] = search(url)) };
globalThis.back = () => (steps.pop(), listeners.popstate());
"""

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """`node(script, value)`: what the script, a module beside static/js with `given` as the value, exports as `out`."""
    found = shutil.which("node")
    if not found:
        if os.environ.get("CI") == "true":
            pytest.fail("no node on this machine: it comes with npm")
        pytest.skip("no node on this machine")
    folder = tmp_path_factory.mktemp("modules")
    shutil.copytree(STATIC / "js", folder / "js")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "page.js").write_text(PAGE)
    (folder / "run.js").write_text(
        'import "./page.js"; const { out } = await import(process.argv[2]); process.stdout.write(JSON.stringify(await out));'
    )

    def run(script: str, given: Any = None) -> Any:
        (folder / "script.js").write_text(f"const given = {json.dumps(given)};\n{script}")
        done = subprocess.run([found, "run.js", "./script.js"], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    yield run


# ---- all modules


def test_every_import_is_there_and_is_used() -> None:
    """A name that is no longer exported stops the whole page, and no other test of a module sees it."""
    scripts = {path: path.read_text("utf-8") for path in (STATIC / "js").rglob("*.js")}
    said = {
        path: {name.strip() for names in re.findall(r"^export \{([^}]*)\}", text, re.M) for name in names.split(",")}
        for path, text in scripts.items()
    }
    own = {path: set(re.findall(r"^export (?:async )?(?:const|function\*?|class) ([\w$]+)", text, re.M)) for path, text in scripts.items()}
    wrong = []
    for path, text in scripts.items():
        for names, source in re.findall(r'^import \{([^}]*)\} from "(\.[^"]*)";', text, re.M):
            target = (path.parent / source).resolve()
            for name, _, alias in (one.strip().partition(" as ") for one in names.split(",") if one.strip()):
                there = target not in scripts or name in own[target] | said[target]
                used = len(re.findall(rf"(?:(?<![\w.#$])|(?<=\.\.\.)){re.escape(alias or name)}(?![\w$])", text)) > 1
                wrong += (
                    [] if there and used else [f"{path.relative_to(STATIC)}: {name} of {source} is {'not used' if there else 'not there'}"]
                )
    assert wrong == []


# ---- addresses

ODD = [
    "a,b",
    "a/b",
    "1+1",
    "50%",
    "%41",
    "a&b=c",
    "中文小区",
    "🏘️",
    "'quoted' \"twice\"",
    "#1?",
    "a;b:c",
    " two  blanks ",
    "line\nline",
    "<b>",
    "\\'",
]
START: dict[str, Any] = {
    "view": None, "layers": None, "styles": {}, "filters": {}, "question": None, "parameters": {}, "table": None, "community": None, "compound": None,
    "within": None, "near": None, "nearFilter": None, "inView": False, "answers": ["yes"], "shapes": None, "sort": None, "columns": None, "picked": [],
    "selected": None,
}  # fmt: skip
FULL: dict[str, Any] = {
    "view": {"zoom": 16.25, "lat": 34.75, "lon": 112.98}, "layers": ["compounds", "hydrants"], "question": "fire-lanes", "table": "compounds",
    "near": "hydrants/7:50", "nearFilter": "state = 'broken'", "inView": True, "answers": ["yes", "unknown"], "shapes": [], "sort": "-built_year",
    "columns": ["code", "name"], "picked": [3, 1], "selected": {"layer": "compounds", "id": 12},
}  # fmt: skip


SHORT = ({"layers": [], "table": "compounds", "sort": "name"}, {"inView": True, "community": "东区"})
STATES = [
    START, START | FULL, *(START | short for short in SHORT),
    *(START | {"filters": {"compounds": odd}, "community": odd, "styles": {"compounds": odd}, "question": "q", "parameters": {"x": odd}} for odd in ODD),
]  # fmt: skip


def test_an_address_read_again_is_the_same_state(node: Run) -> None:
    """A table behind a question, and "in view only" before anything was asked, were lost by a reload."""
    script = (
        'import { parse, serialise } from "./js/core/address.js"; export const out = given.map((state) => parse(serialise(state, "en")));'
    )
    for state, again in zip(STATES, node(script, STATES), strict=True):
        assert again == state


def test_an_address_is_what_the_browser_makes_of_it(node: Run) -> None:
    """An apostrophe comes back as %27: the same state then looked like another, and the back button had to be pressed twice."""
    script = """
      const { state } = await import("./js/core/state.js");
      for (let i = 0; i < 2; i++) state.set({ table: "compounds", filters: { compounds: given } }, { push: true });
      export const out = steps.length;
    """
    assert [node(script, odd) for odd in ("name = '南苑'", '🏘️ " < > % + é')] == [2, 2]


def test_what_an_address_says_wrong_is_named(node: Run) -> None:
    search = "?map=16/95/1&answer=yes,perhaps&sort=a b&picked=1,x&feature=compounds&in-view=maybe&f.A=1&lang=en&layers=a"
    wrong = [
        ["map", "16/95/1"],
        ["answer", "perhaps"],
        ["sort", "a b"],
        ["picked", "x"],
        ["feature", "compounds"],
        ["in-view", "maybe"],
        ["f.A", "1"],
    ]
    assert node('import { refused } from "./js/core/address.js"; export const out = refused(given);', search) == wrong


def test_the_back_button_brings_the_chosen_rows_of_the_question_before(node: Run) -> None:
    """Another question drops the chosen rows; a step back dropped them as well."""
    script = """
      const { state } = await import("./js/core/state.js");
      const { selection } = await import("./js/core/selection.js");
      state.set({ question: "a" }, { push: true });
      selection.set([1, 2]);
      state.set({ question: "b" }, { push: true });
      const other = selection.ids;
      back();
      export const out = [other, state.value.question, selection.ids];
    """
    assert node(script) == [[], "a", [1, 2]]


def test_moving_the_map_makes_no_step_of_the_history(node: Run) -> None:
    script = """
      const { state } = await import("./js/core/state.js");
      for (let i = 0; i < 50; i++) state.set({ view: { zoom: 16, lat: 34 + i / 100, lon: 112 } });
      export const out = [steps.length, steps[0]];
    """
    assert node(script) == [1, "?lang=en&map=16/34.49/112"]


# ---- conditions in CQL2


def condition(field: str, op: str, *values: Any, no: bool = False) -> dict[str, Any]:
    return {"kind": "test", "field": field, "op": op, "values": list(values), "not": no}


def grouped(op: str, *items: dict[str, Any], no: bool = False) -> dict[str, Any]:
    return {"kind": "group", "op": op, "not": no, "items": list(items)}


NAMED, OLD = condition("name", "=", "O'Brien's \"院\" 100% \\_"), condition("built_year", "<", 1980)
WRITTEN = [
    (condition("name", "=", "it's"), "name = 'it''s'"),
    (condition("name", "=", ""), "name = ''"),
    (condition("name", "<>", "中文"), "name <> '中文'"),
    (condition("name", "in", "a", "b'c"), "name IN ('a', 'b''c')"),
    (condition("name", "has", "50%_\\'"), "CASEI(name) LIKE CASEI('%50\\%\\_\\\\''%')"),
    (condition("built_year", ">=", 1980), "built_year >= 1980"),
    (condition("area_m2", "between", -0.5, 12.25), "area_m2 BETWEEN -0.5 AND 12.25"),
    (condition("found_on", "<", {"date": "2026-03-29"}), "found_on < DATE('2026-03-29')"),
    (condition("found_on", "between", {"date": "2025-01-01"}, {"date": "2025-12-31"}), "found_on BETWEEN DATE('2025-01-01') AND DATE('2025-12-31')"),
    (condition("has_committee", "=", False), "has_committee = FALSE"),
    (condition("gas_status", "in", "none", "partial", no=True), "gas_status NOT IN ('none', 'partial')"),
    (condition("gas_status", "null"), "gas_status IS NULL"),
    (condition("gas_status", "null", no=True), "gas_status IS NOT NULL"),
    (grouped("or", NAMED, grouped("and", OLD, condition("gas_status", "null"))), "name = 'O''Brien''s \"院\" 100% \\_' OR (built_year < 1980 AND gas_status IS NULL)"),
    (grouped("and", OLD, grouped("or", NAMED, OLD, no=True)), "built_year < 1980 AND NOT (name = 'O''Brien''s \"院\" 100% \\_' OR built_year < 1980)"),
]  # fmt: skip


def test_what_the_builder_writes_is_cql2_and_is_read_back_as_the_same(node: Run) -> None:
    """An empty text was no text: a filter for it was dropped as soon as another field was touched."""
    trees = [tree if tree["kind"] == "group" else grouped("and", tree) for tree, _ in WRITTEN]
    script = 'import { read, write } from "./js/filter/cql2.js"; export const out = given.map((tree) => [write(tree), read(write(tree))]);'
    for (_, text), tree, (written, again) in zip(WRITTEN, trees, node(script, trees), strict=True):
        assert (written, again) == (text, tree)
        tree_of(text)


def test_a_group_in_a_group_in_a_group_keeps_its_brackets(node: Run) -> None:
    """`(a OR b) AND c` was written as `a OR b AND c` when the group had nothing beside it."""
    tree = grouped("and", grouped("and", grouped("or", condition("a", "=", 1), condition("b", "=", 2))), condition("c", "=", 3))
    assert node('import { write } from "./js/filter/cql2.js"; export const out = write(given);', tree) == "(a = 1 OR b = 2) AND c = 3"


def test_what_is_not_said_yet_is_not_written(node: Run) -> None:
    """Of a range with one end only `BETWEEN 5 AND undefined` came out."""
    script = """
      import { group, test, write } from "./js/filter/cql2.js";
      const hole = []; hole[1] = 5;
      export const out = [[5], hole, [5, NaN]].map((values) => write(group("and", [test("a", "between", values)])));
    """
    assert node(script) == ["", "", ""]


def test_a_number_that_a_browser_cannot_hold_stays_as_it_was_written(node: Run) -> None:
    text = "source_id = 9007199254740993"
    assert node('import { read, write } from "./js/filter/cql2.js"; export const out = write(read(given));', text) == text


CHOSEN = [
    ("gas_status = 'none' OR gas_status IS NULL OR gas_status = 'full'", {"gas_status": {"values": ["none", "full"], "unknown": True}}),
    ("found_on = DATE('2026-03-01')", {"found_on": {"low": {"date": "2026-03-01"}, "high": {"date": "2026-03-01"}}}),
    ("built_year >= 1980 AND built_year < 1990", {"built_year": {"low": 1980, "high": 1990, "open": True}}),
    ("has_committee = TRUE OR has_committee = FALSE", {"has_committee": {"values": [True, False]}}),
    ("built_year > 1980", {"built_year": None}),
    ("name = '' AND gas_status = 'none'", {"name": {"values": [""]}, "gas_status": {"values": ["none"]}}),
]  # fmt: skip


def test_what_a_field_shows_as_chosen_is_what_its_conditions_say(node: Run) -> None:
    """Three alternatives with "unknown" in the middle lost the first one; a day was shown as "[object Object]"."""
    script = """
      import { read } from "./js/filter/cql2.js";
      import { chosen } from "./js/filter/facets.js";
      export const out = given.map((text) => Object.fromEntries(chosen(read(text))));
    """
    assert node(script, [text for text, _ in CHOSEN]) == [choice for _, choice in CHOSEN]


def test_choosing_one_field_leaves_the_conditions_on_others(node: Run) -> None:
    script = """
      import { read, write } from "./js/filter/cql2.js";
      import { choose } from "./js/filter/facets.js";
      export const out = write(choose(read(given), "gas_status", { values: ["none"], unknown: true }));
    """
    text = "name = '' AND (built_year < 1980 OR households > 96) AND gas_status = 'full'"
    assert node(script, text) == "name = '' AND (built_year < 1980 OR households > 96) AND (gas_status = 'none' OR gas_status IS NULL)"


# ---- what is asked


def test_table_map_statistics_and_files_are_asked_for_alike(node: Run) -> None:
    """One set of parameters for all: the filters of the question and of its layer, the place, the chosen rows; another layer has its own filter only."""
    script = """
      const { asked } = await import("./js/core/asked.js");
      const { catalogue } = await import("./js/core/catalogue.js");
      const { state } = await import("./js/core/state.js");
      catalogue.layers = new Map([["compounds", { id: "compounds" }], ["hydrants", { id: "hydrants" }]]);
      catalogue.questions = new Map([["old", { id: "old", subject: "compounds" }]]);
      asked.bounds = "1,2,3,4";
      const filters = { old: "value > 5", compounds: "name = 'it''s' OR name IS NULL", hydrants: "state = 'broken'" };
      const place = { community: "东区", near: "hydrants:50", nearFilter: "a = 1", inView: true };
      state.set({ question: "old", parameters: { as_of: "2026-01-01" }, answers: ["unknown", "yes"], filters, ...place, sort: "-value", picked: [3, 1] });
      export const out = [asked.parameters(), asked.parameters({ picked: true, sorted: false }), asked.ofLayer("hydrants"), asked.ofLayer("roads")];
    """
    place = {"community": "东区", "near": "hydrants:50", "near-filter": "a = 1", "bbox": "1,2,3,4"}
    both = "(value > 5) AND (name = 'it''s' OR name IS NULL)"
    of_all = {"as_of": "2026-01-01", "answer": "yes,unknown", "filter": both, **place}
    chosen = {**of_all, "filter": f"{both} AND (id IN (3,1))"}
    assert node(script) == [{**of_all, "sortby": "-value"}, chosen, {"filter": "state = 'broken'"}, {}]


def test_a_way_out_says_nothing_twice(node: Run) -> None:
    """The nearest names stood in the message and again behind it."""
    script = 'import { Problem } from "./js/core/api.js"; export const out = given.map((body) => new Problem(400, body).wayOut);'
    said = {"detail": "no field x; nearest: y, z", "way_out": "did you mean: y, z"}
    assert node(script, [said, {**said, "way_out": "did you mean: w"}]) == ["", "did you mean: w"]


def test_links_of_card_and_overview_are_addresses_of_the_workspace(node: Run) -> None:
    """Each is what the workspace writes itself, so that it opens as the same state; what is usual is left out."""
    script = """
import { link, cardsOf } from "./js/overview/links.js";
import { toCard, toFeature, toQuestion, toRule } from "./js/card/links.js";
const measure = { question: "lanes-under-width", parameters: { width: 4, p: "a&b" }, answer: "yes,unknown" };
const card = { code: "YD-1", day: "2026-01-02", profile: { id: "cn_gb", usual: false }, questions: { findings: { parameters: ["profile", "as_of"] } } };
const place = { kind: "community", community: "南 路", code: "SQ/1" };
export const out = [
  link(measure, place), link({ table: "compounds", filter: "built_year < 1990" }, { kind: "whole" }), link(measure, { kind: "elsewhere" }),
  cardsOf(place), toFeature("hazards", 3), toQuestion(card, "findings"), toQuestion(card, "findings", "yes"), toRule(card, "FA-01"),
  toCard(7, card), toCard(7, { day: null, profile: { id: "x", usual: true } }),
];
"""
    place = "%E5%8D%97+%E8%B7%AF"
    named = "p.profile=cn_gb&p.as_of=2026-01-02"
    assert node(script) == [
        f"/?lang=en&question=lanes-under-width&p.width=4&p.p=a%26b&answer=yes,unknown&community={place}",
        "/?lang=en&f.compounds=built_year+%3C+1990&table=compounds",
        None,
        "/communities/SQ%2F1/cards?lang=en",
        "/?lang=en&feature=hazards/3",
        f"/?lang=en&question=findings&{named}&answer=yes,unknown,no,na&compound=YD-1",
        f"/?lang=en&question=findings&{named}&answer=yes&compound=YD-1",
        "/rules?lang=en&profile=cn_gb#FA-01",
        "/compounds/7?lang=en&profile=cn_gb&as_of=2026-01-02",
        "/compounds/7?lang=en",
    ]


def test_an_area_of_the_address_says_what_counts_as_in_it(node: Run) -> None:
    script = """
import { outlineOf, touches, withinOf } from "./js/map/area_shape.js";
const plain = "POLYGON((1 1,1 2,2 2,2 1,1 1))";
export const out = ["@a", plain].flatMap((area) => [false, true].map((touching) => {
  const within = withinOf(area, touching);
  return [within, touches(within), outlineOf(within) === area];
}));
"""
    plain = "POLYGON((1 1,1 2,2 2,2 1,1 1))"
    assert node(script) == [
        ["@a", False, True],
        ["touching:@a", True, True],
        [plain, False, True],
        [f"touching:{plain}", True, True],
    ]


# ---- a condition in words


SAID = """
document.getElementById = () => ({ textContent: JSON.stringify(given.texts) });
const { saying } = await import("./js/filter/saying.js");
const fields = [
  { name: "built_year", type: "year", label: { zh: "", en: "Year built" } },
  { name: "type", type: "choice", label: { zh: "", en: "Type" }, choices: [{ value: "a", label: { en: "Apple" } }, { value: "b", label: { en: "Bean" } }] },
];
export const out = given.conditions.map((text) => saying(text, fields));
"""


def test_a_condition_is_said_in_words(node: Run) -> None:
    """What cannot be read stays as it is."""
    conditions = [
        "type = 'a'",
        "type IN ('a','b') AND built_year < 1990",
        "built_year BETWEEN 1980 AND 1990 OR (type <> 'b' AND built_year IS NULL)",
        "NOT (type = 'a' OR other = 'x')",
        "S_WITHIN(geom, POINT(1 2))",
        "type = ",
    ]
    assert node(SAID, {"texts": texts("en"), "conditions": conditions}) == [
        "Type = Apple",
        "Type is one of Apple, Bean and Year built < 1990",
        "Year built between 1980 and 1990 or (Type ≠ Bean and Year built is unknown)",
        "not (Type = Apple or other = x)",
        "S_WITHIN(geom, POINT(1 2))",
        "type =",
    ]
