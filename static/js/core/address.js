// The workspace's state as text in the address and back.

const ANSWERS = ["yes", "no", "unknown", "na"];

export const START = { view: null, layers: null, question: null, parameters: {}, community: null, compound: null, answers: ["yes"], shapes: null, sort: null, selected: null };

export function parse(search) {
  const query = new URLSearchParams(search);
  const state = { ...START, parameters: {} };
  state.view = view(query.get("map"));
  if (query.has("layers")) state.layers = query.get("layers").split(",").filter(Boolean);
  state.question = query.get("question") || null;
  for (const [name, value] of query) if (name.startsWith("p.")) state.parameters[name.slice(2)] = value;
  state.community = query.get("community") || null;
  state.compound = query.get("compound") || null;
  const answers = (query.get("answer") ?? "").split(",").filter((name) => ANSWERS.includes(name));
  if (answers.length) state.answers = answers;
  if (query.has("shapes")) state.shapes = query.get("shapes").split(",").filter(Boolean);
  state.sort = /^-?[a-z][a-z0-9_]*$/.test(query.get("sort") ?? "") ? query.get("sort") : null;
  const [layer, id] = (query.get("feature") ?? "").split("/");
  if (layer && /^\d+$/.test(id ?? "")) state.selected = { layer, id: Number(id) };
  return state;
}

export function serialise(state, lang) {
  const parts = [["lang", lang]];
  if (state.view) parts.push(["map", `${round(state.view.zoom, 2)}/${round(state.view.lat, 6)}/${round(state.view.lon, 6)}`]);
  if (state.layers) parts.push(["layers", state.layers.join(",")]);
  if (state.question) {
    parts.push(["question", state.question]);
    for (const [name, value] of Object.entries(state.parameters)) parts.push([`p.${name}`, String(value)]);
    if (state.community) parts.push(["community", state.community]);
    if (state.compound) parts.push(["compound", state.compound]);
    parts.push(["answer", state.answers.join(",")]);
    if (state.shapes) parts.push(["shapes", state.shapes.join(",")]);
    if (state.sort) parts.push(["sort", state.sort]);
  }
  if (state.selected) parts.push(["feature", `${state.selected.layer}/${state.selected.id}`]);
  return "?" + parts.map(([name, value]) => `${name}=${readable(value)}`).join("&");
}

function view(text) {
  const [zoom, lat, lon] = (text ?? "").split("/").map(Number);
  const fits = [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 90 && Math.abs(lon) <= 360 && zoom >= 0 && zoom <= 24;
  return text && fits ? { zoom, lat, lon } : null;
}

const round = (value, digits) => Number(value.toFixed(digits));
const readable = (text) => encodeURIComponent(text).replace(/%2C/g, ",").replace(/%2F/g, "/");
