// Head and foot of printed pages: what the page is about, and its number; each card's pages carry the card's own place, name and fingerprint.

import { t } from "../core/i18n.js";

const sheetOf = new CSSStyleSheet();
const rules = new Map();

// `name`: of the pages (a CSS identifier) or null for all; `text` stands at the left of the foot, `place` at the right of the head.
export function foot(name, text, place = "") {
  const boxes = [`@bottom-left { content: ${quoted(text)}; ${MARGIN} }`, `@bottom-right { content: ${numbered()}; ${MARGIN} }`, place && `@top-right { content: ${quoted(place)}; ${PLACE} }`];
  rules.set(name, `@page ${name ?? ""} { ${boxes.filter(Boolean).join(" ")} }`);
  const named = [...rules.keys()].filter(Boolean).map((one) => `#${one} { page: ${one}; }`);
  sheetOf.replaceSync([...rules.values(), ...named].join("\n"));
  if (!document.adoptedStyleSheets.includes(sheetOf)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheetOf];
}

const MARGIN = "font-size: 7.5pt; color: #444; vertical-align: top; padding-top: 3mm;";
const PLACE = "font-size: 10pt; font-weight: 700; color: #222; vertical-align: bottom; padding-bottom: 3mm;";
const COUNTERS = { n: "counter(page)", pages: "counter(pages)" };

// The sentence with its two numbers as counters.
function numbered() {
  const parts = t("card.page.of", { n: "|n|", pages: "|pages|" }).split("|").filter(Boolean);
  return parts.map((part) => COUNTERS[part] ?? quoted(part)).join(" ");
}

// A CSS string: whatever is neither a letter nor a digit is escaped.
function quoted(text) {
  return `"${text.replace(/[^\p{L}\p{N} ]/gu, (one) => `\\${one.codePointAt(0).toString(16)} `)}"`;
}
