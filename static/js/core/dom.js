// Elements from plain values: text always becomes a text node, never markup.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  search: "M10.5 4a6.5 6.5 0 1 0 4.1 11.5l4.4 4.5 1.1-1.1-4.5-4.4A6.5 6.5 0 0 0 10.5 4Zm0 1.6a4.9 4.9 0 1 1 0 9.8 4.9 4.9 0 0 1 0-9.8Z",
  close: "m6.4 5.3 5.6 5.6 5.6-5.6 1.1 1.1-5.6 5.6 5.6 5.6-1.1 1.1-5.6-5.6-5.6 5.6-1.1-1.1 5.6-5.6-5.6-5.6z",
  plus: "M11.2 5h1.6v6.2H19v1.6h-6.2V19h-1.6v-6.2H5v-1.6h6.2z",
  minus: "M5 11.2h14v1.6H5z",
  extent:
    "M4 4h6v1.6H6.7l3.6 3.6-1.1 1.1-3.6-3.6V10H4zm10 0h6v6h-1.6V6.7l-3.6 3.6-1.1-1.1 3.6-3.6H14zM4 14h1.6v3.3l3.6-3.6 1.1 1.1-3.6 3.6H10V20H4zm16 0v6h-6v-1.6h3.3l-3.6-3.6 1.1-1.1 3.6 3.6V14z",
  ruler: "m15.4 3.6 5 5L8.6 20.4l-5-5zm0 2.3-9.5 9.5 2.7 2.7 9.5-9.5-.9-.9-1.7 1.7-1-1 1.7-1.7-.8-.8-1.1 1.1-1-1 1.1-1.1z",
  area: "M5 4a2 2 0 0 1 1.7 1h10.6A2 2 0 1 1 19 7.9v8.2A2 2 0 1 1 17.3 19H6.7A2 2 0 1 1 5 16.1V7.9A2 2 0 0 1 5 4Zm1.7 2.7a2 2 0 0 1-.1.2v10.2l.1.2h10.6l.1-.2V6.9l-.1-.2z",
  screen: "M4 5h16v14H4zm1.6 1.6v10.8h12.8V6.6z",
  layers:
    "m12 3.5 9 5-9 5-9-5zm0 1.9L6.4 8.5l5.6 3.1 5.6-3.1zM4.6 11.4 12 15.5l7.4-4.1 1.6.9-9 5-9-5zm0 3.6 7.4 4.1 7.4-4.1 1.6.9-9 5-9-5z",
  question:
    "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Zm0 1.6a6.9 6.9 0 1 0 0 13.8 6.9 6.9 0 0 0 0-13.8Zm-.9 9.9h1.8v1.8h-1.8zM12 7.2c1.8 0 3 1.1 3 2.7 0 1.2-.6 1.8-1.4 2.4-.6.5-.8.7-.8 1.4h-1.6c0-1.5.6-2 1.3-2.5.6-.5.9-.7.9-1.3s-.5-1.1-1.4-1.1c-.8 0-1.4.5-1.4 1.4H9c0-1.8 1.2-3 3-3Z",
  table: "M4 5h16v14H4zm1.6 4.6v2.6h4v-2.6zm5.6 0v2.6h7.2v-2.6zm-5.6 4.2v3.6h4v-3.6zm5.6 0v3.6h7.2v-3.6z",
  info: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Zm0 1.6a6.9 6.9 0 1 0 0 13.8 6.9 6.9 0 0 0 0-13.8Zm-.8 5.7h1.6v6h-1.6zm0-3.4h1.6v1.7h-1.6z",
  copy: "M8 4h11v12h-3v4H5V8h3zm1.6 1.6V8H16v6.4h1.4V5.6zM6.6 9.6v8.8h7.8V9.6z",
  download: "M11.2 4h1.6v8l2.8-2.8 1.1 1.1-4.7 4.8-4.7-4.8 1.1-1.1 2.8 2.8zM5 18h14v1.6H5z",
  edit: "m16.4 4.2 3.4 3.4L8.6 18.8 4 20l1.2-4.6zm0 2.3L6.6 16.2l-.4 1.6 1.6-.4 9.7-9.8z",
  pin: "M12 3.5a6 6 0 0 1 6 6c0 4-4.4 8.4-6 11-1.6-2.6-6-7-6-11a6 6 0 0 1 6-6Zm0 1.6a4.4 4.4 0 0 0-4.4 4.4c0 2.6 2.7 5.8 4.4 8.2 1.7-2.4 4.4-5.6 4.4-8.200A4.4 4.4 0 0 0 12 5.100Zm0 2.400a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
  polygon: "m12 4 8 5.8-3 9.200H7L4 9.800zm0 2-6.1 4.4 2.3 7h7.600l2.3-7z",
  back: "m10.4 5.4 1.1 1.1-4.7 4.700H20v1.600H6.800l4.7 4.7-1.1 1.100L3.8 12z",
  upload: "M11.2 16V8L8.4 10.8 7.3 9.7 12 5l4.7 4.7-1.1 1.100L12.8 8v8zM5 18h14v1.600H5z",
  check: "m9.6 15.2 8.8-8.8 1.2 1.2-10 10L4.4 12.400l1.2-1.200z",
  warn: "m12 4 9 15.500H3zm0 3.200L5.8 17.900h12.400zm-.8 3.800h1.600v3.800h-1.600zm0 4.600h1.600v1.400h-1.600z",
  share: "M17 4a2.6 2.6 0 1 1-2.2 4L9.4 11a2.7 2.7 0 0 1 0 2l5.4 3a2.6 2.6 0 1 1-.8 1.4l-5.4-3a2.6 2.6 0 1 1 0-4.800l5.4-3A2.600 2.600 0 0 1 17 4Z",
  cut: "M6.5 4a3 3 0 0 1 2.6 4.500l2.900 2.900 6.900-6.900 1.100 1.100L9.100 16.500a3 3 0 1 1-1.100-1.100l2.900-2.900L8 9.600A3 3 0 1 1 6.500 4Zm0 1.600a1.400 1.400 0 1 0 0 2.800 1.400 1.400 0 0 0 0-2.800Zm0 10a1.400 1.400 0 1 0 0 2.800 1.400 1.400 0 0 0 0-2.800Zm7.800-2.300 5.700 5.700-1.100 1.100-5.700-5.700z",
  remove: "M9.500 4h5l.8 1.500H19v1.600H5V5.500h3.700zM6.500 8.500h11L16.700 20H7.300zm1.700 1.600.6 8.300h6.400l.6-8.300z",
  history: "M12 4a8 8 0 1 1-7.600 5.500l1.500.5A6.400 6.400 0 1 0 12 5.600c-1.700 0-3.300.7-4.400 1.800L9.400 9H4.600V4.300l1.900 1.900A8 8 0 0 1 12 4Zm-.8 3.500h1.600v4.200l3 1.800-.8 1.400-3.800-2.300z",
  chevron: "m8 9.5 4 4 4-4 1.1 1.1-5.1 5.1-5.1-5.100z",
};

export function h(tag, props, ...children) {
  const made = document.createElement(tag);
  set(made, props ?? {});
  made.append(...flat(children));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function fill(parent, ...children) {
  parent.replaceChildren(...flat(children));
  return parent;
}

// A control under its name.
export const field = (control, name, ...more) => h("div", { class: "field" }, h("label", { for: control.id }, name), control, more);

export const $ = (selector, root = document) => root.querySelector(selector);

function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((c) => (c instanceof Node ? c : String(c)));
}

function set(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "css") for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    else if (["value", "checked", "selected", "disabled", "hidden", "indeterminate"].includes(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
}
