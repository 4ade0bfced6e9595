"""The commands: data on stdout, messages on stderr, exit codes that scripts rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from flask import Flask

from tests.web.conftest import here
from web.serving import port_of
from web.settings import SettingRefused

ROOT = Path(__file__).resolve().parents[2]
LEDGER = "编号,小区名称,建成年份,通气状态,经度,纬度\nB1,建设路一号院,1980,未通气,112.983,34.752\nB2,{{7*7}},1999,已通气,112.984,34.753\n"


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "台账.csv"
    path.write_text(LEDGER, "utf-8")
    return path


def test_an_import_is_accounted_for(app: Flask, ledger: Path) -> None:
    done = run(app, "import", str(ledger), "--layer", "compounds", "--crs", "EPSG:4326", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["layers"] == {"compounds": {"read": 2, "accepted": 2, "repaired": 0, "quarantined": 0}}
    assert said["crs"] == "EPSG:4326"
    assert "已写入，正在提交" in done.stderr
    assert here(app).store.info().counts["compounds"] == (2, 0)


def test_a_datum_that_is_not_said_is_refused_with_the_candidates(app: Flask, ledger: Path) -> None:
    done = run(app, "import", str(ledger), "--layer", "compounds")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "--crs GCJ-02" in done.stderr
    assert "Traceback" not in done.output
    assert here(app).store.info().kind == "empty"


def test_the_refusal_comes_as_json_too(app: Flask, ledger: Path) -> None:
    done = run(app, "import", str(ledger), "--layer", "compounds", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == "crs-not-declared"


def test_records_left_out_are_a_3(app: Flask, ledger: Path) -> None:
    ledger.write_text(LEDGER + "B1,重复编号,1990,未通气,112.985,34.754\n", "utf-8")
    done = run(app, "import", str(ledger), "--layer", "compounds", "--crs", "EPSG:4326", "--json")
    assert (done.exit_code, json.loads(done.stdout)["layers"]["compounds"]["quarantined"]) == (3, 1)


def test_a_dry_run_changes_nothing(app: Flask, ledger: Path) -> None:
    done = run(app, "import", str(ledger), "--layer", "compounds", "--crs", "EPSG:4326", "--dry-run")
    assert (done.exit_code, here(app).store.info().kind) == (0, "empty")


REFUSED: list[tuple[str, ...]] = [
    ("import", "missing.csv"),
    ("import", "README.md", "--layer", "compounds"),
    ("import", "x", "--mode", "merge"),
    ("import", "README.md", "--set", "name"),
    ("import", "README.md", "--crs", "EPSG:1"),
    ("export", "compound"),
    ("export", "compounds", "--filter", "nam = 1"),
    ("export", "compounds", "--bbox", "1,2"),
    ("export", "compounds", "-f", "mif"),
    ("export", "compounds", "--crs", "EPSG:4547"),
    ("export", "compounds", "-f", "gpkg", "--crs", "EPSG:5773"),
    ("export", "compounds", "-f", "gpkg", "--crs", "EPSG:4978"),
    ("export", "compounds", "-p", "f=csv"),
    ("export", "compounds", "-p", "headings=labels"),
    ("export", "compounds", "--headings", "label"),
    ("export", "compounds", "-f", "shp", "--headings", "labels"),
    ("export", "compounds", "-f", "dxf", "--crs", "EPSG:4326"),
    ("export", "compounds", "-o", "out.zip"),
    ("export", "compounds", "-p", "crs=EPSG:4547"),
    ("export", "compounds", "-p", "bbox=1,2,3,4", "--bbox", "1,2,3,4"),
    ("export", "compounds", "-p", "nonsense=1"),
    ("export", "compounds", "-o", "/nowhere/at/all.geojson"),
    ("demo", "--compounds", "0"),
]


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_a_mistake_is_a_2_without_a_trace(words: tuple[str, ...], reading: Flask) -> None:
    done = run(reading, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.strip()
    assert "Traceback" not in done.output


def features_of(data: bytes) -> bytes:
    """The text of the feature array as it stands."""
    start, end = data.index(b'"features":['), data.index(b'],"yuantu"')
    return data[start:end]


@pytest.mark.parametrize("collection", ["compounds", "compounds-without-gas"])
def test_the_command_gives_the_very_features_of_the_web(collection: str, reading: Flask) -> None:
    done = run(reading, "export", collection, "--filter", "built_year <= 2005")
    assert done.exit_code == 0
    client = reading.test_client()
    for form in ("json", "geojson"):
        web = client.get(f"/ogc/collections/{collection}/items?filter=built_year <= 2005&f={form}&limit=1000").data
        assert features_of(web) == features_of(done.stdout_bytes)
    assert json.loads(done.stdout)["yuantu"]["query"]["filter"] == "built_year <= 2005"


def test_parameters_go_the_same_way(reading: Flask) -> None:
    done = run(reading, "export", "lanes-under-width", "-p", "width=4.5", "-p", "answer=all")
    web = reading.test_client().get("/ogc/collections/lanes-under-width/items?width=4.5&answer=all").data
    assert features_of(web) == features_of(done.stdout_bytes)


@pytest.mark.parametrize("form", ["geojson", "csv", "xlsx"])
def test_a_file_is_written_whole(form: str, reading: Flask, tmp_path: Path) -> None:
    path = tmp_path / f"out.{form}"
    done = run(reading, "export", "compounds", "-o", str(path))
    assert (done.exit_code, done.stdout) == (0, "")
    assert path.stat().st_size > 100
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".out")] == []


def test_the_terminal_says_what_the_file_loses(reading: Flask, tmp_path: Path) -> None:
    done = run(reading, "export", "compounds", "--headings", "labels", "-o", str(tmp_path / "院落.kml"))
    assert (done.exit_code, done.stdout) == (0, "")
    assert "注意：坐标保留 7 位小数" in done.stderr
    assert '<SimpleData name="小区名称">南苑小区</SimpleData>' in (tmp_path / "院落.kml").read_text("utf-8")


def test_the_store_is_not_written_over(reading: Flask) -> None:
    store = Path(here(reading).settings.store)
    before = store.stat().st_size
    done = run(reading, "export", "compounds", "-f", "csv", "-o", str(store))
    assert (done.exit_code, store.stat().st_size) == (2, before)


def test_layers_and_questions_are_listed(reading: Flask) -> None:
    layers = json.loads(run(reading, "layers", "--json").stdout)["layers"]
    assert {y["id"]: (y["count"], y["unplaced"]) for y in layers}["compounds"] == (5, 1)
    questions = json.loads(run(reading, "questions", "--json").stdout)["questions"]
    assert {q["id"] for q in questions} >= {"compounds-without-gas", "lanes-under-width"}
    assert "compounds" in run(reading, "layers").stdout
    said = run(reading, "questions").stdout
    assert "width=(4)" in said
    assert [q["id"] for q in questions if f"  {q['id']} " not in said] == []  # whole, for it is to be copied into `flask export`


def test_the_doctor_finds_a_sound_store(reading: Flask) -> None:
    done = run(reading, "doctor", "--json")
    said = json.loads(done.stdout)
    assert (done.exit_code, said["problems"], said["facts"]["features"]) == (0, [], 8)
    assert {type(g["on"]) for g in said["guards"]} == {bool}


def test_what_the_doctor_finds_is_a_4(reading: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(here(reading).store), "check", lambda self: ["a page is torn"])
    done = run(reading, "doctor")
    assert (done.exit_code, "a page is torn" in done.stdout) == (4, True)


def test_a_backup_is_made_once(reading: Flask, tmp_path: Path) -> None:
    path = tmp_path / "copy.gpkg"
    assert run(reading, "backup", str(path)).exit_code == 0
    assert run(reading, "backup", str(path)).exit_code == 2


def test_a_backup_makes_no_folders(reading: Flask, tmp_path: Path) -> None:
    done = run(reading, "backup", str(tmp_path / "missing" / "copy.gpkg"))
    assert (done.exit_code, str(tmp_path / "missing") in done.stderr, (tmp_path / "missing").exists()) == (2, True, False)


@pytest.mark.parametrize("make", [lambda store, link: store, lambda store, link: link.hardlink_to(store) or link], ids=["itself", "link"])
def test_the_store_is_not_imported_into_itself(make: Any, reading: Flask, tmp_path: Path) -> None:
    done = run(reading, "import", str(make(Path(here(reading).settings.store), tmp_path / "other.gpkg")))
    assert (done.exit_code, done.stdout, "数据库本身" in done.stderr) == (2, "", True)


def test_a_parameter_with_an_option_is_told_which(reading: Flask) -> None:
    assert "-f" in run(reading, "export", "compounds", "-p", "f=csv").stderr.split("：")[-1]


def test_a_dry_run_says_that_the_demo_would_go(app: Flask, ledger: Path) -> None:
    assert run(app, "demo", "--compounds", "4").exit_code == 0
    done = run(app, "import", str(ledger), "--layer", "compounds", "--crs", "EPSG:4326", "--dry-run")
    assert ("正式导入时会移除示例数据" in done.stdout, "已移除" in done.stdout) == (True, False)
    assert here(app).store.info().kind == "demo"


def test_the_demo_comes_and_goes(app: Flask) -> None:
    assert run(app, "demo", "--compounds", "6", "--seed", "3").exit_code == 0
    assert (here(app).store.info().kind, here(app).store.info().counts["compounds"][0]) == ("demo", 6)
    said = json.loads(run(app, "export", "compounds").stdout)
    assert (said["yuantu"]["demo"], said["yuantu"]["label"]) == (True, "示例数据")
    assert {f["properties"]["source"] for f in said["features"]} == {"demo"}
    assert run(app, "demo", "--compounds", "4").exit_code == 0
    assert here(app).store.info().counts["compounds"][0] == 4
    assert run(app, "demo", "--remove").exit_code == 0
    assert here(app).store.info().kind == "empty"


def test_the_demo_refuses_a_real_store(reading: Flask) -> None:
    assert run(reading, "demo").exit_code == 2
    assert run(reading, "demo", "--remove").exit_code == 2
    assert here(reading).store.info().counts["compounds"] == (5, 1)


def command(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The real program in a process of its own."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("YUANTU_")} | environ
    return subprocess.run([sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_a_bad_setting_is_a_2_without_a_trace(tmp_path: Path) -> None:
    store = str(tmp_path / "s.gpkg")
    done = command("-m", "flask", "layers", YUANTU_STORE=store, YUANTU_LANGUAGE="fr")
    assert (done.returncode, done.stdout) == (2, "")
    assert "YUANTU_LANG" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["0.0.0.0:8000", "99999", "http", "-1", "0", "８０００"])
def test_only_a_port_may_be_chosen(port: str) -> None:
    with pytest.raises(SettingRefused, match=r"127\.0\.0\.1"):
        port_of({"PORT": port})


def test_the_port_is_8000_unless_said() -> None:
    assert (port_of({}), port_of({"PORT": "8080"})) == (8000, 8080)


@pytest.mark.soak  # the same of the sandbox alone: test_no_reader_is_ever_loaded_in_the_service
def test_the_web_process_never_loads_the_readers(tmp_path: Path, ledger: Path) -> None:
    """After an import and every export: the parsers of foreign files stay in the child."""
    program = f"""
import sys
from app import create_app
app = create_app({{"YUANTU_STORE": {str(tmp_path / "s.gpkg")!r}}})
run = app.test_cli_runner().invoke
assert run(args=["import", {str(ledger)!r}, "--layer", "compounds", "--crs", "EPSG:4326"]).exit_code == 0
for form in ("geojson", "csv", "xlsx", "gpkg"):
    assert app.test_client().get("/ogc/collections/compounds/items?f=" + form).data
print(sorted(set(sys.modules) & {{"pyogrio", "fiona", "osmium", "python_calamine", "openpyxl", "ezdxf", "pyarrow.parquet"}}))
"""
    done = command("-c", program)
    assert done.stdout.strip() == "[]", done.stderr[-2000:]


def test_the_workbook_of_an_export_opens(reading: Flask, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    run(reading, "export", "compounds", "-o", str(path))
    cells: list[Any] = [c for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for c in row]
    assert [c for c in cells if c.data_type == "f"] == []
