// Text onto the clipboard.

import { t } from "./i18n.js";

// The clipboard proper is there on secure addresses only; within an office network the old way has to do. Throws when the browser refuses.
export async function toClipboard(text) {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else bySelection(text);
}

function bySelection(text) {
  const back = document.activeElement;
  const take = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  };
  document.addEventListener("copy", take, { once: true });
  const done = document.execCommand("copy");
  document.removeEventListener("copy", take);
  back?.focus?.();
  if (!done) throw new Error(t("copy.refused"));
}
