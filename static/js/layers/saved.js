// Styles of a layer that are kept in the store: take one, keep the present one under a name, take one away.

import { call, get } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { tell, toast } from "../core/toast.js";

// `now()`: the present style as text; `use(text)` draws the layer with another.
export function savedStyles(layer, now, use) {
  const list = h("ul", { class: "saved" });
  const name = h("input", { id: `style-name-${layer.id}`, maxlength: "60", autocomplete: "off", placeholder: t("layers.saved.name"), "aria-label": t("layers.saved.name") });
  const path = `/api/styles/${layer.id}`;
  let known = [];
  const refresh = async () => {
    const { styles } = await get(path);
    known = styles;
    fill(list, styles.map((one) => item(one, use, () => change(() => call("DELETE", `${path}/${encodeURIComponent(one.id)}`, seen(one))))));
  };
  const change = (work) => work().catch(tell).then(refresh).catch(tell);
  const keep = async () => {
    const same = known.find((one) => one.name === name.value.trim());
    await call("POST", path, { json: { name: name.value, style: now() || "opacity:1" }, ...(same && seen(same)) });
    toast(t("layers.saved.done", { name: name.value }));
    name.value = "";
  };
  const saving = (event) => {
    if (event.type === "keydown" && event.key !== "Enter") return;
    event.preventDefault();
    if (name.value.trim()) change(keep);
    else name.focus();
  };
  name.addEventListener("keydown", saving);
  refresh().catch(tell);
  return h("div", { class: "saved-styles" }, h("p", { class: "label" }, t("layers.saved")), list, h("div", { class: "with-unit" }, name, h("button", { type: "button", onclick: saving }, t("layers.saved.keep"))));
}

const seen = ({ version }) => ({ headers: { "If-Match": `"${version}"` } });

function item({ name, style }, use, remove) {
  return h(
    "li",
    {},
    h("button", { type: "button", class: "link", onclick: () => use(style) }, name),
    h("button", { type: "button", class: "round", title: t("layers.saved.remove"), "aria-label": `${t("layers.saved.remove")} ${name}`, onclick: remove }, icon("close")),
  );
}
