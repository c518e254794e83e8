"""The forecast review and the retrospective as files; the section in the pipeline review."""

import json
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError, NothingToReadError, OppnbError, ParameterError, PeriodError
from oppnb.forecasting import Change, append_forecasts, decide, forecast_frame
from oppnb.forecasting.proposals import Proposal
from oppnb.forecasting.retrospective import retrospective
from oppnb.forecasting.retrospective_told import GROUPS
from oppnb.locale import Formats, Words
from oppnb.reports import (
    LookedBack,
    RetrospectivePage,
    ReviewPage,
    figures_text,
    find_template,
    forecast_review,
    in_normal_form,
    look_back,
    parameter_help,
    read_parameters,
    run_forecast_review,
    run_retrospective,
    tell_forecast_of,
)
from oppnb.reports.calibration import calibrate_stages
from oppnb.reports.collected_page import CollectedPage
from oppnb.reports.figures import json_text
from oppnb.reports.forecast_figures import RETROSPECTIVE_FIGURES, retrospective_figures
from oppnb.reports.forecast_page import note_lines
from oppnb.reports.open_forecast import forecast_pipeline
from oppnb.reports.retrospective_json import retrospective_json
from oppnb.reports.workbook import write_workbook
from oppnb.review import open_review
from oppnb.store import open_store
from oppnb.tables import Note
from oppnb.workspace import parse_workspace
from tests.reports.forecast_pipeline import DAY, opened_until, small_pipeline, usual
from tests.reports.test_forecast_sections import said_by
from tests.workbook_words import left_in_english

HOSTILE = "<script>alert(1)</script>"
UNKNOWN = {
    "is_unknown": True,
    "told_model": "win_curves",
    "distribution": SimpleNamespace(mean=0.0),
    "said": SimpleNamespace(forecasts={}),
}
FORMULA = '=HYPERLINK("http://x")'


class CollectedRetrospective(CollectedPage, RetrospectivePage):
    """A retrospective without a kernel."""


class CollectedReview(CollectedPage, ReviewPage):
    """A review without a kernel."""


@pytest.fixture(scope="module")
def back():
    from oppnb.forecasting import propose_changes
    from oppnb.periods import parse_period

    found, period = opened_until(date(2024, 6, 30)), parse_period("2024Q2")
    result = retrospective(found.book, period)
    return LookedBack(found, result, propose_changes(found.book, period), Words("en"), Formats("en", currency="CNY"))


@pytest.mark.parametrize("name", ["forecast_review", "retrospective"])
def test_a_template_lies_in_its_normal_form_and_every_parameter_is_explained(name):
    path = find_template(name)
    assert in_normal_form(path.read_text(encoding="utf-8"))
    parameters = read_parameters(path)
    assert {"data", "workspace", "period", "locale", "currency"} <= parameters.keys()
    assert all(parameter.help for parameter in parameters.values())
    for locale in ("en", "zh_CN"):
        words = Words(locale)
        said = {key: parameter_help(name, parameter, words=words) for key, parameter in parameters.items()}
        assert all((said[key] == parameters[key].help) is False or locale == "en" for key in said)


def test_causes_add_up_to_the_gap_and_so_do_nodes(back):
    figures = {(row["id"], json.dumps(row["slice"])): row["value"] for row in retrospective_figures(back.result)}
    assert {key for key, _ in figures} == RETROSPECTIVE_FIGURES.keys()
    causes = sum(value for (key, _), value in figures.items() if key == "retrospective_cause")
    gap = figures["retrospective_gap", "null"]
    assert causes == pytest.approx(gap, abs=0.1)
    assert figures["retrospective_actual", "null"] - figures["retrospective_expected", "null"] == pytest.approx(
        gap, abs=0.02
    )
    page = CollectedRetrospective(back)
    for column in ("region", "owner_id"):
        assert page.node(column)["gap_amount"].sum() == pytest.approx(gap, abs=0.1)
    assert figures_text(retrospective_figures(back.result)) == figures_text(retrospective_figures(back.result))


