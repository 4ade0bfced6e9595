// The rows of an answer as a table: only what is in view is in the page, so a hundred thousand rows scroll as ten.

import { catalogue } from "../core/catalogue.js";
import { fill, h } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { isEmpty, titleText, valueText } from "../core/format.js";

const HEIGHT = 36; // pixels of one row, as in the style sheet
const SPARE = 8;
const UNITS = { m: t("unit.m"), buildings: t("unit.buildings"), households: t("unit.households"), records: t("unit.records") };

export class Table {
  #rows = [];
  #columns = [];
  #selected = null;
  #due = 0;

  // `nameOf(layer, code)` gives the title of a feature that a row refers to, when it is known.
  constructor(root, { select, hover, sort, nameOf }) {
    Object.assign(this, { root, select, hover, sort, nameOf });
    this.head = h("tr", {});
    this.body = h("tbody", {});
    this.grid = h("table", { role: "grid" }, h("thead", {}, this.head), this.body);
    root.append(this.grid);
    root.addEventListener("scroll", () => this.#later());
    new ResizeObserver(() => this.#later()).observe(root);
    this.body.addEventListener("click", (event) => this.#row(event, (feature) => this.select(feature)));
    this.body.addEventListener("mouseover", (event) => this.#row(event, (feature) => this.hover(feature)));
    this.body.addEventListener("mouseleave", () => this.hover(null));
    this.body.addEventListener("keydown", (event) => this.#key(event));
  }

  show(question, features, sort = null, columns = question ? columnsOf(question, features, this.nameOf) : []) {
    this.#rows = features;
    this.#columns = columns;
    this.root.hidden = features.length === 0;
    this.grid.setAttribute("aria-rowcount", String(features.length + 1));
    fill(
      this.head,
      this.#columns.map((column) => this.#heading(column, sort)),
    );
    this.root.scrollTop = 0;
    this.#render();
    this.mark(this.#selected);
  }

  // Mark a feature's row and bring it into view.
  mark(id) {
    this.#selected = id;
    const at = this.#rows.findIndex((feature) => feature.id === id);
    const top = at * HEIGHT;
    if (at >= 0 && (top < this.root.scrollTop || top > this.root.scrollTop + this.root.clientHeight - 2 * HEIGHT))
      this.root.scrollTop = Math.max(0, top - HEIGHT);
    this.#render();
  }

  #heading(column, sort) {
    const direction = sort === column.name ? "ascending" : sort === `-${column.name}` ? "descending" : "none";
    if (column.fixed) return h("th", { scope: "col", class: column.class }, column.title);
    return h(
      "th",
      { scope: "col", class: column.class, "aria-sort": direction },
      h("button", { type: "button", title: t("table.sort"), onclick: () => this.sort(column.name) }, column.title),
    );
  }

  #later() {
    cancelAnimationFrame(this.#due);
    this.#due = requestAnimationFrame(() => this.#render());
  }

  #render() {
    const first = Math.max(0, Math.floor(this.root.scrollTop / HEIGHT) - SPARE);
    const last = Math.min(this.#rows.length, Math.ceil((this.root.scrollTop + this.root.clientHeight) / HEIGHT) + SPARE);
    const focused = document.activeElement?.closest?.("tr")?.dataset.at;
    const space = (count) => count > 0 && h("tr", { class: "space", "aria-hidden": "true", css: { height: `${count * HEIGHT}px` } });
    fill(
      this.body,
      space(first),
      this.#rows.slice(first, last).map((feature, i) => this.#line(feature, first + i)),
      space(this.#rows.length - last),
    );
    if (focused !== undefined) this.body.querySelector(`[data-at="${focused}"]`)?.focus({ preventScroll: true });
  }

  #line(feature, at) {
    const chosen = feature.id === this.#selected;
    return h(
      "tr",
      { tabindex: "0", "aria-rowindex": String(at + 2), "aria-selected": String(chosen), data: { at, feature: feature.id } },
      this.#columns.map((column) =>
        h("td", { class: column.class, title: column.long ? column.text(feature.properties) : null }, column.cell(feature)),
      ),
    );
  }

  #row(event, then) {
    const at = event.target.closest("tr[data-at]")?.dataset.at;
    if (at !== undefined) then(this.#rows[Number(at)]);
  }

  #key(event) {
    const at = Number(event.target.closest("tr")?.dataset.at);
    if (event.key === "Enter") this.select(this.#rows[at]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !this.#rows[at + step]) return;
    event.preventDefault();
    const next = this.body.querySelector(`[data-at="${at + step}"]`);
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
    this.hover(this.#rows[at + step]);
  }
}

// Name, answer, value, how it is known, remarks and why; other fields of the answer that are filled come as remarks.
export function columnsOf(question, features, nameOf) {
  const unit = unitOf(features);
  const valued = features.some((feature) => !isEmpty(feature.properties.value));
  return allColumns(question, nameOf, unit).filter((column) => column.name !== "value" || valued);
}

function allColumns(question, nameOf, unit) {
  const subject = catalogue.layers.get(question.subject);
  const title = subject.fields.find((field) => field.name === subject.title_field);
  const text = (name, field, extra = {}) => ({
    name,
    title: label(field.label),
    text: (p) => valueText(field, p[name]),
    cell: (f) => valueText(field, f.properties[name]),
    ...extra,
  });
  const own = question.fields;
  const field = (name) => own.find((one) => one.name === name) ?? { name, type: "text", label: t(`column.${name}`) };
  const flags = own.filter((one) => one.type === "boolean" && !one.name.startsWith("declared_")); // what a ledger says is no remark
  return [
    {
      name: title.name,
      title: label(title.label),
      class: "title",
      text: (p) => valueText(title, p[title.name]),
      cell: (f) =>
        h(
          "span",
          { class: "name" },
          titleText(f, subject),
          !f.geometry && h("span", { class: "tag" }, t("unplaced.one")),
        ),
    },
    ...belonging(subject, nameOf),
    ...judged(subject, text),
    {
      name: "answer",
      title: t("column.answer"),
      class: "judged",
      text: (p) => answerWord(question, p.answer),
      cell: (f) => badge(f.properties.answer, question),
    },
    {
      name: "value",
      title: unit ? t("column.value.unit", { unit: unitLabel(unit) }) : t("column.value"),
      class: "figure",
      text: (p) => valueOf(p, unit),
      cell: (f) => valueOf(f.properties, unit),
    },
    ...(subject.derived ? [] : [text("basis", field("basis"), { class: "narrow" })]),
    {
      name: "why",
      title: t("column.why"),
      class: "why",
      fixed: true,
      long: true,
      text: (p) => p.why ?? "",
      cell: (f) => [
        flags.filter((one) => f.properties[one.name] === true).map((one) => h("span", { class: "tag warn" }, label(one.label))),
        f.properties.why ?? "",
      ],
    },
  ];
}

// Of a row that is about another feature: its name, and its class (the severity of a finding).
function judged(subject, text) {
  if (!subject.derived) return [];
  const names = [
    ["target_name", "owner"],
    [subject.style.by, "narrow"],
  ];
  const own = names.filter(([name]) => name !== subject.title_field);
  const known = own.map(([name, style]) => [subject.fields.find((one) => one.name === name), style]).filter(([field]) => field);
  return known.map(([field, style]) => text(field.name, field, { class: style }));
}

// What the row belongs to: the feature it refers to, by name, and what else tells it from others of its name.
function belonging(subject, nameOf) {
  const first = subject.fields.find((one) => one.refers && one.writable !== false);
  const names = new Set([first?.name, ...(subject.natural_key ?? [])].filter((name) => name && name !== subject.title_field));
  return [...names].slice(0, 2).map((name) => {
    const field = subject.fields.find((one) => one.name === name);
    const text = (p) => (field.refers && nameOf(field.refers, p[name])) ?? valueText(field, p[name]);
    return { name, title: label(field.label), class: "owner", text, cell: (f) => text(f.properties) };
  });
}

// The unit that all values share; null when there is none, or several.
function unitOf(features) {
  const units = new Set(features.filter((feature) => !isEmpty(feature.properties.value)).map((feature) => feature.properties.unit));
  return units.size === 1 ? ([...units][0] ?? null) : null;
}

// The question's own word for an answer, where yes and no would not do.
export const answerWord = (question, answer) => (question?.answers ? label(question.answers[answer]) : t(`answer.${answer}`));

export const badge = (answer, question) =>
  h("span", { class: `badge ${answer}` }, h("span", { class: "mark", "aria-hidden": "true" }), answerWord(question, answer));

const unitLabel = (unit) => UNITS[unit] ?? label(unit);

const SAID = ["answer", "value", "unit", "why"]; // of an answer, told before its other fields

// What an answer says besides: its fields that hold something, the limit in the unit of the value.
export function otherFields(question, properties) {
  const told = question.fields.filter(({ name }) => !SAID.includes(name) && !isEmpty(properties[name]) && properties[name] !== false);
  return told.map((field) => (field.name === "threshold" && properties.unit ? { ...field, unit: unitLabel(properties.unit) } : field));
}

// `said`: the unit that stands in the heading already.
export function valueOf({ value, unit }, said = null) {
  if (isEmpty(value)) return "—";
  const year = unit === "年" && value >= 1000;
  const shown = typeof value === "number" && !year ? valueText({ type: "number" }, value) : String(value);
  return unit && unit !== said ? `${shown} ${unitLabel(unit)}` : shown;
}
