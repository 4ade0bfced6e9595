// The geometries of a drawing as paths with boxes, and how far they reach.

const FAR = 3; // things further off than this many times the middle nine tenths do not count for the first view

// A GeoJSON geometry as paths of corners with the box around them.
export function thing(geometry) {
  const { type, coordinates, text, height, turn } = geometry;
  const paths = {
    Point: () => [[coordinates]],
    MultiPoint: () => coordinates.map((corner) => [corner]),
    LineString: () => [coordinates],
    MultiLineString: () => coordinates,
    Polygon: () => coordinates,
    MultiPolygon: () => coordinates.flat(),
  }[type]?.() ?? [];
  const xs = paths.flat().map(([x]) => x);
  const ys = paths.flat().map(([, y]) => y);
  return {
    paths,
    box: [least(xs), least(ys), most(xs), most(ys)],
    point: type.endsWith("Point"),
    area: type.endsWith("Polygon"),
    text,
    height,
    turn,
  };
}

// From where to where boxes reach along an axis, those far off left out.
export function reach(boxes, axis) {
  const middles = boxes.map((box) => (box[axis] + box[axis + 2]) / 2).sort((a, b) => a - b);
  const at = (share) => middles[Math.round(share * (middles.length - 1))];
  const spread = at(0.95) - at(0.05);
  const near = boxes.filter((box) => {
    const middle = (box[axis] + box[axis + 2]) / 2;
    return middle >= at(0.05) - FAR * spread && middle <= at(0.95) + FAR * spread;
  });
  return [least(near.map((box) => box[axis])), most(near.map((box) => box[axis + 2]))];
}

const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
