// What is wrong with a compound: checks that it fails, open hazards, and what is not on record.

import { h } from "../core/dom.js";
import { lang, number, t } from "../core/i18n.js";
import { NARROW, hasNo, mapLink, severity, table } from "./parts.js";

export function problems(compound) {
  const { findings, hazards, gaps, gaps_n: gapsN } = compound;
  return [
    group(
      t("projects.findings.n", { n: findings.length }),
      findings.length > 0 && table(t("projects.findings"), [t("projects.severity"), t("projects.check"), t("projects.target"), t("projects.why.so"), t("projects.citation")], findings.map(finding), { name: "problem-table" }),
    ),
    group(
      hasNo(compound, "hazards") ? t("projects.hazards.nodata") : t("projects.hazards.n", { n: hazards.length }),
      hazards.length > 0 && table(t("projects.hazards"), [t("projects.hazard"), t("projects.type"), t("projects.status"), t("projects.due")], hazards.map(hazard), { name: "hazard-table" }),
    ),
    group(
      t("projects.gaps.n", { n: gapsN }),
      gaps.length > 0 && h("ul", { class: "gaps" }, gaps.map(gap), gapsN > gaps.length && h("li", { class: "muted" }, t("projects.gaps.more", { n: gapsN - gaps.length }))),
    ),
  ];
}

// Folded on a phone, where a list of checks is metres long.
function group(title, content) {
  return content ? h("details", { class: "group", open: !NARROW.matches }, h("summary", {}, h("h3", {}, title)), content) : h("h3", {}, title);
}

function finding(one) {
  return [
    severity(one.severity, one.severity_label),
    [h("a", { href: `/rules?lang=${lang}#${encodeURIComponent(one.rule)}` }, one.rule), " ", one.check],
    [h("small", {}, `${one.layer_label} `), mapLink(one.layer, one.id, one.name)],
    one.why,
    [h("small", {}, one.citation), h("small", { class: "below" }, one.sure_label)],
  ];
}

function hazard(one) {
  const late = one.overdue === null ? t("projects.overdue.unknown") : one.overdue ? t("projects.overdue") : "";
  return [mapLink("hazards", one.id, one.code), one.type_label ?? t("projects.unknown"), one.status_label ?? t("projects.unknown"), [one.due ?? "—", late && h("span", { class: "tag warn" }, late)]];
}

function gap(one) {
  const what = `${one.layer_label} ${one.name}`;
  return h("li", {}, one.id === null ? what : mapLink(one.layer, one.id, what), ": ", one.field_label, h("small", {}, ` ${t("projects.settles", { n: number(one.settles) })}`));
}
