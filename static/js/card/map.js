// The card's small map: the compound with its buildings, lanes and their pinch points, gates, hydrants, mains and open hazards, drawn crisp for paper.

import { h } from "../core/dom.js";
import { isOver } from "../core/hazards.js";
import { number, t } from "../core/i18n.js";
import { middle, Plane } from "./plane.js";
import { s } from "./svg.js";

const WIDTH = 460;

export function cardMap(card) {
  if (!card.map) return h("p", { class: "note" }, t("card.map.unplaced"));
  const plane = new Plane(card.map.box, WIDTH);
  const shapes = Object.fromEntries(card.map.layers.map(({ layer, features }) => [layer, features]));
  const drawn = s(
    "svg",
    { class: "cardmap", viewBox: `0 0 ${WIDTH} ${plane.height.toFixed(0)}`, role: "img", "aria-label": t("card.map.of", { name: card.name ?? card.code }) },
    s("rect", { class: "ground", width: WIDTH, height: plane.height }),
    around(plane, card, shapes),
    inside(plane, card, shapes),
    marks(plane, card, shapes),
    scale(plane),
    north(plane),
  );
  return h("figure", { class: "cardmap-box" }, drawn, legend(card, shapes));
}

// Roads, neighbours and the compound's own outline, lowest first.
function around(plane, card, { compounds, roads }) {
  const outline = (mine) => compounds.filter(({ id }) => (id === card.id) === mine);
  return [
    areas(plane, outline(false), () => "neighbour"),
    areas(plane, outline(true), () => "own"),
    roads.map((road) => [s("path", { class: "road", d: plane.path(road.geometry) })]),
    names(plane, roads),
  ];
}

function inside(plane, card, { buildings, fire_lanes: lanes, gas_mains: mains }) {
  const [reach, widths] = [answers(card, "buildings", "buildings-out-of-reach"), answers(card, "lanes", "lanes-under-width")];
  const numbers = buildings.filter(({ id, no }) => reach.has(id) && no).map((one) => [middle(one.geometry), one.no]);
  return [
    areas(plane, buildings, ({ id }) => `building ${reach.has(id) ? `mine ${reach.get(id).answer}` : ""}`),
    mains.map((main) => s("path", { class: "main", d: plane.path(main.geometry) })),
    lanes.map((lane) => s("path", { class: `lane ${widths.get(lane.id)?.answer ?? "other"}`, d: plane.path(lane.geometry) })),
    numbers.map(([at, no]) => text(plane, at, no, "no")),
  ];
}

function marks(plane, card, { access_points: gates, hydrants, hazards }) {
  const own = new Set(card.sections.hazards.rows.map(({ id }) => id));
  const open = hazards.filter(({ id, status }) => own.has(id) && !isOver(status));
  return [
    points(gates).map(([at]) => gate(...plane.at(at))),
    points(hydrants).map(([at]) => hydrant(...plane.at(at))),
    points(open).map(([at]) => hazard(...plane.at(at))),
    pinches(plane, card),
  ];
}

// A lane that is too narrow or not known has its narrowest place marked with its width.
function pinches(plane, card) {
  const found = card.sections.lanes.rows.map(({ answers: { "lanes-under-width": said } }) => said);
  return found
    .filter(({ answer, shape, value }) => answer === "yes" && shape && value !== null)
    .map(({ shape, value }) => {
      const [x, y] = plane.at(shape.coordinates);
      return s("g", { class: "pinch" }, s("circle", { cx: x, cy: y, r: 3.2 }), s("text", { x: x + 5, y: y - 4 }, number(value)));
    });
}

const points = (features) => features.filter(({ geometry }) => geometry.type.endsWith("Point")).map((one) => [middle(one.geometry), one]);
const areas = (plane, features, of) => features.map((one) => s("path", { class: of(one), d: plane.path(one.geometry) }));
const answers = (card, section, question) => new Map(card.sections[section].rows.map((row) => [row.id, row.answers[question]]));

