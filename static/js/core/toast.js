// Short messages at the edge of the page, read out by screen readers, with at most one action.

import { $, h, icon } from "./dom.js";
import { t } from "./i18n.js";

const MOST = 3; // older ones make room, so that they never grow over the map

export function toast(message, { kind = "done", action = null, seconds = 8 } = {}) {
  const close = () => box.remove();
  const box = h(
    "div",
    { class: `toast ${kind}`, role: kind === "error" ? "alert" : "status" },
    icon(kind === "error" ? "warn" : kind === "note" ? "info" : "check"),
    h("p", {}, message),
    action && h("button", { type: "button", class: "quiet strong", onclick: () => (close(), action.run()) }, action.label),
    h("button", { type: "button", class: "round", "aria-label": t("close"), onclick: close }, icon("close")),
  );
  const shelf = $("#toasts");
  for (const other of [...shelf.children]) if (other.querySelector("p").textContent === box.querySelector("p").textContent) other.remove();
  while (shelf.children.length >= MOST) shelf.firstElementChild.remove();
  shelf.append(box);
  if (seconds) setTimeout(close, seconds * 1000);
  return close;
}

export function tell(error) {
  if (error.name === "AbortError") return;
  toast([error.message, error.wayOut].filter(Boolean).join(" "), { kind: "error", seconds: 15 });
}
