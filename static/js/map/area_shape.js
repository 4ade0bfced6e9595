// An area as WKT and as rings, and what it is called: a circle by its radius, anything else by its size.

import { number, t } from "../core/i18n.js";
import { areaM2, away, lengthM } from "./geodesy.js";

const SIDES = 64; // of the polygon that stands for a circle
const EVEN = 0.002; // how far the corners of a circle may differ in their distance from the middle, as a share

export const circle = (middle, metres) => Array.from({ length: SIDES }, (_, i) => away(middle, metres, (i * 2 * Math.PI) / SIDES));

// {lat, lng} corners, the last not the first again → WKT with 6 decimals, a tenth of a metre.
export function wktOf(corners) {
  const said = [...corners, corners[0]].map(({ lat, lng }) => `${plain(lng)} ${plain(lat)}`);
  return `POLYGON((${said.join(",")}))`;
}

const plain = (value) => String(Number(value.toFixed(6)));

// The rings of a POLYGON or MULTIPOLYGON, each a list of {lat, lng}.
export function ringsOf(wkt) {
  return [...wkt.matchAll(/\(([^()]+)\)/g)].map(([, text]) =>
    text.split(",").map((pair) => {
      const [lng, lat] = pair.trim().split(/\s+/).map(Number);
      return { lat, lng };
    }),
  );
}

export function areaName(wkt) {
  const rings = ringsOf(wkt);
  const [outer] = rings;
  if (!outer || outer.some(({ lat, lng }) => !Number.isFinite(lat) || !Number.isFinite(lng))) return t("area.drawn");
  const radius = rings.length === 1 ? radiusOf(outer.slice(0, -1)) : null;
  if (radius) return t("area.circle.of", { radius: metresText(radius) });
  const size = areaM2(outer.slice(0, -1));
  return t("area.polygon.of", { size: size < 100_000 ? `${number(Math.round(size))} ${t("unit.m2")}` : `${number(Number((size / 10_000).toFixed(1)))} ${t("unit.ha")}` });
}

const TOUCHING = "touching:"; // before an area of the address: what lies in it in part counts as well

export const touches = (within) => within.startsWith(TOUCHING);
export const outlineOf = (within) => (touches(within) ? within.slice(TOUCHING.length) : within);
export const withinOf = (outline, touching) => (touching ? TOUCHING : "") + outline;

// What an area of the address is called, an outline or the name under which one is kept, and what counts as in it.
export function withinText(within) {
  const outline = outlineOf(within);
  const name = outline.startsWith("@") ? t("area.kept", { name: outline }) : areaName(outline);
  return t(touches(within) ? "area.touching.of" : "area.inside.of", { name });
}

// The radius in metres if these are the corners of a drawn circle.
function radiusOf(corners) {
  if (corners.length !== SIDES) return null;
  const middle = { lat: mean(corners.map(({ lat }) => lat)), lng: mean(corners.map(({ lng }) => lng)) };
  const far = corners.map((corner) => lengthM([middle, corner]));
  const radius = mean(far);
  return far.every((one) => Math.abs(one - radius) < Math.max(EVEN * radius, 0.3)) ? radius : null;
}

export const metresText = (metres) => (metres < 10_000 ? `${number(metres < 10 ? Number(metres.toFixed(1)) : Math.round(metres))} ${t("unit.m")}` : `${number(Number((metres / 1000).toFixed(2)))} ${t("unit.km")}`);

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
