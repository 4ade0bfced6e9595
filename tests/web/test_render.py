"""The map's shell: only declared values, only our own addresses, the same at every render."""

import re
from dataclasses import dataclass

import pytest

import layers
from geo.errors import Text
from geo.schema import POINTS, Field, Layer, Style
from web.render import TemplateInMap, map_parts


@dataclass(frozen=True)
class Tiles:
    """The three settings of a basemap."""

    basemap: str | None = None
    basemap_datum: str | None = None
    basemap_attribution: str = ""


def test_the_shell_has_one_div_and_every_layer_in_drawing_order() -> None:
    parts = map_parts(layers.ALL, Tiles())
    assert re.sub(r"\s+", " ", parts.div).strip() == '<div class="folium-map" id="yuantu_map" ></div>'
    found = re.findall(r'new FeatureLayer\(.*?"id": "(\w+)".*?"order": (\d+)', parts.script)
    assert found == [(layer.id, str(i)) for i, layer in enumerate(layers.ALL)]


def test_the_shell_is_the_same_at_every_render() -> None:
    """Folium's ids are random; ours are fixed, so that the page can be compared and cached."""
    assert map_parts(layers.ALL, Tiles()) == map_parts(layers.ALL, Tiles())


def test_the_shell_asks_no_other_host() -> None:
    parts = map_parts(layers.ALL, Tiles())
    assert "//" not in parts.script + parts.div
    assert "<style" not in parts.div and "<script" not in parts.script + parts.div


def test_controls_are_there() -> None:
    script = map_parts(layers.ALL, Tiles()).script
    for name in ("MapTools", "MetricScale", "Coordinates", "Legend"):
        assert script.count(f"new {name}(") == 1


@pytest.mark.parametrize("mark", ["{{7*7}}", "{% for x in y %}", "{# note #}"])
def test_a_basemap_with_a_template_mark_is_refused(mark: str) -> None:
    with pytest.raises(TemplateInMap):
        map_parts((), Tiles(basemap=f"https://tiles.example/{mark}/{{z}}/{{x}}/{{y}}.png"))
    with pytest.raises(TemplateInMap):
        map_parts((), Tiles(basemap="/tiles/{z}/{x}/{y}.png", basemap_attribution=mark))


def test_the_guard_is_needed() -> None:
    """Negative control: without the guard Folium's second rendering executes the credit (7*7 becomes 49)."""
    import folium

    made = folium.Map(tiles=None)
    folium.TileLayer("/{z}/{x}/{y}.png", attr="{{7*7}}").add_to(made)
    assert "49" in made.get_root().render() and "{{7*7}}" not in made.get_root().render()


def test_a_basemap_of_the_operator_is_drawn_first() -> None:
    script = map_parts(layers.ALL, Tiles("https://tiles.example/{z}/{x}/{y}.png", None, "the tiles' makers")).script
    assert '"https://tiles.example/{z}/{x}/{y}.png"' in script
    assert script.index("L.tileLayer") < script.index("new FeatureLayer")


def test_gcj02_tiles_are_shifted() -> None:
    script = map_parts((), Tiles("https://tiles.example/{z}/{x}/{y}.png", "GCJ-02")).script
    assert "new ShiftedTiles(" in script and "L.tileLayer" not in script


def test_declared_texts_cannot_leave_their_script() -> None:
    """A label with a closing tag stays a JavaScript text."""
    odd = Layer(
        "odd", Text("</script><b>", "a'\"b"), Text("组", "group"), POINTS, (Field("name", "text", Text("名", "name")),), Style("#112233")
    )
    assert "</script>" not in map_parts((odd,), Tiles()).script
