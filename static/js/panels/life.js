// A hazard's life: where it stands, the deadline, the steps it may take now with a small form each, and its log.

import { Problem, address, call } from "../core/api.js";
import { changed } from "../core/catalogue.js";
import { fill, h, icon } from "../core/dom.js";
import { isEmpty, valueText, who } from "../core/format.js";
import { isOver } from "../core/hazards.js";
import { dateTime, label, t } from "../core/i18n.js";
import { tell, toast } from "../core/toast.js";
import { offerUndo } from "../core/undo.js";
import { present } from "./edit.js";
import { input, read, row, showProblem } from "./fields.js";

export class Life {
  constructor(layer, id, version) {
    Object.assign(this, { layer, id, etag: `"${version}"` });
    this.element = h("section", { class: "life", "aria-label": t("life.title"), "aria-busy": "true" });
    this.load();
  }

  // Whether it is about this version, or a later one: a step of its own is known here before the panel has read the feature again.
  shows(layer, id, version) {
    return this.layer.id === layer.id && this.id === id && Number(this.etag.replaceAll('"', "")) >= version;
  }

  async load() {
    try {
      const { body, etag } = await call("GET", address(`/api/hazards/${this.id}/life`));
      this.#show(body, etag);
    } catch (error) {
      tell(error);
    } finally {
      this.element.removeAttribute("aria-busy");
    }
  }

  #show(told, etag) {
    Object.assign(this, { told, etag });
    this.form = h("div", { class: "step-form", "aria-live": "polite" });
    fill(
      this.element,
      h("h3", {}, t("life.title")),
      h("ol", { class: "track" }, told.track.map(station)),
      told.state.value === null && h("p", { class: "note" }, t("life.unknown")),
      standing(told),
      told.steps.length > 0 && h("div", { class: "steps", role: "group", "aria-label": t("life.next") }, told.steps.map((step, at) => this.#button(step, at === 0))),
      told.steps.length === 0 && h("p", { class: "muted" }, t("life.ended")),
      this.form,
      this.#log(),
    );
  }

  #button(step, first) {
    const open = (event) => this.#open(step, event.currentTarget);
    return h(
      "button",
      { type: "button", class: first ? "primary" : "", data: { step: step.id }, "aria-expanded": "false", title: step.help, onclick: open },
      step.label,
    );
  }

  #open(step, button) {
    const again = button.getAttribute("aria-expanded") === "true";
    for (const one of this.element.querySelectorAll(".steps button")) one.setAttribute("aria-expanded", String(one === button && !again));
    if (again) {
      button.focus({ preventScroll: true });
      return fill(this.form);
    }
    const inputs = new Map(step.needs.map((need) => [need.name, input(need, need.value)]));
    const note = h("textarea", { rows: 2, id: "life-note", maxlength: 1000, required: step.note_required });
    const trouble = h("div", { class: "trouble", "aria-live": "assertive" });
    const save = h("button", { type: "submit", class: "primary" }, t("life.confirm", { step: step.label }));
    const send = (event) => this.#send(event, step, inputs, note, trouble, save);
    fill(
      this.form,
      h(
        "form",
        { class: "edit", novalidate: true, onsubmit: send },
        step.help && h("p", { class: "muted" }, step.help),
        trouble,
        step.needs.map((need) => row(need, inputs.get(need.name), "life")),
        h("div", { class: "field" }, h("label", { for: "life-note" }, t(step.note_required ? "life.note.required" : "life.note")), note),
        h("div", { class: "actions" }, save, h("button", { type: "button", class: "quiet", onclick: () => this.#open(step, button) }, t("cancel"))),
      ),
    );
    (inputs.values().next().value ?? note).focus();
    return undefined;
  }

  async #send(event, step, inputs, note, trouble, save) {
    event.preventDefault();
    if (!event.currentTarget.checkValidity()) return event.currentTarget.reportValidity();
    const values = Object.fromEntries(step.needs.map((need) => [need.name, read(need, inputs.get(need.name))]));
    save.disabled = true;
    try {
      const sent = { step: step.id, values, ...(note.value.trim() && { note: note.value.trim() }) };
      const { body, etag, revision } = await call("POST", address(`/api/hazards/${this.id}/life`), { json: sent, headers: { "If-Match": this.etag } });
      this.#show(body, etag);
      this.element.querySelector(".steps button, summary")?.focus({ preventScroll: true });
      offerUndo(t("life.done", { step: step.label }), revision);
      changed({ layer: this.layer.id, feature: (await present(this.layer.id, this.id)).body });
    } catch (error) {
      if (error instanceof Problem && error.status === 412) {
        toast(t("life.stale"), { kind: "error" });
        return this.load();
      }
      save.disabled = false;
      showProblem(error, trouble, new Map([...inputs, ["note", note]]));
    }
    return undefined;
  }

  #log() {
    return h(
      "details",
      { class: "log" },
      h("summary", {}, t("life.log", { n: this.told.log.length })),
      h("ol", {}, this.told.log.map((entry) => this.#entry(entry))),
    );
  }

  #entry(entry) {
    const what = entry.label ?? t(`life.kind.${entry.kind}`);
    const moved = entry.from.value !== entry.to.value && entry.to.value !== null;
    const values = Object.entries(entry.values).filter(([name, value]) => !isEmpty(value) && name !== "found_on");
    const field = (name) => this.layer.fields.find((one) => one.name === name);
    return h(
      "li",
      { class: entry.kind },
      h("p", {}, h("b", {}, what), entry.on && h("span", {}, ` ${entry.on}`), moved && h("span", { class: "muted" }, ` → ${entry.to.label}`)),
      entry.note && entry.kind !== "taken_back" && h("p", { class: "why" }, entry.note),
      values.length > 0 && h("p", {}, values.map(([name, value]) => `${label(field(name).label)}: ${valueText(field(name), value)}`).join(t("life.and"))),
      h("p", { class: "muted" }, t("life.by", { by: who(entry.by), at: dateTime(entry.at) })),
    );
  }
}

function station({ value, label: name, when, passed, current }) {
  const how = passed ? "passed" : current ? "current" : "coming";
  return h(
    "li",
    { class: how, data: { state: value }, "aria-current": current ? "step" : null },
    h("span", { class: "dot", "aria-hidden": "true" }, passed && icon("check")),
    h("span", { class: "name" }, name),
    h("span", { class: "hidden" }, t(`life.${how}`)),
    when && h("time", { datetime: when }, when),
  );
}

// The deadline and whether it has passed; overdue is worked out, never stored.
function standing({ due: { due, deadline, late, working_days: days }, escalated, state }) {
  const ended = isOver(state.value);
  return h(
    "p",
    { class: "standing" },
    escalated && h("span", { class: "badge yes" }, h("span", { class: "mark" }), t("life.escalated")),
    due && h("span", {}, t("life.due", { due })),
    due && deadline && deadline !== due && h("span", { class: "muted" }, t("life.moved", { deadline })),
    late === true && h("span", { class: "badge yes" }, h("span", { class: "mark" }), t("life.late", { n: days })),
    late === false && !ended && days !== null && h("span", { class: "muted" }, t("life.left", { n: -days })),
    !due && !ended && h("span", { class: "muted" }, t("life.nodue")),
  );
}
