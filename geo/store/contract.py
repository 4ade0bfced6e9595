"""What every store promises: values in and out, one transaction a call, and the history that says who changed what.

Geometry is WKB bytes in EPSG:4326 (longitude, latitude), full doubles, or None for an unplaced feature. Values are plain: str, int,
float (finite), bool or None; dates are ISO 8601 text; `extra` is a dict of JSON values. No clock is read here: `now` is ISO 8601 UTC text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from geo.errors import Text

Value = Any
Action = Literal["insert", "update", "delete", "clear", "undo"]
Kind = Literal["empty", "demo", "real"]


@dataclass(frozen=True, slots=True)
class Row:
    """One feature as stored: `values` holds every field of `Layer.all_fields` (common and system ones too)."""

    id: int
    values: Mapping[str, Value]
    geometry: bytes | None

    @property
    def version(self) -> int:
        return int(self.values["version"])


@dataclass(frozen=True, slots=True)
class Columns:
    """A whole layer by column, ordered by id: `values[name][i]` and `geometry[i]` belong to `ids[i]`."""

    ids: Sequence[int]
    values: Mapping[str, Sequence[Value]]
    geometry: Sequence[bytes | None]


@dataclass(frozen=True, slots=True)
class Delta:
    """What became of a layer since a revision: the present state of changed features and the ids that are gone."""

    changed: Sequence[Row]
    deleted: Sequence[int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Several layers read in one transaction: the same instant for all. A layer is given whole or as what changed since the asked revision."""

    revision: int
    layer_revisions: Mapping[str, int]
    whole: Mapping[str, Columns]
    deltas: Mapping[str, Delta]
    info: StoreInfo


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """`kind`: empty, demo (all rows made up) or real. `counts`: layer id → (features, of them unplaced). `metric_crs`: "EPSG:4547" or None while nothing is placed.

    `head` is the last link of the history's chain: two stores with the same head have the same past, which equal revisions do not say.
    """

    kind: Kind
    revision: int
    counts: Mapping[str, tuple[int, int]]
    metric_crs: str | None
    created_at: str
    head: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history. `before`/`after` hold only the fields that changed (all of them for insert and delete); `hash` chains to the line before.

    `version` is the feature's version after the change. `action` "clear" (feature 0) says that all made-up features of the layer went;
    "undo" lines are what taking a revision back did: `before` None = the feature came back, `after` None = it went.
    """

    seq: int
    revision: int
    at: str
    actor: str
    action: Action
    layer: str
    feature: int
    version: int
    before: Mapping[str, Value] | None
    after: Mapping[str, Value] | None
    geometry_before: bytes | None
    geometry_after: bytes | None
    reason: str | None
    import_id: int | None
    hash: str


@dataclass(frozen=True, slots=True)
class Update:
    """Change of one feature: only the named `values` are set; `geometry` is set only when `set_geometry`. `version` None = whatever it is now (imports only)."""

    id: int
    version: int | None
    values: Mapping[str, Value] = field(default_factory=dict)
    geometry: bytes | None = None
    set_geometry: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """What one transaction does to one layer: deletes first, then updates, then inserts (so that a code may pass to a new feature).

    An insert is a mapping of field → value with "geometry" → WKB or None. Each part is walked once, a few thousand at a time, so a
    generator keeps the memory of a large import bounded. An update that changes nothing leaves version and history alone.
    """

    layer: str
    inserts: Iterable[Mapping[str, Value]] = ()
    updates: Iterable[Update] = ()
    deletes: Iterable[tuple[int, int | None]] = ()


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that was not taken: its number in the file (first data record = 1), a reason code, a sentence, the raw values as text."""

    layer: str | None
    dataset: str
    number: int
    reason: str
    sentence_zh: str
    sentence_en: str
    raw: Mapping[str, Value]
    geometry_wkt: str | None = None


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """What is kept of an import: the file, the choices made, the account. `account`: layer id → {"read","accepted","repaired","quarantined"}."""

    file_name: str
    sha256: str
    mode: str
    account: Mapping[str, Mapping[str, int]]
    details: Mapping[str, Value]
    """CRS, datum, encoding, mapping, reasons, repairs: JSON values."""


@dataclass(frozen=True, slots=True)
class StoredImport:
    """An import as it was published. `undone_by`: the revision that took it back, if any."""

    id: int
    at: str
    actor: str
    revision: int
    record: ImportRecord
    undone_by: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One import: published as a whole or not at all. `demo` says that the rows are made up.

    A real batch removes the demo rows in its own transaction; a demo batch takes the place of an earlier demo. `metric_crs` counts when the
    batch brings the first placed features; without it the store takes the one of the median of all that is placed, and keeps what it has until that
    median lies more than 3 degrees off.
    """

    writes: Sequence[Write]
    record: ImportRecord
    quarantine: Sequence[Quarantined] = ()
    demo: bool = False
    metric_crs: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """`ids`: layer id → ids of its inserts, in order. `removed_demo`: how many made-up features went."""

    import_id: int
    revision: int
    ids: Mapping[str, Sequence[int]]
    removed_demo: int


@dataclass(frozen=True, slots=True)
class Edited:
    """Result of an edit: the revision it made and layer, id and version (None = deleted) of each feature."""

    revision: int
    features: Sequence[tuple[str, int, int | None]]


@dataclass(frozen=True, slots=True)
class Touched:
    """What a transaction did to a layer: how many features it made, changed, removed. Of an import: what it took in, as its account says."""

    layer: str
    inserted: int
    changed: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Revision:
    """A transaction that changed features. `undone_by`: the revision that took it back, unless that was taken back too; `first`: layer and id of the
    first feature it touched (0 for an import)."""

    revision: int
    at: str
    actor: str
    reason: str | None
    import_id: int | None
    undone_by: int | None
    touched: Sequence[Touched]
    first: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Document:
    """Something kept beside the layers (a named view, an area, a style, a project): a JSON object under a kind and an id, with every version it had.

    `id`: 1 to 80 characters, letters of any script, digits, `-` and `_`. `version` counts from 1; `body` None = it was taken away.
    """

    kind: str
    id: str
    version: int
    at: str
    actor: str
    body: Mapping[str, Value] | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a store: what, where (a layer, records by id, pages of the file), and what to do about it."""

    text: Text
    remedy: Text
    layer: str | None = None
    records: Sequence[int] = ()
    pages: Sequence[int] = ()

    def __str__(self) -> str:
        return self.text.en


