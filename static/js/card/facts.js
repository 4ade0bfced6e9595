// The head of a card and its facts: what is on record, under headings, with what the map says beside it.

import { h } from "../core/dom.js";
import { fieldLabel, isEmpty, valueText } from "../core/format.js";
import { isOver } from "../core/hazards.js";
import { number, t } from "../core/i18n.js";
import { toFeature, toQuestion } from "./links.js";
import { section, settled, severity } from "./parts.js";

export function head(card) {
  const { values } = card;
  const place = [values.community, values.address].filter(Boolean).join(" · ");
  return h(
    "header",
    { class: "cardhead" },
    h("div", {}, h("h2", {}, h("a", { href: toFeature("compounds", card.id) }, card.name ?? card.code)), h("p", { class: "muted" }, h("code", {}, card.code), place && ` · ${place}`)),
    card.demo && h("span", { class: "tag" }, t("card.demo")),
  );
}

export function basis(card) {
  const { profile, as_of: day, revision, fingerprint } = card;
  return h("p", { class: "basis muted" }, t("card.basis", { profile: profile.label, version: profile.version, day, revision: String(revision) }), " ", h("code", {}, fingerprint));
}

// The counts at a glance, each leading to what it counts.
export function glance(card) {
  const { counts } = card.findings;
  const worst = card.works[0]?.severity ?? null;
  const hazards = card.sections.hazards.rows;
  const late = hazards.filter(({ answers }) => answers["hazards-overdue"].answer === "yes").length;
  const open = hazards.filter(({ status }) => !isOver(status)).length;
  const unclear = hazards.filter(({ answers }) => answers["hazards-overdue"].answer === "unknown").length;
  const told = [t("card.hazards.late", { n: late }), unclear > 0 && t("card.hazards.unclear", { n: unclear })].filter(Boolean).join(t("card.comma"));
  const entry = (label, href, ...said) => h("div", {}, h("dt", {}, label), h("dd", {}, h("a", { href }, said)));
  return h(
    "dl",
    { class: "glance" },
    h("div", {}, h("dt", {}, t("card.worst")), h("dd", {}, severity(card, worst, counts.yes + counts.no > 0))),
    entry(t("card.fails"), toQuestion(card, "findings", "yes"), h("b", {}, number(counts.yes)), " ", h("small", {}, t("card.of", { n: counts.yes + counts.no + counts.unknown }))),
    entry(t("card.unknown"), toQuestion(card, "findings", "unknown"), h("b", {}, number(counts.unknown))),
    entry(t("card.hazards.open"), toQuestion(card, "hazards-overdue"), card.unrecorded.includes("hazards") ? t("card.nodata") : [h("b", {}, number(open)), " ", h("small", {}, told)]),
    entry(t("card.gaps"), toQuestion(card, "data-gaps", "yes"), h("b", {}, number(card.gaps.length)), " ", h("small", {}, t("card.gaps.settle", { n: settled(card) }))),
  );
}

// Groups of the record but gas, which has a part of its own; what nobody filled in is listed in a line, so that the page stays short.
export function facts(card) {
  const groups = card.groups.filter(({ id }) => id !== "gas").map((group) => [group, group.fields.filter(({ name }) => !isEmpty(card.values[name]))]);
  const empty = card.groups.filter(({ id }) => id !== "gas").flatMap(({ fields }) => fields.filter(({ name }) => isEmpty(card.values[name])));
  const shown = groups.filter(([, fields]) => fields.length);
  return section(
    "facts",
    t("card.facts"),
    null,
    h(
      "div",
      { class: "cardfacts" },
      drawn(card),
      shown.map(([group, fields]) => h("section", {}, h("h4", {}, group.label), h("dl", {}, fields.map((field) => fact(called(field), plain(field, card.values[field.name])))))),
      empty.length > 0 && h("p", { class: "muted unsaid" }, t("card.facts.unsaid", { fields: empty.map(({ label }) => label).join(t("card.comma")) })),
    ),
  );
}

// The unit stands in the label.
const plain = (field, value) => valueText({ ...field, unit: null }, value);
const called = (field) => (field.unit && field.label.toLowerCase().startsWith(field.unit.toLowerCase()) ? field.label : fieldLabel(field));
const fact = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));

// What the outlines say, beside which the record may be checked.
function drawn({ drawn: found, values }) {
  if (!found) return null;
  const differs = values.buildings_n !== null && values.buildings_n !== found.buildings;
  return h(
    "section",
    {},
    h("h4", {}, t("card.drawn")),
    h(
      "dl",
      {},
      fact(t("card.drawn.area"), number(Math.round(found.area_m2))),
      fact(t("card.drawn.buildings"), [found.buildings ? number(found.buildings) : t("card.drawn.none"), differs && h("small", { class: "differs" }, t("card.drawn.differs", { n: values.buildings_n }))]),
      fact(t("card.drawn.lanes"), found.lanes ? t("card.drawn.lanes.of", { n: found.lanes, m: Math.round(found.lanes_m) }) : t("card.drawn.none")),
    ),
  );
}
