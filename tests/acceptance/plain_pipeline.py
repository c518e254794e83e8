"""The sample's pipeline on a day in plain pandas, straight from its files: a second opinion that shares no code."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
HOURS_EAST = pd.Timedelta(hours=8)
ODDS = {
    ("new_business", "Lead"): 0.1,
    ("new_business", "Qualified"): 0.3,
    ("new_business", "Proposal"): 0.5,
    ("new_business", "Negotiation"): 0.8,
    ("renewal", "Review"): 0.6,
    ("renewal", "Offer"): 0.75,
    ("renewal", "Terms"): 0.9,
}


@dataclass(frozen=True)
class PlainPipeline:
    """What the files say, read with pandas and nothing else."""

    folder: Path = SAMPLE / "pipeline"

    def read(self, name: str, *days: str) -> pd.DataFrame:
        ids = dict.fromkeys(["opportunity_id", "owner_id", "account_id"], str)
        frame = pd.read_csv(self.folder / f"{name}.csv", dtype=ids, parse_dates=list(days))
        moments = [column for column in days if frame[column].dt.tz is not None]
        return frame.assign(**{column: frame[column].dt.tz_localize(None) for column in moments})

    @cached_property
    def deals(self) -> pd.DataFrame:
        return self.read("opportunities", "created_at").set_index("opportunity_id")

    @cached_property
    def states(self) -> pd.DataFrame:
        """Every row of the history with what was valid from it on."""
        rows = self.read("opportunity_history", "changed_at", "expected_close_on")
        rows = rows.sort_values(["opportunity_id", "changed_at"], kind="stable")
        kept = ["stage", "amount", "expected_close_on", "owner_id"]
        rows[kept] = rows.groupby("opportunity_id")[kept].ffill()
        is_new_stage = rows["stage"] != rows.groupby("opportunity_id")["stage"].shift()
        rows["stage_since"] = rows["changed_at"].where(is_new_stage)
        rows["stage_since"] = rows.groupby("opportunity_id")["stage_since"].ffill()
        return rows

    @cached_property
    def rates(self) -> pd.DataFrame:
        return self.read("exchange_rates", "on").sort_values("on")

    def rate(self, days: pd.Series) -> np.ndarray:
        place = np.searchsorted(self.rates["on"].to_numpy(), days.to_numpy(), side="right") - 1
        return self.rates["rate_to_base"].to_numpy()[np.maximum(place, 0)]

    def on(self, day: str) -> pd.DataFrame:
        """One row a deal known at the end of the day in Shanghai, by key."""
        ends = pd.Timestamp(day) + pd.Timedelta(days=1) - HOURS_EAST
        state = self.states[self.states["changed_at"] < ends].groupby("opportunity_id").last()
        state = state.join(self.deals[["process", "currency", "created_at", "region", "product"]])
        state["outcome"] = state["stage"].map({"Won": "won", "Lost": "lost"}).fillna("open")
        state["closed_on"] = (state["stage_since"] + HOURS_EAST).dt.normalize().where(state["outcome"] != "open")
        priced_on = state["closed_on"].fillna(pd.Timestamp(day))
        state["rate"] = np.where(state["currency"] == "CNY", 1.0, self.rate(priced_on))
        state["cny"] = state["amount"] * state["rate"]
        return state.drop(columns=["changed_at"])

    def target(self, first: pd.Timestamp, last: pd.Timestamp) -> float:
        targets = self.read("targets", "period_start", "period_end")
        inside = (targets["period_start"] >= first) & (targets["period_end"] <= last)
        return float(targets.loc[inside, "amount"].sum())


def bridge(before: pd.DataFrame, after: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> dict[str, float]:
    """The bars between two days, of the deals expected to close from `first` to `last`."""
    both = before.add_suffix("_0").join(after.add_suffix("_1"), how="outer")
    cents = {side: (both[f"cny_{side}"].fillna(0) * 100).round() for side in (0, 1)}
    due = {
        side: (both[f"outcome_{side}"] == "open") & both[f"expected_close_on_{side}"].between(first, last)
        for side in (0, 1)
    }
    gone, came, stayed = due[0] & ~due[1], ~due[0] & due[1], due[0] & due[1]
    is_new = both["outcome_0"].isna()
    reopened = ~is_new & (both["outcome_0"] != "open")
    won, lost = gone & (both["outcome_1"] == "won"), gone & (both["outcome_1"] == "lost")
    change = cents[1] - cents[0]
    at_old_rate = ((both["amount_1"] - both["amount_0"]) * both["rate_0"] * 100).round()
    own = change.where(both["rate_0"] == both["rate_1"], at_old_rate)[stayed | won]
    bars = {
        "start": cents[0][due[0]].sum(),
        "new": cents[1][came & is_new].sum(),
        "reopened": cents[1][came & reopened].sum(),
        "pulled_in": cents[1][came & ~is_new & ~reopened].sum(),
        "increased": own[own > 0].sum(),
        "decreased": own[own < 0].sum(),
        "currency": (change[stayed | won] - own).sum(),
        "won": -cents[1][won].sum(),
        "lost": -cents[0][lost].sum(),
        "pushed_out": -cents[0][gone & ~won & ~lost].sum(),
        "end": cents[1][due[1]].sum(),
    }
    return {bar: float(amount) / 100 for bar, amount in bars.items()}
