// The workspace's state as text in the address and back.

const ANSWERS = ["yes", "no", "unknown", "na"];

// `layers`: ids that are on, lowest first; `styles`: layer → style as text (map/style_text.js); `filters`: layer or question → CQL2;
// `table`: the layer whose rows are listed while no question is asked; `within`: WKT or @name of a kept area; `near`: "layer[/id]:metres";
// `picked`: ids of chosen rows of the subject; `inView`: rows of the map's view only.
export const START = {
  view: null,
  layers: null,
  styles: {},
  filters: {},
  question: null,
  parameters: {},
  table: null,
  community: null,
  compound: null,
  within: null,
  near: null,
  nearFilter: null,
  inView: false,
  answers: ["yes"],
  shapes: null,
  sort: null,
  columns: null,
  picked: [],
  selected: null,
};

const NAME = /^[a-z][a-z0-9_-]*$/;
const FIELD = /^-?[a-z][a-z0-9_]*$/;
const ID = /^\d{1,15}$/;

const asks = ({ question }) => question !== null;
const lists = ({ question, table }) => question !== null || table !== null;

const text = { read: (said) => said || undefined };
const list = { read: split, write: (values) => values.join(",") };

// What stands in the address, in its order: `key` of the state, `read(text, refuse)` (undefined: it says nothing), `write(value)`, and `when`
// the state has it at all. What cannot be read is refused.
const PARTS = {
  map: { key: "view", read: view, write: ({ zoom, lat, lon }) => `${round(zoom, 2)}/${round(lat, 6)}/${round(lon, 6)}` },
  layers: { key: "layers", ...list },
  "s.": { key: "styles", name: NAME },
  "f.": { key: "filters", name: NAME },
  question: { key: "question", ...text },
  "p.": { key: "parameters", name: /^/, when: asks },
  table: { key: "table", ...text },
  answer: { key: "answers", ...listOf((one) => ANSWERS.includes(one)), always: true, when: asks },
  shapes: { key: "shapes", ...list, when: asks },
  sort: { key: "sort", read: (said, refuse) => (FIELD.test(said) ? said : void (said && refuse(said))), when: lists },
  columns: { key: "columns", ...list, when: lists },
  "in-view": { key: "inView", read: (said, refuse) => said === "true" || void (["", "false"].includes(said) || refuse(said)) },
  picked: { key: "picked", ...listOf((one) => ID.test(one), Number), when: lists },
  community: { key: "community", ...text },
  compound: { key: "compound", ...text },
  within: { key: "within", ...text },
  near: { key: "near", ...text },
  "near-filter": { key: "nearFilter", ...text },
  feature: { key: "selected", read: feature, write: ({ layer, id }) => `${layer}/${id}` },
};

export const parse = (search) => understood(search).state;

// The parts of an address that say nothing a workspace can show, as [name, text] pairs.
export const refused = (search) => understood(search).refused;

function understood(search) {
  const state = { ...START, styles: {}, filters: {}, parameters: {} };
  const refused = [];
  for (const [name, said] of new URLSearchParams(search)) {
    const refuse = (what) => void refused.push([name, what]);
    const [, family, member] = /^([psf]\.)(.+)$/s.exec(name) ?? [];
    const { key, read, name: named } = PARTS[family ?? name] ?? {};
    if (family) keep(state[key], member, said, named, refuse);
    else if (read) state[key] = read(said, refuse) ?? state[key];
  }
  return { state, refused };
}

function keep(members, name, said, named, refuse) {
  if (named.test(name)) members[name] = said;
  else refuse(said);
}

export function serialise(state, lang) {
  const parts = Object.entries(PARTS).flatMap(([name, part]) => written(name, part, state));
  return "?" + [["lang", lang], ...parts].map(([name, value]) => `${readable(name)}=${readable(value)}`).join("&");
}

// An address of the workspace that says only this of its state.
export const workspace = (part, lang) => `/${serialise({ ...START, ...part }, lang)}`;

function written(name, { key, write = String, always = false, when = () => true }, state) {
  const value = state[key];
  if (!when(state)) return [];
  if (name.endsWith(".")) return Object.entries(value).map(([member, one]) => [name + member, String(one)]);
  const same = JSON.stringify(value) === JSON.stringify(START[key]);
  return same && !always ? [] : [[name, write(value)]];
}

function view(said, refuse) {
  const [zoom, lat, lon] = said.split("/").map(Number);
  const fits = said.split("/").length === 3 && [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 90 && Math.abs(lon) <= 360 && zoom >= 0 && zoom <= 24;
  return fits ? { zoom, lat, lon } : void (said && refuse(said));
}

function feature(said, refuse) {
  const [layer, id, ...more] = said.split("/");
  return NAME.test(layer) && ID.test(id ?? "") && !more.length ? { layer, id: Number(id) } : void (said && refuse(said));
}

// A list of what fits; nothing that does is no list.
function listOf(fits, made = (one) => one) {
  const read = (said, refuse) => {
    const all = split(said);
    for (const one of all) if (!fits(one)) refuse(one);
    const kept = all.filter(fits).map(made);
    return kept.length ? kept : undefined;
  };
  return { read, write: list.write };
}

function split(said) {
  return said.split(",").filter(Boolean);
}

const round = (value, digits) => Number(value.toFixed(digits));

// As few signs escaped as an address bears; an apostrophe as the browser writes it, so that the same address is the same text.
function readable(said) {
  const whole = said.toWellFormed?.() ?? said;
  return encodeURIComponent(whole).replace(/%2C/g, ",").replace(/%2F/g, "/").replace(/%20/g, "+").replace(/%3A/g, ":").replace(/%3B/g, ";").replaceAll("'", "%27");
}
