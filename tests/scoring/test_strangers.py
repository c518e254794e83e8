"""A model says what of an export it never learnt, and is refused for data of another pipeline."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from oppnb.errors import ModelFileError
from oppnb.locale import LOCALES, Words
from oppnb.scoring import score_pipeline, train_pipeline
from oppnb.scoring.intervals import Doubt
from oppnb.scoring.models.stage_rates import StageRates
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.scorer import Scorer
from oppnb.scoring.strangers import fields_filled, refuse_strange_data, stages_seen, strangers
from oppnb.tables import Tables
from tests.scoring.ladder_rows import make_rows
from tests.scoring.test_untested_stages import flat_rows, flat_tables

PAST = make_rows(120)
EN = Words("en")


def scorer_of(past: ScoringRows = PAST, **more: Any) -> Scorer:
    filled = fields_filled(past)
    card = {
        "features": [{"name": one.name, "filled": filled[one.name]} for one in past.features],
        "stages_seen": stages_seen(past),
        "data": {"n_won": int(past.is_won.sum()), "n_lost": int(past.is_lost.sum())},
        **more,
    }
    return Scorer(StageRates().fit(past), tuple(one.name for one in past.features), Doubt(), card)


def without(names: list[str], rows: ScoringRows = PAST) -> ScoringRows:
    return rows.with_features([one.name for one in rows.features if one.name not in names])


def standing_in(stage: str, rows: ScoringRows = PAST, *, n: int | None = None) -> ScoringRows:
    is_moved = pd.Series(range(len(rows))) < (len(rows) if n is None else n)
    return replace(rows, keys=rows.keys.assign(stage=rows.keys["stage"].mask(is_moved, stage)))


def test_nothing_is_said_of_rows_like_those_learnt_from() -> None:
    assert strangers(scorer_of(), PAST, words=EN) == []
    refuse_strange_data(scorer_of(), PAST, words=EN)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_field_that_the_export_has_lost_is_named_and_the_deals_are_scored_all_the_same(locale: str) -> None:
    names = [one.name for one in PAST.features]
    (said,) = strangers(scorer_of(), without(names[:1]), words=Words(locale))
    assert f"{len(names)}" in said
    refuse_strange_data(scorer_of(), without(names[:1]), words=Words(locale))


def test_a_field_that_no_deal_has_any_more_is_missing_and_a_rare_one_may_be_so_by_chance() -> None:
    name = next(one.name for one in PAST.features if fields_filled(PAST)[one.name] == 1)
    empty = replace(PAST, values=PAST.values.assign(**{name: None}))
    assert len(strangers(scorer_of(), empty, words=EN)) == 1
    rare = [{"name": one.name, "filled": 0.001} for one in PAST.features]
    assert strangers(scorer_of(features=rare), empty, words=EN) == []


def test_deals_in_stages_that_the_model_never_saw_are_counted_and_the_stages_named() -> None:
    (said,) = strangers(scorer_of(), standing_in("Signing", n=7), words=EN)
    assert said.startswith(f"7 of the {len(PAST)} open deals")
    assert "Signing" in said
    refuse_strange_data(scorer_of(), standing_in("Signing", n=7), words=EN)


def test_a_model_of_other_stages_or_of_other_fields_is_refused_with_what_to_do() -> None:
    with pytest.raises(ModelFileError, match=r"oppnb train DATA.*Signing"):
        refuse_strange_data(scorer_of(), standing_in("Signing"), words=EN)
    names = [one.name for one in PAST.features]
    with pytest.raises(ModelFileError, match="are not in this export"):
        refuse_strange_data(scorer_of(), without(names[: len(names) // 2 + 1]), words=EN)


def test_stages_that_were_never_tested_are_said_to_tell_nothing_or_to_be_taken_as_stated() -> None:
    for stated, says in ((False, "they tell nothing here"), (True, "never tested on this past")):
        past, now = flat_rows(stated=stated)
        (said,) = strangers(scorer_of(past), now, words=EN)
        assert says in said


def test_a_list_without_history_is_scored_with_a_word_on_its_stages_and_another_list_is_refused() -> None:
    tables = flat_tables(n=60)
    scorer = train_pipeline(tables)[2]
    scores = score_pipeline(tables, model=scorer)
    assert scorer.card["stages_untested"]["en"] in scores.strangers("en")  # who trains is told as who scores
    assert any("they tell nothing here" in said for said in scores.strangers("en"))
    assert scores.are_stages_untested
    assert scores.frame["win_probability"].groupby(scores.frame["stage"]).mean().std() < 0.05
    other = Tables({"opportunities": tables["opportunities"].drop(columns="quality")})
    with pytest.raises(ModelFileError, match="quality"):
        score_pipeline(other, model=scorer)
