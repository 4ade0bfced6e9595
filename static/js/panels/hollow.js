// The map while nothing on it has a place yet: what is there without one, and the ways onto the map.

import { catalogue } from "../core/catalogue.js";
import { $, fill, h, icon } from "../core/dom.js";
import { label, lang, t } from "../core/i18n.js";

export class Hollow {
  constructor(unplaced) {
    this.unplaced = unplaced;
    this.root = $("#hollow");
  }

  show() {
    const layers = [...catalogue.layers.values()];
    const waiting = layers.filter((layer) => layer.unplaced > 0).sort((a, b) => b.unplaced - a.unplaced);
    this.root.hidden = layers.some((layer) => layer.count > layer.unplaced);
    if (this.root.hidden) return;
    if (waiting.length) this.#unplaced(waiting);
    else this.#nothing();
  }

  #nothing() {
    const to = (id, mark, key, kind = "") => h("a", { class: `button ${kind}`, href: `/import?lang=${lang}${id}` }, icon(mark), t(key));
    fill(
      this.root,
      h("h2", {}, t("hollow.nothing")),
      h("p", { class: "muted" }, t("hollow.nothing.lead")),
      h("div", { class: "actions" }, to("", "upload", "nav.import", "primary"), to("#templates", "table", "hollow.templates")),
    );
  }

  #unplaced(waiting) {
    fill(
      this.root,
      waiting.map((layer) => h("h2", {}, t("hollow.title", { n: layer.unplaced, layer: label(layer.label) }))),
      h("p", { class: "muted" }, t("hollow.lead")),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", class: "primary", onclick: () => this.unplaced.open(waiting[0].id) }, icon("pin"), t("hollow.place")),
        h("a", { class: "button", href: `/import?lang=${lang}` }, icon("upload"), t("hollow.import")),
      ),
    );
  }
}
