// What a file will hold, told before it is made: rows, what is left out, columns, coordinates, size, and what the format cannot carry.

import { get } from "../core/api.js";
import { fill, h } from "../core/dom.js";
import { number, t } from "../core/i18n.js";

const PAUSE_MS = 200;

export class FileFacts {
  #request = null;
  #timer = 0;

  constructor(collection) {
    this.collection = collection;
    this.box = h("div", { class: "file-facts", role: "status" });
  }

  // `parameters` as of the file itself; null while something is still to be said.
  show(parameters) {
    this.stop();
    this.box.setAttribute("aria-busy", String(parameters !== null));
    if (parameters === null) return fill(this.box, h("p", { class: "muted" }, t("share.facts.code")));
    if (!this.box.querySelector("dl")) fill(this.box, h("p", { class: "muted" }, t("share.facts.counting")));
    this.#timer = setTimeout(() => this.#ask(parameters), PAUSE_MS);
    return this.box;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#request?.abort();
  }

  async #ask(parameters) {
    const request = (this.#request = new AbortController());
    try {
      this.#render(await get(`/api/exports/${this.collection}`, parameters, { signal: request.signal }));
    } catch (error) {
      if (error.name === "AbortError") return;
      fill(this.box, h("p", { class: "note error" }, [error.message, error.wayOut].filter(Boolean).join(" ")));
    }
    this.box.setAttribute("aria-busy", "false");
  }

  #render(facts) {
    const { written, matched, left_out: out, unplaced, fields, crs, exact, bytes, name, loses } = facts;
    fill(
      this.box,
      h("p", { class: "file-name" }, name),
      h(
        "dl",
        {},
        row("share.facts.rows", written === matched ? number(written) : t("share.facts.of", { n: written, matched })),
        unplaced > 0 && row("share.facts.unplaced", t(out > 0 ? "share.facts.left" : "share.facts.kept", { n: out || unplaced })),
        row("share.facts.size", `${exact ? "" : t("share.facts.about")}${size(bytes)}`),
        row("share.facts.crs", crs),
        row("share.facts.columns", h("details", {}, h("summary", {}, number(fields.length)), h("p", { class: "muted" }, fields.map((f) => f.title).join(t("beside.and"))))),
      ),
      loses.length > 0 && h("div", { class: "note" }, t("share.facts.loses"), h("ul", {}, loses.map((text) => h("li", {}, text)))),
    );
  }
}

const row = (key, value) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, value));

export function size(bytes) {
  if (bytes < 1000) return t("share.bytes", { n: bytes });
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${number(Number(value.toPrecision(value < 10 ? 2 : 3)))} ${unit}`;
}
