// Outlines of point marks on a canvas: what tells them apart besides their colour.

const TURN = 2 * Math.PI;

// Corners as [angle in turns, share of the radius]; areas are about that of the disc, so that no mark looks heavier than another.
const CORNERS = {
  square: [0.125, 0.375, 0.625, 0.875].map((turn) => [turn, 1.25]),
  diamond: [0, 0.25, 0.5, 0.75].map((turn) => [turn, 1.32]),
  triangle: [0.75, 1 / 12, 5 / 12].map((turn) => [turn, 1.5]),
  down: [0.25, 7 / 12, 11 / 12].map((turn) => [turn, 1.5]),
  hexagon: [0, 1, 2, 3, 4, 5].map((i) => [i / 6, 1.12]),
};

// Where the sign inside stands, in shares of the radius below the middle: a triangle is widest off its middle.
const BASE = { triangle: 0.28, down: -0.28 };

export function outline(context, shape, x, y, radius) {
  context.beginPath();
  const corners = CORNERS[shape];
  if (!corners) return context.arc(x, y, radius, 0, TURN);
  corners.forEach(([turn, share], i) => {
    const at = [x + radius * share * Math.cos(turn * TURN), y + radius * share * Math.sin(turn * TURN)];
    context[i ? "lineTo" : "moveTo"](...at);
  });
  return context.closePath();
}

// The sign inside a mark.
export function sign(context, { symbol, shape, fillColor }, x, y, radius) {
  const share = shape in BASE ? 1.1 : 1.3;
  context.fillStyle = isLight(fillColor) ? "#17222e" : "#ffffff";
  context.font = `600 ${Math.round(radius * share)}px "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(symbol, x, y + 0.5 + radius * (BASE[shape] ?? 0));
}

// Whether dark signs stand out better on a colour #rrggbb, by its relative luminance as WCAG has it.
function isLight(color) {
  if (typeof color !== "string" || color.length !== 7) return false;
  const [red, green, blue] = [1, 3, 5].map((i) => (parseInt(color.slice(i, i + 2), 16) / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.4;
}
