// An answer or a layer as a file: the usual formats at one click, all others in a dialog that tells beforehand what the file will hold.

import { address } from "../core/api.js";
import { catalogue } from "../core/catalogue.js";
import { h } from "../core/dom.js";
import { label, t } from "../core/i18n.js";
import { ExportDialog } from "../share/export_dialog.js";

const USUAL = { geojson: "GeoJSON", csv: "CSV", xlsx: "Excel", gpkg: "GPKG" };

// Links for the usual formats of a collection's items and a button for the rest; `what` gives {title, path, parameters, shapes} when it is asked.
export function downloads(what, { button = "" } = {}) {
  const { path, parameters } = what();
  const links = catalogue.formats
    .filter(({ id }) => id in USUAL)
    .map(({ id: f, label: name }) =>
      h("a", { class: button, href: address(path, { ...parameters, f }), download: "", title: label(name), data: { format: f } }, USUAL[f]),
    );
  return [
    links,
    h("button", { type: "button", class: `${button || "link"} more-formats`, "aria-haspopup": "dialog", onclick: () => openExport(what()) }, t("export.more")),
  ];
}

// `what`: {title, path, parameters, shapes?, columns?, picked?}; `columns`: names of those shown; `picked` begins with the chosen rows only,
// where what is exported is what is asked.
export function openExport(what) {
  new ExportDialog(what).open();
}
