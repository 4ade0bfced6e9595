// The unit prices of a project: ranges with source and date, each to change for this project alone.

import { openDialog } from "../core/dialog.js";
import { field, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { price } from "./money.js";
import { NARROW, table } from "./parts.js";

export function prices(page) {
  const columns = [t("projects.item"), t("projects.class"), [t("projects.price"), "number"], t("projects.source"), t("projects.of.day"), ["", "no-print"]];
  return h(
    "details",
    { class: "figure prices group", id: "prices", open: page.prices ?? !NARROW.matches, ontoggle: (event) => (page.prices = event.target.open) },
    h("summary", {}, h("h2", {}, t("projects.prices"))),
    h("p", { class: "muted" }, t("projects.prices.help")),
    table(t("projects.prices"), columns, page.project.prices.map((one) => row(page, one)), { name: "price-table" }),
  );
}

function row(page, one) {
  const edit = { type: "button", class: "quiet", data: { key: `price-${one.code}` }, "aria-label": t("projects.price.edit.of", { item: one.label }), onclick: () => open(page, one) };
  return [
    [h("b", {}, one.label), h("small", {}, ` ${one.code}`)],
    h("span", { class: `works ${one.class}` }, one.class_label),
    [price(one.low), " – ", price(one.high), h("small", {}, ` ${t("projects.per", { unit: one.unit })}`)],
    [one.own && h("span", { class: "tag own" }, t("projects.own")), one.source, one.sure === "C" && h("span", { class: "tag warn after" }, t("projects.estimate"))],
    one.date,
    h("button", edit, icon("edit"), t("projects.price.edit")),
  ];
}

function open(page, one) {
  const number = (name) => h("input", { id: `price-${name}`, type: "number", min: "0", step: "any", required: true, value: String(one[name]) });
  const [low, high] = [number("low"), number("high")];
  const source = h("input", { id: "price-source", maxlength: "300", required: true, value: one.own ? one.source : "", placeholder: t("projects.source.hint") });
  const date = h("input", { id: "price-date", type: "date", min: "1950-01-01", max: "2100-12-31", required: true, value: one.own ? one.date : "" });
  const keep = async () => {
    if (Number(low.value) > Number(high.value)) {
      high.setCustomValidity(t("projects.price.order"));
      high.reportValidity();
      return;
    }
    const said = { low: Number(low.value), high: Number(high.value), source: source.value, date: date.value };
    if (await page.save({ prices: { [one.code]: said } })) dialog.close();
  };
  const usual = async () => (await page.save({ prices: { [one.code]: null } })) && dialog.close();
  const dialog = h(
    "dialog",
    { class: "settings-dialog", "aria-labelledby": "price-title" },
    h(
      "form",
      { onsubmit: (event) => (event.preventDefault(), keep()) },
      h("h2", { id: "price-title" }, one.label),
      h("p", { class: "muted" }, t("projects.price.usual", { low: price(one.usual.low), high: price(one.usual.high), unit: one.unit }), " ", one.formula),
      h("div", { class: "pair" }, field(low, t("projects.price.low", { unit: one.unit })), field(high, t("projects.price.high", { unit: one.unit }))),
      field(source, t("projects.source")),
      field(date, t("projects.of.day")),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "submit", class: "primary" }, t("save")),
        h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, t("cancel")),
        one.own && h("button", { type: "button", class: "quiet", onclick: usual }, t("projects.price.back")),
      ),
    ),
  );
  high.addEventListener("input", () => high.setCustomValidity(""));
  openDialog(dialog);
}
