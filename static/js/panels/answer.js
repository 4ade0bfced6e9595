// What is asked at present, a question or a layer's table: its rows in the dock and on the map, as the state of the workspace says.

import { address, call } from "../core/api.js";
import { asked } from "../core/asked.js";
import { catalogue, changes } from "../core/catalogue.js";
import { allOf } from "../core/conditions.js";
import { $, fill, h } from "../core/dom.js";
import { keepFocus } from "../core/focus.js";
import { label, t } from "../core/i18n.js";
import { pressed } from "../core/pressed.js";
import { say } from "../core/say.js";
import { selection } from "../core/selection.js";
import { state } from "../core/state.js";
import { tell } from "../core/toast.js";
import { boxText } from "../map/feature_layer.js";
import { tableColumns } from "./columns.js";
import { SelectionBar } from "./selection_bar.js";
import { Table } from "./table.js";
import { answerHead, layerHead } from "./table/head.js";
import { before } from "./table/locate.js";
import { OnMap } from "./table/on_map.js";
import { resizable } from "./table/resize.js";
import { PAGE, Listed, Rows } from "./table/rows.js";
import { showShapeChips } from "./table/shape_chips.js";
import { TableTools } from "./table/tools.js";

const WHERE = ["question", "table", "parameters", "community", "compound", "within", "near", "nearFilter", "answers"];
const MOVED_MS = 300;

export class Answer {
  #request = null;
  #list = null; // the Rows of the table
  #usual = new Map(); // collection → names of its usual columns, as found with its first rows
  #moved = 0;
  #drawing = null; // the signal of a refresh that is under way
  #arrived = false; // whether its first page is here
  #filters = ""; // those that were asked with

  constructor(map, layer, select, hover) {
    this.map = map;
    this.drawn = new OnMap(map, layer, this);
    this.shapes = this.drawn.shapes;
    this.tools = new TableTools(map, this);
    this.picks = new SelectionBar($("#selection-bar"), map, this);
    this.table = new Table($("#table"), {
      select,
      hover,
      sort: (name) => this.#sort(name),
      pick: this.picks,
      menu: (column, button) => this.tools.menu(column, button),
      copy: () => this.tools.copyRows(),
    });
    resizable($("#results"), () => map.fire("panels:moved"));
    this.#wire();
  }

