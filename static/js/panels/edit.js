// The form for one feature's facts, made from the declared fields; a change made meanwhile by someone else is shown before anything is overwritten.

import { Problem, call } from "../core/api.js";
import { changed } from "../core/catalogue.js";
import { fill, h } from "../core/dom.js";
import { isEmpty, titleText, valueText } from "../core/format.js";
import { label, t } from "../core/i18n.js";
import { offerUndo } from "../core/undo.js";

export class EditForm {
  constructor(layer, feature, etag, done) {
    Object.assign(this, { layer, feature, etag, done });
    this.fields = layer.fields.filter((field) => field.writable !== false && field.type !== "json");
    this.inputs = new Map(this.fields.map((field) => [field.name, input(field, feature.properties[field.name])]));
    this.trouble = h("div", { class: "trouble", "aria-live": "assertive" });
    this.element = h(
      "form",
      { class: "edit", novalidate: true, onsubmit: (event) => this.#submit(event) },
      this.trouble,
      this.fields.map((field) => row(field, this.inputs.get(field.name))),
      h(
        "div",
        { class: "actions sticky" },
        h("button", { type: "submit", class: "primary" }, t("save")),
        h("button", { type: "button", class: "quiet", onclick: done }, t("cancel")),
      ),
    );
  }

  focus() {
    this.inputs.get(this.layer.title_field)?.focus({ preventScroll: true });
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

  async #submit(event) {
    event.preventDefault();
    if (!this.element.checkValidity()) return this.element.reportValidity();
    const properties = this.changes();
    if (!Object.keys(properties).length) return this.done();
    try {
      const { body, revision } = await patch(this.layer.id, this.feature.id, { properties }, this.etag);
      offerUndo(t("saved", { name: titleText(body, this.layer) }), revision);
      this.done();
      changed({ layer: this.layer.id, feature: body });
    } catch (error) {
      if (error instanceof Problem && error.status === 412) return this.#conflict(properties);
      fill(this.trouble, h("p", { class: "note error", role: "alert" }, error.message, " ", error.wayOut ?? ""));
      this.trouble.scrollIntoView({ block: "nearest" });
    }
    return undefined;
  }

  async #conflict(mine) {
    const { body: current, etag } = await call("GET", `/ogc/collections/${this.layer.id}/items/${this.feature.id}`);
    const lines = Object.keys(mine).map((name) => {
      const field = this.fields.find((one) => one.name === name);
      return h(
        "tr",
        {},
        h("th", { scope: "row" }, label(field.label)),
        h("td", {}, valueText(field, mine[name])),
        h("td", {}, valueText(field, current.properties[name])),
      );
    });
    const keep = () => {
      Object.assign(this, { etag, feature: current });
      this.element.requestSubmit();
    };
    fill(
      this.trouble,
      h(
        "div",
        { class: "note error", role: "alert" },
        h("p", {}, t("conflict.explain")),
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h("tr", {}, h("td", {}), h("th", { scope: "col" }, t("conflict.mine")), h("th", { scope: "col" }, t("conflict.theirs"))),
          ),
          h("tbody", {}, lines),
        ),
        h(
          "div",
          { class: "actions" },
          h("button", { type: "button", onclick: keep }, t("conflict.keep")),
          h("button", { type: "button", class: "quiet", onclick: this.done }, t("conflict.take")),
        ),
      ),
    );
    this.trouble.scrollIntoView({ block: "nearest" });
  }
}

export function patch(layer, id, change, etag) {
  return call("PATCH", `/ogc/collections/${layer}/items/${id}`, {
    json: change,
    headers: { "If-Match": etag, "Content-Type": "application/merge-patch+json" },
  });
}

function row(field, element) {
  element.id = `edit-${field.name}`;
  if (field.required) element.required = true;
  const unit = field.unit && label(field.unit) && h("span", { class: "unit" }, label(field.unit));
  const help = field.help && h("p", { class: "muted" }, label(field.help));
  const short = !help && (element.type !== "text" || field.refers) && element.tagName !== "TEXTAREA";
  return h(
    "div",
    { class: short ? "field short" : "field" },
    h("label", { for: element.id }, label(field.label)),
    h("div", { class: "with-unit" }, element, unit),
    help,
  );
}

function input(field, value) {
  const text = isEmpty(value) ? "" : String(value);
  if (field.type === "choice")
    return select(
      field.choices.map((choice) => [choice.value, label(choice.label)]),
      text,
    );
  if (field.type === "boolean")
    return select(
      [
        ["true", t("value.yes")],
        ["false", t("value.no")],
      ],
      text,
    );
  if (field.type === "date") return h("input", { type: "date", value: text });
  if (field.type === "year")
    return h("input", {
      type: "number",
      inputmode: "numeric",
      step: 1,
      min: field.minimum ?? 1000,
      max: field.maximum ?? 2200,
      value: text,
    });
  if (field.type === "integer" || field.type === "number")
    return h("input", {
      type: "number",
      inputmode: "decimal",
      step: field.type === "integer" ? 1 : "any",
      min: field.minimum,
      max: field.maximum,
      value: text,
    });
  if (text.length > 60) return h("textarea", { rows: 3, value: text });
  return h("input", { type: "text", value: text });
}

function select(options, chosen) {
  return h(
    "select",
    {},
    h("option", { value: "" }, "—"),
    options.map(([value, name]) => h("option", { value, selected: value === chosen }, name)),
  );
}

function read(field, element) {
  const text = element.value.trim();
  if (text === "") return null;
  if (field.type === "boolean") return text === "true";
  return ["integer", "number", "year"].includes(field.type) ? Number(text) : text;
}
