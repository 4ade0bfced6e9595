// Sharing what is shown: its address, a short named view, the code for another page, a picture.

import { fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { tell } from "../core/toast.js";
import { EmbedPane } from "../share/embed_pane.js";
import { LinkPane } from "../share/link_pane.js";
import { PicturePane } from "../share/picture_pane.js";
import { ViewsPane } from "../share/views_pane.js";

const PANES = { link: LinkPane, views: ViewsPane, embed: EmbedPane, picture: PicturePane };

export class Share {
  #panes = new Map();

  constructor(root, map) {
    this.map = map;
    const button = h("button", { type: "button", class: "quiet", id: "share-open", "aria-haspopup": "dialog", title: t("share"), onclick: () => this.open() });
    fill(root, fill(button, icon("share"), h("span", {}, t("share"))));
  }

  open(name = "link") {
    if (!this.dialog) this.#make();
    this.dialog.showModal();
    this.#show(name);
  }

  #make() {
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": t("share"), onkeydown: (event) => this.#walk(event) }, Object.keys(PANES).map((name) => this.#tab(name)));
    this.body = h("div", { id: "share-body", role: "tabpanel" });
    this.dialog = h(
      "dialog",
      { class: "share-dialog", "aria-labelledby": "share-title" },
      h(
        "header",
        { role: "presentation" },
        h("h2", { id: "share-title" }, t("share.title")),
        h("button", { type: "button", class: "round", "aria-label": t("close"), onclick: () => this.dialog.close() }, icon("close")),
      ),
      this.tabs,
      this.body,
    );
    document.body.append(this.dialog);
  }

  #tab(name) {
    return h("button", { type: "button", role: "tab", id: `share-tab-${name}`, "aria-controls": "share-body", data: { pane: name }, onclick: () => this.#show(name) }, t(`share.tab.${name}`));
  }

  // Left and right go from tab to tab.
  #walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = Object.keys(PANES);
    const next = names[(names.indexOf(this.shown) + step + names.length) % names.length];
    this.#show(next);
    this.tabs.querySelector(`[data-pane="${next}"]`).focus();
  }

  #show(name) {
    this.shown = name;
    for (const tab of this.tabs.children) {
      tab.setAttribute("aria-selected", String(tab.dataset.pane === name));
      tab.tabIndex = tab.dataset.pane === name ? 0 : -1;
    }
    if (!this.#panes.has(name)) this.#panes.set(name, new PANES[name](this.map));
    const pane = this.#panes.get(name);
    this.body.setAttribute("aria-labelledby", `share-tab-${name}`);
    fill(this.body, pane.box);
    Promise.resolve(pane.show()).catch(tell);
  }
}
