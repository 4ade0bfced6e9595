// Rows as a table: only what is in view is in the page, so a hundred thousand rows scroll as ten.

import { $, fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { pressed } from "../core/pressed.js";
import { Listed } from "./table/rows.js";

const HEIGHT = 36; // pixels of one row, as in the style sheet
const HEAD = 34; // of the headings
const SPARE = 8;
const SETTLED_MS = 90; // rows that are only scrolled past are not asked for

export class Table {
  #rows = new Listed([]);
  #columns = [];
  #selected = null;
  #over = null;
  #due = 0;
  #asking = 0;
  #focus = 0; // the row that the keyboard is at
  #from = null; // where a range of chosen rows begins
  #sweeping = false; // Shift and arrows are making one

  // `pick` {has(id), toggle(id), add(ids), range(first, last), all(on), state()} lets rows be chosen; `menu(column, button)` opens a column's; `copy()` takes rows along.
  constructor(root, { select, hover, sort, pick = null, menu = null, copy = null }) {
    Object.assign(this, { root, select, hover, sort, pick, menu, copy });
    this.head = h("tr", {});
    this.body = h("tbody", {});
    this.grid = h("table", { role: "grid" }, h("thead", {}, this.head), this.body);
    root.append(this.grid);
    root.addEventListener("scroll", () => this.#later());
    new ResizeObserver(() => this.#later()).observe(root);
    this.body.addEventListener("click", (event) => this.#click(event));
    this.body.addEventListener("mouseover", (event) => this.#row(event, (feature) => this.hover(feature)));
    this.body.addEventListener("mouseleave", () => this.hover(null));
    this.body.addEventListener("keydown", (event) => this.#key(event));
  }

  // `rows`: Listed or Rows; `keep`: stay where the table is scrolled to.
  show(rows, columns, sort = null, { keep = false } = {}) {
    const other = rows !== this.#rows;
    this.#rows = rows;
    this.#columns = columns;
    if (other) rows.addEventListener?.("arrived", () => rows === this.#rows && this.#render());
    this.root.hidden = rows.length === 0;
    this.grid.setAttribute("aria-rowcount", String(rows.length + 1));
    this.grid.setAttribute("aria-colcount", String(columns.length + (this.pick ? 1 : 0)));
    fill(
      this.head,
      this.pick && this.#pickAll(),
      columns.map((column) => this.#heading(column, sort)),
    );
    if (!keep) this.root.scrollTop = this.#focus = 0;
    this.#from = null;
    this.#render();
    this.mark(this.#selected);
  }

  // Mark a feature's row and bring it into view, wherever in the answer it is.
  async mark(id) {
    this.#selected = id;
    this.#render();
    if (id === null || id === undefined) return;
    const rows = this.#rows;
    const at = await rows.position(id);
    if (rows !== this.#rows || this.#selected !== id || at < 0) return;
    this.#focus = at;
    this.#reveal(at);
    this.#render();
  }

  // The row of a feature that the pointer is over on the map.
  over(id) {
    this.#over = id;
    for (const row of this.body.children) row.classList.toggle("over", id !== null && row.dataset.feature === String(id));
  }

  // Chosen rows have changed.
  repick() {
    if (!this.pick) return;
    const all = $(".pick input", this.head);
    const { checked, some } = this.pick.state();
    Object.assign(all ?? {}, { checked, indeterminate: some && !checked });
    this.#render();
  }

  #pickAll() {
    const { checked, some } = this.pick.state();
    const all = (event) => this.pick.all(event.target.checked);
    const box = h("input", { type: "checkbox", checked, indeterminate: some && !checked, "aria-label": t("table.pick.all"), title: t("table.pick.all"), onchange: all });
    return h("th", { scope: "col", class: "pick" }, box);
  }

  #heading(column, sort) {
    const direction = sort === column.name ? "ascending" : sort === `-${column.name}` ? "descending" : "none";
    const css = column.width && !column.elastic ? { width: `${column.width}px` } : null;
    const open = (event) => this.menu(column, event.currentTarget);
    const menu =
      this.menu &&
      h("button", { type: "button", class: "column-menu", data: { menu: column.name }, "aria-haspopup": "dialog", "aria-label": t("table.menu", { column: column.title }), title: t("table.menu", { column: column.title }), onclick: open }, icon("chevron"));
    if (column.fixed) return h("th", { scope: "col", class: column.class, ...(css ? { css } : {}) }, h("span", {}, column.title), menu);
    return h(
      "th",
      { scope: "col", class: column.class, "aria-sort": direction, ...(css ? { css } : {}) },
      h("button", { type: "button", title: t("table.sort"), onclick: () => this.sort(column.name) }, column.title),
      menu,
    );
  }

  #later() {
    cancelAnimationFrame(this.#due);
    this.#due = requestAnimationFrame(() => this.#render());
  }

  get #inView() {
    const first = Math.max(0, Math.floor(this.root.scrollTop / HEIGHT));
    return [first, Math.min(this.#rows.length, first + Math.ceil(this.root.clientHeight / HEIGHT) + 1)];
  }

  #render() {
    if (pressed(this.body, () => this.#later())) return;
    const [top, bottom] = this.#inView;
    const [first, last] = [Math.max(0, top - SPARE), Math.min(this.#rows.length, bottom + SPARE)];
    const focused = document.activeElement?.closest?.("#table tbody tr")?.dataset.row;
    const space = (count) => count > 0 && h("tr", { class: "space", "aria-hidden": "true", css: { height: `${count * HEIGHT}px` } });
    const at = this.#focus >= first && this.#focus < last ? this.#focus : top;
    fill(
      this.body,
      space(first),
      Array.from({ length: Math.max(0, last - first) }, (_, i) => this.#line(first + i, first + i === at)),
      space(this.#rows.length - last),
    );
    if (focused !== undefined) this.body.querySelector(`[data-row="${focused}"]`)?.focus({ preventScroll: true });
    clearTimeout(this.#asking);
    this.#asking = setTimeout(() => this.#rows.need(first, last), SETTLED_MS);
  }

  #line(at, tabbed) {
    const feature = this.#rows.at(at);
    const common = { tabindex: tabbed ? "0" : "-1", "aria-rowindex": String(at + 2) };
    if (!feature)
      return h("tr", { ...common, class: "coming", "aria-busy": "true", data: { row: at } }, h("td", { colspan: String(this.#columns.length + (this.pick ? 1 : 0)) }, h("span", {}, t("table.coming"))));
    const picked = this.pick?.has(feature.id) ?? false;
    const names = [picked && "picked", feature.id === this.#over && "over"].filter(Boolean).join(" ");
    return h(
      "tr",
      { ...common, class: names || null, "aria-selected": String(feature.id === this.#selected), data: { row: at, at, feature: feature.id } },
      this.pick && this.#box(feature, at, picked),
      this.#columns.map((column) => h("td", { class: column.class, title: column.long ? column.text(feature.properties) : null }, column.cell(feature))),
    );
  }

  #box({ id }, at, picked) {
    return h("td", { class: "pick" }, h("input", { type: "checkbox", checked: picked, tabindex: "-1", "aria-label": t("table.pick", { n: at + 1 }), data: { pick: id } }));
  }

  #row(event, then) {
    const at = event.target.closest("tr[data-at]")?.dataset.at;
    if (at !== undefined) then(this.#rows.at(Number(at)), Number(at));
  }

  #click(event) {
    this.#row(event, (feature, at) => {
      this.#focus = at;
      const choosing = this.pick && (event.target.closest(".pick") || event.ctrlKey || event.metaKey || event.shiftKey);
      if (!choosing) return this.select(feature);
      if (event.shiftKey) getSelection()?.removeAllRanges();
      return this.#choose(feature, at, event.shiftKey);
    });
  }

  #choose(feature, at, wide) {
    if (wide && this.#from !== null) this.#sweep(at);
    else this.pick.toggle(feature.id);
    if (!wide || this.#from === null) this.#from = at;
  }

  // The rows from where the range begins: those at hand at once, others by way of the server.
  #sweep(to) {
    const [first, last] = [Math.min(this.#from, to), Math.max(this.#from, to)];
    const rows = Array.from({ length: last - first + 1 }, (_, i) => this.#rows.at(first + i));
    if (rows.every(Boolean)) this.pick.add(rows.map(({ id }) => id));
    else this.pick.range(first, last);
  }

  #key(event) {
    const at = Number(event.target.closest("tr")?.dataset.row);
    const feature = this.#rows.at(at);
    const wide = event.shiftKey;
    if (event.key === "Enter" && feature && event.target.tagName === "TR") return this.select(feature);
    if (event.ctrlKey || event.metaKey) return this.#command(event);
    if (event.key === " " && this.pick && feature) return this.#take(event, () => this.#choose(feature, at, wide));
    const page = Math.max(1, Math.floor((this.root.clientHeight - HEAD) / HEIGHT) - 1);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: this.#rows.length - 1 }[event.key];
    if (to === undefined) return undefined;
    return this.#take(event, () => this.#go(Math.max(0, Math.min(this.#rows.length - 1, to)), wide ? at : null));
  }

  #command(event) {
    const run = { a: this.pick && (() => this.pick.all(true)), c: getSelection()?.isCollapsed !== false && this.copy }[event.key.toLowerCase()];
    if (run) this.#take(event, run);
  }

  #take(event, run) {
    event.preventDefault();
    run();
  }

  // The keyboard goes to a row; `from`: the row it leaves when it takes the rows between along.
  #go(to, from = null) {
    this.#focus = to;
    this.#reveal(to);
    this.#render();
    this.body.querySelector(`[data-row="${to}"]`)?.focus({ preventScroll: true });
    if (this.#rows.at(to)) this.hover(this.#rows.at(to));
    const goes = from !== null && this.pick;
    if (goes && !this.#sweeping) this.#from = from;
    this.#sweeping = Boolean(goes);
    if (!goes) return;
    this.#sweep(to);
  }

  #reveal(at) {
    const top = at * HEIGHT;
    const lowest = this.root.scrollTop + this.root.clientHeight - HEAD - HEIGHT;
    if (top < this.root.scrollTop) this.root.scrollTop = top;
    else if (top > lowest) this.root.scrollTop = Math.max(0, top - this.root.clientHeight + HEAD + HEIGHT);
  }
}
