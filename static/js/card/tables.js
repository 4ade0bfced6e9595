// The tables of a card: buildings, lanes with their pinch points, gates, hazards with their states.

import { h } from "../core/dom.js";
import { isEmpty, valueText } from "../core/format.js";
import { isOver } from "../core/hazards.js";
import { number, t } from "../core/i18n.js";
import { toFeature, toQuestion } from "./links.js";
import { answer, badge, collator, gasWords, measured, none, section, table, value } from "./parts.js";

const WIDTH = "lanes-under-width";
const REACH = "buildings-out-of-reach";

const link = (part, row, text) => h("a", { href: toFeature(part.layer, row.id) }, text);
const called = (row) => row.name ?? row.no ?? row.code ?? `#${row.id}`;
// How many there are, or that nobody has recorded any.
const count = (card, name) => (card.unrecorded.includes(name) ? t("card.nodata") : card.sections[name].rows.length);
const byName = (a, b) => collator.compare(called(a), called(b));

export function buildings(card) {
  const part = card.sections.buildings;
  const { fields } = part;
  const head = [part.label, [fields.use.label], [fields.floors.label, "number"], [fields.built_year.label, "number"], fields.structure.label, [fields.households.label, "number"], t("card.gas"), t("card.reach")];
  const rows = [...part.rows].sort(byName).map((row) => [
    link(part, row, called(row)),
    value(fields.use, row.use),
    value({ ...fields.floors, unit: null }, row.floors),
    value(fields.built_year, row.built_year),
    value(fields.structure, row.structure),
    value({ ...fields.households, unit: null }, row.households),
    gas(card, row),
    reach(card, row.answers[REACH]),
  ]);
  return section("buildings", t("card.buildings", { n: count(card, "buildings") }), toQuestion(card, REACH), rows.length ? table(part.label, head, rows) : none(t("card.buildings.none")));
}

const gas = (card, row) => gasWords(row.answers["buildings-without-gas"]);

function reach(card, said) {
  const words = { yes: t("card.reach.no"), no: t("card.reach.yes"), unknown: t("card.reach.unknown"), na: t("card.reach.na") };
  return [badge(said.answer, words[said.answer]), " ", h("small", {}, measured(said))];
}

export function lanes(card) {
  const part = card.sections.lanes;
  const head = [part.label, t("card.lanes.width"), t("card.lanes.source"), t("card.lanes.pinch"), t("card.lanes.mend")];
  const rows = [...part.rows].sort(byName).map((row) => [
    [link(part, row, called(row)), " ", h("small", {}, isEmpty(row.kind) ? "" : valueText(part.fields.kind, row.kind))],
    [h("b", {}, measured(row.answers[WIDTH]) || t("card.unsaid")), " ", width(card, row.answers[WIDTH])],
    source(part, row),
    pinch(row.answers[WIDTH]),
    mend(row.answers["mend-first"]),
  ]);
  const title = t("card.lanes", { n: count(card, "lanes") });
  return section("lanes", title, toQuestion(card, WIDTH), rows.length ? table(part.label, head, rows) : none(t("card.lanes.none")));
}

function width(card, said) {
  const limit = said.threshold === null ? "" : number(said.threshold);
  const words = { yes: t("card.lanes.under", { limit }), no: t("card.lanes.over", { limit }), unknown: t("card.lanes.unknown"), na: t("card.lanes.na") };
  return badge(said.answer, words[said.answer]);
}

// Both widths, where a lane has one on record and one from the drawing.
function source(part, { answers: { [WIDTH]: said }, width_source: from }) {
  const record = isEmpty(said.declared_m) ? null : t("card.lanes.declared", { m: said.declared_m, source: isEmpty(from) ? t("card.lanes.unsaid") : valueText(part.fields.width_source, from) });
  const drawing = isEmpty(said.measured_m) ? null : t("card.lanes.measured", { m: said.measured_m });
  return [[record, drawing].filter(Boolean).join(t("card.semicolon")), said.difference && h("span", { class: "tag warn" }, t("card.lanes.differ"))];
}

function pinch({ pinch_obstacle: at, pinch_lon: lon, pinch_lat: lat }) {
  if (isEmpty(lon)) return h("span", { class: "muted" }, t("card.unsaid"));
  return [at ?? "", h("small", { class: "at" }, ` ${lon.toFixed(6)}, ${lat.toFixed(6)}`)];
}

function mend({ answer: said, value: freed, households_freed: households, place }) {
  if (said === "na") return h("span", { class: "muted" }, t("card.mend.na"));
  if (said === "yes") return [t("card.mend.frees", { n: freed }), !isEmpty(households) && t("card.mend.households", { n: households }), place && h("small", {}, ` ${place}`)];
  return said === "unknown" ? t("card.mend.unknown") : t("card.mend.alone");
}

export function gates(card) {
  const part = card.sections.gates;
  const { fields } = part;
  if (!part.rows.length) return section("gates", t("card.gates", { n: count(card, "gates") }), null, none(t("card.gates.none")));
  const head = [part.label, fields.kind.label, [fields.gate_width_m.label, "number"], [fields.gate_height_m.label, "number"], fields.normally_locked.label, fields.remote_open.label];
  const rows = [...part.rows].sort(byName).map((row) => [
    link(part, row, called(row)),
    ...["kind", "gate_width_m", "gate_height_m", "normally_locked", "remote_open"].map((name) => value(fields[name], row[name])),
  ]);
  return section("gates", t("card.gates", { n: count(card, "gates") }), null, table(part.label, head, rows));
}

// What is open comes first, the longest overdue before the others.
export function hazards(card) {
  const part = card.sections.hazards;
  const { fields } = part;
  const bare = card.unrecorded.includes("hazards");
  const title = t("card.hazards", { n: count(card, "hazards") });
  const href = toQuestion(card, "hazards-overdue");
  if (!part.rows.length) return section("hazards", title, href, none(t(bare ? "card.hazards.nodata" : "card.hazards.none")));
  const rank = ({ answers: { "hazards-overdue": said }, status }) => [said.answer === "yes" ? 0 : isOver(status) ? 2 : 1, -(said.value ?? 0)];
  const sorted = [...part.rows].sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1] || a.id - b.id);
  const head = [t("card.hazards.type"), fields.grade.label, fields.status.label, fields.found_on.label, t("card.hazards.due"), t("card.hazards.overdue")];
  const rows = sorted.map((row) => [
    [link(part, row, value(fields.hazard_type, row.hazard_type)), !isEmpty(row.hazard_desc) && h("small", { class: "below" }, row.hazard_desc)],
    value(fields.grade, row.grade),
    [value(fields.status, row.status), row.escalated === true && h("span", { class: "tag warn" }, fields.escalated.label)],
    value(fields.found_on, row.found_on),
    value(fields.due_date, row.answers["hazards-overdue"].deadline ?? row.due_date_extended ?? row.due_date),
    overdue(card, row.answers["hazards-overdue"]),
  ]);
  return section("hazards", title, href, table(part.label, head, rows));
}

function overdue(card, said) {
  if (said.answer === "yes") return badge("yes", t("card.hazards.days", { n: said.value }));
  return said.answer === "no" ? h("span", { class: "muted" }, t("card.hazards.intime")) : answer(card, "hazards-overdue", said);
}
