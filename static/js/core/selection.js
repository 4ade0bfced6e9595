// The chosen rows of what is asked: by table, map or area; kept in the address.

import { state } from "./state.js";

export const MOST = 1000; // ids that a link and a filter can carry; more are better said by a filter

class Selection extends EventTarget {
  constructor() {
    super();
    state.on(["picked"], () => this.dispatchEvent(new Event("change")));
    state.addEventListener("change", ({ detail }) => this.#asked(detail));
  }

  // Rows of another question are no rows of this one; those that a step back brings with its question are.
  #asked(keys) {
    const other = keys.includes("question") || keys.includes("table");
    if (other && !keys.includes("picked") && this.size) this.clear();
  }

  get ids() {
    return state.value.picked;
  }

  get size() {
    return this.ids.length;
  }

  has(id) {
    return this.ids.includes(id);
  }

  // Returns how many did not fit.
  set(ids) {
    const own = [...new Set(ids)];
    state.set({ picked: own.slice(0, MOST) });
    return Math.max(0, own.length - MOST);
  }

  add(ids) {
    return this.set([...this.ids, ...ids]);
  }

  toggle(id) {
    return this.set(this.has(id) ? this.ids.filter((one) => one !== id) : [...this.ids, id]);
  }

  clear() {
    state.set({ picked: [] });
  }
}

export const selection = new Selection();
