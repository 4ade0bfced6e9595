// One declared layer on the map: all its features, of a large layer tiles, and near by those in view; it says when not all are shown.

import { call, address } from "../core/api.js";
import { asked } from "../core/asked.js";
import { catalogue } from "../core/catalogue.js";
import { h } from "../core/dom.js";
import { titleText } from "../core/format.js";
import { tell } from "../core/toast.js";
import { pathOptions } from "./style.js";
import { Symbol, fanOut } from "./symbols.js";
import { CLOSE, TILED, TileGrid } from "./tile_grid.js";
import { Known, watchTiles } from "./tile_pointer.js";
import { NAMED, TileLooks, tileProperties } from "./tile_looks.js";

export const WHOLE = 20000; // features that are fetched one by one at once; where more are in view there are tiles

export class FeatureLayer {
  #group = null;
  #paths = new Map();
  #loaded = null; // "whole", a LatLngBounds, or null
  #request = null;
  #coming = null; // what the running request will bring, as #loaded
  #faint = false;
  #titles = null; // code → title, made when first asked for
  #tiles = null;
  #crowded = -1; // the zoom up to which the view was seen to hold too many to be drawn one by one
  #asked = ""; // the conditions and fields of what is loaded

  // A derived layer has no features of its own to show: it only lends its looks to the answers about it.
  constructor({ id, order, title_field, label, geometry, derived, style }) {
    Object.assign(this, { id, order, title_field, label, geometry, derived, style });
    this.visible = false;
    this.count = null; // features there are, once that is known
    this.shown = null; // {returned, matched} of the last fetch
  }

