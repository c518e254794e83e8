"""What an export holds, and the mapping that would be used: `oppnb inspect`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from oppnb.locale import Words
from oppnb.sources.files import FileSeen, look_at
from oppnb.sources.inspection_columns import FileLook, look_at_columns
from oppnb.sources.inspection_text import describe
from oppnb.sources.inspection_yaml import mapping_yaml
from oppnb.sources.mapping_columns import Settings, headers_of
from oppnb.sources.mapping_files import ExportFiles
from oppnb.sources.proposals import Proposal, ProposedMapping, propose_mapping
from oppnb.sources.reading import settings_of
from oppnb.sources.seen import LeftOut, Seen
from oppnb.tables import Note
from oppnb.workspace import MappingRule, Workspace, read_workspace

__all__ = ["FileLook", "Inspection", "inspect_path", "inspect_seen"]


@dataclass(frozen=True)
class Inspection:
    """What an export holds and how it would be read.

    Attributes
    ----------
    path : str
        What was inspected.
    files : tuple of FileLook
        Every file that can be read.
    left_out : tuple of LeftOut
        Files that cannot, and why.
    proposals : tuple of Proposal
        The proposed rules; the workspace's own, without reasons, if it maps.
    notes : tuple of Note
        What the proposal assumes, for `Words`.
    problem : str or None
        Why the export cannot be read yet, and what to write into the workspace.
    """

    path: str
    files: tuple[FileLook, ...]
    left_out: tuple[LeftOut, ...]
    proposals: tuple[Proposal, ...]
    notes: tuple[Note, ...]
    problem: str | None = None

    def to_yaml(self, locale: str = "en", *, tell: Callable[[str], str] = str) -> str:
        """The mapping as a workspace file that can be read back; the reason of each line is its comment.

        Parameters
        ----------
        locale : str
            Of the comment at the top.
        tell : callable
            A reason, as it is written in English, in the reader's words.
        """
        head = [
            Words(locale).counted("inspect.proposed", n=len(self.files)),
            *((line for line in self.problem.splitlines()) if self.problem else ()),
        ]
        reasons = [{name: tell(why) for name, why in one.reasons.items()} for one in self.proposals]
        return mapping_yaml([one.rule for one in self.proposals], reasons, head=head)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for JSON."""
        return {
            "path": self.path,
            "files": [asdict(file) for file in self.files],
            "left_out": [asdict(file) for file in self.left_out],
            "mapping": [
                {
                    "rule": one.rule.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
                    "reasons": dict(one.reasons),
                }
                for one in self.proposals
            ],
            "notes": [{"code": note.code, "values": dict(note.values)} for note in self.notes],
            "problem": self.problem,
        }

    def describe(self, locale: str = "en") -> str:
        """The files and their columns as text, in the reader's language."""
        return describe(self.files, self.left_out, self.notes, problem=self.problem, locale=locale)


def inspect_path(path: str | Path, *, workspace: Workspace | str | Path | None = None) -> Inspection:
    r"""Look into an export without reading it into tables.

    Parameters
    ----------
    path : path
        A file, an archive, or a folder of files.
    workspace : Workspace or path, optional
        If it maps, its rules are shown; else its stages help to tell which rows are closed.

    Returns
    -------
    Inspection
        Examples of values are shown only where they cannot name a person or a customer.

    Raises
    ------
    NothingToReadError
        If there is nothing that can be read.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "deals.csv").write_text("Deal ID,Phase,Value\n007,Demo,1200\n008,Won,900\n")
    >>> print(inspect_path(folder).to_yaml())
    # Proposed from the headers and values of 1 file. Look at each line, then keep it.
    version: 1
    mapping:
    - table: opportunities  # plain English headers: 3 of 3 headers are known
      file: deals.csv
      columns:
        opportunity_id: Deal ID  # plain header: Deal ID; 2 distinct values
        stage: Phase  # plain header: Phase; 2 distinct values
        amount: Value  # plain header: Value; values look like numbers
    """
    settled = workspace if isinstance(workspace, Workspace) else read_workspace(workspace)
    seen = look_at(path)
    return inspect_seen(path, seen, ExportFiles(seen.files, seen.left_out), workspace=settled)


def inspect_seen(path: str | Path, seen: Seen, files: ExportFiles, *, workspace: Workspace) -> Inspection:
    """Inspect files that were looked at before; what was read once of `files` stays read."""
    settled, settings = workspace, settings_of(workspace)
    if settled.mapping:
        proposed = ProposedMapping(tuple(Proposal(rule) for rule in settled.mapping))
    else:
        proposed = propose_mapping(files, settings=settings, workspace=settled)
    fills = _fills(files, [one.rule for one in proposed.proposals])
    looks = tuple(_look(file, files, settings, fills.get(file.name, {})) for file in files.files)
    return Inspection(str(path), looks, seen.left_out, proposed.proposals, proposed.notes, proposed.problem)


def _look(file: FileSeen, files: ExportFiles, settings: Settings, fills: Mapping[str, tuple[str, ...]]) -> FileLook:
    frame = files.frame(file)
    columns = look_at_columns(frame, settings=settings, fills=fills)
    return FileLook(file.name, file.format, file.encoding, file.delimiter, file.n_bytes, len(frame), columns)


def _fills(files: ExportFiles, rules: Sequence[MappingRule]) -> dict[str, dict[str, tuple[str, ...]]]:
    """File -> header -> the `table.column`s it fills."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for rule in rules:
        for file in files.named(rule.file):
            headers = found.setdefault(file.name, {})
            for name, column in rule.columns.items():
                for header in headers_of(column):
                    filled = (*headers.get(header, ()), f"{rule.table}.{name}")
                    headers[header] = tuple(dict.fromkeys(filled))
    return found
