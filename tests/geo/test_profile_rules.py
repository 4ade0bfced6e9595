"""Rules in a profile: what is refused, with line and reason; what a profile takes from the one it is based on; its fingerprint."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from geo.errors import BadProfile, Text
from geo.profile import Profile, RuleText

ROOT = Path(__file__).parents[2] / "data" / "profiles"
FIGURES = re.sub(r"(?m)^\[rules\..*\n(?:[^\[\n].*\n)*", "", (ROOT / "cn_gb.toml").read_text("utf-8"))
"""The default profile without its rules."""

KNOWN = {"FA-01": ("lane_width_m",), "FA-06": ("dead_end_m",), "HY-06": ("flow_lps",)}

RULE = """[rules.FA-01]
zh = "消防车道净宽不小于 4 米"
en = "clear width of a fire lane is at least 4 m"
term = "消防车道净宽度"
severity = "medium"
bands = [{below = 3.0, severity = "critical"}, {below = 3.5, severity = "high"}]
works = "basic"
cite = "GB 50016-2014(2018) 7.1.8(1)"
sure = "B"
"""
TEXT = FIGURES + RULE


def parsed(text: str, **more: object) -> Profile:
    return Profile.parse(text, name="mine.toml", rules=KNOWN, **more)  # type: ignore[arg-type]


def line_of(text: str, whole: str = TEXT) -> int:
    return whole[: whole.index(text)].count("\n") + 1


FIRST = parsed(TEXT)


def test_a_rule_is_read_with_all_it_says() -> None:
    assert dict(FIRST.rules) == {
        "FA-01": RuleText(
            id="FA-01",
            statement=Text("消防车道净宽不小于 4 米", "clear width of a fire lane is at least 4 m"),
            term="消防车道净宽度",
            severity="medium",
            works="basic",
            cite=Text("GB 50016-2014(2018) 7.1.8(1)", "GB 50016-2014(2018) 7.1.8(1)"),
            sure="B",
            bands=((3.0, "critical"), (3.5, "high")),
        )
    }


def test_what_is_said_of_a_code_is_in_both_languages() -> None:
    both = TEXT.replace(
        'cite = "GB 50016-2014(2018) 7.1.8(1)"\nsure', 'cite_zh = "GB 50016 7.1.8，宜"\ncite_en = "GB 50016 7.1.8, recommended"\nsure'
    )
    assert parsed(both).rules["FA-01"].cite == Text("GB 50016 7.1.8，宜", "GB 50016 7.1.8, recommended")


AT = line_of("[rules.FA-01]")
HEAD = 'en = "Chinese codes"'
BAD: list[tuple[str, str, str, int | None, str, str]] = [
    ("a rule that there is not", "[rules.FA-01]", "[rules.FA-99]", AT, "没有规则 FA-99", "there is no rule FA-99"),
    ("rules that are no tables", RULE, '[rules]\nFA-01 = "4 m"\n', AT + 1, "rules.FA-01 不是一个表", "rules.FA-01 is not a table"),
    ("no statement", 'en = "clear', 'x = "clear', AT + 2, "[rules.FA-01] 里不认识 x", "[rules.FA-01] has unknown x"),
    ("one language only", 'en = "clear width of a fire lane is at least 4 m"\n', "", AT, "FA-01.en 须是文字", "FA-01.en must be a text"),
    ("an empty term", 'term = "消防车道净宽度"', 'term = " "', AT + 3, "FA-01.term 须是文字", "FA-01.term must be a text"),
    ("no citation", 'cite = "GB 50016-2014(2018) 7.1.8(1)"\nsure = "B"\n', 'sure = "B"\n', AT, "FA-01.cite 须是文字", "FA-01.cite must be a text"),
    ("two citations", 'sure = "B"\n', 'cite_zh = "国标"\nsure = "B"\n', AT + 7, "FA-01：写 cite，或写", "FA-01: give cite, or"),
    ("a citation in one language", 'cite = "GB 50016-2014(2018) 7.1.8(1)"\nsure = "B"\n', 'cite_zh = "国标"\nsure = "B"\n', AT, "FA-01.cite_en 须是文字", "FA-01.cite_en must be"),
    ("a severity that there is not", 'severity = "medium"\n', 'severity = "illegal"\n', AT + 4, "FA-01.severity 可用 critical", "FA-01.severity: there are critical"),
    ("works that there are not", '"basic"', '"rebuild"', AT + 6, "FA-01.works 可用 basic, improved, upgraded, none", "FA-01.works: there are basic"),
    ("not sure in our words", 'sure = "B"\n', 'sure = "certain"\n', None, "FA-01.sure 可用 A, B, C, L, own", "FA-01.sure: there are A, B, C, L, own"),
    ("no day", 'sure = "B"\n', 'sure = "B"\nverified_on = "soon"\n', AT + 9, "FA-01.verified_on 写成 2026-11-22", "FA-01.verified_on is written like 2026-11-22"),
    ("no such day", 'sure = "B"\n', 'sure = "B"\nverified_on = "2026-02-31"\n', AT + 9, "FA-01.verified_on 写成 2026-11-22", "FA-01.verified_on is written like 2026-11-22"),
    ("a year instead of a day", 'sure = "B"\n', 'sure = "B"\nverified_on = "2026"\n', AT + 9, "FA-01.verified_on 写成 2026-11-22", "FA-01.verified_on is written like 2026-11-22"),
    ("bands that do not rise", "below = 3.5", "below = 2.5", AT + 5, "FA-01.bands 的界限须递增", "the limits of FA-01.bands must rise"),
    ("two bands of one limit", "below = 3.5", "below = 3.0", AT + 5, "FA-01.bands 的界限须递增", "the limits of FA-01.bands must rise"),
    ("a band of no severity", '{below = 3.5, severity = "high"}', "{below = 3.5}", AT + 5, "FA-01.bands：below 是数", "FA-01.bands: below is a number"),
    ("a band above", "below = 3.5", "above = 3.5", AT + 5, "FA-01.bands 里不认识 above", "FA-01.bands has unknown above"),
    ("bands that are no list", "bands = [", "bands = 3 # [", AT + 5, "FA-01.bands 须是一列表", "FA-01.bands must be a list of tables"),
    ("a limit that is no number", "below = 3.0", "below = nan", AT + 5, "FA-01.bands：below 是数", "FA-01.bands: below is a number"),
    ("applies in words", "[rules.FA-01]", '[rules.FA-01]\napplies = "yes"', AT + 1, "FA-01.applies 写 true 或 false", "FA-01.applies is true or false"),
    ("a condition in Chinese only", 'sure = "B"\n', 'sure = "B"\ncondition_zh = "经书面同意"\n', AT, "FA-01.condition_en 须是文字", "FA-01.condition_en must be a text"),
    ("a condition in English only", 'sure = "B"\n', 'sure = "B"\ncondition_en = "with consent"\n', AT, "FA-01.condition_zh 须是文字", "FA-01.condition_zh must be a text"),
    ("a figure that the rule needs", "[rules.FA-01]", "[rules.HY-06]", AT, "规则 HY-06 需要 [figures] 里的 flow_lps", "rule HY-06 needs flow_lps in [figures]"),
    ("a base that there is not", HEAD, f'{HEAD}\nbased_on = "ours"', line_of(HEAD) + 1, "based_on 没有 ours；可用：–", "based_on: no ours; there are: –"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "zh", "en"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_rule_is_refused(old: str, new: str, line: int | None, zh: str, en: str) -> None:
    head, rule = (FIGURES, RULE) if old in RULE else (FIGURES.replace(old, new, 1), RULE)
    text = head + (rule.replace(old, new, 1) if old in RULE else rule)
    assert text != TEXT
    with pytest.raises(BadProfile) as caught:
        parsed(text)
    said = caught.value.text
    assert zh in said.zh and en in said.en
    if line is not None:
        assert caught.value.members["line"] == line
        assert f"第 {line} 行" in said.zh and f"line {line}:" in said.en


# based on another -------------------------------------------------------------------------------------------------------------------

SECOND = """[profile]
id = "mine"
version = "1"
zh = "本街道"
en = "ours"
based_on = "cn_gb"
"""


def based(text: str) -> Profile:
    return parsed(SECOND + text, bases={"cn_gb": FIRST})


def test_what_a_profile_does_not_say_is_as_in_the_one_it_is_based_on() -> None:
    mine = based("")
    assert mine == replace(FIRST, id="mine", version="1", label=Text("本街道", "ours"), based_on="cn_gb")


def test_a_figure_of_ones_own_takes_the_place_of_the_base_s() -> None:
    mine = based('[figures.lane_width_m]\nvalue = 3.5\nunit = "m"\nzh = "宽"\nen = "width"\ncite = "consent"\nsure = "C"\n')
    assert (mine["lane_width_m"], mine["lane_height_m"], FIRST["lane_width_m"]) == (3.5, 4.0, 4.0)


def test_a_rule_says_only_what_differs() -> None:
    mine = based('[rules.FA-01]\nseverity = "low"\ncondition_zh = "经书面同意"\ncondition_en = "with consent"\n')
    assert mine.rules["FA-01"] == replace(FIRST.rules["FA-01"], severity="low", condition=Text("经书面同意", "with consent"))


def test_bands_can_be_taken_away() -> None:
    assert based("[rules.FA-01]\nbands = []\n").rules["FA-01"].bands == ()


def test_a_rule_can_be_left_out() -> None:
    assert dict(based("[rules.FA-01]\napplies = false\n").rules) == {}


def test_a_rule_that_the_base_has_not_is_written_whole() -> None:
    with pytest.raises(BadProfile, match=r"line 7: FA-06.zh must be a text"):
        based('[rules.FA-06]\nseverity = "high"\n')
    assert list(based(RULE.replace("FA-01", "FA-06")).rules) == ["FA-01", "FA-06"]


@pytest.mark.parametrize("id", ["", " ", "two words", "a<b", "{{7*7}}", "a\\u0000", "x" * 61])
def test_an_id_that_no_address_could_bear_is_refused(id: str) -> None:
    with pytest.raises(BadProfile, match=r"line 2: id "):
        parsed(SECOND.replace("mine", id), bases={"cn_gb": FIRST})
    assert parsed(SECOND.replace("mine", "二七区-2026.1"), bases={"cn_gb": FIRST}).id == "二七区-2026.1"


def test_what_is_wrong_in_the_second_file_has_its_line_there() -> None:
    with pytest.raises(BadProfile, match=r"line 8: FA-01.severity: there are"):
        based('[rules.FA-01]\nseverity = "worst"\n')


# the fingerprint --------------------------------------------------------------------------------------------------------------------


def test_the_fingerprint_is_of_everything_in_it() -> None:
    same = [parsed(TEXT).fingerprint, parsed(TEXT.replace("# (A number", "# another remark (A number")).fingerprint]
    assert same == [FIRST.fingerprint] * 2
    edits = [
        TEXT.replace("value = 40.0", "value = 41.0"),
        TEXT.replace("below = 3.5", "below = 3.4"),
        TEXT.replace('sure = "B"\n', 'sure = "A"\n', 1),
        TEXT.replace("osm = 1.0", "osm = 1.5"),
        TEXT + 'verified_on = "2026-11-22"\n',
    ]
    assert len({parsed(edit).fingerprint for edit in edits} | {FIRST.fingerprint}) == 6


def test_a_change_of_the_base_changes_the_fingerprint() -> None:
    other = parsed(TEXT.replace("value = 40.0", "value = 41.0"))
    assert parsed(SECOND, bases={"cn_gb": other}).fingerprint != based("").fingerprint
