// Values as a reader wants them: labels of choices, units, shares of one as percentages, dates, and a mark for what is not known.

import { label, number, t } from "./i18n.js";

export const isEmpty = (value) => value === null || value === undefined || value === "";

export function valueText(field, value) {
  if (isEmpty(value)) return "—";
  if (field.type === "choice") return label(field.choices?.find((choice) => choice.value === value)?.label) || String(value);
  if (field.type === "boolean") return value ? t("value.yes") : t("value.no");
  if (field.type === "year") return String(value);
  if (field.type === "number" && field.name?.endsWith("_share")) return `${number(Math.round(value * 1000) / 10)}%`;
  if (field.type === "integer" || field.type === "number") return withUnit(number(value), field);
  if (field.type === "json") return typeof value === "string" ? value : JSON.stringify(value);
  if (field.name === "source") return t.has(`source.${value}`) ? t(`source.${value}`) : String(value);
  if (field.name === "updated_by") return who(value);
  return withUnit(String(value), field);
}

// Who made a change: the service's own marks in words, all else as it stands, as with the sources above.
export const who = (actor) => (t.has(`by.${actor}`) ? t(`by.${actor}`) : String(actor));

// What a feature is called: a choice (the type of a hazard) by its label; a finding by its rule and what is checked, a gap of a whole layer by the
// layer's name, in the page's language.
export function titleText(feature, { title_field: name, fields }) {
  const { rule, check, code, target_layer: about, target_id: id, layer_label: layer } = feature.properties;
  if (rule && check) return `${rule} ${check}`;
  if (about && isEmpty(id) && layer) return layer;
  const value = feature.properties[name];
  if (isEmpty(value)) return String(code ?? `#${feature.id}`);
  const field = fields?.find((one) => one.name === name);
  return field?.type === "choice" ? valueText(field, value) : String(value);
}

export const fieldLabel = (field) => (field.unit ? t("field.unit", { field: label(field.label), unit: label(field.unit) }) : label(field.label));

function withUnit(text, field) {
  return field.unit ? `${text} ${label(field.unit)}` : text;
}
