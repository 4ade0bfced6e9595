// The list of renovation projects, and a new one from a question.

import { call, get } from "../core/api.js";
import { $, field, fill, h } from "../core/dom.js";
import { dateTime, label, lang, t } from "../core/i18n.js";

export async function openProjects() {
  const compounds = get("/ogc/collections/compounds/items", { limit: 1, properties: "code" });
  const [{ projects }, { questions }, places, { numberMatched }] = await Promise.all([get("/api/projects"), get("/api/questions"), communities(), compounds]);
  fill($("#projects"), projects.length ? projects.map(card) : h("p", { class: "note" }, t("projects.none")));
  fill($("#new-project"), numberMatched ? form(questions, places) : nothing());
  document.body.dataset.ready = "true";
}

const nothing = () => h("p", { class: "note" }, t("projects.nodata"), " ", h("a", { href: `/import?lang=${lang}` }, t("nav.import")));

function card({ id, title, compounds, as_of: day, at }) {
  return h(
    "a",
    { class: "project", href: `/projects/${encodeURIComponent(id)}?lang=${lang}` },
    h("b", {}, title),
    h("span", {}, t("projects.compounds.n", { n: compounds })),
    h("span", { class: "muted" }, t("projects.saved", { at: dateTime(at), day })),
  );
}

async function communities() {
  const { features } = await get("/ogc/collections/communities/items", { limit: 1000, properties: "name", sortby: "name" });
  return features.map(({ properties }) => properties.name).filter(Boolean);
}

// Questions about compounds first: their rows are compounds; those of the others lead to the compounds that they belong to.
function form(questions, places) {
  let named = false; // by hand: no suggestion takes its place
  const title = h("input", { id: "new-title", maxlength: "120", required: true, oninput: () => (named = title.value.trim() !== "") });
  const of = (mine) => questions.filter((question) => (question.subject === "compounds") === mine).map(({ id, title: words }) => h("option", { value: id }, label(words)));
  const question = h(
    "select",
    { id: "new-question" },
    h("optgroup", { label: t("projects.from.compounds") }, of(true)),
    h("optgroup", { label: t("projects.from.others") }, of(false)),
  );
  const place = h("select", { id: "new-community" }, h("option", { value: "" }, t("projects.everywhere")), places.map((name) => h("option", { value: name }, name)));
  const error = h("p", { class: "note error", role: "alert", hidden: true });
  const button = h("button", { type: "submit", class: "primary" }, t("projects.make"));
  const suggest = () => named || (title.value = [place.value, question.selectedOptions[0]?.textContent.replace(/[？?]$/, "")].filter(Boolean).join(" "));
  question.value = "compounds-without-gas";
  for (const select of [question, place]) select.addEventListener("change", suggest);
  suggest();
  const make = async (event) => {
    event.preventDefault();
    button.disabled = true;
    error.hidden = true;
    try {
      const query = place.value ? { community: place.value } : {};
      const { body } = await call("POST", `/api/projects?lang=${lang}`, { json: { title: title.value, collection: question.value, query } });
      location.assign(`/projects/${encodeURIComponent(body.id)}?lang=${lang}`);
    } catch (problem) {
      fill(error, problem.message, " ", problem.wayOut ?? "");
      error.hidden = false;
      button.disabled = false;
    }
  };
  return h("form", { class: "new-project", onsubmit: make }, field(question, t("projects.from")), field(place, t("projects.place")), field(title, t("projects.name")), button, error);
}
