// The chosen rows: how many there are, what can be done with them, and choosing by row, by the map, in a box, or all.

import { asked } from "../core/asked.js";
import { catalogue } from "../core/catalogue.js";
import { $, fill, h, icon } from "../core/dom.js";
import { keepFocus } from "../core/focus.js";
import { t } from "../core/i18n.js";
import { pressed } from "../core/pressed.js";
import { MOST, selection } from "../core/selection.js";
import { say } from "../core/say.js";
import { tell, toast } from "../core/toast.js";
import { PickedLayer } from "../map/picked_layer.js";
import { fieldsOf } from "./columns.js";
import { openExport } from "./download.js";
import { projectButton } from "./project_pick.js";
import { covered } from "./sheets.js";
import { popover } from "./table/popover.js";
import { countable, ordered, statisticsOf } from "./table/statistics.js";

const SETTLED_MS = 150;

export class SelectionBar {
  #due = 0;
  #request = null;
  #found = null; // the chosen rows that are in the answer, as GeoJSON
  #pressed = {}; // the keys held at the last click on the map

  constructor(root, map, answer) {
    Object.assign(this, { root, map, answer });
    this.drawn = new PickedLayer(map);
    selection.addEventListener("change", () => this.show());
    map.getContainer().addEventListener("click", (event) => (this.#pressed = event), { capture: true });
  }

  // ---- choosing, for the table

  has(id) {
    return selection.has(id);
  }

  toggle(id) {
    told(selection.toggle(id));
  }

  state() {
    const matched = this.answer.first?.numberMatched ?? 0;
    return { checked: selection.size > 0 && selection.size >= Math.min(matched, MOST), some: selection.size > 0 };
  }

  add(ids) {
    told(selection.add(ids));
  }

  // Rows from the first position to the last, wherever the table has been scrolled to.
  range(first, last) {
    this.#add({}, { offset: first, limit: last - first + 1 }).catch(tell);
  }

  all(on) {
    if (on) this.#add({}, { limit: MOST }).catch(tell);
    else selection.clear();
  }

  async inBox(bbox) {
    const added = await this.#add({ bbox });
    toast(t("table.pick.added", { n: added }), { kind: "note", seconds: 4 });
  }

  async #add(where, extra = { limit: MOST }) {
    const { collection } = asked;
    const parameters = { ...this.answer.parameters(), ...where };
    const body = await this.answer.fetch({ properties: "code", ...extra }, null, parameters);
    if (collection !== asked.collection) return 0; // rows of what was asked before
    const left = selection.add(body.features.map(({ id }) => id));
    told(Math.max(left, extra.offset === undefined ? body.numberMatched - MOST : 0));
    return body.features.length;
  }

  // A click on the map with Ctrl or Shift takes the feature in or out; says whether it did.
  onMap(layer, id) {
    const { ctrlKey, shiftKey, metaKey } = this.#pressed;
    if (layer !== asked.subject || !(ctrlKey || shiftKey || metaKey)) return false;
    this.toggle(id);
    return true;
  }

  // ---- the bar

  show() {
    clearTimeout(this.#due);
    this.#request?.abort();
    const on = selection.size > 0 && asked.collection !== null && Boolean(this.answer.first);
    this.root.hidden = !on;
    if (!on) return void this.drawn.clear();
    this.#due = setTimeout(() => this.#look().catch(tell), SETTLED_MS);
    return this.#render(null);
  }

  // Which of the chosen rows the answer still holds, and where they lie.
  async #look() {
    const { signal } = (this.#request = new AbortController());
    this.#found = await this.answer.fetch({ limit: MOST, properties: "code" }, signal, this.answer.parameters({ picked: true, sorted: false }));
    if (signal.aborted) return;
    this.drawn.draw(this.#found.features);
    this.#render(this.#found);
  }

  #render(found) {
    if (pressed(this.root, () => !this.root.hidden && this.#render(found))) return;
    const outside = found ? selection.size - found.numberMatched : 0;
    const said = t(outside > 0 ? "table.picked.n" : "table.picked", { n: selection.size, matched: this.answer.first.numberMatched });
    const hidden = outside > 0 && t(outside < selection.size ? "table.picked.outside" : "table.picked.outside.all", { n: outside });
    const act = (name, drawn, run, more = {}) => {
      const title = t(`table.picked.${name}`);
      return h("button", { type: "button", class: name, title, "aria-label": title, onclick: run, ...more }, icon(drawn), h("span", {}, title));
    };
    const unplaced = found?.unplaced > 0 && h("span", { class: "tag warn" }, t("table.unplaced", { n: found.unplaced }));
    keepFocus(this.root, () => fill(
      this.root,
      h("p", {}, h("b", {}, said), hidden && h("span", { class: "tag outside" }, hidden), unplaced),
      act("stats", "info", (event) => this.#statistics(event.currentTarget), { "aria-haspopup": "dialog" }),
      act("zoom", "extent", () => this.#zoom(), { disabled: !this.drawn.bounds }),
      act("copy", "copy", () => this.answer.tools.copyRows()),
      act("export", "download", () => openExport({ ...this.answer.tools.what(), picked: true }), { "aria-haspopup": "dialog" }),
      projectButton(),
      act("clear", "close", () => this.#clear()),
    ));
    say([said, hidden].filter(Boolean).join(t("comma")));
  }

  // The bar goes, and the keyboard back to the rows.
  #clear() {
    selection.clear();
    say(t("table.picked.none"));
    $('#table tbody tr[tabindex="0"]')?.focus({ preventScroll: true });
  }

  #statistics(anchor) {
    const subject = catalogue.layers.get(asked.subject);
    const names = this.answer.columns.map(({ name }) => name);
    const fields = ordered(countable(fieldsOf(asked.question, subject)), names);
    const figure = fields.find(({ name, type }) => names.includes(name) && ["integer", "number", "year"].includes(type));
    const shown = statisticsOf({ collection: asked.collection, parameters: () => this.answer.parameters({ picked: true }), fields, field: figure ?? fields[0] });
    const panel = popover(anchor, { title: t("table.picked.of", { n: selection.size }), kind: "column-popover" }, shown.element);
    panel?.addEventListener("toggle", (event) => event.newState === "closed" && shown.stop());
  }

  #zoom() {
    const [left, top, right, bottom] = covered();
    const animate = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map.fitBounds(this.drawn.bounds, { paddingTopLeft: [left + 40, top + 40], paddingBottomRight: [right + 40, bottom + 40], maxZoom: 18, animate });
  }
}

const told = (left) => left > 0 && toast(t("table.pick.most", { most: MOST, n: left }), { kind: "note" });
