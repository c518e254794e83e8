"""The same deal or customer entered twice under two keys."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.tables.audit.breaches import BoolArray, Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.spelling import plain_company_name
from oppnb.tables.findings import Note

__all__ = ["DAYS_APART", "NAMES_ALIKE", "find_near_duplicates"]

DAYS_APART = 7
NAMES_ALIKE = 90
_MOST_NEIGHBOURS = 50


def find_near_duplicates(case: Case) -> Iterator[Breach]:
    """Deals of one account, owner and amount created within days under similar names; customers of one name.

    An export without names of deals is judged by the product instead; with neither nothing is claimed.
    """
    named = case.has("opportunities", "name") or case.has("opportunities", "product")
    if named and case.has("opportunities", "account_id", "owner_id", "amount", "created_at"):
        yield from _deals(case)
    if case.has("accounts", "account_id", "name"):
        yield from _accounts(case.tables["accounts"])


def _deals(case: Case) -> Iterator[Breach]:
    frame = case.tables["opportunities"]
    asked = _asked(frame)
    rows = np.zeros(len(frame), dtype=bool)
    blocked = _blocked(frame[asked])
    rows[blocked.index.to_numpy()] = _entered_before(blocked)
    if rows.any():
        note = Note("audit_entered_twice_same_product", {"days": DAYS_APART})
        if "name" in frame.columns:
            note = Note("audit_entered_twice", {"days": DAYS_APART, "similarity": NAMES_ALIKE})
        yield Breach("opportunity_is_not_entered_twice", "opportunities", rows, int(asked.sum()), note)


def _asked(frame: pd.DataFrame) -> BoolArray:
    """A missing account, owner, date or amount, or an amount of nothing, says nothing about two deals being one."""
    filled = frame[["opportunity_id", "account_id", "owner_id", "amount", "created_at"]].notna().all(axis=1)
    if "name" not in frame.columns:
        filled &= frame["product"].notna()
    return (filled & (frame["amount"] != 0)).to_numpy(dtype=bool)


def _blocked(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that share a block with another, sorted so that those created close together are neighbours."""
    keys = ["account_id", "owner_id", "amount"]
    if "name" not in frame.columns:
        keys.append("product")
    codes = np.zeros(len(frame), dtype=np.int64)
    for key in keys:
        values, uniques = pd.factorize(frame[key])
        codes = np.unique(codes * (len(uniques) + 1) + values, return_inverse=True)[1]
    shared = np.bincount(codes, minlength=1)[codes] > 1
    columns = [column for column in ("created_at", "opportunity_id", "name") if column in frame.columns]
    blocked = frame.loc[shared, columns].assign(block=codes[shared])
    return blocked.sort_values(["block", "created_at", "opportunity_id"], kind="stable")


def _entered_before(blocked: pd.DataFrame) -> BoolArray:
    """Whether an earlier row of the same block was created within the days and has a similar name."""
    found = np.zeros(len(blocked), dtype=bool)
    blocks = blocked["block"].to_numpy()
    created = blocked["created_at"].to_numpy()
    ids = blocked["opportunity_id"].to_numpy(dtype=object)
    names = blocked["name"].fillna("").str.casefold().to_numpy(dtype=object) if "name" in blocked.columns else None
    for lag in range(1, min(_MOST_NEIGHBOURS, len(blocked) - 1) + 1):
        close = (blocks[lag:] == blocks[:-lag]) & (created[lag:] - created[:-lag] <= np.timedelta64(DAYS_APART, "D"))
        pairs = np.flatnonzero(close)
        if pairs.size == 0:
            break
        pairs = pairs[ids[pairs] != ids[pairs + lag]]
        if names is not None:
            pairs = pairs[_alike(names[pairs], names[pairs + lag])]
        found[pairs + lag] = True
    return found


def _alike(left: npt.NDArray[np.object_], right: npt.NDArray[np.object_]) -> BoolArray:
    from rapidfuzz import fuzz, process

    if left.size == 0:
        return np.zeros(0, dtype=bool)
    scores = process.cpdist(left.tolist(), right.tolist(), scorer=fuzz.ratio, score_cutoff=NAMES_ALIKE)
    # Deals numbered in their names ("Renewal 2024", "Renewal 2025") are different deals.
    digits = [_digits(first) == _digits(second) for first, second in zip(left, right, strict=True)]
    alike: BoolArray = (np.asarray(scores) >= NAMES_ALIKE) & np.asarray(digits, dtype=bool)
    return alike


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def _accounts(frame: pd.DataFrame) -> Iterator[Breach]:
    """Customers whose names are the same after width, case and legal form are taken off."""
    asked = frame[["account_id", "name"]].notna().all(axis=1).to_numpy(dtype=bool)
    named = frame.loc[asked, ["account_id", "name"]]
    plain = named["name"].map({name: plain_company_name(name) for name in named["name"].unique()})
    shared = named[plain.duplicated(keep=False) & (plain != "")]
    # The smallest key of a name is the customer; rows under other keys are the same customer again.
    first = shared.groupby(plain[shared.index])["account_id"].transform("min")
    rows = np.zeros(len(frame), dtype=bool)
    rows[shared.index[(shared["account_id"] != first).to_numpy(dtype=bool)].to_numpy()] = True
    if rows.any():
        yield Breach("account_is_not_entered_twice", "accounts", rows, int(np.count_nonzero(asked)))
