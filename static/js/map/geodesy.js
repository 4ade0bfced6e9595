// Lengths and areas on the WGS 84 ellipsoid, and metric coordinates of the Chinese 3-degree zones and of UTM.

const A = 6378137;
const F = 1 / 298.257222101;
const E2 = F * (2 - F);
const RAD = Math.PI / 180;

// Radii of curvature in metres at a latitude in degrees: along the meridian and along the parallel.
function radii(lat) {
  const w = 1 - E2 * Math.sin(lat * RAD) ** 2;
  return { meridian: (A * (1 - E2)) / w ** 1.5, parallel: (A / Math.sqrt(w)) * Math.cos(lat * RAD) };
}

// Metres along a path of {lat, lng}; each piece is measured at its middle latitude (right to a millimetre for pieces of some kilometres).
export function lengthM(points) {
  let sum = 0;
  for (let i = 1; i < points.length; i += 1) {
    const { meridian, parallel } = radii((points[i].lat + points[i - 1].lat) / 2);
    sum += Math.hypot((points[i].lat - points[i - 1].lat) * RAD * meridian, (points[i].lng - points[i - 1].lng) * RAD * parallel);
  }
  return sum;
}

// Square metres inside a ring of {lat, lng}, in the plane that touches the ellipsoid at the ring's middle.
export function areaM2(points) {
  if (points.length < 3) return 0;
  const middle = points.reduce((sum, p) => sum + p.lat, 0) / points.length;
  const { meridian, parallel } = radii(middle);
  const xy = points.map((p) => [(p.lng - points[0].lng) * RAD * parallel, (p.lat - middle) * RAD * meridian]);
  return Math.abs(xy.reduce((sum, [x, y], i) => sum + x * xy[(i + 1) % xy.length][1] - xy[(i + 1) % xy.length][0] * y, 0)) / 2;
}

// The zone that an EPSG name stands for, or null: CGCS2000 3-degree zones without prefix (4534-4554) and UTM on WGS 84.
export function zone(epsg) {
  const code = Number(/^EPSG:(\d+)$/.exec(epsg ?? "")?.[1]);
  if (code >= 4534 && code <= 4554) return { meridian: 75 + 3 * (code - 4534), scale: 1, east: 500000, north: 0 };
  const utm = code % 100;
  if (![326, 327].includes(Math.floor(code / 100)) || utm < 1 || utm > 60) return null;
  return { meridian: utm * 6 - 183, scale: 0.9996, east: 500000, north: code < 32700 ? 0 : 10000000 };
}

// Gauss-Krüger by Krüger's series (to n^4; right to a micrometre within a zone): metres east and north.
export function project(lat, lon, { meridian, scale, east, north }) {
  const n = F / (2 - F);
  const rectifying = (A / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64);
  const alpha = [
    n / 2 - (2 / 3) * n ** 2 + (5 / 16) * n ** 3 + (41 / 180) * n ** 4,
    (13 / 48) * n ** 2 - (3 / 5) * n ** 3 + (557 / 1440) * n ** 4,
    (61 / 240) * n ** 3 - (103 / 140) * n ** 4,
    (49561 / 161280) * n ** 4,
  ];
  const e = Math.sqrt(E2);
  const sine = Math.sin(lat * RAD);
  const tan = Math.sinh(Math.atanh(sine) - e * Math.atanh(e * sine));
  const away = (lon - meridian) * RAD;
  const xi = Math.atan2(tan, Math.cos(away));
  const eta = Math.atanh(Math.sin(away) / Math.hypot(1, tan));
  const x = alpha.reduce((sum, a, j) => sum + a * Math.cos(2 * (j + 1) * xi) * Math.sinh(2 * (j + 1) * eta), eta);
  const y = alpha.reduce((sum, a, j) => sum + a * Math.sin(2 * (j + 1) * xi) * Math.cosh(2 * (j + 1) * eta), xi);
  return { east: east + scale * rectifying * x, north: north + scale * rectifying * y };
}

// The place of metres east and north: what `project` gives back as them.
export function unproject(east, north, zone) {
  const at = { lat: (north - zone.north) / zone.scale / 111_000, lng: zone.meridian };
  for (let i = 0; i < 25; i += 1) {
    const now = project(at.lat, at.lng, zone);
    const { meridian, parallel } = radii(at.lat);
    at.lat += (north - now.north) / (meridian * RAD);
    at.lng += (east - now.east) / (parallel * RAD);
  }
  return at;
}

// The place `metres` from {lat, lng} in a direction (radians, 0 = north, clockwise): what lengthM measures back as that length.
export function away({ lat, lng }, metres, direction) {
  const north = metres * Math.cos(direction);
  const there = lat + north / (radii(lat).meridian * RAD);
  const { meridian, parallel } = radii((lat + there) / 2);
  return { lat: lat + north / (meridian * RAD), lng: lng + (metres * Math.sin(direction)) / (parallel * RAD) };
}
