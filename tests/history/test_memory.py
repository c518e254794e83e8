"""What oppnb remembers of earlier exports is a history: true on the days of the exports, and never ahead of them."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oppnb.history import as_of, depth_note, open_source, remembered_days, spells, with_facts, with_memory
from oppnb.review.bridge import build_bridge
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.sources.synthetic.workspace_file import workspace_yaml
from oppnb.store import Store, open_store
from oppnb.tables import Tables
from oppnb.workspace import Workspace, parse_workspace
from tests.builders import make_change, make_opportunity, make_tables

MOVES = ("stage", "outcome", "amount", "amount_base", "owner_id", "expected_close_on", "next_step", "next_step_due_on")
OF_THE_CLOSE = ("competitor", "lost_reason", "crm_score", "crm_score_kind")
LAST = date(2023, 12, 31)
SUNDAYS = [LAST - timedelta(weeks=back) for back in range(8, -1, -1)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "memory")


class Truth:
    """A synthetic pipeline with its full history, and what a flat export of any day shows of it."""

    def __init__(self) -> None:
        settings = SyntheticSettings(n_opportunities=400, end=LAST)
        self.tables = make_pipeline(settings).tables
        told = parse_workspace(workspace_yaml(settings))
        self.workspace = told.model_copy(update={"sources": told.sources.model_copy(update={"exported_on": None})})
        self.source = open_source(self.tables)

    def on(self, day: date) -> pd.DataFrame:
        return as_of(self.source, day, workspace=self.workspace)

    def flat(self, day: date) -> Tables:
        columns = [name for name in self.tables["opportunities"].columns if name not in OF_THE_CLOSE]
        frames = {"opportunities": self.on(day)[columns], "exchange_rates": self.tables["exchange_rates"]}
        return Tables(frames, exported_on=day)


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth()


def read_all(exports: Iterable[Tables], store: Store, workspace: Workspace | None = None) -> Tables:
    """The exports, read one after another; the tables of the last."""
    tables: Tables | None = None
    for export in exports:
        tables, _ = with_memory(export, store, workspace=workspace)
    assert tables is not None
    return tables


def export(day: str, *deals: Mapping[str, Any], **others: Any) -> Tables:
    return make_tables(list(deals), exported_on=date.fromisoformat(day), **others)


def stage_on(tables: Tables, day: str, key: str = "1") -> str | None:
    known = as_of(tables, day).set_index("opportunity_id")
    return None if key not in known.index else known.loc[key, "stage"]


# --- against the truth


@pytest.fixture(scope="module")
def remembered(truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    store = open_store(tmp_path_factory.mktemp("weekly") / "memory")
    return read_all([truth.flat(day) for day in SUNDAYS], store, truth.workspace)


@pytest.mark.parametrize("day", SUNDAYS)
def test_what_moves_is_as_it_truly_was_on_the_day_of_each_export(truth: Truth, remembered: Tables, day: date) -> None:
    found = as_of(remembered, day, workspace=truth.workspace)
    expected = truth.on(day)
    columns = ["opportunity_id", *MOVES]
    pd.testing.assert_frame_equal(found[columns], expected[columns])


def test_the_bridge_between_two_exports_is_that_of_the_true_history(truth: Truth, remembered: Tables) -> None:
    source = open_source(remembered)
    n_moves = 0
    for start, end in pairwise(SUNDAYS):
        found = build_bridge(*(as_of(source, day, workspace=truth.workspace) for day in (start, end)))
        expected = build_bridge(truth.on(start), truth.on(end))
        pd.testing.assert_frame_equal(found.bars, expected.bars)
        n_moves += int((expected.bars.set_index("bar")["n"].drop(["start", "end"]) > 0).sum())
    assert n_moves > 20


def test_deals_that_closed_before_the_memory_began_keep_their_amounts_and_closing_days(
    truth: Truth, remembered: Tables
) -> None:
    found, expected = as_of(remembered, SUNDAYS[0], workspace=truth.workspace), truth.on(SUNDAYS[0])
    won = expected["outcome"] == "won"
    assert won.sum() > 20
    pd.testing.assert_series_equal(found.loc[won, "closed_at"], expected.loc[won, "closed_at"])


def test_before_the_first_export_nothing_is_known_of_open_deals(truth: Truth, remembered: Tables) -> None:
    known = as_of(remembered, SUNDAYS[0] - timedelta(days=1), workspace=truth.workspace)
    is_open = known["outcome"] == "open"
    assert known.loc[is_open, ["stage", "amount", "owner_id", "expected_close_on"]].isna().all(axis=None)
    assert is_open.sum() > 20


def test_facts_of_owners_count_the_same_deals_as_the_true_history_does(truth: Truth, remembered: Tables) -> None:
    rows = truth.on(SUNDAYS[4])
    rows = rows[rows["outcome"] == "open"].reset_index(drop=True)
    found = with_facts(rows, remembered, workspace=truth.workspace)["owner_n_open"]
    expected = with_facts(rows, truth.tables, workspace=truth.workspace)["owner_n_open"]
    np.testing.assert_array_equal(found, expected)


# --- what is written


def test_the_same_export_twice_adds_nothing(store: Store) -> None:
    first = export("2024-01-08", make_opportunity())
    read_all([first, first], store)
    assert len(store.files("exports")) == len(store.files("snapshots")) == 1
    assert len(store.read("snapshots")) == 1


def test_only_what_changed_since_the_last_export_is_written(store: Store) -> None:
    deals = [make_opportunity(str(key)) for key in range(100)]
    read_all([export("2024-01-08", *deals), export("2024-01-15", *deals)], store)
    assert (len(store.files("exports")), len(store.files("snapshots"))) == (2, 1)
    read_all([export("2024-01-22", *deals[:-1], make_opportunity("99", amount=7.0))], store)
    assert store.read("snapshots", as_of_from=date(2024, 1, 22))["opportunity_id"].tolist() == ["99"]


def test_what_a_closed_deal_changes_is_not_written_but_its_stage(store: Store) -> None:
    won = make_opportunity("2", stage="Won", closed_at="2024-01-03")
    days = [("2024-01-08", won), ("2024-01-15", won | {"amount": 5.0}), ("2024-01-22", won | {"stage": "Lost"})]
    read_all([export(day, make_opportunity(), deal) for day, deal in days], store)
    assert store.read("snapshots")["opportunity_id"].tolist() == ["1", "2", "2"]


def test_a_run_that_died_before_its_end_is_not_read(store: Store) -> None:
    half = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-01-08"]), "stage": ["Nonsense"]})
    store.append("snapshots", half)
    read_all([export("2024-01-08", make_opportunity())], store)
    assert stage_on(read_all([export("2024-01-15", make_opportunity(stage="Demo"))], store), "2024-01-08") == "Lead"


def test_an_older_export_read_later_takes_its_place_between_the_others(store: Store) -> None:
    lead, demo = make_opportunity(), make_opportunity(stage="Demo")
    read_all([export("2024-01-08", lead), export("2024-01-22", lead), export("2024-01-15", demo)], store)
    tables = read_all([export("2024-01-29", lead)], store)
    days = ("2024-01-08", "2024-01-15", "2024-01-21", "2024-01-22", "2024-01-29")
    assert [stage_on(tables, day) for day in days] == ["Lead", "Demo", "Demo", "Lead", "Lead"]


# --- what is read


def test_a_change_is_known_from_the_day_of_the_export_in_which_it_was_first_seen(store: Store) -> None:
    exports = [export("2024-01-08", make_opportunity()), export("2024-01-15", make_opportunity(stage="Demo"))]
    tables = read_all(exports, store)
    assert [stage_on(tables, day) for day in ("2024-01-07", "2024-01-08", "2024-01-14", "2024-01-15")][1:] == [
        "Lead",
        "Lead",
        "Demo",
    ]
    assert as_of(tables, "2024-01-20")["entered_stage_at"].iloc[0] == pd.Timestamp("2024-01-15")


def test_later_memory_leaves_a_repeated_run_as_it_was(store: Store) -> None:
    first, second = export("2024-01-08", make_opportunity()), export("2024-01-15", make_opportunity(stage="Demo"))
    before = read_all([first, second], store)
    read_all([export("2024-01-22", make_opportunity("1", stage="Nonsense", amount=1e9), make_opportunity("2"))], store)
    after = read_all([second], store)
    assert list(before) == list(after)
    for name in before:
        pd.testing.assert_frame_equal(before[name], after[name])


def test_earlier_figures_stay_the_same_when_later_memory_is_scrambled(truth: Truth, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    exports = [truth.flat(day) for day in SUNDAYS[:5]]
    told = read_all(exports, open_store(tmp_path / "told"), truth.workspace)
    scrambled = []
    for one in exports[:4]:
        deals = one["opportunities"]
        if one.exported_on is not None and one.exported_on > SUNDAYS[1]:
            order = rng.permutation(len(deals))
            moving = ["stage", "amount", "owner_id", "expected_close_on", "outcome", "closed_at", "created_at"]
            deals = deals.assign(**{name: deals[name].to_numpy()[order] for name in moving})
            deals = deals[rng.random(len(deals)) < 0.9].reset_index(drop=True)
        scrambled.append(one.replace(opportunities=deals))
    other = read_all([*scrambled, exports[4]], open_store(tmp_path / "scrambled"), truth.workspace)
    for day in (SUNDAYS[0], SUNDAYS[1], SUNDAYS[1] + timedelta(days=6)):
        found, expected = (as_of(tables, day, workspace=truth.workspace) for tables in (other, told))
        columns = ["opportunity_id", *MOVES]
        still_open = expected["outcome"] == "open"
        pd.testing.assert_frame_equal(found[columns], expected[columns])
        assert still_open.any()


def test_a_deal_that_is_gone_was_there_until_the_first_export_without_it(store: Store) -> None:
    both = (make_opportunity("1"), make_opportunity("2", amount=40.0))
    tables = read_all([export("2024-01-08", *both), export("2024-01-15", *both), export("2024-01-22", both[0])], store)
    ids = {day: as_of(tables, day)["opportunity_id"].tolist() for day in ("2024-01-07", "2024-01-21", "2024-01-22")}
    assert ids == {"2024-01-07": ["1"], "2024-01-21": ["1", "2"], "2024-01-22": ["1"]}
    bars = build_bridge(as_of(tables, "2024-01-15"), as_of(tables, "2024-01-22")).bars.set_index("bar")
    assert (bars.loc["removed", "amount"], bars.loc["removed", "n"]) == (-40.0, 1)


def test_a_deal_missing_from_one_export_only_was_there_all_along(store: Store) -> None:
    both = (make_opportunity("1"), make_opportunity("2"))
    tables = read_all([export("2024-01-08", *both), export("2024-01-15", both[0]), export("2024-01-22", *both)], store)
    assert stage_on(tables, "2024-01-16", "2") == "Lead"


def test_a_close_has_the_date_of_the_export_and_the_amount_of_the_close(store: Store) -> None:
    won = make_opportunity(stage="Won", closed_at="2024-01-10", amount=130.0)
    tables = read_all([export("2024-01-08", make_opportunity()), export("2024-01-15", won)], store)
    known = as_of(tables, "2024-01-12").iloc[0]
    assert (known["outcome"], known["amount"], known["closed_at"]) == ("won", 130.0, pd.Timestamp("2024-01-10"))
    assert as_of(tables, "2024-01-09")["amount"].tolist() == [100.0]
    assert spells(tables, known_on="2024-01-15")["stage"].tolist() == ["Lead", "Won"]


def test_a_close_on_the_day_of_an_export_that_showed_the_deal_open_is_a_close(store: Store) -> None:
    won = make_opportunity(stage="Won", closed_at="2024-01-08")
    tables = read_all([export("2024-01-08", make_opportunity()), export("2024-01-15", won)], store)
    assert as_of(tables, "2024-01-08")["outcome"].tolist() == ["won"]


def test_a_close_that_was_booked_late_counts_from_its_date_as_in_every_flat_export(store: Store) -> None:
    won = make_opportunity(stage="Won", closed_at="2024-01-12")
    days = [("2024-01-08", make_opportunity()), ("2024-01-15", make_opportunity(stage="Demo")), ("2024-01-22", won)]
    tables = read_all([export(day, deal) for day, deal in days], store)
    outcomes = [
        as_of(tables, day)["outcome"].iloc[0] for day in ("2024-01-11", "2024-01-12", "2024-01-15", "2024-01-22")
    ]
    assert outcomes == ["open", "won", "won", "won"]


def test_a_closed_deal_that_is_gone_stood_closed_on_its_own_date_until_then(store: Store) -> None:
    won = make_opportunity("2", stage="Won", closed_at="2024-01-03")
    tables = read_all([export("2024-01-08", make_opportunity(), won), export("2024-01-15", make_opportunity())], store)
    known = as_of(tables, "2024-01-14").set_index("opportunity_id").loc["2"]
    assert (known["outcome"], known["closed_at"]) == ("won", pd.Timestamp("2024-01-03"))
    assert as_of(tables, "2024-01-15")["opportunity_id"].tolist() == ["1"]


def test_a_close_without_a_date_is_known_from_when_it_was_first_seen(store: Store) -> None:
    won = make_opportunity(stage="Won")
    tables = read_all(
        [export("2024-01-08", make_opportunity()), *(export(d, won) for d in ("2024-01-15", "2024-02-19"))], store
    )
    assert [as_of(tables, day)["outcome"].iloc[0] for day in ("2024-01-14", "2024-01-15")] == ["open", "won"]


def test_a_loss_that_was_taken_back_stood_until_then(store: Store) -> None:
    lost = make_opportunity(stage="Lost", closed_at="2024-01-10")
    days = [("2024-01-08", make_opportunity()), ("2024-01-15", lost), ("2024-01-22", make_opportunity(stage="Demo"))]
    tables = read_all([export(day, deal) for day, deal in days], store)
    assert [as_of(tables, day)["outcome"].iloc[0] for day, _ in days] == ["open", "lost", "open"]


def test_a_value_that_was_emptied_is_empty_from_then_on(store: Store) -> None:
    days = [("2024-01-08", "call"), ("2024-01-15", None), ("2024-01-22", "meet")]
    tables = read_all([export(day, make_opportunity(next_step=step)) for day, step in days], store)
    told = [as_of(tables, day)["next_step"].iloc[0] for day in ("2024-01-08", "2024-01-15", "2024-01-22")]
    assert (told[0], pd.isna(told[1]), told[2]) == ("call", True, "meet")


def test_only_what_the_history_of_the_data_does_not_tell_is_taken_from_memory(store: Store) -> None:
    history = [make_change("1", "2024-01-01", stage="Lead"), make_change("1", "2024-01-10", stage="Demo")]
    first = export("2024-01-08", make_opportunity(amount=100.0), history=history[:1])
    second = export("2024-01-15", make_opportunity(stage="Demo", amount=250.0), history=history)
    read_all([first], store)
    tables, notes = with_memory(second, store)
    known = as_of(tables, "2024-01-12").iloc[0]
    assert (known["stage"], known["amount"]) == ("Demo", 100.0)
    assert [note.code for note in notes] == ["history_memory_beside"]
    assert notes[0].values["columns"] == "stage"


def test_deals_of_another_pipeline_are_neither_read_nor_remembered(store: Store) -> None:
    read_all([export("2024-01-08", make_opportunity("a1"))], store)
    other = export("2024-01-15", make_opportunity("z9"))
    tables, notes = with_memory(other, store)
    assert tables is other
    assert [note.code for note in notes] == ["history_memory_of_others"]
    assert remembered_days(store) == (date(2024, 1, 8),)


def test_the_depth_is_told_with_the_number_of_exports_and_the_longest_gap(store: Store) -> None:
    deal = make_opportunity()
    _, notes = with_memory(export("2024-01-08", deal), store)
    assert [note.code for note in notes] == ["history_memory_begins"]
    read_all([export("2024-01-15", deal)], store)
    tables, notes = with_memory(export("2024-02-19", deal), store)
    assert notes[0].values == {"n": 2, "first": "2024-01-08", "last": "2024-01-15", "gap": 35}
    assert depth_note(tables) is None


def test_a_list_that_says_no_day_is_not_remembered(store: Store) -> None:
    undated = make_tables([make_opportunity()], exported_on=None)
    tables, notes = with_memory(undated, store)
    assert (tables is undated, notes[0].code, store.files("exports")) == (True, "history_memory_undated", [])
