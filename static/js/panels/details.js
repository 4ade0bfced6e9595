// One feature: its facts in labels with units, the answer about it, where the facts come from, and the ways to correct it.

import { call } from "../core/api.js";
import { catalogue, changes } from "../core/catalogue.js";
import { $, fill, h, icon } from "../core/dom.js";
import { isEmpty, titleText, valueText } from "../core/format.js";
import { keepFocus } from "../core/focus.js";
import { dateTime, label, lang, t } from "../core/i18n.js";
import { pressed } from "../core/pressed.js";
import { state } from "../core/state.js";
import { tell, toast } from "../core/toast.js";
import { swatch } from "../map/controls.js";
import { EditForm, NewForm } from "./edit.js";
import { list, valueOrLink } from "./facts.js";
import { escapes } from "./fields.js";
import { History } from "./history.js";
import { judgedFacts, judgedLinks } from "./judged.js";
import { Life } from "./life.js";
import { RemoveForm } from "./remove.js";
import { isNarrow, show } from "./sheets.js";
import { SplitForm, canSplit } from "./split.js";
import { badge, otherFields, valueOf } from "./table/words.js";

const CARDS = { compounds: (id) => `/compounds/${id}?lang=${lang}` }; // layers whose features have a page of their own
const ORIGIN = ["source", "source_date", "quality", "accuracy_m"];

export class Details {
  #request = null;
  #editing = false;
  #worked = null; // the button whose form has just been open
  #open = null; // the form that is open, and whose it is

