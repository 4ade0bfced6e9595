// Into the map with the very thing a figure counts, of one community or of all.

import { workspace } from "../core/address.js";
import { address } from "../core/api.js";
import { lang } from "../core/i18n.js";

export function link(measure, place) {
  if (place.kind === "elsewhere") return null;
  const asked = measure.question
    ? { question: measure.question, parameters: measure.parameters, answers: measure.answer.split(",") }
    : { table: measure.table, filters: measure.filter ? { [measure.table]: measure.filter } : {} };
  return workspace({ ...asked, community: place.community ?? null }, lang);
}

export const cardsOf = (place) => address(`/communities/${encodeURIComponent(place.code ?? place.community)}/cards`);
