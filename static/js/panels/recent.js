// My last edits and imports, newest first, each with its reason and the way to take it back, or to bring it back.

import { get } from "../core/api.js";
import { catalogue, changes } from "../core/catalogue.js";
import { fill, h } from "../core/dom.js";
import { keepFocus } from "../core/focus.js";
import { who } from "../core/format.js";
import { dateTime, label, lang, t } from "../core/i18n.js";
import { state } from "../core/state.js";
import { tell } from "../core/toast.js";
import { undo } from "../core/undo.js";
import { Menu } from "./menu.js";

const AT_ONCE = 15;
const LISTED = 2; // layers of one import that stand in the line; those of more are folded

export class Recent {
  #turn = 0;

  constructor(root) {
    this.list = h("ol", { class: "revisions" });
    this.more = h("button", { type: "button", class: "link", hidden: true, onclick: () => this.load({ more: true }) }, t("recent.more"));
    this.menu = new Menu(root, { id: "recent-menu", mark: "history", name: t("recent"), onopen: () => this.load() }, h("h2", {}, t("recent")), this.list, this.more);
    changes.addEventListener("changed", () => this.menu.open && this.load());
  }

  async load({ more = false } = {}) {
    const turn = (this.#turn += 1);
    try {
      const { revisions } = await get("/api/revisions", { limit: AT_ONCE, before: more ? this.last : null });
      if (turn !== this.#turn) return; // a later list is on its way
      this.last = revisions.at(-1)?.revision ?? this.last;
      this.more.hidden = revisions.length < AT_ONCE;
      const rows = revisions.map((one) => this.#row(one));
      if (more) this.list.append(...rows);
      else keepFocus(this.list, () => fill(this.list, rows.length ? rows : h("li", { class: "muted" }, t("recent.none"))));
    } catch (error) {
      tell(error);
    }
  }

  #row(one) {
    const undone = one.undone_by !== null;
    const back = (event) => this.#take(event.currentTarget, undone ? one.undone_by : one.revision);
    return h(
      "li",
      { class: undone ? "undone" : "", data: { revision: one.revision } },
      h("div", {}, this.#what(one), one.reason && h("p", { class: "why" }, one.reason), h("p", { class: "muted" }, `${dateTime(one.at)} · ${who(one.actor)}${undone ? ` · ${t("recent.undone")}` : ""}`)),
      one.import_id === null
        ? h("button", { type: "button", onclick: back }, t(undone ? "recent.redo" : "undo"))
        : h("a", { class: "button", href: `/imports/${one.import_id}?lang=${lang}` }, t("recent.import")),
    );
  }

  async #take(button, revision) {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true"; // not disabled: the keyboard would lose its place
    await undo(revision).catch(tell);
    button.ariaBusy = "false";
  }

  // "Hazards: 1 changed", after the name of the first feature as a link to it while it is there.
  #what({ layers, first, import_id: imported }) {
    const said = layers.map(({ layer, ...counts }) => t("recent.layer", { layer: label(catalogue.layers.get(layer)?.label) || layer, what: words(counts) }));
    if (layers.length > LISTED) return [h("p", {}, imported === null ? "" : `${t("history.import")} `, t("recent.layers", { n: layers.length, what: words(sums(layers)) })), folded(said)];
    const line = said.join(t("life.and"));
    if (imported !== null) return h("p", {}, `${t("history.import")} ${line}`);
    if (!first?.title) return h("p", {}, line);
    const open = () => state.set({ selected: { layer: first.layer, id: first.id } }, { push: true });
    return h("p", {}, h("button", { type: "button", class: "link", onclick: open }, first.title), " · ", line);
  }
}

const COUNTS = ["inserted", "changed", "deleted"];
const words = (counts) => COUNTS.filter((key) => counts[key]).map((key) => t(`recent.${key}`, { n: counts[key] })).join(t("comma"));
const sums = (layers) => Object.fromEntries(COUNTS.map((key) => [key, layers.reduce((sum, one) => sum + one[key], 0)]));
const folded = (lines) => h("details", {}, h("summary", {}, t("recent.each")), lines.map((line) => h("p", { class: "muted" }, line)));
