"""A small drawing in metres written as SVG: shapes by class, labels, a scale bar; the same input gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import numpy as np
import shapely

STYLES = {
    "ground": "fill:#f6f4ef",
    "building": "fill:#d9d2c5;stroke:#7d7468;stroke-width:1",
    "wall": "fill:none;stroke:#5c4a3a;stroke-width:2.5",
    "corridor": "fill:#0072b2;fill-opacity:.08;stroke:#0072b2;stroke-width:1;stroke-dasharray:4 4",
    "lane": "fill:none;stroke:#374151;stroke-width:1.5;stroke-dasharray:8 5",
    "road": "fill:none;stroke:#9ca3af;stroke-width:7",
    "good": "fill:none;stroke:#0072b2;stroke-width:3.5",
    "bad": "fill:none;stroke:#b2182b;stroke-width:3.5",
    "gap": "fill:none;stroke:#b2182b;stroke-width:2.5",
    "disc": "fill:#e69f00;fill-opacity:.25;stroke:#d55e00;stroke-width:1.5",
    "hose": "fill:none;stroke:#56b4e9;stroke-width:3",
    "pipe": "fill:none;stroke:#e69f00;stroke-width:3;stroke-dasharray:10 4 2 4",
    "new": "fill:none;stroke:#009e73;stroke-width:3.5",
    "zone": "fill:#e69f00;fill-opacity:.2;stroke:#e69f00;stroke-width:1;stroke-dasharray:3 3",
    "point": "fill:#b2182b;stroke:#ffffff;stroke-width:1.5",
    "hydrant": "fill:#0072b2;stroke:#ffffff;stroke-width:1.5",
    "label": "font:13px sans-serif;fill:#1f2937;paint-order:stroke;stroke:#ffffff;stroke-width:3px",
}
"""Class → style, in colours that colour-blind readers tell apart; a picture holds those it uses."""

_POINT_PX = 5.0
_MARGIN_PX = 14.0
_FOOT_PX = 26.0


@dataclass(slots=True)
class Picture:
    """One drawing of the box (west, south, east, north) in metres; what is added last lies on top."""

    box: tuple[float, float, float, float]
    title: str
    width_px: float = 640.0
    parts: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=lambda: {"label"})

    @property
    def scale(self) -> float:
        return (self.width_px - 2 * _MARGIN_PX) / (self.box[2] - self.box[0])

    @property
    def height_px(self) -> float:
        return (self.box[3] - self.box[1]) * self.scale + 2 * _MARGIN_PX + _FOOT_PX

    def add(self, kind: str, *shapes: shapely.Geometry) -> None:
        """Shapes in the style `kind`; a point is a dot."""
        self.used.add(kind)
        for shape in shapes:
            for part in shapely.get_parts(shape).tolist():
                self.parts.append(self._part(kind, part))

    def label(self, x: float, y: float, text: str, *, anchor: str = "middle") -> None:
        """A text at a place in metres."""
        px, py = self._at(np.array([[x, y]]))[0]
        self.parts.append(f'<text class="label" x="{px:.1f}" y="{py:.1f}" text-anchor="{anchor}">{escape(text)}</text>')

    def text(self) -> str:
        """The whole SVG file."""
        styles = "".join(f".{name}{{{STYLES[name]}}}" for name in STYLES if name in self.used)
        size = f'viewBox="0 0 {self.width_px:.0f} {self.height_px:.0f}" width="{self.width_px:.0f}" height="{self.height_px:.0f}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>{escape(self.title)}</title><style>{styles}</style>'
        ground = '<rect width="100%" height="100%" fill="#ffffff"/>'
        return "\n".join([head, ground, *self.parts, self._bar(), "</svg>", ""])

    def _at(self, xy: np.ndarray) -> np.ndarray:
        west, _, _, north = self.box
        return np.column_stack([(xy[:, 0] - west) * self.scale + _MARGIN_PX, (north - xy[:, 1]) * self.scale + _MARGIN_PX])

    def _part(self, kind: str, shape: shapely.Geometry) -> str:
        if isinstance(shape, shapely.Point):
            x, y = self._at(shapely.get_coordinates(shape))[0]
            return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{_POINT_PX:g}"/>'
        rings = shapely.get_rings(shape).tolist() if isinstance(shape, shapely.Polygon) else [shape]
        closed = "Z" if isinstance(shape, shapely.Polygon) else ""
        path = "".join(self._path(ring, closed) for ring in rings)
        return f'<path class="{kind}" fill-rule="evenodd" d="{path}"/>'

    def _path(self, ring: shapely.Geometry, closed: str) -> str:
        points = self._at(shapely.get_coordinates(ring))
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + closed

    def _bar(self) -> str:
        """A scale bar of a round length, a quarter of the picture at most."""
        most = (self.box[2] - self.box[0]) / 4
        metres = max(m for m in (0.5, 1, 2, 5, 10, 20, 50, 100, 200) if m <= max(most, 0.5))
        y, x = self.height_px - 12, _MARGIN_PX
        end = x + metres * self.scale
        return (
            f'<path d="M{x:.1f} {y - 5:.1f}V{y:.1f}H{end:.1f}V{y - 5:.1f}" fill="none" stroke="#1f2937"/>'
            f'<text class="label" x="{end + 6:.1f}" y="{y:.1f}">{metres:g} m</text>'
        )
