// A map of what is there already, to hold something new against: the operator's basemap and the store's own features.

import { address, call, get } from "../core/api.js";
import { tell } from "../core/toast.js";
import { ShiftedTiles } from "../map/tiles.js";

const MOST = 2000; // features of a layer that are asked for at once
const MOVED = 250; // milliseconds of rest before a moved map is filled again
const GREY = { color: "#7d8893", weight: 1.2, fillColor: "#aab3bb", fillOpacity: 0.15, interactive: false };

export class Ground {
  #timer = 0;
  #asked = null;
  #group = L.featureGroup();

  // The frame must be in the page.
  constructor(frame, maxZoom = 20) {
    this.map = L.map(frame, { preferCanvas: true, attributionControl: false, zoomSnap: 0.25, maxZoom });
    L.control.scale({ imperial: false }).addTo(this.map);
    this.#basemap();
    this.#group.addTo(this.map);
  }

  // The areas that the workspace shows from afar; resolves to their bounds, or null where there are none.
  async whole() {
    const { layers } = await get("/api/layers");
    const areas = layers.filter(
      (layer) =>
        layer.count > layer.unplaced &&
        layer.style.min_zoom === 0 &&
        layer.style.visible &&
        !layer.geometry.every((kind) => kind.endsWith("Point")),
    );
    for (const layer of areas) this.#add(await this.#features(layer.id), GREY);
    if (!this.#group.getLayers().length) return null;
    this.#group.bringToBack();
    return this.#group.getBounds();
  }

  // All layers as far as the map is zoomed in, in their own colours; `told` gets {matched, shown} where a layer has more than is shown.
  async follow(told) {
    const { layers } = await get("/api/layers");
    this.layers = layers.filter((layer) => layer.count > layer.unplaced && layer.style.visible);
    this.told = told;
    this.map.on("moveend", () => {
      this.#busy(true);
      this.#asked?.abort(); // what comes of the view before is not what lies here
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#refill().catch(tell), MOVED);
    });
    await this.#refill();
  }

  // The corner of what is drawn that lies nearest to a place, at most `pixels` away; else the place itself.
  snapped(latlng, pixels = 10) {
    const at = this.map.latLngToContainerPoint(latlng);
    let best = latlng;
    let nearest = pixels;
    const visit = (corner) => {
      if (Array.isArray(corner)) return corner.forEach(visit);
      const away = this.map.latLngToContainerPoint(corner).distanceTo(at);
      if (away < nearest) [nearest, best] = [away, corner];
    };
    const near = this.map.getBounds();
    this.#group.eachLayer((layers) =>
      layers.eachLayer((layer) => {
        if (layer.getLatLng) visit(layer.getLatLng());
        else if (near.intersects(layer.getBounds())) visit(layer.getLatLngs());
      }),
    );
    return best;
  }

  remove() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.map.remove();
  }

  #basemap() {
    const { basemap, basemapDatum, basemapAttribution } = document.querySelector("main").dataset;
    if (!basemap) return;
    const attribution = basemapAttribution ?? "";
    if (attribution) L.control.attribution({ prefix: false }).addTo(this.map);
    const tiles =
      basemapDatum === "GCJ-02"
        ? new ShiftedTiles({ url: basemap, attribution })
        : L.tileLayer(basemap, { attribution, maxZoom: 22, maxNativeZoom: 18 });
    tiles.addTo(this.map);
  }

  #busy(is) {
    this.map.getContainer().setAttribute("aria-busy", String(is));
  }

  async #refill() {
    this.#asked?.abort();
    this.#busy(true);
    const { signal } = (this.#asked = new AbortController());
    const bounds = this.map.getBounds();
    const bbox = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((degrees) => degrees.toFixed(6)).join(",");
    const layers = this.layers.filter(({ style }) => style.min_zoom <= this.map.getZoom());
    let found;
    try {
      found = await Promise.all(layers.map(({ id }) => this.#features(id, { bbox }, signal)));
    } catch (error) {
      if (error.name === "AbortError") return;
      throw error;
    }
    this.#group.clearLayers();
    found.forEach((body, i) => {
      const { color } = layers[i].style;
      this.#add(body, { ...GREY, color, fillColor: color, fillOpacity: 0.08 });
    });
    this.#group.bringToBack();
    const cut = found.find(({ features, numberMatched }) => numberMatched > features.length);
    this.told(cut ? { matched: cut.numberMatched, shown: cut.features.length } : null);
    this.#busy(false);
  }

  async #features(id, parameters = {}, signal = undefined) {
    const { body } = await call("GET", address(`/ogc/collections/${id}/items`, { limit: MOST, properties: "code", ...parameters }), { signal });
    return body;
  }

  #add({ features }, look) {
    const placed = features.filter((feature) => feature.geometry);
    if (placed.length)
      this.#group.addLayer(L.geoJSON(placed, { style: look, pointToLayer: (_, at) => L.circleMarker(at, { ...look, radius: 3 }) }));
  }
}
