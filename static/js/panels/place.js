// Giving a feature its place: by a click, by a drawing, or by moving the corners it has.

import { Problem } from "../core/api.js";
import { changed } from "../core/catalogue.js";
import { h, icon } from "../core/dom.js";
import { titleText } from "../core/format.js";
import { t } from "../core/i18n.js";
import { tell, toast } from "../core/toast.js";
import { offerUndo } from "../core/undo.js";
import { Placing } from "../map/draw.js";
import { patch } from "./edit.js";
import { show } from "./sheets.js";

const SHAPES = [
  ["point", "Point", "pin"],
  ["line", "LineString", "ruler"],
  ["area", "Polygon", "polygon"],
];

export class Placer {
  constructor(map) {
    this.placing = new Placing(map);
  }

  // One button for each shape the layer takes, a click first.
  buttons(layer, feature, etag, then = () => {}) {
    const shapes = SHAPES.filter(([, kind]) => layer.geometry.includes(kind));
    return shapes.map(([shape, , mark]) =>
      h(
        "button",
        { type: "button", data: { place: shape }, onclick: () => this.#place(shape, layer, feature, etag).then(then) },
        icon(mark),
        t(`place.by.${shape}`),
      ),
    );
  }

  async reshape(layer, feature, etag) {
    show(null);
    const geometry = await this.placing.reshape(feature.geometry, titleOf(layer, feature)).catch(tell);
    return geometry ? this.#save(layer, feature, etag, geometry) : false;
  }

  async #place(shape, layer, feature, etag) {
    show(null);
    const geometry = await this.placing.place(shape, titleOf(layer, feature)).catch(tell);
    return geometry ? this.#save(layer, feature, etag, geometry) : false;
  }

  async #save(layer, feature, etag, geometry) {
    try {
      const { body, revision } = await patch(layer.id, feature.id, { geometry }, etag);
      offerUndo(t("place.saved", { name: titleOf(layer, feature) }), revision);
      changed({ layer: layer.id, feature: body });
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status === 412) toast(t("place.stale"), { kind: "error" });
      else tell(error);
      changed({});
      return false;
    }
  }
}

const titleOf = (layer, feature) => titleText(feature, layer);
