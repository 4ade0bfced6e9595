// What was found in a file and how to take it in: what becomes of each dataset, encoding, coordinates or place of a drawing, mode.

import { get } from "../core/api.js";
import { catalogue } from "../core/catalogue.js";
import { fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { CandidateMap } from "./candidates.js";
import { colour } from "./colours.js";
import { Dataset } from "./dataset.js";
import { Placing } from "./placing.js";
import { radios } from "./radios.js";

const MODES = ["upsert", "append", "replace"];
const FEW = 3; // datasets that are shown unfolded
const DEGREES = ["EPSG:4326", "EPSG:4490"];
const MAPS = ["GCJ-02", "BD-09"]; // what Chinese map programs write into files that say WGS 84

export class Review {
  // `url`: of the upload; `act`: {run(body): import; reread(encoding): look at it again; discard(): forget it}.
  constructor(job, url, act) {
    Object.assign(this, { job, url, act, found: job.inspection });
    this.candidates =
      this.found.candidates ?? this.found.datasets.find((one) => one.candidates?.length && !one.declared_crs)?.candidates ?? [];
    this.crs = null;
    this.element = h("div", { class: "review" });
  }

  // Raises what keeps it from being shown: the page around it then says so.
  async opened() {
    const [{ layers }] = await Promise.all([get("/api/layers"), catalogue.load()]);
    this.layers = layers;
    const { datasets } = this.found;
    const colours = cadColours(datasets);
    const around = {
      alone: datasets.length === 1,
      open: datasets.length <= FEW,
      others: () => (this.datasets ?? []).filter((one) => one.declared).map(({ name, title, declared }) => ({ name, title, declared })),
      mapping: async (dataset, layer) => (await get(`${this.url}/mapping`, { dataset, layer })).mapping,
      changed: () => this.#changed(),
    };
    this.datasets = datasets.map((found) => new Dataset(found, layers, around, colours.get(found.name)));
    this.#render(colours);
    for (const dataset of this.datasets) dataset.refresh();
  }

  // What keeps the import from going on is said beside the buttons.
  tell(...said) {
    fill(this.trouble, said);
    if (this.trouble.children.length) this.trouble.scrollIntoView({ block: "center" });
  }

  close() {
    this.placing?.close();
    this.map?.close();
  }

  #render(colours) {
    this.mode = radios(
      "mode",
      MODES.map((mode) => [mode, t(`mode.${mode}`), t(`mode.${mode}.help`)]),
      "upsert",
    );
    this.encoding = this.#encodings();
    this.datum = this.#datums();
    this.trouble = h("div", { "aria-live": "assertive" });
    this.taken = h("span", { class: "muted", id: "taken" });
    this.where = h("section", { class: "box", id: "where", hidden: true });
    const total = this.found.datasets.reduce((sum, one) => sum + (one.count ?? 0), 0);
    fill(
      this.element,
      h("h2", { tabindex: "-1" }, this.job.file_name ?? t("import.found")),
      h("p", { class: "muted" }, t("import.found.count", { datasets: this.found.datasets.length, records: total })),
      this.where,
      this.datum?.element,
      this.encoding?.element,
      this.datasets.length > FEW && this.#all(),
      h("div", { class: "datasets" }, this.datasets.map((dataset) => dataset.element)),
      h("section", { class: "box" }, h("h3", {}, t("mode.title")), this.mode.element),
      this.trouble,
      h(
        "div",
        { class: "actions sticky" },
        h("button", { type: "button", class: "primary", id: "import-now", onclick: () => this.#go(false) }, t("import.now")),
        h("button", { type: "button", id: "import-dry", onclick: () => this.#go(true) }, t("import.dry")),
        h("button", { type: "button", class: "quiet", onclick: () => this.act.discard() }, t("import.discard")),
        this.taken,
      ),
    );
    this.parts = this.#parts(colours);
    if (this.candidates.length) this.#showCandidates();
    else if (this.parts.length) this.#showPlacing();
    this.#changed();
  }

  // Many datasets: how many are taken, and all at once.
  #all() {
    const each = (act) => () => this.datasets.forEach(act);
    return h(
      "div",
      { class: "all" },
      h("h3", {}, t("datasets.title")),
      h("p", { class: "muted" }, t("datasets.explain")),
      h("button", { type: "button", onclick: each((dataset) => dataset.restore()) }, t("datasets.restore")),
      h("button", { type: "button", onclick: each((dataset) => dataset.leave()) }, t("datasets.leave")),
    );
  }

  #changed() {
    if (!this.taken) return;
    const n = this.datasets.filter((dataset) => dataset.wanted).length;
    this.taken.textContent = this.datasets.length > 1 ? t("datasets.taken", { n, left: this.datasets.length - n }) : "";
    for (const dataset of this.datasets) {
      dataset.refresh();
      this.placing?.show(dataset.name, dataset.wanted);
    }
    fill(this.trouble);
  }

  // --- where it lies

  #parts(colours) {
    return this.datasets
      .filter(({ found }) => found.local?.sample?.length)
      .map(({ found, wanted }) => ({
        name: found.name,
        colour: colours.get(found.name),
        geometries: found.local.sample,
        unit: found.local.unit_m,
        shown: wanted,
      }));
  }

  #showCandidates() {
    this.placing?.close();
    this.placing = null;
    this.crs = null;
    const placed = this.found.datasets.filter((one) => Object.keys(one.geometry_types ?? {}).some((kind) => kind !== "none"));
    const said = placed.every((one) => one.declared_crs) ? [...new Set(placed.map((one) => one.declared_crs))] : [];
    const explain = said.length ? t("crs.explain.said", { crs: said.join(", ") }) : t("crs.explain");
    this.map = new CandidateMap(this.candidates, (crs) => (this.crs = crs), said);
    const own = this.parts.length > 0 && h("button", { type: "button", class: "link", id: "place-by-hand", onclick: () => this.#showPlacing() }, t("crs.byhand"));
    this.where.hidden = false;
    fill(this.where, h("h3", {}, t("crs.title")), own && h("p", {}, own), h("p", { class: "muted" }, explain), this.map.element);
    this.map.opened();
  }

  #showPlacing() {
    this.map?.close();
    this.map = null;
    this.crs = null;
    this.placing = new Placing(this.parts, `${this.url}/place`, () => this.trouble && fill(this.trouble));
    const back = this.candidates.length > 0 && h("button", { type: "button", class: "link", onclick: () => this.#showCandidates() }, t("placing.back"));
    this.where.hidden = false;
    fill(this.where, h("h3", {}, t("placing.title")), h("p", { class: "muted" }, t("placing.explain")), back && h("p", {}, back), this.placing.element);
    this.placing.opened();
  }

  // Degrees that a file calls WGS 84 and a Chinese map program wrote: nothing in the file tells them apart, so the person is asked.
  #datums() {
    const placed = this.found.datasets.filter((one) => Object.keys(one.geometry_types ?? {}).length);
    const said = placed.length > 0 && placed.every((one) => one.driver !== "OSM" && DEGREES.includes(one.declared_crs));
    if (!said || this.candidates.length) return null;
    const ways = [["", t("datum.file"), t("datum.file.help")], ...MAPS.map((name) => [name, name, t(`datum.${name}`)])];
    const made = radios("datum", ways, "");
    return {
      element: h("section", { class: "box", id: "datum" }, h("h3", {}, t("crs.title")), h("p", { class: "muted" }, t("datum.explain", { crs: placed[0].declared_crs })), made.element),
      value: () => made.value() || null,
    };
  }

  // Asked where the readings differ and one would do for the whole file; each file of an archive has its own else.
  #encodings() {
    const all = this.found.datasets.map((one) => one.encodings ?? []).filter((tried) => tried.length);
    const offered = all.find((tried) => new Set(tried.map((one) => String(one.sample))).size > 1);
    if (!offered || new Set(all.map(([first]) => first.name)).size > 1) return null;
    const options = offered.map((one) => [one.name, one.name, one.sample.join(" · ")]);
    const made = radios("encoding", options, offered[0].name);
    made.element.addEventListener("change", () => this.act.reread(made.value()));
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

  // --- what is sent

  #go(dry) {
    const problem = this.#problem();
    if (problem) {
      const note = h("p", { class: "note error", role: "alert" }, problem);
      if (problem === t("crs.choose")) this.map.ask(note);
      else this.tell(note);
      return;
    }
    const placement = this.#placed ? this.placing.value : null;
    this.act.run({
      choices: Object.fromEntries(this.datasets.map((dataset) => [dataset.name, dataset.sent]).filter(([, sent]) => Object.keys(sent).length)),
      crs: this.crs ?? this.datum?.value() ?? null,
      encoding: this.encoding?.value() ?? null,
      mode: this.mode.value(),
      dry_run: dry,
      ...(placement && { placement }),
    });
  }

  // Whether something of a drawing is taken, which then needs its place.
  get #placed() {
    return Boolean(this.placing) && this.datasets.some((dataset) => dataset.local);
  }

  // What keeps the import from starting, as a sentence; "" when nothing does.
  #problem() {
    if (!this.datasets.some((dataset) => dataset.taken)) {
      const open = this.datasets.find((dataset) => dataset.problem);
      return open ? open.problem : t("import.nothing");
    }
    const open = this.datasets.find((dataset) => dataset.problem);
    if (open) return open.problem;
    if (this.#open) return t("crs.choose");
    return this.#placed ? this.placing.problem : "";
  }

  // Whether the coordinates wait to be chosen.
  get #open() {
    return Boolean(this.map) && !this.crs && this.#needsCrs;
  }

  // Whether something is taken whose coordinates the file does not explain.
  get #needsCrs() {
    return Boolean(this.found.candidates) || this.datasets.some(({ wanted, found }) => wanted && found.candidates?.length && !found.declared_crs);
  }
}

// One colour for each layer of a drawing: dataset → colour.
function cadColours(datasets) {
  const drawn = datasets.filter((found) => found.local || found.cad);
  const layers = [...new Set(drawn.map((found) => found.cad?.layer ?? found.name))];
  return new Map(drawn.map((found) => [found.name, colour(layers.indexOf(found.cad?.layer ?? found.name))]));
}
