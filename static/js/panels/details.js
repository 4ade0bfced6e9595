// One feature: its facts in labels with units, the answer about it, where the facts come from, and the ways to correct it.

import { address, call } from "../core/api.js";
import { catalogue, changes } from "../core/catalogue.js";
import { $, fill, h, icon } from "../core/dom.js";
import { isEmpty, titleText, valueText } from "../core/format.js";
import { dateTime, label, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { tell } from "../core/toast.js";
import { undo } from "../core/undo.js";
import { swatch } from "../map/controls.js";
import { EditForm } from "./edit.js";
import { judgedFacts, judgedLinks } from "./judged.js";
import { badge, otherFields, valueOf } from "./table.js";

const KEPT = ["version", "updated_at", "updated_by"]; // what the store writes itself
const ORIGIN = ["source", "source_date", "quality", "accuracy_m"];

export class Details {
  #request = null;
  #editing = false;

  constructor(map, highlight, answer, placer, fanOf) {
    Object.assign(this, { map, highlight, answer, placer, fanOf });
    this.root = $("#details");
    this.feature = null;
    state.on(["selected"], () => this.refresh({ arrived: true }));
    changes.addEventListener("changed", () => !this.#editing && this.refresh());
    map.on("answer:shown", () => (this.#derived ? this.refresh() : this.feature && !this.#editing && this.#show()));
    document.addEventListener("keydown", (event) => event.key === "Escape" && !map.tool && !this.#editing && this.close());
  }

  // A finding, a gap: it stands in the answer only.
  get #derived() {
    return Boolean(catalogue.layers.get(state.value.selected?.layer)?.derived);
  }

  close() {
    state.set({ selected: null }, { push: true });
  }

  async refresh({ arrived = false } = {}) {
    this.#request?.abort();
    this.#editing = false;
    const { selected } = state.value;
    if (!selected || !catalogue.layers.has(selected.layer)) return this.#hide();
    if (this.#derived) return this.#fromAnswer(selected, arrived);
    this.#request = new AbortController();
    try {
      const { body, etag } = await call("GET", `/ogc/collections/${selected.layer}/items/${selected.id}`, { signal: this.#request.signal });
      Object.assign(this, { feature: body, etag, layer: catalogue.layers.get(selected.layer) });
      this.#show();
      this.map.fire("details:shown", { arrived });
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      this.#hide();
      tell(error);
    }
    return undefined;
  }

  #fromAnswer({ layer, id }, arrived) {
    const row = this.answer.question?.subject === layer ? this.answer.rows.get(id) : null;
    if (!row) return this.#hide();
    Object.assign(this, { feature: row, etag: null, layer: catalogue.layers.get(layer) });
    this.#show();
    this.map.fire("details:shown", { arrived });
    return undefined;
  }

  #hide() {
    this.feature = null;
    this.root.hidden = true;
    this.highlight.show("selected", null);
    this.map.fire("details:shown", { arrived: false });
  }

  get title() {
    return titleText(this.feature, this.layer);
  }

  #show() {
    this.root.hidden = false;
    this.highlight.show("selected", this.feature.geometry, this.fanOf(this.layer.id, this.feature.id));
    if (this.layer.derived) fill($("#details-body"), this.#head(), this.#answered(), list(judgedFacts(this.layer, this.feature, (f, v) => this.#value(f, v))));
    else fill($("#details-body"), this.#head(), this.#answered(), this.#facts(), this.#origin(), this.#extra(), this.#foot());
    this.root.scrollTop = 0;
  }

  #head() {
    const drawn = this.map.featureLayers.get(this.layer.id);
    return h(
      "header",
      {},
      h("p", { class: "kicker" }, swatch(drawn), label(this.layer.label), h("span", { class: "code" }, this.feature.properties.code ?? "")),
      h("h2", { id: "details-title", tabindex: "-1" }, this.title),
      this.#actions(),
    );
  }

  #actions() {
    const placed = this.feature.geometry !== null;
    if (this.layer.derived) return h("div", { class: "actions" }, judgedLinks(this.feature), placed && this.#zoom());
    const edit = h("button", { type: "button", class: "primary", id: "edit", onclick: () => this.#edit() }, icon("edit"), t("edit"));
    const zoom = placed && this.#zoom();
    const move =
      placed &&
      h(
        "button",
        { type: "button", onclick: () => this.placer.reshape(this.layer, this.feature, this.etag) },
        icon("polygon"),
        t("place.move"),
      );
    const place = !placed && this.placer.buttons(this.layer, this.feature, this.etag);
    return [!placed && h("p", { class: "note" }, t("unplaced.explain")), h("div", { class: "actions" }, edit, zoom, move, place)];
  }

  #zoom() {
    const zoom = () => this.map.fire("zoom:feature", { feature: this.feature });
    return h("button", { type: "button", onclick: zoom }, icon("extent"), t("details.zoom"));
  }

  #answered() {
    const question = this.answer.question;
    const row = question?.subject === this.layer.id && this.answer.rows.get(this.feature.id);
    if (!row) return null;
    const { answer, value, unit, why } = row.properties;
    const more = otherFields(question, row.properties).filter(({ name }) => !this.layer.derived || name !== "check");
    return h(
      "section",
      { class: `verdict ${answer}` },
      h(
        "p",
        {},
        badge(answer, question),
        h("b", {}, label(question.title)),
        !isEmpty(value) && h("span", { class: "figure" }, valueOf({ value, unit })),
      ),
      why && h("p", { class: "why" }, why),
      more.length > 0 && list(more.map((field) => [label(field.label), this.#value(field, row.properties[field.name])])),
    );
  }

  #own() {
    return this.layer.fields.filter((field) => field.writable !== false && field.name !== "code" && !ORIGIN.includes(field.name));
  }

  #facts() {
    const { properties } = this.feature;
    const known = this.#own().filter((field) => field.name !== this.layer.title_field && !isEmpty(properties[field.name]));
    const open = this.#own().filter((field) => isEmpty(properties[field.name]));
    return [
      list(known.map((field) => [label(field.label), this.#value(field, properties[field.name])])),
      open.length > 0 &&
        h(
          "details",
          { class: "open-fields" },
          h("summary", {}, t("details.open", { n: open.length })),
          h("p", { class: "muted" }, open.map((field) => label(field.label)).join(t("comma"))),
        ),
    ];
  }

  // A code that names another feature becomes a link with that feature's name.
  #value(field, value) {
    if (!field.refers) return valueText(field, value);
    const target = catalogue.layers.get(field.refers);
    const link = h("button", { type: "button", class: "link" }, String(value));
    const filter = `code = '${String(value).replaceAll("'", "''")}'`;
    call("GET", address(`/ogc/collections/${field.refers}/items`, { filter, properties: `code,${target.title_field}`, limit: 1 }))
      .then(({ body }) => {
        const found = body.features[0];
        if (!found) return link.replaceWith(document.createTextNode(String(value)));
        link.textContent = titleText(found, target);
        return link.addEventListener("click", () => state.set({ selected: { layer: field.refers, id: found.id } }, { push: true }));
      })
      .catch(() => link.replaceWith(document.createTextNode(String(value))));
    return link;
  }

  #origin() {
    const { properties } = this.feature;
    const fields = this.layer.fields.filter((field) => ORIGIN.includes(field.name));
    return h(
      "section",
      {},
      h("h3", {}, t("details.origin")),
      list(fields.map((field) => [label(field.label), valueText(field, properties[field.name])])),
    );
  }

  #extra() {
    const extra = Object.entries(this.feature.properties.extra ?? {});
    if (!extra.length) return null;
    return h(
      "section",
      {},
      h(
        "details",
        {},
        h("summary", {}, t("details.extra", { n: extra.length })),
        list(extra.map(([name, value]) => [name, isEmpty(value) ? "—" : String(value)])),
      ),
    );
  }

  #foot() {
    const { version, updated_at: at, updated_by: by } = this.feature.properties;
    const box = h("div", { class: "history" });
    const more = h("button", { type: "button", class: "link", onclick: () => this.#history(box) }, t("details.history"));
    return h("footer", { class: "muted" }, t("details.version", { version, at: at ? dateTime(at) : "—", by: by ?? "—" }), " ", more, box);
  }

  async #history(box) {
    try {
      const { body } = await call("GET", address("/api/history", { layer: this.layer.id, feature: this.feature.id }));
      fill(
        box,
        h(
          "ol",
          {},
          (body.changes ?? []).map((change, i) => this.#change(change, i === 0)),
        ),
      );
    } catch (error) {
      tell(error);
    }
  }

  // Only an edit by hand can be taken back here, and only while nothing came after it: an import is undone on its own page, as a whole.
  #change(change, newest) {
    const undoable = newest && change.action === "update" && !change.import_id;
    const back = () => undo(change.revision).catch(tell);
    const shown = change.before && change.after ? this.#steps(change) : [];
    return h(
      "li",
      {},
      h("span", {}, `${dateTime(change.at)} · ${change.actor} · ${t(`history.${change.action}`)}`),
      undoable && h("button", { type: "button", class: "link undo", data: { revision: change.revision }, onclick: back }, t("undo")),
      shown.length > 0 && h("ul", {}, shown),
    );
  }

  #steps({ before, after, geometry_before: from, geometry_after: to }) {
    const lines = Object.keys(after)
      .filter((name) => !KEPT.includes(name) && !same(before[name], after[name]))
      .flatMap((name) => this.#step(name, before[name], after[name]));
    if (from !== to) lines.push(placeText(from, to));
    return lines.map((line) => h("li", {}, line));
  }

  #step(name, before, after) {
    const field = this.layer.fields.find((one) => one.name === name);
    if (!field) return [];
    if (field.type === "json") return extraSteps(before ?? {}, after ?? {});
    return [`${label(field.label)}: ${valueText(field, before)} → ${valueText(field, after)}`];
  }

  #edit() {
    this.#editing = true;
    const done = () => this.refresh();
    const form = new EditForm(this.layer, this.feature, this.etag, done);
    fill(
      $("#details-body"),
      h(
        "header",
        {},
        h("p", { class: "kicker" }, label(this.layer.label)),
        h("h2", { id: "details-title", tabindex: "-1" }, t("edit.title", { name: this.title })),
      ),
      form.element,
    );
    this.root.scrollTop = 0;
    form.focus();
  }
}

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

// Of the columns that fill no field only those that changed.
function extraSteps(before, after) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !same(before[name], after[name]));
  const said = (value) => (isEmpty(value) ? "—" : String(value));
  return names.map((name) => `${name}: ${said(before[name])} → ${said(after[name])}`);
}

// From which kind of geometry to which; WKT begins with its kind.
function placeText(from, to) {
  const kind = (wkt) => {
    const word = /^\s*(?:MULTI)?([A-Z]+)/.exec(wkt ?? "")?.[1];
    const key = { POINT: "geometry.Point", LINESTRING: "geometry.LineString", POLYGON: "geometry.Polygon" }[word];
    return word ? t(key ?? "geometry.GeometryCollection") : t("unplaced.one");
  };
  const [before, after] = [kind(from), kind(to)];
  return before === after ? t("history.geometry") : t("history.place", { before, after });
}

const list = (pairs) =>
  h(
    "dl",
    {},
    pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
