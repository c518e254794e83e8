"""The report on the data and the first look at a client: in both languages, for a slice, and where little is known."""

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from oppnb import charts
from oppnb.reports import BaselinePage, QualityPage, look_at_export, read_parameters, run_report
from oppnb.reports.collected_page import CollectedPage
from oppnb.reports.declarations import read_declaration
from oppnb.reports.templates import find_template
from oppnb.review import open_review
from tests.builders import make_opportunity, make_tables
from tests.reports.test_slices import is_in
from tests.runs.in_process import without_kernels
from tests.workbook_words import left_in_english

AS_OF = date(2024, 6, 30)


class CollectedQuality(CollectedPage, QualityPage):
    """A report on the data without a kernel."""


class CollectedBaseline(CollectedPage, BaselinePage):
    """A first look without a kernel."""


def export() -> list[dict[str, object]]:
    """Two regions: 30 deals in each, of the open ones of the South half lack an account."""
    deals = []
    for number, region in enumerate(("North", "South")):
        for n in range(30):
            end = ("won", "lost", "open")[n % 3]
            own = {"account_id": None if region == "South" and n % 2 else f"A-{region}-{n}"}
            at = {} if end == "open" else {"closed_at": "2024-05-20"}
            deals.append(
                make_opportunity(
                    str(70000 + 1000 * number + n),
                    outcome=end,
                    stage={"open": "Lead"}.get(end, end.title()),
                    region=region,
                    owner_id=f"u-{region}-{n % 2}",
                    name=f"Deal {region} {n}",
                    amount=float(n + 1) * (100 if region == "North" else 777),
                    expected_close_on="2024-06-01",
                    **own,
                    **at,
                )
            )
    return [*deals, {**deals[0]}]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    rows = pd.DataFrame(export()).assign(colour="blue")
    rows.to_csv(folder / "opportunities.csv", index=False)
    owners = [{"owner_id": f"u-{region}-{n}", "name": f"Seller {region} {n}", "team": f"Team {region}",
               "region": region} for region in ("North", "South") for n in (0, 1)]  # fmt: skip
    pd.DataFrame(owners).to_csv(folder / "owners.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def opened(files):
    """The export opened once in each language and for the North."""

    @cache
    def review(*, locale: str = "en", region: str | None = None):
        return open_review(files, as_of=AS_OF, locale=locale, only={"region": region} if region else None)

    return review


def quality_of(review, look=None) -> CollectedQuality:
    page = CollectedQuality(review, look)
    page.opening()
    page.summary()
    wrong = page.wrong()
    page.figure(charts.bars(wrong, label="fault", value="share", title=page.wrong_title(), write=page.share))
    page.wrong_by_level()
    page.doubles()
    rows = page.filled_lead()
    title = page.filled_title(rows)
    page.figure(charts.bars(rows, label="column", value="open_filled_share", title=title, write=page.share))
    page.filled_tables()
    page.lacking()
    page.history()
    page.trend()
    page.read()
    page.limits()
    return page


def baseline_of(review) -> CollectedBaseline:
    page = CollectedBaseline(review)
    page.opening()
    page.summary()
    rows = page.first()
    title = page.first_title(rows)
    page.figure(charts.bars(rows, label="what", value="touched_amount", title=title, write=page.short_money))
    page.first_table()
    page.flows()
    for by, rates in page.wins():
        page.subsection(page.wins_title(rates, by))
        page.wins_table(page.drawn(rates), by)
    page.tempo()
    page.subsection(page.ages_title())
    page.table("ages", page.ages())
    page.data_faults()
    page.limits()
    return page


def everything(page) -> str:
    """All that a reader or a machine could find."""
    shown = "\n".join(json.dumps(bundle, ensure_ascii=False) for bundle in page.outputs)
    kept = "\n".join(frame.to_csv() for frame in page._named.values())
    return "\n".join([page.title, shown, kept, json.dumps(page._figures(), ensure_ascii=False)])


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_report_on_the_data_says_what_was_read_what_is_wrong_and_what_is_missing(files, opened, locale):
    review = opened(locale=locale)
    page = quality_of(review, look_at_export(review, files))
    text = everything(page)
    sections = ("summary", "faults", "doubles", "filled", "lacking", "depth", "trend", "read", "limits")
    assert all(f'id=\\"{key}\\"' in text for key in sections)
    assert page._named["files"].set_index("file").loc["opportunities.csv", "n_rows"] == 61
    assert list(page._named["unused"]["header"]) == ["colour"]
    assert len(page._named["doubles"]) == 1
    figures = {(one["id"], json.dumps(one["slice"], sort_keys=True)): one["value"] for one in page._figures()}
    assert figures["rows_set_aside", "null"] == 1
    assert figures["table_rows", '{"table": "opportunities"}'] == 60
    told = [value for (name, _), value in figures.items() if name.endswith("_share") and value is not None]
    assert min(told) >= 0
    assert max(told) <= 1
    total = figures["figures_told", "null"] + figures["figures_waiting", "null"]
    assert total == len(review.kpis()) + len(review.missing())
    assert page._named["filled"]["open_filled_share"].min() == pytest.approx(0.75)
    assert page._named["filled_team"]["n_open"].sum() == 20


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_first_look_says_what_to_fix_first_with_what_speaks_for_it(opened, locale):
    page = baseline_of(opened(locale=locale))
    text = everything(page)
    assert all(f'id=\\"{key}\\"' in text for key in ("summary", "first", "wins", "tempo", "ages", "data", "limits"))
    first = page._named["first"]
    assert list(first["rank"]) == list(range(1, len(first) + 1))
    assert first[["what", "evidence", "changes"]].map(len).gt(0).all(axis=None)
    assert page._named["ages"]["n"].sum() == 20
    assert page._named["wins_by_region"].set_index("region")["n"].to_dict() == {"North": 20, "South": 20}
    ids = {one["id"] for one in page._figures()}
    assert {"win_rate", "open_amount", "stage_count", "days_in_stage_p80", "to_fix_count", "win_rate_of_slice"} <= ids
    assert "–." not in "".join(first["evidence"])


def test_a_chart_of_many_sellers_has_the_best_and_the_worst_and_says_that_it_is_not_all(opened):
    page = baseline_of(opened())
    rates = pd.DataFrame(
        {"slice": [f"u{n:02}" for n in range(30)], "n": range(130, 100, -1), "differs": "alike"}
        | {"win_rate": [0.5 + (n if n % 2 else -n) / 100 for n in range(30)]}
    ).assign(differs=lambda frame: frame["differs"].where(frame.index != 28, "few"))
    drawn = page.drawn(rates)
    ranked = list(rates[rates["differs"] != "few"].sort_values("win_rate", ascending=False)["slice"])
    assert len(drawn) == 15
    assert drawn["win_rate"].is_monotonic_decreasing
    assert list(drawn["slice"].head(5)) == ranked[:5]
    assert list(drawn["slice"].tail(5)) == ranked[-5:]
    beside = {"n_beside": 1, "won_beside": 1, "others_rate": 0.5, "n_won": 1, "low": 0.1, "high": 0.9}
    page.wins_table(rates.assign(**beside), "owner_id")
    assert "15 of 30" in json.dumps(page.outputs[-2:])
    few = rates.head(15)
    assert set(page.drawn(few)["slice"]) == set(few["slice"])


@pytest.mark.parametrize("make", [quality_of, baseline_of])
def test_a_slice_holds_nothing_of_the_other_region(opened, make):
    text = everything(make(opened(region="North")))
    assert "North" in text
    assert {word for word in ("South", "opportunities.csv") if word in text} == set()
    assert {one["opportunity_id"] for one in export()[30:60] if is_in(text, str(one["opportunity_id"]))} == set()


def test_what_became_of_faults_is_told_where_a_store_is(files, tmp_path):
    (tmp_path / "oppnb.yaml").write_text("version: 1\nstore: store\n", encoding="utf-8")
    asked = {"workspace": tmp_path / "oppnb.yaml"}
    early = CollectedQuality(open_review(files, as_of=date(2024, 6, 23), **asked))
    early.trend()
    early.close()
    assert early.change is None
    later = CollectedQuality(open_review(files, as_of=AS_OF, **asked))
    later.trend()
    assert later.change.day == date(2024, 6, 23)
    assert (later.change.rows["change"] == 0).all()


@pytest.mark.parametrize("make", [quality_of, baseline_of])
def test_one_deal_of_which_little_is_known_makes_a_report(make):
    tables = make_tables([{"opportunity_id": "1", "stage": "Lead", "outcome": "open"}], exported_on=AS_OF)
    page = make(open_review(tables, as_of=AS_OF))
    assert "nan" not in everything(page).casefold().replace("finance", "")


@pytest.mark.parametrize("name", ["data_quality", "baseline"])
def test_each_section_is_a_cell_and_none_asks_for_a_period(name):
    path = find_template(name)
    cells = {cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}
    assert set(read_declaration(path).sections) <= cells
    assert "period" not in read_parameters(path)


@pytest.mark.parametrize("name", ["data_quality", "baseline"])
def test_each_is_made_as_files_with_every_table_as_csv(files, tmp_path, monkeypatch, name):
    """Of the whole; `tests/runs/test_audience.py` makes them of a slice."""
    asked = {"data": files, "as_of": AS_OF, "workspace": None, "locale": "zh_CN"}
    with without_kernels(monkeypatch):
        result = run_report(name, asked, out=tmp_path)
    shown = result.report_html.read_text(encoding="utf-8")
    assert 'lang="zh' in shown
    assert left_in_english(result.report_xlsx) == []
    kept = {
        "data_quality": {"faults", "mapping", "waiting", "history"},
        "baseline": {"first", "funnel", "ages", "tempo"},
    }
    assert kept[name] <= {path.stem for path in result.tables}
    manifest = json.loads(result.manifest_json.read_text(encoding="utf-8"))
    assert manifest["as_of"] == AS_OF.isoformat()
    assert json.loads(result.figures_json.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("store", "remember", "said"),
    [
        (False, True, "With a store (store: in oppnb.yaml)"),
        (True, True, "This is the first audit that the store remembers"),
        (True, False, "this one is not remembered"),
    ],
)
def test_what_is_said_without_an_earlier_audit_holds(files, tmp_path, store, remember, said):
    review = open_review(files, as_of=AS_OF)
    sources = review.workspace.sources.model_copy(update={"remember": remember})
    settings = {"store": str(tmp_path) if store else None, "sources": sources}
    page = CollectedQuality(replace(review, workspace=review.workspace.model_copy(update=settings)))
    page.trend()
    assert said in everything(page)


def test_the_card_of_rows_names_the_tables_it_counts(opened):
    review = opened()
    card = CollectedQuality(review)._rows_card()
    frames = review.tables.frames
    assert card["name"] == "Rows in the tables"
    assert int(card["value"].replace(",", "")) == sum(map(len, frames.values())) + len(review.audit.rejected)
    assert f"{len(frames['opportunities'])}" in card["beside"]
