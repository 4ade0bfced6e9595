// Two people changed one feature: field by field what it was, what is there now, what I want; I choose only where both changed the same field.

import { h } from "../core/dom.js";
import { valueText } from "../core/format.js";
import { label, t } from "../core/i18n.js";

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

export class Merge {
  // `before`: what I saw, `mine`: what I changed, `theirs`: what is there now.
  constructor(fields, before, mine, theirs, { keep, take }) {
    Object.assign(this, { before, mine, theirs });
    this.fields = fields.filter(({ name }) => (name in mine && !same(mine[name], theirs[name])) || !same(before[name], theirs[name]));
    this.clashes = this.fields.filter(({ name }) => this.#clash(name));
    this.chosen = new Map(this.clashes.map(({ name }) => [name, "mine"]));
    this.button = h("button", { type: "button", class: "primary", onclick: () => keep(this.merged()) }, t("merge.save"));
    this.element = h(
      "section",
      { class: "merge", role: "group", "aria-label": t("merge.title") },
      h("h3", {}, t("merge.title")),
      h("p", {}, t(this.clashes.length ? "merge.clash" : "merge.clean", { n: this.clashes.length })),
      h("ul", {}, this.fields.map((field) => this.#field(field))),
      h("div", { class: "actions" }, this.button, h("button", { type: "button", class: "quiet", onclick: take }, t("merge.take"))),
    );
  }

  #clash(name) {
    return name in this.mine && !same(this.before[name], this.theirs[name]) && !same(this.mine[name], this.theirs[name]);
  }

  focus() {
    (this.element.querySelector("input") ?? this.button).focus({ preventScroll: true });
  }

  // What is sent: my changes, but where theirs was chosen.
  merged() {
    return Object.fromEntries(
      Object.entries(this.mine).filter(([name, value]) => this.chosen.get(name) !== "theirs" && !same(value, this.theirs[name])),
    );
  }

  #field(field) {
    const { name } = field;
    const was = h("p", { class: "muted" }, t("merge.before", { value: valueText(field, this.before[name]) }));
    if (!this.#clash(name)) {
      const [key, value] = name in this.mine ? ["merge.only.mine", this.mine[name]] : ["merge.only.theirs", this.theirs[name]];
      return h("li", {}, h("b", {}, label(field.label)), was, h("p", {}, t(key, { value: valueText(field, value) })));
    }
    const pick = (side, value) =>
      h(
        "label",
        { class: "pick" },
        h("input", { type: "radio", name: `merge-${name}`, value: side, checked: side === "mine", onchange: () => this.chosen.set(name, side) }),
        h("span", { class: "muted" }, t(`merge.${side}`)),
        h("span", {}, valueText(field, value)),
      );
    return h(
      "li",
      { class: "clash" },
      h("fieldset", {}, h("legend", {}, label(field.label)), was, pick("mine", this.mine[name]), pick("theirs", this.theirs[name])),
    );
  }
}
