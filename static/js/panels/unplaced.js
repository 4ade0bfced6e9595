// The features of a layer that have no place yet, each with the ways to give it one.

import { address, call } from "../core/api.js";
import { catalogue, changes } from "../core/catalogue.js";
import { $, fill, h } from "../core/dom.js";
import { titleText } from "../core/format.js";
import { keepFocus } from "../core/focus.js";
import { label, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { tell } from "../core/toast.js";
import { show } from "./sheets.js";

const MOST = 500;
const WHERE = ["community", "address", "compound_code"]; // fields that tell where a feature is

export class Unplaced {
  #layer = null;

  constructor(placer) {
    this.placer = placer;
    this.dialog = $("#unplaced");
    this.filter = h("input", {
      type: "search",
      placeholder: t("unplaced.filter"),
      "aria-label": t("unplaced.filter"),
      oninput: () => this.#render(),
    });
    $("#unplaced-close").addEventListener("click", () => this.close());
    this.dialog.addEventListener("keydown", (event) => event.key === "Escape" && (event.preventDefault(), this.close()));
    changes.addEventListener("changed", () => this.#layer && this.open(this.#layer));
  }

  async open(layer) {
    this.#layer = layer;
    try {
      const declared = catalogue.layers.get(layer);
      const names = [
        "code",
        declared.title_field,
        ...WHERE.filter((name) => declared.fields.some((field) => field.name === name)),
        "version",
      ];
      const { body } = await call(
        "GET",
        address(`/ogc/collections/${layer}/items`, { filter: "geometry IS NULL", properties: [...new Set(names)].join(","), limit: MOST }),
      );
      if (layer !== this.#layer) return; // another layer's were asked for, or none
      this.features = body.features;
      this.matched = body.numberMatched;
      keepFocus(this.dialog, () => this.#render());
      if (this.dialog.hidden) this.#opened();
    } catch (error) {
      tell(error);
    }
  }

  #opened() {
    this.opener = document.activeElement;
    this.dialog.hidden = false;
    show(null); // it lies on the map, which a phone's sheet covers
    $("#unplaced-close").focus({ preventScroll: true });
  }

  close() {
    this.#layer = null;
    this.dialog.hidden = true;
    const back = this.opener?.isConnected ? this.opener : $("#side [aria-selected=true]");
    back?.focus({ preventScroll: true });
  }

  #render() {
    const layer = catalogue.layers.get(this.#layer);
    const wanted = this.filter.value.trim();
    const rows = this.features.filter((feature) => !wanted || JSON.stringify(feature.properties).includes(wanted));
    $("#unplaced-title").textContent = t("unplaced.title", { layer: label(layer.label), n: this.matched });
    fill(
      $("#unplaced-body"),
      h("p", { class: "muted" }, t("unplaced.explain")),
      this.features.length > 8 && this.filter,
      h(
        "ul",
        { class: "unplaced-list" },
        rows.map((feature) => this.#row(layer, feature)),
      ),
      this.matched > this.features.length &&
        h("p", { class: "note" }, t("layers.partial", { shown: this.features.length, matched: this.matched })),
      this.matched === 0 && h("p", { class: "note" }, t("unplaced.none")),
    );
  }

  #row(layer, feature) {
    const { properties } = feature;
    const name = titleText(feature, layer);
    const open = () => state.set({ selected: { layer: layer.id, id: feature.id } }, { push: true });
    return h(
      "li",
      {},
      h("button", { type: "button", class: "link", onclick: open }, name),
      h(
        "span",
        { class: "muted" },
        WHERE.map((name) => properties[name])
          .filter(Boolean)
          .join(" · ") || properties.code,
      ),
      h("span", { class: "buttons" }, this.placer.buttons(layer, feature, `"${properties.version}"`)),
    );
  }
}
