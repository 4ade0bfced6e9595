// The small map of a figure: compounds shaded by how many of what is counted they have; each community leads into the workspace.

import { h } from "../core/dom.js";
import { number, t } from "../core/i18n.js";
import { Plane } from "../card/plane.js";
import { s } from "../card/svg.js";
import { link } from "./links.js";

const WIDTH = 240;
const HIGHEST = 220;
const NO = "no";
const OPEN = "open";
const NONE = "none";
const STEPS = ["step1", "step2", "step3"];

export class Maps {
  // `made`: the answer of /api/figures/maps. Paths are made once for all figures.
  constructor(made) {
    this.made = made;
    const free = new Plane(made.box, WIDTH);
    this.plane = free.height > HIGHEST ? new Plane(made.box, WIDTH, HIGHEST) : free;
    this.paths = made.shapes.map((shape) => this.#path(shape));
    this.areas = made.communities.map(({ name, geometry }) => [name, this.plane.path(geometry)]);
    const drawn = new Set(this.areas.map(([name]) => name));
    this.outside = [...new Set(made.of)].filter((name) => !drawn.has(name)).map((name) => [name, null]);
  }

  #path(shape) {
    if (shape.type !== "Point") return this.plane.path(shape);
    const [x, y] = this.plane.at(shape.coordinates);
    return `M${x - 2} ${y - 2}h4v4h-4Z`;
  }

  draw(measure, places) {
    const steps = this.#steps(measure);
    const classes = this.made.ids.map((_, i) => this.#class(measure, i, steps));
    const drawn = s(
      "svg",
      { class: measure.whole ? "choropleth mere" : "choropleth", viewBox: `0 0 ${WIDTH} ${this.plane.height}`, role: "group", "aria-label": t("overview.map.of", { measure: measure.label }) },
      [...this.areas, ...this.outside].map(([name, d]) => this.#part(measure, places, name, d && s("path", { class: "area", d }), classes)),
    );
    return h("figure", { class: "smallmap" }, drawn, this.#legend(measure, steps, new Set(classes)));
  }

  // A community with its compounds, as one link; the table's lines are the same links for the keyboard.
  #part(measure, places, name, before, classes) {
    const mine = classes.map((_, i) => i).filter((i) => this.made.of[i] === name);
    const kinds = [...new Set(mine.map((i) => classes[i]))];
    const paths = kinds.map((kind) => s("path", { class: kind, d: mine.filter((i) => classes[i] === kind).map((i) => this.paths[i]).join("") }));
    const place = name === null ? null : places.find(({ community }) => community === name);
    const href = place && link(measure, place);
    if (!href) return s("g", {}, before, paths);
    const { yes, total } = place.figures[measure.id];
    return s("a", { href, tabindex: "-1", "aria-hidden": "true" }, s("title", {}, t("overview.map.part", { place: name, yes, total })), before, paths);
  }

  #class(measure, i, steps) {
    const { yes, no, unknown } = this.made.counts[measure.id];
    if (yes[i] > 0) return steps.length > 1 ? STEPS[steps.findIndex(([, high]) => yes[i] <= high)] : STEPS[2];
    return unknown[i] > 0 ? OPEN : no[i] > 0 ? NO : NONE;
  }

  // Up to three classes with about as many compounds in each; a figure of the compounds themselves has one.
  #steps(measure) {
    const found = this.made.counts[measure.id].yes.filter((n) => n > 0).sort((a, b) => a - b);
    if (!found.length) return [];
    const ends = [...new Set([1, 2, 3].map((n) => found[Math.ceil((found.length * n) / 3) - 1]))];
    return ends.map((high, i) => [i ? ends[i - 1] + 1 : found[0], high]);
  }

  #legend(measure, steps, there) {
    const used = steps.length > 1 ? steps.map((_, i) => STEPS[i]) : [STEPS[2]];
    const range = ([low, high]) => (low === high ? number(low) : `${number(low)}–${number(high)}`);
    const counted = measure.layer === "compounds" ? t("overview.key.yes") : null;
    const entries = [
      ...(steps.length ? used.map((kind, i) => [kind, counted ?? t("overview.map.count", { range: range(steps[i]), subject: measure.subject })]) : []),
      ...(there.has(OPEN) ? [[OPEN, t("overview.key.unknown")]] : []),
      ...(there.has(NO) ? [[NO, counted ? t("overview.key.no") : t("overview.map.zero")]] : []),
      ...(there.has(NONE) ? [[NONE, t("overview.map.nothing")]] : []),
    ];
    return h(
      "figcaption",
      {},
      h("ul", {}, entries.map(([kind, said]) => h("li", {}, s("svg", { class: measure.whole ? "choropleth mere" : "choropleth", width: 16, height: 12, viewBox: "0 0 16 12", "aria-hidden": "true" }, s("path", { class: kind, d: "M1 1H15V11H1Z" })), said))),
      this.made.total > this.made.ids.length && h("p", { class: "muted" }, t("overview.map.many", { n: this.made.total })),
    );
  }
}
