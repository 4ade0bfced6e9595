// Addresses from a card into the workspace: the feature, or the very question of this compound, with the card's profile and day.

import { lang } from "../core/i18n.js";

const ANSWERS = "yes,unknown,no,na";

export const toFeature = (layer, id) => `/?${new URLSearchParams({ lang, feature: `${layer}/${id}` })}`;

export const toRule = (card, rule) => `/rules?${new URLSearchParams({ lang, profile: card.profile.id })}#${rule}`;

export function toQuestion(card, question, answer = ANSWERS) {
  const query = new URLSearchParams({ lang, question, answer, compound: card.code });
  const taken = card.questions[question].parameters;
  if (taken.includes("profile") && !card.profile.usual) query.set("p.profile", card.profile.id);
  if (taken.includes("as_of") && card.day) query.set("p.as_of", card.day);
  return `/?${query}`;
}

// A card of the same profile and day.
export function toCard(id, { profile, day }) {
  const query = new URLSearchParams({ lang });
  if (!profile.usual) query.set("profile", profile.id);
  if (day) query.set("as_of", day);
  return `/compounds/${id}?${query}`;
}
