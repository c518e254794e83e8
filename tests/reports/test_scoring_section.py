"""Win probabilities in the review: scored with a model that is there, or one sentence why not."""

import math
from datetime import date, timedelta

import pytest

from oppnb.errors import NothingToReadError
from oppnb.reports import SCORE_FIGURES, ReviewPage, run_review, score_review
from oppnb.reports.card_verdict import verdict_sentences
from oppnb.reports.scores_page import ScoresText
from oppnb.review import open_review
from oppnb.scoring import save_scorer
from oppnb.scoring.ledger import scores_of
from oppnb.store import open_store
from oppnb.workspace import parse_workspace


@pytest.fixture(scope="module")
def model(trained, tmp_path_factory):
    return save_scorer(trained.scorer, tmp_path_factory.mktemp("model") / "model.oppnb")


@pytest.fixture(scope="module")
def review(trained):
    return open_review(trained.tables, as_of=trained.day + timedelta(days=14), workspace=trained.workspace)


@pytest.fixture(scope="module")
def scores(review, model):
    return score_review(review, str(model))


def test_every_open_deal_is_scored_and_the_figures_are_sums_of_the_table(review, scores):
    open_deals = review.snapshot.query("outcome == 'open'")
    assert sorted(scores.frame["opportunity_id"]) == sorted(open_deals["opportunity_id"])
    figures = {figure["id"]: figure for figure in scores.figures()}
    assert figures.keys() == SCORE_FIGURES.keys()
    weighted = math.fsum((scores.frame["win_probability"] * scores.frame["amount_base"]).dropna())
    assert figures["win_probability_weighted_amount"]["value"] == pytest.approx(weighted, abs=0.01)
    graded = [figures[f"n_{grade}"]["value"] for grade in ("hot", "warm", "cold")]
    assert sum(graded) == figures["n_hot"]["n"] == len(scores.frame)
    by_end = figures["win_probability_amount_by_period_end"]
    assert by_end["value"] <= figures["win_probability_weighted_amount"]["value"]
    assert by_end["period"] == "2024Q2"


def test_change_is_since_the_day_of_the_last_review(review, scores):
    compared = scores.changes[scores.changes["change"].notna()]
    assert set(compared["as_of_before"].dt.date) == {review.compare_to}
    assert (scores.fallen["change"] <= -0.02).all()


def test_what_lies_after_the_day_changes_no_score(trained, review, scores, model):
    tables = dict(trained.tables.frames)
    late = tables["activities"]["occurred_at"].dt.date > review.as_of + timedelta(days=1)
    assert late.any()
    cut = type(trained.tables)({**tables, "activities": tables["activities"][~late]}, trained.tables.exported_on)
    again = score_review(open_review(cut, as_of=review.as_of, workspace=trained.workspace), str(model))
    assert again.figures() == scores.figures()


def test_what_a_review_said_is_in_the_ledger_of_the_store_once(trained, review, scores, model, tmp_path):
    kept = trained.workspace.model_copy(update={"store": str(tmp_path)})
    told = open_review(trained.tables, as_of=review.as_of, workspace=kept)
    for _ in range(2):
        score_review(told, str(model))
    known = open_store(tmp_path).read("scores").set_index("opportunity_id")["win_probability"]
    expected = scores.frame.set_index("opportunity_id")["win_probability"]
    assert known.sort_index().tolist() == expected.sort_index().tolist()
    part = open_review(trained.tables, as_of=review.as_of, workspace=kept, only={"process": "renewal"})
    score_review(part, str(model))
    rows = open_store(tmp_path).read("scores")
    assert scores_of(rows)["opportunity_id"].tolist() == known.index.tolist()
    assert 0 < len(scores_of(rows, {"process": "renewal"})) < len(known)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_section_speaks_in_the_readers_language(trained, review, model, locale):
    told = open_review(trained.tables, as_of=review.as_of, workspace=trained.workspace, locale=locale)
    text = ScoresText(score_review(told, str(model)), words=told.words, formats=told.formats)
    top = text.top()
    assert len(top) == 10
    assert top["text"].str.len().gt(0).any()
    between = {"en": " ", "zh_CN": ""}[locale]
    assert text.verdict() == between.join(verdict_sentences(text.scores.card, words=told.words))
    assert "AUC" in text.verdict()  # first what the measures say of deals whose end is known
    assert {"en": "o better than", "zh_CN": "不优于"}[locale] in text.verdict()
    assert all(card["value"] for card in text.cards(told.kpis()))
    rows, base, title = text.waterfall()
    assert f"{round(100 * (base + rows['value'].sum()))}%" in title


