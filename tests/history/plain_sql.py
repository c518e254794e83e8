"""Runs snapshot.sql: the second wording."""

from itertools import product
from pathlib import Path

import duckdb
import pandas as pd

from oppnb.tables import Tables, fold, outcome_from_words
from oppnb.workspace import Workspace

QUERY = (Path(__file__).parent / "snapshot.sql").read_text(encoding="utf-8")
TABLES = ("opportunities", "opportunity_history", "activities", "contacts")


def snapshot_in_sql(tables: Tables, day: str, workspace: Workspace) -> pd.DataFrame:
    """The snapshot of one day, without the columns in the base currency."""
    with duckdb.connect() as connection:
        for name in TABLES:
            frame = tables[name]
            connection.register(f"{name}_frame", frame.assign(seq=range(len(frame))))
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_frame")
        connection.register("texts", _texts(tables, workspace))
        return connection.execute(QUERY, _parameters(tables, day, workspace)).df()


def _parameters(tables: Tables, day: str, workspace: Workspace) -> dict[str, object]:
    midnight, begins_on = pd.Timestamp(day), workspace.sources.history_begins_on

    def in_utc(moment: pd.Timestamp) -> pd.Timestamp:
        return moment.tz_localize(workspace.calendar.time_zone).tz_convert("UTC").tz_localize(None)

    after = midnight + pd.Timedelta(days=1)
    return {
        "as_of": midnight,
        "cutoff": in_utc(after),
        **{f"since_{n}": in_utc(after - pd.Timedelta(days=n)) for n in (7, 30, 90)},
        "begins": in_utc(pd.Timestamp(begins_on)) if begins_on else pd.Timestamp(1900, 1, 1),
        "is_counting": begins_on is None or midnight.date() >= begins_on,
        "is_export_known": midnight.date() >= tables.exported_on,
    }


def _texts(tables: Tables, workspace: Workspace) -> pd.DataFrame:
    stages = {*tables["opportunities"]["stage"].dropna(), *tables["opportunity_history"]["stage"].dropna(), ""}
    rows = []
    for process_text, stage_text in product({"", *tables["opportunities"]["process"].dropna()}, stages):
        process = next((p for p in workspace.processes if fold(p.name) == fold(process_text)), workspace.processes[0])
        row = [process_text, stage_text, process.name, stage_text or None, None, outcome_from_words(stage_text), False]
        for place, stage in enumerate(process.stages, start=1):
            if fold(stage_text) in {fold(spelling) for spelling in (stage.name, *stage.aliases)}:
                row[3:] = [stage.name, float(place), stage.outcome, True]
        rows.append([*row, process.name + "/" + fold(row[3] or "")])
    columns = ["process_text", "stage_text", "process", "stage", "position", "outcome", "is_configured", "stage_key"]
    return pd.DataFrame(rows, columns=columns).astype({"position": "float64"})
