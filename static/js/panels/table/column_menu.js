// What can be done with one column: sort, move, hide, and what its values are.

import { h, icon } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { popover } from "./popover.js";
import { Statistics, countable } from "./statistics.js";

// `names`: the columns as they stand; `order(names)` and `sort(text)` are told what is wanted.
export function columnMenu(column, anchor, { names, collection, parameters, order, sort }) {
  const shown = countable([column.field]).length ? new Statistics() : null;
  const panel = popover(anchor, { title: column.title, kind: "column-popover" }, actions(column, names, { order, sort }, () => panel.hidePopover()), shown?.element);
  if (!panel || !shown) return;
  shown.show(collection, parameters(), column.field, (value) => column.text({ [column.name]: value }));
  panel.addEventListener("toggle", (event) => event.newState === "closed" && shown.stop());
}

function actions(column, names, { order, sort }, close) {
  const at = names.indexOf(column.name);
  const act = (key, run, { drawn = null, off = false } = {}) =>
    h("button", { type: "button", class: `quiet ${key}`, disabled: off, onclick: () => (close(), run()) }, drawn && icon(drawn), t(`table.column.${key}`));
  const moved = (step) => {
    const next = names.filter((name) => name !== column.name);
    next.splice(at + step, 0, column.name);
    return next;
  };
  return h(
    "div",
    { class: "column-actions" },
    !column.fixed && act("up", () => sort(column.name)),
    !column.fixed && act("down", () => sort(`-${column.name}`)),
    act("left", () => order(moved(-1)), { off: at <= 0 }),
    act("right", () => order(moved(1)), { off: at === names.length - 1 }),
    act("hide", () => order(names.filter((name) => name !== column.name)), { off: names.length === 1 }),
  );
}
