"""A GeoPackage: one layer by GDAL, then what the file says of itself and the labels of its columns in the tables that the standard has for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from geo.formats import gdal
from geo.formats.writing.stream import Stream, to_gdal

STANDARD = "urn:yuantu:about"
"""Names the JSON in gpkg_metadata, as the standard wants a URI for what a text obeys."""

_TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
  min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""
_EXTENSIONS = (
    ("gpkg_metadata", "gpkg_metadata", "http://www.geopackage.org/spec121/#extension_metadata"),
    ("gpkg_metadata_reference", "gpkg_metadata", "http://www.geopackage.org/spec121/#extension_metadata"),
    ("gpkg_data_columns", "gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema"),
    ("gpkg_data_column_constraints", "gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema"),
)


def write(job: Mapping[str, Any], source: BinaryIO, target: Path) -> tuple[int, int]:
    """The rows as the layer `layer`; `titles` are the labels of the fields, `key` the field that is its primary key."""
    library = gdal.library("GPKG")
    stream = Stream(job, source)
    made = target.with_suffix(".gpkg")
    identified = {"IDENTIFIER": job["title"], "DESCRIPTION": job["about"].get("sentence") or job["title"]} if "title" in job else {}
    to_gdal(library, stream, made, job, **({"FID": job["key"]} if "key" in job else {}), **identified)
    with closing(sqlite3.connect(made)) as file:
        if "about" in job:
            _say(file, job)
            file.commit()
        table = job["layer"].replace('"', '""')
        found = file.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
    made.rename(target)
    return stream.sent, int(found)


def _say(file: sqlite3.Connection, job: Mapping[str, Any]) -> None:
    file.executescript(_TABLES)
    for table, name, definition in _EXTENSIONS:
        file.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')", (table, name, definition))
    text = orjson.dumps({"yuantu": job["about"]}).decode()
    file.execute("INSERT INTO gpkg_metadata VALUES (1, 'dataset', ?, 'application/json', ?)", (STANDARD, text))
    file.execute("INSERT INTO gpkg_metadata_reference (reference_scope, table_name, md_file_id) VALUES ('table', ?, 1)", (job["layer"],))
    labelled = [(job["layer"], name, title) for (name, _), title in zip(job["fields"], job["titles"], strict=True)]
    file.executemany("INSERT INTO gpkg_data_columns (table_name, column_name, title) VALUES (?, ?, ?)", labelled)
