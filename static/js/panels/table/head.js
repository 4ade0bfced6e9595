// The head of the results: what is asked in a sentence, how many of how many, what narrows it, and what can be done with the rows.

import { asked, ANSWERS } from "../../core/asked.js";
import { catalogue } from "../../core/catalogue.js";
import { fill, h, icon } from "../../core/dom.js";
import { label, lang, number, t } from "../../core/i18n.js";
import { state } from "../../core/state.js";
import { nearText } from "../../filter/near.js";
import { saying } from "../../filter/saying.js";
import { touches } from "../../map/area_shape.js";
import { beside } from "../beside.js";
import { fieldsOf } from "../columns.js";
import { show } from "../sheets.js";
import { copyText } from "./copy.js";
import { answerWord } from "./words.js";

// `answer`: the first page; `legend`, `downloads`, `tools`: elements that others make.
export function answerHead(box, question, answer, { legend, downloads, tools }) {
  const sentence = label(answer.sentence) || label(answer.summary?.sentence) || label(question.title);
  const told = beside(answer.summary);
  fill(
    box,
    said(sentence, tools),
    told.length > 0 && h("p", { class: "beside", id: "beside" }, told.join(t("beside.and"))),
    conditions(),
    h("div", { class: "chips", role: "group", "aria-label": t("answer.filter") }, ANSWERS.map((name) => chip(question, name, answer.summary?.[name] ?? 0))),
    legend,
    question.shapes.length > 0 && h("div", { class: "chips shapes", id: "answer-shapes", role: "group", "aria-label": t("answer.shapes") }),
    counted(answer, answer.summary?.total ?? answer.numberMatched),
    downloads,
    answer.numberMatched === 0 && empty(emptyReason(answer.summary)),
  );
}

export function layerHead(box, layer, answer, { downloads, tools }) {
  const { count } = catalogue.layers.get(layer.id);
  const values = { layer: label(layer.label), n: answer.numberMatched, all: count };
  const sentence = answer.numberMatched === count ? t("table.layer.all", values) : t("table.layer.some", values);
  const none = answer.numberMatched === 0 && empty(count ? t("table.empty.conditions", { n: count }) : t("table.empty.nodata"));
  fill(box, said(sentence, tools), conditions(), counted(answer, count), downloads, none);
}

function said(sentence, tools) {
  const copy = h("button", { type: "button", class: "round", title: t("copy"), "aria-label": t("copy"), onclick: () => copyText(sentence) }, icon("copy"));
  return h("div", { class: "sentence" }, h("p", { id: "sentence" }, sentence), copy, h("div", { class: "table-tools", role: "toolbar", "aria-label": t("table.tools") }, tools));
}

// How many are listed, of how many, and how many of them have no place on the map.
function counted(answer, total) {
  const unplaced = answer.unplaced > 0 && h("span", { class: "tag warn" }, t("table.unplaced", { n: answer.unplaced }));
  const away = state.value.inView && catalogue.layers.get(asked.subject).unplaced;
  const hidden = away > 0 && h("span", { class: "tag" }, t("table.unplaced.hidden", { n: away }));
  return h("p", { id: "counted", class: "muted" }, t("table.counted", { n: answer.numberMatched, total }), unplaced, hidden);
}

function chip(question, name, count) {
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
    answerWord(question, name),
    h("b", {}, number(count)),
  );
}

// What narrows the rows, each with the way to drop it.
function conditions() {
  const made = [place(), ...narrowings()].filter(Boolean);
  return made.length > 0 && h("div", { class: "narrowings" }, made);
}

// The community or compound that the answer is narrowed to.
function place() {
  const { community, compound } = state.value;
  const name = compound ?? community;
  if (!name) return null;
  return dropped(t("answer.only", { place: name }), t("answer.only.drop", { place: name }), { community: null, compound: null }, "only");
}

function narrowings() {
  const { within, near, filters } = state.value;
  const own = [...new Set([asked.collection, asked.subject])].filter((id) => filters[id]);
  const without = (id) => Object.fromEntries(Object.entries(filters).filter(([name]) => name !== id));
  return [
    within && dropped(t(touches(within) ? "table.only.touching" : "table.only.within"), null, { within: null }),
    near && dropped(nearText(state.value), null, { near: null, nearFilter: null }),
    ...own.map((id) => dropped(t("table.only.filter", { filter: saying(filters[id], fieldsOf(catalogue.questions.get(id), catalogue.layers.get(asked.subject))) }), null, { filters: without(id) }, null, () => show("filter"))),
  ];
}

function dropped(text, way, change, id = null, open = null) {
  const title = way ?? t("table.only.drop");
  const drop = () => state.set(change, { push: true });
  const shown = open ? h("button", { type: "button", class: "link", onclick: open }, text) : h("span", {}, text);
  return h("p", { class: "only", id, title: text }, shown, h("button", { type: "button", class: "round", title, "aria-label": title, onclick: drop }, icon("close")));
}

function empty(reason) {
  const { filters, community, compound, within, near, inView } = state.value;
  const narrowed = [...new Set([asked.collection, asked.subject])].some((id) => filters[id]) || community || compound || within || near || inView;
  const kept = () => Object.fromEntries(Object.entries(filters).filter(([id]) => id !== asked.collection && id !== asked.subject));
  const all = () => state.set({ filters: kept(), community: null, compound: null, within: null, near: null, nearFilter: null, inView: false }, { push: true });
  const { count, derived } = catalogue.layers.get(asked.subject);
  const missing = !count && !derived && h("a", { href: `/import?lang=${lang}` }, t("table.empty.import"));
  return h("p", { class: "note" }, reason, missing && [" ", missing], narrowed && !missing && [" ", h("button", { type: "button", class: "link", onclick: all }, t("table.only.all"))]);
}

// A zero says whether it means "none" or "no data".
function emptyReason(summary) {
  if (!summary?.total && !catalogue.layers.get(asked.subject).count && !catalogue.layers.get(asked.subject).derived) return t("answer.empty.nodata");
  if (!summary?.total) return asked.filters().some(Boolean) || Object.keys(asked.place()).length ? t("table.empty.place") : t("answer.empty.nodata");
  if (summary.unknown === summary.total) return t("answer.empty.unknown", { n: summary.unknown });
  if (summary.unknown) return t("answer.empty.some", { n: summary.total - summary.unknown, unknown: summary.unknown });
  return t("answer.empty.none", { n: summary.total });
}
