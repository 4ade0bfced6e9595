// The code that puts the map into another page.

import { h } from "../core/dom.js";
import { lang, t } from "../core/i18n.js";
import { copyField } from "./copy.js";
import { query } from "./here.js";

const SIZES = [
  [800, 500],
  [480, 360],
  [1200, 700],
];

export class EmbedPane {
  constructor(map) {
    this.map = map;
    this.size = h("select", { id: "share-embed-size", onchange: () => this.show() }, SIZES.map(([w, height], i) => h("option", { value: i }, `${w} × ${height}`)));
    this.code = copyField("share-embed", t("share.embed.label"), { tag: "textarea", rows: 5 });
    this.look = h("a", { class: "button", target: "_blank", rel: "noopener" }, t("share.embed.look"));
    this.box = h(
      "div",
      {},
      h("p", { class: "muted" }, t("share.embed.lead")),
      h("div", { class: "field" }, h("label", { for: "share-embed-size" }, t("share.embed.size")), this.size),
      this.code.box,
      h("div", { class: "actions" }, this.look),
      h("p", { class: "note" }, t("share.embed.origins")),
    );
  }

  // `view`: the name of a kept view; without it the code holds the whole address.
  show(view = null) {
    const path = view ? `/embed?view=${encodeURIComponent(view)}&lang=${lang}` : `/embed${query(this.map)}`;
    const [width, height] = SIZES[Number(this.size.value)];
    const said = { src: `${location.origin}${path}`, width, height, title: document.title, loading: "lazy" };
    this.code.set(`<iframe ${Object.entries(said).map(([name, value]) => `${name}="${quoted(value)}"`).join(" ")}></iframe>`);
    this.look.href = path;
  }
}

const quoted = (value) => String(value).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
