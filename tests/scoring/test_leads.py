"""Leads by the same engine: converted within n days, young ones neither, nothing later looked at."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import DataError, ParameterError, TableMissingError, UsageError
from oppnb.locale import Words
from oppnb.scoring.lead_rows import AGE_BANDS, ends_within, lead_scoring_rows, lead_training_rows
from oppnb.scoring.leads import LeadScores, score_leads
from oppnb.scoring.pipeline import score_pipeline
from oppnb.scoring.rows import ScoringRows
from oppnb.tables import Tables
from oppnb.workspace import Calendar

END = date(2024, 6, 30)
RATES = {"web": 0.15, "referral": 0.6}


@cache
def leads(n: int = 260, *, seed: int = 3) -> pd.DataFrame:
    """Leads that convert within about 40 days or never, referrals four times as often; known truth."""
    rng = np.random.default_rng(seed)
    created = pd.Timestamp("2023-05-01") + pd.to_timedelta(np.sort(rng.integers(0, 420, n)), unit="D")
    source = rng.choice(list(RATES), n)
    converts = rng.random(n) < pd.Series(source).map(RATES).to_numpy()
    at = pd.Series(created + pd.to_timedelta(rng.integers(1, 40, n), unit="D")).where(converts)
    at = at.where(at < pd.Timestamp(END))
    ids = pd.Series([f"L{number:04d}" for number in range(n)], dtype="str")
    return pd.DataFrame(
        {
            "lead_id": ids,
            "created_at": pd.Series(created).astype("datetime64[us]"),
            "source": pd.Series(source, dtype="str"),
            "converted_at": at.astype("datetime64[us]"),
            "opportunity_id": ("O" + ids).where(at.notna()).astype("str"),
        }
    )


def tables(**columns: object) -> Tables:
    deals = pd.DataFrame(
        {
            "opportunity_id": pd.Series(["O1"], dtype="str"),
            "stage": pd.Series(["Demo"], dtype="str"),
            "created_at": pd.to_datetime(["2024-01-02"]).astype("datetime64[us]"),
        }
    )
    return Tables({"opportunities": deals, "leads": leads().assign(**columns)}, exported_on=END)


@cache
def scored() -> LeadScores:
    status = np.where(leads()["converted_at"].notna(), "Converted", "Working")
    return score_leads(tables(status=pd.Series(status, dtype="str")), within_days=60)


def test_a_lead_is_a_negative_only_after_it_was_watched_for_the_whole_time() -> None:
    rows = lead_training_rows(tables(), until=END, within_days=60)
    watched = (pd.Timestamp(END) - rows.keys["as_of"]).dt.days
    assert (watched[rows.is_lost] >= 60).all()
    assert (watched[~rows.is_closed] < 60).all()
    assert rows.ends is not None
    assert (rows.ends.loc[rows.is_won, "days_to_end"] < 60).all()
    assert (rows.ends.loc[rows.is_lost, "days_to_end"] == 60).all()


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["won", "open"]), st.floats(0, 200)), min_size=1, max_size=20),
    st.integers(1, 150),
)
def test_the_horizon_settles_every_row_one_way(ends: list[tuple[str, float]], days: int) -> None:
    frame = pd.DataFrame(ends, columns=["end", "days_to_end"])
    keys = pd.DataFrame({"opportunity_id": [str(number) for number in range(len(frame))]})
    rows = ends_within(ScoringRows(keys, pd.DataFrame(index=keys.index), (), frame, Calendar()), days)
    assert rows.ends is not None
    settled = rows.ends
    assert (settled["days_to_end"] <= days).all()
    was_won, soon = frame["end"] == "won", frame["days_to_end"] < days
    assert (settled["end"] == np.select([was_won & soon, ~soon], ["won", "lost"], "open")).all()


def test_a_longer_horizon_never_makes_a_conversion_undone() -> None:
    until = {days: lead_training_rows(tables(), until=END, within_days=days) for days in (20, 60)}
    assert (until[60].is_won | ~until[20].is_won).all()


def test_what_happens_after_the_day_of_knowledge_changes_nothing() -> None:
    day, cut = date(2024, 2, 29), pd.Timestamp("2024-03-01")
    true = leads()
    is_later = true["converted_at"].isna() | (true["converted_at"] >= cut)
    scrambled = true["converted_at"].where(~is_later, pd.Timestamp("2024-04-04").as_unit("us"))
    other = tables(converted_at=scrambled, opportunity_id=("X" + true["lead_id"]).astype("str"))
    for build in (
        lambda given: lead_training_rows(given, until=day, within_days=60),
        lambda given: lead_scoring_rows(given, day),
    ):
        before, after = build(tables()), build(other)
        pd.testing.assert_frame_equal(before.keys, after.keys)
        pd.testing.assert_frame_equal(before.values, after.values)
        if before.ends is not None:
            pd.testing.assert_frame_equal(before.ends, after.ends)


def test_scored_leads_have_the_features_they_are_learnt_from() -> None:
    rows, now = lead_training_rows(tables(), until=END), lead_scoring_rows(tables(), END)
    same = rows.take((rows.keys["as_of"] == pd.Timestamp(END)).to_numpy())
    assert len(same)
    of_now = now.values.set_index(now.keys["opportunity_id"]).loc[same.keys["opportunity_id"]]
    pd.testing.assert_frame_equal(same.values, of_now.reset_index(drop=True), check_dtype=False)


def test_every_waiting_lead_of_the_last_year_is_scored_once() -> None:
    frame, all_leads = scored().frame, leads()
    waiting = all_leads["converted_at"].isna() & (all_leads["created_at"] >= pd.Timestamp("2023-07-02"))
    assert set(all_leads.loc[waiting, "lead_id"]) == set(frame["lead_id"])
    assert frame["lead_id"].is_unique


def test_intervals_hold_the_probability_and_parts_add_up_to_it() -> None:
    frame = scored().frame
    p = frame["conversion_probability"]
    assert p.between(0, 1).all()
    for level in ("80", "95"):
        assert (frame[f"conversion_probability_low_{level}"] <= p + 1e-12).all()
        assert (frame[f"conversion_probability_high_{level}"] >= p - 1e-12).all()
    parts = frame[[name for name in frame if name.startswith("contribution_")]].sum(axis=1)
    assert (frame["base_probability"] + parts).to_numpy() == pytest.approx(p.to_numpy(), abs=1e-9)
    assert p.is_monotonic_decreasing


def test_fresh_leads_and_those_of_the_better_source_come_first() -> None:
    frame = scored().frame
    old, fresh = frame["age_days"] > 91, frame["age_days"] < 7
    if fresh.any():
        assert frame.loc[fresh, "conversion_probability"].mean() > 3 * frame.loc[old, "conversion_probability"].mean()
    young = frame[frame["age_days"] < 28].groupby("source")["conversion_probability"].mean()
    if len(young) == len(RATES):
        assert young["referral"] > young["web"]


def test_a_column_that_says_converted_is_left_out() -> None:
    training = scored().training
    assert training is not None
    verdicts = training.leakage.frame.set_index("field")["verdict"]
    assert verdicts["status"] == "out"
    assert verdicts["source"] == "kept"
    assert "opportunity_id" not in verdicts.index


def test_it_is_judged_over_time_beside_baselines() -> None:
    training = scored().training
    assert training is not None
    table = training.evaluation.set_index("model")
    assert {"base_rate", "observed_stage_odds", "stage_rates"} <= set(table.index)
    assert training.backtest.is_over_time
    assert table.loc["stage_rates", "auc"] > table.loc["base_rate", "auc"]  # old leads hardly ever convert


def test_the_mean_of_past_probabilities_is_near_what_came_of_it() -> None:
    training = scored().training
    assert training is not None
    rows = training.backtest.of(training.choice.ever)
    rows = rows[rows["weight"] > 0]
    stated = np.average(rows["p_ever"], weights=rows["weight"])
    assert stated == pytest.approx(np.average(rows["is_won"], weights=rows["weight"]), abs=0.06)


def test_reasons_and_sentences_speak_of_leads_in_both_languages() -> None:
    reasons = " ".join(scored().frame["reasons"])
    assert "stage" not in reasons
    for locale in ("en", "zh_CN"):
        told = scored().sentences(locale)
        assert "60" in " ".join(told)
    assert Words("en").keys("scoring_leads") == Words("zh_CN").keys("scoring_leads")
    assert {f"age_{band}" for band in AGE_BANDS} <= set(Words("en").keys("scoring_leads"))


def test_a_trained_model_scores_again_the_same() -> None:
    status = pd.Series(np.where(leads()["converted_at"].notna(), "Converted", "Working"), dtype="str")
    again = score_leads(tables(status=status), within_days=30, model=scored().scorer)
    assert again.within_days == 60  # the model's own
    pd.testing.assert_frame_equal(again.frame, scored().frame)


def test_a_model_of_deals_does_not_score_leads() -> None:
    from dataclasses import replace

    scorer = scored().scorer
    of_deals = replace(scorer, card={key: value for key, value in scorer.card.items() if key != "subject"})
    with pytest.raises(UsageError, match="trained on deals"):
        score_leads(tables(), model=of_deals)


def test_a_model_of_leads_does_not_score_deals() -> None:
    with pytest.raises(UsageError, match="trained on leads"):
        score_pipeline(tables(), model=scored().scorer)


def test_a_model_that_knows_more_than_the_day_does_not_score_leads() -> None:
    with pytest.raises(ParameterError, match="after 2024-03-31: it may have learnt how the leads"):
        score_leads(tables(), as_of="2024-03-31", model=scored().scorer)


def test_without_leads_it_says_so() -> None:
    with pytest.raises(TableMissingError, match="leads"):
        score_leads(Tables({"opportunities": tables()["opportunities"]}, exported_on=END))


def test_a_horizon_of_no_days_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 1"):
        score_leads(tables(), within_days=0)


def test_a_past_shorter_than_the_horizon_is_refused() -> None:
    # only conversions are known then
    with pytest.raises(DataError, match="--within-days"):
        score_leads(tables(), as_of="2023-06-15", within_days=60)


def test_where_nothing_waits_it_says_so() -> None:
    with pytest.raises(DataError, match="nothing to score"):
        score_leads(tables(), as_of="2027-01-31", within_days=60, model=scored().scorer)
