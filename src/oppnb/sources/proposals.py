"""A mapping proposed from headers and values, each line with its reason; never guessed in silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oppnb.errors import DataError, NoRowsError
from oppnb.sources.headers_alone import opportunities_without_rows
from oppnb.sources.mapping_columns import Settings, headers_of
from oppnb.sources.mapping_files import ExportFiles
from oppnb.sources.proposals_canonical import canonical_rule
from oppnb.sources.proposals_drafts import Choice, choose_files, make_drafts
from oppnb.sources.proposals_headers import HeaderIndex
from oppnb.sources.proposals_history import ListPrice, price_history
from oppnb.sources.proposals_joins import find_lookups
from oppnb.sources.proposals_refine import (
    add_closing_day,
    add_list_price,
    add_lookups,
    add_process,
    choose_key,
    require_key,
)
from oppnb.sources.proposals_rules import Draft
from oppnb.sources.proposals_sections import nearest_section
from oppnb.tables import CANONICAL, Note
from oppnb.workspace import MappingRule, Workspace

__all__ = ["Proposal", "ProposedMapping", "propose_mapping"]

_MAX_LOOKUP_BYTES = 50_000_000


@dataclass(frozen=True)
class Proposal:
    """A proposed rule and why.

    Attributes
    ----------
    rule : MappingRule
        As it would stand in the workspace.
    reasons : mapping of str to str
        Canonical column -> why; the key '' says why the file fills this table, 'join FILE' why it is joined.
    """

    rule: MappingRule
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ProposedMapping:
    """Every proposed rule of an export, what has to be said about it, and why it does not suffice if it does not."""

    proposals: tuple[Proposal, ...]
    notes: tuple[Note, ...] = ()
    problem: str | None = None
    has_no_rows: bool = False
    """Whether that is because the list of opportunities came as a header without rows."""

    def check(self) -> None:
        """Refuse what does not suffice.

        Raises
        ------
        NoRowsError
            If the list of opportunities has a header and no rows.
        DataError
            For any other problem.
        """
        if self.problem is not None:
            raise (NoRowsError if self.has_no_rows else DataError)(self.problem)


def propose_mapping(files: ExportFiles, *, settings: Settings, workspace: Workspace) -> ProposedMapping:
    """Propose which file fills which table, and how.

    Parameters
    ----------
    files : ExportFiles
        The export; the frames that are looked at stay read.
    settings : Settings
        Time zone and date order.
    workspace : Workspace
        Its stages say which rows are closed.

    Returns
    -------
    ProposedMapping
        With a `problem` if no file looks like a list of opportunities, or the one that does has no key.
    """
    chosen = choose_files(files)
    plain = {file.name: canonical_rule(file) for file in chosen.files}
    canonical = [_as_canonical(rule) for rule in plain.values() if rule is not None]
    others = Choice(tuple(file for file in chosen.files if plain[file.name] is None), chosen.notes)
    drafted = make_drafts(others, files, settings=settings)
    if any(one.rule.table == "opportunities" for one in canonical):
        drafted = drafted.without("opportunities")
    deals = [draft for draft in drafted.drafts if draft.table == "opportunities"]
    problem = headers_alone = None
    if not deals and not any(one.rule.table == "opportunities" for one in canonical):
        headers_alone = opportunities_without_rows(files.left_out, n_files=len(files.files))
        problem = headers_alone or _nothing_found(files)
    histories: list[Proposal] = []
    for draft in deals:
        problem = problem or require_key(draft, is_alone=len(files.files) == 1)
        price = _finish_deals(draft, drafted.unused, files, workspace)
        if price is not None and problem is None:
            histories += [Proposal(rule, reasons) for rule, reasons in price_history(draft, price)]
    kept, notes = _finish_others(drafted.drafts, deals)
    proposals = [*canonical, *(Proposal(draft.rule(), dict(draft.reasons)) for draft in kept)]
    if not any(one.rule.table == "opportunity_history" for one in proposals):
        proposals += histories
    order = list(CANONICAL)
    proposals.sort(key=lambda one: order.index(one.rule.table))
    said = [_as_note(one) for one in proposals if one not in canonical]
    joined = {join.file for one in proposals for join in one.rule.join}
    unused = [Note("sources_file_not_recognised", {"file": name}) for name in drafted.unused if name not in joined]
    told = (*said, *drafted.notes, *notes, *unused)
    return ProposedMapping(tuple(proposals), told, problem, has_no_rows=headers_alone is not None)


def _as_canonical(rule: MappingRule) -> Proposal:
    reasons = dict.fromkeys(rule.columns, "the header bears the canonical name")
    return Proposal(rule, {"": "the file bears the name of the table", **reasons})


def _finish_deals(draft: Draft, unused: Sequence[str], files: ExportFiles, workspace: Workspace) -> ListPrice | None:
    add_process(draft, workspace)
    add_closing_day(draft, workspace)
    small = [file for file in files.files if file.name in unused and file.n_bytes <= _MAX_LOOKUP_BYTES]
    frames = {file.name: files.frame(file) for file in small}
    joined = {join.file for join in draft.joins}
    free = [header for header in draft.headers.headers if header in draft.values.frame.columns]
    lookups = find_lookups(
        draft.values.frame, {name: frame for name, frame in frames.items() if name not in joined}, free=free
    )
    add_lookups(draft, lookups)
    return add_list_price(draft, lookups, workspace)


def _finish_others(drafts: Sequence[Draft], deals: Sequence[Draft]) -> tuple[list[Draft], list[Note]]:
    """Drafts with all they need; notes about those that lack a column."""
    kept, notes = [], []
    for draft in drafts:
        key = {"accounts": "account_id", "owners": "owner_id"}.get(draft.table)
        if key is not None and deals and key in draft.columns and key in deals[0].columns:
            choose_key(draft, key, deals[0].values.of(headers_of(deals[0].columns[key])[0]))
        schema = CANONICAL[draft.table]
        lacks = [name for name in schema.required if name not in draft.columns]
        if schema.any_of and not any(name in draft.columns for name in schema.any_of):
            lacks.append(" / ".join(schema.any_of))
        if lacks and draft.table != "opportunities":
            values = {"file": draft.file, "table": draft.table, "columns": ", ".join(lacks)}
            notes.append(Note("sources_file_lacks", values))
        else:
            kept.append(draft)
    return kept, notes


def _as_note(proposal: Proposal) -> Note:
    rule = proposal.rule
    said = {name: " / ".join(headers_of(column)) for name, column in rule.columns.items()}
    said |= {name: f"'{column.value}'" for name, column in rule.columns.items() if column.value is not None}
    pairs = [f"{name} = {what}" for name, what in said.items() if what]
    return Note("sources_proposed", {"table": rule.table, "file": rule.file, "columns": ", ".join(pairs)})


def _nothing_found(files: ExportFiles) -> str:
    lines = []
    for file in files.files[:5]:
        n_columns, lacks = nearest_section(HeaderIndex(file.columns))
        shown = ", ".join(f"'{header[:40]}'" for header in file.columns[:6]) + (" …" if len(file.columns) > 6 else "")
        why = f"none for {' and '.join(lacks)}" if lacks else "too few to be sure"
        why += ", nor one that says won and lost beside a key and an amount" if "stage" in lacks else ""
        lines.append(f"  {file.name}: {n_columns} known headers, {why}; it has {shown}")
    more = f"\n  … and {len(files.files) - 5} more" if len(files.files) > 5 else ""
    return (
        f"No list of opportunities was recognised among {len(files.files)} file(s):\n"
        + "\n".join(lines)
        + more
        + "\nName its columns in oppnb.yaml (`oppnb inspect PATH` shows the headers):\n"
        f'  mapping: [{{table: opportunities, file: "{files.files[0].name}", '
        'columns: {opportunity_id: "…", stage: "…", amount: "…"}}]'
    )
