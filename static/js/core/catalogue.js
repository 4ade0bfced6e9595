// The declarations the page is built from: layers, questions and the state of the store.

import { get } from "./api.js";

const PARTS = ["/api/layers", "/api/questions", "/api/state"];

// What the page brought along, the first time; what does not hold any more is asked for.
function brought() {
  const block = document.getElementById("start");
  block?.remove();
  const said = block && JSON.parse(block.textContent);
  return said && PARTS.map((path) => said[path]);
}

class Catalogue extends EventTarget {
  layers = new Map();
  questions = new Map();
  formats = [];
  state = {};
  #turn = 0; // counts what was asked for: an answer that a later one overtook is none
  #early = null; // what was read before there was anyone to tell

  // Read untold, for the map, which is drawn before the others are there; the next `load` tells it.
  async ahead() {
    this.#early = this.#read();
    await this.#early;
  }

  // `first`: what is to be done with it before the others hear of it.
  async load(first = null) {
    const reading = this.#early ?? this.#read();
    this.#early = null;
    if (!(await reading)) return;
    await first?.();
    this.dispatchEvent(new Event("loaded"));
  }

  // Whether it holds: not when a later one overtook it.
  async #read() {
    const turn = (this.#turn += 1);
    const [layers, questions, state] = brought() ?? (await Promise.all(PARTS.map((path) => get(path))));
    if (turn !== this.#turn) return false;
    this.layers = new Map(layers.layers.map((layer) => [layer.id, layer]));
    this.questions = new Map(questions.questions.map((question) => [question.id, question]));
    this.formats = questions.formats;
    this.state = state;
    return true;
  }

  field(layer, name) {
    return this.layers.get(layer)?.fields.find((field) => field.name === name);
  }

  // Extent of everything placed, [west, south, east, north], or null.
  get extent() {
    return this.state.bounds ?? this.state.area ?? null;
  }
}

export const catalogue = new Catalogue();

// "changed" is fired after every write, so that each part brings itself up to date.
export const changes = new EventTarget();

export const changed = (detail = {}) => changes.dispatchEvent(new CustomEvent("changed", { detail }));
