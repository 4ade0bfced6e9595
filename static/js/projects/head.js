// The head of a project (title, day, profile, files) and its sums.

import { address } from "../core/api.js";
import { ofIds } from "../core/conditions.js";
import { openDialog } from "../core/dialog.js";
import { field, h, icon } from "../core/dom.js";
import { dateTime, number, t } from "../core/i18n.js";
import { tell } from "../core/toast.js";
import { range } from "./money.js";
import { open, table } from "./parts.js";

export function head(page) {
  const { project } = page;
  return h(
    "header",
    { class: "pagehead" },
    h(
      "div",
      {},
      h("h1", {}, project.title, h("button", { type: "button", class: "round no-print", id: "rename", "aria-label": t("projects.rename"), title: t("projects.rename"), onclick: () => rename(page) }, icon("edit"))),
      h(
        "p",
        { class: "muted" },
        t("projects.rests", { profile: `${project.profile.label} ${project.profile.version}`, day: project.as_of }),
        " · ",
        t("projects.version", { n: project.version, at: dateTime(project.at) }),
        project.demo && h("span", { class: "tag" }, t("overview.demo")),
      ),
      h("p", { class: "muted print-line" }, t("projects.fingerprint"), " ", h("code", {}, project.fingerprint.slice(7, 23))),
      project.note && h("p", { class: "project-note" }, project.note),
    ),
    h("div", { class: "actions no-print" }, files(page), settings(page)),
  );
}

function files({ path, project }) {
  const ids = project.compounds.map(({ id }) => id);
  const shown = address("/", { table: "compounds", layers: "compounds,buildings,fire_lanes", "f.compounds": ofIds(ids) });
  return [
    h("a", { class: "button primary", id: "save-geojson", download: "", href: address(`${path}/file`, { f: "geojson" }) }, icon("download"), "GeoJSON"),
    h("a", { class: "button", id: "save-xlsx", download: "", href: address(`${path}/file`, { f: "xlsx" }) }, icon("download"), "Excel"),
    h("button", { type: "button", id: "print", onclick: () => print() }, t("projects.print")),
    ids.length > 0 && h("a", { class: "button", href: shown }, t("projects.map")),
  ];
}

function settings(page) {
  return h("button", { type: "button", id: "settings", "aria-haspopup": "dialog", onclick: () => rename(page) }, t("projects.settings"));
}

// Title, note, day and profile in one dialog, and the way to take the project away.
function rename(page) {
  const { project } = page;
  const title = h("input", { id: "set-title", maxlength: "120", required: true, value: project.title });
  const note = h("textarea", { id: "set-note", rows: "3", maxlength: "4000" }, project.note);
  const day = h("input", { id: "set-day", type: "date", min: "1950-01-01", max: "2100-12-31", required: true, value: project.as_of });
  const profile = h("select", { id: "set-profile" }, project.profiles.map(({ id, label }) => h("option", { value: id, selected: id === project.profile.id }, label)));
  const dialog = h(
    "dialog",
    { class: "settings-dialog", "aria-labelledby": "settings-title" },
    h(
      "form",
      { onsubmit: (event) => (event.preventDefault(), save()) },
      h("h2", { id: "settings-title" }, t("projects.settings")),
      field(title, t("projects.name")),
      field(note, t("projects.note")),
      field(profile, t("profile")),
      field(day, t("asof")),
      h("p", { class: "muted" }, t("projects.settings.help")),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "submit", class: "primary" }, t("save")),
        h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, t("cancel")),
        h("button", { type: "button", class: "quiet danger", onclick: () => confirm(t("projects.delete.sure", { title: project.title })) && page.remove().catch(tell) }, t("projects.delete")),
      ),
    ),
  );
  const save = async () => {
    const said = { title: title.value, note: note.value };
    if (day.value !== project.as_of) said.as_of = day.value;
    if (profile.value !== project.profile.id) said.profile = profile.value;
    if (await page.save(said)) dialog.close();
  };
  openDialog(dialog);
}

export function totals({ project }) {
  const { cost, classes, items, compounds, unplaced, findings, hazards, gaps, unknown, without_hazards_data: bare } = project.totals;
  const figure = (value, text, extra = null) => h("li", {}, h("b", {}, value), h("span", {}, text), extra);
  return h(
    "section",
    { class: "figure sums", "aria-labelledby": "sums-title" },
    h("h2", { id: "sums-title" }, t("projects.sums")),
    h(
      "ul",
      { class: "tiles" },
      figure(range(cost), t("projects.cost"), cost.open > 0 && h("small", {}, t("projects.cost.open", { n: cost.open }))),
      figure(number(compounds), t("projects.compounds"), unplaced > 0 && h("small", {}, t("projects.unplaced", { n: unplaced }))),
      figure(number(findings), t("projects.findings"), unknown > 0 && h("small", {}, t("projects.findings.unknown", { n: unknown }))),
      figure(
        bare > 0 && bare === compounds ? t("projects.nodata.short") : number(hazards),
        t("projects.hazards"),
        bare > 0 && bare < compounds && h("small", {}, t("projects.hazards.bare", { n: bare })),
      ),
      figure(number(gaps), t("projects.gaps")),
    ),
    items.length > 0
      ? table(
          t("projects.sums"),
          [t("projects.item"), t("projects.class"), [t("projects.amount"), "number"], [t("projects.compounds"), "number"], [t("projects.cost"), "number"]],
          items.map((item) => [
            [item.label, h("small", {}, ` ${item.code}`)],
            h("span", { class: `works ${item.class}` }, item.class_label),
            [item.amount === null ? t("projects.unknown") : `${number(item.amount)} ${item.unit}`, open(item.cost.open)],
            number(item.compounds),
            item.amount === null ? t("projects.unknown") : range(item.cost),
          ]),
          { foot: [t("projects.total"), "", "", number(compounds), range(cost)] },
        )
      : h("p", { class: "note" }, t("projects.nothing")),
    h(
      "ul",
      { class: "classes" },
      classes.map(({ class: name, label: words, cost: each }) => h("li", {}, h("span", { class: `works ${name}` }, words), " ", range(each))),
    ),
    h("p", { class: "muted" }, t("projects.sums.help")),
  );
}
