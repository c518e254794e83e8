"""People and scenarios in the reader's language."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from oppnb.errors import ParameterError
from oppnb.forecasting import (
    Override,
    Scenario,
    ScenarioChange,
    accuracy_by_source,
    append_override,
    compare_scenarios,
    forecast_parts,
    optimism,
    overrides_known,
    tell_accuracy,
    tell_assumptions,
    tell_optimism,
    tell_overrides,
    tell_scenarios,
    with_overrides,
)
from oppnb.locale import Formats, Words
from oppnb.store import open_store
from tests.forecasting.hand_made import DAY, POINT, make_book
from tests.forecasting.test_accuracy import NOBODY, made

BOOK = make_book()
PARTS = forecast_parts(BOOK, POINT)
READERS = {locale: {"words": Words(locale), "formats": Formats(locale, currency="EUR")} for locale in ("en", "zh_CN")}
NOW = datetime(2024, 11, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize("locale", READERS)
def test_every_sentence_is_told_in_both_languages(locale: str) -> None:
    reader = READERS[locale]
    said, came = made(12)
    few, few_came = made(3)
    told = [
        *tell_accuracy(accuracy_by_source(said, NOBODY, came), **reader),
        *tell_accuracy(accuracy_by_source(few, NOBODY, few_came), **reader),
        *tell_optimism(optimism(BOOK, day=DAY), **reader),
    ]
    assert len(told) >= 8
    assert not any("{" in one or "nan" in one for one in told)
    assert all(one.endswith("." if locale == "en" else "。") for one in told)


def test_nobody_has_spoken_is_said_so() -> None:
    none = overrides_known(open_store("/nowhere/at/all"), DAY)
    compared = with_overrides(PARTS, none, book=BOOK)
    assert tell_overrides(compared, **READERS["en"]) == ["Nobody put a figure in place of the model's."]


def test_figures_that_do_not_count_are_told(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for by, node in (("region", "East"), ("product", "Pump")):
        said = Override(by=by, node=node, amount=5e6, period="2024Q4", who="M1", why="Tender", when=NOW)
        append_override(store, said, book=BOOK, now=NOW)
    compared = with_overrides(PARTS, overrides_known(store, DAY), book=BOOK)
    told = tell_overrides(compared, **READERS["en"])
    assert told[0].startswith("With people's figures the period comes to €")
    assert "(+€" in told[0]
    assert told[1].startswith("1 of 2 figures is of deals that another, wider one covers")


def test_an_owner_is_told_only_where_the_interval_leaves_the_company_out() -> None:
    row = {"measure": "commit_won", "n": 9, "stated": 9.0, "came": 5.0, "own_ratio": 0.5, "own_share": 0.5}
    found = pd.DataFrame(
        [
            {**row, "owner_id": None, "ratio": 0.6, "low": 0.55, "high": 0.65, "company_ratio": 0.6},
            {**row, "owner_id": "U1", "ratio": 0.4, "low": 0.3, "high": 0.5, "company_ratio": 0.6},
            {**row, "owner_id": "U2", "ratio": 0.5, "low": 0.3, "high": 0.7, "company_ratio": 0.6},
            {**row, "owner_id": "U3", "ratio": 0.9, "low": 0.8, "high": 1.0, "company_ratio": 0.6},
        ]
    )
    told = tell_optimism(found, **READERS["en"])
    assert told[1:] == [
        "U3 stands above the company: 90% (95 %: 80% to 100%) instead of 60%.",
        "U1 stands below the company: 40% (95 %: 30% to 50%) instead of 60%.",
    ]
    assert tell_optimism(found.iloc[[0, 2, 2]], **READERS["en"])[1:] == ["No owner differs clearly from the company."]


def test_scenarios_are_told_by_their_label_with_more_less_and_the_same() -> None:
    scenarios = [
        Scenario(name="up", label={"zh_CN": "涨价"}, changes=[ScenarioChange(amount=1.5)]),
        Scenario(name="down", changes=[ScenarioChange(where={"region": ["East", "West"]}, win_odds=0.5)]),
        Scenario(name="same"),
    ]
    compared = compare_scenarios(PARTS, scenarios, book=BOOK, by="region")
    up, down, same = tell_scenarios(compared, scenarios, **READERS["en"])
    assert "more than the forecast" in up
    assert "less than the forecast" in down
    assert same.startswith("same: as the forecast")
    assert tell_scenarios(compared, scenarios, **READERS["zh_CN"])[0].startswith("涨价：")
    assert tell_assumptions(scenarios[1], **READERS["en"]) == ["Region East, West: odds of winning × 0.5"]
    assert tell_assumptions(scenarios[1], **READERS["zh_CN"]) == ["区域 East、West：赢单几率 × 0.5"]
    with pytest.raises(ParameterError, match="lacks 'quantile_10'"):
        tell_scenarios(compared.drop(columns="quantile_10"), scenarios, **READERS["en"])
