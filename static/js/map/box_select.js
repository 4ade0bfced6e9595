// A box drawn over the map to choose what meets it: by mouse, by touch, or by two clicks; Escape gives up.

import { t } from "../core/i18n.js";
import { h } from "../core/dom.js";
import { boxText } from "./feature_layer.js";

const LEAST = 6; // pixels of a drag; a shorter one is the first of two clicks
const CLICKED_MS = 80; // the click that ends a drag comes after it and is no click on the map

export class BoxSelect {
  on = false;
  #from = null;
  #box = null;

  // `done(bbox)` gets west,south,east,north.
  constructor(map, done) {
    Object.assign(this, { map, done });
    this.hint = h("p", { class: "box-hint", role: "status" }, t("table.box.hint"));
    const surface = map.getContainer();
    surface.addEventListener("pointerdown", (event) => this.on && this.#down(event), { capture: true });
    surface.addEventListener("pointermove", (event) => this.#from && this.#move(event), { capture: true });
    surface.addEventListener("pointerup", (event) => this.#from && this.#up(event), { capture: true });
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.on && (event.stopPropagation(), this.#stop()), { capture: true });
  }

  toggle(button) {
    if (this.on) return this.#stop();
    if (this.map.tool) return undefined;
    this.button = button;
    this.on = true;
    this.map.tool = "choose";
    this.map.dragging.disable();
    this.map.getContainer().classList.add("crosshair");
    this.map.getContainer().append(this.hint);
    button.setAttribute("aria-pressed", "true");
    return undefined;
  }

  #at(event) {
    return this.map.mouseEventToLatLng(event);
  }

  #down(event) {
    if (event.button || event.target.closest(".leaflet-control")) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.#from) return;
    this.#from = { at: this.#at(event), x: event.clientX, y: event.clientY };
    this.#box = L.rectangle(L.latLngBounds(this.#from.at, this.#from.at), { pane: "highlight", interactive: false, className: "pick-box", weight: 2, dashArray: "4 3" }).addTo(this.map);
  }

  #move(event) {
    this.#box.setBounds(L.latLngBounds(this.#from.at, this.#at(event)));
  }

  #up(event) {
    if (Math.hypot(event.clientX - this.#from.x, event.clientY - this.#from.y) < LEAST) return;
    const bounds = L.latLngBounds(this.#from.at, this.#at(event));
    event.preventDefault();
    this.#stop();
    this.done(boxText(bounds));
  }

  #stop() {
    this.on = false;
    this.#from = null;
    this.#box?.remove();
    this.hint.remove();
    this.map.dragging.enable();
    this.map.getContainer().classList.remove("crosshair");
    this.button?.setAttribute("aria-pressed", "false");
    setTimeout(() => this.map.tool === "choose" && (this.map.tool = null), CLICKED_MS);
  }
}
