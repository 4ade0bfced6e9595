// Which layers are on and which lies over which, as plain lists of ids, lowest first.

// `on` with `id` switched; a layer that comes in goes where its declaration has it among those that are on.
export function switched(on, id, wanted, declared) {
  const others = on.filter((one) => one !== id);
  if (!wanted) return others;
  if (on.includes(id)) return on;
  const above = others.findIndex((one) => declared.indexOf(one) > declared.indexOf(id));
  return above < 0 ? [...others, id] : others.toSpliced(above, 0, id);
}

// `on` with `id` at another place; places beyond the ends are the ends.
export function placed(on, id, at) {
  const others = on.filter((one) => one !== id);
  return others.toSpliced(Math.max(0, Math.min(at, others.length)), 0, id);
}

// A rank for every declared layer: those that are on as listed, each other just above the nearest one declared below it.
export function ranks(on, declared) {
  const found = new Map(on.map((id, i) => [id, i]));
  let below = -1;
  declared.forEach((id, i) => {
    if (found.has(id)) below = Math.max(below, found.get(id));
    else found.set(id, below + 0.5 + i / 1000);
  });
  return found;
}
