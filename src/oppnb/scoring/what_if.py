"""What goes with a better chance among the things a seller can do something about: association, not advice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.scorer import Scorer
from oppnb.scoring.signed import signed_points
from oppnb.tables import fold
from oppnb.workspace import Workspace

__all__ = ["ACTIONS", "WHAT_IF_COLUMNS", "what_if_all", "what_if_texts", "what_would_change"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Changed = dict[str, Floats]

WHAT_IF_COLUMNS = ("opportunity_id", "rank", "action", "win_probability", "win_probability_if", "change")

_CONTACT_DAYS = 3.0
_NEXT_STEP_DAYS = 7.0
_CLOSE_DAYS = 30.0
_BEST_QUARTER = 0.75
_LEAST = 0.005
EVIDENCE = "evidence_of_"


@dataclass(frozen=True)
class _Deals:
    """The rows, and those that say what is usual."""

    rows: ScoringRows
    among: ScoringRows
    workspace: Workspace | None

    def number(self, name: str) -> Floats:
        return _numbers(self.rows, name)

    def usual(self, name: str, share: float, *, above: float = -np.inf) -> float:
        known = _numbers(self.among, name)
        known = known[known >= above]
        return float(np.quantile(known, share)) if len(known) else float("nan")


def _numbers(rows: ScoringRows, name: str) -> Floats:
    if name not in rows.values.columns:
        return np.full(len(rows), np.nan)
    return rows.values[name].to_numpy(dtype="float64", na_value=np.nan)


def _contact(deals: _Deals) -> tuple[Bools, Changed]:
    days, limit = deals.number("days_since_last_activity"), _silence_limit(deals)
    in_30, in_90 = deals.number("n_activities_last_30_days") + 1, deals.number("n_activities_last_90_days") + 1
    is_logged = bool(np.isfinite(_numbers(deals.among, "days_since_last_activity")).any())
    return ~(days <= 7) & is_logged, {
        "days_since_last_activity": np.full(len(days), _CONTACT_DAYS),
        "silence_over_limit": _CONTACT_DAYS / limit,
        "n_activities_last_7_days": deals.number("n_activities_last_7_days") + 1,
        "n_activities_last_30_days": in_30,
        "n_activities_last_90_days": in_90,
        "n_activities": deals.number("n_activities") + 1,
        "activity_trend": in_30 / (in_90 / 3.0 + 0.5),
    }


def _silence_limit(deals: _Deals) -> Floats:
    """The limit of each deal's stage, as its silence and its multiple say; else as those of the stage's others say."""
    found = {}
    for rows in (deals.among, deals.rows):
        days, ratio = _numbers(rows, "days_since_last_activity"), _numbers(rows, "silence_over_limit")
        limits = np.divide(days, ratio, out=np.full(len(days), np.nan), where=ratio > 0)
        found.update(pd.Series(limits).groupby(_stages(rows)).median().dropna().to_dict())
    return np.array([found.get(stage, np.nan) for stage in _stages(deals.rows)], dtype="float64")


def _stages(rows: ScoringRows) -> npt.NDArray[np.object_]:
    return (rows.keys["process"].astype("str") + "\0" + rows.keys["stage"].astype("str")).to_numpy(dtype=object)


def _customer_contact(deals: _Deals) -> tuple[Bools, Changed]:
    days, inbound, share = (
        deals.number(name) for name in ("days_since_last_inbound", "n_inbound_last_90_days", "inbound_share")
    )
    either_way = np.where(
        share > 0, inbound / np.where(share > 0, share, 1.0), deals.number("n_activities_last_90_days")
    )
    is_logged = bool((_numbers(deals.among, "n_inbound_last_90_days") > 0).any())
    return ~(days <= 7) & is_logged, {
        **_contact(deals)[1],
        "days_since_last_inbound": np.full(len(days), _CONTACT_DAYS),
        "n_inbound_last_90_days": inbound + 1,
        "inbound_share": np.where(np.isnan(share), 1.0, (inbound + 1) / (either_way + 1)),
    }


def _meeting(deals: _Deals) -> tuple[Bools, Changed]:
    meetings = deals.number("n_meetings_last_90_days")
    is_logged = bool((_numbers(deals.among, "n_meetings_last_90_days") > 0).any())
    return (meetings == 0) & is_logged, {**_contact(deals)[1], "n_meetings_last_90_days": meetings + 1}


def _next_step(deals: _Deals) -> tuple[Bools, Changed]:
    noted, days = deals.number("has_next_step"), deals.number("days_to_next_step")
    is_used = bool((_numbers(deals.among, "has_next_step") == 1).any())
    is_dated = bool(np.isfinite(_numbers(deals.among, "days_to_next_step")).any())
    due = np.full(len(days), _NEXT_STEP_DAYS if is_dated else np.nan)
    return ((noted != 1) | (days < 0)) & is_used, {"has_next_step": np.ones(len(days)), "days_to_next_step": due}


def _expected_close(deals: _Deals) -> tuple[Bools, Changed]:
    days = deals.number("days_to_expected_close")
    usual = deals.usual("days_to_expected_close", 0.5, above=0.0)
    wanted = np.full(len(days), _CLOSE_DAYS if np.isnan(usual) else round(usual))
    in_period = (wanted <= 7 * deals.number("weeks_to_period_end")).astype("float64")
    return days < 0, {
        "days_to_expected_close": wanted,
        "is_overdue": np.zeros(len(days)),
        "is_due_in_period": in_period,
    }


def _evidence(deals: _Deals) -> tuple[Bools, Changed]:
    asked = _asked_for(deals)
    names = sorted({name for of_deal in asked for name in of_deal} & set(deals.rows.values.columns))
    changed, n_new = {}, np.zeros(len(deals.rows))
    for name in names:
        is_asked = np.array([name in of_deal for of_deal in asked], dtype=bool)
        state = deals.number(name)
        n_new += is_asked & ~(state == 1)
        changed[name] = np.where(is_asked, 1.0, state)
    changed["n_evidence_confirmed"] = deals.number("n_evidence_confirmed") + n_new
    changed["evidence_share"] = np.where(np.array([bool(one) for one in asked], dtype=bool), 1.0, np.nan)
    is_used = bool((_numbers(deals.among, "n_evidence_confirmed") > 0).any())
    return (n_new > 0) & is_used, changed


def _asked_for(deals: _Deals) -> list[set[str]]:
    """What the stage of each deal and those before it ask for, as features."""
    found: dict[tuple[str, str], set[str]] = {}
    for process in () if deals.workspace is None else deals.workspace.processes:
        so_far: set[str] = set()
        for stage in process.stages:
            so_far = so_far | {EVIDENCE + fold(element).replace(" ", "_") for element in stage.evidence}
            found[(process.name, stage.name)] = so_far
    keys = deals.rows.keys
    return [found.get((str(one), str(two)), set()) for one, two in zip(keys["process"], keys["stage"], strict=True)]


def _decision_maker(deals: _Deals) -> tuple[Bools, Changed]:
    has = deals.number("has_decision_maker")
    return has == 0, {"has_decision_maker": np.ones(len(has)), "n_contacts": deals.number("n_contacts") + 1}


def _cover(deals: _Deals) -> tuple[Bools, Changed]:
    cover, good = deals.number("decision_cover"), deals.usual("decision_cover", _BEST_QUARTER)
    stance = np.fmax(deals.number("stance"), deals.usual("stance", _BEST_QUARTER))
    return cover < good, {"decision_cover": np.full(len(cover), good), "stance": stance}


ACTIONS: dict[str, Callable[[_Deals], tuple[Bools, Changed]]] = {
    "contact": _contact,
    "customer_contact": _customer_contact,
    "meeting": _meeting,
    "next_step": _next_step,
    "expected_close": _expected_close,
    "evidence": _evidence,
    "decision_maker": _decision_maker,
    "cover": _cover,
}
"""Which deals it is not true of yet, and the values of theirs that would be other; good, and yet usual."""


def what_would_change(
    scorer: Scorer,
    rows: ScoringRows,
    *,
    among: ScoringRows | None = None,
    workspace: Workspace | None = None,
    most: int = 3,
) -> pd.DataFrame:
    """What the model would say of each deal if one thing a seller can do something about were otherwise.

    Only features with `can_change` are touched, those that belong together at once: with contact last week there is
    one more activity, too. The forecast category is not: another word for the deal is not another deal. The model
    knows what went together in the past, not what causes what: a deal that is contacted because of this table is not
    one that was in contact anyway.

    Parameters
    ----------
    scorer : Scorer
    rows : ScoringRows
        Deals as they are scored.
    among : ScoringRows, optional
        Deals that say what is usual, e.g. those the model learnt from; by default the rows themselves. A thing that
        none of them has (nobody logs meetings) is not told.
    workspace : Workspace, optional
        Says which evidence the stages ask for; without it evidence is not told.
    most : int
        How many a deal at most; those that add less than half a point, or no
        point as shown, are left out.

    Returns
    -------
    DataFrame
        `WHAT_IF_COLUMNS`: per deal by `rank` from 1 the `action` (a key of `ACTIONS`), the probability now and then,
        0-1, and `change`, their difference.
    """
    deals = _Deals(rows, among or rows, workspace)
    now = np.clip(scorer.model.predict(scorer.rows(rows)).won_ever, 0.0, 1.0)
    tried = [_try(scorer, deals, name, now) for name in ACTIONS]
    frame = pd.concat([pd.DataFrame(columns=list(WHAT_IF_COLUMNS)).astype(_KINDS), *tried], ignore_index=True)
    shown = (100 * frame["win_probability_if"]).round() - (100 * frame["win_probability"]).round()
    frame = frame[(frame["change"] >= _LEAST) & (shown >= 1)]  # "76 % instead of 76 %" helps nobody
    frame = frame.sort_values(["opportunity_id", "change", "action"], ascending=[True, False, True], ignore_index=True)
    frame["rank"] = frame.groupby("opportunity_id").cumcount() + 1
    return frame[frame["rank"] <= most].reset_index(drop=True)[list(WHAT_IF_COLUMNS)]


_KINDS = {
    "opportunity_id": "str",
    "rank": "int64",
    "action": "str",
    "win_probability": "float64",
    "win_probability_if": "float64",
    "change": "float64",
}


def _try(scorer: Scorer, deals: _Deals, action: str, now: Floats) -> pd.DataFrame:
    applies, changed = ACTIONS[action](deals)
    wanted = {feature.name for feature in deals.rows.features if feature.can_change} & set(scorer.features)
    changed = {name: values for name, values in changed.items() if name in wanted}
    places = np.flatnonzero(applies)
    if not changed or not len(places):
        return pd.DataFrame(columns=list(WHAT_IF_COLUMNS)).astype(_KINDS)
    other = _changed(deals.rows, changed).take(places)
    then = np.clip(scorer.model.predict(scorer.rows(other)).won_ever, 0.0, 1.0)
    return pd.DataFrame(
        {
            "opportunity_id": deals.rows.keys["opportunity_id"].iloc[places].to_numpy(),
            "rank": 0,
            "action": action,
            "win_probability": now[places],
            "win_probability_if": then,
            "change": then - now[places],
        }
    ).astype(_KINDS)


def what_if_all(
    scorer: Scorer,
    rows: ScoringRows,
    actions: Sequence[str],
    *,
    among: ScoringRows | None = None,
    workspace: Workspace | None = None,
) -> Floats:
    """What the model would say of each deal if several of those things were otherwise at once.

    Parameters
    ----------
    scorer, rows, among, workspace
        As in `what_would_change`.
    actions : sequence of str
        Keys of `ACTIONS`; what is true of a deal already changes nothing.

    Returns
    -------
    array of float, shape (n_rows,)
        Probabilities, 0-1; with one action as `what_would_change` tells it, with none as they are now.
    """
    deals = _Deals(rows, among or rows, workspace)
    wanted = {feature.name for feature in rows.features if feature.can_change} & set(scorer.features)
    both: Changed = {}
    for action in (name for name in ACTIONS if name in actions):
        applies, changed = ACTIONS[action](deals)
        for name, values in changed.items():
            if name in wanted:
                before = both.get(name, np.full(len(rows), np.nan))
                both[name] = np.where(applies & ~np.isnan(values), values, before)
    other = _changed(rows, both) if both else rows
    found: Floats = np.clip(scorer.model.predict(scorer.rows(other)).won_ever, 0.0, 1.0)
    return found


def _changed(rows: ScoringRows, changed: Changed) -> ScoringRows:
    # what is not known of the new value stays as it is
    new = {
        name: np.where(np.isnan(values), rows.values[name].to_numpy(dtype="float64", na_value=np.nan), values)
        for name, values in changed.items()
    }
    keys = rows.keys
    if "days_to_expected_close" in new:
        keys = keys.assign(expected_close_on=keys["as_of"] + pd.to_timedelta(new["days_to_expected_close"], unit="D"))
        keys["expected_close_on"] = keys["expected_close_on"].astype("datetime64[us]")
    return replace(rows, keys=keys, values=rows.values.assign(**new))


def what_if_texts(frame: pd.DataFrame, *, words: Words, formats: Formats) -> list[str]:
    """One sentence a row of `what_would_change`, of deals like this one: what goes together, not what to do."""
    found = []
    for row in frame.to_dict("records"):
        before, after = float(row["win_probability"]), float(row["win_probability_if"])
        shown = round(100 * after) - round(100 * before)
        found.append(
            words(
                "score_what_if.text_one" if abs(shown) == 1 else "score_what_if.text",
                action=words(f"score_what_if.{row['action']}"),
                before=formats.share(before),
                after=formats.share(after),
                points=signed_points(shown / 100, formats),
            )
        )
    return found
