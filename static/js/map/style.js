// Styles as Leaflet path options.

import { patternFill } from "./patterns.js";

// An answer is told by its colour, and beside it by the pattern or outline of an area, the dashes of a line, the sign or size of a point.
export const ANSWER_STYLE = {
  yes: { color: "#b93a0a", fillColor: "#e2531b", weight: 3, fillOpacity: 0.55, pattern: "hatch/7" },
  unknown: { color: "#8a6100", fillColor: "#e3b23c", weight: 2.5, fillOpacity: 0.4, dashArray: "6 4", pattern: "dots/8", symbol: "?" },
  no: { color: "#1f5f8b", fillColor: "#5a9bc7", weight: 1.5, fillOpacity: 0.35, size: 0.8 },
  na: { color: "#6b7480", fillColor: "#aab2ba", weight: 1.5, fillOpacity: 0.3, dashArray: "2 4", symbol: "–", size: 0.8 },
};

// The legend entry that a value belongs to: its category or class; `other` takes the values that have none, the entry without all of these
// what is not known.
export function classOf(style, value) {
  if (!style.by) return null;
  if (style.ramp) return isUnknownValue(value) ? (style.classes.find(isUnknown) ?? null) : onRamp(style.ramp, value);
  const known = style.classes.find((c) => (c.value !== null ? c.value === value : inRange(c, value)));
  const other = isUnknownValue(value) ? null : style.classes.find((c) => c.other);
  return known ?? other ?? style.classes.find(isUnknown) ?? null;
}

const isUnknownValue = (value) => value === null || value === undefined || value === "" || value === "unknown";

export const isUnknown = (c) => c.value === null && c.low === null && c.high === null && !c.other;

function inRange(entry, value) {
  const bound = entry.low ?? entry.high;
  if (bound === null || typeof value !== typeof bound) return false;
  return (entry.low === null || value >= entry.low) && (entry.high === null || value < entry.high);
}

// A colour between those of the ramp's ends; `low` and `high` are numbers, or dates as ISO text.
function onRamp({ low, high, colors }, value) {
  const [at, from, to] = [value, low, high].map(asNumber);
  return { color: between(colors, to > from ? (at - from) / (to - from) : 0.5) };
}

const asNumber = (value) => (typeof value === "string" ? Date.parse(value) : Number(value));

// The colour at a share of a row of colours, mixed of its two neighbours.
export function between(colors, share) {
  const at = Math.max(0, Math.min(1, share || 0)) * (colors.length - 1);
  const below = Math.min(Math.floor(at), Math.max(0, colors.length - 2));
  const [a, b] = [colors[below], colors[below + 1] ?? colors[below]];
  return `#${[1, 3, 5].map((i) => mixed(parseInt(a.slice(i, i + 2), 16), parseInt(b.slice(i, i + 2), 16), at - below)).join("")}`;
}

const mixed = (a, b, share) => Math.round(a + (b - a) * share).toString(16).padStart(2, "0");

// `faint` draws a layer as the background of an answer.
export function pathOptions(style, feature, faint = false) {
  const entry = classOf(style, feature.properties[style.by]);
  const color = entry?.color ?? style.color;
  const dash = entry?.dash ?? style.dash;
  const share = (faint ? 0.4 : 1) * (style.opacity ?? 1);
  const size = (style.size ?? 1) * (entry?.size ?? 1);
  const kind = kindOf(feature.geometry);
  if (kind === "point") return pointOptions(style, entry, { color, share, size });
  const line = { color, weight: style.weight * size, opacity: share, dashArray: dash ?? null, lineCap: "butt" };
  if (kind === "line") return line;
  const pattern = patternFill(color, entry?.pattern, style.fill_opacity);
  return { ...line, fillColor: pattern ?? color, fillOpacity: pattern ? share : style.fill_opacity * share };
}

function pointOptions(style, entry, { color, share, size }) {
  return {
    radius: style.radius * size,
    color: "#ffffff",
    weight: 1.5,
    opacity: share,
    fillColor: color,
    fillOpacity: share,
    symbol: entry?.symbol ?? style.symbol,
    shape: entry?.shape ?? style.shape,
  };
}

// What was found is drawn in the colour of its class (the severity of a finding), what is unknown as everywhere.
function classLook(style, feature, derived) {
  const entry = derived && feature.properties.answer === "yes" ? classOf(style, feature.properties[style.by]) : null;
  return entry ? { color: entry.color, fillColor: entry.color } : {};
}

export function answerOptions({ style, derived }, feature) {
  const look = { ...(ANSWER_STYLE[feature.properties.answer] ?? ANSWER_STYLE.na), ...classLook(style, feature, derived) };
  const kind = kindOf(feature.geometry);
  if (kind === "point")
    return {
      radius: Math.max(style.radius, 6) * (look.size ?? 1),
      color: "#ffffff",
      weight: 1.5,
      fillColor: look.fillColor,
      fillOpacity: 1,
      symbol: look.symbol ?? style.symbol,
      shape: style.shape,
    };
  if (kind === "line")
    return { color: look.color, weight: look.weight + 2, opacity: 0.95, dashArray: look.dashArray ?? null, lineCap: "butt" };
  const pattern = patternFill(look.fillColor, look.pattern, look.fillOpacity);
  const fill = pattern ? { fillColor: pattern, fillOpacity: 1 } : { fillColor: look.fillColor, fillOpacity: look.fillOpacity };
  return { color: look.color, weight: look.weight, dashArray: look.dashArray ?? null, ...fill };
}

export function kindOf(geometry) {
  if (!geometry) return null;
  if (geometry.type.endsWith("Point")) return "point";
  return geometry.type.endsWith("LineString") ? "line" : "area";
}
