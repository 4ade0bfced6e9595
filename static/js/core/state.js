// What the workspace shows, as one value: it follows the address, and the address follows it.

import { START, parse, serialise } from "./address.js";
import { lang } from "./i18n.js";

class State extends EventTarget {
  #value = parse(location.search);

  constructor() {
    super();
    addEventListener("popstate", () => this.#take(parse(location.search)));
  }

  get value() {
    return this.#value;
  }

  // `push` makes a step that the browser's back button takes back; other changes replace the present address.
  set(change, { push = false } = {}) {
    const next = { ...this.#value, ...change };
    const url = serialise(next, lang);
    if (url !== location.search) history[push ? "pushState" : "replaceState"](null, "", url);
    this.#take(next);
  }

  on(keys, listener) {
    this.addEventListener("change", (event) => keys.some((key) => event.detail.includes(key)) && listener(this.#value));
  }

  #take(next) {
    const before = this.#value;
    this.#value = next;
    const changed = Object.keys(START).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(next[key]));
    if (changed.length) this.dispatchEvent(new CustomEvent("change", { detail: changed }));
  }
}

export const state = new State();
