// The form of a layer's style: what colours it, its classes, palette, opacity, size, names and zoom range.

import { get } from "../core/api.js";
import { asked } from "../core/asked.js";
import { fill, h } from "../core/dom.js";
import { fieldLabel } from "../core/format.js";
import { label, t } from "../core/i18n.js";
import { tell } from "../core/toast.js";
import { PALETTES, namesFor, ramp } from "../map/palettes.js";
import { parse, serialise } from "../map/style_text.js";
import { isMeasured, kindOf } from "../map/styling.js";
import { strip } from "./legend.js";
import { savedStyles } from "./saved.js";

const CATEGORIES = 12; // of a field with more values than these the most frequent are coloured
const NEVER = ["extra", "version", "updated_at", "updated_by"];

export class StyleEditor {
  #method = "quantile";
  #classes = 5;
  #asking = null;

  // `layer`: the declaration; `drawn`: its FeatureLayer.
  constructor(layer, drawn, looks) {
    Object.assign(this, { layer, drawn, looks });
    this.element = h("form", { class: "style-editor", "aria-label": `${t("layers.style")} ${label(layer.label)}`, onsubmit: (event) => event.preventDefault() });
    if (this.#change.breaks && this.#kind === "classes") [this.#method, this.#classes] = ["own", this.#change.breaks.length + 1];
    this.render();
  }

  get #change() {
    return this.looks.change(this.layer.id);
  }

