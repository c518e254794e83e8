"""Small tables for tests of the audit: one good default, named overrides."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from oppnb.tables import AuditResult, Finding, Tables

EXPORTED_ON = date(2025, 6, 30)

DEAL: dict[str, Any] = {
    "opportunity_id": "D1",
    "stage": "Demo",
    "account_id": "A1",
    "owner_id": "O1",
    "amount": 1000.0,
    "created_at": pd.Timestamp("2025-06-10 09:00"),
    "expected_close_on": pd.Timestamp("2025-09-30"),
    "closed_at": pd.NaT,
}
_TIMES = ("_at", "_on")


def make_deal(opportunity_id: str | None = "D1", **other: Any) -> dict[str, Any]:
    return {**DEAL, "opportunity_id": opportunity_id, **other}


def make_frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows))
    for column in frame.columns:
        if column.endswith(_TIMES) or column in ("period_start", "period_end", "on"):
            frame[column] = pd.to_datetime(frame[column], format="ISO8601").astype("datetime64[us]")
        elif frame[column].dtype == object:
            frame[column] = frame[column].astype("str")
    return frame


def make_tables(*deals: dict[str, Any], exported_on: date | None = EXPORTED_ON, **others: Any) -> Tables:
    frames = {"opportunities": make_frame(deals or [make_deal()])}
    frames.update({name: make_frame(rows) for name, rows in others.items()})
    return Tables(frames, exported_on=exported_on)


def found(result: AuditResult, rule: str, table: str = "opportunities") -> Finding:
    """The one finding of a rule; an assertion if there is none or several."""
    hits = [finding for finding in result.findings if finding.rule == rule and finding.table == table]
    assert len(hits) == 1, f"{rule}: {[finding.rule for finding in result.findings]}"
    return hits[0]


def rules_of(result: AuditResult) -> set[str]:
    return {finding.rule for finding in result.findings}
