// Addresses from a card into the workspace: the feature, or the very question of this compound, with the card's profile and day.

import { workspace } from "../core/address.js";
import { address } from "../core/api.js";
import { lang } from "../core/i18n.js";

const ANSWERS = ["yes", "unknown", "no", "na"];

export const toFeature = (layer, id) => workspace({ selected: { layer, id } }, lang);

export const toRule = (card, rule) => `${address("/rules", { profile: card.profile.id })}#${rule}`;

export function toQuestion(card, question, answer = null) {
  const taken = card.questions[question].parameters;
  const parameters = {
    ...(taken.includes("profile") && !card.profile.usual ? { profile: card.profile.id } : {}),
    ...(taken.includes("as_of") && card.day ? { as_of: card.day } : {}),
  };
  return workspace({ question, parameters, answers: answer ? [answer] : ANSWERS, compound: card.code }, lang);
}

// A card of the same profile and day.
export const toCard = (id, { profile, day }) => address(`/compounds/${id}`, { profile: profile.usual ? null : profile.id, as_of: day });
