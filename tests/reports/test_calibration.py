"""The stage calibration: one verdict, figures that agree with the tables, and slices that leak nothing."""

import json
from datetime import date

import pandas as pd
import pytest

from oppnb import charts
from oppnb.locale import Words
from oppnb.reports import CalibrationPage, calibrate_stages, run_report
from oppnb.reports.calibration_figures import CALIBRATION_FIGURES, calibration_definitions, calibration_figures
from oppnb.reports.collected_page import CollectedPage
from oppnb.workspace import parse_workspace
from tests.builders import make_change, make_opportunity, make_tables
from tests.workbook_words import left_in_english

AS_OF = date(2024, 12, 31)
CONFIGURED = """
processes:
  - name: sales
    stages:
      - {name: Demo, odds: 0.8, time_limit_days: 20} # agreed in spring
      - {name: Offer, odds: 0.5}
      - {name: Won, outcome: won}
      - {name: Lost, outcome: lost}
"""


class Collected(CollectedPage, CalibrationPage):
    """A calibration without a kernel."""


def make_pipeline(n=120):
    """Deals of two regions, entered month by month: North wins two of three, South one of six; ten are open."""
    deals, changes = [], []
    for number in range(n):
        region, key = ("North", "South")[number % 2], f"{number:04d}"
        won = number % 6 in (0, 2) if region == "North" else number % 12 == 1
        begun = pd.Timestamp("2023-01-02") + pd.Timedelta(days=5 * number)
        closed = begun + pd.Timedelta(days=14 if won else 35)
        is_open = number >= n - 10
        ended = {} if is_open else {"closed_at": str(closed), "outcome": "won" if won else "lost"}
        stage = "Demo" if is_open else "Won" if won else "Lost"
        deals.append(
            make_opportunity(
                key,
                stage=stage,
                region=region,
                owner_id=f"seller-{region}",
                name=f"Deal {region} {key}",
                created_at=str(begun),
                amount=1000.0 + number,
                expected_close_on="2025-02-15",
                **{"outcome": "open", **ended},
            )
        )
        changes.append(make_change(key, str(begun), stage="Demo", amount=1000.0 + number))
        if not is_open:
            changes.append(make_change(key, str(closed), stage=stage))
    return make_tables(deals, history=changes, exported_on=AS_OF)


@pytest.fixture(scope="module")
def tables():
    return make_pipeline()


def found_of(tables, **asked):
    return calibrate_stages(tables, **{"as_of": AS_OF, "workspace": parse_workspace(CONFIGURED), **asked})


@pytest.fixture(scope="module")
def found(tables):
    return found_of(tables)


def write(found):
    page = Collected(found)
    page.opening()
    page.summary()
    said = {"words": page.words, "formats": page.formats}
    drawn = [charts.stage_odds(rows, title=page.odds_title(rows), **said) for rows in page.odds()]
    page.odds_table()
    bars = page.weighted()
    drawn += [charts.bridge(bars, title=page.weighted_title(), words=page.words, formats=page.formats)] * bool(
        len(bars)
    )
    for title, rows in page.segments():
        asked = {"estimate": page.segment_estimate(), "title": title, "write": page.formats.share}
        drawn.append(charts.intervals(rows, label="segment", **asked))
    for title, rows in page.trends():
        asked = {"estimate": page.trend_estimate(), "title": title, "write": page.formats.share}
        drawn.append(charts.over_time(rows, period="period", name="stage", settled="is_settled", **asked))
    drawn += [charts.dwell(rows, words=page.words, formats=page.formats) for rows in page.stays()]
    for chart in drawn:
        page.figure(chart)
    page.proposal()
    page.lint()
    page.definitions()
    page.notes()
    return page


def said_by(page):
    charted = ("application/vnd.plotly.v1+json", "text/plain")
    parts = [str(bundle.get("text/html", "")) for bundle in page.outputs]
    parts += [json.dumps({name: one.get(name) for name in charted}, ensure_ascii=False) for one in page.outputs]
    tables = [frame.to_csv() for frame in page._named.values()]
    return "\n".join([*parts, *tables, json.dumps(page._figures(), ensure_ascii=False)])


def figure(figures, name, **piece):
    return next(row for row in figures if row["id"] == name and (row["slice"] or {}) == piece)


@pytest.fixture(scope="module")
def text(found):
    return said_by(write(found))


def assert_is_whole(text, words):
    for key in ("summary", "odds", "weighted", "segments", "trend", "stays", "proposal", "lint", "limits"):
        assert f'<h2 id="{key}"' in text
    assert text.count('<p class="verdict">') == 1
    assert all(words(f"report.column_{name}") in text for name in ("entered_text", "standing_text", "late_text"))


def test_every_section_is_there(text):
    assert_is_whole(text, Words("en"))


