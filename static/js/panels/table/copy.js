// Text for the clipboard: rows as tab-separated values that a spreadsheet takes as cells and never runs.

import { toClipboard } from "../../core/clipboard.js";
import { t } from "../../core/i18n.js";
import { isEmpty } from "../../core/format.js";
import { tell, toast } from "../../core/toast.js";

// As the files that are written: geo/exports/guarding.py.
const FORMULA = /^[=+\-@＝＋－＠]/;

// Headings and one line a row, as the columns show them; numbers bare.
export function asLines(columns, features) {
  const lines = features.map((feature) => columns.map((column) => cell(column, feature)).join("\t"));
  return [columns.map(({ title }) => clean(title)).join("\t"), ...lines].join("\n");
}

function cell(column, feature) {
  const value = feature.properties[column.name];
  if (isEmpty(value) && !column.copied) return "";
  if (typeof value === "number" && !column.field?.refers) return String(value);
  const text = clean(column.copied?.(feature) ?? column.text(feature.properties));
  return FORMULA.test(text) ? `'${text}` : text;
}

const clean = (text) => String(text).replace(/[\t\r\n]+/g, " ").trim();

export async function copyText(text, said = t("copied")) {
  try {
    await toClipboard(text);
    toast(said);
  } catch (error) {
    tell(error);
  }
}
