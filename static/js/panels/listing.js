// The table of a layer: what was asked before makes way, and the way back is one step.

import { state } from "../core/state.js";
import { isNarrow, show } from "./sheets.js";

export function openTable(id, change = {}) {
  state.set({ question: null, parameters: {}, shapes: null, sort: null, columns: null, picked: [], table: id, ...change }, { push: true });
  document.body.dataset.dock = "open";
  if (isNarrow()) show("results");
}
