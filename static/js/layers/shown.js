// Which layers are on, and the map that shows them.

import { catalogue } from "../core/catalogue.js";
import { state } from "../core/state.js";

// Ids of the layers that are on, lowest first.
export function visibleIn(map) {
  const all = [...map.featureLayers.values()].filter((layer) => !layer.derived);
  const known = new Set(all.map((layer) => layer.id));
  return state.value.layers?.filter((id) => known.has(id)) ?? all.filter((layer) => layer.style.visible).map((layer) => layer.id);
}

// Resolves when all that is on is drawn, or has failed and told so.
export function showLayers(map) {
  const on = new Set(visibleIn(map));
  const shown = [...map.featureLayers.values()].map((layer) => {
    layer.count = catalogue.layers.get(layer.id)?.count ?? 0;
    return layer.show(on.has(layer.id));
  });
  return Promise.allSettled(shown);
}
