"""An answer's columns as plain Python values: whole numbers whole, nothing that is not finite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geo.schema import Field


def plain(column: pd.Series[Any], field: Field) -> list[Any]:
    """The column as str, int, float, bool, dict or None; among numbers NaN and infinities are None."""
    values = column.to_numpy()
    if values.dtype.kind in "iub":
        return list(values.tolist())
    if values.dtype.kind == "f":
        known = np.isfinite(values)
        if field.type in ("integer", "year"):
            whole = np.where(known, values, 0).astype(np.int64).astype(object)
            whole[~known] = None
            return list(whole.tolist())
        if known.all():
            return list(values.tolist())
        out = values.astype(object)
        out[~known] = None
        return list(out.tolist())
    return list(values.tolist())


def columns(frame: pd.DataFrame, fields: Sequence[Field]) -> list[list[Any]]:
    """One list a field, in order."""
    return [plain(frame[f.name], f) for f in fields]
