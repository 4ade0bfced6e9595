// The figures as tables with bars: one of the whole, one a figure with a line a community.

import { h } from "../core/dom.js";
import { number, t } from "../core/i18n.js";
import { bar, counted, spoken } from "./bars.js";
import { link } from "./links.js";

export function whole(place, measures) {
  const lines = measures.map((measure) => line(measure, place, 0, [h("b", {}, measure.label), h("small", {}, measure.help)]));
  return h("section", { class: "figure whole" }, table(place.name, t("overview.title"), lines));
}

export function card(measure, places, map) {
  const most = Math.max(...places.map((place) => place.figures[measure.id].total));
  const lines = places.map((place) => line(measure, place, most, [place.name]));
  return h(
    "section",
    { class: "figure", id: measure.id },
    h("h3", {}, measure.label),
    h("p", { class: "muted" }, measure.help),
    map,
    table(t("overview.place"), measure.label, lines),
  );
}

function table(first, caption, lines) {
  const head = [first, t("overview.count"), t("overview.unknown"), t("overview.total"), t("overview.share")];
  const classes = ["", "number", "number", "number", "share"];
  return h(
    "table",
    { class: "figures", role: "table" },
    h("caption", { class: "hidden" }, caption),
    h(
      "thead",
      { role: "rowgroup" },
      h(
        "tr",
        { role: "row" },
        head.map((text, i) => h("th", { scope: "col", role: "columnheader", class: classes[i] }, text)),
      ),
    ),
    h("tbody", { role: "rowgroup" }, lines),
  );
}

function line(measure, place, most, name) {
  const count = place.figures[measure.id];
  const href = link(measure, place);
  const figure = counted(measure, count);
  const drawn = bar(measure, count, most);
  return h(
    "tr",
    { role: "row", class: count.says },
    h("th", { scope: "row", role: "rowheader" }, name),
    h("td", { role: "cell", class: "number" }, href ? h("a", { href, "aria-label": spoken(measure, place, count) }, figure) : figure),
    h("td", { role: "cell", class: "number" }, measure.whole || measure.answer === "unknown" ? " " : number(count.unknown)),
    h("td", { role: "cell", class: "number" }, measure.whole ? " " : number(count.total)),
    h("td", { role: "cell", class: "share" }, href && drawn ? h("a", { href, tabindex: "-1", "aria-hidden": "true" }, drawn) : drawn),
  );
}
