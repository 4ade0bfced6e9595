// What is under way: a bar at the top after 300 ms, and after 2 s the way to stop what only reads.

import { fill, h } from "./dom.js";
import { t } from "./i18n.js";

const SHOWN_MS = 300;
const STOPPABLE_MS = 2000;

const running = new Set();
const bar = h("div", { id: "busy", role: "status", hidden: true });
document.body.append(bar);

// Begins something; `stop` ends it early where that may be done. Returns what to call when it is over.
export function begin(stop = null) {
  const work = { stop, seen: false, late: false };
  const timers = [
    setTimeout(() => render((work.seen = true)), SHOWN_MS),
    setTimeout(() => render((work.late = true)), STOPPABLE_MS),
  ];
  running.add(work);
  return () => {
    timers.forEach(clearTimeout);
    running.delete(work);
    render();
  };
}

function render() {
  bar.hidden = ![...running].some((work) => work.seen);
  if (bar.hidden) return fill(bar);
  const late = [...running].filter((work) => work.late && work.stop);
  const halt = () => late.forEach((work) => work.stop());
  return fill(
    bar,
    h("span", { class: "hidden" }, t("busy")),
    late.length > 0 && h("p", {}, t("busy.long"), h("button", { type: "button", onclick: halt }, t("busy.stop"))),
  );
}
