"""Whether a document still stands in the version that a request has seen."""

from __future__ import annotations

from geo.errors import StaleVersion, Text
from geo.store.contract import Document


def seen(stands: Document, version: int) -> Document:
    """The document, if it is in the version of `If-Match`: what is changed in it is then changed in what was seen. Raises StaleVersion."""
    if stands.version != version:
        raise StaleVersion(
            Text(
                f"“{stands.id}”已被他人改过（现为第 {stands.version} 版）：请刷新后再改",
                f"'{stands.id}' has changed since (it is now version {stands.version}): reload it",
            ),
            id=stands.id,
            kind=stands.kind,
            current=stands.version,
        )
    return stands
