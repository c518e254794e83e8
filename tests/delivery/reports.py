"""A small report folder, tables that raise every alert, and a workspace with channels."""

import json
from datetime import date
from pathlib import Path

from oppnb.tables import Tables
from oppnb.workspace import Workspace, parse_workspace
from tests.builders import make_activity, make_change, make_opportunity, make_tables

AS_OF = date(2024, 3, 31)
EVIL = '<script>alert(1)</script> @all <!channel> <at user_id="all"></at> [x](http://x) **b**\nSubject: y'


def make_report(folder: Path) -> Path:
    """What `oppnb review` leaves behind, as far as a message looks at it."""
    place = folder / "reports" / "pipeline_review" / "2024-03-31"
    place.mkdir(parents=True)
    manifest = {"template": "pipeline_review", "as_of": "2024-03-31", "only": {"region": "North @all"}}
    figures = [
        {"id": "open_amount", "value": 1234567.0, "unit": "money", "slice": None},
        {"id": "open_count", "value": 12, "unit": "count", "slice": None},
        {"id": "open_count", "value": 3, "unit": "count", "slice": {"region": "Hidden"}},
    ]
    (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (place / "figures.json").write_text(json.dumps(figures), encoding="utf-8")
    (place / "report.html").write_text("<h1>report</h1>", encoding="utf-8")
    (place / "report.xlsx").write_bytes(b"PK-xlsx")
    return place


def make_pipeline(**changed: object) -> Tables:
    """Five deals in Demo since February: one silent, one with a promise, one with an overdue step, one with a rival."""
    deals = [
        make_opportunity("1", stage="Demo", name=EVIL, owner_id="ann", amount=900.0, **changed),
        make_opportunity("2", stage="Demo", name="Two", owner_id="ann", next_step_due_on="2024-04-01"),
        make_opportunity("3", stage="Demo", name="Three", owner_id="bob", next_step_due_on="2024-03-20"),
        make_opportunity("4", stage="Demo", name="Four", owner_id="bob", competitor="Rival"),
        make_opportunity("5", stage="Lead", name="Five", owner_id="bob"),
    ]
    history = [make_change(str(deal), "2024-01-01", stage="Lead") for deal in range(1, 6)]
    history += [make_change(str(deal), "2024-02-01", stage="Demo") for deal in range(1, 5)]
    activities = [make_activity("1", "2024-02-10")] + [make_activity(str(deal), "2024-03-30") for deal in range(2, 6)]
    owners = [{"owner_id": "ann", "email": "ann@example.test"}, {"owner_id": "bob", "email": "bob@elsewhere.test"}]
    return make_tables(deals, history=history, activities=activities, owners=owners, exported_on=AS_OF)


STAGES = "processes: [{name: new, stages: [{name: Lead, odds: 0.1}, {name: Demo, odds: 0.4, time_limit_days: 30}]}]\n"
ALERTS = """alerts:
  - {when: silence, days: 30}
  - {when: promise_due}
  - {when: task_overdue}
  - {when: competitor_appeared}
  - {when: backlog_over, limit: 2}
  - {when: time_limit_passed, at_least_amount: 500}
"""


def make_workspace(delivery: str, *, alerts: str = ALERTS, store: Path | None = None) -> Workspace:
    """A workspace with these lines under `delivery:`."""
    text = f"currency: EUR\n{STAGES}{alerts}delivery:\n{delivery}"
    return parse_workspace(text + (f"\nstore: {store}\n" if store else "\n"))
