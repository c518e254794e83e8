"""What a source cannot say about a day, counted, for the report."""

from datetime import date
from typing import Any

import pandas as pd

from oppnb.history.begins import begins_on_of
from oppnb.history.coverage import Coverage, read_coverage
from oppnb.history.day_rows import day_rows
from oppnb.history.deals import attribute_columns, exported_deals
from oppnb.history.fence import count_if, is_missing, is_there
from oppnb.history.moments import as_day
from oppnb.history.rates import Rates, read_rates
from oppnb.history.snapshots import Data, Day
from oppnb.history.source import Source, open_source
from oppnb.history.states import known_states
from oppnb.history.told import told_on_days
from oppnb.tables import Note
from oppnb.workspace import Workspace

__all__ = ["limits"]

TAKEN_AS_FIXED = ("name", "account_id", "product", "region", "source")


def limits(tables: Data, *, day: Day, workspace: Workspace | None = None) -> tuple[Note, ...]:
    """What cannot be known of the pipeline on `day`, and how many deals that touches.

    Parameters
    ----------
    tables, workspace
        As in `as_of`.
    day : date
        The day of knowledge.

    Returns
    -------
    tuple of Note
        Codes of the catalogue (`note.history_…`); empty if there is nothing to say.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1", "2"], "stage": ["Won", "Demo"], "amount": [1.0, 2.0],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-02"])})
    >>> [note.code for note in limits({"opportunities": deals}, day="2024-01-02")][:2]
    ['history_closed_without_date', 'history_no_activities']
    """
    source, workspace = open_source(tables), workspace or Workspace()
    coverage = read_coverage(source, workspace)
    known = as_day(day)
    calendar = day_rows([known], coverage=coverage, workspace=workspace)
    counts = _counts(source, coverage, calendar, workspace)
    facts = calendar.iloc[0]
    notes = [
        *_after_the_export(coverage, known),
        *_about_history(source, coverage, known, facts, counts, workspace),
        *_about_deals(counts, facts),
        *_about_columns(source, coverage, facts, known),
    ]
    if "activities" not in source:
        notes.append(Note("history_no_activities"))
    if "contacts" in source and not facts["is_export_known"]:
        notes.append(Note("history_contacts_undated", {"exported_on": coverage.exported_on.isoformat()}))
    return (*notes, *_about_rates(read_rates(source), known))


def _counts(source: Source, coverage: Coverage, calendar: pd.DataFrame, workspace: Workspace) -> pd.Series:
    deals = exported_deals(source, coverage)
    told = told_on_days(deals, known_states(source, coverage, deals, calendar, workspace), calendar, only_open=False)
    first_at, created_at = told.first_at, told.exported_created_at
    found = told.aggregate(
        n_deals=told.count(),
        n_untold=count_if(is_missing(first_at)).sum(),
        n_untold_undated=count_if(is_missing(first_at) & is_missing(created_at)).sum(),
        n_early=count_if(first_at < created_at).sum(),
        n_undated_close=count_if((told.exported_outcome != "open") & is_missing(told.exported_closed_at)).sum(),
        n_closed_by_export=count_if(told.takes_close & is_there(told.stage_outcome)).sum(),
    )
    undated = deals.filter(is_missing(deals.created_at))
    n_undated = source.frame(undated.aggregate(n=undated.count()))["n"].iloc[0]
    row: pd.Series = source.frame(found).iloc[0].fillna(0).astype("int64")
    both: pd.Series = pd.concat([row, pd.Series({"n_undated": int(n_undated)})])
    return both


def _about_history(
    source: Source, coverage: Coverage, day: date, facts: Any, counts: Any, workspace: Workspace
) -> list[Note]:
    if not coverage.first_at:
        known = {"exported_on": coverage.exported_on.isoformat()}
        return [] if facts["is_export_known"] else [Note("history_none", known)]
    notes = []
    begins_on = begins_on_of(source, coverage, workspace)
    if begins_on is not None:
        notes.append(Note("history_begins_later", {"begins_on": begins_on.isoformat()}))
    if begins_on is not None and day < begins_on:
        notes.append(Note("history_not_yet_begun", {"day": day.isoformat(), "begins_on": begins_on.isoformat()}))
    if counts["n_untold"] and facts["is_stage_tracked"]:
        notes.append(_deals_untold(counts, facts, coverage))
    if counts["n_closed_by_export"]:
        notes.append(Note("history_closed_by_export", {"n": int(counts["n_closed_by_export"])}))
    return notes


def _deals_untold(counts: Any, facts: Any, coverage: Coverage) -> Note:
    """Deals without a history: on the day of the export and after it their state is the export's, before it unknown."""
    values: dict[str, Any] = {"n": int(counts["n_untold"]), "n_deals": int(counts["n_deals"])}
    if not facts["is_export_known"]:
        return Note("history_deals_untold", values)
    values |= {"n_undated": int(counts["n_untold_undated"]), "exported_on": coverage.exported_on.isoformat()}
    return Note("history_deals_of_export", values)


def _after_the_export(coverage: Coverage, day: date) -> list[Note]:
    """The export says nothing of the days after it: what looks quiet then is unknown."""
    days = (day - coverage.exported_on).days
    values = {"day": day.isoformat(), "exported_on": coverage.exported_on.isoformat(), "n": days}
    return [Note("history_export_is_older", values)] if days > 0 else []


def _about_deals(counts: Any, facts: Any) -> list[Note]:
    notes = []
    if counts["n_undated"] and not facts["is_export_known"]:
        notes.append(Note("history_undated_deals", {"n": int(counts["n_undated"])}))
    if counts["n_undated_close"]:
        notes.append(Note("history_closed_without_date", {"n": int(counts["n_undated_close"])}))
    if counts["n_early"]:
        notes.append(Note("history_before_creation", {"n": int(counts["n_early"])}))
    return notes


def _about_columns(source: Source, coverage: Coverage, facts: Any, day: date) -> list[Note]:
    """Of a day before the export: what moves and no history tells, and what is taken not to move."""
    if facts["is_export_known"]:
        return []
    untold = {
        "history_stages_untold": bool(coverage.first_at) and not facts["is_stage_tracked"],
        "history_amounts_untold": source.has("opportunities", "amount") and not facts["is_amount_tracked"],
        "history_owners_untold": source.has("opportunities", "owner_id") and not facts["is_owner_tracked"],
    }
    known = {"day": day.isoformat(), "exported_on": coverage.exported_on.isoformat()}
    notes = [Note(code, known) for code, is_untold in untold.items() if is_untold]
    is_fixed = any(source.has("opportunities", name) for name in TAKEN_AS_FIXED) or attribute_columns(source)
    return [*notes, Note("history_taken_as_fixed", {"exported_on": known["exported_on"]})] if is_fixed else notes


def _about_rates(rates: Rates, day: date) -> list[Note]:
    late = sorted(code for code, known in rates.items() if known["on"].iloc[0] > pd.Timestamp(day))
    return [Note("history_rates_begin_later", {"currencies": ", ".join(late)})] if late else []
