// Samples of how features are drawn, by the same code as the map: for legends on the page and on pictures of the map.

import { h } from "../core/dom.js";
import { drawSign } from "./symbols.js";
import { outline } from "./marks.js";
import { kindOf, pathOptions } from "./style.js";

export const WIDTH = 22; // pixels
export const HEIGHT = 16;
const LOOKED_AT = 50; // features of a layer

// A sample as an element; `entry`: a class of the legend, or nothing for the layer itself.
export function sample(layer, entry = {}) {
  const ratio = Math.max(2, window.devicePixelRatio || 1);
  const made = h("canvas", { class: "sample", "aria-hidden": "true", width: WIDTH * ratio, height: HEIGHT * ratio, css: { width: `${WIDTH}px`, height: `${HEIGHT}px`, flex: "none" } });
  const context = made.getContext("2d");
  context.scale(ratio, ratio);
  drawSample(context, layer, entry, 0, 0);
  return made;
}

// The sample in the box of WIDTH × HEIGHT whose upper left corner is (x, y).
export function drawSample(context, layer, entry, x, y) {
  const kind = kindOfLayer(layer);
  const look = pathOptions(styleOf(layer.style, entry), { properties: {}, geometry: { type: { point: "Point", line: "LineString", area: "Polygon" }[kind] } });
  context.save();
  context.translate(x, y);
  DRAW[kind](context, look);
  context.restore();
}

// One entry's look as that of a layer with no classes.
function styleOf(style, { color = style.color, dash = style.dash, pattern, symbol, shape }) {
  const one = { value: null, low: null, high: null, color, dash, pattern, symbol, shape };
  return { weight: 3, fill_opacity: 0.3, radius: 5, ...style, color, dash, ramp: null, by: " ", classes: [one], opacity: 1, size: 1 };
}

// What most features of a layer are, as far as they are on the map; else what its declaration names first.
function kindOfLayer({ geometry, paths = [] }) {
  const counts = { point: 0, line: 0, area: 0 };
  let n = 0;
  for (const path of paths) {
    counts[kindOf(path.feature?.geometry) ?? "area"] += 1;
    if ((n += 1) >= LOOKED_AT) break;
  }
  if (n > 0) return Object.keys(counts).reduce((most, kind) => (counts[kind] > counts[most] ? kind : most));
  return kindOf({ type: geometry[0] });
}

const DRAW = {
  point(context, look) {
    const [x, y, radius] = [WIDTH / 2, HEIGHT / 2, 6.5];
    outline(context, look.shape, x, y, radius);
    Object.assign(context, { fillStyle: look.fillColor, strokeStyle: look.color, lineWidth: 1 });
    context.setLineDash([]);
    context.fill();
    context.stroke();
    drawSign(context, look, x, y, radius, 99);
  },
  line(context, look) {
    stroke(context, look, Math.max(2, Math.min(look.weight, 4)));
    context.beginPath();
    context.moveTo(0, HEIGHT / 2);
    context.lineTo(WIDTH, HEIGHT / 2);
    context.stroke();
  },
  area(context, look) {
    const box = [2, 2, WIDTH - 4, HEIGHT - 4];
    context.globalAlpha = Math.min(1, look.fillOpacity + 0.1);
    context.fillStyle = look.fillColor;
    context.fillRect(...box);
    context.globalAlpha = 1;
    stroke(context, look, 1.5);
    context.strokeRect(...box);
  },
};

function stroke(context, look, width) {
  Object.assign(context, { strokeStyle: look.color, lineWidth: width });
  context.setLineDash(look.dashArray ? look.dashArray.split(" ").map(Number) : []);
}
