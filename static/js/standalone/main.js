// A map that travels: the workspace's own layers, labels, legend and table over the data in this very file.

import { catalogue } from "../core/catalogue.js";
import { $, fill, h } from "../core/dom.js";
import { label, lang, t } from "../core/i18n.js";
import { AnswerLayer } from "../map/answer_layer.js";
import { AnswerShapes } from "../map/answer_shapes.js";
import { Coordinates, Legend, MapTools, MetricScale } from "../map/controls.js";
import { FeatureLayer, restack } from "../map/feature_layer.js";
import { Highlight } from "../map/highlight.js";
import { Labels } from "../map/labels.js";
import { parse } from "../map/style_text.js";
import { fitting, styled } from "../map/styling.js";
import { ranks } from "../layers/order.js";
import { columnsOf as answerColumns } from "../panels/columns.js";
import { Table } from "../panels/table.js";
import { Listed } from "../panels/table/rows.js";
import { valueOf } from "../panels/table/words.js";
import { collections, shapes, view } from "./api.js";
import { card } from "./card.js";
import { columnsOf, filledFields, sorted } from "./columns.js";
import { showLegend } from "./legend.js";
import { printTable, showPrints, showSources, wirePrinting } from "./sources.js";

class Travelling {
  #sort = view.sort;
  #selected = null;
  #popup = null;

  constructor() {
    this.map = makeMap();
    this.highlight = new Highlight(this.map);
    this.labels = new Labels(this.map);
    this.answerLayer = new AnswerLayer(this.map);
    this.shapes = new AnswerShapes(this.map, (id) => this.#tip(id));
  }

  async start() {
    const { map } = this;
    await catalogue.load();
    map.metricCrs = catalogue.state.metric_crs;
    [this.question] = catalogue.questions.values();
    this.#drawLayers();
    this.#camera();
    if (this.question) this.answerLayer.draw(map.featureLayers.get(this.question.subject), this.#features(this.question.id));
    for (const shape of this.question?.shapes ?? []) this.#drawShape(shape, true);
    await Promise.all([...map.featureLayers.values()].map((layer) => layer.show(view.layers.includes(layer.id))));
    restack(map);
    this.table = new Table($("#table"), {
      select: (feature) => this.select(this.#listed(), feature.id, { go: true }),
      hover: (feature) => this.#over(feature && { layer: this.#listed(), id: feature.id }),
      sort: (name) => this.#order(name),
    });
    this.#wire();
    this.#choices();
    this.#rows();
    this.#legend();
    showSources($("#sources"), collections);
    showPrints($("#prints"), collections, (id) => label(catalogue.questions.get(id)?.title ?? catalogue.layers.get(id).label));
    if (view.selected) this.select(...view.selected);
    document.body.dataset.ready = "true";
  }

  #drawLayers() {
    const order = ranks(view.layers, [...catalogue.layers.keys()]);
    for (const layer of catalogue.layers.values()) {
      const { change } = fitting(parse(view.styles?.[layer.id]), layer.fields);
      new FeatureLayer({ ...layer, order: order.get(layer.id), style: styled(layer.style, change, layer.fields) }).addTo(this.map);
    }
  }

  #drawShape(shape, on) {
    if (on) this.shapes.draw(this.map.featureLayers.get(this.question.subject), shape, shapes.get(shape.id).features);
    else this.shapes.remove(shape.id);
  }

  #tip(id) {
    const row = this.#features(this.question.id).find((feature) => feature.id === id);
    if (!row) return "";
    const { value, unit, why } = row.properties;
    return [this.answerLayer.subject.titleOf(row), typeof value === "number" && valueOf({ value, unit }), why].filter(Boolean).join(" · ");
  }

  #features = (id) => collections.get(id)?.features ?? [];

  #nameOf = (layer, code) => this.map.featureLayers.get(layer)?.titleOfCode(code);

