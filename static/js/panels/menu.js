// A button in the bar with a panel that opens under it; Escape and a click elsewhere close it.

import { h, icon } from "../core/dom.js";

export class Menu {
  constructor(root, { id, mark, name, onopen }, ...content) {
    this.panel = h("div", { class: "menu-panel", id, popover: "auto", role: "dialog", "aria-label": name }, content);
    this.button = h("button", { type: "button", class: "quiet menu-button", popovertarget: id, "aria-haspopup": "dialog", title: name }, icon(mark), h("span", {}, name));
    this.panel.addEventListener("beforetoggle", ({ newState }) => newState === "open" && this.#placed());
    this.panel.addEventListener("toggle", ({ newState }) => newState === "open" && onopen?.());
    root.append(this.button, this.panel);
  }

  get open() {
    return this.panel.matches(":popover-open");
  }

  close() {
    if (this.open) this.panel.hidePopover();
  }

  // Its right edge under the button's, within the window.
  #placed() {
    const { right, bottom } = this.button.getBoundingClientRect();
    this.panel.style.setProperty("right", `${Math.max(8, Math.min(innerWidth - right, innerWidth - 340))}px`);
    this.panel.style.setProperty("top", `${bottom + 4}px`);
  }
}