class Store(Protocol):
    """A store of declared layers. Every method is one transaction; a raised error leaves the store as it was.

    Raises StoreBusy after 10 s of waiting for a lock, StoreFull on a full disk, StoreDamaged when the file is not a sound store.
    """

    def info(self) -> StoreInfo: ...

    def read(self, layers: Sequence[str], since: Mapping[str, int] | None = None) -> Snapshot:
        """Layers at one instant. For a layer named in `since` only what changed after that revision, unless that is too much: then whole."""
        ...

    def feature(self, layer: str, id: int) -> Row:
        """Raises FeatureNotFound."""
        ...

    def history(
        self, *, layer: str | None = None, feature: int | None = None, after: int = 0, limit: int = 100, newest_first: bool = False
    ) -> Sequence[Change]:
        """Lines of the history in the asked order, those that follow line `after` in that order (0 = from the start), at most `limit`."""
        ...

    def revisions(self, *, limit: int, before: int | None = None) -> Sequence[Revision]:
        """Transactions that changed features, newest first, those before revision `before`; undoing is told at what was undone."""
        ...

    def publish(self, batch: Batch, *, actor: str, now: str, key: str | None = None, staged: Callable[[], None] | None = None) -> Published:
        """Append an import. `staged` is called when all is written and not yet committed. `key`: idempotency key.

        The kept record's details say in `removed_demo` how many made-up features went, if any did.

        Raises Conflict for a demo batch on a real store, StaleVersion, KeyReused, BadValue for a code that already stands in the layer.
        """
        ...

    def edit(
        self,
        writes: Sequence[Write],
        *,
        actor: str,
        now: str,
        reason: str | None = None,
        key: str | None = None,
        also: Sequence[Write] = (),
        asked: bytes | None = None,
    ) -> Edited:
        """Apply single edits; every update and delete needs its version: VersionRequired, StaleVersion (members: `current`), FeatureNotFound, KeyReused.

        `also` follows from the writes (features that move along) and is no part of what `key` stands for. An edit of a demo store keeps it a demo.
        `asked`: what was asked for, where the writes are worked out from the data as they stand: `key` then stands for that, see `repeated`.
        """
        ...

    def repeated(self, key: str, asked: bytes, *, actor: str) -> Edited | None:
        """What the edit that was asked for with this key has made, None = there was none yet. Raises KeyReused."""
        ...

    def undo(self, revision: int, *, actor: str, now: str) -> Edited:
        """Take a transaction back (an edit or an import) if nothing it touched has changed since; else StaleVersion. Appends to the history.

        A later change that was itself taken back counts as none, so changes can be undone one after the other, newest first.
        """
        ...

    def remove_demo(self, *, actor: str, now: str) -> int:
        """Remove the made-up features; the store is empty afterwards. Raises Conflict on a real store."""
        ...

    def imports(self) -> Sequence[StoredImport]: ...

    def import_record(self, id: int) -> StoredImport:
        """Raises ImportNotFound."""
        ...

    def quarantine(self, import_id: int) -> Sequence[Quarantined]: ...

    def documents(self, kind: str) -> Sequence[Document]:
        """Those that stand, the last changed first."""
        ...

    def document(self, kind: str, id: str, *, version: int | None = None) -> Document:
        """As it stands, or as it was. Raises DocumentNotFound."""
        ...

    def document_versions(self, kind: str, id: str) -> Sequence[Document]:
        """All it was, newest first. Raises DocumentNotFound."""
        ...

    def put_document(self, kind: str, id: str, body: Mapping[str, Value] | None, *, version: int | None, actor: str, now: str) -> Document:
        """Keep it (None takes it away). `version` None = it is new, else the one that was seen. Versions are never deleted.

        Raises Conflict when a new one's id is taken, StaleVersion, DocumentNotFound, BadValue for a bad id or more than 4 MB of JSON.
        """
        ...

    def backup(self, path: Path) -> None:
        """Write a consistent copy of the store to `path`: to a temporary name, synced, renamed. Raises Conflict if `path` exists."""
        ...

    def keep_copy(self, folder: Path, *, newest: int, now: str) -> Path | None:
        """A numbered copy in `folder` if the store has changed since the last one there (else None); older ones are thinned out."""
        ...

    def check(self) -> Sequence[Problem]:
        """Everything that is wrong (file, indexes, chain, counts, every feature against its history); empty when sound. Raises the alarm."""
        ...

    def look(self) -> Sequence[Problem]:
        """The quick part of `check`, for the start: milliseconds a megabyte. Raises the alarm."""
        ...

    @property
    def alarm(self) -> Text | None:
        """Why nothing is written any more: damage was seen. None while the store is trusted."""
        ...

    def close(self) -> None: ...
