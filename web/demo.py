"""The made-up district in the store: loaded into an empty or a demo store, never beside real data."""

from __future__ import annotations

from geo import synthetic
from geo.crs import metric_crs_for
from geo.errors import Conflict, Text
from geo.store.contract import Batch, ImportRecord, Write
from web.services import Services

COMPOUNDS, SEED = 222, 1
ACTOR = "demo"
FILE_NAME = "demo"


def load_into_empty(here: Services) -> int:
    """The default district into an empty store; how many features, 0 when the store is not empty."""
    return load(here) if here.store.info().kind == "empty" else 0


def load(here: Services, *, compounds: int = COMPOUNDS, seed: int = SEED) -> int:
    """A district instead of the one that may be there, in one transaction; how many features. Raises Conflict on a store with real data."""
    kind = here.store.info().kind
    if kind == "real":
        raise Conflict(
            Text(
                "库中已有真实数据，不再载入示例；另用一个库：YUANTU_STORE=….gpkg",
                "the store holds real data and takes no demo; use another: YUANTU_STORE=….gpkg",
            )
        )
    rows = synthetic.district(here.stored, compounds=compounds, seed=seed, as_of=here.now()[:10])
    counts = {id: {"read": len(made), "accepted": len(made), "repaired": 0, "quarantined": 0} for id, made in rows.items() if made}
    record = ImportRecord(FILE_NAME, "", "append", counts, {"crs": "EPSG:4326", "demo": True, "compounds": compounds, "seed": seed})
    writes = [Write(id, inserts=made) for id, made in rows.items() if made]
    metric = metric_crs_for(*synthetic.ORIGIN)
    here.store.publish(Batch(writes, record, demo=True, metric_crs=metric), actor=ACTOR, now=here.now())
    return sum(map(len, rows.values()))


def remove(here: Services) -> int:
    """Take the made-up features out; how many. Raises Conflict on a store with real data."""
    return here.store.remove_demo(actor=ACTOR, now=here.now())
