"""`compounds-without-gas` inferred from 60 000 service areas, against geopandas.sjoin: cold (new process, reading included) and warm."""

from __future__ import annotations

import sys
from pathlib import Path

from bench import town
from bench.ask import ask, frames_of
from bench.harness import Report, Scale, best, new_process, seconds, workshop

SIZES = (222, 5_000, 220_000)
COLD_AIM, WARM_AIM_S = 1.0, 0.020


def run(report: Report, scale: Scale) -> None:
    areas = town.gas_areas(scale.of(town.AREAS))
    for size in dict.fromkeys((222, scale.of(SIZES[1]), scale.of(SIZES[2]))):
        report.heading(f"compounds-without-gas: {size:,} compounds, {len(areas):,} areas")
        with workshop() as folder:
            store = town.make_store(folder / "store.gpkg", {"compounds": town.compounds(size), "gas_areas": areas})
            cold(report, store)
            warm(report, store)


def cold(report: Report, store: Path) -> None:
    ours = min((new_process("-m", "bench.ask", str(store)) for _ in range(2)), key=lambda r: r.seconds)
    theirs = min((new_process("-m", "bench.gas", str(store)) for _ in range(2)), key=lambda r: r.seconds)
    met = ours.seconds <= theirs.seconds * COLD_AIM
    report.line("cold: new process, read, answer", ours.seconds, {"geopandas.sjoin": theirs.seconds}, aim="no slower", met=met)
    report.line("cold: peak memory", ours.peak_mb, {"geopandas.sjoin": theirs.peak_mb}, unit="MB")


def warm(report: Report, store: Path) -> None:
    frames = frames_of(store)
    first = seconds(lambda: ask(frames, "compounds-without-gas"))
    again = best(lambda: ask(frames, "compounds-without-gas"), 5)
    joined = sjoin_warm(store)
    report.line("first answer in a running process (layers read)", first, {})
    report.line("warm: the same question again", again, {"geopandas.sjoin": joined}, aim="under 20 ms", met=again < WARM_AIM_S)


def sjoin_warm(store: Path) -> float:
    """The join alone, frames in memory: measured in a process of its own, since GDAL never opens a store that this process has open."""
    return float(new_process("-m", "bench.gas", str(store), "warm").json())


def read_both(store: str) -> tuple[object, object]:
    import geopandas

    def read(layer: str) -> geopandas.GeoDataFrame:
        return geopandas.read_file(store, layer=layer, engine="pyogrio").to_crs("EPSG:4547")

    return read("compounds"), read("gas_areas")


def without_gas(compounds, areas) -> int:  # type: ignore[no-untyped-def]
    """What a planner writes with GeoPandas: compounds that no service area meets (no share of the area, no reasons, no unknown)."""
    import geopandas

    met = geopandas.sjoin(compounds, areas[["geometry"]], how="inner", predicate="intersects").index.unique()
    return len(compounds) - len(met)


if __name__ == "__main__":
    both = read_both(sys.argv[1])
    print(best(lambda: without_gas(*both)) if sys.argv[2:] == ["warm"] else without_gas(*both))
