// One renovation project: it fetches, shows and saves; every change is saved at once and comes back worked out anew.

import { call, get } from "../core/api.js";
import { $, fill, h } from "../core/dom.js";
import { lang, t } from "../core/i18n.js";
import { tell, toast } from "../core/toast.js";
import { adding } from "./adding.js";
import { changedNote } from "./changed.js";
import { compounds } from "./compounds.js";
import { head, totals } from "./head.js";
import { leftOut } from "./left_out.js";
import { NARROW } from "./parts.js";
import { prices } from "./prices.js";

export async function openProject(id) {
  const page = new ProjectPage(id);
  await page.load();
  document.body.dataset.ready = "true";
}

class ProjectPage {
  constructor(id) {
    this.id = id;
    this.path = `/api/projects/${encodeURIComponent(id)}`;
    this.root = $("#project");
    this.opened = new Set(); // ids of compounds whose details are open
    this.saved = Promise.resolve(); // one change after the other: each needs the version that the one before made
    addEventListener("beforeprint", () => this.#all(true));
    addEventListener("afterprint", () => this.#all(false));
  }

  async load() {
    try {
      this.show(await get(this.path));
    } catch (error) {
      fill(this.root, h("p", { class: "note error", role: "alert" }, error.message, " ", error.wayOut ?? ""));
    }
  }

  show(project) {
    this.project = project;
    const held = document.activeElement?.dataset?.key ?? document.activeElement?.id;
    const [x, y] = [scrollX, scrollY];
    document.title = `${project.title} · ${t("brand")}`;
    fill(this.root, head(this), changedNote(this), leftOut(this), totals(this), compounds(this), adding(this), prices(this));
    scrollTo(x, y);
    if (held) ([...this.root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === held) ?? document.getElementById(held))?.focus({ preventScroll: true });
  }

  // Resolves to whether it was saved; a refusal is told and what stands is shown again.
  save(change, said = t("projects.kept")) {
    this.saved = this.saved.then(() => this.#save(change, said));
    return this.saved;
  }

  async #save(change, said) {
    const headers = { "If-Match": `"${this.project.version}"` };
    this.root.setAttribute("aria-busy", "true");
    try {
      const { body } = await call("PATCH", `${this.path}?lang=${lang}`, { json: change, headers });
      this.show(body);
      if (said) toast(said, { seconds: 4 });
      return true;
    } catch (error) {
      if (error.status === 412) this.#stale();
      else tell(error);
      return false;
    } finally {
      this.root.removeAttribute("aria-busy");
    }
  }

  async remove() {
    await call("DELETE", `${this.path}?lang=${lang}`, { headers: { "If-Match": `"${this.project.version}"` } });
    location.assign(`/projects?lang=${lang}`);
  }

  // Somebody else has saved it since.
  #stale() {
    toast(t("projects.stale"), { kind: "error", action: { label: t("projects.reload"), run: () => this.load().catch(tell) }, seconds: 60 });
  }

  // Paper shows every compound; the screen what was open.
  #all(open) {
    for (const one of this.root.querySelectorAll("details.compound")) {
      one.fillIn?.();
      one.open = open || this.opened.has(Number(one.dataset.id));
    }
    for (const one of this.root.querySelectorAll("details.group")) one.open = open || !NARROW.matches;
  }
}
