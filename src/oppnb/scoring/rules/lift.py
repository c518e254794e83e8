"""What each rule was worth: how much more often deals were won while it held, on closed deals as they stood then."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history import Source
from oppnb.metrics import weighted_share
from oppnb.scoring.rules.frame import rule_frame
from oppnb.scoring.rules.marks import attribute_marks, behaviour_marks
from oppnb.scoring.rules.same_stage import NOT_KNOWN, same_stage_lift
from oppnb.scoring.stages_meant import stands_in
from oppnb.tables import Tables
from oppnb.workspace import AttributeRule, BehaviourRule, Workspace

__all__ = ["LIFT_COLUMNS", "measure_rules", "rule_lift"]

Floats = npt.NDArray[np.float64]

LIFT_COLUMNS = (
    "rule",
    "kind",
    "points",
    "n_with",
    "win_rate_with",
    "low_with",
    "high_with",
    "n_without",
    "win_rate_without",
    "low_without",
    "high_without",
    "lift",
    "lift_low",
    "lift_high",
    "same_stage_lift",
    "same_stage_low",
    "same_stage_high",
    "agrees",
    "is_as_exported",
)
NOT_NUMBERS = {"rule": "str", "kind": "str", "agrees": "boolean", "is_as_exported": "bool"}
HOLDS_FROM = 0.5
DATED = frozenset(
    {
        "stage",
        "stage_position",
        "amount",
        "amount_base",
        "expected_close_on",
        "owner_id",
        "forecast_category",
        "next_step",
        "next_step_due_on",
        "created_at",
        "entered_stage_at",
        "days_in_stage",
        "age_days",
        "n_pushes",
        "days_pushed",
        "n_pulls",
        "n_stage_changes",
        "has_moved",
        "n_stage_regressions",
        "n_activities_last_7_days",
        "n_activities_last_30_days",
        "n_activities_last_90_days",
        "days_since_last_activity",
    }
)


def measure_rules(
    snapshot: pd.DataFrame, ends: pd.DataFrame, tables: Tables | Source, *, workspace: Workspace
) -> pd.DataFrame:
    """Every rule of the workspace with its lift.

    Parameters
    ----------
    snapshot, ends : DataFrame
        `rows` and `ends` of `oppnb.history.landmarks`: deals on days on which they were open, and how they ended as
        known on the last one. Rows of deals that are still open are not used.
    tables
        As in `oppnb.history.as_of`.

    Returns
    -------
    DataFrame
        As `rule_lift`, attribute rules first, in the order of the workspace. A rule for some stages only is measured on
        deals in those.
    """
    is_closed = ends["end"].isin(["won", "lost"]).to_numpy()
    rows, closed = snapshot[is_closed].reset_index(drop=True), ends[is_closed].reset_index(drop=True)
    scoring = workspace.scoring
    won, weights = closed["end"].eq("won").to_numpy(), None
    if "weight" in closed.columns:
        weights = closed["weight"].to_numpy(dtype="float64")
    of_attributes = attribute_marks(rule_frame(rows, tables), scoring.attribute_rules)
    of_behaviour = behaviour_marks(rows, tables, scoring.behaviour_rules, workspace=workspace)
    for rule in scoring.behaviour_rules:
        of_behaviour[rule.name] = of_behaviour[rule.name].where(
            stands_in(rows["stage"], rule.stages, workspace=workspace)
        )
    stage = rows["process"].fillna("") + "\0" + rows["stage"].fillna("")
    parts = [
        rule_lift(marks, rules, won=won, deals=rows["opportunity_id"], stage=stage, weights=weights)
        for marks, rules in ((of_attributes, scoring.attribute_rules), (of_behaviour, scoring.behaviour_rules))
    ]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def rule_lift(
    marks: pd.DataFrame,
    rules: Sequence[AttributeRule] | Sequence[BehaviourRule],
    *,
    won: npt.NDArray[np.bool_],
    deals: pd.Series,
    stage: pd.Series | None = None,
    weights: Floats | None = None,
) -> pd.DataFrame:
    """Win rate of closed deals while the rule held and while it did not, and the difference.

    A deal counts once however many days it was seen on: each of its rows has a share of it, so a deal that met the rule
    on half of its days counts half to either side. Deals that closed count alone: one still open has no end yet.

    Parameters
    ----------
    marks : DataFrame, shape (n_rows, n_rules)
        Of `attribute_marks` or `behaviour_marks`, deals on days on which they were open. A rule holds from 0.5 on (for
        fading contact: one such activity no older than a half-life, or as much); rows where it is null are left out.
    rules : sequence
        The rules in `marks`.
    won : array of bool, shape (n_rows,)
        How the row's deal ended.
    deals : Series, shape (n_rows,)
        Its key.
    stage : Series, optional
        The stage it stood in.
    weights : array, optional
        How much a row stands for beside others of its deal; by default all the same.

    Returns
    -------
    DataFrame
        One row a rule: `rule`, `kind` (attribute, behaviour), `points`; `n_with` (deals, with fractions),
        `win_rate_with`, `low_with`, `high_with` (Wilson's 95 % interval of the effective number of deals); the same
        `_without`; `lift` (`win_rate_with - win_rate_without`) and its 95 % interval (Newcombe's hybrid score);
        `same_stage_lift`, `same_stage_low`, `same_stage_high` (of `same_stage_lift`: deals compared with others of
        their stage only; null without `stage`); `agrees` (True: the interval, among deals of the same stage where it is
        known, lies on the side of the points; False: on the other side; null: it holds 0, or cannot be told);
        `is_as_exported` (the rule asks for values whose changes are not on record: they may have been filled in after
        the outcome was clear, so the lift may promise too much). Null where nothing can be said.

    References
    ----------
    .. [1] R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
       Medicine 17, 1998, pp. 873-890, method 10.

    Examples
    --------
    >>> rule = AttributeRule(name="large", points=10, where={"employees": {"at_least": 500}})
    >>> marks = pd.DataFrame({"large": [1.0] * 8 + [0.0] * 8})
    >>> won = np.array([True] * 7 + [False] + [False] * 6 + [True] * 2)
    >>> found = rule_lift(marks, [rule], won=won, deals=pd.Series(range(16))).iloc[0]
    >>> float(found["lift"]), round(float(found["lift_low"]), 2), bool(found["agrees"])
    (0.625, 0.14, True)
    """
    shares = _shares(deals, weights)
    rows = [_one_rule(rule, marks[rule.name].to_numpy(dtype="float64"), won, deals, stage, shares) for rule in rules]
    frame = pd.DataFrame(rows, columns=list(LIFT_COLUMNS))
    return frame.astype({name: "float64" for name in LIFT_COLUMNS if name not in NOT_NUMBERS} | NOT_NUMBERS)


def _shares(deals: pd.Series, weights: Floats | None) -> Floats:
    """Each row's share of its deal."""
    given = pd.Series(np.ones(len(deals)) if weights is None else weights, index=deals.index)
    whole = given.groupby(deals.to_numpy()).transform("sum")
    return np.asarray(np.divide(given, whole, out=np.zeros(len(given)), where=whole.to_numpy() > 0), dtype="float64")


def _one_rule(
    rule: AttributeRule | BehaviourRule,
    marks: Floats,
    won: npt.NDArray[np.bool_],
    deals: pd.Series,
    stage: pd.Series | None,
    shares: Floats,
) -> dict[str, object]:
    told: dict[str, object] = {
        "rule": rule.name,
        "kind": "attribute" if isinstance(rule, AttributeRule) else "behaviour",
        "points": rule.points,
        "is_as_exported": isinstance(rule, AttributeRule) and not set(rule.where) <= DATED,
    }
    held, not_held = (_side(side, won, deals, shares) for side in (marks >= HOLDS_FROM, marks < HOLDS_FROM))
    for name, side in (("with", held), ("without", not_held)):
        told |= {f"n_{name}": side[0], f"win_rate_{name}": side[1], f"low_{name}": side[2], f"high_{name}": side[3]}
    lift = _difference(held, not_held)
    holds = np.where(np.isnan(marks), np.nan, marks >= HOLDS_FROM)
    same = NOT_KNOWN if stage is None else same_stage_lift(holds, won, deals, stage, shares)
    told |= dict(zip(("lift", "lift_low", "lift_high"), lift, strict=True))
    told |= dict(zip(("same_stage_lift", "same_stage_low", "same_stage_high"), same, strict=True))
    return told | {"agrees": _agrees(lift if math.isnan(same[0]) else same, rule.points)}


def _side(
    chosen: npt.NDArray[np.bool_], won: npt.NDArray[np.bool_], deals: pd.Series, shares: Floats
) -> tuple[float, float, float, float]:
    """Number of deals, their win rate and its interval."""
    by_deal = pd.DataFrame({"deal": deals.to_numpy(), "share": shares, "won": won})[chosen].groupby("deal", sort=True)
    deal = by_deal.agg(share=("share", "sum"), won=("won", "max"))
    found = weighted_share(deal["won"].to_numpy(dtype="float64"), deal["share"].to_numpy(dtype="float64"))
    if found is None:
        return 0.0, math.nan, math.nan, math.nan
    return math.fsum(deal["share"]), *found


def _difference(
    held: tuple[float, float, float, float], not_held: tuple[float, float, float, float]
) -> tuple[float, float, float]:
    (_, p, low_p, high_p), (_, q, low_q, high_q) = held, not_held
    if math.isnan(p) or math.isnan(q):
        return NOT_KNOWN
    return p - q, p - q - math.hypot(p - low_p, high_q - q), p - q + math.hypot(high_p - p, q - low_q)


def _agrees(lift: tuple[float, float, float], points: float) -> bool | None:
    _, low, high = lift
    if points == 0 or math.isnan(low) or low <= 0 <= high:
        return None
    return (low > 0) == (points > 0)
