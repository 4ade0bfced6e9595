// A drawing with coordinates of its own is laid onto the map: by two points that are known on both, or by numbers.

import { call } from "../core/api.js";
import { catalogue } from "../core/catalogue.js";
import { fill, h } from "../core/dom.js";
import { label, number, t } from "../core/i18n.js";
import { lengthM } from "../map/geodesy.js";
import { tell } from "../core/toast.js";
import { Drawing } from "./drawing.js";
import { Ground } from "./ground.js";
import { radios } from "./radios.js";

const UNITS = [["mm", 0.001], ["cm", 0.01], ["m", 1], ["km", 1000], ["in", 0.0254], ["ft", 0.3048]]; // prettier-ignore
const REST = 250; // milliseconds of rest before a change is tried out
const NEAR = 18; // zoom at which a place that was typed is looked at
const AGREE = 0.02; // the share by which the two lengths may differ
const CHINA = [[18, 74], [53, 134]]; // prettier-ignore

export class Placing {
  #timer = 0;
  #asked = null;
  #pins = [null, null];

  // `parts`: [{name, colour, geometries, shown, unit}] of a drawing; `url`: where a placement is tried out; `changed`: called when it is another.
  constructor(parts, url, changed) {
    Object.assign(this, { url, changed, parts });
    this.colours = new Map(parts.map((part) => [part.name, part.colour]));
    this.unit = parts.find((part) => part.unit)?.unit ?? null;
    this.from = [null, null];
    this.to = [null, null];
    this.active = 0; // 0: point 1 in the drawing, 1: point 1 on the map, 2 and 3: point 2; null: all are set
    this.drawing = new Drawing(parts, (index, xy) => this.#drawn(index, xy));
    this.frame = h("div", { class: "place-map", role: "application", "aria-label": t("placing.map.label") });
    this.result = h("div", { class: "placed", role: "status" });
    this.prompt = h("p", { class: "prompt", "aria-live": "polite" });
    this.partial = h("p", { class: "note", hidden: true });
    const ways = ["points", "numbers"].map((way) => [way, t(`placing.by.${way}`), ""]);
    this.way = radios("placing", ways, "points");
    this.way.element.classList.add("row");
    this.way.element.addEventListener("change", () => this.#render());
    this.scale = this.#units();
    this.inputs = [0, 1, 2, 3].map((slot) => this.#pairInput(slot));
    this.numbers = this.#numberInputs();
    this.fields = h("div", {});
    this.element = h(
      "div",
      { class: "placing" },
      this.way.element,
      this.prompt,
      h("div", { class: "sides" }, this.#side("placing.drawing", this.drawing.element), this.#side("placing.map", this.frame)),
      this.partial,
      this.fields,
      this.result,
    );
    this.#render();
  }

  // Drawing and map can only be made when they are in the page.
  opened() {
    this.drawing.opened();
    this.ground = new Ground(this.frame, 22);
    this.map = this.ground.map;
    this.outline = L.featureGroup().addTo(this.map);
    this.map.on("click", ({ latlng }) => this.#mapped(latlng));
    this.frame.addEventListener("keydown", ({ key, target }) => key === "Enter" && target === this.frame && this.#mapped(this.map.getCenter()));
    const { extent } = catalogue;
    this.map.fitBounds(extent ? [[extent[1], extent[0]], [extent[3], extent[2]]] : CHINA, { animate: false, maxZoom: 18 }); // prettier-ignore
    const told = (more) => {
      this.partial.hidden = !more;
      if (more) this.partial.textContent = t("layers.partial", more);
    };
    this.ground.follow(told).catch(tell);
    this.#show();
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.drawing.close();
    this.ground?.remove();
  }

  // Whether a dataset is taken: what is left out is faint in the drawing and not on the map.
  show(name, shown) {
    this.drawing.show(name, shown);
    for (const part of this.parts) if (part.name === name) part.shown = shown;
    if (this.found) this.#outlined();
  }

  // What is sent, or null as long as something is missing.
  get value() {
    if (this.way.value() === "points") {
      if (![...this.from, ...this.to].every(Boolean)) return null;
      return { from: this.from, to: this.to, ...this.#unit() };
    }
    const [dx, dy, turn, scale] = ["dx", "dy", "turn", "scale"].map((name) => figure(this.numbers[name].value));
    const crs = this.numbers.crs.value.trim();
    if (dx === null || dy === null || (turn === null && this.numbers.turn.value.trim())) return null;
    if (scale === null && this.numbers.scale.value.trim()) return null;
    return { shift: [dx, dy], turn: turn ?? 0, ...(scale !== null && { scale }), ...(crs && { crs }) };
  }

  // Why it cannot be used as it stands, as a sentence; "" when it can.
  get problem() {
    if (!this.value) return t(this.way.value() === "points" ? "placing.missing.points" : "placing.missing.numbers");
    return this.#mismatch();
  }

  // metres a unit: not said = as the file has it; null = follows from the two points.
  #unit() {
    const chosen = this.scale.value;
    return chosen === "file" ? {} : { scale: chosen === "free" ? null : Number(chosen) };
  }

  // The two lengths must agree where the unit is known: no question to the server is needed for that.
  #mismatch() {
    const { value } = this;
    const unit = value.scale ?? (this.scale.value === "file" ? this.unit : null);
    if (!value.from) return "";
    const drawn = Math.hypot(value.from[1][0] - value.from[0][0], value.from[1][1] - value.from[0][1]);
    const mapped = lengthM(value.to.map(([lng, lat]) => ({ lng, lat })));
    if (drawn === 0 || mapped === 0) return t("placing.same");
    if (unit === null || Math.abs(drawn * unit - mapped) <= AGREE * mapped) return "";
    return t("placing.lengths", { drawn: metres(drawn * unit), map: metres(mapped) });
  }

  #side(key, content) {
    return h("div", { class: "side" }, h("h4", {}, t(key)), content);
  }

  #units() {
    const known = this.unit !== null && UNITS.find(([, metre]) => metre === this.unit)?.[0];
    const said = this.unit !== null && (known ? t(`unit.name.${known}`) : t("placing.unit.metres", { n: this.unit }));
    return h(
      "select",
      { id: "placing-unit", onchange: () => this.#edited() },
      said && h("option", { value: "file", selected: true }, t("placing.unit.file", { unit: said })),
      h("option", { value: "free", selected: !said }, t("placing.unit.free")),
      UNITS.filter(([name]) => name !== known).map(([name, metre]) => h("option", { value: metre }, t(`unit.name.${name}`))),
    );
  }

  #pairInput(slot) {
    const point = Math.floor(slot / 2) + 1;
    const key = slot % 2 ? "placing.input.map" : "placing.input.drawing";
    return h("input", {
      type: "text",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: t(slot % 2 ? "placing.hint.map" : "placing.hint.drawing"),
      "aria-label": t(key, { n: point }),
      data: { slot: String(slot) },
      onfocus: () => this.#activate(slot),
      onchange: (event) => this.#typed(slot, event.target.value),
    });
  }

  #numberInputs() {
    const input = (name) =>
      h("input", { type: "text", inputmode: name === "crs" ? null : "decimal", autocomplete: "off", id: `placing-${name}`, oninput: () => this.#edited() });
    const made = Object.fromEntries(["dx", "dy", "turn", "scale", "crs"].map((name) => [name, input(name)]));
    made.turn.value = "0";
    made.scale.placeholder = this.unit === null ? "1" : String(this.unit);
    made.crs.placeholder = catalogue.state.metric_crs ?? "EPSG:4547";
    return made;
  }

  #render() {
    const points = this.way.value() === "points";
    fill(this.fields, points ? this.#pointFields() : this.#numberFields());
    this.prompt.hidden = !points;
    this.#show();
    this.#edited();
  }

  #pointFields() {
    const row = (n) =>
      h("tr", {}, h("th", { scope: "row" }, t("placing.point", { n })), [2 * n - 2, 2 * n - 1].map((slot) => h("td", {}, this.inputs[slot])));
    const heads = ["placing.point.head", "placing.drawing", "placing.map"].map((key) => h("th", { scope: "col" }, t(key)));
    return [
      h("table", { class: "slots" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, row(1), row(2))),
      h(
        "div",
        { class: "place-options" },
        h("div", { class: "field" }, h("label", { for: "placing-unit" }, t("placing.unit")), this.scale),
        h("button", { type: "button", id: "placing-again", onclick: () => this.#again() }, t("placing.again")),
      ),
    ];
  }

  #numberFields() {
    const field = ([name, input]) => h("div", { class: "field" }, h("label", { for: input.id }, t(`placing.number.${name}`)), input);
    return [h("p", { class: "muted" }, t("placing.numbers.explain")), h("div", { class: "number-fields" }, Object.entries(this.numbers).map(field))];
  }

  // --- points

  #drawn(index, xy) {
    if (this.way.value() !== "points") return;
    const n = index ?? (this.active === null ? null : this.active >> 1);
    if (n !== null) this.#set(2 * n, xy);
  }

  #mapped(latlng) {
    if (this.way.value() !== "points" || this.active === null) return;
    const { lat, lng } = this.ground.snapped(latlng);
    this.#set(2 * (this.active >> 1) + 1, [rounded(lng), rounded(lat)]);
  }

  #typed(slot, text) {
    const pair = text.trim() ? text.trim().split(/[\s,，;；]+/).map(figure) : [];
    const right = pair.length === 2 && pair.every((one) => one !== null) && (slot % 2 === 0 || (Math.abs(pair[0]) <= 180 && Math.abs(pair[1]) < 90));
    this.inputs[slot].setAttribute("aria-invalid", String(Boolean(text.trim()) && !right));
    this.#set(slot, right ? pair : null, false);
    if (right && slot % 2) this.map.setView([pair[1], pair[0]], Math.max(this.map.getZoom(), NEAR), { animate: false });
  }

  #set(slot, pair, write = true) {
    const side = slot % 2 ? this.to : this.from;
    side[slot >> 1] = pair;
    if (write) {
      this.inputs[slot].value = pair.map((one) => Number(one.toFixed(slot % 2 ? 7 : 4))).join(", ");
      this.inputs[slot].setAttribute("aria-invalid", "false");
    }
    const open = [0, 1, 2, 3].filter((one) => !(one % 2 ? this.to : this.from)[one >> 1]);
    const before = this.active;
    const partner = slot ^ 1; // the same point on the other side
    this.active = !pair ? slot : open.includes(partner) ? partner : (open[0] ?? null);
    this.#show();
    this.#edited();
    if (write && before !== this.active && this.active !== null) this.#bring(this.active % 2 ? this.frame : this.drawing.element);
  }

