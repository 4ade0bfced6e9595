// The layer panel: groups of layers to switch on and fold, or the layers that are on as one list to put in order.

import { catalogue } from "../core/catalogue.js";
import { fill, h, icon } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { generalisedText } from "../layers/generalised.js";
import { rangeText } from "../layers/legend.js";
import { Looks } from "../layers/looks.js";
import { MapLegend } from "../layers/map_legend.js";
import { placed, switched } from "../layers/order.js";
import { LayerRow } from "../layers/row.js";
import { visibleIn } from "../layers/shown.js";
import { stackList } from "../layers/stack.js";
import { openTable } from "./listing.js";
import { covered, show } from "./sheets.js";

export class LayersPanel {
  #rows = new Map();
  #groups = [];
  #folded = new Set();
  #stacking = false;

  constructor(root, map, openUnplaced) {
    Object.assign(this, { root, map, openUnplaced });
    this.looks = new Looks(map, () => this.visible());
    this.said = h("p", { class: "hidden", role: "status" });
    catalogue.addEventListener("loaded", () => this.render());
    state.on(["layers"], () => this.#update());
    state.on(["filters"], () => this.#rows.forEach((row) => row.refilter()));
    this.looks.addEventListener("restyled", ({ detail: id }) => this.#rows.get(id)?.restyle());
    map.on("features:loading features:shown zoomend moveend", () => this.#notes());
    this.legend = new MapLegend(map);
  }

  // Ids of the layers that are on, lowest first.
  visible() {
    return visibleIn(this.map);
  }

  get #declared() {
    return [...catalogue.layers.keys()];
  }

  #toggle(ids, on) {
    state.set({ layers: ids.reduce((all, id) => switched(all, id, on, this.#declared), this.visible()) });
  }

  render() {
    const open = [...this.#rows].find(([, row]) => row.opened)?.[0];
    const focused = document.activeElement?.id;
    const stored = [...catalogue.layers.values()].filter((layer) => !layer.derived);
    this.#rows = new Map(stored.map((layer) => [layer.id, new LayerRow(layer, this.map.featureLayers.get(layer.id), this.looks, this.#todo)]));
    this.#groups = [...grouped(stored)].map(([name, layers], i) => this.#group(name, layers, i));
    this.tree = h("div", { class: "tree" }, this.#groups.map(({ element }) => element));
    this.stack = h("div", { class: "stacking" });
    fill(this.root, h("h2", { class: "hidden" }, t("layers")), this.#switch(), this.tree, this.stack, this.said);
    if (open) this.#open(open);
    this.#update();
    this.#notes();
    if (focused) document.getElementById(focused)?.focus();
  }

  // By group, or by what lies over what.
  #switch() {
    const button = (stacking, key) =>
      h("button", { type: "button", id: stacking ? "layers-stacked" : "layers-grouped", "aria-pressed": String(this.#stacking === stacking), onclick: () => ((this.#stacking = stacking), this.render()) }, t(key));
    return h("div", { class: "segments", role: "group", "aria-label": t("layers.view") }, button(false, "layers.grouped"), button(true, "layers.stacked"));
  }

  #group(name, layers, i) {
    const ids = layers.map(({ id }) => id);
    const list = h("ul", { class: "layers", id: `group-${i}` }, layers.toReversed().map(({ id }) => this.#rows.get(id).element));
    const fold = h("button", { type: "button", class: "fold", id: `group-fold-${i}`, "aria-controls": list.id, onclick: () => this.#fold(name) }, icon("chevron"), name);
    const count = h("span", { class: "count" });
    const box = h("input", { type: "checkbox", id: `group-all-${i}`, "aria-label": t("layers.group.all", { group: name }), title: t("layers.group.all", { group: name }), onchange: (event) => this.#toggle(ids, event.target.checked) });
    return { name, ids, list, fold, count, box, element: h("section", { class: "group" }, h("h3", {}, box, fold, count), list) };
  }

  #fold(name) {
    if (!this.#folded.delete(name)) this.#folded.add(name);
    this.#update();
  }

  #update() {
    const on = this.visible();
    const set = new Set(on);
    for (const [id, row] of this.#rows) row.show(set.has(id));
    for (const { name, ids, list, fold, count, box } of this.#groups) {
      const n = ids.filter((id) => set.has(id)).length;
      Object.assign(box, { checked: n > 0, indeterminate: n > 0 && n < ids.length });
      count.textContent = t("layers.of", { n, total: ids.length });
      list.hidden = this.#folded.has(name);
      fold.setAttribute("aria-expanded", String(!list.hidden));
    }
    if (!this.tree) return;
    this.tree.hidden = this.#stacking;
    this.stack.hidden = !this.#stacking;
    if (this.#stacking) this.#drawStack(on);
  }

  #drawStack(on) {
    const focused = document.activeElement?.id;
    const layers = on.map((id) => this.map.featureLayers.get(id)).filter((layer) => layer.count > 0).toReversed();
    fill(this.stack, h("p", { class: "muted" }, t("layers.order.hint")), stackList(layers, (id, place) => this.#move(id, place, layers)));
    if (focused) document.getElementById(focused)?.focus();
  }

  // `place`: counted from the top among the `layers` listed; those without features keep below.
  #move(id, place, layers) {
    const at = Math.max(0, Math.min(place, layers.length - 1));
    const empty = this.visible().filter((one) => !layers.some((layer) => layer.id === one));
    const listed = placed(layers.map((layer) => layer.id), id, at).toReversed();
    state.set({ layers: [...empty, ...listed] });
    this.#update();
    this.said.textContent = t("layers.order.moved", { layer: label(catalogue.layers.get(id).label), place: at + 1, total: layers.length });
  }

  #todo = {
    toggle: (id, on) => this.#toggle([id], on),
    open: (id) => this.#open(id),
    unplaced: (id) => this.openUnplaced(id),
    table: (id) => this.#table(id),
    filter: (id) => this.#filter(id),
    zoom: (id) => this.#zoom(id),
  };

  // One layer's actions at a time.
  #open(id) {
    const wanted = !this.#rows.get(id)?.opened;
    for (const [one, row] of this.#rows) row.open(one === id && wanted);
  }

  #table(id) {
    openTable(id);
    this.map.invalidateSize();
  }

  #filter(id) {
    this.map.fire("filter:layer", { layer: id });
    show("filter");
  }

  #zoom(id) {
    const box = catalogue.layers.get(id).bbox;
    if (!box) return;
    const [left, top, right, bottom] = covered();
    this.map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { paddingTopLeft: [left + 30, top + 30], paddingBottomRight: [right + 30, bottom + 30], maxZoom: 19 });
  }

  #notes() {
    for (const [id, row] of this.#rows) {
      const layer = this.map.featureLayers.get(id);
      row.say(layer.visible ? noteOf(layer) : "");
    }
  }
}

function noteOf(layer) {
  if (layer.count === 0) return "";
  if (!layer.inRange) return rangeText(layer);
  if (layer.shown && layer.shown.returned < layer.shown.matched)
    return t("layers.partial", { shown: layer.shown.returned, matched: layer.shown.matched });
  return generalisedText(layer);
}

function grouped(layers) {
  const groups = new Map();
  for (const layer of layers) groups.set(label(layer.group), [...(groups.get(label(layer.group)) ?? []), layer]);
  return groups;
}
