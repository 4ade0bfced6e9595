// The workspace: it ties the map, the panels, the table and the address together.

import { asked } from "./core/asked.js";
import { catalogue, changes } from "./core/catalogue.js";
import { $ } from "./core/dom.js";
import { t } from "./core/i18n.js";
import { state } from "./core/state.js";
import { tell } from "./core/toast.js";
import { countFromNow } from "./layers/counts.js";
import { showLayers } from "./layers/shown.js";
import { AnswerLayer } from "./map/answer_layer.js";
import { boxText, restack } from "./map/feature_layer.js";
import { fit, goHome, goTo } from "./map/going.js";
import { Highlight } from "./map/highlight.js";
import { Labels } from "./map/labels.js";
import { calm } from "./map/motion.js";
import { Answer } from "./panels/answer.js";
import { AreaBar } from "./panels/area.js";
import { Creator } from "./panels/create.js";
import { Details } from "./panels/details.js";
import { wireDrop } from "./panels/drop.js";
import { FilterPanel } from "./panels/filter.js";
import { wireLanguage } from "./panels/language.js";
import { Hollow } from "./panels/hollow.js";
import { LayersPanel } from "./panels/layers.js";
import { Placer } from "./panels/place.js";
import { QuestionsPanel } from "./panels/questions.js";
import { Recent } from "./panels/recent.js";
import { Search } from "./panels/search.js";
import { wireKeys } from "./panels/keys.js";
import { Share } from "./panels/share.js";
import { isNarrow, show, wireSheets } from "./panels/sheets.js";
import { wireTakeAway } from "./panels/travel.js";
import { Unplaced } from "./panels/unplaced.js";
import { tellWrong } from "./panels/wrong_address.js";

// `drawn`: the promise of the layers that are on, where they were asked for before.
export function openWorkspace(map, drawn = null) {
  new Workspace(map).start(drawn).catch(tell);
}

const STACK_MS = 30;

class Workspace {
  #stacking = 0;

