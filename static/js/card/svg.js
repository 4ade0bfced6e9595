// SVG elements from plain values, as core/dom.js makes those of HTML; text always becomes a text node.

const NAMESPACE = "http://www.w3.org/2000/svg";

export function s(tag, attributes, ...children) {
  const made = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes ?? {})) if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}
