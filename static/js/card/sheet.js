// One compound's card as an article: the same on its own page and in the print job of a community.

import { h } from "../core/dom.js";
import { basis, facts, glance, head } from "./facts.js";
import { findings, gaps, mendFirst } from "./findings.js";
import { gas } from "./gas.js";
import { cardMap } from "./map.js";
import { buildings, gates, hazards, lanes } from "./tables.js";

// `place`: which card of the print job it is, in words; null on its own page.
export function sheet(card, place = null) {
  return h(
    "article",
    { class: "sheet-a4", id: `card-${card.id}` },
    place && h("p", { class: "place-in-job no-print" }, place),
    head(card),
    glance(card),
    h("div", { class: "first-look" }, cardMap(card), mendFirst(card)),
    facts(card),
    gas(card),
    lanes(card),
    buildings(card),
    gates(card),
    hazards(card),
    findings(card),
    gaps(card),
    basis(card),
  );
}
