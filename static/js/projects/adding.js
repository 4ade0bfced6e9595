// One more compound by hand: search by name, alias or code.

import { get } from "../core/api.js";
import { fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { tell } from "../core/toast.js";

const WAIT_MS = 200;

export function adding(page) {
  let timer = 0;
  const found = h("ul", { class: "found", "aria-live": "polite" });
  const ask = async () => {
    const q = input.value.trim();
    if (!q) return fill(found);
    const { results, numberMatched } = await get("/api/search", { q, layer: "compounds" });
    if (q !== input.value.trim()) return undefined; // something else is sought by now
    const mine = new Set(page.project.compounds.map(({ id }) => id));
    if (!results.length) return fill(found, h("li", { class: "muted" }, t("search.none", { q })));
    const more = numberMatched > results.length && h("li", { class: "muted" }, t("search.more", { n: results.length, matched: numberMatched }));
    return fill(found, results.map((row) => line(page, row, mine.has(row.id))), more);
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask().catch(tell), WAIT_MS);
  };
  const input = h("input", { type: "search", id: "add-compound", placeholder: t("projects.add.hint"), autocomplete: "off", oninput: later });
  return h("section", { class: "figure adding no-print" }, h("div", { class: "field" }, h("label", { for: "add-compound" }, t("projects.add")), input), found);
}

function line(page, { id, title, subtitle }, there) {
  const put = () => page.save({ add: { ids: [id] } }, t("projects.added", { name: title }));
  return h(
    "li",
    {},
    h("span", {}, h("b", {}, title), " ", h("small", {}, subtitle)),
    there ? h("span", { class: "muted" }, t("projects.add.there")) : h("button", { type: "button", onclick: put }, t("projects.add.one")),
  );
}
