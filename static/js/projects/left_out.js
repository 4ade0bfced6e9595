// What was asked for but is not in a project: rows that belong to no compound.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";

export function leftOut(page) {
  const listed = page.project.left_out;
  return listed.length > 0 && h("section", { class: "note warn left-out", "aria-label": t("projects.leftout.title") }, listed.map((one) => h("p", {}, leftOutWords(one))));
}

// The names are some of the rows at most.
export function leftOutWords({ layer_label: what, rows, without, named }) {
  const names = named.join(t("projects.leftout.comma"));
  const text = t("projects.leftout", { what, rows, without, names });
  return without > named.length ? `${text} ${t("projects.leftout.more", { n: without - named.length })}` : text;
}
