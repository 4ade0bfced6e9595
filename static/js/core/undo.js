// A message that something was saved, with the way back.

import { call } from "./api.js";
import { changed } from "./catalogue.js";
import { t } from "./i18n.js";
import { tell, toast } from "./toast.js";

export function offerUndo(message, revision) {
  const action = revision ? { label: t("undo"), run: () => undo(revision).catch(tell) } : null;
  toast(message, { action, seconds: 60 });
}

export async function undo(revision) {
  await call("POST", "/api/undo", { json: { revision } });
  changed({ all: true });
  toast(t("undo.done"));
}
