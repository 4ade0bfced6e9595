// One field of what is filtered: its histogram or its values with counts, and what of them is chosen.

import { fill, h } from "../core/dom.js";
import { fieldLabel } from "../core/format.js";
import { label, number, t } from "../core/i18n.js";
import { pressed } from "../core/pressed.js";

const FEW = 8; // values listed before "show all"

const DAY = 86_400_000;

let drawing = 0;

// Draws fields anew: one that is typed in leaves the page for that, which the browser takes for the end of typing.
export function anew(draw) {
  drawing += 1;
  try {
    return draw();
  } finally {
    drawing -= 1;
  }
}

// `choice` is what geo's facets call chosen (null = mixed conditions); `choose(choice or null)` changes it.
export class Facet {
  #all = false;
  #dragging = false;

  constructor(field, choose) {
    this.field = field;
    this.choose = choose;
    this.root = h("div", { class: "facet-body", data: { facet: field.name } });
  }

  show(spread, choice) {
    this.spread = spread;
    this.choice = choice === undefined ? {} : choice;
    if (this.#dragging || pressed(this.root, () => this.show(this.spread, this.choice))) return;
    const held = this.root.contains(document.activeElement) ? document.activeElement : null;
    anew(() => fill(this.root, this.#body()));
    if (held?.dataset.key) this.#hold(held);
  }

  // Counts that arrive while somebody types take neither the place nor what is typed.
  #hold(held) {
    const again = this.root.querySelector(`[data-key="${CSS.escape(held.dataset.key)}"]`);
    if (again && held.dataset.was !== undefined && held.value !== held.dataset.was) owe(again, held.value);
    again?.focus({ preventScroll: true });
  }

  #body() {
    if (this.choice === null) return h("p", { class: "muted" }, t("filter.mixed"));
    if (!this.spread) return h("p", { class: "muted" }, t("filter.counting"));
    const { bins, values } = this.spread;
    return [bins ? this.#range() : this.#values(values), this.#unknown()];
  }

  // numbers, years and days -----------------------------------------------------------------------------------------------

  #range() {
    const { bins, min, max, known } = this.spread;
    if (!bins.length) return h("p", { class: "muted" }, t("filter.novalues"));
    const most = Math.max(...bins.map((bin) => bin.of ?? bin.count), 1);
    const said = known ? t("filter.histogram", { field: fieldLabel(this.field), min: said_(this.field, min), max: said_(this.field, max), n: known }) : t("filter.nonehere");
    const bars = h("div", { class: "bars", role: "img", "aria-label": said }, bins.map((bin) => this.#bar(bin, most)));
    this.#brush(bars, bins);
    return [bars, h("p", { class: "ends muted" }, h("span", {}, edge(this.field, bins[0].low)), h("span", {}, edge(this.field, bins.at(-1).high))), this.#ends()];
  }

  #bar(bin, most) {
    const [low, high] = [plain(this.choice.low), plain(this.choice.high)];
    const on = (low === undefined || bin.high > low) && (high === undefined || bin.low < high || (bin.low === high && !this.choice.open));
    const title = t("filter.bar", { low: edge(this.field, bin.low), high: edge(this.field, bin.high), n: bin.count, of: bin.of ?? bin.count });
    return h(
      "span",
      { class: `bar${on ? "" : " out"}`, title, css: { "--of": String(root(bin.of ?? bin.count, most)), "--n": String(root(bin.count, most)) } },
      h("i", { class: "of" }),
      h("i", { class: "n" }),
    );
  }

  // Dragging over the bars chooses from the first to the last of them.
  #brush(bars, bins) {
    let from = null;
    const at = (event) => Math.min(bins.length - 1, Math.max(0, Math.floor(((event.clientX - bars.getBoundingClientRect().left) / bars.clientWidth) * bins.length)));
    const mark = (a, b) => [...bars.children].forEach((bar, i) => bar.classList.toggle("out", i < Math.min(a, b) || i > Math.max(a, b)));
    bars.addEventListener("pointerdown", (event) => {
      from = at(event);
      this.#dragging = true;
      bars.setPointerCapture(event.pointerId);
      mark(from, from);
    });
    bars.addEventListener("pointermove", (event) => from !== null && mark(from, at(event)));
    bars.addEventListener("pointercancel", () => ((from = null), (this.#dragging = false)));
    bars.addEventListener("pointerup", (event) => {
      if (from === null) return;
      this.#dragging = false;
      const [a, b] = [from, at(event)].sort((one, other) => one - other);
      from = null;
      this.#take({ ...this.#between(bins[a].low, bins[b].high), unknown: this.choice.unknown });
    });
  }

  // A range of whole numbers or days is said with both ends in it, one of other numbers ends before its end.
  #between(low, high) {
    if (this.field.type === "number") return { low, high, open: true };
    if (this.field.type === "date") return { low: { date: low }, high: { date: new Date(Date.parse(high) - DAY).toISOString().slice(0, 10) } };
    return { low, high: high - 1 };
  }

  #ends() {
    const { low, high, open } = this.choice;
    const date = this.field.type === "date";
    const kind = { type: date ? "date" : "number", step: this.field.type === "number" ? "any" : "1" };
    const take = (name) => (event) => {
      const text = event.target.value;
      const value = text === "" ? undefined : date ? { date: text } : Number(text);
      this.#take(this.#kept({ ...this.choice, values: undefined, [name]: value, ...(name === "high" ? { open: false } : {}) }));
    };
    const input = (name, value, said) =>
      h("label", {}, h("span", {}, said), h("input", { ...kind, value: plain(value) ?? "", onchange: take(name), data: { key: name, was: String(plain(value) ?? "") } }));
    return h("div", { class: "range" }, input("low", low, t("filter.from")), input("high", high, t(open ? "filter.below" : "filter.to")));
  }

  // values ------------------------------------------------------------------------------------------------------------------

  #values(values) {
    const text = !["choice", "boolean"].includes(this.field.type);
    const picked = this.choice.values ?? [];
    const missing = picked.filter((value) => !values.some((one) => one.value === value)).map((value) => ({ value, label: word(this.field, value), count: 0 }));
    const listed = [...missing, ...values];
    const most = Math.max(...listed.map((one) => one.of ?? one.count), 1);
    const shown = this.#all || !text ? listed : listed.filter((one, i) => i < FEW || picked.includes(one.value));
    const rest = listed.length - shown.length;
    return [
      text && this.#search(),
      h("ul", { class: "values" }, shown.map((one) => this.#value(one, most))),
      rest > 0 && h("button", { type: "button", class: "link", onclick: () => ((this.#all = true), this.show(this.spread, this.choice)) }, t("filter.more", { n: rest })),
      this.spread.others > 0 && h("p", { class: "muted" }, t("filter.others", { n: this.spread.others })),
    ];
  }

  #search() {
    const take = (event) => this.#take(this.#kept({ has: event.target.value.trim() || undefined, unknown: this.choice.unknown }));
    return h(
      "input",
      { type: "search", class: "has", value: this.choice.has ?? "", placeholder: t("filter.has"), "aria-label": t("filter.has.of", { field: fieldLabel(this.field) }), onchange: take, data: { key: "has", was: this.choice.has ?? "" } },
    );
  }

  #value({ value, label: name, count, of }, most) {
    const picked = this.choice.values ?? [];
    const toggle = (event) => {
      const now = this.choice.values ?? [];
      const values = event.target.checked ? [...now, value] : now.filter((one) => one !== value);
      this.#take(this.#kept({ values, unknown: this.choice.unknown }));
    };
    return row(label(name), count, of, most, picked.includes(value), toggle, `v-${value}`);
  }

  #unknown() {
    const { unknown } = this.spread;
    if (!unknown && !this.choice.unknown) return null;
    const toggle = (event) => this.#take(this.#kept({ ...this.choice, unknown: event.target.checked || undefined }));
    return h("ul", { class: "values unknown" }, row(t("filter.blank"), unknown, undefined, unknown || 1, Boolean(this.choice.unknown), toggle, "unknown"));
  }

  // What is chosen next goes by this at once, whenever the counts come.
  #take(choice) {
    if (drawing) return;
    this.choice = choice ?? {};
    this.choose(choice);
  }

  // Nothing chosen is no condition at all.
  #kept(choice) {
    const { values, low, high, has, unknown } = choice;
    return values?.length || low !== undefined || high !== undefined || has || unknown ? choice : null;
  }
}

// What a hand had typed is put in by script, which the browser does not count as typed: it is told when that is left or entered.
function owe(input, typed) {
  let told = false;
  const tell = () => !told && !drawing && input.value !== input.dataset.was && input.dispatchEvent(new Event("change"));
  input.value = typed;
  input.addEventListener("change", () => (told ||= !drawing));
  input.addEventListener("keyup", ({ key }) => key === "Enter" && tell());
  input.addEventListener("blur", tell);
}

// What is chosen, in a few words for the heading.
export function summary(field, choice) {
  if (!choice) return choice === null ? t("filter.mixed.short") : "";
  const { values, low, high, open, has, unknown } = choice;
  const known = [
    values?.length ? values.map((value) => word(field, value)).join(t("filter.comma")) : "",
    low !== undefined && high !== undefined ? `${said_(field, low)}${open ? "≤ … <" : "–"}${said_(field, high)}` : "",
    low !== undefined && high === undefined ? `≥ ${said_(field, low)}` : "",
    high !== undefined && low === undefined ? `${open ? "<" : "≤"} ${said_(field, high)}` : "",
    has ? t("filter.has.short", { text: has }) : "",
    unknown ? t("filter.unknown") : "",
  ];
  return known.filter(Boolean).join(t("filter.comma"));
}

function row(name, count, of, most, on, toggle, key) {
  const counted = of === undefined || of === count ? number(count) : t("filter.of", { n: count, of });
  return h(
    "li",
    { css: { "--of": String((of ?? count) / most), "--n": String(count / most) } },
    h("label", {}, h("input", { type: "checkbox", checked: on, onchange: toggle, data: { key } }), h("span", { class: "name", title: name }, name), h("span", { class: "count" }, counted)),
    h("i", { class: "of" }),
    h("i", { class: "n" }),
  );
}

const word = (field, value) => label(field.choices?.find((one) => one.value === value)?.label) || (typeof value === "boolean" ? t(value ? "value.yes" : "value.no") : said_(field, value));

// A day as its text, anything else as it is.
const plain = (value) => value?.date ?? value;

const said_ = (field, value) => (value?.date ?? (field.type === "year" ? String(value) : typeof value === "number" ? number(value) : String(value)));
const edge = said_;

// Small counts stay visible beside large ones: a bar's height is the root of its share.
const root = (count, most) => (count ? Math.max(Math.sqrt(count / most), 0.06) : 0);
