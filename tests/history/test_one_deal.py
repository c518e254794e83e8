"""One deal as known on a day: hand-made rows with the answer beside them."""

from datetime import date

import pandas as pd

from oppnb.history import snapshots
from oppnb.history.one_deal import deal_contacts, deal_evidence, deal_timelines
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.sources.synthetic.workspace_file import workspace_yaml
from oppnb.tables import Tables
from oppnb.workspace import parse_workspace

SETTINGS = SyntheticSettings(n_opportunities=60)
WORKSPACE = parse_workspace(workspace_yaml(SETTINGS))
DAY = date(2024, 12, 31)


def small():
    return Tables(make_pipeline(SETTINGS).tables)


def test_pushes_and_activities_are_as_many_as_the_snapshot_counts():
    tables = small()
    snapshot = snapshots(tables, [DAY], workspace=WORKSPACE).set_index("opportunity_id")
    found = deal_timelines(tables, list(snapshot.index), known_on=DAY, workspace=WORKSPACE)
    for kind, column in (("push", "n_pushes"), ("activity", "n_activities")):
        counted = found[found["kind"] == kind].groupby("opportunity_id").size().reindex(snapshot.index, fill_value=0)
        if column in snapshot:
            assert (counted == snapshot[column].fillna(0)).all(), kind
    last = found[found["kind"] == "stage"].groupby("opportunity_id")["what"].last()
    assert last.to_dict() == snapshot["stage"].dropna().to_dict()


def test_what_comes_after_the_day_changes_nothing():
    tables = small()
    ids = tables["opportunities"]["opportunity_id"].tolist()
    before = deal_timelines(tables, ids, known_on=DAY, workspace=WORKSPACE)
    later = {
        name: tables[name][tables[name][column] < pd.Timestamp("2025-01-01")]
        for name, column in (("opportunity_history", "changed_at"), ("activities", "occurred_at"))
    }
    after = deal_timelines(tables.replace(**later), ids, known_on=DAY, workspace=WORKSPACE)
    told = before["kind"].isin(["push", "pull", "activity"])
    pd.testing.assert_frame_equal(
        before[told].reset_index(drop=True),
        after[after["kind"].isin(["push", "pull", "activity"])].reset_index(drop=True),
    )


def test_evidence_is_its_last_record_before_the_day_and_what_is_missing_is_told():
    evidence = pd.DataFrame(
        {
            "opportunity_id": ["1", "1", "1", "2"],
            "element": ["Champion", "Champion", "Metrics", "Metrics"],
            "state": ["partial", "confirmed", "confirmed", "confirmed"],
            "recorded_at": pd.to_datetime(["2024-01-05", "2024-02-05", "2024-06-01", "2024-01-01"]),
        }
    )
    stages = (
        "[{name: Lead, evidence: [champion]}, {name: Demo, evidence: [metrics, budget]}, {name: Offer, evidence: [x]}]"
    )
    workspace = parse_workspace(f"processes: [{{name: new, stages: {stages}}}]")
    deals = pd.DataFrame({"opportunity_id": ["1", "2"], "stage": ["Demo", "Demo"]})
    tables = Tables({"opportunities": deals, "evidence": evidence})
    found = deal_evidence(tables, "1", known_on=date(2024, 3, 1), workspace=workspace, process="new", stage="Demo")
    # the champion was confirmed in February; the metrics came in June, after the day; nobody wrote of the budget
    assert found[["element", "is_confirmed", "is_asked"]].values.tolist() == [
        ["Champion", True, True],
        ["metrics", False, True],
        ["budget", False, True],
    ]
    assert (
        deal_evidence(
            Tables({"opportunities": deals}), "1", known_on=DAY, workspace=workspace, process=None, stage=None
        )
        is None
    )


def test_contacts_come_with_the_most_influential_first_and_say_who_decides():
    deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]})
    people = pd.DataFrame(
        {
            "opportunity_id": ["1", "1", "2"],
            "contact_id": ["a", "b", "c"],
            "role": ["user", "决策者", "approver"],
            "influence": [0.2, 0.9, 1.0],
        }
    )
    found = deal_contacts(Tables({"opportunities": deals, "contacts": people}), "1")
    assert found[["contact_id", "decides"]].values.tolist() == [["b", True], ["a", False]]
    assert found["stance"].isna().all()
    assert deal_contacts(Tables({"opportunities": deals}), "1") is None
