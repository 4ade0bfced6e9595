// Reduced motion: where the reader asks for it the map jumps instead of gliding, by keys, buttons and wheel alike.

const REDUCED = matchMedia("(prefers-reduced-motion: reduce)");

export function calm(map) {
  const still = (options) => (REDUCED.matches ? { ...options, animate: false } : options);
  const { setView, panBy } = L.Map.prototype;
  map.setView = (center, zoom, options) => setView.call(map, center, zoom, still(options));
  map.panBy = (offset, options) => panBy.call(map, offset, still(options));
  map.options.inertia = !REDUCED.matches && map.options.inertia;
}
