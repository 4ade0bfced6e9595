// The answer of the asked question: its sentence, its four counts, its rows on the map and in the table, and the downloads of that very query.

import { address, call } from "../core/api.js";
import { catalogue, changes } from "../core/catalogue.js";
import { $, fill, h, icon } from "../core/dom.js";
import { label, number, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { tell, toast } from "../core/toast.js";
import { AnswerShapes } from "../map/answer_shapes.js";
import { swatch } from "../map/controls.js";
import { restack } from "../map/feature_layer.js";
import { beside } from "./beside.js";
import { downloads } from "./download.js";
import { Table, answerWord, valueOf } from "./table.js";

const PAGE = 5000;
const MOST = 20000; // rows that are drawn and listed; the downloads have all
export const ANSWERS = ["yes", "unknown", "no", "na"];

export class Answer {
  #request = null;
  rows = new Map();

  constructor(map, layer, select, hover) {
    Object.assign(this, { map, layer });
    this.shapes = new AnswerShapes(map, (id) => this.#tip(id));
    this.table = new Table($("#table"), {
      select,
      hover,
      sort: (name) => this.#sort(name),
      nameOf: (id, code) => map.featureLayers.get(id)?.titleOfCode(code),
    });
    state.on(["question", "parameters", "community", "compound", "answers", "sort"], () => this.refresh());
    state.on(["shapes"], () => this.#drawShapes());
    changes.addEventListener("changed", () => this.refresh());
  }

  get question() {
    return catalogue.questions.get(state.value.question);
  }

  // The parameters of the question as asked: what the map, the table and every download share.
  parameters() {
    const { parameters, community, compound, answers, sort } = state.value;
    return { ...parameters, community, compound, answer: ANSWERS.filter((name) => answers.includes(name)).join(","), ...(sort ? { sortby: sort } : {}) };
  }

  // The shapes of the answer that are switched on: all of them unless the address says otherwise.
  get drawn() {
    const { shapes } = state.value;
    return (this.question?.shapes ?? []).filter(({ id }) => shapes === null || shapes.includes(id));
  }

  async refresh() {
    this.#request?.abort();
    document.body.dataset.asked = this.question ? "true" : "";
    if (!this.question) return this.#clear();
    this.#request = new AbortController();
    $("#results").setAttribute("aria-busy", "true");
    try {
      const answer = await this.#fetch(this.question, this.#request.signal);
      this.#show(this.question, answer);
      await this.#drawShapes();
      return answer;
    } catch (error) {
      if (error.name !== "AbortError") this.#fail(error);
      return null;
    } finally {
      $("#results").removeAttribute("aria-busy");
    }
  }

  async #fetch(question, signal, extra = {}) {
    const path = `/ogc/collections/${question.id}/items`;
    let whole = null;
    do {
      const offset = whole?.features.length ?? 0;
      const { body } = await call("GET", address(path, { ...this.parameters(), ...extra, limit: PAGE, ...(offset ? { offset } : {}) }), { signal });
      if (whole) whole.features.push(...body.features);
      else whole = body;
      if (!body.features.length) break;
    } while (whole.features.length < Math.min(whole.numberMatched, MOST));
    return whole;
  }

  // Fetch and draw what is switched on and not drawn yet, take away what is switched off.
  async #drawShapes() {
    const { question, drawn } = this;
    const { signal } = this.#request ?? {};
    const wanted = new Set(drawn.map(({ id }) => id));
    for (const { id } of question?.shapes ?? []) if (!wanted.has(id)) this.shapes.remove(id);
    try {
      for (const shape of drawn.filter(({ id }) => !this.shapes.has(id) && this.rows.size)) {
        const { features } = await this.#fetch(question, signal, { shape: shape.id, properties: "answer" });
        if (signal.aborted) return;
        this.shapes.draw(this.map.featureLayers.get(question.subject), shape, features);
      }
    } catch (error) {
      tell(error);
    }
    this.#shapeChips();
    $("#results").dataset.shapes = (question?.shapes ?? []).filter(({ id }) => this.shapes.has(id)).map(({ id }) => id).join(" ");
    this.map.fire("answer:drawn");
  }

  #tip(id) {
    const feature = this.rows.get(id);
    if (!feature) return "";
    const { value, unit, why } = feature.properties;
    const figure = value !== null && value !== undefined && !why?.includes(String(value)) && valueOf({ value, unit });
    const said = [this.layer.subject?.titleOf(feature), figure, why];
    return said.filter(Boolean).join(" · ");
  }

  #shapeChips() {
    const box = $("#answer-shapes");
    if (!box) return;
    const drawn = this.drawn;
    fill(
      box,
      this.question.shapes.map((shape) => this.#shapeChip(shape, drawn)),
    );
  }

  #shapeChip(shape, drawn) {
    const on = drawn.some(({ id }) => id === shape.id);
    const toggle = () => {
      const next = on ? drawn.filter(({ id }) => id !== shape.id) : [...drawn, shape];
      state.set({ shapes: this.question.shapes.map(({ id }) => id).filter((id) => next.some((one) => one.id === id)) });
      $(`#answer-shapes [data-shape="${shape.id}"]`)?.focus();
    };
    return h(
      "button",
      { type: "button", class: "chip shape", "aria-pressed": String(on), title: t("answer.shape"), data: { shape: shape.id }, onclick: toggle },
      swatch({ geometry: [shape.geometry], style: shape }),
      label(shape.label),
      on && this.shapes.has(shape.id) && h("b", {}, number(this.shapes.count(shape.id))),
    );
  }

  #show(question, answer) {
    this.shapes.clear();
    this.rows = new Map(answer.features.map((feature) => [feature.id, feature]));
    this.layer.draw(this.map.featureLayers.get(question.subject), answer.features, (one) => answerWord(question, one));
    restack(this.map);
    this.#head(question, answer);
    this.#shapeChips();
    this.table.show(question, answer.features, state.value.sort);
    $("#results").dataset.shown = question.id;
    this.map.fire("answer:shown");
  }

  #head(question, answer) {
    const sentence = label(answer.sentence) || label(answer.summary?.sentence) || label(question.title);
    const copy = () => navigator.clipboard?.writeText(sentence).then(() => toast(t("copied")), tell);
    const shown = answer.features.length;
    const told = beside(answer.summary);
    fill(
      $("#answer-head"),
      h(
        "div",
        { class: "sentence" },
        h("p", { id: "sentence" }, sentence),
        h("button", { type: "button", class: "round", title: t("copy"), "aria-label": t("copy"), onclick: copy }, icon("copy")),
      ),
      told.length > 0 && h("p", { class: "beside", id: "beside" }, told.join(t("beside.and"))),
      only(),
      h(
        "div",
        { class: "chips", role: "group", "aria-label": t("answer.filter") },
        ANSWERS.map((name) => chip(name, answer.summary?.[name] ?? 0)),
      ),
      this.#legend(question),
      question.shapes.length > 0 && h("div", { class: "chips shapes", id: "answer-shapes", role: "group", "aria-label": t("answer.shapes") }),
      this.#downloads(question, answer.numberMatched),
      shown < answer.numberMatched && h("p", { class: "note" }, t("answer.partial", { shown, matched: answer.numberMatched })),
      shown === 0 && h("p", { class: "note" }, emptyReason(answer.summary)),
    );
  }

  // Classes that the rows are coloured by, where that is not the answer itself.
  #legend(question) {
    const subject = this.map.featureLayers.get(question.subject);
    if (!subject?.derived || !subject.style.by) return null;
    const field = catalogue.field(question.subject, subject.style.by);
    const classes = { ...subject, style: { ...subject.style, classes: subject.style.classes.filter((entry) => entry.value !== null) } };
    return h("div", { class: "legend" }, h("span", { class: "muted" }, label(field.label)), h("ul", { class: "classes" }, this.map.legend.rows(classes)));
  }

  #downloads(question, matched) {
    const what = () => ({
      title: label(question.title),
      path: `/ogc/collections/${question.id}/items`,
      parameters: this.parameters(),
      shapes: question.shapes,
    });
    return h(
      "div",
      { class: "downloads" },
      icon("download"),
      h("span", { class: "muted" }, t("export.count", { n: matched })),
      question.subject === "data_gaps" && this.#toDo(),
      downloads(what, { button: "button" }),
    );
  }

  // The gaps as a list for the field team, which an upload takes back.
  #toDo() {
    const href = address("/api/gaps.xlsx", this.parameters());
    return h("a", { class: "button primary", id: "to-do", href, download: "", title: t("export.todo.help") }, t("export.todo"));
  }

  #sort(name) {
    const { sort } = state.value;
    state.set({ sort: sort === name ? `-${name}` : sort === `-${name}` ? null : name });
  }

  #fail(error) {
    this.rows.clear();
    this.layer.clear();
    this.shapes.clear();
    this.table.show(null, []);
    fill($("#answer-head"), h("p", { class: "note error", role: "alert" }, error.message, " ", error.wayOut ?? ""));
  }

  #clear() {
    this.rows.clear();
    this.layer.clear();
    this.shapes.clear();
    this.table.show(null, []);
    fill($("#answer-head"), h("p", { class: "hint" }, t("results.none")));
    this.map.fire("answer:shown");
  }
}