def test_the_json_of_a_retrospective_adds_up_and_has_null_for_what_is_not_known(back):
    proposal = Proposal(Change("owner_slip", "", "U1", 7.0), 0.0, 21.0, 14.0, 1.0, 12.0, n=30)
    proposals = replace(back.proposals, items=(proposal,))
    told = json.loads(json_text(retrospective_json(back.result, proposals, currency="CNY")))
    assert (told["period"], told["opening_day"], told["currency"]) == ("2024Q2", "2024-03-31", "CNY")
    assert told["only"] is None
    assert told["actual"] - told["expected"] == pytest.approx(told["gap"])
    assert sum(row["amount"] for row in told["causes"]) == pytest.approx(told["gap"])
    assert told["low"] <= told["expected"] <= told["high"]
    assert told["is_inside"] == (told["low"] <= told["actual"] <= told["high"])
    (row,) = told["proposals"]
    assert (row["kind"], row["target"], row["after"], row["n"]) == ("owner_slip", "U1", 7.0, 30)
    assert row["process"] is row["expected_before"] is row["n_periods"] is None
    unknown = replace(back.result, told=SimpleNamespace(**UNKNOWN))
    told = json.loads(json_text(retrospective_json(unknown, proposals)))
    assert told["actual"] == back.result.actual
    assert [told[name] for name in ("expected", "low", "high", "gap", "percentile", "causes")] == [None] * 6


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_a_retrospective_speaks_in_the_readers_language(back, locale, tmp_path):
    told = replace(back, words=Words(locale), formats=Formats(locale, currency="CNY"))
    page = CollectedRetrospective(told)
    page.opening()
    page.headline()
    page.causes_table(page.waterfall())
    page.node_table("region", page.node("region"))
    page.proposals()
    page.accepted()
    page.definitions()
    page.notes()
    text = said_by(page)
    assert "{" not in text
    assert page.waterfall_title()
    assert ("实际结果" in text) == (locale == "zh_CN")
    tables = {name: page.labelled(frame) for name, frame in page._tables.items()}
    write_workbook(tables, tmp_path / "report.xlsx", words=page.words, formats=page.formats)
    assert (left_in_english(tmp_path / "report.xlsx") == []) == (locale == "zh_CN")


def title_of(gap, **amounts):
    causes = {cause: amounts.get(cause, 0.0) for causes in GROUPS.values() for cause in causes}
    frame = pd.DataFrame({"cause": list(causes), "amount": list(causes.values())})
    page = object.__new__(CollectedRetrospective)
    page.back = SimpleNamespace(result=SimpleNamespace(gap=gap, causes=lambda: frame))
    page.words, page.formats = Words("en"), Formats("en", currency="USD")
    return page.waterfall_title()


def test_the_largest_bar_of_the_gaps_direction_is_named_and_after_the_method_the_next():
    assert title_of(-70.0, lost=-30.0, odds=-10.0, pulled_in=20.0, combination=-50.0) == (
        "Most of all how the opening was forecast (−$50), then: Deals lost (−$30)"
    )
    assert title_of(-70.0, lost=-60.0, combination=-10.0) == "Most of all through: Deals lost (−$60)"
    # deals lost and won add up to 0, but the bars that are seen do not
    assert title_of(-9.0, lost=-40.0, pulled_in=40.0, shared=-9.0) == "Most of all through: Deals lost (−$40)"
    assert title_of(9.0, lost=-40.0, pulled_in=40.0, shared=9.0).startswith("Most of all through: Pulled in")
    assert "past conversion" in title_of(-50.0, won=10.0, combination=-60.0).lower()
    assert title_of(0.0, won=10.0, lost=-10.0) == Words("en")("report_forecast.title_no_gap")


