// Where is asked: an area that is drawn, a community or compound, nearness, the map's view; each a chip that can be taken away.

import { call, get } from "../core/api.js";
import { asked } from "../core/asked.js";
import { catalogue, changes } from "../core/catalogue.js";
import { fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { pressed } from "../core/pressed.js";
import { state } from "../core/state.js";
import { tell, toast } from "../core/toast.js";
import { group, test, write } from "../filter/cql2.js";
import { nearForm, nearText } from "../filter/near.js";
import { areaName, outlineOf, ringsOf, touches, withinOf, withinText } from "../map/area_shape.js";
import { drawArea } from "../map/draw_area.js";
import { Inside } from "./inside.js";
import { isNarrow, show } from "./sheets.js";

const LONGEST = 1500; // characters of an outline that an address carries
const CORNERS = 100;
const SUGGESTED = 20;
const TYPED = 200;

const SHAPES = ["polygon", "rectangle", "circle"];

export class AreaBar {
  #open = false;
  #kept = new Map(); // name of a kept area → its WKT
  #communities = null;
  #typed = 0;
  #near = {}; // id of a field of nearness → what was typed into it and not asked yet
  #touching = false; // how the next area is asked
  #wish = 0; // counts what was asked for: the newest counts

  constructor(root, map) {
    this.root = root;
    this.map = map;
    this.drawn = L.layerGroup().addTo(map);
    this.inside = new Inside(() => this.#toggle());
    this.panel = h("div", { class: "area-panel", id: "area-panel", role: "dialog", "aria-label": t("area.title"), hidden: true });
    this.chips = h("div", { class: "area-chips", role: "group", "aria-label": t("area.chips") });
    this.button = h("button", { type: "button", class: "area-button", "aria-expanded": "false", "aria-controls": "area-panel", onclick: () => this.#toggle() }, icon("polygon"), h("span", {}, t("area.title")));
    fill(root, h("div", { class: "area-line" }, this.button, this.chips), this.panel);
    L.DomEvent.disableClickPropagation(root);
    L.DomEvent.disableScrollPropagation(root);
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.#open && (event.stopPropagation(), this.#toggle(), this.button.focus()));
    state.on(["near", "nearFilter"], () => (this.#near = {}));
    state.on(["community", "compound", "within", "near", "nearFilter", "inView", "question", "table"], () => this.render());
    state.on(["selected"], () => this.#open && this.#body());
    catalogue.addEventListener("loaded", () => this.render());
    changes.addEventListener("changed", () => (this.#communities = null));
    map.on("click", () => this.#open && this.#toggle());
    document.addEventListener("pointerdown", ({ target }) => this.#open && !root.contains(target) && !map.getContainer().contains(target) && this.#toggle());
    addEventListener("themechange", () => this.#draw().catch(tell));
  }

  #toggle() {
    this.#open = !this.#open;
    this.panel.hidden = !this.#open;
    this.button.setAttribute("aria-expanded", String(this.#open));
    if (!this.#open) return;
    if (isNarrow()) show(null); // a sheet would lie over it
    this.#body();
    this.panel.querySelector("button, select, input")?.focus({ preventScroll: true });
  }

  render() {
    if (!catalogue.layers.size || pressed(this.root, () => this.render())) return;
    const { community, compound, within, near, inView } = state.value;
    const some = community || compound || within || near || inView;
    fill(
      this.chips,
      compound && this.#chip("compound", t("area.compound.of", { name: compound }), { compound: null }),
      community && this.#chip("community", t("area.community.of", { name: community }), { community: null }),
      within && this.#chip("within", this.#withinName(within), { within: null }),
      near && this.#chip("near", nearText(state.value), { near: null, nearFilter: null }),
      inView && this.#chip("in-view", t("area.view"), { inView: false }),
      some && !asked.collection && h("button", { type: "button", class: "chip hint", title: t("area.unasked"), onclick: () => this.#open || this.#toggle() }, t("area.what")),
    );
    this.root.dataset.some = some ? "true" : "";
    if (this.#open) this.#body();
    this.#draw().catch(tell);
  }

  #chip(kind, said, without) {
    const drop = () => {
      state.set(without, { push: true });
      this.button.focus({ preventScroll: true });
    };
    const zoom = () => this.drawn.getLayers().length && this.map.fitBounds(L.featureGroup(this.drawn.getLayers()).getBounds(), { padding: [30, 30] });
    const name = kind === "within" ? h("button", { type: "button", class: "link", title: t("area.zoom"), onclick: zoom }, said) : h("span", {}, said);
    return h("span", { class: "chip place", data: { place: kind } }, name, h("button", { type: "button", class: "round", title: t("area.drop"), "aria-label": t("area.drop.of", { name: said }), onclick: drop }, icon("close")));
  }

  #withinName(within) {
    const outline = outlineOf(within);
    return withinText(withinOf(this.#kept.get(outline) ?? outline, touches(within)));
  }

  async #draw() {
    const { within } = state.value;
    const outline = within && outlineOf(within);
    const wkt = outline?.startsWith("@") ? await this.#outline(outline) : outline;
    if (within !== state.value.within) return; // another one is drawn by now
    this.drawn.clearLayers();
    if (!wkt) return;
    const look = { color: getComputedStyle(document.documentElement).getPropertyValue("--drawn").trim(), weight: 2, dashArray: "8 5", fill: false, interactive: false };
    L.polygon(ringsOf(wkt).map((ring) => [ring]), look).addTo(this.drawn);
  }

  async #outline(name) {
    if (!this.#kept.has(name)) {
      const { wkt } = await get(`/api/areas/${encodeURIComponent(name.slice(1))}`);
      this.#kept.set(name, wkt);
      this.render();
    }
    return this.#kept.get(name);
  }

  // Takes a change of the place if the server can ask there.
  async #apply(change) {
    const wish = (this.#wish += 1);
    let problem = null;
    try {
      const next = { ...asked.place(), ...Object.fromEntries(Object.entries(change).map(([key, value]) => [key === "nearFilter" ? "near-filter" : key, value])) };
      ({ problem } = await get(`/api/asks/${asked.collection ?? "compounds"}`, next));
    } catch (error) {
      return tell(error);
    }
    if (wish !== this.#wish) return undefined;
    return problem ? toast(problem.detail, { kind: "error", seconds: 15 }) : state.set(change, { push: true });
  }

  async #drawing(shape) {
    this.#toggle();
    const wkt = await drawArea(this.map, shape);
    this.button.focus({ preventScroll: true });
    if (!wkt) return;
    try {
      await this.#apply({ within: withinOf(await kept(wkt), this.#touching) });
    } catch (error) {
      tell(error);
    }
  }

  // the panel ---------------------------------------------------------------------------------------------------------------

  #body() {
    const { community, compound, inView } = state.value;
    const held = this.panel.contains(document.activeElement) ? document.activeElement.id : "";
    const shapes = SHAPES.map((shape) => h("button", { type: "button", onclick: () => this.#drawing(shape), data: { shape } }, t(`area.${shape}`)));
    const select = h("select", { id: "area-community", onchange: (event) => this.#apply({ community: event.target.value || null }) }, h("option", { value: "" }, t("area.everywhere")));
    this.#fillCommunities(select, community);
    const view = h("label", { class: "field check" }, h("input", { type: "checkbox", id: "area-view", checked: inView, onchange: (event) => state.set({ inView: event.target.checked }, { push: true }) }), h("span", {}, t("area.view.only")));
    fill(
      this.panel,
      this.inside.element,
      h("h2", {}, t("area.draw")),
      h("div", { class: "shapes" }, shapes),
      this.#counts(),
      h("div", { class: "two" },
        h("div", { class: "field" }, h("label", { for: "area-community" }, t("area.community")), select),
        h("div", { class: "field" }, h("label", { for: "area-compound" }, t("area.compound")), this.#compound(compound)),
      ),
      view,
      h("h2", {}, t("area.near")),
      nearForm((change) => this.#apply(change), this.#near),
    );
    if (held) document.getElementById(held)?.focus({ preventScroll: true });
  }

  // What counts as in a drawn area: of one that is asked at once, else of the next.
  #counts() {
    const { within } = state.value;
    if (within) this.#touching = touches(within);
    const choose = (touching) => {
      this.#touching = touching;
      if (within) this.#apply({ within: withinOf(outlineOf(within), touching) });
    };
    const choice = (touching, id) => h("label", { class: "field check" }, h("input", { type: "radio", name: "area-counts", id, checked: this.#touching === touching, onchange: () => choose(touching) }), h("span", {}, t(id.replace("-", "."))));
    return h("fieldset", { class: "counts" }, h("legend", {}, t("area.counts")), choice(false, "area-inside"), choice(true, "area-touching"));
  }

  async #fillCommunities(select, chosen) {
    this.#communities ??= communities().catch((error) => ((this.#communities = null), tell(error), []));
    const names = await this.#communities;
    select.append(...[...new Set([...names, chosen].filter(Boolean))].map((name) => h("option", { value: name, selected: name === chosen }, name)));
  }

  #compound(value) {
    const list = h("datalist", { id: "area-compounds" });
    const ask = async (text) => {
      const names = await compounds(text).catch(tell);
      if (names && text === input.value.trim()) fill(list, names.map((name) => h("option", { value: name })));
    };
    const suggest = (text) => {
      clearTimeout(this.#typed);
      this.#typed = setTimeout(() => ask(text), TYPED);
    };
    const input = h("input", { id: "area-compound", type: "search", list: "area-compounds", autocomplete: "off", placeholder: t("area.compound.hint"), value: value ?? "", oninput: (event) => suggest(event.target.value.trim()), onchange: (event) => this.#apply({ compound: event.target.value.trim() || null }) });
    return [input, list];
  }
}

// The outline itself if an address can carry it, else the name under which it is kept now.
async function kept(wkt) {
  if (wkt.length <= LONGEST && wkt.split(",").length - 1 <= CORNERS) return wkt;
  const { body } = await call("POST", "/api/areas", { json: { wkt, title: areaName(wkt) } });
  return `@${body.name}`;
}

async function communities() {
  const { features } = await get("/ogc/collections/communities/items", { properties: "name,code", limit: 1000, sortby: "name" });
  const named = features.map(({ properties: { name, code } }) => name ?? code).filter(Boolean);
  if (named.length) return named;
  const { fields } = await get("/api/statistics/compounds", { fields: "community" });
  return fields[0].values.map(({ value }) => value).sort();
}

async function compounds(text) {
  if (!text) return [];
  const filter = write(group("or", [test("name", "has", [text]), test("code", "has", [text])]));
  const { features } = await get("/ogc/collections/compounds/items", { filter, properties: "name,code", limit: SUGGESTED });
  return features.map(({ properties: { name, code } }) => name ?? code).filter(Boolean);
}
