// The layers that are on as one list, the topmost first: dragged by their handle, or moved by buttons and Alt with the arrow keys.

import { h } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { sample } from "../map/swatch.js";

// `layers`: FeatureLayers, topmost first; `move(id, place)` is told the new place from the top.
export function stackList(layers, move) {
  const list = h("ol", { class: "stack", "aria-label": t("layers.order") });
  list.append(...layers.map((layer, i) => item(list, layer, i, layers.length, move)));
  return list;
}

function item(list, layer, i, n, move) {
  const name = label(layer.label);
  const step = (by) => move(layer.id, i + by);
  const button = (by, key, glyph) =>
    h("button", { type: "button", class: "round", id: `stack-${by < 0 ? "up" : "down"}-${layer.id}`, title: t(key), "aria-label": `${t(key)} ${name}`, disabled: i + by < 0 || i + by >= n, onclick: () => step(by) }, glyph);
  const row = h(
    "li",
    { data: { layer: layer.id }, onkeydown: (event) => arrows(event, step) },
    h("span", { class: "handle", "aria-hidden": "true", title: t("layers.order.drag") }, "⠿"),
    sample(layer),
    h("span", { class: "name" }, name),
    button(-1, "layers.order.up", "↑"),
    button(1, "layers.order.down", "↓"),
  );
  row.querySelector(".handle").addEventListener("pointerdown", (event) => drag(event, list, row, move));
  return row;
}

function arrows(event, step) {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!by || !event.altKey) return;
  event.preventDefault();
  step(by);
}

// By pointer, so that a finger drags as a mouse does; the list holds the pointer, because what is moved in the page would lose it.
function drag(event, list, row, move) {
  event.preventDefault();
  list.setPointerCapture(event.pointerId);
  row.classList.add("dragged");
  const over = ({ clientY }) => {
    const next = [...list.children].find((one) => one !== row && clientY < one.getBoundingClientRect().top + one.offsetHeight / 2);
    if (next !== row.nextElementSibling) list.insertBefore(row, next ?? null);
  };
  const end = () => {
    for (const name of ["pointermove", "pointerup", "pointercancel"]) list.removeEventListener(name, name === "pointermove" ? over : end);
    row.classList.remove("dragged");
    move(row.dataset.layer, [...list.children].indexOf(row));
  };
  list.addEventListener("pointermove", over);
  list.addEventListener("pointerup", end);
  list.addEventListener("pointercancel", end);
}
