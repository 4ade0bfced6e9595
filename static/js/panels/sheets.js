// Which panel is open: columns beside the map on a wide screen, one sheet over it on a phone.

import { $ } from "../core/dom.js";

const NARROW = matchMedia("(max-width: 760px)");

export const isNarrow = () => NARROW.matches;

// Show the panel `name` ("layers", "questions", "results", "details"); null closes the sheet on a phone.
export function show(name) {
  const body = document.body.dataset;
  if (name === "layers" || name === "questions") body.tab = name;
  body.sheet = name ?? "";
  for (const button of document.querySelectorAll("[data-show]")) {
    const on = button.dataset.show === (button.closest(".tabs") ? body.tab : name);
    button.setAttribute(button.closest(".tabs") ? "aria-selected" : "aria-pressed", String(on));
  }
}

export function wireSheets() {
  for (const button of document.querySelectorAll("[data-show]")) {
    button.addEventListener("click", () =>
      show(isNarrow() && document.body.dataset.sheet === button.dataset.show ? null : button.dataset.show),
    );
  }
  for (const button of document.querySelectorAll("[data-hide]")) button.addEventListener("click", () => show(null));
  show(document.body.dataset.tab);
  if (isNarrow()) show(null);
}

// Pixels of the map that panels cover, for fitting a view: [left, top, right, bottom].
export function covered() {
  const map = $("#map-area").getBoundingClientRect();
  if (!isNarrow()) {
    const details = $("#details");
    return [0, 0, details.hidden ? 0 : details.offsetWidth, 0];
  }
  const sheet = document.querySelector(`.sheet[data-panel~="${document.body.dataset.sheet || "none"}"]`);
  return [0, 0, 0, sheet ? Math.max(0, map.bottom - sheet.getBoundingClientRect().top) : 0];
}