  #wire() {
    state.addEventListener("change", ({ detail }) => this.#changed(detail));
    changes.addEventListener("changed", () => this.refresh());
    selection.addEventListener("change", () => this.table.repick());
    this.map.on("moveend", () => state.value.inView && this.#later());
    this.map.on("feature:over", (at) => this.table.over(at?.layer === asked.subject ? at.id : null));
  }

  #changed(keys) {
    const has = (names) => names.some((name) => keys.includes(name));
    if (has(["question", "table"])) this.#forget(keys);
    if (has(WHERE) || (has(["filters"]) && this.#filters !== asked.filters().join("\n"))) return void this.refresh();
    if (has(["sort", "columns", "inView"])) this.#relist(keys.includes("columns"));
    if (has(["shapes"])) this.drawn.drawShapes(this.#request?.signal);
    if (has(["selected"])) this.drawn.fetchSelected().catch(tell);
    return undefined;
  }

  // Columns and order belong to what was asked before.
  #forget(keys) {
    const { columns, sort } = state.value;
    const name = sort?.replace("-", "");
    const known = [...(asked.question?.fields ?? []), ...(catalogue.layers.get(asked.subject)?.fields ?? [])].some((field) => field.name === name);
    const change = { ...(columns && !keys.includes("columns") ? { columns: null } : {}), ...(sort && !known ? { sort: null } : {}) };
    if (Object.keys(change).length) state.set(change);
  }

  #later() {
    clearTimeout(this.#moved);
    this.#moved = setTimeout(() => this.#relist(), MOVED_MS);
  }

  get question() {
    return asked.question;
  }

  get subject() {
    return asked.subject;
  }

  parameters(options) {
    asked.bounds ??= boxText(this.map.getBounds());
    return asked.parameters(options);
  }

  get path() {
    return `/ogc/collections/${asked.collection}/items`;
  }

  // ---- asking

  async refresh() {
    const signal = (this.#drawing = this.#begin());
    this.#arrived = false;
    if (!signal) return this.#clear();
    try {
      const first = await this.#take(signal);
      this.#arrived = true;
      await this.#draw(first, signal);
      return first;
    } catch (error) {
      return this.#failed(error, signal);
    } finally {
      if (this.#drawing === signal) this.#drawing = null;
      this.#end(signal);
    }
  }

  async #draw(first, signal) {
    if (asked.question) await this.drawn.draw(first, signal);
    else this.drawn.clear();
    $("#results").dataset.shown = asked.collection;
    this.map.fire("answer:shown");
    await this.drawn.drawShapes(signal);
    signal.throwIfAborted();
    await this.drawn.fetchSelected();
  }

  // The rows anew, in another order or of another view; the map stays, unless it is not drawn yet.
  async #relist(columnsOnly = false) {
    if (!asked.collection) return;
    if (columnsOnly && asked.question && this.first && (this.#arrived || !this.#drawing)) return void this.#show({ keep: true });
    if (this.#drawing) return void this.refresh();
    const signal = this.#begin();
    try {
      await this.#take(signal, { keep: columnsOnly });
    } catch (error) {
      this.#failed(error, signal);
    } finally {
      this.#end(signal);
    }
  }

  // Gives up what was asked before; the signal of what is asked now, null when nothing is.
  #begin() {
    this.#request?.abort();
    this.#list?.stop?.();
    const { collection } = asked;
    document.body.dataset.asked = collection ? "true" : "";
    this.#filters = asked.filters().join("\n");
    this.#request = collection ? new AbortController() : null;
    if (collection) $("#results").setAttribute("aria-busy", "true");
    return this.#request?.signal ?? null;
  }

  #end(signal) {
    if (!signal.aborted) $("#results").removeAttribute("aria-busy");
  }

  // The first page, and what the dock shows of it.
  async #take(signal, options) {
    const first = await this.fetch({ limit: PAGE }, signal);
    signal.throwIfAborted();
    this.first = first;
    const list = (this.#list = new Rows(first, {
      read: (offset, limit, other) => this.fetch({ offset, limit }, other),
      locate: (id) => this.#locate(id),
      failed: tell,
    }));
    list.addEventListener("changed", () => list === this.#list && this.refresh());
    list.addEventListener("arrived", ({ detail }) => this.drawn.remember(detail));
    this.drawn.remember(first.features);
    this.#show(options);
    return first;
  }

  // Rows by id with all that the answer says of them, as far as they are here.
  get rows() {
    return this.drawn.rows;
  }

  // Rows from `offset` on that came with what was drawn.
  keep(offset, features) {
    this.#list.keep(offset, features);
  }

  // A page of what is asked; a layer's rows bring the columns only, an answer all that it says.
  async fetch(extra, signal, parameters = this.parameters()) {
    const names = asked.question ? {} : { properties: this.#brought() };
    const { body } = await call("GET", address(this.path, { ...parameters, ...names, ...extra }), { signal });
    return body;
  }

  // Until the usual columns are known all fields come.
  #brought() {
    const names = state.value.columns ?? this.#usual.get(asked.collection);
    const subject = catalogue.layers.get(asked.subject);
    const known = names?.filter((name) => subject.fields.some((field) => field.name === name));
    return known?.length ? [...new Set(["code", subject.title_field, ...known])].join(",") : null;
  }

  async #locate(id) {
    const { sort } = state.value;
    const name = sort?.replace("-", "") ?? null;
    const field = [...(asked.question?.fields ?? []), ...catalogue.layers.get(asked.subject).fields].find((one) => one.name === name) ?? null;
    const { sortby, filter, ...others } = this.parameters();
    const where = (text) => ({ ...others, filter: allOf([filter, text]) });
    try {
      const { features } = await this.fetch({ limit: 1, properties: name ?? "code" }, null, where(`id = ${id}`));
      if (!features.length) return -1;
      const earlier = before(id, field, features[0].properties[name], sort?.startsWith("-"));
      const { numberMatched } = await this.fetch({ limit: 1, properties: "code" }, null, where(earlier.map((text) => `(${text})`).join(" OR ")));
      return numberMatched;
    } catch (error) {
      tell(error);
      return -1;
    }
  }

