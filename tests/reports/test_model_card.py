"""The model card as a report: which model, whether it was right lately, and nothing of the whole in a slice."""

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import ModelFileError, NothingToReadError
from oppnb.locale import Formats, Words
from oppnb.reports import ModelCardPage, ModelFound, find_model, run_report
from oppnb.reports.card_tables import CardTables
from oppnb.reports.collected_page import CollectedPage
from oppnb.reports.lately_told import LatelyTold
from oppnb.reports.model_card_figures import MODEL_FIGURES, model_definitions, model_figures
from oppnb.scoring import LatelyJudged, save_scorer
from oppnb.scoring.backtest import Backtest
from oppnb.scoring.drift import Drift
from oppnb.scoring.judged_lately import LATELY_BASELINES
from oppnb.scoring.promotion import CHAMPION
from tests.workbook_words import left_in_english

WHOLE = ("data", "models", "calibration", "lift", "slices", "leakage", "drivers", "rules", "drift", "intervals")
ALL = ("lately", "purpose", *WHOLE[:6], "features", *WHOLE[6:], "about")


class Collected(CollectedPage, ModelCardPage):
    """A model card without a kernel."""


def write(found: ModelFound) -> Collected:
    page = Collected(found)
    page.opening()
    page.summary()
    for section in ALL:
        if page.tells(section):
            getattr(page, section)()
    page.definitions()
    return page


def said_by(page: Collected) -> str:
    charted = ("application/vnd.plotly.v1+json", "text/plain", "text/html")
    parts = [str(one.get(name, "")) for one in page.outputs for name in charted]
    return "\n".join(
        [*parts, *(frame.to_csv() for frame in page._named.values()), json.dumps(model_figures(page.found))]
    )


@pytest.fixture(scope="module")
def model(trained, tmp_path_factory):
    return save_scorer(trained.scorer, tmp_path_factory.mktemp("models") / "deals.oppnb")


@pytest.fixture(scope="module")
def found(trained, model):
    return find_model(trained.tables, model=model, workspace=trained.workspace)


