// Fills of areas that differ besides their colour: lines or dots of a spacing over a lighter ground, as a canvas pattern.

const LINE = 1.6; // pixels
const STRONGER = 0.42; // how much denser the lines are than the ground
const made = new Map();

const NAME = /^(hatch|back|cross|dots|rows|columns|grid)\/(\d+)$/;

// What a canvas may fill with: the pattern "kind/spacing" in `color` over a ground of `alpha`. The alphas are in it: fill with opacity 1.
export function patternFill(color, pattern, alpha) {
  const [, kind, spacing] = NAME.exec(pattern ?? "") ?? [];
  if (!kind) return null;
  const key = `${color} ${pattern} ${alpha}`;
  if (!made.has(key)) made.set(key, tile(color, kind, Number(spacing), alpha));
  return made.get(key);
}

function tile(color, kind, size, alpha) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  context.globalAlpha = alpha;
  context.fillStyle = color;
  context.fillRect(0, 0, size, size);
  context.globalAlpha = Math.min(1, alpha + STRONGER);
  Object.assign(context, { strokeStyle: color, lineWidth: LINE });
  for (const draw of DRAW[kind]) draw(context, size);
  return context.createPattern(canvas, "repeat");
}

// A line of the tile, drawn with those that reach in from its neighbours.
const line = (x1, y1, x2, y2) => (context, size) => {
  context.beginPath();
  for (const shift of [-size, 0, size]) {
    context.moveTo(x1 * size + shift, y1 * size);
    context.lineTo(x2 * size + shift, y2 * size);
  }
  context.stroke();
};

const dot = (context, size) => {
  context.beginPath();
  context.arc(size / 2, size / 2, Math.max(1.1, size / 7), 0, 2 * Math.PI);
  context.fill();
};

const HATCH = line(0, 1, 1, 0);
const BACK = line(0, 0, 1, 1);
const ROWS = line(0, 0.5, 1, 0.5);
const COLUMNS = line(0.5, 0, 0.5, 1);
const DRAW = { hatch: [HATCH], back: [BACK], cross: [HATCH, BACK], dots: [dot], rows: [ROWS], columns: [COLUMNS], grid: [ROWS, COLUMNS] };
