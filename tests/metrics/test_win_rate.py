"""Win rate on six deals, by hand."""

import numpy as np
import pytest

from oppnb.locale import Words
from oppnb.metrics import measure, note_text
from tests.metric_frames import make_inputs

SIX = (
    {"outcome": "won", "amount_base": 300.0, "created_at": "2017-07-02", "age_days": 44.0},
    {"outcome": "lost", "amount_base": 100.0, "created_at": "2017-05-01", "age_days": 106.0},
    {"outcome": "lost", "amount_base": None, "created_at": "2017-07-03", "age_days": 43.0},
    {"outcome": "won", "amount_base": 100.0, "created_at": "2017-01-01", "closed_at": "2017-06-30", "age_days": 180.0},
    {"outcome": "open", "amount_base": 500.0, "created_at": "2017-07-04", "age_days": 88.0},
    {"outcome": "open", "amount_base": 100.0, "created_at": "2017-06-30", "age_days": 92.0},
)


def _row(variant: str):
    return measure("win_rate", make_inputs(*SIX), variant=variant).iloc[0]


def test_of_closed_deals() -> None:
    # Closed in the quarter: d1 won, d2 and d3 lost. d4 closed the day before.
    row = _row("closed")
    assert (row["value"], row["n"]) == (pytest.approx(1 / 3), 3)
    assert (round(row["low"], 3), round(row["high"], 3)) == (0.061, 0.792)


def test_of_closed_deals_by_value() -> None:
    # 300 / (300 + 100); d3 has no amount.
    row = _row("closed_value")
    assert (row["value"], row["n"], row["n_missing"]) == (pytest.approx(0.75), 2, 1)


def test_of_created_deals_counts_the_undecided_beside_it() -> None:
    # Created in the quarter: d1 won, d3 lost, d5 open.
    row = _row("created")
    assert (row["value"], row["n"], row["n_open"]) == (pytest.approx(1 / 3), 3, 1)


def test_within_days_lets_losing_compete_and_follows_open_deals() -> None:
    # Day 43: 6 at risk, lost: S = 5/6. Day 44: 5 at risk, won: F = 5/6 x 1/5 = 1/6.
    assert _row("within_90_days")["value"] == pytest.approx(1 / 6)
    assert _row("within_30_days")["value"] == 0
    # Open at 88 and 92. Day 106: 2 at risk, S before = 4/6, lost: S = 2/6. Day 180: 1 at risk, won: F = 1/6 + 2/6.
    assert _row("within_180_days")["value"] == pytest.approx(3 / 6)


def test_a_deal_won_without_a_day_is_not_of_the_period() -> None:
    assert measure("win_rate", make_inputs({"outcome": "won", "closed_at": None}))["n"].item() == 0


def test_a_small_group_shows_how_little_it_says() -> None:
    deals = [{"outcome": "won", "region": "Nord"}] * 3 + [{"outcome": "lost", "region": "Nord"}] * 7
    row = measure("win_rate", make_inputs(*deals), by="region").iloc[0]
    assert (round(row["value"], 2), round(row["low"], 2), round(row["high"], 2)) == (0.3, 0.11, 0.6)


def test_a_negative_amount_cannot_be_weighed() -> None:
    won = [{"outcome": "won", "amount_base": amount} for amount in (-5.0, 100.0)]
    row = measure("win_rate", make_inputs(*won, {"outcome": "lost"}), variant="closed_value").iloc[0]
    assert (row["value"], row["n"], row["n_missing"]) == (0.5, 2, 1)
    assert not np.isnan(row["high"])


LOST_AT_ZERO = (
    *[{"outcome": "won", "amount_base": 100.0, "region": "Nord"}] * 2,
    *[{"outcome": "lost", "amount_base": 0.0, "region": "Nord"}] * 9,
    {"outcome": "lost", "amount_base": 50.0, "region": "Süd"},
)


@pytest.mark.parametrize("variant", ["closed_value", "created_value"])
def test_by_value_is_unknown_where_the_lost_stand_at_zero(variant: str) -> None:
    # 9 of the 10 lost at 0: that is no amount. The rate would be 100 % by what is left.
    row = measure("win_rate", make_inputs(*LOST_AT_ZERO), variant=variant).iloc[0]
    assert np.isnan(row["value"])
    assert np.isnan(row["low"])
    assert (row["n"], row["n_missing"], row["note"]) == (3, 9, "lost_amounts_unknown")


def test_by_value_is_unknown_where_the_won_stand_at_zero() -> None:
    deals = [{"outcome": "won", "amount_base": 0.0}] * 3 + [{"outcome": "lost"}]
    row = measure("win_rate", make_inputs(*deals), variant="closed_value").iloc[0]
    assert np.isnan(row["value"])
    assert row["note"] == "won_amounts_unknown"


def test_by_value_needs_half_of_the_amounts_of_either_end() -> None:
    deals = [{"outcome": "won"}, {"outcome": "lost"}, *[{"outcome": "lost", "amount_base": None}] * 2]
    row = measure("win_rate", make_inputs(*deals), variant="closed_value").iloc[0]
    assert (row["n"], row["n_missing"], row["note"]) == (2, 2, "lost_amounts_unknown")
    assert np.isnan(row["value"])


def test_a_zero_among_many_lost_amounts_is_an_amount() -> None:
    deals = [{"outcome": "won"}, *[{"outcome": "lost"}] * 2, *[{"outcome": "lost", "amount_base": 0.0}] * 8]
    row = measure("win_rate", make_inputs(*deals), variant="closed_value").iloc[0]
    assert (row["value"], row["n"], row["n_missing"]) == (pytest.approx(1 / 3), 11, 0)


def test_where_every_deal_was_won_the_rate_by_value_is_one() -> None:
    row = measure("win_rate", make_inputs({"outcome": "won"}), variant="closed_value").iloc[0]
    assert (row["value"], row["n"]) == (1.0, 1)


def test_the_lost_amount_is_unknown_where_the_lost_stand_at_zero() -> None:
    whole = measure("lost_amount", make_inputs(*LOST_AT_ZERO)).iloc[0]
    assert (whole["value"], whole["n"], whole["n_missing"], whole["note"]) == (50.0, 1, 9, "lost_amounts_unknown")
    north, south = measure("lost_amount", make_inputs(*LOST_AT_ZERO), by="region").to_dict("records")
    assert np.isnan(north["value"])
    assert (north["n"], north["n_missing"], north["note"]) == (0, 9, "lost_amounts_unknown")
    assert (south["value"], south["n"], south["n_missing"]) == (50.0, 1, 0)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("end", ["lost", "won"])
def test_the_note_on_unknown_amounts_has_words(locale: str, end: str) -> None:
    assert "0" in note_text(f"{end}_amounts_unknown", Words(locale))
