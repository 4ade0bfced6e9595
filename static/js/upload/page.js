// The upload page: choose files, see what was found in them, decide how to take them in, and read the account.

import { Problem, call, get, upload } from "../core/api.js";
import { $, fill, h, icon } from "../core/dom.js";
import { catalogue } from "../core/catalogue.js";
import { dateTime, label, lang, number, t } from "../core/i18n.js";
import { wireLanguage } from "../panels/language.js";
import { tell } from "../core/toast.js";
import { accountView } from "./account.js";
import { together } from "./files.js";
import { Review } from "./review.js";

const WAIT = 400;
const PATIENCE = 3; // seconds after which the page says how long it has been at it

export function openUpload() {
  wireLanguage();
  new Upload().start();
}

const BUSY = ["queued", "inspecting", "importing", "stopping"];

class Upload {
  #timer = 0;
  #waiting = [];
  #review = null;
  #began = 0;
  #busy = null;
  #stopped = false;

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
    this.#drop();
    const form = new FormData();
    for (const file of files) form.append("files", file, file.name);
    const bar = h("progress", { max: 1, value: 0, "aria-label": t("upload.progress") });
    const sending = new AbortController();
    const cancel = h("button", { type: "button", id: "cancel", onclick: () => sending.abort() }, t("cancel"));
    this.#stage("busy", h("p", {}, t("upload.sending", { name: files.map((file) => file.name).join(", ") })), bar, h("div", { class: "actions" }, cancel));
    this.#began = Date.now();
    try {
      const { id } = await upload("/api/uploads", form, (share) => (bar.value = share), sending.signal);
      const query = new URLSearchParams(location.search);
      query.set("upload", id);
      history.pushState(null, "", `?${query}`);
      this.#follow(id);
    } catch (error) {
      if (error.name === "AbortError") this.#next();
      else this.#trouble(error);
    }
  }

  async #follow(id) {
    this.id = id;
    clearTimeout(this.#timer);
    try {
      const job = await get(this.#url());
      if (this.id === id) await this.#show(job);
    } catch (error) {
      if (this.id === id) this.#trouble(error);
    }
  }

  async #show(job) {
    if (BUSY.includes(job.state)) {
      this.#working(job);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#follow(this.id), WAIT);
      return;
    }
    this.#busy = null;
    if (job.state === "ready") await this.#ready(job);
    else if (job.state === "done") this.#done(job);
    else await this.#refused(job);
  }

  // What is being done, how far it is, and the way to take it back.
  #working(job) {
    const trying = job.state === "importing" && this.options?.dry_run;
    const said = job.position
      ? t("upload.queued", { n: job.position })
      : trying
        ? t("upload.trying")
        : t(`upload.${job.state === "queued" ? job.task : job.state}`, { name: job.file_name ?? "" });
    this.#began ||= Date.now();
    const seconds = Math.round((Date.now() - this.#began) / 1000);
    if (!this.#busy) {
      const parts = { said: h("p", {}), bar: h("div", {}), time: h("p", { class: "muted", "aria-hidden": "true" }) };
      parts.cancel = h("button", { type: "button", id: "cancel", onclick: () => this.#cancel(job.task) }, t("cancel"));
      this.#busy = parts;
      this.#stage("busy", parts.said, parts.bar, parts.time, h("div", { class: "actions" }, parts.cancel));
    }
    const { said: line, bar, time, cancel } = this.#busy;
    if (line.textContent !== said) line.textContent = said;
    if (job.progress || !bar.children.length) fill(bar, progressBar(job.progress));
    time.textContent = seconds >= PATIENCE ? t("upload.elapsed", { n: seconds }) : "";
    cancel.disabled = job.state === "stopping";
  }

  // A file that is looked at is forgotten; an import that is taken back leaves the file as it was, ready again.
  async #cancel(task) {
    this.#busy.cancel.disabled = true;
    const url = this.#url();
    try {
      if (task === "importing") {
        const { body } = await call("POST", `${url}/stop`);
        this.#stopped = true;
        return await this.#show(body);
      }
      clearTimeout(this.#timer);
      this.id = null;
      await call("DELETE", url);
      return this.#next();
    } catch (error) {
      return tell(error);
    }
  }

  // The choices made so far stay, with what was said about them.
  async #ready(job) {
    const stopped = this.#stopped && h("p", { class: "note", role: "status" }, t("upload.stopped"));
    const problem = job.error ? problemNote(job.error) : stopped;
    this.#stopped = false;
    if (this.#review) {
      this.#stage("ready", this.#review.element);
      this.#review.tell(problem);
      return;
    }
    this.#review = new Review(job, this.#url(), {
      run: (options) => this.#import(options),
      reread: (encoding) => this.#reread(encoding),
      discard: () => this.#discard(),
    });
    this.#stage("ready", problem, this.#review.element);
    await this.#review.opened();
  }

  // Another encoding gives other names and samples: the file is looked at again.
  async #reread(encoding) {
    await this.#ask("inspect", { encoding }, t("upload.inspecting", { name: "" }), () => this.#drop());
  }

  async #import(options) {
    this.options = options;
    await this.#ask("import", options, t(options.dry_run ? "upload.trying" : "upload.importing", { name: "" }));
  }

  // Something longer is begun and followed to its end; a refusal leaves the choices as they were.
  async #ask(what, json, said, begun = () => {}) {
    this.#began = Date.now();
    this.#busy = null;
    this.#stage("busy", h("p", {}, said), progressBar(null));
    try {
      await call("POST", `${this.#url()}/${what}`, { json });
      begun();
      await this.#follow(this.id);
    } catch (error) {
      if (!this.#review) return this.#trouble(error);
      this.#stage("ready", this.#review.element);
      this.#review.tell(problemNote(error));
    }
    return undefined;
  }

  #done(job) {
    const { account } = job;
    const go = () => this.#import({ ...this.options, dry_run: false });
    const again = account.dry_run && [
      this.options && h("button", { type: "button", class: "primary", id: "import-now", onclick: go }, t("import.now")),
      h("button", { type: "button", id: "import-change", onclick: () => this.#ready({ ...job, error: null }) }, t("import.change")),
    ];
    this.#stage("done", accountView(account, { name: job.file_name, more: again, last: !account.dry_run && this.#another() }));
    $("#upload h2")?.focus();
    this.#past();
  }

  // A refusal with candidates is a question to the user; any other after a look at the file is one to change the choices for.
  async #refused(job) {
    const problem = job.error ?? {};
    if (job.inspection && problem.candidates) this.#drop();
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
    await call("DELETE", this.#url()).catch(() => null);
    this.#next();
  }

  #fresh() {
    clearTimeout(this.#timer);
    this.#drop();
    $("#files").value = "";
    const query = new URLSearchParams(location.search);
    query.delete("upload");
    history.pushState(null, "", `?${query}`);
    document.body.dataset.stage = "";
    fill(this.root);
    this.#past();
  }

  #drop() {
    this.#review?.close();
    this.#review = this.#busy = null;
    this.#began = 0;
  }

  #url() {
    return `/api/uploads/${encodeURIComponent(this.id)}`;
  }

  #stage(name, ...content) {
    document.body.dataset.stage = name;
    fill(this.root, content);
  }

  // Every failure ends in a note with a way on; one that is not the server's answer can be tried again from the same upload.
  #trouble(error) {
    const ours = !(error instanceof Problem);
    const said = ours ? { message: t("error.page", { message: error?.message ?? String(error) }) } : error;
    const again = ours && new URLSearchParams(location.search).has("upload") && h("button", { type: "button", class: "primary", onclick: () => location.reload() }, t("error.again"));
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
          h("a", { href: `/imports/${one.id}?lang=${lang}` }, one.actor === "demo" ? t("import.demo") : one.file_name),
          h("span", { class: "muted" }, ` · ${[dateTime(one.at), summary(one.layers), one.undone_by && t("account.undone")].filter(Boolean).join(" · ")}`),
        ),
      ),
    );
  }

  async #templates() {
    await catalogue.load();
    fill(
      $("#templates ul"),
      [...catalogue.layers.values()].filter((layer) => !layer.derived).map((layer) =>
        h("li", {}, h("a", { href: `/templates/${layer.id}.xlsx?lang=${lang}`, download: "" }, icon("download"), label(layer.label))),
      ),
    );
  }
}

function summary(layers) {
  const all = (count) => Object.values(layers).reduce((sum, counts) => sum + counts[count], 0);
  return t("import.summary", { read: all("read"), taken: all("accepted"), mended: all("repaired"), out: all("quarantined") });
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
