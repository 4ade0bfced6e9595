// Splitting a line or an area: a cut is drawn, the parts are shown with their sizes, one stays the feature, the others get codes and facts of their own.

import { Problem, address, call } from "../core/api.js";
import { changed } from "../core/catalogue.js";
import { fill, h } from "../core/dom.js";
import { isEmpty, titleText } from "../core/format.js";
import { label, number, t } from "../core/i18n.js";
import { tell } from "../core/toast.js";
import { offerUndo } from "../core/undo.js";
import { input, read, reasonInput, row, showProblem } from "./fields.js";

export class SplitForm {
  // `look(geometry)` shows a part on the map.
  constructor(layer, feature, etag, { line, look, done }) {
    Object.assign(this, { layer, feature, etag, line, look, done });
    this.keep = 0;
    this.element = h("form", { class: "edit split", novalidate: true, onsubmit: (event) => this.#submit(event) });
  }

  // The cut itself is drawn by hand.
  get changed() {
    return true;
  }

  // False when the line cuts nothing; the server's sentence is shown.
  async load() {
    try {
      const { body } = await this.#call({ preview: true });
      this.told = body;
      this.#show();
      return true;
    } catch (error) {
      tell(error);
      return false;
    }
  }

  #call(more) {
    return call("POST", address(`/ogc/collections/${this.layer.id}/items/${this.feature.id}/split`), {
      json: { line: this.line, keep: this.keep, ...more },
      headers: { "If-Match": this.etag },
    });
  }

  #show() {
    this.parts = this.told.parts.map((part, at) => this.#part(part, at));
    this.reason = reasonInput("split-reason");
    this.follow = h("input", { type: "checkbox", id: "split-follow", checked: true });
    this.trouble = h("div", { class: "trouble", "aria-live": "assertive" });
    const followers = this.told.parts.flatMap((part) => Object.values(part.follow)).reduce((sum, n) => sum + n, 0);
    fill(
      this.element,
      this.trouble,
      h("p", { class: "muted" }, t(this.told.shared.length ? "split.explain.shared" : "split.explain")),
      this.parts.map((part) => part.element),
      followers > 0 && h("div", { class: "field check" }, this.follow, h("label", { for: "split-follow" }, t("split.follow", { n: followers }))),
      this.reason.row,
      h(
        "div",
        { class: "actions sticky" },
        h("button", { type: "submit", class: "primary" }, t("split.save", { n: this.parts.length })),
        h("button", { type: "button", class: "quiet", onclick: this.done }, t("cancel")),
      ),
    );
    this.#marked();
    this.#lookAtAll();
  }

  #lookAtAll() {
    this.look({ type: "GeometryCollection", geometries: this.told.parts.map((part) => part.geometry) });
  }

  // The kept part keeps its title and code; what belonged to the whole is divided by hand, and nothing of it is proposed.
  #part(part, at) {
    const title = this.layer.fields.find((field) => field.name === this.layer.title_field);
    const named = title.type === "text" && title.writable !== false ? [title] : [];
    const own = [this.layer.fields.find((field) => field.name === "code"), ...named];
    const { properties } = this.feature;
    const values = { [title.name]: properties[title.name], code: part.code };
    const inputs = new Map([
      ...own.map((field) => [field, input(field, values[field.name])]),
      ...this.told.shared.map((field) => [{ ...field, help: t("split.whole", { value: number(field.value) }) }, input(field, null)]),
    ]);
    const radio = h("input", { type: "radio", name: "split-keep", id: `split-keep-${at}`, checked: at === this.keep, onchange: () => this.#choose(at) });
    const element = h(
      "fieldset",
      { class: "fields part", onfocusin: () => this.look(part.geometry), onpointerenter: () => this.look(part.geometry), onpointerleave: () => this.#lookAtAll() },
      h("legend", {}, t("split.part", { n: at + 1, size: part.size === null ? "—" : `${number(part.size)} ${part.unit}` })),
      h("div", { class: "field check" }, radio, h("label", { for: radio.id }, t("split.keep", { name: titleText(this.feature, this.layer) }))),
      [...inputs].map(([field, made]) => row({ ...field, help: own.includes(field) ? null : field.help, required: false }, made, `split-${at}`)),
    );
    return { element, inputs };
  }

  async #choose(at) {
    this.keep = at;
    if (await this.load()) this.element.querySelector(`#split-keep-${at}`)?.focus();
  }

  #marked() {
    for (const [at, { inputs }] of this.parts.entries())
      for (const [field, made] of inputs) if (field.name === "code") made.disabled = at === this.keep;
  }

  // Of the kept part only what was changed, of a new one everything that is filled, of what belonged to the whole too.
  #values(at) {
    const values = {};
    for (const [field, made] of this.parts[at].inputs) {
      const value = read(field, made);
      const before = this.feature.properties[field.name] ?? null;
      const whole = this.told.shared.some(({ name }) => name === field.name);
      if (made.disabled || (at === this.keep && !whole ? value === before : isEmpty(value))) continue;
      values[field.name] = value;
    }
    return values;
  }

  async #submit(event) {
    event.preventDefault();
    if (!this.element.checkValidity()) return this.element.reportValidity();
    const reason = this.reason.element.value.trim();
    const parts = this.parts.map((_, at) => this.#values(at));
    try {
      const { revision } = await this.#call({ parts, follow: this.follow.checked, ...(reason && { reason }) });
      offerUndo(t("split.done", { name: titleText(this.feature, this.layer), n: parts.length }), revision);
      this.done();
      changed({ all: true });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      showProblem(error, this.trouble);
    }
    return undefined;
  }
}

export const canSplit = (layer, { geometry }) => geometry !== null && !geometry.type.endsWith("Point") && !layer.derived;
