"""Whatever people write stays text: in every page, export and travelling file, for template engines and for browsers, with guards switched off in turn."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

import layers
from geo.exports import FORMATS
from tests.web.conftest import here
from tests.web.hostile_texts import FOLDER, MARKUP, PAYLOADS, PRODUCT, TEMPLATES, filled_store, random_texts
from web.standalone import content

PERSON = {"Accept": "text/html"}
HARMLESS = [f"普通文字{n}" for n in range(len(PAYLOADS))]
RANDOM = random_texts()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = filled_store(tmp_path_factory.mktemp("hostile") / "store.gpkg", PAYLOADS, RANDOM)
    yield app
    here(app).close()


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The same store with ordinary texts: what the pages are compared with."""
    app = filled_store(tmp_path_factory.mktemp("harmless") / "store.gpkg", HARMLESS)
    yield app
    here(app).close()


@pytest.fixture
def client(hostile: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client in an empty working directory, where an executed template would leave a folder."""
    monkeypatch.chdir(tmp_path)
    return hostile.test_client()


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *sorted(name for name, _ in attrs)))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment",))


def tags(page: str) -> list[tuple[str, ...]]:
    """The elements of a page with the names of their attributes: all that a text could add to."""
    parser = _Tags()
    parser.feed(page)
    parser.close()
    return parser.found


def unpacked(body: bytes) -> bytes:
    """The body, and what is inside when it is a zip or a workbook."""
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return b"\n".join(parts.read(name) for name in parts.namelist())


def nothing_ran(body: bytes, folder: Path) -> bool:
    return PRODUCT.encode() not in unpacked(body) and not (folder / FOLDER).exists()


PAGES = (
    "/", "/import", "/imports/1", "/map.html", "/?question=compounds-without-gas&feature=compounds/1", "/api/state", "/api/layers", "/api/questions",
    "/api/imports", "/api/imports/1?limit=1000", "/api/imports/1/quarantine.csv", "/api/history?limit=1000", "/ogc/collections", "/ogc/api",
    "/templates/compounds.xlsx", "/map.html?question=compounds-without-gas&answer=all&lang=en&layers=",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_a_text(path: str, client: FlaskClient, tmp_path: Path) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert nothing_ran(answer.get_data(), tmp_path)


@pytest.mark.parametrize("form", [f.id for f in FORMATS])
def test_no_export_runs_a_text(form: str, client: FlaskClient, tmp_path: Path) -> None:
    """Every format, of a layer with every payload and 500 random texts, and of a question about it."""
    for collection in ("compounds", "compounds-without-gas?answer=all&"):
        id, _, more = collection.partition("?")
        answer = client.get(f"/ogc/collections/{id}/items?{more}f={form}")
        assert answer.status_code == 200, answer.get_data()[:300]
        assert nothing_ran(answer.get_data(), tmp_path)


def test_every_layer_gives_the_texts_back_as_they_are(client: FlaskClient) -> None:
    """Inert, not mangled: what was written is what comes out, letter by letter."""
    for layer in layers.ALL:
        found = client.get(f"/ogc/collections/{layer.id}/items?limit=1000").get_json()["features"]
        name = next(f.name for f in layer.writable if f.type == "text" and f.name != "code")
        wanted = [*PAYLOADS, *(RANDOM if layer.id == "compounds" else ())]
        assert sorted(f["properties"][name] for f in found) == sorted(wanted)


def test_the_travelling_file_holds_the_texts_as_they_are(client: FlaskClient) -> None:
    page = client.get("/map.html?layers=compounds").get_data(as_text=True)
    block = page.partition('id="data">')[2].partition("</script>")[0]
    found = json.loads(block)["collections"]["compounds"]["features"]
    assert sorted(f["properties"]["name"] for f in found) == sorted([*PAYLOADS, *RANDOM])
    assert "<" not in block


SHELLS = ("/", "/import", "/imports/1", "/map.html", "/map.html?question=compounds-without-gas&answer=all&layers=")


@pytest.mark.parametrize("path", SHELLS)
def test_a_page_has_the_same_elements_whatever_the_texts(path: str, client: FlaskClient, harmless: Flask) -> None:
    other = harmless.test_client()
    for one in (client, other):
        assert one.get("/api/state").status_code == 200  # a store that is not read yet has a page that asks later
    found = tags(client.get(path).get_data(as_text=True))
    assert found == tags(other.get(path).get_data(as_text=True))
    assert len(found) > 20


def _narrowed(client: FlaskClient, community: str, name: str) -> str:
    """The file of one community with a condition: both stand in its head and foot."""
    where = f"name <> '{name.replace(chr(39), chr(39) * 2)}'"
    answer = client.get("/map.html?" + urlencode({"community": community, "layers": "communities", "filter": where}))
    assert answer.status_code == 200, answer.get_data()
    return str(answer.get_data(as_text=True))


def test_a_text_in_the_address_stays_a_text(client: FlaskClient, harmless: Flask, tmp_path: Path) -> None:
    usual = tags(_narrowed(harmless.test_client(), HARMLESS[0], "x"))
    for text in PAYLOADS:
        page = _narrowed(client, text, text)
        assert tags(page) == usual
        assert nothing_ran(page.encode(), tmp_path)


@pytest.mark.parametrize("form", ["/map.html?layers={}", "/{}", "/?{}=1", "/map.html?community=none{}"])
def test_an_error_page_repeats_a_text_as_a_text(form: str, client: FlaskClient, tmp_path: Path) -> None:
    for text in (*PAYLOADS, *RANDOM[::25]):
        refused = client.get(form.format(quote(text, safe="")), headers=PERSON)
        assert refused.status_code in (400, 404)
        assert {tag for tag, *_ in tags(refused.get_data(as_text=True))} <= ERROR_PAGE
        assert nothing_ran(refused.get_data(), tmp_path)


ERROR_PAGE = {"html", "head", "meta", "title", "link", "body", "header", "a", "span", "main", "p", "h1", "div"}


# ---------------------------------------------------------------- the guards switched off


def test_the_texts_are_hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: in Folium, where none of our texts goes, the first is worked out and another makes its folder."""
    import folium

    monkeypatch.chdir(tmp_path)
    made = folium.Map(tiles=None)
    for text in (TEMPLATES[0], TEMPLATES[3]):
        folium.GeoJson(
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"name": text}}, name="layer"
        ).add_to(made)
    page = made.get_root().render()
    assert PRODUCT in page
    assert os.path.isdir(tmp_path / FOLDER)


def test_without_the_escape_the_data_would_make_elements(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: with `<` left in the data a name ends the block and starts a script."""
    before = tags(client.get("/map.html?layers=shops").get_data(as_text=True))
    monkeypatch.setattr(content, "inert", lambda text: text)
    after = tags(client.get("/map.html?layers=shops").get_data(as_text=True))
    assert len(after) > len(before)
    assert after.count(("script",)) > before.count(("script",))


def test_without_the_templates_escape_an_address_would_make_elements(hostile: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control for the head of the file and for error pages."""
    path = "/map.html?" + urlencode({"community": MARKUP[2], "layers": "compounds"})
    client = hostile.test_client()
    assert ("img", "onerror", "src") not in tags(client.get(path).get_data(as_text=True))
    monkeypatch.setattr(hostile.jinja_env, "autoescape", False)
    hostile.jinja_env.cache.clear()
    try:
        assert ("img", "onerror", "src") in tags(client.get(path).get_data(as_text=True))
    finally:
        hostile.jinja_env.cache.clear()
