"""What can go wrong for a user, in the user's words, with the exit code a script can act on.

Exit codes: 0 done, 1 a defect in oppnb, 2 wrong usage (a path, an option, a parameter), 3 the workspace file,
4 the data, 5 a missing extra, 6 a report that failed while it ran, 7 an update that left conflicts to decide,
8 a message that could not be delivered.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = [
    "ColumnMissingError",
    "CurrencyError",
    "DataError",
    "DeliveryError",
    "ExtraMissingError",
    "FileMissingError",
    "MappingError",
    "MergeConflictError",
    "ModelFileError",
    "ModelVersionError",
    "NoRowsError",
    "NothingToReadError",
    "OppnbError",
    "ParameterError",
    "PeriodError",
    "ProbabilityError",
    "ReportFailedError",
    "RowsRejectedError",
    "StoreError",
    "TableMissingError",
    "UsageError",
    "WorkspaceError",
    "first_keys",
    "nearest",
    "nearest_path",
    "path_hint",
]


class OppnbError(Exception):
    """Any mistake that a user can mend; the message says where, how many and what to do next."""

    exit_code = 1


class UsageError(OppnbError):
    """A path, option or argument that cannot be used."""

    exit_code = 2


class NothingToReadError(UsageError):
    """A path that is not there, an empty file, or a header without rows."""


class NoRowsError(NothingToReadError):
    """An export that has headers and not one row."""


class ParameterError(UsageError):
    """A report parameter with an unknown name, a wrong type or an impossible value."""


class PeriodError(UsageError):
    """A period that is not a month, quarter or fiscal year."""


class WorkspaceError(OppnbError):
    """`oppnb.yaml` cannot be used; the message names the line and the nearest right key."""

    exit_code = 3


class MappingError(WorkspaceError):
    """A mapping rule that names a file, table or column that is not there."""


class FileMissingError(MappingError, NothingToReadError):
    """A file that a mapping rule names did not come with the export, or came under another name."""


class DataError(OppnbError):
    """The data cannot carry what was asked of it."""

    exit_code = 4


class TableMissingError(DataError):
    """A canonical table is needed and was not given."""


class ColumnMissingError(DataError):
    """A canonical column is needed and was not given."""


class CurrencyError(DataError):
    """Amounts in several currencies without the rates to add them."""


class ProbabilityError(DataError):
    """A probability that is missing or lies outside 0 to 1."""


class RowsRejectedError(DataError):
    """Rows break rules that the workspace says must stop the run."""


class ModelFileError(DataError):
    """A file that is no model of oppnb, is damaged, or holds what a model does not hold."""


class ModelVersionError(DataError):
    """A model that another version saved and this one cannot read; the message says how to make it anew."""


class StoreError(DataError):
    """What oppnb remembers cannot be read or added to; the message names the file."""


class ExtraMissingError(OppnbError):
    """An optional part of oppnb is used that is not installed; the message names the extra."""

    exit_code = 5

    @classmethod
    def for_extra(cls, extra: str, *, what: str) -> "ExtraMissingError":
        """Make the error for `what`, which needs the optional dependencies named `extra`."""
        return cls(f"{what} needs the extra '{extra}'.\nInstall it:  pip install 'oppnb[{extra}]'")


class ReportFailedError(OppnbError):
    """A report stopped while it ran; the notebook with the failing cell is kept.

    Attributes
    ----------
    folder : Path or None
        Where it is kept; None where nothing could be.
    """

    exit_code = 6
    folder: Path | None = None


class MergeConflictError(OppnbError):
    """An update is done, but some lines were changed on both sides; they are marked, to be decided by hand."""

    exit_code = 7


class DeliveryError(OppnbError):
    """A message could not be delivered; all the others were. It names the channel and never its address."""

    exit_code = 8


_FEWEST_LETTERS = 3
"""A shorter name of a file is in too many others to say which was meant."""


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Find the choice that `word` most likely meant, or None if none is near.

    Examples
    --------
    >>> nearest("expected_close", ["expected_close_on", "amount"])
    'expected_close_on'
    >>> nearest("Eats", ["East", "Overseas"])
    'East'
    >>> nearest("zzz", ["expected_close_on", "amount"]) is None
    True
    """
    from rapidfuzz import fuzz, process, utils
    from rapidfuzz.distance import OSA

    known, plain = list(choices), utils.default_process
    slip = process.extractOne(word, known, scorer=OSA.normalized_similarity, processor=plain, score_cutoff=0.7)
    match = slip or process.extractOne(word, known, scorer=fuzz.WRatio, processor=plain, score_cutoff=70)
    return None if match is None else str(match[0])


def nearest_path(wanted: str | Path) -> Path | None:
    """Find the path that someone most likely meant who named one that is not there, written in the same way.

    Of a path of which a folder is missing it is the path with the folder of the nearest name, as far as it is there.

    Parameters
    ----------
    wanted : path
        What is not there.

    Returns
    -------
    Path or None
        None if nothing beside it has a similar name, or nobody may look.

    Examples
    --------
    >>> nearest_path("no/such/folder") is None
    True
    """
    path = Path(wanted)
    rest: list[str] = []
    while not path.parent.is_dir() and path.parent != path:
        rest.insert(0, path.name)
        path = path.parent
    try:
        beside = sorted(entry.name for entry in path.parent.iterdir() if not entry.name.startswith("."))
    except OSError:
        return None
    near = nearest(path.name, beside) if len(path.name) >= _FEWEST_LETTERS else None
    if near is None:
        return None
    found = path.with_name(near)
    for name in rest:
        if not (found / name).exists():
            break
        found = found / name
    return found


def path_hint(wanted: str | Path) -> str:
    """A question after a sentence about a path that is not there; empty where nothing has a similar name.

    Examples
    --------
    >>> path_hint("no/such/folder")
    ''
    """
    near = nearest_path(wanted)
    return "" if near is None else f" Did you mean '{near}'?"


def first_keys(keys: Sequence[object] | Iterable[object], count: int = 3) -> str:
    """Join the first few keys for a message; never more than `count`, each cut at 40 characters.

    Examples
    --------
    >>> first_keys(["006A1", "006B7", "006C2", "006D9"])
    '006A1, 006B7, 006C2'
    """
    shown = [str(key) for _, key in zip(range(count), keys, strict=False)]
    return ", ".join(key if len(key) <= 40 else key[:39] + "…" for key in shown)
