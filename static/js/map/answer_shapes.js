// What an answer has beside its rows: pinch points, routes, new pipes, drawn over everything with a white edge so that they stand out.

import { h } from "../core/dom.js";
import { label } from "../core/i18n.js";
import { toPath } from "./feature_layer.js";
import { kindOf } from "./style.js";
import { NEAR } from "./symbols.js";

const HALO = "#ffffff";
const DIM = 0.3; // the others', while a row with shapes is chosen

export class AnswerShapes {
  #groups = new Map(); // shape id → its group of paths
  #paths = new Map(); // row id → [{path, halo, shape}]
  #chosen = null;

  // `tip(id)` gives what is said of a row under the pointer.
  constructor(map, tip = () => "") {
    Object.assign(this, { map, tip });
    map.answerShapes = this;
    map.on("zoomend", () => this.#look());
  }

  // Rows of `subject` (a FeatureLayer) in one shape of the question.
  draw(subject, shape, features) {
    this.remove(shape.id);
    const group = L.featureGroup().addTo(this.map);
    group.bindTooltip((path) => h("span", {}, this.tip(path.feature.id), " · ", label(shape.label)), { sticky: true, className: "tip wide" });
    const at = (event) => ({ layer: subject.id, id: event.propagatedFrom.feature.id, latlng: event.latlng });
    group.on("click", (event) => {
      if (this.map.tool) return;
      L.DomEvent.stopPropagation(event);
      this.map.fire("feature:click", at(event));
    });
    group.on("mouseover", (event) => this.map.fire("feature:over", at(event)));
    group.on("mouseout", () => this.map.fire("feature:over", null));
    this.#groups.set(shape.id, group);
    for (const feature of features) if (feature.geometry) this.#add(group, shape, feature);
    this.#look();
    this.toFront();
  }

  #add(group, shape, feature) {
    const part = { shape, path: toPath(feature, this.#looks(shape, feature.geometry)), halo: null };
    if (kindOf(feature.geometry) === "line") {
      part.halo = toPath(feature, { color: HALO, weight: shape.weight + 4, opacity: 0.9, interactive: false });
      group.addLayer(part.halo);
    }
    group.addLayer(part.path);
    if (!this.#paths.has(feature.id)) this.#paths.set(feature.id, []);
    this.#paths.get(feature.id).push(part);
  }

  remove(id) {
    this.#groups.get(id)?.remove();
    this.#groups.delete(id);
    for (const [row, parts] of this.#paths) {
      const left = parts.filter((part) => part.shape.id !== id);
      if (left.length) this.#paths.set(row, left);
      else this.#paths.delete(row);
    }
  }

  clear() {
    for (const id of [...this.#groups.keys()]) this.remove(id);
  }

  has(id) {
    return this.#groups.has(id);
  }

  // How many rows a shape is drawn for.
  count(id) {
    return [...this.#paths.values()].filter((parts) => parts.some((part) => part.shape.id === id)).length;
  }

  // Where a row's shapes lie; null when it has none.
  boundsOf(id) {
    const bounds = L.latLngBounds([]);
    for (const { path } of this.#paths.get(id) ?? []) bounds.extend(path.getBounds?.() ?? path.getLatLng());
    return bounds.isValid() ? bounds : null;
  }

  // The chosen row's shapes stand out, the others step back.
  choose(id) {
    if (id === this.#chosen) return;
    this.#chosen = id;
    this.#look();
    this.toFront();
  }

  #look() {
    const chosen = this.#paths.has(this.#chosen) ? this.#chosen : null;
    for (const [id, parts] of this.#paths) {
      const strong = id === chosen;
      const share = chosen === null || strong ? 1 : DIM;
      for (const { shape, path, halo } of parts) {
        path.setStyle(this.#looks(shape, path.feature.geometry, strong, share));
        halo?.setStyle({ weight: shape.weight + (strong ? 8 : 4), opacity: 0.9 * share });
      }
    }
  }

  #looks(shape, geometry, strong = false, share = 1) {
    const { color, weight, symbol = null, dash = null } = shape;
    const kind = kindOf(geometry);
    const zoom = this.map.getZoom();
    const marked = zoom >= NEAR + 1 || strong; // hundreds of marks over a whole district would hide what they mark
    const radius = zoom < NEAR ? 2.5 : !marked ? 3.5 : zoom < NEAR + 2 || !symbol ? 6 : 8;
    if (kind === "point")
      return {
        radius: radius + (strong ? 3 : 0),
        color: HALO,
        weight: marked ? 2 : 1,
        opacity: share,
        fillColor: color,
        fillOpacity: share,
        symbol: marked ? symbol : null,
      };
    const line = { color, weight: weight + (strong ? 2.5 : 0), opacity: share, dashArray: dash, lineCap: "butt" };
    return kind === "line" ? line : { ...line, fillColor: color, fillOpacity: 0.2 * share };
  }

  // Areas below lines below points, edges below what they edge, the chosen row's last.
  toFront() {
    const parts = [...this.#paths].flatMap(([id, own]) => own.map((part) => ({ ...part, rank: RANK[kindOf(part.path.feature.geometry)] + (id === this.#chosen ? 10 : 0) })));
    for (const { halo } of parts) halo?.bringToFront();
    for (const { path, halo, rank } of parts.sort((a, b) => a.rank - b.rank)) {
      if (rank >= 10) halo?.bringToFront();
      path.bringToFront();
    }
  }
}

const RANK = { area: 0, line: 1, point: 2 };
