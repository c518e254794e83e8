"""What else was known of open deals on their days: contact, evidence, payments, the past of owner and account."""

from pathlib import Path

import pandas as pd

from oppnb.history.account_facts import account_facts
from oppnb.history.activity_facts import activity_facts
from oppnb.history.change_facts import change_facts
from oppnb.history.closings import closings
from oppnb.history.contact_facts import contact_facts
from oppnb.history.evidence_facts import evidence_facts
from oppnb.history.records import record_of
from oppnb.history.snapshots import Data
from oppnb.history.source import IBIS_TYPE, Source, open_source
from oppnb.history.tally import day_numbers
from oppnb.history.told_rows import Past, read_past
from oppnb.history.usual import usual_amount, usual_days_in_stage
from oppnb.tables import CANONICAL
from oppnb.workspace import Workspace

__all__ = ["with_facts"]

_READ = ("evidence", "contacts", "line_items", "payments", "tickets", "subscriptions", "accounts", "activities")


def with_facts(rows: pd.DataFrame, tables: Data, *, workspace: Workspace | None = None) -> pd.DataFrame:
    """Rows of `snapshots` with what the other tables told of the deals by then.

    Parameters
    ----------
    rows : DataFrame
        Of `snapshots`, or any with `opportunity_id`, `as_of`, `account_id`, `owner_id`, `process`, `stage`,
        `stage_position`; the index is 0, 1, ….
    tables, workspace
        As in `oppnb.history.as_of`.

    Returns
    -------
    DataFrame
        The same rows with, as known at the end of `as_of` (null: not known, or the data has no such table):

        - `owner_n_won`, `owner_n_lost`, `owner_n_open`, `account_…` the same, `account_mean_amount_won`, `all_n_won`,
          `all_n_lost`: see `records`;
        - `usual_days_in_stage` (within which three of four deals left the stage in the year before), `usual_amount`
          (median of the deals of the process that closed in the year before);
        - `first_amount`, `days_since_push`;
        - `n_activities`, `n_inbound_last_90_days`, `n_directed_last_90_days`, `n_meetings_last_90_days`,
          `days_since_last_inbound`, `n_people_met`;
        - `n_evidence_confirmed`, `n_evidence_asked`, `evidence_share` (confirmed among those that the configuration
          asks for up to the stage), `evidence_of_<element>` (1 confirmed, 0.5 another state, 0 nothing recorded);
        - `account_is_customer`, `days_as_customer`, `account_n_payments_due`, `account_late_payment_share`,
          `account_n_overdue_payments`, `account_n_tickets_open`, `account_n_tickets_last_90_days`,
          `account_n_subscriptions`, `days_to_subscription_end`.

        And as exported, for these carry no date: `n_contacts_mapped`, `contacts_stance`, `contacts_cover`,
        `contacts_have_decision_maker`, `n_line_items`, `exported_competitor`.

    Examples
    --------
    >>> from oppnb.history import as_of
    >>> tables = {
    ...     "opportunities": pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]}),
    ...     "evidence": pd.DataFrame({"opportunity_id": ["1", "1"], "element": ["champion", "metrics"],
    ...         "state": ["confirmed", "confirmed"], "recorded_at": pd.to_datetime(["2024-01-02", "2024-02-02"])})}
    >>> with_facts(as_of(tables, "2024-01-31"), tables)["n_evidence_confirmed"].tolist()
    [1.0]
    """
    source, workspace = open_source(tables), workspace or Workspace()
    past = read_past(source, workspace)
    closed = closings(past)
    read = {name: _table(tables, source, name) for name in _READ}
    days = day_numbers(rows["as_of"])
    parts = [
        _records(rows, past, closed),
        usual_days_in_stage(rows, past, closed, days),
        usual_amount(rows, closed, days),
        change_facts(rows, past, days),
        activity_facts(rows, read["activities"], past, days),
        evidence_facts(rows, read["evidence"], past, days),
        account_facts(rows, read, past, closed, days),
    ]
    dated = pd.concat(parts, axis="columns").where(rows["as_of"].notna())
    exported = [contact_facts(rows, read["contacts"], read["line_items"]), _competitor(rows, source)]
    found = pd.concat([dated, *exported], axis="columns")
    return pd.concat([rows.drop(columns=[name for name in found if name in rows]), found], axis="columns")


def _records(rows: pd.DataFrame, past: Past, closed: pd.DataFrame) -> pd.DataFrame:
    owner = record_of(past, closed, rows["owner_id"], rows["as_of"], by="owner_id")
    account = record_of(past, closed, rows["account_id"], rows["as_of"], by="account_id")
    everybody = closed.assign(owner_id=pd.Series("all", index=closed.index, dtype="str"))
    keys = pd.Series("all", index=rows.index, dtype="str")
    every = record_of(past, everybody, keys, rows["as_of"], by="owner_id")[["n_won", "n_lost"]]
    return pd.concat(
        [owner.add_prefix("owner_"), account.add_prefix("account_"), every.add_prefix("all_")], axis="columns"
    )


def _competitor(rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    deals = source["opportunities"]
    said = source.frame(deals.group_by("opportunity_id").aggregate(competitor=deals.competitor.max()))
    found = said.set_index("opportunity_id")["competitor"].reindex(rows["opportunity_id"])
    return pd.DataFrame({"exported_competitor": found.set_axis(rows.index)})


def _table(tables: Data, source: Source, name: str) -> pd.DataFrame | None:
    """A table with its canonical columns and types; None where the data has none."""
    if name in source:
        return source.frame(source[name])
    if isinstance(tables, Source) or name not in tables:
        return None
    given = tables[name]
    frame = given if isinstance(given, pd.DataFrame) else _from_file(given)
    columns: dict[str, pd.Series] = {}
    for column, meant in CANONICAL[name].columns.items():
        values = frame[column] if column in frame else pd.Series(None, index=frame.index, dtype="object")
        kind = IBIS_TYPE[meant.kind]
        if kind.startswith("timestamp"):
            columns[column] = pd.to_datetime(values).astype("datetime64[us]")
        elif kind == "float64":
            columns[column] = values.astype("float64")
        else:
            columns[column] = values.astype("str") if kind == "string" else values
    return pd.DataFrame(columns).reset_index(drop=True)


def _from_file(path: "str | Path") -> pd.DataFrame:
    return pd.read_parquet(path) if "parquet" in str(path) else pd.read_csv(path, dtype="str")
