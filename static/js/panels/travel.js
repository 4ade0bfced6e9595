// Taking the current map away as one file: how large it would be, all of it or what is in view, and the download.

import { serialise } from "../core/address.js";
import { call } from "../core/api.js";
import { $, fill, h, icon } from "../core/dom.js";
import { lang, number, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { boxText } from "../map/feature_layer.js";

const ON_SCREEN_ONLY = { table: null, columns: null, picked: [], inView: false }; // the file has a table of its own

class TakeAway {
  #request = null;

  constructor(map, button) {
    this.map = map;
    this.size = h("p", { class: "size", role: "status" });
    this.save = h("a", { class: "button primary", id: "travel-save", download: "" });
    this.inView = h("input", { type: "radio", name: "travel", id: "travel-view", value: "view", onchange: () => this.#estimate() });
    this.all = h("input", { type: "radio", name: "travel", id: "travel-all", value: "all", checked: true, onchange: () => this.#estimate() });
    this.dialog = h(
      "dialog",
      { class: "travel-dialog", "aria-labelledby": "travel-title" },
      h("h2", { id: "travel-title" }, t("travel.title")),
      h("p", { class: "muted" }, t("travel.lead")),
      h("div", { class: "field check" }, this.all, h("label", { for: "travel-all" }, t("travel.all"))),
      h("div", { class: "field check" }, this.inView, h("label", { for: "travel-view" }, t("travel.view"))),
      this.size,
      h("div", { class: "actions" }, this.save, h("button", { type: "button", class: "quiet", onclick: () => this.dialog.close() }, t("cancel"))),
    );
    this.save.addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.#request?.abort());
    document.body.append(this.dialog);
    button.addEventListener("click", () => this.#open());
  }

  #open() {
    this.dialog.showModal();
    this.#estimate();
  }

  // The address of the file: the workspace's own state, and the box when only what is in view is wanted.
  #address(extra) {
    const { lat, lng } = this.map.getCenter();
    const view = { zoom: this.map.getZoom(), lat, lon: lng };
    const box = this.inView.checked ? `&bbox=${boxText(this.map.getBounds())}` : "";
    return `/map.html${serialise({ ...state.value, view, ...ON_SCREEN_ONLY }, lang)}${box}${extra}`;
  }

  async #estimate() {
    this.#request?.abort();
    const { signal } = (this.#request = new AbortController());
    this.#show(t("travel.counting"), "muted", null);
    try {
      const { body } = await call("GET", this.#address("&size=1"), { signal });
      const values = { mb: Number((body.bytes / 1e6).toFixed(1)), n: body.features, most: number(body.limit_bytes / 1e6) };
      if (body.too_large) this.#show(t("travel.large", values), "note warn", t("travel.anyway"), "&download=1&confirm=1");
      else this.#show(t("travel.size", values), "muted", t("travel.save"), "&download=1");
    } catch (error) {
      if (error.name !== "AbortError") this.#show([error.message, error.wayOut].filter(Boolean).join(" "), "note error", null);
    }
  }

  #show(text, kind, label, extra = "") {
    this.size.className = `size ${kind}`;
    this.size.textContent = text;
    this.save.hidden = label === null;
    if (label === null) return;
    fill(this.save, icon("download"), label);
    this.save.href = this.#address(extra);
  }
}

export const wireTakeAway = (map) => new TakeAway(map, $("#travel"));
