// Declared styles as Leaflet path options.

export const ANSWER_STYLE = {
  yes: { color: "#b93a0a", fillColor: "#e2531b", weight: 3, fillOpacity: 0.6 },
  unknown: { color: "#8a6100", fillColor: "#e3b23c", weight: 2.5, fillOpacity: 0.45, dashArray: "6 4" },
  no: { color: "#1f5f8b", fillColor: "#5a9bc7", weight: 1.5, fillOpacity: 0.35 },
  na: { color: "#6b7480", fillColor: "#aab2ba", weight: 1.5, fillOpacity: 0.3, dashArray: "2 4" },
};

export function classOf(style, value) {
  if (!style.by) return null;
  const known = style.classes.find((c) => (c.value !== null ? c.value === value : inRange(c, value)));
  return known ?? style.classes.find(isUnknown) ?? null;
}

const isUnknown = (c) => c.value === null && c.low === null && c.high === null;

function inRange(entry, value) {
  if (typeof value !== "number" || isUnknown(entry)) return false;
  return (entry.low === null || value >= entry.low) && (entry.high === null || value < entry.high);
}

// `faint` draws a layer as the background of an answer.
export function pathOptions(style, feature, faint = false) {
  const entry = classOf(style, feature.properties[style.by]);
  const color = entry?.color ?? style.color;
  const dash = entry?.dash ?? style.dash;
  const share = faint ? 0.4 : 1;
  if (kindOf(feature.geometry) === "point") {
    return {
      radius: style.radius,
      color: "#ffffff",
      weight: 1.5,
      opacity: share,
      fillColor: color,
      fillOpacity: share,
      symbol: style.symbol,
    };
  }
  const line = { color, weight: style.weight, opacity: share, dashArray: dash ?? null, lineCap: "butt" };
  return kindOf(feature.geometry) === "line" ? line : { ...line, fillColor: color, fillOpacity: style.fill_opacity * share };
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
      radius: Math.max(style.radius, 6),
      color: "#ffffff",
      weight: 1.5,
      fillColor: look.fillColor,
      fillOpacity: 1,
      symbol: style.symbol,
    };
  if (kind === "line")
    return { color: look.color, weight: look.weight + 2, opacity: 0.95, dashArray: look.dashArray ?? null, lineCap: "butt" };
  return { ...look, dashArray: look.dashArray ?? null };
}

export function kindOf(geometry) {
  if (!geometry) return null;
  if (geometry.type.endsWith("Point")) return "point";
  return geometry.type.endsWith("LineString") ? "line" : "area";
}
