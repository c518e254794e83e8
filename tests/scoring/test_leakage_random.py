"""Honest columns drawn at random, of every kind, drifting and with gaps: none is thrown out."""

import numpy as np
import pandas as pd
import pytest

from oppnb.scoring.leakage.examining import examine
from oppnb.scoring.leakage.sample import make_sample
from tests.scoring.leaky_columns import day, number_if, text
from tests.scoring.leaky_rows import Deals, draw_deals, make_rows


def honest(deals: Deals) -> pd.Series:
    """A column that knows the strength of the deal more or less, and the time; never the outcome."""
    rng = deals.rng
    score = rng.normal() * deals.strength + rng.normal(size=deals.n)
    if rng.random() < 0.3:
        score = score + rng.normal() * deals.created / 365
    values = [_number, _ranges, _labels, _days, _mostly_zero][rng.integers(0, 5)](deals, score)
    if rng.random() < 0.4:
        known = (score > rng.normal()) | (rng.random(deals.n) < rng.random())
        return values.where(known)
    return values


def _number(deals: Deals, score: np.ndarray) -> pd.Series:
    return pd.Series(np.floor(np.exp(score * deals.rng.uniform(0.3, 1.5))))


def _ranges(deals: Deals, score: np.ndarray) -> pd.Series:
    levels = int(deals.rng.choice([2, 3, 5, 12, 40, 300]))
    return text([f"l{i}" for i in np.argsort(np.argsort(score)) * levels // deals.n])


def _labels(deals: Deals, score: np.ndarray) -> pd.Series:
    levels = int(deals.rng.choice([2, 3, 5, 12, 40, 300]))
    return text([f"x{i}" for i in deals.rng.choice(levels, deals.n, p=deals.rng.dirichlet(np.full(levels, 0.4)))])


def _days(deals: Deals, score: np.ndarray) -> pd.Series:
    return day(deals, deals.created + deals.rng.normal(0, 50) + deals.rng.normal(0, 30, deals.n))


def _mostly_zero(deals: Deals, score: np.ndarray) -> pd.Series:
    return number_if(deals, score > deals.rng.normal(), np.round(np.exp(score), 1), 0.0)


@pytest.mark.parametrize(("n", "base", "zombies"), [(60, 0.5, 0.2), (100, 0.2, 0.2), (300, 0.4, 0.8), (1000, 0.8, 0.2)])
def test_no_honest_column_is_thrown_out(n: int, base: float, zombies: float) -> None:
    deals = draw_deals(n, n, base=base, zombies=zombies)
    rows, open_now = make_rows(deals, {f"column_{i}": honest(deals) for i in range(60)})
    sample = make_sample(rows, open_now)
    out = {feature.name: examine(feature, sample).evidence for feature in rows.features}
    assert {name: found for name, found in out.items() if found} == {}
