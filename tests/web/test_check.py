"""`flask check`: a table or JSON on stdout, sentences on stderr, exit 4 when something of high severity does not comply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from web.profiles import shipped

OWN = '[profile]\nid = "{id}"\nversion = "7"\nzh = "测试"\nen = "test"\nbased_on = "cn_gb"\n'


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["check", *words])


def profile(folder: Path, *rules: str, id: str = "own", severity: str = "high") -> str:
    """A profile file that goes by some rules only, all of one severity."""
    tables = [
        f'[rules.{rule}]\nseverity = "{severity}"\n' if rule in rules else f"[rules.{rule}]\napplies = false\n"
        for rule in shipped()["cn_gb"].rules
    ]
    path = folder / f"{id}-{severity}-{'-'.join(rules)}.toml"
    path.write_text(OWN.format(id=id) + "".join(tables), "utf-8")
    return str(path)


def said(done: Result) -> Any:
    return json.loads(done.stdout)


def test_a_table_of_the_rules_and_a_sentence(reading: Flask, tmp_path: Path) -> None:
    """Of five compounds two are without gas, one has it, one is all-electric, one says nothing."""
    done = run(reading, "--profile", profile(tmp_path, "GA-01"))
    assert done.exit_code == 4, done.output
    row = next(line for line in done.stdout.splitlines() if "GA-01" in line)
    assert [cell.strip() for cell in row.strip("│┃").split("│")][2:] == ["高", "1", "2", "1", "1"]
    total = next(line for line in done.stdout.splitlines() if "合计" in line)
    assert [cell.strip() for cell in total.strip("│┃").split("│")][3:] == ["1", "2", "1", "1"]
    assert "检查 5 项：不符合 2，不明 1；规则 测试 7，截至 " in done.stderr
    assert "程度为高及以上的不符合 2 项（严重 0，高 2）" in done.stderr


def test_json_holds_the_counts_and_what_does_not_comply(reading: Flask, tmp_path: Path) -> None:
    done = run(reading, "--profile", profile(tmp_path, "GA-01"), "--as-of", "2026-11-22", "--json")
    assert done.exit_code == 4, done.output
    found = said(done)
    counts = {"pass": 1, "fail": 2, "unknown": 1, "na": 1}
    assert {k: found[k] for k in ("profile", "version", "as_of", "demo", "total", *counts)} == {
        "profile": "own", "version": "7", "as_of": "2026-11-22", "demo": False, "total": 5, **counts,
    }  # fmt: skip
    assert [{k: rule[k] for k in ("id", "severity", *counts)} for rule in found["rules"]] == [{"id": "GA-01", "severity": "high", **counts}]
    assert [f["code"] for f in found["findings"]] == ["GA-01/A1", "GA-01/A3"]
    first = found["findings"][0]
    wanted = {
        "id": 1301, "rule": "GA-01", "severity": "high", "target_layer": "compounds", "target_code": "A1", "target_name": "南苑小区", "compound": "A1",
        "measured": 0.0, "threshold": 100.0, "unit": "%", "profile": "own", "version": "7", "as_of": "2026-11-22",
    }  # fmt: skip
    assert {k: first[k] for k in wanted} == wanted
    assert first["sentence"]
    assert len(first["fingerprint"]) == 16


def test_lesser_failures_do_not_fail_the_check(reading: Flask, tmp_path: Path) -> None:
    done = run(reading, "--profile", profile(tmp_path, "GA-01", severity="medium"), "--json")
    assert (done.exit_code, said(done)["fail"]) == (0, 2)


@pytest.mark.parametrize(("compound", "code", "total"), [("A2", 0, 1), ("南苑小区", 4, 1)])
def test_one_compound(reading: Flask, tmp_path: Path, compound: str, code: int, total: int) -> None:
    done = run(reading, "--profile", profile(tmp_path, "GA-01"), "--compound", compound, "--json")
    assert (done.exit_code, said(done)["total"]) == (code, total)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--compound", "没有的院"), "没有叫“没有的院”的院落"),
        (("--community", "没有的社区"), "没有叫“没有的社区”的社区"),
        (("--profile", "nowhere"), "规则文件“nowhere”读不到"),
        (("--compare-profile", "nowhere"), "规则文件“nowhere”读不到"),
        (("--as-of", "2026-02-30"), "as_of 不能是“2026-02-30”"),
        (("--compare-as-of", "gestern"), "compare_as_of 不能是“gestern”"),
        (("--colour",), "--colour"),
    ],
)
def test_wrong_arguments_are_refused(reading: Flask, words: tuple[str, ...], says: str) -> None:
    done = run(reading, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr


def test_a_bad_profile_is_refused_with_its_line(reading: Flask, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN.format(id="own") + '[rules.GA-01]\nseverity = "terrible"\n', "utf-8")
    done = run(reading, "--profile", str(path), "--json")
    assert done.exit_code == 2
    assert said(done)["error"]["code"] == "bad-profile"
    assert "第 8 行" in done.stderr


def test_an_empty_store_has_nothing_to_check(app: Flask) -> None:
    done = run(app)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "先用 flask import 导入" in done.stderr


def test_what_another_profile_changes(reading: Flask, tmp_path: Path) -> None:
    """The other one bears the same id, as an edited copy does."""
    words = ("--profile", profile(tmp_path, "GA-01"), "--compare-profile", profile(tmp_path, "GA-01", "OC-01"))
    same = said(run(reading, *words[:3], words[1], "--json"))
    assert same["changes"] == {"total": 0, "rules": [], "findings": []}
    found = said(run(reading, *words, "--compound", "A1", "--json"))
    assert found["compared_with"] == {"profile": "own", "version": "7", "as_of": found["as_of"]}
    assert [(c["rule"], c["after"], c["count"]) for c in found["changes"]["rules"]] == [("OC-01", "absent", 1)]
    assert [(c["rule"], c["target_id"], c["after"]) for c in found["changes"]["findings"]] == [("OC-01", 1, "absent")]


def test_what_another_day_changes(reading: Flask, tmp_path: Path) -> None:
    words = ("--profile", profile(tmp_path, "GA-01"), "--as-of", "2026-11-22", "--compare-as-of", "2027-11-22")
    done = run(reading, *words)
    assert done.exit_code == 4
    assert "与对比相比，结果不同的 0 项" in done.stderr
    assert said(run(reading, *words, "--json"))["compared_with"]["as_of"] == "2027-11-22"
