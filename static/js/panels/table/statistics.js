// What the rows say in one field, over all that match or the chosen ones: counts, figures, and a picture of how they are spread.

import { address, call } from "../../core/api.js";
import { fill, h } from "../../core/dom.js";
import { isEmpty, valueText } from "../../core/format.js";
import { label, number, t } from "../../core/i18n.js";

const BINS = 16;
const LISTED = 12; // values that are shown one by one
const FIGURES = ["min", "median", "mean", "max", "sum"];
const BARE = ["year", "date"]; // no sum and no mean of these

export class Statistics {
  #request = null;

  constructor() {
    this.element = h("div", { class: "statistics", "aria-live": "polite" });
  }

  // `collection` and `parameters` as for the rows; the last one asked for is shown. `say(value)`: how the table shows a value.
  async show(collection, parameters, field, say = (value) => valueText(field, value)) {
    this.stop();
    const { signal } = (this.#request = new AbortController());
    fill(this.element, h("p", { class: "muted" }, t("table.stats.coming")));
    try {
      const { sortby, ...asked } = parameters;
      const { body } = await call("GET", address(`/api/statistics/${collection}`, { ...asked, fields: field.name, bins: BINS }), { signal });
      if (!signal.aborted) fill(this.element, told(field, body.fields[0], body.matched, say));
    } catch (error) {
      if (error.name === "AbortError") return;
      fill(this.element, h("p", { class: "note error", role: "alert" }, error.message, " ", error.wayOut ?? ""));
    }
  }

  stop() {
    this.#request?.abort();
  }
}

// Fields of which there is something to count.
export const countable = (fields) => fields.filter(({ type, name }) => type !== "json" && name !== "why");

function told(field, found, matched, say) {
  const spread = found.bins?.length ? histogram(field, found.bins) : found.values?.length ? listed(found, say) : null;
  return [
    h("p", { class: "known" }, t("table.stats.known", { known: found.known, matched }), found.unknown > 0 && h("span", { class: "tag warn" }, t("table.stats.unknown", { n: found.unknown }))),
    found.known > 0 && figures(field, found),
    found.known > 0 && spread,
  ];
}

const TIMES = ["date", "datetime", "year"];
const BY_TIME = { min: "first", max: "last" };

function figures(field, found) {
  const bare = BARE.includes(field.type);
  const word = (name) => (TIMES.includes(field.type) && BY_TIME[name]) || name;
  const named = FIGURES.filter((name) => !isEmpty(found[name]) && !(bare && ["sum", "mean"].includes(name)));
  const pairs = named.map((name) => [t(`table.stats.${word(name)}`), said(field, found[name])]);
  if (!isEmpty(found.distinct)) pairs.push([t("table.stats.distinct"), number(found.distinct)]);
  return h("dl", {}, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

const said = (field, value) => valueText(field, typeof value === "number" ? short(value) : value);

// Figures to read: two decimals, of small ones three digits.
const short = (value) => (Math.abs(value) >= 1 ? Math.round(value * 100) / 100 : Number(value.toPrecision(3)));

function histogram(field, bins) {
  const most = Math.max(...bins.map(({ count }) => count), 1);
  const named = ({ low, high, count }) => t("table.stats.bin", { low: said(field, low), high: said(field, high), n: count });
  return h(
    "figure",
    {},
    h("ul", { class: "bars", "aria-label": t("table.stats.spread") }, bins.map((bin) => h("li", { title: named(bin) }, h("i", { css: { height: `${(100 * bin.count) / most}%` } }), h("span", { class: "hidden" }, named(bin))))),
    h("figcaption", {}, h("span", {}, said(field, bins[0].low)), h("span", {}, said(field, bins.at(-1).high))),
  );
}

function listed({ values, others, known }, say) {
  const shown = values.filter(({ count }) => count > 0).slice(0, LISTED);
  const rest = known - shown.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(...shown.map(({ count }) => count), 1);
  const line = (name, count) =>
    h("li", {}, h("span", { class: "name", title: name }, name), h("i", { css: { width: `${(100 * Math.min(count, most)) / most}%` } }), h("b", {}, number(count)));
  return h("ul", { class: "counts-of" }, shown.map(({ value, label: name, count }) => line(label(name === String(value) ? "" : name) || say(value), count)), (others > 0 || rest > 0) && line(t("table.stats.others"), rest));
}

// A choice of fields over their statistics: `parameters()` is asked anew each time.
export function statisticsOf({ collection, parameters, fields, field = fields[0] }) {
  const shown = new Statistics();
  const choice = h("select", { "aria-label": t("table.stats.field"), data: { first: "" } }, fields.map((one) => h("option", { value: one.name, selected: one === field }, label(one.label))));
  const show = () => shown.show(collection, parameters(), fields.find(({ name }) => name === choice.value));
  choice.addEventListener("change", show);
  show();
  return { element: h("div", {}, choice, shown.element), stop: () => shown.stop() };
}

// The layer's and question's fields by name, in the order of the table first.
export function ordered(fields, names) {
  const first = names.map((name) => fields.find((field) => field.name === name)).filter(Boolean);
  return [...first, ...fields.filter((field) => !first.includes(field))];
}
