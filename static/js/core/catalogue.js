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

  // `first`: what is to be done with it before the others hear of it.
  async load(first = null) {
    const [layers, questions, state] = brought() ?? (await Promise.all(PARTS.map((path) => get(path))));
    this.layers = new Map(layers.layers.map((layer) => [layer.id, layer]));
    this.questions = new Map(questions.questions.map((question) => [question.id, question]));
    this.formats = questions.formats;
    this.state = state;
    await first?.();
    this.dispatchEvent(new Event("loaded"));
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
