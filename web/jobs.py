"""Uploads that are worked on in the background: few at a time, in files that only this process knows, gone when done with."""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from geo.errors import BadValue, Conflict, NotFound, Text, TooMany, YuantuError
from geo.formats.limits import WEB, Limits
from geo.imports import ImportOptions, import_file, inspect_file
from web.services import ACTOR

if TYPE_CHECKING:
    from web.services import Services

log = logging.getLogger(__name__)

_EXTENSION = re.compile(r"((?:\.osm|\.shp)?\.[a-z0-9]{1,10})\Z")
_BUSY = ("inspecting", "importing")
_STALE_S = 24 * 3600


class Part(Protocol):
    """One file of a form."""

    filename: str | None

    def save(self, dst: Any, /) -> None: ...


@dataclass
class Job:
    """One upload. `state`: inspecting, ready, importing, done, refused or failed. `error` is kept untranslated."""

    id: str
    folder: Path
    path: Path
    file_name: str
    state: str = "inspecting"
    progress: tuple[int, int] | None = None
    inspection: Mapping[str, Any] | None = None
    account: Mapping[str, Any] | None = None
    error: YuantuError | None = None
    touched: float = field(default_factory=time.monotonic)

    @property
    def busy(self) -> bool:
        return self.state in _BUSY

    @property
    def has_file(self) -> bool:
        return self.folder.exists()


