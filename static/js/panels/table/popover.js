// A small panel beside the button that opened it: closed by Escape or a click elsewhere, the focus goes back to the button.

import { h, icon } from "../../core/dom.js";
import { keyOf } from "../../core/focus.js";
import { t } from "../../core/i18n.js";

const EDGE = 8; // pixels that stay free at the window's edge

let shown = null;

// Opens over everything and returns the panel; a second call with the same anchor closes it instead.
export function popover(anchor, { title, kind }, ...content) {
  const again = shown?.anchor === anchor && shown.panel.matches(":popover-open");
  shown?.panel.hidePopover();
  if (again) return null;
  const panel = h(
    "div",
    { class: `popover ${kind}`, popover: "auto", role: "dialog", "aria-label": title, tabindex: "-1" },
    h("header", { role: "presentation" }, h("h3", {}, title), h("button", { type: "button", class: "round", "aria-label": t("close"), onclick: () => panel.hidePopover() }, icon("close"))),
    content,
  );
  document.body.append(panel);
  const grown = new ResizeObserver(() => panel.isConnected && anchor.isConnected && place(panel, anchor));
  const current = (shown = { anchor, key: keyOf(anchor), panel, grown });
  panel.addEventListener("toggle", (event) => event.newState === "closed" && close(current));
  anchor.setAttribute("aria-expanded", "true");
  panel.showPopover();
  place(panel, anchor);
  grown.observe(panel);
  (panel.querySelector("[data-first]") ?? panel.querySelector("input, select") ?? panel).focus();
  return panel;
}

function close({ anchor, key, panel, grown }) {
  grown.disconnect();
  const inside = panel.contains(document.activeElement) || document.activeElement === document.body;
  anchor.removeAttribute("aria-expanded");
  panel.remove();
  if (shown?.panel === panel) shown = null;
  if (inside) (anchor.isConnected ? anchor : key && document.querySelector(key))?.focus(); // what it did may have drawn the button anew
}

// Below the anchor where it fits, else above it, always inside the window.
function place(panel, anchor) {
  const from = anchor.getBoundingClientRect();
  const { width, height } = panel.getBoundingClientRect();
  const fits = from.left + width <= innerWidth - EDGE;
  const left = Math.max(EDGE, fits ? from.left : Math.min(from.right, innerWidth - EDGE) - width);
  const below = from.bottom + 4;
  const top = below + height <= innerHeight - EDGE ? below : Math.max(EDGE, from.top - height - 4);
  panel.style.setProperty("left", `${left}px`);
  panel.style.setProperty("top", `${top}px`);
}
