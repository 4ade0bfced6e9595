"""The last edits as a list to take back: one row a transaction, who, when, why, what it touched, and whether it still stands."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from geo.errors import FeatureNotFound, Text
from geo.store.contract import Revision
from web.api import whole
from web.http import Parameter, json_response, language, takes
from web.services import Services, services

bp = Blueprint("revisions", __name__)

MOST = 200


@bp.get("/api/revisions")
@takes(
    Parameter("limit", Text("条数", "how many"), {"type": "integer", "minimum": 1, "maximum": MOST, "default": 20}),
    Parameter("before", Text("只要此修订之前的", "only before this revision"), {"type": "integer", "minimum": 1}),
)
def revisions() -> Response:
    """Edits and imports, newest first; undoing is told at what was undone."""
    here = services()
    found = here.store.revisions(limit=whole("limit", 20, 1, MOST), before=whole("before", 0, 1, 2**53) or None)
    return json_response({"revisions": [revision_json(here, one) for one in found]})


def revision_json(here: Services, revision: Revision) -> dict[str, Any]:
    layer, id = revision.first
    layers = [{"layer": t.layer, "inserted": t.inserted, "changed": t.changed, "deleted": t.deleted} for t in revision.touched]
    return {
        "revision": revision.revision,
        "at": revision.at,
        "actor": revision.actor,
        "reason": revision.reason,
        "import_id": revision.import_id,
        "undone_by": revision.undone_by,
        "layers": layers,
        "first": {"layer": layer, "id": id, "title": _title(here, layer, id)} if id else None,
    }


def _title(here: Services, layer: str, id: int) -> str | None:
    """What the first feature it touched is called now; None when it is gone."""
    try:
        values = here.store.feature(layer, id).values
    except FeatureNotFound:
        return None
    declared = here.stored[layer]
    field, value = declared.field(declared.title_field), values[declared.title_field]
    choice = field.choice(str(value)) if field is not None and field.choices else None
    return choice.label.of(language()) if choice else str(value or values["code"] or f"#{id}")
