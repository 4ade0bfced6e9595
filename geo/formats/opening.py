"""From the files of a job to its datasets: staged under names of ours, identified, unpacked, grouped, handed to the reader of their kind."""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import Text, TooLarge, UnreadableFile, UnsupportedFormat
from geo.formats import archive, doctor
from geo.formats.contract import ReadRequest
from geo.formats.limits import Limits

if TYPE_CHECKING:
    from geo.formats.dataset import Dataset

MAX_DATASETS = 100


def datasets(files: Sequence[dict[str, str]], folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    """All datasets of the job's files (`path`: where the bytes are, `name`: what their owner calls them). Raises the Refused tree."""
    doctor.check_asked(request.encoding)
    staged = [(f["name"], _stage(Path(f["path"]), folder / f"in{i}", limits)) for i, f in enumerate(files)]
    found = _open_all(staged, folder, request, limits)
    if not found:
        raise UnreadableFile(Text("文件里没有可以读取的数据", "the file holds no data that can be read"))
    for dataset in found:
        dataset.check_size(limits)
    if len(found) > MAX_DATASETS:
        raise TooLarge(Text(f"图层或工作表超过 {MAX_DATASETS} 个", f"more than {MAX_DATASETS} layers or sheets"))
    return _unique_names(found)


def _stage(source: Path, target: Path, limits: Limits) -> Path:
    if source.is_symlink() or not source.is_file():
        raise UnreadableFile(Text("不是普通文件", "not a plain file"))
    if source.stat().st_size > limits.file:
        raise TooLarge(Text(f"文件超过 {limits.file // 1024 // 1024} MB", f"the file is larger than {limits.file // 1024 // 1024} MB"))
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target


def _open_all(staged: Sequence[tuple[str, Path]], folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    main = [(n, p) for n, p in staged if not _is_companion(n, [m for m, _ in staged])]
    out: list[Dataset] = []
    for name, path in main:
        kind = doctor.identify(path, name)
        if kind == doctor.ZIP:
            out += _from_archive(name, path, folder, request, limits)
        else:
            out += _READERS[kind](path, name, staged, folder, request, limits)
    return out


def _is_companion(name: str, names: Sequence[str]) -> bool:
    """Whether a file only belongs to the shapefile of the same stem."""
    stem, ending = os.path.splitext(name)
    has_shape = any(os.path.splitext(n)[0].lower() == stem.lower() and n.lower().endswith(".shp") for n in names)
    return ending.lower() in (".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj") or (ending.lower() == ".dbf" and has_shape)


def _from_archive(name: str, path: Path, folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    inside = folder / f"{path.name}-unpacked"
    inside.mkdir()
    members = [(n, p) for n, p in archive.unpack(path, inside, limits) if not n.startswith("__MACOSX/") and "/." not in f"/{n}"]
    known = [(n, p) for n, p in members if doctor.extension(n) in doctor.EXTENSIONS or _is_companion(n, [m for m, _ in members])]
    if not any(not _is_companion(n, [m for m, _ in known]) for n, _ in known):
        endings = ", ".join(sorted({doctor.extension(n) or n for n, _ in members})[:10])
        raise UnsupportedFormat(
            Text(f"压缩包里没有支持的文件（有：{endings}）", f"the archive holds no supported file (it holds: {endings})")
        )
    found = _open_all(known, inside, request, limits)
    left = len(members) - len(known)
    if left and found:
        found[0].note(Text(f"压缩包里另有 {left} 个文件未读取", f"{left} other files of the archive were not read"))
    return found


def _unique_names(found: list[Dataset]) -> list[Dataset]:
    seen: set[str] = set()
    for dataset in found:
        base, number = dataset.name or "data", 2
        dataset.name = base
        while dataset.name in seen:
            dataset.name, number = f"{base} {number}", number + 1
        seen.add(dataset.name)
    return found


# --- one reader a kind: (file, name, all files of the job, folder, request, limits) → datasets

Staged = Sequence[tuple[str, Path]]


def _stem(name: str) -> str:
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    return base[: len(base) - len(doctor.extension(base))] or base


def _geojson(path: Path, name: str, staged: Staged, folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    from geo.formats import geojson

    data = path.read_bytes() if path.stat().st_size < 64 * 1024 * 1024 else _mapped(path)
    encoding = "utf-8"
    bom = bytes(data[:3])
    if bom.startswith((b"\xff\xfe", b"\xfe\xff")):
        data, encoding = _recoded(bytes(data[:]), "utf-16"), "UTF-16"
    elif bom == b"\xef\xbb\xbf":
        data = data[3:]
    elif (request.encoding or not doctor.decodes([data], "utf-8")) and (
        picked := doctor.pick_encoding([bytes(data[:400])], asked=request.encoding, whole=bytes(data[:]))
    ):
        encoding = picked.name
        data = _recoded(bytes(data[:]), encoding)
    return [geojson.dataset(data, _stem(name), limits, encoding=doctor.shown(encoding))]


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


def _csv(path: Path, name: str, staged: Staged, folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    from geo.formats import delimited

    return [delimited.dataset(path, _stem(name), limits, asked=request.encoding)]


def _workbook(path: Path, name: str, staged: Staged, folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    from geo.formats import tables

    return tables.datasets(path, _stem(name), limits)


def _shapefile(path: Path, name: str, staged: Staged, folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    from geo.formats import shapefile

    place = folder / f"{path.name}-shape"
    place.mkdir()
    stem = os.path.splitext(name)[0].lower()
    for other, file in staged:
        base, ending = os.path.splitext(other)
        if base.lower() == stem and ending.lower() in doctor.COMPANIONS:
            _link(file, place / f"data{ending.lower()}")
    _link(path, place / "data.shp")
    return [shapefile.dataset(place / "data.shp", _stem(name), asked=request.encoding)]


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _dbf(path: Path, name: str, staged: Staged, folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    from geo.formats import shapefile

    stem = os.path.splitext(name)[0].lower()
    table = folder / f"{path.name}-table.dbf"
    _link(path, table)
    for other, file in staged:
        if os.path.splitext(other)[0].lower() == stem and other.lower().endswith(".cpg"):
            _link(file, table.with_suffix(".cpg"))
    return [shapefile.table_only(table, _stem(name), asked=request.encoding)]


def _gpkg(path: Path, name: str, staged: Staged, folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    from geo.formats import gpkg

    return gpkg.datasets(path, limits)


def _osm(path: Path, name: str, staged: Staged, folder: Path, request: ReadRequest, limits: Limits) -> list[Dataset]:
    from geo.formats import osm

    return osm.datasets(path, doctor.extension(name), request, limits)


Reader = Callable[[Path, str, Staged, Path, ReadRequest, Limits], "list[Dataset]"]
_READERS: dict[str, Reader] = {
    doctor.GEOJSON: _geojson,
    doctor.CSV: _csv,
    doctor.WORKBOOK: _workbook,
    doctor.SHAPEFILE: _shapefile,
    doctor.DBF: _dbf,
    doctor.GPKG: _gpkg,
    doctor.OSM: _osm,
}
