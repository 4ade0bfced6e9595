// Which fields are columns and in which order: a list to tick, search and rearrange.

import { $, fill, h, icon } from "../../core/dom.js";
import { fieldLabel } from "../../core/format.js";
import { t } from "../../core/i18n.js";
import { popover } from "./popover.js";

// `fields`: all there are; `names`: the columns now; `usual`: whether they are the usual ones; `change(names)` null: the usual ones again.
export function chooseColumns(anchor, { fields, names, usual, change }) {
  let chosen = [...names];
  let sought = "";
  const list = h("ul", { class: "columns-list" });
  const find = h("input", { type: "search", placeholder: t("table.columns.find"), "aria-label": t("table.columns.find"), data: { first: "" }, oninput: () => render((sought = find.value)) });
  const again = h("button", { type: "button", class: "link", disabled: usual, onclick: () => (panel.hidePopover(), change(null)) }, t("table.columns.usual"));
  const counted = h("p", { class: "muted" });
  const panel = popover(anchor, { title: t("table.columns"), kind: "columns-popover" }, find, list, h("footer", {}, counted, again));
  if (panel) render();

  function take(next, focus) {
    if (!next.length) return;
    chosen = next;
    again.disabled = false;
    render();
    $(focus, list)?.focus();
    change(chosen);
  }

  function render() {
    const others = fields.filter(({ name }) => !chosen.includes(name));
    const shown = [...chosen.map((name) => fields.find((field) => field.name === name)).filter(Boolean), ...others];
    const wanted = sought.trim().toLowerCase();
    const matches = (field) => !wanted || `${fieldLabel(field)} ${field.name}`.toLowerCase().includes(wanted);
    counted.textContent = t("table.columns.count", { n: chosen.length, all: fields.length });
    fill(list, shown.filter(matches).map(line));
  }

  function line(field) {
    const { name } = field;
    const at = chosen.indexOf(name);
    const id = `column-${name}`;
    const toggle = () => take(at >= 0 ? chosen.filter((one) => one !== name) : [...chosen, name], `#${id}`);
    const box = h("input", { type: "checkbox", id, checked: at >= 0, disabled: at >= 0 && chosen.length === 1, onchange: toggle });
    return h("li", {}, box, h("label", { for: id }, fieldLabel(field)), at >= 0 && [mover(name, at, -1), mover(name, at, 1)]);
  }

  function mover(name, at, step) {
    const way = step < 0 ? "up" : "down";
    const move = () => {
      const next = chosen.filter((one) => one !== name);
      next.splice(at + step, 0, name);
      take(next, `[data-move="${name} ${way}"]:enabled`);
    };
    const said = step < 0 ? t("table.columns.earlier") : t("table.columns.later");
    const off = at + step < 0 || at + step >= chosen.length;
    return h("button", { type: "button", class: `round move ${way}`, disabled: off, "aria-label": said, title: said, data: { move: `${name} ${way}` }, onclick: move }, icon("chevron"));
  }
}
