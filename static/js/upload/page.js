// The upload page: choose files, see what was found in them, decide how to take them in, and read the account.

import { Problem, call, get, upload } from "../core/api.js";
import { $, fill, h, icon } from "../core/dom.js";
import { catalogue } from "../core/catalogue.js";
import { label, lang, number, t } from "../core/i18n.js";
import { wireLanguage } from "../panels/language.js";
import { tell } from "../core/toast.js";
import { accountView } from "./account.js";
import { together } from "./files.js";
import { Review } from "./review.js";

const WAIT = 400;

export function openUpload() {
  wireLanguage();
  new Upload().start();
}

class Upload {
  #timer = 0;
  #waiting = [];
  #review = null;

  start() {
    this.root = $("#upload");
    const zone = $("#drop");
    const chooser = $("#files");
    chooser.addEventListener("change", () => this.#take([...chooser.files]));
    zone.addEventListener("dragover", (event) => (event.preventDefault(), zone.classList.add("over")));
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      if (event.dataTransfer.files.length) this.#take([...event.dataTransfer.files]);
    });
    addEventListener("unhandledrejection", ({ reason }) => this.#stuck(reason));
    addEventListener("error", ({ error }) => this.#stuck(error));
    const running = new URLSearchParams(location.search).get("upload");
    if (running) this.#follow(running);
    this.#past();
    this.#templates().catch(tell);
  }

  // Several files are taken one after the other; the parts of a shapefile are one.
  #take(files) {
    this.#waiting = together(files);
    this.#next();
  }

