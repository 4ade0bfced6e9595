// What the conditions on one field alone choose: values, a range, a part of a text, and whether the unknown are among them.

import { group, test } from "./cql2.js";

// The conditions that all must hold, one after the other.
function conjuncts(tree) {
  if (tree.op === "or" && tree.items.length > 1) return [tree];
  if (tree.not) return [tree];
  return tree.items.flatMap((item) => (item.kind === "group" && !item.not && (item.op === "and" || item.items.length < 2) ? conjuncts(item) : [item]));
}

// The field that an item speaks of, if it is only one and nothing else.
function fieldOf(item) {
  if (item.kind === "test") return item.field;
  if (item.kind === "text" || item.not) return null;
  const names = new Set(item.items.map(fieldOf));
  return names.size === 1 ? [...names][0] : null;
}

// Field → {values, low, high, open, has, unknown}; null where its conditions cannot be shown as one.
export function chosen(tree) {
  const found = new Map();
  for (const item of conjuncts(tree)) {
    const field = fieldOf(item);
    if (!field) continue;
    found.set(field, found.has(field) ? narrowed(found.get(field), part(item)) : part(item));
  }
  return found;
}

// The tree with what is chosen of `field` instead of all conditions on it alone.
export function choose(tree, field, choice) {
  const others = conjuncts(tree).filter((item) => fieldOf(item) !== field);
  return group("and", [...others, ...(choice ? items(field, choice) : [])]);
}

function part(item) {
  if (item.kind === "test") return ofTest(item);
  const parts = item.items.map(part);
  if (parts.some((one) => one === null)) return null;
  return item.op === "and" ? parts.reduce(narrowed) : parts.reduce(widened);
}

function ofTest({ op, values, not }) {
  const [value] = values;
  if (op === "null") return not ? null : { unknown: true };
  if (not) return null;
  if (op === "=" && (typeof value === "number" || value?.date)) return { low: value, high: value };
  if (op === "=" || op === "in") return { values };
  if (op === ">=") return { low: value };
  if (op === "<=") return { high: value };
  if (op === "<") return { high: value, open: true };
  if (op === "between") return { low: value, high: values[1] };
  return op === "has" ? { has: value } : null;
}

const isRange = (one) => one && !one.values && !one.unknown && one.has === undefined;

function narrowed(one, other) {
  if (!isRange(one) || !isRange(other)) return null;
  if ((one.low !== undefined && other.low !== undefined) || (one.high !== undefined && other.high !== undefined)) return null;
  return { ...one, ...other };
}

function widened(one, other) {
  if (!one || !other) return null;
  const unknown = one.unknown || other.unknown ? { unknown: true } : {};
  const known = [one, other].map(({ unknown: _, ...rest }) => rest).filter((rest) => Object.keys(rest).length);
  if (known.length < 2) return { ...known[0], ...unknown };
  return known.every(({ values }) => values) ? { values: known.flatMap(({ values }) => values), ...unknown } : null;
}

function items(field, { values, low, high, open, has, unknown }) {
  const known = [];
  if (values?.length) known.push(typeof values[0] === "boolean" ? booleans(field, values) : test(field, "in", values));
  if (low !== undefined && high !== undefined && !open) known.push(test(field, "between", [low, high]));
  else {
    if (low !== undefined) known.push(test(field, ">=", [low]));
    if (high !== undefined) known.push(test(field, open ? "<" : "<=", [high]));
  }
  if (has) known.push(test(field, "has", [has]));
  if (!unknown) return known;
  const open_ = test(field, "null");
  return known.length ? [group("or", [known.length === 1 ? known[0] : group("and", known), open_])] : [open_];
}

function booleans(field, values) {
  const each = values.map((value) => test(field, "=", [value]));
  return each.length === 1 ? each[0] : group("or", each);
}
