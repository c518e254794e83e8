"""The model card as a page: everything in it, in both languages, asking nothing of any network."""

import copy
import json

import pytest

from oppnb.errors import UsageError
from oppnb.reports import write_card

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
