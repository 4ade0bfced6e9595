// What a screen reader is told when something on the page has changed: one sentence, once things have settled.

import { $ } from "./dom.js";

const SETTLED_MS = 400;

let due = 0;

export function say(text) {
  clearTimeout(due);
  due = setTimeout(() => {
    const box = $("#said");
    if (!box) return;
    box.textContent = box.textContent === text ? `${text}\u00a0` : text; // the same sentence again is news too
  }, SETTLED_MS);
}
