// What a reader on paper or in a year wants to know: where the facts come from, of what state of the store, and the whole table.

import { $, fill, h } from "../core/dom.js";
import { isEmpty } from "../core/format.js";
import { label, number, t } from "../core/i18n.js";

const MOST = 8; // sources that are named; the rest is counted
const PRINTED = 1000; // rows of the table that go on paper

// Sources of the features by how many have them.
export function showSources(root, collections) {
  const counts = new Map();
  for (const [id, { features }] of collections)
    if (!features.some((feature) => "answer" in feature.properties)) for (const { properties } of features) add(counts, properties.source, id);
  const found = [...counts].sort((a, b) => b[1] - a[1]);
  const named = found.slice(0, MOST).map(([name, n]) => `${isEmpty(name) ? t("travel.nosource") : name} (${number(n)})`);
  const rest = found.slice(MOST).reduce((sum, [, n]) => sum + n, 0);
  root.hidden = found.length === 0;
  root.textContent = `${t("travel.sources")} ${[...named, ...(rest ? [t("travel.others", { n: rest })] : [])].join(t("comma"))}`;
}

const add = (counts, name) => counts.set(name ?? "", (counts.get(name ?? "") ?? 0) + 1);

// Revision and fingerprints, by which the file can be compared with another.
export function showPrints(root, collections, nameOf) {
  const prints = [...collections].filter(([, { yuantu }]) => yuantu);
  if (!prints.length) return;
  const lines = prints.map(([id, { yuantu }]) => h("li", {}, nameOf(id), " ", h("code", {}, yuantu.fingerprint)));
  fill(root, h("details", {}, h("summary", {}, t("travel.revision", { n: prints[0][1].yuantu.revision })), h("ul", {}, lines)));
}

// The table on paper: all its rows up to a thousand, since only what is in view is in the page otherwise.
export function printTable(root, columns, features) {
  const cells = (feature) => columns.map((column) => h("td", { class: column.class }, column.text(feature.properties) ?? ""));
  fill(
    root,
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, columns.map((column) => h("th", {}, label(column.title))))),
      h("tbody", {}, features.slice(0, PRINTED).map((feature) => h("tr", {}, cells(feature)))),
    ),
    features.length > PRINTED && h("p", {}, t("travel.more", { n: features.length - PRINTED })),
  );
}

// On paper the map is as it is on the screen, made to fit the width of the page.
export function wirePrinting(map, table) {
  addEventListener("beforeprint", () => {
    const { width, height } = $("#map").getBoundingClientRect();
    document.body.style.setProperty("--map-width", `${width}px`);
    document.body.style.setProperty("--map-height", `${height}px`);
    document.body.style.setProperty("--map-zoom", String(Math.min(1.2, 940 / width)));
    table();
  });
  addEventListener("afterprint", () => fill($("#table-print")));
  $("#print").addEventListener("click", () => print());
}
