// The filter: fields of a layer or of the question with counts that follow the map, groups of conditions, and CQL2 as it is written.

import { get } from "../core/api.js";
import { asked } from "../core/asked.js";
import { catalogue, changes } from "../core/catalogue.js";
import { fill, h, icon } from "../core/dom.js";
import { fieldLabel } from "../core/format.js";
import { label, t } from "../core/i18n.js";
import { say } from "../core/say.js";
import { state } from "../core/state.js";
import { tell } from "../core/toast.js";
import { Builder } from "../filter/builder.js";
import { read, write } from "../filter/cql2.js";
import { Facet, anew, summary } from "../filter/facet.js";
import { choose, chosen } from "../filter/facets.js";
import { TypedFilter, sentence } from "../filter/typed.js";
import { show } from "./sheets.js";

const FIRST = 4; // fields that stand open at first
const SKIPPED = new Set(["code", "name", "alias", "version", "updated_at", "updated_by", "source", "accuracy_m"]);
const SOON = 150;
const NONE = " ";

export class FilterPanel {
  #target = null;
  #shown = null; // the target that stands in the panel: layers switched on elsewhere do not take its place
  #applying = null; // {target, text} that the server is asked about
  #view = "fields";
  #find = "";
  #open = new Map(); // target → names of the fields that stand open
  #facets = new Map();
  #request = null;
  #timer = null;
  #follow = true;

