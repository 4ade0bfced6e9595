"""Where features are kept: one contract (`geo.store.contract`), behind it a GeoPackage file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from geo.errors import Invalid, Text
from geo.schema import Layer
from geo.store.contract import Problem, Store
from geo.store.damage import of_unopened
from geo.store.gpkg import GeoPackageStore
from geo.store.restoring import Restored, restore
from geo.store.tables import Tables


def restore_store(address: str | Path, backup: Path, layers: Mapping[str, Layer], *, actor: str, now: str) -> Restored:
    """Put a backup in the place of the store at `address`, which nobody may have open. See `geo.store.restoring.restore` for what it raises."""
    return restore(Path(address).resolve(), backup, layers, actor=actor, now=now)


def why_unopened(address: str | Path, layers: Mapping[str, Layer]) -> list[Problem]:
    """What is wrong with a file that `open_store` refused as damaged, as far as it can be told."""
    return of_unopened(Path(address).resolve(), Tables(layers))


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
