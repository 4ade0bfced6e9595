// The page of one import that stands: its account and the first records that were left out.

import { get } from "../core/api.js";
import { catalogue } from "../core/catalogue.js";
import { $, fill, h } from "../core/dom.js";
import { who } from "../core/format.js";
import { dateTime, number, t } from "../core/i18n.js";
import { tell } from "../core/toast.js";
import { wireLanguage } from "../panels/language.js";
import { accountView } from "./account.js";

export async function openAccount() {
  wireLanguage();
  const root = $("#account");
  try {
    await catalogue.load();
    const stored = await get(`/api/imports/${root.dataset.import}`, { limit: 200 });
    const account = { ...stored.details, layers: stored.layers, import_id: stored.id, mode: stored.mode, dry_run: false, undone: Boolean(stored.undone_by) };
    fill(
      root,
      h("p", { class: "muted" }, t("account.when", { name: stored.file_name, at: dateTime(stored.at), by: who(stored.actor) })),
      accountView(account, { own: true }),
      left(stored),
    );
  } catch (error) {
    fill(root, h("p", { class: "note error" }, error.message));
    tell(error);
  }
}

function left({ quarantine, quarantined }) {
  if (!quarantined) return null;
  const row = (one) =>
    h("tr", {}, h("td", {}, one.dataset), h("td", {}, number(one.number)), h("td", {}, one.sentence), h("td", {}, rawText(one.raw)));
  return h(
    "section",
    {},
    h("h2", {}, t("account.left", { n: quarantined })),
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "sample" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["dataset", "number", "sentence", "raw"].map((key) => h("th", { scope: "col" }, t(`left.${key}`))),
          ),
        ),
        h("tbody", {}, quarantine.map(row)),
      ),
    ),
    quarantine.length < quarantined && h("p", { class: "note" }, t("left.partial", { shown: quarantine.length, matched: quarantined })),
  );
}

const rawText = (raw) =>
  Object.entries(raw)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");
