"""What a mapping does: the export read by it and audited, by the functions that a review calls."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from oppnb.errors import OppnbError
from oppnb.sources import MappingDraft, OpenExport
from oppnb.stages import with_presets
from oppnb.tables import Finding, audit_tables
from oppnb.widgets.work import Watch
from oppnb.workspace import Workspace

__all__ = ["Checked", "Which", "check_mapping", "each"]

Which = tuple[str, str, int]


@dataclass(frozen=True)
class Checked:
    """What was found with a mapping.

    Attributes
    ----------
    findings : tuple of Finding
        Of reading and audit, most rows first; empty if the export cannot be read so.
    n_rows : mapping of str to int
        Rows of each canonical table.
    problem : str or None
        Why the export cannot be read so, in words.
    """

    findings: tuple[Finding, ...] = ()
    n_rows: Mapping[str, int] | None = None
    problem: str | None = None


def check_mapping(export: OpenExport, draft: MappingDraft, workspace: Workspace, watch: Watch) -> Checked:
    """Read and audit an export under a mapping; what stands against it is told, not raised."""
    if not draft.rules:
        return Checked(problem=export.inspect(workspace).problem)
    settled = workspace.model_copy(update={"mapping": list(draft.mapping)})
    watch.done(0.05)
    try:
        reading = export.read(settled)
        watch.done(0.5)
        audit = audit_tables(reading.tables, workspace=with_presets(settled), reading_findings=reading.findings)
    except OppnbError as error:
        return Checked(problem=str(error))
    watch.done(1.0)
    found = sorted(audit.findings, key=lambda one: (-one.n_rows, one.table, one.rule, one.first_keys))
    return Checked(tuple(found), {name: len(frame) for name, frame in reading.tables.frames.items()})


def each(findings: tuple[Finding, ...]) -> dict[Which, Finding]:
    """Findings by table, rule and which of that rule it is, so that those of two mappings can be held together."""
    seen: Counter[tuple[str, str]] = Counter()
    made = {}
    for one in findings:
        made[(one.table, one.rule, seen[(one.table, one.rule)])] = one
        seen[(one.table, one.rule)] += 1
    return made
