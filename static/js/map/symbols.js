// Point features on the canvas: a mark with a sign of one character. Several at one place stand in a ring around it, each tied to it by a line.

import { outline, sign } from "./marks.js";

export const NEAR = 15; // zoom from which marks are legible and points of one place are fanned out
const GAP = 16; // pixels between neighbours of a ring

// Marks are smaller where many stand close together.
export const sizeAt = (zoom) => (zoom >= 17 ? 1 : zoom >= NEAR ? 0.85 : 0.65);

// The sign of a mark where it is legible; `radius` is that on the screen.
export function drawSign(context, options, x, y, radius, zoom) {
  if (!options.symbol || zoom < NEAR) return;
  context.save();
  context.globalAlpha = options.fillOpacity;
  sign(context, options, x, y, radius);
  context.restore();
}

export const Symbol = L.CircleMarker.extend({
  // The radius follows the zoom; `options.radius` stays what the style says.
  setRadius(radius) {
    this.options.radius = radius;
    this._radius = this._map ? radius * sizeAt(this._map.getZoom()) : radius;
    return this.redraw();
  },

  setStyle(options) {
    L.Path.prototype.setStyle.call(this, options);
    return this.setRadius(this.options.radius);
  },

  // `options.fan`, pixels from the true place, moves the drawing and what a click hits; the position itself stays.
  _project() {
    this._radius = this.options.radius * sizeAt(this._map.getZoom());
    L.CircleMarker.prototype._project.call(this);
    const { fan } = this.options;
    this._tie = null;
    if (!fan || this._map.getZoom() < NEAR) return;
    this._tie = this._point;
    this._point = this._point.add(fan);
    this._updateBounds();
    this._pxBounds.extend(this._tie);
  },

  _updatePath() {
    const { shape, fillOpacity, fillColor } = this.options;
    const renderer = this._renderer;
    if (!renderer._drawing || this._empty()) return;
    const context = renderer._ctx;
    const at = this._point;
    if (this._tie) {
      context.save();
      Object.assign(context, { globalAlpha: fillOpacity, strokeStyle: fillColor, fillStyle: fillColor, lineWidth: 1.5 });
      context.beginPath();
      context.moveTo(this._tie.x, this._tie.y);
      context.lineTo(at.x, at.y);
      context.stroke();
      context.beginPath();
      context.arc(this._tie.x, this._tie.y, 2, 0, 2 * Math.PI);
      context.fill();
      context.restore();
    }
    outline(context, shape, at.x, at.y, this._radius);
    renderer._fillStroke(context, this);
    drawSign(context, this.options, at.x, at.y, this._radius, this._map.getZoom());
  },

  fan(offset) {
    if (String(offset) === String(this.options.fan ?? null)) return;
    this.redraw();
    this.options.fan = offset;
    if (!this._map) return;
    this._reset();
    this.redraw();
  },
});

// Where `n` points of one place stand, in pixels from it: rings of as many as fit beside each other.
export function ring(n) {
  if (n < 2) return [null];
  const offsets = [];
  for (let round = 1; offsets.length < n; round += 1) {
    const radius = round === 1 ? Math.max(11, (Math.min(n, 7) * GAP) / (2 * Math.PI)) : 18 * round;
    const room = round === 1 ? Math.min(n, 7) : Math.floor((2 * Math.PI * radius) / GAP);
    const here = Math.min(room, n - offsets.length);
    for (let i = 0; i < here; i += 1) {
      const angle = (2 * Math.PI * i) / here - Math.PI / 2;
      offsets.push(L.point(Math.round(radius * Math.cos(angle)), Math.round(radius * Math.sin(angle))));
    }
  }
  return offsets;
}

// Points of all shown layers by their very position; a feature that is drawn twice, as itself and as an answer, stands at one place.
export function fanOut(map) {
  const places = new Map();
  const add = (layer, path) => {
    if (!path.fan) return;
    const { lat, lng } = path.getLatLng();
    const place = `${lat.toFixed(7)} ${lng.toFixed(7)}`;
    if (!places.has(place)) places.set(place, new Map());
    const feature = `${layer}/${path.feature.id}`;
    places.get(place).set(feature, [...(places.get(place).get(feature) ?? []), path]);
  };
  for (const layer of map.featureLayers.values()) if (layer.visible && layer.inRange) for (const path of layer.paths) add(layer.id, path);
  const { answerLayer } = map;
  if (answerLayer?.subject) for (const path of answerLayer.paths) add(answerLayer.subject.id, path);
  for (const features of places.values()) {
    const offsets = ring(features.size);
    [...features.values()].forEach((paths, i) => paths.forEach((path) => path.fan(offsets[i])));
  }
  map.fire("features:fanned");
}
