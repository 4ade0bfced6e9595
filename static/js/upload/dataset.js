// One dataset of a file: what becomes of it (a layer, texts for others, nothing), which column fills which field, and its first rows.

import { fill, h, icon } from "../core/dom.js";
import { isEmpty } from "../core/format.js";
import { label, number, t } from "../core/i18n.js";
import { Join } from "./join.js";
import { Mapping } from "./mapping.js";

const SKIP = "-";
const JOIN = "+";
const TO_DO = "="; // a list of gaps that was filled in: its rows name layer and feature themselves
const FORMATS = { "ESRI Shapefile": "Shapefile", GPKG: "GeoPackage", OpenFileGDB: "File Geodatabase" };
let made = 0; // tells the elements of datasets apart

export class Dataset {
  // `around`: {alone, open, others(): those that become features, mapping(layer id): what it would be taken as, changed()}.
  constructor(found, layers, around, colour = null) {
    Object.assign(this, { found, layers, around, name: found.name, colour });
    this.title = label(found.label) || found.name;
    this.texts = found.cad?.kind === "texts";
    this.fate = this.proposal;
    made += 1;
    this.body = h("div", { class: "dataset-body", id: `dataset-${made}`, hidden: true });
    this.choice = this.#chooser(`fate-${made}`);
    this.fold = h(
      "button",
      { type: "button", class: "fold", "aria-expanded": "false", "aria-controls": this.body.id, onclick: () => this.#unfold(this.body.hidden) },
      icon("chevron"),
      h("span", {}, t("dataset.details")),
    );
    this.hint = h("div", {});
    this.element = h(
      "section",
      { class: "box dataset", data: { dataset: found.name } },
      h(
        "header",
        {},
        colour && swatch(colour),
        h("div", { class: "dataset-name" }, h("h3", {}, this.title), h("p", { class: "muted" }, facts(found))),
        h("div", { class: "fate" }, h("label", { class: "hidden", for: this.choice.id }, t("dataset.layer")), this.choice),
        this.fold,
      ),
      this.hint,
      this.body,
    );
    this.#settle();
    if (around.open) this.#unfold(true);
  }

  // What was recognised; several are not all wanted, so that what was not recognised is left out.
  get proposal() {
    if (this.found.to_do) return TO_DO;
    return this.found.layer ?? (this.around.alone ? "" : SKIP);
  }

  get wanted() {
    return this.fate !== SKIP;
  }

  // The layer that it fills, if it becomes features.
  get declared() {
    return this.layers.find((one) => one.id === this.fate);
  }

  // Whether it is taken at all: as features, or into those that are there.
  get taken() {
    return this.fate === TO_DO || Boolean(this.declared);
  }

  // Whether it holds places of a drawing that have to be laid onto the map.
  get local() {
    return this.wanted && Boolean(this.found.local);
  }

  // What is sent for it.
  get sent() {
    if (!this.wanted) return { skip: true };
    if (this.fate === JOIN) return { join: this.join.value };
    if (this.fate === TO_DO) return {};
    const sets = this.mapping?.sets ?? {};
    const moved = this.fate !== (this.found.layer ?? "");
    return { ...(moved && { layer: this.fate }), ...(Object.keys(sets).length && { sets }) };
  }

  // Why it cannot be taken as it stands, as a sentence; "" when it can.
  get problem() {
    if (this.fate === "") return t("import.choose.layer");
    if (this.fate === JOIN && !this.join.value) return t("join.open", { name: this.title });
    return "";
  }

  choose(fate) {
    this.fate = fate;
    this.choice.value = fate;
    this.#settle();
    this.around.changed();
  }

  restore() {
    this.choose(this.proposal);
  }

  leave() {
    if (!this.around.alone) this.choose(SKIP);
  }

  // Another dataset has become something else.
  refresh() {
    this.join?.refresh();
    this.#suggest();
  }

  #chooser(id) {
    const option = (value, text) => h("option", { value, selected: value === this.fate }, text);
    const groups = new Map();
    for (const layer of this.layers) groups.set(label(layer.group), [...(groups.get(label(layer.group)) ?? []), layer]);
    return h(
      "select",
      { id, onchange: (event) => this.choose(event.target.value) },
      this.found.to_do && option(TO_DO, t("dataset.todo")),
      this.around.alone ? !this.found.to_do && !this.found.layer && option("", t("dataset.layer.choose")) : option(SKIP, t("dataset.skip")),
      this.texts && option(JOIN, t("dataset.join")),
      !this.found.to_do && [...groups].map(([group, layers]) => h("optgroup", { label: group }, layers.map((layer) => option(layer.id, label(layer.label))))),
    );
  }

  #unfold(open) {
    this.body.hidden = !open;
    this.fold.setAttribute("aria-expanded", String(open));
    if (open && !this.body.children.length) this.#fillBody();
  }

  #settle() {
    this.element.classList.toggle("left", !this.wanted);
    this.mapping = null;
    this.join = null;
    if (this.fate === JOIN) this.join = new Join(this.found, this.around.others);
    if (this.body.children.length || !this.body.hidden) this.#fillBody();
    if (this.fate === JOIN) this.#unfold(true);
    this.#suggest();
  }

  // Built when it is first seen: a drawing may have a hundred datasets.
  async #fillBody() {
    const { fate, declared } = this;
    if (declared && !this.mapping) {
      const proposed = fate === this.found.layer ? (this.found.mapping ?? {}) : await this.around.mapping(this.name, fate);
      if (this.fate !== fate) return;
      this.mapping = new Mapping(this.found, declared, proposed);
    }
    const notes = (this.found.notes ?? []).map((note) => h("p", { class: "note" }, noteText(note)));
    fill(this.body, notes, this.join?.element, this.mapping?.element, this.#sample());
  }

  // Texts that look as if they belonged to a field of others: said, never done by itself.
  #suggest() {
    const { join } = this.found;
    const to = join && this.fate !== JOIN && this.around.others().find(({ name }) => name === join.to);
    const field = to && to.declared.fields.find(({ name }) => name === join.field);
    if (!field) return fill(this.hint);
    const adopt = h("button", { type: "button", class: "link", onclick: () => this.choose(JOIN) }, t("join.adopt"));
    return fill(this.hint, h("p", { class: "note" }, t("join.suggest", { field: label(field.label), to: to.title }), " ", adopt));
  }

  #sample() {
    const rows = this.found.sample ?? [];
    if (!rows.length) return null;
    const { columns } = this.found;
    const cell = (row) => (name) => h("td", {}, isEmpty(row[name]) ? "" : String(row[name]));
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
          h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name)))),
          h("tbody", {}, rows.map((row) => h("tr", {}, columns.map(cell(row))))),
        ),
      ),
    );
  }
}

function swatch(colour) {
  const made = h("span", { class: "swatch", "aria-hidden": "true" });
  made.style.setProperty("--swatch", colour);
  return made;
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
    found.driver === "workbook" ? t("dataset.workbook") : (FORMATS[found.driver] ?? found.driver),
    found.declared_crs,
    kinds.length ? kinds.join(" ") : t("dataset.noplace"),
  ]
    .filter(Boolean)
    .join(" · ");
}

const noteText = (note) => (Array.isArray(note) ? label({ zh: note[0], en: note[1] }) : label(note));
