"""The Folium map as a static shell: its div and its script, made of constants and declared values only.

Folium's renderer reads already rendered text as a template a second time, so a text that a user wrote must never get here: features come
to the page by `fetch` and are shown as text nodes. Of Folium's page we take the div and the script alone; links, styles and the viewport
stand in our own template, where the content security policy allows them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import folium
from branca.element import Figure, MacroElement
from folium.template import Template
from folium.utilities import JsCode
from markupsafe import Markup

from geo.errors import Text
from geo.schema import Layer, Style, StyleClass

MAP_NAME = "yuantu_map"
"""Name of the map in the page's script and id of its div: fixed, so that the page is the same at every render."""

_TEMPLATE_MARK = re.compile(r"\{\{|\{%|\{#")


class TemplateInMap(ValueError):
    """A value for the map holds a template mark, which Folium's second rendering would execute."""


class BasemapSettings(Protocol):
    """What the operator set: an XYZ address with {x}, {y}, {z} or None, the datum of its tiles, and the credit shown for it."""

    @property
    def basemap(self) -> str | None: ...
    @property
    def basemap_datum(self) -> str | None: ...
    @property
    def basemap_attribution(self) -> str: ...


@dataclass(frozen=True, slots=True)
class MapParts:
    """What the page takes of Folium: the map's div and its script (no <script> tag around it)."""

    div: Markup
    script: Markup


class _Part(MacroElement):
    """A part of the map that one of our own JavaScript classes draws; `options` are constants or declared values."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "new {{ this._name }}({{ this.options|tojson }}).addTo({{ this._parent.get_name() }});\n"
        "{% endmacro %}"
    )

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self._name = type(self).__name__
        self._id = str(options.get("id", "part"))
        self.options = options


class ShiftedTiles(_Part):
    """Tiles in GCJ-02, moved to where WGS 84 has them."""


class FeatureLayer(_Part):
    """A declared layer that fetches its features from /ogc/collections/{id}/items."""


class MapTools(_Part):
    """Zoom, whole extent, measure and full screen."""


class MetricScale(_Part):
    """Scale bar in metres."""


class Coordinates(_Part):
    """Longitude and latitude under the pointer, with the metric coordinates of the store's CRS."""


class Legend(_Part):
    """Colours of the layers that are on, from their declared styles."""


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _class(entry: StyleClass) -> dict[str, Any]:
    return {
        "label": _both(entry.label),
        "color": entry.color,
        "value": entry.value,
        "low": entry.low,
        "high": entry.high,
        "dash": entry.dash,
        "pattern": entry.pattern,
        "symbol": entry.symbol,
        "shape": entry.shape,
        "size": entry.size,
    }


def _style(style: Style) -> dict[str, Any]:
    names = ("color", "weight", "fill_opacity", "radius", "dash", "symbol", "shape", "by", "min_zoom", "visible", "label_zoom")
    return {name: getattr(style, name) for name in names} | {"classes": [_class(c) for c in style.classes]}


def _feature_layer(layer: Layer, order: int) -> FeatureLayer:
    return FeatureLayer(
        id=layer.id,
        order=order,
        title_field=layer.title_field,
        label=_both(layer.label),
        geometry=layer.geometry,
        derived=layer.derived,
        style=_style(layer.style),
    )


def _basemap(settings: BasemapSettings) -> MacroElement | None:
    """The operator's tiles. Raises TemplateInMap for a template mark, which no tile address needs."""
    if not settings.basemap:
        return None
    for value in (settings.basemap, settings.basemap_attribution):
        if _TEMPLATE_MARK.search(value):
            raise TemplateInMap(f"the basemap's setting holds a template mark: {value!r}")
    credit = settings.basemap_attribution or " "
    if settings.basemap_datum == "GCJ-02":
        return ShiftedTiles(id="basemap", url=settings.basemap, attribution=credit)
    tiles = folium.TileLayer(tiles=settings.basemap, attr=credit, max_zoom=22, max_native_zoom=18, control=False)
    tiles._id = "basemap"
    return tiles


def _map(centre: tuple[float, float], zoom: int, *, with_tiles: bool) -> folium.Map:
    """An empty map on one canvas; `centre` is (longitude, latitude) and only holds until the page knows the extent of the data."""
    made = folium.Map(
        location=(centre[1], centre[0]),
        zoom_start=zoom,
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        renderer=JsCode("new Canvas()"),  # type: ignore[arg-type]  # folium passes it on
        attribution_control=with_tiles,
        maxZoom=22,
        zoom_snap=1 if with_tiles else 0.25,
        fade_animation=False,
        wheel_px_per_zoom_level=90,
    )
    made._name, made._id = MAP_NAME.rsplit("_", 1)
    return made


def map_parts(
    layers: Sequence[Layer], settings: BasemapSettings, *, centre: tuple[float, float] = (112.98, 34.75), zoom: int = 14
) -> MapParts:
    """The workspace's map: base, declared layers in drawing order, controls. Raises TemplateInMap for a basemap address with a template mark."""
    basemap = _basemap(settings)
    made = _map(centre, zoom, with_tiles=basemap is not None)
    parts = (*(_feature_layer(layer, order) for order, layer in enumerate(layers)), MapTools(), MetricScale(), Coordinates(), Legend())
    for part in parts if basemap is None else (basemap, *parts):
        part.add_to(made)
    figure = made.get_root()
    assert isinstance(figure, Figure)
    figure.render()
    return MapParts(div=Markup(figure.html.render()), script=Markup(figure.script.render()))
