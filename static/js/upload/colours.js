// The colours of things that are told apart: candidates on a map, the layers of a drawing.

const COLOURS = [
  "#0b5fff", "#c2410c", "#0a7a4f", "#b3155f", "#7b2fa8", "#6b4a00", "#007a99", "#3d4a57", "#d1007a", "#4d7c0f", "#a61b1b", "#2f2f9e",
]; // prettier-ignore

export const colour = (i) => COLOURS[i % COLOURS.length];
