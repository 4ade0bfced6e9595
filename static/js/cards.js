// All cards of a community as one print job: the contents first, then a card after the other, fetched a few at a time with progress.

import { get } from "./core/api.js";
import { $, fill, h } from "./core/dom.js";
import { lang, number, t } from "./core/i18n.js";
import { foot } from "./card/footer.js";
import { chooser, failure } from "./card/page.js";
import { severity } from "./card/parts.js";
import { sheet } from "./card/sheet.js";
import { toCard } from "./card/links.js";

const AT_ONCE = 3;

export async function openCards(community) {
  const query = new URLSearchParams(location.search);
  const asked = { profile: query.get("profile"), as_of: query.get("as_of") };
  try {
    const made = await get(`/api/communities/${encodeURIComponent(community)}/cards`, asked);
    chooser(made);
    $("h1").textContent = t("cards.title.of", { community: made.community.name });
    document.title = $("h1").textContent;
    foot(null, t("cards.foot", { community: made.community.name, day: made.as_of }));
    fill($("#contents"), contents(made));
    await new Job(made, asked).run();
  } catch (error) {
    failure($("#cards"), error);
  }
  document.body.dataset.ready = "true";
}

// Places are kept in order while cards come in any.
class Job {
  #stop = new AbortController();
  #done = 0;

  constructor(made, asked) {
    this.made = made;
    this.asked = asked;
    this.places = made.compounds.map(({ id }) => h("div", { class: "cardplace", data: { id: String(id) } }));
  }

  async run() {
    fill($("#cards"), this.places);
    $("#cancel").hidden = false;
    $("#cancel").addEventListener("click", () => this.#stop.abort());
    const all = this.made.compounds.length;
    const left = this.made.compounds.map((line, i) => [line, this.places[i], t("cards.place", { n: i + 1, all })]);
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.#work(left)));
      $("#print").disabled = false;
      $("#print").addEventListener("click", () => window.print());
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    } finally {
      this.#stop.abort();
      this.#tell();
    }
  }

  async #work(left) {
    for (let next = left.shift(); next && !this.#stop.signal.aborted; next = left.shift()) {
      const [line, place, said] = next;
      const card = await get(`/api/compounds/${line.id}/card`, this.asked, { signal: this.#stop.signal });
      foot(`card-${card.id}`, t("card.foot", { name: card.name ?? "", code: card.code, day: card.as_of, fingerprint: card.fingerprint }), said);
      place.replaceWith(sheet(card, said));
      this.#done += 1;
      this.#tell();
    }
  }

  #tell() {
    const [done, all] = [this.#done, this.made.compounds.length];
    const stopped = this.#stop.signal.aborted && done < all;
    $("#progress").value = all ? done / all : 1;
    $("#progress").hidden = $("#cancel").hidden = stopped || done === all;
    $("#progress-text").textContent = t(stopped ? "cards.stopped" : done === all ? "cards.done" : "cards.working", { done, all });
  }
}

// The number stands at the head of the card's pages; the name leads to the card below: in the printed file it is a link too.
function contents(made) {
  const cells = (line, i) => [
    h("td", { role: "cell", class: "number" }, number(i + 1)),
    h("th", { scope: "row", role: "rowheader" }, h("a", { href: `#card-${line.id}` }, line.name ?? line.code), h("small", {}, ` ${line.code ?? ""}`)),
    h("td", { role: "cell" }, severity(made, line.worst, known(line))),
    ...numbers(made, line).map(([key, value]) => h("td", { role: "cell", class: "number", "data-label": t(key) }, value === null ? t("card.nodata") : number(value))),
    h("td", { role: "cell", class: "no-print" }, h("a", { href: toCard(line.id, made), lang: lang === "en" ? "en" : "zh-CN" }, t("cards.alone"))),
  ];
  const head = [t("cards.number"), t("cards.compound"), t("card.worst"), ...numbers(made, made.compounds[0] ?? null).map(([key]) => t(key))];
  return [
    h("h2", {}, t("cards.contents", { n: made.compounds.length })),
    h("p", { class: "muted" }, t("cards.basis", { profile: made.profile.label, version: made.profile.version, day: made.as_of }), made.demo && h("span", { class: "tag" }, t("card.demo"))),
    h(
      "table",
      { class: "cardtable contents", role: "table" },
      h("caption", { class: "hidden" }, t("cards.contents", { n: made.compounds.length })),
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head.map((text, i) => h("th", { scope: "col", role: "columnheader", class: i === 0 || i > 2 ? "number" : null }, text)), h("th", { class: "no-print", scope: "col", role: "columnheader" }, t("cards.open")))),
      h("tbody", { role: "rowgroup" }, made.compounds.map((line, i) => h("tr", { role: "row" }, cells(line, i)))),
    ),
  ];
}

// Whether any of its checks could be made.
const known = ({ complies, failures }) => complies + Object.values(failures).reduce((sum, n) => sum + n, 0) > 0;

function numbers(made, line) {
  if (!line) return [];
  const fails = Object.values(line.failures).reduce((sum, n) => sum + n, 0);
  return [
    ["card.fails", fails],
    ["card.unknown", line.unknown],
    ["card.hazards.short", line.hazards?.total ?? null],
    ["card.hazards.overdue", line.hazards?.overdue ?? null],
    ["card.gaps", line.gaps.count],
  ];
}
