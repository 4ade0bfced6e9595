// Two or more communities side by side, figure by figure; which ones stands in the address.

import { $, fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { bar, counted, spoken } from "./bars.js";
import { cardsOf, link } from "./links.js";

export class Compare {
  constructor(places, measures) {
    this.places = places.filter(({ kind }) => kind === "community");
    this.measures = measures;
    const asked = (new URLSearchParams(location.search).get("compare") ?? "").split(",");
    this.chosen = this.places.filter((place) => asked.includes(key(place)));
    this.root = h("div", { class: "figure compare" });
    this.#show();
  }

  #set(chosen) {
    this.chosen = chosen;
    const query = new URLSearchParams(location.search);
    query.delete("compare");
    const text = chosen.map(key).map(encodeURIComponent).join(",");
    history.replaceState(null, "", `?${[query.toString(), text && `compare=${text}`].filter(Boolean).join("&")}`);
    this.#show();
    $("select", this.root)?.focus();
  }

  #show() {
    const left = this.places.filter((place) => !this.chosen.includes(place));
    fill(
      this.root,
      h("h3", { id: "compare-title" }, t("overview.compare")),
      h(
        "div",
        { class: "choose no-print" },
        h("label", { for: "compare-add" }, t("overview.compare.add")),
        h(
          "select",
          { id: "compare-add", onchange: (event) => this.#set([...this.chosen, left.find((place) => key(place) === event.target.value)]) },
          h("option", { value: "" }, t("overview.compare.pick")),
          left.map((place) => h("option", { value: key(place) }, place.name)),
        ),
        left.length > 0 && h("button", { type: "button", onclick: () => this.#set(this.places) }, t("overview.compare.all", { n: this.places.length })),
        this.chosen.length > 0 && h("button", { type: "button", class: "quiet", onclick: () => this.#set([]) }, t("overview.compare.none")),
      ),
      this.chosen.length > 1 ? h("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "compare-title" }, this.#table()) : h("p", { class: "muted" }, t("overview.compare.hint")),
    );
  }

  #table() {
    return h(
      "table",
      { class: "compared", role: "table" },
      h("caption", { class: "hidden" }, t("overview.compare")),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("overview.figure")), this.chosen.map((place) => this.#head(place)))),
      h("tbody", {}, this.measures.map((measure) => this.#row(measure))),
    );
  }

  #head(place) {
    const drop = h("button", { type: "button", class: "round no-print", "aria-label": t("overview.compare.drop", { place: place.name }), onclick: () => this.#set(this.chosen.filter((one) => one !== place)) }, "✕");
    return h("th", { scope: "col" }, place.name, drop, h("a", { class: "cards-link", href: cardsOf(place) }, t("overview.cards")));
  }

  // The largest share among those compared stands in bold type.
  #row(measure) {
    const counts = this.chosen.map((place) => place.figures[measure.id]);
    const shares = counts.map(({ yes, total }) => (measure.whole ? yes : total ? yes / total : -1));
    const [top, most] = [Math.max(...shares), Math.max(...counts.map(({ total }) => total))];
    const cells = this.chosen.map((place, i) => h("td", { class: top > 0 && shares[i] === top ? "top" : null }, this.#cell(measure, place, counts[i], most)));
    return h("tr", {}, h("th", { scope: "row" }, measure.label), cells);
  }

  #cell(measure, place, count, most) {
    const percent = measure.whole || !count.total ? null : t("overview.percent", { n: Math.round((count.yes / count.total) * 1000) / 10, total: count.total });
    const open = measure.whole || measure.answer === "unknown" || !count.unknown ? null : t("overview.compare.unknown", { n: count.unknown });
    return [h("a", { href: link(measure, place), "aria-label": spoken(measure, place, count) }, counted(measure, count)), h("small", {}, [percent, open].filter(Boolean).join(t("card.comma"))), bar(measure, count, most)];
  }
}

const key = (place) => place.code ?? place.community;
