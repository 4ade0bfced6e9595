// One declared layer on the map: it fetches its features page by page or box by box, and says when not all are shown.

import { call, address } from "../core/api.js";
import { catalogue } from "../core/catalogue.js";
import { h } from "../core/dom.js";
import { titleText } from "../core/format.js";
import { tell } from "../core/toast.js";
import { pathOptions } from "./style.js";
import { Symbol, fanOut } from "./symbols.js";

export const WHOLE = 20000; // features of a layer that are fetched at once; larger layers come box by box

export class FeatureLayer {
  #group = null;
  #paths = new Map();
  #loaded = null; // "whole", a LatLngBounds, or null
  #request = null;
  #coming = null; // what the running request will bring, as #loaded
  #faint = false;
  #titles = null; // code → title, made when first asked for

  // A derived layer has no features of its own to show: it only lends its looks to the answers about it.
  constructor({ id, order, title_field, label, geometry, derived, style }) {
    Object.assign(this, { id, order, title_field, label, geometry, derived, style });
    this.visible = false;
    this.count = 0;
    this.shown = null; // {returned, matched} of the last fetch
  }

  addTo(map) {
    this.map = map;
    map.featureLayers ??= new Map();
    map.featureLayers.set(this.id, this);
    this.#group = L.featureGroup().bindTooltip((path) => h("span", {}, this.titleOf(path.feature)), { sticky: true, className: "tip" });
    this.#group.on("click", (event) => {
      if (map.tool) return;
      L.DomEvent.stopPropagation(event);
      map.fire("feature:click", { layer: this.id, id: event.propagatedFrom.feature.id, latlng: event.latlng });
    });
    this.#group.on("mouseover", (event) => map.fire("feature:over", { layer: this.id, id: event.propagatedFrom.feature.id }));
    this.#group.on("mouseout", () => map.fire("feature:over", null));
    map.on("moveend", () => this.refresh());
    return this;
  }

  titleOf(feature) {
    return titleText(feature, catalogue.layers.get(this.id) ?? this);
  }

  // The title of the feature with this code, if it is loaded.
  titleOfCode(code) {
    this.#titles ??= new Map([...this.#paths.values()].map(({ feature }) => [feature.properties.code, this.titleOf(feature)]));
    return this.#titles.get(code);
  }

  show(visible) {
    this.visible = visible && !this.derived;
    return this.refresh();
  }

  // Drawn faintly while an answer is shown.
  set faint(faint) {
    if (faint === this.#faint) return;
    this.#faint = faint;
    for (const path of this.#paths.values()) path.setStyle(pathOptions(this.style, path.feature, faint));
  }

  get paths() {
    return this.#paths.values();
  }

  path(id) {
    return this.#paths.get(id);
  }

  get inRange() {
    return this.map.getZoom() >= this.style.min_zoom;
  }

  async refresh() {
    if (!this.visible || !this.inRange) {
      if (this.map.hasLayer(this.#group)) this.map.removeLayer(this.#group).fire("features:hidden");
      return;
    }
    if (!this.map.hasLayer(this.#group)) this.map.addLayer(this.#group).fire("features:shown");
    if (this.#covers(this.map.getBounds()) || (this.#request && this.#coming === "whole")) return;
    await this.#fetch().catch((error) => (this.map.fire("features:failed", { layer: this.id }), tell(error)));
  }

  // Forget what was fetched: after an import, an undo, or an edit elsewhere.
  reload() {
    this.#loaded = this.#coming = null;
    return this.refresh();
  }

  // Show one feature's present state without fetching the rest.
  replace(feature) {
    this.#titles = null;
    this.remove(feature.id);
    if (feature.geometry && this.#group) this.#add(feature);
    this.map.fire("features:shown");
  }

  remove(id) {
    const path = this.#paths.get(id);
    if (path) this.#group.removeLayer(path);
    this.#paths.delete(id);
  }

  toFront() {
    if (this.map.hasLayer(this.#group)) for (const path of this.#paths.values()) path.bringToFront();
  }

  #covers(bounds) {
    return this.#loaded === "whole" || (this.#loaded !== null && this.#loaded.contains(bounds));
  }

  async #fetch() {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    const whole = this.count <= WHOLE;
    const box = this.map.getBounds().pad(0.25);
    this.#coming = whole ? "whole" : box;
    const parameters = { limit: WHOLE, properties: this.#properties().join(",") };
    if (!whole) parameters.bbox = boxText(box);
    this.map.fire("features:loading", { layer: this.id, busy: true });
    try {
      const { body } = await call("GET", address(`/ogc/collections/${this.id}/items`, parameters), { signal: request.signal });
      this.#draw(body.features);
      this.shown = { returned: body.features.length, matched: body.numberMatched ?? body.features.length };
      const complete = this.shown.returned >= this.shown.matched;
      this.#loaded = complete ? this.#coming : null;
      this.map.fire("features:shown", { layer: this.id, complete });
    } finally {
      if (this.#request === request) this.#request = null;
      this.map.fire("features:loading", { layer: this.id, busy: false });
    }
  }

  #properties() {
    return [...new Set(["code", this.title_field, this.style.by].filter(Boolean))];
  }

  #draw(features) {
    this.#titles = null;
    this.#group.clearLayers();
    this.#paths.clear();
    for (const feature of features) if (feature.geometry) this.#add(feature);
  }

  #add(feature) {
    const path = toPath(feature, pathOptions(this.style, feature, this.#faint));
    this.#paths.set(feature.id, path);
    this.#group.addLayer(path);
  }
}

export function toPath(feature, options) {
  const made = L.GeoJSON.geometryToLayer(feature, { pointToLayer: (_, at) => new Symbol(at, options) });
  made.feature = feature;
  made.setStyle?.(options);
  return made;
}

// Points of one place apart, lower layers first, an answer just above the layer it is about, its shapes above all: one canvas, so that a click always finds the topmost feature.
export function restack(map) {
  const layers = [...(map.featureLayers?.values() ?? [])].sort((a, b) => a.order - b.order);
  for (const layer of layers) {
    layer.toFront();
    if (map.answerLayer?.subject === layer) map.answerLayer.toFront();
  }
  map.answerShapes?.toFront();
  fanOut(map);
}

export function boxText(bounds) {
  const clamp = (value, limit) => Math.max(-limit, Math.min(limit, value)).toFixed(6);
  return [clamp(bounds.getWest(), 180), clamp(bounds.getSouth(), 90), clamp(bounds.getEast(), 180), clamp(bounds.getNorth(), 90)].join(",");
}
