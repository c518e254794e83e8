"""The model card as a page: everything in it, in both languages, asking nothing of any network."""

import copy
import json

import pytest

from oppnb.errors import UsageError
from oppnb.locale import Formats, Words
from oppnb.reports import write_card
from oppnb.reports.card_judged import CardJudged
from oppnb.reports.card_tables import CardTables
from oppnb.scoring.choice import LADDER as CHOICE_LADDER
from oppnb.scoring.choice import STAGE_ODDS

HOSTILE = "<script>alert(1)</script>"
SECTIONS = [
    "summary",
    "purpose",
    "data",
    "models",
    "calibration",
    "lift",
    "slices",
    "leakage",
    "features",
    "drivers",
    "drift",
    "intervals",
    "about",
]


@pytest.fixture(scope="module")
def card(trained):
    """The card of a small pipeline, with a field that is kept by hand and texts that try to be markup."""
    card = copy.deepcopy(dict(trained.scorer.card))
    fields = {"out": HOSTILE, "kept_by_hand": "contract_no"}
    card["leakage"] = [
        {
            "field": field,
            "group": "other",
            "verdict": verdict,
            "reason": "too_good",
            "words": {"en": f"Why {HOSTILE}", "zh_CN": f"原因 {HOSTILE}"},
            "would_have_added": 0.21,
            "n": 100,
        }
        for verdict, field in fields.items()
    ]
    return card


@pytest.fixture(scope="module")
def pages(card, tmp_path_factory):
    """The page in both languages, written from what JSON can hold."""
    folder, plain = tmp_path_factory.mktemp("cards"), json.loads(json.dumps(card))
    return {locale: write_card(plain, folder / f"{locale}.html", locale=locale) for locale in ("en", "zh_CN")}


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_section_is_there_and_the_verdict_comes_first(pages, card, locale):
    text = pages[locale].read_text(encoding="utf-8")
    places = [text.find(f'<h2 id="{name}"') for name in SECTIONS]
    assert min(places) > 0
    assert places == sorted(places)
    assert 0 < text.find('<p class="verdict">') < places[1]
    assert text.count("plotly.js v") == 1
    assert len(text.encode()) < 8_000_000
    assert card["model_id"] in text


def judged(card, model="stage_rates", *, auc=(0.519, 0.499, 0.539), skill=(0.004, -0.008, 0.016), **more):
    """The card with another model in use, and these measures of it, with their limits, on deals whose end is known."""
    ends = ("", "_low", "_high")
    told = {f"auc{end}": value for end, value in zip(ends, auc, strict=True)}
    told |= {f"brier_skill{end}": value for end, value in zip(ends, skill, strict=True)}
    told |= {"log_loss": 0.644, "auc_in_90_days": 0.79, "log_loss_in_90_days": 0.475}
    base = {"model": "base_rate", "log_loss": 0.647, "log_loss_in_90_days": 0.67}
    row = next(row for row in card["evaluation"] if row["model"] == model)
    rows = [{**row, **told}, {**row, "is_baseline": True, **base}]
    said = {"chosen": model, "evaluation": rows, "verdict": "better_than_baselines", "is_young": True, "steps": []}
    return {**card, **said, **more}


def card_judged(card):
    words = Words("en")
    return CardJudged(card, CardTables(card, words=words, formats=Formats("en")), words=words)


def test_a_model_that_does_not_rank_is_not_called_better_in_the_first_sentence(card):
    told = card_judged(judged(card))
    assert told.verdict().startswith(
        "It ranks deals whose end is known no better than chance: AUC 0.519 (0.499 – 0.539"
    )
    assert "no better than the base rate beyond noise" in told.verdict()
    assert "within 90 days its log loss is 0.475 against 0.670 of the base rate" in told.gain()


@pytest.mark.parametrize(
    ("auc", "skill", "said"),
    [
        ((0.75, 0.72, 0.78), (0.2, 0.15, 0.25), ("yes", "better")),
        ((0.53, 0.51, 0.55), (0.01, -0.01, 0.03), ("weakly", "even")),
        ((0.45, 0.41, 0.49), (-0.1, -0.2, -0.05), ("wrong", "worse")),
    ],
)
def test_what_is_said_of_rank_and_probabilities_follows_their_intervals(card, auc, skill, said):
    told = card_judged(judged(card, auc=auc, skill=skill))
    assert (told.ranks, told.skill) == said
    assert (told.gain() == "") == (said == ("yes", "better"))


