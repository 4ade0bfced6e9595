"""What moves along when one feature is placed or moved by hand: records that lie where it lies because they name it."""

from __future__ import annotations

from collections.abc import Mapping

from geo.imports.places import point_of
from geo.schema import Layer
from geo.store.contract import Store, Update, Write


def followers(
    store: Store, layers: Mapping[str, Layer], layer: str, code: str | None, *, before: bytes | None, after: bytes | None
) -> list[Write]:
    """The edits that belong to moving the feature `code` of `layer` from `before` to `after` (WKB in EPSG:4326), for the same transaction.

    Hazards without coordinates that name a compound appear on the map when it does, as they would had its outline been imported first.
    """
    if code is None or after is None:
        return []
    old, new = None if before is None else point_of(before), point_of(after)
    writes = []
    for other in layers.values():
        fields = [f.name for f in other.fields if f.refers == layer and f.name in other.place_by]
        if not fields or "Point" not in other.geometry or store.info().counts[other.id][0] == 0:
            continue
        there = store.read([other.id]).whole[other.id]
        updates = [
            Update(id, there.values["version"][at], {"quality": "inferred"}, new, True)
            for at, id in enumerate(there.ids)
            if any(there.values[name][at] == code for name in fields)
            and (there.geometry[at] is None or (there.values["quality"][at] == "inferred" and there.geometry[at] == old))
        ]
        if updates:
            writes.append(Write(other.id, updates=updates))
    return writes
