"""Deals that need a look, with the reasons, ranked by amount times severity."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.review.deal_flags import FLAGS
from oppnb.stages import stage_label
from oppnb.workspace import Workspace

__all__ = ["attention_list", "reason_text"]

_COLUMNS = ["opportunity_id", "name", "owner_id", "process", "stage", "amount", "expected_close_on", "reasons"]


def attention_list(flags: pd.DataFrame) -> pd.DataFrame:
    """Rank the flagged deals.

    The ranking is amount times severity, and severity is the sum of the weights of a deal's reasons (`FLAGS`): it
    puts first what is both large and in trouble. It is a stated order to look at deals in, not an estimate of anything.
    Deals of equal rank, such as those without an amount, follow by severity, the oldest first, and key.

    Parameters
    ----------
    flags : DataFrame
        From `flag_deals`.

    Returns
    -------
    DataFrame
        One row a flagged open deal: `opportunity_id`, `name`, `owner_id`, `process`, `stage`, `amount`,
        `expected_close_on`, `reasons` (list of codes, the gravest first), `severity`, `score`.
    """
    chosen = flags[list(FLAGS)].fillna(value=False).astype(bool)
    rows = flags[chosen.any(axis=1)].copy()
    marks = chosen.loc[rows.index]
    by_weight = sorted(FLAGS, key=lambda code: -FLAGS[code])
    rows["reasons"] = [[code for code in by_weight if row[code]] for row in marks.to_dict("records")]
    rows["severity"] = (marks * pd.Series(FLAGS)).sum(axis=1).astype("int64")
    rows["score"] = rows["amount"].fillna(0.0) * rows["severity"]
    order = ["score", "severity", "fact_age", "opportunity_id"]
    ranked = rows.sort_values(order, ascending=[False, False, False, True], kind="stable")
    facts = [name for name in flags.columns if name.startswith("fact_")]
    return ranked[[*_COLUMNS, "severity", "score", *facts]].reset_index(drop=True)


def reason_text(row: Mapping[str, object], *, words: Words, formats: Formats, workspace: Workspace) -> str:
    """The reasons of one deal as a sentence in the reader's language."""
    reasons = row["reasons"]
    parts = []
    for code in reasons if isinstance(reasons, list) else []:
        values = {name: _shown(row[f"fact_{name}"], formats) for name in _FACTS_OF[code]}
        if code == "over_time_limit":
            process, stage = str(row["process"]), str(row["stage"])
            values["stage"] = stage_label(workspace, process, stage, locale=words.locale)
        parts.append(words(f"review_reason.{code}", **values))
    return words("review.sentence_end", text=words("review.and_then").join(parts)) if parts else ""


_FACTS_OF: Mapping[str, tuple[str, ...]] = {
    "overdue_close": ("expected_close", "days_overdue"),
    "zombie": ("age", "cycle_limit"),
    "stale": ("silent_days",),
    "pushed_often": ("n_pushes",),
    "over_time_limit": ("days_in_stage", "time_limit"),
    "key_task_overdue": ("task",),
    "next_step_overdue": ("next_step_due",),
    "single_contact": ("n_contacts",),
}


def _shown(value: object, formats: Formats) -> str:
    if isinstance(value, pd.Timestamp):
        return formats.day(value.date(), short=True)
    if isinstance(value, (int, float, np.floating, np.integer)):
        return formats.number(float(value))
    return "–" if value is None or value is pd.NaT else str(value)
