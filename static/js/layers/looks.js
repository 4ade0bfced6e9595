// Draws each layer as the state of the workspace says: its style, and which lies over which.

import { catalogue } from "../core/catalogue.js";
import { label, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { toast } from "../core/toast.js";
import { restack } from "../map/feature_layer.js";
import { parse, serialise } from "../map/style_text.js";
import { fitting, styled } from "../map/styling.js";
import { ranks } from "./order.js";

export class Looks extends EventTarget {
  #declared = new Map();
  #drawn = new Map(); // layer → text of the style it is drawn with

  // `visible()`: ids of the layers that are on, lowest first.
  constructor(map, visible) {
    super();
    Object.assign(this, { map, visible });
    for (const layer of map.featureLayers.values()) this.#declared.set(layer.id, layer.style);
    catalogue.addEventListener("loaded", () => this.apply());
    state.on(["styles"], () => this.apply());
    state.on(["layers"], () => this.stack());
  }

  declared(id) {
    return this.#declared.get(id);
  }

  change(id) {
    return parse(state.value.styles[id]).change;
  }

  // Draw a layer with another change; an empty one is the declared style.
  set(id, change) {
    const text = serialise(change);
    const { [id]: _, ...others } = state.value.styles;
    state.set({ styles: text ? { ...others, [id]: text } : others });
  }

  apply() {
    for (const layer of this.map.featureLayers.values()) {
      const text = state.value.styles[layer.id] ?? "";
      if (text === (this.#drawn.get(layer.id) ?? "")) continue;
      this.#drawn.set(layer.id, text);
      this.#draw(layer, text);
    }
    this.stack();
  }

  stack() {
    const order = ranks(this.visible(), [...this.#declared.keys()]);
    const moved = [...this.map.featureLayers.values()].filter((layer) => layer.order !== order.get(layer.id));
    for (const layer of moved) layer.order = order.get(layer.id);
    if (moved.length) restack(this.map);
    if (moved.length) this.map.fire("layers:restacked");
  }

  #draw(layer, text) {
    const fields = catalogue.layers.get(layer.id)?.fields ?? [];
    const { change, refused } = fitting(parse(text), fields);
    if (refused.length) toast(t("layers.style.refused", { layer: label(layer.label), part: refused.join("; ") }), { kind: "note", seconds: 15 });
    layer.restyle(styled(this.#declared.get(layer.id), change, fields));
    this.dispatchEvent(new CustomEvent("restyled", { detail: layer.id }));
    this.map.fire("layers:restyled", { layer: layer.id });
  }
}
