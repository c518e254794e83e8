"""The pipeline at observed odds, and the odds of those who stand in a stage, beside what the law of the deals says."""

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from oppnb.sources.synthetic import SyntheticPipeline, SyntheticSettings, make_pipeline, win_probability
from oppnb.stages.standing import N_LANDMARKS, _bands, landmark_rows, standing_odds
from tests.acceptance.synthetic_reviews import STAGE, review_of


def overstatement(*, seeds: Iterable[int], days: Iterable[date], n_opportunities: int) -> pd.DataFrame:
    """How far the expected wins of the open deals are overstated: a share of the truth, by `odds` and `of`.

    `odds` is `standing_odds` or `observed_odds` (of those who entered), `of` count or amount.
    """
    rows: list[list[object]] = []
    for seed in seeds:
        made = make_pipeline(SyntheticSettings(n_opportunities=n_opportunities, seed=seed))
        for day in days:
            review = review_of(made, day)
            deals = review.snapshot[review.snapshot["outcome"] == "open"]
            known = win_probability(made, as_of=day).set_index("opportunity_id")["win_probability"]
            truth = deals["opportunity_id"].map(known).to_numpy()
            by_stage = review.odds.set_index(STAGE)
            for odds in ("standing_odds", "observed_odds"):
                said = by_stage[odds].reindex(pd.MultiIndex.from_frame(deals[STAGE])).to_numpy()
                for of, weight in (("count", np.ones(len(deals))), ("amount", deals["amount_base"].to_numpy())):
                    rows.append([seed, day, odds, of, np.nansum(said * weight) / np.nansum(truth * weight) - 1])
    return pd.DataFrame(rows, columns=["seed", "day", "odds", "of", "error"])


def standing_and_truth(*, seeds: Iterable[int], day: date, n_opportunities: int) -> pd.DataFrame:
    """Odds of today's deals within the stays seen (`within_odds`), by stage, and the mean truth behind them.

    `day` is a Friday, and so is each landmark: the truth is known at the end of a working week.
    """
    parts = []
    for seed in seeds:
        made = make_pipeline(SyntheticSettings(n_opportunities=n_opportunities, seed=seed))
        review = review_of(made, day)
        zone = review.workspace.calendar.time_zone
        rows, today = landmark_rows(review.snapshot, review.spells, time_zone=zone)
        keys = review.snapshot["opportunity_id"].to_numpy()
        known = _known(made, day)
        rows = rows.assign(truth=known.reindex([rows["landmark"], keys[rows["deal"]]]).to_numpy())
        odds = standing_odds(review.snapshot, review.spells, time_zone=zone).set_index(STAGE)
        seen = {
            key: (part, today[(today[STAGE] == list(key)).all(axis=1)], odds.loc[key, "longest_days"])
            for key, part in rows.groupby(STAGE)
        }
        truth = {
            key: _spread(*(each[each["days_there"] <= longest] for each in both))
            for key, (*both, longest) in seen.items()
        }
        parts.append(odds.assign(truth=pd.Series(truth), seed=seed).reset_index())
    return pd.concat(parts, ignore_index=True)


def _known(made: SyntheticPipeline, day: date) -> "pd.Series[float]":
    """The true win probability by landmark and deal."""
    first = made.settings.start + timedelta(days=14)
    days = {weeks: day - timedelta(weeks=weeks) for weeks in range(1, N_LANDMARKS + 1)}
    said = {weeks: win_probability(made, as_of=on) for weeks, on in days.items() if on >= first}
    return pd.concat({weeks: frame.set_index("opportunity_id")["win_probability"] for weeks, frame in said.items()})


def _spread(rows: pd.DataFrame, today: pd.DataFrame) -> float:
    """Mean truth of the rows of one stage, spread over the time in the stage as today's deals are."""
    assert rows["truth"].notna().all()
    band, share = _bands(
        rows["days_there"].to_numpy(), today["days_there"].to_numpy(dtype="float64"), n_deals=rows["deal"].nunique()
    )
    return float(sum(share[one] * rows.loc[band == one, "truth"].mean() for one in np.flatnonzero(share)))
