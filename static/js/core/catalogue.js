// The declarations the page is built from: layers, questions and the state of the store.

import { get } from "./api.js";

class Catalogue extends EventTarget {
  layers = new Map();
  questions = new Map();
  formats = [];
  state = {};

  async load() {
    const [layers, questions, state] = await Promise.all([get("/api/layers"), get("/api/questions"), get("/api/state")]);
    this.layers = new Map(layers.layers.map((layer) => [layer.id, layer]));
    this.questions = new Map(questions.questions.map((question) => [question.id, question]));
    this.formats = questions.formats;
    this.state = state;
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
