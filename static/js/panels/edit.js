// The form for a feature's facts, made from the declared fields, for a change and for a new feature; a change that someone else made meanwhile is merged.

import { Problem, address, call } from "../core/api.js";
import { changed } from "../core/catalogue.js";
import { fill, h, icon } from "../core/dom.js";
import { titleText } from "../core/format.js";
import { label, t } from "../core/i18n.js";
import { offerUndo } from "../core/undo.js";
import { grouped, input, read, reasonInput, row, showProblem } from "./fields.js";
import { Merge } from "./merge.js";

const MANY = 14; // from so many fields on the form can be searched

class FeatureForm {
  constructor(layer, values, done) {
    Object.assign(this, { layer, done });
    this.fields = layer.fields.filter((field) => field.writable !== false && field.type !== "json");
    this.inputs = new Map(this.fields.map((field) => [field.name, input(field, values[field.name])]));
    this.trouble = h("div", { class: "trouble", "aria-live": "assertive" });
    this.reason = reasonInput();
    this.save = h("button", { type: "submit", class: "primary" }, t("save"));
    this.element = h(
      "form",
      { class: "edit", novalidate: true, onsubmit: (event) => this.submit(event) },
      this.trouble,
      this.before?.(),
      this.fields.length > MANY && this.#search(),
      grouped(this.fields, layer).map(([key, fields]) => this.#group(key, fields)),
      this.reason.row,
      h("div", { class: "actions sticky" }, this.save, h("button", { type: "button", class: "quiet", onclick: done }, t("cancel"))),
    );
  }

  #group(key, fields) {
    return h("fieldset", { class: "fields" }, h("legend", {}, t(key)), fields.map((field) => row(field, this.inputs.get(field.name))));
  }

  #search() {
    const box = h("input", { type: "search", placeholder: t("edit.find"), "aria-label": t("edit.find"), oninput: () => this.#find(box.value.trim().toLowerCase()) });
    return h("div", { class: "field find" }, box);
  }

  #find(wanted) {
    for (const field of this.fields) {
      const said = `${label(field.label)} ${field.name}`.toLowerCase();
      this.element.querySelector(`[data-field="${field.name}"]`).hidden = !said.includes(wanted);
    }
    for (const group of this.element.querySelectorAll("fieldset")) group.hidden = !group.querySelector(".field:not([hidden])");
  }

  get why() {
    return this.reason.element.value.trim();
  }

  focus() {
    this.inputs.get(this.layer.title_field)?.focus({ preventScroll: true });
  }

  // The saying of the browser for what it can check, then the server's for the rest.
  async submit(event) {
    event.preventDefault();
    for (const hidden of this.element.querySelectorAll("[hidden]")) hidden.hidden = false;
    if (!this.element.checkValidity()) return this.element.reportValidity();
    this.save.disabled = true;
    try {
      await this.send();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await this.refused(error);
    } finally {
      this.save.disabled = false;
    }
    return undefined;
  }

  async refused(error) {
    const about = error.body.field === "reason" ? new Map([["reason", this.reason.element]]) : this.inputs;
    showProblem(error, this.trouble, about);
  }
}

export class EditForm extends FeatureForm {
  constructor(layer, feature, etag, done) {
    super(layer, feature.properties, done);
    Object.assign(this, { feature, etag });
  }

  // Only what was changed, so that two people may correct different fields of one feature.
  changes() {
    const changes = {};
    for (const field of this.fields) {
      const value = read(field, this.inputs.get(field.name));
      const before = this.feature.properties[field.name] ?? null;
      if (value !== before) changes[field.name] = value;
    }
    return changes;
  }

  get changed() {
    return Object.keys(this.changes()).length > 0;
  }

  async send() {
    const properties = this.changes();
    if (!Object.keys(properties).length) return this.done();
    return this.#sent(properties, this.etag);
  }

  async #sent(properties, etag) {
    const { body, revision } = await patch(this.layer.id, this.feature.id, { properties, ...(this.why && { reason: this.why }) }, etag);
    offerUndo(t("saved", { name: titleText(body, this.layer) }), revision);
    this.done();
    changed({ layer: this.layer.id, feature: body });
  }

  async refused(error) {
    if (error.status !== 412) return super.refused(error);
    const { body: current, etag } = await present(this.layer.id, this.feature.id);
    const merge = new Merge(this.fields, this.feature.properties, this.changes(), current.properties, {
      keep: (properties) => (Object.keys(properties).length ? this.#sent(properties, etag).catch((again) => this.refused(again)) : this.done()),
      take: () => this.done(),
    });
    fill(this.trouble, merge.element);
    this.trouble.scrollIntoView({ block: "nearest" });
    merge.focus();
    return undefined;
  }
}

// `geometry` may be null: a feature without a place; `redraw` draws it anew.
export class NewForm extends FeatureForm {
  constructor(layer, values, { geometry, redraw, done, made }) {
    super(layer, values, done);
    Object.assign(this, { values, geometry, redraw, made });
    this.#place();
  }

  before() {
    this.place = h("div", { class: "place-of" });
    return this.place;
  }

  get changed() {
    return Boolean(this.geometry) || this.fields.some((field) => read(field, this.inputs.get(field.name)) !== (this.values[field.name] ?? null));
  }

  #place() {
    fill(
      this.place,
      icon("pin"),
      h("p", {}, t(this.geometry ? "create.drawn" : "create.unplaced")),
      h("button", { type: "button", class: "quiet strong", onclick: () => this.#again() }, t(this.geometry ? "create.redraw" : "create.draw")),
    );
  }

  async #again() {
    this.geometry = (await this.redraw()) ?? this.geometry;
    this.#place();
  }

  async send() {
    const properties = {};
    for (const field of this.fields) {
      const value = read(field, this.inputs.get(field.name));
      if (value !== null) properties[field.name] = value;
    }
    const sent = { type: "Feature", geometry: this.geometry, properties, ...(this.why && { reason: this.why }) };
    const { body, revision } = await call("POST", `/ogc/collections/${this.layer.id}/items`, { json: sent });
    offerUndo(t("create.saved", { name: titleText(body, this.layer) }), revision);
    changed({ layer: this.layer.id, feature: body });
    this.made(body);
  }
}

export const present = (layer, id) => call("GET", address(`/ogc/collections/${layer}/items/${id}`));

export function patch(layer, id, change, etag) {
  return call("PATCH", `/ogc/collections/${layer}/items/${id}`, {
    json: change,
    headers: { "If-Match": etag, "Content-Type": "application/merge-patch+json" },
  });
}