  addTo(map) {
    this.map = map;
    map.featureLayers ??= new Map();
    map.featureLayers.set(this.id, this);
    watchTiles(map);
    this.known = new Known(this.id);
    this.#tiles = this.#grid();
    this.#group = L.featureGroup().bindTooltip((path) => h("span", {}, this.titleOf(path.feature)), { sticky: true, className: "tip" });
    this.#group.on("click", (event) => {
      if (map.tool) return;
      L.DomEvent.stopPropagation(event);
      if (map.tilePointer.open(event.latlng, this.order)) return;
      map.fire("feature:click", { layer: this.id, id: event.propagatedFrom.feature.id, latlng: event.latlng });
    });
    this.#group.on("mouseover", (event) => this.#over(event.propagatedFrom.feature.id));
    this.#group.on("mouseout", () => this.#over(null));
    map.on("moveend", () => this.refresh());
    return this;
  }

  #over(id) {
    this.map.pathOver = id === null ? null : this.order;
    this.map.fire("feature:over", id === null ? null : { layer: this.id, id });
  }

  // The same layer as tiles.
  #grid() {
    const looks = new TileLooks(() => ({ style: this.style, faint: this.#faint, geometry: this.geometry }));
    return new TileGrid({
      ...looks.place(this.order),
      layer: this.id,
      collection: this.id,
      parameters: () => asked.ofLayer(this.id),
      properties: (zoom) => tileProperties(zoom, this.style, this.title_field),
      look: looks.look,
      feature: (id) => this.known.fetch(id),
      nameOf: ({ id, properties }, feature) => (feature || zoomedIn(this.map) ? this.titleOf(feature ?? { id, properties }) : ""),
      failed: tell,
    });
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
    this.#repaint();
  }

  #repaint() {
    for (const path of this.#paths.values()) path.setStyle(pathOptions(this.style, path.feature, this.#faint));
    this.#tiles?.repaint();
  }

  // Another look: fetched anew only when it needs other fields.
  restyle(style) {
    this.style = style;
    if (!this.map) return undefined;
    if (this.#asked !== this.#asking) return this.reload();
    this.#repaint();
    this.map.fire("features:shown", { layer: this.id });
    return this.refresh();
  }

  // Another filter than the one that what is drawn was fetched with.
  refilter() {
    return this.map && this.#asked !== this.#asking ? this.reload() : undefined;
  }

  get #asking() {
    return JSON.stringify([asked.ofLayer(this.id), this.#properties()]);
  }

  get paths() {
    return this.#paths.values();
  }

  // What a feature is drawn as; one that stands in a tile only, as far as it was asked for.
  path(id) {
    const known = this.#tiles?.shown && this.known.get(id);
    return this.#paths.get(id) ?? (known ? { feature: known, options: {} } : undefined);
  }

  get inRange() {
    const zoom = this.map.getZoom();
    return zoom >= this.style.min_zoom && zoom <= (this.style.max_zoom ?? Infinity);
  }

  get tiled() {
    return this.count > TILED && this.map.getZoom() < Math.max(CLOSE, this.#crowded + 1);
  }

  // What the tiles in view draw otherwise than feature by feature: {points, counted}; null without tiles.
  get generalised() {
    return this.#tiles?.shown ? this.#tiles.generalised : null;
  }

  async refresh() {
    if (!this.visible || !this.inRange) return this.#hide();
    if (this.tiled) return this.#showTiles();
    if (!this.map.hasLayer(this.#group)) this.map.addLayer(this.#group).fire("features:shown");
    if (this.count === 0) return undefined;
    if (this.#covers(this.map.getBounds()) || (this.#request && this.#coming === "whole")) return undefined;
    return this.#fetch().catch(tell);
  }

  #hide() {
    this.#tiles?.remove();
    if (this.map.hasLayer(this.#group)) this.map.removeLayer(this.#group).fire("features:hidden");
  }

  // Nothing is drawn twice.
  #showTiles() {
    if (this.#tiles.shown) return this.#tiles.drawn;
    this.#request?.abort();
    this.#draw([]);
    this.#loaded = this.#coming = null;
    this.#asked = this.#asking;
    this.shown = null;
    return this.#tiles.addTo(this.map).drawn;
  }

  // Forget what was fetched: after an import, an undo, or an edit elsewhere.
  reload() {
    this.#loaded = this.#coming = null;
    this.#crowded = -1;
    this.#asked = this.#asking;
    this.known.clear();
    this.#tiles.reload();
    return this.refresh();
  }

  // Show one feature's present state without fetching the rest.
  replace(feature) {
    if (asked.ofLayer(this.id).filter) return void this.reload(); // whether it still meets it only the service can tell
    if (this.#request) return void this.reload(); // what is on its way was read before
    this.remove(feature.id);
    if (feature.geometry && this.#group && !this.#tiles.shown) this.#add(feature);
    this.map.fire("features:shown");
  }

  remove(id) {
    this.#titles = null;
    this.known.clear();
    this.#tiles.reload();
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
    const whole = this.count <= TILED;
    const box = this.map.getBounds().pad(0.25);
    this.#coming = whole ? "whole" : box;
    this.#asked = this.#asking;
    const parameters = { ...asked.ofLayer(this.id), limit: WHOLE, properties: this.#properties().join(",") };
    if (!whole) parameters.bbox = boxText(box);
    const zoom = this.map.getZoom();
    this.map.fire("features:loading", { layer: this.id, busy: true });
    try {
      const { body } = await call("GET", address(`/ogc/collections/${this.id}/items`, parameters), { signal: request.signal });
      if (!whole && body.numberMatched > body.features.length) return this.#tooMany(zoom);
      this.#draw(body.features);
      this.#tiles.remove();
      this.shown = { returned: body.features.length, matched: body.numberMatched ?? body.features.length };
      const complete = this.shown.returned >= this.shown.matched;
      this.#loaded = complete ? this.#coming : null;
      this.map.fire("features:shown", { layer: this.id, complete });
    } finally {
      if (this.#request === request) this.#request = null;
      this.map.fire("features:loading", { layer: this.id, busy: false });
    }
  }

  #tooMany(zoom) {
    this.#crowded = zoom;
    return this.refresh();
  }

  #properties() {
    return [...new Set(["code", this.title_field, this.style.by, this.style.label].filter(Boolean))];
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

const zoomedIn = (map) => map.getZoom() >= NAMED;

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
