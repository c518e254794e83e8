"""A mapping proposed from headers and values, each line with its reason; never guessed in silence."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from oppnb.sources.mapping_columns import Settings
from oppnb.sources.mapping_files import ExportFiles
from oppnb.tables import Note
from oppnb.workspace import MappingRule

__all__ = ["Proposal", "ProposedMapping", "propose_mapping"]


@dataclass(frozen=True)
class Proposal:
    """A proposed rule and why.

    Attributes
    ----------
    rule : MappingRule
        As it would stand in the workspace.
    reasons : mapping of str to str
        Canonical column -> why; the key '' says why the file fills this table.
    """

    rule: MappingRule
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ProposedMapping:
    """Every proposed rule of an export, and what has to be said about it."""

    proposals: tuple[Proposal, ...]
    notes: tuple[Note, ...] = ()


def propose_mapping(files: ExportFiles, *, settings: Settings) -> ProposedMapping:
    return ProposedMapping(())
