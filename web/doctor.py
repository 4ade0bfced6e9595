"""What `flask doctor` looks at: the store, and which guards this system has."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

from web.services import Services

PACKAGES = ("flask", "geopandas", "shapely", "pyogrio", "fiona", "osmium", "python-calamine", "cql2", "folium")


def examine(here: Services) -> dict[str, Any]:
    """Facts, guards and problems as JSON values; no problems = sound."""
    from geo import sandbox

    problems = list(here.store.check())
    info = here.store.info()
    facts = {
        "store": here.settings.store,
        "kind": info.kind,
        "revision": info.revision,
        "features": sum(n for n, _ in info.counts.values()),
        "unplaced": sum(n for _, n in info.counts.values()),
        "metric_crs": info.metric_crs,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        **{name: version(name) for name in PACKAGES},
    }
    return {"facts": facts, "guards": [{"name": name, "on": on} for name, on in sandbox.guards().items()], "problems": problems}
