// What was found in a file and how to take it in: layer, columns, encoding, coordinates, mode.

import { get } from "../core/api.js";
import { fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { CandidateMap } from "./candidates.js";
import { Dataset } from "./dataset.js";

const MODES = ["upsert", "append", "replace"];

export class Review {
  constructor(job, run, discard) {
    this.job = job;
    this.run = run;
    this.discard = discard;
    this.found = job.inspection;
    this.candidates =
      this.found.candidates ?? this.found.datasets.find((one) => one.candidates?.length && !one.declared_crs)?.candidates ?? [];
    this.crs = null;
    this.element = h("div", { class: "review" });
  }

  // Raises what keeps it from being shown: the page around it then says so.
  async opened() {
    const { layers } = await get("/api/layers");
    this.layers = layers;
    this.datasets = this.found.datasets.map((found) => new Dataset(found, layers, this.found.datasets.length > 1));
    this.#render();
  }

  #render() {
    this.mode = radios(
      "mode",
      MODES.map((mode) => [mode, t(`mode.${mode}`), t(`mode.${mode}.help`)]),
      "upsert",
    );
    this.encoding = this.#encodings();
    this.trouble = h("div", { "aria-live": "assertive" });
    const total = this.found.datasets.reduce((sum, one) => sum + (one.count ?? 0), 0);
    fill(
      this.element,
      h("h2", { tabindex: "-1" }, this.job.file_name ?? t("import.found")),
      h("p", { class: "muted" }, t("import.found.count", { datasets: this.found.datasets.length, records: total })),
      this.candidates.length > 0 && this.#places(),
      this.encoding?.element,
      this.datasets.map((dataset) => dataset.element),
      h("section", { class: "box" }, h("h3", {}, t("mode.title")), this.mode.element),
      this.trouble,
      h(
        "div",
        { class: "actions sticky" },
        h("button", { type: "button", class: "primary", id: "import-now", onclick: () => this.#go(false) }, t("import.now")),
        h("button", { type: "button", id: "import-dry", onclick: () => this.#go(true) }, t("import.dry")),
        h("button", { type: "button", class: "quiet", onclick: () => this.discard() }, t("import.discard")),
      ),
    );
    this.map?.opened();
  }

  #places() {
    this.map = new CandidateMap(this.candidates, (crs) => (this.crs = crs));
    return h("section", { class: "box" }, h("h3", {}, t("crs.title")), h("p", { class: "muted" }, t("crs.explain")), this.map.element);
  }

  #encodings() {
    const offered = this.found.datasets.find((one) => one.encodings?.length > 1)?.encodings;
    if (!offered) return null;
    const options = offered.map((one) => [one.name, one.name, one.sample.join(" · ")]);
    const made = radios("encoding", options, offered[0].name);
    return {
      element: h(
        "section",
        { class: "box" },
        h("h3", {}, t("encoding.title")),
        h("p", { class: "muted" }, t("encoding.explain")),
        made.element,
      ),
      value: () => made.value(),
    };
  }

  #go(dry) {
    const chosen = this.datasets.filter((dataset) => dataset.wanted);
    const problem = this.#problem(chosen);
    if (problem) {
      fill(this.trouble, h("p", { class: "note error", role: "alert" }, problem));
      return;
    }
    this.run({ ...this.#options(chosen), crs: this.crs, encoding: this.encoding?.value() ?? null, mode: this.mode.value(), dry_run: dry });
  }

  // What keeps the import from starting, as a sentence; "" when nothing does.
  #problem(chosen) {
    if (!chosen.length) return t("import.nothing");
    if (this.candidates.length && !this.crs) return t("crs.choose");
    if (chosen.some((dataset) => !dataset.layer)) return t("import.choose.layer");
    const alone = chosen.length > 1 && chosen.find((dataset) => dataset.moved || clashes(dataset, chosen));
    return alone ? t("import.alone", { name: alone.name }) : "";
  }

  // Several datasets go together into the layers that were recognised; a single one also into another layer.
  #options(chosen) {
    const sets = Object.assign({}, ...chosen.map((dataset) => dataset.sets));
    return { datasets: chosen.map((dataset) => dataset.name), layer: chosen.length === 1 ? chosen[0].layer : null, sets };
  }
}

// Whether two datasets fill one field from columns of different names, which one import cannot say.
function clashes(dataset, chosen) {
  return chosen.some((other) =>
    Object.entries(other.sets).some(([field, column]) => dataset.sets[field] !== undefined && dataset.sets[field] !== column),
  );
}

export function radios(name, options, chosen) {
  const inputs = options.map(([value]) => h("input", { type: "radio", name, value, checked: value === chosen, id: `${name}-${value}` }));
  const rows = options.map(([, title, help], i) =>
    h(
      "label",
      { class: "option", for: inputs[i].id },
      inputs[i],
      h("span", {}, h("b", {}, title), help && h("span", { class: "muted" }, help)),
    ),
  );
  return {
    element: h("div", { class: "options", role: "radiogroup" }, rows),
    value: () => inputs.find((one) => one.checked)?.value ?? null,
  };
}
