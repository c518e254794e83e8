"""Sellers who have left, and people in a deal whose weight cannot be."""

from collections.abc import Iterator

import numpy as np

from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.row_rules import RowRule, find_breaches

__all__ = ["find_people_faults"]

_RANGES = (
    RowRule(
        "influence_is_between_0_and_1",
        "contacts",
        ("influence",),
        good=lambda frame, _: frame["influence"].between(0, 1),
    ),
    RowRule(
        "stance_is_between_minus_1_and_1", "contacts", ("stance",), good=lambda frame, _: frame["stance"].between(-1, 1)
    ),
)


def find_people_faults(case: Case) -> Iterator[Breach]:
    """Open deals of sellers who are not active, and contacts out of range."""
    yield from find_breaches(case, _RANGES)
    if not case.has("opportunities", "owner_id") or not case.has("owners", "owner_id", "active"):
        return
    owners = case.tables["owners"]
    still = owners.loc[owners["active"].fillna(True).astype(bool), "owner_id"]
    gone = owners.loc[~owners["owner_id"].isin(still), "owner_id"].dropna()
    values = case.tables["opportunities"]["owner_id"]
    asked = case.is_open & values.isin(owners["owner_id"].dropna()).to_numpy()
    rows = asked & values.isin(gone).to_numpy()
    if rows.any():
        yield Breach("owner_of_an_open_deal_is_active", "opportunities", rows, int(np.count_nonzero(asked)))
