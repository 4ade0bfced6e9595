"""A filled-in to-do list comes back: every filled cell becomes the value of the field of the feature that its row names, or is left out with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from geo.errors import BadValue, Text
from geo.gaps.listed import columns_of
from geo.gaps.numbers import GEOMETRY
from geo.gaps.words import PLACE, WHOLE_LAYER, layer_label
from geo.imports.account import Account
from geo.imports.convert import Converter
from geo.imports.job import Job
from geo.imports.masking import Mask
from geo.imports.options import ImportOptions
from geo.imports.plan import Part, Plan
from geo.imports.records import Left, Origin, Record
from geo.imports.staging import RawRecord, Staged, stage_like
from geo.schema import Field, Layer
from geo.store.contract import Snapshot, Write
from geo.templates import SHEETS
from geo.values import PLAIN, Parsed, parse
from geo.values.personal import mask_numbers
from geo.values.text import as_text, key

_CODE = "code"
_UNKNOWN = "unknown"

_EMPTY = Text("清单中 {n} 行没有填写，未改动数据", "{n} rows of the list were left empty and change nothing")
_COUNTED = Text("填报清单：{cells} 项填入 {features} 个对象", "filled list: {cells} values for {features} features")
_CHANGED = Text(
    "{n} 项所在的对象在导出清单之后改过，所填字段未变，已照填",
    "{n} values are of features that were changed after the list was made; their fields were not, so they were taken",
)
_AS_EDIT = Text("示例数据：按编辑写入，不留导入记录", "made-up data: written as an edit, without a record of the import")
_MODE = Text("填报清单只补充登记，请用 upsert 方式导入", "a to-do list only fills in what is missing: import it in mode upsert")


def is_list(data: Staged) -> bool:
    """Whether a dataset is a to-do list, by its headings."""
    return bool(columns_of(data.columns))


def list_plan(datasets: Sequence[Staged], options: ImportOptions, layers: Mapping[str, Layer]) -> Plan:
    """One part for each layer that filled rows name. Sheets that are no list, and rows that name no layer, are said as skipped. Raises BadValue."""
    if options.mode != "upsert":
        raise BadValue(_MODE, field="mode", choices=["upsert"])
    plan, empty = Plan([]), 0
    ids = {key(name): layer.id for layer in layers.values() for name in (layer.id, layer.label.zh, layer.label.en)}
    for data in datasets:
        name, columns = data.header.name, columns_of(data.columns)
        if not columns and len(data.records) and name not in SHEETS:
            plan.skipped[name] = len(data.records)
        parts: dict[str, Staged] = {}
        for raw in data.records if columns else ():
            if as_text(raw.row.get(columns["filled"])) is None:
                empty += 1
            elif (layer := ids.get(key(as_text(raw.row.get(columns["layer"])) or ""))) is None:
                plan.skipped[name] = plan.skipped.get(name, 0) + 1
            else:
                part = parts.setdefault(layer, stage_like(data))
                part.add((raw.number, raw.row, raw.problem, raw.repairs), None)
        plan.parts += [Part(part, layers[id], {}, [], Converter(layers[id], {}, {}), code_column=False) for id, part in parts.items()]
    if empty:
        plan.notes.append(_EMPTY.format(n=empty))
    return plan


@dataclass(slots=True)
class _Filled:
    """What the cells of one feature say: field → value, and what follows from it for other fields."""

    number: int
    said: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    follows: dict[str, Any] = field(default_factory=dict)


class FilledJob(Job):
    """One attempt to settle filled lists against the store as it stands. A demo stays a demo: there it is an edit."""

    def _read(self) -> Snapshot | None:
        demo, self.demo = self.demo, False
        try:
            return super()._read()
        finally:
            self.demo = demo

    def run(self, *, actor: str, now: str, **more: Any) -> Account:
        if self.demo and not self.options.dry_run:
            return self._edit(actor=actor, now=now)
        if self.demo or not self.plan.parts:
            self._settle_all()
            return self.account
        return super().run(actor=actor, now=now, **more)

    def _edit(self, *, actor: str, now: str) -> Account:
        if writes := self._settle_all():
            self.account.revision = self.store.edit(writes, actor=actor, now=now, reason=mask_numbers(self.options.file_name)).revision
            self.account.notes.append(_AS_EDIT)
        return self.account

    def _settle_all(self) -> list[Write]:
        for part in self.plan.parts:
            self._settle(part)
        for layer in self.layers:
            self._cascade(layer)
        self.account.quarantined = list(self.quarantined)
        return self._writes()

    def _settle(self, part: Part) -> None:
        features, changed, cells = _Cells(self, part), 0, 0
        mask = Mask(part.layer, {}, part.data.columns, part.data.suspects)
        for raw in part.data.records:
            self._step()
            raw = RawRecord(raw.number, raw.row, None, raw.problem, raw.repairs)
            try:
                taken = features.take(raw)
            except Left as left:
                self._quarantine(part, RawRecord(raw.number, mask.row(raw.row), None, raw.problem, raw.repairs), left)
                continue
            changed, cells = changed + taken.changed, cells + 1
            self._count(part, taken.record, raw.row)
        features.write()
        if changed:
            self.account.notes.append(_CHANGED.format(n=changed))
        if cells:
            said = _COUNTED.format(cells=cells, features=len(features.filled))
            label = layer_label(part.layer.id)
            self.account.notes.append(Text(f"{label.zh}：{said.zh}", f"{label.en}: {said.en}"))


@dataclass(frozen=True, slots=True)
class _Taken:
    """`changed`: the feature was changed after the list was made."""

    record: Record
    changed: bool


class _Cells:
    """The filled cells of one layer on their way to their features."""

    def __init__(self, job: FilledJob, part: Part) -> None:
        self.job, self.part, self.layer = job, part, part.layer
        self.columns = columns_of(part.data.columns)
        self.existing, self.target = job.existing(part.layer.id), job.target(part.layer.id)
        self.at_id = {id: at for at, id in enumerate(self.existing.ids)}
        self.fields = {key(name): f for f in self.layer.writable if f.type != "json" for name in (f.label.en, f.label.zh, f.name)}
        self.origin = Origin(
            mask_numbers(job.options.file_name or part.data.header.name), {f.name: f.label.zh for f in self.layer.writable}
        )
        self.filled: dict[int, _Filled] = {}

    def take(self, raw: RawRecord) -> _Taken:
        """Keeps what one row says. Raises Left."""
        if raw.problem is not None:
            raise Left(raw.problem[0], Text(raw.problem[1], raw.problem[2]))
        declared, at = self._field(raw), self._feature(raw)
        parsed = self._value(raw, declared)
        record = Record(raw.number, {declared.name: parsed.value}, {}, None, b"")
        self._refer(record, declared, at)
        value = record.values[declared.name]
        changed = self._unchanged(raw, declared, at, value)
        one = self.filled.setdefault(at, _Filled(raw.number))
        if declared.name in one.said:
            same = one.said[declared.name] == value
            raise Left("duplicate" if same else "filled-twice")
        one.said[declared.name] = value
        if value != self.existing.value(at, declared.name):
            one.values[declared.name] = value
            one.follows |= parsed.extra
        if parsed.note is not None:
            record.repairs.append(parsed.note)
            record.marks.append((parsed.note, self.columns["filled"]))
        return _Taken(record, changed)

    def write(self) -> None:
        """One update for each feature that now says something else."""
        for at, one in self.filled.items():
            if one.values:
                self.target.fill(Record(one.number, {**one.follows, **one.values}, {}, None, b""), self.origin, at)
            else:
                self.job.account.tally(self.layer.id).unchanged += 1

    def _cell(self, raw: RawRecord, name: str) -> str | None:
        column = self.columns.get(name)
        return None if column is None else as_text(raw.row.get(column))

    def _field(self, raw: RawRecord) -> Field:
        said = self._cell(raw, "field") or ""
        if key(said) in {key(name) for text in (PLACE, WHOLE_LAYER) for name in (text.zh, text.en, GEOMETRY)}:
            raise Left("not-by-list")
        found = self.fields.get(key(said))
        if found is None or found.name == _CODE:
            label = self.layer.label
            raise Left("no-such-field", Text(f"{label.zh}没有可填的字段“{said[:40]}”", f"{label.en}: no field '{said[:40]}' to fill in"))
        return found

    def _feature(self, raw: RawRecord) -> int:
        """By its code, where it has one; a feature without one by its number, as long as it is called the same. A code and a number of two different
        features are of a list whose columns were sorted apart."""
        code, id = self._cell(raw, "code"), self._cell(raw, "id")
        coded = self.existing.by_code.get(code) if code is not None else None
        at = self.at_id.get(int(id)) if id is not None and id.isascii() and id.isdigit() and len(id) < 16 else None
        if coded is not None and at not in (None, coded):
            raise Left(
                "feature-gone", Text(f"编号 {code} 与序号 {id} 不是同一个对象", f"code {code} and number {id} are two different features")
            )
        if coded is not None:
            return coded
        if at is None or self.existing.value(at, "code") is not None:
            raise Left("feature-gone")
        name = self.existing.value(at, self.layer.title_field) if self.layer.field("name") is None else self.existing.value(at, "name")
        said = self._cell(raw, "name")
        if said is not None and name is not None and key(str(name)) != key(said):
            raise Left("feature-gone", Text(f"序号 {id} 现在是“{name}”", f"feature {id} is '{name}' now"))
        return at

    def _value(self, raw: RawRecord, declared: Field) -> Parsed:
        """What the cell says. Raises Left with the sentence of what the field cannot take."""
        cell = raw.row[self.columns["filled"]]
        parsed = parse(declared, cell, PLAIN)
        if parsed.problem is not None:
            raise Left(parsed.note or "value-unreadable", parsed.problem)
        if parsed.value is None:
            raise Left(
                "value-unreadable", Text(f"“{as_text(cell)}”没有说明什么：不清楚请留空", f"'{as_text(cell)}' says nothing: leave it empty")
            )
        if declared.type == "text" and declared.public:
            return Parsed(mask_numbers(str(parsed.value)), parsed.extra, parsed.note)
        return parsed

    def _refer(self, record: Record, declared: Field, at: int) -> None:
        """A field that names another feature takes its code; its name will do, within the compound that the feature belongs to. Raises Left."""
        if declared.refers is None:
            return
        known = {
            name: code
            for name, other in self.target.references.fields.items()
            if name != declared.name and (code := self.existing.value(at, name)) in self.job.existing(other).by_code
        }
        asked = Record(record.number, {**known, **record.values}, {}, None, b"")
        self.target.references.resolve(asked, self.origin, placed=True)
        if declared.name not in asked.values:
            reason, _, sentence = next(p for p in asked.problems if p[1] == declared.label.zh)
            raise Left(reason, sentence)
        record.values[declared.name] = asked.values[declared.name]

    def _unchanged(self, raw: RawRecord, declared: Field, at: int, value: Any) -> bool:
        """Whether the feature was changed since, elsewhere than in this field. Raises Left where the field itself says something else by now."""
        now, was = self.existing.value(at, declared.name), self._cell(raw, "present")
        version = self._cell(raw, "version")
        before = parse(declared, raw.row.get(self.columns["present"]), PLAIN).value if was is not None else None
        if now not in (None, _UNKNOWN, value, before):
            shown = declared.choice(str(now)) if declared.type == "choice" else None
            zh, en = (shown.label.zh, shown.label.en) if shown else (str(now), str(now))
            raise Left(
                "filled-since",
                Text(f"“{declared.label.zh}”已登记为“{zh}”，没有改动", f"'{declared.label.en}' is '{en}' by now and was left alone"),
            )
        return version is not None and version != str(self.existing.value(at, "version"))
