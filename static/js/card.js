// The page of one compound's card.

import { get } from "./core/api.js";
import { $, fill, h } from "./core/dom.js";
import { t } from "./core/i18n.js";
import { chooser, failure } from "./card/page.js";
import { foot } from "./card/footer.js";
import { sheet } from "./card/sheet.js";

export async function openCard(id) {
  const query = new URLSearchParams(location.search);
  const root = $("#card");
  try {
    const card = await get(`/api/compounds/${id}/card`, { profile: query.get("profile"), as_of: query.get("as_of") });
    chooser(card);
    document.title = t("card.title.of", { name: card.name ?? card.code });
    foot(null, t("card.foot", { name: card.name ?? "", code: card.code, day: card.as_of, fingerprint: card.fingerprint }));
    fill(root, sheet(card));
    $("#print").disabled = false;
    $("#print").addEventListener("click", () => window.print());
    const community = card.values.community;
    if (community) $("#all").append(h("a", { href: `/communities/${encodeURIComponent(community)}/cards?${query}` }, t("card.all", { community })));
  } catch (error) {
    failure(root, error);
  }
  document.body.dataset.ready = "true";
}
