// Groups of conditions joined by "and" or "or", one in another, with the CQL2 that they make.

import { fill, h, icon } from "../core/dom.js";
import { fieldLabel } from "../core/format.js";
import { label, t } from "../core/i18n.js";
import { group, test, tests, write } from "./cql2.js";
import { opText } from "./saying.js";

const OPS = {
  number: ["=", "<>", "<", "<=", ">", ">=", "between", "null"],
  date: ["=", "<", "<=", ">", ">=", "between", "null"],
  choice: ["in", "null"],
  boolean: ["=", "null"],
  text: ["has", "=", "<>", "in", "like", "null"],
};
const DEEPEST = 4;

export class Builder {
  // `apply(text)` is called whenever the conditions are whole.
  constructor(apply) {
    this.apply = apply;
    this.root = h("div", { class: "builder" });
  }

  // `tree` null: the text cannot be read. A tree that says the same as the one being edited leaves that one alone.
  show(tree, fields, text) {
    if (!tree) return h("p", { class: "note warn" }, t("filter.unreadable"));
    const same = this.tree && this.fields?.map(({ name }) => name).join() === fields.map(({ name }) => name).join() && write(this.tree) === text;
    this.fields = fields;
    if (!same) this.tree = structuredClone(tree);
    if (!this.tree.items.length) this.tree.items.push(this.#fresh());
    this.#render();
    return this.root;
  }

  #render() {
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.cql = h("output", { class: "cql", "aria-label": t("filter.cql.made") });
    this.open = h("p", { class: "muted", hidden: true }, t("filter.incomplete"));
    fill(this.root, this.#group(this.tree, null, "g"), h("h3", {}, t("filter.cql.made")), this.cql, this.open);
    this.#tell();
    if (focused) this.root.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
  }

  #tell() {
    this.cql.textContent = write(this.tree) || "—";
    this.open.hidden = tests(this.tree).every(whole);
  }

