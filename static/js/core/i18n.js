// The page's language: its sentences, its numbers and its dates.

const TEXTS = JSON.parse(document.getElementById("texts").textContent);

export const lang = document.documentElement.lang.startsWith("en") ? "en" : "zh";

let numbers = null; // made when the first number is written: that takes longer than all else here

export function t(key, values = {}) {
  const text = TEXTS[key];
  if (text === undefined) throw new Error(`no sentence for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? number(values[name]) : String(values[name] ?? "")));
}

t.has = (key) => key in TEXTS;

export function number(value) {
  numbers ??= new Intl.NumberFormat(lang === "en" ? "en" : "zh-CN", { maximumFractionDigits: 6 });
  return numbers.format(value);
}

// A label is a plain text in the page's language or a pair {zh, en}.
export const label = (text) => (text && typeof text === "object" ? text[lang] : (text ?? ""));

export function dateTime(iso) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return new Intl.DateTimeFormat(lang === "en" ? "en-GB" : "zh-CN", { dateStyle: "medium", timeStyle: "short" }).format(at);
}
