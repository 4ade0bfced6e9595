"""From the files of a job to its datasets: staged under names of ours, identified, unpacked, grouped, handed to the reader of their kind."""

from __future__ import annotations

import mmap
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import HostileFile, Text, TooLarge, UnreadableFile, UnsupportedFormat
from geo.formats import archive, doctor, gdal, own
from geo.formats.contract import ReadRequest
from geo.formats.limits import Limits

if TYPE_CHECKING:
    from geo.formats.dataset import Dataset

MAX_DATASETS = 100
Staged = Sequence[tuple[str, Path]]


LONGEST_NAME = 1000
"""Characters of a column's name."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the readers of a job share: `folder`: where they may write; `budget`: what its archives may still unpack."""

    folder: Path
    request: ReadRequest
    limits: Limits
    budget: archive.Budget


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a known kind: where its bytes are, what its owner calls it, all that lies beside it, the job's folder for it.

    `columns`: what its columns stand for, where an archive of our own says it.
    """

    kind: str
    path: Path
    name: str
    staged: Staged
    folder: Path
    note: Text | None = None
    columns: Mapping[str, str] | None = None


def datasets(files: Sequence[dict[str, str]], folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    """All datasets of the job's files (`path`: where the bytes are, `name`: what their owner calls them). Raises the Refused tree."""
    doctor.check_asked(request.encoding)
    job = Job(folder, request, limits, archive.Budget(limits.unpacked))
    staged = [(f["name"], _stage(Path(f["path"]), folder / f"in{i}", limits)) for i, f in enumerate(files)]
    known = _identified(staged, folder, job)
    drivers = dict.fromkeys(_DRIVERS[f.kind] for f in known if f.kind in _DRIVERS)
    if len(drivers) > 1:
        gdal.library(*drivers)
    found: list[Dataset] = []
    for each in known:
        opened = _READERS[each.kind](each, job)
        if opened and each.note:
            opened[0].note(each.note)
        for dataset in opened if each.columns else ():
            dataset.columns = [(each.columns or {}).get(c, c) for c in dataset.columns]
        found += opened
    if not found:
        raise UnreadableFile(Text("文件里没有可以读取的数据", "the file holds no data that can be read"))
    for dataset in found:
        dataset.check_size(limits)
        dataset.columns = _unique_columns(dataset.columns)
    if len(found) > MAX_DATASETS:
        raise TooLarge(Text(f"图层或工作表超过 {MAX_DATASETS} 个", f"more than {MAX_DATASETS} layers or sheets"))
    return _unique_names(found)


def _stage(source: Path, target: Path, limits: Limits) -> Path:
    """The file under a name of ours. A symbolic link before a hard one: through that, a child that was taken over could write into the original."""
    if source.is_symlink() or not source.is_file():
        raise UnreadableFile(Text("不是普通文件", "not a plain file"))
    if source.stat().st_size > limits.file:
        raise TooLarge(Text(f"文件超过 {limits.file // 1024 // 1024} MB", f"the file is larger than {limits.file // 1024 // 1024} MB"))
    for place in (os.symlink, os.link, shutil.copyfile):
        with suppress(OSError, NotImplementedError):
            place(source, target)
            return target
    raise UnreadableFile(Text("文件无法读取", "the file cannot be read"))


def _identified(staged: Staged, folder: Path, job: Job) -> list[Found]:
    """The files with data, those of archives among them, each with its kind."""
    out: list[Found] = []
    for name, path in staged:
        if _is_companion(name, [m for m, _ in staged]):
            continue
        kind = doctor.identify(path, name)
        out += _in_archive(name, path, job) if kind == doctor.ZIP else [Found(kind, path, name, staged, folder)]
    return out


def _is_companion(name: str, names: Sequence[str]) -> bool:
    """Whether a file only belongs to the shapefile of the same stem."""
    stem, ending = os.path.splitext(name)
    has_shape = any(os.path.splitext(n)[0].lower() == stem.lower() and n.lower().endswith(".shp") for n in names)
    return ending.lower() in (".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj") or (ending.lower() == ".dbf" and has_shape)


