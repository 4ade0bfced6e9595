"""Texts that want to be run, by a template engine or by a browser, and a store in which every text field of every layer holds them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely
from flask import Flask

import layers
from geo.store.contract import Batch, ImportRecord, Quarantined, Write
from tests.web.conftest import NOW, application, here

PRODUCT = "56859237"
"""7191 × 7907: stands in an answer only when a template engine has worked it out."""
FOLDER = "generate_lorem_ipsum"
"""What the template below makes in the working directory when it is executed."""
TEMPLATES = (
    "{{7191*7907}}",
    "{% for x in (7191,) %}{{x*7907}}{% endfor %}",
    "{#",
    "{{lipsum.__globals__.os.mkdir(lipsum.__name__)}}",
    "{{'7191'|int*7907}}{% raw %}",
    "#{7191*7907}${7191*7907}<%=7191*7907%>",
)
MARKUP = (
    "<script>window.PWN=1</script>",
    "</script><script>window.PWN=1</script>",
    "<img src=x onerror=window.PWN=1>",
    '"><svg onload=window.PWN=1>',
    "' onmouseover='window.PWN=1' x='",
    "<!--<script>",
    "${window.PWN=1}`;window.PWN=1//",
    "\\u003cimg src=x onerror=window.PWN=1\\u003e",
    "\\x3cscript\\x3ewindow.PWN=1\\x3c/script\\x3e&lt;img src=x onerror=window.PWN=1&gt;",
    "javascript:window.PWN=1",
    '<a href="javascript:window.PWN=1">a</a>]]></textarea></title></style>',
    "<iframe srcdoc='<script>parent.PWN=1</script>'>\u2028\u2029x",
    '=HYPERLINK("http://127.0.0.1:9/","x")',
)
PAYLOADS = TEMPLATES + MARKUP
ALPHABET = "{}%#`$<>\"'&\\"
SHAPES = {
    "Point": shapely.Point(112.98, 34.75),
    "LineString": shapely.LineString([(112.98, 34.75), (112.981, 34.7505)]),
    "Polygon": shapely.box(112.98, 34.75, 112.981, 34.751),
}


def random_texts(count: int = 500, seed: int = 3) -> list[str]:
    """Different strings of the characters that mean something to a template engine, to HTML or to a script."""
    dice = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        text = "".join(dice.choices(ALPHABET + "x7* (/", k=dice.randint(2, 24))).strip()
        found |= {text: None} if text else {}
    return list(found)


def rows(layer: Any, texts: Sequence[str], prefix: str = "") -> list[dict[str, Any]]:
    """One feature a text: it stands in every text field, in the names and values of the other columns, and in the code."""
    kind = layer.geometry[0]
    fields = [f.name for f in layer.writable if f.type == "text" and f.name != "code"]
    return [
        {name: text for name in fields}
        | {"code": f"{prefix}{text}", "extra": {text: text}, "geometry": shapely.to_wkb(shapely.affinity.translate(SHAPES[kind], n * 2e-5))}
        for n, text in enumerate(texts)
    ]


def filled_store(path: Path, texts: Sequence[str], more: Sequence[str] = ()) -> Flask:
    """A store of all layers full of `texts`, compounds with `more` of them beside, and an import whose file and records are called so."""
    app = application(path)
    writes = [Write(layer.id, inserts=rows(layer, texts)) for layer in layers.ALL]
    compounds = next(layer for layer in layers.ALL if layer.id == "compounds")
    if more:
        writes[layers.ALL.index(compounds)] = Write("compounds", inserts=rows(compounds, texts) + rows(compounds, more, "R"))
    counts = {layer.id: {"read": len(texts), "accepted": len(texts), "repaired": 0, "quarantined": 0} for layer in layers.ALL}
    record = ImportRecord(texts[0] + ".csv", "0" * 64, "append", counts, {"crs": "EPSG:4326", "columns": {t: t for t in texts}})
    out = [Quarantined("compounds", text, n, "no-geometry", text, text, {text: text}) for n, text in enumerate(texts, 1)]
    here(app).store.publish(Batch(writes, record, out, metric_crs="EPSG:4547"), actor=texts[0], now=NOW)
    return app
