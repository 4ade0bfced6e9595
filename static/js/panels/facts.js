// Facts as labels and values; a code that stands for another feature becomes a link with that feature's name.

import { address, call } from "../core/api.js";
import { catalogue } from "../core/catalogue.js";
import { quoted } from "../core/conditions.js";
import { h } from "../core/dom.js";
import { titleText, valueText } from "../core/format.js";
import { state } from "../core/state.js";

export function valueOrLink(field, value) {
  if (!field.refers) return valueText(field, value);
  const target = catalogue.layers.get(field.refers);
  const link = h("button", { type: "button", class: "link" }, String(value));
  const filter = `code = ${quoted(value)}`;
  call("GET", address(`/ogc/collections/${field.refers}/items`, { filter, properties: `code,${target.title_field}`, limit: 1 }))
    .then(({ body }) => {
      const found = body.features[0];
      if (!found) return link.replaceWith(document.createTextNode(String(value)));
      link.textContent = titleText(found, target);
      return link.addEventListener("click", () => state.set({ selected: { layer: field.refers, id: found.id } }, { push: true }));
    })
    .catch(() => link.replaceWith(document.createTextNode(String(value))));
  return link;
}

export const list = (pairs) => h("dl", {}, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