class Jobs:
    """Thread-safe. At most `upload_running` are worked on at once and `upload_queued` kept; ids cannot be guessed."""

    def __init__(self, here: Services, *, limits: Limits | None = None) -> None:
        settings = here.settings
        self._here = here
        self._limits = limits or replace(WEB, file=settings.upload_mb << 20)
        self._most, self._keep_s = settings.upload_queued, settings.upload_keep * 60
        self._root = settings.instance / "uploads"
        self._root.mkdir(parents=True, exist_ok=True)
        self._pool = ThreadPoolExecutor(settings.upload_running, thread_name_prefix="import")
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        _remove_stale(self._root)

    def add(self, parts: Sequence[Part], options: ImportOptions) -> Job:
        """Keep the parts of one upload and start looking at them. Raises BadValue, TooMany."""
        names = [original_name(p.filename) for p in parts]
        main = _main_part(names)
        with self._lock:
            self._make_room()
            job = self._new(names[main])
        try:
            for part, name in zip(parts, names, strict=True):
                part.save(job.folder / f"upload{extension(name)}")
        except BaseException:
            self.remove(job.id)
            raise
        self._run(job, lambda: self._inspect(job, replace(options, file_name=job.file_name)))
        return job

    def get(self, id: str) -> Job:
        """Raises NotFound."""
        job = self._jobs.get(id)
        if job is None:
            raise NotFound(Text("没有这个上传，或已过期：请重新上传", "there is no such upload, or it has expired: upload the file again"))
        job.touched = time.monotonic()
        return job

    def start_import(self, id: str, options: ImportOptions) -> Job:
        """Import what was inspected. Raises Conflict while the job is busy or when its file is gone."""
        job = self.get(id)
        with self._lock:
            if job.busy:
                raise Conflict(Text("正在处理，请稍候", "it is being worked on; wait a moment"), state=job.state)
            if not job.has_file or job.inspection is None:
                raise Conflict(Text("文件已不在：请重新上传", "the file is gone: upload it again"), state=job.state)
            job.state, job.progress, job.error, job.account = "importing", None, None, None
        self._run(job, lambda: self._import(job, replace(options, file_name=job.file_name)))
        return job

    def remove(self, id: str) -> None:
        """Forget a job and its files. Raises NotFound, and Conflict while it is being imported."""
        job = self.get(id)
        with self._lock:
            if job.state == "importing":
                raise Conflict(Text("正在导入，不能取消", "it is being imported and cannot be taken back now"), state=job.state)
            self._forget(job)

    # ------------------------------------------------------------ inside

    def _new(self, file_name: str) -> Job:
        id = secrets.token_urlsafe(18)
        folder = self._root / id
        folder.mkdir(mode=0o700)
        job = Job(id, folder, folder / f"upload{extension(file_name)}", file_name)
        self._jobs[id] = job
        return job

    def _make_room(self) -> None:
        """Drop what has waited too long, then the longest idle. Raises TooMany when all are being worked on."""
        now = time.monotonic()
        for job in [j for j in self._jobs.values() if not j.busy and now - j.touched > self._keep_s]:
            self._forget(job)
        idle = sorted((j for j in self._jobs.values() if not j.busy), key=lambda j: j.touched)
        while len(self._jobs) >= self._most and idle:
            self._forget(idle.pop(0))
        if len(self._jobs) >= self._most:
            raise TooMany(Text("排队的上传太多，请稍后再试", "too many uploads are waiting; try again in a moment"), queued=len(self._jobs))

    def _forget(self, job: Job) -> None:
        self._jobs.pop(job.id, None)
        shutil.rmtree(job.folder, ignore_errors=True)

    def _run(self, job: Job, work: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                work()
            except YuantuError as error:
                job.error, job.state = error, "refused" if error.status < 500 else "failed"
            except Exception:
                log.exception("an upload broke")
                job.error, job.state = (
                    YuantuError(Text("程序出错了，已记入日志；数据没有改动", "something broke and was logged; no data was changed")),
                    "failed",
                )
            finally:
                job.touched = time.monotonic()
                if job.id not in self._jobs or (job.inspection is None and not job.busy):
                    shutil.rmtree(job.folder, ignore_errors=True)

        self._pool.submit(guarded)

    def _inspect(self, job: Job, options: ImportOptions) -> None:
        found = inspect_file(job.path, options, self._here.frames, self._here.layers, limits=self._limits, store=self._here.store)
        job.inspection = found.to_json()
        job.state = "ready"

    def _import(self, job: Job, options: ImportOptions) -> None:
        here = self._here

        def progress(done: int, total: int) -> None:
            job.progress = (done, total)

        account = import_file(
            job.path,
            options,
            store=here.store,
            frames=here.frames,
            layers=here.layers,
            actor=ACTOR,
            now=here.now(),
            limits=self._limits,
            progress=progress,
        )
        job.account = account.to_json()
        if not options.dry_run:
            shutil.rmtree(job.folder, ignore_errors=True)
        job.state = "done"


def original_name(name: str | None) -> str:
    """The file's own name without folders and control characters: text only, never a path on this machine."""
    last = re.split(r"[/\\]", name or "")[-1]
    return "".join(c for c in last if ord(c) >= 32)[:255] or "upload"


def extension(name: str) -> str:
    """The ending to store a part under, in lower case: ".osm.pbf", ".shp"; ".bin" when there is none that can be one."""
    match = _EXTENSION.search(name.lower())
    return match[1] if match else ".bin"


def _main_part(names: Sequence[str]) -> int:
    """Which part is the file, the others being its companions. Raises BadValue when they do not belong together."""
    if not names:
        raise BadValue(Text("没有文件", "there is no file"), field="files")
    endings = [extension(n) for n in names]
    if len(names) == 1:
        return 0
    stems = {n.lower().removesuffix(e) for n, e in zip(names, endings, strict=True)}
    if endings.count(".shp") != 1 or len(set(endings)) != len(endings) or len(stems) != 1:
        raise BadValue(
            Text(
                "一次导入一个文件；shapefile 请把同名的 .shp .dbf .shx .prj 一起选",
                "one file at a time; of a shapefile choose its .shp .dbf .shx .prj together",
            ),
            field="files",
        )
    return endings.index(".shp")


def _remove_stale(root: Path) -> None:
    """What a process that was killed left behind a day ago or more."""
    for folder in root.iterdir():
        if folder.is_dir() and time.time() - folder.stat().st_mtime > _STALE_S:
            shutil.rmtree(folder, ignore_errors=True)
