// Rows that are about another feature, such as findings and data gaps: their facts, and the way to that feature and to the rule.

import { serialise } from "../core/address.js";
import { catalogue } from "../core/catalogue.js";
import { h, icon } from "../core/dom.js";
import { isEmpty } from "../core/format.js";
import { label, lang, t } from "../core/i18n.js";
import { state } from "../core/state.js";

const TOLD = ["title", "field", "target_layer", "target_id", "source", "source_date", "quality", "accuracy_m", "version", "updated_at", "updated_by", "extra", "code"];

// The layer's own fields that are filled, as [label, value] pairs, the feature's layer before them.
export function judgedFacts(layer, { properties }, shown) {
  const target = catalogue.layers.get(properties.target_layer);
  const fields = layer.fields.filter(({ name }) => !TOLD.includes(name) && !isEmpty(properties[name]));
  const about = catalogue.field(layer.id, "target_layer");
  return [target && [label(about.label), label(target.label)], ...fields.map((field) => [label(field.label), shown(field, properties[field.name])])].filter(Boolean);
}

// A button-like link to the feature that was judged, and one to the rule it was judged by.
export function judgedLinks({ properties }) {
  const { target_layer: layer, target_id: id, rule, profile } = properties;
  const selected = { layer, id: Number(id) };
  const open = (event) => {
    event.preventDefault();
    state.set({ selected }, { push: true });
  };
  return [
    catalogue.layers.has(layer) &&
      !isEmpty(id) &&
      h("a", { class: "button primary", id: "open-judged", href: serialise({ ...state.value, selected }, lang), onclick: open }, icon("pin"), t("finding.open")),
    rule && h("a", { class: "button", href: `/rules?lang=${lang}${profile ? `&profile=${encodeURIComponent(profile)}` : ""}#${encodeURIComponent(rule)}` }, t("finding.rule")),
  ];
}
