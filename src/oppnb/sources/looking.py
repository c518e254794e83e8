"""A look into one file: its format, encoding, columns and hash, without reading all its rows into memory."""

import codecs
import hashlib
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from oppnb.errors import DataError, UsageError
from oppnb.sources.containers import archive_members, content_of, member_name
from oppnb.sources.dialect import find_dialect
from oppnb.sources.encodings import TextSurvey, survey_text
from oppnb.sources.json_records import see_json
from oppnb.sources.parquet_files import see_parquet
from oppnb.sources.paths import is_hidden
from oppnb.sources.seen import FileSeen, LeftOut, Seen
from oppnb.sources.watching import being_written
from oppnb.sources.workbooks import see_sheets

__all__ = ["format_of", "look_into"]

_FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".psv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".xls": "old_excel",
    ".zip": "zip",
}
_SAMPLE_BYTES = 256 * 1024
_PROSE = 0.8
_MAGIC = (
    (b"PK\x03\x04", "a zip or an Excel workbook; rename it to .zip or .xlsx"),
    (b"PAR1", "a Parquet file; rename it to .parquet"),
    (b"\x1f\x8b", "gzip; rename it so that it ends in .gz"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save it as .xlsx"),
    (b"%PDF", "a PDF; export the data as CSV or Excel"),
)


@dataclass(frozen=True)
class _Item:
    """A file to look into: itself, or a member of a zip; `alone` if the user named it."""

    name: str
    path: Path
    member: str | None
    stamp: tuple[int, int]
    alone: bool

    def seen(self, survey: TextSurvey, kind: str, columns: tuple[str, ...], sheet: str | None = None) -> FileSeen:
        return FileSeen(
            name=self.name if sheet is None else f"{self.name}#{sheet}",
            path=self.path,
            member=self.member,
            sheet=sheet,
            format=kind,
            encoding=survey.encoding,
            delimiter=None,
            columns=columns,
            n_bytes=survey.n_bytes,
            sha256=survey.sha256,
            stamp=self.stamp,
        )

    def left_out(self, reason: str, columns: tuple[str, ...] = ()) -> Seen:
        return Seen((), (LeftOut(self.name, reason, columns),))


def format_of(name: str) -> str | None:
    """Name the format by the ending, `.gz` aside; None for an unknown one.

    Examples
    --------
    >>> format_of("deals.TSV.gz"), format_of("notes.docx") is None
    ('csv', True)
    """
    path = PurePosixPath(name.lower())
    return _FORMATS.get(PurePosixPath(path.stem).suffix if path.suffix == ".gz" else path.suffix)


def look_into(file: Path, name: str, *, stamp: tuple[int, int], alone: bool) -> Seen:
    """Look into one file on the disk; a zip gives each of its members.

    Parameters
    ----------
    file, name : Path, str
        The file, and its name inside what the user gave.
    stamp : tuple of int
        Its size and time of change.
    alone : bool
        The user named this very file: what cannot be read is an error, not left out.

    Raises
    ------
    UsageError
        If it is alone and has an ending that is not read.
    DataError
        If it is broken, protected, cut off or binary.
    """
    item = _Item(name, file, None, stamp, alone)
    if format_of(name) != "zip" or name.lower().endswith(".gz"):
        return _look(item)
    if not file.stat().st_size:
        return item.left_out("empty")
    seen = [_look(_member(item, info)) for info in archive_members(file) if not is_hidden(member_name(info))]
    return Seen(tuple(one for part in seen for one in part.files), tuple(one for part in seen for one in part.left_out))


def _member(archive: _Item, info: zipfile.ZipInfo) -> _Item:
    inside = member_name(info)
    return _Item(
        inside if archive.alone else f"{archive.name}/{inside}", archive.path, info.filename, archive.stamp, alone=False
    )


def _look(item: _Item) -> Seen:
    kind = format_of(item.name)
    if kind is None and item.alone and item.name.lower().endswith(".gz"):
        kind = "csv"
    look = _LOOKS.get(kind or "")
    if look is None:
        return _not_read(item, kind)
    with content_of(item.path, item.member) as content:
        if not content.stat().st_size:
            return item.left_out("empty")
        return look(item, content)


def _not_read(item: _Item, kind: str | None) -> Seen:
    if kind == "zip":
        return item.left_out("archive_in_archive")
    if item.alone:
        why = "an old Excel workbook; save it as .xlsx" if kind else "not a format that is read"
        raise UsageError(
            f"'{item.path}' is {why}.\nGive .csv, .tsv, .txt, .xlsx, .parquet, .jsonl or .json, also as .gz or .zip."
        )
    return item.left_out(kind or "unknown_ending")


def _look_at_text(item: _Item, content: Path) -> Seen:
    survey = _text_survey(item, content)
    dialect = find_dialect(_sample(content, survey))
    prose = dialect.delimiter is None or dialect.agreement < _PROSE
    if prose and not item.alone and item.name.lower().removesuffix(".gz").endswith(".txt"):
        return item.left_out("not_a_table")
    if not dialect.has_rows:
        return item.left_out("no_rows", dialect.columns) if dialect.columns else item.left_out("empty")
    seen = item.seen(survey, "csv", dialect.columns)
    return Seen((FileSeen(**{**vars(seen), "delimiter": dialect.delimiter, "layout": dialect.layout}),), ())


def _look_at_json(item: _Item, content: Path) -> Seen:
    survey = _text_survey(item, content)
    columns = see_json(content, item.name, survey.encoding or "utf-8")
    if columns is None:
        return item.left_out("not_a_table")
    return Seen((item.seen(survey, "jsonl", columns),), ()) if columns else item.left_out("no_rows")


def _look_at_parquet(item: _Item, content: Path) -> Seen:
    columns, n_rows = see_parquet(content, item.name)
    if not n_rows:
        return item.left_out("no_rows", columns)
    return Seen((item.seen(_hashed(content), "parquet", columns),), ())


def _look_at_workbook(item: _Item, content: Path) -> Seen:
    sheets = see_sheets(content, item.name)
    survey = _hashed(content)
    return Seen(
        tuple(item.seen(survey, "xlsx", sheet.columns, sheet.name) for sheet in sheets if not sheet.left_out),
        tuple(LeftOut(f"{item.name}#{sheet.name}", sheet.left_out) for sheet in sheets if sheet.left_out),
    )


_LOOKS: dict[str, Callable[[_Item, Path], Seen]] = {
    "csv": _look_at_text,
    "jsonl": _look_at_json,
    "parquet": _look_at_parquet,
    "xlsx": _look_at_workbook,
}


def _text_survey(item: _Item, content: Path) -> TextSurvey:
    with content.open("rb") as source:
        first = source.read(512)
    held = next((what for magic, what in _MAGIC if first.startswith(magic)), None)
    if re.match(rb"\s*(\xef\xbb\xbf)?\s*<(!doctype html|html|table|\?xml)", first, re.IGNORECASE):
        held = "a web page or XML, perhaps a login page; export the data as CSV or Excel"
    survey = survey_text(content)
    if held or survey.encoding is None:
        what = held or "binary data; export it as CSV, Excel or Parquet"
        raise DataError(f"'{item.name}' does not hold text but {what}.")
    if survey.is_cut:
        raise being_written(item.name, "it ends in the middle of a character")
    return survey


def _sample(content: Path, survey: TextSurvey) -> str:
    """The first quarter megabyte, cut at the end of a line."""
    with content.open("rb") as source:
        raw = source.read(_SAMPLE_BYTES)
    decoder = codecs.getincrementaldecoder(survey.encoding or "utf-8")(errors="replace")
    text = decoder.decode(raw, final=survey.n_bytes <= _SAMPLE_BYTES)
    if survey.n_bytes <= _SAMPLE_BYTES:
        return text
    last = max(text.rfind("\n"), text.rfind("\r"))
    return text[: last + 1] if last > 0 else text


def _hashed(content: Path) -> TextSurvey:
    with content.open("rb") as source:
        return TextSurvey(hashlib.file_digest(source, "sha256").hexdigest(), content.stat().st_size, None)