  constructor(map, highlight, answer, placer, fanOf) {
    Object.assign(this, { map, highlight, answer, placer, fanOf });
    this.root = $("#details");
    this.feature = null;
    state.on(["selected"], () => (this.#offerBack(), this.refresh({ arrived: true })));
    addEventListener("beforeunload", (event) => this.#unsaved && event.preventDefault());
    changes.addEventListener("changed", () => !this.#editing && this.refresh());
    map.on("answer:shown", () => (this.#derived ? this.refresh() : this.feature && !this.#editing && this.#show()));
    document.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && !map.tool && !this.#editing && !event.target.closest?.("form, dialog") && !document.querySelector(":popover-open, dialog[open]") && this.close());
  }

  // A finding, a gap: it stands in the answer only.
  get #derived() {
    return Boolean(catalogue.layers.get(state.value.selected?.layer)?.derived);
  }

  close() {
    state.set({ selected: null }, { push: true });
  }

  async refresh({ arrived = false } = {}) {
    this.#request?.abort();
    this.#editing = false;
    const { selected } = state.value;
    if (!selected || !catalogue.layers.has(selected.layer)) return this.#hide();
    if (this.#derived) return this.#fromAnswer(selected, arrived);
    this.#request = new AbortController();
    try {
      const { body, etag } = await call("GET", `/ogc/collections/${selected.layer}/items/${selected.id}`, { signal: this.#request.signal });
      Object.assign(this, { feature: body, etag, layer: catalogue.layers.get(selected.layer) });
      this.#show();
      this.map.fire("details:shown", { arrived });
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      this.#hide();
      tell(error);
    }
    return undefined;
  }

  #fromAnswer({ layer, id }, arrived) {
    const row = this.answer.question?.subject === layer ? this.answer.rows.get(id) : null;
    if (!row) return this.#hide();
    Object.assign(this, { feature: row, etag: null, layer: catalogue.layers.get(layer) });
    this.#show();
    this.map.fire("details:shown", { arrived });
    return undefined;
  }

  #hide() {
    const inside = this.root.contains(document.activeElement) || this.#worked !== null;
    this.feature = this.#worked = null;
    this.root.hidden = true;
    if (inside) ($('#results:not([aria-busy]) #table tr[tabindex="0"]') ?? this.map.getContainer()).focus({ preventScroll: true });
    this.highlight.show("selected", null);
    this.map.fire("details:shown", { arrived: false });
  }

  get title() {
    return titleText(this.feature, this.layer);
  }

  #show() {
    this.root.hidden = false;
    this.highlight.show("selected", this.feature.geometry, this.fanOf(this.layer.id, this.feature.id));
    this.#draw();
  }

  #draw() {
    if (pressed(this.root, () => this.feature && !this.#editing && this.#draw())) return;
    keepFocus(this.root, () => this.#fill());
    this.root.scrollTop = 0;
    this.#resume();
  }

  // The keyboard goes on where the form was opened, or at what was looked for, unless it is already elsewhere.
  #resume() {
    const free = this.root.dataset.wanted && document.activeElement === document.body;
    const next = this.#worked !== null ? (this.root.querySelector(`#${this.#worked}`) ?? $("#details-title")) : free && $("#details-title");
    this.#worked = null;
    delete this.root.dataset.wanted;
    if (next) next.focus({ preventScroll: true });
  }

  #fill() {
    if (this.layer.derived) fill($("#details-body"), this.#head(), this.#answered(), list(judgedFacts(this.layer, this.feature, (f, v) => valueOrLink(f, v))));
    else fill($("#details-body"), this.#head(), this.#answered(), this.#living(), this.#facts(), this.#origin(), this.#extra(), this.#foot());
  }

  #head() {
    const drawn = this.map.featureLayers.get(this.layer.id);
    return h(
      "header",
      {},
      h("p", { class: "kicker" }, swatch(drawn), label(this.layer.label), h("span", { class: "code" }, this.feature.properties.code ?? "")),
      h("h2", { id: "details-title", tabindex: "-1" }, this.title),
      this.#actions(),
    );
  }

  #actions() {
    const placed = this.feature.geometry !== null;
    if (this.layer.derived) return h("div", { class: "actions" }, judgedLinks(this.feature), placed && this.#zoom());
    const button = (id, mark, run, key, primary = "") => h("button", { type: "button", class: primary, id, onclick: run }, icon(mark), t(key));
    const move = () => this.placer.reshape(this.layer, this.feature, this.etag);
    const card = CARDS[this.layer.id];
    return [
      !placed && h("p", { class: "note" }, t("unplaced.explain")),
      h(
        "div",
        { class: "actions" },
        button("edit", "edit", () => this.#edit(), "edit", "primary"),
        placed && this.#zoom(),
        !placed && this.placer.buttons(this.layer, this.feature, this.etag),
        placed && button("move", "polygon", move, "place.move"),
        canSplit(this.layer, this.feature) && button("split", "cut", () => this.#split(), "split"),
        card && h("a", { class: "button", id: "card", href: card(this.feature.id) }, icon("table"), t("details.card")),
        button("remove", "remove", () => this.#remove(), "remove"),
      ),
    ];
  }

  #zoom() {
    const zoom = () => this.map.fire("zoom:feature", { feature: this.feature });
    return h("button", { type: "button", onclick: zoom }, icon("extent"), t("details.zoom"));
  }

  #answered() {
    const question = this.answer.question;
    const row = question?.subject === this.layer.id && this.answer.rows.get(this.feature.id);
    if (!row) return null;
    const { answer, value, unit, why } = row.properties;
    const more = otherFields(question, row.properties).filter(({ name }) => !this.layer.derived || name !== "check");
    return h(
      "section",
      { class: `verdict ${answer}` },
      h(
        "p",
        {},
        badge(answer, question),
        h("b", {}, label(question.title)),
        !isEmpty(value) && h("span", { class: "figure" }, valueOf({ value, unit })),
      ),
      why && h("p", { class: "why" }, why),
      more.length > 0 && list(more.map((field) => [label(field.label), valueOrLink(field, row.properties[field.name])])),
    );
  }

  #own() {
    return this.layer.fields.filter((field) => field.writable !== false && field.name !== "code" && !ORIGIN.includes(field.name));
  }

  #facts() {
    const { properties } = this.feature;
    const known = this.#own().filter((field) => field.name !== this.layer.title_field && !isEmpty(properties[field.name]));
    const open = this.#own().filter((field) => isEmpty(properties[field.name]));
    return [
      list(known.map((field) => [label(field.label), valueOrLink(field, properties[field.name])])),
      open.length > 0 &&
        h(
          "details",
          { class: "open-fields" },
          h("summary", {}, t("details.open", { n: open.length })),
          h("p", { class: "muted" }, open.map((field) => label(field.label)).join(t("comma"))),
        ),
    ];
  }

  #origin() {
    const { properties } = this.feature;
    const fields = this.layer.fields.filter((field) => ORIGIN.includes(field.name));
    return h(
      "section",
      {},
      h("h3", {}, t("details.origin")),
      list(fields.map((field) => [label(field.label), valueText(field, properties[field.name])])),
    );
  }

  #extra() {
    const extra = Object.entries(this.feature.properties.extra ?? {});
    if (!extra.length) return null;
    return h(
      "section",
      {},
      h(
        "details",
        {},
        h("summary", {}, t("details.extra", { n: extra.length })),
        list(extra.map(([name, value]) => [name, isEmpty(value) ? "—" : String(value)])),
      ),
    );
  }

  // The same panel as long as the feature is: a half-filled step outlives a new answer.
  #living() {
    if (!this.layer.life) return null;
    const { id, properties } = this.feature;
    if (!this.life?.shows(this.layer, id, properties.version)) this.life = new Life(this.layer, id, properties.version);
    return this.life.element;
  }

  #foot() {
    const { version, updated_at: at, updated_by: by } = this.feature.properties;
    const history = new History(this.layer, this.feature.id, (geometry) => this.highlight.show("over", geometry));
    const open = (event) => {
      if (event.currentTarget.getAttribute("aria-expanded") === "false") history.load();
      event.currentTarget.setAttribute("aria-expanded", "true");
    };
    const more = h("button", { type: "button", class: "link", id: "history", "aria-expanded": "false", onclick: open }, t("details.history"));
    return h("footer", { class: "muted" }, t("details.version", { version, at: at ? dateTime(at) : "—", by: by ?? "—" }), " ", more, history.element);
  }

  // A form in the place of the facts, until it is done or given up.
  #work(heading, form, opener = "edit") {
    this.#request?.abort(); // facts that come now would take the form away
    this.#editing = true;
    this.#worked = opener;
    this.#open = { heading, form, opener, layer: this.layer, feature: this.feature, etag: this.etag };
    this.root.hidden = false;
    fill(
      $("#details-body"),
      h(
        "header",
        {},
        h("p", { class: "kicker" }, label(this.layer.label)),
        h("h2", { id: "details-title", tabindex: "-1" }, heading),
      ),
      form.element,
    );
    if (isNarrow()) show("details");
    escapes(form.element);
    if (form.focus) form.focus();
    else $("#details-title").focus({ preventScroll: true });
    this.root.scrollTop = 0;
  }

