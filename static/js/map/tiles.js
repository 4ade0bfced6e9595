// An operator's GCJ-02 tiles moved to where WGS 84 has them: the shift is that of the map's middle, which holds to a metre over a district.

const A = 6378245;
const EE = 0.00669342162296594;
const RAD = Math.PI / 180;

const wave = (x) => ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;

// WGS 84 → GCJ-02 in degrees (the published approximation of the shift).
export function gcj02(lat, lng) {
  const x = lng - 105;
  const y = lat - 35;
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + wave(x);
  north +=
    ((20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * 2) / 3 +
    ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + wave(x);
  east +=
    ((20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * 2) / 3 +
    ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
  const magic = 1 - EE * Math.sin(lat * RAD) ** 2;
  const dLat = (north * 180) / (((A * (1 - EE)) / (magic * Math.sqrt(magic))) * Math.PI);
  const dLng = (east * 180) / ((A / Math.sqrt(magic)) * Math.cos(lat * RAD) * Math.PI);
  return L.latLng(lat + dLat, lng + dLng);
}

const Tiles = L.TileLayer.extend({
  _setView(center, zoom, noPrune, noUpdate) {
    const whole = Math.round(zoom);
    if (whole !== this._tileZoom || !this._shift) {
      const at = L.latLng(center);
      this._shift = this._map.project(gcj02(at.lat, at.lng), whole).subtract(this._map.project(at, whole));
    }
    L.TileLayer.prototype._setView.call(this, center, zoom, noPrune, noUpdate);
  },
  _getTiledPixelBounds(center) {
    const bounds = L.TileLayer.prototype._getTiledPixelBounds.call(this, center);
    return L.bounds(bounds.min.add(this._shift), bounds.max.add(this._shift));
  },
  _getTilePos(coords) {
    return L.TileLayer.prototype._getTilePos.call(this, coords).subtract(this._shift);
  },
});

export class ShiftedTiles {
  constructor({ url, attribution }) {
    this.tiles = new Tiles(url, { attribution, maxZoom: 22, maxNativeZoom: 18 });
  }

  addTo(map) {
    this.tiles.addTo(map);
    return this;
  }
}
