// Search by name, alias or code: a list under the field, worked by mouse or keys, that leads to the feature.

import { get } from "../core/api.js";
import { catalogue } from "../core/catalogue.js";
import { $, fill, h } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { tell } from "../core/toast.js";
import { state } from "../core/state.js";
import { group, test, write } from "../filter/cql2.js";
import { openTable } from "./listing.js";
import { isNarrow } from "./sheets.js";

const NAMES = ["alias", "code"]; // looked at beside the title, as the server does

export class Search {
  #results = []; // what can be chosen: features, then whole layers
  #matched = 0;
  #asked = "";
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
    const { results, numberMatched, layers } = await get("/api/search", { q }, { signal: this.#request.signal });
    const whole = numberMatched > results.length ? Object.entries(layers).map(([layer, n]) => ({ whole: layer, n })) : [];
    this.#results = [...results, ...whole];
    this.#matched = numberMatched;
    this.#asked = q;
    this.#active = results.length ? 0 : -1;
    return this.#render();
  }

  #render() {
    const rows = this.#results.map((result, i) =>
      h(
        "li",
        { role: "option", id: `found-${i}`, class: result.whole && "whole", "aria-selected": String(i === this.#active), onclick: () => this.#choose(result) },
        result.whole ? wholeLayer(result) : feature(result),
      ),
    );
    const first = this.#results.findIndex(({ whole }) => whole);
    if (first >= 0) rows.splice(first, 0, note(t("search.more", { n: first, matched: this.#matched })));
    fill(this.list, rows.length ? rows : note(t([...catalogue.layers.values()].some(({ count }) => count) ? "search.none" : "search.empty", { q: this.#asked })));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    if (this.#active >= 0) this.input.setAttribute("aria-activedescendant", `found-${this.#active}`);
    else this.input.removeAttribute("aria-activedescendant");
    $(`#found-${this.#active}`, this.list)?.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#results.length) {
      event.preventDefault();
      this.#active = (this.#active + step + this.#results.length) % this.#results.length;
      this.#render();
    } else if (event.key === "Enter" && !event.isComposing) this.#enter().catch(tell); // the Enter that ends a composed word is none
    else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.#hide();
    }
  }

  // Not what was found for other words than those that stand there: they are asked about first.
  async #enter() {
    const q = this.input.value.trim();
    clearTimeout(this.#timer);
    if (q && q !== this.#asked) await this.#ask();
    if (q === this.#asked && q === this.input.value.trim() && this.#results[this.#active]) this.#choose(this.#results[this.#active]);
  }

  #choose(result) {
    this.#hide();
    if (result.whole) return void this.#list(result.whole);
    this.input.value = result.title;
    $("#details").dataset.wanted = "true"; // the keyboard goes on to what was found
    this.input.blur();
    this.open(result);
  }

  // All that was found in a layer, as its table; the way back is one step.
  #list(id) {
    const { title_field: title, fields } = catalogue.layers.get(id);
    const names = [...new Set([title, ...NAMES])].filter((name) => fields.some((field) => field.name === name));
    const filter = write(group("or", names.map((name) => test(name, "has", [this.#asked]))));
    openTable(id, { filters: { ...state.value.filters, [id]: filter } });
  }

  #hide() {
    clearTimeout(this.#timer);
    this.#request?.abort(); // what comes now would open the list again
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }
}

const feature = ({ layer, title, subtitle, lon }) => [
  h("span", { class: "name" }, title),
  h("span", { class: "muted" }, [label(catalogue.layers.get(layer)?.label), subtitle].filter(Boolean).join(" · ")),
  lon === null && h("span", { class: "tag" }, t("unplaced.one")),
];

const wholeLayer = ({ whole, n }) => h("span", {}, t("search.all", { layer: label(catalogue.layers.get(whole)?.label), n }));
const note = (text) => h("li", { class: "none", role: "option", "aria-disabled": "true" }, text);
