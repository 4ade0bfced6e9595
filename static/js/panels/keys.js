// The keyboard: jumping between the parts of the page, to the search field, and the list of keys.

import { openDialog } from "../core/dialog.js";
import { $, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { show } from "./sheets.js";

const PARTS = ["#search", "#side [aria-selected=true]", ".folium-map", "#table", "#details"];
const KEPT = "yuantu.keys"; // "off": keys that are a single character do nothing, as voice control and some keyboards need it
const TABS = { 1: "layers", 2: "filter", 3: "questions" };

// As they are listed: some are handled here, the others by the parts themselves.
const KEYS = [
  { key: "/", text: "keys.search" },
  { key: "F6", text: "keys.parts" },
  { key: "Alt 1 – 3", text: "keys.tabs" },
  { key: "+ −  ← ↑ → ↓", text: "keys.map" },
  { key: "↑ ↓  Space  Enter", text: "keys.table" },
  { key: "Esc", text: "keys.close" },
  { key: "?", text: "keys.help" },
];

export function wireKeys(map) {
  map.getContainer().setAttribute("role", "application");
  map.getContainer().setAttribute("aria-label", t("map.keys"));
  document.addEventListener("keydown", (event) => press(event));
  $("#keys")?.addEventListener("click", open);
}

function press(event) {
  if (document.querySelector("dialog[open]")) return undefined;
  if (event.key === "F6") return take(event, () => next(event.shiftKey ? -1 : 1));
  if (event.altKey && event.code?.startsWith("Digit") && TABS[event.code.at(-1)]) return take(event, () => tab(TABS[event.code.at(-1)]));
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !single()) return undefined;
  if (event.key === "/") return take(event, () => $("#search").focus());
  if (event.key === "?") return take(event, open);
  return undefined;
}

const typing = (element) => element.closest?.("input, textarea, select, [contenteditable]") !== null;

function take(event, run) {
  event.preventDefault();
  run();
}

function tab(name) {
  show(name);
  $(`#side [data-show="${name}"]`).focus();
}

// The next part that is there; a part without a focus of its own gives it to the first thing in it.
function next(step) {
  const parts = PARTS.map((selector) => $(selector)).filter((part) => part && part.offsetParent !== null);
  const at = parts.findIndex((part) => part === document.activeElement || part.contains(document.activeElement) || part.closest("section, aside")?.contains(document.activeElement));
  const target = parts[(at + step + parts.length) % parts.length];
  (target.querySelector('tbody tr[tabindex="0"], #details-title') ?? target).focus({ preventScroll: true });
  if (!target.contains(document.activeElement)) target.querySelector("button, a, input, select, [tabindex]")?.focus();
}

// A browser may keep nothing: the choice then lasts as long as the page.
let off = false;

function single() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return !off;
  }
}

function keep(on) {
  off = !on;
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    return;
  }
}

function open() {
  const choice = h("input", { type: "checkbox", id: "keys-single", checked: single(), onchange: (event) => keep(event.target.checked) });
  const dialog = h(
    "dialog",
    { class: "keys-dialog", "aria-labelledby": "keys-title" },
    h("h2", { id: "keys-title" }, t("keys")),
    h("dl", {}, KEYS.map(({ key, text }) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, t(text))))),
    h("div", { class: "field check" }, choice, h("label", { for: "keys-single" }, t("keys.single"))),
    h("div", { class: "actions" }, h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, t("close"))),
  );
  openDialog(dialog);
}
