// Longitude and latitude as points of a small drawing: a plane that touches the ellipsoid at the middle of the box, so that a metre is the same everywhere on it.

const RAD = Math.PI / 180;
const A = 6378137;
const E2 = 0.00669437999;

export class Plane {
  // `box`: west, south, east, north; `width`: of the drawing, whose height follows unless it is given.
  constructor([west, south, east, north], width, height = null) {
    const middle = ((south + north) / 2) * RAD;
    const w = 1 - E2 * Math.sin(middle) ** 2;
    const [across, along] = [(A / Math.sqrt(w)) * Math.cos(middle) * RAD, ((A * (1 - E2)) / w ** 1.5) * RAD];
    const [wide, high] = [(east - west) * across || 1, (north - south) * along || 1];
    this.scale = height === null ? width / wide : Math.min(width / wide, height / high);
    this.width = width;
    this.height = height ?? high * this.scale;
    const [left, top] = [(width - wide * this.scale) / 2, (this.height - high * this.scale) / 2];
    this.at = ([lon, lat]) => [round(left + (lon - west) * across * this.scale), round(top + (north - lat) * along * this.scale)];
  }

  // The `d` of an SVG path for a GeoJSON line or area; points have none.
  path({ type, coordinates }) {
    if (type === "LineString") return this.#line(coordinates);
    if (type === "MultiLineString") return coordinates.map((line) => this.#line(line)).join("");
    if (type === "Polygon") return coordinates.map((ring) => `${this.#line(ring)}Z`).join("");
    if (type === "MultiPolygon") return coordinates.flat().map((ring) => `${this.#line(ring)}Z`).join("");
    return "";
  }

  #line(positions) {
    return positions.map((position, i) => `${i ? "L" : "M"}${this.at(position).join(" ")}`).join("");
  }

  // A round length in metres for a scale bar of at most a share of the width, and how long it is drawn.
  bar(share = 0.28) {
    const most = (this.width * share) / this.scale;
    const power = 10 ** Math.floor(Math.log10(most));
    const metres = [5, 2, 1].map((n) => n * power).find((n) => n <= most);
    return { metres, length: round(metres * this.scale) };
  }
}

// Where a label of the geometry may stand: the middle of the longest line, or of the largest ring's box.
export function middle({ type, coordinates }) {
  if (type === "Point") return coordinates;
  if (type === "MultiPoint") return coordinates[0];
  const lines = { LineString: [coordinates], MultiLineString: coordinates, Polygon: [coordinates[0]], MultiPolygon: coordinates.map((rings) => rings[0]) }[type] ?? [];
  const longest = lines.reduce((a, b) => (length(b) > length(a) ? b : a), lines[0]);
  if (!longest) return null;
  if (type.endsWith("LineString")) return halfway(longest);
  const [lons, lats] = [longest.map(([lon]) => lon), longest.map(([, lat]) => lat)];
  return [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2];
}

function halfway(line) {
  let left = length(line) / 2;
  for (let i = 1; i < line.length; i += 1) {
    const [[x0, y0], [x, y]] = [line[i - 1], line[i]];
    const piece = Math.hypot(x - x0, y - y0);
    if (piece >= left && piece > 0) return [x0 + ((x - x0) * left) / piece, y0 + ((y - y0) * left) / piece];
    left -= piece;
  }
  return line[0];
}

const length = (line) => line.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - line[i][0], y - line[i][1]), 0);
const round = (value) => Math.round(value * 10) / 10;
