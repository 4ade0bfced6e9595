// Conditions in CQL2: values as they are written in them, and several as one.

export const quoted = (text) => `'${String(text).replaceAll("'", "''")}'`;

export const ofDay = (iso) => `DATE(${quoted(iso)})`;

export const ofIds = (ids) => `id IN (${ids.join(",")})`;

// All of them must hold; those that are empty say nothing. Null when none says anything.
export function allOf(texts) {
  const said = texts.filter(Boolean);
  return said.length > 1 ? said.map((text) => `(${text})`).join(" AND ") : (said[0] ?? null);
}
