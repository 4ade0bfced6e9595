// What a reader changed of a layer's style as text of the address, `name:value;name:value`, and back.

const NUMBER = /^-?\d+(\.\d+)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const NAME = /^[a-z][a-z0-9_]*$/;
const KINDS = ["categories", "classes", "ramp"];

const one = (test) => ({ read: (text) => (test(text) ? text : undefined), write: String });
const within = (low, high) => ({ read: (text) => (NUMBER.test(text) && low <= text && text <= high ? Number(text) : undefined), write: (value) => String(Number(value.toFixed(2))) });
const field = one((text) => text === "-" || NAME.test(text));

// Each part: how its text is read (undefined: it is no such value) and written. `by:-`, `label:-`: by no field, no names.
const PARTS = {
  by: field,
  kind: one((text) => KINDS.includes(text)),
  breaks: { read: bounds, write: (values) => values.join(",") },
  values: { read: (text) => text.split(",").map(plain), write: (values) => values.map(encodeURIComponent).join(",") },
  palette: one((text) => /^[a-z]+$/.test(text)),
  reverse: { read: (text) => (text === "1" ? true : undefined), write: () => "1" },
  color: one((text) => /^[0-9a-f]{6}$/.test(text)),
  opacity: within(0, 1),
  size: within(0.25, 4),
  label: field,
  "label-zoom": within(0, 22),
  zoom: { read: zooms, write: (values) => values.join("-") },
};

// The change that a text says, and the parts of it that cannot be read.
export function parse(text) {
  const change = {};
  const refused = [];
  for (const part of (text ?? "").split(";").filter(Boolean)) {
    const [, name, said] = /^([a-z-]+):(.*)$/s.exec(part) ?? [];
    const value = Object.hasOwn(PARTS, name ?? "") ? PARTS[name].read(said) : undefined;
    if (value === undefined) refused.push(part);
    else change[name] = value;
  }
  return { change, refused };
}

export function serialise(change) {
  return Object.keys(PARTS)
    .filter((name) => change[name] !== undefined && change[name] !== null && change[name] !== false)
    .map((name) => `${name}:${PARTS[name].write(change[name])}`)
    .join(";");
}

// Rising numbers, or rising days.
function bounds(text) {
  const parts = text.split(",");
  const values = parts.every((part) => NUMBER.test(part)) ? parts.map(Number) : parts.every((part) => DATE.test(part)) ? parts : [];
  return values.length > 0 && values.length <= 20 && values.every((value, i) => i === 0 || values[i - 1] < value) ? values : undefined;
}

function zooms(text) {
  const [low, high] = (/^(\d{1,2})-(\d{1,2})$/.exec(text) ?? []).slice(1).map(Number);
  return low <= high && high <= 22 ? [low, high] : undefined;
}

function plain(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % that stands for itself
  }
}
