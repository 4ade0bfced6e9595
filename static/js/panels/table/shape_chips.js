// The shapes of an answer beside its rows (pinch points, routes): which are drawn, and the chips that switch them.

import { asked } from "../../core/asked.js";
import { $, fill, h } from "../../core/dom.js";
import { keepFocus } from "../../core/focus.js";
import { label, number, t } from "../../core/i18n.js";
import { pressed } from "../../core/pressed.js";
import { state } from "../../core/state.js";
import { swatch } from "../../map/controls.js";

// Those that are switched on: all of them unless the address says otherwise.
export function drawnShapes() {
  const { shapes } = state.value;
  return (asked.question?.shapes ?? []).filter(({ id }) => shapes === null || shapes.includes(id));
}

// `shapes`: the AnswerShapes of the map.
export function showShapeChips(shapes) {
  const box = $("#answer-shapes");
  if (!box || !asked.question || pressed(box, () => showShapeChips(shapes))) return;
  const drawn = drawnShapes();
  keepFocus(box, () => fill(
    box,
    asked.question.shapes.map((shape) => chip(shape, drawn, shapes)),
  ));
}

function chip(shape, drawn, shapes) {
  const on = drawn.some(({ id }) => id === shape.id);
  const toggle = () => {
    const next = on ? drawn.filter(({ id }) => id !== shape.id) : [...drawn, shape];
    state.set({ shapes: asked.question.shapes.map(({ id }) => id).filter((id) => next.some((one) => one.id === id)) });
    $(`#answer-shapes [data-shape="${shape.id}"]`)?.focus();
  };
  return h(
    "button",
    { type: "button", class: "chip shape", "aria-pressed": String(on), title: t("answer.shape"), data: { shape: shape.id }, onclick: toggle },
    swatch({ geometry: [shape.geometry], style: shape }),
    label(shape.label),
    on && shapes.has(shape.id) && h("b", {}, number(shapes.count(shape.id))),
  );
}
