// The address of what is shown, to copy.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { copyField } from "./copy.js";
import { fullAddress } from "./here.js";

const LONG = 2000; // characters that chat programs still take as one link

export class LinkPane {
  constructor(map) {
    this.map = map;
    this.link = copyField("share-link", t("share.link.label"), { tag: "textarea", rows: 4 });
    this.note = h("p", { class: "note warn", hidden: true }, t("share.link.long"));
    this.box = h("div", {}, h("p", { class: "muted" }, t("share.link.lead")), this.link.box, this.note);
  }

  show() {
    const address = fullAddress(this.map);
    this.link.set(address);
    this.note.hidden = address.length <= LONG;
  }
}
