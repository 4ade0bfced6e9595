// The rings around the chosen rows, in the pane of highlights that takes no clicks.

import { Canvas } from "./canvas.js";

const LOOKS = [
  { color: "#ffffff", weight: 6, opacity: 0.9 },
  { color: "#7a1fa2", weight: 2.5, opacity: 1, dashArray: "5 3" },
];

export class PickedLayer {
  constructor(map) {
    this.map = map;
    const pane = map.getPane("highlight") ?? map.createPane("highlight");
    pane.classList.add("passive");
    this.options = { pane: "highlight", renderer: new Canvas({ pane: "highlight" }), interactive: false, fill: false };
    this.group = L.featureGroup([], { pane: "highlight" }).addTo(map);
  }

  draw(features) {
    this.clear();
    const placed = features.filter(({ geometry }) => geometry);
    for (const look of LOOKS) {
      const options = { ...this.options, ...look };
      const pointToLayer = (_, at) => L.circleMarker(at, { ...options, radius: 12 });
      this.group.addLayer(L.geoJSON(placed, { ...this.options, style: options, pointToLayer }));
    }
  }

  clear() {
    this.group.clearLayers();
  }

  get bounds() {
    const bounds = this.group.getBounds();
    return bounds.isValid() ? bounds : null;
  }
}
