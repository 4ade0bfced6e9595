// Findings of a card by rule (what does not comply by severity, then what is unknown), gaps, and what to mend first.

import { h } from "../core/dom.js";
import { isEmpty } from "../core/format.js";
import { number, t } from "../core/i18n.js";
import { toFeature, toQuestion, toRule } from "./links.js";
import { measured, none, section, settled, severity, table } from "./parts.js";

const MENDS = 8;
const NAMED = 12;

export function findings(card) {
  const { rows, counts } = card.findings;
  const [fails, unknown] = ["yes", "unknown"].map((kind) => byRule(rows.filter(({ answer }) => answer.answer === kind)));
  const rest = t("card.findings.rest", { complies: counts.no, na: counts.na });
  return [
    section("fails", t("card.findings.fail", { n: counts.yes }), toQuestion(card, "findings", "yes"), fails.length ? failTable(card, fails) : none(t("card.findings.nofail")), h("p", { class: "muted" }, rest)),
    section("unknown", t("card.findings.unknown", { n: counts.unknown }), toQuestion(card, "findings", "unknown"), unknown.length ? unknownTable(card, unknown) : none(t("card.findings.known"))),
  ];
}

// Rules in the order of their first finding.
function byRule(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.rule, [...(groups.get(row.rule) ?? []), row]);
  return [...groups.values()];
}

function failTable(card, groups) {
  const head = [t("card.severity"), t("card.rule"), t("card.value"), t("card.clause")];
  return table(t("card.findings.title"), head, groups.map((rows) => [severity(card, rows[0].severity), rule(card, rows[0].rule, rows), values(card, rows), clause(card, rows[0].rule)]));
}

function unknownTable(card, groups) {
  const head = [t("card.rule"), t("card.features"), t("card.clause")];
  return table(t("card.unknown"), head, groups.map((rows) => [rule(card, rows[0].rule, rows), features(card, rows, (row) => measured(row.answer)), clause(card, rows[0].rule)]));
}

function rule(card, id, rows) {
  const said = card.rules[id];
  return [h("a", { href: toRule(card, id) }, id), " ", said.check, rows.length > 1 && h("span", { class: "times" }, ` × ${number(rows.length)}`), h("small", { class: "below" }, said.statement)];
}

const clause = (card, id) => [card.rules[id].cite, h("small", { class: "below" }, card.rules[id].sure_label)];

// One or two are told in full; of more, each feature with its value.
function values(card, rows) {
  if (rows.length > 2) return features(card, rows, ({ answer }) => measured(answer));
  return rows.map((row) => h("p", {}, name(row), " ", h("small", {}, row.answer.why)));
}

function features(card, rows, said) {
  const listed = rows.slice(0, NAMED).map((row) => h("li", {}, name(row), " ", h("small", {}, said(row))));
  const left = rows.length - listed.length;
  return h("ul", { class: "named" }, listed, left > 0 && h("li", { class: "muted" }, t("card.more", { n: left })));
}

const name = (row) => h("a", { href: toFeature(row.target_layer, row.target_id) }, row.target_name ?? row.target_code);

// Gaps by what is missing, that first which settles most.
export function gaps(card) {
  const rows = new Map(card.gaps.map((row) => [row.id, row]));
  const title = t("card.gaps.title", { n: card.gaps.length, settled: settled(card) });
  const head = [t("card.gaps.field"), [t("card.gaps.settles"), "number"], t("card.features"), t("card.gaps.fill")];
  const lines = card.records.map((record) => {
    const mine = record.gaps.map((id) => rows.get(id));
    const { answer, rules } = mine[0];
    const named = isEmpty(mine[0].target_id) ? "" : features(card, mine, () => "");
    return [[`${answer.layer_label}${t("card.dot")}${answer.field_label}`, h("small", { class: "below" }, rules)], number(record.settles), named, answer.to_fill];
  });
  return section("gaps", title, toQuestion(card, "data-gaps", "yes"), lines.length ? table(title, head, lines) : none(t("card.gaps.none")));
}

// Works by severity and by how much they settle, then the records that settle most.
export function mendFirst(card) {
  const rows = new Map(card.findings.rows.map((row) => [row.id, row]));
  const works = card.works.slice(0, MENDS).map((work) => h("li", {}, severity(card, work.severity), h("span", {}, h("b", {}, card.rules[work.rule].check), " ", whom(work.findings.map((id) => rows.get(id))), h("small", {}, ` ${work.rule} · ${card.rules[work.rule].works_label} · ${t("card.first.settles", { n: work.settles })}`))));
  const left = card.works.length - works.length;
  return section(
    "first",
    t("card.first"),
    null,
    card.works.length ? h("ol", { class: "first" }, works) : none(t("card.first.none")),
    left > 0 && h("p", { class: "muted" }, t("card.first.more", { n: left })),
    freed(card),
    lookUp(card),
    h("p", { class: "muted how" }, t("card.first.how")),
  );
}

function whom(rows) {
  const names = rows.slice(0, 3).map((row) => row.target_name ?? row.target_code);
  return t(rows.length > 3 ? "card.first.whom.more" : "card.first.whom", { names: names.join(t("card.comma")), n: rows.length });
}

// Lanes where one place alone keeps the engine out.
function freed(card) {
  const lanes = card.sections.lanes.rows.filter(({ answers }) => answers["mend-first"].answer === "yes");
  if (!lanes.length) return null;
  return h("ul", { class: "freed" }, lanes.map((row) => h("li", {}, h("a", { href: toFeature("fire_lanes", row.id) }, row.name ?? row.code), ": ", row.answers["mend-first"].why)));
}

function lookUp(card) {
  const rows = new Map(card.gaps.map((row) => [row.id, row]));
  const said = card.records.slice(0, 3).map((record) => {
    const { answer } = rows.get(record.gaps[0]);
    return t("card.first.record", { field: `${answer.layer_label}${t("card.dot")}${answer.field_label}`, n: record.settles });
  });
  return said.length ? h("p", {}, t("card.first.records", { list: said.join(t("card.semicolon")) })) : null;
}
