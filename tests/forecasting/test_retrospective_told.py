"""A retrospective reads well in both languages, and its bars are those of the bridge."""

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from oppnb.charts import bridge
from oppnb.forecasting import (
    help_summary,
    propose_changes,
    retrospective,
    tell_help,
    tell_proposals,
    tell_retrospective,
    waterfall,
)
from oppnb.forecasting.accepted import helped
from oppnb.forecasting.gap_causes import CAUSES
from oppnb.forecasting.retrospective_told import _headline
from oppnb.locale import Formats, Words
from oppnb.periods import parse_period
from tests.forecasting.retro_books import book_of, demo_workspace
from tests.forecasting.test_proposals import long_book

Q2 = parse_period("2024Q2")
LOST = {"outcome": "lost", "closed_on": "2024-05-01"}
WON = {"outcome": "won", "closed_on": "2024-05-01", "won_for": 130.0}


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_cause_has_a_name_and_a_meaning(locale: str) -> None:
    words = Words(locale)
    assert all(words(f"forecast_retrospective.bar_{one}") for one in (*CAUSES, "start", "end"))
    assert all(words(f"forecast_retrospective.means_{one}") for one in CAUSES)


def test_a_quarter_that_fell_short_is_told() -> None:
    words, formats = Words("en"), Formats("en", currency="EUR")
    found = retrospective(book_of(*[LOST] * 30, *[WON] * 10), Q2)
    told = tell_retrospective(found, words=words, formats=formats)
    assert told[0] == "2024Q2: €1.3K came, €700 (35%) less than the €2K expected on March 31, 2024."
    assert any("The chances of Demo were too high: 10 of 40 deals were won, 20.0 were expected" in one for one in told)
    chinese = tell_retrospective(found, words=Words("zh_CN"), formats=Formats("zh_CN", currency="EUR"))
    assert len(chinese) == len(told)
    assert "少" in chinese[0]


@pytest.mark.parametrize(
    ("gap", "method", "said"),
    [
        (-50.0, -57.2, "all of it comes from how it was forecast (−€57), what happened to deals and new business"),
        (50.0, 50.0, "all of it comes from how it was forecast (+€50)"),
        (-50.0, -49.0, None),
        (50.0, -57.0, None),
        (-50.0, 0.0, None),
    ],
)
def test_a_gap_that_is_only_how_it_was_forecast_is_told_as_such(gap: float, method: float, said: str | None) -> None:
    causes = pd.DataFrame({"cause": ["lost", "combination"], "amount": [gap - method, method]})
    opening = SimpleNamespace(point=SimpleNamespace(day=date(2024, 3, 31)))
    found = SimpleNamespace(
        gap=gap, causes=lambda: causes, period=Q2, actual=100.0 + gap, expected=100.0, opening=opening
    )
    for locale in ("en", "zh_CN"):
        told = _headline(found, Words(locale), Formats(locale, currency="EUR"))  # type: ignore[arg-type]
        assert ("全部" in told or "all of it" in told) == (said is not None)
        assert said is None or locale == "zh_CN" or said in told


def test_the_bars_are_drawn_as_a_bridge() -> None:
    words, formats = Words("en"), Formats("en", currency="EUR")
    bars = waterfall(retrospective(book_of(*[LOST] * 3, WON, WON, {}), Q2), words)
    chart = bridge(bars, words=words, formats=formats, title="t")
    assert "Deals lost" in str(chart.layout.yaxis.ticktext)
    assert "Slipped" in str(chart.layout.yaxis.ticktext)
    assert "Pulled in" not in str(chart.layout.yaxis.ticktext)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_proposal_and_decision_is_told(locale: str) -> None:
    words, formats = Words(locale), Formats(locale, currency="EUR")
    book = long_book(win_rate=0.9, slow="partner", late="u2", odds=0.3)
    found = propose_changes(book, parse_period("2024Q1"))
    assert {one.change.kind for one in found.items} == {"stage_odds", "source_cycle", "owner_slip"}
    told = tell_proposals(found, words=words, formats=formats)
    assert len(told) == len(found.items)
    assert all("2024Q2" in one for one in told)
    decided = found.frame().assign(as_of=pd.Timestamp("2023-10-01"), status="accepted", who="A. Lead")
    summary = help_summary(helped(book, decided))
    said = tell_help(summary, demo_workspace(), words=words, formats=formats)
    assert len(said) == len(summary) > 0
    nothing = tell_help(summary.iloc[:0], demo_workspace(), words=words, formats=formats)
    assert nothing == [words("forecast_retrospective.nothing_decided")]
