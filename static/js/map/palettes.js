// Colours of legends that people with a colour-vision deficiency can tell apart, and where their numbers are from.

// Okabe and Ito, "Color Universal Design" (2008); Tol, "Colour Schemes" (SRON technical note, 2021); viridis: matplotlib (CC0);
// cividis: Nuñez, Anderton and Renslow (2018); YlOrRd, Blues and PuOr: ColorBrewer 2.0, Brewer (Apache 2.0).
// `from`, `to`: the part of a row that shows on a light and on a dark ground.
export const PALETTES = {
  okabe: { kind: "categories", colors: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442"] },
  tol: { kind: "categories", colors: ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377"] },
  muted: { kind: "categories", colors: ["#332288", "#88ccee", "#44aa99", "#117733", "#999933", "#ddcc77", "#cc6677", "#882255", "#aa4499"] },
  viridis: { kind: "sequential", from: 0, to: 0.93, colors: ["#440154", "#482878", "#3e4a89", "#31678d", "#26838e", "#209d89", "#36b778", "#6cce59", "#b4dd2c", "#fde725"] },
  cividis: { kind: "sequential", from: 0, to: 0.95, colors: ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"] },
  ylorrd: { kind: "sequential", from: 0.2, to: 1, colors: ["#ffffcc", "#ffeda0", "#fed976", "#feb24c", "#fd8d3c", "#fc4e2a", "#e31a1c", "#bd0026", "#800026"] },
  blues: { kind: "sequential", from: 0.3, to: 1, colors: ["#f7fbff", "#deebf7", "#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#08306b"] },
  puor: { kind: "diverging", from: 0, to: 1, colors: ["#7f3b08", "#b35806", "#e08214", "#fdb863", "#fee0b6", "#f7f7f7", "#d8daeb", "#b2abd2", "#8073ac", "#542788", "#2d004b"] },
};
export const UNKNOWN = "#8a8f98";
export const OTHER = "#b0aea6";

const CATEGORY_PATTERNS = [null, "hatch/8", "dots/7", "back/8", "rows/7", "cross/10", "columns/7", "grid/9"];
const CATEGORY_DASHES = [null, "10 4", "3 3", "14 3 3 3", "7 3", "2 5", "18 4", "5 2 1 2"];
const CATEGORY_SHAPES = ["circle", "square", "diamond", "triangle", "hexagon", "down"];
const CLASS_SPACINGS = [16, 13, 10, 8, 7, 6, 5, 4]; // closer lines for higher classes
const CLASS_DASHES = ["2 5", "4 4", "7 4", "10 4", "14 4", "18 3", "24 3", "32 3"];

export const namesFor = (kind) => Object.keys(PALETTES).filter((name) => (PALETTES[name].kind === "categories") === (kind === "categories"));

// The row of colours that a ramp runs along.
export function ramp(name, reversed = false) {
  const { colors, from, to } = PALETTES[name] ?? PALETTES.viridis;
  const [first, last] = [from, to].map((share) => Math.round((share ?? 0) * (colors.length - 1)));
  const part = colors.slice(first, last + 1);
  return reversed ? part.toReversed() : part;
}

// The look of the i-th of n categories: its colour, and beside it pattern, dash and shape, which come round later than the colours do.
export function categoryLook(name, i, n, reversed = false) {
  const { colors } = PALETTES[name]?.kind === "categories" ? PALETTES[name] : PALETTES.okabe;
  const row = reversed ? colors.toReversed() : colors;
  const round = Math.floor(i / row.length);
  return { color: row[i % row.length], ...second(CATEGORY_PATTERNS, CATEGORY_DASHES, i + round), shape: CATEGORY_SHAPES[(i + round) % CATEGORY_SHAPES.length] };
}

// The look of the i-th of n classes, lowest first; the highest is solid as a line and densest as an area.
export function classLook(color, i, n) {
  const step = CLASS_SPACINGS.length - n + i;
  const spacing = CLASS_SPACINGS[Math.max(0, Math.min(step, CLASS_SPACINGS.length - 1))];
  return { color, pattern: i === 0 ? null : `hatch/${spacing}`, dash: i === n - 1 ? null : (CLASS_DASHES[Math.min(Math.max(0, step), CLASS_DASHES.length - 1)]) };
}

const second = (patterns, dashes, i) => ({ pattern: patterns[i % patterns.length], dash: dashes[i % dashes.length] });
