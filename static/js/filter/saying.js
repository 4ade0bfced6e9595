// A condition in the planner's words: labels of fields and choices, signs of comparison; what cannot be read so stays CQL2.

import { label, t } from "../core/i18n.js";
import { valueText } from "../core/format.js";
import { read, Unreadable } from "./cql2.js";

const SIGNS = { "=": "=", "<>": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥" };

export const opText = (op) => SIGNS[op] ?? t(`filter.op.${op.replace("not-", "no")}`);

// `fields`: the declarations of those that the text may name.
export function saying(text, fields) {
  const known = new Map(fields.map((field) => [field.name, field]));
  try {
    return said(read(text), known);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return text; // the filter tells what is wrong, at its place
  }
}

function said(item, known) {
  if (item.kind === "text") return item.cql;
  if (item.kind === "test") return tested(item, known);
  const parts = item.items.map((one) => (one.kind === "group" && one.items.length > 1 && !one.not ? t("filter.said.group", { said: said(one, known) }) : said(one, known)));
  const all = parts.join(t(item.op === "or" ? "filter.said.or" : "filter.said.and"));
  return item.not ? t("filter.said.not", { said: all }) : all;
}

function tested({ field: name, op, values, not }, known) {
  const field = known.get(name) ?? { name, label: name, type: "text" };
  const worded = values.map((value) => valueText(field, value?.date ?? value));
  if (op === "between") {
    const range = `${label(field.label)} ${t("filter.said.range", { low: worded[0], high: worded[1] })}`;
    return not ? t("filter.said.not", { said: range }) : range;
  }
  const alone = op === "in" && values.length === 1;
  return [label(field.label), opText(alone ? (not ? "<>" : "=") : not ? `not-${op}` : op), worded.join(t("filter.said.list"))].filter(Boolean).join(" ");
}
