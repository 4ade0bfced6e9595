// The questions to choose from, each with its typed parameters.

import { catalogue } from "../core/catalogue.js";
import { fill, h, icon } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { state } from "../core/state.js";

export class QuestionsPanel {
  #open = null;

  constructor(root) {
    this.root = root;
    catalogue.addEventListener("loaded", () => this.render());
    state.on(["question", "parameters"], ({ question }) => {
      this.#open = question ?? this.#open;
      this.render();
    });
    this.#open = state.value.question;
  }

  render() {
    const groups = new Map();
    for (const question of catalogue.questions.values()) groups.set(label(question.group), [...(groups.get(label(question.group)) ?? []), question]);
    fill(
      this.root,
      h("p", { class: "hint" }, t("questions.hint")),
      [...groups].map(([name, questions]) => h("section", { class: "questions-of" }, h("h2", {}, name), questions.map((question) => this.#card(question)))),
    );
  }

  // The open question in view: its form as far as it fits, its title in any case.
  reveal() {
    const card = this.root.querySelector(`[data-question="${this.#open}"]`);
    card?.scrollIntoView({ block: "nearest" });
    card?.querySelector("h3").scrollIntoView({ block: "nearest" });
  }

  #card(question) {
    const asked = state.value.question === question.id;
    const open = this.#open === question.id;
    const toggle = () => {
      this.#open = open ? null : question.id;
      this.render();
      this.root.querySelector(`[data-question="${question.id}"] h3 button`)?.focus({ preventScroll: true });
      this.reveal();
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
      { class: `question${asked ? " asked" : ""}`, data: { question: question.id } },
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
      state.set({ question: question.id, parameters, answers: ["yes"], shapes: null, sort: null, selected: null }, { push: true });
      this.root.dispatchEvent(new CustomEvent("ask"));
    };
    const show = () => inputs.forEach(([parameter, element]) => showDefault(parameter, element, inputs));
    show();
    return h(
      "form",
      { onsubmit: ask, onchange: show },
      question.help && h("p", { class: "muted" }, label(question.help)),
      inputs.map(([parameter, element]) => row(question, parameter, element)),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "submit", class: "primary" }, t("questions.ask")),
        asked && h("button", { type: "button", class: "quiet", onclick: clear }, t("questions.clear")),
      ),
    );
  }
}

const clear = () => state.set({ question: null, parameters: {}, community: null, compound: null, answers: ["yes"], shapes: null, sort: null }, { push: true });

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
