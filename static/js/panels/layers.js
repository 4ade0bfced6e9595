// The layer panel: groups of layers to switch on, with counts, legends, what is not placed, and downloads.

import { catalogue } from "../core/catalogue.js";
import { fill, h, icon } from "../core/dom.js";
import { label, number, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { swatch } from "../map/controls.js";
import { downloads } from "./download.js";

export class LayersPanel {
  constructor(root, map, openUnplaced) {
    Object.assign(this, { root, map, openUnplaced });
    this.notes = new Map();
    catalogue.addEventListener("loaded", () => this.render());
    state.on(["layers"], () => this.render());
    map.on("features:loading features:shown zoomend moveend", () => this.#notes());
  }

  visible() {
    return state.value.layers ?? [...this.map.featureLayers.values()].filter((layer) => layer.style.visible).map((layer) => layer.id);
  }

  #toggle(id, on) {
    const wanted = new Set(this.visible());
    wanted[on ? "add" : "delete"](id);
    state.set({ layers: [...catalogue.layers.keys()].filter((key) => wanted.has(key)) });
  }

  render() {
    const focused = document.activeElement?.id;
    const on = new Set(this.visible());
    const stored = [...catalogue.layers.values()].filter((layer) => !layer.derived);
    const groups = Map.groupBy ? Map.groupBy(stored, (l) => label(l.group)) : grouped(stored);
    fill(
      this.root,
      [...groups].map(([name, layers]) => this.#group(name, layers, on)),
    );
    this.#notes();
    if (focused) document.getElementById(focused)?.focus();
  }

  #group(name, layers, on) {
    return h(
      "section",
      { class: "group" },
      h("h3", {}, name),
      h(
        "ul",
        { class: "layers" },
        layers.toReversed().map((layer) => this.#row(layer, on.has(layer.id))),
      ),
    );
  }

  #row(layer, on) {
    const drawn = this.map.featureLayers.get(layer.id);
    const box = h("input", {
      type: "checkbox",
      id: `layer-${layer.id}`,
      checked: on,
      onchange: (event) => this.#toggle(layer.id, event.target.checked),
    });
    const note = h("p", { class: "note", hidden: true });
    this.notes.set(layer.id, note);
    return h(
      "li",
      { class: layer.count ? "" : "empty" },
      layer.count > 0 &&
        h(
          "button",
          {
            type: "button",
            class: "round more",
            title: t("export"),
            "aria-label": `${t("export")} ${label(layer.label)}`,
            "aria-expanded": "false",
            onclick: (event) => unfold(event.currentTarget),
          },
          icon("download"),
        ),
      h(
        "label",
        { for: box.id },
        box,
        swatch(drawn),
        h("span", { class: "name", title: label(layer.help) || null }, label(layer.label)),
        h("span", { class: "count", title: t("layers.count") }, number(layer.count)),
      ),
      layer.unplaced > 0 &&
        h(
          "button",
          { type: "button", class: "unplaced", onclick: () => this.openUnplaced(layer.id) },
          t("unplaced.count", { n: layer.unplaced }),
        ),
      note,
      layer.count > 0 && this.#links(layer),
      on && layer.count > 0 && this.#legend(drawn),
    );
  }

  #legend(drawn) {
    const rows = this.map.legend.rows(drawn);
    return rows.length > 0 && h("ul", { class: "classes", "aria-label": t("layers.legend") }, rows);
  }

  #links(layer) {
    const what = () => ({ title: label(layer.label), path: `/ogc/collections/${layer.id}/items`, parameters: {} });
    return h("div", { class: "downloads-of", hidden: true }, downloads(what));
  }

  #notes() {
    for (const [id, note] of this.notes) {
      const layer = this.map.featureLayers.get(id);
      const text = layer.visible ? noteOf(layer) : "";
      note.hidden = !text;
      note.textContent = text;
    }
  }
}

function unfold(button) {
  const links = button.parentElement.querySelector(".downloads-of");
  links.hidden = !links.hidden;
  button.setAttribute("aria-expanded", String(!links.hidden));
}

function noteOf(layer) {
  if (layer.count === 0) return "";
  if (!layer.inRange) return t("layers.zoom");
  if (layer.shown && layer.shown.returned < layer.shown.matched)
    return t("layers.partial", { shown: layer.shown.returned, matched: layer.shown.matched });
  return "";
}

function grouped(layers) {
  const groups = new Map();
  for (const layer of layers) groups.set(label(layer.group), [...(groups.get(label(layer.group)) ?? []), layer]);
  return groups;
}