  constructor(root, map) {
    this.root = root;
    this.map = map;
    this.head = h("div", { class: "filter-head" });
    this.body = h("div", { class: "filter-body" });
    this.problem = h("p", { class: "note error", role: "alert", hidden: true });
    root.append(this.head, this.problem, this.body);
    this.builder = new Builder((text) => this.apply(text));
    this.typed = new TypedFilter((text) => this.apply(text));
    catalogue.addEventListener("loaded", () => this.render());
    state.on(["filters"], () => this.render());
    state.on(["question", "table"], () => this.#aim(null));
    state.on(["layers"], () => !this.#seen && !this.#target && !this.text && this.#aim(null));
    state.on(["parameters", "answers", "community", "compound", "within", "near", "nearFilter", "inView"], () => this.#soon());
    map.on("moveend", () => this.#follow && this.#soon());
    map.on("filter:layer", ({ layer }) => this.open(layer));
    changes.addEventListener("changed", () => this.#soon());
    new MutationObserver(() => this.#soon()).observe(document.body, { attributeFilter: ["data-tab", "data-sheet", "data-side"] });
  }

  // Another layer or question to filter, and the panel in view.
  open(target) {
    this.#aim(target);
    show("filter");
    this.root.querySelector("select")?.focus({ preventScroll: true });
  }

  get target() {
    const known = (id) => catalogue.questions.has(id) || catalogue.layers.has(id);
    return [this.#target, asked.collection, this.#shown, state.value.layers?.at(-1), "compounds"].find(known) ?? [...catalogue.layers.keys()][0];
  }

  // What is being taken counts already, so that two clicks in a row are two conditions.
  get text() {
    return this.#applying?.target === this.target ? this.#applying.text : (state.value.filters[this.target] ?? "");
  }

  get fields() {
    const question = catalogue.questions.get(this.target);
    const layer = catalogue.layers.get(question?.subject ?? this.target);
    return [...(question?.fields ?? []), ...(layer?.fields ?? [])].filter(({ name, type }) => type !== "json" && !["why", "answer"].includes(name));
  }

  #aim(target) {
    this.#target = target;
    this.#shown = null;
    this.#facets.clear();
    this.#find = "";
    this.render();
  }

  // Takes a filter if the server understands it; says why not otherwise. Resolves to whether it did; one that a later one replaced did not.
  async apply(text) {
    const target = this.target;
    const mine = (this.#applying = { target, text });
    this.#halt();
    const { problem } = text ? await get(`/api/asks/${target}`, { filter: text }).catch((error) => ({ problem: error })) : {};
    if (mine !== this.#applying) return false;
    this.#applying = null;
    if (problem?.name !== "AbortError") this.#fail(problem);
    if (problem) return this.#refused();
    const { [target]: _, ...others } = state.value.filters;
    state.set({ filters: text ? { ...others, [target]: text } : others }, { push: true });
    return true;
  }

  #refused() {
    if (this.#view === "fields") this.render();
    else this.#soon();
    return false;
  }

  #fail(error) {
    this.problem.hidden = !error || this.#view === "text";
    this.problem.textContent = error ? sentence(error) : "";
    this.typed.fail(error);
  }

  #tree() {
    try {
      return read(this.text);
    } catch {
      return null;
    }
  }

  render() {
    if (!catalogue.layers.size) return;
    this.#shown = this.target;
    const focused = this.root.contains(document.activeElement) && placeOf(document.activeElement);
    fill(this.head, h("h2", { class: "hidden" }, t("filter")), this.#chooser(), (this.numbers = h("p", { class: "numbers" })), this.#views());
    if (this.#view === "fields") anew(() => this.#fields());
    else if (this.#view === "groups") fill(this.body, this.builder.show(this.#tree(), this.fields, this.text));
    else fill(this.body, this.typed.show(this.text, this.fields));
    if (focused) this.root.querySelector(focused)?.focus({ preventScroll: true });
    this.#soon();
  }

  #chooser() {
    const { filters } = state.value;
    const option = (id, name) => h("option", { value: id, selected: id === this.target }, filters[id] ? t("filter.has.filter", { name }) : name);
    const groups = new Map();
    for (const layer of catalogue.layers.values()) if (!layer.derived) groups.set(label(layer.group), [...(groups.get(label(layer.group)) ?? []), layer]);
    const question = asked.question;
    const select = h(
      "select",
      { id: "filter-target", onchange: (event) => this.#aim(event.target.value), data: { keep: "target" } },
      question && h("optgroup", { label: t("filter.asked") }, option(question.id, label(question.title))),
      [...groups].map(([name, layers]) => h("optgroup", { label: name }, layers.map((layer) => option(layer.id, label(layer.label))))),
    );
    const help = catalogue.questions.has(this.target) ? t("filter.rule.question") : t("filter.rule.layer");
    return h("div", { class: "field" }, h("label", { for: "filter-target" }, t("filter.target")), select, h("p", { class: "muted" }, help));
  }

  #views() {
    const button = (name, said) =>
      h("button", { type: "button", "aria-pressed": String(this.#view === name), onclick: () => ((this.#view = name), this.#fail(null), this.render()), data: { keep: `view-${name}`, view: name } }, said);
    const clear = h("button", { type: "button", class: "quiet", disabled: !this.text, onclick: () => this.apply("") }, t("filter.clear"));
    return h(
      "div",
      { class: "views" },
      h("div", { class: "segments", role: "group", "aria-label": t("filter.how") }, button("fields", t("filter.fields")), button("groups", t("filter.groups")), button("text", "CQL2")),
      clear,
    );
  }

  // fields ------------------------------------------------------------------------------------------------------------------

  get #openNames() {
    if (!this.#open.has(this.target)) this.#open.set(this.target, new Set(this.#first()));
    return this.#open.get(this.target);
  }

  // What stands open before anybody chose: what colours the layer, and the first fields that sort well.
  #first() {
    const layer = catalogue.layers.get(this.target);
    const good = this.fields.filter(({ name, type }) => !SKIPPED.has(name) && (type === "choice" || type === "year" || name === "community" || name === "value"));
    const by = this.fields.filter(({ name }) => name === layer?.style.by);
    return [...new Set([...by, ...good])].slice(0, FIRST).map(({ name }) => name);
  }

  #fields() {
    const tree = this.#tree();
    if (!tree) return fill(this.body, h("p", { class: "note warn" }, t("filter.unreadable")));
    const picked = chosen(tree);
    const rank = ({ name }) => (picked.has(name) ? 0 : this.#openNames.has(name) ? 1 : 2);
    const listed = this.fields.map((field, i) => [field, rank(field), i]).sort((a, b) => a[1] - b[1] || a[2] - b[2]).map(([field]) => field);
    const list = h("div", { class: "facets" }, listed.map((field) => this.#facet(field, picked)));
    const narrow = () => {
      const wanted = this.#find.toLowerCase();
      for (const one of list.children) one.hidden = wanted !== "" && !one.dataset.words.includes(wanted);
    };
    const find = h("input", { type: "search", class: "find", value: this.#find, placeholder: t("filter.find"), "aria-label": t("filter.find"), oninput: (event) => ((this.#find = event.target.value.trim()), narrow()), data: { keep: "find" } });
    const follow = h("label", { class: "follow" }, h("input", { type: "checkbox", checked: this.#follow, onchange: (event) => ((this.#follow = event.target.checked), this.#soon()), data: { keep: "follow" } }), t("filter.follow"));
    const rest = conjunctsBeside(tree, picked);
    fill(this.body, h("div", { class: "finding" }, find, follow), rest && h("p", { class: "note" }, t("filter.beside"), h("code", {}, rest)), list);
    narrow();
    return undefined;
  }

  #facet(field, picked) {
    const choice = picked.get(field.name);
    const open = this.#openNames.has(field.name) || picked.has(field.name);
    const facet = this.#facets.get(field.name) ?? new Facet(field, (one) => this.apply(write(choose(this.#tree(), field.name, one))));
    this.#facets.set(field.name, facet);
    if (open) facet.show(facet.spread, choice);
    const toggle = (event) => {
      if (event.target.open) this.#openNames.add(field.name);
      else this.#openNames.delete(field.name);
      if (event.target.open) facet.show(facet.spread, chosen(this.#tree()).get(field.name));
      this.#soon();
    };
    const clear = h("button", { type: "button", class: "round", title: t("filter.drop"), "aria-label": t("filter.drop.of", { field: label(field.label) }), onclick: (event) => (event.preventDefault(), facet.choose(null)) }, icon("close"));
    return h(
      "details",
      { class: `facet${picked.has(field.name) ? " on" : ""}`, open, ontoggle: toggle, data: { field: field.name, words: `${label(field.label)} ${field.name}`.toLowerCase() } },
      h("summary", {}, h("span", { class: "name" }, fieldLabel(field)), picked.has(field.name) && h("span", { class: "chosen" }, summary(field, choice)), picked.has(field.name) && clear),
      facet.root,
    );
  }

  // counts ------------------------------------------------------------------------------------------------------------------

  get #seen() {
    const { tab, sheet, side } = document.body.dataset;
    return matchMedia("(max-width: 760px)").matches ? sheet === "filter" : tab === "filter" && side !== "folded";
  }

  // What is counted is no longer what is asked.
  #halt() {
    clearTimeout(this.#timer);
    this.#request?.abort();
  }

  #soon() {
    this.#halt();
    if (this.#seen && catalogue.layers.size) this.#timer = setTimeout(() => this.#count().catch(tell), SOON);
  }

  // What is asked of the target with `text` as its filter.
  #asks(text) {
    const filters = { ...state.value.filters, [this.target]: text };
    if (this.target === asked.collection) return asked.parameters({ sorted: false, filters });
    const here = catalogue.questions.has(this.target) ? { answer: "yes" } : {};
    return text ? { ...here, filter: text } : here;
  }

  async #count() {
    const { signal } = (this.#request = new AbortController());
    const path = `/api/statistics/${this.target}`;
    const inMap = (parameters) => (this.#follow && asked.bounds ? { ...parameters, bbox: asked.bounds } : parameters);
    try {
      const whole = this.#asks(this.text);
      const tree = this.#view === "fields" ? this.#tree() : null;
      const [all, here] = await Promise.all([
        count(path, whole, [], signal),
        tree ? this.#spreads(path, tree, inMap, signal) : count(path, inMap(whole), [], signal),
      ]);
      if (signal.aborted) return;
      this.#numbers(all, here);
    } catch (error) {
      if (error.name !== "AbortError" && !signal.aborted) this.#fail(error);
    }
  }

  // Open fields without a condition at once; one with a condition counts what the others leave it.
  async #spreads(path, tree, inMap, signal) {
    const picked = chosen(tree);
    const open = this.fields.map(({ name }) => name).filter((name) => this.#openNames.has(name) || picked.has(name));
    const free = open.filter((name) => !picked.has(name));
    const bound = open.filter((name) => picked.get(name));
    const [rest, ...own] = await Promise.all([
      count(path, inMap(this.#asks(this.text)), free, signal),
      ...bound.map((name) => count(path, inMap(this.#asks(write(choose(tree, name, null)))), [name], signal)),
    ]);
    signal.throwIfAborted();
    for (const spread of [...rest.fields, ...own.flatMap(({ fields }) => fields)]) this.#facets.get(spread.name)?.show(spread, picked.get(spread.name));
    return rest;
  }

  #numbers(all, map) {
    const said = [this.#follow && t("filter.inmap", { n: map.matched }), all.unplaced && t("filter.unplaced", { n: all.unplaced })].filter(Boolean);
    if (this.root.contains(document.activeElement)) say([t("filter.matched", { n: all.matched, of: all.total }), ...said].join(t("life.and")));
    fill(this.numbers, h("b", {}, t("filter.matched", { n: all.matched, of: all.total })), said.map((one) => h("span", {}, one)));
    this.numbers.dataset.matched = all.matched;
    this.numbers.dataset.total = all.total;
  }
}

// Where the keyboard is: a control of the panel, or one of a field.
function placeOf(element) {
  const { keep, key } = element.dataset;
  const facet = element.closest("[data-facet]");
  const own = keep ? `[data-keep="${keep}"]` : key && `[data-key="${CSS.escape(key)}"]`;
  return own && facet ? `[data-facet="${facet.dataset.facet}"] ${own}` : own;
}

// `fields` without a name asks for the counts alone.
const count = (path, parameters, names, signal) => get(path, { ...parameters, ...(names.length ? { fields: names.join(","), of: "all" } : { fields: NONE }) }, { signal });

// The conditions that no field shows, as text.
function conjunctsBeside(tree, picked) {
  let rest = tree;
  for (const name of picked.keys()) rest = choose(rest, name, null);
  return write(rest);
}
