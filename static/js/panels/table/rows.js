// The rows of a table: all at hand, or fetched from the server page by page as they are scrolled to.

export const PAGE = 250;
const KEPT = 60; // pages in memory; those farthest from the view make room
const FAR = 2; // pages from the view beyond which a running request is given up

// Rows that are all here.
export class Listed {
  constructor(features) {
    this.features = features;
    this.length = features.length;
  }

  at(index) {
    return this.features[index];
  }

  indexOf(id) {
    return this.features.findIndex((feature) => feature.id === id);
  }

  async position(id) {
    return this.indexOf(id);
  }

  need() {}
}

// Rows of an answer of any size. Fires "arrived" when a page came, "changed" when the answer is no longer as long as it was.
export class Rows extends EventTarget {
  #pages = new Map();
  #coming = new Map(); // page → its AbortController

  // `read(offset, limit, signal)` gives a page of the answer, `locate(id)` the position of a row; `first` is the first page.
  constructor(first, { read, locate, failed }) {
    super();
    Object.assign(this, { read, locate, failed, length: first.numberMatched });
    this.keep(0, first.features);
  }

  // Rows from `offset` on, a multiple of a page.
  keep(offset, features) {
    for (let at = 0; at < features.length; at += PAGE) this.#pages.set((offset + at) / PAGE, features.slice(at, at + PAGE));
  }

  at(index) {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  indexOf(id) {
    for (const [page, features] of this.#pages) {
      const at = features.findIndex((feature) => feature.id === id);
      if (at >= 0) return page * PAGE + at;
    }
    return -1;
  }

  async position(id) {
    const known = this.indexOf(id);
    return known >= 0 ? known : this.locate(id);
  }

  // Sees to it that the rows from `first` to before `last` come.
  need(first, last) {
    const from = Math.floor(first / PAGE);
    const to = Math.floor(Math.max(first, Math.min(last, this.length) - 1) / PAGE);
    for (const [page, request] of this.#coming) if (page < from - FAR || page > to + FAR) request.abort();
    for (let page = from; page <= to; page++) if (!this.#pages.has(page) && !this.#coming.has(page)) this.#load(page, from);
  }

  async #load(page, near) {
    const request = new AbortController();
    this.#coming.set(page, request);
    try {
      const answer = await this.read(page * PAGE, PAGE, request.signal);
      if (answer.numberMatched !== this.length) return void this.dispatchEvent(new Event("changed"));
      this.#pages.set(page, answer.features);
      this.#makeRoom(near);
      this.dispatchEvent(new CustomEvent("arrived", { detail: answer.features }));
    } catch (error) {
      if (error.name !== "AbortError") this.failed(error);
    } finally {
      this.#coming.delete(page);
    }
    return undefined;
  }

  #makeRoom(near) {
    const far = [...this.#pages.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const page of far.slice(0, Math.max(0, far.length - KEPT))) this.#pages.delete(page);
  }

  stop() {
    for (const request of this.#coming.values()) request.abort();
  }
}