def test_figures_are_those_of_the_tables_and_of_a_count_by_hand(found):
    figures = calibration_figures(found)
    demo = {"process": "sales", "stage": "Demo"}
    entered = figure(figures, "stage_observed_odds", **demo)
    assert entered["n"] == 110
    assert entered["low"] <= entered["value"] <= entered["high"]
    n_won = sum(n % 6 in (0, 2) if n % 2 == 0 else n % 12 == 1 for n in range(110))
    assert found.odds["n_won"].iloc[0] == n_won
    open_amount = sum(1000.0 + n for n in range(110, 120))
    assert figure(figures, "weighted_amount")["value"] == round(0.8 * open_amount, 2)
    assert figure(figures, "n_stages_off")["value"] == 1
    assert figure(figures, "n_stages_off")["n"] == 1  # nobody entered Offer
    assert {row["id"] for row in figures} <= set(CALIBRATION_FIGURES)


def test_the_weighted_pipeline_by_stage_adds_up_to_the_whole(found):
    sums = found.weighted[["set_amount", "proposed_amount", "observed_amount"]].sum()
    assert [round(value, 2) for value in sums] == [
        found.weighted_totals[name] for name in ("set", "proposed", "observed")
    ]
    bars = Collected(found).told.weighted_bars()
    middle = bars["amount"].iloc[1:-1].sum()
    assert bars["amount"].iloc[0] + middle == pytest.approx(bars["amount"].iloc[-1])


def test_a_segment_that_differs_is_told_and_the_odds_are_called_too_high(found, text):
    assert found.by_segment["stands_out"].any()
    assert "North wins" in text
    assert "Demo is set to 80%" in text


def make_zombies(n=60):
    """The deals of `make_pipeline`, ten of them open since August, and these: 20 young ones, 40 there since June."""
    tables = make_pipeline()
    keys, days = [f"z{number:03d}" for number in range(n)], pd.Timedelta(days=1)
    old, young = pd.Timestamp("2024-06-10"), pd.Timestamp("2024-12-28")
    begun = [str(young - number * days if number < 20 else old - number * days) for number in range(n)]
    asked = {"stage": "Demo", "outcome": "open", "region": "North", "owner_id": "seller-North", "amount": 1000.0}
    deals = [make_opportunity(key, created_at=day, **asked) for key, day in zip(keys, begun, strict=True)]
    changes = [make_change(key, day, stage="Demo", amount=1000.0) for key, day in zip(keys, begun, strict=True)]
    more = make_tables(deals, history=changes, exported_on=AS_OF)
    both = {name: pd.concat([tables[name], more[name]]) for name in ("opportunities", "opportunity_history")}
    undated = both["opportunities"].assign(expected_close_on=pd.NaT)
    return make_tables(undated, history=both["opportunity_history"], exported_on=AS_OF)


@pytest.fixture(scope="module")
def of_zombies():
    return found_of(make_zombies())


def test_deals_older_than_any_closed_one_have_no_observed_odds_but_a_bound(of_zombies):
    row = of_zombies.observed.set_index("stage").loc["Demo"]
    assert (row["standing_n_beyond"], row["n_now"], row["longest_days"]) == (50, 70, 35)
    text = said_by(write(of_zombies))
    assert "50 have stood longer than any closed deal ever did (35 days)" in text
    figures = calibration_figures(of_zombies)
    beyond = figure(figures, "stage_deals_beyond", process="sales", stage="Demo")
    assert (beyond["value"], beyond["n"]) == (50, 70)


def test_a_proposal_far_below_what_new_deals_win_warns_and_says_one_thing_of_the_pipeline(of_zombies):
    (told,) = Collected(of_zombies).told.proposals(of_zombies.proposals)
    entered = of_zombies.odds.set_index("stage").loc["Demo"]
    assert of_zombies.proposals.items[0].change.value < entered["low"]
    assert "every deal enters at Demo" in told
    assert "there is no weighted pipeline of 2025Q1 that could change" in told
    row = of_zombies.observed.set_index("stage").loc["Demo"]
    counts = (
        f"Of all {row['standing_n']:.0f} that ever stood there, {row['standing_n_closed']:.0f} of them closed by now"
    )
    assert counts in told


def test_what_is_drawn_and_told_are_the_odds_by_which_the_pipeline_is_weighed(of_zombies):
    drawn = of_zombies.drawn.set_index("stage").loc["Demo"]
    weighed = of_zombies.weighted.set_index("stage").loc["Demo"]
    assert drawn["observed_odds"] == pytest.approx(weighed["observed_amount"] / weighed["open_amount"], abs=1e-5)
    assert drawn["low"] <= drawn["observed_odds"] < of_zombies.observed.set_index("stage").loc["Demo", "within_odds"]
    title = Collected(of_zombies).odds_title(of_zombies.drawn)
    assert title.endswith(f"against {drawn['observed_odds']:.0%} at most of the deals that stand there today")


def test_where_odds_count_open_deals_both_numbers_are_told(of_zombies):
    row = of_zombies.observed.set_index("stage").loc["Demo"]
    assert (row["n_entered"], row["n"]) == (180, 110)
    told = " ".join(Collected(of_zombies).told.points())
    assert "of the 180 that entered, 110 of them closed by now" in told


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_segments_are_told_by_the_win_rates_of_closed_deals_that_are_tested(tables, locale):
    found = found_of(tables, locale=locale)
    told = Collected(found).told
    here = found.by_segment[found.by_segment["column"] == "region"]
    first = here[here["stands_out"]].sort_values("difference").iloc[-1]
    deals = tables["opportunities"]
    closed = deals[deals["outcome"] != "open"]
    rate = (closed[closed["region"] == first["segment"]]["outcome"] == "won").mean()
    assert first["win_rate"] == pytest.approx(rate)
    assert any(f"{rate:.0%}" in one for one in told.segments(here))
    assert f"{rate:.0%}" in told.segment_table(here)["closed_text"].iloc[0]


