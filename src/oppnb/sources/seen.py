"""What was seen of a file before it is read: format, encoding, columns, size and hash."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["FileSeen", "LeftOut", "Seen", "TextLayout"]


@dataclass(frozen=True)
class TextLayout:
    r"""How a delimited text is laid out beyond its delimiter.

    Attributes
    ----------
    has_header : bool
        False where the first row already holds data; the columns are then `column_1`, `column_2`, …
    first_line : int
        Physical lines before the header: titles, blank lines, Excel's `sep=;`.
    escape : str or None
        A backslash where quotes inside quotes are written `\"`; None where they are doubled.
    names : tuple of str
        A name for every place of a row; more than there are columns where rows end with a delimiter too many.
    n_headers : int
        Cells that a whole row must have: up to the last header that is not blank.
    """

    has_header: bool = True
    first_line: int = 0
    escape: str | None = None
    names: tuple[str, ...] = ()
    n_headers: int = 0


@dataclass(frozen=True)
class FileSeen:
    """One table-shaped thing to read: a text, a sheet of a workbook, a Parquet file, a list of JSON records.

    Attributes
    ----------
    name : str
        Path inside the folder or archive, with `/`; a sheet adds `#Sheet`.
    path : Path
        The file on the disk: the archive itself for a member of it.
    member, sheet : str or None
        Which member of a zip, which sheet of a workbook.
    format : str
        csv (any delimited text), xlsx, parquet or jsonl (also a JSON array).
    encoding, delimiter : str or None
        For text only; `delimiter` is None where there is a single column.
    columns : tuple of str
        Headers, stripped; a second `Amount` is `Amount_2`, a blank one `column_3` by its place.
    n_bytes, sha256 : int, str
        Of the content, after it was taken out of gz or zip.
    layout : TextLayout or None
        For delimited text.
    stamp : tuple of int
        Size and time of change of `path` when it was looked at: a file that changes meanwhile is not read.
    """

    name: str
    path: Path
    member: str | None
    sheet: str | None
    format: str
    encoding: str | None
    delimiter: str | None
    columns: tuple[str, ...]
    n_bytes: int
    sha256: str
    layout: TextLayout | None = None
    stamp: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class LeftOut:
    """A file of a folder or archive that is not read, and why.

    Attributes
    ----------
    name : str
        As in `FileSeen`.
    reason : str
        Key of the words under `left_out` in the catalogue: `unknown_ending`, `empty`, `no_rows`, `hidden_sheet`,
        `archive_in_archive`, `old_excel`.
    columns : tuple of str
        Headers of a text or Parquet file without rows; empty otherwise.
    """

    name: str
    reason: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What a path holds: the files that can be read and those left out, each sorted by name."""

    files: tuple[FileSeen, ...]
    left_out: tuple[LeftOut, ...]
