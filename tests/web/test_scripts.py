"""What a page loads of ours: one script made of its modules, kept by the browser while its content stays, and what the workspace would ask first."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.catalogue import first_items
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
    old = client.get("/scripts/0000/map.js")
    assert old.data == answer.data and old.headers["Cache-Control"] == "private, no-cache"
    assert client.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get("/scripts/0000/other.js").json["code"] == "script-not-found"  # type: ignore[index]


def test_the_workspace_takes_from_the_map_what_that_has(client: FlaskClient) -> None:
    """Two copies of a module would be two states of one page."""
    first = address(client.get("/").text)
    second = re.search(r'import\("(/scripts/\w+/workspace\.js)"\)', client.get("/").text)[1]  # type: ignore[index]
    made = [set(re.findall(r"^const (\$\w+) = ", client.get(url).text, re.MULTILINE)) for url in (first, second)]
    assert "$core_state" in made[0] and "$panels_table" in made[1] and not made[0] & made[1]
    taken = re.findall(r'^import { (\$\w+) } from "(.*)";$', client.get(second).text, re.MULTILINE)
    assert ("$core_state", first) in taken and {name for name, _ in taken} == made[0]


def test_what_is_held_elsewhere_is_imported_and_what_is_shared_given_on(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("export const a = 1;\n")
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport const b = a;\n')
    assert module(tmp_path, ["a.js"], above="/s/", shared=True) == (
        "const $a = (() => {\nconst a = 1;\nreturn { a };\n})();\n\nexport const { a } = $a;\n\nexport { $a };\n"
    )
    assert module(tmp_path, ["b.js"], above="/s/", held={"a.js": "/x.js"}) == (
        'import { $a } from "/x.js";\n\nconst $b = (() => {\nconst { a } = $a;\nconst b = a;\nreturn { b };\n})();\n\nexport const { b } = $b;\n'
    )


def test_the_sheets_of_the_workspace_are_one_and_name_pictures_where_they_lie(client: FlaskClient) -> None:
    url = re.search(r'href="(/sheets/\w+/workspace\.css)"', client.get("/").text)[1]  # type: ignore[index]
    answer = client.get(url)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "text/css", KEPT)
    old = client.get("/sheets/0000/workspace.css")
    assert old.data == answer.data and old.headers["Cache-Control"] == "private, no-cache"
    assert client.get("/sheets/0000/other.css").json["code"] == "sheet-not-found"  # type: ignore[index]
    named = set(re.findall(r"url\(([^#)]+)\)", answer.text))
    assert named == {f"/static/vendor/leaflet/images/{name}.png" for name in ("layers", "layers-2x", "marker-icon")}
    assert [client.get(picture).status_code for picture in sorted(named)] == [200, 200, 200]


@pytest.mark.parametrize(
    ("args", "layers"),
    [
        ({}, ["compounds"]),
        ({"map": "16.5/34.75/112.98"}, ["compounds", "buildings"]),
        ({"map": "14.9/34.75/112.98"}, ["compounds"]),
        ({"map": "elsewhere"}, ["compounds"]),
        ({"map": "16/34.75"}, ["compounds"]),
        ({"map": "16/95/112.98"}, ["compounds"]),
        ({"layers": ""}, []),
        ({"layers": "buildings,roads", "map": "16/34.75/112.98"}, ["buildings"]),
        ({"layers": "buildings"}, []),
        ({"f.buildings": "floors > 3"}, []),
        ({"s.compounds": "color:112233"}, []),
    ],
)
def test_the_page_names_the_features_that_its_map_asks_for_at_once(app: Flask, args: dict[str, str], layers: list[str]) -> None:
    """Layers that are on, in range at the view's zoom, and neither empty nor so large that they come as tiles."""
    with app.test_request_context("/?lang=en"):
        found = first_items(args, {"compounds": 5000, "buildings": 1, "roads": 5001, "fire_lanes": 0})
    assert found == [item for item in ITEMS if item.split("/")[3] in layers]


ITEMS = (
    "/ogc/collections/compounds/items?lang=en&limit=20000&properties=code%2Cname%2Cgas_status",
    "/ogc/collections/buildings/items?lang=en&limit=20000&properties=code%2Cname%2Cuse",
)


def test_a_sheet_is_kept_at_the_address_of_its_own_content_only(client: FlaskClient) -> None:
    url = re.search(r'href="(/static/css/tokens\.css\?v=\w+)"', client.get("/import").text)[1]  # type: ignore[index]
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