def test_a_row_that_is_better_than_the_one_in_use_has_its_reason(card):
    made = judged(card)
    better = {**made["evaluation"][0], "model": "spline_hazard", "log_loss": 0.63}
    rows = {"evaluation": [*made["evaluation"], better]}
    assert "did not hold the two against each other" in card_judged({**made, **rows}).best_row()
    step = {"question": "ever", "model": "spline_hazard", "against": "stage_rates", "n_deals": 90}
    worse = {**step, "difference": 0.016, "low": 0.01, "high": 0.022}
    assert "is higher than that of" in card_judged({**made, **rows, "steps": [worse]}).best_row()
    turned = {**step, "question": "baseline", "model": "stage_rates", "against": "spline_hazard"}
    beaten = {**turned, "difference": -0.016, "low": -0.022, "high": -0.01}
    assert "by 0.016 (0.010 to 0.022)" in card_judged({**made, **rows, "steps": [beaten]}).best_row()
    assert card_judged(made).best_row() == ""


def test_without_dates_no_figure_is_said_to_be_of_a_later_day(card, tmp_path):
    undated = {**card, "data": {**card["data"], "until": None, "first_day": None, "origins": []}, "expires_on": None}
    text = write_card(undated, tmp_path / "card.html").read_text(encoding="utf-8")
    assert "drawn at random" in text
    assert not any(said in text for said in ("days after the day", "on the same later deals"))


def test_what_a_leak_would_have_added_stands_beside_what_it_is_added_to(card):
    row = {**card["leakage"][0], "auc_without": 0.7, "would_have_added": 0.2}
    words, formats = Words("en"), Formats("en")
    told = CardTables({**card, "leakage": [row]}, words=words, formats=formats).fields("leakage", [row["verdict"]])
    assert told[["auc_without", "auc_with", "would_have_added"]].iloc[0].tolist() == pytest.approx([0.7, 0.9, 0.2])
    without = {name: value for name, value in row.items() if name != "auc_without"}  # a card of an earlier oppnb
    told = CardTables({**card, "leakage": [without]}, words=words, formats=formats).fields("leakage", [row["verdict"]])
    assert "auc_with" not in told


def tables_of(card, locale="zh_CN", **more):
    return CardTables({**card, **more}, words=Words(locale), formats=Formats(locale))


def test_a_model_that_was_never_held_against_the_one_in_use_is_named_beside_its_dash(card):
    rows = [("ridge_on_rates", "stage_rates", -0.109, -0.12, -0.097), ("ridge", "ridge_on_rates", -0.1, -0.2, -0.01)]
    made = climbed(card, *rows)
    made["evaluation"].append({**made["evaluation"][0], "model": "stage_rates", "log_loss": 0.7})
    assert tables_of(made, "en").not_compared() == ["Shrunken stage rates"]


def test_an_interval_stands_whole_on_a_line_of_its_own(pages):
    assert '<span class="whole">(' in pages["en"].read_text(encoding="utf-8")


def test_a_chinese_card_has_no_words_of_the_program_in_it(card):
    leak = {**card["leakage"][0], "field": "lost_reason_as_exported"}
    told = tables_of(card, leakage=[leak])
    assert told.fields("leakage", [leak["verdict"]])["field"].tolist() == ["输单原因（导出时的值）"]
    assert "n_fields" in told.features()
    assert told.labels()["process"]["default"] == "唯一流程"


def test_a_card_of_leads_does_not_speak_of_deals(card):
    models = [*CHOICE_LADDER, "base_rate", *STAGE_ODDS, "stage_week_rates", "naive_bayes", "logistic"]
    for locale, deal in (("en", "deal"), ("zh_CN", "商机")):
        titles = [tables_of(card, locale, subject="lead").title(model) for model in models]
        assert not any(deal in title or "阶段赢率" in title or "stage odds" in title for title in titles), titles


def climbed(card, *steps):
    """A card whose ridge on all fields is in use, while the ridge on stage rates has the lowest log loss."""
    made = judged(card)
    row = made["evaluation"][0]
    rows = [{**row, "model": "ridge", "log_loss": 0.6403}, {**row, "model": "ridge_on_rates", "log_loss": 0.6381}]
    names = ("model", "against", "difference", "low", "high")
    told = [{"question": "ever", "n_deals": 90, **dict(zip(names, step, strict=True))} for step in steps]
    return {**made, "chosen": "ridge", "evaluation": rows, "steps": told}


