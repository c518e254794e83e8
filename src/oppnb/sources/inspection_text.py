"""An inspection as text: a paragraph a file, a line a column."""

from collections.abc import Iterable

from oppnb.locale import Formats, Words
from oppnb.sources.inspection_columns import ColumnLook, FileLook
from oppnb.sources.seen import LeftOut
from oppnb.tables import Note

__all__ = ["describe"]

_MOST_COLUMNS = 60
_SAID = "sources_proposed"  # the YAML says it line by line


def describe(
    files: Iterable[FileLook], left_out: Iterable[LeftOut], notes: Iterable[Note], *, problem: str | None, locale: str
) -> str:
    """Put what was seen into words."""
    words, formats = Words(locale), Formats(locale)
    parts = ["\n".join(_file(file, words, formats)) for file in files]
    parts += ["\n".join(words("note." + f"sources_left_out_{file.reason}", file=file.name) for file in left_out)]
    parts.append("\n".join(words("note." + note.code, **note.values) for note in notes if note.code != _SAID))
    parts.append(problem or "")
    return "\n\n".join(part for part in parts if part)


def _file(file: FileLook, words: Words, formats: Formats) -> list[str]:
    layout = ", ".join(part for part in (file.format, file.encoding, _shown(file.delimiter)) if part)
    head = words(
        "inspect.file",
        name=file.name,
        layout=layout,
        rows=formats.number(file.n_rows),
        columns=formats.number(len(file.columns)),
    )
    width = min(max((len(column.header) for column in file.columns), default=0), 40)
    lines = [_column(column, words, formats, width) for column in file.columns[:_MOST_COLUMNS]]
    if len(file.columns) > _MOST_COLUMNS:
        lines.append("  " + words("inspect.more_columns", n=formats.number(len(file.columns) - _MOST_COLUMNS)))
    return [head, *lines]


def _column(column: ColumnLook, words: Words, formats: Formats, width: int) -> str:
    header = column.header if len(column.header) <= 40 else column.header[:39] + "…"
    filled = words("inspect.filled", share=formats.share(column.filled))
    distinct = words("inspect.distinct", n=formats.number(column.n_distinct))
    said = f"  {header:<{width}}  {words('inspect.kind_' + column.kind)}, {filled}, {distinct}"
    fills = f"  -> {', '.join(column.fills)}" if column.fills else ""
    return said + (f"  [{', '.join(column.examples)}]" if column.examples else "") + fills


def _shown(delimiter: str | None) -> str:
    return {"\t": "tab", None: ""}.get(delimiter, f"'{delimiter}'")
