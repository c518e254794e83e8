"""The review of the sample pipeline: what it may know, what agrees with what, and what truth lies inside."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oppnb.locale import LOCALES
from oppnb.review import FIGURES, Review, open_review
from oppnb.sources import read_tables
from oppnb.tables import Tables
from oppnb.workspace import read_workspace

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
DAY = date(2025, 5, 18)
WORKSPACE = read_workspace(SAMPLE / "oppnb.yaml")
MIDNIGHT = pd.Timestamp("2025-05-18 16:00")  # the end of the day in Shanghai, in UTC


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_tables(SAMPLE / "pipeline", workspace=WORKSPACE).tables


@pytest.fixture(scope="module")
def review(tables: Tables) -> Review:
    return open_review(tables, as_of=DAY, workspace=WORKSPACE)


@pytest.fixture(scope="module")
def figures(review: Review) -> list[dict]:
    return review.figures()


def scrambled(tables: Tables) -> Tables:
    """The same past, and a future in which every row says something else."""
    rng = np.random.default_rng(5)
    frames = {}
    for name, moment in (("opportunity_history", "changed_at"), ("activities", "occurred_at"), ("leads", "created_at")):
        rows = tables[name].copy()
        later = (rows[moment] >= MIDNIGHT).to_numpy()
        assert later.any()
        mixed = rows[later].sample(frac=1, random_state=3)
        for column in rows.columns.drop("opportunity_id"):
            rows.loc[later, column] = mixed[column].to_numpy()
        frames[name] = rows
    deals = tables["opportunities"].copy()
    touched = tables["opportunity_history"].loc[tables["opportunity_history"]["changed_at"] >= MIDNIGHT]
    later = (deals["opportunity_id"].isin(touched["opportunity_id"]) | (deals["created_at"] >= MIDNIGHT)).to_numpy()
    mixed = deals[later].sample(frac=1, random_state=4)
    for column in ("stage", "outcome", "closed_at", "amount", "expected_close_on", "next_step", "lost_reason"):
        deals.loc[later, column] = mixed[column].to_numpy()
    early = deals["closed_at"] < MIDNIGHT
    deals.loc[later & early.to_numpy(), "closed_at"] = MIDNIGHT + pd.Timedelta(days=40)
    newer = (deals["created_at"] >= MIDNIGHT).to_numpy()
    deals.loc[newer, "amount"] = rng.uniform(1, 1e9, newer.sum())
    frames["opportunities"] = deals
    rates = tables["exchange_rates"].copy()
    rates.loc[rates["on"] > pd.Timestamp(DAY), "rate_to_base"] *= 17
    frames["exchange_rates"] = rates
    return tables.replace(**frames)


def as_text(figures: list[dict]) -> str:
    return json.dumps(figures, ensure_ascii=False, allow_nan=False)


def test_stays_the_same_when_every_later_row_is_scrambled(tables: Tables, review: Review, figures: list[dict]) -> None:
    other = open_review(scrambled(tables), as_of=DAY, workspace=WORKSPACE)
    assert as_text(other.figures()) == as_text(figures)
    assert other.summary() == review.summary()
    pd.testing.assert_frame_equal(other.attention(), review.attention())


def test_proposes_the_same_stages_when_every_later_row_is_scrambled(tables: Tables) -> None:
    silent = WORKSPACE.model_copy(update={"processes": []})
    one, other = (open_review(data, as_of=DAY, workspace=silent) for data in (tables, scrambled(tables)))
    assert one.workspace.processes == other.workspace.processes
    assert [[stage.name for stage in process.stages] for process in one.workspace.processes] == [
        ["Lead", "Qualified", "Proposal", "Negotiation", "Won", "Lost"],
        ["Review", "Offer", "Terms", "Won", "Lost"],
    ]


def test_gives_the_same_figures_whatever_the_locale(tables: Tables, figures: list[dict]) -> None:
    chinese = open_review(tables, as_of=DAY, workspace=WORKSPACE, locale="zh_CN")
    assert as_text(chinese.figures()) == as_text(figures)


def test_tells_each_figure_once_in_order_with_every_key(figures: list[dict]) -> None:
    keys = ["id", "value", "unit", "n", "as_of", "period", "slice", "definition"]
    assert all(list(one) == keys for one in figures)
    places = [(one["id"], one["period"] or "", json.dumps(one["slice"], sort_keys=True)) for one in figures]
    assert len(set(places)) == len(places)
    assert [place[:2] for place in places] == sorted(place[:2] for place in places)
    assert all(one["definition"] and one["as_of"] == "2025-05-18" for one in figures)


def test_tells_at_least_what_was_promised(figures: list[dict]) -> None:
    told = {one["id"] for one in figures}
    assert told >= set(FIGURES) | {"stage_count", "stage_amount", "bridge_start", "bridge_new", "bridge_end"}
    months = {one["period"] for one in figures if one["id"] == "won_count" and "-" in one["period"]}
    assert months == {str(month) for month in pd.period_range("2024-06", "2025-05", freq="M")}


@pytest.mark.parametrize("name", ["open_count", "won_count", "lost_count"])
@pytest.mark.parametrize("by", ["region", "owner_id", "product", "team", "process"])
def test_slices_add_up_to_the_whole(figures: list[dict], name: str, by: str) -> None:
    of_period = [one for one in figures if one["id"] == name and one["period"] in (None, "2025Q2")]
    (whole,) = [one["value"] for one in of_period if one["slice"] is None]
    assert sum(one["value"] for one in of_period if one["slice"] and set(one["slice"]) == {by}) == whole


def test_stages_add_up_to_the_open_pipeline(review: Review, figures: list[dict]) -> None:
    told = {name: sum(one["value"] for one in figures if one["id"] == f"stage_{name}") for name in ("count", "amount")}
    (count,) = [one["value"] for one in figures if one["id"] == "open_count" and one["slice"] is None]
    (amount,) = [one["value"] for one in figures if one["id"] == "open_amount" and one["slice"] is None]
    assert told["count"] == count == review.funnel()["count"].sum()
    assert told["amount"] == pytest.approx(amount, abs=0.1)


def test_months_add_up_to_the_period(figures: list[dict]) -> None:
    won = {one["period"]: one["value"] for one in figures if one["id"] == "won_count" and one["slice"] is None}
    assert won["2025-04"] + won["2025-05"] == won["2025Q2"]


def test_bridge_closes_and_ends_at_what_is_due(review: Review, figures: list[dict]) -> None:
    bars = {one["id"]: one["value"] for one in figures if one["id"].startswith("bridge_")}
    end = bars.pop("bridge_end")
    assert sum(round(value * 100) for value in bars.values()) == round(end * 100)
    due = review.kpis().query("metric == 'open_amount' and variant == 'due'")["value"].iloc[0]
    assert end == pytest.approx(due, abs=0.5)


def test_bridges_by_owner_add_up_to_the_whole_but_for_deals_that_changed_hands(review: Review) -> None:
    owners = sorted(review.snapshot["owner_id"].dropna().unique())
    parts = [review.bridge(slice_of={"owner_id": owner}).bars.set_index("bar")["amount"] for owner in owners]
    together, whole = sum(parts), review.bridge().bars.set_index("bar")["amount"]
    assert together["start"] == pytest.approx(whole["start"])
    assert together["end"] == pytest.approx(whole["end"])


@pytest.mark.parametrize("locale", LOCALES)
def test_says_the_numbers_of_its_tables(tables: Tables, locale: str) -> None:
    review = open_review(tables, as_of=DAY, workspace=WORKSPACE, locale=locale)
    sentences = review.summary()
    assert 5 <= len(sentences) <= 8
    kpis = review.kpis().set_index(["metric", "variant"])["value"]
    money, number = review.formats.money, review.formats.number
    assert money(kpis["open_amount", "all"]) in sentences[0]
    for row in review.since().to_dict("records"):
        assert number(row["n"]) in sentences[1]
        assert money(row["amount"]) in sentences[1]
    assert money(review.bridge().amount("start")) in sentences[2]
    assert money(review.bridge().amount("end")) in sentences[2]
    assert money(kpis["won_amount", "period"]) in sentences[3]
    assert review.attention()["name"].iloc[0] in sentences[-1]


@pytest.mark.parametrize("locale", LOCALES)
def test_has_words_for_every_note_reason_and_definition(tables: Tables, locale: str) -> None:
    review = open_review(tables, as_of=DAY, workspace=WORKSPACE, locale=locale)
    assert [review.words(f"note.{note.code}", **note.values) for note in review.notes]
    assert review.attention()["text"].str.len().min() > 5
    assert not review.definitions().isna().any(axis=None)
    assert not review.stage_lint()["text"].isna().any()


def test_warns_of_the_silent_deals_that_the_law_made_silent(review: Review) -> None:
    truth = pd.read_csv(SAMPLE / "truth" / "deals.csv", dtype={"opportunity_id": str})
    silent_since = pd.to_datetime(truth.set_index("opportunity_id")["silent_week_on"])
    open_deals = review.snapshot.loc[review.snapshot["outcome"] == "open", "opportunity_id"]
    long_silent = set(open_deals[open_deals.map(silent_since) < pd.Timestamp(DAY) - pd.Timedelta(days=60)])
    flagged = review.attention()
    stale = set(flagged.loc[flagged["reasons"].map(lambda reasons: "stale" in reasons), "opportunity_id"])
    assert len(long_silent) >= 5
    assert long_silent <= stale


def test_observed_odds_hold_the_true_ones_inside_their_interval(tables: Tables) -> None:
    odds = open_review(tables, as_of="2025-12-31", workspace=WORKSPACE).odds.set_index(["process", "stage"])
    entries = pd.read_csv(SAMPLE / "truth" / "spells.csv", dtype={"opportunity_id": str})
    entries = entries[entries["is_first_entry"]]
    ever = pd.read_csv(SAMPLE / "truth" / "deal_stages.csv", dtype={"opportunity_id": str})
    deals = entries.drop(columns="win_probability_by_end").merge(ever, on=["opportunity_id", "stage"])
    truth = deals.groupby(["process", "stage"])["win_probability"].mean().reindex(odds.index)
    inside = (odds["low"] <= truth) & (truth <= odds["high"])
    assert inside.sum() >= 6  # of seven intervals of 95 %


def test_what_is_known_does_not_depend_on_the_order_of_rows(tables: Tables, figures: list[dict]) -> None:
    turned = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in tables.frames.items()}
    turned["opportunity_history"] = tables["opportunity_history"]  # order within one moment has a meaning there
    other = open_review(Tables(turned, exported_on=tables.exported_on), as_of=DAY, workspace=WORKSPACE)
    assert as_text(other.figures()) == as_text(figures)
