// Point features on the canvas: a disc with a one-character mark.

export const Symbol = L.CircleMarker.extend({
  _updatePath() {
    L.CircleMarker.prototype._updatePath.call(this);
    const { symbol, radius, fillOpacity } = this.options;
    if (!symbol || this._empty() || this._map.getZoom() < 15) return;
    const context = this._renderer._ctx;
    const at = this._point;
    context.save();
    context.globalAlpha = fillOpacity;
    context.fillStyle = "#ffffff";
    context.font = `600 ${Math.round(radius * 1.35)}px "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(symbol, at.x, at.y + 0.5);
    context.restore();
  },
});
