// The share bar of a figure and the number that stands for it.

import { h } from "../core/dom.js";
import { number, t } from "../core/i18n.js";
import { s } from "../card/svg.js";

// Shares of what the figure concerns; of a figure that is a mere number its size beside the largest.
export function bar(measure, count, most) {
  const of = measure.whole ? most : count.total;
  if (!of) return null;
  const share = (value) => Math.round((value / of) * 10000) / 100;
  const [yes, unknown] = measure.answer === "unknown" ? [0, share(count.yes)] : [share(count.yes), share(count.unknown)];
  return s(
    "svg",
    { class: "bar", width: "100%", height: "14", "aria-hidden": "true", focusable: "false" },
    !measure.whole && s("rect", { class: "no", width: "100%", height: "14" }),
    yes > 0 && s("rect", { class: measure.whole ? "size" : "yes", width: `${yes}%`, height: "14" }),
    unknown > 0 && s("rect", { class: "unknown", x: `${yes}%`, width: `${unknown}%`, height: "14", fill: "url(#hatch)" }),
  );
}

// The count, and of a zero what it means.
export function counted(measure, count) {
  return [h("b", {}, number(count.yes)), " ", zero(measure, count) && h("small", {}, zero(measure, count))];
}

// What a link on the count is called: what is seen of it first, then where it leads.
export function spoken(measure, place, count) {
  const seen = [number(count.yes), zero(measure, count)].filter(Boolean).join(" ");
  return `${seen}: ${t("overview.open", { place: place.name, measure: measure.label })}`;
}

const zero = (measure, count) => (count.says === "some" || measure.whole ? null : t(`overview.says.${count.says}`));
