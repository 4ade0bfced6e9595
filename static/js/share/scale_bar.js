// A scale bar in metres, true at the middle of the map, and the length it stands for.

import { t } from "../core/i18n.js";

const MOST = 160; // pixels

// The longest of 1, 2, 5, 10, 20, 50 … metres that fits into `most` pixels at so many metres a pixel.
function niceLength(metresPerPixel, most = MOST) {
  const limit = metresPerPixel * most;
  const power = 10 ** Math.floor(Math.log10(limit));
  return [5, 2, 1].find((digit) => digit * power <= limit) * power;
}

function metresPerPixel(map) {
  const { x, y } = map.getSize().divideBy(2);
  const [west, east] = [x - 50, x + 50].map((at) => map.containerPointToLatLng([at, y]));
  return map.distance(west, east) / 100;
}

// With its lower left corner at (x, y).
export function scaleBar(context, map, page, x, y) {
  const each = metresPerPixel(map);
  const metres = niceLength(each);
  const width = metres / each;
  context.fillStyle = page.paper;
  context.globalAlpha = 0.86;
  context.fillRect(x - 6, y - 28, width + 12, 32);
  context.globalAlpha = 1;
  Object.assign(context, { fillStyle: page.ink, strokeStyle: page.ink, lineWidth: 1.5, textAlign: "center", textBaseline: "bottom", font: `600 12px ${page.font}` });
  context.fillText(lengthText(metres), x + width / 2, y - 9);
  context.strokeRect(x, y - 7, width, 6);
  context.fillRect(x, y - 7, width / 2, 6);
}

const lengthText = (metres) => (metres >= 1000 ? t("share.km", { n: metres / 1000 }) : t("share.m", { n: metres }));
