// The entries of a layer's legend as rows: sample, label, and how many features it stands for once that is known.

import { fill, h } from "../core/dom.js";
import { label, number, t } from "../core/i18n.js";
import { sample } from "../map/swatch.js";

// What of a map is drawn now, topmost first: [{id, title, layer, entries}]; a layer of one look has one entry without a label.
export function legendOf(map) {
  return [...map.featureLayers.values()]
    .filter((layer) => layer.visible && layer.inRange && layer.count > 0)
    .sort((a, b) => b.order - a.order)
    .map((layer) => ({ id: layer.id, title: label(layer.label), layer, entries: layer.style.classes.length || layer.style.ramp ? layer.style.classes : [{ label: "" }] }));
}

// Layers that are on but drawn at other zooms only, topmost first: [{layer, title}].
export function waitingIn(map) {
  return [...map.featureLayers.values()]
    .filter((layer) => layer.visible && !layer.inRange && layer.count > 0)
    .sort((a, b) => b.order - a.order)
    .map((layer) => ({ layer, title: label(layer.label) }));
}

// From or up to which zoom such a layer is drawn.
export function rangeText({ map, style: { min_zoom: low, max_zoom: high } }) {
  return map.getZoom() < low ? t("layers.zoom.from", { zoom: low }) : t("layers.zoom.to", { zoom: high });
}

// A list of the entries; `count(counts)` puts the numbers in, null takes them out. Entries without a feature may be `hidden`.
export function legendRows(layer, { hideEmpty = false } = {}) {
  const rows = layer.style.classes.map((entry) => ({ entry, count: h("b", { class: "of" }) }));
  const items = rows.map(({ entry, count }) => h("li", {}, sample(layer, entry), h("span", {}, label(entry.label)), count));
  const element = h("ul", { class: "classes" }, layer.style.ramp && rampRow(layer.style.ramp), items);
  const put = (counts) =>
    rows.forEach(({ entry, count }, i) => {
      const n = counts?.of(entry) ?? null;
      count.textContent = n === null ? "" : number(n);
      items[i].hidden = hideEmpty && n === 0;
    });
  return { element, put };
}

function rampRow({ colors, ends }) {
  const bar = h("span", { class: "ramp", "aria-hidden": "true", css: { "--ramp": `linear-gradient(90deg, ${colors.join(", ")})` } });
  return h("li", { class: "ramp-row" }, h("span", {}, ends[0]), bar, h("span", {}, ends[1]));
}

export const strip = (colors) => fill(h("span", { class: "strip", "aria-hidden": "true" }), colors.map((color) => h("i", { css: { "--swatch": color } })));
