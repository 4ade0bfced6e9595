// What a reader is told where tiles draw small shapes as points and close points as counts.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";

// `drawn`: a FeatureLayer or the AnswerLayer. Empty when everything in view is drawn as it is.
export function generalisedText(drawn) {
  const { points = 0, counted = 0 } = drawn?.generalised ?? {};
  const said = [points && t("tiles.points", { n: points }), counted && t("tiles.counted", { n: counted })].filter(Boolean);
  return said.length ? t("tiles.generalised", { said: said.join(t("tiles.and")) }) : "";
}

export function generalisedNote(drawn) {
  const text = generalisedText(drawn);
  return text ? h("small", { class: "muted generalised" }, text) : null;
}