  #activate(slot) {
    this.active = slot;
    this.#show();
  }

  #again() {
    [this.from, this.to, this.active] = [[null, null], [null, null], 0]; // prettier-ignore
    for (const input of this.inputs) {
      input.value = "";
      input.setAttribute("aria-invalid", "false");
    }
    this.#show();
    this.#edited();
    this.drawing.fit();
  }

  // On a narrow screen the next side to click on lies out of sight.
  #bring(side) {
    if (matchMedia("(max-width: 760px)").matches) side.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  #show() {
    const points = this.way.value() === "points";
    this.prompt.classList.toggle("done", this.active === null);
    this.prompt.textContent = this.active === null ? t("placing.step.done") : t(`placing.step.${this.active}`);
    this.inputs.forEach((input, slot) => input.classList.toggle("active", slot === this.active));
    this.drawing.element.classList.toggle("active", points && this.active !== null && this.active % 2 === 0);
    this.frame.classList.toggle("active", points && this.active !== null && this.active % 2 === 1);
    this.drawing.mark(points ? this.from : []);
    if (!this.map) return;
    this.to.forEach((at, i) => this.#pin(points ? at : null, i));
  }

  #pin(at, i) {
    if (!at) {
      this.#pins[i]?.remove();
      this.#pins[i] = null;
      return;
    }
    const place = [at[1], at[0]];
    if (this.#pins[i]) {
      this.#pins[i].setLatLng(place);
      return;
    }
    const icon = L.divIcon({ className: "place-pin", iconSize: [24, 38], iconAnchor: [12, 38], html: h("span", {}, String(i + 1)) });
    const pin = L.marker(place, { icon, draggable: true, keyboard: false, title: t("placing.point", { n: i + 1 }) }).addTo(this.map);
    pin.on("dragend", () => {
      const { lat, lng } = this.ground.snapped(pin.getLatLng());
      this.#set(2 * i + 1, [rounded(lng), rounded(lat)]);
    });
    this.#pins[i] = pin;
  }

  // --- what it comes to

  #edited() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.changed();
    const problem = this.value ? this.#mismatch() : "";
    if (!this.value || problem) {
      this.#nothing(problem && h("p", { class: "note error" }, problem));
      return;
    }
    this.#timer = setTimeout(() => this.#try().catch(tell), REST);
  }

  async #try() {
    const { signal } = (this.#asked = new AbortController());
    let body;
    try {
      ({ body } = await call("POST", this.url, { json: { placement: this.value }, signal }));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#nothing(h("p", { class: "note error" }, [error.message, error.wayOut].filter(Boolean).join(" ")));
      return;
    }
    this.found = body;
    this.#outlined();
    const look = h("button", { type: "button", class: "link", onclick: () => this.#look() }, t("placing.look"));
    fill(this.result, h("p", { class: "note good" }, label(body.sentence)), look);
    if (this.way.value() === "numbers") this.#look();
  }

  #nothing(...said) {
    this.found = null;
    this.outline?.clearLayers();
    fill(this.result, said);
  }

  #outlined() {
    this.outline.clearLayers();
    const taken = this.parts.filter((part) => part.shown).map((part) => part.name);
    for (const name of taken) {
      const geometries = this.found.samples[name] ?? [];
      const look = { color: this.colours.get(name) ?? "#0b5fff", weight: 2, fillOpacity: 0.12, interactive: false };
      for (const geometry of geometries)
        this.outline.addLayer(L.geoJSON(geometry, { style: look, pointToLayer: (_, at) => L.circleMarker(at, { ...look, radius: 3, fillOpacity: 0.8 }) }));
    }
  }

  #look() {
    if (this.outline.getLayers().length) this.map.fitBounds(this.outline.getBounds(), { padding: [20, 20], maxZoom: 19 });
  }
}

const metres = (value) => number(Number(value.toFixed(2)));
const rounded = (degrees) => Number(degrees.toFixed(8));

function figure(text) {
  const plain = text.trim().replace("−", "-");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : null;
}
