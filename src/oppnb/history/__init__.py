"""What was known on day D and nothing later: snapshots, stage spells, labels."""

from oppnb.history.snapshots import SNAPSHOT_COLUMNS, as_of, snapshots
from oppnb.history.source import Source, open_source

__all__ = ["SNAPSHOT_COLUMNS", "Source", "as_of", "open_source", "snapshots"]
