"""Jobs on the disk: one folder each, so that a server that goes away, or a browser, loses none."""

import re
import shutil
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oppnb.lab.mistakes import SaidError
from oppnb.runs.records import read_json, write_json

__all__ = ["ENDED", "Job", "JobFolder", "NoJobError"]

ENDED = ("done", "failed", "cancelled")
"""States that do not change any more; before them a job is `queued` or `running`."""
_ID = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Job:
    """One report asked for.

    Attributes
    ----------
    id : str
        When it was asked for, and a few signs more.
    asked : dict
        `template`, `title`, `parameters`, `workspace`, `out`, `folder`, `locale`, `created_at`;
        `by_scheduler` where nobody did.
    state : dict
        `state`, `done`, `total`; with `step` "alerts" the report is made and its alerts are looked for; at the end
        `ended_at`, `folder`, `said`, `exit_code`, `figures`, `alerts`.
    """

    id: str
    asked: dict[str, Any]
    state: dict[str, Any]

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state.get("state") in ENDED


class NoJobError(SaidError):
    """A job that is not there, or no longer."""


class JobFolder:
    """All jobs.

    Parameters
    ----------
    folder : Path
        Made when the first job is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, asked: dict[str, Any], **state: Any) -> Job:
        """Write a job down, queued unless `state` says otherwise; nobody sees it before its state is there."""
        now = datetime.now(UTC)
        job_id = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
        self.tell(job_id, **{"state": "queued", "done": 0, "total": 0, **state})
        write_json({**asked, "created_at": f"{now:%Y-%m-%dT%H:%M:%SZ}"}, self.folder / job_id / "asked.json")
        return self.get(job_id)

    def remove(self, job_id: str) -> None:
        """Forget a job; what its report left elsewhere stays."""
        shutil.rmtree(self.place(job_id))

    def get(self, job_id: str) -> Job:
        """A job by its id.

        Raises
        ------
        NoJobError
            If there is none.
        """
        asked = read_json(self.folder / job_id / "asked.json") if _ID.fullmatch(job_id) else None
        if asked is None:
            raise NoJobError("no_job", id=job_id[:40])
        return Job(job_id, asked, read_json(self.folder / job_id / "state.json") or {"state": "queued"})

    def place(self, job_id: str) -> Path:
        """The folder of a job.

        Raises
        ------
        NoJobError
            If there is no such job.
        """
        return self.folder / self.get(job_id).id

    def tell(self, job_id: str, **state: Any) -> None:
        """Write what is new of a job; what is over stays as it is."""
        path = self.folder / job_id / "state.json"
        known = read_json(path) or {}
        if known.get("state") not in ENDED:
            write_json({**known, **state}, path)

    def latest(self, most: int | None = None) -> list[Job]:
        """Jobs, the latest first: all, or so many."""
        names = sorted((path.name for path in self.folder.glob("*") if _ID.fullmatch(path.name)), reverse=True)
        return [self.get(name) for name in names[:most] if (self.folder / name / "asked.json").is_file()]
