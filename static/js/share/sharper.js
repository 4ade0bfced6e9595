// The map as paper wants it, bright and at another number of pixels, for as long as a picture is taken of it.

const PATIENCE_MS = 8000; // for tiles that are still on their way

// Draws while the map has `ratio` pixels per pixel of the page (1 or 2) and the bright colours; resolves to what `draw` gives. The map is as before afterwards.
export async function sharper(map, ratio, draw) {
  const root = document.documentElement;
  const before = { retina: L.Browser.retina, ratio: Object.getOwnPropertyDescriptor(window, "devicePixelRatio"), theme: root.dataset.theme, own: window.devicePixelRatio || 1 };
  await settled(map);
  try {
    L.Browser.retina = ratio > 1;
    Object.defineProperty(window, "devicePixelRatio", { value: ratio, configurable: true });
    root.dataset.theme = "light";
    await redraw(map, ratio, before.theme);
    return draw();
  } finally {
    L.Browser.retina = before.retina;
    if (before.ratio) Object.defineProperty(window, "devicePixelRatio", before.ratio);
    else delete window.devicePixelRatio;
    root.dataset.theme = before.theme;
    await redraw(map, before.own, "light");
  }
}

// Shapes and tiles at once, names in the frame after the next.
async function redraw(map, ratio, theme) {
  if (theme !== document.documentElement.dataset.theme) dispatchEvent(new Event("themechange"));
  map.eachLayer((layer) => layer instanceof L.Canvas && layer._update());
  for (const tile of map.getContainer().querySelectorAll("canvas.vector-tile")) tile.width = tile.height = Math.round(tile.offsetWidth * Math.min(2, ratio));
  for (const grid of map.tileGrids ?? []) grid.repaint();
  map.fire("features:fanned");
  await frame();
  await frame();
}

// Until every tile of the view is there, or patience is over.
async function settled(map) {
  const end = performance.now() + PATIENCE_MS;
  const waiting = () => map.getContainer().querySelector(".leaflet-tile:not(.leaflet-tile-loaded)");
  while (waiting() && performance.now() < end) await new Promise((done) => setTimeout(done, 60));
}

const frame = () => new Promise((done) => requestAnimationFrame(done));
