"""The office: starts queued jobs as processes of their own, a few at once, stops them, and finds them again."""

import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

from oppnb.lab.facts import Facts
from oppnb.lab.jobs import Job, JobFolder, NoJobError
from oppnb.lab.mistakes import SaidError
from oppnb.lab.places import Root
from oppnb.lab.worker import TAKEN
from oppnb.locale import Words

__all__ = ["Office"]

MOST_AT_ONCE = 2
_GRACE_SECONDS = 5.0


class Office:
    """Looks after jobs.

    Parameters
    ----------
    root : Root
        What JupyterLab shows.
    jobs : JobFolder
        Where jobs are written down.
    most : int
        So many run at once; the others wait.
    """

    def __init__(self, root: Root, jobs: JobFolder, *, most: int = MOST_AT_ONCE) -> None:
        self.root, self.jobs, self.most = root, jobs, most
        self.facts = Facts()
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        self._restless: set[str] | None = None
        self._stopping: set[str] = set()
        self._guard = RLock()  # requests come in threads of their own

    def add(self, asked: dict[str, Any]) -> Job:
        """Take a job, and start it if there is room."""
        job = self.jobs.add(asked)
        with self._guard:
            self._unfinished().add(job.id)
            self._look()
        return self.jobs.get(job.id)

    def look_after(self) -> None:
        """Start what waits, tell of what died; called now and then, it never waits for somebody who does so already."""
        if self._guard.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._guard.release()

    def cancel(self, job_id: str) -> Job:
        """Stop a job with everything that it started; one that is over stays as it is."""
        with self._guard:
            job = self.jobs.get(job_id)
            if job.is_over:  # its process may go on with something else: the kernel of a schedule does
                return job
            self._stopping.add(job_id)
            processes = self._processes(job)
        try:
            for process in processes:
                _stop(process)
            self._end(self.jobs.get(job_id), "cancelled")  # when nobody else writes any more
        finally:
            with self._guard:
                self._stopping.discard(job_id)
                self._look()
        return self.jobs.get(job_id)

    def notice(self, jobs: Iterable[Job]) -> None:
        """Look after jobs that somebody else wrote down, such as the scheduler."""
        with self._guard:
            self._unfinished().update(job.id for job in jobs if not job.is_over)

    def forget(self, job_id: str) -> None:
        """Remove a job that failed or was cancelled from the list; no file of a report is touched.

        Raises
        ------
        NoJobError
            If there is none.
        SaidError
            If it is not over, or its report is made.
        """
        with self._guard:
            if self.jobs.get(job_id).state["state"] not in ("failed", "cancelled"):
                raise SaidError("not_removable")
            self._unfinished().discard(job_id)
            self.jobs.remove(job_id)

    def _look(self) -> None:
        self._reap()
        waiting, running = [], 0
        for job_id in sorted(self._unfinished() - self._stopping):
            job = self._known(job_id)
            if job is None or job.is_over:
                self._unfinished().discard(job_id)
            elif self._is_alive(job):
                running += 1
            elif self._was_taken(job_id):
                del self._started[job_id]
            elif job_id in self._started or job.state["state"] == "running":
                self._tell_death(job)
            else:
                waiting.append(job_id)
        for job_id in waiting[: max(self.most - running, 0)]:
            self._start(job_id)

    def _known(self, job_id: str) -> Job | None:
        """A job; None if somebody removed it."""
        with suppress(NoJobError):
            return self.jobs.get(job_id)
        return None

    def is_quiet(self) -> bool:
        """Whether no process that this office started is there any more."""
        self.look_after()
        return not self._started

    def _unfinished(self) -> set[str]:
        """Ids of jobs that are not over; read from the disk once, for a server before this one may have left some."""
        if self._restless is None:
            self._restless = {job.id for job in self.jobs.latest() if not job.is_over}
        return self._restless

    def _start(self, job_id: str) -> None:
        folder = self.jobs.folder / job_id
        with (folder / "log.txt").open("ab") as log:
            self._started[job_id] = subprocess.Popen(  # noqa: S603 - our own module, the folder is ours
                [sys.executable, "-m", "oppnb.lab.worker", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.root.folder,
                env=_environment(),
                start_new_session=True,
            )

    def _is_alive(self, job: Job) -> bool:
        own = self._started.get(job.id)
        return (own is not None and own.poll() is None) or bool(_found(job))

    def _was_taken(self, job_id: str) -> bool:
        """Whether the worker found that one of another server has the job."""
        own = self._started.get(job_id)
        return own is not None and own.poll() == TAKEN

    def _processes(self, job: Job) -> list[Any]:
        import psutil

        own = self._started.get(job.id)
        with suppress(psutil.NoSuchProcess):
            if own is not None:
                return [psutil.Process(own.pid)]
        return _found(job)

    def _tell_death(self, job: Job) -> None:
        words = Words(str(job.asked.get("locale") or "en"))
        self._end(job, "failed", said=_last_words(self.jobs.folder / job.id / "log.txt", words))
        self._unfinished().discard(job.id)

    def _end(self, job: Job, state: str, **told: Any) -> None:
        """A job whose process is gone; a report that is made stays made, only its alerts were not looked for."""
        if job.state.get("step") == "alerts":
            state, told = "done", {"alerts": {"is_stopped": True}}
        self.jobs.tell(job.id, state=state, ended_at=_now(), **told)

    def _reap(self) -> None:
        """Forget processes of jobs that are over, once they have left."""
        for job_id, process in list(self._started.items()):
            if job_id not in self._unfinished() and process.poll() is not None:
                del self._started[job_id]


def _found(job: Job) -> list[Any]:
    """The process of a job that another server started, if it is still the same one."""
    import psutil

    with suppress(psutil.NoSuchProcess, KeyError):
        process = psutil.Process(int(job.state["pid"]))
        if abs(process.create_time() - float(job.state["born"])) < 1 and process.status() != psutil.STATUS_ZOMBIE:
            return [process]
    return []


def _stop(process: Any) -> None:
    """A process and all below it: asked first, then killed."""
    import psutil

    family = [process]
    with suppress(psutil.NoSuchProcess):
        family = [*process.children(recursive=True), process]
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.terminate()
    _, still = psutil.wait_procs(family, timeout=_GRACE_SECONDS)
    for one in still:
        with suppress(psutil.NoSuchProcess):
            one.kill()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


def _last_words(log: Path, words: Words) -> str:
    from oppnb.reports.redacting import redact

    text = log.read_text(encoding="utf-8", errors="replace").strip() if log.is_file() else ""
    last = text.splitlines()[-1] if text else words("lab.no_last_word")
    return redact(words("lab.died", said=last))[:500]


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
