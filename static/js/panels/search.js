// Search by name, alias or code: a list under the field, worked by mouse or keys, that leads to the feature.

import { get } from "../core/api.js";
import { catalogue } from "../core/catalogue.js";
import { $, fill, h } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { tell } from "../core/toast.js";
import { isNarrow } from "./sheets.js";

export class Search {
  #results = [];
  #active = -1;
  #timer = 0;
  #request = null;

  constructor(open) {
    this.open = open;
    this.input = $("#search");
    if (isNarrow()) this.input.placeholder = t("search.short");
    this.list = $("#search-results");
    this.input.addEventListener("input", () => this.#later());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("blur", () => setTimeout(() => document.activeElement !== this.input && this.#hide(), 150)); // who is back types on
    this.input.addEventListener("focus", () => this.#results.length && this.input.value.trim() && this.#render());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask().catch(tell), 150);
  }

  async #ask() {
    const q = this.input.value.trim();
    this.#request?.abort();
    if (!q) return this.#hide();
    this.#request = new AbortController();
    const { results } = await get("/api/search", { q }, { signal: this.#request.signal });
    this.#results = results;
    this.#active = results.length ? 0 : -1;
    return this.#render();
  }

  #render() {
    const rows = this.#results.map((result, i) =>
      h(
        "li",
        { role: "option", id: `found-${i}`, "aria-selected": String(i === this.#active), onclick: () => this.#choose(result) },
        h("span", { class: "name" }, result.title),
        h("span", { class: "muted" }, [label(catalogue.layers.get(result.layer)?.label), result.subtitle].filter(Boolean).join(" · ")),
        result.lon === null && h("span", { class: "tag" }, t("unplaced.one")),
      ),
    );
    fill(this.list, rows.length ? rows : h("li", { class: "none" }, t("search.none")));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    if (this.#active >= 0) this.input.setAttribute("aria-activedescendant", `found-${this.#active}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.list.children[this.#active]?.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#results.length) {
      event.preventDefault();
      this.#active = (this.#active + step + this.#results.length) % this.#results.length;
      this.#render();
    } else if (event.key === "Enter" && this.#results[this.#active]) this.#choose(this.#results[this.#active]);
    else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.#hide();
    }
  }

  #choose(result) {
    this.#hide();
    this.input.value = result.title;
    $("#details").dataset.wanted = "true"; // the keyboard goes on to what was found
    this.input.blur();
    this.open(result);
  }

  #hide() {
    clearTimeout(this.#timer);
    this.#request?.abort(); // what comes now would open the list again
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }
}
