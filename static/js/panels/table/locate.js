// Where a feature stands in an answer that is sorted by the server: a count of what comes before it.

import { ofDay, quoted } from "../../core/conditions.js";
import { isEmpty } from "../../core/format.js";

// CQL2 conditions whose matches together stand before the row: by the value (nulls last either way), and among equals by id.
// `field` null: the order is that of the ids.
export function before(id, field, value, down) {
  const earlier = `id < ${id}`;
  if (!field) return [earlier];
  if (isEmpty(value)) return [`${field.name} IS NOT NULL`, `${field.name} IS NULL AND ${earlier}`];
  const less = beyond(field, value, down);
  return [less, `${field.name} = ${literal(field, value)} AND ${earlier}`].filter(Boolean);
}

// Rows whose value comes earlier; null when none can.
function beyond(field, value, down) {
  if (field.type === "boolean") return value === down ? null : `${field.name} = ${!value}`;
  if (field.type === "choice") return among(field, (other) => (down ? other > value : other < value));
  return `${field.name} ${down ? ">" : "<"} ${literal(field, value)}`;
}

// Choices have no order of their own: they are sorted as texts.
function among(field, earlier) {
  const values = field.choices.map((choice) => choice.value).filter(earlier);
  return values.length ? `${field.name} IN (${values.map(quoted).join(",")})` : null;
}

function literal({ type }, value) {
  if (type === "date") return ofDay(value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : quoted(value);
}
