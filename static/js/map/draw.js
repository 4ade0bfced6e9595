// Placing a feature: a click for a point, Leaflet-Geoman for a line or an outline, and moving the corners of what is there.

import { fill, h, icon } from "../core/dom.js";
import { lang, t } from "../core/i18n.js";
import { TypedPlace } from "./typed_place.js";

let geoman = null;

// Leaflet-Geoman is fetched when something is first drawn.
function loadGeoman(map) {
  geoman ??= new Promise((resolve, reject) => {
    const base = document.documentElement.dataset.vendor;
    document.head.append(h("link", { rel: "stylesheet", href: `${base}/leaflet-geoman/leaflet-geoman.css` }));
    document.head.append(
      h("script", {
        src: `${base}/leaflet-geoman/leaflet-geoman.min.js`,
        onload: resolve,
        onerror: () => reject(new Error(t("error.offline"))),
      }),
    );
  });
  return geoman.then(() => {
    if (!map.pm) L.PM.reInitLayer?.(map);
    map.pm ??= new L.PM.Map(map);
    map.pm.setLang(lang);
  });
}

const KINDS = { point: "Point", line: "LineString", area: "Polygon" };
const DRAWN = { color: "#0b5fff", weight: 3, fillOpacity: 0.15 };

export class Placing {
  #finish = null;

  constructor(map) {
    this.map = map;
    this.box = h("div", { class: "placing", role: "dialog", "aria-label": t("place.title"), hidden: true });
    map.getContainer().append(this.box);
    L.DomEvent.disableClickPropagation(this.box);
    document.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.#finish && (event.preventDefault(), this.#finish(null)));
  }

  get busy() {
    return this.#finish !== null;
  }

  // Why, in the user's words, as it was written beside the last drawing.
  why = "";

  // Resolves to a GeoJSON geometry, or null when the user gave up. `shape`: "point", "line", "area"; `title` names the feature; `save`, `hint`: other
  // words of the button and of what to do.
  async place(shape, title, { hint = t(`place.${shape}`), save = t("place.save") } = {}) {
    this.#finish?.(null);
    if (shape !== "point") await loadGeoman(this.map);
    return new Promise((resolve) => this.#begin(resolve, shape, title, hint, save));
  }

  // Two geometries of one feature are shown; resolves to whether mine is taken.
  choose(mine, theirs, title) {
    this.#finish?.(null);
    return new Promise((resolve) => {
      const draw = (geometry, look) => L.geoJSON(geometry, { style: look, renderer: L.svg(), pmIgnore: true, pointToLayer: (_, at) => L.circleMarker(at, { ...look, radius: 9 }) }).addTo(this.map);
      const shapes = [theirs && draw(theirs, presentLook()), draw(mine, DRAWN)].filter(Boolean);
      this.map.fitBounds(L.featureGroup(shapes).getBounds().pad(0.4), { maxZoom: 19 });
      this.#open((taken) => resolve(taken === true), title, t("merge.place"), () => shapes.forEach((shape) => shape.remove()), t("merge.place.mine"));
      this.#confirm(() => true);
      this.cancel.textContent = t("merge.place.theirs");
    });
  }

  // Move the corners of what is there; resolves as `place` does.
  async reshape(geometry, title) {
    this.#finish?.(null);
    await loadGeoman(this.map);
    return new Promise((resolve) => {
      let layer = null;
      const present = () => merge(layer.toGeoJSON(15), geometry.type);
      const show = (shape) => {
        layer?.remove();
        layer = L.geoJSON(shape, { style: DRAWN, renderer: L.svg(), pmIgnore: false, pointToLayer: (_, at) => pin(at) });
        layer.addTo(this.map).eachLayer((part) => part.pm?.enable({ allowSelfIntersection: false, draggable: true }));
        this.#seen(layer.getBounds());
      };
      show(geometry);
      const typed = new TypedPlace(this.map, { model: geometry, present, take: show });
      this.#open(resolve, title, t("place.reshape"), () => layer.remove(), t("place.save"), { asked: true, typed });
      this.#confirm(present);
    });
  }

  // What was typed may lie elsewhere.
  #seen(bounds) {
    if (!this.map.getBounds().contains(bounds)) this.map.fitBounds(bounds, { maxZoom: 19, padding: [60, 60], animate: false });
  }

