// Where the map goes: to a place beside the panels that cover it, to everything, to a view of the address.

import { catalogue } from "../core/catalogue.js";
import { covered } from "../panels/sheets.js";

const CALM = matchMedia("(prefers-reduced-motion: reduce)");

export function fit(map, bounds, maxZoom = 18, { animate = !CALM.matches } = {}) {
  const [left, top, right, bottom] = covered();
  map.fitBounds(bounds, {
    paddingTopLeft: [left + 40, top + 40],
    paddingBottomRight: [right + 40, bottom + 40],
    maxZoom,
    animate,
  });
}

export function goHome(map, how = {}) {
  const box = catalogue.extent;
  if (box) fit(map, L.latLngBounds([box[1], box[0]], [box[3], box[2]]), 18, how);
}

// Who moves the map while the workspace is still coming is not sent elsewhere by it: from here on, what moves the map is a hand.
export const watchHand = (map) => map.once("movestart", () => (map.movedByHand = true));

// `view`: {zoom, lat, lon}; nothing moves where the map is there already.
export function goTo(map, { zoom, lat, lon }) {
  const at = map.getCenter();
  const same = Math.abs(at.lat - lat) < 1e-6 && Math.abs(at.lng - lon) < 1e-6 && Math.abs(map.getZoom() - zoom) < 0.01;
  if (!same) map.setView([lat, lon], zoom, { animate: false, reset: true }); // else Leaflet goes by whole pixels only
}
