// Which thing of a tile lies under the pointer: the uppermost that is met, points before lines before areas.

const RANK = { area: 0, line: 1, point: 2 };
const NEAR_LINE = 5; // pixels

// `radius(item)`: how large a point is drawn. Null when nothing is met.
export function find(items, x, y, radius) {
  let found = null;
  for (const item of items) {
    if (found && RANK[item.kind] < RANK[found.kind]) continue;
    if (inBox(item, x, y, item.kind === "point" ? radius(item) : NEAR_LINE) && MET[item.kind](item, x, y, radius)) found = item;
  }
  return found;
}

const inBox = ({ box }, x, y, more) => x >= box[0] - more && x <= box[2] + more && y >= box[1] - more && y <= box[3] + more;

const MET = {
  point: (item, x, y, radius) => Math.hypot(x - item.box[0], y - item.box[1]) <= radius(item),
  line: ({ lines }, x, y) => lines.some((line) => distance(line, x, y) <= NEAR_LINE),
  area: ({ lines }, x, y) => lines.reduce((inside, line) => inside !== crossed(line, x, y), false),
};

// Whether a ray from the point crosses the ring an odd number of times.
function crossed(ring, x, y) {
  let odd = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2)
    if (ring[i + 1] > y !== ring[j + 1] > y && x < ((ring[j] - ring[i]) * (y - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i]) odd = !odd;
  return odd;
}

function distance(line, x, y) {
  let least = Infinity;
  for (let i = 0; i + 3 < line.length; i += 2) least = Math.min(least, toStep(line[i], line[i + 1], line[i + 2], line[i + 3], x, y));
  return least;
}

function toStep(x1, y1, x2, y2, x, y) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const at = length ? Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
  return Math.hypot(x - x1 - at * dx, y - y1 - at * dy);
}
