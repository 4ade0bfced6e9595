// Placing a feature: a click for a point, Leaflet-Geoman for a line or an outline, and moving the corners of what is there.

import { fill, h, icon } from "../core/dom.js";
import { lang, t } from "../core/i18n.js";

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

const DRAWN = { color: "#0b5fff", weight: 3, fillOpacity: 0.15 };

export class Placing {
  #finish = null;

  constructor(map) {
    this.map = map;
    this.box = h("div", { class: "placing", role: "dialog", "aria-label": t("place.title"), hidden: true });
    map.getContainer().append(this.box);
    L.DomEvent.disableClickPropagation(this.box);
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.#finish?.(null));
  }

  get busy() {
    return this.#finish !== null;
  }

  // Resolves to a GeoJSON geometry, or null when the user gave up. `shape`: "point", "line", "area"; `title` names the feature.
  async place(shape, title) {
    this.#finish?.(null);
    if (shape !== "point") await loadGeoman(this.map);
    return new Promise((resolve) => this.#begin(resolve, shape, title));
  }

  // Move the corners of what is there; resolves as `place` does.
  async reshape(geometry, title) {
    this.#finish?.(null);
    await loadGeoman(this.map);
    return new Promise((resolve) => {
      const layer = L.geoJSON(geometry, {
        style: DRAWN,
        renderer: L.svg(),
        pmIgnore: false,
        pointToLayer: (_, at) => L.marker(at, { icon: pinIcon(), draggable: true }),
      }).addTo(this.map);
      this.#open(resolve, title, t("place.reshape"), () => layer.remove());
      layer.eachLayer((part) => part.pm?.enable({ allowSelfIntersection: false, draggable: true }));
      this.#confirm(() => merge(layer.toGeoJSON(15), geometry.type));
    });
  }

  #begin(resolve, shape, title) {
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
    const onClick = ({ latlng }) => take(L.marker(latlng, { icon: pinIcon(), draggable: true }));
    const onCreate = ({ layer }) => take(layer);
    this.#open(resolve, title, t(`place.${shape}`), clean);
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

  #open(resolve, title, hint, clean) {
    this.map.tool = "place";
    this.map.getContainer().classList.add("crosshair");
    this.#finish = (geometry) => {
      this.#finish = null;
      clean();
      this.map.tool = null;
      this.map.getContainer().classList.remove("crosshair");
      this.box.hidden = true;
      resolve(geometry);
    };
    this.save = h("button", { type: "button", class: "primary", disabled: true }, t("place.save"));
    const cancel = h("button", { type: "button", class: "quiet", onclick: () => this.#finish(null) }, t("cancel"));
    fill(this.box, icon("pin"), h("div", {}, h("strong", {}, title), h("p", { class: "muted" }, hint)), this.save, cancel);
    this.box.hidden = false;
    cancel.focus({ preventScroll: true });
  }

  #confirm(geometry) {
    this.save.disabled = false;
    this.save.onclick = () => this.#finish(geometry());
  }
}

const pinIcon = () => L.divIcon({ className: "pin", iconSize: [18, 18], html: "" });

// The parts of an edited layer as one geometry of the kind it had.
function merge(collection, type) {
  const parts = collection.features.map((feature) => feature.geometry);
  if (parts.length === 1) return parts[0];
  return { type: type.startsWith("Multi") ? type : `Multi${type}`, coordinates: parts.map((part) => part.coordinates) };
}