  // As the address says, else what the file is about.
  #camera() {
    if (view.camera) return this.map.setView([view.camera[1], view.camera[2]], view.camera[0], { animate: false });
    this.map.setView([34.75, 112.98], 14, { animate: false });
    return this.#home(this.question ? [this.question.id] : [...collections.keys()]);
  }

  #home(ids = [...collections.keys()]) {
    const boxes = ids.map((id) => collections.get(id).bbox).filter(Boolean);
    if (!boxes.length) return;
    const bounds = L.latLngBounds(boxes.flatMap(([west, south, east, north]) => [L.latLng(south, west), L.latLng(north, east)]));
    this.map.fitBounds(bounds, { padding: [30, 30], maxZoom: 18, animate: false });
  }

  #wire() {
    const { map } = this;
    map.on("home", () => this.#home());
    map.on("features:shown features:hidden", () => restack(map));
    map.on("feature:click", ({ layer, id, latlng }) => this.select(layer, id, { at: latlng }));
    map.on("feature:over", (at) => this.#over(at?.layer ? at : null));
    map.on("popupclose", () => this.#clear());
    map.on("zoomend", () => this.#far());
    document.addEventListener("keydown", (event) => event.key === "Escape" && !map.tool && map.closePopup());
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe($("#map"));
    wirePrinting(map, () => printTable($("#table-print"), this.columns, this.shown));
  }

  #path(layer, id) {
    return this.answerLayer.path(layer, id) ?? this.map.featureLayers.get(layer)?.path(id);
  }

  #over(at) {
    const path = at && this.#path(at.layer, at.id);
    this.highlight.show("over", path?.feature.geometry, () => path?.options?.fan);
  }

  // The feature itself, with all that the file has of it; in the answer alone when its layer is not in the file.
  #feature(layer, id) {
    const row = this.question?.subject === layer && this.#features(this.question.id).find((feature) => feature.id === id);
    return { row: row || null, feature: this.#features(layer).find((feature) => feature.id === id) ?? row };
  }

  select(layer, id, { go = false, at = null } = {}) {
    const { row, feature } = this.#feature(layer, id);
    if (!feature) return;
    this.#selected = { layer, id };
    this.shapes.choose(row ? id : null);
    this.table.mark(this.#listed() === layer ? id : null);
    if (!feature.geometry) return;
    const bounds = L.geoJSON(feature.geometry).getBounds();
    if (go) this.map.fitBounds(bounds, { padding: [60, 60], maxZoom: Math.max(17, this.map.getZoom()), animate: false });
    const content = card(catalogue.layers.get(layer), feature, { row, question: this.question, nameOf: this.#nameOf });
    const chosen = this.#selected;
    this.#popup ??= makePopup(this.map);
    this.#popup.setContent(content).setLatLng(at ?? bounds.getCenter()).openOn(this.map);
    this.#selected = chosen;
    this.highlight.show("selected", feature.geometry, () => this.#path(layer, id)?.options?.fan);
  }

  #clear() {
    this.#selected = null;
    this.shapes.choose(null);
    this.highlight.show("selected", null);
    this.table?.mark(null);
  }

  // ---- the table

  #choices() {
    const ids = [...(this.question ? [this.question.id] : []), ...view.layers];
    const name = (id) => label(catalogue.questions.get(id)?.title ?? catalogue.layers.get(id).label);
    fill(
      $("#rows-of"),
      ids.map((id) => h("option", { value: id }, name(id))),
    );
    $("#rows-of").value = this.question?.id ?? view.selected?.[0] ?? richest(view.layers);
    $("#rows-of").addEventListener("change", () => {
      this.#sort = null;
      this.#rows();
    });
  }

  // The layer that the listed rows are features of.
  #listed() {
    const id = $("#rows-of").value;
    return catalogue.questions.get(id)?.subject ?? id;
  }

  #rows() {
    const id = $("#rows-of").value;
    const question = catalogue.questions.get(id);
    const layer = catalogue.layers.get(this.#listed());
    const features = this.#features(id);
    const fields = [...(layer?.fields ?? []), ...(question?.fields ?? [])];
    this.columns = !layer ? [] : question ? answerColumns(question, features, this.#nameOf) : columnsOf(layer, features, this.#nameOf);
    this.shown = sorted(features, this.#sort, fields);
    $("#table").style.setProperty("--columns", String(question ? 0 : this.columns.length));
    this.table.show(new Listed(this.shown), this.columns, this.#sort);
    this.table.mark(this.#selected?.layer === this.#listed() ? this.#selected.id : null);
    $("#rows-count").textContent = t("travel.count", { n: features.length });
  }

  #order(name) {
    this.#sort = this.#sort === name ? `-${name}` : this.#sort === `-${name}` ? null : name;
    this.#rows();
  }

  // ---- the legend

  #legend() {
    const layers = view.layers.map((id) => catalogue.layers.get(id));
    const answer = this.question && {
      title: label(this.question.title),
      features: this.#features(this.question.id),
      shapes: this.question.shapes.map((shape) => ({ ...shape, count: this.shapes.count(shape.id) })),
      draw: (shape, on) => this.#drawShape(shape, on),
    };
    const toggle = (id, on) => this.map.featureLayers.get(id).show(on).then(() => this.#far());
    showLegend($("#legend"), this.map, { layers, features: this.#features, toggle, answer });
    this.#far();
  }

  // Layers that are on but drawn only from a nearer zoom say so.
  #far() {
    for (const note of document.querySelectorAll("[data-far]")) {
      const layer = this.map.featureLayers.get(note.dataset.far);
      note.hidden = !layer.visible || layer.inRange;
    }
  }
}

// The layer of which the file tells most: its table is shown first.
function richest(ids) {
  const filled = (id) => filledFields(catalogue.layers.get(id), collections.get(id)?.features ?? []).length;
  return ids.reduce((best, id) => (best === null || filled(id) > filled(best) ? id : best), null);
}

// Beside the tools, also on a phone.
function makePopup(map) {
  const width = Math.min(330, map.getSize().x - 116);
  return L.popup({ maxWidth: width, minWidth: Math.min(220, width), maxHeight: 340, autoPanPaddingTopLeft: [14, 14], autoPanPaddingBottomRight: [62, 14] });
}

function makeMap() {
  const map = L.map("map", {
    center: [34.75, 112.98],
    zoom: 14,
    preferCanvas: true,
    renderer: L.canvas({ padding: 0.4, tolerance: 5 }),
    zoomControl: false,
    attributionControl: false,
    maxZoom: 22,
    zoomSnap: 0.25,
    wheelPxPerZoomLevel: 90,
  });
  for (const part of [new MapTools(), new MetricScale(), new Coordinates(), new Legend()]) part.addTo(map);
  const north = L.control({ position: "bottomright" });
  north.onAdd = () => h("div", { class: "north", role: "img", "aria-label": t("travel.north") }, h("span", { "aria-hidden": "true" }, "▲"), lang === "en" ? "N" : "北");
  north.addTo(map);
  return map;
}

new Travelling().start().catch((error) => {
  const text = t("error.page", { message: error.message });
  $("#map-area").append(h("p", { class: "note error", role: "alert" }, text));
});