def _in_archive(name: str, path: Path, job: Job) -> list[Found]:
    inside = job.folder / f"{path.name}-unpacked"
    inside.mkdir()
    members = archive.unpack(path, inside, job.limits, job.budget, wanted=lambda n: not n.startswith("__MACOSX/") and "/." not in f"/{n}")
    members, columns = own.without_side_files(members)
    bases, others = _geodatabases(name, members, inside)
    known = [(n, p) for n, p in others if doctor.extension(n) in doctor.EXTENSIONS or _is_companion(n, [m for m, _ in others])]
    found = [replace(f, columns=columns) for f in (*bases, *_identified(known, inside, job))]
    if not found:
        endings = ", ".join(sorted({doctor.extension(n) or n for n, _ in members})[:10])
        raise UnsupportedFormat(
            Text(f"压缩包里没有支持的文件（有：{endings}）", f"the archive holds no supported file (it holds: {endings})")
        )
    left = len(others) - len(known)
    if left:
        note = Text(f"压缩包里另有 {left} 个文件未读取", f"{left} other files of the archive were not read")
        found[0] = replace(found[0], note=note)
    return found


def _geodatabases(name: str, members: Staged, inside: Path) -> tuple[list[Found], list[tuple[str, Path]]]:
    """The file geodatabases among the members, each put into a folder of its own under the names that its reader asks for, and the other files."""
    parts: dict[str, list[tuple[str, Path]]] = {}
    others: list[tuple[str, Path]] = []
    roots = {n.rpartition("/")[0] for n, _ in members if n.lower().endswith("a00000001.gdbtable")}
    for member, file in members:
        above, _, base = member.rpartition("/")
        if above not in roots:
            others.append((member, file))
        elif archive.is_geodatabase_part(member):
            parts.setdefault(above, []).append((base.lower(), file))
    found = []
    for number, (above, files) in enumerate(parts.items()):
        home = inside / f"base{number}.gdb"
        home.mkdir()
        for base, file in files:
            if (home / base).exists():
                raise HostileFile(Text("压缩包里有同名文件", "two files of the archive have the same name"))
            _move(file, home / base)
        title = above.rpartition("/")[2] or name
        found.append(Found(doctor.FILEGDB, home, re.sub(r"\.gdb\Z", "", title, flags=re.IGNORECASE), members, inside))
    return found, others


def _move(source: Path, target: Path) -> None:
    """Landlock before Linux 5.19 lets nothing be moved from one folder to another, not even within the job's own."""
    try:
        source.rename(target)
    except OSError:
        shutil.copyfile(source, target)
        source.unlink()


def _unique_columns(names: Sequence[str]) -> list[str]:
    """The names, those met again with a number behind. Raises HostileFile for one that is too long to be a name."""
    if any(len(n) > LONGEST_NAME - 10 for n in names):
        raise HostileFile(Text(f"列名超过 {LONGEST_NAME} 字", f"a column's name has more than {LONGEST_NAME} characters"))
    out: list[str] = []
    seen = set(names) if len(set(names)) < len(names) else set()
    met: set[str] = set()
    for name in names:
        unique, number = name, 2
        while unique in met or (unique != name and unique in seen):
            unique, number = f"{name} {number}", number + 1
        met.add(unique)
        out.append(unique)
    return out


def _unique_names(found: list[Dataset]) -> list[Dataset]:
    seen: set[str] = set()
    for dataset in found:
        base, number = dataset.name or "data", 2
        dataset.name = base
        while dataset.name in seen:
            dataset.name, number = f"{base} {number}", number + 1
        seen.add(dataset.name)
    return found


# --- one reader a kind: (file, job) → datasets


def _stem(name: str) -> str:
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    return base[: len(base) - len(doctor.extension(base))] or base


