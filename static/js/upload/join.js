// The texts of a drawing go to the nearest feature of another dataset: which one, into which field, how near.

import { fill, h } from "../core/dom.js";
import { fieldLabel } from "../core/format.js";
import { label, t } from "../core/i18n.js";

const WITHIN_M = 5;
let made = 0; // tells the elements of joins apart
const FILLED = new Set(["text", "integer", "number", "choice", "year"]); // what a text can say

export class Join {
  // `others()`: the datasets that become features: [{name, title, declared}].
  constructor(found, others) {
    Object.assign(this, { found, others });
    this.wish = found.join ?? {};
    made += 1;
    this.to = h("select", { id: `join-to-${made}`, onchange: () => this.#fields() });
    this.field = h("select", { id: `join-field-${made}` });
    this.within = h("input", {
      type: "number",
      min: "0.1",
      max: "1000",
      step: "0.1",
      value: String(this.wish.within_m ?? WITHIN_M),
      id: `join-within-${made}`,
    });
    this.none = h("p", { class: "note warn" }, t("join.none"));
    const field = (key, input, unit) =>
      h("div", { class: "field" }, h("label", { for: input.id }, t(key)), h("div", { class: "with-unit" }, input, unit && h("span", { class: "unit" }, unit)));
    this.element = h(
      "div",
      { class: "join" },
      h("p", { class: "muted" }, t("join.explain")),
      this.none,
      h("div", { class: "join-fields" }, field("join.to", this.to), field("join.field", this.field), field("join.within", this.within, t("unit.m"))),
    );
    this.refresh();
  }

  // What is sent, or null as long as there is nothing to go to.
  get value() {
    const within = Number(this.within.value);
    if (!this.to.value || !this.field.value || !(within > 0)) return null;
    return { to: this.to.value, field: this.field.value, within_m: within };
  }

  // The other datasets have changed.
  refresh() {
    const before = this.to.value || this.wish.to;
    const others = this.others();
    this.none.hidden = others.length > 0;
    fill(
      this.to,
      others.map(({ name, title }) => h("option", { value: name, selected: name === before }, title)),
    );
    this.#fields();
  }

  #fields() {
    const before = this.field.value || this.wish.field;
    const declared = this.others().find(({ name }) => name === this.to.value)?.declared;
    const fields = (declared?.fields ?? []).filter((field) => field.writable !== false && FILLED.has(field.type));
    fill(
      this.field,
      fields.map((field) => h("option", { value: field.name, selected: field.name === before }, fieldLabel(field))),
    );
    this.field.title = label(declared?.label ?? "");
  }
}
