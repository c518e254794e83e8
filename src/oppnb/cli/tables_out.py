"""A frame into a file by its suffix."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from oppnb.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from oppnb.locale import Words
    from oppnb.workspace import Workspace

__all__ = ["SUFFIXES", "aligned", "as_records", "check_suffix", "without_formulas_in", "write_frame"]

SUFFIXES = (".csv", ".parquet", ".json", ".xlsx")
_KEYS = ("opportunity_id", "lead_id")
_CODES = {"grade": "score_grade.", "trend": "score_trend.", "moved_by": "score_group.", "model": "scoring.model_"}


def check_suffix(path: Path | None, allowed: Sequence[str]) -> None:
    """Refuse a file whose name says no kind that can be written, before any work is done."""
    if path is None or path.suffix.lower() in allowed:
        return
    raise UsageError(f"'{path.name}' says no kind of file that can be written here: use {', '.join(allowed)}.")


def write_frame(
    frame: "pd.DataFrame", path: Path, *, locale: str, sheet: str = "scores", workspace: "Workspace | None" = None
) -> None:
    """Write a frame; the file appears when it is complete. `sheet` is scores, leads or judgement."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.stem}.{uuid4().hex[:8]}.unfinished{path.suffix}")
    try:
        if path.suffix.lower() == ".xlsx":
            _write_workbook(frame, unfinished, locale=locale, sheet=sheet, workspace=workspace)
        else:
            _write(frame, unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(frame: "pd.DataFrame", path: Path) -> None:
    kind = path.suffix.lower()
    if kind == ".csv":
        without_formulas_in(frame).to_csv(
            path, index=False, encoding="utf-8-sig", lineterminator="\n", date_format="%Y-%m-%d"
        )
    elif kind == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        path.write_text(json.dumps(as_records(frame), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_workbook(
    frame: "pd.DataFrame", path: Path, *, locale: str, sheet: str, workspace: "Workspace | None"
) -> None:
    """In the reader's words: a workbook is read by people, the other kinds of file by machines."""
    from oppnb.locale import Formats, Words
    from oppnb.reports.workbook import write_workbook

    words = Words(locale)
    headings = {name: _heading(name, words) for name in map(str, frame)}
    told = _in_words(frame if workspace is None else _labelled(frame, workspace, words.locale), words)
    tables = {words(f"score_column.sheet_{sheet}"): told}
    write_workbook(tables, path, words=words, formats=Formats(locale), headings=headings)


def _labelled(frame: "pd.DataFrame", workspace: "Workspace", locale: str) -> "pd.DataFrame":
    """Stages and processes by their labels."""
    from oppnb.stages import process_label, stage_label

    if not {"process", "stage"} <= set(frame.columns):
        return frame
    pairs = list(zip(frame["process"], frame["stage"], strict=True))
    return frame.assign(
        process=[process_label(workspace, name, locale=locale) if isinstance(name, str) else name for name, _ in pairs],
        stage=[
            stage_label(workspace, process, stage, locale=locale) if isinstance(stage, str) else stage
            for process, stage in pairs
        ],
    )


def _heading(column: str, words: "Words") -> str:
    """The heading of a score table's column; empty where reports have the word."""
    idea = column.removeprefix("contribution_")
    if idea != column:
        return words("score_column.contribution", idea=words.get(f"score_group.{idea}", idea))
    return words.get(f"score_column.{column}", "")


def _in_words(frame: "pd.DataFrame", words: "Words") -> "pd.DataFrame":
    said = {
        name: frame[name].map(lambda code, start=start: words.get(f"{start}{code}", code), na_action="ignore")
        for name, start in _CODES.items()
        if name in frame
    }
    return frame.assign(**said)


def without_formulas_in(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Texts that a spreadsheet would take for a formula get an apostrophe in front.

    Only the key of a row stays, or it is not found again. An owner's id is text like any other: in an export without a
    table of users it is the name that somebody typed.
    """
    import pandas as pd

    from oppnb.tables.spreadsheet_text import without_formulas

    texts = [
        name
        for name in frame
        if name not in _KEYS
        and not pd.api.types.is_numeric_dtype(frame[name])
        and not pd.api.types.is_datetime64_any_dtype(frame[name])
    ]
    return frame.assign(**{str(name): without_formulas(frame[name]) for name in texts})


def aligned(frame: "pd.DataFrame") -> str:
    """A frame as text in columns; a Chinese sign is as wide as two Latin ones."""
    import pandas as pd

    with pd.option_context("display.unicode.east_asian_width", True):
        return str(frame.to_string(index=False))


def as_records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """One mapping a row; days as text, what is not known as null."""
    from oppnb.scoring.plain import as_json

    return [as_json(row) for row in frame.to_dict("records")]
