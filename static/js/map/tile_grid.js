// Features of a collection as vector tiles: fetched for the view, drawn on a canvas each, drawn anew when only their looks change.

import { address, bytes } from "../core/api.js";
import { SIDE, decode, isOwn } from "./tile_data.js";
import { drawTile, dotRadius, markRadius } from "./tile_draw.js";
import { find } from "./tile_find.js";

export const TILED = 5000; // features from which a set comes as tiles: below, one answer with all of them is drawn sooner
export const CLOSE = 16; // from this zoom on those in view are few, and come one by one with their names

const NATIVE = 20; // zoom from which tiles are only drawn larger
const DPR = 2; // more pixels than this for one of the screen are not seen

const Grid = L.GridLayer.extend({
  options: { tileSize: SIDE, keepBuffer: 1, updateWhenZooming: false, maxNativeZoom: NATIVE, minZoom: 1 },

  initialize(owner, options) {
    this.owner = owner;
    L.GridLayer.prototype.initialize.call(this, options);
  },

  createTile(coords, done) {
    const canvas = L.DomUtil.create("canvas", "vector-tile");
    const ratio = Math.min(DPR, window.devicePixelRatio || 1);
    canvas.width = canvas.height = SIDE * ratio;
    canvas.stop = new AbortController();
    this.owner.fill(canvas, coords).then(
      () => done(null, canvas),
      (error) => done(error, canvas),
    );
    return canvas;
  },
});

export class TileGrid {
  #grid = null;
  #fetched = new Map(); // address → items, the newest last
  #sums = new WeakMap(); // items of a tile → what of them is generalised

  // `collection`, `parameters()` and `properties()` say what is fetched; `look(item)` how a thing is drawn; `dots` whether points stand for
  // smaller areas; `layer` where a click belongs; `order`, `below` and `rank` where the tiles lie.
  constructor(asked) {
    Object.assign(this, asked);
  }

  addTo(map) {
    if (this.#grid) return this;
    this.map = map;
    this.#grid = new Grid(this, { pane: pane(map, this.order, this.below) });
    this.#grid.on("loading", () => map.fire("features:loading", { layer: this.layer, busy: true }));
    this.#grid.on("load", () => this.#loaded());
    this.drawn = new Promise((resolve) => this.#grid.once("load remove", resolve));
    this.#grid.on("tileerror", ({ error }) => error.name !== "AbortError" && this.failed?.(error));
    this.#grid.on("tileunload", ({ tile }) => tile.stop.abort());
    this.#grid.addTo(map);
    (map.tileGrids ??= new Set()).add(this);
    return this;
  }

  remove() {
    if (!this.#grid) return;
    this.map.tileGrids.delete(this);
    this.#grid.remove();
    this.#grid = null;
    this.map.fire("features:loading", { layer: this.layer, busy: false });
  }

  get shown() {
    return this.#grid !== null;
  }

  // Other data, or other conditions.
  reload() {
    this.#fetched.clear();
    this.#grid?.redraw();
  }

  // Other looks of the same data.
  repaint() {
    for (const canvas of this.#canvases()) this.#paint(canvas);
  }

  async fill(canvas, coords) {
    canvas.zoom = coords.z;
    canvas.items = await this.#items(coords, canvas.stop.signal);
    this.#paint(canvas);
  }

  async #items({ x, y, z }, signal) {
    const columns = 2 ** (z - 1);
    const column = ((x % columns) + columns) % columns;
    if (y < 0 || y >= columns) return [];
    const path = `/ogc/collections/${this.collection}/tiles/WebMercatorQuad/${z - 1}/${y}/${column}`;
    const url = address(path, { ...this.parameters(), properties: this.properties(z).join(",") });
    if (!this.#fetched.has(url)) this.#keep(url, decode(await bytes(url, { signal }), this.collection));
    return this.#fetched.get(url);
  }

  #keep(url, items) {
    this.#fetched.set(url, items);
    if (this.#fetched.size > 64) this.#fetched.delete(this.#fetched.keys().next().value);
  }

  #paint(canvas) {
    const context = canvas.getContext("2d");
    const ratio = canvas.width / SIDE;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, SIDE, SIDE);
    drawTile(context, canvas.items, this.look, { dots: this.dots, zoom: canvas.zoom });
  }

  #canvases() {
    return Object.values(this.#grid?._tiles ?? {}).map(({ el }) => el).filter((canvas) => canvas.items);
  }

  // What the tiles in view hold: things drawn as points instead of their shapes, and features that are parts of a count.
  get generalised() {
    const sums = { points: 0, counted: 0 };
    for (const { items } of this.#canvases()) {
      if (!this.#sums.has(items)) this.#sums.set(items, summed(items));
      const { points, counted } = this.#sums.get(items);
      sums.points += this.dots ? points : 0;
      sums.counted += counted;
    }
    return sums;
  }

  #loaded() {
    this.map.fire("features:loading", { layer: this.layer, busy: false });
    this.map.fire("features:shown", { layer: this.layer, complete: true, generalised: this.generalised });
  }

  // The thing under a place, and how far it is from being one feature: {item, latlng}. Null when there is none.
  at(latlng) {
    const zoom = this.#grid?._tileZoom;
    if (zoom === undefined) return null;
    const place = this.map.project(latlng, zoom).divideBy(SIDE);
    const key = `${Math.floor(place.x)}:${Math.floor(place.y)}:${zoom}`;
    const canvas = this.#grid._tiles[key]?.el;
    if (!canvas?.items) return null;
    const item = find(canvas.items, (place.x % 1) * SIDE, (place.y % 1) * SIDE, (one) => this.#radius(one, zoom));
    return item && { item, latlng: this.#latlng(item, key) };
  }

  #radius(item, zoom) {
    return this.dots ? Math.max(4, dotRadius(item.count)) : Math.max(5, markRadius(item, this.look(item).options, zoom));
  }

  // The middle of a thing.
  #latlng({ box }, key) {
    const [x, y, zoom] = key.split(":").map(Number);
    const middle = L.point(x * SIDE + (box[0] + box[2]) / 2, y * SIDE + (box[1] + box[3]) / 2);
    return this.map.unproject(middle, zoom);
  }
}

function summed(items) {
  const own = items.filter((item) => item.kind === "point" && isOwn(item));
  const counts = own.filter(({ id }) => id === null);
  return { points: own.length - counts.length, counted: counts.reduce((sum, { count }) => sum + count, 0) };
}

// Areas lie below what is drawn one by one, lines and points above it; among themselves in the order of the layers.
function pane(map, order, below) {
  const name = `tiles-${below ? "below" : "above"}-${order}`;
  if (!map.getPane(name)) {
    const made = map.createPane(name);
    made.classList.add("passive");
    made.style.zIndex = String((below ? 300 : 410) + order);
  }
  return name;
}
