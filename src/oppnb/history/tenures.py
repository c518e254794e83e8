"""Who had each deal from which day on, as the history tells: owner, and what follows from the owner."""

from datetime import date

import pandas as pd

from oppnb.history.attributes import with_attributes
from oppnb.history.fence import is_there
from oppnb.history.moments import local_day
from oppnb.history.source import Source

__all__ = ["OF_OWNER", "TENURE_COLUMNS", "as_held", "read_tenures"]

OF_OWNER = ("owner_id", "team", "manager_id", "region")
"""What changes when a deal goes to another owner."""
TENURE_COLUMNS = ("opportunity_id", "from_on", *OF_OWNER)
_ALWAYS = pd.Timestamp("1700-01-01")


def read_tenures(source: Source, snapshot: pd.DataFrame, until: date, zone: str) -> pd.DataFrame:
    """The spans of the deals that were with more than one owner up to a day; the others stand as in the snapshot.

    Parameters
    ----------
    source : Source
        Its history may name owners.
    snapshot : DataFrame
        Of `as_of` on the day, before attributes are added: the deals wanted.
    until : date
        The day of knowledge; later changes are not looked at.
    zone : str
        Where days end.

    Returns
    -------
    DataFrame
        `TENURE_COLUMNS`, by deal and `from_on`. The first span of a deal is of all days before the history names an
        owner: nobody told whose it was, and what the snapshot says is taken.
    """
    told = _told(source, snapshot, until, zone)
    moved = told.groupby("opportunity_id")["owner_id"].nunique()
    told = told[told["opportunity_id"].isin(moved.index[moved > 1])]
    deals = snapshot[snapshot["opportunity_id"].isin(told["opportunity_id"])]
    untold = deals[["opportunity_id", "owner_id"]].assign(from_on=_ALWAYS)
    spans = pd.concat([untold, told[["opportunity_id", "owner_id", "from_on"]]])
    spans = spans.sort_values(["opportunity_id", "from_on"], kind="stable", ignore_index=True)
    found = with_attributes(spans.merge(deals.drop(columns="owner_id"), on="opportunity_id", how="left"), source)
    return found.astype({"from_on": "datetime64[us]"})[list(TENURE_COLUMNS)]


def _told(source: Source, snapshot: pd.DataFrame, until: date, zone: str) -> pd.DataFrame:
    """One row a deal and day on which its history named an owner: the last of that day."""
    if not source.has("opportunity_history", "owner_id"):
        return pd.DataFrame({name: pd.Series(dtype="str") for name in ("opportunity_id", "owner_id", "from_on")})
    history = source["opportunity_history"]
    history = history.filter(is_there(history.opportunity_id) & is_there(history.changed_at))
    history = history.filter(is_there(history.owner_id))
    rows = source.frame(history.select("opportunity_id", "changed_at", "seq", "owner_id"))
    rows = rows[rows["opportunity_id"].isin(snapshot["opportunity_id"])]
    rows = rows.sort_values(["opportunity_id", "changed_at", "seq"], ignore_index=True)
    rows["from_on"] = local_day(rows["changed_at"], zone)
    rows = rows[rows["from_on"] <= pd.Timestamp(until)]
    return rows.drop_duplicates(["opportunity_id", "from_on"], keep="last", ignore_index=True)


def as_held(deals: pd.DataFrame, tenures: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The deals with the owner, and what follows from it, of the end of a day.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "owner_id": ["b"], "team": [None], "manager_id": [None],
    ...     "region": ["East"]})
    >>> tenures = pd.concat([deals.assign(owner_id=name, from_on=pd.Timestamp(on))
    ...     for name, on in (("b", "1700-01-01"), ("a", "2024-01-05"), ("b", "2024-03-01"))])
    >>> [as_held(deals, tenures, pd.Timestamp(on))["owner_id"][0] for on in ("2024-02-29", "2024-03-01")]
    ['a', 'b']
    """
    if tenures.empty:
        return deals
    last = tenures[tenures["from_on"] <= day].drop_duplicates("opportunity_id", keep="last")
    at = pd.Index(last["opportunity_id"]).get_indexer(pd.Index(deals["opportunity_id"]))
    is_moved = at >= 0
    found = deals.copy(deep=False)
    for name in OF_OWNER:
        values = deals[name].astype("object").to_numpy(copy=True)
        values[is_moved] = last[name].astype("object").to_numpy()[at[is_moved]]
        found[name] = pd.Series(values, index=deals.index, dtype=deals[name].dtype)
    return found
