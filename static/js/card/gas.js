// Gas of a compound: as it was before the last change on record, as it is, and as it would be once it is connected.

import { h } from "../core/dom.js";
import { fieldLabel, isEmpty, valueText } from "../core/format.js";
import { dateTime, number, t } from "../core/i18n.js";
import { toQuestion } from "./links.js";
import { gasWords, none, section } from "./parts.js";

const WITHOUT = "compounds-without-gas";
const CONNECT = "gas-connections";

export function gas(card) {
  const { fields } = card.groups.find(({ id }) => id === "gas");
  const before = card.gas_before;
  const shown = fields.filter(({ name }) => !isEmpty(card.values[name]) || (before && !isEmpty(before.values[name])));
  const columns = [before && t("card.gas.before", { at: dateTime(before.until) }), t("card.gas.now"), t("card.gas.after")].filter(Boolean);
  return section(
    "gas",
    t("card.gas.title"),
    toQuestion(card, WITHOUT),
    h("p", {}, gasWords(card.asked[WITHOUT]), " ", card.asked[WITHOUT].why),
    shown.length
      ? h(
          "table",
          { class: "cardtable gas", role: "table" },
          h("caption", { class: "hidden" }, t("card.gas.title")),
          h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, h("th", { scope: "col", role: "columnheader" }, t("card.gas.field")), columns.map((text) => h("th", { scope: "col", role: "columnheader" }, text)))),
          h("tbody", { role: "rowgroup" }, shown.map((field) => line(card, field, before, columns))),
        )
      : none(t("card.gas.nothing")),
    connection(card),
  );
}

function line(card, field, before, columns) {
  const plain = (value) => valueText({ ...field, unit: null }, value);
  const was = before?.values[field.name];
  const cells = [...(before ? [plain(was)] : []), plain(card.values[field.name]), after(card, field)];
  const changed = before && was !== card.values[field.name];
  return h(
    "tr",
    { role: "row", class: changed ? "changed" : null },
    h("th", { scope: "row", role: "rowheader" }, fieldLabel(field)),
    cells.map((cell, i) => h("td", { role: "cell", "data-label": columns[i] }, cell)),
  );
}

// What connecting would make of a field, as far as that can be said.
function after(card, { name, choices }) {
  const said = card.asked[CONNECT];
  if (said.answer !== "yes") return "";
  if (name === "gas_status") return choices.find(({ value }) => value === "full")?.label ?? "";
  const { gas_households: with_gas, households } = card.values;
  if (name === "gas_households" && !isEmpty(households)) return t("card.gas.more", { n: households, more: households - (with_gas ?? 0) });
  return "";
}

function connection(card) {
  const said = card.asked[CONNECT];
  if (said.answer === "na") return null;
  return h("p", { class: "connect" }, h("a", { href: toQuestion(card, CONNECT) }, t("card.gas.connect")), ": ", said.why || number(0));
}
