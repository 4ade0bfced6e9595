// The answer of a question on the map: its rows in the colours of yes, no, unknown and not applicable; many of them as tiles.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { tell } from "../core/toast.js";
import { toPath } from "./feature_layer.js";
import { answerOptions } from "./style.js";
import { TileGrid } from "./tile_grid.js";
import { NAMED, TileLooks, tileProperties } from "./tile_looks.js";
import { Known } from "./tile_pointer.js";

export class AnswerLayer {
  #paths = new Map();
  #word;
  #tiles = null;
  #known = null;
  #box = null; // [west, south, east, north] of what comes as tiles
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
    this.group.on("mouseover", (event) => this.#over(event.propagatedFrom.feature.id));
    this.group.on("mouseout", () => this.#over(null));
  }

  #over(id) {
    this.map.pathOver = id === null ? null : Infinity;
    this.map.fire("feature:over", id === null ? null : { layer: this.subject.id, id });
  }

  // `word`: how the question calls an answer.
  draw(subject, features, word = (answer) => t(`answer.${answer}`)) {
    this.#begin(subject, word);
    for (const feature of features) {
      if (!feature.geometry) continue;
      const path = toPath(feature, answerOptions(subject, feature));
      this.#paths.set(feature.id, path);
      this.group.addLayer(path);
    }
  }

  // The same of any number of rows: those of `collection` that meet `parameters`, as tiles; `bounds`: where they lie.
  drawTiles(subject, collection, parameters, { bounds = null, word = (answer) => t(`answer.${answer}`) } = {}) {
    this.#begin(subject, word);
    this.#box = bounds;
    const { style, derived, geometry } = subject;
    const looks = new TileLooks(() => ({ style, derived, geometry, answers: true }));
    const place = looks.place(subject.order);
    this.#known = new Known(collection, own(parameters));
    this.#tiles = new TileGrid({
      ...place,
      rank: place.rank + 0.5,
      layer: subject.id,
      collection,
      parameters: () => parameters,
      properties: (zoom) => tileProperties(zoom, derived ? style : {}, subject.title_field, ["answer"]),
      look: looks.look,
      feature: (id) => this.#known.fetch(id),
      nameOf: ({ id, properties }, feature) => this.#tip(feature ?? { id, properties }, feature || this.map.getZoom() >= NAMED),
      failed: tell,
    }).addTo(this.map);
  }

  #begin(subject, word) {
    this.#empty();
    this.#word = word;
    this.subject = subject;
    for (const layer of this.map.featureLayers.values()) layer.faint = true;
  }

  #empty() {
    this.#tiles?.remove();
    this.#tiles = this.#box = null;
    this.group.clearLayers();
    this.#paths.clear();
  }

  clear() {
    this.#empty();
    this.subject = null;
    for (const layer of this.map.featureLayers.values()) layer.faint = false;
  }

  path(layer, id) {
    if (this.subject?.id !== layer) return undefined;
    const known = this.#tiles && this.#known.get(id);
    return this.#paths.get(id) ?? (known ? { feature: known, options: {} } : undefined);
  }

  get paths() {
    return this.#paths.values();
  }

  // What the tiles in view draw otherwise than row by row; null without tiles.
  get generalised() {
    return this.#tiles?.generalised ?? null;
  }

  get bounds() {
    if (this.#box) return L.latLngBounds([this.#box[1], this.#box[0]], [this.#box[3], this.#box[2]]);
    const bounds = this.group.getBounds();
    return bounds.isValid() ? bounds : null;
  }

  toFront() {
    for (const path of this.#paths.values()) path.bringToFront();
  }

  #tip(feature, named = true) {
    const word = this.#word(feature.properties.answer);
    return named ? h("span", {}, this.subject.titleOf(feature), " · ", word) : word;
  }
}

// The parameters that one row takes: the question's own.
function own(parameters) {
  const { filter, community, compound, within, near, "near-filter": nearFilter, answer, bbox, ...rest } = parameters;
  return rest;
}
