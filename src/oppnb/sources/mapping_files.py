"""The files of an export as the mapping names them: by name, by glob, each read once."""

import unicodedata
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import pandas as pd

from oppnb.errors import FileMissingError, MappingError, NothingToReadError
from oppnb.locale import Words
from oppnb.sources.files import FileSeen, read_with_problems
from oppnb.sources.raw import Raw
from oppnb.sources.seen import LeftOut
from oppnb.tables import Finding, Note

__all__ = ["ExportFiles"]

_LETTERS_THAT_MAY_DIFFER = 0.25
_LONG_ENOUGH = 4


class ExportFiles:
    """The files below one path; a frame is read when it is first needed and kept.

    Parameters
    ----------
    files : sequence of FileSeen
        What `look_at` found.
    left_out : sequence of LeftOut
        What it found and cannot read, so that a rule which names such a file is told why.
    """

    def __init__(self, files: Sequence[FileSeen], left_out: Sequence[LeftOut] = ()) -> None:
        self.files = tuple(files)
        self.left_out = tuple(left_out)
        self._read: dict[str, Raw] = {}

    def named(self, pattern: str) -> tuple[FileSeen, ...]:
        """Find the files that a rule's `file` means.

        Raises
        ------
        FileMissingError
            If there is none, with a name that is nearly the same.
        NothingToReadError
            If what is there is empty or cannot be read.
        MappingError
            If a workbook of several sheets is named without one.
        """
        for matches in (_is_named, _has_base_name, _fits_glob):
            found = tuple(file for file in self.files if matches(file.name, _plain(pattern)))
            if found:
                return _one_sheet(found, pattern)
            unread = [item for item in self.left_out if matches(item.name, _plain(pattern))]
            if unread:
                raise _nothing_to_read(unread[0])
        raise FileMissingError(self._nothing_named(pattern))

    def frame(self, file: FileSeen) -> pd.DataFrame:
        """The rows of one file, as `read_raw` gives them."""
        if file.name not in self._read:
            self._read[file.name] = read_with_problems(file)
        return self._read[file.name].frame

    def findings(self) -> list[Finding]:
        """What was wrong with the rows of the files read so far; keys are row numbers of the file."""
        return [
            Finding(
                problem.rule,
                name,
                n_rows=len(problem.rows),
                n_checked=len(raw.frame),
                first_keys=tuple(f"row {int(row) + 1}" for row in problem.rows[:3]),
                note=Note("sources_row_is_odd", {"file": name, "n": len(problem.rows)}),
            )
            for name, raw in self._read.items()
            for problem in raw.problems
        ]

    def rows_of(self, pattern: str, *, with_origin: bool = False) -> pd.DataFrame:
        """The rows of every file that `pattern` means, one below the other; `with_origin` adds `#file` and `#row`."""
        found = self.named(pattern)
        frames = [_with_origin(self.frame(file), file) if with_origin else self.frame(file) for file in found]
        return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

    def _nothing_named(self, pattern: str) -> str:
        names = [file.name for file in self.files]
        near = _misspelt(pattern, names)
        shown = ", ".join(f"'{name}'" for name in names[:5]) + (" …" if len(names) > 5 else "")
        told = f"The mapping names the file '{pattern}', which is not there. There are: {shown}.\n"
        if near is None:
            return told + "Ask for it whoever makes the export; if it has another name now, name that in oppnb.yaml."
        return told + f'If that is its name now, mend it in oppnb.yaml:  mapping: [{{file: "{near}", …}}]'


def _nothing_to_read(item: LeftOut) -> NothingToReadError:
    """The mapping is right and the export is not: the same mistake, by its exit code, as without a mapping."""
    why = Words("en")(f"left_out.{item.reason}")
    return NothingToReadError(
        f"The mapping names the file '{item.name}', which is there and has nothing to read: {why}.\n"
        "Ask for it anew whoever makes the export, or take the rule that names it out of oppnb.yaml."
    )


def _misspelt(pattern: str, names: Sequence[str]) -> str | None:
    """The name that differs from `pattern` by a few letters, or goes on where it ends; `.csv` does not count.

    Examples
    --------
    >>> _misspelt("deal.csv", ["deals.csv", "accounts.csv"]), _misspelt("products.csv", ["accounts.csv"])
    ('deals.csv', None)
    >>> _misspelt("deals.csv", ["deals_2026-11.csv", "accounts.csv"])
    'deals_2026-11.csv'
    """
    from rapidfuzz.distance import DamerauLevenshtein

    wanted = _stem(pattern)
    most = max(1, round(len(wanted) * _LETTERS_THAT_MAY_DIFFER))
    far = {name: DamerauLevenshtein.distance(wanted, _stem(name), score_cutoff=most) for name in names}
    near = sorted((distance, name) for name, distance in far.items() if distance <= most)
    longer = sorted(name for name in names if len(wanted) >= _LONG_ENOUGH and _stem(name).startswith(wanted))
    return near[0][1] if near else next(iter(longer), None)


def _with_origin(frame: pd.DataFrame, file: FileSeen) -> pd.DataFrame:
    rows = pd.Series(range(1, len(frame) + 1), index=frame.index, dtype="int64", name="#row")
    origin = pd.Series(file.name, index=frame.index, dtype="str", name="#file")
    return pd.concat([frame, rows, origin], axis=1)


def _plain(name: str) -> str:
    """One way of writing accents (a Mac's disk and a YAML file differ) and slashes."""
    return unicodedata.normalize("NFC", name).replace("\\", "/").removeprefix("./")


def _stem(name: str) -> str:
    return _plain(name).rsplit("/", 1)[-1].split("#", 1)[0].removesuffix(".gz").rsplit(".", 1)[0].casefold()


def _is_named(name: str, pattern: str) -> bool:
    name = _plain(name)
    return pattern in (name, name.removesuffix(".gz"), name.split("#", 1)[0])


def _has_base_name(name: str, pattern: str) -> bool:
    name = PurePosixPath(_plain(name).replace("#", "\0")).name.replace("\0", "#")
    return pattern in (name, name.removesuffix(".gz"), name.split("#", 1)[0])


def _fits_glob(name: str, pattern: str) -> bool:
    name = _plain(name)
    base = name.rsplit("/", 1)[-1]
    return any(fnmatchcase(text, pattern) for text in (name, base, name.removesuffix(".gz"), base.removesuffix(".gz")))


def _one_sheet(found: tuple[FileSeen, ...], pattern: str) -> tuple[FileSeen, ...]:
    is_glob = any(letter in pattern for letter in "*?[")
    sheets = [file for file in found if file.sheet is not None]
    if is_glob or "#" in pattern or len(sheets) < 2:
        return found
    names = ", ".join(f"'{pattern}#{file.sheet}'" for file in sheets[:5])
    raise MappingError(
        f"The mapping names the workbook '{pattern}', which has {len(sheets)} sheets.\n"
        f"Name one in oppnb.yaml:  file: one of {names}"
    )
