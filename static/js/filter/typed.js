// CQL2 as it is typed: what is wrong with it is told at its place.

import { fill, h } from "../core/dom.js";
import { fieldLabel } from "../core/format.js";
import { t } from "../core/i18n.js";
import { Unreadable, read } from "./cql2.js";

export class TypedFilter {
  #draft = null;

  constructor(apply) {
    this.apply = apply;
    const take = () => this.#take();
    const key = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && take();
    this.input = h("textarea", { id: "filter-cql", rows: "6", spellcheck: "false", autocapitalize: "off", onkeydown: key, oninput: () => ((this.#draft = this.input.value), this.fail(null)), data: { keep: "cql" } });
    this.problem = h("div", { class: "problem", id: "filter-problem", role: "alert" });
    this.button = h("button", { type: "button", class: "primary", onclick: take, data: { keep: "cql-apply" } }, t("filter.apply"));
    this.fields = h("ul", { class: "names" });
    this.root = h(
      "div",
      { class: "typed" },
      h("label", { for: "filter-cql" }, t("filter.cql")),
      this.input,
      this.problem,
      h("div", { class: "actions" }, this.button, h("span", { class: "muted" }, t("filter.cql.keys"))),
      h("p", { class: "muted" }, t("filter.cql.help")),
      h("details", {}, h("summary", {}, t("filter.cql.names")), this.fields),
    );
  }

  show(text, fields) {
    if (this.shown !== text) this.#draft = null;
    this.shown = text;
    if (this.#draft === null && this.input.value !== text) this.input.value = text;
    fill(
      this.fields,
      fields.map((field) => h("li", {}, h("button", { type: "button", class: "link", onclick: () => this.#insert(field.name) }, field.name), " ", h("span", { class: "muted" }, fieldLabel(field)))),
    );
    return this.root;
  }

  async #take() {
    const text = this.input.value.trim();
    try {
      read(text);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#at(t(error.key), error.at, 1);
      return;
    }
    if (await this.apply(text)) this.#draft = null;
  }

  #insert(name) {
    const { selectionStart: from, selectionEnd: to } = this.input;
    this.input.setRangeText(name, from, to, "end");
    this.#draft = this.input.value;
    this.input.focus();
  }

  // What the server said, at the field, the sign or the piece of text it names.
  fail(error) {
    this.input.removeAttribute("aria-invalid");
    fill(this.problem);
    if (!error) return;
    const { field, operator, near } = error.body ?? error;
    const piece = [field, operator, near?.replaceAll('"', "").trim().split(/\s+/)[0]].find((one) => one && this.input.value.toLowerCase().includes(String(one).toLowerCase()));
    const at = piece ? this.input.value.toLowerCase().indexOf(String(piece).toLowerCase()) : null;
    this.#at(sentence(error), at, piece?.length ?? 0);
  }

  #at(message, at, length) {
    const text = this.input.value;
    this.input.setAttribute("aria-invalid", "true");
    this.input.setAttribute("aria-describedby", "filter-problem");
    const place = at !== null && h("code", {}, text.slice(Math.max(0, at - 18), at), h("mark", {}, text.slice(at, at + length) || "▮"), text.slice(at + length, at + length + 18));
    fill(this.problem, h("p", {}, message), place);
    if (at !== null && document.activeElement !== this.input) this.input.focus();
    if (at !== null) this.input.setSelectionRange(at, at + length);
  }
}

// What a problem says, whether it came as an answer or as an error.
export const sentence = (problem) => problem.detail ?? problem.message;
