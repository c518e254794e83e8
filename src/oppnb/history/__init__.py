"""What was known on day D and nothing later: snapshots, stage spells, labels."""

from oppnb.history.account_columns import with_account_columns
from oppnb.history.activity_decay import activity_decay
from oppnb.history.attributes import with_attributes
from oppnb.history.begins import history_begins_on
from oppnb.history.contracts import lines_known, subscriptions_known
from oppnb.history.ends import ends, ends_known_on
from oppnb.history.facts import with_facts
from oppnb.history.labels import LABEL_COLUMNS, labels
from oppnb.history.landmarks import Landmarks, has_dates, landmarks, last_day
from oppnb.history.lead_rows import lead_snapshots
from oppnb.history.limits import limits
from oppnb.history.memory import depth_note, remembered_days, with_memory
from oppnb.history.moments import cutoff
from oppnb.history.payments import PAYMENT_COLUMNS, payments_known
from oppnb.history.postgres import connect_tables
from oppnb.history.records import RECORD_COLUMNS, records
from oppnb.history.snapshots import SNAPSHOT_COLUMNS, as_of, snapshots
from oppnb.history.source import Source, open_source
from oppnb.history.spells import SPELL_COLUMNS, spells
from oppnb.history.whole_days import in_whole_days, stays_in_whole_days
from oppnb.history.writing import write_snapshots

__all__ = [
    "LABEL_COLUMNS",
    "PAYMENT_COLUMNS",
    "RECORD_COLUMNS",
    "SNAPSHOT_COLUMNS",
    "SPELL_COLUMNS",
    "Landmarks",
    "Source",
    "activity_decay",
    "as_of",
    "connect_tables",
    "cutoff",
    "depth_note",
    "ends",
    "ends_known_on",
    "has_dates",
    "history_begins_on",
    "in_whole_days",
    "labels",
    "landmarks",
    "last_day",
    "lead_snapshots",
    "limits",
    "lines_known",
    "open_source",
    "payments_known",
    "records",
    "remembered_days",
    "snapshots",
    "spells",
    "stays_in_whole_days",
    "subscriptions_known",
    "with_account_columns",
    "with_attributes",
    "with_facts",
    "with_memory",
    "write_snapshots",
]
