// The works of a compound: what is built, how much of it and how that was worked out, what it costs.

import { openDialog } from "../core/dialog.js";
import { fill, h, icon } from "../core/dom.js";
import { number, t } from "../core/i18n.js";
import { price, range } from "./money.js";
import { mapLink, open, table } from "./parts.js";

const PARTS = 12; // lines of a sum that are shown at once

export function works(page, compound) {
  const columns = [[t("projects.build"), "build"], t("projects.item"), [t("projects.amount"), "number"], t("projects.sum"), [t("projects.price"), "number"], [t("projects.cost"), "number"]];
  const [asked, offered] = [compound.works.filter((w) => w.proposed || w.included), compound.works.filter((w) => !w.proposed && !w.included)];
  const lines = (list) => list.map((work) => row(page, compound, work));
  return h(
    "section",
    {},
    h("h3", {}, t("projects.works")),
    asked.length ? table(t("projects.works"), columns, lines(asked), { name: "works-table", foot: ["", t("projects.total"), "", "", "", range(compound.cost)] }) : h("p", { class: "note" }, t("projects.nothing")),
    offered.length > 0 && h("details", { class: "offered no-print" }, h("summary", {}, t("projects.offered", { n: offered.length })), table(t("projects.offered", { n: offered.length }), columns, lines(offered), { name: "works-table" })),
  );
}

function row(page, compound, work) {
  const key = `${compound.id}/${work.code}`;
  const decide = (said) => page.save({ works: { [key]: said } });
  const own = work.by_hand ? { amount: work.amount, why: work.why } : {};
  const tick = h("input", { type: "checkbox", checked: work.included, data: { key }, "aria-label": t("projects.build.of", { item: work.label, name: compound.name }), onchange: () => decide({ ...own, included: tick.checked }) });
  return [
    tick,
    [h("b", {}, work.label), h("small", {}, ` ${work.code}`), " ", h("span", { class: `works ${work.class}` }, work.class_label)],
    amount(page, key, work),
    sum(work),
    [price(work.price.low), " – ", price(work.price.high)],
    [work.included ? (work.amount === null ? t("projects.unknown") : range(work.cost)) : "—", work.amount !== null && work.included && open(work.cost.open)],
  ];
}

function amount(page, key, work) {
  const said = work.amount === null ? t("projects.unknown") : `${number(work.amount)} ${work.unit}`;
  const edit = { type: "button", class: "round no-print", data: { key: `${key}/amount` }, "aria-label": t("projects.amount.edit", { item: work.label }), title: t("projects.amount.edit", { item: work.label }), onclick: () => openAmount(page, key, work) };
  return [said, work.by_hand && h("span", { class: "tag own" }, t("projects.by.hand")), h("button", edit, icon("edit"))];
}

function sum(work) {
  if (work.by_hand) return [work.why, work.worked_out !== null && h("small", {}, ` ${t("projects.worked", { amount: number(work.worked_out), unit: work.unit })}`)];
  if (work.by_plan) return h("span", { class: "muted" }, work.formula);
  const list = h("ul", { class: "parts" }, work.parts.slice(0, PARTS).map(part));
  const rest = work.parts.length - PARTS;
  if (rest > 0) list.append(h("li", { class: "more" }, h("button", { type: "button", class: "link", onclick: () => fill(list, work.parts.map(part)) }, t("projects.parts.more", { n: rest }))));
  return [h("small", {}, work.formula), list];
}

function part({ layer, id, name, sum: text, amount: value, lacks }) {
  const result = value === null ? h("span", { class: "lacks" }, t("projects.lacks", { what: lacks })) : text === String(value) ? null : ` = ${number(value)}`;
  return h("li", {}, mapLink(layer, id, name), " ", h("code", {}, text), result);
}

function openAmount(page, key, work) {
  const value = h("input", { id: "amount-value", type: "number", min: "0", step: "any", required: true, value: work.amount === null ? "" : String(work.amount) });
  const why = h("input", { id: "amount-why", maxlength: "300", required: true, value: work.why, placeholder: t("projects.why.hint") });
  const keep = async () => (await page.save({ works: { [key]: { included: true, amount: Number(value.value), why: why.value } } })) && dialog.close();
  const back = async () => (await page.save({ works: { [key]: null } })) && dialog.close();
  const dialog = h(
    "dialog",
    { class: "settings-dialog", "aria-labelledby": "amount-title" },
    h(
      "form",
      { onsubmit: (event) => (event.preventDefault(), keep()) },
      h("h2", { id: "amount-title" }, work.label),
      h("p", { class: "muted" }, work.formula),
      h("div", { class: "field" }, h("label", { for: "amount-value" }, t("projects.amount.unit", { unit: work.unit })), value),
      h("div", { class: "field" }, h("label", { for: "amount-why" }, t("projects.why")), why),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "submit", class: "primary" }, t("save")),
        h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, t("cancel")),
        (work.by_hand || work.decided) && h("button", { type: "button", class: "quiet", onclick: back }, t("projects.amount.back")),
      ),
    ),
  );
  openDialog(dialog);
}
