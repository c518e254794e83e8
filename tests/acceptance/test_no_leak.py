"""Nothing that was known only after the day moves a byte of `figures.json`, nor does anything outside the data."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oppnb.reports.figures import figures_text, write_figures
from oppnb.review import open_review
from oppnb.sources import read_tables
from oppnb.tables import Tables
from oppnb.workspace import Workspace, read_workspace
from tests.acceptance.scrambling import CHANGES, with_another_future
from tests.acceptance.scrambling_files import copied, scrambled_events, scrambled_maven
from tests.field_data import field_data

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
MAVEN, BPI = (ROOT / "tests" / "workspaces" / name for name in ("maven.yaml", "bpi2012.yaml"))
# What may change while a deal is open. The others (name, account, product, region, source, any column of the export's
# own) are taken as fixed, and the report says so.
MOVING = ["stage", "outcome", "amount", "expected_close_on", "owner_id", "closed_at", "forecast_category"]
MOVING += ["next_step", "next_step_due_on", "competitor", "lost_reason", "crm_score"]
MIDDLE, EARLY, LATE = date(2024, 9, 20), date(2023, 5, 31), date(2025, 12, 28)


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return read_workspace(SAMPLE / "oppnb.yaml")


@pytest.fixture(scope="module")
def tables(workspace: Workspace) -> Tables:
    return read_tables(SAMPLE / "pipeline", workspace=workspace).tables


@pytest.fixture(scope="module")
def flat(tables: Tables) -> Tables:
    """Nothing but a list of deals, in one currency: there are no rates."""
    deals = tables["opportunities"]
    return Tables({"opportunities": deals[deals["currency"] == "CNY"]}, exported_on=tables.exported_on)


class Texts:
    """`figures.json` of the untouched tables, worked out once a day."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.known: dict[tuple[int, date], str] = {}

    def of(self, tables: Tables, day: date) -> str:
        key = (id(tables), day)
        if key not in self.known:
            self.known[key] = figures_of(tables, day, self.workspace)
        return self.known[key]


@pytest.fixture(scope="module")
def texts(workspace: Workspace) -> Texts:
    return Texts(workspace)


def figures_of(data: Tables | Path, day: date | str, workspace: Workspace | Path) -> str:
    return figures_text(open_review(data, as_of=day, workspace=workspace, currency="CNY").figures())


@pytest.mark.parametrize(
    ("day", "change"),
    [*((MIDDLE, name) for name in CHANGES), (EARLY, "garbage"), (LATE, "shuffled"), (LATE, "deleted")],
)
def test_stays_the_same_whatever_the_later_rows_say(
    tables: Tables, texts: Texts, workspace: Workspace, day: date, change: str
) -> None:
    other = with_another_future(tables, day, CHANGES[change])
    assert not any(other[name].equals(tables[name]) for name in ("opportunities", "opportunity_history", "activities"))
    assert figures_of(other, day, workspace) == texts.of(tables, day)


@pytest.mark.parametrize("change", CHANGES)
def test_a_flat_export_stays_the_same_whatever_happened_later(
    flat: Tables, texts: Texts, workspace: Workspace, change: str
) -> None:
    other = with_another_future(flat, MIDDLE, CHANGES[change])
    ours, theirs = (
        one["opportunities"].set_index("opportunity_id").reindex(flat["opportunities"]["opportunity_id"])
        for one in (flat, other)
    )
    assert not any(ours[name].equals(theirs[name]) for name in MOVING)
    assert figures_of(other, MIDDLE, workspace) == texts.of(flat, MIDDLE)


def test_what_was_known_does_move_the_figures(tables: Tables, texts: Texts, workspace: Workspace) -> None:
    other = with_another_future(tables, date(2024, 9, 10), CHANGES["shuffled"])
    assert figures_of(other, MIDDLE, workspace) != texts.of(tables, MIDDLE)


def test_the_order_of_the_rows_does_not_count(tables: Tables, texts: Texts, workspace: Workspace) -> None:
    rng = np.random.default_rng(4)
    mixed = {
        name: frame.iloc[rng.permutation(len(frame))].reset_index(drop=True) for name, frame in tables.frames.items()
    }
    history = mixed["opportunity_history"]
    assert not history.duplicated(["opportunity_id", "changed_at"]).any()  # within one moment the order has a meaning
    assert figures_of(tables.replace(**mixed), MIDDLE, workspace) == texts.of(tables, MIDDLE)


