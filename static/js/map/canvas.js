// The map's canvas: moving the map shifts what is drawn; it is drawn anew when the view leaves it, and once the map rests.

const REST_MS = 250; // after the last move of the map
const LEAST_MS = 100; // between two drawings while it moves

export const Canvas = L.Canvas.extend({
  options: { padding: 0.3, tolerance: 5 },

  getEvents() {
    const own = { movestart: this._stay, move: this._follow, moveend: this._moved };
    return { ...L.Canvas.prototype.getEvents.call(this), ...own };
  },

  onRemove() {
    this._stay();
    L.Canvas.prototype.onRemove.call(this);
  },

  _update() {
    this._stay();
    L.Canvas.prototype._update.call(this);
    this._drawn = { at: performance.now(), origin: this._map.getPixelOrigin(), size: this._map.getSize() };
  },

  _stay() {
    clearTimeout(this._rest);
  },

  _moved() {
    this._stay();
    if (this._holdsView()) this._rest = setTimeout(() => this._update(), REST_MS);
    else this._update();
  },

  _follow() {
    const { dragging, _animatingZoom: zooming } = this._map;
    if (zooming || !dragging?.moving() || this._holdsView()) return;
    if (performance.now() - this._drawn.at > LEAST_MS) this._update();
  },

  // Whether all that is in view lies on the canvas as it was drawn.
  _holdsView() {
    const { _map: map, _drawn: drawn, _bounds: bounds } = this;
    if (!drawn || map.getZoom() !== this._zoom || !map.getPixelOrigin().equals(drawn.origin) || !map.getSize().equals(drawn.size)) return false;
    const corner = map.containerPointToLayerPoint([0, 0]);
    return bounds.contains(L.bounds(corner, corner.add(drawn.size)));
  },
});
