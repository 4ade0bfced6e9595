// Sums of money as a planner reads them: ranges in 万元 or in thousands and millions, no figure more precise than the prices.

import { lang, number, t } from "../core/i18n.js";

// A range in yuan; the unit is that of the high end.
export function range({ low, high }) {
  const [size, digits, unit] = scale(high);
  const [a, b] = [low, high].map((value) => fixed(value / size, digits));
  return t("projects.yuan", { range: a === b ? a : `${a} – ${b}`, unit: t(unit) });
}

// A price as it was entered.
export const price = (value) => number(value);

function scale(high) {
  if (lang === "en") return high >= 1e6 ? [1e6, 2, "projects.yuan.million"] : high >= 1e4 ? [1e3, 1, "projects.yuan.thousand"] : [1, 0, "projects.yuan.one"];
  return high >= 1e4 ? [1e4, high >= 1e7 ? 0 : high >= 1e5 ? 1 : 2, "projects.yuan.wan"] : [1, 0, "projects.yuan.one"];
}

const fixed = (value, digits) => value.toLocaleString(lang === "en" ? "en" : "zh-CN", { minimumFractionDigits: digits, maximumFractionDigits: digits });
