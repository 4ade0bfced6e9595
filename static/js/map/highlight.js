// The ring around the selected feature and around the one under the pointer, in a pane that takes no clicks.

import { NEAR } from "./symbols.js";

const LOOKS = {
  selected: [
    { color: "#ffffff", weight: 7, opacity: 0.95 },
    { color: "#0b5fff", weight: 3.5, opacity: 1 },
  ],
  over: [
    { color: "#ffffff", weight: 5.5, opacity: 0.85 },
    { color: "#12263f", weight: 2.5, opacity: 0.95 },
  ],
};

const Ring = L.CircleMarker.extend({
  _project() {
    L.CircleMarker.prototype._project.call(this);
    const fan = this.options.fan?.();
    if (!fan || this._map.getZoom() < NEAR) return;
    this._point = this._point.add(fan);
    this._updateBounds();
  },
});

export class Highlight {
  #groups = {};

  constructor(map) {
    const pane = map.createPane("highlight");
    pane.classList.add("passive");
    const renderer = L.svg({ pane: "highlight", padding: 0.4 });
    for (const kind of Object.keys(LOOKS)) this.#groups[kind] = L.layerGroup([], { pane: "highlight" }).addTo(map);
    map.on("features:fanned", () => this.#again());
    this.options = { pane: "highlight", renderer, interactive: false, fill: false };
  }

  #again() {
    for (const group of Object.values(this.#groups))
      group.eachLayer((part) => part.eachLayer((ring) => ring instanceof Ring && ring._map && ring._reset()));
  }

  // `fan` gives the pixels by which the feature's point is drawn off its place, if it is.
  show(kind, geometry, fan = null) {
    this.#groups[kind].clearLayers();
    if (!geometry) return;
    for (const look of LOOKS[kind]) {
      const pointToLayer = (_, at) => new Ring(at, { ...this.options, ...look, radius: 11, fan });
      this.#groups[kind].addLayer(L.geoJSON(geometry, { ...this.options, style: { ...this.options, ...look }, pointToLayer }));
    }
  }
}