def _geojson(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import geojson

    path, asked = file.path, job.request.encoding
    data = path.read_bytes() if path.stat().st_size < 64 * 1024 * 1024 else _mapped(path)
    encoding = "utf-8"
    bom = bytes(data[:3])
    if bom.startswith((b"\xff\xfe", b"\xfe\xff")):
        data, encoding = _recoded(bytes(data[:]), "utf-16"), "UTF-16"
    elif bom == b"\xef\xbb\xbf":
        data = data[3:]
    elif (asked or not doctor.decodes([data], "utf-8")) and (
        picked := doctor.pick_encoding([bytes(data[:400])], asked=asked, whole=bytes(data[:]))
    ):
        encoding = picked.name
        data = _recoded(bytes(data[:]), encoding)
    return [geojson.dataset(data, _stem(file.name), job.limits, encoding=doctor.shown(encoding))]


def _recoded(data: bytes, encoding: str) -> bytes:
    """The text in UTF-8. Raises UnreadableFile when it is not strictly in `encoding`: what cannot be read must not be stored as question marks."""
    try:
        return data.decode(encoding).encode()
    except UnicodeError:
        said = doctor.shown(encoding)
        fit = ", ".join(doctor.shown(n) for n in ("utf-8", "gb18030", "big5hkscs") if n != encoding and doctor.decodes([data], n))
    zh = f"可以用：{fit}" if fit else "常用的编码都不合适，文件可能已损坏"
    en = f"these fit: {fit}" if fit else "none of the usual ones fits: it may be damaged"
    raise UnreadableFile(Text(f"文字不是 {said} 编码，请用 --encoding 指定；{zh}", f"the text is not {said}: say --encoding; {en}"))


def _mapped(path: Path) -> Any:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _csv(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import delimited

    return [delimited.dataset(file.path, _stem(file.name), job.limits, asked=job.request.encoding)]


def _workbook(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import tables

    return tables.datasets(file.path, _stem(file.name), job.limits)


def _shapefile(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import shapefile

    place = file.folder / f"{file.path.name}-shape"
    place.mkdir()
    stem = os.path.splitext(file.name)[0].lower()
    for other, path in file.staged:
        base, ending = os.path.splitext(other)
        if base.lower() == stem and ending.lower() in doctor.COMPANIONS:
            _link(path, place / f"data{ending.lower()}")
    _link(file.path, place / "data.shp")
    return [shapefile.dataset(place / "data.shp", _stem(file.name), asked=job.request.encoding)]


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _dbf(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import shapefile

    stem = os.path.splitext(file.name)[0].lower()
    table = file.folder / f"{file.path.name}-table.dbf"
    _link(file.path, table)
    for other, path in file.staged:
        if os.path.splitext(other)[0].lower() == stem and other.lower().endswith(".cpg"):
            _link(path, table.with_suffix(".cpg"))
    return [shapefile.table_only(table, _stem(file.name), asked=job.request.encoding)]


def _gpkg(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import gpkg

    return gpkg.datasets(file.path, job.limits)


def _osm(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import osm

    return osm.datasets(file.path, doctor.extension(file.name), job.request, job.limits)


def _kml(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import kml

    return kml.datasets(file.path, _stem(file.name), file.folder, job.request, job.limits)


def _kmz(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import kml

    return kml.from_archive(file.path, _stem(file.name), file.folder, job.request, job.limits, job.budget)


def _gpx(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import gpx

    return gpx.datasets(file.path, _stem(file.name), file.folder, job.request, job.limits)


def _flatgeobuf(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import flatgeobuf

    return [flatgeobuf.dataset(file.path, _stem(file.name), job.limits)]


def _filegdb(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import filegdb

    return filegdb.datasets(file.path, file.name, job.limits)


def _parquet(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import parquet

    return [parquet.dataset(file.path, _stem(file.name), job.limits)]


def _dxf(file: Found, job: Job) -> list[Dataset]:
    from geo.formats import dxf

    return dxf.datasets(file.path, _stem(file.name), job.request, job.limits)


_READERS: dict[str, Callable[[Found, Job], list[Dataset]]] = {
    doctor.GEOJSON: _geojson,
    doctor.CSV: _csv,
    doctor.WORKBOOK: _workbook,
    doctor.SHAPEFILE: _shapefile,
    doctor.DBF: _dbf,
    doctor.GPKG: _gpkg,
    doctor.OSM: _osm,
    doctor.KML: _kml,
    doctor.KMZ: _kmz,
    doctor.GPX: _gpx,
    doctor.FLATGEOBUF: _flatgeobuf,
    doctor.FILEGDB: _filegdb,
    doctor.PARQUET: _parquet,
    doctor.DXF: _dxf,
}

_DRIVERS = {doctor.SHAPEFILE: "ESRI Shapefile", doctor.FLATGEOBUF: "FlatGeobuf", doctor.FILEGDB: "OpenFileGDB"}
"""The driver of GDAL that a kind is read with; the other kinds are read without GDAL."""