  #begin(resolve, shape, title, hint, save) {
    let drawn = null;
    const clean = () => {
      this.map.off("click", onClick);
      this.map.off("pm:create", onCreate);
      this.map.pm?.disableDraw();
      drawn?.remove();
    };
    const take = (layer) => {
      drawn?.remove();
      drawn = layer.addTo(this.map);
      this.#confirm(() => drawn.toGeoJSON(15).geometry);
    };
    // Where the pointer is: of a click on a point that is there Leaflet gives the point's own place.
    const onClick = ({ originalEvent }) => take(pin(this.map.mouseEventToLatLng(originalEvent)));
    const onCreate = ({ layer }) => take(layer);
    const typed = new TypedPlace(this.map, {
      model: { type: KINDS[shape], coordinates: [] },
      present: () => drawn?.toGeoJSON(15).geometry ?? null,
      take: (geometry) => {
        this.map.pm?.disableDraw();
        L.geoJSON(geometry, { style: DRAWN, pointToLayer: (_, at) => pin(at) }).eachLayer(take);
        this.#seen(L.geoJSON(geometry).getBounds());
      },
    });
    this.#open(resolve, title, hint, clean, save, { typed });
    if (shape === "point") this.map.on("click", onClick);
    else {
      this.map.on("pm:create", onCreate);
      this.map.pm.enableDraw(shape === "line" ? "Line" : "Polygon", {
        allowSelfIntersection: shape === "line",
        templineStyle: DRAWN,
        hintlineStyle: { ...DRAWN, dashArray: "5 5" },
        pathOptions: DRAWN,
        tooltips: false,
      });
    }
  }

  #open(resolve, title, hint, clean, save, { asked = false, typed = null } = {}) {
    const before = document.activeElement;
    this.map.tool = "place";
    this.map.getContainer().classList.add("crosshair");
    const pane = this.map.getPane("markerPane");
    const corners = new MutationObserver(() => mute(pane));
    corners.observe(pane, { childList: true });
    mute(pane);
    this.#finish = (geometry) => {
      this.#finish = null;
      corners.disconnect();
      clean();
      this.map.tool = null;
      this.map.getContainer().classList.remove("crosshair");
      this.box.hidden = true;
      this.why = reason ? reason.value.trim() : "";
      if (before.isConnected) before.focus({ preventScroll: true });
      resolve(geometry);
    };
    this.save = h("button", { type: "button", class: "primary save", disabled: true }, save);
    const reason = asked && h("input", { type: "text", maxlength: 1000, placeholder: t("edit.reason.hint"), "aria-label": t("edit.reason") });
    this.cancel = h("button", { type: "button", class: "quiet cancel", onclick: () => this.#finish(null) }, t("cancel"));
    fill(this.box, icon("pin"), h("div", {}, h("strong", {}, title), h("p", { class: "muted" }, hint)), reason, typed?.button, this.save, this.cancel, typed?.panel);
    this.box.hidden = false;
    this.cancel.focus({ preventScroll: true });
  }

  #confirm(geometry) {
    this.save.disabled = false;
    this.save.onclick = () => this.#finish(geometry());
  }
}

// The ink of the page, so that it is seen on a dark map too.
const presentLook = () => ({ color: getComputedStyle(document.documentElement).getPropertyValue("--ink").trim(), weight: 3, dashArray: "2 7", fillOpacity: 0.05 });

const pin = (at) => L.marker(at, { icon: L.divIcon({ className: "pin", iconSize: [18, 18], html: "" }), draggable: true, keyboard: false });

// The corners to be dragged have no names and do nothing by keys: for the keyboard and for readers there are the typed coordinates.
function mute(pane) {
  for (const corner of pane.children) {
    for (const name of ["role", "tabindex"]) corner.removeAttribute(name);
    corner.setAttribute("aria-hidden", "true");
  }
}

// The parts of an edited layer as one geometry of the kind it had.
function merge(collection, type) {
  const parts = collection.features.map((feature) => feature.geometry);
  if (parts.length === 1) return parts[0];
  return { type: type.startsWith("Multi") ? type : `Multi${type}`, coordinates: parts.map((part) => part.coordinates) };
}
