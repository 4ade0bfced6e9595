// What lies in the area that is asked about: how many of every layer, each with the way to its table.

import { get } from "../core/api.js";
import { asked } from "../core/asked.js";
import { catalogue, changes } from "../core/catalogue.js";
import { fill, h } from "../core/dom.js";
import { label, number, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { tell } from "../core/toast.js";
import { openTable } from "./listing.js";

export class Inside {
  #asked = ""; // what the numbers are of

  // `leave()` is called before a table opens.
  constructor(leave) {
    this.leave = leave;
    this.root = h("div", { class: "inside", id: "area-inside-list", role: "region", "aria-label": t("area.holds"), "aria-live": "polite" });
    changes.addEventListener("changed", () => (this.#asked = ""));
  }

  // The element, hidden where nothing narrows the place; the numbers come when they are counted.
  get element() {
    const place = asked.place();
    this.root.hidden = !Object.keys(place).length;
    const now = JSON.stringify([place, state.value.filters]);
    if (!this.root.hidden && now !== this.#asked) {
      this.#asked = now;
      this.#count(place, now).catch((error) => {
        this.#asked = ""; // opening the panel again asks again
        this.#fill();
        tell(error);
      });
    }
    return this.root;
  }

  async #count(place, now) {
    const layers = [...catalogue.layers.values()].filter(({ count, derived }) => count && !derived);
    this.#fill(h("p", { class: "muted" }, t("area.counting")));
    const counts = await Promise.all(layers.map(({ id }) => get(`/api/asks/${id}`, { ...place, ...asked.ofLayer(id) })));
    if (now !== this.#asked) return;
    const rows = layers.map((layer, i) => [layer, counts[i]]).filter(([, { problem, matched }]) => problem || matched);
    this.#fill(rows.length ? h("ul", {}, rows.map(([layer, count]) => this.#row(layer, count))) : h("p", { class: "muted" }, t("area.holds.none")));
  }

  #row({ id, label: name }, { problem, matched }) {
    const open = () => {
      this.leave();
      openTable(id);
    };
    if (problem) return h("li", { class: "muted", title: problem.detail }, `${label(name)} —`);
    return h("li", {}, h("button", { type: "button", class: "link", onclick: open, data: { inside: id } }, label(name), " ", h("b", {}, number(matched))));
  }

  #fill(...content) {
    fill(this.root, h("h2", {}, t("area.holds")), ...content);
  }
}
