// The overview: figures of the subdistrict and its communities as tables with bars and small maps, each of which opens in the workspace.

import { get } from "./core/api.js";
import { $, fill, h } from "./core/dom.js";
import { lang, t } from "./core/i18n.js";
import { Compare } from "./overview/compare.js";
import { cardsOf } from "./overview/links.js";
import { Maps } from "./overview/maps.js";
import { card, whole } from "./overview/tables.js";

export async function openOverview() {
  const query = new URLSearchParams(location.search);
  const asked = { profile: query.get("profile"), as_of: query.get("as_of") };
  const root = $("#figures");
  try {
    const [figures, maps] = await Promise.all([get("/api/figures", asked), get("/api/figures/maps", asked)]);
    show(root, figures, maps.box ? new Maps(maps) : null);
  } catch (error) {
    fill(root, h("p", { class: "note error", role: "alert" }, error.message, " ", error.wayOut ?? ""));
  }
  document.body.dataset.ready = "true";
}

function show(root, figures, maps) {
  const { profile, places, measures } = figures;
  head(figures);
  const [all, ...rest] = places;
  if (!Object.values(all.figures).some(({ total, na }) => total + na > 0)) return fill(root, h("p", { class: "note" }, t("overview.none"), " ", h("a", { href: `/import?lang=${lang}` }, t("nav.import"))));
  const cards = rest.length > 0 && measures.map((measure) => card(measure, rest, maps?.draw(measure, places)));
  return fill(
    root,
    whole(all, measures),
    rest.length > 1 && h("h2", {}, t("overview.compare.title")),
    rest.length > 1 && new Compare(rest, measures).root,
    rest.length > 0 && h("h2", {}, t("overview.places")),
    rest.length > 0 && jobs(rest),
    h("div", { class: "cards" }, cards),
    h("p", {}, h("a", { href: `/rules?lang=${lang}&profile=${encodeURIComponent(profile.id)}` }, t("overview.rules"))),
  );
}

function head({ profile, profiles, as_of: asOf, day, demo }) {
  fill(
    $("#figures-of"),
    t("overview.of", { profile: profile.label, version: profile.version, day: asOf }),
    demo && h("span", { class: "tag" }, t("overview.demo")),
  );
  fill(
    $("#profile"),
    profiles.map(({ id, label }) => h("option", { value: id, selected: id === profile.id }, label)),
  );
  $("#as_of").value = day ?? "";
}

// All cards of a community as one print job.
function jobs(places) {
  const own = places.filter(({ kind }) => kind === "community");
  return h("p", { class: "jobs no-print" }, t("overview.jobs"), " ", own.map((place) => [h("a", { href: cardsOf(place) }, place.name), " "]));
}