  #changed(again = true) {
    if (again) this.#render();
    else this.#tell();
    if (tests(this.tree).every((one) => whole(one) || tests(this.tree).length === 1)) this.apply(write(this.tree));
  }

  #fresh() {
    const field = this.fields.find(({ type }) => type === "year" || type === "choice") ?? this.fields[0];
    return test(field.name, OPS[kindOf(field)][0]);
  }

  #group(one, parent, key, depth = 1) {
    const op = h(
      "select",
      { "aria-label": t("filter.join"), onchange: (event) => (([one.op, one.not] = event.target.value.split("-").map((part, i) => (i ? part === "not" : part))), this.#changed()), data: { key: `${key}-op` } },
      [["and-", t("filter.all")], ["or-", t("filter.any")], ["and-not", t("filter.notall")], ["or-not", t("filter.none")]].map(([value, said]) =>
        h("option", { value, selected: value === `${one.op}-${one.not ? "not" : ""}` }, said),
      ),
    );
    const drop = parent && this.#drop(parent, one, `${key}-drop`);
    const add = (made) => () => (one.items.push(made()), this.#changed());
    return h(
      "fieldset",
      { class: "conditions" },
      h("legend", { class: "hidden" }, t("filter.group")),
      h("div", { class: "join" }, op, drop),
      h("ul", {}, one.items.map((item, i) => h("li", {}, this.#item(item, one, `${key}.${i}`, depth)))),
      h(
        "div",
        { class: "adding" },
        h("button", { type: "button", class: "quiet", onclick: add(() => this.#fresh()), data: { key: `${key}-add` } }, icon("plus"), t("filter.add")),
        depth < DEEPEST && h("button", { type: "button", class: "quiet", onclick: add(() => group(one.op === "and" ? "or" : "and", [this.#fresh()])), data: { key: `${key}-nest` } }, icon("plus"), t("filter.add.group")),
      ),
    );
  }

  #item(item, parent, key, depth) {
    if (item.kind === "group") return this.#group(item, parent, key, depth + 1);
    if (item.kind === "text") return h("div", { class: "condition" }, h("code", {}, item.cql), this.#drop(parent, item, `${key}-drop`));
    const field = this.fields.find(({ name }) => name === item.field);
    if (!field) return h("div", { class: "condition" }, h("code", {}, write(group("and", [item]))), this.#drop(parent, item, `${key}-drop`));
    return h(
      "div",
      { class: `condition${whole(item) ? "" : " open"}` },
      this.#fieldOf(item, key),
      this.#opOf(item, field, key),
      h("div", { class: "operand" }, this.#valuesOf(item, field, key)),
      this.#drop(parent, item, `${key}-drop`),
    );
  }

  #drop(parent, item, key) {
    const drop = () => {
      parent.items.splice(parent.items.indexOf(item), 1);
      this.#changed();
    };
    return h("button", { type: "button", class: "round", title: t("filter.drop"), "aria-label": t("filter.drop"), onclick: drop, data: { key } }, icon("close"));
  }

  #fieldOf(item, key) {
    const change = (event) => {
      const field = this.fields.find(({ name }) => name === event.target.value);
      Object.assign(item, test(field.name, OPS[kindOf(field)][0]));
      this.#changed();
    };
    return h("select", { "aria-label": t("filter.field"), onchange: change, data: { key: `${key}-f` } }, this.fields.map((field) => h("option", { value: field.name, selected: field.name === item.field }, fieldLabel(field))));
  }

  #opOf(item, field, key) {
    const known = OPS[kindOf(field)].flatMap((op) => (["in", "null", "has", "like", "between"].includes(op) ? [op, `not-${op}`] : [op]));
    const now = `${item.not ? "not-" : ""}${item.op}`;
    const change = (event) => {
      const [, no, op] = /^(not-)?(.+)$/.exec(event.target.value);
      Object.assign(item, { op, not: Boolean(no), values: op === "null" ? [] : op === "between" ? item.values.slice(0, 2) : op === "in" ? item.values : item.values.slice(0, 1) });
      this.#changed();
    };
    const listed = known.includes(now) ? known : [...known, now];
    return h("select", { "aria-label": t("filter.op"), onchange: change, data: { key: `${key}-o` } }, listed.map((op) => h("option", { value: op, selected: op === now }, opText(op))));
  }

  #valuesOf(item, field, key) {
    if (item.op === "null") return null;
    if (field.choices?.length) return this.#choices(item, field, key);
    if (field.type === "boolean") return this.#select(item, [[true, t("value.yes")], [false, t("value.no")]], key);
    if (item.op === "in") return this.#input(item, field, 0, `${key}-v`, { value: item.values.map((one) => one?.date ?? one).join(", "), read: (text) => text.split(/[,，;；]/).map((one) => typed(one.trim(), field)).filter((one) => one !== null) });
    const one = (i, said) => this.#input(item, field, i, `${key}-v${i}`, { said });
    return item.op === "between" ? [one(0, t("filter.from")), h("span", { "aria-hidden": "true" }, "–"), one(1, t("filter.to"))] : one(0, t("filter.value"));
  }

  #choices(item, field, key) {
    const toggle = (value) => (event) => {
      item.values = event.target.checked ? [...item.values, value] : item.values.filter((one) => one !== value);
      item.not ||= item.op === "<>"; // "is not" one of several
      item.op = "in";
      this.#changed(false);
    };
    return h("div", { class: "choices", role: "group", "aria-label": label(field.label) }, field.choices.map(({ value, label: said }) =>
      h("label", {}, h("input", { type: "checkbox", checked: item.values.includes(value), onchange: toggle(value), data: { key: `${key}-${value}` } }), label(said)),
    ));
  }

  #select(item, options, key) {
    const change = (event) => {
      item.values = event.target.value === "" ? [] : [event.target.value === "true"];
      this.#changed(false);
    };
    return h("select", { "aria-label": t("filter.value"), onchange: change, data: { key: `${key}-v` } }, h("option", { value: "" }, "—"), options.map(([value, said]) => h("option", { value: String(value), selected: item.values[0] === value }, said)));
  }

  #input(item, field, at, key, { said = t("filter.values"), value, read } = {}) {
    const change = (event) => {
      const text = event.target.value.trim();
      if (read) item.values = read(text);
      else item.values[at] = typed(text, field, item.op);
      this.#changed(false);
    };
    const kind = kindOf(field);
    const plain = item.values[at]?.date ?? item.values[at] ?? "";
    return h("input", { type: read ? "text" : kind === "number" ? "number" : kind === "date" ? "date" : "text", step: "any", value: value ?? plain, "aria-label": said, placeholder: read ? t("filter.values") : "", onchange: change, data: { key } });
  }
}

const kindOf = ({ type }) => (["integer", "number", "year"].includes(type) ? "number" : OPS[type] ? type : "text");

function typed(text, field) {
  if (text === "") return null;
  if (kindOf(field) === "number") return Number(text);
  return kindOf(field) === "date" ? { date: text } : text;
}

const whole = (one) => write(group("and", [one])) !== "";