def test_odds_are_proposed_as_by_the_stage_calibration_of_the_same_day_and_warn_alike():
    tables, settled = small_pipeline()
    process = settled.processes[0]
    stages = [one.model_copy(update={"odds": 0.95}) if one.odds not in (0, 1, None) else one for one in process.stages]
    workspace = settled.model_copy(update={"processes": [process.model_copy(update={"stages": stages})]})
    back = look_back(tables, "2024Q1", workspace=workspace)
    calibrated = calibrate_stages(tables, as_of="2024-03-31", workspace=workspace)
    proposed = back.proposals.frame().query("kind == 'stage_odds'")
    columns = ["proposal_id", "before", "after", "observed", "low", "high", "n"]
    assert len(proposed)
    assert sorted(proposed[columns].values.tolist()) == sorted(calibrated.proposals.frame()[columns].values.tolist())
    told = calibrated.observed.set_index(["process", "stage"])
    ours = back.odds.set_index(["process", "stage"])
    for name in ("n_process", "n_entered", "observed_odds", "low", "n"):
        pd.testing.assert_series_equal(ours[name], told[name])


@pytest.mark.parametrize(("low", "is_warned"), [(0.5, True), (0.05, False)])
def test_odds_far_below_what_new_deals_win_carry_a_warning(back, low, is_warned):
    change = Change("stage_odds", "p", "Demo", 0.06)
    odds = pd.DataFrame([{"process": "p", "stage": "Demo", "observed_odds": 0.52, "low": low, "high": 0.53}])
    odds = odds.assign(n=6711, n_entered=8300, n_process=8300)
    one = Proposal(change, before=0.6, observed=0.06, reference=0.6, low=0.05, high=0.07, n=6085)
    page = CollectedRetrospective(replace(back, odds=odds))
    assert ("would weigh each new deal far too low" in page._warning(one)) == is_warned
    assert page._warning(replace(one, change=Change("owner_slip", "", "u1", 9.0))) == ""


def proposing(**settings):
    """A page of a period after which odds are proposed; with `only`, as of a slice."""
    tables, settled = small_pipeline()
    process = settled.processes[0]
    stages = [one.model_copy(update={"odds": 0.95}) if one.odds not in (0, 1, None) else one for one in process.stages]
    process = process.model_copy(update={"stages": stages})
    only = settings.pop("only", None)
    workspace = settled.model_copy(update={"processes": [process], **settings})
    back = look_back(tables, "2024Q1", workspace=workspace)
    if only:
        back = replace(back, found=replace(back.found, opened=replace(back.found.opened, only=only)))
    return CollectedRetrospective(back)


def test_a_slice_proposes_no_odds_for_all_and_says_what_its_differences_add_up_to():
    whole, part = proposing(), proposing(only={"region": "North"})
    for page in (whole, part):
        page.proposals()
    assert "+++" in said_by(whole)
    assert "+++" not in said_by(part)
    assert "so this part of them proposes no change" in said_by(part)
    assert "proposals" not in part._named or "stage_odds" not in set(part._named["proposals"]["kind"])
    assert "add up to that of the company" in whole.nodes_lead()
    assert "Region: North" in part.nodes_lead()
    assert "add up to that of the company" not in part.nodes_lead()


def test_a_proposal_that_was_declined_before_says_when_and_by_whom(tmp_path):
    page = proposing(store=str(tmp_path / "memory"))
    odds = [one for one in page.back.proposals.items if one.change.kind == "stage_odds"]
    store = open_store(str(tmp_path / "memory"))
    decide(store, odds[:1], status="declined", who="M. Lead", on=date(2024, 5, 6), why="Too rash.")
    decide(store, odds[1:], status="accepted", who="M. Lead", on=date(2024, 5, 6))
    page.proposals()
    text = said_by(page)
    assert text.count("was declined on May 6, 2024 by M. Lead") == 1
    assert "Too rash." in text


