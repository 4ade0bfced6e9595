// The legend on the map: what is drawn, with how many of each in the view; it folds away.

import { asked } from "../core/asked.js";
import { fill, h, icon } from "../core/dom.js";
import { number, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { ANSWER_STYLE } from "../map/style.js";
import { sample } from "../map/swatch.js";
import { boxText } from "../map/feature_layer.js";
import { countsOf } from "./counts.js";
import { generalisedNote } from "./generalised.js";
import { legendOf, legendRows, rangeText, waitingIn } from "./legend.js";

const WAIT_MS = 350; // after the last move of the map
const BESIDE = 330; // pixels of the map's height that its tools and scale take
const FEW = 3; // layers that are on but drawn at other zooms
const KEPT = "yuantu.legend";

export class MapLegend {
  #due = 0;
  #turn = 0;
  #open = kept() ?? matchMedia("(min-width: 1101px)").matches;

  constructor(map) {
    this.map = map;
    this.button = h("button", { type: "button", "aria-controls": "map-legend-body", onclick: () => this.#fold() }, t("layers.legend"), icon("chevron"));
    this.body = h("div", { id: "map-legend-body", tabindex: "0", role: "group", "aria-label": t("layers.legend.view") });
    this.element = h("section", { class: "map-legend", "aria-label": t("layers.legend") }, this.button, this.body);
    const control = L.control({ position: "bottomright" });
    control.onAdd = () => {
      L.DomEvent.disableClickPropagation(this.element);
      L.DomEvent.disableScrollPropagation(this.element);
      return this.element;
    };
    control.addTo(map);
    map.on("features:shown features:hidden moveend resize layers:restacked layers:restyled answer:drawn answer:shown", () => this.#later());
    state.on(["layers", "filters", "styles", "question", "answers"], () => this.#later());
    this.#later();
  }

  #fold() {
    this.#open = !this.#open;
    keep(this.#open);
    this.#render();
  }

  #later() {
    clearTimeout(this.#due);
    this.#due = setTimeout(() => this.#render(), WAIT_MS);
  }

  #render() {
    const drawn = legendOf(this.map);
    const waiting = this.#waiting(drawn);
    this.element.hidden = drawn.length === 0 && waiting.length === 0 && !asked.question;
    this.button.setAttribute("aria-expanded", String(this.#open));
    this.body.hidden = !this.#open;
    if (!this.#open) return;
    const turn = (this.#turn += 1);
    const parts = drawn.map((one) => ({ ...one, ...part(one) }));
    this.body.style.setProperty("--most", `${Math.max(96, this.map.getSize().y - BESIDE)}px`);
    const at = this.body.scrollTop;
    fill(this.body, asked.question && this.map.answerLayer?.subject && answerPart(this.map.answerLayer), parts.map(({ element }) => element), waiting.map(waitingPart));
    this.body.scrollTop = at;
    this.#count(parts, turn).catch(() => null); // a legend without numbers is still a legend
  }

  // Many of them are told in the layer panel only, as long as something is drawn.
  #waiting(drawn) {
    const all = waitingIn(this.map);
    return drawn.length === 0 || all.length <= FEW ? all : [];
  }

  // One layer after the other, so that the map's own requests are not kept waiting.
  async #count(parts, turn) {
    const bbox = boxText(this.map.getBounds());
    for (const { layer, put } of parts) {
      const counts = await countsOf(layer, { bbox });
      if (turn !== this.#turn) return;
      put(counts);
    }
  }
}

function part({ title, layer }) {
  const total = h("b", { class: "of" });
  const rows = legendRows(layer, { hideEmpty: true });
  const element = h("div", { class: "legend-part", data: { layer: layer.id } }, h("p", {}, layer.style.classes.length === 0 && sample(layer), h("span", {}, title), total), rows.element, generalisedNote(layer));
  const put = (counts) => {
    total.textContent = number(counts.matched);
    rows.put(counts);
  };
  return { element, put };
}

// A layer that is on and yet not seen, with a button to where it is.
function waitingPart({ layer, title }) {
  const { min_zoom: low, max_zoom: high } = layer.style;
  const there = () => layer.map.setZoom(layer.map.getZoom() < low ? low : high);
  return h("div", { class: "legend-part waiting", data: { layer: layer.id } }, h("p", {}, sample(layer), h("span", {}, title)), h("button", { type: "button", onclick: there }, rangeText(layer)));
}

// The colours of the answer that is shown.
function answerPart(answer) {
  const shown = state.value.answers.map((name) => ({ name, ...ANSWER_STYLE[name] }));
  return h(
    "div",
    { class: "legend-part" },
    h("p", {}, h("span", {}, t("layers.answer"))),
    h("ul", { class: "classes" }, shown.map(({ name, ...look }) => h("li", {}, answerSample(answer.subject, look), h("span", {}, t(`answer.${name}`))))),
    generalisedNote(answer),
  );
}

const answerSample = ({ geometry, style }, { fillColor: color, dashArray: dash, fillOpacity, pattern, symbol = style.symbol }) =>
  sample({ geometry, style: { color, dash, fill_opacity: fillOpacity, shape: style.shape, symbol } }, { color, dash, pattern, symbol });

function kept() {
  try {
    const text = localStorage.getItem(KEPT);
    return text === null ? null : text === "open";
  } catch {
    return null; // storage is switched off
  }
}

function keep(open) {
  try {
    localStorage.setItem(KEPT, open ? "open" : "folded");
  } catch {
    // for this page only
  }
}
