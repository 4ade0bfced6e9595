// A new feature of a layer: pick the layer, draw its place, fill its facts; what it lies in is proposed.

import { get } from "../core/api.js";
import { catalogue } from "../core/catalogue.js";
import { fill, h } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { tell } from "../core/toast.js";
import { swatch } from "../map/controls.js";
import { Menu } from "./menu.js";

export class Creator {
  // `details` shows the form; "feature:add" on the map starts one from anywhere.
  constructor(root, map, placer, details) {
    Object.assign(this, { map, placer, details });
    this.list = h("div", { class: "kinds" });
    this.menu = new Menu(root, { id: "create-menu", mark: "plus", name: t("create"), onopen: () => this.#choices() }, h("h2", {}, t("create.which")), this.list);
    map.on("feature:add", ({ layer }) => this.start(layer));
  }

  #choices() {
    const groups = new Map();
    for (const layer of catalogue.layers.values()) if (!layer.derived) groups.set(layer.group, [...(groups.get(layer.group) ?? []), layer]);
    fill(
      this.list,
      [...groups].map(([group, layers]) => [h("h3", {}, label(group)), h("ul", {}, layers.map((layer) => h("li", {}, this.#choice(layer))))]),
    );
    this.list.querySelector("button")?.focus();
  }

  #choice(layer) {
    const drawn = this.map.featureLayers.get(layer.id);
    return h("button", { type: "button", class: "quiet", data: { create: layer.id }, onclick: () => this.start(layer.id) }, drawn && swatch(drawn), label(layer.label));
  }

  async start(id) {
    this.menu.close();
    const layer = catalogue.layers.get(id);
    const geometry = await this.placer.draw(layer);
    this.details.create(layer, await this.#proposed(layer, geometry), geometry, () => this.placer.draw(layer));
  }

  // The codes of what the new feature lies in: its compound.
  async #proposed(layer, geometry) {
    const place = geometry && inside(geometry);
    const holders = layer.fields.filter((field) => field.refers && field.writable !== false && catalogue.layers.get(field.refers)?.geometry.includes("Polygon"));
    if (!place) return {};
    const found = await Promise.all(holders.map((field) => holding(field.refers, place).catch(tell)));
    return Object.fromEntries(holders.map((field, at) => [field.name, found[at]]).filter(([, code]) => code));
  }
}

async function holding(layer, [lon, lat]) {
  const filter = `S_INTERSECTS(geometry, POINT(${lon} ${lat}))`;
  const { features } = await get(`/ogc/collections/${layer}/items`, { filter, properties: "code", limit: 2 });
  return features.length === 1 ? features[0].properties.code : null; // of two it might be either
}

// A position of the geometry: the point, or the middle one of a line's or ring's corners.
function inside({ type, coordinates }) {
  let list = coordinates;
  if (type === "Point") return list;
  while (Array.isArray(list[0][0])) list = list[0];
  if (type.endsWith("LineString")) return list[Math.floor(list.length / 2)];
  const ring = list.slice(1);
  return [0, 1].map((axis) => ring.reduce((sum, place) => sum + place[axis], 0) / ring.length);
}
