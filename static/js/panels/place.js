// Giving a feature its place: by a click, by a drawing, or by moving the corners it has; a place that someone else changed meanwhile is chosen from.

import { Problem } from "../core/api.js";
import { changed } from "../core/catalogue.js";
import { h, icon } from "../core/dom.js";
import { titleText } from "../core/format.js";
import { label, t } from "../core/i18n.js";
import { tell, toast } from "../core/toast.js";
import { offerUndo } from "../core/undo.js";
import { Placing } from "../map/draw.js";
import { patch, present } from "./edit.js";
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
    return shapesOf(layer).map(([shape, , mark]) =>
      h(
        "button",
        { type: "button", data: { place: shape }, onclick: () => this.#place(shape, layer, feature, etag).then(then) },
        icon(mark),
        t(`place.by.${shape}`),
      ),
    );
  }

  // The geometry of a feature to be, null when it is given up.
  draw(layer) {
    show(null);
    const [[shape]] = shapesOf(layer);
    return this.placing.place(shape, t("create.title", { layer: label(layer.label) }), { save: t("create.next") }).catch(tell);
  }

  // The line along which a feature is split.
  cutting(layer, feature) {
    show(null);
    return this.placing.place("line", titleOf(layer, feature), { hint: t("split.draw"), save: t("split.next") }).catch(tell);
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

  async #save(layer, feature, etag, geometry, reason = this.placing.why) {
    try {
      const { body, revision } = await patch(layer.id, feature.id, { geometry, ...(reason && { reason }) }, etag);
      offerUndo(t("place.saved", { name: titleOf(layer, feature) }), revision);
      changed({ layer: layer.id, feature: body });
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status === 412) return this.#merge(layer, feature, geometry, reason).catch(tell);
      tell(error);
      changed({});
      return false;
    }
  }

  // Where only facts were changed meanwhile, the place is saved over them; of two new places one is chosen, both being shown.
  async #merge(layer, feature, geometry, reason) {
    const { body: current, etag } = await present(layer.id, feature.id);
    const moved = JSON.stringify(current.geometry) !== JSON.stringify(feature.geometry ?? null);
    const mine = !moved || (await this.placing.choose(geometry, current.geometry, titleOf(layer, feature)));
    if (mine) return this.#save(layer, current, etag, geometry, reason);
    toast(t("merge.took"), { kind: "note" });
    changed({ layer: layer.id, feature: current });
    return false;
  }
}

const shapesOf = (layer) => SHAPES.filter(([, kind]) => layer.geometry.includes(kind));
const titleOf = (layer, feature) => titleText(feature, layer);
