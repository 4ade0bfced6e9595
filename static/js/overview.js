// The overview: figures of the subdistrict and its communities as tables with bars, each of which opens in the map.

import { get } from "./core/api.js";
import { $, fill, h } from "./core/dom.js";
import { lang, number, t } from "./core/i18n.js";

const SVG = "http://www.w3.org/2000/svg";

export async function openOverview() {
  const query = new URLSearchParams(location.search);
  const root = $("#figures");
  try {
    show(root, await get("/api/figures", { profile: query.get("profile"), as_of: query.get("as_of") }));
  } catch (error) {
    fill(root, h("p", { class: "note error", role: "alert" }, error.message, " ", error.wayOut ?? ""));
  }
  document.body.dataset.ready = "true";
}

function show(root, figures) {
  const { profile, as_of: day, demo, places, measures } = figures;
  fill(
    $("#figures-of"),
    t("overview.of", { profile: profile.label, version: profile.version, day }),
    demo && h("span", { class: "tag" }, t("overview.demo")),
  );
  fill(
    $("#profile"),
    figures.profiles.map(({ id, label }) => h("option", { value: id, selected: id === profile.id }, label)),
  );
  $("#as_of").value = figures.day ?? "";
  const [all, ...rest] = places;
  if (!Object.values(all.figures).some(({ total, na }) => total + na > 0)) return fill(root, h("p", { class: "note" }, t("overview.none")));
  return fill(
    root,
    whole(all, measures),
    rest.length > 0 && h("h2", {}, t("overview.places")),
    h(
      "div",
      { class: "cards" },
      rest.length > 0 && measures.map((measure) => card(measure, rest)),
    ),
    h("p", {}, h("a", { href: `/rules?lang=${lang}&profile=${encodeURIComponent(profile.id)}` }, t("overview.rules"))),
  );
}

function whole(place, measures) {
  const lines = measures.map((measure) => {
    return line(measure, place, 0, [h("b", {}, measure.label), h("small", {}, measure.help)]);
  });
  return h("section", { class: "figure whole" }, table(place.name, t("overview.title"), lines));
}

function card(measure, places) {
  const most = Math.max(...places.map((place) => place.figures[measure.id].total));
  const lines = places.map((place) => line(measure, place, most, [place.name]));
  return h(
    "section",
    { class: "figure", id: measure.id },
    h("h3", {}, measure.label),
    h("p", { class: "muted" }, measure.help),
    table(t("overview.place"), measure.label, lines),
  );
}

function table(first, caption, lines) {
  const head = [first, t("overview.count"), t("overview.unknown"), t("overview.total"), t("overview.share")];
  const classes = ["", "number", "number", "number", "share"];
  return h(
    "table",
    { class: "figures", role: "table" },
    h("caption", { class: "hidden" }, caption),
    h(
      "thead",
      { role: "rowgroup" },
      h(
        "tr",
        { role: "row" },
        head.map((text, i) => h("th", { scope: "col", role: "columnheader", class: classes[i] }, text)),
      ),
    ),
    h("tbody", { role: "rowgroup" }, lines),
  );
}

function line(measure, place, most, name) {
  const count = place.figures[measure.id];
  const href = link(measure, place);
  const said = t("overview.open", { place: place.name, measure: measure.label });
  const zero = count.says === "some" || measure.whole ? null : h("small", {}, t(`overview.says.${count.says}`));
  const figure = [h("b", {}, number(count.yes)), zero];
  const drawn = bar(measure, count, most);
  return h(
    "tr",
    { role: "row", class: count.says },
    h("th", { scope: "row", role: "rowheader" }, name),
    h("td", { role: "cell", class: "number" }, href ? h("a", { href, "aria-label": `${said}: ${number(count.yes)}` }, figure) : figure),
    h("td", { role: "cell", class: "number" }, measure.whole || measure.answer === "unknown" ? " " : number(count.unknown)),
    h("td", { role: "cell", class: "number" }, measure.whole ? " " : number(count.total)),
    h("td", { role: "cell", class: "share" }, href && drawn ? h("a", { href, tabindex: "-1", "aria-hidden": "true" }, drawn) : drawn),
  );
}

// Shares of what the figure concerns; of a figure that is a mere number its size beside the largest.
function bar(measure, count, most) {
  const of = measure.whole ? most : count.total;
  if (!of) return null;
  const svg = part("svg", { class: "bar", width: "100%", height: "14", "aria-hidden": "true", focusable: "false" });
  const share = (value) => Math.round((value / of) * 10000) / 100;
  const [yes, unknown] = measure.answer === "unknown" ? [0, share(count.yes)] : [share(count.yes), share(count.unknown)];
  if (!measure.whole) svg.append(part("rect", { class: "no", width: "100%", height: "14" }));
  if (yes) svg.append(part("rect", { class: measure.whole ? "size" : "yes", width: `${yes}%`, height: "14" }));
  if (unknown) svg.append(part("rect", { class: "unknown", x: `${yes}%`, width: `${unknown}%`, height: "14", fill: "url(#hatch)" }));
  return svg;
}

function part(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Into the map with the very question asked of this community; a figure without a question opens its layer.
function link(measure, place) {
  if (place.kind === "elsewhere") return null;
  const query = new URLSearchParams({ lang });
  if (!measure.question) {
    if (place.community) return null;
    query.set("layers", measure.layer);
    return `/?${query}`;
  }
  query.set("question", measure.question);
  for (const [name, value] of Object.entries(measure.parameters)) query.set(`p.${name}`, value);
  query.set("answer", measure.answer);
  if (place.community) query.set("community", place.community);
  return `/?${query}`;
}
