// A choice of one among a few, each with its explanation.

import { h } from "../core/dom.js";

// `options`: [[value, title, help]].
export function radios(name, options, chosen) {
  const inputs = options.map(([value]) => h("input", { type: "radio", name, value, checked: value === chosen, id: `${name}-${value}` }));
  const rows = options.map(([, title, help], i) =>
    h(
      "label",
      { class: "option", for: inputs[i].id },
      inputs[i],
      h("span", {}, h("b", {}, title), help && h("span", { class: "muted" }, help)),
    ),
  );
  return {
    element: h("div", { class: "options", role: "radiogroup" }, rows),
    value: () => inputs.find((one) => one.checked)?.value ?? null,
  };
}
