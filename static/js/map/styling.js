// The style that a layer is drawn with: the declared one with what the reader changed.

import { valueText } from "../core/format.js";
import { label, t } from "../core/i18n.js";
import { OTHER, UNKNOWN, categoryLook, classLook, ramp } from "./palettes.js";
import { between } from "./style.js";

const MOST_CATEGORIES = 24;
const OF_FIELD = ["kind", "breaks", "values", "palette", "reverse"]; // parts that mean nothing without their field

// What was parsed without the fields that the layer does not have: they cannot be looked at.
export function fitting({ change, refused }, fields) {
  const missing = ["by", "label"].filter((name) => change[name] && change[name] !== "-" && !fields.some((field) => field.name === change[name]));
  const kept = Object.fromEntries(Object.entries(change).filter(([name]) => !missing.includes(name) && !(missing.includes("by") && OF_FIELD.includes(name))));
  return { change: kept, refused: [...refused, ...missing.map((name) => `${name}:${change[name]}`)] };
}

// `fields`: the layer's fields as the service declares them.
export function styled(declared, change, fields) {
  const of = (name) => fields.find((field) => field.name === name);
  const [low, high] = change.zoom ?? [declared.min_zoom, declared.max_zoom ?? null];
  const named = change.label !== undefined && change.label !== "-";
  return {
    ...declared,
    ...coloured(declared, change, of(change.by)),
    opacity: change.opacity ?? 1,
    size: change.size ?? 1,
    min_zoom: low,
    max_zoom: high,
    label: named ? change.label : null,
    label_field: named ? (of(change.label) ?? null) : null,
    label_zoom: change.label === "-" ? null : (change["label-zoom"] ?? (named ? Math.max(low, declared.label_zoom ?? 15) : declared.label_zoom)),
  };
}

function coloured(declared, change, field) {
  if (change.by === undefined) return change.color ? { color: `#${change.color}`, by: null, classes: [] } : {};
  if (!field) return { color: change.color ? `#${change.color}` : declared.color, by: null, classes: [], ramp: null };
  const made = KINDS[change.kind ?? kindOf(field)](change, field, declared);
  return { by: field.name, ramp: null, ...made, classes: [...made.classes, entry({ label: t("layers.unknown"), color: UNKNOWN, pattern: "dots/9", dash: "5 3 1 3", symbol: "?" })] };
}

export const isMeasured = (field) => ["integer", "number", "year", "date"].includes(field.type);

export const kindOf = (field) => (isMeasured(field) ? "classes" : "categories");

const entry = (values) => ({ value: null, low: null, high: null, dash: null, pattern: null, symbol: null, shape: null, ...values });

const KINDS = {
  categories(change, field) {
    const values = (change.values ?? own(field)).slice(0, MOST_CATEGORIES);
    const made = values.map((text, i) => {
      const value = typed(field, text);
      return entry({ label: valueText(field, value), value, ...categoryLook(change.palette ?? "okabe", i, values.length, change.reverse) });
    });
    const whole = field.type === "boolean" || (field.choices && values.length >= own(field).length);
    return { classes: whole ? made : [...made, entry({ label: t("layers.other"), color: OTHER, other: true, symbol: "·" })] };
  },
  classes(change, field) {
    const bounds = change.breaks ?? [];
    const colors = ramp(change.palette ?? "viridis", change.reverse);
    const n = bounds.length + 1;
    const made = Array.from({ length: n }, (_, i) => {
      const [low, high] = [bounds[i - 1] ?? null, bounds[i] ?? null];
      const color = between(colors, n > 1 ? i / (n - 1) : 0.5);
      return low === null && high === null ? entry({ label: t("layers.known"), other: true, color }) : entry({ label: bandText(field, low, high), low, high, ...classLook(color, i, n) });
    });
    return { classes: made };
  },
  ramp(change, field) {
    const [low, high] = change.breaks?.length === 2 ? change.breaks : [field.minimum ?? 0, field.maximum ?? 1];
    return { classes: [], ramp: { low, high, colors: ramp(change.palette ?? "viridis", change.reverse), ends: [valueText(field, low), valueText(field, high)] } };
  },
};

// The values that a field declares, but for the one that says it is not known.
const own = (field) => (field.type === "boolean" ? ["true", "false"] : (field.choices ?? []).map(({ value }) => value).filter((value) => value !== "unknown"));

const typed = ({ type }, text) => (type === "boolean" ? text === "true" : ["integer", "number", "year"].includes(type) ? Number(text) : text);

// A class [low, high) in words; whole numbers and years name the last that is in it.
function bandText(field, low, high) {
  const unit = field.unit ? ` ${label(field.unit)}` : "";
  const text = (value) => valueText({ ...field, unit: null }, value);
  const dated = field.type === "date" || field.type === "year";
  if (low === null) return t(dated ? "layers.before" : "layers.below", { value: text(high) + unit });
  if (high === null) return t(dated ? "layers.since" : "layers.from", { value: text(low) + unit });
  const whole = ["integer", "year"].includes(field.type) && Number.isInteger(low) && Number.isInteger(high);
  if (whole && high - low === 1) return text(low) + unit;
  return `${text(low)}–${text(whole ? high - 1 : high)}${unit}`;
}
