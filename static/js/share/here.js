// The address of what is shown right now, the map's view with it.

import { serialise } from "../core/address.js";
import { lang } from "../core/i18n.js";
import { state } from "../core/state.js";

export function query(map) {
  const { lat, lng } = map.getCenter();
  return serialise({ ...state.value, view: { zoom: map.getZoom(), lat, lon: lng } }, lang);
}

export const fullAddress = (map) => `${location.origin}/${query(map)}`;
