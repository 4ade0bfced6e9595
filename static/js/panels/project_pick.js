// Into a renovation project: the compounds of the chosen rows, or of all rows of the answer, into a new project or one that is there.

import { call, get } from "../core/api.js";
import { asked } from "../core/asked.js";
import { catalogue } from "../core/catalogue.js";
import { openDialog } from "../core/dialog.js";
import { field, fill, h, icon } from "../core/dom.js";
import { label, lang, t } from "../core/i18n.js";
import { selection } from "../core/selection.js";
import { toast } from "../core/toast.js";
import { leftOutWords } from "../projects/left_out.js";

// `chosen`: of the chosen rows while there are such; else of all rows.
export function projectButton({ chosen = true } = {}) {
  const open = () => new Pick(chosen && selection.size > 0).open();
  return h("button", { type: "button", class: "to-project", "aria-haspopup": "dialog", title: t("projects.pick.title"), onclick: open }, icon("plus"), h("span", {}, t("projects.pick")));
}

class Pick {
  constructor(picked) {
    this.from = { collection: asked.collection, query: words(asked.parameters({ picked, sorted: false })) };
    const of = asked.question?.title ?? catalogue.layers.get(asked.collection)?.label;
    this.where = h("select", { id: "pick-project", onchange: () => this.#name() }, h("option", { value: "" }, t("projects.new")));
    this.name = h("input", { id: "pick-title", maxlength: "120", required: true, value: t("projects.of", { what: label(of) }) });
    this.error = h("p", { class: "note error", role: "alert", hidden: true });
    this.put = h("button", { type: "submit", class: "primary" }, t("projects.pick"));
    this.field = field(this.name, t("projects.name"));
    this.dialog = h(
      "dialog",
      { class: "download-dialog", "aria-labelledby": "pick-heading" },
      h(
        "form",
        { onsubmit: (event) => (event.preventDefault(), this.#save()) },
        h("h2", { id: "pick-heading" }, t("projects.pick")),
        h("p", { class: "muted" }, t(picked ? "projects.pick.chosen" : "projects.pick.all", { n: selection.size, what: label(of) })),
        field(this.where, t("projects.one")),
        this.field,
        this.error,
        h("div", { class: "actions" }, this.put, h("button", { type: "button", class: "quiet", onclick: () => this.dialog.close() }, t("cancel"))),
      ),
    );
  }

  async open() {
    openDialog(this.dialog);
    this.name.select();
    const { projects } = await get("/api/projects").catch(() => ({ projects: [] }));
    this.projects = new Map(projects.map((project) => [project.id, project]));
    this.where.append(...projects.map(({ id, title, compounds }) => h("option", { value: id }, t("projects.listed", { title, n: compounds }))));
  }

  #name() {
    this.field.hidden = this.name.disabled = this.where.value !== "";
  }

  async #save() {
    this.put.disabled = true;
    this.error.hidden = true;
    try {
      const { body } = await this.#sent();
      this.dialog.close();
      const action = { label: t("projects.open"), run: () => location.assign(`/projects/${encodeURIComponent(body.id)}?lang=${lang}`) };
      const said = t("projects.picked", { title: body.title, n: body.totals.compounds });
      if (body.left_out_now) toast(`${said} ${leftOutWords(body.left_out_now)}`, { kind: "note", action, seconds: 0 });
      else toast(said, { action, seconds: 30 });
    } catch (error) {
      fill(this.error, error.message, " ", error.wayOut ?? "");
      this.error.hidden = false;
      this.put.disabled = false;
    }
  }

  #sent() {
    const project = this.projects?.get(this.where.value);
    if (!project) return call("POST", `/api/projects?lang=${lang}`, { json: { title: this.name.value, ...this.from } });
    const headers = { "If-Match": `"${project.version}"` };
    return call("PATCH", `/api/projects/${encodeURIComponent(project.id)}?lang=${lang}`, { json: { add: this.from }, headers });
  }
}

const words = (parameters) => Object.fromEntries(Object.entries(parameters).filter(([, v]) => v !== null && v !== undefined && v !== "").map(([k, v]) => [k, String(v)]));