  constructor(map) {
    this.map = map;
    calm(map);
    this.highlight = new Highlight(map);
    this.labels = new Labels(map);
    this.answerLayer = new AnswerLayer(map);
    this.placer = new Placer(map);
    this.unplaced = new Unplaced(this.placer);
    this.hollow = new Hollow(this.unplaced);
    this.layers = new LayersPanel($("#layers"), map, (layer) => this.unplaced.open(layer));
    this.questions = new QuestionsPanel($("#questions"));
    this.filter = new FilterPanel($("#filter"), map);
    this.area = new AreaBar($("#area-bar"), map);
    this.answer = new Answer(
      map,
      this.answerLayer,
      (row) => this.#choose(asked.subject, row),
      (row) => this.highlight.show("over", row?.geometry, row && this.#fan(asked.subject, row.id)),
    );
    this.details = new Details(map, this.highlight, this.answer, this.placer, (layer, id) => this.#fan(layer, id));
    this.creator = new Creator($("#recent"), map, this.placer, this.details);
    this.recent = new Recent($("#recent"));
    this.search = new Search((found) => this.#choose(found.layer, found));
  }

  async start(early) {
    wireSheets();
    wireDrop();
    wireLanguage();
    wireKeys(this.map);
    wireTakeAway(this.map);
    new Share($("#share"), this.map);
    this.#wire();
    await catalogue.load(tellWrong);
    this.#describe();
    this.map.invalidateSize({ animate: false }); // the banner may have taken of the map's height: the first view shall be the last
    if (!early) this.#view(state.value.view);
    this.#remember();
    const drawn = early ?? showLayers(this.map);
    if (early) this.#restackSoon();
    const answered = this.answer.refresh();
    await this.details.refresh();
    await answered;
    if (state.value.question) show("questions");
    this.questions.reveal();
    if (isNarrow()) show(state.value.selected ? "details" : asked.collection ? "results" : null);
    this.map.invalidateSize({ animate: false });
    if (!this.map.movedByHand) this.#firstView();
    document.body.dataset.ready = "true";
    this.#remember();
    await drawn;
    countFromNow();
  }

  // A link without a view shows what it is about: the chosen feature, else the answer, else everything.
  #firstView() {
    const chosen = this.details.feature?.geometry;
    if (state.value.view) this.#view(state.value.view); // exactly: another size of the map has moved it by a pixel
    else if (chosen) fit(this.map, L.geoJSON(chosen).getBounds());
    else if (this.answerLayer.bounds) fit(this.map, this.answerLayer.bounds, 17);
    else goHome(this.map, { animate: false });
  }

  #wire() {
    const { map } = this;
    map.on("home", () => goHome(map));
    map.on("moveend", () => this.#remember());
    map.on("features:shown features:hidden", () => this.#restackSoon());
    map.on("feature:click", ({ layer, id }) => this.answer.picks.onMap(layer, id) || this.#select({ layer, id }));
    map.on("feature:over", (at) =>
      this.highlight.show("over", at?.layer && this.#path(at.layer, at.id)?.feature.geometry, at?.layer && this.#fan(at.layer, at.id)),
    );
    map.on("click", (event) => !event.taken && !map.tool && state.value.selected && this.details.close());
    map.on("details:shown", ({ arrived }) => this.#detailsShown(arrived));
    map.on("zoom:feature", ({ feature }) => fit(this.map, this.#extent(feature)));
    map.on("answer:drawn", () => this.#chooseShapes());
    state.on(["layers"], () => showLayers(this.map));
    state.on(["view"], ({ view }) => this.#view(view));
    state.on(["filters"], () => this.#refilter());
    map.on("panels:moved", () => map.invalidateSize());
    $("#questions").addEventListener("ask", () => this.#asked());
    $("#details-close").addEventListener("click", () => this.details.close());
    $("#results-fold").addEventListener("click", () => this.#fold());
    changes.addEventListener("changed", (event) => this.#refresh(event.detail).catch(tell));
  }

  // Once for all layers that come within a moment.
  #restackSoon() {
    clearTimeout(this.#stacking);
    this.#stacking = setTimeout(() => restack(this.map), STACK_MS);
  }

  #path(layer, id) {
    return this.answerLayer.path(layer, id) ?? this.map.featureLayers.get(layer)?.path(id);
  }

  // How far off its place a point is drawn, asked anew whenever it may have changed.
  #fan(layer, id) {
    return () => this.#path(layer, id)?.options?.fan;
  }

  // One step of the history, whatever it changes.
  #select(selected, more = {}) {
    state.set({ ...more, selected }, { push: true });
    if (isNarrow()) show("details");
  }

  // From the table or the search: select, switch its layer on, and go there.
  #choose(layer, row) {
    const on = this.layers.visible();
    const off = !on.includes(layer) && !catalogue.layers.get(layer)?.derived;
    this.#goingTo = { layer, id: row.id };
    this.#select(this.#goingTo, off ? { layers: [...on, layer] } : {});
  }

  #goingTo = null; // what is gone to when its facts come, if it is what is chosen then

  #detailsShown(arrived) {
    const { feature } = this.details;
    this.answer.table.mark(this.#row);
    this.#chooseShapes();
    $('.dockbar [data-show="details"]').disabled = !feature;
    if (isNarrow() && feature && arrived) show("details");
    if (isNarrow() && !feature && document.body.dataset.sheet === "details") show(null);
    if (!arrived || !feature || this.#goingTo !== state.value.selected) return;
    this.#goingTo = null;
    if (feature.geometry) fit(this.map, this.#extent(feature));
  }

  // The row of the answer that the details are about, if they are about one.
  get #row() {
    const { feature } = this.details;
    return feature && asked.subject === state.value.selected?.layer ? feature.id : null;
  }

  #chooseShapes() {
    this.answer.shapes.choose(this.#row);
  }

  // A feature with what the answer shows of it elsewhere: its route, its pinch point.
  #extent(feature) {
    const bounds = L.geoJSON(feature.geometry).getBounds();
    const shapes = this.#row === feature.id && this.answer.shapes.boundsOf(feature.id);
    return shapes ? bounds.extend(shapes) : bounds;
  }

  async #asked() {
    show(isNarrow() ? "results" : "questions");
    document.body.dataset.dock = "open";
    this.map.invalidateSize();
    this.map.once("answer:shown", () => this.answerLayer.bounds && fit(this.map, this.answerLayer.bounds, 17));
  }

  #fold() {
    document.body.dataset.dock = document.body.dataset.dock === "folded" ? "open" : "folded";
    $("#results-fold").setAttribute("aria-expanded", String(document.body.dataset.dock !== "folded"));
    this.map.invalidateSize();
  }

  // Layers whose filter is another one than what they were drawn with.
  #refilter() {
    for (const layer of this.map.featureLayers.values()) layer.refilter?.();
  }

  #remember() {
    asked.bounds = boxText(this.map.getBounds());
    const { lat, lng } = this.map.getCenter();
    const view = { zoom: Number(this.map.getZoom().toFixed(2)), lat: Number(lat.toFixed(6)), lon: Number(lng.toFixed(6)) };
    if (document.body.dataset.ready) state.set({ view });
  }

  #view(view) {
    if (view) goTo(this.map, view);
    else if (!document.body.dataset.ready) goHome(this.map, { animate: false });
  }

  // After a write: counts and banner anew; the layer's own feature, or everything when more may have changed.
  async #refresh({ layer, feature }) {
    await catalogue.load();
    this.#describe();
    for (const drawn of this.map.featureLayers.values()) drawn.count = catalogue.layers.get(drawn.id)?.count ?? 0;
    if (feature) this.map.featureLayers.get(layer)?.replace(feature);
    else await Promise.all([...this.map.featureLayers.values()].map((drawn) => drawn.reload()));
    restack(this.map);
  }

  #describe() {
    const { kind, banner, metric_crs: crs } = catalogue.state;
    this.map.metricCrs = crs;
    $("#banner").hidden = kind !== "demo" && kind !== "empty";
    $("#banner").dataset.kind = kind;
    $("#banner-kind").textContent = t(kind === "demo" ? "banner.demo" : "banner.empty");
    $("#banner-text").textContent = kind === "demo" ? (banner ?? "") : t("banner.empty.hint");
    this.hollow.show();
    $("#summary").textContent = kind === "real" ? (banner ?? "") : "";
  }
}
