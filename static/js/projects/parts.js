// Parts that the sections of a project share: tables, the mark of a severity, notes on what is unknown, links into the map.

import { h } from "../core/dom.js";
import { lang, t } from "../core/i18n.js";

export const NARROW = matchMedia("(max-width: 760px)");

// `columns`: headings, each a text or [text, class]; `rows`: arrays of cells, each with its heading repeated for narrow screens.
export function table(caption, columns, rows, { foot = null, name = "" } = {}) {
  const heads = columns.map((column) => (Array.isArray(column) ? column : [column, ""]));
  const line = (cells) =>
    h(
      "tr",
      { role: "row" },
      cells.map((cell, i) => h(i ? "td" : "th", { role: i ? "cell" : "rowheader", scope: i ? null : "row", class: heads[i][1], data: { head: heads[i][0] } }, cell)),
    );
  return h(
    "table",
    { class: `sheet-table ${name}`, role: "table" },
    h("caption", { class: "hidden" }, caption),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads.map(([text, kind]) => h("th", { scope: "col", role: "columnheader", class: kind }, text)))),
    h("tbody", { role: "rowgroup" }, rows.map(line)),
    foot && h("tfoot", { role: "rowgroup" }, line(foot)),
  );
}

export const severity = (name, words) => h("span", { class: `severity ${name}` }, h("span", { class: "step", "aria-hidden": "true" }), words);

export const open = (count) => (count > 0 ? h("span", { class: "tag warn after" }, t("projects.open.n", { n: count })) : null);

// Nothing of a layer is on record, which does not mean that there is none.
export const hasNo = ({ unrecorded }, name) => unrecorded.some(({ layer }) => layer === name);

// To a feature on the map.
export const mapLink = (layer, id, text) => h("a", { href: `/?lang=${lang}&feature=${encodeURIComponent(layer)}/${id}` }, text);
