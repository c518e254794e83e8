"""Reviews of differently seeded synthetic pipelines, each interval they report beside the truth it should hold."""

from collections.abc import Callable, Iterator
from datetime import date

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.metrics import measure
from oppnb.periods import period_of
from oppnb.review import Review
from oppnb.sources.synthetic import SyntheticPipeline, SyntheticSettings, make_pipeline
from oppnb.sources.synthetic.workspace_file import workspace_yaml
from oppnb.tables import AuditResult, Tables
from oppnb.workspace import parse_workspace
from tests.acceptance.law import Law, held_against

EARLIER, LAST = date(2024, 12, 31), date(2025, 12, 31)
STAGE = ["process", "stage"]


def review_of(made: SyntheticPipeline, day: date) -> Review:
    """The review of a made pipeline; it has no faults, so it needs no audit, which would take most of the time."""
    workspace = parse_workspace(workspace_yaml(made.settings))
    tables = Tables(made.tables.frames, exported_on=made.tables.exported_on)
    return Review(
        workspace=workspace,
        tables=tables,
        audit=AuditResult(tables, (), pd.DataFrame()),
        reading=None,
        as_of=day,
        period=period_of(day),
        compare_to=day - pd.Timedelta(days=7),
        words=Words("en"),
        formats=Formats("en", currency="CNY"),
    )


def intervals_and_truth(*, seeds: range, n_opportunities: int) -> pd.DataFrame:
    """Every interval of every review: `label`, `value`, `low`, `high`, `n`, `truth`, `seed`, `day`."""
    parts = []
    for seed in seeds:
        made = make_pipeline(SyntheticSettings(n_opportunities=n_opportunities, seed=seed))
        law = Law(made)
        for day in (EARLIER, LAST):
            review = review_of(made, day)
            found = [*_stages(review, law), *_closed(review, law)]
            found += _followed(review, law) if day == EARLIER else []
            parts += [frame.assign(seed=seed, day=day) for frame in found]
    return pd.concat(parts, ignore_index=True)


def _stages(review: Review, law: Law) -> Iterator[pd.DataFrame]:
    """Conversion by stage, and by stage and region; on the last day odds and dwell as well."""
    entries = law.with_odds(review.spells).merge(review.snapshot[["opportunity_id", "region"]], on="opportunity_id")
    year = review.inputs.moments(until=review.as_of)[1] - pd.Timedelta(days=365)
    recent = entries[entries["entered_at"] >= year]
    funnel = review.funnel().rename(columns={"n_entered": "n"})
    conversion = funnel.rename(columns={"conversion": "value", "conversion_low": "low", "conversion_high": "high"})
    place = [*STAGE, "region"]
    by_region = measure("stage_conversion", review.inputs, variant="eventual", by=place)
    so_far = measure("stage_conversion", review.inputs, variant="cohort_year", by=STAGE)
    going_on = recent.groupby(STAGE)["will_go_on"].mean()
    going_on_by_region = recent.groupby(place)["will_go_on"].mean()
    yield held_against(conversion, going_on, STAGE, at_least=30, label="conversion")
    yield held_against(by_region, going_on_by_region, place, at_least=30, label="conversion by region")
    yield held_against(so_far, going_on, STAGE, at_least=30, label="gone on so far")
    if review.as_of == LAST:
        yield from _over_all(review, entries, law)


def _over_all(review: Review, entries: pd.DataFrame, law: Law) -> Iterator[pd.DataFrame]:
    """Figures over all deals ever known: odds and dwell."""
    stays = review.spells[review.spells["outcome"] == "open"]
    stays = stays.merge(review.snapshot[["opportunity_id", "region"]], on="opportunity_id")
    place = [*STAGE, "region"]
    dwell = measure("days_in_stage", review.inputs, variant="median", by=place)
    funnel = review.funnel().rename(columns={"median_days": "value", "median_low": "low", "median_high": "high"})
    odds = review.stage_odds().rename(columns={"observed_odds": "value"})
    of_closed = odds.assign(value=odds["n_won"] / odds["n"])
    winning = entries.groupby(STAGE)["will_win"].mean()
    yield held_against(odds, winning, STAGE, at_least=30, label="odds")
    yield held_against(of_closed, winning, STAGE, at_least=30, label="won of the closed")
    funnel = funnel.rename(columns={"n_entered": "n"})
    yield held_against(funnel, _each(stays, STAGE, law.median_days), STAGE, at_least=1, label="dwell")
    yield held_against(dwell, _each(stays, place, law.median_days), place, at_least=30, label="dwell by region")


def _closed(review: Review, law: Law) -> Iterator[pd.DataFrame]:
    """Win rate and cycle of the deals that closed in the quarter, by what the deals are."""
    known = law.closed_in(review.snapshot, review.period, until=review.as_of)
    for by in ("process", "region", "source", "owner_id"):
        sums = known.groupby(by)[["wins", "losses"]].sum()
        rates = measure("win_rate", review.inputs, variant="closed", by=by)
        truth = sums["wins"] / (sums["wins"] + sums["losses"])
        yield held_against(rates, truth, [by], at_least=20, label="win rate")
    for by in ("process", "region"):
        cycles = measure("cycle_length", review.inputs, variant="won_median", by=by)

        def median(deals: pd.DataFrame) -> float:
            return law.median_age_at_win(deals, review.period, until=review.as_of)

        yield held_against(cycles, _each(review.snapshot, [by], median), [by], at_least=6, label="cycle of won deals")


def _followed(review: Review, law: Law) -> Iterator[pd.DataFrame]:
    """What needs data beyond the day to be known in truth: the share won within some days, the age at the close."""
    for by in ("process", "region", "source"):
        for days in (90, 180):

            def share(deals: pd.DataFrame, days: int = days) -> float:
                return law.won_within(deals, days)

            rates = measure("win_rate", review.inputs, variant=f"within_{days}_days", by=by)
            yield held_against(
                rates, _each(review.snapshot, [by], share), [by], at_least=30, label=f"won within {days} days"
            )
        cycles = measure("cycle_length", review.inputs, variant="close_median", by=by)
        truth = _each(review.snapshot, [by], law.median_age_at_close)
        yield held_against(cycles, truth, [by], at_least=30, label="age at the close")


def _each(rows: pd.DataFrame, keys: list[str], truth: Callable[[pd.DataFrame], float]) -> pd.Series:
    """The truth of each slice."""
    return pd.Series({key if len(keys) > 1 else key[0]: truth(group) for key, group in rows.groupby(keys)})
