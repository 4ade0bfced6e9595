// What a summary holds beside the four counts, in words: totals first, then why so much is unknown.

import { lang, t } from "../core/i18n.js";

const COUNTS = {
  households_unknown: "beside.households",
  no_way_near: "beside.far",
  apart_from_roads: "beside.apart",
  walled_off: "beside.walled",
  unconnected: "beside.unconnected",
  hazards_on_no_lane: "beside.hazards",
  hydrants_broken: "beside.broken",
  hydrants_state_unknown: "beside.hydrants",
  hydrants_unplaced: "beside.unplaced",
  unplaced_buildings: "beside.buildings",
  built_over: "beside.over",
  needs_proof: "beside.proof",
  in_renewal_list: "beside.renewal",
};

export function beside(summary) {
  const held = { ...summary, ...summary?.store };
  const counts = Object.entries(COUNTS).filter(([name]) => held[name] > 0);
  return [...pipes(held), ...counts.map(([name, key]) => t(key, { n: held[name] }))];
}

function pipes({ new_pipe_m: pipe, cost_low: low, cost_high: high, households_to_connect: homes, saved_m: saved }) {
  if (!pipe) return [];
  const said = [t("beside.pipe", { pipe: Math.round(pipe), low: money(low), high: money(high), homes: homes ?? 0 })];
  return saved >= 1 ? [...said, t("beside.saved", { saved: Math.round(saved) })] : said;
}

// Three figures, for the price is an estimate; tens of thousands as each language counts them.
function money(yuan) {
  return t("beside.money", { value: Number((yuan / (lang === "en" ? 1e6 : 1e4)).toPrecision(3)) });
}
