"""The end of a quarter falls into a lead bin on another day for each day on which one stands."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from oppnb.history.close_pace import close_pace
from oppnb.periods import period_of
from oppnb.scoring.engine.lead_pace import LeadPace
from oppnb.scoring.models.boosted_hazard import BoostedHazard
from oppnb.scoring.prediction import LEAD_DAYS
from oppnb.scoring.rows import ScoringRows
from tests.scoring.engine_rows import make_rows

DAILY, RUSH = 0.004, 5.0
FIRST = date(2022, 1, 1)
FOLLOWED = 150


def is_last_week(day: date) -> bool:
    return (period_of(day).end - day).days < 7


def rows_on(days: list[date], *, seed: int) -> ScoringRows:
    """Deals that are lost on any day alike, and won five times as often in the last week of a quarter."""
    rows, _ = make_rows(len(days), seed=seed)
    rng = np.random.default_rng(seed)
    span = [FIRST + timedelta(days=place) for place in range(1_200)]
    chance = DAILY * np.where([is_last_week(day) for day in span], RUSH, 1.0)
    start = np.array([(day - FIRST).days for day in days])
    won, lost = np.full(len(days), np.inf), np.full(len(days), np.inf)
    for ahead in range(1, FOLLOWED + 1):
        luck = rng.random(len(days))
        won = np.where(np.isinf(won) & (luck < chance[start + ahead]), ahead, won)
        lost = np.where(np.isinf(lost) & (rng.random(len(days)) < DAILY), ahead, lost)
    first = np.minimum(won, lost)
    end = np.where(np.isinf(first), "open", np.where(won <= lost, "won", "lost"))
    as_of = pd.Series(pd.to_datetime(days))
    keys = rows.keys.assign(as_of=as_of, expected_close_on=as_of + pd.Timedelta(days=60))
    ends = pd.DataFrame({"end": end, "days_to_end": np.minimum(first - 0.5, FOLLOWED)})
    return replace(rows, keys=keys, ends=ends)


def true_chance_of_a_win(day: date, first: int, last: int) -> float:
    still, found = 1.0, 0.0
    for ahead in range(1, last + 1):
        win = DAILY * (RUSH if is_last_week(day + timedelta(days=ahead)) else 1.0)
        found += still * win if ahead > first else 0.0
        still *= (1 - win) * (1 - DAILY)
    return found


@pytest.fixture(scope="module")
def fitted() -> BoostedHazard:
    rng = np.random.default_rng(5)
    days = [FIRST + timedelta(days=int(place)) for place in rng.integers(0, 640, size=4_000)]
    return BoostedHazard().fit(rows_on(days, seed=1))


@pytest.mark.parametrize("before", [91, 89, 86, 63, 59, 28])
def test_the_last_week_of_a_quarter_has_its_wins_whatever_day_one_stands_on(fitted: BoostedHazard, before: int) -> None:
    """On the eve of a quarter its last week is a bin by itself; two days later part of the bin is the next quarter."""
    day = date(2024, 3, 31) - timedelta(days=before)
    rows = replace(rows_on([day] * 50, seed=2), ends=None)
    said = np.diff(np.concatenate([[0.0], fitted.predict(rows).won.mean(axis=0)]))
    edges = np.concatenate([[0.0], LEAD_DAYS])
    place = int(np.searchsorted(LEAD_DAYS, before))
    truth = true_chance_of_a_win(day, int(edges[place]), int(edges[place + 1]))
    assert said[place] == pytest.approx(truth, rel=0.15)


def test_what_is_learnt_is_the_pace_of_each_deal_once(fitted: BoostedHazard) -> None:
    rows = rows_on([FIRST + timedelta(days=7 * (place % 90)) for place in range(600)], seed=3)
    twice = rows.take(np.repeat(np.arange(600), 2))
    once, doubled = LeadPace.of(rows), LeadPace.of(twice)
    assert doubled.weeks == pytest.approx(once.weeks)
    _, won, lost = once.weeks
    assert won[0] == pytest.approx(RUSH, rel=0.5)
    assert lost == pytest.approx(np.ones(14), abs=0.5)


def test_a_deal_without_a_time_of_day_is_closed_on_its_day() -> None:
    """A close at midnight, when its day begins, lies a day before the end of that day."""
    rows, _ = make_rows(3)
    on = pd.Series(pd.to_datetime(["2024-03-29", "2024-04-01", "2024-04-02"]))
    as_of = pd.Series(pd.to_datetime(["2024-03-01"] * 3))
    ends = pd.DataFrame({"end": ["won"] * 3, "days_to_end": ((on - as_of).dt.days - 1).astype("float64")})
    found = LeadPace.of(replace(rows, keys=rows.keys.assign(as_of=as_of), ends=ends))
    assert found.weekdays[1] == pytest.approx(close_pace(on, known_on=date(2024, 4, 2)).weekdays)


def test_bins_of_a_calendar_without_habits_are_as_long_as_they_are() -> None:
    rows, _ = make_rows(20)
    weeks, odds = LeadPace.of(replace(rows, ends=rows.ends.assign(end="open"))).at_leads(rows)
    assert weeks == pytest.approx(np.broadcast_to(np.diff(LEAD_DAYS, prepend=0.0) / 7, weeks.shape))
    assert odds == pytest.approx(np.zeros_like(odds))
