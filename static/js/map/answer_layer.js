// The answer of a question on the map: its rows in the colours of yes, no, unknown and not applicable.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { toPath } from "./feature_layer.js";
import { answerOptions } from "./style.js";

export class AnswerLayer {
  #paths = new Map();
  #word;
  subject = null; // the FeatureLayer that the rows belong to

  constructor(map) {
    this.map = map;
    map.answerLayer = this;
    this.group = L.featureGroup().addTo(map);
    this.group.bindTooltip((path) => this.#tip(path.feature), { sticky: true, className: "tip" });
    this.group.on("click", (event) => {
      if (map.tool) return;
      L.DomEvent.stopPropagation(event);
      map.fire("feature:click", { layer: this.subject.id, id: event.propagatedFrom.feature.id, latlng: event.latlng });
    });
    this.group.on("mouseover", (event) => map.fire("feature:over", { layer: this.subject.id, id: event.propagatedFrom.feature.id }));
    this.group.on("mouseout", () => map.fire("feature:over", null));
  }

  // `word`: how the question calls an answer.
  draw(subject, features, word = (answer) => t(`answer.${answer}`)) {
    this.#empty();
    this.#word = word;
    this.subject = subject;
    for (const layer of this.map.featureLayers.values()) layer.faint = true;
    for (const feature of features) {
      if (!feature.geometry) continue;
      const path = toPath(feature, answerOptions(subject, feature));
      this.#paths.set(feature.id, path);
      this.group.addLayer(path);
    }
  }

  #empty() {
    this.group.clearLayers();
    this.#paths.clear();
  }

  clear() {
    this.#empty();
    this.subject = null;
    for (const layer of this.map.featureLayers.values()) layer.faint = false;
  }

  path(layer, id) {
    return this.subject?.id === layer ? this.#paths.get(id) : undefined;
  }

  get paths() {
    return this.#paths.values();
  }

  get bounds() {
    const bounds = this.group.getBounds();
    return bounds.isValid() ? bounds : null;
  }

  toFront() {
    for (const path of this.#paths.values()) path.bringToFront();
  }

  #tip(feature) {
    return h("span", {}, this.subject.titleOf(feature), " · ", this.#word(feature.properties.answer));
  }
}
