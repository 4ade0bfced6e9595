// How an answer, its value and what it says besides are put into words.

import { h } from "../../core/dom.js";
import { isEmpty, valueText } from "../../core/format.js";
import { label, t } from "../../core/i18n.js";

const UNITS = { m: t("unit.m"), buildings: t("unit.buildings"), households: t("unit.households"), records: t("unit.records") };
const SAID = ["answer", "value", "unit", "why"]; // of an answer, told before its other fields

// The question's own word for an answer, where yes and no would not do.
export const answerWord = (question, answer) => (question?.answers ? label(question.answers[answer]) : t(`answer.${answer}`));

export const badge = (answer, question) =>
  h("span", { class: `badge ${answer}` }, h("span", { class: "mark", "aria-hidden": "true" }), answerWord(question, answer));

export const unitLabel = (unit) => UNITS[unit] ?? label(unit);

// What an answer says besides: its fields that hold something, the limit in the unit of the value.
export function otherFields(question, properties) {
  const told = question.fields.filter(({ name }) => !SAID.includes(name) && !isEmpty(properties[name]) && properties[name] !== false);
  return told.map((field) => (field.name === "threshold" && properties.unit ? { ...field, unit: unitLabel(properties.unit) } : field));
}

// `said`: the unit that stands in the heading already.
export function valueOf({ value, unit }, said = null) {
  if (isEmpty(value)) return "—";
  const year = unit === "年" && value >= 1000;
  const shown = typeof value === "number" && !year ? valueText({ type: "number" }, value) : String(value);
  return unit && unit !== said ? `${shown} ${unitLabel(unit)}` : shown;
}
