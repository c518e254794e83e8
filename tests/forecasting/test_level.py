"""The level of chances, what becomes of amounts, and deals not created yet: found again where it is known."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from oppnb.forecasting import Point
from oppnb.forecasting.growth import learn_growth
from oppnb.forecasting.level import Level, learn_level
from oppnb.forecasting.new_business import NO_NEW_BUSINESS, NewBusiness, learn_new_business
from oppnb.forecasting.points import past_points
from oppnb.history.book import PipelineBook
from oppnb.periods import parse_period
from oppnb.workspace import Workspace

Floats = npt.NDArray[np.float64]


def logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)))


def logit(p: Floats) -> Floats:
    return np.asarray(np.log(p / (1 - p)))


def make_past(
    *, n: int = 400, periods: int = 8, offset: float = 0.0, shared: Floats | None = None, seed: int = 0
) -> pd.DataFrame:
    """Deals of periods that are over, won with their stated log odds plus `offset` and what their period shares."""
    rng = np.random.default_rng(seed)
    shocks = np.zeros(periods) if shared is None else shared
    parts = []
    for number in range(periods):
        chance = rng.uniform(0.05, 0.7, n)
        won = rng.random(n) < logistic(logit(chance) + offset + shocks[number])
        parts.append(
            pd.DataFrame(
                {
                    "chance": chance,
                    "due": rng.random(n) < 0.5,
                    "is_won": won.astype("float64"),
                    "amount_base": rng.lognormal(8, 1, n),
                    "period": pd.Timestamp(date(2022, 1, 1)) + pd.DateOffset(months=3 * number),
                    "weight": 1.0,
                    "process": "new",
                    "stage": rng.choice(["Lead", "Demo"], n),
                    "week": 3,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def mean_move(level: Level, past: pd.DataFrame) -> float:
    chance = past["chance"].to_numpy()
    moved = level.corrected(past, chance, past["due"].to_numpy())
    return float(np.mean(logit(moved) - logit(chance)))


@pytest.mark.parametrize("offset", [-0.6, 0.0, 0.4])
def test_an_offset_that_all_deals_share_is_found(offset: float) -> None:
    past = make_past(n=1_500, offset=offset)
    level = learn_level(past)
    assert mean_move(level, past) == pytest.approx(offset, abs=0.08)
    corrected = level.corrected(past, past["chance"].to_numpy(), past["due"].to_numpy())
    assert corrected.sum() == pytest.approx(past["is_won"].sum(), rel=0.03)


def test_few_rows_change_little() -> None:
    few, many = make_past(n=1, periods=6, offset=-2.0), make_past(n=1_500, offset=-2.0)
    assert abs(mean_move(learn_level(few), few)) < 0.3
    assert mean_move(learn_level(many), many) < -1.2


def test_what_all_deals_of_a_period_share_is_found_and_no_more() -> None:
    pushed = 0.5 * np.array([1, -1, 1, -1, 1, -1, 1, -1])
    calm, shaken = learn_level(make_past()), learn_level(make_past(shared=pushed))
    assert calm.shock < 0.16
    assert 0.3 < shaken.shock < 0.7
    assert calm.n_periods == shaken.n_periods == 8


def test_without_a_past_chances_stay_as_they_are() -> None:
    empty = learn_level(make_past().iloc[:0])
    rows = make_past(n=5, periods=1)
    chance = rows["chance"].to_numpy()
    assert empty.n_periods == 0
    assert empty.shock > 0
    assert empty.corrected(rows, chance, rows["due"].to_numpy()) == pytest.approx(chance)


def test_nothing_unknown_or_impossible_becomes_known_or_possible() -> None:
    level = learn_level(make_past(offset=0.5))
    rows = make_past(n=3, periods=1)
    said = level.corrected(rows, np.array([0.0, np.nan, 0.5]), rows["due"].to_numpy())
    assert said[0] == 0.0
    assert np.isnan(said[1])
    assert 0.5 < said[2] < 1.0


def test_rows_without_a_chance_say_nothing() -> None:
    past = make_past(offset=0.3)
    with_more = pd.concat([past, past.assign(chance=np.nan, is_won=1.0)], ignore_index=True)
    assert learn_level(with_more).effects == pytest.approx(learn_level(past).effects)


def test_unknown_stages_amounts_and_processes_are_no_obstacle() -> None:
    past = make_past(n=50).assign(stage=None, process=None, amount_base=np.nan)
    level = learn_level(past)
    said = level.corrected(past, past["chance"].to_numpy(), past["due"].to_numpy())
    assert np.isfinite(said).all()
    assert np.isfinite(level.shock)


def test_certain_stated_chances_leave_it_finite() -> None:
    past = make_past(n=50).assign(chance=1.0)
    level = learn_level(past)
    assert np.isfinite(level.shock)
    assert all(np.isfinite(value) for value in level.effects.values())


FIRST = date(2022, 1, 2)


def make_book(deals: pd.DataFrame, rows: pd.DataFrame, *, weeks: int = 150) -> PipelineBook:
    days = tuple(FIRST + timedelta(weeks=week) for week in range(weeks))
    return PipelineBook(days[-1], deals, rows, days, Workspace())


def born_deals(
    *, rate: float, seed: int, share_won: float = 0.5, spread: float = 0.0, years: int = 4
) -> tuple[pd.DataFrame, Floats]:
    """Deals born at a rate a day and won a week later or lost; with `spread`, quarters differ in their rate."""
    rng = np.random.default_rng(seed)
    n_days = 365 * years
    by_quarter = rng.gamma(1 / spread, spread, n_days // 91 + 2) if spread else np.ones(n_days // 91 + 2)
    born = np.concatenate([np.full(rng.poisson(rate * by_quarter[day // 91]), day) for day in range(n_days)])
    n = len(born)
    won = rng.random(n) < share_won
    amount = np.round(rng.lognormal(8, 0.5, n), 2)
    first = pd.Timestamp(FIRST)
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"{number:05d}" for number in range(n)],
            "created_on": first + pd.to_timedelta(born, unit="D"),
            "closed_on": first + pd.to_timedelta(born + 7, unit="D"),
            "outcome": np.where(won, "won", "lost"),
            "amount_base": np.where(won, amount, np.nan),
        }
    )
    return deals, by_quarter


NO_ROWS = pd.DataFrame(
    {
        "opportunity_id": pd.Series(dtype="str"),
        "as_of": pd.Series(dtype="datetime64[us]"),
        "amount_base": pd.Series(dtype="float64"),
    }
)
POINT = Point(date(2024, 10, 6), parse_period("2024Q4"))


def new_business_of(book: PipelineBook, point: Point = POINT) -> NewBusiness:
    known = book.known(point.day)
    return learn_new_business(known, point, past_points(point, [day for day in known.days if day < point.day]))


def test_new_deals_are_as_many_as_their_rate_says() -> None:
    # 87 days are left on Sunday, October 6, but the last seven are too late to be won in the quarter
    counts, coverages = [], []
    for seed in range(100, 130):
        deals, _ = born_deals(rate=0.8, seed=seed)
        found = new_business_of(make_book(deals, NO_ROWS))
        came = deals[
            (deals["created_on"] > pd.Timestamp(POINT.day))
            & (deals["closed_on"] <= pd.Timestamp(POINT.period.end))
            & (deals["outcome"] == "won")
        ]
        counts.append(found.expected)
        cumulants = found.cumulants(np.ones(1))[0]
        coverages.append(abs(came["amount_base"].sum() - cumulants[0]) < 1.2816 * np.sqrt(cumulants[1]))
    assert np.mean(counts) == pytest.approx(0.8 * 0.5 * (POINT.days_to_end - 7), rel=0.08)
    assert 0.65 <= np.mean(coverages) <= 0.97  # 24 of 30, give or take two standard errors


def test_it_follows_how_many_are_created_nowadays() -> None:
    deals, _ = born_deals(rate=1.0, seed=3)
    busy = pd.concat([deals, deals.assign(opportunity_id="x" + deals["opportunity_id"], outcome="lost")])
    recent = busy["created_on"] > pd.Timestamp("2024-04-06")
    doubled = pd.concat([deals, busy[recent & busy["opportunity_id"].str.startswith("x")]], ignore_index=True)
    calm, more = new_business_of(make_book(deals, NO_ROWS)), new_business_of(make_book(doubled, NO_ROWS))
    assert more.expected > 1.4 * calm.expected


def test_quarters_that_differ_make_it_less_sure() -> None:
    calm = [new_business_of(make_book(born_deals(rate=3.0, seed=seed)[0], NO_ROWS)).spread for seed in range(4)]
    wild = [
        new_business_of(make_book(born_deals(rate=3.0, seed=seed, spread=0.2)[0], NO_ROWS)).spread for seed in range(4)
    ]
    assert np.mean(wild) > 2 * np.mean(calm)


def test_without_a_past_or_without_a_day_left_there_is_no_new_business() -> None:
    empty = born_deals(rate=1.0, seed=1)[0].iloc[:0]
    assert new_business_of(make_book(empty, NO_ROWS)).mean == NO_NEW_BUSINESS.mean == 0.0
    deals, _ = born_deals(rate=1.0, seed=1)
    last = Point(date(2024, 9, 30), parse_period("2024Q3"))
    assert new_business_of(make_book(deals, NO_ROWS), last).mean == 0.0


def test_without_one_win_there_is_no_new_business() -> None:
    found = new_business_of(make_book(born_deals(rate=1.0, seed=1, share_won=0.0)[0], NO_ROWS))
    assert found.mean == 0.0
    assert (found.cumulants(np.ones(2)) == 0).all()


def test_a_company_younger_than_a_period_learns_from_its_weeks() -> None:
    deals, _ = born_deals(rate=2.0, seed=5)
    early = Point(date(2022, 3, 13), parse_period("2022Q1"))
    found = new_business_of(make_book(deals, NO_ROWS), early)
    assert found.n_periods == 0
    assert found.expected == pytest.approx(2.0 * 0.5 * (early.days_to_end - 7), rel=0.6)


def test_compound_cumulants_are_those_of_draws() -> None:
    rng = np.random.default_rng(1)
    new = NewBusiness(8.0, 0.15, np.array([10.0, 20.0, 90.0]), 8)
    number = rng.poisson(rng.gamma(1 / 0.15, 0.15, 60_000) * 8.0)
    drawn = np.array([rng.choice(new.amounts, count).sum() for count in number])
    mean, variance, third, fourth = new.cumulants(np.ones(1))[0]
    assert mean == pytest.approx(drawn.mean(), rel=0.01)
    assert variance == pytest.approx(drawn.var(), rel=0.03)
    centred = drawn - drawn.mean()
    assert third == pytest.approx((centred**3).mean(), rel=0.1)
    assert fourth == pytest.approx((centred**4).mean() - 3 * drawn.var() ** 2, rel=0.35)


def grown(ratios: Floats, *, n: int) -> PipelineBook:
    """Open deals on one day each, won three weeks later for a ratio of their amount."""
    start = FIRST + timedelta(weeks=141)
    ids = [f"{number:05d}" for number in range(n)]
    rows = pd.DataFrame({"opportunity_id": ids, "as_of": pd.Timestamp(start), "amount_base": 1_000.0})
    rows["as_of"] = rows["as_of"].astype("datetime64[us]")
    deals = pd.DataFrame(
        {
            "opportunity_id": ids,
            "created_on": pd.Timestamp(start - timedelta(days=30)),
            "closed_on": pd.Timestamp(start + timedelta(days=21)),
            "outcome": "won",
            "amount_base": 1_000.0 * ratios[np.arange(n) % len(ratios)],
        }
    )
    return make_book(deals, rows)


def test_growth_is_found_where_many_deals_show_it_and_held_near_1_where_few_do() -> None:
    many, few = (learn_growth(grown(np.array([0.8, 1.0]), n=n), days_ahead=91) for n in (1_000, 2))
    assert many.moments[0] == pytest.approx(0.9, abs=0.005)
    assert few.moments[0] == pytest.approx(0.9 * 2 / 12 + 10 / 12)
    assert many.moments[1] == pytest.approx(0.82, abs=0.01)
    for found in (many, few):
        assert found.shares.sum() == pytest.approx(1.0)
        assert (found.ratios > 0).all()
        assert found.scaled(2.0).moments == pytest.approx(found.moments * 2.0 ** np.arange(1, 5))


def test_growth_does_not_look_past_the_days_asked_for_nor_at_zero_amounts() -> None:
    assert learn_growth(grown(np.array([0.5]), n=50), days_ahead=20).moments[0] == 1.0
    assert learn_growth(grown(np.array([0.0]), n=50), days_ahead=91).moments[0] == 1.0


def test_one_mistyped_amount_does_not_blow_growth_up() -> None:
    ratios = np.ones(500)
    ratios[7] = 1e6
    assert learn_growth(grown(ratios, n=500), days_ahead=91).moments[0] < 1.05
