// How a layer's things look in tiles: as Leaflet's path options, made once for each class.

import { answerOptions, pathOptions } from "./style.js";

export const NAMED = 15; // zoom from which tiles bring names: below, they would weigh more than all shapes

const TYPES = { point: "Point", line: "LineString", area: "Polygon" };

// The fields that a tile of this zoom of the map must have; one that is short where none is needed.
export function tileProperties(zoom, style, title, always = []) {
  const named = zoom >= NAMED ? ["code", title, style.label] : [];
  const wanted = [...new Set([...always, style.by, ...named].filter(Boolean))];
  return wanted.length ? wanted : ["quality"];
}

export class TileLooks {
  #made = new Map();
  #of = null;

  // `now()` gives {style, geometry, faint} or {style, geometry, answers: true, derived} as they are when tiles are drawn.
  constructor(now) {
    this.now = now;
    this.look = (item) => this.#look(item);
  }

  // Where the tiles lie among the layers of this order.
  place(order) {
    const kinds = this.now().geometry.map((kind) => kind.replace("Multi", ""));
    const dots = kinds.some((kind) => kind !== "Point");
    const below = kinds.includes("Polygon");
    return { order, dots, below, rank: order + (below ? -1000 : 1000) };
  }

  #look(item) {
    const now = this.now();
    const state = `${now.faint}`;
    if (this.#of?.style !== now.style || this.#of.state !== state) this.#forget(now, state);
    const key = `${item.kind} ${item.properties[now.style.by]} ${item.properties.answer ?? ""}`;
    if (!this.#made.has(key)) this.#made.set(key, { key, options: this.#options(now, item) });
    return this.#made.get(key);
  }

  #forget({ style }, state) {
    this.#made.clear();
    this.#of = { style, state };
  }

  // A point that stands for a small area or line has the colours of its like.
  #options({ style, geometry, faint, answers, derived }, { kind, properties }) {
    const own = geometry.some((one) => one.endsWith(TYPES[kind])) || !geometry.length;
    const feature = { properties, geometry: { type: own ? TYPES[kind] : geometry[0] } };
    return answers ? answerOptions({ style, derived }, feature) : pathOptions(style, feature, faint);
  }
}