FIRST_STEP = ("ridge_on_rates", "stage_rates", -0.109, -0.12, -0.097)


def test_a_level_that_was_replaced_is_told_by_what_replaced_it_not_by_the_step_it_won(card):
    told = card_judged(climbed(card, FIRST_STEP, ("ridge", "ridge_on_rates", -0.005, -0.01, -0.001))).best_row()
    assert "its log loss is higher than that of Ridge on all fields by 0.005 (0.001 to 0.010)" in told
    by_another = ("boosted_closed", "ridge_on_rates", -0.004, -0.008, -0.002)
    on_the_way = card_judged(climbed(card, FIRST_STEP, by_another, ("ridge", "boosted_closed", -0.1, -0.2, -0.05)))
    assert "by 0.004 (0.002 to 0.008)" in on_the_way.best_row()


def test_only_an_interval_that_holds_nought_is_called_chance(card):
    steps = {
        "than chance may bring": (-0.001, -0.002, 0.001),
        "too little over": (-0.0004, -0.0006, -0.0002),
        "did not hold the two": (-0.109, -0.12, -0.097),
    }
    for said, ends in steps.items():
        made = climbed(card, ("ridge_on_rates", "stage_rates", *ends))
        made["steps"] = [{**step, "is_better": ends[0] < -0.0005 and ends[2] < 0} for step in made["steps"]]
        assert said in card_judged(made).best_row()


def test_shares_of_fewer_than_twenty_closed_deals_are_not_told(card, tmp_path):
    fits = {"capacity": 25, "is_declared": False, "precision": 1.0, "low": 0.34, "high": 1.0, "win_rate": 0.6}
    tenth = {"decile": 1, "n_deals": 9, "observed": 1.0, "lift": 2.0, "lift_low": 1.0, "lift_high": 2.0}
    few = {"at_capacity": {**fits, "n_open": 250, "n_closed": 2}, "lift": [{**tenth, "share_of_wins": 1.0}]}
    text = write_card({**card, **few}, tmp_path / "card.html").read_text(encoding="utf-8")
    assert "Of the best tenth" not in text
    assert "Tenths of fewer than 20 closed deals say nothing" in text


def test_it_names_every_model_and_why_fields_are_out(pages):
    text = pages["en"].read_text(encoding="utf-8")
    assert all(name in text for name in ("Shrunken stage rates", "Base rate", "Naive Bayes"))
    assert "&lt;script&gt;alert(1)" in text
    assert "contract_no" in text
    assert "0.210" in text


def test_stages_and_processes_bear_their_labels(card, tmp_path):
    name = card["by_stage"][0]["stage"]
    labelled = {**card, "labels": {"stage": {name: {"zh_CN": "方案报价"}}, "process": {}}}
    pages = {locale: write_card(labelled, tmp_path / f"{locale}.html", locale=locale) for locale in ("en", "zh_CN")}
    assert "方案报价" in pages["zh_CN"].read_text(encoding="utf-8")
    assert "方案报价" not in pages["en"].read_text(encoding="utf-8")


def test_a_card_without_a_backtest_or_days_is_a_card(card, tmp_path):
    data = {**card["data"], "until": None, "first_day": None, "origins": [None], "n_judged": 0, "n_judged_open": 0}
    bare = {key: [] for key in ("reliability", "reliability_90_days", "by_process", "by_stage", "lift", "steps")}
    bare |= {"drift": None, "expires_on": None, "data": data, "evaluation": [], "leakage": [], "drivers": []}
    page = write_card({**card, **bare, "verdict": "not_measured"}, tmp_path / "folder" / "card.html")
    assert "There is too little past to judge any model" in page.read_text(encoding="utf-8")


def test_drivers_and_a_map_on_top_are_told(card, tmp_path):
    drivers = [{"feature": "days_in_stage", "strength": 4.2}, {"feature": "segment", "strength": 1.0}]
    calibration = {"intercept": 0.1, "slope": 0.8, "slope_low": 0.7, "slope_high": 0.9}
    page = write_card({**card, "drivers": drivers, "calibration": calibration}, tmp_path / "card.html")
    text = page.read_text(encoding="utf-8")
    assert "moves the probability most: 4.2 points on average" in text
    assert "0.80 × log odds stated" in text


