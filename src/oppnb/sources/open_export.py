"""An export that is read more than once, under one mapping after the other: its files are read from the disk once."""

from dataclasses import dataclass
from pathlib import Path

from oppnb.sources.files import look_at
from oppnb.sources.inspection import Inspection, inspect_seen
from oppnb.sources.mapping_files import ExportFiles
from oppnb.sources.reading import Reading, read_seen
from oppnb.sources.seen import Seen
from oppnb.workspace import Workspace

__all__ = ["OpenExport"]


@dataclass(frozen=True, eq=False)
class OpenExport:
    """The files of an export as they were when it was opened; make one with `OpenExport.at`.

    Attributes
    ----------
    path : str
        What was opened.
    """

    path: str
    seen: Seen
    files: ExportFiles

    @classmethod
    def at(cls, path: str | Path) -> "OpenExport":
        """Look at a file, an archive, or a folder of files.

        Raises
        ------
        NothingToReadError
            If there is nothing that can be read.
        """
        seen = look_at(path)
        return cls(str(path), seen, ExportFiles(seen.files, seen.left_out))

    def read(self, workspace: Workspace) -> Reading:
        """As `read_tables`."""
        return read_seen(self.seen, self.files, workspace=workspace)

    def inspect(self, workspace: Workspace) -> Inspection:
        """As `inspect_path`."""
        return inspect_seen(self.path, self.seen, self.files, workspace=workspace)
