"""The quarantine as a CSV that can be mended in a spreadsheet and imported again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geo.store.contract import Quarantined
from geo.values.text import GUARDED, key

HEADINGS = {
    "zh": ("隔离图层", "隔离序号", "隔离原因", "隔离说明"),
    "en": ("quarantine layer", "quarantine number", "quarantine reason", "quarantine sentence"),
}
LAYER_HEADINGS = frozenset(key(names[0]) for names in HEADINGS.values())
QUARANTINE_HEADINGS = frozenset(key(n) for names in HEADINGS.values() for n in names)
"""Comparable headings of the columns that a quarantine file adds; an import leaves them out, and goes by the layer that they name."""

_REASON_HEADINGS = frozenset(key(names[2]) for names in HEADINGS.values())
SHAPE_REASONS = frozenset(
    ("no-geometry", "empty-geometry", "invalid-geometry", "not-finite", "outside-crs", "unclosed-ring", "too-many-vertices", "geometry-type",
     "bad-coordinates", "cut-by-extract", "self-intersection")
)  # fmt: skip
"""Reasons that only a better geometry mends."""

GEOMETRY_HEADING = "WKT (EPSG:4326)"


def quarantine_csv(rows: Iterable[Quarantined], lang: str) -> bytes:
    """UTF-8 with BOM. First layer, number, reason and sentence, then the raw columns as they stood; a geometry as WKT in EPSG:4326.

    Cells that a spreadsheet would take for a formula begin with an apostrophe, which the import takes away again.
    """
    kept = list(rows)
    columns = list(dict.fromkeys(column for row in kept for column in row.raw))
    placed = any(row.geometry_wkt for row in kept)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*HEADINGS["en" if lang == "en" else "zh"], *map(_guarded, columns), *([GEOMETRY_HEADING] if placed else [])])
    for row in kept:
        sentence = row.sentence_en if lang == "en" else row.sentence_zh
        cells = [row.layer or "", row.number, row.reason, _guarded(sentence), *(_guarded(row.raw.get(c)) for c in columns)]
        writer.writerow([*cells, row.geometry_wkt or ""] if placed else cells)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def reason_column(columns: Iterable[str]) -> str | None:
    """The column of a quarantine file that says why each record was left out; None in other files."""
    listed = list(columns)
    if not any(key(c) in LAYER_HEADINGS for c in listed):
        return None
    return next((c for c in listed if key(c) in _REASON_HEADINGS), None)


def says_its_crs(path: Path) -> bool:
    """Whether a file is a quarantine table whose geometry stands in EPSG:4326: nobody has to be asked again."""
    if path.suffix.lower() != ".csv":
        return False
    with path.open("rb") as file:
        heading = file.readline(65_536).decode("utf-8-sig", "replace").strip().split(",")
    return key(heading[0]) in LAYER_HEADINGS and heading[-1] == GEOMETRY_HEADING


def _guarded(value: Any) -> Any:
    """A cell for a spreadsheet: numbers stay numbers, text that begins like a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, str) and value[:1] in GUARDED and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text[:1] in "+-" and text.isascii()
