// Parts that the sections of a card share: headings, tables, the mark of a severity, values and what is unknown.

import { h } from "../core/dom.js";
import { isEmpty, valueText } from "../core/format.js";
import { number, t } from "../core/i18n.js";

export function section(id, title, href, ...children) {
  const heading = href ? h("a", { href, title: t("card.open") }, title) : title;
  return h("section", { class: `part part-${id}` }, h("h3", {}, heading), children);
}

// `head`: texts or [text, class]; `rows`: lists of cells, the first being the row's heading.
export function table(caption, head, rows) {
  const [labels, classes] = [head.map((one) => [one].flat()[0]), head.map((one) => [one].flat()[1] ?? null)];
  return h(
    "table",
    { class: "cardtable", role: "table" },
    h("caption", { class: "hidden" }, caption),
    h(
      "thead",
      { role: "rowgroup" },
      h("tr", { role: "row" }, labels.map((text, i) => h("th", { scope: "col", role: "columnheader", class: classes[i] }, text))),
    ),
    h("tbody", { role: "rowgroup" }, rows.map((cells) => row(cells, labels, classes))),
  );
}

function row(cells, labels, classes) {
  return h(
    "tr",
    { role: "row" },
    cells.map((cell, i) => {
      const said = i ? { role: "cell", "data-label": labels[i], class: classes[i] } : { scope: "row", role: "rowheader", class: classes[i] };
      return h(i ? "td" : "th", said, cell);
    }),
  );
}

// `known`: some check could be made, so that no severity means that nothing fails.
export function severity(card, name, known = true) {
  const label = card.severities.find(({ value }) => value === name)?.label ?? t(known ? "card.none" : "card.unknown");
  return h("span", { class: `severity ${name ?? "none"}` }, h("span", { class: "step", "aria-hidden": "true" }), label);
}

// The words of a question's answer with its mark, which differs in shape too.
export const answer = (card, question, said) => badge(said.answer, card.questions[question].answers[said.answer]);
export const badge = (kind, label) => h("span", { class: `said ${kind}` }, h("span", { class: "mark", "aria-hidden": "true" }), label);

export const value = (field, given) => (isEmpty(given) ? h("span", { class: "muted" }, t("card.unsaid")) : valueText(field, given));

export function measured({ value: found, unit }) {
  if (isEmpty(found)) return "";
  const n = Math.round(found * 100) / 100;
  return unit === "m" ? t("card.map.metres", { n }) : `${number(n)}${unit ? ` ${unit}` : ""}`;
}

export const none = (text) => h("p", { class: "muted none" }, text);
export const collator = new Intl.Collator("zh", { numeric: true });

// "No gas" is the question's yes: the words say what is so, not what was asked.
export function gasWords(said) {
  const words = { yes: said.partial ? t("card.gas.partly") : t("card.gas.without"), no: t("card.gas.with"), unknown: t("card.gas.unknown"), na: t("card.gas.na") };
  return badge(said.answer, words[said.answer]);
}

// Checks that can be answered once the gaps are filled.
export const settled = (card) => card.records.reduce((sum, record) => sum + record.settles, 0);
