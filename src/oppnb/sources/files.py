"""Find and read the files of an export: texts, workbooks, Parquet and JSON, plain, compressed or in folders."""

from pathlib import Path

import pandas as pd

from oppnb.errors import NoRowsError, NothingToReadError, UsageError
from oppnb.locale import Words
from oppnb.sources.containers import content_of
from oppnb.sources.delimited import read_delimited
from oppnb.sources.hashing import data_hash
from oppnb.sources.json_records import read_json
from oppnb.sources.looking import look_into
from oppnb.sources.parquet_files import read_parquet
from oppnb.sources.paths import existing_path, files_under
from oppnb.sources.raw import Raw
from oppnb.sources.seen import FileSeen, LeftOut, Seen
from oppnb.sources.watching import unchanged
from oppnb.sources.workbooks import read_sheet

__all__ = ["FileSeen", "LeftOut", "Seen", "data_hash", "find_files", "look_at", "read_raw", "read_with_problems"]


def find_files(path: str | Path) -> tuple[FileSeen, ...]:
    r"""Find what can be read at a path: `look_at(path).files`.

    Parameters
    ----------
    path : str or Path
        A file, a folder (searched with its folders), a `.zip` or a `.gz`.

    Returns
    -------
    tuple of FileSeen
        Sorted by name; never empty.

    Raises
    ------
    NothingToReadError, UsageError, DataError
        As `look_at`.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> _ = Path(folder.name, "deals.csv").write_text("id;amount\n007;1,5\n")
    >>> [(file.name, file.delimiter, file.columns) for file in find_files(folder.name)]
    [('deals.csv', ';', ('id', 'amount'))]
    >>> folder.cleanup()
    """
    return look_at(path).files


def look_at(path: str | Path) -> Seen:
    """Look at everything a path holds: what can be read, and what is left out and why.

    Hidden files, lock files (`~$book.xlsx`) and half-finished downloads are passed over without a word. In a folder
    or archive, files with unknown endings, without rows or without a table are left out and listed.

    Parameters
    ----------
    path : str or Path
        A file, a folder (searched with its folders), a `.zip` or a `.gz`.

    Returns
    -------
    Seen
        `files` and `left_out`, each sorted by name.

    Raises
    ------
    NothingToReadError
        If there is nothing at the path (names the nearest), or nothing in it that can be read; `NoRowsError` if all
        that is in it are headers without rows.
    UsageError
        If it may not be read, or is neither a file nor a folder.
    DataError
        If a file is broken, protected by a password, changes while it is looked at, or is binary under the name of
        a text. One broken file stops everything: a review without it would be wrong in silence.
    """
    top = existing_path(path)
    files: list[FileSeen] = []
    left_out: list[LeftOut] = []
    for name, file in files_under(top):
        with unchanged(file) as stamp:
            seen = look_into(file, name, stamp=stamp, alone=file == top)
        files.extend(seen.files)
        left_out.extend(seen.left_out)
    found = Seen(tuple(sorted(files, key=lambda file: file.name)), tuple(sorted(left_out, key=lambda file: file.name)))
    if not found.files:
        is_header = {item.reason for item in found.left_out} == {"no_rows"}
        raise (NoRowsError if is_header else NothingToReadError)(_nothing(top, found.left_out))
    return found


def read_raw(file: FileSeen) -> pd.DataFrame:
    """Read the rows of a file: `read_with_problems(file).frame`.

    Parameters
    ----------
    file : FileSeen
        From `find_files`.

    Returns
    -------
    pandas.DataFrame
        Delimited text: every column `str`, only empty cells null (`NA` and `None` are text). Workbooks, Parquet and
        JSON keep their native values. Rows without a single value are left out; the index counts from 0.

    Raises
    ------
    DataError
        As `read_with_problems`.
    """
    return read_with_problems(file).frame


def read_with_problems(file: FileSeen) -> Raw:
    """Read the rows of a file and the rules that some of them break.

    Parameters
    ----------
    file : FileSeen
        From `find_files`.

    Returns
    -------
    Raw
        `frame` as `read_raw` gives it, and `problems`: short rows, long rows, bytes that are no character.

    Raises
    ------
    DataError
        If the file changed since it was found, changes while it is read, was cut off or is broken.
    """
    stamp = file.stamp if file.stamp != (0, 0) else None
    with unchanged(file.path, stamp), content_of(file.path, file.member) as content:
        return _read(content, file)


def _read(content: Path, file: FileSeen) -> Raw:
    if file.format == "csv":
        return read_delimited(content, file)
    if file.format == "xlsx":
        return read_sheet(content, file.name.rpartition("#")[0], file.sheet or "")
    if file.format == "parquet":
        return read_parquet(content, file.name)
    if file.format == "jsonl":
        return read_json(content, file.name, file.encoding or "utf-8")
    raise UsageError(f"'{file.name}' has the format '{file.format}', which is not one that is read.")


def _nothing(top: Path, left_out: tuple[LeftOut, ...]) -> str:
    if top.is_file() and len(left_out) == 1:
        return f"There is nothing to read in '{top}': it is {_why(left_out[0])}."
    lines = [f"  {item.name}: {_why(item)}" for item in left_out[:5]]
    more = [f"  … and {len(left_out) - 5} more"] if len(left_out) > 5 else []
    return "\n".join(
        [
            f"There is nothing to read in '{top}'" + (":" if left_out else "."),
            *lines,
            *more,
            "Give a file or folder with .csv, .tsv, .txt, .xlsx, .parquet, .jsonl or .json, also as .gz or .zip.",
        ]
    )


def _why(item: LeftOut) -> str:
    return Words("en")(f"left_out.{item.reason}")
