// An answer on the map: its rows, its shapes, and what is said of the row under the pointer.

import { address, call } from "../../core/api.js";
import { asked } from "../../core/asked.js";
import { allOf } from "../../core/conditions.js";
import { state } from "../../core/state.js";
import { $ } from "../../core/dom.js";
import { tell } from "../../core/toast.js";
import { AnswerShapes } from "../../map/answer_shapes.js";
import { restack } from "../../map/feature_layer.js";
import { drawnShapes, showShapeChips } from "./shape_chips.js";
import { answerWord, valueOf } from "./words.js";

const WHOLE = 5000; // rows of an answer that are fetched and drawn one by one; more come as tiles
const MOST = 20000; // shapes of an answer

export class OnMap {
  rows = new Map(); // id → row with all its fields, as far as they are here

  // `layer`: the AnswerLayer; `answer` gives the parameters and fetches.
  constructor(map, layer, answer) {
    Object.assign(this, { map, layer, answer });
    this.shapes = new AnswerShapes(map, (id) => this.#tip(id));
  }

  clear() {
    this.rows.clear();
    this.layer.clear();
    this.shapes.clear();
  }

  remember(features) {
    if (asked.question) for (const feature of features) this.rows.set(feature.id, feature);
  }

  // What is drawn does not depend on the order of the table, nor on the view that its rows are narrowed to.
  get #where() {
    const { bbox, sortby, ...where } = this.answer.parameters();
    return where;
  }

  async draw(first, signal) {
    const { question } = asked;
    const subject = this.map.featureLayers.get(question.subject);
    const word = (one) => answerWord(question, one);
    const whole = state.value.inView ? await this.answer.fetch({ limit: WHOLE }, signal, this.#where) : await this.#rest(first, signal);
    signal.throwIfAborted();
    this.shapes.clear();
    this.rows = new Map([...whole.features, ...first.features].map((feature) => [feature.id, feature]));
    if (whole.numberMatched <= WHOLE) this.layer.draw(subject, whole.features, word);
    else this.layer.drawTiles(subject, question.id, this.#where, { word, bounds: await this.#bounds(signal) });
    restack(this.map);
  }

  // [west, south, east, north] of an answer that comes as tiles, to go there.
  async #bounds(signal) {
    const { body } = await call("GET", `${address(`/api/statistics/${asked.question.id}`, this.#where)}&fields=`, { signal });
    return body.bbox;
  }

  // The rows after the first page, when the answer is not too large to be drawn row by row.
  async #rest(first, signal) {
    const { numberMatched, features } = first;
    if (numberMatched > WHOLE || numberMatched <= features.length) return first;
    const more = await this.answer.fetch({ offset: features.length, limit: WHOLE }, signal);
    this.answer.keep(features.length, more.features);
    return { numberMatched, features: [...features, ...more.features] };
  }

  // Fetch and draw what is switched on and not drawn yet, take away what is switched off.
  async drawShapes(signal) {
    const { question } = asked;
    const wanted = drawnShapes();
    for (const { id } of question?.shapes ?? []) if (!wanted.some((shape) => shape.id === id)) this.shapes.remove(id);
    try {
      for (const shape of wanted.filter(({ id }) => !this.shapes.has(id) && this.rows.size)) {
        const { features } = await this.answer.fetch({ shape: shape.id, properties: "answer", limit: MOST }, signal, this.#where);
        if (signal?.aborted) return;
        if (!drawnShapes().some(({ id }) => id === shape.id)) continue; // switched off meanwhile
        this.shapes.draw(this.map.featureLayers.get(question.subject), shape, features);
      }
    } catch (error) {
      tell(error);
    }
    showShapeChips(this.shapes);
    $("#results").dataset.shapes = (question?.shapes ?? []).filter(({ id }) => this.shapes.has(id)).map(({ id }) => id).join(" ");
    this.map.fire("answer:drawn");
  }

  // The details show what the answer says of a feature even where its row has not been scrolled to.
  async fetchSelected() {
    const { selected } = state.value;
    const { question } = asked;
    if (!question || selected?.layer !== question.subject || this.rows.has(selected.id)) return;
    const { filter, ...others } = this.#where;
    const { features } = await this.answer.fetch({ limit: 1 }, null, { ...others, filter: allOf([filter, `id = ${selected.id}`]) });
    if (!features.length || question !== asked.question) return;
    this.remember(features);
    this.map.fire("answer:shown");
  }

  #tip(id) {
    const feature = this.rows.get(id);
    if (!feature) return "";
    const { value, unit, why } = feature.properties;
    const figure = value !== null && value !== undefined && !why?.includes(String(value)) && valueOf({ value, unit });
    return [this.layer.subject?.titleOf(feature), figure, why].filter(Boolean).join(" · ");
  }
}
