"""Uploads that are worked on in the background: few at a time, taken back at will, in files that only this process knows, gone when done with."""

from __future__ import annotations

import errno
import logging
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import Conflict, NotFound, Stopped, StoreFull, Text, TooMany, YuantuError
from geo.formats.limits import WEB, Limits
from geo.imports import ImportOptions, import_file, inspect_file
from geo.store import lease
from web.parts import Part, extension, main_part, original_name
from web.services import ACTOR
from web.turns import Turns

if TYPE_CHECKING:
    from web.services import Services

log = logging.getLogger(__name__)

_BUSY = ("queued", "inspecting", "importing", "stopping")
_STALE_S = 24 * 3600
_LARGE_BYTES = 4 << 20
_LARGE_RECORDS = 20_000
"""More than either is large work, which never takes the last place: what is small goes on beside it."""
_LEAVE_S = 5.0


@dataclass
class Job:
    """One upload. `state`: queued, inspecting, ready, importing, stopping, done, refused or failed; a queued one waits for `task`.

    `error` is kept untranslated. `size`: bytes as sent. `wanted`: False from when it is taken back. `committing`: past the point of no return.
    """

    id: str
    folder: Path
    path: Path
    file_name: str
    state: str = "queued"
    task: str = "inspecting"
    progress: tuple[int, int] | None = None
    inspection: Mapping[str, Any] | None = None
    account: Mapping[str, Any] | None = None
    error: YuantuError | None = None
    size: int = 0
    wanted: bool = True
    committing: bool = False
    touched: float = field(default_factory=time.monotonic)

    @property
    def busy(self) -> bool:
        return self.state in _BUSY

    @property
    def has_file(self) -> bool:
        return self.folder.exists()

    @property
    def large(self) -> bool:
        """Whether it is more work than others should wait for."""
        found = self.inspection["datasets"] if self.inspection is not None else ()
        return self.size > _LARGE_BYTES or sum(d["count"] or 0 for d in found) > _LARGE_RECORDS


