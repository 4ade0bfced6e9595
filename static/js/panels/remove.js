// Deleting a feature: asked once more, with a reason, and offered back.

import { Problem, address, call } from "../core/api.js";
import { changed } from "../core/catalogue.js";
import { h } from "../core/dom.js";
import { titleText } from "../core/format.js";
import { t } from "../core/i18n.js";
import { offerUndo } from "../core/undo.js";
import { reasonInput, showProblem } from "./fields.js";

export class RemoveForm {
  // `done(true)` when it is gone, `done(false)` when it stays.
  constructor(layer, feature, etag, done) {
    Object.assign(this, { layer, feature, etag, done });
    this.trouble = h("div", { class: "trouble", "aria-live": "assertive" });
    this.reason = reasonInput("remove-reason");
    this.button = h("button", { type: "submit", class: "danger" }, t("remove.confirm"));
    this.element = h(
      "form",
      { class: "edit", onsubmit: (event) => this.#submit(event) },
      this.trouble,
      h("p", {}, t("remove.explain")),
      this.reason.row,
      h("div", { class: "actions" }, this.button, h("button", { type: "button", class: "quiet", onclick: () => done(false) }, t("cancel"))),
    );
  }

  focus() {
    this.reason.element.focus({ preventScroll: true });
  }

  async #submit(event) {
    event.preventDefault();
    const reason = this.reason.element.value.trim();
    this.button.disabled = true;
    try {
      const path = address(`/ogc/collections/${this.layer.id}/items/${this.feature.id}`);
      const { revision } = await call("DELETE", path, { ...(reason && { json: { reason } }), headers: { "If-Match": this.etag } });
      offerUndo(t("remove.done", { name: titleText(this.feature, this.layer) }), revision);
      this.done(true);
      changed({ all: true });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.button.disabled = false;
      showProblem(error, this.trouble);
    }
  }
}
