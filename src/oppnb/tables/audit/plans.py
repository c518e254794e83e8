"""Quotas that count twice, and payments that contradict the deal."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case

__all__ = ["find_plan_faults"]

_WHOSE = ("owner_id", "team", "region", "process", "currency")


def find_plan_faults(case: Case) -> Iterator[Breach]:
    """Overlapping quotas of one owner, team, region and process; money received before the close or without a win."""
    if case.has("targets", "period_start", "period_end"):
        yield from _overlaps(case.tables["targets"])
    if case.has("payments", "paid_on", "opportunity_id") and case.has("opportunities", "opportunity_id"):
        yield from _payments(case)


def _overlaps(frame: pd.DataFrame) -> Iterator[Breach]:
    asked = (frame["period_start"].notna() & frame["period_end"].notna()).to_numpy()
    targets = frame[asked & ~frame.duplicated().to_numpy()]
    whose = [column for column in _WHOSE if column in targets.columns]
    groups = targets.groupby(whose, dropna=False).ngroup() if whose else pd.Series(0, index=targets.index)
    ordered = targets[["period_start", "period_end"]].assign(group=groups)
    ordered = ordered.sort_values(["group", "period_start", "period_end"], kind="stable")
    ends = ordered.groupby("group")["period_end"].cummax().shift()
    same = ordered["group"] == ordered["group"].shift()
    overlapping = ordered.index[(same & (ordered["period_start"] <= ends)).to_numpy(dtype=bool)]
    rows = np.zeros(len(frame), dtype=bool)
    rows[overlapping.to_numpy()] = True
    if rows.any():
        yield Breach("targets_do_not_overlap", "targets", rows, len(targets))


def _payments(case: Case) -> Iterator[Breach]:
    payments, deals = case.tables["payments"], case.tables["opportunities"]
    last = ~deals["opportunity_id"].duplicated(keep="last").to_numpy() & deals["opportunity_id"].notna().to_numpy()
    facts = pd.DataFrame({"outcome": case.outcomes[last]})
    facts["closed_on"] = case.local(deals.loc[last, "closed_at"]).dt.normalize() if "closed_at" in deals else pd.NaT
    facts.index = pd.Index(deals.loc[last, "opportunity_id"])
    of_payment = facts.reindex(payments["opportunity_id"]).reset_index(drop=True)
    paid = payments["paid_on"]
    received = (paid.notna() & of_payment["outcome"].notna()).to_numpy()
    unwon = received & (of_payment["outcome"] != "won").to_numpy(dtype=bool)
    if unwon.any():
        yield Breach("payment_belongs_to_a_won_deal", "payments", unwon, int(received.sum()))
    asked = received & of_payment["closed_on"].notna().to_numpy() & ~unwon
    early = asked & (paid < of_payment["closed_on"]).to_numpy(dtype=bool)
    if early.any():
        yield Breach("paid_on_is_not_before_the_close", "payments", early, int(asked.sum()))
