"""JSON lines and JSON arrays as rows: nested records become columns with dots, lists become JSON text."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from oppnb.errors import DataError
from oppnb.sources.headers import clean_headers
from oppnb.sources.native_columns import native_frame
from oppnb.sources.raw import Raw, without_blank_rows
from oppnb.sources.watching import being_written

__all__ = ["read_json", "see_json"]

_SAMPLE = 1000
_WRAPPERS = {"data", "datalist", "deals", "items", "list", "opportunities", "records", "results", "rows", "value"}


def see_json(content: Path, name: str, encoding: str) -> tuple[str, ...] | None:
    """Columns of the first thousand records, in the order in which they turn up; () if there are no records.

    Returns None if the file is JSON but holds no list of records.

    Raises
    ------
    DataError
        If it is not JSON; names the line.
    """
    keys: dict[str, None] = {}
    with _not_too_deep(name):
        records = _records(content, name, encoding)
        if records is None:
            return None
        for record in islice(records, _SAMPLE):
            keys.update(dict.fromkeys(_flat(record)))
    return clean_headers(list(keys))


def read_json(content: Path, name: str, encoding: str) -> Raw:
    """Read JSON records with their native values; a key that a record lacks is null. Raises as `see_json`."""
    columns: dict[str, list[object]] = {}
    n_rows = 0
    with _not_too_deep(name):
        for record in _records(content, name, encoding) or ():
            for key, value in _flat(record).items():
                cells = columns.setdefault(key, [])
                cells.extend([None] * (n_rows - len(cells)))
                cells.append(value)
            n_rows += 1
    for cells in columns.values():
        cells.extend([None] * (n_rows - len(cells)))
    names = clean_headers(list(columns))
    return Raw(without_blank_rows(native_frame(dict(zip(names, columns.values(), strict=True)))))


def _records(content: Path, name: str, encoding: str) -> Iterator[Mapping[str, Any]] | None:
    with content.open(encoding=encoding, errors="replace") as source:
        first = next((line for line in source if line.strip()), "")
    if _is_record(first):
        return _from_lines(content, name, encoding)
    try:
        whole = json.loads(content.read_text(encoding=encoding, errors="replace"))
    except json.JSONDecodeError as error:
        # A text without its closing quote runs to the end of the file, wherever it began.
        if error.msg.startswith("Unterminated string") or error.pos >= content.stat().st_size - 2:
            raise being_written(name, f"line {error.lineno} ends in the middle of a record") from error
        raise DataError(f"'{name}' is not JSON: {error.msg}, line {error.lineno}.\nExport it again.") from error
    rows = _list_of_records(whole)
    return None if rows is None else iter(rows)


def _is_record(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict) and len(line.strip()) > 2
    except json.JSONDecodeError:
        return False


@contextmanager
def _not_too_deep(name: str) -> Iterator[None]:
    try:
        yield
    except RecursionError as error:
        raise DataError(f"'{name}' nests records too deeply to be a table.") from error


def _from_lines(content: Path, name: str, encoding: str) -> Iterator[Mapping[str, Any]]:
    with content.open(encoding=encoding, errors="replace") as source:
        for number, line in enumerate(source, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                if not any(later.strip() for later in source):
                    raise being_written(name, f"line {number} ends in the middle of a record") from error
                raise DataError(f"'{name}', line {number}: not JSON ({error.msg}).\nExport it again.") from error
            if not isinstance(record, dict):
                raise DataError(f"'{name}', line {number}: a record in braces is expected.")
            wrapped = _list_of_records(record) if number == 1 else None
            yield from [record] if wrapped is None else wrapped


def _list_of_records(whole: object) -> list[Mapping[str, Any]] | None:
    """The records of an array, or of the array inside an answer such as `{"results": [...]}`."""
    if isinstance(whole, list):
        return whole if all(isinstance(record, dict) for record in whole) else None
    if not isinstance(whole, dict):
        return None
    inside = (rows for key, rows in whole.items() if isinstance(rows, list) and key.casefold() in _WRAPPERS)
    lists = [rows for rows in map(_list_of_records, inside) if rows]
    return max(lists, key=len, default=None)


def _flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            flat[f"{prefix}{key}"] = json.dumps(value, ensure_ascii=False)
        else:
            flat[f"{prefix}{key}"] = value
    return flat
