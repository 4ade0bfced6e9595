// The compounds of a project, each with its works, problems, hazards and gaps, which are written when it is opened.

import { h, icon } from "../core/dom.js";
import { lang, number, t } from "../core/i18n.js";
import { range } from "./money.js";
import { hasNo, open, severity } from "./parts.js";
import { problems } from "./problems.js";
import { works } from "./works.js";

export function compounds(page) {
  const { compounds: listed, gone } = page.project;
  return h(
    "section",
    { "aria-labelledby": "compounds-title" },
    h("h2", { id: "compounds-title" }, t("projects.compounds")),
    gone.map(({ id, name }) => h("p", { class: "note warn" }, t("projects.gone", { name }), " ", h("button", { type: "button", class: "link no-print", onclick: () => page.save({ remove: [id] }) }, t("projects.drop")))),
    listed.length > 0 ? listed.map((compound) => one(page, compound)) : h("p", { class: "note" }, t("projects.empty")),
  );
}

function one(page, compound) {
  const body = h("div", { class: "body" });
  const details = h("details", { class: "compound figure", id: `compound-${compound.id}`, data: { id: compound.id }, open: page.opened.has(compound.id) }, summary(compound), body);
  details.fillIn = () => body.childElementCount || body.append(...inside(page, compound));
  details.addEventListener("toggle", () => {
    if (details.open) details.fillIn();
    if (!matchMedia("print").matches) page.opened[details.open ? "add" : "delete"](compound.id);
  });
  if (details.open) details.fillIn();
  return details;
}

function summary(compound) {
  const worst = compound.findings.find((finding) => finding.severity === compound.worst);
  return h(
    "summary",
    { data: { key: `compound-${compound.id}` } },
    h("span", { class: "who" }, h("b", {}, compound.name), h("small", {}, compound.facts.find(({ name }) => name === "community")?.text ?? ""), !compound.placed && h("span", { class: "tag" }, t("unplaced.one"))),
    compound.class && h("span", { class: `works ${compound.class}` }, compound.class_label),
    worst && severity(worst.severity, worst.severity_label),
    h("span", { class: "counts muted" }, t("projects.counts", { findings: compound.findings.length, hazards: hasNo(compound, "hazards") ? t("projects.nodata.short") : compound.hazards.length, gaps: compound.gaps_n })),
    h("span", { class: "cost" }, range(compound.cost), open(compound.cost.open)),
  );
}

function inside(page, compound) {
  return [
    h(
      "dl",
      { class: "facts" },
      compound.facts.filter(({ text }) => text !== null).map(({ label, text, unit }) => h("div", {}, h("dt", {}, label), h("dd", {}, [text, unit].filter(Boolean).join(" ")))),
      h("div", {}, h("dt", {}, t("projects.completeness")), h("dd", {}, completeness(compound))),
    ),
    compound.unrecorded.length > 0 && h("p", { class: "note warn" }, t("projects.unrecorded", { what: compound.unrecorded.map(({ label }) => label).join(t("projects.leftout.comma")) })),
    works(page, compound),
    ...problems(compound),
    h(
      "div",
      { class: "actions no-print" },
      h("a", { class: "button", href: `/?lang=${lang}&feature=compounds/${compound.id}` }, t("projects.map")),
      h("a", { class: "button", href: `/compounds/${compound.id}?lang=${lang}` }, t("projects.card")),
      h("button", { type: "button", class: "quiet danger", onclick: () => page.save({ remove: [compound.id] }, t("projects.dropped", { name: compound.name })) }, icon("close"), t("projects.drop")),
    ),
  ];
}

function completeness({ completeness: share, checks }) {
  if (share === null) return t("projects.unknown");
  return t("projects.completeness.of", { share: `${number(Math.round(share * 100))}%`, known: checks.pass + checks.fail, total: checks.pass + checks.fail + checks.unknown });
}
