// What has changed in the data since the planner last took them as they are.

import { h } from "../core/dom.js";
import { dateTime, number, t } from "../core/i18n.js";

const SHOWN = 8; // changes a compound; the rest are counted

export function changedNote(page) {
  const { changed } = page.project;
  if (!changed.compounds.length && !changed.profile) return null;
  return h(
    "section",
    { class: "note warn changed", role: "status", "aria-labelledby": "changed-title" },
    h("h2", { id: "changed-title" }, t("projects.changed", { n: changed.compounds.length })),
    h("p", {}, t("projects.changed.help", { at: dateTime(changed.since) })),
    changed.profile && h("p", {}, t("projects.changed.profile", { before: changed.profile[0], after: changed.profile[1] })),
    h(
      "ul",
      {},
      changed.compounds.map(({ id, name, what }) =>
        h("li", {}, h("a", { href: `#compound-${id}` }, name), h("ul", {}, what.slice(0, SHOWN).map(line), what.length > SHOWN && h("li", {}, t("projects.changed.more", { n: what.length - SHOWN })))),
      ),
    ),
    h("div", { class: "actions no-print" }, h("button", { type: "button", class: "primary", id: "accept", onclick: () => page.save({ accept: true }, t("projects.accepted")) }, t("projects.accept"))),
  );
}

function line({ kind, label, before, after }) {
  const nil = t(kind === "field" ? "projects.unsaid" : "projects.nil");
  const said = { what: label, before: value(before, nil), after: value(after, nil) };
  if (kind === "geometry" || kind === "gone") return h("li", {}, t(`projects.changed.${kind}`));
  if (kind === "finding") return h("li", {}, t(`projects.changed.finding.${before === null ? "new" : after === null ? "over" : "other"}`, said));
  if (kind === "hazard") return h("li", {}, t(`projects.changed.hazard.${before === null ? "new" : after === null ? "over" : "other"}`, said));
  return h("li", {}, t(`projects.changed.${kind}`, said));
}

const value = (said, nil) => (said === null || said === undefined ? nil : typeof said === "number" ? number(said) : String(said));
