// Drawing an area on the map: a polygon corner by corner, a rectangle or a circle by two points; by mouse, finger or keyboard.

import { fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { areaName, circle, metresText, wktOf } from "./area_shape.js";
import { lengthM } from "./geodesy.js";

const DRAG = 10; // pixels from which pressing and moving is a drag, not a click
const LEAST = 1; // metres of a typed radius
const MOST = 50_000;

// Resolves to WKT, or null when it was given up or something else is being drawn. `shape`: "polygon", "rectangle", "circle".
export function drawArea(map, shape) {
  if (map.tool) return Promise.resolve(null);
  return new Promise((resolve) => new Drawing(map, shape, resolve));
}

class Drawing {
  #points = [];
  #over = null;
  #pressed = null;

  constructor(map, shape, resolve) {
    Object.assign(this, { map, shape, resolve });
    map.tool = "area";
    this.drawn = L.layerGroup().addTo(map);
    this.box = h("div", { class: "placing drawing", role: "dialog", "aria-label": t(`area.${shape}`) });
    map.getContainer().append(this.box);
    map.getContainer().classList.add("crosshair");
    L.DomEvent.disableClickPropagation(this.box);
    map.doubleClickZoom.disable();
    this.events = { click: (e) => this.#click(e), mousemove: (e) => this.#move(e), dblclick: () => this.#finish(), mousedown: (e) => this.#press(e), mouseup: (e) => this.#release(e) };
    map.on(this.events);
    this.onkey = (event) => this.#key(event);
    document.addEventListener("keydown", this.onkey, true);
    this.#bar();
    map.getContainer().focus({ preventScroll: true });
  }

  get #two() {
    return this.shape !== "polygon";
  }

  // What is drawn so far as corners; `over` is where the mouse is.
  #corners(over = this.#over) {
    const points = over && (!this.#two || this.#points.length < 2) ? [...this.#points, over] : this.#points;
    if (!this.#two) return points;
    const [one, other] = points;
    if (one && this.#typed) return circle(one, this.#typed);
    if (points.length < 2) return [];
    if (this.shape === "circle") return circle(one, lengthM([one, other]));
    const box = L.latLngBounds(one, other);
    return [box.getSouthWest(), box.getSouthEast(), box.getNorthEast(), box.getNorthWest()];
  }

  get #ready() {
    if (this.#typed) return this.#points.length > 0;
    return this.#two ? this.#points.length === 2 && lengthM(this.#points) > 0.5 : this.#points.length > 2;
  }

  // The radius of a circle in metres, where one is typed.
  get #typed() {
    const metres = Number(this.radius?.value);
    return metres >= LEAST && metres <= MOST ? metres : null;
  }

  // Where the pointer is, also over a point of a layer, whose own place Leaflet would give.
  #click({ originalEvent }) {
    if (this.#dragged) {
      this.#dragged = false;
      return;
    }
    this.#add(this.map.mouseEventToLatLng(originalEvent));
  }

  #dragged = false;

  #add(latlng) {
    this.#points.push(latlng);
    if (this.#two && (this.#points.length === 2 || this.#typed)) this.#finish();
    else this.#show();
  }

  #move({ latlng }) {
    this.#over = latlng;
    this.#show();
  }

  #press({ latlng, containerPoint }) {
    if (!this.#two || this.#points.length) return;
    this.map.dragging.disable();
    this.#pressed = { latlng, containerPoint };
    this.#points = [latlng];
  }

  #release({ latlng, containerPoint }) {
    const pressed = this.#pressed;
    if (!pressed) return;
    this.#pressed = null;
    this.map.dragging.enable();
    this.#points = [];
    if (pressed.containerPoint.distanceTo(containerPoint) < DRAG) return;
    this.#dragged = true;
    this.#points = [pressed.latlng];
    this.#add(latlng);
  }

  // The map's own keys move it; Enter takes the place under the cross, as a click would.
  #key(event) {
    const typing = event.target.closest?.("button, input, select, textarea");
    const done = { Escape: () => this.#end(null), Backspace: () => !typing && this.#back(), Enter: () => !typing && this.#add(this.map.getCenter()) }[event.key];
    if (!done || (typing && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    done();
  }

  #back() {
    this.#points.pop();
    this.#show();
  }

  #finish() {
    const corners = this.#two ? this.#points : this.#points.filter((point, i, all) => i === 0 || !point.equals(all[i - 1], 1e-7));
    this.#points = corners;
    if (this.#ready) this.#end(wktOf(this.#corners(null)));
    else this.#show();
  }

  #show() {
    const look = { color: getComputedStyle(document.documentElement).getPropertyValue("--drawn").trim(), weight: 2.5, interactive: false };
    const corners = this.#corners();
    this.drawn.clearLayers();
    if (corners.length > 1) (corners.length > 2 ? L.polygon : L.polyline)(corners, { ...look, dashArray: "6 4", fillOpacity: 0.12 }).addTo(this.drawn);
    for (const point of this.#points) L.circleMarker(point, { ...look, radius: 4, fillOpacity: 1 }).addTo(this.drawn);
    this.said.textContent = this.#size(corners);
    this.done.disabled = !this.#ready;
    this.undo.disabled = !this.#points.length;
  }

  #size(corners) {
    if (this.shape === "circle" && corners.length) return t("area.circle.of", { radius: metresText(this.#typed ?? lengthM([this.#points[0], this.#points[1] ?? this.#over])) });
    return corners.length > 2 ? areaName(wktOf(corners)) : t(`area.${this.shape}.hint`);
  }

  #bar() {
    this.said = h("span", { class: "muted", role: "status" }, t(`area.${this.shape}.hint`));
    this.undo = h("button", { type: "button", class: "quiet", disabled: true, onclick: () => this.#back() }, t("area.back"));
    this.done = h("button", { type: "button", class: "primary", disabled: true, onclick: () => this.#finish() }, t("area.done"));
    const middle = h("button", { type: "button", class: "quiet", title: t("area.middle.help"), onclick: () => this.#add(this.map.getCenter()) }, icon("plus"), t("area.middle"));
    const cancel = h("button", { type: "button", class: "quiet", onclick: () => this.#end(null) }, t("cancel"));
    fill(this.box, icon("polygon"), h("div", {}, h("strong", {}, t(`area.${this.shape}`)), this.said), this.shape === "circle" && this.#radius(), middle, this.undo, this.done, cancel);
  }

  // Typed first, one point makes the circle; typed after the middle, Enter or Done does.
  #radius() {
    const enter = (event) => event.key === "Enter" && this.#ready && this.#finish();
    this.radius = h("input", { type: "number", id: "area-radius", min: LEAST, max: MOST, step: "any", inputmode: "decimal", oninput: () => this.#show(), onkeydown: enter });
    return h("label", { class: "radius", for: "area-radius" }, t("area.radius"), this.radius);
  }

  #end(wkt) {
    const { map } = this;
    map.off(this.events);
    document.removeEventListener("keydown", this.onkey, true);
    map.dragging.enable();
    this.drawn.remove();
    this.box.remove();
    map.getContainer().classList.remove("crosshair");
    this.resolve(wkt);
    setTimeout(() => {
      map.doubleClickZoom.enable();
      map.tool = null; // after the click that ended it has gone through
    });
  }
}
