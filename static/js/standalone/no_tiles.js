// A file has just the features that it shows with it: no tiles, no further conditions.

export const asked = { ofLayer: () => ({}) };

export const TILED = Infinity;
export const CLOSE = 0;

export class TileGrid {
  shown = false;
  remove() {}
  reload() {}
  repaint() {}
}

export class Known {
  clear() {}
}

export function watchTiles(map) {
  map.tilePointer = { open: () => false };
}
