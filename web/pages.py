"""The pages: workspace, upload, account of an import. Shells only: what they show is fetched."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from geo.errors import Text
from geo.formats.doctor import COMPANIONS, EXTENSIONS
from web.catalogue import opening
from web.guard import content_policy
from web.http import Parameter, language, takes
from web.opened import opened, query_text
from web.render import MapParts, map_parts
from web.services import services
from web.settings import Settings
from web.translations import texts

bp = Blueprint("pages", __name__)

WORKSPACE = (
    Parameter("map", Text("视图：缩放/纬度/经度", "view: zoom/latitude/longitude")),
    Parameter("layers", Text("显示的图层", "layers that are on")),
    Parameter("question", Text("问题", "question")),
    Parameter("answer", Text("显示哪些回答", "which answers are shown")),
    Parameter(
        "shapes",
        Text(
            "画出答案的哪些几何（瓶颈、路线……）；不说即全部", "which shapes of the answer are drawn (pinch points, routes …); unsaid: all"
        ),
    ),
    Parameter("sort", Text("表格的排序", "order of the table")),
    Parameter("feature", Text("选中的要素：图层/id", "chosen feature: layer/id")),
    Parameter("p.*", Text("问题的参数", "a parameter of the question")),
    Parameter("s.*", Text("图层的样式", "style of a layer")),
    Parameter("f.*", Text("图层或问题的筛选（CQL2）", "filter of a layer or question (CQL2)")),
    Parameter("table", Text("列出其要素的图层", "layer whose features are listed")),
    Parameter("columns", Text("表格的列", "columns of the table")),
    Parameter("picked", Text("选中的行的 id", "ids of the chosen rows")),
    Parameter("in-view", Text("只列地图视野内的", "only rows in the map's view")),
    Parameter("community", Text("只问此社区（名称）", "only of this community (its name)")),
    Parameter("compound", Text("只问此院落（编号或名称）", "only of this compound (its code or name)")),
    Parameter(
        "within",
        Text(
            "只问此范围内（WKT 或 @名称，前面写 touching: 则碰到即算）",
            "only within this area (WKT or @name; touching: before it takes what meets it)",
        ),
    ),
    Parameter("near", Text("只问距此不超过若干米的：图层[/id]:米", "only within metres of: layer[/id]:metres")),
    Parameter("near-filter", Text("附近图层的筛选（CQL2）", "filter of the layer near which (CQL2)")),
    Parameter("view", Text("命名视图", "a named view")),
)
UPLOAD = (Parameter("upload", Text("上传的 id", "id of an upload")),)

_KNOWN_AS = {"workbook": "Excel", "ESRI Shapefile": "Shapefile", "GPKG": "GeoPackage", "OSM": "OpenStreetMap", "Parquet": "GeoParquet"}
"""What people call a format, where it is not its own name."""


@bp.get("/")
@takes(*WORKSPACE)
def workspace() -> str | Response:
    """The workspace: map, layers, questions, table; its whole state is in the address, or in that of the named view."""
    return opened("pages.workspace") if "view" in request.args else _page("index.html", **opening(request.args))


@bp.get("/embed")
@takes(*WORKSPACE)
def embed() -> str | Response:
    """The workspace without its panels, for a frame in another page (YUANTU_EMBED_ORIGINS says whose)."""
    if "view" in request.args:
        return opened("pages.embed")
    g.page_policy = content_policy(services().settings, g.csp_nonce, framed=True)
    return _page("embed.html", **opening(request.args), whole=f"{url_for('pages.workspace')}?{query_text(request.args.to_dict())}")


@bp.get("/import")
@takes(*UPLOAD)
def import_page() -> str:
    """Bring a file in: what it holds, how its columns are read, where it lies."""
    return _page("import.html", upload=request.args.get("upload"), formats=_formats(), accept=_accept())


@bp.get("/imports/<int:id>")
@takes()
def account(id: int) -> str:
    """The account of one import."""
    services().store.import_record(id)
    return _page("account.html", import_id=id)


def _formats() -> list[tuple[str, list[str]]]:
    """The formats that are read, each with the endings of its files, as the doctor has them."""
    endings: dict[str, list[str]] = {}
    for ending, kind in EXTENSIONS.items():
        endings.setdefault(_KNOWN_AS.get(kind, kind), []).append(ending)
    return list(endings.items())


def _accept() -> str:
    """What the file chooser offers; it knows nothing of double endings."""
    return ",".join(dict.fromkeys("." + ending.rpartition(".")[2] for ending in (*EXTENSIONS, *COMPANIONS)))


def _page(template: str, **values: Any) -> str:
    here = services()
    parts = _map(here.settings)
    return render_template(
        template, map_div=parts.div, map_script=parts.script, csp_nonce=g.csp_nonce, csrf_token=generate_csrf(), **values
    )


@lru_cache(maxsize=4)
def _map(settings: Settings) -> MapParts:
    """The map's shell: the same for every request, made of declared values only."""
    layers = tuple(services().layers.values())
    return map_parts(layers, settings, centre=settings.area.centre) if settings.area else map_parts(layers, settings)


def page_values() -> dict[str, Any]:
    """What every template has: the language and its sentences."""
    lang = language()
    here = services()
    return {"lang": lang, "t": texts(lang), "settings": here.settings, "alarm": here.alarm.of(lang) if here.alarm else None}
