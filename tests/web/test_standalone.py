"""The map that travels: what one file holds, what it never holds, and what it costs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient

import layers
from geo.answers import answer as _answer
from geo.store.contract import Batch, ImportRecord, Write
from tests.web.conftest import NOW, Browser, application, here
from web import services as answering
from web.standalone import content, page
from web.standalone.script import NotBundled, bundle

OWN_WORDS = ("https://leafletjs.com", "http://www.w3.org")
"""Addresses in the scripts that name the maker or an XML namespace; nothing is fetched from them."""


class _Parts(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.scripts: list[tuple[str | None, str]] = []
        self.styles: list[str] = []
        self.policy = ""
        self._open: tuple[str, str | None] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.asked += [v or "" for k, v in attrs if k in ("src", "href", "srcset", "data", "action")]
        if said.get("http-equiv") == "Content-Security-Policy":
            self.policy = said["content"] or ""
        self._open = (tag, said.get("type")) if tag in ("script", "style") else None

    def handle_data(self, data: str) -> None:
        if self._open and self._open[0] == "script":
            self.scripts.append((self._open[1], data))
        elif self._open:
            self.styles.append(data)
        self._open = None if data.strip() else self._open


def sha(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def get(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/map.html?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return str(answer.get_data(as_text=True))


def data(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text.partition('<script type="application/json" id="data">')[2].partition("</script>")[0])
    return found


def ids(collection: dict[str, Any]) -> list[int]:
    return [f["id"] for f in collection["features"]]


# ---------------------------------------------------------------- one file, alone


def test_the_file_asks_for_nothing(reader: Browser) -> None:
    text = get(reader.client, "question=compounds-without-gas")
    parts = _Parts(text)
    assert [a for a in parts.asked if not a.startswith("data:image/svg+xml;base64,")] == []
    assert re.findall(r"url\((?!#)", "".join(parts.styles)) == []
    outside = text.replace(text.partition('id="data">')[2].partition("</script>")[0], "")
    assert {a for a in re.findall(r"https?://[\w.]+", outside) if a not in OWN_WORDS} == set()
    assert re.findall(r"(?<![#.\w])fetch\(|XMLHttpRequest|\bimport\(|sourceMappingURL|folium(?!-map)", outside) == []


def test_the_policy_names_just_the_scripts_and_styles_of_the_file(reader: Browser) -> None:
    answer = reader.client.get("/map.html")
    parts = _Parts(answer.get_data(as_text=True))
    run = [text for kind, text in parts.scripts if kind is None]
    assert len(run) == 2 and len(parts.styles) == 1
    assert parts.policy == (
        f"default-src 'none'; script-src {sha(run[0])} {sha(run[1])}; style-src {sha(parts.styles[0])}; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert answer.headers["Content-Security-Policy"] == f"{parts.policy}; sandbox allow-scripts allow-modals; frame-ancestors 'self'"


def test_the_data_are_those_of_the_exports(reader: Browser) -> None:
    """Count by count and shape by shape what /ogc gives for the same query."""
    found = data(
        get(reader.client, "layers=compounds,fire_lanes&question=lanes-under-width&p.width=4&answer=yes,unknown&sort=-clear_width_m")
    )
    asked = {
        "compounds": "compounds/items?limit=100",
        "fire_lanes": "fire_lanes/items?limit=100",
        "lanes-under-width": "lanes-under-width/items?width=4&answer=yes,unknown&sortby=-clear_width_m&limit=100",
    }
    assert list(found["collections"]) == list(asked)
    for id, path in asked.items():
        wanted = reader.get(f"/ogc/collections/{path}").get_json()
        assert ids(found["collections"][id]) == ids(wanted)
        for mine, theirs in zip(found["collections"][id]["features"], wanted["features"], strict=True):
            assert mine["geometry"] == theirs["geometry"]
            assert mine["properties"].items() <= theirs["properties"].items()
    assert found["collections"]["lanes-under-width"]["yuantu"]["fingerprint"].startswith("sha256:")
    assert found["collections"]["lanes-under-width"]["yuantu"]["summary"]["yes"] == 1


def test_the_head_says_what_it_is(reader: Browser) -> None:
    text = get(reader.client, "question=lanes-under-width&p.width=3.6&lang=en")
    assert "3 lanes: under 3.6 m 1, unknown 1" in text
    assert re.search(r"Data as of \d{4}-\d\d-\d\d · made \d{4}-\d\d-\d\d \d\d:\d\d", text)
    assert '<html lang="en">' in text and "<title>Lanes under a width · Yuantu</title>" in text
    assert re.findall(r'data-answer="(\w+)">.*?<b>(\d+)</b>', text) == [("yes", "1"), ("unknown", "1"), ("no", "1"), ("na", "0")]
    assert '<html lang="zh-CN">' in get(reader.client, "lang=zh")


def test_an_empty_store_gives_a_file(app: Flask) -> None:
    found = data(get(app.test_client()))
    assert found["state"]["kind"] == "empty"
    assert {id: c["features"] for id, c in found["collections"].items()} == {id: [] for id in found["view"]["layers"]}


NARROWED = [
    ("layers=compounds&bbox=112.9795,34.7495,112.9815,34.7515", ["A1"]),
    ("layers=compounds&filter=built_year%3C1990", ["A2"]),
    ("layers=compounds&compound=A5", ["A5"]),
    ("layers=compounds&within=POLYGON((112.98%2034.74,112.984%2034.74,112.984%2034.76,112.98%2034.76,112.98%2034.74))", ["A1", "A2"]),
]


@pytest.mark.parametrize(("query", "codes"), NARROWED)
def test_conditions_narrow_what_is_taken(query: str, codes: list[str], reader: Browser) -> None:
    text = get(reader.client, query)
    assert [f["properties"]["code"] for f in data(text)["collections"]["compounds"]["features"]] == codes
    assert text.count("<code>") == 1


REFUSED = [
    ("layers=compound", "bad-value"),
    ("question=gas", "bad-value"),
    ("map=15/34", "bad-value"),
    ("map=15/95/112", "bad-value"),
    ("map=nan/34/112", "bad-value"),
    ("map=1_0/3_4/1_1", "bad-value"),
    ("p.x=1", "bad-value"),
    ("sort=name", "bad-value"),
    ("answer=yes", "bad-value"),
    ("feature=compounds", "bad-value"),
    ("feature=nothing/1", "bad-value"),
    ("filter=built_year%3C1990", "bad-value"),
    ("layers=compounds&filter=year%3C1990", "unknown-field"),
    ("layers=compounds&filter=notes%20IS%20NULL", "bad-value"),  # not published: what it chooses would tell it
    ("layers=compounds&near=gas_mains:50", "bad-value"),  # not published at all
    ("layers=compounds&near=%20gas_mains:50", "bad-value"),  # a blank before it let it through
    ("layers=fire_lanes&near=compounds:50&near-filter=notes%20IS%20NULL", "bad-value"),
    ("question=compounds-without-gas&sort=notes", "bad-value"),  # the order of the rows would tell it
    ("layers=compounds&s.compounds=kind:categories;by:notes", "bad-value"),
    ("question=lanes-under-width&p.width=wide", "bad-value"),
    ("question=lanes-under-width&p.height=4", "unknown-parameter"),
    ("question=lanes-under-width&answer=perhaps", "bad-value"),
    ("question=lanes-under-width&sort=nothing", "unknown-field"),
    ("bbox=1,2,3", "bad-bounds"),
    ("compound=nowhere", "bad-value"),
    ("confirm=yes", "bad-value"),
    ("size=", "bad-value"),
]


@pytest.mark.parametrize(("query", "code"), REFUSED)
def test_nothing_in_the_address_is_ignored(query: str, code: str, reader: Browser) -> None:
    answer = reader.get(f"/map.html?{query}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)


# ---------------------------------------------------------------- what never travels

SECRET = "秘密-{}-{}"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A store in which each text that is not published says so."""
    app = application(tmp_path_factory.mktemp("secrets") / "store.gpkg")
    writes = []
    for layer in layers.ALL:
        kind = {"Point": shapely.Point(112.98, 34.75), "Polygon": shapely.box(112.98, 34.75, 112.981, 34.751)}.get(
            layer.geometry[0], shapely.LineString([(112.98, 34.75), (112.981, 34.75)])
        )
        private = {f.name: SECRET.format(layer.id, f.name) for f in layer.writable if f.type == "text" and (layer.internal or not f.public)}
        extra = {SECRET.format(layer.id, "column"): SECRET.format(layer.id, "extra")}
        row = {"name": "公开"} | private | {"code": f"{'秘密' if layer.internal else ''}{layer.id}", "extra": extra}
        writes.append(Write(layer.id, inserts=[{k: v for k, v in row.items() if layer.field(k)} | {"geometry": shapely.to_wkb(kind)}]))
    counts = {layer.id: {"read": 1, "accepted": 1, "repaired": 0, "quarantined": 0} for layer in layers.ALL}
    here(app).store.publish(
        Batch(writes, ImportRecord("秘密.csv", "0" * 64, "append", counts, {}), [], metric_crs="EPSG:4547"), actor="秘密", now=NOW
    )
    yield app
    here(app).close()