@pytest.mark.field_data
@pytest.mark.parametrize("day", ["2017-05-10", "2017-09-30"])
@pytest.mark.parametrize("workspace", [None, MAVEN], ids=["proposed", "mapped"])
def test_the_files_of_a_flat_export_can_say_anything_of_later_days(
    tmp_path: Path, day: str, workspace: Path | None
) -> None:
    folder, other = field_data("maven_crm"), copied("maven_crm", tmp_path)
    deals = pd.read_csv(folder / "sales_pipeline.csv", dtype=str, keep_default_na=False)
    # a mapping that writes the seller into the row of the engagement says itself that sellers are not changed
    scrambled = scrambled_maven(deals, day, with_sellers=workspace is None)
    scrambled.to_csv(other / "sales_pipeline.csv", index=False)
    texts = [figures_text(open_review(path, as_of=day, workspace=workspace).figures()) for path in (folder, other)]
    assert texts[0] == texts[1]
    amounts = [row["value"] for row in json.loads(texts[0]) if row["id"] == "open_amount" and row["slice"] is None]
    assert amounts[0] > 0


@pytest.mark.field_data
@pytest.mark.parametrize("day", ["2017-05-10", "2017-09-30"])
def test_a_flat_file_without_list_prices_knows_no_open_amount_of_an_earlier_day(tmp_path: Path, day: str) -> None:
    deals = pd.read_csv(field_data("maven_crm") / "sales_pipeline.csv", dtype=str, keep_default_na=False)
    is_open = deals["close_value"] == ""
    deals.loc[is_open, "close_value"] = (deals.index[is_open] + 100).astype(str)
    texts = []
    for name, rows in (("a", deals), ("b", scrambled_maven(deals, day))):
        (tmp_path / name).mkdir()
        rows.to_csv(tmp_path / name / "sales_pipeline.csv", index=False)
        texts.append(figures_text(open_review(tmp_path / name, as_of=day).figures()))
    assert texts[0] == texts[1]
    figures = {row["id"]: row for row in json.loads(texts[0]) if row["slice"] is None and row["period"] is None}
    assert figures["open_count"]["value"] > 1_000
    assert figures["open_amount"]["value"] is figures["bridge_start"]["value"] is None
    assert figures["bridge_start"]["n"] > 1_000


@pytest.mark.field_data
@pytest.mark.parametrize("day", ["2011-10-31", "2011-11-30"])
def test_the_rows_of_an_event_log_can_say_anything_of_later_days(tmp_path: Path, day: str) -> None:
    folder, other = field_data("bpi2012"), copied("bpi2012", tmp_path)
    file = next(folder.glob("*.csv.gz"))
    scrambled_events(pd.read_csv(file, dtype=str), day).to_csv(other / file.name, index=False)
    texts = [figures_text(open_review(path, as_of=day, workspace=BPI).figures()) for path in (folder, other)]
    assert texts[0] == texts[1]


_ONE_RUN = """
import sys
from oppnb.reports.figures import write_figures
from oppnb.review import open_review
write_figures(open_review(sys.argv[1], as_of="2024-09-20", workspace=sys.argv[2]).figures(), sys.argv[3])
"""


def _run(out: Path, **environment: str) -> bytes:
    arguments = [sys.executable, "-c", _ONE_RUN, str(SAMPLE / "pipeline"), str(SAMPLE / "oppnb.yaml"), str(out)]
    subprocess.run(arguments, check=True, env={**os.environ, **environment}, cwd=out.parent)
    return out.read_bytes()


def test_another_machine_another_hash_seed_and_another_clock_write_the_same_bytes(
    tmp_path: Path, tables: Tables, texts: Texts
) -> None:
    here = _run(tmp_path / "a.json", TZ="Pacific/Kiritimati", PYTHONHASHSEED="1", OMP_NUM_THREADS="1", LC_ALL="C")
    there = _run(tmp_path / "b.json", TZ="America/Los_Angeles", PYTHONHASHSEED="77", LC_ALL="C.UTF-8")
    assert here == there
    assert here.decode() == texts.of(tables, MIDDLE)


def test_other_places_and_names_of_the_files_write_the_same_bytes(
    tmp_path: Path, tables: Tables, texts: Texts, workspace: Workspace
) -> None:
    deep = tmp_path / "\u5546\u673a export"
    for file in sorted((SAMPLE / "pipeline").glob("*.csv"), reverse=True):
        folder = deep / file.stem[:1]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file.name).write_bytes(file.read_bytes())
    write_figures(open_review(deep, as_of=MIDDLE, workspace=workspace).figures(), tmp_path / "figures.json")
    assert (tmp_path / "figures.json").read_text(encoding="utf-8") == texts.of(tables, MIDDLE)
