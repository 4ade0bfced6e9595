"""Archives opened without trusting a word of them: the directory is checked first, then every byte is counted while it is unpacked."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from geo.errors import HostileFile, Text, TooLarge, UnreadableFile
from geo.formats.limits import Limits

MAX_NAME = 120
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz")
_BLOCK = 1024 * 1024
_GEODATABASE_PART = re.compile(
    r"(?:.*/)?(?:a[0-9a-f]{8}\.(?:gdbtable|gdbtablx|gdbindexes|freelist|horizon|spx|[\w-]{1,40}\.atx)|gdb|timestamps)\Z", re.IGNORECASE
)
"""The files that a file geodatabase is made of. Each of its tables has at least four."""


@dataclass(slots=True)
class Budget:
    """Bytes that all archives of a job together may still unpack: an archive inside an archive does not begin anew."""

    left: int


def is_geodatabase_part(name: str) -> bool:
    return _GEODATABASE_PART.match(name) is not None


def check(path: Path, limits: Limits, *, office: bool = False) -> list[zipfile.ZipInfo]:
    """The files of a zip, decided on its directory alone. `office`: a workbook or KMZ, which has more and better packed parts.

    Raises HostileFile, TooLarge, UnreadableFile.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [e for e in archive.infolist() if not e.is_dir()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        raise UnreadableFile(Text("压缩包已损坏", "the archive is damaged")) from None
    counted = sum(not is_geodatabase_part(e.filename) for e in entries)
    if max(counted, len(entries) // 10) > limits.entries * (10 if office else 1):
        raise TooLarge(Text(f"压缩包里超过 {limits.entries} 个文件", f"more than {limits.entries} files in the archive"))
    names = [e.filename for e in entries]
    if len(set(names)) < len(names):
        raise HostileFile(Text("压缩包里有同名文件", "two files of the archive have the same name"))
    for entry in entries:
        _check_entry(entry, office)
    total, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if total > limits.unpacked or any(e.file_size > limits.unpacked for e in entries):
        raise TooLarge(Text("压缩包解开后太大", "the archive is too large when unpacked"))
    if total > 10 * 1024 * 1024 and total > limits.ratio * max(packed, 1):
        raise HostileFile(Text("压缩比异常", "the archive is packed suspiciously well"))
    return entries


def _check_entry(entry: zipfile.ZipInfo, office: bool) -> None:
    name = entry.filename
    parts = name.replace("\\", "/").split("/")
    if name.startswith("/") or "\\" in name or ":" in name or ".." in parts or any(ord(c) < 32 for c in entry.orig_filename):
        raise HostileFile(Text("压缩包里有越出目录的文件名", "a file name in the archive leaves its folder"))
    if len(name) > (MAX_NAME if not office else 400):
        raise HostileFile(Text("压缩包里有过长的文件名", "a file name in the archive is too long"))
    if (entry.external_attr >> 16) & 0o170000 == 0o120000:
        raise HostileFile(Text("压缩包里有符号链接", "the archive holds a symbolic link"))
    if entry.flag_bits & 0x1:
        raise UnreadableFile(Text("压缩包有密码，请去掉密码后再导入", "the archive has a password: pack it without one"))
    if not office and name.lower().endswith(_ARCHIVES):
        raise HostileFile(Text("压缩包里还有压缩包", "the archive holds another archive"))


def name_of(entry: zipfile.ZipInfo) -> str:
    """The name as its maker wrote it: Chinese Windows packs GBK names without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def unpack(
    path: Path,
    folder: Path,
    limits: Limits,
    budget: Budget,
    *,
    office: bool = False,
    wanted: Callable[[str], bool] = lambda name: True,
) -> list[tuple[str, Path]]:
    """(name in the archive, file in `folder` under a name of ours) for every `wanted` file; headers lie, so bytes are counted again."""
    entries = check(path, limits, office=office)
    out = []
    with zipfile.ZipFile(path) as archive:
        for number, entry in enumerate(entries):
            name = name_of(entry)
            if wanted(name):
                target = folder / f"part{number}"
                budget.left -= _unpack_one(archive, entry, target, budget.left)
                out.append((name, target))
    return out


def _unpack_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    written = 0
    try:
        with archive.open(entry) as source, target.open("wb") as sink:
            while block := source.read(_BLOCK):
                written += len(block)
                if written > entry.file_size:
                    raise HostileFile(Text("压缩包里的文件比它所说的大", "a file of the archive is larger than it says"))
                if written > left:
                    raise TooLarge(Text("压缩包解开后太大", "the archive is too large when unpacked"))
                sink.write(block)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, OSError, RuntimeError) as error:
        raise UnreadableFile(Text("压缩包已损坏", "the archive is damaged")) from error
    return written
