// Names on the map: drawn on a canvas of their own, big things first, none over another.

import { NEAR } from "./symbols.js";

const STEPS = [0, 15, -15, 28, -28]; // where else an area's name may go, in pixels below or above its middle
const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif';

// Boxes already taken, found by the squares of a coarse grid they lie in.
class Boxes {
  #squares = new Map();

  free(box) {
    return !this.#cells(box).some((cell) => this.#squares.get(cell)?.some((other) => overlap(box, other)));
  }

  take(box) {
    for (const cell of this.#cells(box)) {
      if (!this.#squares.has(cell)) this.#squares.set(cell, []);
      this.#squares.get(cell).push(box);
    }
  }

  #cells([west, north, east, south]) {
    const cells = [];
    for (let x = west >> 6; x <= east >> 6; x += 1) for (let y = north >> 6; y <= south >> 6; y += 1) cells.push(`${x} ${y}`);
    return cells;
  }
}

const overlap = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

export class Labels {
  #canvas = document.createElement("canvas");
  #due = 0;

  constructor(map) {
    this.map = map;
    const pane = map.createPane("labels");
    pane.classList.add("passive");
    this.#canvas.setAttribute("aria-hidden", "true");
    pane.append(this.#canvas);
    map.on("moveend zoomend resize features:shown features:fanned viewreset", () => this.#later());
    map.on("zoomstart", () => this.#clear());
  }

  #later() {
    cancelAnimationFrame(this.#due);
    this.#due = requestAnimationFrame(() => this.#draw());
  }

  #clear() {
    this.#canvas.width = 0;
  }

  #draw() {
    const size = this.map.getSize();
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this.#canvas, { width: size.x * ratio, height: size.y * ratio });
    this.#canvas.style.width = `${size.x}px`;
    this.#canvas.style.height = `${size.y}px`;
    L.DomUtil.setPosition(this.#canvas, this.map.containerPointToLayerPoint([0, 0]));
    const context = this.#canvas.getContext("2d");
    context.scale(ratio, ratio);
    Object.assign(context, { textAlign: "center", textBaseline: "middle", lineJoin: "round" });
    const shown = [...this.map.featureLayers.values()].filter((layer) => layer.visible && layer.inRange);
    const taken = this.#symbols(shown, size);
    const layers = shown
      .filter((layer) => layer.style.label_zoom !== null && this.map.getZoom() >= layer.style.label_zoom)
      .sort((a, b) => a.order - b.order);
    for (const layer of layers) for (const path of layer.paths) this.#label(context, layer, path, taken, size);
  }

  // Marks of points are never written over.
  #symbols(layers, size) {
    const taken = new Boxes();
    const paths = layers.flatMap((layer) => [...layer.paths]);
    for (const path of paths) {
      if (!path.fan) continue;
      const { x, y } = this.#at(path);
      const r = path.options.radius + 1;
      if (x > -r && y > -r && x < size.x + r && y < size.y + r) taken.take([x - r, y - r, x + r, y + r]);
    }
    return taken;
  }

  // The pixel where a point is drawn.
  #at(path) {
    const at = this.map.latLngToContainerPoint(path.getLatLng());
    return path.options.fan && this.map.getZoom() >= NEAR ? at.add(path.options.fan) : at;
  }

  #label(context, layer, path, taken, size) {
    const name = path.feature.properties[layer.title_field];
    if (typeof name !== "string" || !name) return;
    const text = name.length > 18 ? `${name.slice(0, 17)}…` : name;
    const { at: middle, width, area } = this.#place(path);
    let at = middle;
    if (!at || at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) return;
    const large = area && width > 420;
    context.font = `${large ? 600 : 500} ${large ? 14 : 12}px ${FONT}`;
    const length = context.measureText(text).width;
    if (length > Math.max(width * 1.25, 0)) return;
    const boxAt = ({ x, y }) => [x - length / 2 - 4, y - 9, x + length / 2 + 4, y + 9];
    at = (area ? STEPS : [0]).map((step) => middle.add([0, step])).find((place) => taken.free(boxAt(place)));
    if (!at) return;
    taken.take(boxAt(at));
    context.lineWidth = 3.5;
    context.strokeStyle = "rgba(255, 255, 255, 0.92)";
    context.strokeText(text, at.x, at.y);
    context.fillStyle = large ? "#4a5563" : "#1d2733";
    context.fillText(text, at.x, at.y);
  }

  // Where the name goes and how many pixels wide the feature is there.
  #place(path) {
    if (path.getLatLng)
      return { at: this.#at(path).add([0, path.options.radius + 11]), width: 200, area: false };
    const area = path instanceof L.Polygon;
    const bounds = path.getBounds();
    const west = this.map.latLngToContainerPoint(bounds.getSouthWest());
    const east = this.map.latLngToContainerPoint(bounds.getNorthEast());
    path.labelAt ??= bounds.getCenter();
    return {
      at: this.map.latLngToContainerPoint(path.labelAt),
      width: Math.hypot(east.x - west.x, area ? 0 : east.y - west.y),
      area,
    };
  }
}
