// An answer or a layer as a file: the usual formats at one click, all others in a dialog that says what each cannot carry.

import { address } from "../core/api.js";
import { catalogue } from "../core/catalogue.js";
import { fill, h } from "../core/dom.js";
import { label, t } from "../core/i18n.js";

const USUAL = { geojson: "GeoJSON", csv: "CSV", xlsx: "Excel", gpkg: "GPKG" };
const OTHER = "other";
const EPSG = /^\s*(?:EPSG:)?(\d{4,6})\s*$/i;

// Links for the usual formats of a collection's items and a button for the rest; `what` gives {title, path, parameters, shapes} when it is asked.
export function downloads(what, { button = "" } = {}) {
  const { path, parameters } = what();
  const links = catalogue.formats
    .filter(({ id }) => id in USUAL)
    .map(({ id: f, label: name }) =>
      h("a", { class: button, href: address(path, { ...parameters, f }), download: "", title: label(name), data: { format: f } }, USUAL[f]),
    );
  return [
    links,
    h("button", { type: "button", class: `${button || "link"} more-formats`, "aria-haspopup": "dialog", onclick: () => new Download(what()).open() }, t("export.more")),
  ];
}

class Download {
  constructor(what) {
    this.what = what;
    this.lead = h("p", { class: "muted" }, what.title);
    this.form = h("select", { id: "download-format", onchange: () => this.#render() }, catalogue.formats.map((f) => h("option", { value: f.id }, label(f.label))));
    this.shape = h("select", { id: "download-shape", onchange: () => this.#link() }, [
      h("option", { value: "" }, t("export.shape.own")),
      (what.shapes ?? []).map((shape) => h("option", { value: shape.id }, t("export.shape.as", { shape: label(shape.label) }))),
    ]);
    this.headings = h("select", { id: "download-headings", onchange: () => this.#link() });
    this.crs = h("select", { id: "download-crs", onchange: () => this.#link() });
    this.code = h("input", { id: "download-code", inputmode: "numeric", placeholder: "EPSG:4547", "aria-label": t("export.crs.code"), oninput: () => this.#link() });
    this.loses = h("p", { class: "note", "aria-live": "polite" });
    this.save = h("a", { class: "button primary", download: "", id: "download-save" }, t("export"));
    this.save.addEventListener("click", () => this.dialog.close());
    this.dialog = h(
      "dialog",
      { class: "download-dialog", "aria-labelledby": "download-title" },
      h("h2", { id: "download-title" }, t("export")),
      this.lead,
      field(this.form, t("export.format")),
      what.shapes?.length > 0 && field(this.shape, t("export.shape")),
      (this.headingsField = field(this.headings, t("export.headings"))),
      (this.crsField = field(this.crs, t("export.crs"), this.code)),
      this.loses,
      h("div", { class: "actions" }, this.save, h("button", { type: "button", class: "quiet", onclick: () => this.dialog.close() }, t("cancel"))),
    );
    this.dialog.addEventListener("close", () => this.dialog.remove());
  }

  open() {
    document.body.append(this.dialog);
    this.#render();
    this.dialog.showModal();
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
    this.loses.hidden = !format.loses;
    this.loses.textContent = format.loses ? t("export.loses", { what: format.loses }) : "";
    this.#link();
  }

  // The link of what is chosen; none while a code is asked for and not yet given.
  #link() {
    const format = this.#format;
    const asked = format.any_crs && this.crs.value === OTHER;
    this.code.hidden = !asked;
    const code = EPSG.exec(this.code.value)?.[1];
    const crs = !format.any_crs ? null : asked ? (code ? `EPSG:${code}` : null) : this.crs.value === "EPSG:4326" ? null : this.crs.value;
    const { path, parameters } = this.what;
    if (asked && !code) {
      this.save.removeAttribute("href");
      this.save.setAttribute("aria-disabled", "true");
      return;
    }
    this.save.removeAttribute("aria-disabled");
    const headings = this.headings.value === format.headings[0] ? null : this.headings.value;
    this.save.href = address(path, { ...parameters, shape: this.shape.value, f: format.id, headings, crs });
  }
}

function field(control, name, ...more) {
  return h("div", { class: "field" }, h("label", { for: control.id }, name), control, ...more);
}
