// The columns of a table: those that tell an answer or a layer best, or the fields that were chosen, in their order.

import { catalogue } from "../core/catalogue.js";
import { h } from "../core/dom.js";
import { fieldLabel, isEmpty, titleText, valueText } from "../core/format.js";
import { label, t } from "../core/i18n.js";
import { answerWord, badge, unitLabel, valueOf } from "./table/words.js";

const FIGURES = ["integer", "number", "year"];
const ORIGIN = ["code", "source", "source_date", "quality", "accuracy_m", "version", "updated_at", "updated_by", "notes"];
const USUAL = 9; // columns of a layer's table before any are chosen
const WIDTHS = { text: 190, choice: 140, date: 118, boolean: 100, integer: 112, number: 122, year: 104, json: 200 };

// All fields that a table of this question or layer can show.
export function fieldsOf(question, subject) {
  const own = question?.fields ?? [];
  return [...own, ...subject.fields.filter((field) => !own.some(({ name }) => name === field.name))];
}

// `names`: the chosen fields; null: the usual columns, of a layer those that `features` fill.
export function tableColumns({ question, subject, names, features, nameOf }) {
  if (names?.length) return chosen(question, subject, names, nameOf);
  if (question) return columnsOf(question, features, nameOf);
  return chosen(null, subject, usual(subject, features), nameOf);
}

// Names of the usual columns of a layer: its title, what it belongs to, what it is coloured by, then what is known of it.
function usual(subject, features) {
  const filled = ({ name }) => features.filter((feature) => !isEmpty(feature.properties[name])).length;
  const known = (field) => filled(field) > 0;
  const sparse = (field) => filled(field) * 2 < features.length;
  const first = [subject.title_field, ...(subject.natural_key ?? []), subject.style.by].filter(Boolean);
  const others = subject.fields.filter((field) => field.type !== "json" && !ORIGIN.includes(field.name) && known(field));
  const ordered = [...others.filter((field) => !sparse(field)), ...others.filter(sparse)];
  return [...new Set([...first, ...ordered.map(({ name }) => name)])].slice(0, USUAL);
}

function chosen(question, subject, names, nameOf) {
  const fields = new Map(fieldsOf(question, subject).map((field) => [field.name, field]));
  const columns = names.filter((name) => fields.has(name)).map((name) => columnOf(question, subject, fields.get(name), nameOf));
  const elastic = columns.find(({ name }) => name === subject.title_field) ?? columns.at(-1);
  return columns.map((column) => ({ ...column, elastic: column === elastic }));
}

function columnOf(question, subject, field, nameOf) {
  const { name } = field;
  const common = { name, field, width: WIDTHS[field.type], fixed: name === "why" || field.type === "json" };
  if (name === subject.title_field) return { ...common, ...titleColumn(subject, field), width: 210 };
  if (question && name === "answer") return { ...common, ...answerColumn(question) };
  if (question && name === "value") return { ...common, ...valueColumn(null) };
  const said = FIGURES.includes(field.type) && field.unit ? { ...field, unit: null } : field; // the heading has the unit
  const same = label(field.unit ?? "").toLowerCase() === label(field.label).toLowerCase();
  const text = (p) => (field.refers && nameOf(field.refers, p[name])) || valueText(said, p[name]);
  const kind = FIGURES.includes(field.type) ? "number" : "plain";
  return { ...common, title: said === field || same ? label(field.label) : fieldLabel(field), class: kind, long: field.type === "text", text, cell: (f) => text(f.properties) };
}

// Name, answer, value, how it is known, remarks and why; other fields of the answer that are filled come as remarks.
export function columnsOf(question, features, nameOf) {
  const unit = unitOf(features);
  const valued = features.some((feature) => !isEmpty(feature.properties.value));
  return allColumns(question, nameOf, unit).filter((column) => column.name !== "value" || valued);
}

function allColumns(question, nameOf, unit) {
  const subject = catalogue.layers.get(question.subject);
  const title = subject.fields.find((field) => field.name === subject.title_field);
  const text = (name, field, extra = {}) => ({
    name,
    field,
    title: label(field.label),
    text: (p) => valueText(field, p[name]),
    cell: (f) => valueText(field, f.properties[name]),
    ...extra,
  });
  const own = question.fields;
  const field = (name) => own.find((one) => one.name === name) ?? { name, type: "text", label: t(`column.${name}`) };
  return [
    { name: title.name, field: title, ...titleColumn(subject, title) },
    ...belonging(subject, nameOf),
    ...judged(subject, text),
    { name: "answer", field: field("answer"), ...answerColumn(question) },
    { name: "value", field: field("value"), ...valueColumn(unit) },
    ...(subject.derived ? [] : [text("basis", field("basis"), { class: "narrow" })]),
    { name: "why", field: field("why"), ...whyColumn(own) },
  ];
}

function titleColumn(subject, field) {
  const unplaced = (f) => !f.geometry && h("span", { class: "tag" }, t("unplaced.one"));
  return {
    title: label(field.label),
    class: "title",
    text: (p) => valueText(field, p[field.name]),
    cell: (f) => h("span", { class: "name" }, titleText(f, subject), unplaced(f)),
    copied: (f) => titleText(f, subject),
  };
}

const answerColumn = (question) => ({
  title: t("column.answer"),
  class: "judged",
  text: (p) => answerWord(question, p.answer),
  cell: (f) => badge(f.properties.answer, question),
});

const valueColumn = (unit) => ({
  title: unit ? t("column.value.unit", { unit: unitLabel(unit) }) : t("column.value"),
  class: "figure",
  text: (p) => valueOf(p, unit),
  cell: (f) => valueOf(f.properties, unit),
});

// What a ledger says is no remark.
function whyColumn(own) {
  const flags = own.filter((one) => one.type === "boolean" && !one.name.startsWith("declared_"));
  const marks = (f) => flags.filter((one) => f.properties[one.name] === true).map((one) => h("span", { class: "tag warn" }, label(one.label)));
  return {
    title: t("column.why"),
    class: "why",
    fixed: true,
    long: true,
    text: (p) => p.why ?? "",
    cell: (f) => [marks(f), f.properties.why ?? ""],
  };
}

// Of a row that is about another feature: its name, and its class (the severity of a finding).
function judged(subject, text) {
  if (!subject.derived) return [];
  const names = [
    ["target_name", "owner"],
    [subject.style.by, "narrow"],
  ];
  const own = names.filter(([name]) => name !== subject.title_field);
  const known = own.map(([name, style]) => [subject.fields.find((one) => one.name === name), style]).filter(([field]) => field);
  return known.map(([field, style]) => text(field.name, field, { class: style }));
}

// What the row belongs to: the feature it refers to, by name, and what else tells it from others of its name.
function belonging(subject, nameOf) {
  const first = subject.fields.find((one) => one.refers && one.writable !== false);
  const names = new Set([first?.name, ...(subject.natural_key ?? [])].filter((name) => name && name !== subject.title_field));
  return [...names].slice(0, 2).map((name) => {
    const field = subject.fields.find((one) => one.name === name);
    const text = (p) => (field.refers && nameOf(field.refers, p[name])) ?? valueText(field, p[name]);
    return { name, field, title: label(field.label), class: "owner", text, cell: (f) => text(f.properties) };
  });
}

// The unit that all values share; null when there is none, or several.
function unitOf(features) {
  const units = new Set(features.filter((feature) => !isEmpty(feature.properties.value)).map((feature) => feature.properties.unit));
  return units.size === 1 ? ([...units][0] ?? null) : null;
}
