// Which panel is open: columns beside the map on a wide screen, one sheet over it on a phone.

import { $ } from "../core/dom.js";

const NARROW = matchMedia("(max-width: 760px)");

const TABS = ["layers", "filter", "questions"];

export const isNarrow = () => NARROW.matches;

// Show the panel `name` ("layers", "filter", "questions", "results", "details"); null closes the sheet on a phone.
export function show(name) {
  const body = document.body.dataset;
  if (TABS.includes(name)) body.tab = name;
  if (TABS.includes(name) && body.side === "folded") fold(false);
  body.sheet = name ?? "";
  for (const button of document.querySelectorAll("[data-show]")) {
    const on = button.dataset.show === (button.closest(".tabs") ? body.tab : name);
    button.setAttribute(button.closest(".tabs") ? "aria-selected" : "aria-pressed", String(on));
    if (button.closest(".tabs")) button.tabIndex = on ? 0 : -1;
  }
}

// Left and right go from tab to tab, as everywhere.
function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const tabs = [...event.currentTarget.querySelectorAll('[role="tab"]')];
  const at = tabs.indexOf(event.target);
  if (!step || at < 0) return;
  const next = tabs[(at + step + tabs.length) % tabs.length];
  next.focus();
  show(next.dataset.show);
}

function fold(folded) {
  document.body.dataset.side = folded ? "folded" : "";
  $("#side-fold").setAttribute("aria-expanded", String(!folded));
  dispatchEvent(new Event("resize")); // Leaflet looks at its size then
}

export function wireSheets() {
  for (const button of document.querySelectorAll("[data-show]")) {
    button.addEventListener("click", () =>
      show(isNarrow() && document.body.dataset.sheet === button.dataset.show ? null : button.dataset.show),
    );
  }
  for (const button of document.querySelectorAll("[data-hide]")) button.addEventListener("click", () => show(null));
  $("#side-fold").addEventListener("click", () => fold(document.body.dataset.side !== "folded"));
  for (const list of document.querySelectorAll('[role="tablist"]')) list.addEventListener("keydown", walk);
  show(document.body.dataset.tab);
  if (isNarrow()) show(null);
}

// Pixels of the map that panels cover, for fitting a view: [left, top, right, bottom].
export function covered() {
  if (!isNarrow()) {
    const details = $("#details");
    return [0, 0, details.hidden ? 0 : details.offsetWidth, 0];
  }
  const sheet = document.querySelector(`.sheet[data-panel~="${document.body.dataset.sheet || "none"}"]`);
  return [0, 0, 0, sheet ? Math.max(0, $("#map-area").getBoundingClientRect().bottom - sheet.getBoundingClientRect().top) : 0];
}
