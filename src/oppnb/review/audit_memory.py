"""What earlier audits of the same pipeline found, from the store, so that a report can say what got better."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from oppnb.store import Store

__all__ = ["AuditChange", "audit_change", "remember_audit"]

_NOTHING = ""
_KEYS = ["rule", "table"]


@dataclass(frozen=True)
class AuditChange:
    """What was found, beside what the last audit before found.

    Attributes
    ----------
    day : date
        Of that audit.
    rows : DataFrame
        `rule`, `table`, `n_before`, `n_rows`, `change`; what got worse most first, what is as it was last.
    """

    day: date
    rows: pd.DataFrame


def audit_change(store: Store, faults: pd.DataFrame, *, day: date) -> AuditChange | None:
    """Hold findings beside those of the last audit about an earlier day; None where the store has none.

    Parameters
    ----------
    store : Store
        Of `oppnb.store.open_store`.
    faults : DataFrame
        Of `grade_faults`.
    day : date
        Of knowledge.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    earlier = store.read("audits", as_of_before=day)
    if earlier.empty:
        return None
    last = earlier[earlier["as_of"] == earlier["as_of"].max()]
    last = last[last["seen_at"] == last["seen_at"].max()]
    before = _counted(last[last["rule"] != _NOTHING]).rename(columns={"n_rows": "n_before"})
    rows = _counted(faults).merge(before, on=_KEYS, how="outer").fillna({"n_rows": 0, "n_before": 0})
    rows = rows.assign(change=rows["n_rows"] - rows["n_before"]).astype(dict.fromkeys(("n_before", "n_rows"), "int64"))
    rows = rows.astype({"change": "int64"}).sort_values(["change", *_KEYS], ascending=[False, True, True])
    found = pd.concat([rows[rows["change"] != 0], rows[rows["change"] == 0]], ignore_index=True)
    return AuditChange(last["as_of"].iloc[0].date(), found[[*_KEYS, "n_before", "n_rows", "change"]])


def remember_audit(store: Store, faults: pd.DataFrame, *, day: date, data_hash: str) -> bool:
    """Write the findings of an audit; nothing where the same data was remembered for that day already.

    Returns
    -------
    bool
        Whether it was written.

    Raises
    ------
    StoreError
        If the store cannot be written to.
    """
    known = store.read("audits", as_of_from=day, as_of_until=day)
    if (known["data_hash"] == data_hash).any():
        return False
    rows = pd.concat([pd.DataFrame([{"rule": _NOTHING, "table": _NOTHING, "n_rows": 0}]), _counted(faults)])
    rows = rows.assign(as_of=pd.Timestamp(day), data_hash=data_hash).reset_index(drop=True)
    store.append("audits", rows.astype({"n_rows": "float64"}))
    return True


def _counted(faults: pd.DataFrame) -> pd.DataFrame:
    """One row a rule and table."""
    found: pd.DataFrame = faults.groupby(_KEYS, sort=True)["n_rows"].sum().reset_index()
    return found
