// The legend of a map that travels: its layers with their counts, to switch on and off, and their classes with theirs.

import { fill, h } from "../core/dom.js";
import { label, number, t } from "../core/i18n.js";
import { swatch } from "../map/controls.js";
import { ANSWER_STYLE, between, classOf } from "../map/style.js";

// `features(id)` gives a layer's features in the file; `toggle(id, on)` draws them or not.
export function showLegend(root, map, { layers, features, toggle, answer }) {
  const rows = [...layers].reverse().map((layer) => row(map.featureLayers.get(layer.id), features(layer.id), toggle));
  fill(root, answer && answerRows(answer), h("ul", { class: "layers" }, rows), rows.length === 0 && h("p", { class: "muted" }, t("travel.nothing")));
}

function row(layer, features, toggle) {
  const unplaced = features.filter((feature) => !feature.geometry).length;
  const box = h("input", {
    type: "checkbox",
    id: `layer-${layer.id}`,
    checked: layer.visible,
    onchange: (event) => toggle(layer.id, event.target.checked),
  });
  const note = h("p", { class: "note", data: { far: layer.id }, hidden: true }, t("layers.zoom"));
  return h(
    "li",
    { data: { layer: layer.id } },
    h("label", { for: box.id }, box, swatch(layer), h("span", { class: "name" }, label(layer.label)), h("span", { class: "count" }, number(features.length))),
    unplaced > 0 && h("p", { class: "note unplaced-note" }, t("unplaced.count", { n: unplaced })),
    note,
    classes(layer, features),
  );
}

// One entry a class that has features, with how many.
function classes(layer, features) {
  if (layer.style.ramp) return rampStops(layer);
  const counts = new Map();
  for (const feature of features) {
    const entry = classOf(layer.style, feature.properties[layer.style.by]);
    if (entry) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  }
  const met = layer.style.classes.filter((entry) => counts.has(entry));
  return (
    met.length > 0 &&
    h(
      "ul",
      { class: "classes" },
      met.map((entry) =>
        h("li", {}, swatch(layer, entry.color, entry.dash ?? layer.style.dash), h("span", {}, label(entry.label)), h("b", {}, number(counts.get(entry)))),
      ),
    )
  );
}

// A ramp by its ends and three colours between.
function rampStops(layer) {
  const { colors, ends } = layer.style.ramp;
  const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => swatch(layer, between(colors, share)));
  return h("ul", { class: "classes" }, h("li", {}, h("span", {}, ends[0]), stops, h("span", {}, ends[1])));
}

function answerRows({ title, features, shapes, draw }) {
  const shown = ["yes", "unknown", "no", "na"].filter((name) => features.some((feature) => feature.properties.answer === name));
  const count = (name) => features.filter((feature) => feature.properties.answer === name).length;
  return h(
    "section",
    { class: "answer-legend" },
    h("h3", {}, title),
    h(
      "ul",
      { class: "classes" },
      shown.map((name) =>
        h("li", {}, h("span", { class: "swatch", css: { "--swatch": ANSWER_STYLE[name].color } }), h("span", {}, t(`answer.${name}`)), h("b", {}, number(count(name)))),
      ),
    ),
    shapes.length > 0 && h("ul", { class: "layers" }, shapes.map((shape) => shapeRow(shape, draw))),
  );
}

// A shape of the answer: how it looks, how many rows have it, to switch on and off.
function shapeRow(shape, draw) {
  const box = h("input", { type: "checkbox", id: `shape-${shape.id}`, checked: true, onchange: (event) => draw(shape, event.target.checked) });
  return h(
    "li",
    { data: { shape: shape.id } },
    h(
      "label",
      { for: box.id },
      box,
      swatch({ geometry: [shape.geometry], style: shape }),
      h("span", { class: "name" }, label(shape.label)),
      h("span", { class: "count" }, number(shape.count)),
    ),
  );
}
