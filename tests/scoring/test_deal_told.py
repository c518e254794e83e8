"""One deal told in full: nothing in it contradicts the table, and nothing later is looked at."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import UsageError
from oppnb.scoring import Scores, ToldDeal, check_deals, deal_text, score_pipeline, tell_deals
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.tables import Tables
from oppnb.workspace import Workspace, parse_workspace

DAY = date(2024, 9, 27)
RULES = """
currency: CNY
scoring:
  attribute_rules: [{name: web, where: {source: web}, points: 5}]
  behaviour_rules: [{name: silent, points: -20, silence_days: 10}]
alerts: [{when: behaviour_fell_by, points: 20}]
"""


@cache
def tables() -> Tables:
    return make_pipeline(SyntheticSettings(n_opportunities=160, end=date(2024, 12, 31), seed=4)).tables


@cache
def scored() -> Scores:
    return score_pipeline(tables(), as_of=DAY, workspace=parse_workspace(RULES))


@cache
def told() -> list[ToldDeal]:
    return tell_deals(scored(), scored().frame["opportunity_id"].tolist()[:6])


def test_the_deal_says_what_the_table_says() -> None:
    table = scored().frame.set_index("opportunity_id")
    for one in told():
        row = table.loc[one.opportunity_id]
        assert one.explanation.probability == pytest.approx(row["win_probability"], abs=1e-9)
        assert one.curve["won"].tolist() == pytest.approx(
            row[[f"win_probability_{days}_days" for days in one.curve["days"]]].tolist()
        )
        assert one.change.get("change", np.nan) == pytest.approx(row["change"], nan_ok=True)


def test_similar_deals_are_other_ones_whose_end_was_known_on_the_day() -> None:
    closed = tables()["opportunities"].set_index("opportunity_id")["closed_at"]
    for one in told():
        similar = one.similar["similar_opportunity_id"]
        assert one.opportunity_id not in set(similar)
        assert (closed[similar].dt.normalize() <= pd.Timestamp(DAY)).all()


def test_what_gives_the_same_number_is_told_once() -> None:
    for one in told():
        assert len(one.what_if) <= 3
        assert one.what_if["win_probability_if"].round(9).is_unique
        assert one.what_if["rank"].tolist() == list(range(1, len(one.what_if) + 1))


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_text_has_the_points_of_every_reason_and_rule(locale: str) -> None:
    for one in tell_deals(scored(), [told()[0].opportunity_id], locale=locale):
        text = deal_text(one, scored(), locale=locale)
        assert all(reason.text in text for reason in one.explanation.reasons if reason.points)
        assert all(line in text for line in one.similar["text"])
        assert one.explanation.note == text.splitlines()[-1]


def test_rules_have_had_their_points_a_week_ago_too() -> None:
    changes = scored().frame
    silent = changes[changes["alerts"].notna()]
    assert len(silent)  # some deal fell silent within the week
    assert silent["alerts"].str.contains("Behaviour score fell by 20 points").all()


def test_without_dates_nothing_is_said_of_when() -> None:
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"d{number:03d}" for number in range(60)],
            "stage": np.where(np.arange(60) < 50, np.where(np.arange(60) % 3 == 0, "Won", "Lost"), "Demo"),
            "segment": np.where(np.arange(60) % 3 == 0, "A", "B"),
        }
    ).astype("str")
    found = score_pipeline(Tables({"opportunities": deals}))
    one = tell_deals(found, ["d055"])[0]
    assert one.curve.empty
    assert "no dates" in deal_text(one, found)
    assert one.to_dict()["change"] is None


@pytest.mark.parametrize(
    ("which", "said"),
    [("closed", "was not open on"), ("later", "was not known yet"), ("unknown", "The nearest ids of open deals:")],
)
def test_an_id_that_is_not_open_says_what_became_of_it(which: str, said: str) -> None:
    deals = tables()["opportunities"]
    day = pd.Timestamp(DAY)
    ids = {
        "closed": deals.loc[deals["closed_at"] < day, "opportunity_id"].iloc[0],
        "later": deals.loc[deals["created_at"] > day + pd.Timedelta(days=2), "opportunity_id"].iloc[0],
        "unknown": scored().frame["opportunity_id"].iloc[0] + "0",
    }
    with pytest.raises(UsageError, match=said) as error:
        check_deals(scored().opened, scored().rows, [ids[which]])
    assert ids[which] in str(error.value)
    nearest = scored().frame["opportunity_id"].iloc[0]
    assert which != "unknown" or nearest in str(error.value).split("deals:")[1].split(",")[0]


def test_ids_that_are_open_pass() -> None:
    check_deals(scored().opened, scored().rows, scored().frame["opportunity_id"].tolist())
    assert isinstance(scored().opened.workspace, Workspace)
