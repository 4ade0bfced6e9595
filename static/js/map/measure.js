// Measuring on the map: lengths and areas on the WGS 84 ellipsoid, point by point.

import { fill, h, icon } from "../core/dom.js";
import { number, t } from "../core/i18n.js";
import { areaM2, lengthM } from "./geodesy.js";

export class Measure {
  #points = [];
  #mode = null;
  #drawn = L.layerGroup();
  onchange = () => {};

  constructor(map) {
    this.map = map;
    this.box = h("div", { class: "measure", role: "status", hidden: true });
    map.getContainer().append(this.box);
    L.DomEvent.disableClickPropagation(this.box);
    map.on("click", ({ latlng }) => this.#add(latlng));
    map.on("dblclick", () => this.#mode && this.#points.splice(-1));
    document.addEventListener("keydown", (event) => this.#mode && !event.defaultPrevented && this.#key(event));
  }

  toggle(mode) {
    if (this.#mode === mode) return this.#stop();
    this.#stop();
    if (this.map.tool) return undefined;
    this.#mode = this.map.tool = mode;
    this.#drawn.addTo(this.map);
    this.map.doubleClickZoom.disable();
    this.map.getContainer().classList.add("crosshair");
    this.box.hidden = false;
    this.#show();
    this.map.getContainer().focus({ preventScroll: true });
    return this.onchange(mode);
  }

  // The map's own keys move it; Enter takes the place under the cross, as a click would.
  #key(event) {
    const onMap = event.target === this.map.getContainer();
    const run = { Escape: () => this.#stop(), Enter: onMap && (() => this.#add(this.map.getCenter())), Backspace: onMap && (() => (this.#points.pop(), this.#show())) }[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  }

  #stop() {
    if (!this.#mode) return;
    if (this.box.contains(document.activeElement)) this.map.getContainer().focus({ preventScroll: true });
    this.#mode = this.map.tool = null;
    this.#points = [];
    this.#drawn.clearLayers().remove();
    this.map.doubleClickZoom.enable();
    this.map.getContainer().classList.remove("crosshair");
    this.box.hidden = true;
    this.onchange(null);
  }

  #add(latlng) {
    if (!this.#mode) return;
    this.#points.push(latlng);
    this.#show();
  }

  #show() {
    this.#drawn.clearLayers();
    const look = { color: "#12263f", weight: 2.5, dashArray: "6 4", interactive: false, fillOpacity: 0.12 };
    const shape = this.#mode === "area" ? L.polygon : L.polyline;
    if (this.#points.length) shape(this.#points, look).addTo(this.#drawn);
    for (const point of this.#points)
      L.circleMarker(point, { radius: 4, color: "#12263f", fillColor: "#fff", fillOpacity: 1, weight: 2, interactive: false }).addTo(
        this.#drawn,
      );
    fill(
      this.box,
      h("strong", {}, this.#text()),
      h("span", { class: "muted" }, t(this.#points.length ? "map.measure.note" : "map.measure.start")),
      h("button", { type: "button", class: "round", "aria-label": t("close"), onclick: () => this.#stop() }, icon("close")),
    );
  }

  #text() {
    if (this.#mode === "area") return areaText(areaM2(this.#points));
    return lengthText(lengthM(this.#points));
  }
}

const lengthText = (metres) =>
  metres < 10000
    ? `${number(Number(metres.toFixed(metres < 100 ? 1 : 0)))} ${t("unit.m")}`
    : `${number(Number((metres / 1000).toFixed(2)))} ${t("unit.km")}`;
const areaText = (square) =>
  square < 100000 ? `${number(Math.round(square))} ${t("unit.m2")}` : `${number(Number((square / 10000).toFixed(2)))} ${t("unit.ha")}`;