def test_a_retrospective_made_again_names_what_was_decided_about_it_later(tmp_path):
    page = proposing(store=str(tmp_path / "memory"))
    odds = [one for one in page.back.proposals.items if one.change.kind == "stage_odds"]
    store = open_store(str(tmp_path / "memory"))
    decide(
        store, odds[:1], status="declined", who="M. Lead", on=date(2031, 5, 6), proposed_on=page.back.result.period.end
    )
    page.accepted()
    text = said_by(page)
    assert "May 6, 2031, M. Lead" in text
    assert "Nothing was decided before of which a period since is over." in text
    page.proposals()
    assert said_by(page).count("was declined on May 6, 2031 by M. Lead") == 1


def test_days_of_notes_are_written_as_the_reader_writes_days():
    depth = Note("history_depth_table", {"n": 15011, "first": "2016-10-20", "last": "2017-12-31"})
    found = SimpleNamespace(opened=SimpleNamespace(notes=(depth,)), notes=())
    told = note_lines(found, Words("zh_CN"), Formats("zh_CN"))
    assert told == ["历史深度：变更历史表，15,011 行，自 2016年10月20日 至 2017年12月31日。"]


def review_on(day, **settings):
    tables, workspace = small_pipeline()
    return open_review(tables, as_of=day, workspace=workspace.model_copy(update=settings))


def test_without_a_section_in_the_workspace_one_sentence_says_how_to_get_a_forecast():
    made = forecast_review(review_on(DAY))
    assert (made.is_asked, made.told, made.figures()) == (True, None, [])
    assert "--forecast on" in made.note
    page = CollectedReview(review_on(DAY))
    assert page.forecast(made) is None
    assert "--forecast on" in said_by(page)


def test_the_last_forecast_of_the_store_is_named(tmp_path):
    append_forecasts(open_store(tmp_path), forecast_frame(usual().forecast))
    made = forecast_review(review_on(DAY, store=str(tmp_path)))
    assert made.told is None
    assert "2024Q2" in made.note
    assert "May 5, 2024" in made.note


def test_the_forecast_of_a_review_is_remembered_as_that_of_a_forecast_review_is(tmp_path):
    made = forecast_review(review_on(DAY, store=str(tmp_path)), "on")
    known = open_store(tmp_path).read("forecasts")
    expected = known[(known["quantity"] == "expected") & (known["node"] == "all")]
    assert made.told.forecast.distribution.mean == pytest.approx(
        expected.set_index("model")["value"][made.told.forecast.told_model], abs=0.01
    )
    assert set(known["period"]) == {made.told.forecast.point.period.name}


def test_switched_off_nothing_is_said_and_a_period_that_is_over_is_not_forecast():
    assert not forecast_review(review_on(DAY), "off").is_asked
    over = open_review(small_pipeline()[0], as_of=DAY, period="2024Q1", workspace=small_pipeline()[1])
    assert "oppnb retrospective" in forecast_review(over, "on").note
    with pytest.raises(ParameterError, match="auto, on or off"):
        forecast_review(review_on(DAY), "maybe")


def test_the_section_of_the_review_shows_the_forecast_and_its_record_and_has_its_figures():
    from oppnb.reports import ReviewForecast

    made, page = ReviewForecast(True, "", usual()), CollectedReview(review_on(DAY))
    told = page.forecast(made)
    assert told is not None
    page.forecast_backtest(told)
    text = said_by(page)
    assert told.verdict() in text
    assert "Score (CRPS)" in text
    ids = {figure["id"] for figure in page._figures()}
    assert {"forecast_amount", "forecast_chance_of_target", "open_amount"} <= ids


def test_a_mistake_in_the_call_is_said_before_anything_starts(tmp_path):
    with pytest.raises(NothingToReadError):
        run_forecast_review(tmp_path / "none.csv")
    with pytest.raises(PeriodError):
        run_retrospective(tmp_path, period="2024Q9")


def learns_never(*_, **__):
    raise AssertionError("models learnt")


@pytest.mark.parametrize("period", ["2025Q1", "2010Q1"])
def test_a_period_that_is_not_over_or_before_all_deals_is_refused_before_models_learn(monkeypatch, period):
    monkeypatch.setattr("oppnb.scoring.win_curves.win_curves", learns_never)
    tables, workspace = small_pipeline()
    with pytest.raises(OppnbError, match=period if period == "2025Q1" else "known"):
        look_back(tables, period, workspace=workspace)


