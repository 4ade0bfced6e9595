// The questions to choose from, each with its typed parameters.

import { catalogue } from "../core/catalogue.js";
import { fill, h, icon } from "../core/dom.js";
import { keepFocus } from "../core/focus.js";
import { label, t } from "../core/i18n.js";
import { state } from "../core/state.js";

export class QuestionsPanel {
  #open = null;
  #find = "";

  constructor(root) {
    this.root = root;
    const narrow = (event) => ((this.#find = event.target.value.trim().toLowerCase()), this.#narrow());
    this.find = h("input", { type: "search", class: "find", placeholder: t("questions.find"), "aria-label": t("questions.find"), oninput: narrow });
    this.found = h("p", { class: "hint", role: "status" });
    this.list = h("div", {});
    root.append(h("div", { class: "questions-find" }, this.find), this.found, this.list);
    catalogue.addEventListener("loaded", () => this.render(), { once: true }); // no write changes a question: what is typed stays
    state.on(["question", "parameters"], ({ question }) => {
      this.#open = question ?? this.#open;
      this.render();
    });
    this.#open = state.value.question;
  }

  render() {
    const groups = new Map();
    for (const question of catalogue.questions.values()) groups.set(label(question.group), [...(groups.get(label(question.group)) ?? []), question]);
    keepFocus(this.list, () => fill(
      this.list,
      [...groups].map(([name, questions]) => h("section", { class: "questions-of" }, h("h2", {}, name), questions.map((question) => this.#card(question)))),
    ));
    this.#narrow();
  }

  // Only what holds every word that is looked for, in its title, its help or its group.
  #narrow() {
    const words = this.#find.split(/\s+/).filter(Boolean);
    let found = 0;
    for (const section of this.list.children) {
      const cards = [...section.querySelectorAll(".question")];
      for (const card of cards) card.hidden = !words.every((word) => card.dataset.words.includes(word));
      const shown = cards.filter((card) => !card.hidden).length;
      section.hidden = !shown;
      found += shown;
    }
    this.found.textContent = !words.length ? t("questions.hint") : found ? t("questions.found", { n: found }) : t("questions.nothing");
  }

  // The open question at the top of the panel, with the heading of its group where it is the first of it.
  reveal() {
    const card = this.#opened;
    const above = card?.previousElementSibling;
    (above?.matches("h2") ? above : card)?.scrollIntoView({ block: "start" });
  }

  // As far as its form fits, its title in any case.
  #show() {
    this.#opened?.scrollIntoView({ block: "nearest" });
    this.#opened?.querySelector("h3").scrollIntoView({ block: "nearest" });
  }

  get #opened() {
    return this.root.querySelector(`[data-question="${this.#open}"]`);
  }

  #card(question) {
    const asked = state.value.question === question.id;
    const open = this.#open === question.id;
    const toggle = () => {
      this.#open = open ? null : question.id;
      this.render();
      this.root.querySelector(`[data-question="${question.id}"] h3 button`)?.focus({ preventScroll: true });
      this.#show();
    };
    const head = h(
      "h3",
      {},
      h(
        "button",
        { type: "button", "aria-expanded": String(open), onclick: toggle },
        h("span", {}, label(question.title)),
        icon("chevron"),
      ),
    );
    return h(
      "article",
      { class: `question${asked ? " asked" : ""}`, data: { question: question.id, words: wordsOf(question) } },
      head,
      open && this.#form(question, asked),
    );
  }

  #form(question, asked) {
    const inputs = question.parameters.map((parameter) => [
      parameter,
      input(parameter, asked ? state.value.parameters[parameter.name] : undefined),
    ]);
    const ask = (event) => {
      event.preventDefault();
      const parameters = {};
      for (const [parameter, element] of inputs) {
        const value = element.type === "checkbox" ? String(element.checked) : element.value;
        if (value !== "" && value !== text(parameter.default)) parameters[parameter.name] = value;
      }
      state.set({ question: question.id, parameters, answers: ["yes"], shapes: null, sort: null, columns: null, selected: null }, { push: true });
      this.root.dispatchEvent(new CustomEvent("ask"));
    };
    const show = () => inputs.forEach(([parameter, element]) => showDefault(parameter, element, inputs));
    show();
    return h(
      "form",
      { onsubmit: ask, onchange: show },
      question.help && h("p", { class: "muted" }, label(question.help)),
      inputs.filter(([parameter]) => !BASIS.includes(parameter.name)).map(([parameter, element]) => row(question, parameter, element)),
      this.#basis(question, inputs),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "submit", class: "primary" }, t("questions.ask")),
        asked && h("button", { type: "button", class: "quiet", onclick: clear }, t("questions.clear")),
      ),
    );
  }

  // The day and the rules that it goes by: seldom changed, so folded unless they are.
  #basis(question, inputs) {
    const own = inputs.filter(([parameter]) => BASIS.includes(parameter.name));
    if (!own.length) return null;
    const open = own.some(([, element]) => element.value !== "");
    return h("details", { class: "basis", open }, h("summary", {}, t("questions.basis")), own.map(([parameter, element]) => row(question, parameter, element)));
  }
}

const BASIS = ["as_of", "profile"];

const wordsOf = (question) => [question.title, question.help, question.group, question.id].map(label).join(" ").toLowerCase();

const clear = () => state.set({ question: null, parameters: {}, answers: ["yes"], shapes: null, sort: null, columns: null }, { push: true });

const text = (value) => (value === null || value === undefined ? "" : String(value));

function row(question, parameter, element) {
  element.id = `p-${question.id}-${parameter.name}`;
  const unit = parameter.unit && h("span", { class: "unit" }, label(parameter.unit));
  const name = h("label", { for: element.id }, label(parameter.label));
  const help = parameter.help && h("p", { class: "muted" }, label(parameter.help));
  if (element.type === "checkbox") return h("div", { class: "field check" }, element, name, help);
  return h("div", { class: "field" }, name, h("div", { class: "with-unit" }, element, unit), help);
}

// In an empty field stands what then holds: what the profile says, or the vehicle that is chosen beside it.
function showDefault(parameter, element, inputs) {
  const vehicle = inputs.find(([other]) => other.name === "vehicle")?.[1].value;
  const value = parameter.profile_default ?? parameter.vehicle_defaults?.[vehicle];
  if (value !== undefined) element.placeholder = t("questions.default", { value });
}

function input(parameter, given) {
  const value = given ?? text(parameter.default);
  if (parameter.type === "boolean") return h("input", { type: "checkbox", checked: value === "true" || value === "True" });
  if (parameter.choices?.length) {
    const any = parameter.default === null || parameter.default === undefined;
    const options = parameter.choices.map((choice) =>
      h("option", { value: choice.value, selected: choice.value === value }, label(choice.label)),
    );
    return h("select", {}, any && h("option", { value: "" }, t("questions.unchosen")), options);
  }
  if (parameter.type === "number" || parameter.type === "integer") {
    return h("input", {
      type: "number",
      inputmode: "decimal",
      step: parameter.type === "integer" ? "1" : "any",
      min: parameter.minimum,
      max: parameter.maximum,
      value,
    });
  }
  return h("input", { type: parameter.type === "date" ? "date" : "text", value });
}
