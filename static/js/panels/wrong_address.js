// What an address says that is not there to be shown: told once, and taken out of it.

import { refused } from "../core/address.js";
import { get } from "../core/api.js";
import { asked } from "../core/asked.js";
import { catalogue } from "../core/catalogue.js";
import { t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { toast } from "../core/toast.js";
import { parse, serialise } from "../map/style_text.js";
import { fieldsOf } from "./columns.js";

const LONGEST = 80; // of what is told of one part

// Before anything is drawn, so that nothing is asked that cannot be.
export async function tellWrong() {
  const wrong = refused(location.search).map(([name, text]) => `${name}=${text}`);
  for (const check of CHECKS) {
    const found = check(state.value);
    if (!found) continue;
    wrong.push(...found.wrong);
    state.set(found.change);
  }
  wrong.push(...(await wrongFilters()), ...(await wrongPlace()));
  if (wrong.length) toast(t("address.wrong", { what: wrong.map(told).join(t("comma")) }), { kind: "note", seconds: 0 });
}

// A part alone, or [part, why the server refuses it].
const told = (one) => (Array.isArray(one) ? t("address.why", { what: short(one[0]), why: short(one[1]) }) : short(one));

const short = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

const isLayer = (id) => catalogue.layers.has(id);
const isAsked = (id) => isLayer(id) || catalogue.questions.has(id);

// In this order: fields and shapes belong to the question or table that is left. Each gives {wrong, change}, or null.
const CHECKS = [
  ({ question }) => (question && !asked.question ? { wrong: [`question=${question}`], change: { question: null, parameters: {}, shapes: null, answers: ["yes"] } } : null),
  ({ table }) => (table && !asked.table ? { wrong: [`table=${table}`], change: { table: null } } : null),
  ({ selected }) => (selected && !isLayer(selected.layer) ? { wrong: [`feature=${selected.layer}/${selected.id}`], change: { selected: null } } : null),
  ({ parameters }) => without("parameters", "p.", parameters, (name) => asked.question?.parameters.some((parameter) => parameter.name === name)),
  ({ near, nearFilter }) => (nearFilter && !near ? { wrong: [`near-filter=${nearFilter}`], change: { nearFilter: null } } : null),
  ({ filters }) => without("filters", "f.", filters, isAsked),
  ({ styles }) => without("styles", "s.", styles, isLayer),
  ({ styles }) => wrongStyles(styles),
  ({ layers }) => listed("layers", layers, isLayer),
  ({ shapes }) => listed("shapes", shapes, (id) => asked.question?.shapes.some((shape) => shape.id === id)),
  ({ columns }) => listed("columns", columns, isField),
  ({ sort }) => (sort && !isField(sort.replace("-", "")) ? { wrong: [`sort=${sort}`], change: { sort: null } } : null),
];

const isField = (name) => name === "id" || (asked.collection !== null && fieldsOf(asked.question, catalogue.layers.get(asked.subject)).some((field) => field.name === name));

// Styles by fields that their layer does not have. What cannot be read besides goes with them; alone, the panel of layers tells it.
function wrongStyles(styles) {
  const wrong = [];
  const kept = {};
  for (const [id, text] of Object.entries(styles)) {
    const { change, refused } = parse(text);
    const fields = fieldsOf(null, catalogue.layers.get(id));
    const strange = ["by", "label"].filter((part) => change[part] && change[part] !== "-" && !fields.some((field) => field.name === change[part]));
    const all = strange.length ? [...refused, ...strange.map((part) => `${part}:${change[part]}`)] : [];
    wrong.push(...all.map((part) => `s.${id}=${part}`));
    for (const part of strange) delete change[part];
    kept[id] = all.length ? serialise(change) : text;
  }
  const left = Object.fromEntries(Object.entries(kept).filter(([, text]) => text));
  return wrong.length ? { wrong, change: { styles: left } } : null;
}

function without(key, family, members, fits) {
  const wrong = Object.keys(members).filter((name) => !fits(name));
  const change = { [key]: Object.fromEntries(Object.entries(members).filter(([name]) => fits(name))) };
  return wrong.length ? { wrong: wrong.map((name) => family + name), change } : null;
}

function listed(key, all, fits) {
  const wrong = all?.filter((one) => !fits(one)) ?? [];
  const left = all?.filter(fits);
  return wrong.length ? { wrong: [`${key}=${wrong.join(",")}`], change: { [key]: left.length ? left : null } } : null;
}

const PLACE = { community: "community", compound: "compound", within: "within", near: "near", "near-filter": "nearFilter" };

async function wrongFilters() {
  const all = Object.entries(state.value.filters);
  const problems = await Promise.all(all.map(([id, filter]) => problemOf(id, { filter })));
  if (!problems.some(Boolean)) return [];
  state.set({ filters: Object.fromEntries(all.filter((_, at) => !problems[at])) });
  return all.flatMap(([id, filter], at) => (problems[at] ? [[`f.${id}=${filter}`, problems[at].detail]] : []));
}

// Whatever the server refuses, until it takes the rest.
async function wrongPlace() {
  const { bbox: _, ...place } = asked.place();
  const wrong = [];
  for (let problem; Object.keys(place).length && (problem = await problemOf("compounds", place)); ) {
    const name = problem.parameter in place ? problem.parameter : Object.keys(place).at(-1);
    wrong.push([`${name}=${place[name]}`, problem.detail]);
    delete place[name];
    if (!place.near) delete place["near-filter"];
  }
  if (wrong.length) state.set(Object.fromEntries(Object.entries(PLACE).map(([name, key]) => [key, place[name] ?? null])));
  return wrong;
}

async function problemOf(id, said) {
  try {
    return (await get(`/api/asks/${id}`, said)).problem;
  } catch {
    return null; // that nobody answers is told by whoever asks next
  }
}