const gate = (x, y) => s("rect", { class: "gate", x: x - 3, y: y - 3, width: 6, height: 6 });
const hazard = (x, y) => s("g", { class: "hazard" }, s("path", { d: `M${x} ${y - 6}L${x + 6} ${y + 5}H${x - 6}Z` }), s("path", { class: "stroke", d: `M${x} ${y - 2}V${y + 1.6}M${x} ${y + 3}V${y + 3.8}` }));
const hydrant = (x, y) => s("g", { class: "hydrant" }, s("circle", { cx: x, cy: y, r: 5.5 }), s("text", { x, y: y + 3 }, t("card.map.hydrant.sign")));

function text(plane, at, said, kind) {
  if (!at) return null;
  const [x, y] = plane.at(at);
  return s("text", { class: kind, x, y: y + 3.5 }, said);
}

// One name a road, at the middle of its longest piece, where the drawing's edges and its scale bar leave room.
function names(plane, roads) {
  const named = new Map(roads.filter(({ name }) => name).map((road) => [road.name, road]));
  const room = ([x, y]) => x > 34 && x < plane.width - 40 && y > 14 && y < plane.height - 12 && !(x < 170 && y > plane.height - 34);
  return [...named].map(([name, { geometry }]) => [name, middle(geometry)]).filter(([, at]) => at && room(plane.at(at))).map(([name, at]) => text(plane, at, name, "name"));
}

function scale(plane) {
  const { metres, length } = plane.bar();
  const [x, y] = [10, plane.height - 10];
  return s(
    "g",
    { class: "scale" },
    s("rect", { x: x - 5, y: y - 17, width: length + 10, height: 22, rx: 3 }),
    s("path", { d: `M${x} ${y - 4}V${y}H${x + length}V${y - 4}` }),
    s("text", { x: x + length / 2, y: y - 5 }, t("card.map.metres", { n: metres })),
  );
}

function north(plane) {
  const [x, y] = [plane.width - 16, 30];
  return s("g", { class: "north" }, s("path", { d: `M${x} ${y - 16}L${x + 5} ${y}L${x} ${y - 4}L${x - 5} ${y}Z` }), s("text", { x, y: y + 11 }, t("card.map.north")));
}

// Only what is there is explained.
function legend(card, shapes) {
  const widths = new Set(card.sections.lanes.rows.map(({ answers: said }) => said["lanes-under-width"].answer));
  const reach = new Set(card.sections.buildings.rows.map(({ answers: said }) => said["buildings-out-of-reach"].answer));
  const limit = card.sections.lanes.rows.map(({ answers: said }) => said["lanes-under-width"].threshold).find((value) => value !== null);
  const line = (kind) => s("path", { class: kind, d: "M1 7H25" });
  const box = (kind) => s("rect", { class: kind, x: 5, y: 2, width: 16, height: 10 });
  const entries = [
    [box("own"), t("card.map.own"), true],
    [box("building mine yes"), t("card.map.unreached"), reach.has("yes")],
    [box("building mine unknown"), t("card.map.reach.unknown"), reach.has("unknown")],
    [line("lane yes"), t("card.map.narrow", { limit: limit ?? "" }), widths.has("yes")],
    [line("lane unknown"), t("card.map.width.unknown"), widths.has("unknown")],
    [line("lane no"), t("card.map.wide"), widths.has("no")],
    [s("g", { class: "pinch" }, s("circle", { cx: 9, cy: 7, r: 3.2 })), t("card.map.pinch"), widths.has("yes")],
    [gate(13, 7), t("card.map.gate"), shapes.access_points.length > 0],
    [hydrant(13, 7), t("card.map.hydrant"), shapes.hydrants.length > 0],
    [hazard(13, 7), t("card.map.hazard"), card.sections.hazards.rows.some(({ status }) => !isOver(status))],
    [line("main"), t("card.map.main"), shapes.gas_mains.length > 0],
  ];
  return h(
    "figcaption",
    {},
    h(
      "ul",
      { class: "maplegend" },
      entries.filter(([, , there]) => there).map(([sign, said]) => h("li", {}, s("svg", { class: "cardmap", width: 26, height: 14, viewBox: "0 0 26 14", "aria-hidden": "true" }, sign), said)),
    ),
  );
}
