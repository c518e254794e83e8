"""Take back an override by its id, whatever has become of the deal since: by a later row, never by deleting one."""

from datetime import datetime

import pandas as pd

from oppnb.errors import ParameterError
from oppnb.forecasting.nodes import node_parts
from oppnb.forecasting.override import Override
from oppnb.forecasting.overrides import IN_FORCE, override_rows, write_override
from oppnb.store import Store

__all__ = ["short_id", "withdraw_by_id"]


def short_id(override_id: str) -> str:
    """The end of an id, enough to tell overrides apart.

    Examples
    --------
    >>> short_id("20240331T070000000000Z-1a2b3c4d")
    '1a2b3c4d'
    """
    return override_id.rsplit("-", 1)[-1]


def withdraw_by_id(
    store: Store,
    override_id: str,
    *,
    who: str,
    why: str,
    when: datetime,
    time_zone: str = "UTC",
    now: datetime | None = None,
) -> pd.DataFrame:
    """Take back those figures of an override that are still in force.

    Parameters
    ----------
    store : Store
        Of `oppnb.store.open_store`.
    override_id : str
        Of `oppnb.forecasting.overrides_known`, or its end as `short_id` gives it.
    who, why, when
        As in `oppnb.forecasting.Override`.
    time_zone : str
        IANA name: in which `when` has its day; that of the workspace's calendar.
    now : datetime, optional
        The moment it is written; by default the present one.

    Returns
    -------
    DataFrame
        The figures that were taken back, with the columns of `override_rows`.

    Raises
    ------
    ParameterError
        If there is no such override, nothing of it is in force, or it was said later than it is taken back.
    StoreError
        If the store cannot be read or written to.
    """
    rows = override_rows(store)
    of_all = rows[~rows["is_withdrawn"]]
    said = of_all[(of_all["override_id"] == override_id) | (of_all["override_id"].map(short_id) == override_id)]
    if said.empty:
        raise ParameterError(f"There is no override '{override_id}': `oppnb override list` shows those in force.")
    ids = sorted(set(said["override_id"]))
    if len(ids) > 1:
        raise ParameterError(f"'{override_id}' is the end of several overrides: {', '.join(ids)}.")
    standing = said[said["standing"] == IN_FORCE]
    if standing.empty:
        why_not = said["standing"].iloc[-1].replace("_", " ")
        raise ParameterError(f"The override '{override_id}' was {why_not} already: there is nothing to take back.")
    taken_back = _again(standing, who=who, why=why, when=when)
    if taken_back.said_at < standing["said_at"].iloc[0]:
        raise ParameterError(
            f"The override '{override_id}' was said at {standing['said_at'].iloc[0]:%Y-%m-%d %H:%M} UTC: "
            f"it cannot be taken back at {taken_back.said_at:%Y-%m-%d %H:%M} UTC."
        )
    write_override(store, taken_back, time_zone=time_zone, now=now, is_withdrawn=True)
    return standing.reset_index(drop=True)


def _again(rows: pd.DataFrame, *, who: str, why: str, when: datetime) -> Override:
    """An override of the same figures of the same deal or node."""
    first, figures = rows.iloc[0], rows.set_index("figure")
    of_node = pd.isna(first["opportunity_id"])
    by, node = node_parts(str(first["node"])) if of_node else (None, None)
    values = figures["value"].to_dict()
    close = figures["day"].get("expected_close_on")
    return Override(
        who=who,
        why=why,
        when=when,
        opportunity_id=None if of_node else str(first["opportunity_id"]),
        by=by,
        node=node,
        period=None if pd.isna(first["period"]) else str(first["period"]),
        amount=values.get("period_amount" if of_node else "amount"),
        chance=values.get("chance"),
        expected_close_on=None if close is None else pd.Timestamp(close).date(),
    )
