// The upper edge of the results, to be dragged or moved by keys; the height is kept for the next visit.

import { h } from "../../core/dom.js";
import { t } from "../../core/i18n.js";

const KEPT = "yuantu.dock";
const [LEAST, STEP] = [140, 40]; // pixels

// `moved` is told after each change.
export function resizable(dock, moved) {
  const set = (height, keep = true) => {
    const fits = Math.round(Math.max(LEAST, Math.min(height, innerHeight * 0.75)));
    document.documentElement.style.setProperty("--dock", `${fits}px`);
    edge.setAttribute("aria-valuenow", String(fits));
    if (keep) store(fits);
    moved();
  };
  const edge = h("div", { class: "dock-edge", role: "separator", "aria-orientation": "horizontal", "aria-label": t("table.edge"), "aria-valuemin": String(LEAST), "aria-valuenow": "300", title: t("table.edge"), tabindex: "0" });
  edge.addEventListener("pointerdown", (event) => (event.preventDefault(), edge.setPointerCapture(event.pointerId)));
  edge.addEventListener("pointermove", (event) => edge.hasPointerCapture(event.pointerId) && set(dock.getBoundingClientRect().bottom - event.clientY));
  edge.addEventListener("keydown", (event) => {
    const step = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
    if (!step) return;
    event.preventDefault();
    set(dock.offsetHeight + step);
  });
  dock.prepend(edge);
  const before = Number(stored());
  if (before) set(before, false);
}

// A browser may keep nothing: the height then lasts as long as the page.
function store(height) {
  try {
    localStorage.setItem(KEPT, String(height));
  } catch {
    return;
  }
}

function stored() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
