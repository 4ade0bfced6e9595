// Which column of a dataset fills which field of a layer.

import { fill, h } from "../core/dom.js";
import { fieldLabel, isEmpty } from "../core/format.js";
import { t } from "../core/i18n.js";

export class Mapping {
  #selects = new Map();

  // `proposed`: field → column, as it would be taken.
  constructor(found, layer, proposed) {
    Object.assign(this, { found, layer, proposed });
    this.fieldOf = new Map(Object.entries(proposed).map(([field, column]) => [column, field]));
    this.open = h("p", { class: "muted", "aria-live": "polite" });
    this.element = h("div", {});
    this.#render();
  }

  // What differs from the proposal: field → column, null for a field that nothing fills.
  get sets() {
    const chosen = new Map([...this.fieldOf].map(([column, field]) => [field, column]));
    const fields = new Set([...chosen.keys(), ...Object.keys(this.proposed)]);
    return Object.fromEntries(
      [...fields].filter((field) => (chosen.get(field) ?? null) !== (this.proposed[field] ?? null)).map((field) => [field, chosen.get(field) ?? null]),
    );
  }

  #render() {
    const rows = this.found.columns.map((column) => this.#row(column));
    const heads = ["mapping.column", "mapping.example", "mapping.field"].map((key) => h("th", { scope: "col" }, t(key)));
    this.#count();
    fill(
      this.element,
      this.open,
      h("div", { class: "scroll" }, h("table", { class: "mapping" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows))),
    );
  }

  // Columns that fill no field are kept, personal data in them masked; how many must be in view, for a ledger has fifty.
  #count() {
    const n = this.found.columns.filter((column) => !this.fieldOf.has(column)).length;
    this.open.hidden = n === 0;
    this.open.textContent = t("mapping.open", { n });
  }

  // A field is filled from one column: the one it had before is set free.
  #choose(column, field) {
    for (const [other, taken] of this.fieldOf) if (taken === field) this.fieldOf.delete(other);
    if (field) this.fieldOf.set(column, field);
    else this.fieldOf.delete(column);
    for (const [name, select] of this.#selects) {
      select.value = this.fieldOf.get(name) ?? "";
      select.closest("tr").className = select.value ? "" : "extra";
    }
    this.#count();
  }

  #row(column) {
    const example = (this.found.sample ?? []).map((row) => row[column]).find((value) => !isEmpty(value));
    const chosen = this.fieldOf.get(column) ?? "";
    const options = this.layer.fields
      .filter((field) => field.writable !== false)
      .map((field) => h("option", { value: field.name, selected: field.name === chosen }, fieldLabel(field)));
    const select = h(
      "select",
      { "aria-label": t("mapping.for", { column }), data: { column }, onchange: (event) => this.#choose(column, event.target.value) },
      h("option", { value: "" }, t("mapping.extra")),
      options,
    );
    this.#selects.set(column, select);
    return h(
      "tr",
      { class: chosen ? "" : "extra" },
      h("th", { scope: "row" }, column),
      h("td", { class: "muted" }, isEmpty(example) ? "—" : String(example)),
      h("td", {}, select),
    );
  }
}
