"""What came of a run, and the exit code that a scheduler acts on."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oppnb.errors import DataError, NothingToReadError, OppnbError
from oppnb.locale import Words
from oppnb.locale.mistakes import lead_of, speaks_for_itself

__all__ = [
    "ALL_DONE",
    "BAD_CONFIGURATION",
    "DATA_REFUSED",
    "SOME_FAILED",
    "RunResult",
    "exit_code_of",
    "reason_of",
    "run_exit_code",
    "told_reason",
]

ALL_DONE, SOME_FAILED, BAD_CONFIGURATION, DATA_REFUSED = 0, 1, 2, 3
_WHERE, _KEPT = re.compile(r"(ReportFailedError: )?The report '.*' failed in "), "The notebook with a link to the cell"
_OF_OTHER_COMMANDS = {2: BAD_CONFIGURATION, 3: BAD_CONFIGURATION, 4: DATA_REFUSED, 5: BAD_CONFIGURATION}


def exit_code_of(error: OppnbError) -> int:
    """The exit code of a run that an error ended before a report was made.

    Examples
    --------
    >>> from oppnb.errors import ExtraMissingError, FileMissingError, RowsRejectedError, WorkspaceError
    >>> [exit_code_of(kind("")) for kind in (WorkspaceError, ExtraMissingError, RowsRejectedError, FileMissingError)]
    [2, 2, 3, 3]
    """
    if isinstance(error, (DataError, NothingToReadError)):
        return DATA_REFUSED
    return _OF_OTHER_COMMANDS.get(error.exit_code, SOME_FAILED)


def reason_of(said: str) -> str:
    r"""Why a report or a run failed, on one line: without where it failed, and where its notebook is kept.

    Examples
    --------
    >>> reason_of("WorkspaceError: 'oppnb.yaml', line 3: no such key.\nDid you mean 'data'?")
    "WorkspaceError: 'oppnb.yaml', line 3: no such key. Did you mean 'data'?"
    >>> reason_of("ReportFailedError: The report 'a' failed in cell 'open' (In [3]).\n  ParameterError: There is no"
    ...     " seller 'B'. Did you mean 'C'?\nThe notebook with a link to the cell is in out/failed.")
    "ParameterError: There is no seller 'B'. Did you mean 'C'?"
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = lines[1:] if len(lines) > 1 and _WHERE.match(lines[0]) else lines
    return " ".join(line for line in told if not line.startswith(_KEPT))


def told_reason(said: str, words: Words) -> str:
    """The same for a reader: what kind of mistake it is in Chinese first, where it is told in English.

    Examples
    --------
    >>> told_reason("ModelFileError: 'x' is no model.", Words("zh_CN"))
    "模型文件不可用，请重新训练。 ModelFileError: 'x' is no model."
    """
    reason = reason_of(said)
    name, _, rest = reason.partition("Error: ")
    if name.isidentifier() and speaks_for_itself(rest):
        return rest
    lead = lead_of(said, words)
    return f"{lead} {reason}" if lead else reason


def run_exit_code(jobs: Sequence[Mapping[str, Any]]) -> int:
    """The exit code of a run by how its jobs ended: 2 or 3 only where no report was made, all for that reason.

    Examples
    --------
    >>> made, refused = {"result": "done"}, {"result": "failed", "exit_code": 4}
    >>> run_exit_code([made]), run_exit_code([made, refused]), run_exit_code([refused, refused])
    (0, 1, 3)
    """
    failed = [job for job in jobs if job["result"] == "failed"]
    if not failed:
        return ALL_DONE
    kinds = {_OF_OTHER_COMMANDS.get(int(job["exit_code"]), SOME_FAILED) for job in failed}
    return kinds.pop() if len(failed) == len(jobs) and len(kinds) == 1 else SOME_FAILED


@dataclass(frozen=True)
class RunResult:
    """What came of a run.

    Attributes
    ----------
    name : str
        Of the run.
    id : str
        In the catalogue, which has a row also of a run that found nothing to do.
    folder : Path
        `OUT/NAME`.
    jobs : tuple of dict
        Each with `template`, `slice`, `result` (done, skipped: it was made before and is whole, failed), `folder`,
        `seconds`, and `said` where it failed.
    exit_code : int
        0 all, 1 some failed, 2 bad configuration, 3 data refused.
    seconds : float
    notices : tuple of (str, mapping)
        Keys of the catalogue with their values, for a reader.
    """

    name: str
    id: str
    folder: Path
    jobs: tuple[dict[str, Any], ...]
    exit_code: int
    seconds: float
    notices: tuple[tuple[str, Mapping[str, Any]], ...] = field(default=())

    @property
    def counts(self) -> dict[str, int]:
        """How many jobs were done, skipped and failed."""
        found = Counter(str(job["result"]) for job in self.jobs)
        return {result: found[result] for result in ("done", "skipped", "failed")}

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        keys = ("key", "template", "slice", "result", "folder", "as_of", "seconds", "exit_code", "said", "figures")
        return {
            "name": self.name,
            "id": self.id,
            "folder": str(self.folder),
            "exit_code": self.exit_code,
            "seconds": self.seconds,
            "counts": self.counts,
            "notices": [{"code": code, **values} for code, values in self.notices],
            "jobs": [{key: job.get(key) for key in keys} for job in self.jobs],
        }
