"""Every figure that a template of the package tells has a name in both languages, wherever it is shown."""

from collections.abc import Mapping
from datetime import date

import pytest

from oppnb.locale import Words
from oppnb.reports import baseline_figures, calibration_figures, forecast_figures, model_card_figures, quality_figures
from oppnb.reports.review_scores import SCORE_FIGURES
from oppnb.reports.seller import DAYS
from oppnb.review import open_review
from oppnb.review.definitions import FIGURES
from oppnb.runs.figure_words import figure_label
from tests.builders import make_opportunity, make_tables

BARS = (
    "start new undated pulled_in reopened moved_in increased decreased won lost pushed_out moved_out removed currency"
)
OF_REVIEW = (*FIGURES, "stage_count", "stage_amount", "bridge_end", *(f"bridge_{bar}" for bar in BARS.split()))
OF_TEMPLATE: Mapping[str, tuple[str, ...]] = {
    "pipeline_review": (*OF_REVIEW, *SCORE_FIGURES),
    "one_on_one": (f"win_rate_last_{DAYS}_days",),
    "forecast_review": tuple(forecast_figures.FORECAST_FIGURES),
    "retrospective": tuple(forecast_figures.RETROSPECTIVE_FIGURES),
    "stage_calibration": tuple(calibration_figures.CALIBRATION_FIGURES),
    "model_card": tuple(model_card_figures.MODEL_FIGURES),
    "data_quality": tuple(quality_figures.QUALITY_FIGURES),
    "baseline": tuple(baseline_figures.BASELINE_FIGURES),
}
NAMES_IN_LATIN = {"AUC"}


@pytest.mark.parametrize("template", sorted(OF_TEMPLATE))
@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_each_figure_of_a_template_has_a_name(template: str, locale: str) -> None:
    named = {one: figure_label(one, Words(locale)) for one in OF_TEMPLATE[template]}
    raw = {one for one, name in named.items() if name == one.replace("_", " ")}
    assert not raw, f"no name in {locale}: {sorted(raw)}"
    if locale == "zh_CN":
        foreign = {one: name for one, name in named.items() if name.isascii() and name not in NAMES_IN_LATIN}
        assert not foreign


def test_a_review_tells_no_figure_that_is_not_listed_here() -> None:
    deals = [
        make_opportunity("1", expected_close_on="2024-03-20", owner_id="u", region="North"),
        make_opportunity("2", stage="Won", outcome="won", closed_at="2024-03-05"),
    ]
    figures = open_review(make_tables(deals, exported_on=date(2024, 3, 8))).figures()
    assert {one["id"] for one in figures} <= set(OF_REVIEW)
