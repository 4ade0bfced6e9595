// The account of an import: every record of the file, taken or left out, with the reason.

import { call } from "../core/api.js";
import { h, icon } from "../core/dom.js";
import { label, lang, number, t } from "../core/i18n.js";
import { tell, toast } from "../core/toast.js";
import { catalogue } from "../core/catalogue.js";

const COLUMNS = ["read", "accepted", "repaired", "quarantined"];

// `own`: the view stands on the page of this very import; `more`: buttons to put first.
export function accountView(account, { own = false, more = [] } = {}) {
  const id = account.import_id ?? account.id;
  const out = Object.values(account.layers).reduce((sum, counts) => sum + counts.quarantined, 0);
  const unplaced = Object.values(account.unplaced ?? {}).reduce((sum, n) => sum + n, 0);
  return h(
    "section",
    { class: "account", data: { import: id ?? "" } },
    h("h2", { tabindex: "-1" }, t(account.dry_run ? "account.dry" : "account.title")),
    account.undone && h("p", { class: "note warn", id: "import-undone" }, t("account.was")),
    account.removed_demo > 0 &&
      !account.undone &&
      h(
        "p",
        { class: "note good", id: "demo-removed" },
        t(account.dry_run ? "account.demo.dry" : "account.demo", { n: account.removed_demo }),
      ),
    counts(account),
    h("p", { class: "muted" }, t("account.rule")),
    unplaced > 0 && !account.undone && h("p", { class: "note warn" }, t("account.unplaced.note", { n: unplaced })),
    reasons(account, out),
    facts(account),
    (account.notes ?? []).map((note) => h("p", { class: "note" }, Array.isArray(note) ? label({ zh: note[0], en: note[1] }) : label(note))),
    h(
      "div",
      { class: "actions" },
      more,
      !account.dry_run && h("a", { class: "button primary", href: `/?lang=${lang}` }, t("account.map")),
      out > 0 &&
        id &&
        h(
          "a",
          { class: "button", href: `/api/imports/${id}/quarantine.csv?lang=${lang}`, download: "" },
          icon("download"),
          t("account.quarantine", { n: out }),
        ),
      !account.dry_run && id && !own && h("a", { class: "button", href: `/imports/${id}?lang=${lang}` }, t("account.page")),
      !account.dry_run &&
        id &&
        !account.undone &&
        h(
          "button",
          { type: "button", class: "quiet", id: "undo-import", onclick: (event) => undo(id, event.currentTarget) },
          t("account.undo"),
        ),
    ),
  );
}

function counts(account) {
  const name = (layer) => label(catalogue.layers.get(layer)?.label) || layer;
  const extra = ["inserted", "updated", "unchanged"].filter((key) => account[key] && Object.keys(account[key]).length);
  const row = (layer) =>
    h(
      "tr",
      { data: { layer } },
      h("th", { scope: "row" }, name(layer)),
      COLUMNS.map((column) =>
        h("td", { class: `${column} ${account.layers[layer][column] ? "" : "zero"}` }, number(account.layers[layer][column])),
      ),
      h("td", {}, number(account.unplaced?.[layer] ?? 0)),
      extra.map((key) => h("td", {}, number(account[key][layer] ?? 0))),
    );
  const heads = [...COLUMNS, "unplaced", ...extra].map((column) => h("th", { scope: "col" }, t(`account.${column}`)));
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      { class: "counts" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("account.layer")), heads)),
      h("tbody", {}, Object.keys(account.layers).map(row)),
    ),
  );
}

// Why records were changed or left out, with the columns and the values that were not taken as they stand.
function reasons({ reasons: found = {}, originals = [] }, out) {
  const list = Object.entries(found);
  if (!list.length) return null;
  return h(
    "section",
    { class: "box" },
    h("h3", {}, t(out ? "account.reasons" : "account.remarks")),
    h(
      "ul",
      { class: "reasons" },
      list.map(([code, n]) =>
        h(
          "li",
          {},
          h("b", {}, number(n)),
          " ",
          t.has(`reason.${code}`) ? t(`reason.${code}`) : code,
          originals.filter((one) => one.reason === code).map(cells),
        ),
      ),
    ),
  );
}

// One column: its values as the file has them, the most frequent first.
function cells({ layer, column, values, distinct }) {
  const said = values.map(([value, n]) => (n > 1 ? t("account.value", { value, n }) : value)).join(t("comma"));
  const name = label(catalogue.layers.get(layer)?.label) || layer;
  return h(
    "p",
    { class: "cells" },
    h("span", { class: "muted" }, name),
    " ",
    h("strong", {}, t("account.column", { column })),
    " ",
    distinct > values.length ? `${said}${t("comma")}…` : said,
  );
}

function facts({ crs, datum, encoding, mode }) {
  const pairs = [
    ["crs", crs],
    ["datum", datum],
    ["encoding", encoding],
    ["mode", mode && t(`mode.${mode}`)],
  ].filter(([, value]) => value);
  if (!pairs.length) return null;
  return h(
    "dl",
    { class: "facts" },
    pairs.map(([key, value]) => h("div", {}, h("dt", {}, t(`account.${key}`)), h("dd", {}, value))),
  );
}

async function undo(id, button) {
  button.disabled = true;
  try {
    await call("POST", `/api/imports/${id}/undo`);
    toast(t("account.undone"));
    button.replaceWith(h("span", { class: "muted" }, t("account.undone")));
  } catch (error) {
    button.disabled = false;
    tell(error);
  }
}
