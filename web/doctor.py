"""What `flask doctor` looks at: the store, and which guards this system has."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

from geo.errors import Text
from web.services import Services

PACKAGES = ("flask", "geopandas", "shapely", "pyogrio", "fiona", "osmium", "python-calamine", "ezdxf", "pyarrow", "cql2", "folium")

GUARDS = {
    "memory": Text("内存上限", "a limit of memory"),
    "cpu": Text("处理器时间上限", "a limit of processor time"),
    "file-size": Text("写文件大小上限", "a limit of the size of what it writes"),
    "open-files": Text("打开文件数上限", "a limit of open files"),
    "core": Text("崩溃不留内存映像", "no image of its memory when it crashes"),
    "priority": Text("优先级低于服务", "it runs after the service"),
    "network": Text("不能联网、不能启动程序（seccomp）", "no network and no other programs (seccomp)"),
    "files": Text("只能读库文件、只能写任务文件夹（Landlock）", "it reads its libraries and writes its job's folder only (Landlock)"),
    "tcp": Text("不能建立 TCP 连接（Landlock）", "no TCP connections (Landlock)"),
    "signals": Text("不能向别的进程发信号（Landlock）", "no signals to other processes (Landlock)"),
    "warm": Text("读取进程预先备好，小文件不必等", "children start from a warm process: small files do not wait"),
}
"""What each guard of `geo.sandbox.guards` does to the process that reads foreign files."""


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
    guards = [{"name": name, "on": on, "zh": GUARDS[name].zh, "en": GUARDS[name].en} for name, on in sandbox.guards().items()]
    return {"facts": facts, "guards": guards, "problems": problems}
