// The ring around the selected feature and around the one under the pointer, in a pane that takes no clicks.

const LOOKS = {
  selected: [
    { color: "#ffffff", weight: 7, opacity: 0.95 },
    { color: "#0b5fff", weight: 3.5, opacity: 1 },
  ],
  over: [{ color: "#12263f", weight: 2.5, opacity: 0.9 }],
};

export class Highlight {
  #groups = {};

  constructor(map) {
    const pane = map.createPane("highlight");
    pane.classList.add("passive");
    const renderer = L.svg({ pane: "highlight", padding: 0.4 });
    for (const kind of Object.keys(LOOKS)) this.#groups[kind] = L.layerGroup([], { pane: "highlight" }).addTo(map);
    this.options = { pane: "highlight", renderer, interactive: false, fill: false };
  }

  show(kind, geometry) {
    this.#groups[kind].clearLayers();
    if (!geometry) return;
    for (const look of LOOKS[kind]) {
      const pointToLayer = (_, at) => L.circleMarker(at, { ...this.options, ...look, radius: 11 });
      this.#groups[kind].addLayer(L.geoJSON(geometry, { ...this.options, style: { ...this.options, ...look }, pointToLayer }));
    }
  }
}
