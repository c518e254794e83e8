"""Fields that grow as a deal goes on are out; those that merely change with the years, or tell a lot, stay."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from oppnb.locale import LOCALES, Words
from oppnb.scoring.leakage.evidence import Evidence
from oppnb.scoring.leakage.growing import grows_with_the_deal
from oppnb.scoring.leakage.levels import Values
from oppnb.scoring.leakage.sample import Sample, make_sample
from oppnb.scoring.leakage.timing import is_moving_date
from oppnb.scoring.rows import ScoringRows
from tests.scoring.leaky_columns import HONEST, LEAKS
from tests.scoring.leaky_rows import Deals, draw_deals, make_rows
from tests.scoring.test_leakage_random import honest

Column = Callable[[Deals], object]
STAGES = ("first", "second", "third", "fourth")


def part_of_the_way(deals: Deals) -> np.ndarray:
    return np.where(deals.is_open, deals.created / deals.cycle, 1.0)


def filled_by_and_by(deals: Deals) -> pd.Series:
    """A fifth is filled at the start, the whole at the end, won or lost."""
    return pd.Series(np.where(deals.rng.random(deals.n) < 0.2 + 0.8 * part_of_the_way(deals), 1.0, np.nan))


def counted_with_time(deals: Deals) -> pd.Series:
    return pd.Series(deals.rng.poisson(deals.age_now / 15).astype(float))


def counted_with_the_way(deals: Deals) -> pd.Series:
    return pd.Series(deals.rng.poisson(part_of_the_way(deals) * 3).astype(float))


GROWING: dict[str, Column] = {
    "filled_by_and_by": filled_by_and_by,
    "counted_with_time": counted_with_time,
    "counted_with_the_way": counted_with_the_way,
    "modified_at": LEAKS["modified_at"],
}
OF_THE_YEARS: dict[str, Column] = {
    "out_of_use": lambda d: pd.Series(np.where((d.created > 90) | (d.rng.random(d.n) < 0.3), 1.0, np.nan)),
    "lower_lately": lambda d: pd.Series(np.where(d.created > 120, 10.0, 3.0) + d.rng.normal(size=d.n)),
    "falling": lambda d: pd.Series(d.created / 100 + d.rng.normal(size=d.n)),
    "one_day_for_all": lambda d: pd.Series([pd.Timestamp("2025-03-31")] * d.n),
}


def with_stages(deals: Deals, rows: ScoringRows) -> ScoringRows:
    """Stages passed one after the other, at the same part of each deal's way."""
    cycle = dict(zip(deals.ids, deals.cycle, strict=True))
    way = rows.values["age_days"] / rows.keys["opportunity_id"].map(cycle)
    number = np.clip((way * len(STAGES)).astype(int), 0, len(STAGES) - 1)
    rows.keys["stage"] = number.map(dict(enumerate(STAGES))).astype("str")
    return rows


def found_in(sample: Sample) -> dict[str, Evidence]:
    """What grows, by field."""
    found = {}
    for feature in sample.closed.features:
        moves = is_moving_date(Values.of(feature, sample), sample)
        one = None if feature.is_dated else grows_with_the_deal(feature, sample.standing, is_moving_date=moves)
        if one is not None:
            found[feature.name] = one
    return found


def drawn(seed: int, n: int, columns: dict[str, Column], *, staged: bool = False) -> Sample:
    deals = draw_deals(seed, n)
    rows, open_now = make_rows(deals, {name: make(deals) for name, make in columns.items()})
    if staged:
        rows, open_now = with_stages(deals, rows), with_stages(deals, open_now)
    return make_sample(rows, open_now)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_fills_up_or_grows_is_found_at_the_same_age(seed: int) -> None:
    found = found_in(drawn(seed, 1000, GROWING))
    assert {name: one.code for name, one in found.items()} == {
        "filled_by_and_by": "fills_up",
        "counted_with_time": "grows",
        "counted_with_the_way": "grows",
        "modified_at": "moves_on",
    }


def test_it_is_found_stage_by_stage_and_said_with_the_stage() -> None:
    columns = {
        "from_the_third_stage": lambda d: pd.Series(
            np.where((part_of_the_way(d) >= 0.5) & (d.rng.random(d.n) < 0.8), 1.0, np.nan)
        )
    }
    found = found_in(drawn(3, 2000, columns, staged=True))["from_the_third_stage"]
    assert found.code == "fills_up_in_stage"
    told = {locale: Words(locale)(f"leakage.{found.code}", **found.values) for locale in LOCALES}
    assert str(found.values["stage"]) in told["en"]
    assert str(found.values["stage"]) in told["zh_CN"]
    assert "fills up as a deal goes on" in told["en"]


@pytest.mark.parametrize("n", [100, 400, 2000])
@pytest.mark.parametrize("staged", [False, True])
def test_what_changes_with_the_years_is_not_taken_for_growth(n: int, *, staged: bool) -> None:
    assert found_in(drawn(n, n, {**HONEST, **OF_THE_YEARS}, staged=staged)) == {}


def test_of_two_hundred_columns_drawn_at_random_none_grows() -> None:
    for seed in (21, 22, 23, 24, 25):
        assert found_in(drawn(seed, 500, {f"column_{i}": honest for i in range(40)}, staged=seed % 2 == 0)) == {}


def test_nothing_is_said_without_open_deals_without_dates_or_of_a_handful() -> None:
    deals = draw_deals(5, 300)
    columns = {name: make(deals) for name, make in GROWING.items() if name != "modified_at"}
    rows, open_now = make_rows(deals, columns)
    assert make_sample(rows.take(rows.is_closed), None).standing is None
    assert make_sample(rows, open_now.take(np.arange(9))).standing is None
    assert found_in(make_sample(rows, open_now.take(np.arange(12)))) == {}
    undated, _ = make_rows(deals, columns, dated=False)
    assert make_sample(undated, None).standing is None


def test_a_deal_counts_once_however_often_it_was_looked_at() -> None:
    """The same rows twice over say no more than once."""
    sample = drawn(6, 300, {"counted": counted_with_time})
    standing = sample.standing
    assert standing is not None
    values = np.concatenate([part.values["counted"] for part in (standing.earlier, standing.now)])
    known = np.ones(len(values), dtype=bool)
    once = standing.contrast(values, known)
    twice = np.repeat(np.arange(len(values)), 2)
    doubled = replace(
        standing,
        deal=standing.deal[twice],
        is_now=standing.is_now[twice],
        weight=standing.weight[twice],
        place=standing.place[twice],
        begun=standing.begun[twice],
    ).contrast(values[twice], known[twice])
    assert once is not None
    assert doubled is not None
    assert (doubled.gap, doubled.z) == pytest.approx((once.gap, once.z))
    assert (doubled.gap_begun, doubled.z_begun) == pytest.approx((once.gap_begun, once.z_begun))
