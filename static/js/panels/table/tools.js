// The tools of the table: rows of the view only, columns, copying, choosing in a box, downloads.

import { address } from "../../core/api.js";
import { asked } from "../../core/asked.js";
import { catalogue } from "../../core/catalogue.js";
import { h, icon } from "../../core/dom.js";
import { label, t } from "../../core/i18n.js";
import { MOST, selection } from "../../core/selection.js";
import { state } from "../../core/state.js";
import { tell } from "../../core/toast.js";
import { BoxSelect } from "../../map/box_select.js";
import { fieldsOf } from "../columns.js";
import { downloads } from "../download.js";
import { projectButton } from "../project_pick.js";
import { chooseColumns } from "./chooser.js";
import { columnMenu } from "./column_menu.js";
import { asLines, copyText } from "./copy.js";

const COPIED = 10000; // rows that fit a clipboard; a file has them all

export class TableTools {
  constructor(map, answer) {
    Object.assign(this, { map, answer });
    this.box = new BoxSelect(map, (bbox) => answer.picks.inBox(bbox).catch(tell));
  }

  buttons() {
    const { inView } = state.value;
    const view = () => state.set({ inView: !inView }, { push: true });
    const close = () => state.set({ question: null, parameters: {}, table: null, answers: ["yes"], shapes: null, sort: null, columns: null, inView: false }, { push: true });
    return [
      tool("view", "screen", view, { "aria-pressed": String(inView) }),
      tool("box", "area", (event) => this.box.toggle(event.currentTarget), { "aria-pressed": String(this.box.on) }),
      tool("columns", "table", (event) => this.#columns(event.currentTarget), { "aria-haspopup": "dialog" }),
      tool("rows", "copy", () => this.copyRows()),
      projectButton({ chosen: false }),
      tool("close", "close", close),
    ];
  }

  get #names() {
    return this.answer.columns.map(({ name }) => name);
  }

  #columns(anchor) {
    const subject = catalogue.layers.get(asked.subject);
    const usual = state.value.columns === null;
    chooseColumns(anchor, { fields: fieldsOf(asked.question, subject), names: this.#names, usual, change: (names) => state.set({ columns: names }) });
  }

  // The menu of one column.
  menu(column, anchor) {
    columnMenu(column, anchor, {
      names: this.#names,
      collection: asked.collection,
      parameters: () => this.answer.parameters(),
      order: (names) => state.set({ columns: names }),
      sort: (text) => state.set({ sort: text }),
    });
  }

  // The chosen rows, else all that match, as they stand in the table.
  async copyRows() {
    try {
      const picked = selection.size > 0;
      const { features, numberMatched } = await this.answer.fetch({ limit: picked ? MOST : COPIED }, null, this.answer.parameters({ picked }));
      const values = { n: features.length, all: numberMatched };
      await copyText(asLines(this.answer.columns, features), features.length < numberMatched ? t("table.copied.some", values) : t("table.copied", values));
    } catch (error) {
      tell(error);
    }
  }

  // What a file would hold: all rows that match, in their order.
  what() {
    const { question, subject } = asked;
    const title = label(question?.title ?? catalogue.layers.get(subject).label);
    return { title, path: this.answer.path, parameters: this.answer.parameters(), shapes: question?.shapes ?? [], columns: this.#names };
  }

  downloads(matched) {
    return h(
      "div",
      { class: "downloads" },
      icon("download"),
      h("span", { class: "muted" }, t("export.count", { n: matched })),
      asked.subject === "data_gaps" && this.#toDo(),
      downloads(() => this.what(), { button: "button" }),
    );
  }

  // The gaps as a list for the field team, which an upload takes back.
  #toDo() {
    const href = address("/api/gaps.xlsx", this.answer.parameters());
    return h("a", { class: "button primary", id: "to-do", href, download: "", title: t("export.todo.help") }, t("export.todo"));
  }
}

function tool(name, drawn, run, more = {}) {
  const title = t(`table.tool.${name}`);
  return h("button", { type: "button", class: `quiet tool-${name}`, title, onclick: run, ...more }, icon(drawn), h("span", {}, t(`table.short.${name}`)));
}
