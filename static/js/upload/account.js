// The account of an import: every record of the file, taken or left out, with the reason.

import { call } from "../core/api.js";
import { h, icon } from "../core/dom.js";
import { label, lang, number, t } from "../core/i18n.js";
import { tell, toast } from "../core/toast.js";
import { catalogue } from "../core/catalogue.js";

const COLUMNS = ["read", "accepted", "repaired", "quarantined"];

// `own`: the view stands on the page of this very import; `name`: of the file; `more`, `last`: buttons to put first and last.
export function accountView(account, { own = false, name = "", more = [], last = null } = {}) {
  const id = account.import_id ?? account.id;
  const out = Object.values(account.layers).reduce((sum, counts) => sum + counts.quarantined, 0);
  const unplaced = Object.values(account.unplaced ?? {}).reduce((sum, n) => sum + n, 0);
  return h(
    "section",
    { class: "account", data: { import: id ?? "" } },
    h("h2", { tabindex: "-1" }, t(account.dry_run ? "account.dry" : "account.title")),
    name && h("p", { class: "muted file-name" }, name),
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
    joined(account),
    personal(account),
    facts(account),
    account.left_out?.length > 0 && h("p", { class: "note", id: "left-out" }, t("account.leftout", { names: account.left_out.map(datasetName).join(t("comma")) })),
    // Each dataset of a file says its own: the same sentence once.
    [...new Set((account.notes ?? []).map((note) => (Array.isArray(note) ? label({ zh: note[0], en: note[1] }) : label(note))))].map((said) => h("p", { class: "note" }, said)),
    h(
      "div",
      { class: "actions" },
      more,
      !account.dry_run && h("a", { class: "button primary", href: mapOf(Object.keys(account.layers)) }, t("account.map")),
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
      last,
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

// Texts of a drawing that went into fields of other features: how many did, and why others did not.
function joined({ joined: found = {}, mapping = {} }) {
  if (!Object.keys(found).length) return null;
  const columns = ["texts", "filled", "ambiguous", "far", "unread"];
  const heads = ["from", "to", ...columns].map((column) => h("th", { scope: "col", class: column }, t(`account.joined.${column}`)));
  const field = ({ to, field: name }) => label(catalogue.field(mapping[to]?.layer, name)?.label) || name;
  const row = ([name, one]) =>
    h(
      "tr",
      { data: { joined: name } },
      h("th", { scope: "row" }, datasetName(name)),
      h("td", { class: "to" }, `${datasetName(one.to)} → ${field(one)}`),
      columns.map((column) => h("td", { class: one[column] ? "" : "zero" }, number(one[column] ?? 0))),
    );
  return h(
    "section",
    { class: "box", id: "joined" },
    h("h3", {}, t("account.joined")),
    h(
      "div",
      { class: "scroll" },
      h("table", { class: "counts" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, Object.entries(found).map(row))),
    ),
  );
}

// A dataset of a drawing is named by its CAD layer and what it holds.
function datasetName(name) {
  const [, layer, kind] = /^(.+)\/(points|lines|areas|texts|blocks)$/.exec(name) ?? [];
  return kind ? t(`cad.${kind}`, { layer }) : name;
}

// Personal data of the file: masked where no field takes it, named where an internal field does.
function personal({ masked = [], personal: taken = [] }) {
  if (!masked.length && !taken.length) return null;
  const layerName = (layer) => label(catalogue.layers.get(layer)?.label) || layer;
  const fieldName = (layer, name) => label(catalogue.field(layer, name)?.label) || name;
  const row = ({ layer, column, kind, count }) =>
    h(
      "li",
      { data: { masked: column } },
      h("span", { class: "muted" }, layerName(layer)),
      " ",
      t("account.masked.row", { column, kind: t(`personal.${kind}`), n: count }),
    );
  const kept = ({ layer, column, kind, field }) =>
    h("li", { class: "muted" }, t("account.personal", { column, kind: t(`personal.${kind}`), field: fieldName(layer, field) }));
  return h(
    "section",
    { class: "box", id: "masked" },
    h("h3", {}, t(masked.length ? "account.masked" : "account.personal.title")),
    masked.length > 0 && h("p", { class: "muted" }, t("account.masked.rule")),
    h("ul", { class: "reasons" }, masked.map(row), taken.map(kept)),
  );
}

// The map with what was brought in: layers that are off by default are switched on beside the usual ones.
function mapOf(brought) {
  const own = [...catalogue.layers.values()].filter((layer) => !layer.derived);
  const usual = own.filter((layer) => layer.style.visible).map((layer) => layer.id);
  const on = own.map((layer) => layer.id).filter((id) => usual.includes(id) || brought.includes(id));
  return `/?lang=${lang}${on.length > usual.length ? `&layers=${on.join(",")}` : ""}`;
}

function facts({ crs, datum, encoding, mode }) {
  const pairs = [
    ["crs", crs],
    ["datum", datum === "WGS 84" ? t("account.datum.wgs84") : datum],
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
