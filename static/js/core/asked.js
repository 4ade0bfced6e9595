// What is asked at present, as the one set of parameters that table, map, statistics, tiles, links and every file share.

import { catalogue } from "./catalogue.js";
import { allOf, ofIds } from "./conditions.js";
import { state } from "./state.js";

export const ANSWERS = ["yes", "unknown", "no", "na"];

export const asked = {
  get question() {
    return catalogue.questions.get(state.value.question) ?? null;
  },

  // The question, or the layer whose rows are listed; null when nothing is.
  get collection() {
    return this.question?.id ?? this.table;
  },

  get table() {
    const { table } = state.value;
    return catalogue.layers.has(table) && !catalogue.layers.get(table).derived ? table : null;
  },

  // The layer that the rows belong to.
  get subject() {
    return this.question?.subject ?? this.table;
  },

  // `picked`: only the chosen rows; `sorted`: with the order of the table.
  // `filters`: in place of those of the address.
  parameters({ picked = false, sorted = true, filters = state.value.filters } = {}) {
    const { parameters, answers, sort, picked: ids } = state.value;
    const filter = allOf([...this.filters(filters), picked && ids.length ? ofIds(ids) : null]);
    return {
      ...(this.question ? { ...parameters, answer: ANSWERS.filter((name) => answers.includes(name)).join(",") } : {}),
      ...(filter ? { filter } : {}),
      ...this.place(),
      ...(sorted && sort ? { sortby: sort } : {}),
    };
  },

  // The filters of the question and of the layer it is about: both must be met.
  filters(filters = state.value.filters) {
    return [...new Set([this.collection, this.subject])].map((id) => filters[id]);
  },

  // Where: a community, a compound, an area, near a feature, the view.
  place() {
    const { community, compound, within, near, nearFilter, inView, bounds } = { ...state.value, bounds: this.bounds };
    const found = { community, compound, within, near, "near-filter": near ? nearFilter : null, bbox: inView ? bounds : null };
    return Object.fromEntries(Object.entries(found).filter(([, value]) => value));
  },

  // What a layer drawn on the map takes: its own filter, whatever is asked.
  ofLayer(id) {
    const filter = state.value.filters[id];
    return filter ? { filter } : {};
  },

  // The map's view as a bbox text; the workspace keeps it up to date.
  bounds: null,
};