  get #field() {
    const { by } = this.#change;
    return this.layer.fields.find((field) => field.name === by) ?? null;
  }

  get #kind() {
    return this.#change.kind ?? (this.#field ? kindOf(this.#field) : null);
  }

  // Put these parts in the place of what they were; undefined takes one away.
  #set(parts, again = false) {
    this.looks.set(this.layer.id, { ...this.#change, ...parts });
    if (again) this.render();
  }

  render() {
    const focused = document.activeElement?.id;
    fill(this.element, this.#by(), this.#field && this.#kinds(), this.#kind === "classes" && this.#classing(), this.#field && this.#palettes(), this.#single(), this.#sizes(), this.#names(), this.#zooms(), this.#end());
    if (focused && this.element.contains(document.getElementById(focused))) document.getElementById(focused).focus();
  }

  #id = (name) => `style-${name}-${this.layer.id}`;

  #row(name, text, control, ...more) {
    control.id = this.#id(name);
    return h("div", { class: `field of-${name}` }, h("label", { for: control.id }, text), control, more);
  }

  #by() {
    const { by, color } = this.#change;
    const now = by ?? (color ? "-" : "");
    const fields = this.layer.fields.filter((field) => field.type !== "json" && !NEVER.includes(field.name));
    const options = [["", t("layers.style.declared")], ["-", t("layers.style.one")], ...fields.map((field) => [field.name, fieldLabel(field)])];
    return this.#row("by", t("layers.style.by"), select(options, now, (value) => this.#colourBy(value)));
  }

  #colourBy(name) {
    const cleared = { by: undefined, kind: undefined, breaks: undefined, values: undefined, palette: undefined, reverse: undefined, color: undefined };
    this.#set({ ...cleared, ...(name ? { by: name } : {}) }, true);
    if (name && name !== "-") this.#prepare(kindOf(this.#field));
  }

  // What the kind needs of the data: bounds of classes, ends of a ramp, the values that are met most.
  async #prepare(kind) {
    this.#asking?.abort();
    const { signal } = (this.#asking = new AbortController());
    const field = this.#field;
    try {
      const found = kind === "categories" ? await this.#values(field, signal) : await this.#bounds(field, kind, signal);
      if (!signal.aborted) this.#set({ kind, ...found }, true);
    } catch (error) {
      tell(error);
    }
  }

  async #values(field, signal) {
    if (field.type === "boolean" || (field.choices && field.choices.length <= CATEGORIES)) return { values: undefined, breaks: undefined };
    const { fields } = await get(`/api/statistics/${this.layer.id}`, { fields: field.name, ...asked.ofLayer(this.layer.id) }, { signal });
    const often = fields[0].values.filter(({ value, count }) => count > 0 && value !== "unknown").sort((a, b) => b.count - a.count);
    return { values: often.slice(0, CATEGORIES).map(({ value }) => String(value)), breaks: undefined };
  }

  async #bounds(field, kind, signal) {
    const method = this.#method === "own" ? "quantile" : this.#method;
    const found = await get(`/api/styles/${this.layer.id}/breaks`, { field: field.name, method, classes: this.#classes, ...asked.ofLayer(this.layer.id) }, { signal });
    const ends = found.low === null || found.low === found.high ? undefined : [found.low, found.high];
    return { values: undefined, breaks: kind === "ramp" ? ends : found.breaks.length ? found.breaks : undefined };
  }

  #kinds() {
    const kinds = isMeasured(this.#field) ? ["classes", "ramp"] : ["categories"];
    if (kinds.length < 2) return null;
    const options = kinds.map((kind) => [kind, t(`layers.kind.${kind}`)]);
    return this.#row("kind", t("layers.kind"), select(options, this.#kind, (kind) => this.#prepare(kind)));
  }

  #classing() {
    const methods = ["quantile", "equal", "natural", "own"].map((method) => [method, t(`layers.method.${method}`)]);
    const method = select(methods, this.#method, (value) => {
      this.#method = value;
      if (value === "own") this.element.querySelector(".of-breaks input")?.focus();
      else this.#prepare("classes");
    });
    const count = h("input", { type: "number", min: "2", max: "9", value: String(this.#classes), onchange: (event) => this.#count(Number(event.target.value)) });
    const text = (this.#change.breaks ?? []).join(", ");
    const own = h("input", { value: text, autocomplete: "off", spellcheck: "false", onchange: (event) => this.#own(event.target) });
    return [h("div", { class: "two" }, this.#row("method", t("layers.method"), method), this.#row("classes", t("layers.classes"), count)), this.#row("breaks", t("layers.breaks"), own)];
  }

  #count(n) {
    this.#classes = Math.max(2, Math.min(9, Math.round(n) || 5));
    if (this.#method === "own") this.#method = "quantile";
    this.#prepare("classes");
  }

  // Bounds as typed: numbers or days, in any order, with commas or blanks between them.
  #own(input) {
    const parts = [...new Set(input.value.split(/[\s,，;；、]+/).filter(Boolean))].sort((a, b) => (Number(a) || 0) - (Number(b) || 0) || a.localeCompare(b));
    const { breaks } = parse(`breaks:${parts.join(",")}`).change;
    input.setCustomValidity(breaks ? "" : t("layers.breaks.wrong"));
    input.reportValidity();
    if (!breaks) return;
    [this.#method, this.#classes] = ["own", breaks.length + 1];
    this.#set({ breaks }, true);
  }

  #palettes() {
    const { palette, reverse } = this.#change;
    const names = namesFor(this.#kind);
    const now = palette ?? (this.#kind === "categories" ? "okabe" : "viridis");
    const colours = (name) => (this.#kind === "categories" ? PALETTES[name].colors : ramp(name, reverse));
    const choice = (name) =>
      h(
        "label",
        { title: t(`layers.palette.${name}`) },
        h("input", { type: "radio", name: this.#id("palette"), id: this.#id(`palette-${name}`), checked: name === now, "aria-label": t(`layers.palette.${name}`), onchange: () => this.#set({ palette: name }) }),
        strip(colours(name)),
      );
    const back = h("input", { type: "checkbox", id: this.#id("reverse"), checked: Boolean(reverse), onchange: (event) => this.#set({ reverse: event.target.checked || undefined }, true) });
    return h(
      "fieldset",
      { class: "palettes" },
      h("legend", {}, t("layers.palette")),
      names.map(choice),
      h("label", { class: "check" }, back, t("layers.palette.reverse")),
    );
  }

  // The one colour of a layer that no field colours.
  #single() {
    const { by, color } = this.#change;
    if (by !== "-" && !color) return null;
    const input = h("input", { type: "color", value: `#${color ?? this.looks.declared(this.layer.id).color.slice(1)}`, onchange: (event) => this.#set({ by: "-", color: event.target.value.slice(1) }) });
    return this.#row("color", t("layers.colour"), input);
  }

  #sizes() {
    const { opacity = 1, size = 1 } = this.#change;
    return h("div", { class: "two" }, this.#slider("opacity", opacity, { min: 0.1, max: 1 }), this.#slider("size", size, { min: 0.5, max: 3 }));
  }

  #slider(name, value, { min, max }) {
    const said = h("output", {}, `${Math.round(value * 100)}%`);
    const input = h("input", { type: "range", min: String(min), max: String(max), step: "0.05", value: String(value), oninput: (event) => (said.textContent = `${Math.round(event.target.value * 100)}%`) });
    input.addEventListener("change", () => this.#set({ [name]: Number(input.value) === 1 ? undefined : Number(input.value) }));
    return this.#row(name, [t(`layers.${name}`), " ", said], input);
  }

  #names() {
    const { label: named, "label-zoom": from } = this.#change;
    const fields = this.layer.fields.filter((field) => field.type !== "json" && !NEVER.includes(field.name));
    const usual = this.looks.declared(this.layer.id).label_zoom === null ? t("layers.names.none") : t("layers.names.usual");
    const options = [["", usual], ["-", t("layers.names.none")], ...fields.map((field) => [field.name, label(field.label)])].filter(([value], i) => i === 0 || value !== "-" || usual !== t("layers.names.none"));
    const chosen = select(options, named ?? "", (value) => this.#set({ label: value || undefined }, true));
    const zoom = h("input", { type: "number", min: "0", max: "22", value: String(from ?? this.drawn.style.label_zoom ?? ""), onchange: (event) => this.#set({ "label-zoom": event.target.value === "" ? undefined : Number(event.target.value) }) });
    return h("div", { class: "two" }, this.#row("label", t("layers.names"), chosen), this.drawn.style.label_zoom !== null && this.#row("label-zoom", t("layers.names.zoom"), zoom));
  }

  #zooms() {
    const [low, high] = this.#change.zoom ?? [this.drawn.style.min_zoom, this.drawn.style.max_zoom ?? 22];
    const input = (name, value) => h("input", { type: "number", min: "0", max: "22", value: String(value), "aria-label": t(`layers.zoom.${name}`), id: this.#id(`zoom-${name}`), onchange: () => this.#zoomed() });
    const now = Math.round(this.drawn.map.getZoom());
    return h("div", { class: "field zooms" }, h("span", { class: "label" }, t("layers.zooms")), input("min", low), "–", input("max", high), h("span", { class: "muted" }, t("layers.zoom.now", { zoom: now })));
  }

  #zoomed() {
    const [low, high] = ["min", "max"].map((name) => Math.max(0, Math.min(22, Math.round(Number(this.element.querySelector(`#${this.#id(`zoom-${name}`)}`).value)))));
    this.#set({ zoom: [Math.min(low, high), Math.max(low, high)] }, true);
  }

  #end() {
    const reset = h("button", { type: "button", class: "quiet", id: this.#id("reset"), disabled: serialise(this.#change) === "", onclick: () => (this.looks.set(this.layer.id, {}), this.render()) }, t("layers.style.reset"));
    this.saved ??= savedStyles(this.layer, () => serialise(this.#change), (text) => (this.looks.set(this.layer.id, parse(text).change), this.render()));
    return [h("div", { class: "actions" }, reset), this.saved];
  }
}

function select(options, value, change) {
  return h("select", { onchange: (event) => change(event.target.value) }, options.map(([name, text]) => h("option", { value: name, selected: name === value }, text)));
}
