// The map's own controls: tools, scale in metres, coordinates under the pointer, legend of the layers that are on.

import { fill, h, icon } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { project, zone } from "./geodesy.js";
import { Measure } from "./measure.js";
import { sample } from "./swatch.js";

const place = (map, box, position) => {
  const control = L.control({ position });
  control.onAdd = () => {
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    return box;
  };
  control.addTo(map);
};

export class MapTools {
  addTo(map) {
    const measure = new Measure(map);
    const button = (name, key, run) =>
      h("button", { type: "button", class: "tool", title: t(key), "aria-label": t(key), onclick: run }, icon(name));
    const length = button("ruler", "map.measure.length", () => measure.toggle("length"));
    const area = button("area", "map.measure.area", () => measure.toggle("area"));
    measure.onchange = (mode) => {
      length.setAttribute("aria-pressed", String(mode === "length"));
      area.setAttribute("aria-pressed", String(mode === "area"));
    };
    const box = h(
      "div",
      { class: "tools leaflet-bar", role: "toolbar", "aria-label": t("map.tools") },
      button("plus", "map.zoom.in", () => map.zoomIn(1)),
      button("minus", "map.zoom.out", () => map.zoomOut(1)),
      button("extent", "map.zoom.all", () => map.fire("home")),
      length,
      area,
      document.fullscreenEnabled && button("screen", "map.fullscreen", fullScreen),
    );
    place(map, box, "topright");
    return this;
  }
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
}

export class MetricScale {
  addTo(map) {
    L.control.scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
    return this;
  }
}

export class Coordinates {
  addTo(map) {
    const box = h("output", { class: "coordinates", "aria-label": t("map.coordinates"), hidden: true });
    place(map, box, "bottomleft");
    map.on("mousemove", ({ latlng }) => {
      box.hidden = false;
      fill(box, ...this.#lines(latlng, map.metricCrs));
    });
    map.on("mouseout", () => (box.hidden = true));
    return this;
  }

  #lines({ lat, lng }, crs) {
    const degrees = h("span", {}, `${lng.toFixed(6)}°, ${lat.toFixed(6)}°`);
    const known = zone(crs);
    if (!known) return [degrees];
    const { east, north } = project(lat, lng, known);
    return [degrees, h("span", { class: "muted" }, `${crs}  E ${east.toFixed(1)}  N ${north.toFixed(1)}`)];
  }
}

export class Legend {
  addTo(map) {
    map.legend = this;
    return this;
  }

  // The rows of one layer: its classes, or nothing when one colour says it all.
  rows(layer) {
    return layer.style.classes.map((entry) => h("li", {}, sample(layer, entry), h("span", {}, label(entry.label))));
  }
}

// A small sample of how a layer is drawn, or one of its classes.
export function swatch(layer, color = layer.style.color, dash = layer.style.dash) {
  const entry = layer.style.classes?.find((one) => one.color === color) ?? {};
  return sample(layer, { ...entry, color, dash });
}