class Jobs:
    """Thread-safe. At most `upload_running` are worked on at once and `upload_queued` kept; ids cannot be guessed."""

    def __init__(self, here: Services, *, limits: Limits | None = None) -> None:
        settings = here.settings
        self._here = here
        self._limits = limits or replace(WEB, file=settings.upload_mb << 20)
        self._most, self._keep_s = settings.upload_queued, settings.upload_keep * 60
        uploads = settings.instance / "uploads"
        uploads.mkdir(parents=True, exist_ok=True)
        _remove_left(uploads)
        self._root = uploads / secrets.token_hex(8)
        self._lease = lease.share(self._root, patience_s=0)
        self._root.mkdir(mode=0o700)
        self._turns = Turns(settings.upload_running)
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}

    def add(self, parts: Sequence[Part], options: ImportOptions) -> Job:
        """Keep the parts of one upload and look at them in turn. Raises BadValue, TooMany, StoreFull."""
        names = [original_name(p.filename) for p in parts]
        main = main_part(names)
        with self._lock:
            self._make_room()
            job = self._new(names[main])
        try:
            for part, name in zip(parts, names, strict=True):
                part.save(job.folder / f"upload{extension(name)}")
            job.size = sum(path.stat().st_size for path in job.folder.iterdir())
        except BaseException as error:
            self._forget(job)
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StoreFull(
                    Text("磁盘已满，文件没有收下：腾出空间再上传", "the disk is full and the file was not taken: make room")
                ) from error
            raise
        self._begin(job, "inspecting", lambda: self._inspect(job, replace(options, file_name=job.file_name)))
        return job

    def get(self, id: str) -> Job:
        """Raises NotFound."""
        job = self._jobs.get(id)
        if job is None:
            raise _gone()
        job.touched = time.monotonic()
        return job

    def found(self, id: str) -> Mapping[str, Any]:
        """What an upload was found to hold. Raises NotFound, and Conflict as long as nobody has looked."""
        job = self.get(id)
        if job.inspection is None:
            raise Conflict(Text("文件还没有检查完", "the file has not been looked at yet"), state=job.state)
        return job.inspection

    def position(self, job: Job) -> int | None:
        """Its place in the queue from 1 on; None when it does not wait."""
        return self._turns.position(job.id) if job.state == "queued" else None

    def look_again(self, id: str, options: ImportOptions) -> Job:
        """Look at the file once more with other options. Raises Conflict while the job is busy or when its file is gone."""
        job = self._wait_again(id)
        self._begin(job, "inspecting", lambda: self._inspect(job, replace(options, file_name=job.file_name)))
        return job

    def start_import(self, id: str, options: ImportOptions) -> Job:
        """Import what was inspected. Raises Conflict while the job is busy or when its file is gone."""
        job = self._wait_again(id)
        self._begin(job, "importing", lambda: self._import(job, replace(options, file_name=job.file_name)))
        return job

    def _wait_again(self, id: str) -> Job:
        job = self.get(id)
        with self._lock:
            if job.id not in self._jobs:
                raise _gone()
            if job.busy:
                raise Conflict(Text("正在处理，请稍候", "it is being worked on; wait a moment"), state=job.state)
            if not job.has_file or job.inspection is None:
                raise Conflict(Text("文件已不在：请重新上传", "the file is gone: upload it again"), state=job.state)
            job.state, job.progress, job.error, job.account = "queued", None, None, None
        return job

    def stop(self, id: str) -> Job:
        """Take an import back before its commit: the upload is ready again and nothing is written. Raises NotFound, Conflict."""
        job = self.get(id)
        with self._lock:
            if job.task != "importing" or not job.busy:
                raise Conflict(Text("没有正在进行的导入", "no import is under way"), state=job.state)
            if self._take_back(job):
                job.state, job.progress = "ready", None
            else:
                job.state = "stopping"
        return job

    def remove(self, id: str) -> None:
        """Forget a job and its files; what is being done for it is stopped. Raises NotFound, and Conflict once an import is being committed."""
        job = self.get(id)
        with self._lock:
            idle = not job.busy or self._take_back(job)
            self._jobs.pop(job.id, None)
        if idle:
            shutil.rmtree(job.folder, ignore_errors=True)

    def close(self) -> None:
        """Stop everything and forget the files: the service ends."""
        with self._lock:
            for job in self._jobs.values():
                job.wanted = job.committing
        self._turns.join(_LEAVE_S)
        shutil.rmtree(self._root, ignore_errors=True)
        self._lease.close()
        lease.lock_file(self._root).unlink(missing_ok=True)

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

    def _take_back(self, job: Job) -> bool:
        """True when it had not begun; else its thread ends it soon. Raises Conflict when it is being committed. Under the lock."""
        if job.committing:
            raise Conflict(
                Text("正在写入，不能取消；写完后可以撤销", "it is being written and cannot be stopped now; it can be undone afterwards"),
                state=job.state,
            )
        if self._turns.drop(job.id):
            return True
        job.wanted = False
        return False

    def _begin(self, job: Job, task: str, work: Callable[[], str]) -> None:
        """Wait for a turn, work, and keep how it ended."""

        def guarded() -> None:
            with self._lock:
                if job.wanted:
                    job.state = task
            state, error = self._attempt(job, work)
            with self._lock:
                job.state, job.error = ("ready", None) if not job.wanted else (state, error)
                job.wanted, job.committing, job.touched = True, False, time.monotonic()
                gone = job.id not in self._jobs or job.inspection is None
            if gone:
                shutil.rmtree(job.folder, ignore_errors=True)

        job.task = task
        self._turns.add(job.id, guarded, large=job.large)

    def _attempt(self, job: Job, work: Callable[[], str]) -> tuple[str, YuantuError | None]:
        """The state that a piece of work ended in, and its error."""
        try:
            if not job.wanted:
                raise Stopped
            return work(), None
        except YuantuError as error:
            return ("refused" if error.status < 500 else "failed"), error
        except Exception:
            log.exception("an upload broke")
            broke = Text("程序出错了，已记入日志；数据没有改动", "something broke and was logged; no data was changed")
            return "failed", YuantuError(broke)

    def _inspect(self, job: Job, options: ImportOptions) -> str:
        found = inspect_file(
            job.path,
            options,
            self._here.frames,
            self._here.stored,
            limits=self._limits,
            store=self._here.store,
            stop=lambda: not job.wanted,
        )
        job.inspection = found.to_json()
        return "ready"

    def _import(self, job: Job, options: ImportOptions) -> str:
        here = self._here

        def progress(done: int, total: int) -> None:
            """Forwards only: a file of several datasets is counted one by one while it is read."""
            before, of = job.progress or (0, 1)
            if done * of >= before * total:
                job.progress = (done, total)

        def staged() -> None:
            with self._lock:
                if not job.wanted:
                    raise Stopped
                job.committing = True

        account = import_file(
            job.path,
            options,
            store=here.store,
            frames=here.frames,
            layers=here.stored,
            actor=ACTOR,
            now=here.now(),
            limits=self._limits,
            progress=progress,
            staged=staged,
            stop=lambda: not job.wanted,
        )
        job.account = account.to_json()
        if not options.dry_run:
            shutil.rmtree(job.folder, ignore_errors=True)
        return "done"


def _gone() -> NotFound:
    return NotFound(Text("没有这个上传，或已过期：请重新上传", "there is no such upload, or it has expired: upload the file again"))


def _remove_left(uploads: Path) -> None:
    """What a process left that was killed: its folder is not held any more. Where that cannot be seen (Windows), what is a day old."""
    for folder in [path for path in uploads.iterdir() if path.is_dir()]:
        if sys.platform == "win32" and time.time() - folder.stat().st_mtime < _STALE_S:
            continue
        with suppress(Conflict), lease.alone(folder):
            shutil.rmtree(folder, ignore_errors=True)
            lease.lock_file(folder).unlink(missing_ok=True)
