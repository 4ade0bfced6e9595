// Into the map with the very thing a figure counts, of one community or of all.

import { lang } from "../core/i18n.js";

export function link(measure, place) {
  if (place.kind === "elsewhere") return null;
  const query = new URLSearchParams({ lang });
  if (measure.question) {
    query.set("question", measure.question);
    for (const [name, value] of Object.entries(measure.parameters)) query.set(`p.${name}`, value);
    query.set("answer", measure.answer);
  } else {
    query.set("table", measure.table);
    if (measure.filter) query.set(`f.${measure.table}`, measure.filter);
  }
  if (place.community) query.set("community", place.community);
  return `/?${query}`;
}

export const cardsOf = (place) => `/communities/${encodeURIComponent(place.code ?? place.community)}/cards?${new URLSearchParams({ lang })}`;
