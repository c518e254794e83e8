"""What goes with winning in all deals: rates by value, drivers, combinations."""

import numpy as np
import pandas as pd
import pytest

from oppnb.locale import LOCALES, Formats, Words
from oppnb.metrics import wilson
from oppnb.scoring.combinations import COMBINATION_COLUMNS, strong_combinations
from oppnb.scoring.field_rates import FIELD_RATE_COLUMNS, field_rates
from oppnb.scoring.intervals import Doubt
from oppnb.scoring.models.ridge import Ridge
from oppnb.scoring.reason_words import FeatureWords
from oppnb.scoring.rows import KEYS, Feature, ScoringRows
from oppnb.scoring.score_drivers import DRIVER_COLUMNS, score_drivers
from oppnb.scoring.scorer import Scorer
from oppnb.workspace.models import Calendar
from tests.scoring.ladder_rows import make_rows

ROWS = make_rows(250)


def closed_rows(seed: int, *, n: int = 800, together: float = 0.0) -> ScoringRows:
    """Undated closed deals; sector and size add, and large deals of sector a are won more often still by `together`."""
    rng = np.random.default_rng(seed)
    sector, size = rng.integers(0, 3, n), rng.integers(0, 2, n)
    logit = -0.6 + 0.5 * sector + 0.6 * size + together * ((sector == 0) & (size == 1))
    won = rng.random(n) < 1 / (1 + np.exp(-logit))
    values = pd.DataFrame({"sector": np.array(["a", "b", "c"])[sector], "size": np.array(["small", "large"])[size]})
    values["noise"] = rng.normal(size=n)
    keys = pd.DataFrame({name: pd.Series([None] * n, dtype="object") for name in KEYS})
    keys["opportunity_id"] = [f"{number:05d}" for number in range(n)]
    keys["process"] = "sales"
    keys["as_of"] = pd.Series(pd.NaT, index=keys.index, dtype="datetime64[us]")
    kinds = {"sector": "category", "size": "category", "noise": "number"}
    features = tuple(Feature(name, "other", kind) for name, kind in kinds.items())
    ends = pd.DataFrame({"end": np.where(won, "won", "lost"), "days_to_end": np.nan})
    return ScoringRows(keys, values, features, ends, Calendar())


def test_rates_of_an_undated_export_are_plain_counts_with_wilson_intervals() -> None:
    rows = closed_rows(1)
    found = field_rates(rows, "sector").set_index("value")
    assert tuple(found.reset_index().columns) == ("value", *(name for name in FIELD_RATE_COLUMNS if name != "value"))
    for value in "abc":
        mine = (rows.values["sector"] == value).to_numpy()
        n, won = int(mine.sum()), int(rows.is_won[mine].sum())
        row = found.loc[value]
        assert row["n_deals"] == n
        assert row["win_rate"] == pytest.approx(won / n)
        assert (row["low"], row["high"]) == pytest.approx(wilson(won, n))


def test_a_deal_with_many_rows_is_one_deal() -> None:
    rows = closed_rows(2, n=60)
    often = rows.take(np.repeat(np.arange(60), np.where(np.arange(60) == 0, 50, 1)))
    pd.testing.assert_frame_equal(field_rates(rows, "size"), field_rates(often, "size"))


def test_every_closed_deal_has_a_value_or_is_not_known() -> None:
    found = field_rates(ROWS, "days_since_last_activity", n_bins=4)
    assert found["kind"].tolist() == ["bin"] * 4 + ["not_known"]
    assert found["low_edge"].tolist()[1:4] == found["high_edge"].tolist()[:3]
    assert ((found["low"] <= found["win_rate"]) & (found["win_rate"] <= found["high"])).all()


def test_without_closed_deals_there_are_no_rates_and_an_unknown_field_is_an_error() -> None:
    open_only = ROWS.take(~ROWS.is_closed)
    assert field_rates(open_only, "source").empty
    assert strong_combinations(open_only).empty
    with pytest.raises(KeyError):
        field_rates(ROWS, "nothing")


def test_drivers_add_up_to_the_mean_difference_from_the_base() -> None:
    scorer = Scorer(Ridge().fit(ROWS), tuple(feature.name for feature in ROWS.features), Doubt(), {"model_id": "test"})
    found = score_drivers(scorer, ROWS)
    assert tuple(found.columns) == DRIVER_COLUMNS
    parts = scorer.model.contributions(ROWS)
    whole = float((scorer.model.predict(ROWS).won_ever - parts.base).mean())
    for level in ("group", "feature"):
        assert found.loc[found["level"] == level, "mean"].sum() == pytest.approx(whole, abs=1e-9)
    of_groups = found[found["level"] == "group"]
    assert of_groups["strength"].is_monotonic_decreasing


def test_a_combination_that_says_more_than_both_parts_stands_out() -> None:
    found = strong_combinations(closed_rows(3, n=2000, together=1.5), ["sector", "size"])
    assert tuple(found.columns) == COMBINATION_COLUMNS
    top = found[found["stands_out"]].iloc[0]
    assert {top["first_value"], top["second_value"]} & {"a", "large", "small"}
    cell = found[(found["first_value"] == "a") & (found["second_value"] == "large")].iloc[0]
    assert cell["stands_out"]
    assert cell["expected_rate"] < cell["shrunk_rate"] < cell["win_rate"]
    assert cell["n_tested"] == 6


def test_where_values_only_add_next_to_nothing_stands_out() -> None:
    n_with_any = sum(bool(strong_combinations(closed_rows(seed))["stands_out"].any()) for seed in range(30))
    assert n_with_any <= 6  # about 3 of 30 are expected at most


@pytest.mark.parametrize("locale", LOCALES)
def test_levels_are_told_in_the_unit_of_the_field(locale: str) -> None:
    says = FeatureWords(Words(locale), Formats(locale, currency="CNY"))
    nan = float("nan")
    assert "148" in says.level("log_employees", None, 5.0041, nan)  # e^5.0041 - 1
    assert "40%" in says.level("inbound_share", None, nan, 0.4)
    assert says.level("source", "web", nan, nan) == "web"
    assert says.level("source", "?", nan, nan) == says.level("source", None, nan, nan)
    assert "nan" not in says.level("age_days", None, 3.0, 5.5)
