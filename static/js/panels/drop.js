// Files dropped anywhere on the workspace start an import.

import { upload } from "../core/api.js";
import { $, h } from "../core/dom.js";
import { lang, t } from "../core/i18n.js";
import { tell, toast } from "../core/toast.js";
import { together } from "../upload/files.js";

export function wireDrop() {
  const veil = h("div", { class: "veil", hidden: true }, h("p", {}, t("drop.here")));
  document.body.append(veil);
  let depth = 0;
  const files = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragenter", (event) => files(event) && (depth += 1) && (veil.hidden = false));
  addEventListener("dragleave", (event) => files(event) && (depth -= 1) <= 0 && (veil.hidden = true));
  addEventListener("dragover", (event) => files(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    depth = 0;
    veil.hidden = true;
    send([...event.dataTransfer.files]).catch(tell);
  });
}

// Several files are chosen on the upload page, which takes them one after the other.
async function send(dropped) {
  const groups = together(dropped);
  const files = groups[0] ?? [];
  if (!files.length) return;
  if (groups.length > 1) toast(t("drop.first", { name: files[0].name }), { kind: "note" });
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  const done = toast(t("upload.sending", { name: files.map((file) => file.name).join(", ") }), { kind: "note", seconds: 0 });
  try {
    const { id } = await upload("/api/uploads", form, (share) => $("#toasts").style.setProperty("--share", String(share)));
    location.assign(`/import?lang=${lang}&upload=${encodeURIComponent(id)}`);
  } finally {
    done();
  }
}
