"""Open a review: read, audit, settle the days, propose stages where there are none."""

from datetime import date, timedelta
from pathlib import Path

from oppnb.errors import DataError, ParameterError
from oppnb.history import as_of as snapshot_as_of
from oppnb.history import open_source, spells
from oppnb.locale import Formats, Words
from oppnb.periods import Period, parse_day, parse_period, period_of
from oppnb.review.review import Review
from oppnb.sources import Reading, read_tables
from oppnb.stages import propose_from_stays, with_presets
from oppnb.tables import Note, Tables, audit_tables
from oppnb.workspace import Workspace, read_workspace

__all__ = ["open_review"]

DAYS_BETWEEN_REVIEWS = 7


def open_review(
    data: str | Path | Tables,
    *,
    as_of: date | str | None = None,
    period: Period | str | None = None,
    compare_to: date | str | None = None,
    workspace: Workspace | str | Path | None = None,
    locale: str | None = None,
    currency: str | None = None,
) -> Review:
    """Open the review of a pipeline.

    Parameters
    ----------
    data : path or Tables
        An export (file, folder, archive), or tables already read.
    as_of : date or str, optional
        The day of knowledge, to its end; nothing later is looked at. By default the day of the export.
    period : Period or str, optional
        `2017Q3`, `2017-08` or `FY2017`; by default the quarter that holds `as_of`, in the workspace's fiscal year.
    compare_to : date or str, optional
        The day of the last review, before `as_of`; by default seven days earlier.
    workspace : Workspace or path, optional
        By default every default: the mapping and the stages are proposed from the data, and said in the notes.
    locale : str, optional
        `en` or `zh_CN`; by default the workspace's.
    currency : str, optional
        ISO 4217; by default the workspace's, else the one that all deals share.

    Returns
    -------
    Review

    Raises
    ------
    ParameterError
        If `compare_to` is not before `as_of`.
    PeriodError
        If a day or a period cannot be read.
    DataError
        If there is no day of the export and none is given, or no opportunity was known on the day; and whatever
        reading and the audit raise.
    """
    settled = with_presets(workspace if isinstance(workspace, Workspace) else read_workspace(workspace))
    if currency is not None:
        settled = settled.model_copy(update={"currency": currency})
    reading = None if isinstance(data, Tables) else read_tables(data, workspace=settled)
    tables = data if isinstance(data, Tables) else _tables_of(reading)
    settled, base_notes = _with_base_currency(settled, tables)
    audit = audit_tables(tables, workspace=settled, reading_findings=reading.findings if reading else ())
    day = _day_of_knowledge(as_of, tables)
    settled, notes = _with_processes(settled, audit.tables, day)
    review = Review(
        workspace=settled,
        tables=audit.tables,
        audit=audit,
        reading=reading,
        as_of=day,
        period=_period(period, day, settled),
        compare_to=_earlier_day(compare_to, day),
        words=Words(locale or settled.locale),
        formats=Formats(Words(locale or settled.locale).locale, currency=settled.currency or _only_currency(tables)),
        opening_notes=(*base_notes, *notes),
    )
    _refuse_a_day_before_the_data(review)
    return review


def _refuse_a_day_before_the_data(review: Review) -> None:
    """A review of nothing would look like a review of a company without deals."""
    if len(review.snapshot):
        return
    created = review.tables["opportunities"].get("created_at")
    first = None if created is None or created.isna().all() else created.min().date().isoformat()
    known = (
        f"The first one was created on {first}." if first else f"They are known from {review.tables.exported_on} on."
    )
    raise DataError(
        f"None of the {len(review.tables['opportunities']):,} opportunities was known on {review.as_of.isoformat()}. "
        f"{known} Choose a later day of knowledge (--as-of)."
    )


def _tables_of(reading: Reading | None) -> Tables:
    if reading is None:
        raise AssertionError("tables are read from a path, or given")
    return reading.tables


def _day_of_knowledge(as_of: date | str | None, tables: Tables) -> date:
    if as_of is not None:
        return parse_day(as_of)
    if tables.exported_on is None:
        raise DataError(
            "The data says no day on which it was exported. Name the day of knowledge (--as-of 2017-09-30), "
            "or write sources: {exported_on: 2017-09-30} in oppnb.yaml."
        )
    return tables.exported_on


def _period(period: Period | str | None, day: date, workspace: Workspace) -> Period:
    first_month = workspace.calendar.fiscal_year_start
    if isinstance(period, Period):
        return period
    if period is None:
        return period_of(day, fiscal_year_start=first_month)
    return parse_period(period, fiscal_year_start=first_month)


def _earlier_day(compare_to: date | str | None, day: date) -> date:
    if compare_to is None:
        return day - timedelta(days=DAYS_BETWEEN_REVIEWS)
    earlier = parse_day(compare_to)
    if earlier >= day:
        raise ParameterError(
            f"The last review ({earlier.isoformat()}) must be before the day of knowledge ({day.isoformat()}). "
            "Give an earlier --compare-to, or leave it out for seven days before."
        )
    return earlier


def _with_processes(workspace: Workspace, tables: Tables, day: date) -> tuple[Workspace, tuple[Note, ...]]:
    """The workspace's processes, or processes proposed from what was known on the day and nothing later."""
    if workspace.processes:
        return workspace, ()
    source = open_source(tables)
    stays = spells(source, known_on=day, workspace=workspace)
    snapshot = snapshot_as_of(source, day, workspace=workspace)
    closed = snapshot[snapshot["outcome"].isin(["won", "lost"])].dropna(subset=["stage"])
    outcomes = _outcome_of_stage(closed[["stage", "outcome"]].to_numpy().tolist())
    stays = stays.assign(process=stays["process"].fillna("default"))
    processes = propose_from_stays(stays[["opportunity_id", "process", "stage", "entered_at"]], outcomes)
    note = Note("review_stages_proposed", {"processes": ", ".join(process.name for process in processes) or "–"})
    return workspace.model_copy(update={"processes": list(processes)}), (note,)


def _outcome_of_stage(pairs: list[list[str]]) -> dict[str, str]:
    from collections import Counter

    from oppnb.tables import fold

    folded = {stage: fold(stage) for stage in {stage for stage, _ in pairs}}
    counts = Counter((folded[stage], outcome) for stage, outcome in pairs)
    return {stage: outcome for (stage, outcome), _ in sorted(counts.items(), key=lambda item: (item[1], item[0]))}


def _with_base_currency(workspace: Workspace, tables: Tables) -> tuple[Workspace, tuple[Note, ...]]:
    """The workspace's currency; without one that which the rates lead to: the commonest that has no rate of its own."""
    deals = tables["opportunities"]
    if workspace.currency is not None or "exchange_rates" not in tables or "currency" not in deals:
        return workspace, ()
    rated = tables["exchange_rates"]["currency"].dropna()
    counts = deals["currency"].dropna().value_counts()
    if len(counts) < 2:
        return workspace, ()
    unrated = sorted((-int(n), str(code)) for code, n in counts.items() if code not in set(rated))
    if not unrated:
        return workspace, ()
    n_deals, code = -unrated[0][0], unrated[0][1]
    note = Note("review_base_currency_assumed", {"currency": code, "n": n_deals, "total": int(counts.sum())})
    return workspace.model_copy(update={"currency": code}), (note,)


def _only_currency(tables: Tables) -> str | None:
    deals = tables["opportunities"]
    found = sorted(deals["currency"].dropna().unique()) if "currency" in deals else list[str]()
    return str(found[0]) if len(found) == 1 else None
