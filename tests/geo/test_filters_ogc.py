"""The official CQL2 rows: (collection, filter, number of features), by the standard's own data set."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import Text
from geo.filters import Filter
from geo.schema import Field

ERRATA = {
    "ACCENTI(CASEI(name)) LIKE accenti(casei('cHis%'))": 1,
}
"""Rows whose expected count contradicts the data: one name only begins so (opengeospatial/ogcapi-features, issue 1011)."""

REFUSED: dict[str, str] = {}
"""Rows that are refused, with the reason: none."""

KINDS = {"REAL": "number", "INTEGER": "number", "BOOLEAN": "boolean", "DATE": "date"}


class AnyName:
    """A field of the official data; its names are not ours (capitals), so no declared Field can hold them."""

    def __init__(self, name: str, type: str) -> None:
        self.name, self.type, self.choices, self.label = name, type, (), Text(name, name)


def read(path: Path, table: str) -> tuple[gpd.GeoDataFrame, list[Any], set[str]]:
    with sqlite3.connect(f"file:{path}?immutable=1", uri=True) as connection:
        types = {row[1]: row[2] for row in connection.execute(f'PRAGMA table_info("{table}")')}
        cursor = connection.execute(f'SELECT * FROM "{table}"')
        names = [d[0] for d in cursor.description]
        rows = cursor.fetchall()
    columns, fields = {}, []
    for name in set(names) - {"fid", "geom"}:
        kind = KINDS.get(types[name], "text")
        values = [row[names.index(name)] for row in rows]
        if kind == "boolean":
            values = [None if v is None else bool(v) for v in values]
        columns[name] = pd.Series(values, dtype=float if kind == "number" else object)
        fields.append(AnyName(name, kind))
    blobs = [row[names.index("geom")] for row in rows]
    shapes = [shapely.from_wkb(b[8 + (0, 32, 48, 48, 64)[b[3] >> 1 & 7] :]) for b in blobs]
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs="EPSG:4326")).rename_geometry("geom")
    return frame, fields, {n for n, t in types.items() if t == "DATETIME"}


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> list[dict[str, str]]:
    with open(shared_data / "standards/ogc_cql2/expected_counts_part.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def data(shared_data: Path, rows: list[dict[str, str]]) -> dict[str, Any]:
    path = shared_data / "standards/ogc_cql2/ne110m4cql2.gpkg"
    return {name: read(path, name) for name in {row["collection"] for row in rows}}


def test_every_official_row_counts_right_or_is_named(rows: list[dict[str, str]], data: dict[str, Any]) -> None:
    wrong = {}
    for row in rows:
        frame, fields, timestamps = data[row["collection"]]
        where = Filter.parse(row["filter"], fields, geometry="geom", timestamps=timestamps)
        count = int(where.mask(frame).sum())
        if count != ERRATA.get(row["filter"], int(row["expected_count"])):
            wrong[row["filter"]] = count
    assert wrong == {}
    assert len(rows) == 92


def test_json_gives_what_text_gives(rows: list[dict[str, str]], data: dict[str, Any]) -> None:
    import json

    import cql2

    for row in rows:
        frame, fields, timestamps = data[row["collection"]]
        tree = json.dumps(cql2.parse_text(row["filter"]).to_json())
        where = Filter.parse(tree, fields, lang="cql2-json", geometry="geom", timestamps=timestamps)
        assert int(where.mask(frame).sum()) == ERRATA.get(row["filter"], int(row["expected_count"])), row["filter"]


def test_our_own_fields_fit_the_type() -> None:
    """AnyName above has what a Field has and filters use."""
    assert {"name", "type", "choices", "label"} <= set(Field.__slots__)
