// The map as a picture to print or paste: title, what is asked, legend, scale bar, north, date and source around what the map shows.

import { sharper } from "./sharper.js";
import { drawLegend } from "./picture_legend.js";
import { scaleBar } from "./scale_bar.js";

const EDGE = 16; // pixels of the page
const FOOT = 11;

// `about`: {title, lines, notes, banner, legend, furniture}; resolves to a canvas with `ratio` pixels per pixel of the page.
export async function picture(map, about, ratio) {
  const { canvas: drawn, missing, page } = await sharper(map, ratio, () => ({ ...mapCanvas(map, ratio), page: colours() }));
  const width = drawn.width / ratio;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  const parts = [title, head, banner, body(drawn, map, ratio), legend, foot];
  const height = parts.reduce((y, part) => part(measuring(context), about, page, width, y) ?? y, 0) + EDGE;
  Object.assign(canvas, { width: drawn.width, height: Math.round(height * ratio) });
  context.scale(ratio, ratio);
  context.fillStyle = page.paper;
  context.fillRect(0, 0, width, height);
  parts.reduce((y, part) => part(context, about, page, width, y) ?? y, 0);
  return { canvas, missing };
}

// The same calls, drawing nothing: what they return says how high each part is.
function measuring(context) {
  return new Proxy(context, {
    get: (target, name) => (typeof target[name] !== "function" ? target[name] : name === "measureText" ? target[name].bind(target) : () => {}),
    set: (target, name, value) => Reflect.set(target, name, value),
  });
}

// What the map shows: its canvases and pictures of its own host, lower panes first. `missing`: pictures of other hosts, which a canvas must not take.
function mapCanvas(map, ratio) {
  const box = map.getContainer();
  const frame = box.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.round(frame.width * ratio), height: Math.round(frame.height * ratio) });
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.fillStyle = getComputedStyle(box).backgroundColor;
  context.fillRect(0, 0, frame.width, frame.height);
  let missing = 0;
  for (const { element, opacity } of sheets(box)) {
    if (element.tagName === "IMG" && new URL(element.src, location.href).origin !== location.origin) {
      missing += 1;
      continue;
    }
    const at = element.getBoundingClientRect();
    if (!at.width || !at.height || !(element.naturalWidth ?? element.width)) continue;
    context.globalAlpha = opacity;
    context.drawImage(element, at.left - frame.left, at.top - frame.top, at.width, at.height);
  }
  return { canvas, missing };
}

// Canvases and images of the map's panes in the order in which they lie over each other, with the opacity of all that they lie in.
function sheets(box) {
  const found = [...box.querySelectorAll(".leaflet-map-pane :is(canvas, img)")].map((element) => {
    let opacity = 1;
    let order = 0;
    for (let at = element; at && at !== box; at = at.parentElement) {
      const { opacity: own, zIndex } = getComputedStyle(at);
      opacity *= Number(own);
      if (at.parentElement?.classList.contains("leaflet-map-pane")) order = Number(zIndex) || 0;
    }
    return { element, opacity, order };
  });
  return found.sort((a, b) => a.order - b.order);
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  const font = getComputedStyle(document.body).fontFamily;
  return { paper: token("paper"), ink: token("ink"), soft: token("ink-2"), line: token("line-2"), demo: token("demo"), demoSoft: token("demo-soft"), font };
}

// The parts, each: draws from y on and returns where the next begins.

function title(context, about, page, width, y) {
  return paragraph(context, about.title, { x: EDGE, y: y + EDGE - 4, width: width - 2 * EDGE, size: 20, weight: 700, colour: page.ink, page });
}

function head(context, about, page, width, y) {
  let at = y + 2;
  for (const line of about.lines) at = paragraph(context, line, { x: EDGE, y: at, width: width - 2 * EDGE, size: 13, colour: page.soft, page });
  return at + 8;
}

function banner(context, about, page, width, y) {
  if (!about.banner) return y;
  context.fillStyle = page.demoSoft;
  context.fillRect(0, y, width, 26);
  return paragraph(context, about.banner, { x: EDGE, y: y + 4, width: width - 2 * EDGE, size: 13, weight: 600, colour: page.demo, page, most: 1 }) + 3;
}

const body = (drawn, map, ratio) =>
  function drawBody(context, about, page, width, y) {
    const height = drawn.height / ratio;
    context.drawImage(drawn, 0, y, width, height);
    if (about.furniture) {
      scaleBar(context, map, page, EDGE, y + height - EDGE);
      north(context, page, width - EDGE - 14, y + EDGE);
    }
    context.strokeStyle = page.line;
    context.lineWidth = 1;
    context.strokeRect(0.5, y + 0.5, width - 1, height - 1);
    return y + height;
  };

function legend(context, about, page, width, y) {
  return about.legend.length ? drawLegend(context, about.legend, page, { x: EDGE, y: y + 10, width: width - 2 * EDGE }) : y;
}

function foot(context, about, page, width, y) {
  let at = y + 8;
  for (const note of about.notes) at = paragraph(context, note, { x: EDGE, y: at, width: width - 2 * EDGE, size: FOOT, colour: page.soft, page });
  return at;
}

function north(context, page, x, y) {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + 8, y + 24);
  context.lineTo(x, y + 18);
  context.lineTo(x - 8, y + 24);
  context.closePath();
  Object.assign(context, { fillStyle: page.ink, strokeStyle: page.paper, lineWidth: 3, lineJoin: "round" });
  context.stroke();
  context.fill();
  Object.assign(context, { font: `700 13px ${page.font}`, textAlign: "center", textBaseline: "top" });
  context.strokeText("N", x, y + 27);
  context.fillText("N", x, y + 27);
}

// A text in lines of a width, at most `most` of them; returns where it ends.
function paragraph(context, text, { x, y, width, size, weight = 400, colour, page, most = 4 }) {
  Object.assign(context, { font: `${weight} ${size}px ${page.font}`, fillStyle: colour, textAlign: "left", textBaseline: "top" });
  const lines = broken(context, text, width);
  const shown = lines.length > most ? [...lines.slice(0, most - 1), `${lines[most - 1]}…`] : lines;
  const step = Math.round(size * 1.4);
  shown.forEach((line, i) => context.fillText(line, x, y + i * step));
  return y + shown.length * step;
}

// Chinese breaks between any two characters, other words only at blanks.
function broken(context, text, width) {
  const lines = [""];
  for (const word of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+/g) ?? []) {
    const longer = lines.at(-1) + word;
    if (lines.at(-1) && context.measureText(longer.trimEnd()).width > width) lines.push(word.trimStart());
    else lines[lines.length - 1] = longer;
  }
  return lines.filter(Boolean);
}
