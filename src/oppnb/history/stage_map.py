"""What the texts found in the data mean: which configured stage, at which position, with which outcome."""

from typing import Any

import pandas as pd

from oppnb.history.fence import small_table
from oppnb.tables import fold, outcome_from_words, stage_rows
from oppnb.workspace import Workspace

__all__ = ["stage_map", "with_stage_meaning"]

COLUMNS = {
    "text_no": "int64",
    "process_text": "str",
    "stage_text": "str",
    "process": "str",
    "known_stage": "str",
    "stage_no": "int64",
    "stage_position": "float64",
    "stage_outcome": "str",
    "is_configured": "int64",
}


def stage_map(texts: pd.DataFrame, workspace: Workspace) -> pd.DataFrame:
    """One row a text of the data.

    Parameters
    ----------
    texts : DataFrame
        `process_text` ('' for none) and `stage_text` ('' for none), each pair once.
    workspace : Workspace
        Its stages, matched by folded spelling within the process.

    Returns
    -------
    DataFrame
        `text_no` (0, 1, …), `process_text` ('' for none), `stage_text`, `process` (configured name; the first for none
        or an unknown one, the text as it is if nothing is configured), `known_stage` (configured name, or the text),
        `stage_no` (same number = same stage), `stage_position` (1, 2, …; null if unknown), `stage_outcome` (open, won,
        lost: configured, or read from the words), `is_configured` (0 or 1).
    """
    known = _known(workspace)
    processes = {fold(process.name): process.name for process in workspace.processes}
    first = workspace.processes[0].name if workspace.processes else None
    rows: list[list[object]] = []
    numbers: dict[tuple[str | None, str], int] = {}
    pairs = sorted({(a or "", b) for a, b in texts.itertuples(index=False, name=None)})
    for text_no, (process_text, stage_text) in enumerate(pairs):
        process = processes.get(fold(process_text), first or process_text or None)
        found = known.get((process, fold(stage_text)))
        stage, position, outcome = found or (stage_text or None, None, outcome_from_words(stage_text))
        number = numbers.setdefault((process, fold(stage or stage_text)), len(numbers))
        rows.append(
            [text_no, process_text, stage_text, process, stage, number, position, outcome, int(found is not None)]
        )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _known(workspace: Workspace) -> dict[tuple[str | None, str], tuple[str, float | None, str]]:
    rows = stage_rows(workspace)
    columns = ["process", "spelling", "stage", "position", "outcome"]
    return {
        (process, spelling): (stage, float(position), outcome)
        for process, spelling, stage, position, outcome in rows[columns].itertuples(index=False, name=None)
    }


def with_stage_meaning(rows: Any, stages: pd.DataFrame, *columns: str, of: str = "text_no") -> Any:
    """Add what a text number means: some of `known_stage`, `stage_no`, `stage_position`, `stage_outcome`.

    With `of="text_no_before"` their names end in `_before`. Numbers travel through windows and groups, texts do not.
    """
    ending = of.removeprefix("text_no")
    meant = small_table(stages[["text_no", *columns]])
    meant = meant.select(meant_no="text_no", **{f"{column}{ending}": column for column in columns})
    return rows.left_join(meant, rows[of] == meant.meant_no).drop("meant_no")
