"""Files of every format with bytes changed at random: each is read or refused, in time, and the service is as before."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from geo import sandbox
from geo.errors import Refused
from geo.formats.contract import ReadRequest

SEEDS = (
    "kaohsiung_gas/kh_ng_pipelines_wgs84.shp",
    "kaohsiung_gas/kh_ng_pipelines_wgs84.geojson",
    "nasty/mapshaper/geopackage/mixed_crs.gpkg",
    "ledgers/hpd_violations.csv",
    "nasty/mapshaper/dbf/gbk.dbf",
    "osm/beijing_haidian_merged_DERIVED.osm.pbf",
)
OSM = {"layers": {"x": {"rules": [{"geometry": "area", "tags": [["building", ["*"]]]}], "fields": {}}}}


@pytest.mark.soak
def test_mutants_are_read_or_refused(shared_data: Path, tmp_path: Path) -> None:
    end, rng, tried = time.monotonic() + min(float(os.environ.get("SOAK_SECONDS", "300")), 300), random.Random(1), 0
    while time.monotonic() < end or tried < len(SEEDS):
        name = SEEDS[tried % len(SEEDS)]
        data = bytearray((shared_data / name).read_bytes())
        for _ in range(rng.choice((1, 10, 200))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path = tmp_path / f"mutant{tried}{''.join(Path(name).suffixes)}"
        path.write_bytes(bytes(data[: rng.choice((len(data), len(data) // 2))]))
        began = time.monotonic()
        try:
            with sandbox.read(path, ReadRequest(crs="EPSG:4326", osm=OSM), work_dir=tmp_path / "work") as parts:
                for _ in parts:
                    pass
        except Refused:
            pass
        assert time.monotonic() - began < 90, f"{name}, mutant {tried}"
        path.unlink()
        tried += 1
    assert list((tmp_path / "work").iterdir()) == []
