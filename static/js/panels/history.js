// What was done to a feature, in words: who, when, why, from which value to which, and where it lay before.

import { address, call } from "../core/api.js";
import { fill, h } from "../core/dom.js";
import { isEmpty, valueText, who } from "../core/format.js";
import { dateTime, label, t } from "../core/i18n.js";
import { tell } from "../core/toast.js";
import { undo } from "../core/undo.js";

const KEPT = ["version", "updated_at", "updated_by"]; // what the store writes itself
const AT_ONCE = 30;

export class History {
  // `look` shows a geometry on the map, null takes it away.
  constructor(layer, id, look) {
    Object.assign(this, { layer, id, look });
    this.list = h("ol", {});
    this.more = h("button", { type: "button", class: "link", hidden: true, onclick: () => this.load() }, t("history.more"));
    this.element = h("div", { class: "history" }, this.list, this.more);
  }

  async load() {
    try {
      const query = { layer: this.layer.id, feature: this.id, limit: AT_ONCE, after: this.last };
      const { body } = await call("GET", address("/api/history", query));
      const first = !this.last;
      this.last = body.changes.at(-1)?.seq;
      this.more.hidden = body.changes.length < AT_ONCE;
      this.list.append(...body.changes.map((change, at) => this.#change(change, first && at === 0)));
      if (first) this.element.scrollIntoView({ block: "nearest" }); // it opens under the panel's edge
    } catch (error) {
      tell(error);
    }
  }

  // Only an edit by hand can be taken back here, and only while nothing came after it: an import is undone on its own page, as a whole.
  #change(change, newest) {
    const undoable = newest && change.action === "update" && !change.import_id;
    const action = change.import_id ? t("history.import") : t(`history.${change.action}`);
    const lines = change.before && change.after ? this.#steps(change) : [];
    return h(
      "li",
      { class: `change ${change.action}` },
      h("p", { class: "what" }, h("b", {}, action), " ", h("time", { datetime: change.at }, dateTime(change.at)), ` · ${who(change.actor)}`),
      change.reason && change.action !== "undo" && h("p", { class: "why" }, t("history.reason", { reason: change.reason })),
      lines.length > 0 && h("ul", {}, lines),
      undoable &&
        h("button", { type: "button", class: "link undo", data: { revision: change.revision }, onclick: () => undo(change.revision).catch(tell) }, t("undo")),
    );
  }

  #steps({ before, after, geometry_before: from, geometry_after: to }) {
    const lines = Object.keys(after)
      .filter((name) => !KEPT.includes(name) && !same(before[name], after[name]))
      .flatMap((name) => this.#step(name, before[name], after[name]));
    if (from !== to) lines.push(this.#moved(from, to));
    return lines;
  }

  #step(name, before, after) {
    const field = this.layer.fields.find((one) => one.name === name);
    if (!field) return [];
    if (field.type === "json") return extraSteps(before ?? {}, after ?? {}).map((line) => h("li", {}, line));
    return [h("li", {}, `${label(field.label)}: `, h("del", {}, valueText(field, before)), " → ", h("ins", {}, valueText(field, after)))];
  }

  // Where it was is shown on the map while the button is pressed down.
  #moved(from, to) {
    const geometry = from && geometryOf(from);
    const shown = (event) => {
      const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
      event.currentTarget.setAttribute("aria-pressed", String(on));
      this.look(on ? geometry : null);
    };
    return h("li", {}, placeText(from, to), geometry && h("button", { type: "button", class: "link was", "aria-pressed": "false", onclick: shown }, t("history.where")));
  }
}

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

// Of the columns that fill no field only those that changed.
function extraSteps(before, after) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !same(before[name], after[name]));
  const said = (value) => (isEmpty(value) ? "—" : String(value));
  return names.map((name) => `${name}: ${said(before[name])} → ${said(after[name])}`);
}

// From which kind of geometry to which; WKT begins with its kind.
function placeText(from, to) {
  const kind = (wkt) => {
    const word = /^\s*(?:MULTI)?([A-Z]+)/.exec(wkt ?? "")?.[1];
    const key = { POINT: "geometry.Point", LINESTRING: "geometry.LineString", POLYGON: "geometry.Polygon" }[word];
    return word ? t(key ?? "geometry.GeometryCollection") : t("unplaced.one");
  };
  const [before, after] = [kind(from), kind(to)];
  return before === after ? t("history.geometry") : t("history.place", { before, after });
}

const KINDS = { POINT: "Point", MULTIPOINT: "MultiPoint", LINESTRING: "LineString", MULTILINESTRING: "MultiLineString", POLYGON: "Polygon", MULTIPOLYGON: "MultiPolygon" };

// WKT as GeoJSON: its brackets are JSON's once the pairs are written as lists.
function geometryOf(wkt) {
  const [, word, rest] = /^\s*([A-Z]+)\s*(\(.*\))\s*$/s.exec(wkt) ?? [];
  if (!KINDS[word]) return null;
  const pairs = rest.replace(/(-?[\d.eE+-]+)\s+(-?[\d.eE+-]+)/g, "[$1,$2]").replaceAll("(", "[").replaceAll(")", "]");
  const coordinates = JSON.parse(pairs);
  const flat = word === "MULTIPOINT" ? coordinates.map((one) => (Array.isArray(one[0]) ? one[0] : one)) : coordinates;
  return { type: KINDS[word], coordinates: word === "POINT" ? flat[0] : flat };
}
