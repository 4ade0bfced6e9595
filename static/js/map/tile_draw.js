// Draws a tile's things on its canvas: all of one look with one stroke and one fill.

import { outline } from "./marks.js";
import { drawSign, sizeAt } from "./symbols.js";

const TURN = 2 * Math.PI;
const RANK = { area: 0, line: 1, point: 2 };

// `look(item)` gives {key, options}: things of the same key are drawn alike, by Leaflet's path options.
// `dots`: the layer's features are areas or lines, so that a point stands for a small one.
export function drawTile(context, items, look, { dots, zoom }) {
  const groups = new Map();
  for (const item of items) {
    const { key, options } = look(item);
    const name = `${RANK[item.kind]} ${key}`;
    if (!groups.has(name)) groups.set(name, { kind: item.kind, options, items: [] });
    groups.get(name).items.push(item);
  }
  const sorted = [...groups.values()].sort((a, b) => RANK[a.kind] - RANK[b.kind]);
  for (const { kind, options, items: alike } of sorted) {
    if (kind !== "point") drawPaths(context, alike, options, kind === "area");
    else if (dots) drawDots(context, alike, options);
    else for (const one of alike) drawMark(context, one, options, zoom);
  }
}

function drawPaths(context, items, options, closed) {
  context.beginPath();
  for (const { lines } of items) for (const line of lines) trace(context, line, closed);
  if (closed && options.fillOpacity) {
    Object.assign(context, { globalAlpha: options.fillOpacity, fillStyle: options.fillColor });
    context.fill("evenodd");
  }
  stroke(context, options);
}

function trace(context, line, closed) {
  context.moveTo(line[0], line[1]);
  for (let i = 2; i < line.length; i += 2) context.lineTo(line[i], line[i + 1]);
  if (closed) context.closePath();
}

function stroke(context, { color, weight, opacity = 1, dashArray, lineCap = "round" }) {
  if (!weight) return;
  context.setLineDash((dashArray ?? "").split(/[ ,]+/).filter(Boolean).map(Number));
  Object.assign(context, { globalAlpha: opacity, strokeStyle: color, lineWidth: weight, lineCap, lineJoin: "round" });
  context.stroke();
}

// The radius of what a small area or many of them are drawn as.
export const dotRadius = (count) => (count === 1 ? 2 : Math.min(4, 2 + 0.4 * Math.log2(count)));

function drawDots(context, items, { color, fillColor, opacity = 1 }) {
  context.beginPath();
  for (const { count, box } of items) {
    const radius = dotRadius(count);
    context.moveTo(box[0] + radius, box[1]);
    context.arc(box[0], box[1], radius, 0, TURN);
  }
  Object.assign(context, { globalAlpha: 0.85 * opacity, fillStyle: typeof fillColor === "string" ? fillColor : color });
  context.fill();
}

// A point's own mark, or a larger disc with the number of those that it stands for.
function drawMark(context, item, options, zoom) {
  const [x, y] = item.box;
  const radius = markRadius(item, options, zoom);
  outline(context, item.count > 1 ? "circle" : options.shape, x, y, radius);
  Object.assign(context, { globalAlpha: options.fillOpacity, fillStyle: options.fillColor });
  context.fill();
  stroke(context, options);
  if (item.count > 1) write(context, item.count, x, y, radius);
  else drawSign(context, options, x, y, radius, zoom);
}

export function markRadius({ count }, { radius }, zoom) {
  return count > 1 ? Math.max(7.5, radius * sizeAt(zoom)) + Math.min(2.5, 0.5 * Math.log10(count)) : radius * sizeAt(zoom);
}

function write(context, count, x, y, radius) {
  const text = count < 1000 ? String(count) : count < 10000 ? `${Math.floor(count / 100) / 10}k` : `${Math.floor(count / 1000)}k`;
  Object.assign(context, { globalAlpha: 1, fillStyle: "#ffffff", textAlign: "center", textBaseline: "middle" });
  context.font = `600 ${text.length > 2 ? Math.round(radius * 0.85) : Math.round(radius * 1.15)}px system-ui, sans-serif`;
  context.fillText(text, x, y + 0.5);
}
