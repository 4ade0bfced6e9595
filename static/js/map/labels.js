// Names on the map: drawn on a canvas of their own, big things first, none over another.

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif';

export class Labels {
  #canvas = document.createElement("canvas");
  #due = 0;

  constructor(map) {
    this.map = map;
    const pane = map.createPane("labels");
    pane.classList.add("passive");
    this.#canvas.setAttribute("aria-hidden", "true");
    pane.append(this.#canvas);
    map.on("moveend zoomend resize features:shown viewreset", () => this.#later());
    map.on("zoomstart", () => this.#clear());
  }

  #later() {
    cancelAnimationFrame(this.#due);
    this.#due = requestAnimationFrame(() => this.#draw());
  }

  #clear() {
    this.#canvas.width = 0;
  }

  #draw() {
    const size = this.map.getSize();
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this.#canvas, { width: size.x * ratio, height: size.y * ratio });
    this.#canvas.style.width = `${size.x}px`;
    this.#canvas.style.height = `${size.y}px`;
    L.DomUtil.setPosition(this.#canvas, this.map.containerPointToLayerPoint([0, 0]));
    const context = this.#canvas.getContext("2d");
    context.scale(ratio, ratio);
    Object.assign(context, { textAlign: "center", textBaseline: "middle", lineJoin: "round" });
    const taken = [];
    const layers = [...this.map.featureLayers.values()]
      .filter((layer) => layer.visible && layer.inRange && layer.style.label_zoom !== null && this.map.getZoom() >= layer.style.label_zoom)
      .sort((a, b) => a.order - b.order);
    for (const layer of layers) for (const path of layer.paths) this.#label(context, layer, path, taken, size);
  }

  #label(context, layer, path, taken, size) {
    const name = path.feature.properties[layer.titleField];
    if (typeof name !== "string" || !name) return;
    const text = name.length > 18 ? `${name.slice(0, 17)}…` : name;
    const { at, width, area } = this.#place(path);
    if (!at || at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) return;
    const large = area && width > 420;
    context.font = `${large ? 600 : 500} ${large ? 14 : 12}px ${FONT}`;
    const length = context.measureText(text).width;
    if (length > Math.max(width * 1.25, 0)) return;
    const box = [at.x - length / 2 - 4, at.y - 9, at.x + length / 2 + 4, at.y + 9];
    if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) return;
    taken.push(box);
    context.lineWidth = 3.5;
    context.strokeStyle = "rgba(255, 255, 255, 0.92)";
    context.strokeText(text, at.x, at.y);
    context.fillStyle = large ? "#4a5563" : "#1d2733";
    context.fillText(text, at.x, at.y);
  }

  // Where the name goes and how many pixels wide the feature is there.
  #place(path) {
    if (path.getLatLng)
      return { at: this.map.latLngToContainerPoint(path.getLatLng()).add([0, path.options.radius + 9]), width: 200, area: false };
    const area = path instanceof L.Polygon;
    const bounds = path.getBounds();
    const west = this.map.latLngToContainerPoint(bounds.getSouthWest());
    const east = this.map.latLngToContainerPoint(bounds.getNorthEast());
    path.labelAt ??= bounds.getCenter();
    return {
      at: this.map.latLngToContainerPoint(path.labelAt),
      width: Math.hypot(east.x - west.x, area ? 0 : east.y - west.y),
      area,
    };
  }
}
