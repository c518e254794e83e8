"""What to fix first: whatever the figures show to be out of line, ranked by the money it touches."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from oppnb.metrics import measure, missing_needs
from oppnb.review.counted_once import count_once
from oppnb.review.fault_grades import grade_faults
from oppnb.review.review import Review
from oppnb.review.weighted_beside import weighted_beside
from oppnb.review.win_rates import compare_win_rates

__all__ = ["fix_first"]

_COLUMNS = [
    "code",
    "subject",
    "process",
    "by",
    "n",
    "total",
    "value",
    "reference",
    "gain",
    "amount",
    "whole",
    "weight",
    "n_above",
    "also",
]
_SAID_OF_DEALS = ("open_deal_is_not_past_its_expected_close", "open_deal_older_than_30_days_has_moved")
_OF_UNKNOWN_MONEY = ("open_deal_has_an_amount", "won_deal_has_an_amount")
_NEEDED = {
    "overdue_close": "expected_close_on",
    "zombie": "age_days",
    "pushed_often": "n_pushes",
    "over_time_limit": "days_in_stage",
}
"""What must be known of a deal to judge it."""
_SLIPPED = 0.2
_LEAST = 10
Row = dict[str, object]


def fix_first(review: Review, *, quarter: Review | None = None) -> pd.DataFrame:
    """Everything that is out of line, the most money first.

    Where nothing is known of the money, a deal counts as the median won deal; a row of which it is not asked counts as
    nothing. A deal's money counts once, in the first row in which the deal stands; a row that speaks of nearly the same
    deals as one above is told there (`also`).

    Parameters
    ----------
    review : Review
        Of the period whose closed deals count; twelve months say more than a quarter.
    quarter : Review, optional
        Of the period whose slippage counts; by default the same.

    Returns
    -------
    DataFrame
        `code`: `deal_…` (a flag of `flag_deals`), `stage_…` (a reason of `find_bottlenecks`), `rate` (a slice that wins
        less than the others beyond chance), `fault` (a high finding of the audit), `odds` (set odds that are off),
        `slipped`, `no_history`. `subject` (stage, slice or rule), `process`, `by` (column of a slice, table of a
        fault; `days_in_stage` where too old a deal is one that stands as long in its stage, as no activity is known);
        `n` of `total` deals or rows that could be judged; `value` beside `reference`; `gain`: how many more deals would
        go on or be won a year, or how many fewer lost, at the reference (null where that is not the question), `amount`
        touched (null where not known; of a gain: so many median won deals; of deals: of those in no row above), `whole`
        (of deals: of all of them; else as `amount`), `weight` (by which it is ranked), `n_above` (its deals that stand
        in a row above), `also` (tuple of code, subject and number of deals of each row that is told here).
    """
    typical = _typical_amount(review)
    lines = [*_of_deals(review), *_of_stages(review, typical)]
    found = [
        *count_once([row for row in lines if "deals" in row], typical=typical),
        *(row for row in lines if "deals" not in row),
        *_of_rates(review, typical),
        *_of_faults(review),
        *_of_odds(review),
        *_of_slippage(quarter or review),
        *_of_history(review),
    ]
    rows = [{name: row.get(name) for name in _COLUMNS} for row in found]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    frame["n_above"] = frame["n_above"].fillna(0)
    frame["also"] = [told if isinstance(told, tuple) else () for told in frame["also"]]
    numbers = dict.fromkeys(["value", "reference", "gain", "amount", "whole", "weight"], "float64")
    frame = frame.astype({**numbers, "n": "int64", "total": "int64", "n_above": "int64"})
    frame["whole"] = frame["whole"].fillna(frame["amount"])
    is_fault = (frame["code"] == "fault") & ~frame["subject"].isin(_OF_UNKNOWN_MONEY)
    of_deals = ~(is_fault | (frame["code"] == "no_history"))
    frame["weight"] = frame["amount"].abs().fillna(((frame["n"] - frame["n_above"]) * typical).where(of_deals, 0.0))
    return frame.sort_values(["weight", "n", "code"], ascending=[False, False, True], kind="stable", ignore_index=True)


def _typical_amount(review: Review) -> float:
    """The median of the won deals' amounts; 1 where none is known, so that deals are counted."""
    known = review.snapshot.loc[review.snapshot["outcome"] == "won", "amount_base"].dropna()
    known = known[known > 0]
    return float(known.median()) if len(known) else 1.0


def _of_deals(review: Review) -> Iterator[Row]:
    deals = review.snapshot[review.snapshot["outcome"] == "open"]
    each = review.attention()[["opportunity_id", "reasons", "amount"]].explode("reasons").dropna(subset=["reasons"])
    for reason, rows in each.groupby("reasons", sort=True):
        n, needed = len(rows), _NEEDED.get(str(reason))
        total = len(deals) if needed is None else int(deals[needed].notna().sum())
        is_by_stay = reason == "zombie" and "activities" not in review.tables
        yield {
            "code": f"deal_{reason}",
            "by": "days_in_stage" if is_by_stay else None,
            "n": n,
            "total": total,
            "value": n / total,
            "deals": rows.set_index("opportunity_id")["amount"],
        }


