"""GeoJSON out: 20 000 and 200 000 compounds against GeoDataFrame.to_json and GDAL, the same features with the same values."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import orjson

from bench import town
from bench.ask import ask, frames_of
from bench.harness import Report, Scale, best, seconds, workshop
from geo.answers import Answer
from geo.exports import geojson

SIZES = (20_000, 200_000)
AIM = 4.0


def run(report: Report, scale: Scale) -> None:
    for size in dict.fromkeys(map(scale.of, SIZES)):
        report.heading(f"GeoJSON of {size:,} features")
        with workshop() as folder:
            store = town.make_store(folder / "store.gpkg", {"compounds": town.compounds(size)})
            found = ask(frames_of(store), "compounds", limit=str(size))
            compare(report, found, folder)


def compare(report: Report, found: Answer, folder: Path) -> None:
    frame = plain_frame(found)
    path = folder / "gdal.geojson"
    times = 2 if len(frame) > 50_000 else 3
    text = b"".join(geojson(found))
    assert len(orjson.loads(text)["features"]) == len(frame)
    ours = best(lambda: b"".join(geojson(found)), times)
    others = {"GeoDataFrame.to_json": best(lambda: frame.to_json(), times), "GDAL (pyogrio)": best(lambda: gdal(frame, path), times)}
    fastest = min(others.values())
    report.line("feature collection as bytes", ours, others, aim=f"{AIM:g}× the faster", met=fastest / ours >= AIM)
    report.line("size", len(text) / 1e6, {"GDAL (pyogrio)": path.stat().st_size / 1e6}, unit="MB")
    report.line("through a file", seconds(lambda: (folder / "ours.geojson").write_bytes(b"".join(geojson(found)))), {})


def plain_frame(found: Answer) -> geopandas.GeoDataFrame:
    """The same rows as a frame that both rivals can write: columns of the answer, JSON texts instead of objects."""
    frame = found.frame[[f.name for f in found.fields] + ["geometry"]].copy()
    for name in frame.columns.drop("geometry"):
        if frame[name].dtype == object and frame[name].map(lambda v: isinstance(v, dict)).any():
            frame[name] = [orjson.dumps(v).decode() if isinstance(v, dict) else None for v in frame[name]]
        elif frame[name].isna().all():
            frame[name] = np.array([None] * len(frame), dtype=object)
    return frame


def gdal(frame: geopandas.GeoDataFrame, path: Path) -> None:
    path.unlink(missing_ok=True)
    frame.to_file(path, driver="GeoJSON", engine="pyogrio", layer_options={"RFC7946": "YES", "COORDINATE_PRECISION": "7"})