function chip(name, count) {
  const { answers } = state.value;
  const on = answers.includes(name);
  const toggle = () => {
    const next = on ? answers.filter((other) => other !== name) : [...answers, name];
    if (next.length) state.set({ answers: ANSWERS.filter((other) => next.includes(other)) }, { push: true });
  };
  return h(
    "button",
    { type: "button", class: `chip ${name}`, "aria-pressed": String(on), data: { answer: name }, onclick: toggle },
    h("span", { class: "mark", "aria-hidden": "true" }),
    answerWord(catalogue.questions.get(state.value.question), name),
    h("b", {}, number(count)),
  );
}

// The community or compound that the answer is narrowed to, and the way back to all.
function only() {
  const { community, compound } = state.value;
  const place = compound ?? community;
  if (!place) return null;
  const drop = () => state.set({ community: null, compound: null }, { push: true });
  return h(
    "p",
    { class: "only", id: "only" },
    t("answer.only", { place }),
    h("button", { type: "button", class: "round", title: t("answer.only.drop", { place }), "aria-label": t("answer.only.drop", { place }), onclick: drop }, icon("close")),
  );
}

// A zero says whether it means "none" or "no data".
function emptyReason(summary) {
  if (!summary || !summary.total) return t("answer.empty.nodata");
  if (summary.unknown === summary.total) return t("answer.empty.unknown", { n: summary.unknown });
  if (summary.unknown) return t("answer.empty.some", { n: summary.total - summary.unknown, unknown: summary.unknown });
  return t("answer.empty.none", { n: summary.total });
}
