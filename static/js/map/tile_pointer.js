// The pointer over tiles: what lies under it is named, outlined and opened like a feature that is drawn one by one; a count is opened by zooming in.

import { address, call } from "../core/api.js";
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";

const REST_MS = 120; // the pointer rests so long before a name is asked for

// One for a map: made with the first layer, so that it hears a click before the workspace does.
export function watchTiles(map) {
  map.tilePointer ??= new TilePointer(map);
}

class TilePointer {
  #over = null;
  #rest = 0;
  #tip = L.tooltip({ sticky: true, className: "tip", direction: "right", offset: [12, 0] });
  #due = 0;

  constructor(map) {
    this.map = map;
    map.on("mousemove", (event) => this.#later(event.latlng));
    map.on("mouseout movestart zoomstart", () => this.#leave());
    map.on("click", (event) => this.#click(event));
  }

  // The uppermost thing of all tiles here that lies above `order`.
  top(latlng, order = -Infinity) {
    const grids = [...(this.map.tileGrids ?? [])].filter((grid) => grid.rank > order).sort((a, b) => b.rank - a.rank);
    for (const grid of grids) {
      const found = grid.at(latlng);
      if (found) return { grid, ...found };
    }
    return null;
  }

  // True when something of the tiles was opened.
  open(latlng, order) {
    const found = !this.map.tool && this.top(latlng, order);
    if (!found) return false;
    const { grid, item } = found;
    if (item.id === null) this.map.setView(found.latlng, Math.min(this.map.getZoom() + 2, 18));
    else this.map.fire("feature:click", { layer: grid.layer, id: item.id, latlng });
    return true;
  }

  #click(event) {
    if (event.taken || !this.open(event.latlng)) return;
    event.taken = true;
  }

  #later(latlng) {
    cancelAnimationFrame(this.#due);
    this.#due = requestAnimationFrame(() => this.#move(latlng));
  }

  #move(latlng) {
    if (this.map.tool || !this.map.tileGrids?.size) return this.#leave();
    const found = this.top(latlng, this.map.pathOver ?? -Infinity);
    if (!found) return this.#leave();
    this.#tip.setLatLng(latlng);
    if (this.#over && found.grid === this.#over.grid && found.item === this.#over.item) return undefined;
    this.#leave();
    this.#over = found;
    this.map.getContainer().style.cursor = "pointer";
    this.#say(found.item.id === null ? t("tiles.count", { n: found.item.count }) : found.grid.nameOf(found.item));
    if (found.item.id !== null) this.#rest = setTimeout(() => this.#ask(found), REST_MS);
    return undefined;
  }

  #say(text) {
    if (!text) return;
    this.#tip.setContent(typeof text === "string" ? h("span", {}, text) : text);
    if (!this.map.hasLayer(this.#tip)) this.#tip.addTo(this.map);
  }

  // The whole feature: its name where the tile has none, its exact outline.
  async #ask(found) {
    const { grid, item } = found;
    const feature = await grid.feature(item.id).catch(() => null);
    if (!feature || this.#over !== found) return;
    this.#say(grid.nameOf(item, feature));
    this.map.fire("feature:over", { layer: grid.layer, id: item.id });
  }

  #leave() {
    clearTimeout(this.#rest);
    if (!this.#over) return;
    this.#over = null;
    this.map.getContainer().style.cursor = "";
    this.#tip.remove();
    this.map.fire("feature:over", null);
  }
}

// Features that were asked for one by one.
export class Known {
  #features = new Map();

  // `parameters`: those that an answer takes.
  constructor(collection, parameters = {}) {
    Object.assign(this, { collection, parameters });
  }

  get(id) {
    return this.#features.get(id);
  }

  async fetch(id) {
    if (!this.#features.has(id)) {
      const { body } = await call("GET", address(`/ogc/collections/${this.collection}/items/${id}`, this.parameters), { quiet: true });
      if (this.#features.size > 200) this.#features.clear();
      this.#features.set(id, body);
    }
    return this.#features.get(id);
  }

  clear() {
    this.#features.clear();
  }
}