RULE = {
    "rule": "web",
    "kind": "attribute",
    "points": 10.0,
    "n_with": 40.0,
    "win_rate_with": 0.5,
    "n_without": 80.0,
    "win_rate_without": 0.25,
    "lift": 0.25,
    "lift_low": 0.08,
    "lift_high": 0.41,
    "same_stage_lift": None,
    "same_stage_low": None,
    "same_stage_high": None,
    "agrees": True,
    "said": {"en": f"came by {HOSTILE}", "zh_CN": "来自网站"},
}


def test_each_declared_rule_has_its_lift_beside_its_points(card, tmp_path):
    assert "The declared rules" not in write_card(card, tmp_path / "none.html").read_text(encoding="utf-8")
    text = write_card({**card, "rules": [RULE]}, tmp_path / "card.html").read_text(encoding="utf-8")
    for part in ("The declared rules", "+10", "50% (40)", "25% (80)", "+25 (+8 – +41)", "agrees"):
        assert part in text
    assert "came by &lt;script&gt;" in text
    text = write_card({**card, "rules": [RULE]}, tmp_path / "card.html", locale="zh_CN").read_text(encoding="utf-8")
    assert "来自网站" in text
    assert "支持" in text


def test_rates_combinations_and_capacity_are_told_in_words(card, tmp_path):
    rate = {"field": "source", "kind": "value", "low_edge": None, "high_edge": None, "n_effective": 60.0}
    rates = [
        {**rate, "value": value, "n_deals": 60, "win_rate": won, "low": won - 0.1, "high": won + 0.1}
        for value, won in (("web", 0.2), (HOSTILE, 0.6))
    ]
    pair = {
        **{f"{side}_{part}": None for side in ("first", "second") for part in ("low_edge", "high_edge")},
        "first_field": "source",
        "first_value": "web",
        "second_field": "segment",
        "second_value": "A",
        "win_rate": 0.7,
        "low": 0.55,
        "high": 0.82,
        "n_deals": 44,
        "expected_rate": 0.4,
    }
    fits = {
        "capacity": 25,
        "is_declared": True,
        "precision": 0.64,
        "low": 0.55,
        "high": 0.72,
        "win_rate": 0.4,
        "n_closed": 90,
    }
    told = {"field_rates": rates, "combinations": [pair], "n_combinations": 90, "at_capacity": {**fits, "n_open": 375}}
    text = write_card({**card, **told}, tmp_path / "card.html").read_text(encoding="utf-8")
    assert "source: 60% at “&lt;script&gt;alert(1)&lt;/script&gt;” (50% – 70%, 60 deals), 20% at “web”" in text
    assert "Of 90 combinations" in text
    assert "70% won (55% – 82%, 44 deals); both apart would make it 40%" in text
    assert "With time for 25 deals at once (of 375 open ones)" in text


def test_a_card_of_an_earlier_oppnb_is_still_a_page(card, tmp_path):
    later = ("effects", "field_rates", "combinations", "n_combinations", "rules", "at_capacity")
    old = {name: value for name, value in card.items() if name not in later}
    assert write_card(old, tmp_path / "card.html").exists()


def test_the_card_of_a_model_of_leads_says_so(card, tmp_path):
    leads = {**card, "subject": "lead", "within_days": 60, "sentences": {"en": ["Learnt.", "No better."], "zh_CN": []}}
    text = write_card({**leads, "is_young": True}, tmp_path / "card.html").read_text(encoding="utf-8")
    assert "which leads become one within 90 days" in text
    assert "looks at" in text
    assert "of the deals" not in text
    steps = [{**card["steps"][0], "question": "ever"}]
    for locale, said in (("en", "becomes an opportunity"), ("zh_CN", "转为商机")):
        assert tables_of({**card, "steps": steps}, locale, subject="lead").steps()["question"].tolist() == [said]
    assert "Conversion of leads" in text
    assert "converted within 60 days" in text


def test_an_unknown_language_is_an_error(card, tmp_path):
    with pytest.raises(UsageError, match="en or zh_CN"):
        write_card(card, tmp_path / "card.html", locale="fr")


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_drawn_offline_and_fits_the_screen(pages, visit, locale, width):
    seen = visit(pages[locale], width=width)
    assert (seen.requests, seen.complaints) == ([], [])
    page = seen.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    charts = page.locator("figure.chart").count()
    assert charts >= 3
    assert page.locator(".plot .main-svg:first-child").count() >= charts
    assert page.locator("main script:not([type='application/json'])").count() == 0
