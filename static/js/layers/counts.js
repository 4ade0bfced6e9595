// How many features each entry of a legend stands for, by the service's own statistics: in the map's view or of the whole layer.

import { address, call } from "../core/api.js";
import { asked } from "../core/asked.js";
import { changes } from "../core/catalogue.js";
import { allOf, ofDay } from "../core/conditions.js";
import { isUnknown } from "../map/style.js";

// Numbers wait for the first map: its features would wait for them.
let begin;
const begun = new Promise((resolve) => {
  begin = resolve;
});

export function countFromNow() {
  begin();
}

const kept = new Map();
changes.addEventListener("changed", () => kept.clear());

// {matched, total, unplaced, of(entry)}; `of` gives null for what cannot be counted. `bbox`: only what the map shows.
export async function countsOf(layer, { bbox = null } = {}) {
  const { style } = layer;
  const bounds = boundsOf(style);
  const measured = bounds.length > 0 && bounds.every(Number.isFinite);
  const url = address(`/api/statistics/${layer.id}`, { ...asked.ofLayer(layer.id), bbox, breaks: measured ? bounds.join(",") : null });
  const answer = await once(`${url}&fields=${style.by ? encodeURIComponent(style.by) : ""}`);
  const ofDays = bounds.length > 0 && !measured ? await dayCounts(layer, bbox) : new Map();
  return { ...answer, of: (entry) => ofDays.get(entry) ?? (style.by ? countOf(style, entry, answer.fields[0]) : answer.matched) };
}

// Classes of days, for which the statistics take no bounds: each is asked for by its own condition.
async function dayCounts(layer, bbox) {
  const { by, classes } = layer.style;
  const bands = classes.filter(({ low, high }) => low !== null || high !== null);
  const counted = bands.map(async (entry) => {
    const day = (sign, value) => value && `${by} ${sign} ${ofDay(value)}`;
    const filter = allOf([asked.ofLayer(layer.id).filter, day(">=", entry.low), day("<", entry.high)]);
    const { matched } = await once(`${address(`/api/statistics/${layer.id}`, { filter, bbox })}&fields=`);
    return [entry, matched];
  });
  return new Map(await Promise.all(counted));
}

function once(url) {
  if (!kept.has(url)) {
    if (kept.size > 200) kept.clear();
    kept.set(
      url,
      begun
        .then(() => call("GET", url))
        .then(({ body }) => body)
        .catch((error) => {
          kept.delete(url);
          throw error;
        }),
    );
  }
  return kept.get(url);
}

// The bounds between a style's classes.
const boundsOf = ({ classes }) => classes.slice(1).map(({ low }) => low).filter((low) => low !== null);

function countOf(style, entry, field) {
  if (style.ramp) return isUnknown(entry) ? field.unknown + listed(field, "unknown") : field.known;
  if (entry.value !== null && entry.value !== undefined) return listed(field, entry.value);
  if (entry.low !== null || entry.high !== null) return inBand(style, entry, field);
  const named = style.classes.filter((one) => one.value !== null).map((one) => listed(field, one.value));
  const rest = field.known - sum(named);
  const unsaid = field.unknown + listed(field, "unknown");
  if (entry.other) return field.values ? rest - listed(field, "unknown") : field.known;
  if (style.classes.some((one) => one.other)) return unsaid;
  return field.values ? field.unknown + rest : field.unknown;
}

const listed = (field, value) => field.values?.find((one) => String(one.value) === String(value))?.count ?? 0;

function inBand(style, entry, field) {
  const bands = style.classes.filter((one) => one.low !== null || one.high !== null);
  return field.bins?.length === bands.length ? field.bins[bands.indexOf(entry)].count : null;
}

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
