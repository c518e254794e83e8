"""What the stage of each row means: known or not, and which outcome it says."""

import numpy as np
import pandas as pd

from oppnb.tables.stage_rows import fold, outcome_from_words, stage_rows
from oppnb.workspace import Workspace

__all__ = ["configured_names", "stage_facts"]


def stage_facts(frame: pd.DataFrame, workspace: Workspace) -> pd.DataFrame:
    """Look every row's stage up in the configuration.

    Parameters
    ----------
    frame : DataFrame
        With `stage` and, where there are several processes, `process`.
    workspace : Workspace
        Its processes may be empty: then no stage is configured and the outcome is read from the stage's words.

    Returns
    -------
    DataFrame, same index
        `is_configured` (the stage belongs to the row's process; a null or unknown process means the first),
        `outcome` (open, won, lost), `says_outcome` (configured, or its words say won or lost).
    """
    stages, stage_values = pd.factorize(frame["stage"])
    with_process = "process" in frame.columns and len(workspace.processes) > 1
    processes, process_values = (
        pd.factorize(frame["process"]) if with_process else (np.full(len(frame), -1), pd.Index([]))
    )
    width = len(stage_values) + 1
    pairs, place = np.unique((processes + 1) * width + stages + 1, return_inverse=True)
    lookup = _Lookup(workspace)
    facts = [
        lookup.fact(
            None if pair < width else str(process_values[pair // width - 1]),
            None if pair % width == 0 else str(stage_values[pair % width - 1]),
        )
        for pair in pairs.tolist()
    ]
    table = pd.DataFrame(facts, columns=["is_configured", "outcome", "says_outcome"])
    return table.take(place).set_axis(frame.index, axis=0)


def configured_names(values: pd.Series, workspace: Workspace) -> pd.Series:
    """The stages in one spelling: the configured name where there is one, else the folded text."""
    names = {row.spelling: row.stage for row in reversed(list(stage_rows(workspace).itertuples()))}
    return values.map({text: names.get(fold(text), fold(text)) for text in values.dropna().unique()})


class _Lookup:
    def __init__(self, workspace: Workspace) -> None:
        rows = stage_rows(workspace)
        self._outcomes = {(row.process, row.spelling): str(row.outcome) for row in rows.itertuples()}
        self._processes = {fold(process.name): process.name for process in workspace.processes}
        self._first = workspace.processes[0].name if workspace.processes else ""

    def fact(self, process: str | None, stage: str | None) -> tuple[bool, str, bool]:
        if stage is None:
            return False, "open", False
        name = self._first if process is None else self._processes.get(fold(process), self._first)
        configured = self._outcomes.get((name, fold(stage)))
        if configured is not None:
            return True, configured, True
        spoken = outcome_from_words(stage)
        return False, spoken, spoken != "open"
