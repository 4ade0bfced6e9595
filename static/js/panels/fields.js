// Inputs for declared fields: one for each type, in groups, and what was put into them as JSON values.

import { h } from "../core/dom.js";
import { isEmpty } from "../core/format.js";
import { label, t } from "../core/i18n.js";

const ORIGIN = ["source", "source_date", "quality", "accuracy_m"];
const WHERE = ["code", "community", "address"];

// In the order of a form: which fields belong together, the first group that takes a field has it.
const GROUPS = [
  ["edit.group.name", (field, layer) => field.name === layer.title_field || WHERE.includes(field.name) || Boolean(field.refers) || field.name.startsWith("alias")],
  ["edit.group.origin", (field) => ORIGIN.includes(field.name)],
  ["edit.group.state", (field) => ["choice", "boolean"].includes(field.type)],
  ["edit.group.numbers", (field) => ["integer", "number", "year"].includes(field.type)],
  ["edit.group.dates", (field) => field.type === "date"],
  ["edit.group.words", () => true],
];
const ORDER = ["edit.group.name", "edit.group.state", "edit.group.numbers", "edit.group.dates", "edit.group.words", "edit.group.origin"];

// [key of the heading, its fields] for the groups that have any.
export function grouped(fields, layer) {
  const groups = new Map(ORDER.map((key) => [key, []]));
  for (const field of fields) groups.get(GROUPS.find(([, takes]) => takes(field, layer))[0]).push(field);
  return [...groups].filter(([, members]) => members.length);
}

// Its label, the input and its unit; `prefix` keeps ids of several forms apart.
export function row(field, element, prefix = "edit") {
  element.id = `${prefix}-${field.name}`;
  if (field.required) element.required = true;
  const unit = field.unit && label(field.unit) && h("span", { class: "unit" }, label(field.unit));
  const help = field.help && h("p", { class: "muted", id: `${element.id}-help` }, label(field.help));
  if (help) element.setAttribute("aria-describedby", `${element.id}-help`);
  const short = !help && (element.type !== "text" || field.refers) && element.tagName !== "TEXTAREA";
  return h(
    "div",
    { class: short ? "field short" : "field", data: { field: field.name } },
    h("label", { for: element.id }, label(field.label), field.required && h("span", { class: "needed", "aria-hidden": "true" }, " *")),
    h("div", { class: "with-unit" }, element, unit),
    help,
  );
}

export function input(field, value) {
  const text = isEmpty(value) ? "" : String(value);
  if (field.type === "choice") return select(field.choices.map((choice) => [choice.value, label(choice.label)]), text);
  if (field.type === "boolean") return select([["true", t("value.yes")], ["false", t("value.no")]], text);
  if (field.type === "date") return h("input", { type: "date", value: text, min: field.earliest, max: field.latest });
  if (field.type === "year") return numeric({ inputmode: "numeric", step: 1, min: field.minimum ?? 1000, max: field.maximum ?? 2200, value: text });
  if (field.type === "integer") return numeric({ inputmode: "numeric", step: 1, min: field.minimum, max: field.maximum, value: text });
  if (field.type === "number") return numeric({ inputmode: "decimal", step: "any", min: field.minimum, max: field.maximum, value: text });
  return text.length > 60 ? h("textarea", { rows: 3, value: text }) : h("input", { type: "text", value: text });
}

const numeric = (props) => h("input", { type: "number", ...props });

function select(options, chosen) {
  return h(
    "select",
    {},
    h("option", { value: "" }, "—"),
    options.map(([value, name]) => h("option", { value, selected: value === chosen }, name)),
  );
}

export function read(field, element) {
  const text = element.value.trim();
  if (text === "") return null;
  if (field.type === "boolean") return text === "true";
  return ["integer", "number", "year"].includes(field.type) ? Number(text) : text;
}

// Why it is changed, for the history.
export function reasonInput(id = "edit-reason") {
  const element = h("input", { type: "text", id, maxlength: 1000, placeholder: t("edit.reason.hint") });
  return { element, row: h("div", { class: "field reason" }, h("label", { for: id }, t("edit.reason")), element) };
}

// The server's sentence, at the input it is about if there is one.
export function showProblem(error, box, inputs) {
  const about = inputs?.get(error.body?.field);
  box.replaceChildren(h("p", { class: "note error", role: "alert" }, [error.message, error.wayOut].filter(Boolean).join(" ")));
  box.scrollIntoView({ block: "nearest" });
  if (!about) {
    box.tabIndex = -1;
    return box.focus({ preventScroll: true });
  }
  about.setAttribute("aria-invalid", "true");
  about.addEventListener("input", () => about.removeAttribute("aria-invalid"), { once: true });
  return about.focus();
}

// Escape gives up a form in which nothing was written yet; what was written is given up by the button only.
export function escapes(form) {
  let written = false;
  form.addEventListener("input", () => (written = true));
  form.addEventListener("keydown", (event) => event.key === "Escape" && !written && (event.preventDefault(), form.querySelector(".actions .quiet:last-child").click()));
}
