// "Within so many metres of": any feature of a layer, of those that meet a condition, or the one that is chosen.

import { catalogue } from "../core/catalogue.js";
import { $, h } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { state } from "../core/state.js";

const METRES = 50;
const EXAMPLE = "clear_width_m < 3.5";

// {layer, id, metres} of a `near` text, or null.
function parseNear(text) {
  const [, layer, id, metres] = /^([a-z][a-z0-9_]*)(?:\/(\d+))?:([\d.]+)$/.exec(text ?? "") ?? [];
  return layer ? { layer, id: id ? Number(id) : null, metres: Number(metres) } : null;
}

const names = new Map(); // "layer/id" → the name of one that was chosen: the address has its number only

// The layer's name with the feature's own, as the details told it when it was chosen, else with its number.
function oneOf(layer, id) {
  const { selected } = state.value;
  const title = selected?.layer === layer && selected.id === id && $("#details:not([hidden]) #details-title")?.textContent;
  if (title) names.set(`${layer}/${id}`, title);
  return `${label(catalogue.layers.get(layer)?.label) || layer} ${names.get(`${layer}/${id}`) ?? `#${id}`}`;
}

function nearName(text) {
  const near = parseNear(text);
  if (!near) return text;
  const layer = label(catalogue.layers.get(near.layer)?.label) || near.layer;
  return t("area.near.of", { what: near.id === null ? layer : oneOf(near.layer, near.id), metres: near.metres });
}

// Nearness in words, the condition on what is near with it.
export const nearText = ({ near, nearFilter }) => [nearName(near), nearFilter].filter(Boolean).join(" · ");

// The form; `apply({near, nearFilter})` is called with what was asked for. `typed` keeps what it is given until then, for the next form.
export function nearForm(apply, typed) {
  const now = parseNear(state.value.near);
  const { selected } = state.value;
  const stored = [...catalogue.layers.values()].filter(({ derived }) => !derived);
  const option = (value, said, on) => h("option", { value, selected: on }, said);
  const one = selected && catalogue.layers.has(selected.layer) && !catalogue.layers.get(selected.layer).derived ? `${selected.layer}/${selected.id}` : null;
  const what = h(
    "select",
    { id: "near-what", name: "what" },
    one && option(one, t("area.near.chosen", { what: oneOf(selected.layer, selected.id) }), now?.id === selected.id && now?.layer === selected.layer),
    now?.id && `${now.layer}/${now.id}` !== one && option(`${now.layer}/${now.id}`, oneOf(now.layer, now.id), true),
    stored.map((layer) => option(layer.id, t("area.near.any", { layer: label(layer.label) }), now?.layer === layer.id && now.id === null)),
  );
  if ([...what.options].some(({ value }) => value === typed["near-what"])) what.value = typed["near-what"];
  const metres = h("input", { id: "near-metres", type: "number", min: "0", max: "100000", step: "any", inputmode: "decimal", required: true, value: typed["near-metres"] ?? now?.metres ?? METRES });
  const where = h("input", { id: "near-filter", type: "text", spellcheck: "false", value: typed["near-filter"] ?? state.value.nearFilter ?? "", placeholder: EXAMPLE });
  const show = () => (where.parentElement.hidden = what.value.includes("/"));
  const submit = (event) => {
    event.preventDefault();
    apply({ near: `${what.value}:${Number(metres.value)}`, nearFilter: what.value.includes("/") ? null : where.value.trim() || null });
  };
  const form = h(
    "form",
    { class: "near", onsubmit: submit, onchange: show, oninput: ({ target }) => (typed[target.id] = target.value) },
    h("div", { class: "field" }, h("label", { for: "near-metres" }, t("area.near.metres")), h("div", { class: "with-unit" }, metres, h("span", { class: "unit" }, t("unit.m")))),
    h("div", { class: "field" }, h("label", { for: "near-what" }, t("area.near.what")), what),
    h("div", { class: "field" }, h("label", { for: "near-filter" }, t("area.near.filter")), where),
    h("button", { type: "submit" }, t("area.near.apply")),
  );
  show();
  return form;
}