  // ---- the dock

  get columns() {
    const subject = catalogue.layers.get(asked.subject);
    const features = this.first.features;
    const found = tableColumns({ question: asked.question, subject, names: state.value.columns ?? this.#usual.get(asked.collection), features, nameOf: this.#nameOf });
    if (!asked.question && features.length && !this.#usual.has(asked.collection) && !state.value.columns)
      this.#usual.set(asked.collection, found.map(({ name }) => name));
    return found;
  }

  #nameOf = (id, code) => this.map.featureLayers.get(id)?.titleOfCode?.(code);

  #show({ keep = false } = {}) {
    this.#head();
    this.table.grid.style.setProperty("--wide", `${this.columns.reduce((sum, { width }) => sum + (width ?? 110), 40)}px`);
    this.table.root.dataset.columns = this.columns[0]?.width ? "own" : "usual";
    this.table.show(this.#list, this.columns, state.value.sort, { keep });
    this.picks.show();
  }

  #head() {
    const { question, subject, collection } = asked;
    const list = this.#list;
    if (pressed($("#answer-head"), () => list === this.#list && collection === asked.collection && this.#head())) return;
    const parts = { tools: this.tools.buttons(), downloads: this.tools.downloads(this.first.numberMatched), legend: this.#legend(question) };
    keepFocus($("#answer-head"), () => {
      if (question) answerHead($("#answer-head"), question, this.first, parts);
      else layerHead($("#answer-head"), catalogue.layers.get(subject), this.first, parts);
    });
    say(["#sentence", "#counted", "#answer-head > .note"].map((part) => $(part)?.textContent).filter(Boolean).join(t("life.and")));
    showShapeChips(this.shapes);
  }

  // Classes that the rows are coloured by, where that is not the answer itself.
  #legend(question) {
    const subject = question && this.map.featureLayers.get(question.subject);
    if (!subject?.derived || !subject.style.by) return null;
    const field = catalogue.field(question.subject, subject.style.by);
    const classes = { ...subject, style: { ...subject.style, classes: subject.style.classes.filter((entry) => entry.value !== null) } };
    return h("div", { class: "legend" }, h("span", { class: "muted" }, label(field.label)), h("ul", { class: "classes" }, this.map.legend.rows(classes)));
  }

  #sort(name) {
    const { sort } = state.value;
    state.set({ sort: sort === name ? `-${name}` : sort === `-${name}` ? null : name });
  }

  // Stopped by the reader, or failed: said where the rows would be, with the way to ask again. Nothing of one that a newer request replaced.
  #failed(error, signal) {
    if (signal.aborted) return null;
    this.#empty();
    const again = h("button", { type: "button", class: "link", onclick: () => this.refresh() }, t("table.again"));
    const stopped = error.name === "AbortError";
    const said = stopped ? [t("table.stopped"), " "] : [error.message, " ", error.wayOut ?? "", " "];
    fill($("#answer-head"), h("p", { class: stopped ? "note" : "note error", role: stopped ? "status" : "alert" }, said, again));
    this.map.fire("answer:shown");
    return null;
  }

  #clear() {
    this.#empty();
    $("#results").removeAttribute("aria-busy");
    delete $("#results").dataset.shown;
    fill($("#answer-head"), h("p", { class: "hint" }, t("results.none")));
    this.map.fire("answer:shown");
  }

  #empty() {
    this.drawn.clear();
    this.#list = null;
    this.table.show(new Listed([]), []);
    this.picks.show();
  }
}
