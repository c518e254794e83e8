"""What goes with a better chance among the things a seller can do something about."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from oppnb.locale import LOCALES, Formats, Words
from oppnb.scoring.features import DECLARED
from oppnb.scoring.intervals import Doubt
from oppnb.scoring.models.ridge import Ridge
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.scorer import Scorer
from oppnb.scoring.what_if import ACTIONS, _changed, _Deals, what_if_all, what_if_texts, what_would_change
from oppnb.workspace import parse_workspace
from tests.scoring.ladder_rows import make_rows

WORKSPACE = parse_workspace(
    "processes: [{name: sales, stages: [{name: Lead, evidence: [Champion]}, {name: Demo, evidence: [Metrics]}]}]"
)


def make_deals(n: int = 300, seed: int = 5) -> ScoringRows:
    """Rows in which silence, an overdue close and missing evidence go with losing."""
    plain = make_rows(n, seed=seed)
    rng = np.random.default_rng(seed)
    size = len(plain)
    days = rng.exponential(15, size)
    share = rng.integers(0, 2, size).astype(float)
    close = rng.normal(10, 40, size).round()
    values = {
        "stage": plain.keys["stage"],
        "days_since_last_activity": np.where(rng.random(size) < 0.1, np.nan, days),
        "silence_over_limit": days / 14,
        "n_activities_last_30_days": rng.poisson(3, size).astype(float),
        "n_activities_last_90_days": rng.poisson(9, size).astype(float),
        "activity_trend": np.ones(size),
        "days_to_expected_close": close,
        "is_overdue": (close < 0).astype(float),
        "weeks_to_period_end": np.full(size, 6.0),
        "is_due_in_period": (close <= 42).astype(float),
        "n_evidence_confirmed": share,
        "evidence_share": share,
        "evidence_of_champion": share,
        "decision_cover": rng.random(size),
        "log_amount": rng.normal(10, 1, size),
    }
    chance = 1 / (1 + np.exp(-(1 - days / 10 + share - (close < 0))))
    won = rng.random(size) < chance
    ends = plain.ends.assign(end=np.where(plain.ends["end"] == "open", "open", np.where(won, "won", "lost")))
    element = replace(DECLARED["evidence_share"].feature, name="evidence_of_champion")
    features = tuple(element if name == "evidence_of_champion" else DECLARED[name].feature for name in values)
    keys = plain.keys.assign(process="sales")
    return ScoringRows(keys, pd.DataFrame(values), features, ends.astype({"end": "str"}), plain.calendar)


ROWS = make_deals()
SCORER = Scorer(Ridge().fit(ROWS), tuple(feature.name for feature in ROWS.features), Doubt(), {"model_id": "test"})
ONE_DAY = ROWS.take((~ROWS.keys["opportunity_id"].duplicated()).to_numpy())


def test_only_what_a_seller_can_change_is_changed() -> None:
    fixed = [feature.name for feature in ROWS.features if not feature.can_change]
    can = {feature.name for feature in ROWS.features if feature.can_change}
    for action in ACTIONS.values():
        _, changed = action(_Deals(ONE_DAY, ROWS, WORKSPACE))
        other = _changed(ONE_DAY, {name: values for name, values in changed.items() if name in can})
        pd.testing.assert_frame_equal(other.values[fixed], ONE_DAY.values[fixed])
        assert set(changed) & set(DECLARED) <= {name for name, one in DECLARED.items() if one.feature.can_change}


def test_the_probability_then_is_what_the_model_says_of_the_changed_deal() -> None:
    found = what_would_change(SCORER, ONE_DAY, among=ROWS, workspace=WORKSPACE, most=9)
    told = found[found["action"] == "expected_close"].iloc[0]
    deal = ONE_DAY.take((ONE_DAY.keys["opportunity_id"] == told["opportunity_id"]).to_numpy())
    _, changed = ACTIONS["expected_close"](_Deals(deal, ROWS, WORKSPACE))
    then = SCORER.model.predict(_changed(deal, changed)).won_ever[0]
    assert told["win_probability_if"] == pytest.approx(then, abs=1e-12)
    assert told["change"] == pytest.approx(then - SCORER.model.predict(deal).won_ever[0], abs=1e-12)


def test_several_at_once_say_with_one_what_it_says_alone_and_with_none_what_is() -> None:
    found = what_would_change(SCORER, ONE_DAY, among=ROWS, workspace=WORKSPACE, most=9)
    now = np.clip(SCORER.model.predict(ONE_DAY).won_ever, 0.0, 1.0)
    place = {deal: number for number, deal in enumerate(ONE_DAY.keys["opportunity_id"])}
    for action in ACTIONS:
        alone = what_if_all(SCORER, ONE_DAY, [action], among=ROWS, workspace=WORKSPACE)
        told = found[found["action"] == action]
        assert alone[told["opportunity_id"].map(place)] == pytest.approx(told["win_probability_if"], abs=1e-12)
    assert what_if_all(SCORER, ONE_DAY, [], among=ROWS, workspace=WORKSPACE) == pytest.approx(now)
    some = what_if_all(SCORER, ONE_DAY, ["evidence", "contact"], among=ROWS, workspace=WORKSPACE)
    again = what_if_all(SCORER, ONE_DAY, ["contact", "evidence"], among=ROWS, workspace=WORKSPACE)
    assert (some == again).all()
    assert some.mean() > max(
        what_if_all(SCORER, ONE_DAY, [one], among=ROWS, workspace=WORKSPACE).mean() for one in ("evidence", "contact")
    )


def test_the_largest_comes_first_and_small_ones_not_at_all() -> None:
    found = what_would_change(SCORER, ONE_DAY, among=ROWS, workspace=WORKSPACE, most=2)
    assert (found["change"] >= 0.005).all()
    assert found["rank"].max() == 2
    for _, of_deal in found.groupby("opportunity_id"):
        assert of_deal["change"].is_monotonic_decreasing
        assert of_deal["rank"].tolist() == list(range(1, len(of_deal) + 1))


def test_what_is_true_of_a_deal_already_is_not_told() -> None:
    found = what_would_change(SCORER, ONE_DAY, among=ROWS, workspace=WORKSPACE, most=9)
    values = ONE_DAY.values.set_index(ONE_DAY.keys["opportunity_id"])
    told = {action: values.loc[part["opportunity_id"]] for action, part in found.groupby("action")}
    assert not (told["contact"]["days_since_last_activity"] <= 7).any()
    assert (told["expected_close"]["days_to_expected_close"] < 0).all()
    assert (told["evidence"]["evidence_of_champion"] < 1).all()
    assert {"contact", "expected_close", "evidence"} <= set(found["action"])


def test_features_that_belong_together_move_together() -> None:
    _, changed = ACTIONS["contact"](_Deals(ONE_DAY, ROWS, None))
    limit = 14
    np.testing.assert_allclose(changed["silence_over_limit"] * limit, changed["days_since_last_activity"], rtol=1e-6)
    assert (changed["n_activities_last_30_days"] == ONE_DAY.values["n_activities_last_30_days"] + 1).all()
    _, changed = ACTIONS["expected_close"](_Deals(ONE_DAY, ROWS, None))
    assert (changed["days_to_expected_close"] >= 0).all()
    assert not changed["is_overdue"].any()
    moved = _changed(ONE_DAY, {"days_to_expected_close": changed["days_to_expected_close"]})
    ahead = (moved.keys["expected_close_on"] - moved.keys["as_of"]) / pd.Timedelta(days=1)
    assert (ahead == moved.values["days_to_expected_close"]).all()


def test_a_model_that_looks_at_nothing_changeable_tells_nothing() -> None:
    rows = ROWS.with_features(["stage", "log_amount"])
    scorer = Scorer(Ridge().fit(rows), ("stage", "log_amount"), Doubt(), {"model_id": "test"})
    assert what_would_change(scorer, ONE_DAY).empty


@pytest.mark.parametrize("locale", LOCALES)
def test_every_action_has_words_that_speak_of_deals_and_not_of_orders(locale: str) -> None:
    words = Words(locale)
    assert set(ACTIONS) <= set(words.keys("score_what_if"))
    found = what_would_change(SCORER, ONE_DAY, among=ROWS, workspace=WORKSPACE)
    texts = what_if_texts(found.head(3), words=words, formats=Formats(locale))
    for text in texts:
        assert ("Deals like this one" in text) if locale == "en" else ("的商机" in text)
