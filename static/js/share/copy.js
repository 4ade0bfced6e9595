// A text to be copied: it can be read and marked by hand, and a button puts it on the clipboard.

import { toClipboard } from "../core/clipboard.js";
import { fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";

const SAID_MS = 2000;

// `tag`: "input" for one line, "textarea" for more. Returns {box, set}.
export function copyField(id, label, { tag = "input", rows = 4 } = {}) {
  const text = h(tag, { id, readonly: true, rows: tag === "textarea" ? rows : null, spellcheck: "false", onfocus: () => text.select() });
  const told = h("p", { class: "note", role: "status", hidden: true }, t("share.copy.self"));
  const button = h("button", { type: "button", class: "primary" }, icon("copy"), t("share.copy"));
  button.addEventListener("click", async () => {
    told.hidden = await copy(text.value, button);
    if (!told.hidden) text.focus();
  });
  const box = h("div", { class: "field copy-field" }, h("label", { for: id }, label), h("div", { class: "with-button" }, text, button), told);
  return { box, set: (value) => (text.value = value) };
}

// The button says for a moment that it is done; whether the browser let the page copy. (A message elsewhere would lie under the dialog.)
export async function copy(value, button) {
  try {
    await toClipboard(value);
  } catch {
    return false;
  }
  if (button.dataset.copied) return true;
  const before = [...button.childNodes];
  button.dataset.copied = "true";
  fill(button, icon("check"), h("span", { class: button.classList.contains("round") ? "hidden" : "", role: "status" }, t("share.copied")));
  setTimeout(() => (fill(button, before), delete button.dataset.copied), SAID_MS);
  return true;
}
