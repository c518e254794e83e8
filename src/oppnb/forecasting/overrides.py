"""What people put in place of the model's number: who, when and why; the model's number stays beside it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd

from oppnb.errors import ParameterError, nearest
from oppnb.forecasting.nodes import COMPANY
from oppnb.forecasting.override import Override
from oppnb.history.book import PipelineBook
from oppnb.store import Store

__all__ = [
    "IN_FORCE",
    "OVERRIDE_COLUMNS",
    "append_override",
    "override_rows",
    "overrides_known",
    "withdraw_override",
    "write_override",
]

OVERRIDE_COLUMNS = {
    "as_of": "datetime64[us]",
    "figure": "str",
    "value": "float64",
    "day": "datetime64[us]",
    "opportunity_id": "str",
    "node": "str",
    "period": "str",
    "who": "str",
    "why": "str",
    "said_at": "datetime64[us]",
    "is_withdrawn": "bool",
}
"""Columns of an override in the store, besides those the store adds."""
_MOMENT = "datetime64[us]"
_TARGET = ["opportunity_id", "node", "period", "figure"]
IN_FORCE, REPLACED, TAKEN_BACK, WITHDRAWAL = "in_force", "replaced", "taken_back", "withdrawal"


def append_override(store: Store, override: Override, *, book: PipelineBook, now: datetime | None = None) -> str:
    """Add an override to the store's ledger; nothing there is changed, and the model's number is not touched.

    Parameters
    ----------
    store : Store
        Of `oppnb.store.open_store`.
    override : Override
        What was said.
    book : PipelineBook
        The deals and nodes that there are.
    now : datetime, optional
        The moment it is written, with a zone or in UTC; by default the present one.

    Returns
    -------
    str
        `table/file` of what was written.

    Raises
    ------
    ParameterError
        If it was said in the future, or of a deal or node that is not known or a deal that is closed.
    StoreError
        If the store cannot be written to.

    Examples
    --------
    See `overrides_known`.
    """
    _check_known(override, book)
    return write_override(store, override, time_zone=book.workspace.calendar.time_zone, now=now)


def withdraw_override(
    store: Store,
    override: Override,
    *,
    who: str,
    why: str,
    when: datetime,
    book: PipelineBook,
    now: datetime | None = None,
) -> str:
    """Take back what an override says, from `when` on; both stay in the ledger, and raise as in `append_override`."""
    taken_back = replace(override, who=who, why=why, when=when)
    _check_known(taken_back, book)
    zone = book.workspace.calendar.time_zone
    return write_override(store, taken_back, time_zone=zone, now=now, is_withdrawn=True)


def overrides_known(store: Store, as_of: date, *, seen_before: datetime | None = None) -> pd.DataFrame:
    """The latest word on each figure of each target and period, as known at the end of a day; without those taken back.

    Parameters
    ----------
    store : Store
        Of `oppnb.store.open_store`.
    as_of : date
        What was said later is not looked at. Days are those of the book's time zone in which it was said.
    seen_before : datetime, optional
        Nor is what was written from this moment on, with a zone or in UTC: what a run of then could know.

    Returns
    -------
    DataFrame
        By `opportunity_id`, `node`, `period` and `figure`: `OVERRIDE_COLUMNS` without `is_withdrawn`, `override_id`
        (of all that was said at once), and `told_days_late`, whole days from when it was said to when it was written
        down. `opportunity_id` is null for a node, `node` for a deal, `period` where none is meant, `day` but for an
        expected close.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from oppnb.forecasting import Override
    >>> from oppnb.history.book import read_book
    >>> from oppnb.store import open_store
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "amount": [300.0], "stage": ["Demo"],
    ...     "created_at": pd.to_datetime(["2024-01-02"])})
    >>> book = read_book({"opportunities": deals}, ["2024-02-29"], known_on="2024-02-29")
    >>> said = Override(opportunity_id="1", chance=0.9, who="U01", why="Verbal yes", when=datetime(2024, 2, 29, 8))
    >>> with TemporaryDirectory() as folder:
    ...     store = open_store(folder)
    ...     name = append_override(store, said, book=book)
    ...     known = overrides_known(store, date(2024, 2, 29))
    >>> known[["opportunity_id", "figure", "who"]].iloc[0].tolist()
    ['1', 'chance', 'U01']
    """
    rows = override_rows(store, as_of, seen_before=seen_before)
    last = rows[rows["standing"] == IN_FORCE].sort_values(_TARGET, ignore_index=True)
    late = (last["seen_at"] - last["said_at"]).dt.days.clip(lower=0).astype("float64")
    return last.drop(columns=["is_withdrawn", "seen_at", "standing"]).assign(told_days_late=late)


def override_rows(store: Store, as_of: date | None = None, *, seen_before: datetime | None = None) -> pd.DataFrame:
    """Every word in the ledger, in the order in which it was said, and what became of it.

    Parameters
    ----------
    store, as_of, seen_before
        As in `overrides_known`; by default all days.

    Returns
    -------
    DataFrame
        `OVERRIDE_COLUMNS`, `seen_at` (when it was written down), `override_id`, `standing`: `in_force`, `replaced` (by
        a later word on the same figure), `taken_back` (by a later row), `withdrawal` (such a row).
    """
    rows = store.read("overrides", as_of_until=as_of, seen_before=seen_before)
    rows = rows.reindex(columns=[*OVERRIDE_COLUMNS, "seen_at", "run_id"])
    rows = rows.assign(is_withdrawn=rows["is_withdrawn"].eq(True)).astype({**OVERRIDE_COLUMNS, "seen_at": _MOMENT})
    rows = rows.sort_values(["said_at", "seen_at", "run_id"], kind="stable", ignore_index=True)
    rows = rows.rename(columns={"run_id": "override_id"})
    later = rows.groupby(_TARGET, dropna=False, sort=False)["is_withdrawn"].shift(-1)
    standing = pd.Series(REPLACED, index=rows.index).mask(later.isna(), IN_FORCE).mask(later.eq(True), TAKEN_BACK)
    return rows.assign(standing=standing.mask(rows["is_withdrawn"], WITHDRAWAL).astype("str"))


def write_override(
    store: Store,
    override: Override,
    *,
    time_zone: str,
    now: datetime | None = None,
    is_withdrawn: bool = False,
) -> str:
    """Add a row for each figure, whatever the data says of the deal or node; see `append_override`."""
    moment = now or datetime.now(UTC)
    moment = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    if override.said_at > moment:
        raise ParameterError(
            f"An override cannot be said in the future: {override.said_at:%Y-%m-%d %H:%M} UTC lies after "
            f"{moment:%Y-%m-%d %H:%M} UTC."
        )
    day = pd.Timestamp(override.said_at).tz_localize("UTC").tz_convert(time_zone).tz_localize(None).normalize()
    closes_on = None if is_withdrawn else override.expected_close_on
    if closes_on is not None and pd.Timestamp(closes_on) < day:
        raise ParameterError(
            f"The expected close {override.expected_close_on} lies before {day:%Y-%m-%d}, the day it was said."
        )
    said = {
        "as_of": day,
        "opportunity_id": override.opportunity_id,
        "node": None if override.opportunity_id else override.target,
        "period": override.period,
        "who": override.who.strip(),
        "why": override.why.strip(),
        "said_at": pd.Timestamp(override.said_at),
        "is_withdrawn": is_withdrawn,
    }
    rows = pd.DataFrame([{**said, **figure} for figure in _figures(override)]).astype(OVERRIDE_COLUMNS)
    return store.append("overrides", rows[list(OVERRIDE_COLUMNS)], seen_at=moment)


def _figures(override: Override) -> list[dict[str, object]]:
    """A row for each figure that was given."""
    day = None if override.expected_close_on is None else pd.Timestamp(override.expected_close_on)
    given: list[tuple[str, float | None, object]] = [
        ("amount" if override.opportunity_id else "period_amount", override.amount, None),
        ("chance", override.chance, None),
        ("expected_close_on", None, day),
    ]
    return [
        {"figure": figure, "value": value, "day": when}
        for figure, value, when in given
        if value is not None or when is not None
    ]


def _check_known(override: Override, book: PipelineBook) -> None:
    if override.opportunity_id is not None:
        found = book.deals.loc[book.deals["opportunity_id"] == override.opportunity_id, "outcome"]
        if found.empty:
            near = nearest(override.opportunity_id, book.deals["opportunity_id"])
            hint = f" Did you mean '{near}'?" if near else ""
            raise ParameterError(f"There is no deal '{override.opportunity_id}' known on {book.known_on}.{hint}")
        if found.iloc[0] != "open":
            raise ParameterError(
                f"Deal '{override.opportunity_id}' is {found.iloc[0]} already: there is nothing to foresee."
            )
    elif override.by != COMPANY:
        _check_node(str(override.by), str(override.node), book)


def _check_node(by: str, node: str, book: PipelineBook) -> None:
    columns = [str(name) for name in book.deals if name not in _NOT_NODES]
    if by not in columns:
        near = nearest(by, columns)
        hint = f" Did you mean '{near}'?" if near else f" There are {', '.join(columns)} and '{COMPANY}'."
        raise ParameterError(f"There are no nodes by '{by}'.{hint}")
    known = sorted({str(value) for value in book.deals[by].dropna().unique()})
    if node not in known:
        near = nearest(node, known)
        raise ParameterError(f"There is no {by} '{node}'." + (f" Did you mean '{near}'?" if near else ""))


_NOT_NODES = {"opportunity_id", "created_on", "closed_on", "outcome", "amount_base", "currency", "account_id"}
