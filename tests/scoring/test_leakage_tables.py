"""The leakage audit on a whole export: columns planted into the sample beside those that it has."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oppnb.scoring.leakage import LeakageAudit, audit_leakage, final_fields
from oppnb.scoring.training_rows import scoring_rows, training_rows
from oppnb.sources import read_tables
from oppnb.workspace import read_workspace

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


def planted(deals: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    won = (deals["outcome"] == "won").to_numpy()
    closed = deals["closed_at"].notna().to_numpy()
    number = pd.Series([f"W-{1000 + i}" for i in range(len(deals))], index=deals.index)
    early = np.where(won ^ (rng.random(len(deals)) < 0.2), "yes", "no")
    return deals.assign(
        contract_number=number.where(won).astype("str"),
        paid_in_the_end=np.where(closed, np.where(won, 100.0, 0.0), np.nan),
        signed_on=deals["closed_at"].dt.normalize(),
        asked_at_the_start=pd.Series(early, index=deals.index, dtype="str"),
        tag=pd.Series(rng.choice(["None", "NA", "vip"], len(deals)), index=deals.index, dtype="str"),
    )


@pytest.fixture(scope="module")
def audit() -> LeakageAudit:
    workspace = read_workspace(SAMPLE / "oppnb.yaml")
    tables = read_tables(SAMPLE / "pipeline", workspace=workspace).tables
    deals = planted(tables["opportunities"])
    tables = replace(tables, frames={**tables.frames, "opportunities": deals})
    return audit_leakage(
        training_rows(tables, workspace=workspace),
        open_now=scoring_rows(tables, workspace=workspace),
        final=final_fields(tables, workspace=workspace),
    )


def test_what_was_planted_is_out(audit: LeakageAudit) -> None:
    out = {item.field for item in audit.fields if item.verdict == "out"}
    assert {"contract_number", "paid_in_the_end", "signed_on"} <= out
    assert {"stage_as_exported", "lost_reason_as_exported"} <= out


def test_everything_honest_stays(audit: LeakageAudit) -> None:
    out = {item.field for item in audit.fields if item.verdict != "kept"}
    names = {"contract_number", "paid_in_the_end", "signed_on", "n_line_items"}
    assert {name for name in out if not name.endswith("_as_exported")} == names
    assert {"asked_at_the_start", "tag", "stage", "days_in_stage", "days_to_expected_close"} <= set(audit.kept)


def test_line_items_that_are_noted_late_are_out_and_contacts_that_are_there_from_the_start_stay(
    audit: LeakageAudit,
) -> None:
    """They are noted from the third stage on: on a day in the first their number tells of days to come."""
    items = next(item for item in audit.fields if item.field == "n_line_items")
    found = next(one for one in items.evidence if one.code == "grows_in_stage")
    assert found.values["stage"] == "Lead"
    assert (found.values["open"], found.values["earlier"] > 0.3) == (0.0, True)
    assert {"n_contacts", "stance", "decision_cover", "has_decision_maker"} <= set(audit.kept)


def test_each_leak_says_what_it_would_have_added(audit: LeakageAudit) -> None:
    added = audit.frame.set_index("field")["would_have_added"]
    # The answer given at the start ranks well already.
    assert added["contract_number"] > 0.02
    assert added["paid_in_the_end"] > 0.02
