// Named views: keep what is shown under a short address, and the list of those there are.

import { call, get } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { dateTime, lang, t } from "../core/i18n.js";
import { copy } from "./copy.js";
import { query } from "./here.js";

const MANY = 8; // views from which a field to find one is worth its place

export class ViewsPane {
  #views = [];

  constructor(map) {
    this.map = map;
    this.title = h("input", { id: "share-view-title", maxlength: 120, required: true, autocomplete: "off", placeholder: t("share.view.hint") });
    this.find = h("input", { type: "search", class: "find", placeholder: t("share.view.find"), "aria-label": t("share.view.find"), oninput: () => this.#render() });
    this.list = h("ul", { class: "views" });
    this.told = h("div", { role: "status" });
    this.form = h(
      "form",
      { class: "field", onsubmit: (event) => (event.preventDefault(), this.#keep()) },
      h("label", { for: "share-view-title" }, t("share.view.title")),
      h("div", { class: "with-button" }, this.title, h("button", { class: "primary" }, t("share.view.keep"))),
    );
    this.box = h("div", {}, h("p", { class: "muted" }, t("share.view.lead")), this.form, this.told, h("h3", {}, t("share.view.list")), this.find, this.list);
  }

  async show() {
    fill(this.told);
    const { views } = await get("/api/views");
    this.#views = views;
    this.#render();
  }

  // Kept under the name made of the title; where that is taken, the present one may be put in its place.
  async #keep() {
    const sent = { title: this.title.value.trim(), address: query(this.map) };
    if (!sent.title) return this.title.focus();
    const taken = this.#views.find((view) => view.name === nameOf(sent.title));
    if (taken) return this.#offerReplace(taken, sent);
    try {
      const { body } = await call("POST", "/api/views", { json: sent });
      this.form.reset();
      await this.show();
      this.#tellKept(body);
    } catch (error) {
      this.#problem(error); // somebody else was quicker with the name
    }
    return undefined;
  }

  #tellKept(view) {
    fill(
      this.told,
      h(
        "p",
        { class: "note good" },
        t("share.view.kept"),
        " ",
        h("a", { href: view.link }, readable(view.link)),
        " ",
        h("button", { type: "button", class: "link", onclick: (event) => copy(view.link, event.currentTarget) }, t("share.copy")),
      ),
    );
  }

  #problem(error) {
    fill(this.told, h("p", { class: "note error", role: "alert" }, [error.message, error.wayOut].filter(Boolean).join(" ")));
  }

  #offerReplace(there, sent) {
    const replace = () => this.#change(there, sent).then((body) => body && this.#tellKept(body));
    const button = h("button", { type: "button", class: "link", onclick: replace }, t("share.view.replace"));
    fill(this.told, h("p", { class: "note warn" }, t("share.view.taken", { title: there.title }), " ", button));
    button.focus();
  }

  async #change(view, json) {
    try {
      const { body } = await call("PATCH", path(view), { json, headers: { "If-Match": `"${view.version}"` } });
      await this.show();
      return body;
    } catch (error) {
      this.#problem(error);
      return null;
    }
  }

  async #remove(view) {
    try {
      await call("DELETE", path(view), { headers: { "If-Match": `"${view.version}"` } });
      await this.show();
      const undo = h("button", { type: "button", class: "link", onclick: () => this.#bringBack(view) }, t("undo"));
      fill(this.told, h("p", { class: "note" }, t("share.view.gone", { title: view.title }), " ", undo));
      undo.focus();
    } catch (error) {
      this.#problem(error);
    }
  }

  async #bringBack({ name, title, address }) {
    try {
      await call("POST", "/api/views", { json: { name, title, address } });
      await this.show();
    } catch (error) {
      this.#problem(error);
    }
  }

  #render() {
    const wanted = this.find.value.trim().toLowerCase();
    this.find.hidden = this.#views.length < MANY;
    const shown = this.#views.filter((view) => `${view.title} ${view.name}`.toLowerCase().includes(wanted));
    fill(this.list, shown.length ? shown.map((view) => this.#row(view)) : h("li", { class: "muted" }, t("share.view.none")));
  }

  #row(view) {
    const title = h("a", { href: `/?view=${encodeURIComponent(view.name)}&lang=${lang}` }, view.title);
    const button = (name, key, run) => h("button", { type: "button", class: "round", title: t(key), "aria-label": `${t(key)}: ${view.title}`, onclick: run }, icon(name));
    const made = h(
      "li",
      {},
      h("div", { class: "what" }, title, h("p", { class: "muted" }, `/?view=${view.name} · ${dateTime(view.at)}`)),
      button("copy", "share.view.copy", (event) => copy(view.link, event.currentTarget)),
      button("edit", "share.view.rename", () => made.replaceWith(this.#renaming(view))),
      button("close", "share.view.remove", () => this.#remove(view)),
    );
    return made;
  }

  // Another title; the short address stays, so that links that were given out go on leading here.
  #renaming(view) {
    const input = h("input", { value: view.title, maxlength: 120, required: true, "aria-label": t("share.view.title") });
    const save = (event) => (event.preventDefault(), this.#change(view, { title: input.value.trim() }));
    const form = h(
      "form",
      { class: "with-button", onsubmit: save },
      input,
      h("button", { class: "primary" }, t("save")),
      h("button", { type: "button", class: "quiet", onclick: () => this.#render() }, t("cancel")),
    );
    requestAnimationFrame(() => input.select());
    return h("li", {}, form);
  }
}

// The name in the short address, as the service makes it of a title.
const nameOf = (title) => title.normalize("NFC").replace(/[^\p{L}\p{N}_-]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 80);
const path = (view) => `/api/views/${encodeURIComponent(view.name)}`;
const readable = (link) => decodeURIComponent(link);
