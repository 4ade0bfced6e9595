"""One layer on its way into the store: every record becomes an insert, an update, or goes to quarantine with its reason."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from geo.errors import Text
from geo.imports.account import REASONS, Account
from geo.imports.codes import content_code, derived_code, is_derived
from geo.imports.existing import Existing
from geo.imports.follow import followed
from geo.imports.headings import WEAK_CODES
from geo.imports.merge import end_estimates, extra_of, quality_of, source_of
from geo.imports.options import Mode
from geo.imports.places import Names
from geo.imports.records import Left, Origin, Record
from geo.imports.references import References
from geo.imports.spool import Spool
from geo.schema import Layer
from geo.store.contract import Update
from geo.values.text import key


def insert_spool() -> Spool[dict[str, Any]]:
    def pack(row: dict[str, Any]) -> tuple[Any, bytes | None]:
        return {k: v for k, v in row.items() if k != "geometry"}, row["geometry"]

    return Spool(pack, lambda values, geometry: {**values, "geometry": geometry})


def update_spool() -> Spool[Update]:
    def pack(update: Update) -> tuple[Any, bytes | None]:
        return [update.id, update.version, update.values, update.set_geometry], update.geometry

    return Spool(pack, lambda v, geometry: Update(v[0], v[1], v[2], geometry, v[3]))


_SEVERAL = Text(
    "名称对应库中 {n} 个对象，文件中也不止一条，请写编号或社区",
    "the name fits {n} features and several records: give a code or the community",
)
_NAMED = Text(
    "同名对象已在库中（改用 upsert 可更新）",
    "the feature of this name is already in the store (mode upsert would update it)",
)


class Target:
    """The working state of one layer in one import.

    `names(layer id)`: the features of another layer, as they will be, by what they are called; `stored(layer id)`: as they are now;
    `renamed(layer id)`: old code → new code.
    """

    def __init__(
        self, layer: Layer, existing: Existing, *, mode: Mode, account: Account, names: Callable[[str], Names], stored: Callable[[str], Existing],
        renamed: Callable[[str], Mapping[str, str]],
    ) -> None:  # fmt: skip
        self.layer, self.existing, self.mode, self.account = layer, existing, mode, account
        self.inserts, self.updates = insert_spool(), update_spool()
        self.moved: set[str] = set()
        self.renamed: dict[str, str] = {}
        self.matched: dict[int, int] = {}
        self._spared: set[int] = set()
        self.references = References(layer, existing, names=names, stored=stored, renamed=renamed)
        self._natural = existing.natural
        self._seen_codes: dict[str, bytes] = {}
        self._seen_content: set[bytes] = set()
        self._pending: dict[tuple[str, ...], list[bytes | None]] = {}
        self._tally = account.tally(layer.id)
        self._required = [f for f in layer.writable if f.required]

    # One record

    def take(self, record: Record, origin: Origin) -> None:
        """Raises Left when the record goes to quarantine; nothing has changed then."""
        if record.geometry is None and not record.values:
            raise Left("empty-record")
        placed = record.geometry is not None
        self.references.resolve(record, origin, placed=placed)
        self._once(record)
        try:
            at = self._match(record, origin)
        except Left:
            self._note_code(record)
            raise
        if at is None:
            self._insert(record, origin)
        else:
            self._update(record, origin, at)
        self._seen(record)

    def _once(self, record: Record) -> None:
        """Each code and each content once in a file."""
        code = record.values.get("code")
        if code is not None and code in self._seen_codes:
            raise Left("duplicate" if self._seen_codes[code] == record.digest else "code-twice")
        if code is None and record.digest in self._seen_content:
            raise Left("duplicate")

    def _seen(self, record: Record) -> None:
        code = record.values.get("code")
        if code is None or is_derived(code):
            self._seen_content.add(record.digest)
        self._note_code(record)

    def _note_code(self, record: Record) -> None:
        """A code is met even where its record is left out over who it is: the next of that code must not become somebody else."""
        if "code" in record.values:
            self._seen_codes[record.values["code"]] = record.digest

    def fill(self, record: Record, origin: Origin, at: int) -> None:
        """A record that is known to mean the stored feature at this position."""
        self._update(record, origin, at)

    # Identity

    def _match(self, record: Record, origin: Origin) -> int | None:
        """The stored feature that a record means, by code, else by what it says, else by natural key; its code is settled on the way."""
        code = self._said_code(record)
        if code is None:
            self._clear(record, origin)
        if not self.existing.ids:
            return None
        at = self.existing.by_code.get(code if code is not None else content_code(self.layer.id, record.digest))
        if self.mode == "append":
            if at is not None:
                raise Left("code-exists")
            if (code is None or record.weak_code) and self._by_key(record, origin) is not None:
                raise Left("code-exists", _NAMED)
            return None
        if at is None:
            at = self._by_key(record, origin)
        if at is not None and at in self.matched:
            raise Left("name-twice", Text(f"与第 {self.matched[at]} 条记录是同一个对象", f"the same feature as record {self.matched[at]}"))
        return at

    def _said_code(self, record: Record) -> str | None:
        """The code of a record; one that a program gave and that fits a feature of another name says nothing and goes."""
        code: str | None = record.values.get("code")
        at = self.existing.by_code.get(code) if code is not None and record.weak_code else None
        if at is not None and self._contradicts(record.values, at):
            del record.values["code"]
            record.weak_code, code = False, None
        return code

    def _contradicts(self, values: Mapping[str, Any], at: int) -> bool:
        """A program's id that fits by chance: the names differ."""
        title = self._natural.title
        mine, theirs = values.get(title), self.existing.value(at, title)
        return mine is not None and theirs is not None and key(str(mine)) != key(str(theirs))

    def _by_key(self, record: Record, origin: Origin) -> int | None:
        wanted = self._natural.of(record.values)
        found = self.existing.like(wanted)
        if wanted is None or not found:
            return None
        one = self._one(record, origin, wanted, found)
        if one is None:
            column = origin.columns.get(self._natural.title, self._natural.title)
            record.problems.append(("name-ambiguous", column, REASONS["name-ambiguous"]))
            return None
        at, code = one, record.values.get("code")
        theirs = self.existing.value(at, "code")
        if code is not None and code != theirs and not record.weak_code and not self._yields(at):
            raise Left(
                "code-conflict",
                Text(f"同名对象的编号是“{theirs}”，不是“{code}”", f"the feature of this name has code '{theirs}', not '{code}'"),
            )
        return at

    def _clear(self, record: Record, origin: Origin) -> None:
        """Raises Left for a record whose name, with the same community and no code, stands several times in the file without places that differ."""
        wanted = self._natural.of(record.values) if origin.unclear else None
        if wanted is not None and self._natural.forms({**wanted, **record.said})[1] in origin.unclear:
            raise Left("name-twice")

    def _one(self, record: Record, origin: Origin, wanted: Mapping[str, str | None], found: list[int]) -> int | None:
        """The one of the stored features `found` that fit which is the record's for sure; None: the record is a feature of its own.

        Sure is what is sure seen from both sides, so that it does not matter which file came first: a name with all its parts that stands once in the
        file and once in the store, else a name that fits one stored feature, where that fits no other record of the file. Raises Left where both have several.
        """
        short, full = self._natural.forms({**wanted, **record.said})
        if not self.existing.exact(found[0], wanted):
            parts = {n: full[i] if n in record.said else self.existing.part(found[0], n) for i, n in enumerate(wanted)}
            theirs = self._natural.forms({n: None if v is None else str(v) for n, v in parts.items()})[1]
            rivals = sum(origin.full_keys[other] for other in origin.groups.get(short, ()) if self._natural.fit(other, theirs))
            return found[0] if len(found) == 1 and rivals <= 1 else None
        if origin.full_keys[full] > 1:
            if len(found) > 1:
                raise Left("name-ambiguous", _SEVERAL.format(n=len(found)))
            return None
        if len(found) == 1:
            return found[0]
        derived = {derived_code(self.layer.id, *short), derived_code(self.layer.id, *full)}
        own = [at for at in found if self.existing.value(at, "code") in derived]
        return own[0] if len(own) == 1 else None

    def _yields(self, at: int) -> bool:
        """Whether a stored code gives way to an office's own: it was derived, or came from an `id`-like column (then `extra` has it too)."""
        code = self.existing.value(at, "code")
        extra = self.existing.value(at, "extra") or {}
        return code is None or is_derived(code) or any(key(k) in WEAK_CODES and str(v) == code for k, v in extra.items())

    def _own_code(self, record: Record, origin: Origin) -> str:
        """For a new feature without a code: from its name while that is enough to tell it apart, else with the community, else from all it says."""
        wanted = self._natural.of(record.values)
        if wanted is None:
            if (
                self._natural.names
                and record.geometry is None
                and not any(n in record.values for n in (self.layer.title_field, *self.references.fields))
            ):
                raise Left("nameless")
            return content_code(self.layer.id, record.digest)
        self._same_name(record, self._natural.forms(wanted)[1])
        short, full = self._natural.forms({**wanted, **record.said})
        for parts, count in ((short, origin.titles[short]), (full, origin.full_keys[full])):
            code = derived_code(self.layer.id, *parts)
            if count <= 1 and not self._taken(code, wanted):
                return code
        return content_code(self.layer.id, record.digest)

    def _same_name(self, record: Record, full: tuple[str, ...]) -> None:
        """A second record of one natural key is a second feature only when both have places and these differ."""
        places = self._pending.setdefault(full, [])
        if places and (record.geometry is None or None in places or record.geometry in places):
            raise Left("name-twice")
        places.append(record.geometry)

    def _note_name(self, record: Record) -> None:
        """A record with a code or a stored feature of its own is a feature of its own; one of the same name without a code and a place is not another."""
        wanted = self._natural.of(record.values)
        if wanted is not None:
            self._pending.setdefault(self._natural.forms(wanted)[1], []).append(record.geometry)

    def _taken(self, code: str, wanted: Mapping[str, str | None]) -> bool:
        """Whether the code stands for another feature of that name; for the very same one it stays, and the record is then refused as being there."""
        if code in self._seen_codes:
            return True
        at = self.existing.by_code.get(code)
        return at is not None and at not in self.existing.like(wanted)

    # Writing

    def _insert(self, record: Record, origin: Origin) -> None:
        values = record.values
        if "code" in values:
            self._note_name(record)
        else:
            values["code"] = self._own_code(record, origin)
            if values["code"] in self._seen_codes or values["code"] in self.existing.by_code:
                raise Left("code-exists" if values["code"] in self.existing.by_code else "name-twice")
        missing = [f for f in self._required if values.get(f.name) is None]
        if missing:
            raise Left("required-missing", Text(f"缺“{missing[0].label.zh}”", f"{missing[0].label.en} is missing"))
        geometry = record.geometry
        if geometry is None:
            geometry = self.references.place(values)
            record.placed_by = "name" if geometry is not None else None
        values["source"] = source_of(values.get("source"), None, origin)
        values.setdefault("quality", "inferred" if record.placed_by else "declared")
        self.inserts.add({**values, "extra": record.extra}, geometry)
        tally = self._tally
        tally.inserted += 1
        tally.unplaced += geometry is None
        if geometry is not None:
            self.moved.add(values["code"])

    def _update(self, record: Record, origin: Origin, at: int) -> None:
        """Only what differs. A weak or derived code gives way to an office's own; cells that say nothing keep what is there (except in mode replace)."""
        existing = self.existing
        self._note_name(record)
        new = dict(record.values)
        theirs = existing.value(at, "code")
        if "code" not in new or (record.weak_code and theirs is not None):
            new["code"] = theirs
        elif theirs is not None and new["code"] != theirs:
            self.renamed[theirs] = new["code"]
        geometry, placed = record.geometry, record.geometry is not None
        merged = new if self.mode == "replace" else {**{n: existing.value(at, n) for n in self.references.fields}, **new}
        if not placed and (existing.geometry[at] is None or self.mode == "replace" or self.references.placed_here(at)):
            geometry = self.references.place(merged)
            record.placed_by = "name" if geometry is not None else None
        self._settle(new, record, origin, at, placed=placed)
        if self.mode == "replace":
            new = {**{f.name: None for f in self.layer.writable}, **new}
        else:
            self.references.follow_renames(new, merged)
        set_geometry = geometry != existing.geometry[at] and (geometry is not None or self.mode == "replace")
        changed = {name: value for name, value in new.items() if value != existing.value(at, name)}
        self.matched[at] = record.number
        existing.call(at, changed)
        self._write_update(at, changed, geometry, set_geometry)
        final = geometry if set_geometry else existing.geometry[at]
        self._tally.unplaced += final is None

    def _settle(self, new: dict[str, Any], record: Record, origin: Origin, at: int, *, placed: bool) -> None:
        """Source, quality and extra; in mode replace nothing of the old ones counts."""
        old = {} if self.mode == "replace" else {name: self.existing.value(at, name) for name in ("source", "quality", "extra")}
        new["source"] = source_of(new.get("source"), old.get("source"), origin)
        if "quality" not in new and (quality := quality_of(old.get("quality"), by_name=record.placed_by is not None, placed=placed)):
            new["quality"] = quality
        new["extra"] = extra_of(record, origin, old.get("extra") or {})
        if self.mode != "replace":
            end_estimates(self.layer, new, self.existing, at)

    def _write_update(self, at: int, changed: Mapping[str, Any], geometry: bytes | None, set_geometry: bool) -> None:
        tally = self._tally
        if not changed and not set_geometry:
            tally.unchanged += 1
            return
        tally.updated += 1
        version = self.existing.value(at, "version")
        self.updates.append(Update(self.existing.ids[at], version, changed, geometry if set_geometry else None, set_geometry))
        if set_geometry:
            self.moved.add(changed.get("code") or self.existing.value(at, "code"))

    # After the records

    def cascade(self, names: frozenset[str]) -> None:
        """Stored features that the file does not hold follow those they belong to, where these were moved, placed or got another code.

        `names`: reference fields whose target layer has changed.
        """
        count = 0
        for at in range(len(self.existing)):
            if at in self.matched or not any(self.existing.value(at, n) is not None for n in names):
                continue
            new: dict[str, Any] = {}
            merged = {n: self.existing.value(at, n) for n in self.references.fields}
            self.references.follow_renames(new, merged)
            merged |= new
            geometry = self.existing.geometry[at]
            if any(n in self.layer.place_by for n in names) and (geometry is None or self.references.placed_here(at)):
                went = followed(geometry, here=geometry is not None, place=self.references.place(merged))
                if went is not None and (went[0] is not None or self.references.there(merged)):
                    geometry, new["quality"] = went
            moved = geometry != self.existing.geometry[at]
            if new or moved:
                count += 1
                self.updates.append(
                    Update(self.existing.ids[at], self.existing.value(at, "version"), new, geometry if moved else None, moved)
                )
                if moved:
                    self.moved.add(self.existing.value(at, "code"))
        if count:
            self._tally.followed += count

    def deletes(self) -> list[tuple[int, int | None]]:
        """Mode replace: what the file does not hold goes; what may be one of its records that were left out stays."""
        if self.mode != "replace":
            return []
        gone = [(self.existing.ids[at], self.existing.value(at, "version")) for at in range(len(self.existing)) if self._goes(at)]
        self._tally.deleted = len(gone)
        return gone

    def spare(self, values: Mapping[str, Any]) -> None:
        """A record was left out: the stored features that it may mean, by code or by name, are held by the file all the same."""
        if self.mode != "replace":
            return
        said = {n: v for n, v in values.items() if n not in self.references.fields}
        at = self.existing.by_code.get(values.get("code") or "")
        self._spared.update(self.existing.maybe(said), () if at is None else (at,))

    def _goes(self, at: int) -> bool:
        return self.mode == "replace" and at not in self.matched and at not in self._spared

    def rows(self, names: Collection[str]) -> Iterator[tuple[Mapping[str, Any], bytes | None]]:
        """Every feature of the layer as it will be, with the fields `names`: what other layers' records may name."""
        changed = {u.id: u for u in self.updates}
        for at, id in enumerate(self.existing.ids):
            if self._goes(at):
                continue
            update = changed.get(id)
            row = {name: self.existing.value(at, name) for name in names}
            if update is not None:
                row |= {name: update.values[name] for name in names if name in update.values}
            yield row, update.geometry if update is not None and update.set_geometry else self.existing.geometry[at]
        for insert in self.inserts:
            yield insert, insert["geometry"]

    def close(self) -> None:
        self.inserts.close()
        self.updates.close()