  get #unsaved() {
    return this.#editing && Boolean(this.#open.form.changed);
  }

  // Something else was opened over a form that holds changes: they wait behind a button.
  #offerBack() {
    if (!this.#unsaved) return;
    const { heading, form, opener, ...whose } = this.#open;
    const back = () => {
      this.#leave();
      state.set({ selected: whose.feature && { layer: whose.layer.id, id: whose.feature.id } });
      Object.assign(this, whose);
      this.highlight.show("selected", form.geometry ?? whose.feature?.geometry);
      this.map.fire("details:shown", { arrived: false });
      this.#work(heading, form, opener);
    };
    toast(t("edit.left", { heading }), { kind: "note", action: { label: t("edit.left.back"), run: back }, seconds: 0 });
  }

  // For another form, which may be about the same feature or about none as well.
  #leave() {
    this.#offerBack();
    this.#editing = false;
  }

  // What was saved late has no part in a form that was opened meanwhile.
  #done(form) {
    if (this.#open.form === form) this.refresh();
  }

  #edit() {
    const form = new EditForm(this.layer, this.feature, this.etag, () => this.#done(form));
    this.#work(t("edit.title", { name: this.title }), form);
  }

  #remove() {
    const done = (gone) => (gone ? state.set({ selected: null }) : this.refresh());
    this.#work(t("remove.title", { name: this.title }), new RemoveForm(this.layer, this.feature, this.etag, done), "remove");
  }

  async #split() {
    const line = await this.placer.cutting(this.layer, this.feature);
    if (!line) return;
    const look = (geometry) => this.highlight.show("over", geometry);
    const done = () => (look(null), this.#done(form));
    const form = new SplitForm(this.layer, this.feature, this.etag, { line, look, done });
    if (await form.load()) this.#work(t("split.title", { name: this.title }), form, "split");
  }

  // The form of a feature that is not there yet.
  create(layer, values, geometry, draw) {
    this.#request?.abort();
    this.#leave();
    state.set({ selected: null });
    Object.assign(this, { layer, feature: null, etag: null });
    const look = (shape) => (this.highlight.show("selected", shape), shape);
    const redraw = async () => {
      const drawn = await draw();
      if (isNarrow()) show("details");
      return drawn && look(drawn);
    };
    const done = () => this.refresh();
    const made = (feature) => {
      this.#editing = false;
      state.set({ selected: { layer: layer.id, id: feature.id } }, { push: true });
    };
    this.#work(t("create.title", { layer: label(layer.label) }), new NewForm(layer, values, { geometry, redraw, done, made }));
    look(geometry);
  }
}