  #next() {
    const files = this.#waiting.shift();
    if (files) this.#send(files);
    else this.#fresh();
  }

  async #send(files) {
    this.#review = null;
    const form = new FormData();
    for (const file of files) form.append("files", file, file.name);
    const bar = h("progress", { max: 1, value: 0, "aria-label": t("upload.progress") });
    this.#stage("busy", h("p", {}, t("upload.sending", { name: files.map((file) => file.name).join(", ") })), bar);
    try {
      const { id } = await upload("/api/uploads", form, (share) => (bar.value = share));
      const query = new URLSearchParams(location.search);
      query.set("upload", id);
      history.pushState(null, "", `?${query}`);
      this.#follow(id);
    } catch (error) {
      this.#trouble(error);
    }
  }

  async #follow(id) {
    this.id = id;
    clearTimeout(this.#timer);
    try {
      await this.#show(await get(`/api/uploads/${encodeURIComponent(id)}`));
    } catch (error) {
      this.#trouble(error);
    }
  }

  async #show(job) {
    const busy = { queued: "upload.queued", inspecting: "upload.inspecting", importing: "upload.importing" }[job.state];
    if (busy) {
      this.#stage("busy", h("p", {}, t(busy, { name: job.file_name ?? "" })), progressBar(job.progress));
      this.#timer = setTimeout(() => this.#follow(this.id), WAIT);
    } else if (job.state === "ready") await this.#ready(job);
    else if (job.state === "done") this.#done(job);
    else await this.#refused(job);
  }

  async #ready(job) {
    this.#review = new Review(
      job,
      (options) => this.#import(options),
      () => this.#discard(),
    );
    this.#stage("ready", job.error && problemNote(job.error), this.#review.element);
    await this.#review.opened();
  }

  async #import(options) {
    this.options = options;
    this.#stage("busy", h("p", {}, t(options.dry_run ? "upload.trying" : "upload.importing", { name: "" })), progressBar(null));
    try {
      await call("POST", `/api/uploads/${encodeURIComponent(this.id)}/import`, { json: options });
      await this.#follow(this.id);
    } catch (error) {
      if (this.#review) this.#stage("ready", problemNote(error), this.#review.element);
      else this.#trouble(error);
    }
  }

  #done(job) {
    const { account } = job;
    const again = account.dry_run && [
      h(
        "button",
        { type: "button", class: "primary", onclick: () => this.#import({ ...(this.options ?? {}), dry_run: false }) },
        t("import.now"),
      ),
      this.#review && h("button", { type: "button", onclick: () => this.#stage("ready", this.#review.element) }, t("import.change")),
    ];
    this.#stage("done", accountView(account, { more: again }), !account.dry_run && h("div", { class: "actions" }, this.#another()));
    $("#upload h2")?.focus();
    this.#past();
  }

  // A refusal with candidates is a question to the user; any other is an end with the way out.
  async #refused(job) {
    const problem = job.error ?? {};
    if (job.inspection) {
      await this.#ready({ ...job, inspection: { ...job.inspection, candidates: problem.candidates ?? job.inspection.candidates } });
    } else this.#stage("refused", problemNote(problem), h("div", { class: "actions" }, this.#another()));
  }

  #another() {
    const next = this.#waiting[0];
    return h(
      "button",
      { type: "button", onclick: () => this.#next() },
      next ? t("import.next", { name: next.map((file) => file.name).join(", ") }) : t("import.another"),
    );
  }

  async #discard() {
    await call("DELETE", `/api/uploads/${encodeURIComponent(this.id)}`).catch(() => null);
    this.#next();
  }

  #fresh() {
    clearTimeout(this.#timer);
    this.#review = null;
    $("#files").value = "";
    const query = new URLSearchParams(location.search);
    query.delete("upload");
    history.pushState(null, "", `?${query}`);
    document.body.dataset.stage = "";
    fill(this.root);
    this.#past();
  }

  #stage(name, ...content) {
    document.body.dataset.stage = name;
    fill(this.root, content);
  }

  // Every failure ends in a note with a way on; one that is not the server's answer can be tried again from the same upload.
  #trouble(error) {
    const ours = !(error instanceof Problem);
    const said = ours ? { message: t("error.page", { message: error?.message ?? String(error) }) } : error;
    const again = ours && this.id && h("button", { type: "button", class: "primary", onclick: () => location.reload() }, t("error.again"));
    this.#stage("refused", problemNote(said), h("div", { class: "actions" }, again, this.#another()));
  }

  // What broke outside a step that waits for it, while a file is being worked on.
  #stuck(error) {
    if (error && document.body.dataset.stage) this.#trouble(error);
  }

  async #past() {
    const { imports } = await get("/api/imports").catch(() => ({ imports: [] }));
    $("#past").hidden = imports.length === 0;
    const rows = imports.toReversed().slice(0, 20);
    fill(
      $("#past ul"),
      rows.map((one) =>
        h(
          "li",
          {},
          h("a", { href: `/imports/${one.id}?lang=${lang}` }, one.file_name),
          h("span", { class: "muted" }, ` · ${summary(one.layers)}`),
        ),
      ),
    );
  }

  async #templates() {
    await catalogue.load();
    fill(
      $("#templates ul"),
      [...catalogue.layers.values()].map((layer) =>
        h("li", {}, h("a", { href: `/templates/${layer.id}.xlsx?lang=${lang}`, download: "" }, icon("download"), label(layer.label))),
      ),
    );
  }
}

function summary(layers) {
  const read = Object.values(layers).reduce((sum, counts) => sum + counts.read, 0);
  const out = Object.values(layers).reduce((sum, counts) => sum + counts.quarantined, 0);
  return t("import.summary", { read, taken: read - out, out });
}

function progressBar(progress) {
  const known = progress?.total > 0;
  return [
    h("progress", { max: known ? progress.total : null, value: known ? progress.done : undefined, "aria-label": t("upload.progress") }),
    known && h("p", { class: "muted" }, `${number(progress.done)} / ${number(progress.total)}`),
  ];
}

export function problemNote(problem) {
  const said = problem.message ?? problem.detail ?? problem.title ?? "";
  const out = problem.wayOut ?? problem.way_out ?? "";
  return h("div", { class: "note error", role: "alert" }, h("p", {}, said), out && h("p", {}, out));
}
