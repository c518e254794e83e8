"""The whole road of a score: from an export to a table, and back from a file."""

from datetime import date

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from oppnb.errors import DataError, ParameterError
from oppnb.scoring import Scores, load_scorer, save_scorer, score_pipeline, train_pipeline
from oppnb.scoring.score_table import CURVE_DAYS
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.tables import Tables

DAY = date(2024, 9, 27)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return make_pipeline(SyntheticSettings(n_opportunities=260, end=date(2024, 12, 31), seed=4)).tables


@pytest.fixture(scope="module")
def scored(tables: Tables) -> Scores:
    return score_pipeline(tables, as_of=DAY)


def test_parts_add_up_to_the_number_shown(scored: Scores) -> None:
    parts = [name for name in scored.frame if name.startswith("contribution_")]
    total = scored.frame["base_probability"] + scored.frame[parts].sum(axis="columns")
    assert np.abs(total - scored.frame["win_probability"]).max() < 1e-9


def test_the_curve_never_falls_and_stays_below_winning_ever(scored: Scores) -> None:
    curve = scored.frame[[*(f"win_probability_{days}_days" for days in CURVE_DAYS), "win_probability"]].to_numpy()
    assert (np.diff(curve, axis=1) >= -1e-12).all()
    assert ((curve >= 0) & (curve <= 1)).all()


def test_won_lost_and_open_are_one_at_every_date(scored: Scores) -> None:
    prediction = scored.scorer.model.predict(scored.scorer.rows(scored.rows))
    assert (prediction.won + prediction.lost <= 1 + 1e-9).all()
    assert (np.diff(prediction.won, axis=1) >= -1e-12).all()
    assert (np.diff(prediction.lost, axis=1) >= -1e-12).all()


def test_intervals_hold_the_number(scored: Scores) -> None:
    frame = scored.frame
    for level in ("80", "95"):
        assert (frame[f"win_probability_low_{level}"] <= frame["win_probability"] + 1e-12).all()
        assert (frame["win_probability"] <= frame[f"win_probability_high_{level}"] + 1e-12).all()
    assert (frame["win_probability_low_95"] <= frame["win_probability_low_80"] + 1e-12).all()


def test_every_open_deal_of_the_day_is_scored_once(scored: Scores, tables: Tables) -> None:
    from oppnb.history import as_of

    known = as_of(tables, DAY, workspace=scored.opened.workspace)
    still_open = known.loc[known["outcome"] == "open", "opportunity_id"]
    assert sorted(scored.frame["opportunity_id"]) == sorted(still_open)


def test_a_model_from_its_file_says_the_same(scored: Scores, tables: Tables, tmp_path) -> None:
    path = save_scorer(scored.scorer, tmp_path / "deals.oppnb")
    again = score_pipeline(tables, as_of=DAY, model=path)
    assert again.training is None
    assert load_scorer(path).model_id == scored.scorer.model_id
    assert_frame_equal(again.frame, scored.frame)


def test_a_model_that_knows_more_than_the_day_is_refused(scored: Scores, tables: Tables) -> None:
    with pytest.raises(ParameterError, match="after 2024-06-28"):
        score_pipeline(tables, as_of="2024-06-28", model=scored.scorer)


def test_a_day_without_open_deals_says_so(tables: Tables, scored: Scores) -> None:
    deals = tables["opportunities"]
    closed = deals[deals["outcome"].isin(["won", "lost"])]
    with pytest.raises(DataError, match="nothing to score"):
        score_pipeline(tables.replace(opportunities=closed), model=scored.scorer)


def test_the_card_says_what_the_interface_promises(scored: Scores) -> None:
    card = scored.scorer.card
    assert card["chosen"] in {row["model"] for row in card["evaluation"]}
    wanted = {"model", "is_baseline", "n", "auc", "log_loss", "brier", "brier_skill", "ece", "calibration_slope"}
    assert all(wanted <= set(row) for row in card["evaluation"])
    assert {row["model"] for row in card["evaluation"] if row["is_baseline"]} >= {"base_rate", "observed_stage_odds"}
    assert all({"field", "reason", "would_have_added"} <= set(row) for row in card["leakage"])


def test_a_planted_column_that_knows_the_outcome_is_out_and_named_on_the_card(tables: Tables) -> None:
    deals = tables["opportunities"].copy()
    deals["contract_reference"] = deals["outcome"].map({"won": "C-2024", "lost": "none"}).astype("str")
    _, training, scorer = train_pipeline(tables.replace(opportunities=deals))
    assert "contract_reference" in {row["field"] for row in scorer.card["leakage"]}
    assert "contract_reference" not in training.rows.values


def test_outcomes_dealt_at_random_are_said_to_tell_nothing(tables: Tables) -> None:
    rng = np.random.default_rng(8)
    deals = tables["opportunities"].drop(columns=["lost_reason", "stage"]).copy()
    closed = deals["outcome"].isin(["won", "lost"])
    dealt = rng.permutation(deals.loc[closed, "outcome"].to_numpy())
    deals.loc[closed, "outcome"] = dealt
    deals["stage"] = deals["outcome"].map({"won": "Won", "lost": "Lost", "open": "Lead"}).astype("str")
    flat = Tables({"opportunities": deals, "accounts": tables["accounts"]}, exported_on=tables.exported_on)
    _, training, _ = train_pipeline(flat)
    assert training.choice.verdict in ("no_better_than_base_rate", "no_better_than_stage_odds", "not_measured")
