// The dialog of a file: which rows, columns, format and coordinates, and before the click what it will hold and how large it will be.

import { address } from "../core/api.js";
import { asked } from "../core/asked.js";
import { catalogue } from "../core/catalogue.js";
import { allOf, ofIds } from "../core/conditions.js";
import { openDialog } from "../core/dialog.js";
import { field, fill, h } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { selection } from "../core/selection.js";
import { state } from "../core/state.js";
import { FileFacts } from "./file_facts.js";

const OTHER = "other";
const EPSG = /^\s*(?:EPSG:)?(\d{4,6})\s*$/i;

export class ExportDialog {
  constructor(what) {
    this.what = what;
    this.collection = /\/collections\/([^/]+)\/items$/.exec(what.path)[1];
    this.current = this.collection === asked.collection;
    this.shown = what.columns ?? (this.current ? state.value.columns : null);
    this.facts = new FileFacts(this.collection);
    this.form = h("select", { id: "download-format", onchange: () => this.#render() }, catalogue.formats.map((f) => h("option", { value: f.id }, label(f.label))));
    this.shape = h("select", { id: "download-shape", onchange: () => this.#link() }, [
      h("option", { value: "" }, t("export.shape.own")),
      (what.shapes ?? []).map((shape) => h("option", { value: shape.id }, t("export.shape.as", { shape: label(shape.label) }))),
    ]);
    this.headings = h("select", { id: "download-headings", onchange: () => this.#link() });
    this.crs = h("select", { id: "download-crs", onchange: () => this.#link() });
    this.code = h("input", { id: "download-code", inputmode: "numeric", placeholder: "EPSG:4547", "aria-label": t("export.crs.code"), oninput: () => this.#link() });
    this.save = h("a", { class: "button primary", download: "", id: "download-save" }, t("export"));
    this.save.addEventListener("click", () => this.dialog.close());
    this.dialog = h("dialog", { class: "download-dialog", "aria-labelledby": "download-title" }, this.#parts());
    this.dialog.addEventListener("close", () => this.facts.stop());
  }

  open() {
    this.#render();
    openDialog(this.dialog);
  }

  #parts() {
    const { shapes } = this.what;
    return [
      h("h2", { id: "download-title" }, t("export")),
      h("p", { class: "muted" }, this.what.title),
      (this.rows = this.#choice("rows", this.#rowChoices())),
      (this.columns = this.#choice("columns", this.#columnChoices())),
      h(
        "div",
        { class: "export-grid" },
        field(this.form, t("export.format")),
        shapes?.length > 0 && field(this.shape, t("export.shape")),
        (this.headingsField = field(this.headings, t("export.headings"))),
        (this.crsField = field(this.crs, t("export.crs"), this.code)),
      ),
      this.facts.box,
      h("div", { class: "actions" }, this.save, h("button", { type: "button", class: "quiet", onclick: () => this.dialog.close() }, t("cancel"))),
    ];
  }

  // All that match or only the chosen ones; a choice there is only where rows are chosen.
  #rowChoices() {
    if (!this.current || !selection.size) return [];
    return [
      { value: "all", text: t("share.rows.all"), checked: !this.what.picked },
      { value: "picked", text: t("share.rows.picked", { n: selection.size }), checked: Boolean(this.what.picked) },
    ];
  }

  #columnChoices() {
    if (!this.shown?.length) return [];
    return [
      { value: "all", text: t("share.columns.all"), checked: true },
      { value: "shown", text: t("share.columns.shown", { n: this.shown.length }) },
    ];
  }

  #choice(name, choices) {
    if (!choices.length) return null;
    const radio = ({ value, text, checked }) =>
      h("label", {}, h("input", { type: "radio", name: `export-${name}`, id: `export-${name}-${value}`, value, checked, onchange: () => this.#link() }), h("span", {}, text));
    return h("fieldset", { class: "choice" }, h("legend", {}, t(`share.${name}`)), choices.map(radio));
  }

  #chosen(box) {
    return box?.querySelector("input:checked")?.value ?? "all";
  }

  get #format() {
    return catalogue.formats.find((f) => f.id === this.form.value);
  }

  #render() {
    const format = this.#format;
    const metric = catalogue.state.metric_crs;
    fill(this.headings, format.headings.map((how) => h("option", { value: how }, t(`export.headings.${how}`))));
    this.headingsField.hidden = format.headings.length < 2;
    const plane = [metric && [metric, t("export.crs.metric", { crs: metric })]];
    const degrees = [["EPSG:4326", t("export.crs.wgs84")], ["EPSG:4490", t("export.crs.cgcs2000")]];
    const listed = [...(format.projected ? plane : [...degrees, ...plane]).filter(Boolean), [OTHER, t("export.crs.other")]];
    fill(this.crs, listed.map(([value, text]) => h("option", { value }, text)));
    this.crsField.hidden = !format.any_crs;
    this.#link();
  }

  // The coordinates that are chosen: null = the format's own, undefined = a code is asked for and not yet given.
  #crs() {
    if (!this.#format.any_crs) return null;
    if (this.crs.value !== OTHER) return this.crs.value === "EPSG:4326" ? null : this.crs.value;
    const code = EPSG.exec(this.code.value)?.[1];
    return code ? `EPSG:${code}` : undefined;
  }

  #parameters(crs) {
    const format = this.#format;
    const only = this.#chosen(this.rows) === "picked" ? ofIds(selection.ids) : null;
    const { filter, ...rest } = this.what.parameters;
    return {
      ...rest,
      filter: allOf([filter, only]),
      shape: this.shape.value,
      properties: this.#chosen(this.columns) === "shown" ? this.shown.join(",") : rest.properties,
      f: format.id,
      headings: this.headings.value === format.headings[0] ? null : this.headings.value,
      crs,
    };
  }

  // The link of what is chosen, and what it will give.
  #link() {
    const crs = this.#crs();
    this.code.hidden = !(this.#format.any_crs && this.crs.value === OTHER);
    const parameters = crs === undefined ? null : this.#parameters(crs);
    if (parameters) this.save.href = address(this.what.path, parameters);
    else this.save.removeAttribute("href");
    this.save.setAttribute("aria-disabled", String(!parameters));
    this.facts.show(parameters);
  }
}
