// A place as typed coordinates, one point a line: the way to place, draw and move by keyboard, and to take over surveyed figures.

import { fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { lengthM, project, unproject, zone } from "./geodesy.js";

const DIGITS = 9; // of degrees: a tenth of a millimetre
const LEAST = { Point: 1, LineString: 2, Polygon: 3 };

// The rings or parts of a geometry as lists of [lon, lat]; the last corner of an outline is not the first again.
export function ringsIn({ type, coordinates }) {
  const open = (ring) => (type.endsWith("Polygon") ? ring.slice(0, -1) : ring);
  const parts = type.endsWith("Polygon") ? (type === "Polygon" ? coordinates : coordinates.flat()) : type === "MultiLineString" ? coordinates : type === "Point" ? [[coordinates]] : [coordinates];
  return parts.map(open);
}

// A geometry like `model` of other rings, as many as it has.
export function rebuilt({ type, coordinates }, rings) {
  const closed = rings.map((ring) => (type.endsWith("Polygon") ? [...ring, ring[0]] : ring));
  if (type === "Point") return { type, coordinates: rings[0][0] };
  if (type === "LineString" || type === "MultiPoint") return { type, coordinates: rings[0] };
  if (type === "MultiPolygon") return { type, coordinates: coordinates.map((part) => closed.splice(0, part.length)) };
  return { type, coordinates: closed };
}

// [lon, lat] of a line with two numbers: degrees, or metres in the zone `epsg` or in the one that a prefix names; null = not to be read.
// Of two ways to read metres (east first, north first) the one nearer to `near` is meant.
export function readPlace(line, epsg, near) {
  const numbers = line.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
  if (numbers.length !== 2) return null;
  const [one, two] = numbers;
  if (Math.abs(one) <= 180 && Math.abs(two) <= 180) return Math.abs(two) <= 90 ? [one, two] : Math.abs(one) <= 90 ? [two, one] : null;
  const ways = [metric(one, two, epsg), metric(two, one, epsg)].filter(Boolean);
  const far = ([lng, lat]) => lengthM([{ lat, lng }, near]);
  return ways.sort((a, b) => far(a) - far(b))[0] ?? null;
}

function metric(east, north, epsg) {
  const prefix = Math.floor(east / 1_000_000);
  const own = prefix >= 25 && prefix <= 45 ? { meridian: 3 * prefix, scale: 1, east: 500_000, north: 0 } : zone(epsg);
  const metres = own && prefix >= 25 ? east % 1_000_000 : east;
  if (!own || metres < 0 || metres > 1_000_000 || Math.abs(north) > 10_000_000) return null;
  const { lat, lng } = unproject(metres, north, own);
  const back = project(lat, lng, own);
  return Math.abs(back.east - metres) < 0.001 && Math.abs(back.north - north) < 0.001 ? [lng, lat] : null;
}

export class TypedPlace {
  #known = new Map(); // a line as it is written → the place it stands for, to the last digit
  #many = 1;

  // `present()`: the geometry that is drawn, or null; `model`: one of the kind that is wanted; `take(geometry)` draws another.
  constructor(map, { model, present, take }) {
    Object.assign(this, { map, model, present, take });
    const id = "typed-place";
    this.text = h("textarea", { id, rows: 3, spellcheck: "false", autocomplete: "off", "aria-describedby": `${id}-wrong` });
    this.wrong = h("p", { class: "note error", id: `${id}-wrong`, role: "alert", hidden: true });
    const button = (name, key, run) => h("button", { type: "button", class: name, onclick: run }, t(key));
    const crs = zone(map.metricCrs) ? map.metricCrs : null;
    this.panel = h(
      "div",
      { class: "typed-place", hidden: true, onkeydown: (event) => this.#key(event) },
      h("label", { for: id }, t(crs ? "place.typed.both" : "place.typed.degrees", { crs })),
      this.text,
      this.wrong,
      h("div", { class: "actions" }, button("typed-middle", "place.typed.middle", () => this.#middle()), button("typed-apply", "place.typed.apply", () => this.#apply())),
    );
    this.button = h("button", { type: "button", class: "quiet typed-open", "aria-expanded": "false", onclick: () => this.#toggle() }, t("place.typed"));
  }

  #toggle() {
    this.panel.hidden = !this.panel.hidden;
    this.button.setAttribute("aria-expanded", String(!this.panel.hidden));
    if (this.panel.hidden) return this.button.focus({ preventScroll: true });
    const geometry = this.present();
    if (geometry) this.#show(ringsIn(geometry));
    return this.text.focus({ preventScroll: true });
  }

  #show(rings) {
    const line = (place) => {
      const said = place.slice(0, 2).map((degrees) => degrees.toFixed(DIGITS)).join(", ");
      this.#known.set(said, place);
      return said;
    };
    this.#many = rings.length;
    this.text.value = rings.map((ring) => ring.map(line).join("\n")).join("\n\n");
    this.text.rows = Math.min(8, Math.max(3, this.text.value.split("\n").length));
  }

  // Escape closes this before it gives up the drawing.
  #key(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.#toggle();
  }

  #middle() {
    const { lat, lng } = this.map.getCenter();
    const said = `${lng.toFixed(7)}, ${lat.toFixed(7)}`;
    this.text.value = this.model.type === "Point" ? said : [this.text.value.trimEnd(), said].filter(Boolean).join("\n");
    this.#apply({ quiet: true });
  }

  #apply({ quiet = false } = {}) {
    const { rings, problem } = this.#read();
    this.wrong.hidden = !problem || quiet;
    fill(this.wrong, problem ?? "");
    this.text.setAttribute("aria-invalid", String(Boolean(problem) && !quiet));
    if (problem) return quiet ? undefined : this.text.focus();
    return this.take(rebuilt(this.present() ?? this.model, rings));
  }

  #read() {
    const rings = [[]];
    for (const [at, raw] of this.text.value.trim().split("\n").entries()) {
      const line = raw.trim();
      const place = this.#known.get(line) ?? readPlace(line, this.map.metricCrs, this.map.getCenter());
      if (!line) rings.push([]);
      else if (!place) return { problem: t("place.typed.wrong", { line: at + 1, text: line }) };
      else rings.at(-1).push(place);
    }
    const filled = rings.filter((ring) => ring.length);
    const least = LEAST[this.model.type.replace("Multi", "")];
    if (!filled.length || filled.some((ring) => ring.length < least)) return { problem: t("place.typed.few", { n: least }) };
    if (this.model.type === "Point" && filled[0].length > 1) return { problem: t("place.typed.one") };
    if (filled.length !== this.#many) return { problem: t("place.typed.parts", { n: this.#many }) };
    return { rings: filled };
  }
}
