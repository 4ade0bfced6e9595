// One layer in the tree: its switch, sample, name and count, and what can be done with it.

import { asked } from "../core/asked.js";
import { fill, h } from "../core/dom.js";
import { label, number, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { sample } from "../map/swatch.js";
import { downloads } from "../panels/download.js";
import { countsOf } from "./counts.js";
import { StyleEditor } from "./editor.js";
import { legendRows } from "./legend.js";

export class LayerRow {
  #editor = null;
  #legend = null;
  #turn = 0; // of what is counted: an older answer that comes later is dropped

  // `todo` {toggle, table, filter, zoom, unplaced, open}: what the row's buttons do, each told the layer's id.
  constructor(layer, drawn, looks, todo) {
    Object.assign(this, { layer, drawn, looks, todo });
    this.sample = h("span", { class: "sample-of" });
    this.note = h("p", { class: "note", hidden: true });
    this.total = h("span", { class: "count", title: t("layers.count") }, number(layer.count));
    this.legend = h("div", {});
    this.more = h("div", { class: "more-of", id: `more-${layer.id}`, hidden: true });
    this.box = h("input", { type: "checkbox", id: `layer-${layer.id}`, onchange: (event) => todo.toggle(layer.id, event.target.checked) });
    this.button = layer.count === 0 ? null : h("button", { type: "button", class: "round more", id: `more-button-${layer.id}`, title: t("layers.more"), "aria-label": `${t("layers.more")} ${label(layer.label)}`, "aria-expanded": "false", "aria-controls": this.more.id, onclick: () => todo.open(layer.id) }, "⋯");
    this.filtered = h("div", {});
    this.element = h("li", { class: layer.count ? "" : "empty", data: { layer: layer.id } }, this.button, this.#name(), this.#unplaced(), this.filtered, this.note, this.more, this.legend);
    this.restyle();
    this.refilter();
  }

  #name() {
    const { layer } = this;
    return h("label", { for: this.box.id }, this.box, this.sample, h("span", { class: "name", title: label(layer.help) || null }, label(layer.label)), this.total);
  }

  #unplaced() {
    const { id, unplaced } = this.layer;
    return unplaced > 0 && h("button", { type: "button", class: "unplaced", onclick: () => this.todo.unplaced(id) }, t("unplaced.count", { n: unplaced }));
  }

  // Sample and legend as the layer is drawn now.
  restyle() {
    fill(this.sample, sample(this.drawn));
    this.#legend = null;
    fill(this.legend);
    this.show(this.box.checked);
  }

  show(on) {
    this.box.checked = on;
    const wanted = on && this.layer.count > 0 && (this.drawn.style.classes.length > 0 || this.drawn.style.ramp);
    if (wanted && !this.#legend) {
      this.#legend = legendRows(this.drawn);
      this.#legend.element.setAttribute("aria-label", t("layers.legend"));
      fill(this.legend, this.#legend.element);
      this.count();
    }
    this.legend.hidden = !wanted;
  }

  // The numbers of the whole layer as its filter leaves it.
  async count() {
    const turn = (this.#turn += 1);
    const legend = this.#legend;
    if (!legend && !state.value.filters[this.layer.id]) return;
    const counts = await countsOf(this.drawn).catch(() => null);
    if (!counts || turn !== this.#turn) return;
    legend?.put(counts);
    this.total.textContent = counts.matched === counts.total ? number(counts.total) : t("layers.of", { n: counts.matched, total: counts.total });
  }

  refilter() {
    const on = Boolean(asked.ofLayer(this.layer.id).filter);
    fill(this.filtered, on && h("button", { type: "button", class: "filtered", onclick: () => this.todo.filter(this.layer.id) }, t("layers.filtered")));
    this.total.textContent = number(this.layer.count);
    this.count();
  }

  say(text) {
    if (this.note.textContent === text) return;
    this.note.hidden = !text;
    this.note.textContent = text;
  }

  get opened() {
    return !this.more.hidden;
  }

  open(on, { styling = false } = {}) {
    this.more.hidden = !on;
    this.button?.setAttribute("aria-expanded", String(on));
    if (!on) return;
    this.#editor = styling ? (this.#editor ?? new StyleEditor(this.layer, this.drawn, this.looks)) : null;
    fill(this.more, this.#actions(styling), this.#editor?.element ?? this.#links());
  }

  #actions(styling) {
    const { id } = this.layer;
    const action = (key, run, pressed = null) => h("button", { type: "button", id: `layer-${key.split(".").at(-1)}-${id}`, "aria-pressed": pressed, onclick: run }, t(key));
    return h(
      "div",
      { class: "layer-actions", role: "group", "aria-label": label(this.layer.label) },
      action("layers.style", () => (this.open(true, { styling: !styling }), document.getElementById(`layer-style-${id}`)?.focus()), String(styling)),
      action("layers.table", () => this.todo.table(id)),
      action("layers.filter", () => this.todo.filter(id)),
      action("layers.zoomto", () => this.todo.zoom(id)),
    );
  }

  #links() {
    const { id, label: name } = this.layer;
    const what = () => ({ title: label(name), path: `/ogc/collections/${id}/items`, parameters: asked.ofLayer(id) });
    return h("div", { class: "downloads-of" }, h("span", { class: "muted" }, t("export")), downloads(what));
  }
}