def test_the_comparison_leaves_out_stages_of_which_nothing_was_observed():
    tables = make_pipeline()
    offered = make_opportunity("o", stage="Offer", outcome="open", amount=500.0, created_at="2024-12-30")
    deals = pd.concat([tables["opportunities"], make_tables([offered])["opportunities"]])
    found = found_of(make_tables(deals, history=tables["opportunity_history"], exported_on=AS_OF))
    assert found.weighted_totals["set"] == pytest.approx(found.comparable_totals["set"] + 250.0)
    assert Collected(found).told.weighted_bars()["amount"].iloc[0] == found.comparable_totals["set"]
    assert "Nothing was observed of Offer" in " ".join(Collected(found).told.weighted())


def test_what_is_proposed_is_a_change_of_the_file_with_its_comments(tables, tmp_path):
    path = tmp_path / "oppnb.yaml"
    path.write_text(CONFIGURED, encoding="utf-8")
    found = found_of(tables, workspace=path)
    diff = found.proposals.diff(found.workspace_text)
    new = found.proposed.processes[0].stages[0].odds
    assert f"+      - {{name: Demo, odds: {new:g}, time_limit_days: 20}} # agreed in spring" in diff
    assert new < 0.5
    assert path.read_text(encoding="utf-8") == CONFIGURED


def test_a_slice_is_whole_in_chinese_names_nothing_of_another_and_proposes_nothing_for_all(tables):
    page = write(found_of(tables, only={"region": "North"}, locale="zh_CN"))
    text = said_by(page)
    assert_is_whole(text, page.words)
    assert "North" in text
    assert [word for word in ("South", "seller-South", "odds: 0.8") if word in text] == []
    assert page.found.proposals is None
    assert page.said("proposal_of_part") in text


def test_a_slice_says_what_the_same_deals_alone_would(tables):
    of_slice = found_of(tables, only={"region": "South"})
    deals = tables["opportunities"]
    alone = deals[deals["region"] == "South"]
    kept = tables["opportunity_history"]["opportunity_id"].isin(alone["opportunity_id"])
    cut = make_tables(alone, history=tables["opportunity_history"][kept], exported_on=AS_OF)
    pd.testing.assert_frame_equal(of_slice.odds, found_of(cut).odds)


def test_a_day_in_the_past_knows_nothing_later(tables):
    day = date(2024, 3, 31)
    deals, history = tables["opportunities"], tables["opportunity_history"]
    later = deals["closed_at"] > pd.Timestamp(day) + pd.Timedelta(days=1)
    scrambled = make_tables(
        deals.assign(outcome=deals["outcome"].where(~later, "won"), stage=deals["stage"].where(~later, "Won")),
        history=history.assign(stage=history["stage"].where(history["changed_at"] <= pd.Timestamp(day), "Won")),
        exported_on=AS_OF,
    )
    before, after = (found_of(one, as_of=day) for one in (tables, scrambled))
    pd.testing.assert_frame_equal(before.odds, after.odds)
    pd.testing.assert_frame_equal(before.by_segment, after.by_segment)
    pd.testing.assert_frame_equal(before.periods, after.periods)


def test_few_deals_and_no_configuration_say_so():
    few = [
        make_opportunity("1", stage="Won", outcome="won", closed_at="2024-02-03"),
        make_opportunity("2", stage="Demo", outcome="open"),
    ]
    page = write(found_of(make_tables(few, exported_on=AS_OF), workspace=None))
    text = said_by(page)
    assert "nothing can be said of the odds" in text
    assert "It is not known when deals entered their stages" in text


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_figure_is_defined(locale):
    frame = calibration_definitions(Words(locale))
    assert list(frame["metric"]) == list(CALIBRATION_FIGURES)
    assert (frame["definition"].str.len() > 10).all()


@pytest.mark.kernel
def test_it_runs_as_a_file(tables, tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("opportunities", "opportunity_history"):
        tables[name].to_csv(tmp_path / "data" / f"{name}.csv", index=False)
    (tmp_path / "oppnb.yaml").write_text(CONFIGURED, encoding="utf-8")
    asked = {"data": tmp_path / "data", "workspace": tmp_path / "oppnb.yaml", "as_of": AS_OF, "locale": "zh_CN"}
    result = run_report("stage_calibration", asked, out=tmp_path / "out")
    figures = json.loads(result.figures_json.read_text(encoding="utf-8"))
    assert figure(figures, "n_stages_off")["value"] == 1
    assert {"odds", "segments", "stays", "weighted"} <= {path.stem for path in result.tables}
    assert "agreed in spring" in result.report_html.read_text(encoding="utf-8")
    assert left_in_english(result.report_xlsx) == []
