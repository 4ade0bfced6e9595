"""Where features are kept: one contract (`geo.store.contract`), behind it a GeoPackage file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from geo.errors import Invalid, Text
from geo.schema import Layer
from geo.store.contract import Store
from geo.store.gpkg import GeoPackageStore


def open_store(address: str | Path, layers: Mapping[str, Layer]) -> Store:
    """The store at `address`, a file name; it is made if there is none, and brought to the declarations of `layers` (id → Layer).

    Raises Invalid for another kind of address, StoreDamaged for a file that is no store, Conflict for one that does not fit the declarations.
    """
    if "://" in str(address):
        kind = str(address).split("://", 1)[0]
        raise Invalid(
            Text(
                f"还不能用 {kind}:// 存放数据：YUANTU_STORE 请填文件名，如 data/instance/yuantu.gpkg",
                f"a {kind}:// store is not there yet: set YUANTU_STORE to a file name such as data/instance/yuantu.gpkg",
            )
        )
    return GeoPackageStore(Path(address).resolve(), layers)
