// One dataset of a file: which layer it fills, which column fills which field, and its first rows.

import { fill, h } from "../core/dom.js";
import { fieldLabel, isEmpty } from "../core/format.js";
import { label, number, t } from "../core/i18n.js";

export class Dataset {
  constructor(found, layers, optional) {
    Object.assign(this, { found, layers, name: found.name });
    this.layer = found.layer ?? "";
    this.proposed = found.mapping ?? {};
    this.touched = false;
    this.open = h("p", { class: "muted", "aria-live": "polite" });
    this.box = h("input", { type: "checkbox", checked: true, "aria-label": t("dataset.take") });
    this.optional = optional;
    this.columns = h("div", {});
    this.element = h("section", { class: "box dataset", data: { dataset: found.name } });
    this.#render();
  }

  get wanted() {
    return this.box.checked;
  }

  get declared() {
    return this.layers.find((one) => one.id === this.layer);
  }

  // Whether the user chose another layer than the one that was recognised.
  get moved() {
    return this.layer !== (this.found.layer ?? "");
  }

  // field → column, as the user left it; empty when the proposal stands.
  get sets() {
    if (!this.touched) return {};
    const sets = {};
    for (const select of this.columns.querySelectorAll("select")) if (select.value) sets[select.value] = select.dataset.column;
    return sets;
  }

  #render() {
    const { found } = this;
    const choose = h(
      "select",
      { "aria-label": t("dataset.layer"), onchange: (event) => this.#choose(event.target.value) },
      h("option", { value: "" }, t("dataset.layer.choose")),
      this.layers.map((layer) => h("option", { value: layer.id, selected: layer.id === this.layer }, label(layer.label))),
    );
    fill(
      this.element,
      h("header", {}, this.optional && this.box, h("h3", {}, found.name), h("span", { class: "muted" }, facts(found))),
      h("div", { class: "field" }, h("label", {}, t("dataset.layer")), choose),
      (found.notes ?? []).map((note) => h("p", { class: "note" }, noteText(note))),
      this.columns,
      this.#sample(),
    );
    this.#mapping();
  }

  #choose(id) {
    this.layer = id;
    this.proposed = id === this.found.layer ? (this.found.mapping ?? {}) : {};
    this.touched = false;
    this.#mapping();
  }

  #mapping() {
    const { declared } = this;
    if (!declared) return fill(this.columns);
    const byColumn = new Map(Object.entries(this.proposed).map(([field, column]) => [column, field]));
    const rows = this.found.columns.map((column) => this.#row(column, byColumn.get(column) ?? "", declared));
    this.#countOpen(rows);
    return fill(
      this.columns,
      this.open,
      h(
        "div",
        { class: "scroll" },
        h(
          "table",
          { class: "mapping" },
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              h("th", { scope: "col" }, t("mapping.column")),
              h("th", { scope: "col" }, t("mapping.example")),
              h("th", { scope: "col" }, t("mapping.field")),
            ),
          ),
          h("tbody", {}, rows),
        ),
      ),
    );
  }

  // Columns that fill no field are kept as they are; how many must be in view, for a ledger has fifty.
  #countOpen(rows) {
    const n = rows.filter((row) => row.classList.contains("extra")).length;
    this.open.hidden = n === 0;
    this.open.textContent = t("mapping.open", { n });
  }

  #remap(select) {
    this.touched = true;
    select.closest("tr").className = select.value ? "" : "extra";
    this.#countOpen([...this.columns.querySelectorAll(".mapping tbody tr")]);
  }

  #row(column, chosen, declared) {
    const example = (this.found.sample ?? []).map((row) => row[column]).find((value) => !isEmpty(value));
    const options = declared.fields
      .filter((field) => field.writable !== false)
      .map((field) => h("option", { value: field.name, selected: field.name === chosen }, fieldLabel(field)));
    const select = h(
      "select",
      { "aria-label": t("mapping.for", { column }), data: { column }, onchange: (event) => this.#remap(event.target) },
      h("option", { value: "" }, t("mapping.extra")),
      options,
    );
    return h(
      "tr",
      { class: chosen ? "" : "extra" },
      h("th", { scope: "row" }, column),
      h("td", { class: "muted" }, isEmpty(example) ? "—" : String(example)),
      h("td", {}, select),
    );
  }

  #sample() {
    const rows = this.found.sample ?? [];
    if (!rows.length) return null;
    const { columns } = this.found;
    return h(
      "details",
      {},
      h("summary", {}, t("dataset.sample", { n: rows.length })),
      h(
        "div",
        { class: "scroll" },
        h(
          "table",
          { class: "sample" },
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              columns.map((name) => h("th", { scope: "col" }, name)),
            ),
          ),
          h(
            "tbody",
            {},
            rows.map((row) =>
              h(
                "tr",
                {},
                columns.map((name) => h("td", {}, isEmpty(row[name]) ? "" : String(row[name]))),
              ),
            ),
          ),
        ),
      ),
    );
  }
}

function facts(found) {
  const totals = new Map();
  for (const [kind, n] of Object.entries(found.geometry_types ?? {})) {
    const simple = kind.replace("Multi", "");
    totals.set(simple, (totals.get(simple) ?? 0) + n);
  }
  const kinds = [...totals].map(([kind, n]) => `${t(`geometry.${kind}`)} ${number(n)}`);
  return [
    t("dataset.records", { n: found.count ?? 0 }),
    found.driver,
    found.declared_crs,
    kinds.length ? kinds.join(" ") : t("dataset.noplace"),
  ]
    .filter(Boolean)
    .join(" · ");
}

const noteText = (note) => (Array.isArray(note) ? label({ zh: note[0], en: note[1] }) : label(note));
