"""Stages the configuration does not know, and outcomes that contradict the stage or the close."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.row_rules import RowRule, find_breaches
from oppnb.tables.audit.stage_facts import stage_facts
from oppnb.tables.findings import Note
from oppnb.tables.stage_rows import fold

__all__ = ["find_stage_faults"]

_SHOWN = 5
_OUTCOMES = ["open", "won", "lost"]

_CLOSES = (
    RowRule(
        "outcome_is_open_won_or_lost",
        "opportunities",
        ("outcome",),
        good=lambda frame, _: frame["outcome"].isin(_OUTCOMES),
    ),
    RowRule(
        "closed_deal_has_closed_at",
        "opportunities",
        ("closed_at",),
        good=lambda frame, _: frame["closed_at"].notna(),
        applies=lambda _, case: case.outcomes != "open",
    ),
    RowRule(
        "open_deal_has_no_closed_at",
        "opportunities",
        ("closed_at",),
        good=lambda frame, _: frame["closed_at"].isna(),
        applies=lambda _, case: case.outcomes == "open",
    ),
)


def find_stage_faults(case: Case) -> Iterator[Breach]:
    """Unknown stages and processes, closes without a date and dates without a close, outcomes against the stage."""
    yield from find_breaches(case, _CLOSES)
    if case.has("opportunities"):
        yield from _contradictions(case)
    if any(process.stages for process in case.workspace.processes):
        yield from _unknown(case)


def _contradictions(case: Case) -> Iterator[Breach]:
    frame = case.tables["opportunities"]
    if "outcome" not in frame.columns:
        return
    asked = (frame["outcome"].isin(_OUTCOMES) & case.stages["says_outcome"]).to_numpy()
    rows = asked & (frame["outcome"] != case.stages["outcome"]).to_numpy(dtype=bool)
    if rows.any():
        mended = frame["outcome"].mask(rows, case.stages["outcome"]).rename("outcome")
        yield Breach("outcome_agrees_with_the_stage", "opportunities", rows, int(asked.sum()), mended=mended)


def _unknown(case: Case) -> Iterator[Breach]:
    frame = case.tables["opportunities"]
    there = frame["stage"].notna().to_numpy()
    yield from _stages("opportunities", frame["stage"], there & ~case.stages["is_configured"].to_numpy(dtype=bool))
    if case.has("opportunity_history", "stage"):
        yield from _of_history(case)
    if "process" in frame.columns:
        names = {fold(process.name) for process in case.workspace.processes}
        values = frame["process"]
        known = [text for text in values.dropna().unique() if fold(text) in names]
        rows = (values.notna() & ~values.isin(known)).to_numpy(dtype=bool)
        if rows.any():
            note = Note("audit_unknown_values", {"values": _most_frequent(values[rows])})
            yield Breach("process_is_in_the_configuration", "opportunities", rows, int(values.notna().sum()), note)


def _of_history(case: Case) -> Iterator[Breach]:
    history = case.tables["opportunity_history"]
    stages = history[["stage"]]
    deals = case.tables["opportunities"]
    if "process" in deals.columns and len(case.workspace.processes) > 1:
        in_history, places, count = case.history_links
        row_of = np.full(count + 1, len(deals), dtype=np.intp)
        row_of[places[places >= 0]] = np.flatnonzero(places >= 0)
        processes = deals["process"].reindex(range(len(deals) + 1))
        stages = stages.assign(process=processes.take(row_of[in_history]).to_numpy())
    known = stage_facts(stages, case.workspace)["is_configured"].to_numpy(dtype=bool)
    yield from _stages("opportunity_history", history["stage"], history["stage"].notna().to_numpy() & ~known)


def _stages(table: str, values: pd.Series, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Iterator[Breach]:
    if rows.any():
        note = Note("audit_unknown_values", {"values": _most_frequent(values[rows])})
        yield Breach("stage_is_in_the_configuration", table, rows, int(values.notna().sum()), note)


def _most_frequent(values: pd.Series) -> str:
    counts = values.value_counts()
    order = sorted(((int(count), str(text)) for text, count in counts.items()), key=lambda item: (-item[0], item[1]))
    return ", ".join(f"{text} ({count:,})" for count, text in order[:_SHOWN])
