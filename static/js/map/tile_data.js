// A vector tile's bytes as things to draw and to find: pixels of the tile, kinds, properties.

import { PbfReader } from "../../vendor/pbf/index.js";
import { VectorTile } from "../../vendor/vector-tile/index.js";

export const SIDE = 512; // pixels along a tile: one of zoom z belongs to a map of zoom z + 1

const KINDS = [null, "point", "line", "area"];

// Items {id, kind, properties, count, lines, box}: `lines` are rows of x, y in pixels of the tile, `box` their [west, north, east, south].
// `id` is null for a count.
export function decode(bytes, collection) {
  const layer = bytes.byteLength ? new VectorTile(new PbfReader(new Uint8Array(bytes))).layers[collection] : null;
  return Array.from({ length: layer?.length ?? 0 }, (_, i) => item(layer.feature(i)));
}

function item(feature) {
  const share = SIDE / feature.extent;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const lines = feature.loadGeometry().map((points) => flat(points, share, box));
  const { properties } = feature;
  return { id: feature.id ?? null, kind: KINDS[feature.type], properties, count: properties.count ?? 1, lines, box };
}

function flat(points, share, box) {
  const line = new Float32Array(2 * points.length);
  points.forEach(({ x, y }, i) => {
    const [a, b] = [x * share, y * share];
    line[2 * i] = a;
    line[2 * i + 1] = b;
    if (a < box[0]) box[0] = a;
    if (b < box[1]) box[1] = b;
    if (a > box[2]) box[2] = a;
    if (b > box[3]) box[3] = b;
  });
  return line;
}

// Whether a thing that is drawn as a point belongs to this tile; a neighbour's stands in the buffer.
export const isOwn = ({ kind, box }) => kind !== "point" || (box[0] >= 0 && box[0] < SIDE && box[1] >= 0 && box[1] < SIDE);