def test_by_default_the_last_period_that_was_over_is_looked_back_at(monkeypatch):
    monkeypatch.setattr("oppnb.scoring.win_curves.win_curves", learns_never)
    tables, workspace = small_pipeline()

    def refuse(period, exported):
        raise ParameterError(f"{period.name} {exported}")

    monkeypatch.setattr("oppnb.reports.forecast_opening.refuse_unfinished", refuse)
    with pytest.raises(ParameterError, match="2024Q4 2024-12-31"):
        look_back(tables, workspace=workspace)


def test_a_forecast_calls_back_before_models_learn_with_the_export_and_its_book(monkeypatch):
    monkeypatch.setattr("oppnb.scoring.win_curves.win_curves", learns_never)
    tables, workspace = small_pipeline()

    def refuse(opened, book):
        raise ParameterError(f"{opened.as_of} {len(book.days) > 1} {len(book.deals) > 1}")

    with pytest.raises(ParameterError, match="2024-05-05 True True"):
        forecast_pipeline(tables, as_of=DAY, workspace=workspace, ready=refuse)
    with pytest.raises(ParameterError, match="2023Q4 ended on"):
        forecast_pipeline(tables, as_of=DAY, workspace=workspace, period="2023Q4", ready=refuse)


def test_a_scenario_of_a_misspelt_column_is_refused_before_models_learn(monkeypatch):
    monkeypatch.setattr("oppnb.scoring.win_curves.win_curves", learns_never)
    tables, workspace = small_pipeline()
    declared = parse_workspace("forecast: {scenarios: [{name: up, changes: [{where: {regoin: East}, amount: 1.1}]}]}")
    with pytest.raises(ColumnMissingError, match="Did you mean 'region'"):
        tell_forecast_of(tables, as_of=DAY, workspace=workspace.model_copy(update={"forecast": declared.forecast}))


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """A small export whose largest open deals have names that are markup and formulas."""
    folder = tmp_path_factory.mktemp("export")
    tables, workspace = small_pipeline()
    frames = dict(tables.frames)
    names = {0: HOSTILE, 1: FORMULA, 2: "<img src=x onerror=alert(1)>"}
    deals = frames["opportunities"]
    frames["opportunities"] = deals.assign(name=[names[place % 3] for place in range(len(deals))])
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    from oppnb.sources.synthetic import SyntheticSettings
    from oppnb.sources.synthetic.workspace_file import workspace_yaml

    settings = folder.parent / "oppnb.yaml"
    settings.write_text(workspace_yaml(SyntheticSettings(n_opportunities=300, end=date(2024, 12, 31))), "utf-8")
    assert workspace is not None
    return SimpleNamespace(data=folder, workspace=settings)


def test_a_retrospective_as_files_opens_offline_on_a_phone_with_names_as_text(export, tmp_path, visit):
    result = run_retrospective(export.data, period="2024Q3", workspace=export.workspace, out=tmp_path)
    assert result.folder.name == "2024-09-30"
    manifest = json.loads(result.manifest_json.read_text(encoding="utf-8"))
    assert (manifest["template"], manifest["period"]) == ("retrospective", "2024Q3")
    figures = json.loads(result.figures_json.read_text(encoding="utf-8"))
    told = json.loads((result.folder / "retrospective.json").read_text(encoding="utf-8"))
    gap = next(row["value"] for row in figures if row["id"] == "retrospective_gap")
    assert told["gap"] == pytest.approx(gap, abs=0.01)
    seen = visit(result.report_html, width=390)
    assert not seen.requests
    assert not seen.complaints
    assert HOSTILE in " ".join(seen.texts("td, th"))
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    book = openpyxl.load_workbook(result.report_xlsx)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == FORMULA]
    assert cells
    assert all(cell.data_type == "s" for cell in cells)
    assert "Causes by deal" in book.sheetnames
