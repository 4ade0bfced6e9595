"""One attempt to settle an import against the store as it stands: every record accounted for, then one batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import shapely

from geo.crs import metric_crs_for
from geo.errors import Text
from geo.imports.account import Account
from geo.imports.convert import serial_columns
from geo.imports.existing import Existing, NaturalKey
from geo.imports.masking import Mask
from geo.imports.near import near_names
from geo.imports.options import ImportOptions
from geo.imports.places import Names
from geo.imports.plan import Part, Plan, by_reference
from geo.imports.quarantine import SHAPE_REASONS, reason_column
from geo.imports.records import Left, Origin, Record
from geo.imports.shapes import fit
from geo.imports.spool import Spool
from geo.imports.staging import RawRecord
from geo.imports.target import Target
from geo.imports.whereabouts import notices
from geo.schema import Layer
from geo.store.contract import Batch, Columns, ImportRecord, Quarantined, Snapshot, Store, Write
from geo.values.personal import Kind, mask_numbers

_TABLES = frozenset(("CSV", "workbook"))
"""Formats whose raw rows hold the coordinates themselves."""

_OSM_SOURCE = "OpenStreetMap"
_MADE_UP = "demo"
_NOTHING_TAKEN = Text("没有一条记录可以接收，示例数据未动", "no record could be taken: the made-up data stay")
_SHAPE_MISSING = Text(
    "上次因几何被隔离，几何仍是空的：补上几何，或清空“隔离原因”作为未上图收下",
    "left out for its geometry, which is still empty: fill it in, or clear the reason to take the record without a place",
)
RAW_WKT = "geometry_wkt"
"""Under this key the reader hands over a geometry that it could not take, as the file has it."""
_DATUMS = {"GCJ-02": "GCJ-02", "BD-09": "BD-09"}


class Job:
    """One attempt to settle a plan against the store as it stands."""

    def __init__(
        self,
        plan: Plan,
        options: ImportOptions,
        layers: Mapping[str, Layer],
        store: Store,
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.plan, self.options, self.layers, self.store = plan, options, layers, store
        self._progress, self._done, self._total = progress, 0, sum(len(part.data.records) for part in plan.parts)
        self.account = Account(
            mode=options.mode,
            dry_run=options.dry_run,
            skipped={mask_numbers(name): n for name, n in plan.skipped.items()},
            notes=list(plan.notes),
            left_out=[mask_numbers(name) for name in plan.left_out],
            joined={mask_numbers(name): joined.to_json() for name, joined in plan.joined.items()},
        )
        self.info = store.info()
        self.demo = self.info.kind == "demo"
        self.quarantined = _quarantine_spool()
        self._snapshot = self._read()
        self._existing: dict[str, Existing] = {}
        self._names: dict[str, Names] = {}
        self.targets: dict[str, Target] = {}

    def _read(self) -> Snapshot | None:
        """The layers that this import touches, names or moves, at one instant. A demo store counts as empty: its features go."""
        wanted = {part.layer.id for part in self.plan.parts}
        wanted |= {f.refers for part in self.plan.parts for f in part.layer.fields if f.refers is not None}
        wanted |= {l.id for l in self.layers.values() if any(f.refers in wanted for f in l.fields)}  # noqa: E741
        present = [n for n in self.layers if n in wanted and self.info.counts.get(n, (0, 0))[0] > 0]
        return None if self.demo or not present else self.store.read(present)

    def existing(self, layer_id: str) -> Existing:
        if layer_id not in self._existing:
            columns: Columns | None = self._snapshot.whole.get(layer_id) if self._snapshot is not None else None
            self._existing[layer_id] = Existing(self.layers[layer_id], columns)
        return self._existing[layer_id]

    def names(self, layer_id: str) -> Names:
        """The features of a layer by name; asked for only when the records of that layer are settled."""
        if layer_id not in self._names:
            layer = self.layers[layer_id]
            self._names[layer_id] = Names(layer, self.target(layer_id).rows(Names.fields(layer)))
        return self._names[layer_id]

    def target(self, layer_id: str) -> Target:
        if layer_id not in self.targets:
            filled = {part.layer.id for part in self.plan.parts}
            self.targets[layer_id] = Target(
                self.layers[layer_id],
                self.existing(layer_id),
                mode=self.options.mode if layer_id in filled else "upsert",
                account=self.account,
                names=self.names,
                stored=self.existing,
                renamed=lambda other: self.targets[other].renamed if other in self.targets else {},
            )
        return self.targets[layer_id]

    def run(self, *, actor: str, now: str, sha256: str, staged: Callable[[], None] | None, key: str | None) -> Account:
        for layer_id in by_reference(self.layers):
            for part in self.plan.parts:
                if part.layer.id == layer_id:
                    self._settle(part)
            self._cascade(layer_id)
        writes = self._writes()
        for layer_id, target in self.targets.items():
            there = () if self.options.mode == "replace" else self.existing(layer_id).geometry
            self.account.notes += notices(self.layers[layer_id], target.inserts, there)
            near = near_names(self.layers[layer_id], target.inserts, self.existing(layer_id), lambda at, t=target: at in t.matched)  # type: ignore[misc]
            self.account.near_names += [(layer_id, name, others) for name, others in near]
        self._describe()
        self.account.hand_made = self._hand_made() if writes else 0
        self.account.quarantined = list(self.quarantined)
        if self.demo and not writes:
            self.account.notes.append(_NOTHING_TAKEN)
            return self.account
        if self.options.dry_run:
            self.account.removed_demo = sum(n for n, _ in self.info.counts.values()) if self.demo else 0
            return self.account
        batch = Batch(writes, self._record(sha256), self.quarantined, metric_crs=self._metric_crs())
        published = self.store.publish(batch, actor=actor, now=now, key=key, staged=staged)
        self.account.import_id, self.account.revision = published.import_id, published.revision
        self.account.removed_demo = published.removed_demo
        return self.account

    def _settle(self, part: Part) -> None:
        target, tally = self.target(part.layer.id), self.account.tally(part.layer.id)
        mask, serial = _mask(part), serial_columns(part.data.columns)
        origin = self._origin(part, mask)
        osm, convert = part.converter.osm, part.converter.convert
        reasons = reason_column(part.data.columns)
        masked: Counter[tuple[str, Kind]] = Counter()
        for raw, said in mask.records(part.data.records, serial, masked):
            self._step()
            if raw.problem is not None and raw.problem[0] == "outside-clip":
                tally.clipped += 1
                continue
            try:
                if raw.problem is not None:
                    raise Left(raw.problem[0], Text(mask_numbers(raw.problem[1]), mask_numbers(raw.problem[2])))
                if reasons is not None and raw.geometry is None and raw.row.get(reasons) in SHAPE_REASONS:
                    raise Left(str(raw.row[reasons]), _SHAPE_MISSING)
                record = convert(raw.number, raw.row, raw.geometry)
                record.digest = said
                self._shape(record, raw, part.layer, areas_as_points=osm)
                target.take(record, origin)
            except Left as left:
                self._quarantine(part, raw, left)
                continue
            self._count(part, record, raw.row)
        self.account.mask(part.layer.id, masked, mask.kept)
        self._map(part)

    def _step(self) -> None:
        self._done += 1
        if self._progress is not None and self._done % 1000 == 0:
            self._progress(self._done, self._total)

    def _shape(self, record: Record, raw: RawRecord, layer: Layer, *, areas_as_points: bool) -> None:
        record.repairs.extend(raw.repairs)
        if record.geometry is None:
            return
        record.geometry, repair = fit(layer, record.geometry, areas_as_points=areas_as_points)
        if record.geometry is None:
            kinds = ", ".join(layer.geometry)
            raise Left("geometry-type", Text(f"图层“{layer.label.zh}”只接受 {kinds}", f"layer {layer.id} takes {kinds} only"))
        if repair:
            record.repairs.append(repair)

    def _origin(self, part: Part, mask: Mask) -> Origin:
        """Names are counted first, unless codes alone decide; whatever the store holds, so that the same file gives the same codes again."""
        source = _OSM_SOURCE if part.converter.osm else mask_numbers(self.options.file_name or part.data.header.name)
        origin = Origin(source, {m.field: m.column for m in part.matches.values()})
        if part.layer.natural_key and (len(self.existing(part.layer.id)) or not _all_coded(part, mask)):
            natural = NaturalKey(part.layer)
            key_of = _keys(part, natural)
            for raw in part.data.records:
                wanted = key_of(mask.row(raw.row)) if raw.problem is None else None
                if wanted is not None:
                    origin.count(*natural.forms(wanted))
            self._doubles(part, origin, natural, mask)
        return origin

    def _doubles(self, part: Part, origin: Origin, natural: NaturalKey, mask: Mask) -> None:
        """Exact doubles count once; several records of one key are unclear unless each has a place of its own."""
        doubled = {full for full, count in origin.full_keys.items() if count > 1}
        if not doubled:
            return
        serial = serial_columns(part.data.columns)
        found: dict[tuple[str, ...], dict[bytes, bytes | None]] = {}
        key_of = _keys(part, natural)
        for raw, said in mask.records(part.data.records, serial):
            wanted = key_of(raw.row) if raw.problem is None else None
            if wanted is None:
                continue
            short, full = natural.forms(wanted)
            if full in doubled:
                places = found.setdefault(full, {})
                if said in places:
                    origin.count(short, full, -1)
                places[said] = raw.geometry
        for full, places in found.items():
            if len(places) > 1 and (None in places.values() or len(set(places.values())) < len(places)):
                origin.unclear.add(full)

    def _count(self, part: Part, record: Record, row: Mapping[str, Any]) -> None:
        tally = self.account.tally(part.layer.id)
        tally.placed_by_name += record.placed_by is not None
        if not record.repairs and not record.problems:
            tally.accepted += 1
            return
        if record.repairs:
            tally.repaired += 1
        else:
            tally.accepted += 1
        self.account.reasons.update({*record.repairs, *(code for code, _, _ in record.problems)})
        for code, column, text in record.problems:
            self.account.example(code, part.layer.id, record.number, column, text)
        for code, column in dict.fromkeys((*record.marks, *((code, column) for code, column, _ in record.problems))):
            self.account.original(code, part.layer.id, column, row.get(column))

    def _quarantine(self, part: Part, raw: RawRecord, left: Left) -> None:
        self.target(part.layer.id).spare(part.converter.some(raw.row, self._identity(part.layer)))
        self.account.tally(part.layer.id).quarantined += 1
        self.account.reasons[left.reason] += 1
        self.account.quarantine_reasons[left.reason] += 1
        row, wkt = raw.row, None
        handed = raw.problem is not None and RAW_WKT in row and RAW_WKT not in part.data.header.columns
        if part.data.header.driver not in _TABLES:
            if raw.geometry is not None:
                wkt = shapely.to_wkt(shapely.from_wkb(raw.geometry), rounding_precision=-1)
            elif handed:
                wkt = str(row[RAW_WKT])
        if handed:
            row = {column: cell for column, cell in row.items() if column != RAW_WKT}
        kept = Quarantined(
            part.layer.id, mask_numbers(part.data.header.name), raw.number, left.reason, left.text.zh, left.text.en, row, wkt
        )
        self.quarantined.append(kept)

    def _identity(self, layer: Layer) -> tuple[str, ...]:
        return tuple(dict.fromkeys(("code", *NaturalKey(layer).names)))

    def _cascade(self, layer_id: str) -> None:
        """Stored features of this layer follow those of the layers before it that were moved or renamed."""
        changed = {id for id, target in self.targets.items() if target.moved or target.renamed}
        names = frozenset(f.name for f in self.layers[layer_id].fields if f.refers in changed)
        if names and len(self.existing(layer_id)):
            self.target(layer_id).cascade(names)

    def _writes(self) -> list[Write]:
        filled = {part.layer.id for part in self.plan.parts}
        writes = []
        for layer_id, target in self.targets.items():
            deletes = (
                target.deletes()
                if layer_id in filled and self.account.tally(layer_id).read > self.account.tally(layer_id).quarantined
                else []
            )
            if deletes or len(target.updates) or len(target.inserts):
                writes.append(Write(layer_id, target.inserts, target.updates, deletes))
        return writes

    def _hand_made(self) -> int:
        """Features of a demo store that somebody added or changed: they go with it, which must not pass unsaid."""
        present = [n for n, (features, _) in self.info.counts.items() if features] if self.demo else []
        whole = self.store.read(present).whole.values() if present else ()
        return sum(
            version > 1 or source != _MADE_UP
            for columns in whole
            for version, source in zip(columns.values["version"], columns.values["source"], strict=True)
        )

    def _metric_crs(self) -> str | None:
        """A service area says in which CRS a store measures at first; else, and later, the store goes by where its features lie."""
        if self.options.area is None or (self.info.metric_crs is not None and not self.demo):
            return None
        return metric_crs_for(*self.options.area.centre)

    # What is said about it

    def _map(self, part: Part) -> None:
        name = mask_numbers(part.data.header.name)
        label = name if name not in self.account.mapping else f"{name} ({part.layer.id})"
        self.account.mapping[label] = {"layer": part.layer.id, "fields": {m.field: m.column for m in part.matches.values()}}
        for wanted, taken, left in part.rivals:
            if left in part.converter.ignored:
                continue
            self.account.notes.append(
                Text(
                    f"“{left}”与“{taken}”都像字段 {wanted}：用了后者",
                    f"columns '{left}' and '{taken}' both look like field {wanted}: the latter was taken",
                )
            )

    def _describe(self) -> None:
        crs = {part.data.header.name: part.data.header.crs for part in self.plan.parts if part.data.header.crs and part.data.kinds}
        encodings = {part.data.header.encoding for part in self.plan.parts if part.data.header.encoding}
        self.account.crs = ", ".join(dict.fromkeys(crs.values())) or None
        if crs:
            self.account.datum = ", ".join(dict.fromkeys(_DATUMS.get(c, "WGS 84") for c in crs.values()))
        self.account.encoding = ", ".join(sorted(encodings)) or None

    def _record(self, sha256: str) -> ImportRecord:
        account = self.account.to_json()
        details = {k: v for k, v in account.items() if k not in ("layers", "import_id", "revision", "dry_run")}
        return ImportRecord(mask_numbers(self.options.file_name), sha256, self.options.mode, self.account.counts(), details)

    def close(self) -> None:
        for target in self.targets.values():
            target.close()
        self.quarantined.close()


def _mask(part: Part) -> Mask:
    return Mask(part.layer, part.matches, part.data.columns, part.data.suspects)


def _all_coded(part: Part, mask: Mask) -> bool:
    """Whether no record needs a code made from its name: then a layer that is empty needs no names counted."""
    return part.code_column and all(
        raw.problem is not None or part.converter.some(mask.row(raw.row), ("code",))["code"] is not None for raw in part.data.records
    )


def _keys(part: Part, natural: NaturalKey) -> Callable[[Mapping[str, Any]], dict[str, str | None] | None]:
    """Gives the natural key of one row after the other; none for the second of a code, which is left out and so is nobody's rival."""
    names, seen = ("code", *natural.names), set[str]()

    def key_of(row: Mapping[str, Any]) -> dict[str, str | None] | None:
        said = part.converter.some(row, names)
        code = said.get("code") if part.code_column else None
        if code in seen:
            return None
        if code is not None:
            seen.add(code)
        return natural.of(said)

    return key_of


def _quarantine_spool() -> Spool[Quarantined]:
    def pack(q: Quarantined) -> tuple[Any, bytes | None]:
        return [q.layer, q.dataset, q.number, q.reason, q.sentence_zh, q.sentence_en, dict(q.raw), q.geometry_wkt], None

    return Spool(pack, lambda v, _: Quarantined(*v))
