"""What happened to deals between two days, of the whole pipeline whatever the period."""

import pandas as pd

from oppnb.review.cents import from_cents, to_cents
from oppnb.review.scope import KNOWN_ENOUGH, is_open

__all__ = ["changes_since"]


def changes_since(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Count what happened between two snapshots.

    Returns
    -------
    DataFrame
        `change`, `n`, `amount` (as known on the later day; null where less than half of such deals have an amount, for
        the rest would pass for the whole; of the lost also where none has one but 0, which is what many a CRM writes at
        the loss): `won` and `lost` (deals that ended so since; a deal created since is among them), `created` (deals
        not known before; one without a creation date is not counted), `pushed` (open on both days, expected later now).
    """
    known = before.set_index("opportunity_id")[["outcome", "expected_close_on"]].add_suffix("_before")
    deals = pd.concat([after, known.reindex(after["opportunity_id"]).set_axis(after.index)], axis="columns")
    ended_before = deals["outcome_before"].eq(deals["outcome"]).fillna(value=False).astype(bool)
    chosen = {
        "won": (deals["outcome"] == "won") & ~ended_before,
        "lost": (deals["outcome"] == "lost") & ~ended_before,
        "created": ~deals["opportunity_id"].isin(before["opportunity_id"]) & deals["created_at"].notna(),
        "pushed": is_open(deals)
        & deals["outcome_before"].eq("open")
        & (deals["expected_close_on"] > deals["expected_close_on_before"]),
    }
    cents = to_cents(deals["amount_base"])
    masks = {change: mask.fillna(value=False).astype(bool) for change, mask in chosen.items()}
    return pd.DataFrame(
        {
            "change": pd.Series(list(masks), dtype="str"),
            "n": [int(mask.sum()) for mask in masks.values()],
            "amount": [
                from_cents(int(cents[mask].sum())) if _says_amounts(change, deals.loc[mask, "amount_base"]) else None
                for change, mask in masks.items()
            ],
        }
    ).astype({"amount": "float64"})


def _says_amounts(change: str, amounts: pd.Series) -> bool:
    """Whether the amounts add up to something that is known; of no deals at all that is 0."""
    if amounts.empty:
        return True
    is_told = (amounts != 0).any() or change != "lost"
    return bool(is_told and amounts.notna().mean() >= KNOWN_ENOUGH)