EVERYTHING = "layers=" + ",".join(layer.id for layer in layers.ALL) + "&question=compounds-without-gas&answer=all"


def test_only_published_fields_and_layers_travel(secrets: Flask) -> None:
    text = get(secrets.test_client(), EVERYTHING)
    assert text.count("公开") > 10
    assert re.findall(r"秘密[\w-]*", text) == []
    assert data(text)["view"]["layers"] == [layer.id for layer in layers.ALL if not layer.internal]
    assert "内部图层不随文件带走：" in text and "燃气管线" in text


def test_the_declarations_are_what_holds_them_back(secrets: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: with every field and layer declared public, each secret is in the file."""
    services = here(secrets)
    opened = {
        id: replace(layer, internal=False, fields=tuple(replace(f, public=True) for f in layer.fields))
        for id, layer in services.layers.items()
    }
    monkeypatch.setattr(services, "layers", opened)
    monkeypatch.setattr(answering, "answer", lambda query, frames, *, layers, **day: _answer(query, frames, layers=opened, **day))
    text = get(secrets.test_client(), EVERYTHING)
    missing = [
        SECRET.format(layer.id, f.name)
        for layer in layers.ALL
        for f in layer.writable
        if f.type == "text" and f.name not in ("code", "source") and (layer.internal or not f.public)
    ]
    assert [token for token in missing if token not in text] == []


# ---------------------------------------------------------------- how large


def test_the_estimate_is_near_the_truth(reader: Browser) -> None:
    for query in ("", "question=lanes-under-width&answer=all"):
        said = reader.get(f"/map.html?size=1&{query}").get_json()
        real = len(get(reader.client, query).encode())
        assert said["bytes"] == pytest.approx(real, rel=0.05)
        assert (said["too_large"], said["limit_bytes"]) == (False, 20_000_000)
    assert said["features"] == 11


def test_a_large_file_is_refused_with_the_number_until_it_is_confirmed(reader: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "WARN_BYTES", 100_000)
    refused = reader.get("/map.html?lang=en")
    assert (refused.status_code, refused.get_json()["code"]) == (413, "too-large")
    assert re.search(r"about 0\.\d MB \(8 features\)", refused.get_json()["detail"]) and "confirm=1" in refused.get_json()["detail"]
    assert refused.get_json()["bytes"] > 100_000
    assert reader.get("/map.html?confirm=1").status_code == 200


def test_a_download_has_a_name(reader: Browser) -> None:
    head = reader.get("/map.html?layers=compounds&download=1").headers["Content-Disposition"]
    assert re.fullmatch(
        r"attachment; filename=\"yuantu-map\.html\"; filename\*=UTF-8''%E9%99%A2%E5%9B%BE%20%E9%99%A2%E8%90%BD%20[\d-]{10}\.html", head
    )
    assert "Content-Disposition" not in reader.get("/map.html").headers


def test_all_collections_are_of_one_revision(filled: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write between two answers: they are asked again."""
    services, calls = here(filled), []

    def between(*args: Any, **more: Any) -> Any:
        if args[0].limit is not None:  # the banner counts
            return _answer(*args, **more)
        calls.append(1)
        if len(calls) == 2:
            edit = Write("compounds", inserts=[{"code": "A9", "name": "新院", "geometry": None}])
            services.store.publish(Batch([edit], ImportRecord("x.csv", "0" * 64, "append", {}, {}), []), actor="other", now=NOW)
        return _answer(*args, **more)

    monkeypatch.setattr(answering, "answer", between)
    found = data(get(filled.test_client(), "layers=compounds,fire_lanes"))["collections"]
    assert len({c["yuantu"]["revision"] for c in found.values()}) == 1
    assert len(calls) == 4
    assert "A9" in [f["properties"]["code"] for f in found["compounds"]["features"]]


# ---------------------------------------------------------------- the command


def test_the_command_writes_the_same_file(reading: Flask, tmp_path: Path) -> None:
    query = "layers=compounds&question=compounds-without-gas&lang=en"
    run = reading.test_cli_runner().invoke(
        args=["export", "--map", "--view", f"http://127.0.0.1:8000/?{query}", "-o", str(tmp_path / "m.html")]
    )
    assert run.exit_code == 0, run.output
    assert data((tmp_path / "m.html").read_text("utf-8")) == data(get(reading.test_client(), query))
    assert "m.html" in run.stderr and run.stdout == ""


USAGE = [
    (["--map", "compounds"], 2),
    (["--map", "--bbox", "1,2,3,4"], 2),
    (["--view", "layers=compounds", "compounds"], 2),
    ([], 2),
    (["--map", "--view", "layer=compounds"], 2),
    (["--map", "--view", "size=1"], 2),
    (["--map", "--view", "lang=fr"], 2),
    (["--map", "--view", "map=1/2/3&map=1/2/3"], 2),
    (["--map", "--view", "layers=nothing"], 2),
]


@pytest.mark.parametrize(("words", "code"), USAGE)
def test_the_command_refuses_what_does_not_fit(words: list[str], code: int, reading: Flask) -> None:
    done = reading.test_cli_runner().invoke(args=["export", *words])
    assert (done.exit_code, done.stdout) == (code, "")
    assert "Traceback" not in done.output


def test_the_command_tells_the_size_first(reading: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "WARN_BYTES", 100_000)
    refused = reading.test_cli_runner().invoke(args=["export", "--map"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "confirm=1" in refused.stderr and "MB" in refused.stderr
    assert reading.test_cli_runner().invoke(args=["export", "--map", "--view", "confirm=1"]).exit_code == 0


# ---------------------------------------------------------------- the script


def modules(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text + "\n", "utf-8")
    return folder


def test_modules_become_one_script_in_order(tmp_path: Path) -> None:
    folder = modules(
        tmp_path,
        main='import { a, b as c } from "./low.js";\nconst own = 1;\nout(a + c() + own);',
        low='import { x } from "./far.js";\nexport const a = 1;\nexport function b() {\n  return x;\n}\nconst own = 9;',
        far="export class Far {}\nexport const x = 7;",
        near="export const x = 5;",
    )
    text = bundle(folder, "main.js", instead={"far.js": "near.js"})
    assert text == (
        "const $near = (() => {\nconst x = 5;\nreturn { x };\n})();\n\n"
        "const $low = (() => {\nconst { x } = $near;\nconst a = 1;\nfunction b() {\n  return x;\n}\nconst own = 9;\nreturn { a, b };\n})();\n\n"
        "const $main = (() => {\nconst { a, b: c } = $low;\nconst own = 1;\nout(a + c() + own);\nreturn {  };\n})();\n"
    )


UNKNOWN = [
    'import * as all from "./b.js";',
    'import "./b.js";',
    "export default 1;",
    'export { a } from "./b.js";',
    'const late = import("./b.js");',
    'const tag = "</script>";',
    "const note = '<!-- x';",
    'import { a } from "./main.js";',
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_the_bundler_does_not_know_it_refuses(text: str, tmp_path: Path) -> None:
    with pytest.raises(NotBundled):
        bundle(modules(tmp_path, main=text, b="export const a = 1;"), "main.js", instead={})


def test_the_file_has_no_part_that_asks_the_server() -> None:
    """Of the workspace's modules, the one that talks to the server stays at home."""
    text = bundle(page.SCRIPTS, page.ENTRY, instead=page.INSTEAD)
    assert "$standalone_api" in text and "$core_api" not in text
    for name in ("panels_edit", "panels_place", "core_state", "core_undo"):
        assert f"${name} " not in text
