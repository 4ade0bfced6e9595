// Names on the map: drawn on a canvas of their own, big things first, none over another.

import { valueText } from "../core/format.js";
import { NEAR, sizeAt } from "./symbols.js";

const STEPS = [0, 15, -15, 28, -28]; // where else an area's name may go, in pixels below or above its middle
const REST_MS = 120; // the map rests so long before names are written anew
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
  #rest = 0;
  #ink = null;

  constructor(map) {
    this.map = map;
    const pane = map.createPane("labels");
    pane.classList.add("passive");
    this.#canvas.setAttribute("aria-hidden", "true");
    pane.append(this.#canvas);
    map.on("zoomend resize features:fanned layers:restacked layers:restyled viewreset", () => this.#later());
    map.on("moveend features:shown features:hidden", () => this.#settle());
    addEventListener("themechange", () => this.#later());
    map.on("zoomstart", () => this.#clear());
    this.#settle(); // what came before
  }

  // The map may move on, and more may be coming.
  #settle() {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#later(), REST_MS);
  }

  #later() {
    clearTimeout(this.#rest);
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
    this.#ink = inks();
    for (const layer of layers) for (const path of this.#largestFirst(layer)) this.#label(context, layer, path, taken, size);
  }

  // In the order of their size, ties by id: what is written does not depend on the order in which features came.
  #largestFirst(layer) {
    const extent = (path) => {
      if (path.getLatLng) return 0;
      const { _northEast: a, _southWest: b } = path.getBounds();
      return (a.lat - b.lat) * (a.lng - b.lng);
    };
    return [...layer.paths]
      .filter((path) => path.feature)
      .map((path) => [(path.labelSize ??= extent(path)), path])
      .sort(([a, one], [b, other]) => b - a || one.feature.id - other.feature.id)
      .map(([, path]) => path);
  }

  // Marks of points are never written over.
  #symbols(layers, size) {
    const taken = new Boxes();
    const paths = layers.flatMap((layer) => [...layer.paths]);
    for (const path of paths) {
      if (!path.fan) continue;
      const { x, y } = this.#at(path);
      const r = path.options.radius * sizeAt(this.map.getZoom()) + 1;
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
    const name = nameOf(layer, path.feature.properties);
    if (!name) return;
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
    context.strokeStyle = this.#ink.halo;
    context.strokeText(text, at.x, at.y);
    context.fillStyle = large ? this.#ink.large : this.#ink.small;
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
    path.labelAt ??= area ? within(path, bounds.getCenter()) : middleOf(path, bounds.getCenter());
    return {
      at: this.map.latLngToContainerPoint(path.labelAt),
      width: Math.hypot(east.x - west.x, area ? 0 : east.y - west.y),
      area,
    };
  }
}

// What is written beside a feature: the field that was chosen, else its title.
function nameOf(layer, properties) {
  const { label: named, label_field: field } = layer.style;
  const value = properties[named ?? layer.title_field];
  if (value === null || value === undefined || value === "") return "";
  if (named) return field ? valueText(field, value) : String(value);
  return typeof value === "string" ? value : "";
}

// A point inside an area: its middle, or where that lies outside, the middle of the widest part at that height.
function within(path, middle) {
  const rings = path.getLatLngs().flat(path.feature.geometry.type === "MultiPolygon" ? 1 : 0);
  const crossings = rings.flatMap((ring) => ring.flatMap((a, i) => crossing(a, ring[(i + 1) % ring.length], middle.lat))).sort((a, b) => a - b);
  const spans = crossings.flatMap((west, i) => (i % 2 === 0 && i + 1 < crossings.length ? [[west, crossings[i + 1]]] : []));
  if (spans.length === 0 || spans.some(([west, east]) => west <= middle.lng && middle.lng <= east)) return middle;
  const [west, east] = spans.reduce((widest, span) => (span[1] - span[0] > widest[1] - widest[0] ? span : widest));
  return L.latLng(middle.lat, (west + east) / 2);
}

const crossing = (a, b, lat) => (a.lat > lat !== b.lat > lat ? [a.lng + ((lat - a.lat) / (b.lat - a.lat)) * (b.lng - a.lng)] : []);

// On a line: its middle vertex, so that the name never lies beside a bend.
function middleOf(path, middle) {
  const line = path.getLatLngs().flat(2);
  return line.length > 2 ? line[Math.floor(line.length / 2)] : middle;
}

// The colours of names on the present ground.
function inks() {
  const said = getComputedStyle(document.documentElement);
  const of = (name, otherwise) => said.getPropertyValue(name).trim() || otherwise;
  return { halo: of("--paper", "#ffffff"), small: of("--ink", "#17222e"), large: of("--ink-2", "#4a5563") };
}
