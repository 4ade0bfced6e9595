// The legend under a picture: every layer that is shown, its classes with how many are in view, and what the answer's colours mean.

import { asked } from "../core/asked.js";
import { label, number, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { countsOf } from "../layers/counts.js";
import { legendOf } from "../layers/legend.js";
import { boxText } from "../map/feature_layer.js";
import { ANSWER_STYLE } from "../map/style.js";
import { HEIGHT, WIDTH, drawSample } from "../map/swatch.js";

const ROW = 24;
const GAP = 14;
const APART = 30; // between a layer and the next
const RAMP = 90;

// Rows {heading?, text?, layer, entry, ramp?, count?} of what the map shows, the uppermost first.
export async function legendRows(map) {
  const bbox = boxText(map.getBounds());
  const parts = await Promise.all(legendOf(map).map((part) => layerRows(part, bbox)));
  return [...answerRows(map), ...shapeRows(map), ...parts.flat()];
}

function answerRows(map) {
  const { question } = asked;
  const subject = map.answerLayer?.subject;
  if (!question || !subject) return [];
  const shown = state.value.answers.map((name) => {
    const { fillColor, dashArray } = ANSWER_STYLE[name];
    return { layer: { geometry: subject.geometry, style: { color: fillColor, dash: dashArray, fill_opacity: 0.6 } }, entry: {}, text: t(`answer.${name}`) };
  });
  return [{ heading: label(question.title) }, ...shown];
}

function shapeRows(map) {
  return (asked.question?.shapes ?? [])
    .filter(({ id }) => map.answerShapes?.has(id))
    .map(({ color, weight = 3, radius = 6, dash, geometry, label: text }) => ({ layer: { geometry: [geometry], style: { color, weight, radius, dash, fill_opacity: 0.4 } }, entry: {}, text: label(text) }));
}

// A layer that cannot be counted now has its legend without numbers.
async function layerRows({ title, layer, entries }, bbox) {
  const counts = await countsOf(layer, { bbox }).catch(() => null);
  const { ramp, classes } = layer.style;
  if (!classes.length && !ramp) return [{ apart: true, layer, entry: entries[0], text: title, count: counts?.matched }];
  const rows = classes.map((entry) => ({ layer, entry, text: label(entry.label), count: counts?.of(entry) })).filter(({ count }) => count !== 0);
  return [{ heading: title, count: counts?.matched }, ramp && { ramp }, ...rows].filter(Boolean);
}

// Rows from left to right as many as fit, a heading never last in its line; returns where it ends.
export function drawLegend(context, rows, page, { x, y, width }) {
  let [left, top] = [x, y];
  rows.forEach((row, i) => {
    const needs = widthOf(context, row, page);
    const after = row.heading && rows[i + 1] && !rows[i + 1].heading ? GAP + widthOf(context, rows[i + 1], page) : 0;
    if (left > x && (row.heading || row.apart)) left += APART - GAP;
    if (left > x && left + needs + after > x + width) [left, top] = [x, top + ROW];
    drawRow(context, row, page, left, top);
    left += needs + GAP;
  });
  return top + ROW;
}

const font = (row, page) => `${row.heading ? 600 : 400} 13px ${page.font}`;

const words = ({ heading, text, count }) => [heading ?? text, count === null || count === undefined ? "" : number(count)].filter(Boolean).join(" ");

function widthOf(context, row, page) {
  context.font = font(row, page);
  if (row.ramp) return RAMP + 12 + row.ramp.ends.reduce((sum, end) => sum + context.measureText(end).width, 0);
  return context.measureText(words(row)).width + (row.heading ? 0 : WIDTH + 6);
}

function drawRow(context, row, page, left, top) {
  const middle = top + ROW / 2;
  if (row.layer) drawSample(context, row.layer, row.entry, left, top + (ROW - HEIGHT) / 2);
  Object.assign(context, { font: font(row, page), textAlign: "left", textBaseline: "middle", fillStyle: page.ink });
  if (row.ramp) drawRamp(context, row.ramp, left, middle);
  else context.fillText(words(row), left + (row.heading ? 0 : WIDTH + 6), middle);
}

function drawRamp(context, { colors, ends: [low, high] }, left, middle) {
  const at = left + context.measureText(low).width + 6;
  const ink = context.fillStyle;
  context.fillText(low, left, middle);
  context.fillText(high, at + RAMP + 6, middle);
  colors.forEach((color, i) => {
    context.fillStyle = color;
    context.fillRect(at + (i * RAMP) / colors.length, middle - 6, RAMP / colors.length + 0.5, 12);
  });
  context.fillStyle = ink;
}
