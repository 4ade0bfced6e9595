"""What a page loads of ours: one script made of its modules, kept by the browser while its content stays, and what the workspace would ask first."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.scripts import ENTRIES, STATIC
from web.standalone.script import NotBundled, module


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


KEPT = "private, max-age=31536000, immutable"


def address(page: str) -> str:
    return re.search(r'from "(/scripts/\w+/\w+\.js)"', page)[1]  # type: ignore[index]


def test_modules_outside_the_folder_stay_imports_and_entries_give_on_their_exports(tmp_path: Path) -> None:
    (tmp_path / "map").mkdir()
    (tmp_path / "map/a.js").write_text('import { far as f } from "../../vendor/far.js";\nexport const a = f;\n')
    (tmp_path / "b.js").write_text('import { a } from "./map/a.js";\nexport function b() {}\n')
    assert module(tmp_path, ["map/a.js", "b.js"], above="/s/") == (
        'import * as $___vendor_far from "/s/vendor/far.js";\n\n'
        "const $map_a = (() => {\nconst { far: f } = $___vendor_far;\nconst a = f;\nreturn { a };\n})();\n\n"
        "const $b = (() => {\nconst { a } = $map_a;\nfunction b() {}\nreturn { b };\n})();\n\n"
        "export const { a } = $map_a;\n\nexport const { b } = $b;\n"
    )
    (tmp_path / "b.js").write_text('const late = import("./map/a.js");\n')
    with pytest.raises(NotBundled):
        module(tmp_path, ["b.js"], above="/s/")


@pytest.mark.parametrize("name", ENTRIES)
def test_every_page_has_its_modules_as_one_script(name: str) -> None:
    text = module(STATIC / "js", ENTRIES[name], above="/static/")
    assert set(re.findall(r'^import .* from "([^"]+)";$', text, re.MULTILINE)) <= {
        f"/static/vendor/{v}/index.js" for v in ("pbf", "vector-tile")
    }


def test_a_script_is_kept_at_the_address_of_its_own_text_only(client: FlaskClient) -> None:
    url = address(client.get("/").text)
    answer = client.get(url)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "text/javascript", KEPT)
    old = client.get("/scripts/0000/workspace.js")
    assert old.data == answer.data and old.headers["Cache-Control"] == "private, no-cache"
    assert client.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get("/scripts/0000/other.js").json["code"] == "script-not-found"  # type: ignore[index]


def test_a_sheet_is_kept_at_the_address_of_its_own_content_only(client: FlaskClient) -> None:
    url = re.search(r'href="(/static/css/tokens\.css\?v=\w+)"', client.get("/").text)[1]  # type: ignore[index]
    assert client.get(url).headers["Cache-Control"] == KEPT
    assert client.get("/static/css/tokens.css?v=0").headers["Cache-Control"] == "private, max-age=0, must-revalidate"
    assert client.get("/static/css/none.css?v=0").status_code == 404


def test_the_page_brings_along_what_the_workspace_asks_first(client: FlaskClient) -> None:
    """Three requests fewer before the first map; with layers that are not read yet the page does not wait for them."""
    assert 'id="start">null<' in client.get("/?lang=en").text
    asked = {path: client.get(f"{path}?lang=en").json for path in ("/api/layers", "/api/questions", "/api/state")}
    block = re.search(r'id="start">(.*?)</script>', client.get("/?lang=en").text)[1]  # type: ignore[index]
    said = orjson.loads(block)
    said["/api/state"]["csrf_token"] = asked["/api/state"]["csrf_token"]  # type: ignore[index]
    assert said == asked and "<" not in block