def test_without_a_model_one_sentence_says_how_to_get_one(review):
    found = score_review(review, "auto")
    assert (found.is_asked, found.scorer, found.figures()) == (True, None, [])
    assert "oppnb train" in found.note


def test_the_model_that_the_workspace_names_is_found_beside_the_workspace_file(trained, review, model):
    scoring = trained.workspace.scoring.model_copy(update={"model": model.name})
    workspace = trained.workspace.model_copy(update={"scoring": scoring})
    named = open_review(trained.tables, as_of=review.as_of, workspace=workspace)
    found = score_review(named, "auto", workspace=model.with_name("oppnb.yaml"))
    assert found.model_id == trained.scorer.model_id
    missing = score_review(named, "auto", workspace=model.parent.parent / "oppnb.yaml")
    assert "model.oppnb" in missing.note


def test_a_model_that_knows_how_deals_ended_after_the_day_is_not_used(trained, model):
    earlier = open_review(trained.tables, as_of=date(2024, 5, 1), workspace=trained.workspace)
    found = score_review(earlier, str(model))
    assert found.scorer is None
    assert "after the day of this review" in found.note


def test_switched_off_nothing_is_said(review):
    found = score_review(review, "off")
    page = ReviewPage(review)
    assert page.scores(found, review.kpis()) is None
    assert not found.is_asked


def test_a_model_that_is_not_there_is_refused_before_anything_starts(tmp_path):
    (tmp_path / "deals.csv").write_text("opportunity_id,stage\n1,Won\n", encoding="utf-8")
    with pytest.raises(NothingToReadError, match="no model"):
        run_review(tmp_path / "deals.csv", as_of="2024-01-31", scoring=str(tmp_path / "none.oppnb"))


RULES = """
scoring:
  attribute_rules: [{name: web, where: {source: web}, points: 5, reason: {en: by the web, zh_CN: 来自网站}}]
  behaviour_rules: [{name: silent, points: -20, silence_days: 10}]
alerts:
  - {when: probability_fell_by, points: 3}
  - {when: behaviour_fell_by, points: 20}
"""


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_alerts_and_rules_of_the_workspace_are_told(trained, review, model, locale):
    declared = parse_workspace(RULES)
    workspace = trained.workspace.model_copy(update={"scoring": declared.scoring, "alerts": declared.alerts})
    told = open_review(trained.tables, as_of=review.as_of, workspace=workspace, locale=locale)
    found = score_review(told, str(model))
    text = ScoresText(found, words=told.words, formats=told.formats)
    alerts = text.alerts()
    fell = found.changes.loc[found.changes["change"] <= -0.03, "opportunity_id"]
    assert set(fell) <= set(found.alerts["opportunity_id"])
    assert "behaviour_fell_by" in set(found.alerts["when"])  # rules are asked on the day of the last review too
    assert len(alerts) == found.alerts["opportunity_id"].nunique()  # a deal with two alerts has one row
    assert alerts["text"].str.len().gt(0).all()
    assert f"{found.alerts['opportunity_id'].nunique()}" in text.alerts_lead()
    top = text.top()
    place = list(top).index("attribute_points")
    assert list(top)[place : place + 3] == ["attribute_points", "behaviour_points", "win_probability"]
    assert set(top["attribute_points"]) <= {"0", "5"}
    assert set(top["behaviour_points"]) <= {"0", "−20", "–"}
    assert "−20" in set(text.top(most=99)["behaviour_points"])
    rules = text.rules()
    assert (
        rules["declared_rule"].tolist()
        == {
            "en": ["by the web", "silent"],
            "zh_CN": ["来自网站", "至少 10 天没有跟进联系"],
        }[locale]
    )
    assert rules["won_with"].str.contains("%").all()
    page = ReviewPage(told)
    assert page.scores(found, told.kpis()) is not None


def test_without_alerts_and_rules_the_section_says_nothing_of_them(review, scores):
    text = ScoresText(scores, words=review.words, formats=review.formats)
    assert text.alerts_lead() == ""
    assert text.rules().empty
    assert not {"attribute_points", "behaviour_points"} & set(text.top())


def test_a_model_of_leads_is_not_used_for_deals(trained, review, tmp_path):
    from dataclasses import replace

    leads = replace(trained.scorer, card={**trained.scorer.card, "subject": "lead"})
    found = score_review(review, str(save_scorer(leads, tmp_path / "leads.oppnb")))
    assert found.scorer is None
    assert "trained on leads" in found.note
