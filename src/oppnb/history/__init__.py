"""What was known on day D and nothing later: snapshots, stage spells, labels."""

from oppnb.history.account_columns import with_account_columns
from oppnb.history.activity_decay import activity_decay
from oppnb.history.attributes import with_attributes
from oppnb.history.begins import history_begins_on
from oppnb.history.labels import LABEL_COLUMNS, labels
from oppnb.history.limits import limits
from oppnb.history.moments import cutoff
from oppnb.history.postgres import connect_tables
from oppnb.history.snapshots import SNAPSHOT_COLUMNS, as_of, snapshots
from oppnb.history.source import Source, open_source
from oppnb.history.spells import SPELL_COLUMNS, spells
from oppnb.history.writing import write_snapshots

__all__ = [
    "LABEL_COLUMNS",
    "SNAPSHOT_COLUMNS",
    "SPELL_COLUMNS",
    "Source",
    "activity_decay",
    "as_of",
    "connect_tables",
    "cutoff",
    "history_begins_on",
    "labels",
    "limits",
    "open_source",
    "snapshots",
    "spells",
    "with_account_columns",
    "with_attributes",
    "write_snapshots",
]