def make_lately(p, won, others, *, days=100):
    """A model that said `p` of closed deals, and baselines that said `others` of all."""
    n = len(p)
    told = {
        "fold": 0,
        "origin": pd.Timestamp("2024-01-01"),
        "row": np.arange(n),
        "opportunity_id": [f"{i:04d}" for i in range(n)],
        "as_of": pd.Timestamp("2024-01-08"),
        "process": "sales",
        "stage": "Demo",
        "logit_sd": np.nan,
        "is_closed": True,
        "is_won": np.asarray(won, dtype=bool),
        "days_to_end": 30.0,
        **dict.fromkeys(("weight", "row_weight", "expected_weight"), 1.0),
        "won_expected": np.asarray(won, dtype="float64"),
    }
    stated = {CHAMPION: np.asarray(p), **{name: np.full(n, others) for name in LATELY_BASELINES}}
    frames = []
    for name, said in stated.items():
        own = {"model": name, "is_baseline": name != CHAMPION, "p_ever": said}
        by_dates = {f"p_in_{one}": said for one in ("28_days", "90_days", "period")}
        came = {f"won_in_{one}": np.asarray(won, dtype="float64") for one in ("28_days", "90_days", "period")}
        frames.append(pd.DataFrame({**told, **own, **by_dates, **came}))
    backtest = Backtest(pd.concat(frames, ignore_index=True), (date(2024, 1, 1),), True, date(2024, 6, 30), n, 0, 0.0)
    segments = pd.DataFrame({"opportunity_id": told["opportunity_id"], "region": ["N", "S"] * (n // 2)})
    since = date(2024, 1, 1)
    return LatelyJudged(
        since, since + timedelta(days=days), backtest, segments, Drift(pd.DataFrame({"state": []}), 0.1)
    )


def told_of(lately, locale="en"):
    words, formats = Words(locale), Formats(locale)
    return LatelyTold(
        lately, CardTables({"chosen": "ridge"}, words=words, formats=formats), words=words, formats=formats
    )


WON = np.arange(200) % 2 == 0


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (np.where(WON, 0.9, 0.1), "Yes: on 200 deals"),
        (np.full(200, 0.5), "Not shown: on 200 deals"),
        (np.where(WON, 0.1, 0.9), "No: on 200 deals"),
    ],
)
def test_the_verdict_is_of_the_ends_that_came(p, said):
    assert told_of(make_lately(p, WON, 0.5)).verdict().startswith(said)


def test_a_paired_difference_is_that_of_two_rows_of_the_table():
    random = np.random.default_rng(1)
    lately = make_lately(random.uniform(0.05, 0.95, 200), WON, 0.4)
    losses = lately.evaluation().set_index("model")["log_loss"]
    for name, found in lately.differences().items():
        assert found.value == pytest.approx(losses[CHAMPION] - losses[name])
        assert found.low <= found.value <= found.high
    said = told_of(lately)
    assert list(said.by("region")["n_deals"]) == [100, 100]
    assert said.by("owner_id").empty
    assert said.by("process").empty  # one of them only


@pytest.mark.parametrize(("p", "is_held"), [(0.5, True), (0.8, False)])
def test_wins_expected_are_the_sum_of_what_was_said(p, is_held):
    wins = make_lately(np.full(200, p), WON, 0.5).wins()
    assert (round(wins.expected, 6), wins.came, wins.n) == (200 * p, 100, 200)
    assert wins.low <= wins.expected <= wins.high
    assert wins.is_held is is_held


def test_few_deals_or_one_end_say_nothing():
    assert not make_lately([0.5] * 18, [True, False] * 9, 0.5).is_enough
    assert not make_lately([0.5] * 30, [True] * 30, 0.5).is_enough
    assert make_lately([0.5] * 30, [True, False] * 15, 0.5).is_enough


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_a_model_from_its_file_has_every_section(found, locale):
    words = Words(locale)
    page = write(ModelFound(found.opened, found.scorer, found.lately, False, words, Formats(locale)))
    text = said_by(page)
    for key in ("summary", *ALL):
        if key != "rules":  # declared in the sample's workspace or not
            assert f'<h2 id="{key}"' in text
    assert words("model_card.head_use") in text
    assert words("report.column_in_use_against") in page.html()
    figures = model_figures(found)
    assert {row["id"] for row in figures} <= set(MODEL_FIGURES)
    assert next(row for row in figures if row["id"] == "model_won_deals")["value"] == found.card["data"]["n_won"]


def test_without_a_model_it_says_what_to_do_and_has_no_figures(trained):
    nothing = find_model(trained.tables, workspace=trained.workspace)
    page = write(nothing)
    text = said_by(page)
    assert "There is no model to tell of" in text
    assert "oppnb train DATA" in text
    assert [section for section in ALL if page.tells(section)] == []
    assert model_figures(nothing) == []


def test_of_a_slice_only_its_own_deals_speak(trained, model):
    deals = trained.tables["opportunities"]
    region, *others = sorted(deals["region"].dropna().unique())
    page = write(find_model(trained.tables, model=model, workspace=trained.workspace, only={"region": region}))
    text = said_by(page)
    assert page.found.is_of_whole
    assert not [section for section in WHOLE if f'<h2 id="{section}"' in text]
    assert not [name for name in others if name in text]
    assert all(row["id"].startswith("lately_") for row in model_figures(page.found))


def test_nothing_later_is_not_called_right(trained, model):
    same = find_model(trained.tables, model=model, workspace=trained.workspace, as_of=trained.day)
    assert same.lately is None
    assert "Nothing came after the training" in said_by(write(same))


def test_the_workspaces_model_is_taken_and_a_wrong_one_refused(trained, model, tmp_path):
    named = trained.workspace.scoring.model_copy(update={"model": str(model)})
    workspace = trained.workspace.model_copy(update={"scoring": named})
    assert find_model(trained.tables, workspace=workspace, as_of=trained.day).card["model_id"]
    with pytest.raises(NothingToReadError, match="no model at"):
        find_model(trained.tables, model=tmp_path / "none.oppnb")
    (tmp_path / "pickled.oppnb").write_bytes(b"\x80\x04N.")
    with pytest.raises(ModelFileError):
        find_model(trained.tables, model=tmp_path / "pickled.oppnb")


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_figure_is_defined(locale):
    frame = model_definitions(Words(locale))
    assert list(frame["metric"]) == list(MODEL_FIGURES)
    assert (frame["definition"].str.len() > 10).all()


@pytest.mark.kernel
def test_it_runs_as_a_file(model, tmp_path):
    rows = [["1", "Won", "2024-01-02", "2024-02-03"], ["2", "Demo", "2024-01-02", None]]
    (tmp_path / "data").mkdir()
    deals = pd.DataFrame(rows, columns=["opportunity_id", "stage", "created_at", "closed_at"])
    deals.to_csv(tmp_path / "data" / "opportunities.csv", index=False)
    asked = {"data": tmp_path / "data", "model": str(model), "workspace": None, "locale": "zh_CN"}
    result = run_report("model_card", {**asked, "as_of": date(2024, 3, 1)}, out=tmp_path / "out")
    figures = json.loads(result.figures_json.read_text(encoding="utf-8"))
    assert {row["id"] for row in figures} >= {"model_auc", "model_log_loss", "model_won_deals"}
    assert "训练之后没有新的" in result.report_html.read_text(encoding="utf-8")
    assert left_in_english(result.report_xlsx) == []
