// A layer's features as a table: the title and every field that holds something, sorted here, since there is no server to ask.

import { h } from "../core/dom.js";
import { isEmpty, titleText, valueText } from "../core/format.js";
import { label, lang, t } from "../core/i18n.js";

const LAST = ["source", "source_date", "quality", "accuracy_m"]; // where the facts come from stands at the end
const COLLATOR = new Intl.Collator(lang === "en" ? "en" : "zh-CN", { numeric: true });
const ANSWERS = ["yes", "unknown", "no", "na"];

export const titleOf = (layer, feature) => titleText(feature, layer);

// The fields that any of the features fills, in the declared order.
export function filledFields(layer, features) {
  const filled = (field) => features.some((feature) => !isEmpty(feature.properties[field.name]));
  const shown = layer.fields.filter((field) => field.type !== "json" && field.name !== layer.title_field && filled(field));
  return [...shown.filter((field) => !LAST.includes(field.name)), ...shown.filter((field) => LAST.includes(field.name))];
}

export function columnsOf(layer, features, nameOf) {
  const title = layer.fields.find((field) => field.name === layer.title_field);
  return [titleColumn(layer, title), ...filledFields(layer, features).map((field) => column(field, nameOf))];
}

function titleColumn(layer, field) {
  const cell = (feature) =>
    h(
      "span",
      { class: "name" },
      titleOf(layer, feature),
      !feature.geometry && h("span", { class: "tag" }, t("unplaced.one")),
    );
  return { name: field.name, title: label(field.label), class: "title", text: (p) => valueText(field, p[field.name]), cell };
}

function column(field, nameOf) {
  const text = (p) => (field.refers && nameOf(field.refers, p[field.name])) || valueText(field, p[field.name]);
  const kind = ["integer", "number", "year"].includes(field.type) ? "figure" : "plain";
  const long = field.type === "text";
  return { name: field.name, title: label(field.label), class: kind, long, text, cell: (feature) => text(feature.properties) };
}

// A copy in the order that is asked for: "name" or "-name"; what is not known comes last either way.
export function sorted(features, sort, fields) {
  if (!sort) return features;
  const down = sort.startsWith("-");
  const name = down ? sort.slice(1) : sort;
  const field = fields.find((one) => one.name === name);
  const key = (feature) => (name === "answer" ? ANSWERS.indexOf(feature.properties.answer) : (feature.properties[name] ?? null));
  const rank = (value) => (field?.choices && typeof value === "string" ? field.choices.findIndex((choice) => choice.value === value) : value);
  return features.toSorted?.(compare) ?? [...features].sort(compare);

  function compare(a, b) {
    const [x, y] = [rank(key(a)), rank(key(b))];
    if (x === null || y === null) return (x === null) - (y === null);
    const order = typeof x === "string" && typeof y === "string" ? COLLATOR.compare(x, y) : Number(x) - Number(y);
    return down ? -order : order;
  }
}
