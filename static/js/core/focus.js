// Where the keyboard is outlives what is drawn anew: the same thing gets the focus again, else what stands where it stood.

const REACHED = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex='0']";

const reached = (root) => [...root.querySelectorAll(REACHED)].filter((one) => one.offsetParent !== null);

// Runs `draw`, which may replace what is in `root`.
export function keepFocus(root, draw) {
  const active = document.activeElement;
  if (!root.contains(active) || active === root) return draw();
  const key = keyOf(active);
  const alike = key ? [...root.querySelectorAll(key)].indexOf(active) : 0;
  const place = reached(root).indexOf(active);
  const result = draw();
  if (active.isConnected && active.offsetParent !== null) {
    if (document.activeElement !== active) active.focus({ preventScroll: true }); // it was only moved, which takes the keyboard off it
    return result;
  }
  const same = (active.id && document.getElementById(active.id)) || (key && root.querySelectorAll(key)[alike]);
  const now = reached(root);
  (same && !same.disabled && root.contains(same) ? same : (now[place] ?? now.at(-1)))?.focus({ preventScroll: true });
  return result;
}

// What tells an element from its neighbours, as a selector: its data, else its class; states are left out.
export function keyOf(element) {
  const data = [...element.attributes].filter(({ name, value }) => name.startsWith("data-") && value).map(({ name, value }) => `[${name}=${CSS.escape(value)}]`);
  const names = [...element.classList].map((name) => `.${CSS.escape(name)}`);
  const found = data.length ? data : names;
  return found.length ? element.localName + found.join("") : null;
}