def _of_stages(review: Review, typical: float) -> Iterator[Row]:
    found = review.bottlenecks().to_dict("records")
    is_narrow = {(row["process"], row["stage"]) for row in found if row["reason"] == "conversion_low"}
    for row in found:
        reason, key = row["reason"], (row["process"], row["stage"])
        if reason == "over_time_limit" or (reason == "leak" and key in is_narrow):
            continue  # said of the deals, or of the same stage already
        is_rate = reason in ("conversion_low", "leak")
        gain = abs(row["reference"] - row["value"]) * row["n"] if is_rate else None
        yield {
            "code": f"stage_{reason}",
            "subject": row["stage"],
            "process": row["process"],
            "n": row["n"],
            "total": row["n"],
            "value": row["value"],
            "reference": row["reference"],
            "gain": gain,
        } | (
            {"deals": _standing(review, row)}
            if gain is None
            else {"amount": _of_gain(review, gain * _won_of_gain(review, row), typical)}
        )


def _standing(review: Review, row: Mapping[Hashable, Any]) -> pd.Series:
    """Amounts of the open deals that a stage holds up: of a pile those that stand there longest, else all."""
    deals = review.snapshot
    there = deals[
        (deals["outcome"] == "open") & (deals["process"] == row["process"]) & (deals["stage"] == row["stage"])
    ]
    if row["reason"] == "good_deals_pile_up":
        there = there.sort_values("days_in_stage", ascending=False, kind="stable").head(int(row["n"]))
    amounts: pd.Series = there.set_index("opportunity_id")["amount_base"]
    return amounts


def _won_of_gain(review: Review, row: Mapping[Hashable, Any]) -> float:
    """Share that is won of the deals that a stage does not lose or hold: as of its others, else as of all deals."""
    closed = review.snapshot["outcome"].isin(["won", "lost"])
    overall = float((review.snapshot["outcome"] == "won").sum() / max(int(closed.sum()), 1))
    odds = review.odds[(review.odds["process"] == row["process"]) & (review.odds["stage"] == row["stage"])]
    kept = row["value"] if row["reason"] == "conversion_low" else 1 - row["value"]
    if odds.empty or pd.isna(odds["observed_odds"].iloc[0]) or not kept > 0:
        return overall
    return min(float(odds["observed_odds"].iloc[0]) / float(kept), 1.0)


def _of_gain(review: Review, gain: float, typical: float) -> float | None:
    is_known = review.snapshot.loc[review.snapshot["outcome"] == "won", "amount_base"].notna().any()
    return round(gain * typical, 2) if is_known else None


def _of_rates(review: Review, typical: float) -> Iterator[Row]:
    for by, rates in compare_win_rates(review.inputs).items():
        for row in rates[(rates["differs"] == "below") & rates["slice"].notna()].to_dict("records"):
            gain = row["others_rate"] * row["n_beside"] - row["won_beside"]
            yield {
                "code": "rate",
                "subject": row["slice"],
                "by": by,
                "n": int(row["n_beside"]),
                "total": int(rates["n"].sum()),
                "value": row["won_beside"] / row["n_beside"],
                "reference": row["others_rate"],
                "gain": gain,
                "amount": _of_gain(review, gain, typical),
            }


def _of_faults(review: Review) -> Iterator[Row]:
    faults = grade_faults(review.audit)
    chosen = faults[(faults["level"] == "high") & (faults["done"] == "kept") & ~faults["rule"].isin(_SAID_OF_DEALS)]
    for row in chosen.to_dict("records"):
        yield {
            "code": "fault",
            "subject": row["rule"],
            "by": row["table"],
            "n": row["n_rows"],
            "total": row["n_checked"],
            "value": row["share"],
            "amount": row["amount"],
        }


def _of_odds(review: Review) -> Iterator[Row]:
    odds = review.odds
    is_off = (odds["n"] >= _LEAST) & ((odds["set_odds"] < odds["low"]) | (odds["set_odds"] > odds["high"]))
    if not is_off.any() or missing_needs("weighted_pipeline", review.inputs, variant="set_odds"):
        return
    # a stage without observed odds would count as worth nothing
    beside = weighted_beside(review.inputs, review.workspace).dropna(subset=["set_amount", "observed_amount"])
    weighed = [round(float(beside[name].sum()), 2) for name in ("set_amount", "observed_amount")]
    if len(beside):
        yield {
            "code": "odds",
            "n": int(is_off.sum()),
            "total": int(odds["set_odds"].notna().sum()),
            "value": weighed[0],
            "reference": weighed[1],
            "amount": round(abs(weighed[0] - weighed[1]), 2),
        }


def _of_slippage(review: Review) -> Iterator[Row]:
    if missing_needs("slippage", review.inputs, variant="count"):
        return
    share = measure("slippage", review.inputs, variant="count").iloc[0]
    if pd.isna(share["value"]) or share["value"] < _SLIPPED or share["n"] < _LEAST:
        return
    amount = _value(review, "slipped_amount", "period")
    yield {
        "code": "slipped",
        "n": round(float(share["value"]) * int(share["n"])),
        "total": int(share["n"]),
        "value": float(share["value"]),
        "amount": None if np.isnan(amount) else amount,
    }


def _value(review: Review, metric: str, variant: str) -> float:
    """A figure of the review; null where the data does not allow it."""
    if missing_needs(metric, review.inputs, variant=variant):
        return float("nan")
    return float(measure(metric, review.inputs, variant=variant)["value"].iloc[0])


def _of_history(review: Review) -> Iterator[Row]:
    if any(note.code == "history_depth_none" for note in review.notes):
        n = len(review.snapshot)
        yield {"code": "no_history", "n": n, "total": n}
