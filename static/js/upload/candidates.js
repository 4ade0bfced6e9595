// Where each reading of undeclared coordinates would put the data, beside what is there: the user picks the one that fits.

import { fill, h } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { tell } from "../core/toast.js";
import { colour } from "./colours.js";
import { Ground } from "./ground.js";

const FIRST = 5; // candidates shown at first; the others are asked for
const DEGREES = new Set(["GCJ-02", "BD-09", "EPSG:4326", "EPSG:4490"]);

export class CandidateMap {
  #groups = [];

  // `said`: the systems that the file itself names; to confirm one comes first.
  constructor(candidates, choose, said = []) {
    this.said = said;
    const own = ({ crs }) => Number(said.includes(crs));
    this.candidates = [...candidates].sort((a, b) => own(b) - own(a) || Number(b.fits) - Number(a.fits) || (a.distance_km ?? 0) - (b.distance_km ?? 0));
    this.choose = choose;
    this.asked = h("div", { "aria-live": "assertive" });
    this.frame = h("div", { class: "candidate-map", role: "img", "aria-label": t("crs.map") });
    this.list = h(
      "div",
      { class: "options", role: "radiogroup", "aria-label": t("crs.title") },
      this.candidates.slice(0, FIRST).map((one, i) => this.#option(one, i)),
    );
    this.shown = Math.min(FIRST, this.candidates.length);
    const rest = this.candidates.length - this.shown;
    this.more = rest > 0 && h("button", { type: "button", class: "link more", onclick: () => this.#rest() }, t("crs.more", { n: rest }));
    const help = this.candidates.filter((one) => DEGREES.has(one.crs)).length > 1 && h("p", { class: "note" }, t("crs.degrees"));
    this.element = h("div", { class: "candidates" }, h("div", { class: "choose" }, this.asked, help, this.list, this.more), this.frame);
  }

  // The map can only be made when its frame is in the page.
  opened() {
    this.ground = new Ground(this.frame);
    this.map = this.ground.map;
    this.candidates.slice(0, this.shown).forEach((one, i) => this.#draw(one, i));
    this.#fit();
    this.#there().catch(tell);
  }

  close() {
    this.ground?.remove();
  }

  // Leads to the choice that has not been made; the note stands beside it until it is.
  ask(note) {
    fill(this.asked, note);
    this.element.scrollIntoView({ block: "center" });
    this.list.querySelector("input")?.focus({ preventScroll: true });
  }

  #rest() {
    this.candidates.slice(this.shown).forEach((one, i) => {
      this.list.append(this.#option(one, this.shown + i));
      this.#draw(one, this.shown + i);
    });
    this.shown = this.candidates.length;
    this.more.remove();
    this.list.querySelector(`#crs-${FIRST}`)?.focus();
  }

  #option(one, i) {
    const input = h("input", { type: "radio", name: "crs", value: one.crs, id: `crs-${i}`, onchange: () => this.#chosen(one, i) });
    const where = whereText(one);
    return h(
      "label",
      { class: "option", for: input.id },
      input,
      numbered(i),
      h("span", {}, h("b", {}, nameOf(one)), h("span", { class: "muted" }, `${one.crs} · ${where}`)),
    );
  }

  #chosen(one, i) {
    this.choose(one.crs);
    fill(this.asked);
    this.#groups.forEach((group, j) => {
      group.setStyle({ opacity: i === j ? 1 : 0.3, fillOpacity: i === j ? 0.35 : 0.05 });
      group.number.setOpacity(i === j ? 1 : 0.55).setZIndexOffset(i === j ? 1000 : 0);
    });
    this.#groups[i].bringToFront();
    const bounds = this.#groups[i].getBounds();
    this.map.flyToBounds(this.thereBounds && one.fits ? bounds.extend(this.thereBounds) : bounds, {
      padding: [30, 30],
      maxZoom: 17,
      duration: 0.4,
    });
  }

  #draw(one, i) {
    const look = { color: colour(i), weight: 2, fillOpacity: 0.2, interactive: false };
    const group = L.featureGroup();
    for (const geometry of one.sample ?? [])
      L.geoJSON(geometry, { style: look, pointToLayer: (_, at) => L.circleMarker(at, { ...look, radius: 4 }) }).eachLayer((layer) =>
        group.addLayer(layer),
      );
    const centre = L.latLngBounds(boundsOf(one)).getCenter();
    group.addLayer(L.circleMarker(centre, { ...look, radius: 7, fillOpacity: 0.8 }));
    const icon = L.divIcon({ className: "candidate-pin", iconSize: [22, 22], html: numbered(i) });
    group.number = L.marker(centre, { icon, interactive: false, keyboard: false }).addTo(this.map);
    this.#groups.push(group.addTo(this.map));
  }

  #fit() {
    const fitting = this.#groups.filter((_, i) => this.candidates[i].fits);
    const shown = fitting.length ? fitting : this.#groups.slice(0, 3);
    const bounds = L.latLngBounds(shown.map((group) => group.getBounds()));
    this.map.fitBounds(this.thereBounds && fitting.length ? bounds.extend(this.thereBounds) : bounds, {
      padding: [30, 30],
      maxZoom: 17,
      animate: false,
    });
  }

  // What the store has already, as a plain grey ground.
  async #there() {
    this.thereBounds = await this.ground.whole();
    if (!this.said.length) this.element.previousSibling.textContent = t(this.thereBounds ? "crs.explain" : "crs.explain.alone");
    if (this.thereBounds) this.#fit();
  }
}

// How well it fits, and the place itself in degrees, which tells a planner the county even where there is nothing to compare with.
function whereText(one) {
  const { lat, lng } = L.latLngBounds(boundsOf(one)).getCenter();
  const place = t("crs.centre", { lon: Number(lng.toFixed(3)), lat: Number(lat.toFixed(3)) });
  if (one.distance_km === null) return place;
  return `${one.fits ? t("crs.fits") : t("crs.away", { km: Math.round(one.distance_km * 10) / 10 })} · ${place}`;
}

const nameOf = (one) => label(one.label) || label({ zh: one.label_zh, en: one.label_en }) || one.crs;

function numbered(i) {
  const mark = h("span", { class: "candidate-no", "aria-hidden": "true" }, String(i + 1));
  mark.style.setProperty("--swatch", colour(i));
  return mark;
}

const boundsOf = ({ bounds: [west, south, east, north] }) => [
  [south, west],
  [north, east],
];
