// A drawing in its own coordinates, to look around in and to pick points from.

import { h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { reach, thing } from "./things.js";

const SNAP = 10; // pixels within which a click takes the corner that is there
const CLICK = 5; // pixels that a pointer may move and still be a click
const STEP = 60; // pixels that an arrow key moves the drawing
const ZOOM = 1.4;
const PIN = 26; // pixels from the point of a needle to its head
const INK = "#17222e";
const TEXT_MIN = 5; // pixels below which a text is a dot
const LEFT = "#8a949e"; // what is left out is still there to find one's way

export class Drawing {
  #pointers = new Map();
  #dragged = null;
  #moved = 0;
  #wanted = 0;

  // `parts`: [{name, colour, geometries, shown}]; `pick(index of a mark or null, [x, y])`: a point was clicked, or a mark was dragged there.
  constructor(parts, pick) {
    this.parts = parts.map((part) => ({ ...part, things: part.geometries.map(thing).filter(({ paths }) => paths.length) }));
    this.pick = pick;
    this.marks = [];
    this.canvas = h("canvas", {
      tabindex: "0",
      role: "application",
      "aria-label": t("drawing.label"),
      onkeydown: (event) => this.#key(event),
      onfocus: () => this.#draw(),
      onblur: () => this.#draw(),
      onwheel: (event) => this.#wheel(event),
      onpointerdown: (event) => this.#down(event),
      onpointermove: (event) => this.#move(event),
      onpointerup: (event) => this.#up(event),
      onpointercancel: (event) => this.#pointers.delete(event.pointerId),
    });
    const tool = (name, key, run) => h("button", { type: "button", class: "tool", title: t(key), "aria-label": t(key), onclick: run }, icon(name));
    this.element = h(
      "div",
      { class: "drawing" },
      this.canvas,
      h(
        "div",
        { class: "drawing-tools" },
        tool("plus", "map.zoom.in", () => this.#zoom(ZOOM)),
        tool("minus", "map.zoom.out", () => this.#zoom(1 / ZOOM)),
        tool("extent", "map.zoom.all", () => this.fit()),
      ),
    );
  }

  // The canvas can only be measured when it is in the page.
  opened() {
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(this.canvas);
    this.#resize();
    this.fit();
  }

  close() {
    this.observer?.disconnect();
  }

  show(name, shown) {
    for (const part of this.parts) if (part.name === name) part.shown = shown;
    this.#draw();
  }

  mark(marks) {
    this.marks = marks;
    this.#draw();
  }

  // All that is shown, but for what lies far away from everything else (drawings have such strays).
  fit() {
    const shown = this.parts.filter((part) => part.shown);
    const boxes = (shown.length ? shown : this.parts).flatMap((part) => part.things.map((one) => one.box));
    if (!boxes.length) return;
    const [x0, x1] = reach(boxes, 0);
    const [y0, y1] = reach(boxes, 1);
    this.centre = [(x0 + x1) / 2, (y0 + y1) / 2];
    this.scale = 0.9 * Math.min(this.width / (x1 - x0 || 1), this.height / (y1 - y0 || 1));
    this.#draw();
  }

  #resize() {
    const { clientWidth, clientHeight } = this.canvas;
    const ratio = devicePixelRatio || 1;
    [this.width, this.height] = [clientWidth, clientHeight];
    [this.canvas.width, this.canvas.height] = [clientWidth * ratio, clientHeight * ratio];
    this.context = this.canvas.getContext("2d");
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#draw();
  }

  // --- looking around

  #screen([x, y]) {
    return [this.width / 2 + (x - this.centre[0]) * this.scale, this.height / 2 - (y - this.centre[1]) * this.scale];
  }

  #plane([px, py]) {
    return [this.centre[0] + (px - this.width / 2) / this.scale, this.centre[1] - (py - this.height / 2) / this.scale];
  }

  #zoom(factor, at = [this.width / 2, this.height / 2]) {
    const before = this.#plane(at);
    this.scale *= factor;
    const after = this.#plane(at);
    this.centre = [this.centre[0] + before[0] - after[0], this.centre[1] + before[1] - after[1]];
    this.#draw();
  }

  #pan(dx, dy) {
    this.centre = [this.centre[0] - dx / this.scale, this.centre[1] + dy / this.scale];
    this.#draw();
  }

  #key(event) {
    const keys = {
      ArrowLeft: () => this.#pan(STEP, 0),
      ArrowRight: () => this.#pan(-STEP, 0),
      ArrowUp: () => this.#pan(0, STEP),
      ArrowDown: () => this.#pan(0, -STEP),
      "+": () => this.#zoom(ZOOM),
      "=": () => this.#zoom(ZOOM),
      "-": () => this.#zoom(1 / ZOOM),
      0: () => this.fit(),
      Enter: () => this.pick(null, this.#snapped([this.width / 2, this.height / 2])),
    };
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  }

  #wheel(event) {
    event.preventDefault();
    this.#zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), [event.offsetX, event.offsetY]);
  }

  #down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (this.#pointers.size > 1) return;
    this.#moved = 0;
    this.#dragged = this.#markAt([event.offsetX, event.offsetY]);
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = [event.offsetX, event.offsetY];
    this.#moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (other) {
      const middle = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2];
      this.#zoom(span(now, other) / (span(before, other) || 1), middle);
      this.#pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    } else if (this.#dragged !== null) {
      const at = this.#snapped(now);
      this.marks = this.marks.map((mark, i) => (i === this.#dragged ? at : mark));
      this.#draw();
    } else if (this.#moved > CLICK) this.#pan(now[0] - before[0], now[1] - before[1]);
  }

  #up(event) {
    const alone = this.#pointers.size === 1;
    this.#pointers.delete(event.pointerId);
    if (!alone) this.#moved = Infinity;
    else if (this.#dragged !== null && this.#moved > CLICK) this.pick(this.#dragged, this.marks[this.#dragged]);
    else if (this.#moved <= CLICK) this.pick(null, this.#snapped([event.offsetX, event.offsetY]));
    this.#dragged = null;
  }

  #markAt(at) {
    const found = this.marks.findIndex((mark) => {
      if (!mark) return false;
      const [x, y] = this.#screen(mark);
      return span([x, y], at) < 10 || span([x, y - PIN], at) < 14;
    });
    return found < 0 ? null : found;
  }

  // The corner nearest to a pixel, at most SNAP away; else the place itself.
  #snapped(at) {
    const within = SNAP / this.scale;
    const [x, y] = this.#plane(at);
    let best = [x, y];
    let nearest = within;
    for (const part of this.parts)
      for (const { box, paths } of part.things) {
        if (x < box[0] - within || x > box[2] + within || y < box[1] - within || y > box[3] + within) continue;
        for (const path of paths)
          for (const corner of path) {
            const away = Math.hypot(corner[0] - x, corner[1] - y);
            if (away < nearest) [nearest, best] = [away, corner];
          }
      }
    return [best[0], best[1]];
  }

  // --- drawing

  #draw() {
    if (!this.context || !this.centre || this.#wanted) return;
    this.#wanted = requestAnimationFrame(() => {
      this.#wanted = 0;
      this.#paint();
    });
  }

  #paint() {
    const { context } = this;
    context.clearRect(0, 0, this.width, this.height);
    for (const part of [...this.parts].sort((a, b) => a.shown - b.shown)) {
      const near = part.things.filter(({ box }) => this.#inView(box));
      for (const one of near) this.#thing(one, part.shown ? part.colour : LEFT, part.shown);
    }
    if (this.canvas.matches(":focus-visible")) this.#cross();
    this.marks.forEach((mark, i) => mark && this.#pin(this.#screen(mark), i));
  }

  #inView([west, south, east, north]) {
    const [x0, y1] = this.#plane([0, 0]);
    const [x1, y0] = this.#plane([this.width, this.height]);
    return west <= x1 && east >= x0 && south <= y1 && north >= y0;
  }

  #thing(one, colour, shown) {
    const { context } = this;
    if (one.text !== undefined || one.point) {
      this.#dotOrText(one, colour);
      return;
    }
    context.beginPath();
    for (const path of one.paths) path.forEach((corner, i) => (i ? context.lineTo(...this.#screen(corner)) : context.moveTo(...this.#screen(corner))));
    context.strokeStyle = colour;
    context.lineWidth = shown ? 1.4 : 0.7;
    context.stroke();
    if (!one.area || !shown) return;
    context.fillStyle = colour;
    context.globalAlpha = 0.12;
    context.fill("evenodd");
    context.globalAlpha = 1;
  }

  #dotOrText(one, colour) {
    const { context } = this;
    const size = Math.min((one.height ?? 0) * this.scale || 11, 40);
    context.fillStyle = colour;
    for (const [corner] of one.paths) {
      const [x, y] = this.#screen(corner);
      if (one.text === undefined || size < TEXT_MIN) {
        context.fillRect(x - 2, y - 2, 4, 4);
        continue;
      }
      context.save();
      context.translate(x, y);
      context.rotate((-(one.turn ?? 0) * Math.PI) / 180);
      context.font = `${size}px ${getComputedStyle(this.canvas).fontFamily}`;
      context.fillText(one.text, 0, 0);
      context.restore();
    }
  }

  #cross() {
    const { context } = this;
    const [x, y] = [this.width / 2, this.height / 2];
    context.strokeStyle = "#0b5fff";
    context.lineWidth = 1.5;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [0, 1]]) {
      context.moveTo(x - 14 * dx, y - 14 * dy);
      context.lineTo(x + 14 * dx, y + 14 * dy);
    } // prettier-ignore
    context.stroke();
  }

  // A needle whose point is the place, with its number on top.
  #pin([x, y], i) {
    const { context } = this;
    const top = y - PIN;
    context.lineWidth = 2;
    context.strokeStyle = context.fillStyle = INK;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x, top);
    context.stroke();
    context.beginPath();
    context.arc(x, y, 3, 0, 2 * Math.PI);
    context.moveTo(x + 11, top);
    context.arc(x, top, 11, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = "#fff";
    context.font = "700 13px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(i + 1), x, top + 0.5);
    context.textAlign = "start";
    context.textBaseline = "alphabetic";
  }
}

const span = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
