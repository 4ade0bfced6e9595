// What a click tells of a feature: its facts in labels with units, the answer about it, and where the facts come from. Text nodes only.

import { h } from "../core/dom.js";
import { isEmpty, valueText } from "../core/format.js";
import { label } from "../core/i18n.js";
import { swatch } from "../map/controls.js";
import { badge, otherFields, valueOf } from "../panels/table/words.js";
import { filledFields, titleOf } from "./columns.js";

// `row` is the feature's row in the answer, if it has one; `nameOf(layer, code)` the title of a feature it refers to.
export function card(layer, feature, { row, question, nameOf }) {
  return h(
    "article",
    { class: "travel-card" },
    h("p", { class: "kicker muted" }, swatch(layer), label(layer.label), h("span", { class: "code" }, feature.properties.code ?? "")),
    h("h2", {}, titleOf(layer, feature)),
    row && verdict(question, row.properties, nameOf),
    facts(filledFields(layer, [feature]), feature.properties, nameOf),
  );
}

function verdict(question, properties, nameOf) {
  const { answer, value, unit, why } = properties;
  return h(
    "section",
    { class: `verdict ${answer}` },
    h("p", {}, badge(answer), h("b", {}, label(question.title)), !isEmpty(value) && h("span", { class: "figure" }, valueOf({ value, unit }))),
    why && h("p", { class: "why" }, why),
    facts(otherFields(question, properties), properties, nameOf),
  );
}

function facts(fields, properties, nameOf) {
  const shown = fields.filter((field) => field.name !== "code");
  const text = (field) => (field.refers && nameOf(field.refers, properties[field.name])) || valueText(field, properties[field.name]);
  return h(
    "dl",
    {},
    shown.map((field) => h("div", {}, h("dt", {}, label(field.label)), h("dd", {}, text(field)))),
  );
}
