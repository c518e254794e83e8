"""Reasons in words, and that they add up to the number shown."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb.locale import LOCALES, Formats, Words
from oppnb.scoring.calibration import CalibratedModel, CalibrationMap
from oppnb.scoring.feature_parts import feature_parts
from oppnb.scoring.features import DECLARED
from oppnb.scoring.intervals import Doubt
from oppnb.scoring.models.boosted_closed import BoostedClosed
from oppnb.scoring.models.boosted_hazard import BoostedHazard
from oppnb.scoring.models.composed import ComposedModel
from oppnb.scoring.models.ridge import Ridge
from oppnb.scoring.models.stage_rates import StageRates
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.reason_words import FeatureWords, shown_points, told_text
from oppnb.scoring.reasons import Explanation, explain_deal, explain_deals, score_reasons
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.scorer import Scorer
from tests.scoring.ladder_rows import make_rows

ROWS = make_rows(250)
OPEN = make_rows(60, seed=2)
MODELS = {
    "ridge": Ridge,
    "stage_rates": StageRates,
    "boosted_closed": BoostedClosed,
    "boosted_hazard": BoostedHazard,
    "composed": lambda: ComposedModel(Ridge(), StageRates()),
    "calibrated": lambda: CalibratedModel(ComposedModel(Ridge(), StageRates()), CalibrationMap(0.1, 0.7, 0.5, 0.75)),
}


def make_scorer(model: WinModel, rows: ScoringRows = ROWS) -> Scorer:
    return Scorer(model, tuple(feature.name for feature in rows.features), Doubt(), {"model_id": "test"})


@pytest.fixture(scope="module", params=sorted(MODELS))
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return make_scorer(MODELS[request.param]().fit(ROWS))


def explained(scorer: Scorer, rows: ScoringRows, locale: str = "en") -> list[Explanation]:
    return explain_deals(scorer, rows, words=Words(locale), formats=Formats(locale))


def test_parts_of_features_add_up_to_those_of_their_idea_and_to_the_probability(scorer: Scorer) -> None:
    parts = feature_parts(scorer.model, OPEN)
    for place, group in enumerate(parts.by_group.groups):
        np.testing.assert_allclose(
            parts.values[:, parts.of_group(group)].sum(axis=1), parts.by_group.values[:, place], atol=1e-12
        )
    shown = scorer.model.predict(OPEN).won_ever
    np.testing.assert_allclose(parts.by_group.base + parts.values.sum(axis=1), shown, atol=1e-9)


def test_an_explanation_adds_up_in_probability_and_in_the_percentages_shown(scorer: Scorer) -> None:
    shown = scorer.model.predict(OPEN).won_ever
    for told, probability in zip(explained(scorer, OPEN), shown, strict=True):
        assert told.probability == pytest.approx(probability, abs=1e-9)
        assert told.base + sum(reason.value for reason in told.reasons) == pytest.approx(told.probability, abs=1e-9)
        points = sum(reason.points for reason in told.reasons)
        assert round(100 * told.base) + points == round(100 * told.probability)
        sizes = [abs(reason.value) for reason in told.reasons]
        assert sizes == sorted(sizes, reverse=True)


def test_reasons_of_the_score_table_are_the_largest_of_the_explanation(scorer: Scorer) -> None:
    short = score_reasons(scorer, OPEN, words=Words("en"), formats=Formats("en"), most=2)
    for texts, told in zip(short, explained(scorer, OPEN), strict=True):
        assert texts == [reason.text for reason in told.reasons if reason.points][:2]


def test_a_deal_is_explained_the_same_alone_and_among_others(scorer: Scorer) -> None:
    key = OPEN.keys["opportunity_id"].iloc[0]
    places = np.flatnonzero((OPEN.keys["opportunity_id"] == key).to_numpy())
    alone = explain_deal(scorer, OPEN, key, words=Words("en"), formats=Formats("en"))
    among = explained(scorer, OPEN)[places[-1]]
    assert [reason.text for reason in alone.reasons] == [reason.text for reason in among.reasons]


def test_the_feature_that_moves_an_idea_its_way_leads_it() -> None:
    model = Ridge().fit(ROWS)
    parts = feature_parts(model, OPEN)
    for row, told in enumerate(explained(make_scorer(model), OPEN)):
        for reason in told.reasons:
            if reason.features[0] in parts.names and reason.group == "activity":
                own = parts.values[row, parts.names.index(reason.features[0])]
                assert own * reason.value >= 0


def test_the_stage_is_told_by_a_model_that_knows_only_the_stage() -> None:
    told = explained(make_scorer(StageRates().fit(ROWS)), OPEN)
    assert {reason.phrase for one in told for reason in one.reasons} <= {"stage Lead", "stage Demo", "stage Offer"}


@given(
    parts=st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=8).map(np.array),
    base=st.floats(0, 1),
)
def test_shown_points_add_up_and_none_is_a_point_off(parts: np.ndarray, base: float) -> None:
    total = round(100 * (base + float(parts.sum()))) - round(100 * base)
    points = shown_points(parts, total)
    assert sum(points) == total
    assert max(abs(np.array(points) - 100 * parts)) <= 1 + 1e-6


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("feature", sorted(DECLARED))
def test_every_declared_feature_has_words_for_every_value(feature: str, locale: str) -> None:
    words = Words(locale)
    says = FeatureWords(words, Formats(locale, currency="CNY"))
    assert feature in words.keys("score_field")
    numbers = [None, np.nan, pd.NA if DECLARED[feature].feature.kind == "category" else np.nan]
    numbers += ["Web"] if DECLARED[feature].feature.kind == "category" else [0.0, 1.0, 0.4, 12.7, -3.0, 5000.0]
    for value in numbers:
        text = says(feature, value)
        assert text
        for wrong in ("nan", "None", "<NA>", "{", "∞", feature if "_" in feature else "\0"):
            assert wrong not in text


def test_values_are_told_as_one_would_say_them() -> None:
    says = FeatureWords(Words("en"), Formats("en", currency="USD"))
    assert says("days_since_last_activity", 21.3) == "no contact for 21 days"
    assert says("days_since_last_activity", 3.0, is_good=True) == "last contact 3 days ago"
    assert says("days_to_expected_close", -12.0) == "expected close overdue by 12 days"
    assert says("n_pushes", 1.0) == "expected close pushed once"
    assert says("has_next_step", np.nan) == "no next step noted"
    assert says("evidence_of_economic_buyer", 0.5) == "economic buyer asked about, not confirmed"
    assert says("log_amount", np.log(250_000)) == "amount $250K"
    chinese = FeatureWords(Words("zh_CN"), Formats("zh_CN", currency="CNY"))
    assert chinese("days_since_last_activity", 21.0) == "21 天未联系"
    assert chinese("is_overdue", 0.0) == "预计成交日期未逾期"


def test_columns_of_the_export_are_told_by_their_own_name_and_stay_text() -> None:
    says = FeatureWords(Words("en"), Formats("en"))
    assert says("Segment {x}", "<b>A</b>\n{0}") == "Segment {x}: <b>A</b> {0}"
    assert says("Score", 3.25) == "Score: 3.2"
    assert says("Score", None) == "Score not known"
    assert len(says("f" * 300, "v" * 300)) < 110
    assert told_text("a\u202eb\x00c") == "a b c"


def test_the_sentence_has_the_points_of_both_languages() -> None:
    scorer = make_scorer(Ridge().fit(ROWS))
    english, chinese = explained(scorer, OPEN)[0], explained(scorer, OPEN, "zh_CN")[0]
    for one, other in zip(english.reasons, chinese.reasons, strict=True):
        assert one.points == other.points
        assert "个百分点" in other.text
        assert "point" in one.text
    assert "%" in english.compared
    assert "建议" in chinese.note


def test_a_deal_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        explain_deal(make_scorer(StageRates().fit(ROWS)), OPEN, "nobody", words=Words("en"), formats=Formats("en"))


@pytest.mark.parametrize(("locale", "people"), [("en", "contact"), ("zh_CN", "联系")])
def test_a_deal_without_activities_is_not_said_to_know_no_contact_for_its_people_may_be_known(locale, people):
    words = Words(locale)
    for fact in ("days_since_last_activity", "silence_over_limit", "inbound_share"):
        assert people not in words(f"score_reason_null.{fact}")


def test_days_gone_by_are_the_whole_days_of_every_list_and_days_to_come_are_rounded() -> None:
    says = FeatureWords(Words("en"), Formats("en"))
    assert says("age_days", 2.6) == "created 2 days ago"
    assert says("age_days", 0.9) == "created today"
    assert says("days_in_stage", 21.99) == "in the stage for 21 days"
    assert says("days_since_last_activity", 7.5) == "no contact for 7 days"
    assert says("days_to_expected_close", 2.6) == "expected close in 3 days"


def test_in_chinese_a_latin_value_stands_apart_and_categories_have_their_names():
    says = FeatureWords(Words("zh_CN"), Formats("zh_CN"))
    assert says("source", "partner") == "来源为 partner"
    assert says("source", "伙伴") == "来源为伙伴"
    nothing = float("nan")
    assert [says.level("forecast_category", one, nothing, nothing) for one in ("commit", "x")] == ["承诺", "x"]
