// A picture of the map: its title, how sharp, what stands on it, a preview, and the file.

import { asked } from "../core/asked.js";
import { catalogue } from "../core/catalogue.js";
import { $, field, fill, h, icon } from "../core/dom.js";
import { label, lang, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { tell } from "../core/toast.js";
import { nearText } from "../filter/near.js";
import { legendOf } from "../layers/legend.js";
import { withinText } from "../map/area_shape.js";
import { size } from "./file_facts.js";
import { picture } from "./picture.js";
import { legendRows } from "./picture_legend.js";

export class PicturePane {
  #turn = 0;
  #last = Promise.resolve(); // while one is made the map is bright and sharp: another begins when it is as before
  #url = null;

  constructor(map) {
    this.map = map;
    const anew = () => this.#make().catch(tell);
    this.title = h("input", { id: "picture-title", maxlength: 120, autocomplete: "off", onchange: anew });
    this.sharp = h("select", { id: "picture-sharp", onchange: anew }, [2, 1].map((n) => h("option", { value: n }, t(`share.picture.sharp.${n}`))));
    this.legend = h("input", { type: "checkbox", id: "picture-legend", checked: true, onchange: anew });
    this.furniture = h("input", { type: "checkbox", id: "picture-furniture", checked: true, onchange: anew });
    this.image = h("img", { class: "preview", alt: t("share.picture.preview") });
    this.told = h("p", { class: "muted", role: "status" });
    this.missing = h("p", { class: "note warn", hidden: true }, t("share.picture.missing"));
    this.save = h("a", { class: "button primary", id: "picture-save", "aria-disabled": "true" }, icon("download"), t("share.picture.save"));
    this.box = h(
      "div",
      { class: "picture-pane" },
      h(
        "div",
        { class: "export-grid" },
        field(this.title, t("share.picture.title")),
        field(this.sharp, t("share.picture.sharp")),
      ),
      h("div", { class: "field check" }, this.legend, h("label", { for: "picture-legend" }, t("share.picture.legend"))),
      h("div", { class: "field check" }, this.furniture, h("label", { for: "picture-furniture" }, t("share.picture.furniture"))),
      this.image,
      this.missing,
      h("div", { class: "actions" }, this.save, this.told),
    );
  }

  show() {
    this.title.value = subjectTitle();
    return this.#make();
  }

  // The newest wish counts; an older picture that comes later is dropped.
  async #make() {
    const turn = (this.#turn += 1);
    this.save.setAttribute("aria-disabled", "true");
    this.told.textContent = t("share.picture.making");
    await this.#last;
    if (turn !== this.#turn) return;
    const made = this.#drawn();
    this.#last = made.catch(() => null);
    const { canvas, missing } = await made;
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    if (turn !== this.#turn) return;
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = URL.createObjectURL(blob);
    this.image.src = this.save.href = this.#url;
    this.save.download = `${fileName(this.title.value)}.png`;
    this.save.setAttribute("aria-disabled", "false");
    this.missing.hidden = missing === 0;
    fill(this.told, t("share.picture.size", { w: canvas.width, h: canvas.height, size: size(blob.size) }));
  }

  async #drawn() {
    return picture(this.map, await this.#about(), Number(this.sharp.value));
  }

  async #about() {
    const { kind, banner, metric_crs: crs } = catalogue.state;
    const said = asked.question ? [$("#sentence")?.textContent].filter(Boolean) : [];
    const made = t("share.picture.made", { date: today() });
    const credit = this.map.attributionControl?.getContainer()?.textContent?.trim();
    return {
      title: this.title.value.trim() || subjectTitle(),
      lines: [...said, ...conditions(this.map)],
      banner: kind === "demo" ? [t("banner.demo"), banner].filter(Boolean).join(" · ") : null,
      legend: this.legend.checked ? await legendRows(this.map) : [],
      furniture: this.furniture.checked,
      notes: [generalised(this.map), [made, kind !== "demo" && banner, crs && t("share.picture.crs", { crs }), t("share.picture.north"), credit].filter(Boolean).join(" · ")].filter(Boolean),
    };
  }
}

// What is asked or listed; else what the map is of.
function subjectTitle() {
  if (asked.question) return label(asked.question.title);
  if (asked.table) return label(catalogue.layers.get(asked.table).label);
  return document.title;
}

// Where is asked, and under which conditions: the filters of what is asked and of the layers that are drawn.
function conditions(map) {
  const { community, compound, within, near, filters } = state.value;
  const place = asked.collection ? [community, compound, within && withinText(within), near && nearText(state.value)] : [];
  const drawn = legendOf(map).map(({ id }) => id);
  const own = [...new Set([asked.collection, asked.subject, ...drawn])].filter((id) => filters[id]);
  const named = (id) => label(catalogue.questions.get(id)?.title ?? catalogue.layers.get(id)?.label);
  return [...place, ...own.map((id) => `${named(id)}: ${filters[id]}`)].filter(Boolean);
}

// What large layers draw in place of shapes at this zoom: nothing is left out without a word.
function generalised(map) {
  const all = [...(map.tileGrids ?? [])].map((grid) => grid.generalised);
  const [points, counted] = ["points", "counted"].map((name) => all.reduce((sum, one) => sum + one[name], 0));
  return points + counted > 0 ? t("share.picture.generalised", { points, counted }) : null;
}

const today = () => new Intl.DateTimeFormat(lang === "en" ? "en-GB" : "zh-CN", { dateStyle: "medium" }).format(new Date());

const fileName = (title) => `${title}`.replace(/[\\/:*?"<>|\s]+/g, " ").trim().slice(0, 80) || "yuantu";
